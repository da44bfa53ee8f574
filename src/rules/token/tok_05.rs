//! TOK-05: the client of the token request is the one of the authorization request.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::oauth;

declare_rule! {
    /// A token request needs the `client_id` of the client that made the authorization request.
    ///
    /// ## How it is tested
    /// Token requests with a fresh code, our own certificate, and no `client_id` or that of another host; with the certificate
    /// and the `client_id` of another DVP, when the candidate file has one. A token is a breach. Without `client_id` any OAuth
    /// error passes; for another host `invalid_grant` or `invalid_client`, another OAuth error is a
    /// warning.
    /// Of a DVP: the value in each token request that arrives is the host name that our OAuth Client List has for it, in any case.
    /// ## Not covered
    /// Status and form of the error, and values that no standard knows (TOK-21).
    /// ## Source
    /// Afsprakenstelsel 2.x, Token interface, core.tknint.200; RFC 8705, section 2; RFC 6749, section 5.2.
    pub static RULE = {
        id: "TOK-05",
        summary: "no token for another client, or for none",
        dva: of_server,
        dvp: of_client,
    }
}

const PROBES: &[&str] = &["token-client-id-missing", "token-client-id-other", "token-client-registered"];

fn of_client(context: &Context, run: &Run) -> Judgement {
    client::each_client_id(context, run, Interface::Token)
}

fn of_server(_: &Context, run: &Run) -> Judgement {
    let answers = oauth::probes(run, Interface::Token, PROBES);
    Judgement::each(answers, oauth::not_probed(PROBES), |exchange| issue(exchange).into_iter().collect())
}

fn issue(exchange: &Exchange) -> Option<Issue> {
    let missing = exchange.probe.as_deref() == Some("token-client-id-missing");
    if oauth::token(exchange).is_some() {
        let seen = if missing {
            Text::new("een token zonder client_id", "a token without client_id")
        } else {
            Text::new("een token voor een andere client", "a token for another client")
        };
        let expected = Text::new("een OAuth-fout, geen token", "an OAuth error, no token");
        return Some(Issue::error("client-id-not-checked", "client_id", expected, seen).at(exchange.number));
    }
    let error = oauth::error(exchange)?;
    let fits = missing || matches!(error.as_str(), "invalid_grant" | "invalid_client");
    if fits || !oauth::TOKEN_ERRORS.contains(&error.as_str()) {
        return None;
    }
    let expected = Text::new("invalid_grant of invalid_client", "invalid_grant or invalid_client");
    let seen = Text::same(format!("`{error}`"));
    Some(Issue::warning("client-id-error-value", "error", expected, seen).at(exchange.number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn probe(name: &str) -> Recording {
        Recording::new().probe(name).token(&[("grant_type", "authorization_code"), ("code", "REDACTED.code.1")])
    }

    #[test]
    fn every_listed_reaction_passes() {
        expect(&RULE, probe("token-client-id-missing").json(400, r#"{"error": "invalid_request"}"#), &[]);
        expect(&RULE, probe("token-client-id-other").json(400, r#"{"error": "invalid_grant"}"#), &[]);
        expect(&RULE, probe("token-client-id-other").json(401, r#"{"error": "invalid_client"}"#), &[]);
        expect(&RULE, probe("token-client-registered").json(400, r#"{"error": "invalid_grant"}"#), &[]);
    }

    #[test]
    fn a_token_is_found_and_another_error_is_a_warning() {
        let token = r#"{"access_token": "REDACTED.access-token.1"}"#;
        assert_eq!(
            issues(&RULE, probe("token-client-id-other").json(200, token)),
            ["error client-id-not-checked #1 client_id: an OAuth error, no token / a token for another client"]
        );
        expect(&RULE, probe("token-client-id-missing").json(200, token), &["client-id-not-checked"]);
        expect(&RULE, probe("token-client-registered").json(200, token), &["client-id-not-checked"]);
        let found = issues(&RULE, probe("token-client-id-other").json(400, r#"{"error": "invalid_request"}"#));
        assert!(found[0].starts_with("warning client-id-error-value"), "{found:?}");
    }

    #[test]
    fn a_client_names_itself_as_the_list_does() {
        let asked = |id| client_issues(&RULE, Recording::new().token(&[("client_id", id)]));
        assert_eq!(asked("pgo.example"), Vec::<String>::new());
        assert_eq!(asked("pgo-achter.example"), ["other-client-id"]);
        assert_eq!(client_issues(&RULE, Recording::new().token(&[])), ["not seen"]);
    }
}
