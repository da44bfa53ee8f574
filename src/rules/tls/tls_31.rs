//! TLS-31: the grade by the newer edition of the guideline.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::exchange::TlsScan;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::tls::ncsc;
use crate::rules::tls::ncsc::Kind;
use crate::rules::tls::ncsc::Level;
use crate::rules::tls::offer;
use crate::rules::tls::scan;
use crate::text;

declare_rule! {
    /// What the NCSC guideline of May 2025 rates as phase out or insufficient is recorded: the texts of MedMij name 2.1.
    ///
    /// ## How it is tested
    /// Versions, suites, groups, key and signature of each scan, graded by the newer edition. Never held against the
    /// candidate.
    /// Of a DVP: what the ClientHello of each connection to a back channel of ours offers.
    /// Versions, suites, groups, key and signature are graded likewise.
    /// ## Not covered
    /// The extended master secret and limits of renegotiation, which the newer edition asks; the prime of DHE (TLS-30).
    /// ## Source
    /// NCSC, ICT-beveiligingsrichtlijnen voor TLS 2025-05.
    pub static RULE = {
        id: "TLS-31",
        summary: "the grade by the NCSC guideline of 2025",
        dva: of_server,
        dvp: of_client,
    }
}

fn of_client(_: &Context, run: &Run) -> Judgement {
    offer::judge(run, |connection| {
        let mut issues = Vec::new();
        for level in [Level::Insufficient, Level::PhaseOut] {
            let facts = offer::facts(connection);
            let names = scan::quoted(
                facts.iter().filter(|(_, grade)| grade.edition_2025 == Some(level)).map(|(name, _)| *name),
            );
            if !names.is_empty() {
                let Text { nl, en } = level.text();
                let expected = Text::new("mag: MedMij noemt uitgave 2.1", "may: MedMij names edition 2.1");
                let seen = text!("{nl} volgens 2025-05: {names}", "{en} by 2025-05: {names}");
                issues.push(Issue::information("grade-2025", offer::place(connection, "TLS"), expected, seen));
            }
        }
        issues
    })
}

fn of_server(_: &Context, run: &Run) -> Judgement {
    scan::judge(run, of_scan)
}

/// What one scan shows of it.
pub fn of_scan(scan: &TlsScan) -> Option<Vec<Issue>> {
    scan.accepted().next()?;
    let facts = ncsc::facts(scan);
    let mut issues = Vec::new();
    for level in [Level::Insufficient, Level::PhaseOut] {
        let at_level = facts.iter().filter(|fact| fact.grade.edition_2025 == Some(level) && fact.kind != Kind::Dh);
        let mut names: Vec<&str> = at_level.map(|fact| fact.name.as_str()).collect();
        names.dedup();
        if !names.is_empty() {
            let (names, Text { nl, en }) = (scan::quoted(names), level.text());
            let expected = Text::new("mag: MedMij noemt uitgave 2.1", "may: MedMij names edition 2.1");
            let seen = text!("{nl} volgens 2025-05: {names}", "{en} by 2025-05: {names}");
            issues.push(Issue::information("grade-2025", scan::place(scan, "TLS"), expected, seen));
        }
    }
    Some(issues)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::VersionScan;
    use crate::rules::testing::offered;

    #[test]
    fn what_the_newer_edition_no_longer_takes_is_told() {
        let scan = |suite: &str| TlsScan {
            versions: vec![VersionScan { version: "TLSv1.2".into(), suites: vec![suite.into()] }],
            ..TlsScan::default()
        };
        assert_eq!(of_scan(&scan("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")), Some(vec![]));
        let issues = of_scan(&scan("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256")).unwrap();
        assert_eq!(issues.len(), 1);
        assert!(issues[0].seen.en.starts_with("phase out by 2025-05"), "{:?}", issues[0].seen);
    }

    #[test]
    fn what_a_client_offers_is_told_as_well() {
        assert_eq!(offered(&RULE, |_| {}), Vec::<String>::new());
        let dhe =
            offered(&RULE, |connection| connection.hello.suites.push("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256".into()));
        assert_eq!(dhe, ["grade-2025"]);
    }
}
