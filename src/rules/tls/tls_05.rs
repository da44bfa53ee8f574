//! TLS-05: the handshake settles on the highest version that both sides support.

use crate::declare_rule;
use crate::diag::Issue;
use crate::exchange::Run;
use crate::exchange::TlsScan;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::tls::scan;
use crate::text;

declare_rule! {
    /// A server that is offered several versions takes the highest that it accepts.
    ///
    /// ## How it is tested
    /// Each version is offered by itself, then all that were accepted at once. Another choice than the highest is a breach.
    /// ## Not covered
    /// A server that accepts one version only has nothing to choose. False Start (TLS-04).
    /// ## Source
    /// Afsprakenstelsel, Netwerk, core.tls.304.
    pub static RULE = {
        id: "TLS-05",
        summary: "the highest common TLS version is chosen",
        dva: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    scan::judge(run, of_scan)
}

/// What one scan shows of it.
pub fn of_scan(scan: &TlsScan) -> Option<Vec<Issue>> {
    let chosen = scan.chosen.as_deref()?;
    let highest = scan.accepted().last()?.version.as_str();
    if scan.accepted().count() < 2 {
        return None;
    }
    if chosen == highest {
        return Some(Vec::new());
    }
    let offered = scan::quoted(scan.accepted().map(|version| version.version.as_str()));
    let expected = text!("`{highest}`, van de aangeboden {offered}", "`{highest}`, of the offered {offered}");
    let seen = text!("`{chosen}`", "`{chosen}`");
    Some(vec![Issue::error("lower-version-chosen", scan::place(scan, "TLS"), expected, seen)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::VersionScan;

    fn scan(chosen: &str) -> TlsScan {
        let version = |name: &str| VersionScan { version: name.into(), suites: vec!["x".into()] };
        let versions = vec![version("TLSv1.2"), version("TLSv1.3")];
        TlsScan { versions, chosen: Some(chosen.into()), ..TlsScan::default() }
    }

    #[test]
    fn only_a_lower_choice_is_found() {
        assert_eq!(of_scan(&scan("TLSv1.3")), Some(vec![]));
        assert_eq!(of_scan(&scan("TLSv1.2")).unwrap()[0].code, "lower-version-chosen");
        assert_eq!(of_scan(&TlsScan { chosen: None, ..scan("") }), None);
    }
}
