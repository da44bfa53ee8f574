//! TLS-01: all traffic is protected with TLS.

use url::Url;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::TlsScan;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::tls::scan;
use crate::text;

declare_rule! {
    /// The endpoints give nothing over plain HTTP.
    ///
    /// ## How it is tested
    /// A request in plain HTTP to the address of each endpoint. No answer, an error status and a redirect pass; a 2xx
    /// status is a breach.
    /// Of a DVP: the address of the AuthorizationEndpoint to which it sends the browser on is https.
    /// ## Not covered
    /// Port 80 of the same hosts.
    /// ## Source
    /// Afsprakenstelsel, Netwerk, core.tls.300.
    pub static RULE = {
        id: "TLS-01",
        summary: "nothing is served over plain HTTP",
        dva: of_server,
        dvp: of_client,
    }
}

fn of_client(context: &Context, run: &Run) -> Judgement {
    let server = context.candidate.endpoints.authorization.host_str();
    let sent = client::requests(run, Interface::Client).filter_map(|exchange| {
        let target = Url::parse(exchange.forward.as_deref()?).ok()?;
        (target.host_str() == server).then_some((exchange, target))
    });
    let none = Text::new(
        "de DVP stuurde de browser niet naar de autorisatieserver",
        "the DVP did not send the browser to the authorization server",
    );
    Judgement::each(sent, none, |(exchange, target)| {
        let scheme = target.scheme();
        let (expected, seen) = (Text::new("een https-adres", "an https address"), Text::same(scheme));
        let issue = || Issue::error("sent-over-http", "Location", expected, seen).at(exchange.number);
        (scheme != "https").then(issue).into_iter().collect()
    })
}

fn of_server(_: &Context, run: &Run) -> Judgement {
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
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues_in;

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

    #[test]
    fn a_client_sends_the_browser_on_over_tls() {
        let sent = |target: &str| {
            client_issues_in(&RULE, &Recording::new().client("https://pgo.example/start").forward(target).run())
        };
        assert_eq!(sent("https://as.example/authorize?scope=a"), Vec::<String>::new());
        assert_eq!(sent("http://as.example/authorize?scope=a"), ["sent-over-http"]);
        assert_eq!(sent("http://elders.example/"), ["not seen"]);
    }
}
