//! TLS-14: a host that is not on the Whitelist gets nothing.

use crate::candidate::Standing;
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

declare_rule! {
    /// The back channel lets no request pass of a host that is not on the Whitelist.
    ///
    /// ## How it is tested
    /// A right token request with a fresh code, and a right resource request with a valid access token, with a sound certificate
    /// for a host that is not on the Whitelist. A token or a FHIR resource is a breach. Every refusal passes: a TLS alert, a closed
    /// connection, an answer of any status with neither.
    /// ## Not covered
    /// A host that comes on the list: that it may come within 15 minutes. Whether the code is used up (TLS-26), and what the
    /// refusal says (TLS-28).
    /// ## Source
    /// Afsprakenstelsel, core.whl.306.
    pub static RULE = {
        id: "TLS-14",
        summary: "nothing for a host that is not on the Whitelist",
        roles: &[Role::Dva],
        check: check,
    }
}

const PROBES: &[&str] = &["unlisted-host-token", "unlisted-host-data"];

fn check(_: &Context, run: &Run) -> Judgement {
    let probed = |exchange: &&Exchange| exchange.probe.as_deref().is_some_and(|probe| PROBES.contains(&probe));
    let reactions = whitelist::by_unlisted(run).filter(probed);
    Judgement::each(reactions, whitelist::no_reaction(Standing::Unlisted), |exchange| {
        let expected = Text::new("een weigering", "a refusal");
        let issue = match exchange.interface {
            Interface::Token if oauth::token(exchange).is_some() => {
                let seen = Text::new(
                    "een token voor een host die niet op de Whitelist staat",
                    "a token for a host that is not on the Whitelist",
                );
                Issue::error("token-for-unlisted-host", "TLS", expected, seen)
            }
            Interface::Resource if whitelist::gives_data(exchange) => {
                let seen = Text::new(
                    "gegevens voor een host die niet op de Whitelist staat",
                    "data for a host that is not on the Whitelist",
                );
                Issue::error("data-for-unlisted-host", "TLS", expected, seen)
            }
            _ => return Vec::new(),
        };
        vec![issue.at(exchange.number)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::FailureKind;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;

    fn token() -> Recording {
        Recording::new().probe("unlisted-host-token").token(&[("code", "REDACTED.code.1")]).showing("unlisted")
    }

    fn data() -> Recording {
        Recording::new().probe("unlisted-host-data").get("Patient").showing("unlisted")
    }

    #[test]
    fn every_refusal_passes() {
        for kind in [FailureKind::TlsAlert, FailureKind::Closed, FailureKind::Refused, FailureKind::Tls] {
            expect(&RULE, token().fails(kind), &[]);
            expect(&RULE, data().fails(kind), &[]);
        }
        expect(&RULE, token().json(401, r#"{"error": "invalid_client"}"#), &[]);
        expect(&RULE, data().page(403, ""), &[]);
        expect(&RULE, data().page(200, "<html><body>Geweigerd</body></html>"), &[]);
        expect(&RULE, data().json(200, r#"{"resourceType": "OperationOutcome"}"#), &[]);
    }

    #[test]
    fn what_tells_nothing_shows_nothing() {
        for kind in [FailureKind::Timeout, FailureKind::Unresolved, FailureKind::Ours] {
            expect(&RULE, token().fails(kind), &["not seen"]);
        }
        expect(&RULE, data().page(429, ""), &["not seen"]);
        // Our own request in the same scenario is none of its business.
        let own = Recording::new().probe("unlisted-host-token").token(&[]).json(200, r#"{"access_token": "t"}"#);
        expect(&RULE, own, &["not seen"]);
    }

    #[test]
    fn a_token_and_data_are_found() {
        expect(&RULE, token().json(200, r#"{"access_token": "t"}"#), &["token-for-unlisted-host"]);
        expect(&RULE, data().json(200, r#"{"resourceType": "Bundle"}"#), &["data-for-unlisted-host"]);
        let xml = r#"<Bundle xmlns="http://hl7.org/fhir"/>"#;
        expect(&RULE, data().answer(200, "application/fhir+xml", xml), &["data-for-unlisted-host"]);
    }
}
