//! SEC-05: `state` and the session of the browser.

use crate::declare_rule;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;

declare_rule! {
    /// The answer of an Authorization Server counts only in the browser session that asked.
    ///
    /// ## How it is tested
    /// The browser comes back, with the right `state`, without any cookie, and in a session in which somebody else began. A token request in that
    /// scenario is a breach. Without one, it counts only where the visit of the browser was answered.
    /// ## Not covered
    /// Nothing.
    /// ## Source
    /// RFC 6819, section 4.4.1.8; RFC 6749, section 10.12.
    pub static RULE = {
        id: "SEC-05",
        summary: "an answer in another session is refused",
        dvp: check,
    }
}

/// Ways back in another session.
pub const PROBES: &[&str] = &["callback-in-other-session", "callback-without-session"];

fn check(_: &Context, run: &Run) -> Judgement {
    let none = Text::new(
        "de browser kwam niet terug in een andere sessie",
        "the browser did not come back in another session",
    );
    client::presents_no_code(run, PROBES, none)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn a_token_request_of_another_session_is_found() {
        let back = || {
            Recording::new()
                .probe("callback-without-session")
                .authorize(&[])
                .client("https://pgo.example/cb?code=REDACTED.code.1&state=s1")
                .page(400, "nee")
        };
        assert_eq!(client_issues(&RULE, back()), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, back().token(&[])), ["code-presented"]);
    }
}
