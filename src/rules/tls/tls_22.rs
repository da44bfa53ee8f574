//! TLS-22: only TLS 1.2 and newer.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Connection;
use crate::exchange::Handshake;
use crate::exchange::Run;
use crate::exchange::TlsScan;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::tls::ncsc;
use crate::rules::tls::ncsc::Level;
use crate::rules::tls::offer;
use crate::rules::tls::scan;
use crate::text;

declare_rule! {
    /// An endpoint accepts no version of TLS that the NCSC guideline 2.1 rates below sufficient: no TLS 1.1, 1.0 and SSL.
    ///
    /// ## How it is tested
    /// A ClientHello for each version by itself, with every suite there is. An answer in that version is a breach for TLS
    /// 1.1, TLS 1.0 and SSL 3.0.
    /// Of a DVP: what the ClientHello of each connection to a back channel of ours offers.
    /// TLS 1.1 and older in it is a breach. An old form of ClientHello names the newest version only, so our token interface answers
    /// in TLS 1.1 too: a client that goes on with the handshake is a breach, an alert or a close at the sight of the version passes.
    /// Who does neither, or finds fault with the certificate, shows nothing.
    /// ## Not covered
    /// SSL 2.0. That TLS 1.2 and 1.3 are there (TLS-06).
    /// ## Source
    /// Afsprakenstelsel, Netwerk, core.tls.301; NCSC, ICT-beveiligingsrichtlijnen voor TLS 2.1, table 1.
    pub static RULE = {
        id: "TLS-22",
        summary: "no TLS version below TLS 1.2",
        dva: of_server,
        dvp: of_client,
    }
}

/// The answer in TLS 1.1.
const PROBE: &str = "token-tls-1-1";

fn of_client(_: &Context, run: &Run) -> Judgement {
    let (mut occasions, mut issues) = match of_offers(run) {
        Judgement::Seen { occasions, issues } => (occasions, issues),
        none => return none,
    };
    let here = |met: &&Connection| met.probe.as_deref() == Some(PROBE) && met.host.starts_with("token.");
    let mut is_known = false;
    for met in run.connections.iter().filter(here) {
        let took = met.version.as_deref().filter(|name| ncsc::version(name).is_below(Level::Sufficient));
        let is_refused = matches!(met.handshake, Handshake::Alert | Handshake::Closed);
        is_known |= took.is_some() || is_refused;
        occasions += u32::from(took.is_some() || is_refused);
        let told = issues.iter().any(|issue| issue.code == "old-version-accepted");
        if let Some(name) = took.filter(|_| !told) {
            let expected = Text::new("de verbinding wordt verbroken", "the connection is broken off");
            let seen = text!("de DVP ging verder in {name}", "the DVP went on in {name}");
            issues.push(Issue::error("old-version-accepted", offer::place(met, name), expected, seen));
        }
    }
    let names_one = |met: &&Connection| met.is_back && met.hello.versions == ["TLSv1.2"];
    if let Some(met) = run.connections.iter().find(names_one).filter(|_| !is_known) {
        let expected = Text::new("geen oudere versie aanvaard", "no older version accepted");
        let seen = Text::new(
            "de ClientHello noemt alleen TLS 1.2 als nieuwste versie; of een oudere wordt aanvaard, is niet gezien",
            "the ClientHello names TLS 1.2 as the newest version only; whether an older one is accepted was not seen",
        );
        issues.push(Issue::information("old-version-not-tried", offer::place(met, "TLSv1.2"), expected, seen));
    }
    Judgement::Seen { occasions, issues }
}

