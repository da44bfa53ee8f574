//! TLS-01: all traffic is protected with TLS.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::exchange::TlsScan;
use crate::requirement::Role;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::tls::scan;
use crate::text;

declare_rule! {
    /// The endpoints give nothing over plain HTTP.
    ///
    /// ## How it is tested
    /// A request in plain HTTP to the address of each endpoint. No answer, an error status and a redirect pass; a 2xx
    /// status is a breach.
    /// ## Not covered
    /// Port 80 of the same hosts.
    /// ## Source
    /// Afsprakenstelsel, Netwerk, core.tls.300.
    pub static RULE = {
        id: "TLS-01",
        summary: "nothing is served over plain HTTP",
        roles: &[Role::Dva],
        check: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    scan::judge(run, of_scan)
}

/// What one scan shows of it.
pub fn of_scan(scan: &TlsScan) -> Option<Vec<Issue>> {
    // An address that speaks no TLS at all was not reached.
    scan.accepted().next()?;
    let Some(status) = scan.plain_http.filter(|status| (200..300).contains(status)) else { return Some(Vec::new()) };
    let expected = Text::new("geen antwoord, een fout of een redirect", "no answer, an error or a redirect");
    let seen = text!("een antwoord met status {status} zonder TLS", "an answer with status {status} without TLS");
    Some(vec![Issue::error("plain-http", scan::place(scan, "HTTP"), expected, seen)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::VersionScan;

    fn scan(plain_http: Option<u16>) -> TlsScan {
        let versions = vec![VersionScan { version: "TLSv1.3".into(), suites: vec!["TLS_AES_128_GCM_SHA256".into()] }];
        TlsScan { versions, plain_http, ..TlsScan::default() }
    }

    #[test]
    fn refusals_and_redirects_pass() {
        for status in [None, Some(400), Some(301), Some(426)] {
            assert_eq!(of_scan(&scan(status)), Some(vec![]), "{status:?}");
        }
        assert_eq!(of_scan(&TlsScan { plain_http: Some(200), ..TlsScan::default() }), None);
    }

    #[test]
    fn content_without_tls_is_found() {
        assert_eq!(of_scan(&scan(Some(200))).unwrap()[0].code, "plain-http");
    }
}
