//! TOK-22: a code that is not valid gives invalid_grant.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::requirement::Role;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::rules::token::tok_16;

declare_rule! {
    /// A code that is unknown, was used, or belongs to another redirect URI is answered with `invalid_grant`.
    ///
    /// ## How it is tested
    /// A token request with a code that was never issued: a token is a breach. For that one, for a code that was presented
    /// before and for another `redirect_uri` the error is `invalid_grant`; another OAuth error is a warning. Without
    /// `redirect_uri`, `invalid_request` is right too.
    /// ## Not covered
    /// A token for a code that was presented before (TOK-15), for another `redirect_uri` (TOK-16) or client (TOK-05). Expired
    /// codes: that takes waiting. Form of the error, and values that no standard knows (TOK-21).
    /// ## Source
    /// RFC 6749, section 5.2.
    pub static RULE = {
        id: "TOK-22",
        summary: "a code that is not valid gives invalid_grant",
        roles: &[Role::Dva],
        check: check,
    }
}

const UNKNOWN: &str = "code-unknown";

fn check(_: &Context, run: &Run) -> Judgement {
    let mut answers = oauth::probes(run, Interface::Token, &[&[UNKNOWN], tok_16::PROBES].concat());
    for probe in oauth::REPLAYS {
        let seconds = run.probe_traces(probe).flat_map(|trace| oauth::redemptions(trace).into_iter().skip(1));
        answers.extend(seconds.filter(|exchange| !oauth::is_no_answer(exchange)));
    }
    let none = oauth::not_probed(&[&[UNKNOWN], tok_16::PROBES, oauth::REPLAYS].concat());
    Judgement::each(answers, none, |exchange| issue(exchange).into_iter().collect())
}

fn issue(exchange: &Exchange) -> Option<Issue> {
    let probe = exchange.probe.as_deref().unwrap_or_default();
    if oauth::token(exchange).is_some() {
        let expected = Text::new("invalid_grant, geen token", "invalid_grant, no token");
        let seen =
            Text::new("een token voor een code die nooit is uitgegeven", "a token for a code that was never issued");
        let issue = Issue::error("unknown-code-accepted", "code", expected, seen).at(exchange.number);
        return (probe == UNKNOWN).then_some(issue);
    }
    let error = oauth::error(exchange)?;
    let right = error == "invalid_grant" || (probe == "token-redirect-uri-missing" && error == "invalid_request");
    if right || !oauth::TOKEN_ERRORS.contains(&error.as_str()) {
        return None;
    }
    let seen = Text::same(format!("`{error}`"));
    Some(Issue::warning("not-invalid-grant", "error", Text::same("invalid_grant"), seen).at(exchange.number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    const TOKEN: &str = r#"{"access_token": "REDACTED.access-token.1"}"#;

    fn probe(name: &str) -> Recording {
        Recording::new().probe(name).token(&[("code", "REDACTED.code.1")])
    }

    #[test]
    fn invalid_grant_passes() {
        expect(&RULE, probe("code-unknown").json(400, r#"{"error": "invalid_grant"}"#), &[]);
        expect(&RULE, probe("token-redirect-uri-missing").json(400, r#"{"error": "invalid_request"}"#), &[]);
    }

    #[test]
    fn a_token_for_an_unknown_code_is_found() {
        assert_eq!(
            issues(&RULE, probe("code-unknown").json(200, TOKEN)),
            ["error unknown-code-accepted #1 code: invalid_grant, no token / a token for a code that was never issued"]
        );
        expect(&RULE, probe("token-redirect-uri-slash").json(200, TOKEN), &[]);
    }

    #[test]
    fn another_error_is_a_warning() {
        assert_eq!(
            issues(&RULE, probe("token-redirect-uri-slash").json(400, r#"{"error": "invalid_request"}"#)),
            ["warning not-invalid-grant #1 error: invalid_grant / `invalid_request`"]
        );
        let replay = probe("code-replay").json(200, TOKEN).token(&[("code", "REDACTED.code.1")]);
        expect(&RULE, replay.json(400, r#"{"error": "invalid_request"}"#), &["not-invalid-grant"]);
        expect(&RULE, probe("code-unknown").json(400, r#"{"error": "bad_code"}"#), &[]);
    }
}
