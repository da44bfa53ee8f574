//! What the person shares: a transaction of one document (Delen). Entry point: [`transaction`].

use crate::simulator::dva::data;
use crate::simulator::dvp::Pgo;

/// The Bundle that the suite has a DVA take in.
const BUNDLE: &str = include_str!("../../../suites/delen-pdfa-3-0/fixtures/one-document.json");

/// Who shares, fictional.
const PERSON: &str = "W. van TST_Waterlelie";

/// What some DVPs would send: the defect, what is right, and what stands there instead.
const WRONG: [(&str, &str, &str); 6] = [
    (
        "shared-full-url-relative",
        "\"fullUrl\": \"urn:uuid:5b9e6c12-41d7-4f7a-8c35-7d20c4be9a02\"",
        "\"fullUrl\": \"DocumentManifest/1\"",
    ),
    (
        "shared-profile-missing",
        "\"profile\": [\"http://fhir.nl/fhir/StructureDefinition/nl-core-patient\"]",
        "\"lastUpdated\": \"2026-01-05T08:30:00Z\"",
    ),
    ("shared-code-without-system", "{\"system\": \"http://loinc.org\", ", "{"),
    ("shared-concept-without-text", ", \"display\": \"Discharge summary\"", ""),
    ("shared-reference-without-display", "\"#author\", \"display\": \"R. TST_Inkt\"", "\"#author\""),
    ("shared-identifier-without-system", "\"system\": \"urn:ietf:rfc:3986\",", ""),
];

/// A transaction with identifiers of its own.
pub(super) fn transaction(pgo: &Pgo) -> String {
    let mut text = String::new();
    for (i, part) in BUNDLE.split("${uuid}").enumerate() {
        if i > 0 {
            text.push_str(&pgo.env.uuid());
        }
        text.push_str(part);
    }
    let text = text.replace("${patient.name}", PERSON);
    let dated = data::resolve_dates(text.as_bytes(), data::today(&pgo.env));
    let mut text = String::from_utf8_lossy(&dated).into_owned();
    for (defect, right, wrong) in WRONG {
        if pgo.has(defect) {
            text = text.replace(right, wrong);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_defect_changes_is_there() {
        for (defect, right, _) in WRONG {
            assert!(BUNDLE.contains(right), "{defect}");
        }
    }
}
