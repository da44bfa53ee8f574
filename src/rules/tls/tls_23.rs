//! TLS-23: only cipher suites that the guideline allows.

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
    /// An endpoint accepts no cipher suite that the NCSC guideline 2.1 rates as phase out or insufficient.
    ///
    /// ## How it is tested
    /// Every suite that TLS 1.2 and 1.3 can have is offered; those that are accepted are graded by their algorithms. Phase
    /// out and insufficient are breaches; sufficient (CBC, DHE) is a warning until the published rule is read. The AEAD
    /// suites with ECDHE of TLS 1.2 are right: appendix C prints them as sufficient because of the version only.
    /// Of a DVP: what the ClientHello of each connection to a back channel of ours offers.
    /// Phase out and insufficient are breaches, sufficient is a warning, as above.
    /// ## Not covered
    /// Suites of versions that may not be used at all (TLS-22).
    /// ## Source
    /// Afsprakenstelsel, Netwerk, core.tls.301; NCSC, ICT-beveiligingsrichtlijnen voor TLS 2.1, tables 2, 4, 6, 7, appendix C.
    pub static RULE = {
        id: "TLS-23",
        summary: "only cipher suites that the NCSC guideline allows",
        dva: of_server,
        dvp: of_client,
    }
}

fn of_client(_: &Context, run: &Run) -> Judgement {
    offer::judge(run, |connection| {
        let mut issues = Vec::new();
        for level in [Level::Insufficient, Level::PhaseOut, Level::Sufficient] {
            let at_level = |name: &&str| ncsc::suite(name).edition_2_1 == Some(level);
            let names = scan::quoted(offer::suites(&connection.hello).filter(at_level));
            if names.is_empty() {
                continue;
            }
            let Text { nl, en } = level.text();
            let expected = Text::new("alleen suites die goed zijn", "only suites that are good");
            let seen = text!("{names} (NCSC: {nl})", "{names} (NCSC: {en})");
            let place = offer::place(connection, "ClientHello");
            issues.push(match level {
                Level::Sufficient => Issue::warning("suite-sufficient-offered", place, expected, seen),
                _ => Issue::error("suite-weak-offered", place, expected, seen),
            });
        }
        issues
    })
}

fn of_server(_: &Context, run: &Run) -> Judgement {
    scan::judge(run, of_scan)
}

/// What one scan shows of it.
pub fn of_scan(scan: &TlsScan) -> Option<Vec<Issue>> {
    let allowed = |name: &str| !ncsc::version(name).is_below(Level::Sufficient);
    let versions: Vec<_> = scan.accepted().filter(|version| allowed(&version.version)).collect();
    if versions.is_empty() {
        return None;
    }
    let mut issues = Vec::new();
    for level in [Level::Insufficient, Level::PhaseOut, Level::Sufficient] {
        for version in &versions {
            let at_level = |name: &&str| ncsc::suite(name).edition_2_1 == Some(level);
            let names = scan::quoted(version.suites.iter().map(String::as_str).filter(at_level));
            if names.is_empty() {
                continue;
            }
            let Text { nl, en } = level.text();
            let expected = Text::new("alleen suites die goed zijn", "only suites that are good");
            let seen = text!("{names} (NCSC: {nl})", "{names} (NCSC: {en})");
            let place = scan::place(scan, &version.version);
            issues.push(match level {
                Level::Sufficient => Issue::warning("suite-sufficient", place, expected, seen),
                _ => Issue::error("suite-weak", place, expected, seen),
            });
        }
    }
    // What could not be asked is not passed.
    let whole = scan
        .undecided
        .iter()
        .all(|undecided| !undecided.item.starts_with("TLSv1.2") && !undecided.item.starts_with("TLSv1.3"));
    (!issues.is_empty() || whole).then_some(issues)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::VersionScan;
    use crate::rules::testing::offered;

    fn codes(suites: &[&str]) -> Vec<&'static str> {
        let suites = suites.iter().map(|name| (*name).to_owned()).collect();
        let versions = vec![VersionScan { version: "TLSv1.2".into(), suites }];
        of_scan(&TlsScan { versions, ..TlsScan::default() }).unwrap().iter().map(|issue| issue.code).collect()
    }

    #[test]
    fn good_algorithms_pass_in_tls_1_2() {
        assert_eq!(codes(&["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]), Vec::<&str>::new());
    }

    #[test]
    fn weaker_ones_are_found_by_their_level() {
        assert_eq!(codes(&["TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"]), ["suite-sufficient"]);
        assert_eq!(
            codes(&["TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_RC4_128_SHA"]),
            ["suite-weak", "suite-weak"]
        );
    }

    #[test]
    fn suites_of_old_versions_are_left_to_the_version() {
        let versions = vec![VersionScan { version: "TLSv1.0".into(), suites: vec!["TLS_RSA_WITH_RC4_128_SHA".into()] }];
        assert_eq!(of_scan(&TlsScan { versions, ..TlsScan::default() }), None);
    }

    #[test]
    fn weak_suites_that_a_client_offers_are_found() {
        let with = |suite: &str| offered(&RULE, |connection| connection.hello.suites.push(suite.to_owned()));
        for good in ["TLS_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "0xfe01"] {
            assert_eq!(with(good), Vec::<String>::new(), "{good}");
        }
        assert_eq!(with("TLS_RSA_WITH_AES_128_GCM_SHA256"), ["suite-weak-offered"]);
        assert_eq!(with("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"), ["suite-sufficient-offered"]);
        // Who offers TLS 1.3 alone can use none of the others.
        let idle = offered(&RULE, |connection| {
            connection.hello.versions = vec!["TLSv1.3".into()];
            connection.hello.suites.push("TLS_RSA_WITH_RC4_128_SHA".into());
        });
        assert_eq!(idle, Vec::<String>::new());
    }
}
