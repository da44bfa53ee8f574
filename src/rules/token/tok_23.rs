//! TOK-23: the client shows its certificate at the token endpoint.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::oauth;

declare_rule! {
    /// The Authorization Server gives no token to a client that shows no certificate.
    ///
    /// ## How it is tested
    /// A right token request with a fresh code over a connection without client certificate. A TLS alert, a closed connection
    /// (core.whl.309) and a 4xx answer pass; a token is a breach, another answer a warning.
    /// Of a DVP: each token request that arrives comes over a connection with a client certificate, and has neither a secret
    /// (`client_secret`) nor Basic authentication.
    /// ## Not covered
    /// Certificates of others, and whether the certificate names the client: it need not (core.whl.307). The resource endpoint
    /// (TLS-13).
    /// ## Source
    /// Afsprakenstelsel 2.x, Token interface; RFC 8705, section 2.
    pub static RULE = {
        id: "TOK-23",
        summary: "no token without client certificate",
        dva: of_server,
        dvp: of_client,
    }
}

const PROBES: &[&str] = &["token-no-certificate"];

fn of_client(_: &Context, run: &Run) -> Judgement {
    Judgement::each(
        client::requests(run, Interface::Token),
        client::nothing("tokenverzoek", "token request"),
        |exchange| {
            let mut issues: Vec<Issue> = client::without_certificate(run, exchange).into_iter().collect();
            let expected = || Text::new("alleen het clientcertificaat", "the client certificate only");
            if !client::values(&client::parameters(exchange), "client_secret").is_empty() {
                let seen = Text::new("een client_secret", "a client_secret");
                issues.push(Issue::error("client-secret", "client_secret", expected(), seen).at(exchange.number));
            }
            let scheme = exchange.request.header("authorization").and_then(|value| value.split(' ').next());
            if scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic")) {
                let seen = Text::same("Authorization: Basic");
                issues
                    .push(Issue::error("basic-authentication", "Authorization", expected(), seen).at(exchange.number));
            }
            issues
        },
    )
}

fn of_server(_: &Context, run: &Run) -> Judgement {
    let sent = PROBES.iter().flat_map(|name| run.probe(name)).filter(|exchange| {
        let turned_away = exchange.failure.as_ref().is_some_and(|failure| failure.kind.is_refusal());
        exchange.interface == Interface::Token && (exchange.status().is_some() || turned_away)
    });
    Judgement::each(sent, oauth::not_probed(PROBES), |exchange| {
        let expected = Text::new(
            "een TLS-alert, een gesloten verbinding of een antwoord 4xx",
            "a TLS alert, a closed connection or a 4xx answer",
        );
        if oauth::token(exchange).is_some() {
            let seen = Text::new("een token zonder clientcertificaat", "a token without client certificate");
            return vec![Issue::error("token-without-certificate", "TLS", expected, seen).at(exchange.number)];
        }
        match exchange.status() {
            Some(status) if !(400..500).contains(&status) => {
                vec![
                    Issue::warning("no-clear-refusal", "status", expected, oauth::answer(exchange)).at(exchange.number),
                ]
            }
            _ => Vec::new(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::FailureKind;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn probe() -> Recording {
        Recording::new().probe("token-no-certificate").token(&[("code", "REDACTED.code.1")])
    }

    #[test]
    fn every_refusal_passes() {
        for kind in [FailureKind::TlsAlert, FailureKind::Closed, FailureKind::Tls] {
            expect(&RULE, probe().fails(kind), &[]);
        }
        expect(&RULE, probe().page(403, ""), &[]);
        expect(&RULE, probe().json(401, r#"{"error": "invalid_client"}"#), &[]);
    }

    #[test]
    fn silence_shows_nothing() {
        expect(&RULE, probe().fails(FailureKind::Timeout), &["not seen"]);
    }

    #[test]
    fn a_token_is_found_and_another_answer_is_a_warning() {
        assert_eq!(
            issues(&RULE, probe().json(200, r#"{"access_token": "REDACTED.access-token.1"}"#)),
            ["error token-without-certificate #1 TLS: a TLS alert, a closed connection or a 4xx answer / \
              a token without client certificate"]
        );
        let found = issues(&RULE, probe().page(500, ""));
        assert!(found[0].starts_with("warning no-clear-refusal"), "{found:?}");
    }

    #[test]
    fn a_client_shows_its_certificate_and_no_secret() {
        let token = || Recording::new().token(&[("code", "c")]);
        assert_eq!(client_issues(&RULE, token()), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, token().sending("Accept", "application/json")), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, token().sending("Authorization", "Basic eA==")), ["basic-authentication"]);
        let secret = Recording::new().token(&[("client_secret", "x")]);
        assert_eq!(client_issues(&RULE, secret), ["client-secret"]);
        assert_eq!(client_issues(&RULE, token().bare().met("token.example")), ["no-certificate"]);
        // A recording of another party does not tell what was shown.
        assert_eq!(client_issues(&RULE, token().bare()), Vec::<String>::new());
    }
}
