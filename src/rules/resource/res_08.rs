//! RES-08: a token that does not cover the service.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::Trace;
use crate::lists::roles;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::rules::resource::challenge;
use crate::text;

declare_rule! {
    /// An access token gives no data of a service that it does not cover, but status 403 and `insufficient_scope`.
    ///
    /// ## How it is tested
    /// A token is asked for a service of Delen (`name~57`). When the candidate gives one of that scope, it is used for a right
    /// request of a service of Verzamelen. The other way round, a token for Verzamelen is used to share. An answer of success
    /// is a breach; another status than 403 or another error than `insufficient_scope` is a warning.
    /// ## Not covered
    /// Two services of Verzamelen: in 2.x the scope is the provider alone, and its token covers them all (services that the
    /// OAuth Client List withholds: TOK-19). Candidates that give no token for Delen, or one whose scope says that it is for
    /// more. An address that serves Delen and Verzamelen both (FLOW-36).
    /// ## Source
    /// RFC 6750, section 3.1; RFC 6749, sections 3.3 and 5.1.
    pub static RULE = {
        id: "RES-08",
        summary: "a token gives no data of a service it does not cover",
        dva: check,
    }
}

const PROBES: &[&str] = &["sharing-token-read", "collecting-token-write"];

fn check(context: &Context, run: &Run) -> Judgement {
    let traces = PROBES.iter().flat_map(|probe| run.probe_traces(probe)).filter(|trace| is_for_one_function(trace));
    let uses = traces.flat_map(|trace| &trace.exchanges).filter(|exchange| {
        exchange.interface == Interface::Resource
            && exchange.probe.is_some()
            && !oauth::is_no_answer(exchange)
            && !serves_both(context, &exchange.request.url)
    });
    let none = Text::new(
        "de kandidaat gaf geen access token dat alleen voor Delen (`naam~57`) of alleen voor Verzamelen is, heeft voor beide \
         één adres, of de proef is niet verstuurd; een token voor Verzamelen dekt alle diensten van Verzamelen",
        "the candidate gave no access token that is for Delen (`name~57`) or for Verzamelen alone, has one address for both, \
         or the probe was not sent; a token for Verzamelen covers all services of Verzamelen",
    );
    Judgement::each(uses, none, |exchange| issue(exchange).into_iter().collect())
}

/// Whether the ResourceEndpoint of a request is that of two services, of which one stands by its id alone, as Delen does.
fn serves_both(context: &Context, url: &str) -> bool {
    let is_at = |base: &str| url.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    let endpoints = context.candidate.endpoints.resource.iter();
    let here = endpoints.filter(|(_, address)| is_at(address.as_str().trim_end_matches('/')));
    let keys: Vec<&str> = here.map(|(key, _)| key.as_str()).collect();
    let is_id = |key: &&str| roles::service_of(key) == Some(*key);
    keys.iter().any(is_id) && keys.iter().any(|key| !is_id(key))
}

/// Whether the token that came in a trace is for what was asked alone: one service of Delen, or Verzamelen. A response
/// without `scope` gives what was asked (RFC 6749, section 5.1).
fn is_for_one_function(trace: &Trace) -> bool {
    let asked = trace.exchanges.iter().find(|exchange| exchange.interface == Interface::Authorization);
    let Some(asked) = asked.and_then(|exchange| exchange.request.parameter("scope")) else { return false };
    let given = trace.exchanges.iter().rfind(|exchange| exchange.interface == Interface::Token);
    let Some(given) = given.filter(|exchange| oauth::token(exchange).is_some()) else { return false };
    match given.response.as_ref().and_then(|response| response.body.json()).map(|body| body["scope"].clone()) {
        Some(serde_json::Value::String(scope)) => {
            scope == asked || asked.split_once('~').is_some_and(|(_, service)| scope == service)
        }
        Some(serde_json::Value::Null) => true,
        _ => false,
    }
}

