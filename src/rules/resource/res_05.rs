//! RES-05: how requests that are not quite right are met.

use crate::declare_rule;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::resource::reaction;

declare_rule! {
    /// What the resource interface does with a request that is not quite right is recorded; the table of exceptions that
    /// would say what is right was not seen.
    ///
    /// ## How it is tested
    /// A right resource request without tracing headers, with tracing headers that are no UUID, and with the access token in
    /// the query in place of the header. Any answer will do: it is recorded.
    /// ## Not covered
    /// Wrong and missing tokens (RES-06, RES-07), an unknown version of FHIR (RES-09).
    /// ## Source
    /// Afsprakenstelsel 2.x, Resource interface (exceptions); RFC 6750, section 2.3, lets a server take a token in the query.
    pub static RULE = {
        id: "RES-05",
        summary: "what comes of requests that are not quite right",
        dva: check,
    }
}

const PROBES: &[&str] = &["tracing-headers-missing", "tracing-headers-malformed", "token-in-query"];

fn check(_: &Context, run: &Run) -> Judgement {
    let expected = Text::new("ieder antwoord", "any answer");
    reaction::recorded(run, PROBES, "exception-answer", &expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::issues;

    #[test]
    fn every_answer_is_recorded() {
        let probe = Recording::new().probe("token-in-query").get("Patient").json(401, "{}");
        assert_eq!(
            issues(&RULE, probe.header("WWW-Authenticate", "Bearer")),
            ["information exception-answer #1 token-in-query: any answer / status 401 with WWW-Authenticate"]
        );
        assert_eq!(issues(&RULE, Recording::new().get("Patient").json(200, "{}")), ["not seen"]);
    }
}
