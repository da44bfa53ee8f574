//! TOK-14: a code is presented once.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::Trace;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::text;
use std::collections::BTreeSet;

declare_rule! {
    /// A DVP presents a code at most once.
    ///
    /// ## How it is tested
    /// Codes of all token requests are compared, by their placeholders: also after a token request that failed or got no answer
    /// (probe `token-fails`), and when the browser comes back twice (probe `callback-replay`). One or
    /// the other has to have happened: a token request that failed, or two ways back that reached the DVP.
    /// ## Not covered
    /// Nothing.
    /// ## Source
    /// Afsprakenstelsel 2.x, Token interface, core.tknint.203; RFC 6749, section 4.1.2.
    pub static RULE = {
        id: "TOK-14",
        summary: "a code is presented at most once",
        dvp: check,
    }
}

/// What invites to present a code again.
pub const PROBES: &[&str; 2] = &["token-fails", "callback-replay"];

fn check(_: &Context, run: &Run) -> Judgement {
    let mut seen = BTreeSet::new();
    let presented = client::requests(run, Interface::Token).flat_map(|exchange| {
        let codes = client::values(&client::parameters(exchange), "code");
        codes.into_iter().filter(|code| !code.is_empty()).map(move |code| (exchange.number, code))
    });
    let judged = Judgement::each(presented, client::nothing("tokenverzoek", "token request"), |(number, code)| {
        let expected = Text::new("elke code een keer", "each code once");
        let told = text!("{code} is al aangeboden", "{code} was presented before");
        let is_new = seen.insert(code);
        (!is_new).then(|| Issue::error("code-again", "code", expected, told).at(number)).into_iter().collect()
    });
    let presents = |trace: &Trace| trace.exchanges.iter().any(|exchange| exchange.interface == Interface::Token);
    let [failing, replay] = PROBES;
    let is_invited = run.probe_traces(failing).any(presents)
        || run.probe_traces(replay).any(|t| presents(t) && client::came_back(t, 2));
    match judged {
        Judgement::Seen { issues, .. } if issues.is_empty() && !is_invited => Judgement::NotSeen(Text::new(
            "niets lokte uit dat een code nog eens werd aangeboden",
            "nothing invited to present a code again",
        )),
        judged => judged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Attested;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn the_same_code_twice_is_found() {
        let token = |recording: Recording, code: &'static str| recording.token(&[("code", code)]);
        let twice = |other| token(token(Recording::new().probe("token-fails"), "REDACTED.code.1"), other);
        assert_eq!(client_issues(&RULE, twice("REDACTED.code.2")), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, twice("REDACTED.code.1")), ["code-again"]);
        assert_eq!(client_issues(&RULE, token(Recording::new(), "REDACTED.code.1")), ["not seen"]);
        let back = |r: Recording| r.client("https://pgo.example/cb?code=REDACTED.code.1&state=s1").page(200, "");
        let once = || token(back(Recording::new().probe("callback-replay")), "REDACTED.code.1");
        assert_eq!(client_issues(&RULE, once()), ["not seen"], "the browser came back once");
        assert_eq!(client_issues(&RULE, back(once())), Vec::<String>::new());
        let opened =
            Recording::new().probe("callback-replay").authorize(&[]).redirect("?code=REDACTED.code.1&state=s1");
        let opened = token(opened, "REDACTED.code.1").attested(Attested::CameBackTwice);
        assert_eq!(client_issues(&RULE, opened), Vec::<String>::new());
    }
}
