//! TOK-04: the grant type is authorization_code.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::oauth;
use crate::text;

declare_rule! {
    /// The Authorization Server gives no token for another grant type than `authorization_code` (and `refresh_token`).
    ///
    /// ## How it is tested
    /// Token requests with a fresh code and the grant type `password`, `client_credentials`, an unknown one, or none. A token is
    /// a breach. The error is `unsupported_grant_type`, `unauthorized_client` or `invalid_request`; `invalid_client` passes too,
    /// for a server that answers 401. Without grant type any OAuth error passes.
    /// Of a DVP: the value in each token request that arrives is `authorization_code`, but for a refresh (TOK-03).
    /// ## Not covered
    /// Status and form of the error, and values that no standard knows (TOK-21).
    /// ## Source
    /// Afsprakenstelsel 2.x, Token interface, core.tknint.200; RFC 6749, section 5.2.
    pub static RULE = {
        id: "TOK-04",
        summary: "another grant type gives no token",
        dva: of_server,
        dvp: of_client,
    }
}

/// The probes that break `grant_type`.
pub const PROBES: &[&str] =
    &["grant-type-password", "grant-type-client-credentials", "grant-type-unknown", "grant-type-missing"];

const ERRORS: &[&str] = &["unsupported_grant_type", "unauthorized_client", "invalid_request", "invalid_client"];

fn of_client(_: &Context, run: &Run) -> Judgement {
    // Those of a refresh are for TOK-03.
    let of_code = client::requests(run, Interface::Token).filter(|exchange| !client::is_refresh(exchange));
    let given = of_code.flat_map(|exchange| {
        let values = client::values(&client::parameters(exchange), "grant_type").into_iter();
        values.filter(|value| !value.is_empty()).map(|value| (exchange.number, value))
    });
    let none = Text::new("geen tokenverzoek met grant_type", "no token request with grant_type");
    Judgement::each(given, none, |(number, value)| {
        let expected = Text::same("`authorization_code`");
        let issue = || Issue::error("grant-type", "grant_type", expected, Text::same(format!("`{value}`"))).at(number);
        (value != "authorization_code").then(issue).into_iter().collect()
    })
}

fn of_server(_: &Context, run: &Run) -> Judgement {
    let answers = oauth::probes(run, Interface::Token, PROBES);
    Judgement::each(answers, oauth::not_probed(PROBES), |exchange| issue(exchange).into_iter().collect())
}

fn issue(exchange: &Exchange) -> Option<Issue> {
    if oauth::token(exchange).is_some() {
        let form = exchange.request.body.form();
        let seen = match form.into_iter().find(|(name, _)| name == "grant_type") {
            Some((_, grant)) => text!("een token voor grant_type `{grant}`", "a token for grant_type `{grant}`"),
            None => Text::new("een token zonder grant_type", "a token without grant_type"),
        };
        let expected = Text::new("een OAuth-fout, geen token", "an OAuth error, no token");
        return Some(Issue::error("grant-type-accepted", "grant_type", expected, seen).at(exchange.number));
    }
    let error = oauth::error(exchange)?;
    let missing = exchange.probe.as_deref() == Some("grant-type-missing");
    if missing || ERRORS.contains(&error.as_str()) || !oauth::TOKEN_ERRORS.contains(&error.as_str()) {
        return None;
    }
    let list = ERRORS[..3].join(", ");
    let issue = Issue::error(
        "grant-type-error-value",
        "error",
        text!("een van {list}", "one of {list}"),
        Text::same(format!("`{error}`")),
    );
    Some(issue.at(exchange.number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn probe(name: &str) -> Recording {
        Recording::new().probe(name).token(&[("grant_type", "toetsbank"), ("code", "REDACTED.code.1")])
    }

    #[test]
    fn every_listed_reaction_passes() {
        for error in ["unsupported_grant_type", "unauthorized_client", "invalid_request"] {
            expect(&RULE, probe("grant-type-unknown").json(400, &format!(r#"{{"error": "{error}"}}"#)), &[]);
        }
        expect(&RULE, probe("grant-type-password").json(401, r#"{"error": "invalid_client"}"#), &[]);
        expect(&RULE, probe("grant-type-missing").json(400, r#"{"error": "invalid_grant"}"#), &[]);
    }

    #[test]
    fn form_and_unknown_values_are_left_to_their_rule() {
        expect(&RULE, probe("grant-type-unknown").page(500, "fout"), &[]);
        expect(&RULE, probe("grant-type-unknown").json(400, r#"{"error": "bad"}"#), &[]);
    }

    #[test]
    fn a_token_or_another_error_is_found() {
        assert_eq!(
            issues(&RULE, probe("grant-type-unknown").json(200, r#"{"access_token": "REDACTED.access-token.1"}"#)),
            ["error grant-type-accepted #1 grant_type: an OAuth error, no token / a token for grant_type `toetsbank`"]
        );
        expect(
            &RULE,
            probe("grant-type-unknown").json(400, r#"{"error": "invalid_scope"}"#),
            &["grant-type-error-value"],
        );
    }

    #[test]
    fn a_client_swaps_a_code_or_refreshes() {
        let asked = |grant| client_issues(&RULE, Recording::new().token(&[("grant_type", grant)]));
        assert_eq!(asked("authorization_code"), Vec::<String>::new());
        assert_eq!(asked("refresh_token"), ["not seen"]);
        assert_eq!(asked("client_credentials"), ["grant-type"]);
        assert_eq!(asked("refresh_code"), ["grant-type"]);
    }
}
