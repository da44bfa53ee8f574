//! TOK-09: the token response holds an access token.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;

declare_rule! {
    /// A successful token response holds an access token.
    ///
    /// ## How it is tested
    /// Each successful JSON answer to a regular token request: `access_token` is a text that is not empty.
    /// ## Not covered
    /// Status, media type and JSON (TOK-20), `expires_in` (TOK-10), `token_type` (TOK-24), what the token is worth (SEC-01).
    /// ## Source
    /// Afsprakenstelsel 2.x, Token interface, core.tknint.201; RFC 6749, section 5.1.
    pub static RULE = {
        id: "TOK-09",
        summary: "the token response holds an access token",
        dva: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    Judgement::each(oauth::regular_token_objects(run), oauth::no_token_response(), |(exchange, object)| {
        let seen = match object.get("access_token") {
            None => Text::new("geen access_token", "no access_token"),
            Some(value) => match value.as_str() {
                Some("") => Text::new("een lege access_token", "an empty access_token"),
                Some(_) => return Vec::new(),
                None => Text::new("een access_token die geen tekst is", "an access_token that is no text"),
            },
        };
        let expected = Text::new("een access token", "an access token");
        vec![Issue::error("access-token-missing", "access_token", expected, seen).at(exchange.number)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn answer(body: &str) -> Recording {
        Recording::new().token(&[]).json(200, body)
    }

    #[test]
    fn a_token_passes() {
        expect(&RULE, answer(r#"{"access_token": "REDACTED.access-token.1"}"#), &[]);
    }

    #[test]
    fn none_an_empty_one_and_no_text_are_found() {
        assert_eq!(
            issues(&RULE, answer(r#"{"access_token": ""}"#)),
            ["error access-token-missing #1 access_token: an access token / an empty access_token"]
        );
        expect(&RULE, answer("{}"), &["access-token-missing"]);
        expect(&RULE, answer(r#"{"access_token": 1}"#), &["access-token-missing"]);
    }

    #[test]
    fn errors_and_what_is_no_json_are_left_to_their_rules() {
        expect(&RULE, answer(r#"{"error": "invalid_grant"}"#), &["not seen"]);
        expect(&RULE, answer("access_token=x"), &["not seen"]);
        expect(&RULE, Recording::new().token(&[]).json(400, "{}"), &["not seen"]);
    }
}
