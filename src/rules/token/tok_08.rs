//! TOK-08: where the parameters of a token request may stand.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::consent::refresh;
use crate::rules::oauth;
use crate::text;

declare_rule! {
    /// Whether the token interface takes its parameters from the query, and by GET. RFC 6749 binds the client to a form that is
    /// posted, an official example has the query: of a DVA this is recorded only.
    ///
    /// ## How it is tested
    /// A right token request with its parameters in the query, by POST and by GET, each with a code of its own; what came is
    /// recorded.
    /// Of a DVP: a token request that is no POST, or has one of its parameters in the query, is a warning.
    /// ## Not covered
    /// What a DVP sends.
    /// ## Source
    /// Afsprakenstelsel 2.2.0, Token interface (example); RFC 6749, sections 3.2 and 4.1.3.
    pub static RULE = {
        id: "TOK-08",
        summary: "where the parameters of a token request may stand",
        dva: of_server,
        dvp: of_client,
    }
}

const PROBES: &[&str] = &["token-in-query", "token-by-get"];

/// The parameters of a token request.
const NAMES: [&str; 5] = ["grant_type", "code", "client_id", "redirect_uri", "refresh_token"];

fn of_client(_: &Context, run: &Run) -> Judgement {
    Judgement::each(
        client::requests(run, Interface::Token),
        client::nothing("tokenverzoek", "token request"),
        |exchange| {
            let mut issues = Vec::new();
            let method = exchange.request.method.as_str();
            if method != "POST" {
                issues.push(Issue::warning("token-method", "method", Text::same("POST"), Text::same(method)));
            }
            let query = exchange.request.query();
            let placed: Vec<&str> = NAMES.into_iter().filter(|name| query.iter().any(|(key, _)| key == name)).collect();
            if !placed.is_empty() {
                let names = placed.join(", ");
                let expected = Text::new("de parameters in de body", "the parameters in the body");
                let seen = text!("in de query: {names}", "in the query: {names}");
                issues.push(Issue::warning("parameters-in-query", "query", expected, seen));
            }
            issues.into_iter().map(|issue| issue.at(exchange.number)).collect()
        },
    )
}

fn of_server(_: &Context, run: &Run) -> Judgement {
    Judgement::each(oauth::probes(run, Interface::Token, PROBES), oauth::not_probed(PROBES), |exchange| {
        let method = &exchange.request.method;
        let (code, seen) = match oauth::token(exchange) {
            Some(_) => (
                "query-accepted",
                text!(
                    "een token met {method} en de parameters in de query",
                    "a token by {method} with the parameters in the query"
                ),
            ),
            None => {
                let Text { nl, en } = refresh::outcome(exchange);
                ("query-refused", text!("geen token met {method}: {nl}", "no token by {method}: {en}"))
            }
        };
        let expected = Text::new("elk antwoord", "any answer");
        vec![Issue::information(code, "query", expected, seen).at(exchange.number)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;

    #[test]
    fn either_is_told() {
        let probe = || Recording::new().probe("token-in-query").token(&[]);
        expect(&RULE, probe().json(200, r#"{"access_token": "a"}"#), &["query-accepted"]);
        expect(&RULE, probe().json(405, r#"{"error": "invalid_request"}"#), &["query-refused"]);
        expect(&RULE, Recording::new().token(&[]).json(200, r#"{"access_token": "a"}"#), &["not seen"]);
    }

    #[test]
    fn a_client_posts_a_form() {
        assert_eq!(client_issues(&RULE, Recording::new().token(&[("code", "c")])), Vec::<String>::new());
        let to = |url| client_issues(&RULE, Recording::new().token(&[("code", "c")]).to(url));
        assert_eq!(to("https://token.example/token?omgeving=1"), Vec::<String>::new());
        assert_eq!(to("https://token.example/token?code=c&client_id=x"), ["parameters-in-query"]);
        assert_eq!(client_issues(&RULE, Recording::new().token(&[]).method("GET")), ["token-method"]);
    }
}
