//! TOK-10: the access token lasts 900 seconds.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::requirement::Role;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;

declare_rule! {
    /// The token response says that the access token lasts 900 seconds.
    ///
    /// ## How it is tested
    /// Each successful JSON answer to a regular token request: `expires_in` is the number 900.
    /// ## Not covered
    /// How long the token really works: that takes a quarter of an hour of waiting.
    /// ## Source
    /// Afsprakenstelsel 2.x, Token interface, core.tknint.201 and core.autorisatie.204.
    pub static RULE = {
        id: "TOK-10",
        summary: "expires_in is 900",
        roles: &[Role::Dva],
        check: check,
    }
}

const SECONDS: f64 = 900.0;

fn check(_: &Context, run: &Run) -> Judgement {
    Judgement::each(oauth::regular_token_objects(run), oauth::no_token_response(), |(exchange, object)| {
        let value = object.get("expires_in");
        if value.and_then(serde_json::Value::as_f64).is_some_and(|seconds| (seconds - SECONDS).abs() < f64::EPSILON) {
            return Vec::new();
        }
        let seen = match value {
            Some(value) => Text::same(format!("`{value}`")),
            None => Text::new("geen expires_in", "no expires_in"),
        };
        vec![Issue::error("expires-in", "expires_in", Text::same("900"), seen).at(exchange.number)]
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
    fn nine_hundred_seconds_pass() {
        expect(&RULE, answer(r#"{"expires_in": 900}"#), &[]);
        expect(&RULE, answer(r#"{"expires_in": 900.0}"#), &[]);
        expect(&RULE, answer("geen json"), &["not seen"]);
    }

    #[test]
    fn anything_else_is_found() {
        assert_eq!(issues(&RULE, answer(r#"{"expires_in": 3600}"#)), ["error expires-in #1 expires_in: 900 / `3600`"]);
        assert_eq!(
            issues(&RULE, answer(r#"{"expires_in": "900"}"#)),
            ["error expires-in #1 expires_in: 900 / `\"900\"`"]
        );
        expect(&RULE, answer("{}"), &["expires-in"]);
    }
}