fn of_offers(run: &Run) -> Judgement {
    offer::judge(run, |connection| {
        let versions = connection.hello.versions.iter();
        let old = versions.filter(|name| ncsc::version(name).is_below(Level::Sufficient));
        let issues = old.map(|name| {
            let Text { nl, en } = ncsc::version(name).edition_2_1.unwrap_or(Level::Insufficient).text();
            let expected = Text::new("niet aangeboden", "not offered");
            let seen = text!("aangeboden (NCSC: {nl})", "offered (NCSC: {en})");
            Issue::error("old-version-offered", offer::place(connection, name), expected, seen)
        });
        issues.collect()
    })
}

fn of_server(_: &Context, run: &Run) -> Judgement {
    scan::judge(run, of_scan)
}

/// What one scan shows of it.
pub fn of_scan(scan: &TlsScan) -> Option<Vec<Issue>> {
    scan.accepted().next()?;
    let old = scan.accepted().filter(|version| ncsc::version(&version.version).is_below(Level::Sufficient));
    let issues = old.map(|version| {
        let name = &version.version;
        let Text { nl, en } = ncsc::version(name).edition_2_1.unwrap_or(Level::Insufficient).text();
        let expected = Text::new("geweigerd", "refused");
        let seen = text!("aanvaard (NCSC: {nl})", "accepted (NCSC: {en})");
        Issue::error("old-version", scan::place(scan, name), expected, seen)
    });
    let issues: Vec<Issue> = issues.collect();
    // What could not be asked is not passed.
    (!issues.is_empty() || scan.decides(&["SSLv3", "TLSv1.0", "TLSv1.1"])).then_some(issues)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Undecided;
    use crate::exchange::VersionScan;
    use crate::rules::testing::offered;

    #[test]
    fn an_answer_in_tls_1_1_is_refused_or_found() {
        let answered = |handshake, version: Option<&str>| {
            offered(&RULE, |connection| {
                connection.hello.versions = vec!["TLSv1.2".to_owned()];
                connection.probe = Some(PROBE.to_owned());
                connection.handshake = handshake;
                connection.version = version.map(str::to_owned);
            })
        };
        assert_eq!(answered(Handshake::Alert, None), Vec::<String>::new());
        assert_eq!(answered(Handshake::Closed, None), Vec::<String>::new());
        assert_eq!(answered(Handshake::RefusedByUs, Some("TLSv1.1")), ["old-version-accepted"]);
        for nothing in [Handshake::Lapsed, Handshake::RefusedByUs, Handshake::NotTls] {
            assert_eq!(answered(nothing, None), ["old-version-not-tried"], "{nothing:?}");
        }
        // Who names its versions one by one has refused the others already.
        assert_eq!(offered(&RULE, |connection| connection.handshake = Handshake::Lapsed), Vec::<String>::new());
    }

    #[test]
    fn each_old_version_is_found() {
        let scan = |accepted: &[&str]| {
            let all = ["SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"].into_iter();
            let suites = |name: &str| if accepted.contains(&name) { vec!["x".to_owned()] } else { vec![] };
            let versions = all.map(|name| VersionScan { version: name.into(), suites: suites(name) }).collect();
            TlsScan { versions, ..TlsScan::default() }
        };
        let good = scan(&["TLSv1.2", "TLSv1.3"]);
        assert_eq!(of_scan(&good), Some(vec![]));
        assert_eq!(of_scan(&scan(&["SSLv3", "TLSv1.1", "TLSv1.2"])).unwrap().len(), 2);
        let undecided = vec![Undecided { item: "TLSv1.0".into(), reason: "no answer".into() }];
        assert_eq!(of_scan(&TlsScan { undecided, ..good }), None);
        assert_eq!(of_scan(&TlsScan::default()), None);
    }

    #[test]
    fn an_old_version_that_a_client_offers_is_found_once() {
        assert_eq!(offered(&RULE, |_| {}), Vec::<String>::new());
        assert_eq!(
            offered(&RULE, |connection| connection.hello.versions.push("TLSv1.1".into())),
            ["old-version-offered"]
        );
        assert_eq!(offered(&RULE, |connection| connection.is_back = false), ["not seen"]);
    }
}