fn issue(exchange: &Exchange) -> Option<Issue> {
    let status = exchange.status()?;
    let expected = Text::new("403 met `insufficient_scope`, geen gegevens", "403 with `insufficient_scope`, no data");
    let issue = if (200..300).contains(&status) {
        let (nl, en) = match exchange.request.method.as_str() {
            "POST" => ("Verzamelen, gebruikt om te delen", "Verzamelen, used to share"),
            _ => ("Delen", "Delen"),
        };
        let seen = text!(
            "een antwoord met status {status} op een token voor {nl}",
            "an answer with status {status} to a token for {en}"
        );
        Issue::error("data-beyond-scope", "status", expected, seen)
    } else if status != 403 {
        let seen = text!("een weigering met status {status}", "a refusal with status {status}");
        Issue::warning("beyond-scope-status", "status", expected, seen)
    } else {
        let seen = match challenge::error(exchange).as_deref() {
            Some("insufficient_scope") => return None,
            Some(error) => Text::same(format!("`{error}`")),
            None => Text::new("geen foutcode", "no error code"),
        };
        Issue::warning("not-insufficient-scope", "WWW-Authenticate", expected, seen)
    };
    Some(issue.at(exchange.number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues_of;

    /// A token response with this body, and the read that follows it.
    fn read(token: &str) -> Recording {
        let flow = Recording::new().probe("sharing-token-read").authorize(&[("scope", "ziekenhuis~57")]);
        flow.redirect("?code=c1&state=s1").token(&[("code", "c1")]).json(200, token).get("Patient")
    }

    const TOKEN: &str = r#"{"access_token": "t", "scope": "ziekenhuis~57"}"#;

    #[test]
    fn a_refusal_passes() {
        let challenge = "Bearer realm=\"x\", error=\"insufficient_scope\"";
        expect(&RULE, read(TOKEN).json(403, "{}").header("WWW-Authenticate", challenge), &[]);
    }

    #[test]
    fn data_are_found_whatever_way_the_scope_is_told() {
        for token in [TOKEN, r#"{"access_token": "t"}"#, r#"{"access_token": "t", "scope": "57"}"#] {
            expect(&RULE, read(token).json(200, "{}"), &["data-beyond-scope"]);
        }
    }

    fn write(token: &str) -> Recording {
        let flow = Recording::new().probe("collecting-token-write").authorize(&[("scope", "ziekenhuis")]);
        flow.redirect("?code=c1&state=s1").token(&[("code", "c1")]).json(200, token).post("", "{}")
    }

    #[test]
    fn a_token_to_collect_is_not_good_to_share_with() {
        let challenge = "Bearer realm=\"x\", error=\"insufficient_scope\"";
        for token in [r#"{"access_token": "t"}"#, r#"{"access_token": "t", "scope": "ziekenhuis"}"#] {
            expect(&RULE, write(token).json(403, "{}").header("WWW-Authenticate", challenge), &[]);
            expect(&RULE, write(token).json(200, "{}"), &["data-beyond-scope"]);
        }
        expect(&RULE, write(r#"{"access_token": "t", "scope": "48 57"}"#).json(200, "{}"), &["not seen"]);
    }

    #[test]
    fn an_address_for_both_shows_nothing() {
        let seen = |key: &str| {
            issues_of(&RULE, read(TOKEN).json(200, "{}"), |candidate| {
                let address = || "https://fhir.example/bgz".parse().unwrap();
                candidate.endpoints.resource =
                    [("57", address()), (key, address())].map(|(k, url)| (k.to_owned(), url)).into();
            })
        };
        assert_eq!(seen("MM-3.0-BZB-FHIR"), ["not seen"]);
        assert_eq!(seen("57").len(), 1);
    }

    #[test]
    fn another_refusal_is_a_warning() {
        let invalid = "Bearer error=\"invalid_token\"";
        expect(&RULE, read(TOKEN).json(401, "").header("WWW-Authenticate", invalid), &["beyond-scope-status"]);
        expect(&RULE, read(TOKEN).json(403, ""), &["not-insufficient-scope"]);
    }

    #[test]
    fn a_token_that_rightly_covers_more_shows_nothing() {
        for scope in ["ziekenhuis", "48 49 51 57", ""] {
            let token = format!(r#"{{"access_token": "t", "scope": "{scope}"}}"#);
            expect(&RULE, read(&token).json(200, "{}"), &["not seen"]);
        }
        expect(&RULE, read(r#"{"error": "invalid_scope"}"#).json(200, "{}"), &["not seen"]);
        expect(&RULE, Recording::new().get("Patient").json(200, "{}"), &["not seen"]);
    }
}
