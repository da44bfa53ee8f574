//! FHIR-23: a parameter beside those that the standard asks.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::resource::reaction;

declare_rule! {
    /// Whether a server takes a search parameter of FHIR that the information standard does not ask is recorded.
    ///
    /// ## How it is tested
    /// A search for Patient with `_lastUpdated`; the server may use it, leave it aside or refuse it.
    /// Of a DVP: the parameters of FHIR that it adds (those that begin with `_`, but for `_include` and `_revinclude`) are recorded.
    /// ## Not covered
    /// Whether what comes is right by that parameter.
    /// ## Source
    /// MedMij R4 Core: a DVP may add parameters of FHIR, a server need not process them.
    pub static RULE = {
        id: "FHIR-23",
        summary: "whether an extra search parameter is taken",
        dva: of_server,
        dvp: of_client,
    }
}

const PROBES: &[&str] = &["extra-search-parameter"];

fn of_client(_: &Context, run: &Run) -> Judgement {
    Judgement::each(
        client::data_requests(run),
        client::nothing("verzoek om gegevens", "request for data"),
        |exchange| {
            let query = exchange.request.query();
            let names = query.iter().map(|(name, _)| name.split(':').next().unwrap_or_default());
            let mut extra: Vec<&str> =
                names.filter(|name| name.starts_with('_') && !name.ends_with("include")).collect();
            extra.sort_unstable();
            extra.dedup();
            if extra.is_empty() || client::was_given(run, exchange) {
                return Vec::new();
            }
            let seen = Text::same(extra.join(", "));
            vec![Issue::information("extra-parameter", "query", Text::new("mag", "may"), seen).at(exchange.number)]
        },
    )
}

fn of_server(_: &Context, run: &Run) -> Judgement {
    let expected = Text::new("ieder antwoord", "any answer");
    reaction::recorded(run, PROBES, "extra-parameter-answer", &expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::issues;

    #[test]
    fn every_answer_is_recorded() {
        let outcome = r#"{"resourceType": "OperationOutcome", "issue": [{"code": "not-supported"}]}"#;
        let probe = Recording::new().probe("extra-search-parameter").get("x").json(404, outcome);
        assert_eq!(
            issues(&RULE, probe),
            ["information extra-parameter-answer #1 extra-search-parameter: any answer / \
              status 404 with an OperationOutcome (not-supported)"]
        );
        assert_eq!(issues(&RULE, Recording::new().get("x").json(404, outcome)), ["not seen"]);
    }

    #[test]
    fn what_a_client_adds_is_told() {
        let asked = |query: &str| client_issues(&RULE, Recording::new().get(query));
        assert_eq!(asked("Patient?_include=Patient:general-practitioner"), Vec::<String>::new());
        assert_eq!(asked("Condition?_lastUpdated=ge2020-01-01&_count=10"), ["extra-parameter"]);
    }
}
