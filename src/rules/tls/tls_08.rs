//! TLS-08: what the certificate of the front channel is like.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::tls::shown;
use crate::rules::tls::shown::Channel;
use crate::rules::tls::shown::Shown;
use crate::rules::tls::tls_09;
use crate::rules::tls::tls_10;
use crate::text;

declare_rule! {
    /// What the certificate of the front channel says of its validation and its names is recorded in production.
    ///
    /// ## How it is tested
    /// For a candidate with `environment = "production"`: the certificate that the authorization server shows in the exchanges of
    /// the run, how its holder was validated (policies of the CA/Browser Forum), and whether it has a wildcard. Never held
    /// against the candidate: the demands of the rule itself were not read.
    /// ## Not covered
    /// DNSSEC and the CAA record of the domain: they take questions to the DNS, and toetsbank asks nobody but the candidate.
    /// ## Source
    /// Afsprakenstelsel, core.tls.315.
    pub static RULE = {
        id: "TLS-08",
        summary: "the certificate of the front channel is recorded",
        dva: check,
    }
}

fn check(context: &Context, run: &Run) -> Judgement {
    shown::judge(context, run, Channel::Front, |shown| Some(vec![of_host(shown)]))
}

fn of_host(shown: Shown) -> Issue {
    let validated = tls_09::validation(shown.leaf())
        .map_or_else(|| Text::new("validatie niet vermeld", "validation not told"), |validation| validation.text());
    let wildcard = match tls_10::wildcards(shown.leaf()).next() {
        Some(name) => text!("wildcard `{name}`", "wildcard `{name}`"),
        None => Text::new("geen wildcard", "no wildcard"),
    };
    let expected = Text::new(
        "Organisation Validated, geen wildcard (niet getoetst: DNSSEC, CAA)",
        "Organisation Validated, no wildcard (not checked: DNSSEC, CAA)",
    );
    let (nl, en) = (format!("{}, {}", validated.nl, wildcard.nl), format!("{}, {}", validated.en, wildcard.en));
    Issue::information("front-certificate", shown.place(), expected, Text::new(nl, en))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::tls::shown::testing::found;
    use crate::rules::tls::shown::testing::leaf;

    #[test]
    fn it_is_recorded_and_never_more() {
        let told = found(&RULE, &[leaf(&["*.example"], &["2.23.140.1.2.1"])], &[]);
        assert_eq!(told.len(), 1);
        assert!(told[0].starts_with("information front-certificate #1 as.example certificate"), "{told:?}");
        assert!(told[0].ends_with("Domain Validated, wildcard `*.example`"), "{told:?}");
        assert!(found(&RULE, &[leaf(&["as.example"], &[])], &[])[0].ends_with("validation not told, no wildcard"));
        expect(&RULE, Recording::new().authorize(&[]).page(200, ""), &["not seen"]);
    }
}
