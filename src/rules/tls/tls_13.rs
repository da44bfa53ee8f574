//! TLS-13: both sides of the back channel show a certificate.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::requirement::Role;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::rules::tls::whitelist;
use crate::text;

declare_rule! {
    /// The Resource Server gives no data to a client that shows no sound certificate.
    ///
    /// ## How it is tested
    /// A right resource request with a valid access token over a connection without client certificate. A TLS alert, a closed
    /// connection (core.whl.309) and any answer without data pass; a 2xx answer is a breach. The same with a certificate for our
    /// host that is signed by itself and, when the candidate file has them, with one that expired and one that is not for use as
    /// client: a FHIR resource is a breach, for the last a warning.
    /// ## Not covered
    /// The token endpoint (TOK-23); client certificates that were revoked.
    /// ## Source
    /// Afsprakenstelsel, Netwerk (mutual TLS on the back channel).
    pub static RULE = {
        id: "TLS-13",
        summary: "no data without sound client certificate",
        roles: &[Role::Dva],
        check: check,
    }
}

const PROBES: &[&str] =
    &["resource-no-certificate", "resource-self-signed", "resource-expired-certificate", "resource-wrong-usage"];

fn check(_: &Context, run: &Run) -> Judgement {
    let sent = PROBES.iter().flat_map(|name| run.probe(name)).filter(|exchange| {
        let turned_away = exchange.failure.as_ref().is_some_and(|failure| failure.kind.is_refusal());
        exchange.interface == Interface::Resource && (exchange.status().is_some() || turned_away)
    });
    Judgement::each(sent, oauth::not_probed(PROBES), |exchange| {
        let Some(status) = exchange.status().filter(|status| (200..300).contains(status)) else { return Vec::new() };
        let probe = exchange.probe.as_deref().unwrap_or_default();
        if probe != "resource-no-certificate" {
            return unsound(probe, exchange).into_iter().map(|issue| issue.at(exchange.number)).collect();
        }
        let expected = Text::new(
            "een TLS-alert, een gesloten verbinding of een weigering",
            "a TLS alert, a closed connection or a refusal",
        );
        let seen = text!(
            "een antwoord met status {status}, zonder clientcertificaat",
            "an answer with status {status}, without client certificate"
        );
        vec![Issue::error("data-without-certificate", "TLS", expected, seen).at(exchange.number)]
    })
}

fn unsound(probe: &str, exchange: &Exchange) -> Option<Issue> {
    if !whitelist::gives_data(exchange) {
        return None;
    }
    let expected = Text::new("een weigering", "a refusal");
    Some(match probe {
        "resource-self-signed" => {
            let seen = Text::new(
                "gegevens met een certificaat dat zichzelf ondertekent",
                "data with a certificate that is signed by itself",
            );
            Issue::error("data-with-self-signed-certificate", "TLS", expected, seen)
        }
        "resource-expired-certificate" => {
            let seen = Text::new("gegevens met een verlopen certificaat", "data with an expired certificate");
            Issue::error("data-with-expired-certificate", "TLS", expected, seen)
        }
        _ => {
            let seen = Text::new(
                "gegevens met een certificaat dat niet voor clients is",
                "data with a certificate that is not for clients",
            );
            Issue::warning("data-with-certificate-of-other-usage", "TLS", expected, seen)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::FailureKind;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn probe() -> Recording {
        Recording::new().probe("resource-no-certificate").get("Patient")
    }

    #[test]
    fn every_refusal_passes() {
        for kind in [FailureKind::TlsAlert, FailureKind::Closed, FailureKind::Refused] {
            expect(&RULE, probe().fails(kind), &[]);
        }
        expect(&RULE, probe().page(400, "No required SSL certificate was sent"), &[]);
    }

    #[test]
    fn silence_shows_nothing() {
        expect(&RULE, probe().fails(FailureKind::Timeout), &["not seen"]);
    }

    #[test]
    fn data_is_found() {
        assert_eq!(
            issues(&RULE, probe().json(200, "{}")),
            ["error data-without-certificate #1 TLS: a TLS alert, a closed connection or a refusal / \
              an answer with status 200, without client certificate"]
        );
    }

    #[test]
    fn data_with_an_unsound_certificate_is_found() {
        let bundle = r#"{"resourceType": "Bundle"}"#;
        let probe = |name: &str| Recording::new().probe(name).get("Patient").showing("other");
        let found = |name: &str| issues(&RULE, probe(name).json(200, bundle)).join("");
        assert!(found("resource-self-signed").starts_with("error data-with-self-signed-certificate"));
        assert!(found("resource-expired-certificate").starts_with("error data-with-expired-certificate"));
        assert!(found("resource-wrong-usage").starts_with("warning data-with-certificate-of-other-usage"));
        for name in ["resource-self-signed", "resource-expired-certificate", "resource-wrong-usage"] {
            expect(&RULE, probe(name).fails(FailureKind::TlsAlert), &[]);
            expect(&RULE, probe(name).page(200, "<html>geweigerd</html>"), &[]);
        }
    }
}
