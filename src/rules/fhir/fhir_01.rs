//! FHIR-01: patient and subject in queries.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;

declare_rule! {
    /// A resource request has no parameter patient or subject: the patient follows from the token.
    ///
    /// ## How it is tested
    /// The query of each request for data, parameters with a modifier or a chain included (`subject:Patient`, `patient.identifier`).
    /// ## Not covered
    /// Requests by POST.
    /// ## Source
    /// Nictiz test scripts, request.general.
    pub static RULE = {
        id: "FHIR-01",
        summary: "no patient= or subject= in the query",
        dvp: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    Judgement::each(
        client::data_requests(run),
        client::nothing("verzoek om gegevens", "request for data"),
        |exchange| {
            let parameters = exchange.request.query();
            let names = parameters.iter().map(|(name, _)| name.as_str());
            let found = names.filter(|name| matches!(name.split([':', '.']).next(), Some("patient" | "subject")));
            let expected = || Text::new("geen parameter die de patiënt noemt", "no parameter that names the patient");
            let issue =
                |name: &str| Issue::error("patient-in-query", name, expected(), Text::same(format!("`{name}`")));
            found.map(|name| issue(name).at(exchange.number)).collect()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn the_patient_is_not_named() {
        assert_eq!(
            client_issues(&RULE, Recording::new().get("Patient?_include=Patient:general-practitioner")),
            Vec::<String>::new()
        );
        for query in ["Condition?patient=1", "Condition?subject:Patient=1", "Condition?patient.identifier=1"] {
            assert_eq!(client_issues(&RULE, Recording::new().get(query)), ["patient-in-query"], "{query}");
        }
    }
}
