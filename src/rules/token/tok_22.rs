//! TOK-22: a code or refresh token that is not valid gives invalid_grant.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::consent::refresh;
use crate::rules::oauth;
use crate::rules::token::tok_16;

declare_rule! {
    /// A code or refresh token that is unknown, was used, or is not good for the request is answered with `invalid_grant`.
    ///
    /// ## How it is tested
    /// A token request with a code that was never issued, without code or with an empty one, and one with a refresh token that
    /// was never issued: a token is a breach. For those, for a code that was presented before, for another `redirect_uri`, for a code that is too old, and for
    /// a refresh token that was swapped before or whose consent was withdrawn the error is `invalid_grant`; another OAuth error is a warning. Without
    /// `redirect_uri` or code, `invalid_request` is right too.
    /// ## Not covered
    /// A token for a code that was presented before (TOK-15), for another `redirect_uri` (TOK-16) or client (TOK-05), for a
    /// refresh token that was swapped before (CON-05) or whose consent was withdrawn (FLOW-08). How long a code may live (AUTH-28). Form
    /// of the error, and values that no standard knows (TOK-21).
    /// ## Source
    /// RFC 6749, section 5.2.
    pub static RULE = {
        id: "TOK-22",
        summary: "a code or refresh token that is not valid gives invalid_grant",
        dva: check,
    }
}

const UNKNOWN: &str = "code-unknown";

/// No code at all.
const NONE: &[&str] = &["code-missing", "code-empty"];

/// A code that is old.
const LATE: &str = "code-late";

/// A refresh token that was never issued, after one that was.
const UNKNOWN_REFRESH: &str = "refresh-unknown";

/// Probes whose refresh requests, after so many, present what is no good any more.
const SPENT_REFRESH: &[(&str, usize)] = &[(UNKNOWN_REFRESH, 1), ("refresh-again", 1), ("withdrawal", 0)];

fn check(_: &Context, run: &Run) -> Judgement {
    let mut answers = oauth::probes(run, Interface::Token, &[&[UNKNOWN, LATE], NONE, tok_16::PROBES].concat());
    for probe in oauth::REPLAYS {
        let seconds = run.probe_traces(probe).flat_map(|trace| oauth::redemptions(trace).into_iter().skip(1));
        answers.extend(seconds.filter(|exchange| !oauth::is_no_answer(exchange)));
    }
    for (probe, good) in SPENT_REFRESH {
        let later = run.probe_traces(probe).flat_map(|trace| refresh::requests(trace).into_iter().skip(*good));
        answers.extend(later.filter(|exchange| !oauth::is_no_answer(exchange)));
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
        return match probe {
            UNKNOWN => Some(Issue::error("unknown-code-accepted", "code", expected, seen).at(exchange.number)),
            UNKNOWN_REFRESH => {
                let seen = Text::new(
                    "een token voor een refresh token dat nooit is uitgegeven",
                    "a token for a refresh token that was never issued",
                );
                let issue = Issue::error("unknown-refresh-token-accepted", "refresh_token", expected, seen);
                Some(issue.at(exchange.number))
            }
            _ if NONE.contains(&probe) => {
                let seen = Text::new("een token zonder code", "a token without a code");
                Some(Issue::error("token-without-code", "code", expected, seen).at(exchange.number))
            }
            _ => None,
        };
    }
    let error = oauth::error(exchange)?;
    let is_incomplete = probe == "token-redirect-uri-missing" || NONE.contains(&probe);
    let right = error == "invalid_grant" || (is_incomplete && error == "invalid_request");
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
    fn refresh_tokens_that_are_no_good_are_judged_like_codes() {
        let swap = |recording: Recording, token: &str| {
            recording.token(&[("grant_type", "refresh_token"), ("refresh_token", token)])
        };
        let unknown = || swap(swap(probe("refresh-unknown"), "a").json(200, TOKEN), "b");
        expect(&RULE, unknown().json(400, r#"{"error": "invalid_grant"}"#), &[]);
        expect(&RULE, unknown().json(400, r#"{"error": "invalid_request"}"#), &["not-invalid-grant"]);
        expect(&RULE, unknown().json(200, TOKEN), &["unknown-refresh-token-accepted"]);
        let again = swap(swap(probe("refresh-again"), "a").json(200, TOKEN), "a");
        expect(&RULE, again.json(200, TOKEN), &[]);
        expect(
            &RULE,
            swap(probe("withdrawal"), "a").json(400, r#"{"error": "invalid_scope"}"#),
            &["not-invalid-grant"],
        );
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
