//! TOK-20: form of the token response.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Response;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::text;

declare_rule! {
    /// A successful token response has status 200, is JSON, and may not be stored.
    ///
    /// ## How it is tested
    /// Each successful answer to a regular token request: status 200; media type `application/json`, with or without
    /// parameters, and a body that is a JSON object; `Cache-Control` with `no-store`. `Pragma: no-cache` missing is a warning:
    /// RFC 6749 asks for it, later practice dropped it.
    /// ## Not covered
    /// What the response holds (TOK-09, TOK-10, TOK-24), and errors (TOK-21).
    /// ## Source
    /// RFC 6749, section 5.1.
    pub static RULE = {
        id: "TOK-20",
        summary: "the token response is 200, JSON and not stored",
        dva: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    let answers =
        oauth::regular_tokens(run).filter_map(|exchange| Some((exchange.number, exchange.response.as_ref()?)));
    Judgement::each(answers, oauth::no_token_response(), |(number, response)| {
        let issues = [status(response), json(response), cache_control(response), pragma(response)];
        issues.into_iter().flatten().map(|issue| issue.at(number)).collect()
    })
}

fn status(response: &Response) -> Option<Issue> {
    let status = response.status;
    (status != 200).then(|| Issue::error("token-status", "status", Text::same("200"), Text::same(format!("{status}"))))
}

fn json(response: &Response) -> Option<Issue> {
    let media_type = response.media_type().unwrap_or_default();
    let seen = if media_type != "application/json" {
        text!("media type `{media_type}`", "media type `{media_type}`")
    } else if !response.body.json().is_some_and(|json| json.is_object()) {
        Text::new("een body die geen JSON-object is", "a body that is no JSON object")
    } else {
        return None;
    };
    Some(Issue::error("token-not-json", "Content-Type", Text::same("application/json"), seen))
}

fn cache_control(response: &Response) -> Option<Issue> {
    let values: Vec<_> = values(response, "cache-control").collect();
    let kept =
        values.iter().flat_map(|value| value.split(',')).any(|word| word.trim().eq_ignore_ascii_case("no-store"));
    (!kept).then(|| Issue::error("token-cache-control", "Cache-Control", Text::same("no-store"), header(&values)))
}

fn pragma(response: &Response) -> Option<Issue> {
    let values: Vec<_> = values(response, "pragma").collect();
    let kept =
        values.iter().flat_map(|value| value.split(',')).any(|word| word.trim().eq_ignore_ascii_case("no-cache"));
    (!kept).then(|| Issue::warning("token-pragma", "Pragma", Text::same("no-cache"), header(&values)))
}

fn values<'a>(response: &'a Response, name: &'a str) -> impl Iterator<Item = &'a str> {
    response.headers.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn header(values: &[&str]) -> Text {
    if values.is_empty() {
        return Text::new("de header ontbreekt", "the header is missing");
    }
    Text::same(format!("`{}`", values.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    const TOKEN: &str = r#"{"access_token": "REDACTED.access-token.1"}"#;

    fn stored(recording: Recording) -> Recording {
        recording.header("Cache-Control", "private, No-Store").header("Pragma", "no-cache")
    }

    #[test]
    fn the_right_form_passes() {
        let answer = Recording::new().token(&[]).answer(200, "application/json; charset=utf-8", TOKEN);
        expect(&RULE, stored(answer), &[]);
        expect(&RULE, Recording::new().token(&[]).json(400, r#"{"error": "invalid_grant"}"#), &["not seen"]);
    }

    #[test]
    fn headers_that_are_missing_are_found() {
        assert_eq!(
            issues(&RULE, Recording::new().token(&[]).json(200, TOKEN).header("Cache-Control", "no-cache")),
            [
                "error token-cache-control #1 Cache-Control: no-store / `no-cache`",
                "warning token-pragma #1 Pragma: no-cache / the header is missing",
            ]
        );
    }

    #[test]
    fn another_status_or_form_is_found() {
        expect(&RULE, stored(Recording::new().token(&[]).json(201, TOKEN)), &["token-status"]);
        expect(&RULE, stored(Recording::new().token(&[]).answer(200, "text/plain", TOKEN)), &["token-not-json"]);
        expect(&RULE, stored(Recording::new().token(&[]).json(200, "access_token=x")), &["token-not-json"]);
    }
}
