//! TLS-18: the certificate of a server is for its name and within its time.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Connection;
use crate::exchange::Exchange;
use crate::exchange::Handshake;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::TlsScan;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::tls::broken_off;
use crate::rules::tls::scan;
use crate::text;

declare_rule! {
    /// The certificate that a server shows names its host in the Subject Alternative Name, is valid at this moment, and is for
    /// servers.
    ///
    /// ## How it is tested
    /// The leaf of the chain that each endpoint shows: its names against the host of the candidate file (a wildcard stands
    /// for one label, RFC 6125, section 6.4.3), its validity against the clock. Another name or another time is a breach; so are
    /// purposes (extended key usage) without `serverAuth`, and a key usage that lets the key neither sign nor agree on a key. A
    /// certificate that does not say what it is for passes.
    /// Of a DVP: our token interface or resource interface shows a certificate that is expired, signed by itself, of another
    /// host, or of an unknown authority. A request over a connection that was begun so is a breach. Who breaks off passes: by an
    /// alert that does not speak of other things (the version, say), or by closing within 3 seconds, before or right after the end
    /// of the handshake. A certificate with which nothing came of it is told.
    /// ## Not covered
    /// Whether the issuer is to be trusted: the candidate file says whom we trust. Revocation. A handshake that ran out of time,
    /// a connection that the client finished and left unused.
    /// ## Source
    /// RFC 5280, sections 4.1.2.5, 4.2.1.3 and 4.2.1.12; RFC 6125, section 6.
    pub static RULE = {
        id: "TLS-18",
        summary: "server certificates are for their host, valid, and for servers",
        dva: of_server,
        dvp: of_client,
    }
}

/// Certificates of ours that a client must not take, by the interface that shows them.
pub const PROBES: &[&str] = &[
    "token-certificate-expired",
    "token-certificate-self-signed",
    "token-certificate-wrong-host",
    "token-certificate-untrusted",
    "fhir-certificate-expired",
    "fhir-certificate-self-signed",
    "fhir-certificate-wrong-host",
    "fhir-certificate-untrusted",
];

fn of_server(_: &Context, run: &Run) -> Judgement {
    scan::judge(run, of_scan)
}

/// What a client does with our unsound certificates: an occasion is a connection to the host that shows one, that it broke off
/// or sent a request over. One that it finished and left unused, or that ran out of time, tells nothing.
fn of_client(_: &Context, run: &Run) -> Judgement {
    let met: Vec<Met> = PROBES.iter().filter_map(|probe| Met::of(run, probe)).collect();
    let none = match met.is_empty() {
        true => Text::new(
            "de DVP verbond zich niet met een server met een ondeugdelijk certificaat",
            "the DVP did not connect to a server with an unsound certificate",
        ),
        false => Text::new(
            "de DVP verbond zich met een server met een ondeugdelijk certificaat, maar brak niet af en deed geen verzoek",
            "the DVP connected to a server with an unsound certificate, but neither broke off nor sent a request",
        ),
    };
    let (shown, unclear): (Vec<Met>, Vec<Met>) =
        met.into_iter().partition(|met| met.took.is_some() || met.is_broken_off);
    let mut unclear = unclear.into_iter().map(|met| met.probe);
    Judgement::each(shown, none, |met| {
        let probe = met.probe;
        let expected =
            Text::new("geen verzoek: de verbinding wordt verbroken", "no request: the connection is broken off");
        let mut issues = Vec::new();
        if let Some((host, number)) = met.took {
            let seen = text!("een verzoek aan `{host}`, met {probe}", "a request at `{host}`, with {probe}");
            issues.push(Issue::error("certificate-accepted", probe, expected, seen).at(number));
        }
        // Told once, with the first that shows something.
        issues.extend(unclear.by_ref().map(|probe| {
            let expected = Text::new("een verbinding die de DVP verbreekt", "a connection that the DVP breaks off");
            let seen = Text::new(
                "een verbinding waarvan niets kwam: of de DVP dit certificaat weigert, is niet gezien",
                "a connection that came to nothing: whether the DVP refuses this certificate was not seen",
            );
            Issue::information("certificate-not-judged", probe, expected, seen)
        }));
        issues
    })
}

/// Connections of a client with a host that showed it an unsound certificate.
struct Met<'a> {
    probe: &'static str,
    /// The host, and the first request over such a connection.
    took: Option<(&'a str, u32)>,
    is_broken_off: bool,
}

