//! AUTH-27: no parameter twice.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::text;

declare_rule! {
    /// The Authorization Server takes no authorization request in which a parameter stands twice.
    ///
    /// ## How it is tested
    /// Authorization requests with a second, other `client_id`, `redirect_uri` or `scope` go through the declared pages as far
    /// as they lead. An error redirect or an error page passes; a code means that one of the two was picked silently.
    /// ## Not covered
    /// Which of the two was picked.
    /// ## Source
    /// RFC 6749, sections 3.1 and 4.1.2.1.
    pub static RULE = {
        id: "AUTH-27",
        summary: "a parameter that stands twice is refused",
        dva: check,
    }
}

const PROBES: &[&str] = &["client-id-twice", "redirect-uri-twice", "scope-twice"];

fn check(context: &Context, run: &Run) -> Judgement {
    let redirect_uri = context.redirect_uri();
    Judgement::each(oauth::probed(run, redirect_uri, PROBES), oauth::not_probed(PROBES), |flow| {
        let Some(redirect) = flow.sent_to(&flow.redirect_uris(redirect_uri)).filter(|redirect| redirect.grants())
        else {
            return Vec::new();
        };
        let name = flow.probe().unwrap_or_default().trim_end_matches("-twice").replace('-', "_");
        let seen = text!("een code, met twee keer `{name}`", "a code, with `{name}` twice");
        let expected =
            Text::new("een fout: de parameter staat er twee keer", "an error: the parameter stands there twice");
        vec![Issue::warning("repeated-parameter-accepted", name, expected, seen).at(redirect.exchange.number)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn probe() -> Recording {
        Recording::new().probe("scope-twice").authorize(&[("scope", "ziekenhuis"), ("scope", "ander")])
    }

    #[test]
    fn an_error_of_any_kind_passes() {
        expect(&RULE, probe().redirect("?error=invalid_request&state=s1"), &[]);
        expect(&RULE, probe().page(400, "fout"), &[]);
    }

    #[test]
    fn a_code_is_a_warning() {
        assert_eq!(
            issues(&RULE, probe().page(200, "").visit("login").redirect("?code=REDACTED.code.1&state=s1")),
            ["warning repeated-parameter-accepted #2 scope: an error: the parameter stands there twice / \
              a code, with `scope` twice"]
        );
    }
}
