//! What the DVP asks for each service: the requests of the Catalogus, one systeemrol for each.
//!
//! Source: the qualification scripts for PHR clients of each service. `${…}` has no place here: dates are left to others.

/// A service that the DVP can collect.
pub(super) struct Service {
    /// GegevensdienstId.
    pub(super) id: &'static str,
    /// Requests relative to the ResourceEndpoint of the systeemrol, not percent-encoded.
    pub(super) requests: &'static [(&'static str, &'static str)],
    /// Systeemrol whose ResourceEndpoint serves the documents that answers point at.
    pub(super) documents: Option<&'static str>,
    /// Systeemrol to whose ResourceEndpoint the person shares, for a service of Delen.
    pub(super) shares: Option<&'static str>,
}

const BGZ: &str = "MM-3.0-BZB-FHIR";
const GGZ: &str = "MM-2.0-GGB-FHIR";
const DOCUMENT_LIST: &str = "MM-3.0-PLB-FHIR";
const DOCUMENTS: &str = "MM-3.0-PDB-FHIR";

/// The service with this id.
pub(super) fn service(id: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.id == id)
}

static SERVICES: [Service; 4] = [
    Service {
        id: "48",
        requests: &[
            (BGZ, "Patient?_include=Patient:general-practitioner"),
            (BGZ, "AllergyIntolerance"),
            (BGZ, "Appointment?status=booked,pending,proposed"),
            (BGZ, "Condition"),
            (BGZ, "Consent?category=http://snomed.info/sct|11291000146105"),
            (BGZ, "Consent?category=http://snomed.info/sct|11341000146107"),
            (BGZ, "Coverage?_include=Coverage:payor:Patient&_include=Coverage:payor:Organization"),
            (BGZ, "DeviceRequest?status=active&_include=DeviceRequest:device"),
            (BGZ, "DeviceUseStatement?_include=DeviceUseStatement:device"),
            (
                BGZ,
                "Encounter?class=http://hl7.org/fhir/v3/ActCode|IMP,http://hl7.org/fhir/v3/ActCode|ACUTE,http://hl7.org/fhir/v3/ActCode|NONAC",
            ),
            (BGZ, "Flag"),
            (BGZ, "Immunization?status=completed"),
            (BGZ, "ImmunizationRecommendation"),
            (
                BGZ,
                "MedicationDispense?category=http://snomed.info/sct|422037009&_include=MedicationDispense:medication",
            ),
            (BGZ, "MedicationRequest?category=http://snomed.info/sct|16076005&_include=MedicationRequest:medication"),
            (
                BGZ,
                "MedicationStatement?category=urn:oid:2.16.840.1.113883.2.4.3.11.60.20.77.5.3|6&_include=MedicationStatement:medication",
            ),
            (BGZ, "NutritionOrder"),
            (BGZ, "Observation/$lastn?category=http://snomed.info/sct|118228005,http://snomed.info/sct|384821006"),
            (
                BGZ,
                "Observation/$lastn?category=http://snomed.info/sct|275711006&_include=Observation:related-target&_include=Observation:specimen",
            ),
            (BGZ, "Observation/$lastn?code=http://loinc.org|29463-7"),
            (BGZ, "Observation/$lastn?code=http://loinc.org|8302-2,http://loinc.org|8306-3,http://loinc.org|8308-9"),
            (BGZ, "Observation/$lastn?code=http://loinc.org|85354-9"),
            (BGZ, "Observation/$lastn?code=http://snomed.info/sct|365508006"),
            (BGZ, "Observation?code=http://snomed.info/sct|228273003"),
            (BGZ, "Observation?code=http://snomed.info/sct|228366006"),
            (BGZ, "Observation?code=http://snomed.info/sct|365980008"),
            (BGZ, "Procedure?category=http://snomed.info/sct|387713003"),
            (BGZ, "ProcedureRequest?status=active"),
        ],
        documents: None,
        shares: None,
    },
    Service {
        id: "50",
        requests: &[
            (GGZ, "Patient?_include=Patient:general-practitioner"),
            (GGZ, "CarePlan?category=http://snomed.info/sct|243114000"),
            (GGZ, "CareTeam?_include=CareTeam:participant"),
            (GGZ, "Condition"),
            (GGZ, "Consent?category=http://snomed.info/sct|11291000146105"),
            (GGZ, "Consent?category=http://snomed.info/sct|11341000146107"),
            (GGZ, "Coverage?_include=Coverage:payor:Patient&_include=Coverage:payor:Organization"),
            (GGZ, "DiagnosticReport"),
            (
                GGZ,
                "Observation/$lastn?category=http://snomed.info/sct|275711006&_include=Observation:related-target&_include=Observation:specimen",
            ),
            (GGZ, "Observation/$lastn?code=http://snomed.info/sct|365508006"),
            (GGZ, "Observation?category=http://hl7.org/fhir/observation-category|survey"),
            (GGZ, "Observation?category=http://snomed.info/sct|118228005,http://snomed.info/sct|384821006"),
            (GGZ, "Observation?code=http://snomed.info/sct|228273003"),
            (GGZ, "Observation?code=http://snomed.info/sct|228366006"),
            (GGZ, "Observation?code=http://snomed.info/sct|314845004"),
            (GGZ, "Observation?code=http://snomed.info/sct|365470003"),
            (GGZ, "Observation?code=http://snomed.info/sct|365980008"),
            (GGZ, "Procedure"),
        ],
        documents: None,
        shares: None,
    },
    Service {
        id: "51",
        requests: &[
            (DOCUMENT_LIST, "DocumentReference?status=current"),
            (DOCUMENT_LIST, "DocumentManifest?status=current"),
        ],
        documents: Some(DOCUMENTS),
        shares: None,
    },
    Service { id: "57", requests: &[], documents: None, shares: Some("57") },
];
