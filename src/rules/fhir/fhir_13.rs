//! FHIR-13: a search for a type that is not there.

use crate::declare_rule;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::resource::reaction;

declare_rule! {
    /// What comes of a search for a type that no service has is recorded.
    ///
    /// ## How it is tested
    /// A search for the type Linkage, with a valid token. Most usual is status 404 with an OperationOutcome (not-supported).
    /// ## Not covered
    /// Servers without DocumentManifest: the suite of Documenten judges those itself.
    /// ## Source
    /// Official test scripts (PDF/A 3.0, target NoManifest).
    pub static RULE = {
        id: "FHIR-13",
        summary: "what comes of a search for an unsupported type",
        dva: check,
    }
}

const PROBES: &[&str] = &["unsupported-type"];

fn check(_: &Context, run: &Run) -> Judgement {
    let expected = Text::new("vaak 404 met een OperationOutcome", "often 404 with an OperationOutcome");
    reaction::recorded(run, PROBES, "unsupported-type-answer", &expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::issues;

    #[test]
    fn every_answer_is_recorded() {
        let outcome = r#"{"resourceType": "OperationOutcome", "issue": [{"code": "not-supported"}]}"#;
        let probe = Recording::new().probe("unsupported-type").get("x").json(404, outcome);
        assert_eq!(
            issues(&RULE, probe),
            ["information unsupported-type-answer #1 unsupported-type: often 404 with an OperationOutcome / \
              status 404 with an OperationOutcome (not-supported)"]
        );
        assert_eq!(issues(&RULE, Recording::new().get("x").json(404, outcome)), ["not seen"]);
    }
}
