//! AUTH-03: the value of `response_type`.

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
use crate::rules::oauth::Redirect;
use crate::text;

declare_rule! {
    /// The Authorization Server takes no other `response_type` than `code`.
    ///
    /// ## How it is tested
    /// Authorization requests with an unknown value, with `token`, with an empty value and without the parameter go through
    /// the declared pages as far as they lead. A code or token at the end is a breach. For an unknown value or `token` the
    /// error is `unsupported_response_type`, `unauthorized_client` or `invalid_request`; for an empty or missing one
    /// `invalid_request` or `unsupported_response_type`. For `token` it may stand in the fragment.
    /// Of a DVP: the value in each authorization request that arrives is `code`.
    /// ## Not covered
    /// An error page instead of a redirect (AUTH-18), and an error value that no standard knows (AUTH-26).
    /// ## Source
    /// Afsprakenstelsel 2.x, Authorization interface, core.authint.200; RFC 6749, sections 3.1.1 and 4.1.2.1.
    pub static RULE = {
        id: "AUTH-03",
        summary: "response_type other than code gives an OAuth error",
        dva: of_server,
        dvp: of_client,
    }
}

/// The probes that break `response_type`.
pub const PROBES: &[&str] =
    &["response-type-unknown", "response-type-token", "response-type-empty", "response-type-missing"];

fn of_client(_: &Context, run: &Run) -> Judgement {
    client::each_value(run, Interface::Authorization, "response_type", |value| {
        let expected = Text::same("`code`");
        let issue = || Issue::error("response-type", "response_type", expected, Text::same(format!("`{value}`")));
        (value != "code").then(issue)
    })
}

fn of_server(context: &Context, run: &Run) -> Judgement {
    let redirect_uri = context.redirect_uri();
    Judgement::each(oauth::probed(run, redirect_uri, PROBES), oauth::not_probed(PROBES), |flow| {
        let allowed = allowed(flow.probe().unwrap_or(""));
        let issue = match flow.ending(redirect_uri) {
            Ending::Granted(redirect) => Some(accepted(&redirect)),
            Ending::Refused(redirect) => other_error(&redirect, allowed),
            Ending::Bare(_) | Ending::Page(_) | Ending::Unknown => None,
        };
        issue.into_iter().collect()
    })
}

fn allowed(probe: &str) -> &'static [&'static str] {
    match probe {
        "response-type-unknown" | "response-type-token" => {
            &["unsupported_response_type", "unauthorized_client", "invalid_request"]
        }
        _ => &["invalid_request", "unsupported_response_type"],
    }
}

fn accepted(redirect: &Redirect) -> Issue {
    Issue::error(
        "response-type-accepted",
        "response_type",
        Text::new("een OAuth-fout, geen code of token", "an OAuth error, no code or token"),
        Text::new("de browser keert terug met een code of token", "the browser comes back with a code or token"),
    )
    .at(redirect.exchange.number)
}

/// An error of RFC 6749 that does not fit; unknown ones are for AUTH-26.
fn other_error(redirect: &Redirect, allowed: &[&str]) -> Option<Issue> {
    let error = redirect.parameter("error")?;
    if allowed.contains(&error) || !oauth::AUTHORIZATION_ERRORS.contains(&error) {
        return None;
    }
    let list = allowed.join(", ");
    let issue = Issue::error(
        "response-type-error-value",
        "error",
        text!("een van {list}", "one of {list}"),
        Text::same(format!("`{error}`")),
    );
    Some(issue.at(redirect.exchange.number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn probe(name: &str) -> Recording {
        Recording::new().probe(name).authorize(&[("response_type", "toetsbank")])
    }

    #[test]
    fn every_listed_reaction_passes() {
        for error in ["unsupported_response_type", "unauthorized_client", "invalid_request"] {
            expect(&RULE, probe("response-type-unknown").redirect(&format!("?error={error}&state=s1")), &[]);
        }
        expect(&RULE, probe("response-type-token").redirect("#error=unsupported_response_type&state=s1"), &[]);
        expect(&RULE, probe("response-type-missing").redirect("?error=invalid_request"), &[]);
    }

    #[test]
    fn what_other_rules_judge_is_left_to_them() {
        expect(&RULE, probe("response-type-unknown").page(400, "fout"), &[]);
        expect(&RULE, probe("response-type-unknown").redirect("?error=bad_response_type"), &[]);
        expect(&RULE, Recording::new().authorize(&[]).redirect("?code=REDACTED.code.1"), &["not seen"]);
    }

    #[test]
    fn a_code_or_another_error_is_found() {
        let accepted =
            probe("response-type-unknown").page(200, "").visit("login").redirect("?code=REDACTED.code.1&state=s1");
        assert_eq!(
            issues(&RULE, accepted),
            ["error response-type-accepted #2 response_type: an OAuth error, no code or token / \
              the browser comes back with a code or token"]
        );
        expect(
            &RULE,
            probe("response-type-token").redirect("#access_token=REDACTED.access-token.1"),
            &["response-type-accepted"],
        );
        expect(&RULE, probe("response-type-unknown").redirect("?error=invalid_scope"), &["response-type-error-value"]);
        expect(
            &RULE,
            probe("response-type-empty").redirect("?error=unauthorized_client"),
            &["response-type-error-value"],
        );
    }

    #[test]
    fn a_client_asks_for_a_code() {
        let asked = |value| client_issues(&RULE, Recording::new().authorize(&[("response_type", value)]));
        assert_eq!(asked("code"), Vec::<String>::new());
        assert_eq!(asked("token"), ["response-type"]);
        assert_eq!(asked("code id_token"), ["response-type"]);
        assert_eq!(client_issues(&RULE, Recording::new()), ["not seen"]);
    }
}
