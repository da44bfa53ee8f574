//! AUTH-11: `state` comes back unchanged.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::flow::flow_18;
use crate::rules::oauth;
use crate::rules::oauth::Ending;
use crate::rules::oauth::Flow;
use crate::rules::oauth::Redirect;

declare_rule! {
    /// The Authorization Server returns `state` unchanged in every redirect to the client, with a code or with an error.
    ///
    /// ## How it is tested
    /// Compares the parameter in each redirect to the client, in the query or the fragment, after decoding, with the one that
    /// was sent.
    /// ## Not covered
    /// Long values and special characters (FLOW-18); redirects that should not be there at all (AUTH-04, AUTH-05); whether
    /// the client checks it (TOK-13).
    /// ## Source
    /// RFC 6749, sections 4.1.2 and 4.1.2.1; Afsprakenstelsel 2.x, Authorization interface, core.authint.200.
    pub static RULE = {
        id: "AUTH-11",
        summary: "state comes back unchanged in every redirect",
        dva: check,
    }
}

fn check(context: &Context, run: &Run) -> Judgement {
    let redirect_uri = context.redirect_uri();
    let excluded = |flow: &Flow| {
        flow.probe().is_some_and(|probe| oauth::FIRST_ROUND.contains(&probe) || flow_18::PROBES.contains(&probe))
    };
    let redirects = oauth::flows(run).into_iter().filter(|flow| !excluded(flow)).filter_map(|flow| {
        // An empty parameter counts as left out (RFC 6749, section 3.1).
        let state = flow.sent("state").filter(|state| !state.is_empty())?;
        match flow.ending(redirect_uri) {
            Ending::Granted(redirect) | Ending::Refused(redirect) => Some((state, redirect)),
            Ending::Bare(_) | Ending::Page(_) | Ending::Unknown => None,
        }
    });
    let none = Text::new("geen redirect naar de client gezien", "no redirect to the client was seen");
    Judgement::each(redirects, none, |(sent, redirect)| difference(&sent, &redirect).into_iter().collect())
}

fn difference(sent: &str, redirect: &Redirect) -> Option<Issue> {
    let expected = Text::same(format!("`{sent}`"));
    let issue = match redirect.parameter("state") {
        Some(state) if state == sent => return None,
        Some(state) => Issue::error("state-changed", "state", expected, Text::same(format!("`{state}`"))),
        None if redirect.grants() => Issue::error(
            "state-missing",
            "state",
            expected,
            Text::new("geen state bij de code", "no state with the code"),
        ),
        None => {
            let seen = Text::new("geen state bij de fout", "no state with the error");
            Issue::error("state-missing-on-error", "state", expected, seen)
        }
    };
    Some(issue.at(redirect.exchange.number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::OMIT;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    #[test]
    fn the_same_state_passes_in_query_and_fragment() {
        expect(&RULE, Recording::new().authorize(&[]).redirect("?code=REDACTED.code.1&state=s1"), &[]);
        let encoded =
            Recording::new().authorize(&[("state", "a b/c")]).redirect("?code=REDACTED.code.1&state=a%20b%2Fc");
        expect(&RULE, encoded, &[]);
        let fragment = Recording::new().probe("response-type-token").authorize(&[]);
        expect(&RULE, fragment.redirect("#error=unsupported_response_type&state=s1"), &[]);
    }

    #[test]
    fn a_missing_or_changed_state_is_found() {
        let changed =
            Recording::new().authorize(&[]).page(200, "").visit("login").redirect("?code=REDACTED.code.1&state=S1");
        assert_eq!(issues(&RULE, changed), ["error state-changed #2 state: `s1` / `S1`"]);
        expect(&RULE, Recording::new().authorize(&[]).redirect("?code=REDACTED.code.1"), &["state-missing"]);
        let error = Recording::new().probe("response-type-unknown").authorize(&[]).redirect("?error=invalid_request");
        expect(&RULE, error, &["state-missing-on-error"]);
    }

    #[test]
    fn a_state_that_was_not_sent_need_not_come_back() {
        let missing = Recording::new().probe("state-missing").authorize(&[("state", OMIT)]);
        expect(&RULE, missing.redirect("?error=invalid_request"), &["not seen"]);
        let empty = Recording::new().probe("state-empty").authorize(&[("state", "")]);
        expect(&RULE, empty.redirect("?code=REDACTED.code.1"), &["not seen"]);
    }

    #[test]
    fn other_rules_have_their_own_probes() {
        let unknown = Recording::new().probe("client-id-unknown").authorize(&[]).redirect("?error=invalid_request");
        expect(&RULE, unknown, &["not seen"]);
        let long = Recording::new().probe("state-long").authorize(&[("state", "abc")]).redirect("?code=c&state=ab");
        expect(&RULE, long, &["not seen"]);
    }
}
