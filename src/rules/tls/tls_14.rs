//! TLS-14: a host that is not on the Whitelist gets nothing, and one that is gets through.

use crate::candidate::Standing;
use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::FailureKind;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::lists::List;
use crate::lists::schema::Kind;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::lists::bare;
use crate::rules::lists::fetched;
use crate::rules::oauth;
use crate::rules::passage;
use crate::rules::passage::Passage;
use crate::rules::tls::whitelist;
use crate::text;

declare_rule! {
    /// The back channel lets requests pass of hosts on the newest Whitelist, and of no other.
    ///
    /// ## How it is tested
    /// A right token request with a fresh code, and a right resource request with a valid access token, with a sound certificate
    /// for a host that is not on the Whitelist. A token or a FHIR resource is a breach. Every refusal passes: a TLS alert, a closed
    /// connection, an answer of any status with neither. Where the candidate fetches its lists from us, 17 minutes after a Whitelist
    /// without our host a token is a breach; after one with a host that was not on it before, or with ours again, a request of that
    /// host that is turned away without an OAuth error, when others got through before. The list counts when the candidate fetched it
    /// a minute before or longer.
    /// Of a DVP: 17 minutes after our stelselnode began to serve a Whitelist without the provider a person collects. A token
    /// or resource request at a host that is not on the list which the DVP fetched is a breach.
    /// ## Not covered
    /// Whether the code is used up (TLS-26), and what the refusal says (TLS-28).
    /// ## Source
    /// Afsprakenstelsel, core.whl.306.
    pub static RULE = {
        id: "TLS-14",
        summary: "nothing for a host that is not on the newest Whitelist",
        dva: of_server,
        dvp: of_client,
    }
}

const PROBES: &[&str] = &["unlisted-host-token", "unlisted-host-data"];

/// Probes under a Whitelist that changed, where the candidate fetches it from us.
const LIST_PROBES: &[&str] = &["host-removed", "host-added", "whitelist-back"];

/// What the world does to a DVP.
const CLIENT_PROBES: &[&str] = &["whitelist-bare"];

fn of_client(context: &Context, run: &Run) -> Judgement {
    let traces = CLIENT_PROBES.iter().flat_map(|probe| bare::occasions(context, run, probe));
    Judgement::each(traces, bare::none(), |trace| {
        let sent = trace.exchanges.iter().filter(|e| matches!(e.interface, Interface::Token | Interface::Resource));
        let unlisted = sent.filter(|exchange| bare::lacks(run, exchange.started, &bare::host(exchange)));
        let issue = |exchange: &Exchange| {
            let host = bare::host(exchange);
            let expected = Text::new("geen verzoek", "no request");
            let seen = text!(
                "een verzoek aan `{host}`, die niet op de Whitelist staat",
                "a request at `{host}`, which is not on the Whitelist"
            );
            Issue::error("request-to-unlisted-host", "TLS", expected, seen).at(exchange.number)
        };
        unlisted.map(issue).collect()
    })
}

fn of_server(context: &Context, run: &Run) -> Judgement {
    let passages = LIST_PROBES.iter().flat_map(|probe| Passage::all(context, run, probe));
    let changed: Vec<Option<Issue>> = passages.filter_map(|passage| follows(context, run, &passage)).collect();
    let changes = u32::try_from(changed.len()).unwrap_or(u32::MAX);
    match (unlisted(run), changes) {
        (not_seen @ Judgement::NotSeen(_), 0) => not_seen,
        (Judgement::NotSeen(_), _) => {
            Judgement::Seen { occasions: changes, issues: changed.into_iter().flatten().collect() }
        }
        (Judgement::Seen { occasions, mut issues }, _) => {
            issues.extend(changed.into_iter().flatten());
            Judgement::Seen { occasions: occasions.saturating_add(changes), issues }
        }
    }
}

