//! AUTH-07: the scope of Delen names one provider with one service.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::lists::simple;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::authorization::auth_06::COLLECTED;
use crate::rules::client;
use crate::rules::oauth;
use crate::rules::oauth::Ending;
use crate::rules::oauth::Flow;
use crate::text;

declare_rule! {
    /// For Delen the scope is the name of the provider, a tilde and the GegevensdienstId: exactly one such pair is accepted.
    ///
    /// ## How it is tested
    /// The regular flow for Delen of a claimed gegevensdienst: sent back with `invalid_scope` is a breach. With active probes
    /// authorization requests with a tilde and no id behind it, and with two pairs, go through the declared pages as far as
    /// they lead: an OAuth error passes, and so does an error page, which AUTH-06 allows for a scope that names nobody; a code
    /// is a breach. What comes of the id of a gegevensdienst of Verzamelen is recorded.
    /// Of a DVP: the scope of each authorization request with the id of a service that is not collected, or in a scenario in which
    /// the DVP sends something to the resource interface, is one such pair.
    /// ## Not covered
    /// Ids that the provider does not serve. Which error it is (AUTH-26). The statement that the person confirms (UI-04).
    /// ## Source
    /// Afsprakenstelsel 2.x, Authorization interface, core.authint.200, scope (Delen).
    pub static RULE = {
        id: "AUTH-07",
        summary: "the scope of Delen is one provider with one GegevensdienstId",
        dva: of_server,
        dvp: of_client,
    }
}

const PROBES: &[&str] = &["sharing-scope-without-id", "sharing-scope-two-pairs", "sharing-scope-collecting-service"];

fn of_client(_: &Context, run: &Run) -> Judgement {
    let asked = run.traces.iter().flat_map(|trace| {
        let sends = trace.exchanges.iter().any(|exchange| {
            let is_search = client::path(exchange).ends_with("_search");
            exchange.interface == Interface::Resource && exchange.request.method == "POST" && !is_search
        });
        let all = trace.exchanges.iter().filter(|exchange| exchange.interface == Interface::Authorization);
        let scopes = all.flat_map(|exchange| {
            let values = client::values(&client::parameters(exchange), "scope").into_iter();
            values.map(move |scope| (exchange.number, scope))
        });
        let scopes: Vec<(u32, String)> = scopes.collect();
        let of_sharing: Vec<(u32, String)> =
            scopes.iter().filter(|(_, scope)| scope.split(' ').any(shares)).cloned().collect();
        match (sends && of_sharing.is_empty(), scopes.last()) {
            (true, Some(last)) => vec![last.clone()],
            _ => of_sharing,
        }
    });
    let none = Text::new("de persoon deelde niets (Delen)", "the person shared nothing (Delen)");
    Judgement::each(asked, none, |(number, scope)| {
        let pair = scope.split_once('~').filter(|(name, id)| {
            let is_name = simple::ZORGAANBIEDERNAAM.holds(&format!("{name}@medmij"));
            is_name && !id.is_empty() && !id.contains(['~', ' '])
        });
        let expected = Text::new(
            "een zorgaanbieder met een gegevensdienst: `naam~id`",
            "one provider with one service: `name~id`",
        );
        let issue =
            || Issue::error("sharing-scope-form", "scope", expected, Text::same(format!("`{scope}`"))).at(number);
        pair.is_none().then(issue).into_iter().collect()
    })
}

/// Whether a value of a scope names a service that is not collected.
fn shares(value: &str) -> bool {
    let is_extension = ["subscribe~", "onbehalfof"].iter().any(|word| value.starts_with(word));
    !is_extension && value.rsplit_once('~').is_some_and(|(_, id)| !COLLECTED.contains(&id))
}

fn of_server(context: &Context, run: &Run) -> Judgement {
    let redirect_uri = context.redirect_uri();
    let flows = oauth::flows(run);
    let regular = flows.into_iter().filter(|flow| flow.probe().is_none() && oauth::is_for_sharing(flow));
    let answered = regular.filter(|flow| !matches!(flow.ending(redirect_uri), Ending::Unknown | Ending::Page(_)));
    let occasions = answered.chain(oauth::probed(run, redirect_uri, PROBES));
    let none = Text::new(
        "geen antwoord op een autorisatieverzoek voor Delen (`naam~id`)",
        "no answer to an authorization request for Delen (`name~id`)",
    );
    Judgement::each(occasions, none, |flow| issue(&flow, redirect_uri).into_iter().collect())
}

