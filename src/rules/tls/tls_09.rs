//! TLS-09: the holder of the certificate of the front channel was validated as an organisation.

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

declare_rule! {
    /// In production the certificate of the authorization server is Organisation Validated.
    ///
    /// ## How it is tested
    /// For a candidate with `environment = "production"`: the policies in the certificate that the authorization server shows in
    /// the exchanges of the run. Those of the CA/Browser Forum for Organisation Validated, and for Extended Validation, which asks
    /// more, pass; Domain Validated and Individual Validated are warnings. A certificate that names none of them is left alone.
    /// ## Not covered
    /// Whether the issuer meets the rules of the GDPR.
    /// ## Source
    /// Advice AF-1273; CA/Browser Forum, Baseline Requirements, section 7.1.6.1.
    pub static RULE = {
        id: "TLS-09",
        summary: "the certificate of the front channel is Organisation Validated",
        dva: check,
    }
}

/// How an issuer found out who the holder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Validation {
    /// Whoever has the domain.
    Domain,
    /// A person.
    Individual,
    /// An organisation.
    Organisation,
    /// An organisation, with more checks.
    Extended,
}

impl Validation {
    /// The words of the CA/Browser Forum.
    pub fn text(self) -> Text {
        Text::same(match self {
            Self::Domain => "Domain Validated",
            Self::Individual => "Individual Validated",
            Self::Organisation => "Organisation Validated",
            Self::Extended => "Extended Validation",
        })
    }
}

/// The best validation that a certificate names.
pub fn validation(certificate: &CertificateFacts) -> Option<Validation> {
    let named = certificate.policies.iter().filter_map(|policy| match policy.as_str() {
        "2.23.140.1.2.1" => Some(Validation::Domain),
        "2.23.140.1.2.3" => Some(Validation::Individual),
        "2.23.140.1.2.2" => Some(Validation::Organisation),
        "2.23.140.1.1" => Some(Validation::Extended),
        _ => None,
    });
    named.max()
}

fn check(context: &Context, run: &Run) -> Judgement {
    shown::judge(context, run, Channel::Front, of_host)
}

fn of_host(shown: Shown) -> Option<Vec<Issue>> {
    let validation = validation(shown.leaf())?;
    if validation >= Validation::Organisation {
        return Some(Vec::new());
    }
    Some(vec![Issue::warning("validation", shown.place(), Validation::Organisation.text(), validation.text())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::tls::shown::testing::found;
    use crate::rules::tls::shown::testing::leaf;

    #[test]
    fn organisation_and_extended_pass() {
        for policies in [&["2.23.140.1.2.2"][..], &["2.23.140.1.1"], &["1.3.6.1.4.1.1", "2.23.140.1.2.2"]] {
            assert_eq!(found(&RULE, &[leaf(&["as.example"], policies)], &[]), Vec::<String>::new());
        }
    }

    #[test]
    fn less_is_a_warning_and_nothing_is_nothing() {
        for policy in ["2.23.140.1.2.1", "2.23.140.1.2.3"] {
            let told = found(&RULE, &[leaf(&["as.example"], &[policy])], &[]);
            assert!(told.len() == 1 && told[0].starts_with("warning validation #1 as.example"), "{told:?}");
        }
        assert_eq!(found(&RULE, &[leaf(&["as.example"], &["2.16.528.1.1003.1.2.5.6"])], &[]), ["not seen"]);
        expect(&RULE, Recording::new().authorize(&[]).page(200, ""), &["not seen"]);
    }
}
