//! FHIR-23: a parameter beside those that the standard asks.

use crate::declare_rule;
use crate::diag::Text;
use crate::exchange::Run;
use crate::requirement::Role;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::resource::reaction;

declare_rule! {
    /// Whether a server takes a search parameter of FHIR that the information standard does not ask is recorded.
    ///
    /// ## How it is tested
    /// A search for Patient with `_lastUpdated`; the server may use it, leave it aside or refuse it.
    /// ## Not covered
    /// Whether what comes is right by that parameter.
    /// ## Source
    /// MedMij R4 Core: a DVP may add parameters of FHIR, a server need not process them.
    pub static RULE = {
        id: "FHIR-23",
        summary: "whether an extra search parameter is taken",
        roles: &[Role::Dva],
        check: check,
    }
}

const PROBES: &[&str] = &["extra-search-parameter"];

fn check(_: &Context, run: &Run) -> Judgement {
    let expected = Text::new("ieder antwoord", "any answer");
    reaction::recorded(run, PROBES, "extra-parameter-answer", &expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
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
}
