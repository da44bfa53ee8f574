//! The planted deviations in the FHIR content. Entry point: [`DEFECTS`].

use crate::simulator::defects::Defect;

pub(super) const DEFECTS: &[Defect] = &[
    Defect::new("bsn-in-patient", "FHIR-02", "Patient bevat het BSN", "Patient contains the BSN"),
    Defect::new(
        "search-error",
        "FHIR-03",
        "een zoekvraag naar Flag geeft status 500",
        "a search for Flag gives status 500",
    )
    .masking(&["FHIR-04", "FLOW-35"]),
    Defect::new("no-self-link", "FHIR-04", "de self-link ontbreekt", "the self link is missing")
        .masking(&["FHIR-12", "RES-04"]),
    Defect::new(
        "total-too-high",
        "FHIR-04",
        "total is hoger dan het aantal treffers",
        "total is above the number of matches",
    ),
    Defect::new(
        "full-url-contradicts-id",
        "FHIR-05",
        "fullUrl noemt een ander id dan de resource",
        "fullUrl names another id than the resource",
    )
    .masking(&["FHIR-07"]),
    Defect::new("resource-without-id", "FHIR-06", "een resource heeft geen id", "a resource has no id"),
    Defect::new(
        "profile-missing",
        "FHIR-07",
        "meta.profile ontbreekt in een resource",
        "meta.profile is missing in a resource",
    ),
    Defect::new(
        "wrong-cardinality",
        "FHIR-07",
        "Flag.code, een verplicht element, ontbreekt",
        "Flag.code, a required element, is missing",
    ),
    Defect::new(
        "wrong-code",
        "FHIR-07",
        "AllergyIntolerance.criticality heeft een code buiten de verplichte waardelijst",
        "AllergyIntolerance.criticality has a code outside the required value set",
    ),
    Defect::new("coding-without-system", "FHIR-08", "een Coding heeft geen system", "a Coding has no system"),
    Defect::new(
        "concept-without-display",
        "FHIR-09",
        "een CodeableConcept heeft geen display en geen text",
        "a CodeableConcept has no display and no text",
    ),
    Defect::new(
        "reference-without-display",
        "FHIR-10",
        "een Reference heeft geen display",
        "a Reference has no display",
    ),
    Defect::new(
        "identifier-without-system",
        "FHIR-11",
        "een Identifier heeft geen system",
        "an Identifier has no system",
    ),
    Defect::new(
        "self-link-without-parameters",
        "FHIR-12",
        "de self-link noemt de parameters niet",
        "the self link does not name the parameters",
    )
    .warns(),
    Defect::new(
        "empty-search-not-found",
        "FHIR-14",
        "een zoekvraag zonder treffers geeft status 404",
        "a search without matches gives status 404",
    )
    .masking(&["FHIR-03", "FHIR-04", "FLOW-35"]),
    Defect::new(
        "other-fhir-version-ignored",
        "FHIR-16",
        "wie FHIR 4.0 vraagt, krijgt FHIR 3.0",
        "who asks for FHIR 4.0 gets FHIR 3.0",
    )
    .warns(),
    Defect::new("no-metadata", "FHIR-17", "er is geen CapabilityStatement", "there is no CapabilityStatement").warns(),
    Defect::new(
        "metadata-of-other-version",
        "FHIR-17",
        "het CapabilityStatement zegt FHIR 4.0.1",
        "the CapabilityStatement says FHIR 4.0.1",
    )
    .warns(),
    Defect::new(
        "pdf-without-pdfa-claim",
        "FHIR-27",
        "een PDF zegt niet dat zij PDF/A is",
        "a PDF does not claim to be PDF/A",
    )
    .warns()
    .shown_by("pdfa"),
];