/// Whether a token request goes as the newest Whitelist says; `None` when it does not show that.
fn follows(context: &Context, run: &Run, passage: &Passage) -> Option<Option<Issue>> {
    let token = passage.token?;
    let List::Whitelist(list) = fetched::newest(run, Kind::Whitelist, token.started)? else { return None };
    let has = |host: &String| list.hostnames.contains(host);
    let us = &context.candidate.client.client_id;
    let got_in = oauth::token(token).is_some();
    if passage.flow.probe() == Some("host-removed") {
        if has(us) || !got_in && !whitelist::is_reaction(token) {
            return None;
        }
        let expected = Text::new("een weigering", "a refusal");
        let seen = Text::new(
            "een token voor een host die niet meer op de Whitelist staat",
            "a token for a host that is no longer on the Whitelist",
        );
        let issue = Issue::error("removed-host-let-in", "TLS", expected, seen).at(token.number);
        return Some(got_in.then_some(issue));
    }
    let is_on = match passage.flow.probe() {
        Some(whitelist::ADDED) => is_wider(run, token, &list.hostnames),
        _ => has(us),
    };
    if got_in && is_on {
        return Some(None);
    }
    // An OAuth error comes after the check, and is about something else.
    let is_bare = whitelist::is_reaction(token)
        && !matches!(&token.failure, Some(failure) if failure.kind == FailureKind::Refused)
        && oauth::error(token).is_none()
        && token.status().is_none_or(|status| status < 500);
    if !is_on || !is_bare || !passage::works_before(context, run, passage.started()) {
        return None;
    }
    let expected = Text::new(
        "een host die op de nieuwste Whitelist staat komt binnen",
        "a host that is on the newest Whitelist gets in",
    );
    Some(Some(Issue::error("listed-host-refused", "TLS", expected, oauth::answer(token)).at(token.number)))
}

/// Whether a list has a host that the first that was fetched did not have.
fn is_wider(run: &Run, token: &Exchange, hostnames: &[String]) -> bool {
    match fetched::before(run, Kind::Whitelist, token.started).flatten().next() {
        Some(List::Whitelist(first)) => hostnames.iter().any(|host| !first.hostnames.contains(host)),
        _ => false,
    }
}

fn unlisted(run: &Run) -> Judgement {
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
    use crate::lists;
    use crate::lists::model::Edition;
    use crate::lists::model::Shape;
    use crate::lists::model::Whitelist;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
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

    fn list(hosts: &[&str]) -> String {
        let edition = Edition { tijdstempel: "2026-01-05T08:30:00Z".to_owned(), volgnummer: 1 };
        let hostnames = hosts.iter().map(|host| (*host).to_owned()).collect();
        lists::write(&List::Whitelist(Whitelist { edition, shape: Shape::Nested, hostnames }))
    }

    /// Flows work, then this list is fetched, and a token is asked a while later.
    fn under(hosts: &[&str], probe: &str) -> Recording {
        let fetch = |all: Recording, hosts: &[&str]| all.fetch(Kind::Whitelist, "dva.example", &list(hosts));
        let before = fetch(Recording::new().watched(0, 40, &[]), &["pgo.example"]).minute(1).passes();
        let after = fetch(before.scenario("flow/2").minute(10), hosts).probe(probe).minute(18);
        after.authorize(&[]).redirect("?code=c&state=s1").token(&[])
    }

    #[test]
    fn a_dvp_asks_nothing_of_an_unlisted_host() {
        let flow = |hosts: &[&str]| {
            let watched = Recording::new().watched(0, 40, &[]).minute(2);
            let fetched = watched.fetch(Kind::Whitelist, "pgo.example", &list(hosts)).probe("whitelist-bare");
            fetched.minute(18).client("https://pgo.example/start")
        };
        assert_eq!(client_issues(&RULE, flow(&["pgo.example"])), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, flow(&["pgo.example"]).token(&[])), ["request-to-unlisted-host"]);
        assert_eq!(client_issues(&RULE, flow(&["token.example"]).token(&[])), ["not seen"]);
    }

    #[test]
    fn the_newest_whitelist_is_followed() {
        let token = r#"{"access_token": "t"}"#;
        let removed = || under(&["pgo2.example"], "host-removed");
        expect(&RULE, removed().fails(FailureKind::Closed), &[]);
        expect(&RULE, removed().json(200, token), &["removed-host-let-in"]);
        expect(&RULE, under(&["pgo.example"], "host-removed").json(200, token), &["not seen"]);
        for (hosts, probe) in
            [(["pgo.example", "nieuw.example"], "host-added"), (["pgo.example", "x.example"], "whitelist-back")]
        {
            expect(&RULE, under(&hosts, probe).json(200, token), &[]);
            expect(&RULE, under(&hosts, probe).fails(FailureKind::Closed), &["listed-host-refused"]);
            expect(&RULE, under(&hosts, probe).page(403, ""), &["listed-host-refused"]);
            expect(&RULE, under(&hosts, probe).json(400, r#"{"error": "invalid_grant"}"#), &["not seen"]);
            expect(&RULE, under(&hosts, probe).fails(FailureKind::Timeout), &["not seen"]);
        }
    }
}
