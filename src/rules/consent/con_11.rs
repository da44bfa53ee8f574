//! CON-11: a refresh token is good for its own client and scope.

use std::collections::BTreeSet;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::consent::refresh;
use crate::rules::oauth;
use crate::text;

declare_rule! {
    /// A refresh token is bound to the client that it was issued to, and gives no access beyond what was granted.
    ///
    /// ## How it is tested
    /// Our refresh token is presented by another known client, with its certificate and its `client_id`: an access token is a
    /// breach, any refusal passes. A swap with a `scope` that names the service of Delen beside, or in place of, what was
    /// granted: an error passes, and so does an access token whose scope names nothing that the first answer did not name.
    /// ## Not covered
    /// Our `client_id` with the certificate of another host: the back channel of a DVP may be another listed host
    /// (core.whl.307). What the access token can do when its answer names no scope. Form of the error (TOK-21).
    /// ## Source
    /// RFC 6749, sections 6 and 10.4.
    pub static RULE = {
        id: "CON-11",
        summary: "a refresh token is good for its own client and scope",
        dva: check,
    }
}

const OTHER_CLIENT: &str = "refresh-other-client";

/// Probes that ask for more than was granted.
const SCOPES: &[&str] = &["refresh-scope-wider", "refresh-scope-other"];

fn check(context: &Context, run: &Run) -> Judgement {
    let swaps = [OTHER_CLIENT].iter().chain(SCOPES).flat_map(|probe| refresh::probed(run, Some(probe)));
    Judgement::each(swaps, refresh::none(context, run), |exchange| {
        if oauth::token(exchange).is_none() {
            return Vec::new();
        }
        let issue = match exchange.probe.as_deref() {
            Some(OTHER_CLIENT) => {
                let expected = Text::new("geen token voor een andere client", "no token for another client");
                let seen = Text::new("een access token", "an access token");
                Some(Issue::error("refresh-by-other-client", "refresh_token", expected, seen))
            }
            _ => wider(run, exchange),
        };
        issue.map(|issue| issue.at(exchange.number)).into_iter().collect()
    })
}

/// The scope of an answer that names more than was granted.
fn wider(run: &Run, exchange: &Exchange) -> Option<Issue> {
    let given = values(oauth::field(exchange, "scope")?);
    let granted = refresh::first_answer(run, exchange).and_then(|first| oauth::field(first, "scope")).map(values);
    let asked = values(refresh::sent(exchange, "scope")?);
    let more: Vec<&String> = match &granted {
        Some(granted) => given.difference(granted).collect(),
        // Without a scope the first answer gave what was asked for: the provider alone.
        None => given.intersection(&asked).filter(|value| value.contains('~')).collect(),
    };
    if more.is_empty() {
        return None;
    }
    let list = more.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
    let expected =
        Text::new("een fout, of een token voor wat was verleend", "an error, or a token for what was granted");
    let seen = text!("een token voor ook {list}", "a token for {list} as well");
    Some(Issue::error("refresh-scope-widened", "scope", expected, seen))
}

fn values(scope: String) -> BTreeSet<String> {
    scope.split_ascii_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::FailureKind;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    const REFRESH: (&str, &str) = ("grant_type", "refresh_token");

    fn answer(scope: &str) -> String {
        format!(r#"{{"access_token": "REDACTED.access-token.1"{scope}}}"#)
    }

    fn swap(granted: &str, given: &str) -> Recording {
        let code = Recording::new().probe("refresh-scope-wider").token(&[("grant_type", "authorization_code")]);
        let asked = [REFRESH, ("scope", "ziekenhuis ziekenhuis~57")];
        code.json(200, &answer(granted)).token(&asked).json(200, &answer(given))
    }

    #[test]
    fn another_client_gets_nothing() {
        let other = || Recording::new().probe(OTHER_CLIENT).token(&[REFRESH]);
        expect(&RULE, other().json(401, r#"{"error": "invalid_client"}"#), &[]);
        expect(&RULE, other().fails(FailureKind::TlsAlert), &[]);
        expect(&RULE, other().fails(FailureKind::Timeout), &["not seen"]);
        expect(&RULE, other().json(200, &answer("")), &["refresh-by-other-client"]);
    }

    #[test]
    fn a_token_for_what_was_granted_passes() {
        expect(&RULE, swap("", ""), &[]);
        expect(&RULE, swap(r#", "scope": "ziekenhuis""#, r#", "scope": "ziekenhuis""#), &[]);
        expect(&RULE, swap(r#", "scope": "48 49""#, r#", "scope": "49""#), &[]);
        expect(&RULE, swap("", r#", "scope": "48""#), &[]);
    }

    #[test]
    fn a_token_for_more_is_found() {
        assert_eq!(
            issues(&RULE, swap(r#", "scope": "48""#, r#", "scope": "48 57""#)),
            [
                "error refresh-scope-widened #2 scope: an error, or a token for what was granted / a token for `57` as well"
            ]
        );
        expect(&RULE, swap("", r#", "scope": "ziekenhuis ziekenhuis~57""#), &["refresh-scope-widened"]);
    }
}
