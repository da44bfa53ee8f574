//! TOK-21: form of the token error.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::rules::token::tok_04;
use crate::rules::token::tok_16;
use crate::text;

declare_rule! {
    /// A wrong token request is answered with status 400 and an OAuth error in JSON.
    ///
    /// ## How it is tested
    /// Each answer without token to a wrong token request: status 400 (401 for `invalid_client`, and for a wrong grant type);
    /// media type `application/json` and a JSON object; `error` is one of RFC 6749, section 5.2. A value that an extension
    /// registered is recorded only; any other is a breach.
    /// ## Not covered
    /// Whether the value fits the mistake (TOK-04, TOK-05, TOK-22). Requests without client certificate, which may be turned
    /// away in any way (TOK-23). A request that gives a token after all has a rule of its own.
    /// ## Source
    /// RFC 6749, section 5.2.
    pub static RULE = {
        id: "TOK-21",
        summary: "a token error is 400 with an OAuth error in JSON",
        dva: check,
    }
}

const WRONG: &[&str] = &[
    "token-client-id-missing",
    "token-client-id-other",
    "code-unknown",
    "code-missing",
    "code-empty",
    "code-late",
    "refresh-again",
    "refresh-other-client",
    "refresh-scope-wider",
    "refresh-scope-other",
    "refresh-unknown",
    "withdrawal",
];

fn check(_: &Context, run: &Run) -> Judgement {
    let mut names = [tok_04::PROBES, tok_16::PROBES, WRONG].concat();
    let mut errors = oauth::probes(run, Interface::Token, &names);
    // Of a code that is redeemed twice only the second request is wrong in any case.
    for probe in oauth::REPLAYS {
        let seconds = run.probe_traces(probe).flat_map(|trace| oauth::redemptions(trace).into_iter().skip(1));
        errors.extend(seconds.filter(|exchange| !oauth::is_no_answer(exchange)));
    }
    errors.retain(|exchange| oauth::token(exchange).is_none());
    names.extend(oauth::REPLAYS);
    Judgement::each(errors, oauth::not_probed(&names), |exchange| {
        let issues = [status(exchange), value(exchange)];
        issues.into_iter().flatten().map(|issue| issue.at(exchange.number)).collect()
    })
}

fn status(exchange: &Exchange) -> Option<Issue> {
    let status = exchange.status()?;
    let may_be_401 = oauth::error(exchange).as_deref() == Some("invalid_client")
        || exchange.probe.as_deref().is_some_and(|probe| tok_04::PROBES.contains(&probe));
    if status == 400 || (status == 401 && may_be_401) {
        return None;
    }
    let expected = Text::new("400 (401 bij invalid_client)", "400 (401 with invalid_client)");
    Some(Issue::error("token-error-status", "status", expected, Text::same(format!("{status}"))))
}

fn value(exchange: &Exchange) -> Option<Issue> {
    let response = exchange.response.as_ref()?;
    let media_type = response.media_type().unwrap_or_default();
    let json = Text::new("een OAuth-fout in application/json", "an OAuth error in application/json");
    if media_type != "application/json" {
        let seen = text!("media type `{media_type}`", "media type `{media_type}`");
        return Some(Issue::error("token-error-not-json", "Content-Type", json, seen));
    }
    if !response.body.json().is_some_and(|body| body.is_object()) {
        let seen = Text::new("een body die geen JSON-object is", "a body that is no JSON object");
        return Some(Issue::error("token-error-not-json", "body", json, seen));
    }
    let list = oauth::TOKEN_ERRORS.join(", ");
    let expected = text!("een van {list}", "one of {list}");
    let Some(error) = oauth::error(exchange) else {
        let seen = Text::new("geen error", "no error");
        return Some(Issue::error("token-error-missing", "error", expected, seen));
    };
    let seen = Text::same(format!("`{error}`"));
    if oauth::TOKEN_ERRORS.contains(&error.as_str()) {
        None
    } else if oauth::TOKEN_EXTENSION_ERRORS.contains(&error.as_str()) {
        Some(Issue::information("token-extension-error", "error", expected, seen))
    } else {
        Some(Issue::error("token-error-unregistered", "error", expected, seen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn probe(name: &str) -> Recording {
        Recording::new().probe(name).token(&[("code", "REDACTED.code.1")])
    }

    #[test]
    fn the_right_form_passes() {
        for error in oauth::TOKEN_ERRORS {
            expect(&RULE, probe("code-unknown").json(400, &format!(r#"{{"error": "{error}"}}"#)), &[]);
        }
        expect(&RULE, probe("token-client-id-other").json(401, r#"{"error": "invalid_client"}"#), &[]);
        expect(&RULE, probe("grant-type-password").json(401, r#"{"error": "unauthorized_client"}"#), &[]);
    }

    #[test]
    fn too_many_requests_are_no_answer() {
        expect(&RULE, probe("code-unknown").page(429, "<p>rustig aan</p>"), &["not seen"]);
    }

    #[test]
    fn another_status_is_found() {
        assert_eq!(
            issues(&RULE, probe("code-unknown").json(200, r#"{"error": "invalid_grant"}"#)),
            ["error token-error-status #1 status: 400 (401 with invalid_client) / 200"]
        );
        expect(&RULE, probe("code-unknown").json(401, r#"{"error": "invalid_grant"}"#), &["token-error-status"]);
    }

    #[test]
    fn another_form_or_value_is_found() {
        assert_eq!(
            issues(&RULE, probe("code-unknown").page(400, "<p>fout</p>")),
            ["error token-error-not-json #1 Content-Type: an OAuth error in application/json / media type `text/html`"]
        );
        expect(&RULE, probe("code-unknown").json(400, "fout"), &["token-error-not-json"]);
        expect(&RULE, probe("code-unknown").json(400, "{}"), &["token-error-missing"]);
        expect(&RULE, probe("code-unknown").json(400, r#"{"error": "bad_code"}"#), &["token-error-unregistered"]);
        let found = issues(&RULE, probe("code-unknown").json(400, r#"{"error": "slow_down"}"#));
        assert!(found[0].starts_with("information token-extension-error"), "{found:?}");
    }

    #[test]
    fn only_wrong_requests_are_judged_and_no_tokens() {
        let token = r#"{"access_token": "REDACTED.access-token.1"}"#;
        expect(&RULE, probe("grant-type-unknown").json(200, token), &["not seen"]);
        expect(&RULE, probe("code-replay").page(200, "access_token=x"), &["not seen"]);
        let twice = probe("code-replay").json(200, token).token(&[("code", "REDACTED.code.1")]);
        expect(&RULE, twice.page(400, ""), &["token-error-not-json"]);
        expect(&RULE, probe("token-no-certificate").page(403, ""), &["not seen"]);
    }
}
