//! TLS-07: certificates of the back channel are of PKIoverheid.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::CertificateFacts;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::tls::shown;
use crate::rules::tls::shown::Channel;
use crate::rules::tls::shown::Shown;
use crate::text;

declare_rule! {
    /// In production the servers of the back channel show a certificate under Staat der Nederlanden Private Root CA - G1.
    ///
    /// ## How it is tested
    /// For a candidate with `environment = "production"`: the certificate that the token and resource servers show in the
    /// exchanges of the run is issued by Staat der Nederlanden Private Services CA - G1, or by the Private Services CA - G1 of
    /// KPN, QuoVadis or Digidentity; the certificates above it, where they are sent, name that CA or the root. Another issuer,
    /// also one of a later generation of PKIoverheid, is a warning.
    /// ## Not covered
    /// The signatures in the chain: the candidate file says whom we trust. Revocation (TLS-29).
    /// ## Source
    /// Afsprakenstelsel, core.tls.314.
    pub static RULE = {
        id: "TLS-07",
        summary: "certificates of the back channel are of PKIoverheid",
        dva: check,
    }
}

/// Who issues certificates for servers.
const ISSUERS: &[&str] = &[
    "Staat der Nederlanden Private Services CA - G1",
    "KPN PKIoverheid Private Services CA - G1",
    "QuoVadis PKIoverheid Private Services CA - G1",
    "Digidentity PKIoverheid Private Services CA - G1",
];

/// Who issues the certificates of those.
const ABOVE: &[&str] =
    &["Staat der Nederlanden Private Services CA - G1", "Staat der Nederlanden Private Root CA - G1"];

fn check(context: &Context, run: &Run) -> Judgement {
    shown::judge(context, run, Channel::Back, |shown| Some(of_host(shown)))
}

fn of_host(shown: Shown) -> Vec<Issue> {
    let Some((place, allowed, issuer)) = stranger(shown) else { return Vec::new() };
    let list = allowed.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let expected = text!("uitgegeven door een van {list}", "issued by one of {list}");
    let seen = if issuer.is_empty() { Text::new("geen naam", "no name") } else { text!("`{issuer}`", "`{issuer}`") };
    vec![Issue::warning("issuer", place, expected, seen)]
}

/// The first certificate of the chain that another than PKIoverheid issued: its place, who may, and who did.
fn stranger<'a>(shown: Shown<'a>) -> Option<(String, &'static [&'static str], &'a str)> {
    let mut at = shown.leaf();
    if !is_of(at, ISSUERS) {
        return Some((shown.place(), ISSUERS, common_name(&at.issuer)));
    }
    // Only the way up counts; a server may send certificates that nobody asked for.
    for _ in 0..shown.chain.len() {
        let Some(above) = shown.chain.iter().find(|above| above.subject == at.issuer && above.sha256 != at.sha256)
        else {
            break;
        };
        if above.subject == above.issuer {
            break;
        }
        if !is_of(above, ABOVE) {
            let subject = common_name(&above.subject);
            return Some((format!("{} `{subject}`", shown.host), ABOVE, common_name(&above.issuer)));
        }
        at = above;
    }
    None
}

fn is_of(certificate: &CertificateFacts, issuers: &[&str]) -> bool {
    issuers.iter().any(|issuer| common_name(&certificate.issuer).eq_ignore_ascii_case(issuer))
}

/// The Common Name in a name as RFC 4514 writes it. None of the names that count has a character that is escaped.
fn common_name(name: &str) -> &str {
    name.split(',').find_map(|part| part.trim().strip_prefix("CN=")).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::tls::shown::testing::found;
    use crate::rules::tls::shown::testing::issued_by;

    fn above(subject: &str, issuer: &str) -> CertificateFacts {
        let subject = format!("CN={subject},O=Staat der Nederlanden,C=NL");
        CertificateFacts { subject, sha256: issuer.to_owned(), ..issued_by(issuer) }
    }

    #[test]
    fn certificates_of_pkioverheid_pass_with_and_without_the_chain() {
        let kpn = "KPN PKIoverheid Private Services CA - G1";
        let services = "Staat der Nederlanden Private Services CA - G1";
        let root = "Staat der Nederlanden Private Root CA - G1";
        let chain = [issued_by(kpn), above(kpn, services), above(services, root), above(root, root)];
        for length in 1..=chain.len() {
            assert_eq!(found(&RULE, &[], &chain[..length]), Vec::<String>::new(), "{length}");
        }
        assert_eq!(found(&RULE, &[issued_by("anders")], &[issued_by(services)]), Vec::<String>::new());
        // What is not on the way up is nobody's concern.
        let more = [issued_by(kpn), above("Elders", "Anders")];
        assert_eq!(found(&RULE, &[], &more), Vec::<String>::new());
    }

    #[test]
    fn another_issuer_is_a_warning() {
        let other = found(&RULE, &[], &[issued_by("Voorbeeld CA")]);
        assert!(other[0].starts_with("warning issuer #2 token.example certificate"), "{other:?}");
        assert_eq!(found(&RULE, &[], &[issued_by("KPN PKIoverheid Private Services CA - G4")]).len(), 1);
        let kpn = "KPN PKIoverheid Private Services CA - G1";
        assert_eq!(found(&RULE, &[], &[issued_by(kpn), above(kpn, "Voorbeeld CA")]).len(), 1);
    }

    #[test]
    fn outside_production_nothing_is_said() {
        expect(&RULE, Recording::new().token(&[]).json(200, "{}"), &["not seen"]);
        assert_eq!(found(&RULE, &[issued_by("x")], &[]), ["not seen"]);
    }
}