fn issue(flow: &Flow, redirect_uri: &str) -> Option<Issue> {
    let scope = flow.sent("scope").unwrap_or_default();
    let ending = flow.ending(redirect_uri);
    match flow.probe() {
        None => {
            let Ending::Refused(redirect) = ending else { return None };
            if redirect.parameter("error") != Some("invalid_scope") {
                return None;
            }
            let expected = text!("scope `{scope}` wordt aanvaard", "scope `{scope}` is accepted");
            let seen = Text::same("`invalid_scope`");
            Some(Issue::error("sharing-scope-refused", "scope", expected, seen).at(redirect.exchange.number))
        }
        Some("sharing-scope-collecting-service") => {
            let (seen, at) = oauth::told(flow, redirect_uri)?;
            let expected = text!("elk antwoord op scope `{scope}`", "any answer to scope `{scope}`");
            Some(Issue::information("sharing-scope-collecting-service", "scope", expected, seen).at(at))
        }
        Some(_) => {
            let expected =
                Text::new("een OAuth-fout of een foutpagina, geen code", "an OAuth error or error page, no code");
            match ending {
                Ending::Granted(redirect) => {
                    let seen = text!("een code bij scope `{scope}`", "a code for scope `{scope}`");
                    Some(Issue::error("sharing-scope-accepted", "scope", expected, seen).at(redirect.exchange.number))
                }
                Ending::Bare(redirect) => {
                    let seen = Text::new("een redirect zonder error", "a redirect without error");
                    Some(
                        Issue::error("sharing-scope-without-error", "error", expected, seen)
                            .at(redirect.exchange.number),
                    )
                }
                Ending::Refused(_) | Ending::Page(_) | Ending::Unknown => None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    const CODE: &str = "?code=REDACTED.code.1&state=s1";

    fn regular() -> Recording {
        Recording::new().authorize(&[("scope", "ziekenhuis~57")])
    }

    fn probe(name: &str, scope: &str) -> Recording {
        Recording::new().probe(name).authorize(&[("scope", scope)])
    }

    #[test]
    fn a_dvp_names_one_provider_with_one_service() {
        let asked = |scope: &str| Recording::new().authorize(&[("scope", scope)]);
        let sends = |scope: &str| client_issues(&RULE, asked(scope).post("", "{}"));
        assert_eq!(sends("ziekenhuis~57"), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, asked("ziekenhuis~57")), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, asked("ziekenhuis~57 ziekenhuis~53")), ["sharing-scope-form"]);
        assert_eq!(sends("ziekenhuis"), ["sharing-scope-form"]);
        for scope in ["ziekenhuis", "ziekenhuis~48", "subscribe~180/ziekenhuis~42"] {
            assert_eq!(client_issues(&RULE, asked(scope)), ["not seen"], "{scope}");
        }
    }

    #[test]
    fn a_claimed_service_is_accepted() {
        expect(&RULE, regular().redirect(CODE), &[]);
        assert_eq!(
            issues(&RULE, regular().redirect("?error=invalid_scope&state=s1")),
            ["error sharing-scope-refused #1 scope: scope `ziekenhuis~57` is accepted / `invalid_scope`"]
        );
    }

    #[test]
    fn another_error_says_nothing_of_the_scope() {
        expect(&RULE, regular().redirect("?error=access_denied&state=s1"), &[]);
        expect(&RULE, regular().redirect("?error=temporarily_unavailable"), &[]);
        expect(&RULE, regular().page(200, "inloggen"), &["not seen"]);
        expect(&RULE, Recording::new().authorize(&[]).redirect("?error=invalid_scope"), &["not seen"]);
    }

    #[test]
    fn no_pair_and_two_pairs_are_refused() {
        for (name, scope) in
            [("sharing-scope-without-id", "ziekenhuis~"), ("sharing-scope-two-pairs", "ziekenhuis~57 ziekenhuis~53")]
        {
            expect(&RULE, probe(name, scope).redirect("?error=invalid_scope&state=s1"), &[]);
            expect(&RULE, probe(name, scope).page(400, "fout"), &[]);
            expect(&RULE, probe(name, scope).redirect(CODE), &["sharing-scope-accepted"]);
            expect(&RULE, probe(name, scope).redirect("?state=s1"), &["sharing-scope-without-error"]);
        }
    }

    #[test]
    fn the_id_of_a_collecting_service_is_recorded() {
        let name = "sharing-scope-collecting-service";
        assert_eq!(
            issues(&RULE, probe(name, "ziekenhuis~51").redirect(CODE)),
            ["information sharing-scope-collecting-service #1 scope: any answer to scope `ziekenhuis~51` / a code"]
        );
        expect(&RULE, probe(name, "ziekenhuis~51").redirect("?error=invalid_scope"), &[name]);
    }
}
