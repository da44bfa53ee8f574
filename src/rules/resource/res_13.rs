//! RES-13: whether an access token works for another client.

use crate::candidate::Standing;
use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::tls::whitelist;

declare_rule! {
    /// Whether an access token is bound to the client that it was issued to. It need not be: this is recorded, never a breach.
    ///
    /// ## How it is tested
    /// A right resource request with our access token and the certificate of another DVP on the Whitelist. That data come is
    /// recorded.
    /// ## Not covered
    /// Refresh tokens (CON-11) and codes (TOK-05). Why the request is refused, when it is.
    /// ## Source
    /// RFC 8705, section 3.
    pub static RULE = {
        id: "RES-13",
        summary: "an access token works for its own client",
        dva: check,
    }
}

const PROBES: &[&str] = &["resource-other-client"];

fn check(_: &Context, run: &Run) -> Judgement {
    let told = |exchange: &&Exchange| exchange.interface == Interface::Resource && whitelist::is_reaction(exchange);
    let reactions = PROBES.iter().flat_map(|name| run.probe(name)).filter(told);
    Judgement::each(reactions, whitelist::no_reaction(Standing::Listed), |exchange| {
        if !whitelist::gives_data(exchange) {
            return Vec::new();
        }
        let expected = Text::new("een token dat aan de client is gebonden", "a token that is bound to the client");
        let seen = Text::new(
            "gegevens met het certificaat van een andere client",
            "data with the certificate of another client",
        );
        vec![Issue::information("token-not-bound", "Authorization", expected, seen).at(exchange.number)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::FailureKind;
    use crate::rules::testing::Recording;
    use crate::rules::testing::issues;

    fn probe() -> Recording {
        Recording::new().probe("resource-other-client").get("Patient").showing("listed")
    }

    #[test]
    fn data_is_recorded_and_a_refusal_passes() {
        let found = issues(&RULE, probe().json(200, r#"{"resourceType": "Bundle"}"#));
        assert!(found.len() == 1 && found[0].starts_with("information token-not-bound"), "{found:?}");
        assert!(issues(&RULE, probe().json(401, "{}")).is_empty());
        assert!(issues(&RULE, probe().fails(FailureKind::Closed)).is_empty());
        assert_eq!(issues(&RULE, probe().fails(FailureKind::Timeout)), ["not seen"]);
    }
}
