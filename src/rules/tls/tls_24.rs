//! TLS-24: options of TLS as the guideline advises.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::exchange::TlsScan;
use crate::requirement::Role;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::tls::scan;

declare_rule! {
    /// TLS compression is off and renegotiation is secure, as the NCSC guideline 2.1 asks.
    ///
    /// ## How it is tested
    /// A ClientHello that offers compression and tells that it knows secure renegotiation (RFC 5746). Compression that is
    /// taken, and an answer that does not know secure renegotiation, are warnings: the rule text of MedMij names versions and
    /// algorithms only.
    /// ## Not covered
    /// Renegotiation that a client begins, OCSP stapling (sufficient either way), 0-RTT and the order of suites (not judged
    /// yet).
    /// ## Source
    /// NCSC, ICT-beveiligingsrichtlijnen voor TLS 2.1, tables 11 and 12.
    pub static RULE = {
        id: "TLS-24",
        summary: "no TLS compression, secure renegotiation",
        roles: &[Role::Dva],
        check: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    scan::judge(run, of_scan)
}

/// What one scan shows of it.
pub fn of_scan(scan: &TlsScan) -> Option<Vec<Issue>> {
    // TLS 1.3 has neither.
    if scan.accepted().all(|version| version.version == "TLSv1.3") && scan.accepted().next().is_some() {
        return Some(Vec::new());
    }
    let (compression, secure) = (scan.compression?, scan.secure_renegotiation?);
    let mut issues = Vec::new();
    if compression {
        let (expected, seen) = (Text::new("geen compressie", "no compression"), Text::new("aanvaard", "accepted"));
        issues.push(Issue::warning("compression", scan::place(scan, "compression"), expected, seen));
    }
    if !secure {
        let expected = Text::new("`renegotiation_info` in de ServerHello", "`renegotiation_info` in the ServerHello");
        let seen = Text::new("ontbreekt", "missing");
        issues.push(Issue::warning("renegotiation", scan::place(scan, "renegotiation"), expected, seen));
    }
    Some(issues)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::VersionScan;

    #[test]
    fn insufficient_options_are_warnings() {
        let versions = vec![VersionScan { version: "TLSv1.2".into(), suites: vec!["x".into()] }];
        let scan =
            TlsScan { versions, compression: Some(false), secure_renegotiation: Some(true), ..TlsScan::default() };
        assert_eq!(of_scan(&scan), Some(vec![]));
        let bad = TlsScan { compression: Some(true), secure_renegotiation: Some(false), ..scan.clone() };
        assert_eq!(of_scan(&bad).unwrap().len(), 2);
        assert_eq!(of_scan(&TlsScan { compression: None, ..scan }), None);
    }
}
