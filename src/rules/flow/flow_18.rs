//! FLOW-18: long and unusual values of `state`.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::oauth;
use crate::rules::oauth::Ending;
use crate::text;

declare_rule! {
    /// The Authorization Server returns a long `state`, and one with special characters, as it came.
    ///
    /// ## How it is tested
    /// Authorization requests with a `state` of more than 512 characters, with the reserved characters of RFC 3986 and a
    /// space, and with HTML, percent-encoded, go through the pages; the value in the redirect is compared after decoding. A server that
    /// refuses the value by an error or an error page is not held to it: the limit of the Afsprakenstelsel was not found; the
    /// refusal is recorded.
    /// Of a DVP: a `state` of more than 512 characters, and one with characters that are none of RFC 6749, section A.5, are recorded.
    /// ## Not covered
    /// Ordinary values (AUTH-11): when those do not come back either, this is not judged. The DVP's own `state`.
    /// ## Source
    /// Afsprakenstelsel, changelog 1.5.0; RFC 6749, sections 4.1.2 and A.5.
    pub static RULE = {
        id: "FLOW-18",
        summary: "long and unusual values of state come back unchanged",
        dva: of_server,
        dvp: of_client,
    }
}

/// The probes with an unusual `state`.
pub const PROBES: &[&str] = &["state-long", "state-special", "state-markup"];

/// A longer `state` of a client is told.
const LONG: usize = 512;

fn of_client(_: &Context, run: &Run) -> Judgement {
    client::each_value(run, Interface::Authorization, "state", |state| {
        let length = state.chars().count();
        let others = state.chars().filter(|c| !(' '..='~').contains(c)).count();
        let mut issues = Vec::new();
        if length > LONG {
            let expected = text!("mag; tot {LONG} tekens is gewoon", "may; up to {LONG} characters is usual");
            let seen = text!("{length} tekens", "{length} characters");
            issues.push(Issue::information("state-length", "state", expected, seen));
        }
        if others > 0 {
            let expected =
                Text::new("zichtbare ASCII-tekens (RFC 6749, A.5)", "visible ASCII characters (RFC 6749, A.5)");
            let seen = text!("{others} andere tekens", "{others} other characters");
            issues.push(Issue::information("state-characters", "state", expected, seen));
        }
        issues
    })
}

fn of_server(context: &Context, run: &Run) -> Judgement {
    let redirect_uri = context.redirect_uri();
    let regular_changes = oauth::flows(run).iter().filter(|flow| flow.probe().is_none()).any(|flow| {
        matches!(flow.ending(redirect_uri), Ending::Granted(redirect)
            if redirect.parameter("state").map(str::to_owned) != flow.sent("state"))
    });
    if regular_changes {
        return Judgement::NotSeen(Text::new(
            "ook een gewone state komt niet ongewijzigd terug",
            "an ordinary state does not come back unchanged either",
        ));
    }
    Judgement::each(oauth::probed(run, redirect_uri, PROBES), oauth::not_probed(PROBES), |flow| {
        let sent = flow.sent("state").unwrap_or_default();
        let length = sent.chars().count();
        let expected = text!("dezelfde state van {length} tekens", "the same state of {length} characters");
        let issue = match flow.ending(redirect_uri) {
            Ending::Granted(redirect) if redirect.parameter("state") != Some(&sent) => {
                let seen = difference(&sent, redirect.parameter("state"));
                Some(Issue::error("state-not-kept", "state", expected, seen).at(redirect.exchange.number))
            }
            Ending::Refused(redirect) => {
                let error = redirect.parameter("error").unwrap_or_default();
                let seen = text!("geweigerd met `{error}`", "refused with `{error}`");
                Some(Issue::information("state-refused", "state", expected, seen).at(redirect.exchange.number))
            }
            Ending::Page(page) => {
                let seen = oauth::answer(page);
                Some(Issue::information("state-refused", "state", expected, seen).at(page.number))
            }
            Ending::Granted(_) | Ending::Bare(_) | Ending::Unknown => None,
        };
        issue.into_iter().collect()
    })
}

fn difference(sent: &str, back: Option<&str>) -> Text {
    let Some(back) = back else { return Text::new("geen state", "no state") };
    let length = back.chars().count();
    let same = sent.chars().zip(back.chars()).take_while(|(a, b)| a == b).count();
    text!(
        "{length} tekens, gelijk tot en met teken {same}",
        "{length} characters, the same up to and including character {same}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn probe(state: &str) -> Recording {
        Recording::new().probe("state-long").authorize(&[("state", state)])
    }

    #[test]
    fn the_same_state_passes() {
        expect(&RULE, probe("abc/d e").redirect("?code=REDACTED.code.1&state=abc%2Fd%20e"), &[]);
    }

    #[test]
    fn a_truncated_state_is_found() {
        assert_eq!(
            issues(&RULE, probe("abcdef").redirect("?code=REDACTED.code.1&state=abcd")),
            ["error state-not-kept #1 state: the same state of 6 characters / \
              4 characters, the same up to and including character 4"]
        );
        expect(&RULE, probe("abcdef").redirect("?code=REDACTED.code.1"), &["state-not-kept"]);
    }

    #[test]
    fn a_refusal_is_recorded_only() {
        let found = issues(&RULE, probe("abcdef").redirect("?error=invalid_request&state=abcdef"));
        assert!(found[0].starts_with("information state-refused"), "{found:?}");
        let found = issues(&RULE, probe("abcdef").page(414, ""));
        assert!(found[0].starts_with("information state-refused"), "{found:?}");
    }

    #[test]
    fn a_server_that_never_keeps_state_is_left_to_its_rule() {
        let regular = Recording::new().authorize(&[]).redirect("?code=REDACTED.code.1&state=x").scenario("flow/2");
        let both = regular.probe("state-long").authorize(&[("state", "abc")]).redirect("?code=REDACTED.code.2&state=x");
        expect(&RULE, both, &["not seen"]);
    }

    #[test]
    fn an_unusual_state_of_a_client_is_told() {
        let asked = |state: &str| client_issues(&RULE, Recording::new().authorize(&[("state", state)]));
        assert_eq!(asked("abc /+=~"), Vec::<String>::new());
        assert_eq!(asked("é"), ["state-characters"]);
        assert_eq!(asked(&"a".repeat(513)), ["state-length"]);
    }
}
