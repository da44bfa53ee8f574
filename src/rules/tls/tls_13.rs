//! TLS-13: both sides of the back channel show a certificate.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::CertificateFacts;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::oauth;
use crate::rules::tls::offer;
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
    /// Of a DVP: each resource request that arrives comes over a connection with a client certificate, and none that it shows on the
    /// back channel has expired.
    /// ## Not covered
    /// The token endpoint (TOK-23); client certificates that were revoked.
    /// ## Source
    /// Afsprakenstelsel, Netwerk (mutual TLS on the back channel).
    pub static RULE = {
        id: "TLS-13",
        summary: "no data without sound client certificate",
        dva: of_server,
        dvp: of_client,
    }
}

const PROBES: &[&str] =
    &["resource-no-certificate", "resource-self-signed", "resource-expired-certificate", "resource-wrong-usage"];

fn of_client(_: &Context, run: &Run) -> Judgement {
    let requests = client::requests(run, Interface::Resource);
    let judged = Judgement::each(requests, client::nothing("resourceverzoek", "resource request"), |exchange| {
        client::without_certificate(run, exchange).into_iter().collect()
    });
    let expired = offer::judge(run, |connection| {
        let is_late = |leaf: &&CertificateFacts| leaf.not_after < connection.started.as_second();
        let late = connection.chain.first().filter(is_late);
        let expected = Text::new("een certificaat dat geldig is", "a certificate that is valid");
        let seen = Text::new("een verlopen certificaat", "an expired certificate");
        let issue = |_| Issue::error("expired-certificate", offer::place(connection, "certificate"), expected, seen);
        late.map(issue).into_iter().collect()
    });
    match (judged, expired) {
        (Judgement::Seen { occasions, mut issues }, Judgement::Seen { issues: more, .. }) => {
            issues.extend(more);
            Judgement::Seen { occasions, issues }
        }
        (judged, _) => judged,
    }
}

fn of_server(_: &Context, run: &Run) -> Judgement {
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
    use crate::rules::testing::client_issues_in;
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

    #[test]
    fn a_client_shows_a_certificate_that_is_valid() {
        let get = || Recording::new().get("Condition").met("fhir.example");
        let judged = |recording: Recording, not_after: i64| {
            let mut run = recording.run();
            let connection = run.connections.last_mut().unwrap();
            connection.hello.versions = vec!["TLSv1.3".into()];
            connection.chain = vec![CertificateFacts { not_after, ..CertificateFacts::default() }];
            client_issues_in(&RULE, &run)
        };
        assert_eq!(judged(get(), 10), Vec::<String>::new());
        assert_eq!(judged(get(), -10), ["expired-certificate"]);
        assert_eq!(judged(get().bare(), 10), ["no-certificate"]);
        assert_eq!(client_issues_in(&RULE, &Recording::new().run()), ["not seen"]);
    }
}
