//! AUTH-06: the scope is the name of a provider that the server serves.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::lists::simple;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::oauth;
use crate::rules::oauth::Ending;
use crate::text;

declare_rule! {
    /// An authorization request for Verzamelen whose scope names no provider of the Authorization Server gets no code.
    ///
    /// ## How it is tested
    /// Authorization requests with the name of an unknown provider, with the name of the right one that has a long tail or a
    /// quote behind it, with an empty scope and without scope go through the declared pages as far as they lead. An OAuth error or an error page passes; a code is a breach. Without scope a code is
    /// a warning: RFC 6749, section 3.3 lets a server fall back on a default.
    /// Of a DVP: each value of the scope of each authorization request that arrives is a name as the lists have them, without
    /// `@medmij` and without a gegevensdienst behind it. The forms of extensions (`subscribe~`, `onbehalfof`) and of Delen are not judged.
    /// ## Not covered
    /// A provider of another DVA: the harness cannot know which those are. Which error it is (AUTH-26).
    /// ## Source
    /// Afsprakenstelsel 2.x, Authorization interface, core.authint.200; RFC 6749, section 3.3.
    pub static RULE = {
        id: "AUTH-06",
        summary: "a scope that names no provider of the server gives no code",
        dva: of_server,
        dvp: of_client,
    }
}

const PROBES: &[&str] = &["scope-unknown-provider", "scope-long", "scope-quote", "scope-empty", "scope-missing"];

/// GegevensdienstIds that are known to be for Verzamelen: what a DVP collects in the suites.
pub const COLLECTED: [&str; 3] = ["48", "50", "51"];

fn of_client(_: &Context, run: &Run) -> Judgement {
    client::each_value(run, Interface::Authorization, "scope", |scope| {
        let names = scope.split(' ').filter(|name| !name.is_empty() && !is_other_form(name));
        let issues = names.filter_map(|name| {
            let expected = Text::new(
                "de naam van de zorgaanbieder, zonder @medmij en zonder gegevensdienst",
                "the name of the provider, without @medmij and without gegevensdienst",
            );
            let holds = simple::ZORGAANBIEDERNAAM.holds(&format!("{name}@medmij"));
            (!holds).then(|| Issue::error("scope-form", "scope", expected, Text::same(format!("`{name}`"))))
        });
        issues.collect::<Vec<_>>()
    })
}

/// Whether a value may be right in another function than Verzamelen.
fn is_other_form(value: &str) -> bool {
    let is_extension = ["subscribe~", "onbehalfof"].iter().any(|word| value.starts_with(word));
    is_extension || value.rsplit_once('~').is_some_and(|(_, id)| !COLLECTED.contains(&id))
}

fn of_server(context: &Context, run: &Run) -> Judgement {
    let redirect_uri = context.redirect_uri();
    Judgement::each(oauth::probed(run, redirect_uri, PROBES), oauth::not_probed(PROBES), |flow| {
        let expected =
            Text::new("een OAuth-fout of een foutpagina, geen code", "an OAuth error or error page, no code");
        let issue = match flow.ending(redirect_uri) {
            Ending::Granted(redirect) => match flow.sent("scope") {
                Some(scope) => {
                    let seen = text!("een code bij scope `{scope}`", "a code for scope `{scope}`");
                    Some(Issue::error("scope-accepted", "scope", expected, seen).at(redirect.exchange.number))
                }
                None => {
                    let seen = Text::new("een code zonder scope", "a code without scope");
                    Some(Issue::warning("scope-missing-accepted", "scope", expected, seen).at(redirect.exchange.number))
                }
            },
            Ending::Bare(redirect) => {
                let seen = Text::new("een redirect zonder error", "a redirect without error");
                Some(Issue::error("scope-without-error", "error", expected, seen).at(redirect.exchange.number))
            }
            Ending::Refused(_) | Ending::Page(_) | Ending::Unknown => None,
        };
        issue.into_iter().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::OMIT;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn probe() -> Recording {
        Recording::new().probe("scope-unknown-provider").authorize(&[("scope", "onbekend")])
    }

    #[test]
    fn an_error_or_an_error_page_passes() {
        expect(&RULE, probe().redirect("?error=invalid_scope&state=s1"), &[]);
        expect(&RULE, probe().page(400, "fout"), &[]);
    }

    #[test]
    fn a_code_is_found() {
        assert_eq!(
            issues(&RULE, probe().page(200, "").visit("login").redirect("?code=REDACTED.code.1&state=s1")),
            ["error scope-accepted #2 scope: an OAuth error or error page, no code / a code for scope `onbekend`"]
        );
        expect(&RULE, probe().redirect("?state=s1"), &["scope-without-error"]);
    }

    #[test]
    fn a_default_scope_is_a_warning_only() {
        let missing = Recording::new().probe("scope-missing").authorize(&[("scope", OMIT)]);
        let found = issues(&RULE, missing.redirect("?code=REDACTED.code.1"));
        assert!(found[0].starts_with("warning scope-missing-accepted"), "{found:?}");
    }

    #[test]
    fn a_client_asks_by_the_name_alone() {
        let asked = |scope| client_issues(&RULE, Recording::new().authorize(&[("scope", scope)]));
        for good in ["ziekenhuis", "huisartsen-noord&zuid.x1", "ziekenhuis~57", "subscribe~ziekenhuis", "a b"] {
            assert_eq!(asked(good), Vec::<String>::new(), "{good}");
        }
        for bad in ["ziekenhuis@medmij", "ziekenhuis~48", "Ziekenhuis", "ziekenhuis/48"] {
            assert_eq!(asked(bad), ["scope-form"], "{bad}");
        }
    }
}