impl<'a> Met<'a> {
    /// What came of a probe; `None` when the client did not come there.
    fn of(run: &'a Run, probe: &'static str) -> Option<Self> {
        let place = probe.split('-').next().unwrap_or_default();
        let here = |c: &&Connection| c.probe.as_deref() == Some(probe) && c.host.split('.').next() == Some(place);
        let met: Vec<&Connection> = run.connections.iter().filter(here).collect();
        // An older connection goes on with the certificate that it began with.
        let finished = met.iter().filter(|connection| connection.handshake == Handshake::Finished);
        let took = finished.into_iter().find_map(|connection| {
            let mut sent = run.probe(probe).filter(|e| is_at(e, place, &connection.host));
            let first = sent.find(|exchange| exchange.started >= connection.started)?;
            Some((connection.host.as_str(), first.number))
        });
        let is_broken_off = met.iter().any(|connection| broken_off::by_client(connection));
        (!met.is_empty()).then_some(Self { probe, took, is_broken_off })
    }
}

fn is_at(exchange: &Exchange, place: &str, host: &str) -> bool {
    let interface = if place == "token" { Interface::Token } else { Interface::Resource };
    exchange.interface == interface && exchange.request.url.contains(host)
}

/// What one scan shows of it.
pub fn of_scan(scan: &TlsScan) -> Option<Vec<Issue>> {
    let leaf = scan.chain.first()?;
    let host = scan.address.rsplit_once(':').map_or(scan.address.as_str(), |(host, _)| host);
    let host = host.trim_matches(['[', ']']);
    let mut issues = Vec::new();
    if !leaf.names.iter().any(|name| stands_for(name, host)) {
        let expected = text!("`{host}` in de Subject Alternative Name", "`{host}` in the Subject Alternative Name");
        let names = scan::quoted(leaf.names.iter().map(String::as_str));
        let seen = if names.is_empty() { text!("geen namen", "no names") } else { text!("{names}", "{names}") };
        issues.push(Issue::error("certificate-name", scan::place(scan, "certificate"), expected, seen));
    }
    let now = scan.at.as_second();
    if now < leaf.not_before || now > leaf.not_after {
        let day = |seconds: i64| {
            jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
        };
        let (from, until, at) = (day(leaf.not_before), day(leaf.not_after), scan.at);
        let expected = text!("geldig op {at}", "valid on {at}");
        let seen = text!("geldig van {from} tot {until}", "valid from {from} until {until}");
        issues.push(Issue::error("certificate-validity", scan::place(scan, "certificate"), expected, seen));
    }
    let mut wrong_use = |expected: &str, seen: &[String]| {
        let seen = scan::quoted(seen.iter().map(String::as_str));
        let seen = if seen.is_empty() { Text::new("niets", "nothing") } else { Text::same(seen) };
        let expected = text!("`{expected}`", "`{expected}`");
        issues.push(Issue::error("certificate-use", scan::place(scan, "certificate"), expected, seen));
    };
    let says = |words: &[String], known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    if let Some(purposes) = leaf.purposes.as_ref().filter(|words| !says(words, &["serverAuth", "anyExtendedKeyUsage"]))
    {
        wrong_use("serverAuth", purposes);
    }
    // Which of these a suite needs differs; with none of them no suite is left.
    if let Some(usage) = leaf.key_usage.as_ref().filter(|words| !says(words, FOR_TLS)) {
        wrong_use("digitalSignature", usage);
    }
    Some(issues)
}

/// Uses of a key that some key exchange of TLS needs (RFC 5246, section 7.4.2).
const FOR_TLS: &[&str] = &["digitalSignature", "keyEncipherment", "keyAgreement"];

