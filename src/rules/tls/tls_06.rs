//! TLS-06: TLS 1.2 is supported, and TLS 1.3 where it reasonably can be.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::exchange::TlsScan;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::tls::offer;
use crate::rules::tls::scan;

declare_rule! {
    /// Every participant supports TLS 1.2; TLS 1.3 too if that is reasonably possible.
    ///
    /// ## How it is tested
    /// Each version is offered by itself. TLS 1.2 refused while TLS 1.3 is accepted, and TLS 1.3 refused, are warnings.
    /// Of a DVP: what the ClientHello of each connection to a back channel of ours offers.
    /// TLS 1.2 that is not offered beside TLS 1.3, and TLS 1.3 that is not, are warnings.
    /// ## Not covered
    /// Versions that may not be used (TLS-22).
    /// ## Source
    /// Afsprakenstelsel, Netwerk, use of core.tls.302; NCSC, ICT-beveiligingsrichtlijnen voor TLS 2.1.
    pub static RULE = {
        id: "TLS-06",
        summary: "TLS 1.2 and TLS 1.3 are supported",
        dva: of_server,
        dvp: of_client,
    }
}

fn of_client(_: &Context, run: &Run) -> Judgement {
    offer::judge(run, |connection| {
        let offers = |name: &str| connection.hello.versions.iter().any(|version| version == name);
        let miss = |code, version: &str| {
            let seen = Text::new("niet aangeboden", "not offered");
            Issue::warning(code, offer::place(connection, version), Text::same(version), seen)
        };
        match (offers("TLSv1.2"), offers("TLSv1.3")) {
            (_, false) => vec![miss("tls-1-3-not-offered", "TLSv1.3")],
            (false, true) => vec![miss("tls-1-2-not-offered", "TLSv1.2")],
            (true, true) => Vec::new(),
        }
    })
}

fn of_server(_: &Context, run: &Run) -> Judgement {
    scan::judge(run, of_scan)
}

/// What one scan shows of it.
pub fn of_scan(scan: &TlsScan) -> Option<Vec<Issue>> {
    let (old, new) = (scan.accepts("TLSv1.2")?, scan.accepts("TLSv1.3")?);
    // A server that takes neither speaks no TLS with us at all.
    scan.accepted().next()?;
    let mut issues = Vec::new();
    let mut miss = |code, version: &str| {
        let expected = Text::same(version);
        let seen = Text::new("geweigerd", "refused");
        issues.push(Issue::warning(code, scan::place(scan, version), expected, seen));
    };
    if !old && new {
        miss("tls-1-2-refused", "TLSv1.2");
    }
    if !new {
        miss("tls-1-3-refused", "TLSv1.3");
    }
    Some(issues)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Undecided;
    use crate::exchange::VersionScan;
    use crate::rules::testing::offered;

    fn scan(old: bool, new: bool) -> TlsScan {
        let version = |name: &str, on: bool| VersionScan {
            version: name.into(),
            suites: if on { vec!["x".into()] } else { vec![] },
        };
        TlsScan { versions: vec![version("TLSv1.2", old), version("TLSv1.3", new)], ..TlsScan::default() }
    }

    #[test]
    fn what_is_missing_is_a_warning() {
        assert_eq!(of_scan(&scan(true, true)), Some(vec![]));
        assert_eq!(of_scan(&scan(false, true)).unwrap()[0].code, "tls-1-2-refused");
        assert_eq!(of_scan(&scan(true, false)).unwrap()[0].code, "tls-1-3-refused");
    }

    #[test]
    fn what_was_not_decided_is_not_held_against_it() {
        let undecided = vec![Undecided { item: "TLSv1.3".into(), reason: "no answer".into() }];
        assert_eq!(of_scan(&TlsScan { undecided, ..scan(true, false) }), None);
    }

    #[test]
    fn what_a_client_does_not_offer_is_a_warning() {
        assert_eq!(offered(&RULE, |_| {}), Vec::<String>::new());
        let only = |version: &str| offered(&RULE, |connection| connection.hello.versions = vec![version.to_owned()]);
        assert_eq!(only("TLSv1.2"), ["tls-1-3-not-offered"]);
        assert_eq!(only("TLSv1.3"), ["tls-1-2-not-offered"]);
    }
}
