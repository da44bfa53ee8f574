//! TLS-10: the certificate of the front channel has no wildcard.

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
    /// In production no name in the certificate of the authorization server is a wildcard.
    ///
    /// ## How it is tested
    /// For a candidate with `environment = "production"`: the Subject Alternative Names of the certificate that the
    /// authorization server shows in the exchanges of the run. A name with an asterisk is a warning.
    /// ## Not covered
    /// Certificates of the back channel, which the advice is not about.
    /// ## Source
    /// Advice AF-1273; RFC 6125, section 6.4.3.
    pub static RULE = {
        id: "TLS-10",
        summary: "no wildcard in the certificate of the front channel",
        dva: check,
    }
}

/// The names of a certificate that are wildcards.
pub fn wildcards(certificate: &CertificateFacts) -> impl Iterator<Item = &str> {
    certificate.names.iter().map(String::as_str).filter(|name| name.contains('*'))
}

fn check(context: &Context, run: &Run) -> Judgement {
    shown::judge(context, run, Channel::Front, of_host)
}

/// A certificate without names is for TLS-18 to judge.
fn of_host(shown: Shown) -> Option<Vec<Issue>> {
    let leaf = shown.leaf();
    if leaf.names.is_empty() {
        return None;
    }
    let found = wildcards(leaf).map(|name| {
        let expected = Text::new("namen zonder wildcard", "names without wildcard");
        Issue::warning("wildcard", shown.place(), expected, text!("`{name}`", "`{name}`"))
    });
    Some(found.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::tls::shown::testing::found;
    use crate::rules::tls::shown::testing::leaf;

    #[test]
    fn only_a_wildcard_is_found() {
        assert_eq!(found(&RULE, &[leaf(&["as.example", "www.as.example"], &[])], &[]), Vec::<String>::new());
        let told = found(&RULE, &[leaf(&["as.example", "*.as.example"], &[])], &[leaf(&["*.example"], &[])]);
        assert!(told.len() == 1 && told[0].starts_with("warning wildcard #1 as.example"), "{told:?}");
        assert_eq!(found(&RULE, &[leaf(&[], &[])], &[]), ["not seen"]);
        expect(&RULE, Recording::new().authorize(&[]).page(200, ""), &["not seen"]);
    }
}
