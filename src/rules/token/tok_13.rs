//! TOK-13: the check of `state`.

use crate::declare_rule;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;

declare_rule! {
    /// A DVP presents a code only when the `state` that came with it is the one that it sent.
    ///
    /// ## How it is tested
    /// The browser comes back with another `state`, and without one. A token request in that scenario is a breach. Without
    /// one, it counts only where the browser reached the DVP: a visit of ours that was answered, or somebody attests it.
    /// ## Not covered
    /// Whether `state` belongs to the session of the browser (SEC-05).
    /// ## Source
    /// Afsprakenstelsel 2.x, Token interface, core.tknint.202; RFC 6749, section 10.12.
    pub static RULE = {
        id: "TOK-13",
        summary: "a code with another state is not presented",
        dvp: check,
    }
}

/// Ways back with a wrong `state`.
pub const PROBES: &[&str] = &["state-wrong", "state-missing"];

fn check(_: &Context, run: &Run) -> Judgement {
    let none = Text::new(
        "de browser kwam niet terug met een andere state",
        "the browser did not come back with another state",
    );
    client::presents_no_code(run, PROBES, none)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Attested;
    use crate::exchange::FailureKind;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn a_token_request_after_a_wrong_state_is_found() {
        let back = || {
            Recording::new()
                .probe("state-wrong")
                .authorize(&[])
                .client("https://pgo.example/cb?code=REDACTED.code.1&state=x")
                .page(400, "nee")
        };
        assert_eq!(client_issues(&RULE, back()), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, back().token(&[])), ["code-presented"]);
        assert_eq!(client_issues(&RULE, Recording::new().probe("state-wrong").authorize(&[])), ["not seen"]);
    }

    #[test]
    fn nothing_is_said_of_a_way_back_that_did_not_reach_the_dvp() {
        let sent = || Recording::new().probe("state-wrong").authorize(&[]).redirect("?code=REDACTED.code.1&state=x");
        assert_eq!(client_issues(&RULE, sent()), ["not seen"], "nobody says that the browser followed");
        assert_eq!(client_issues(&RULE, sent().attested(Attested::CameBack)), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, sent().token(&[])), ["code-presented"], "then it came back");
        let visit = || sent().client("https://pgo.example/cb?code=REDACTED.code.1&state=x");
        assert_eq!(client_issues(&RULE, visit().fails(FailureKind::Refused)), ["not seen"]);
        assert_eq!(client_issues(&RULE, visit().page(502, "")), ["not seen"], "only a gateway answered");
        let attested = Recording::new().probe("state-wrong").authorize(&[]).attested(Attested::CameBack);
        assert_eq!(client_issues(&RULE, attested), ["not seen"], "we did not send the browser back");
    }
}
