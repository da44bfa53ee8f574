//! TOK-11: what scope a token response names.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::text;

declare_rule! {
    /// The scope of a token response is recorded: its form in 2.x was not read, and public software disagrees.
    ///
    /// ## How it is tested
    /// The value of `scope` in every regular token response, each value once. Any value and none pass.
    /// ## Not covered
    /// Whether the token covers what the scope says (RES-08).
    /// ## Source
    /// Afsprakenstelsel 2.x, Token interface, core.tknint.201 (wording not seen).
    pub static RULE = {
        id: "TOK-11",
        summary: "what scope a token response names",
        dva: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    let answers: Vec<&Exchange> =
        run.regular(Interface::Token).filter(|exchange| oauth::token(exchange).is_some()).collect();
    if answers.is_empty() {
        return Judgement::NotSeen(Text::new("geen token uitgegeven", "no token was issued"));
    }
    let mut values: Vec<(Option<String>, &Exchange)> = Vec::new();
    for exchange in &answers {
        let value = oauth::field(exchange, "scope");
        if values.iter().all(|(known, _)| *known != value) {
            values.push((value, exchange));
        }
    }
    let issues = values.iter().map(|(value, exchange)| {
        let seen = match value {
            Some(scope) => text!("`{scope}`", "`{scope}`"),
            None => Text::new("geen scope", "no scope"),
        };
        let expected = Text::new("iedere waarde", "any value");
        Issue::information("token-scope", "scope", expected, seen).at(exchange.number)
    });
    Judgement::Seen { occasions: u32::try_from(answers.len()).unwrap_or(u32::MAX), issues: issues.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::issues;

    #[test]
    fn each_value_is_told_once() {
        let token = |scope: &str| format!(r#"{{"access_token": "REDACTED.access-token.1"{scope}}}"#);
        let named = token(r#", "scope": "48 49""#);
        let recording = Recording::new().token(&[]).json(200, &named).token(&[]).json(200, &named);
        assert_eq!(
            issues(&RULE, recording.token(&[]).json(200, &token(""))),
            [
                "information token-scope #1 scope: any value / `48 49`",
                "information token-scope #3 scope: any value / no scope"
            ]
        );
    }
}
