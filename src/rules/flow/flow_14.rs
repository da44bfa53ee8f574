//! FLOW-14: the scope for Verzamelen is the provider alone.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::oauth;
use crate::rules::oauth::Ending;
use crate::rules::oauth::Flow;
use crate::text;

declare_rule! {
    /// For Verzamelen the scope of an authorization request has one value: the name of the provider. The Authorization Server
    /// takes it.
    ///
    /// ## How it is tested
    /// Each regular flow for Verzamelen: sent back with `invalid_scope` is a breach. What comes of a scope with two values,
    /// and of one with a gegevensdienst behind the name, is recorded: those bind the client.
    /// Of a DVP: the scope of each authorization request for Verzamelen that arrives has one value.
    /// ## Not covered
    /// The scope that codes and refresh tokens are issued with, which nothing on the wire shows; that of access tokens
    /// (TOK-11).
    /// ## Source
    /// Afsprakenstelsel 2.2.4, Autorisatie (compared page), core.autorisatie item 6.
    pub static RULE = {
        id: "FLOW-14",
        summary: "the name of the provider is a scope for Verzamelen",
        dva: of_server,
        dvp: of_client,
    }
}

const PROBES: &[&str] = &["scope-two-values", "scope-with-service"];

fn of_client(_: &Context, run: &Run) -> Judgement {
    client::each_value(run, Interface::Authorization, "scope", |scope| {
        let count = scope.split(' ').filter(|value| !value.is_empty()).count();
        let expected = Text::new("een waarde: de naam van de zorgaanbieder", "one value: the name of the provider");
        let seen = text!("{count} waarden: `{scope}`", "{count} values: `{scope}`");
        (count > 1 && !scope.contains('~')).then(|| Issue::error("scope-values", "scope", expected, seen))
    })
}

fn of_server(context: &Context, run: &Run) -> Judgement {
    let uri = context.redirect_uri();
    let regular = oauth::flows(run).into_iter().filter(|flow| flow.probe().is_none() && !oauth::is_for_sharing(flow));
    let came_back = regular.filter(|flow| matches!(flow.ending(uri), Ending::Granted(_) | Ending::Refused(_)));
    let occasions = came_back.chain(oauth::probed(run, uri, PROBES));
    let none = Text::new("geen gewone flow kwam bij de client terug", "no regular flow came back to the client");
    Judgement::each(occasions, none, |flow| issue(&flow, uri).into_iter().collect())
}

fn issue(flow: &Flow, uri: &str) -> Option<Issue> {
    let scope = flow.sent("scope").unwrap_or_default();
    if flow.probe().is_none() {
        let Ending::Refused(redirect) = flow.ending(uri) else { return None };
        let expected = text!("scope `{scope}` wordt aanvaard", "scope `{scope}` is accepted");
        let issue = Issue::error("single-scope-refused", "scope", expected, Text::same("`invalid_scope`"));
        return (redirect.parameter("error") == Some("invalid_scope")).then(|| issue.at(redirect.exchange.number));
    }
    let (seen, at) = oauth::told(flow, uri)?;
    let expected = text!("elk antwoord op scope `{scope}`", "any answer to scope `{scope}`");
    let code = if flow.probe() == Some("scope-two-values") { "scope-two-values" } else { "scope-with-service" };
    Some(Issue::information(code, "scope", expected, seen).at(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;

    #[test]
    fn the_name_of_the_provider_is_taken() {
        expect(&RULE, Recording::new().authorize(&[]).redirect("?code=REDACTED.code.1&state=s1"), &[]);
        expect(&RULE, Recording::new().authorize(&[]).redirect("?error=access_denied&state=s1"), &[]);
        expect(&RULE, Recording::new().authorize(&[]).redirect("?error=invalid_scope"), &["single-scope-refused"]);
        let sharing = Recording::new().authorize(&[("scope", "ziekenhuis~57")]);
        expect(&RULE, sharing.redirect("?error=invalid_scope"), &["not seen"]);
    }

    #[test]
    fn other_forms_are_told() {
        let two = || Recording::new().probe("scope-two-values").authorize(&[("scope", "a a")]);
        expect(&RULE, two().redirect("?error=invalid_scope"), &["scope-two-values"]);
        expect(&RULE, two().redirect("?code=REDACTED.code.1"), &["scope-two-values"]);
        let with = Recording::new().probe("scope-with-service").authorize(&[("scope", "a~48")]);
        expect(&RULE, with.page(400, ""), &["scope-with-service"]);
    }

    #[test]
    fn a_client_asks_for_one_provider() {
        let asked = |scope| client_issues(&RULE, Recording::new().authorize(&[("scope", scope)]));
        assert_eq!(asked("ziekenhuis"), Vec::<String>::new());
        assert_eq!(asked("ziekenhuis huisarts"), ["scope-values"]);
        assert_eq!(asked("ziekenhuis~57"), Vec::<String>::new());
    }
}
