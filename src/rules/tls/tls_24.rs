//! TLS-24: options of TLS as the guideline advises.

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
    /// TLS compression and 0-RTT are off and renegotiation is secure, as the NCSC guideline 2.1 asks.
    ///
    /// ## How it is tested
    /// A ClientHello that offers compression and tells that it knows secure renegotiation (RFC 5746); a request for `/` as early
    /// data of TLS 1.3, where a ticket of the server allows it. Compression that is taken, an answer that does not know secure
    /// renegotiation, and early data that is taken (not answered with `425 Too Early`) are warnings: the rule text of MedMij names
    /// versions and algorithms only.
    /// Of a DVP: what the ClientHello of each connection to a back channel of ours offers.
    /// Compression in it is a warning.
    /// ## Not covered
    /// Renegotiation that a client begins and OCSP stapling (sufficient either way), and the order of suites.
    /// ## Source
    /// NCSC, ICT-beveiligingsrichtlijnen voor TLS 2.1, tables 11, 12 and 14.
    pub static RULE = {
        id: "TLS-24",
        summary: "no TLS compression, no 0-RTT, secure renegotiation",
        dva: of_server,
        dvp: of_client,
    }
}

fn of_client(_: &Context, run: &Run) -> Judgement {
    offer::judge(run, |connection| {
        let offers = connection.hello.compression.iter().any(|method| *method != 0);
        let (expected, seen) = (Text::new("geen compressie", "no compression"), Text::new("aangeboden", "offered"));
        let issue = || Issue::warning("compression-offered", offer::place(connection, "compression"), expected, seen);
        offers.then(issue).into_iter().collect()
    })
}

fn of_server(_: &Context, run: &Run) -> Judgement {
    scan::judge(run, of_scan)
}

/// What one scan shows of it.
pub fn of_scan(scan: &TlsScan) -> Option<Vec<Issue>> {
    scan.accepted().next()?;
    let mut issues = Vec::new();
    let mut warn = |code, what: &str, expected: Text, seen: Text| {
        issues.push(Issue::warning(code, scan::place(scan, what), expected, seen));
    };
    // TLS 1.3 has neither of these two.
    if scan.accepted().any(|version| version.version != "TLSv1.3") {
        let (compression, secure) = (scan.compression?, scan.secure_renegotiation?);
        if compression {
            let expected = Text::new("geen compressie", "no compression");
            warn("compression", "compression", expected, Text::new("aanvaard", "accepted"));
        }
        if !secure {
            let expected =
                Text::new("`renegotiation_info` in de ServerHello", "`renegotiation_info` in the ServerHello");
            warn("renegotiation", "renegotiation", expected, Text::new("ontbreekt", "missing"));
        }
    }
    if scan.early_data == Some(true) {
        warn("early-data", "0-RTT", Text::new("geen 0-RTT", "no 0-RTT"), Text::new("aanvaard", "accepted"));
    }
    Some(issues)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::VersionScan;
    use crate::rules::testing::offered;

    #[test]
    fn insufficient_options_are_warnings() {
        let versions = vec![VersionScan { version: "TLSv1.2".into(), suites: vec!["x".into()] }];
        let scan =
            TlsScan { versions, compression: Some(false), secure_renegotiation: Some(true), ..TlsScan::default() };
        assert_eq!(of_scan(&scan), Some(vec![]));
        let bad = TlsScan { compression: Some(true), secure_renegotiation: Some(false), ..scan.clone() };
        assert_eq!(of_scan(&bad).unwrap().len(), 2);
        assert_eq!(of_scan(&TlsScan { compression: None, ..scan.clone() }), None);
        assert_eq!(of_scan(&TlsScan { early_data: Some(true), ..scan.clone() }).unwrap()[0].code, "early-data");
        assert_eq!(of_scan(&TlsScan { early_data: Some(false), ..scan }), Some(vec![]));
    }

    #[test]
    fn compression_that_a_client_offers_is_a_warning() {
        assert_eq!(offered(&RULE, |connection| connection.hello.compression = vec![0]), Vec::<String>::new());
        assert_eq!(offered(&RULE, |connection| connection.hello.compression = vec![1, 0]), ["compression-offered"]);
    }
}
