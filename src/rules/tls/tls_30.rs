//! TLS-30: keys, groups and hashes that the guideline allows.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::exchange::TlsScan;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::tls::ncsc;
use crate::rules::tls::ncsc::Grade;
use crate::rules::tls::ncsc::Level;
use crate::rules::tls::offer;
use crate::rules::tls::scan;
use crate::text;

declare_rule! {
    /// Keys, groups and signature hashes of an endpoint are those that the NCSC guideline 2.1 rates as good.
    ///
    /// ## How it is tested
    /// The key and the signature of the server's own certificate, the groups of ECDHE and of TLS 1.3, the prime of DHE, and
    /// whether SHA-2 signatures do. All that is less than good is a warning. Hybrid groups with ML-KEM are right; secp521r1
    /// is not in the printed table and is left alone.
    /// Of a DVP: what the ClientHello of each connection to a back channel of ours offers.
    /// Groups with a name, the hashes of its signatures, and key and signature of the certificate that it shows are graded likewise.
    /// ## Not covered
    /// The certificates of the issuers.
    /// ## Source
    /// NCSC, ICT-beveiligingsrichtlijnen voor TLS 2.1, tables 3, 5, 8, 9 and 10.
    pub static RULE = {
        id: "TLS-30",
        summary: "keys, groups and hashes that the NCSC guideline rates as good",
        dva: of_server,
        dvp: of_client,
    }
}

fn of_client(_: &Context, run: &Run) -> Judgement {
    offer::judge(run, |connection| {
        let mut issues = Vec::new();
        let mut look = |code, what: &str, name: &str, grade: Grade| {
            issues.extend(below_good(code, offer::place(connection, what), name, grade));
        };
        for name in offer::groups(&connection.hello) {
            look("group-offered", "ClientHello", name, ncsc::group(name));
        }
        if let Some(leaf) = connection.chain.first() {
            look("certificate-key", "certificate", &leaf.key, ncsc::key(&leaf.key));
            look("certificate-signature", "certificate", &leaf.signature, ncsc::signature(&leaf.signature));
        }
        // MD5, SHA-1 and SHA-224 by the first byte (RFC 5246, section 7.4.1.4.1).
        let schemes = &connection.hello.schemes;
        if !schemes.is_empty() && schemes.iter().all(|scheme| *scheme < 0x0400) {
            let expected = Text::new("een handtekening met SHA-2", "a signature with SHA-2");
            let seen = Text::new("alleen oudere hashes", "older hashes only");
            issues.push(Issue::warning("signature-hash", offer::place(connection, "ClientHello"), expected, seen));
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
    let mut issues = Vec::new();
    let mut look = |code, what: &str, name: &str, grade: Grade| {
        issues.extend(below_good(code, scan::place(scan, what), name, grade));
    };
    if let Some(leaf) = scan.chain.first() {
        look("certificate-key", "certificate", &leaf.key, ncsc::key(&leaf.key));
        look("certificate-signature", "certificate", &leaf.signature, ncsc::signature(&leaf.signature));
    }
    for group in &scan.groups {
        look("group", &group.version, &group.name, ncsc::group(&group.name));
    }
    if let Some(prime) = &scan.dh {
        look("dh-group", "DHE", &prime.name(), ncsc::dh(prime));
    }
    if scan.sha2_signature == Some(false) && scan.accepts("TLSv1.2") == Some(true) {
        let expected = Text::new("een handtekening met SHA-2", "a signature with SHA-2");
        let seen = Text::new("geen handshake met alleen SHA-2", "no handshake with SHA-2 only");
        issues.push(Issue::warning("signature-hash", scan::place(scan, "TLSv1.2"), expected, seen));
    }
    // Without the certificates half of it was not seen.
    (!issues.is_empty() || !scan.chain.is_empty()).then_some(issues)
}

fn below_good(code: &'static str, place: String, name: &str, grade: Grade) -> Option<Issue> {
    let level = grade.edition_2_1.filter(|level| *level < Level::Good)?;
    let Text { nl, en } = level.text();
    let expected = Text::new("goed volgens de NCSC-richtlijn", "good by the NCSC guideline");
    let seen = text!("`{name}` (NCSC: {nl})", "`{name}` (NCSC: {en})");
    Some(Issue::warning(code, place, expected, seen))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Accepted;
    use crate::exchange::CertificateFacts;
    use crate::exchange::DhPrime;
    use crate::exchange::VersionScan;
    use crate::rules::testing::offered;

    fn scan(key: &str, signature: &str, group: &str) -> TlsScan {
        TlsScan {
            versions: vec![VersionScan { version: "TLSv1.2".into(), suites: vec!["x".into()] }],
            chain: vec![CertificateFacts { key: key.into(), signature: signature.into(), ..Default::default() }],
            groups: vec![Accepted { version: "TLSv1.2".into(), name: group.into() }],
            sha2_signature: Some(true),
            ..TlsScan::default()
        }
    }

    fn codes(scan: &TlsScan) -> Vec<&'static str> {
        of_scan(scan).unwrap().iter().map(|issue| issue.code).collect()
    }

    #[test]
    fn good_parameters_pass() {
        assert!(codes(&scan("EC P-256", "ecdsa-with-SHA256", "x25519")).is_empty());
        assert!(codes(&scan("RSA 3072", "sha256WithRSAEncryption", "secp521r1")).is_empty());
        assert!(codes(&scan("RSA 4096", "rsassa-pss", "X25519MLKEM768")).is_empty());
    }

    #[test]
    fn each_weak_parameter_is_a_warning() {
        let weak = scan("RSA 2048", "sha1WithRSAEncryption", "secp192r1");
        assert_eq!(codes(&weak), ["certificate-key", "certificate-signature", "group"]);
        let dh = Some(DhPrime { bits: 1024, group: None });
        let more = TlsScan { dh, sha2_signature: Some(false), ..scan("EC P-256", "ecdsa-with-SHA256", "x25519") };
        assert_eq!(codes(&more), ["dh-group", "signature-hash"]);
    }

    #[test]
    fn weak_parameters_of_a_client_are_warnings() {
        assert_eq!(
            offered(&RULE, |connection| connection.hello.groups.push("group 25497".into())),
            Vec::<String>::new()
        );
        assert_eq!(offered(&RULE, |connection| connection.hello.groups.push("ffdhe2048".into())), ["group-offered"]);
        assert_eq!(offered(&RULE, |connection| connection.hello.schemes = vec![0x0201, 0x0203]), ["signature-hash"]);
        let key = |key: &str| CertificateFacts { key: key.to_owned(), ..CertificateFacts::default() };
        assert_eq!(offered(&RULE, |connection| connection.chain = vec![key("RSA 4096")]), Vec::<String>::new());
        assert_eq!(offered(&RULE, |connection| connection.chain = vec![key("RSA 2048")]), ["certificate-key"]);
    }
}
