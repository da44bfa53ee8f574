//! TLS-26: the Whitelist check comes first, and looks at Common Name and Subject Alternative Names.

use crate::candidate::Standing;
use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Certificate;
use crate::exchange::Exchange;
use crate::exchange::FailureKind;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::Trace;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::rules::tls::whitelist;

declare_rule! {
    /// The Whitelist check is done before anything else, and passes when the Common Name or a Subject Alternative Name is listed.
    ///
    /// ## How it is tested
    /// A token request with a valid code, of a host that is not on the Whitelist, that gave no token; then our own with the same
    /// code: `invalid_grant` is a breach, for the first request used the code up. Token requests with a certificate that has our
    /// host as Common Name alone, or as a Subject Alternative Name alone: when our usual certificate gives tokens, a refusal that
    /// is no OAuth error about the code is a breach.
    /// ## Not covered
    /// The resource interface, and that the check fails when neither name is listed (TLS-14). A second request that is refused in
    /// another way than `invalid_grant` proves nothing.
    /// ## Source
    /// Afsprakenstelsel, core.whl.307.
    pub static RULE = {
        id: "TLS-26",
        summary: "the Whitelist check comes first and reads both names",
        dva: check,
    }
}

const PROBES: &[&str] = &["unlisted-host-token"];

const NAME_PROBES: &[&str] = &["whitelist-common-name", "whitelist-alternative-name"];

fn check(_: &Context, run: &Run) -> Judgement {
    let codes = PROBES.iter().flat_map(|name| run.probe_traces(name)).filter_map(second);
    let works = oauth::regular_tokens(run).any(|exchange| oauth::token(exchange).is_some());
    let names = run.exchanges().filter(|exchange| {
        let probed = exchange.probe.as_deref().is_some_and(|probe| NAME_PROBES.contains(&probe));
        // Nobody there, or a broken handshake, is no answer to a name.
        let failed = exchange.failure.as_ref().map(|failure| failure.kind);
        let told = failed.is_none_or(|kind| matches!(kind, FailureKind::TlsAlert | FailureKind::Closed));
        works && probed && exchange.interface == Interface::Token && told && whitelist::is_reaction(exchange)
    });
    let occasions: Vec<&Exchange> = codes.chain(names).collect();
    Judgement::each(occasions, whitelist::no_reaction(Standing::Unlisted), |exchange| {
        issue(exchange).into_iter().map(|issue| issue.at(exchange.number)).collect()
    })
}

/// Our own request with the code that a host on no list presented first in vain, when its answer tells anything.
fn second(trace: &Trace) -> Option<&Exchange> {
    let requests = oauth::redemptions(trace);
    let [first, second] = requests.as_slice() else { return None };
    let in_order = first.certificate != Certificate::Own && second.certificate == Certificate::Own;
    let refused = whitelist::is_reaction(first) && oauth::token(first).is_none();
    let tells = oauth::token(second).is_some() || oauth::error(second).as_deref() == Some("invalid_grant");
    (in_order && refused && tells).then_some(*second)
}

fn issue(exchange: &Exchange) -> Option<Issue> {
    if oauth::token(exchange).is_some() {
        return None;
    }
    let expected = Text::new("een access token", "an access token");
    if exchange.certificate == Certificate::Own {
        let seen = Text::new(
            "`invalid_grant`: het verzoek van een host die niet op de Whitelist staat heeft de code verbruikt",
            "`invalid_grant`: the request of a host that is not on the Whitelist used up the code",
        );
        return Some(Issue::error("code-spent-by-unlisted", "code", expected, seen));
    }
    // What is about the code, or the server's own trouble, came after the check.
    let server_trouble = exchange.status().is_some_and(|status| status >= 500);
    if server_trouble || oauth::error(exchange).is_some_and(|error| error != "invalid_client") {
        return None;
    }
    let (code, seen) = match exchange.probe.as_deref() {
        Some("whitelist-common-name") => (
            "common-name-not-read",
            Text::new("geweigerd met onze host als Common Name", "refused with our host as Common Name"),
        ),
        _ => (
            "alternative-name-not-read",
            Text::new(
                "geweigerd met onze host als Subject Alternative Name",
                "refused with our host as Subject Alternative Name",
            ),
        ),
    };
    Some(Issue::error(code, "TLS", expected, seen))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;

    const TOKEN: &str = r#"{"access_token": "t"}"#;
    const SPENT: &str = r#"{"error": "invalid_grant"}"#;

    fn first() -> Recording {
        Recording::new().probe("unlisted-host-token").token(&[("code", "REDACTED.code.1")]).showing("unlisted")
    }

    fn then(recording: Recording) -> Recording {
        recording.token(&[("code", "REDACTED.code.1")])
    }

    #[test]
    fn a_code_that_still_works_passes() {
        for kind in [FailureKind::TlsAlert, FailureKind::Closed] {
            expect(&RULE, then(first().fails(kind)).json(200, TOKEN), &[]);
        }
        expect(&RULE, then(first().page(403, "")).json(200, TOKEN), &[]);
    }

    #[test]
    fn a_spent_code_is_found() {
        expect(&RULE, then(first().page(403, "")).json(400, SPENT), &["code-spent-by-unlisted"]);
    }

    #[test]
    fn what_proves_nothing_is_not_seen() {
        expect(&RULE, then(first().json(200, TOKEN)).json(400, SPENT), &["not seen"]);
        expect(&RULE, then(first().page(403, "")).page(503, ""), &["not seen"]);
        expect(&RULE, then(first().fails(FailureKind::Timeout)).json(400, SPENT), &["not seen"]);
    }

    fn named(probe: &str) -> Recording {
        let usual = Recording::new().token(&[]).json(200, TOKEN).scenario("flow/2");
        usual.probe(probe).token(&[]).showing("common-name")
    }

    #[test]
    fn either_name_will_do() {
        expect(&RULE, named("whitelist-common-name").json(200, TOKEN), &[]);
        expect(&RULE, named("whitelist-common-name").page(403, ""), &["common-name-not-read"]);
        expect(&RULE, named("whitelist-alternative-name").fails(FailureKind::Closed), &["alternative-name-not-read"]);
        expect(&RULE, named("whitelist-common-name").fails(FailureKind::Refused), &["not seen"]);
        // The check was passed: this is about something else.
        expect(&RULE, named("whitelist-common-name").json(400, SPENT), &[]);
        // Where nobody gets a token, a refusal says nothing about names.
        let alone = Recording::new().probe("whitelist-common-name").token(&[]).showing("common-name").page(403, "");
        expect(&RULE, alone, &["not seen"]);
    }
}
