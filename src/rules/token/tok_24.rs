//! TOK-24: the token is a bearer token.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;

declare_rule! {
    /// The token response says that the token is a bearer token.
    ///
    /// ## How it is tested
    /// Each successful JSON answer to a regular token request: `token_type` is `Bearer`, in any case.
    /// ## Not covered
    /// Whether the token works as one: the resource requests show it.
    /// ## Source
    /// Afsprakenstelsel 2.x, Token interface, core.tknint.201; RFC 6750; RFC 6749, section 5.1.
    pub static RULE = {
        id: "TOK-24",
        summary: "token_type is Bearer",
        dva: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    Judgement::each(oauth::regular_token_objects(run), oauth::no_token_response(), |(exchange, object)| {
        let value = object.get("token_type");
        if value.and_then(serde_json::Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
            return Vec::new();
        }
        let seen = match value {
            Some(value) => Text::same(format!("`{value}`")),
            None => Text::new("geen token_type", "no token_type"),
        };
        vec![Issue::error("token-type", "token_type", Text::same("`Bearer`"), seen).at(exchange.number)]
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
    fn bearer_passes_in_any_case() {
        expect(&RULE, answer(r#"{"token_type": "Bearer"}"#), &[]);
        expect(&RULE, answer(r#"{"token_type": "bearer"}"#), &[]);
        expect(&RULE, Recording::new(), &["not seen"]);
    }

    #[test]
    fn another_or_none_is_found() {
        assert_eq!(
            issues(&RULE, answer(r#"{"token_type": "mac"}"#)),
            ["error token-type #1 token_type: `Bearer` / `\"mac\"`"]
        );
        expect(&RULE, answer("{}"), &["token-type"]);
    }
}
