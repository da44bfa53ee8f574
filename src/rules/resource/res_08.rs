//! RES-08: a token that does not cover the service.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::Trace;
use crate::requirement::Role;
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
    /// request of a service of Verzamelen. Data are a breach; another status than 403 or another error than
    /// `insufficient_scope` is a warning.
    /// ## Not covered
    /// Two services of Verzamelen: in 2.x the scope is the provider alone, and its token covers them all (services that the
    /// OAuth Client List withholds: TOK-19). Candidates that give no token for Delen, or one whose scope says that it is for
    /// more.
    /// ## Source
    /// RFC 6750, section 3.1; RFC 6749, sections 3.3 and 5.1.
    pub static RULE = {
        id: "RES-08",
        summary: "a token gives no data of a service it does not cover",
        roles: &[Role::Dva],
        check: check,
    }
}

const PROBES: &[&str] = &["sharing-token-read"];

fn check(_: &Context, run: &Run) -> Judgement {
    let traces = PROBES.iter().flat_map(|probe| run.probe_traces(probe)).filter(|trace| is_for_sharing(trace));
    let reads = traces.flat_map(|trace| &trace.exchanges).filter(|exchange| {
        exchange.interface == Interface::Resource && exchange.probe.is_some() && !oauth::is_no_answer(exchange)
    });
    let none = Text::new(
        "de kandidaat gaf geen access token dat alleen voor Delen is (`name~57`), of de proef is niet verstuurd; een token \
         voor Verzamelen dekt alle diensten van de zorgaanbieder",
        "the candidate gave no access token that is for Delen alone (`name~57`), or the probe was not sent; a token for \
         Verzamelen covers all services of the provider",
    );
    Judgement::each(reads, none, |exchange| issue(exchange).into_iter().collect())
}

/// Whether the token that came in a trace is for the one service that was asked. A response without `scope` gives what was
/// asked (RFC 6749, section 5.1).
fn is_for_sharing(trace: &Trace) -> bool {
    let asked = trace.exchanges.iter().find(|exchange| exchange.interface == Interface::Authorization);
    let asked = asked.and_then(|exchange| exchange.request.parameter("scope"));
    let Some((name, service)) = asked.as_deref().and_then(|scope| scope.split_once('~')) else { return false };
    let given = trace.exchanges.iter().rfind(|exchange| exchange.interface == Interface::Token);
    let Some(given) = given.filter(|exchange| oauth::token(exchange).is_some()) else { return false };
    match given.response.as_ref().and_then(|response| response.body.json()).map(|body| body["scope"].clone()) {
        Some(serde_json::Value::String(scope)) => scope == service || scope == format!("{name}~{service}"),
        Some(serde_json::Value::Null) => true,
        _ => false,
    }
}

fn issue(exchange: &Exchange) -> Option<Issue> {
    let status = exchange.status()?;
    let expected = Text::new("403 met `insufficient_scope`, geen gegevens", "403 with `insufficient_scope`, no data");
    let issue = if (200..300).contains(&status) {
        let seen = text!(
            "een antwoord met status {status} op een token voor Delen",
            "an answer with status {status} to a token for Delen"
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
