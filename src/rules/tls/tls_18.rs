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
    /// host, or of an unknown authority. A request that comes all the same is a breach.
    /// ## Not covered
    /// Whether the issuer is to be trusted: the candidate file says whom we trust. Revocation.
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
/// or sent a request over. One that it finished and left unused tells nothing.
fn of_client(_: &Context, run: &Run) -> Judgement {
    let met = PROBES.iter().flat_map(|probe| {
        let place = probe.split('-').next().unwrap_or_default();
        let here = |c: &&Connection| c.probe.as_deref() == Some(*probe) && c.host.split('.').next() == Some(place);
        let asks = |c: &&Connection| run.probe(probe).any(|e| is_at(e, place, &c.host));
        let is_broken_off = |c: &&Connection| matches!(c.handshake, Handshake::Alert | Handshake::Closed);
        let met = || run.connections.iter().filter(here);
        met().find(asks).or_else(|| met().find(is_broken_off)).map(|connection| (*probe, place, connection))
    });
    let none = Text::new(
        "de DVP verbond zich niet met een server met een ondeugdelijk certificaat",
        "the DVP did not connect to a server with an unsound certificate",
    );
    Judgement::each(met, none, |(probe, place, connection)| {
        let sent = run.probe(probe).find(|e| is_at(e, place, &connection.host));
        let expected =
            Text::new("geen verzoek: de verbinding wordt verbroken", "no request: the connection is broken off");
        let host = &connection.host;
        let seen = text!("een verzoek aan `{host}`, met {probe}", "a request at `{host}`, with {probe}");
        let issue = |e: &Exchange| Issue::error("certificate-accepted", probe, expected, seen).at(e.number);
        sent.map(issue).into_iter().collect()
    })
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

    #[test]
    fn a_client_that_takes_an_unsound_certificate_is_found() {
        const PROBE: &str = "fhir-certificate-expired";
        let judged_after = |recording: Recording, handshake: Handshake| {
            let mut run = recording.run();
            let (probe, host) = (Some(PROBE.to_owned()), "fhir.example.org".to_owned());
            run.connections = vec![Connection { probe, host, handshake, ..Connection::default() }];
            client_issues_in(&RULE, &run)
        };
        let judged = |recording: Recording| judged_after(recording, Handshake::Alert);
        assert_eq!(judged(Recording::new().probe(PROBE).token(&[])), Vec::<String>::new());
        let taken = judged(Recording::new().probe(PROBE).resource("https://fhir.example.org/Condition"));
        assert_eq!(taken.len(), 1);
        assert_eq!(client_issues(&RULE, Recording::new()), ["not seen"]);
        let unused = judged_after(Recording::new().probe(PROBE).token(&[]), Handshake::Finished);
        assert_eq!(unused, ["not seen"], "the certificate was taken, and no request came yet");
        let used = Recording::new().probe(PROBE).resource("https://fhir.example.org/Condition");
        assert_eq!(judged_after(used, Handshake::Finished).len(), 1);
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