fn stands_for(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent)),
        None => name.eq_ignore_ascii_case(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::CertificateFacts;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::client_issues_in;

    const PROBE: &str = "fhir-certificate-expired";

    /// What is found when a client asks, or not, and these connections were begun before.
    fn after(asks: bool, handshakes: &[(Handshake, Option<u8>)]) -> Vec<String> {
        let begun = Recording::new().probe(PROBE);
        let recording = if asks { begun.resource("https://fhir.example.org/Condition") } else { begun.token(&[]) };
        let mut run = recording.run();
        run.connections = handshakes
            .iter()
            .map(|(handshake, alert)| Connection {
                probe: Some(PROBE.to_owned()),
                host: "fhir.example.org".to_owned(),
                handshake: *handshake,
                alert: *alert,
                ..Connection::default()
            })
            .collect();
        client_issues_in(&RULE, &run)
    }

    #[test]
    fn a_client_that_breaks_off_passes_and_one_that_asks_is_found() {
        for broken_off in [(Handshake::Alert, Some(45)), (Handshake::Closed, None), (Handshake::Dropped, None)] {
            assert_eq!(after(false, &[broken_off]), Vec::<String>::new(), "{broken_off:?}");
            // The request came over a connection that was there before.
            assert_eq!(after(true, &[broken_off]), Vec::<String>::new(), "{broken_off:?}");
            let then = [broken_off, (Handshake::Finished, None)];
            assert_eq!(after(true, &then), ["certificate-accepted"], "it tried again: {broken_off:?}");
        }
        assert_eq!(after(true, &[(Handshake::Finished, None)]), ["certificate-accepted"]);
    }

    #[test]
    fn a_connection_that_comes_to_nothing_shows_nothing() {
        assert_eq!(client_issues(&RULE, Recording::new()), ["not seen"]);
        assert_eq!(after(true, &[]), ["not seen"], "no new connection");
        for nothing in [
            (Handshake::Finished, None),
            (Handshake::Lapsed, None),
            (Handshake::RefusedByUs, None),
            (Handshake::NotTls, None),
            (Handshake::Alert, Some(70)),
            (Handshake::Alert, Some(90)),
        ] {
            assert_eq!(after(false, &[nothing]), ["not seen"], "{nothing:?}");
        }
    }

    #[test]
    fn a_certificate_of_which_nothing_is_known_is_told_beside_others() {
        let mut run = Recording::new().probe(PROBE).token(&[]).run();
        let met = |probe: &str, handshake| Connection {
            probe: Some(probe.to_owned()),
            host: "fhir.example.org".to_owned(),
            handshake,
            ..Connection::default()
        };
        run.connections = vec![met(PROBE, Handshake::Alert), met("fhir-certificate-untrusted", Handshake::Lapsed)];
        assert_eq!(client_issues_in(&RULE, &run), ["certificate-not-judged"]);
    }

    fn scan(name: &str, not_after: i64) -> TlsScan {
        let leaf = CertificateFacts { names: vec![name.into()], not_before: 0, not_after, ..Default::default() };
        let at = jiff::Timestamp::from_second(1000).unwrap();
        TlsScan { address: "fhir.example.org:443".into(), at, chain: vec![leaf], ..TlsScan::default() }
    }

    #[test]
    fn the_right_name_in_time_passes() {
        assert_eq!(of_scan(&scan("FHIR.example.org", 2000)), Some(vec![]));
        assert_eq!(of_scan(&scan("*.example.org", 2000)), Some(vec![]));
    }

    #[test]
    fn another_name_or_time_is_found() {
        let codes = |scan: TlsScan| of_scan(&scan).unwrap().iter().map(|issue| issue.code).collect::<Vec<_>>();
        assert_eq!(codes(scan("*.org", 2000)), ["certificate-name"]);
        assert_eq!(codes(scan("example.org", 2000)), ["certificate-name"]);
        assert_eq!(codes(scan("fhir.example.org", 999)), ["certificate-validity"]);
        assert_eq!(of_scan(&TlsScan::default()), None);
    }

    #[test]
    fn a_certificate_that_is_not_for_servers_is_found() {
        let codes = |purposes: Option<&[&str]>, usage: Option<&[&str]>| {
            let own = |words: Option<&[&str]>| words.map(|words| words.iter().map(|word| (*word).to_owned()).collect());
            let mut scan = scan("fhir.example.org", 2000);
            (scan.chain[0].purposes, scan.chain[0].key_usage) = (own(purposes), own(usage));
            of_scan(&scan).unwrap().iter().map(|issue| issue.code).collect::<Vec<_>>()
        };
        assert!(codes(None, None).is_empty());
        assert!(codes(Some(&["clientAuth", "serverAuth"]), Some(&["digitalSignature"])).is_empty());
        assert!(codes(Some(&["anyExtendedKeyUsage"]), Some(&["keyEncipherment", "nonRepudiation"])).is_empty());
        assert_eq!(codes(Some(&["clientAuth"]), None), ["certificate-use"]);
        assert_eq!(codes(None, Some(&["keyCertSign"])), ["certificate-use"]);
    }
}
