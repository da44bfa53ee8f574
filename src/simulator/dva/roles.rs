//! The systeemrollen that the reference DVA plays: their codes, where they are served, and what their requests ask.

use crate::lists::roles;

/// A systeemrol of a DVA with its place at the resource server.
pub(super) struct Systeemrol {
    /// Its code in the Catalogus; the GegevensdienstId where no source shows the code.
    pub(super) code: &'static str,
    /// Name of the suite that tests it.
    pub(super) suite: &'static str,
    /// Name of the fixtures that hold its people.
    pub(super) data: &'static str,
    /// Whether it takes in what is shared (Delen), instead of giving what is collected.
    pub(super) takes: bool,
    /// First segment of the path of its ResourceEndpoint.
    pub(super) base: &'static str,
    /// Types of resource that its requests ask for.
    pub(super) types: &'static [&'static str],
    /// Types that no other suite asks for: what tells whose data a folder holds.
    pub(super) own_types: &'static [&'static str],
}

/// All of them. Verzamelen of Documenten has two, which may lie on different servers.
pub(super) static SYSTEEMROLLEN: [Systeemrol; 5] = [
    Systeemrol {
        code: "MM-3.0-BZB-FHIR",
        suite: "bgz",
        data: "bgz",
        takes: false,
        base: "bgz",
        types: &[
            "AllergyIntolerance",
            "Appointment",
            "Condition",
            "Consent",
            "Coverage",
            "DeviceRequest",
            "DeviceUseStatement",
            "Encounter",
            "Flag",
            "Immunization",
            "ImmunizationRecommendation",
            "MedicationDispense",
            "MedicationRequest",
            "MedicationStatement",
            "NutritionOrder",
            "Observation",
            "Patient",
            "Procedure",
            "ProcedureRequest",
        ],
        own_types: &[
            "AllergyIntolerance",
            "Appointment",
            "DeviceUseStatement",
            "Encounter",
            "Flag",
            "Immunization",
            "MedicationDispense",
            "MedicationRequest",
            "MedicationStatement",
            "NutritionOrder",
        ],
    },
    Systeemrol {
        code: "MM-2.0-GGB-FHIR",
        suite: "ggz",
        data: "ggz",
        takes: false,
        base: "ggz",
        types: &[
            "CarePlan",
            "CareTeam",
            "Condition",
            "Consent",
            "Coverage",
            "DiagnosticReport",
            "Observation",
            "Patient",
            "Procedure",
        ],
        own_types: &["CarePlan", "CareTeam", "DiagnosticReport"],
    },
    Systeemrol {
        code: "MM-3.0-PLB-FHIR",
        suite: "pdfa",
        data: "pdfa",
        takes: false,
        base: "pdfa-lijst",
        types: &["DocumentManifest", "DocumentReference", "Patient"],
        own_types: &["DocumentManifest", "DocumentReference"],
    },
    Systeemrol {
        code: "MM-3.0-PDB-FHIR",
        suite: "pdfa",
        data: "pdfa",
        takes: false,
        base: DOCUMENT_BASE,
        types: &["Binary"],
        own_types: &["DocumentManifest", "DocumentReference"],
    },
    Systeemrol {
        code: SHARING,
        suite: "delen-pdfa",
        data: "pdfa",
        takes: true,
        base: "pdfa-delen",
        types: &["Binary", "DocumentManifest", "DocumentReference", "Patient"],
        own_types: &["DocumentManifest", "DocumentReference"],
    },
];

/// GegevensdienstId of the service to share documents (Delen).
pub(super) const SHARING: &str = "57";

impl Systeemrol {
    /// GegevensdienstId of the service that it belongs to.
    pub(super) fn service(&self) -> &'static str {
        roles::gegevensdienst(self.code).unwrap_or(self.code)
    }
}

/// First segment of the path where the documents themselves are served.
pub(super) const DOCUMENT_BASE: &str = "pdfa-document";

/// The systeemrol served under this first segment of a path.
pub(super) fn served_under(base: &str) -> Option<&'static Systeemrol> {
    SYSTEEMROLLEN.iter().find(|role| role.base == base)
}
