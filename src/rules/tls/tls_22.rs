//! TLS-22: only TLS 1.2 and newer.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
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
    /// TLS 1.1 and older in it is a breach; an old form of ClientHello names the newest version only.
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

fn of_client(_: &Context, run: &Run) -> Judgement {
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
