//! FHIR-19: parameters that are missing or wrong.

use crate::declare_rule;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::resource::reaction;

declare_rule! {
    /// What comes of a search with a parameter that is missing or wrong is recorded.
    ///
    /// ## How it is tested
    /// `$lastn` of Observation without any parameter, and a search for Patient with a birth date that is no date.
    /// ## Not covered
    /// Which of the parameters a server must know.
    /// ## Source
    /// A public back end of several DVAs answers 400 with an OperationOutcome (required, value, invalid); no MedMij rule.
    pub static RULE = {
        id: "FHIR-19",
        summary: "what comes of a missing or wrong parameter",
        dva: check,
    }
}

const PROBES: &[&str] = &["parameter-missing", "parameter-illegal-value"];

fn check(_: &Context, run: &Run) -> Judgement {
    let expected = Text::new("vaak 400 met een OperationOutcome", "often 400 with an OperationOutcome");
    reaction::recorded(run, PROBES, "parameter-answer", &expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::issues;

    #[test]
    fn every_answer_is_recorded() {
        let outcome = r#"{"resourceType": "OperationOutcome", "issue": [{"code": "not-supported"}]}"#;
        let probe = Recording::new().probe("parameter-missing").get("x").json(404, outcome);
        assert_eq!(
            issues(&RULE, probe),
            ["information parameter-answer #1 parameter-missing: often 400 with an OperationOutcome / \
              status 404 with an OperationOutcome (not-supported)"]
        );
        assert_eq!(issues(&RULE, Recording::new().get("x").json(404, outcome)), ["not seen"]);
    }
}
