//! TLS-28: a host that is not on the Whitelist is not told why.

use crate::candidate::Standing;
use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Response;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::rules::tls::whitelist;
use crate::text;

declare_rule! {
    /// The refusal of a host that is not on the Whitelist explains nothing.
    ///
    /// ## How it is tested
    /// The answers to the requests of TLS-14 that give no token and no data. A TLS alert, a closed connection and an answer without
    /// a reason pass, the standard page of a web server for its status too. An OAuth error (in JSON or in `WWW-Authenticate`), an
    /// OperationOutcome, and a text that speaks of the Whitelist are breaches.
    /// ## Not covered
    /// That the host is refused (TLS-14). Texts that explain in other words.
    /// ## Source
    /// Afsprakenstelsel, core.whl.309.
    pub static RULE = {
        id: "TLS-28",
        summary: "no explanation to a host that is not on the Whitelist",
        dva: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    let refused = |exchange: &&Exchange| match exchange.interface {
        Interface::Token => oauth::token(exchange).is_none(),
        _ => !whitelist::gives_data(exchange),
    };
    let refusals = whitelist::by_unlisted(run).filter(refused);
    Judgement::each(refusals, whitelist::no_reaction(Standing::Unlisted), |exchange| {
        let told = exchange.response.as_ref().and_then(explanation);
        let expected = Text::new("een kale weigering", "a bare refusal");
        let issue = told.map(|(place, seen)| Issue::error("refusal-explained", place, expected, seen));
        issue.into_iter().map(|issue| issue.at(exchange.number)).collect()
    })
}

/// Where an answer gives a reason, and what it is.
fn explanation(response: &Response) -> Option<(&'static str, Text)> {
    let json = response.body.json();
    let member = |name: &str| json.as_ref().and_then(|json| json.get(name)).and_then(|value| value.as_str());
    if let Some(error) = member("error").filter(|error| oauth::TOKEN_ERRORS.contains(error)) {
        return Some(("body", text!("de OAuth-fout `{error}`", "the OAuth error `{error}`")));
    }
    let text = response.body.text().unwrap_or_default();
    if member("resourceType") == Some("OperationOutcome") || text.contains("<OperationOutcome") {
        return Some(("body", Text::new("een OperationOutcome", "an OperationOutcome")));
    }
    let challenges = response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"));
    if challenges.into_iter().any(|(_, value)| value.to_lowercase().contains("error=")) {
        return Some(("WWW-Authenticate", Text::new("een OAuth-fout", "an OAuth error")));
    }
    let words = text.to_lowercase();
    let speaks = words.contains("whitelist") || words.contains("white list");
    speaks.then(|| ("body", Text::new("een tekst over de Whitelist", "a text about the Whitelist")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::FailureKind;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;

    fn token() -> Recording {
        Recording::new().probe("unlisted-host-token").token(&[]).showing("unlisted")
    }

    fn data() -> Recording {
        Recording::new().probe("unlisted-host-data").get("Patient").showing("unlisted")
    }

    #[test]
    fn a_bare_refusal_passes() {
        expect(&RULE, token().fails(FailureKind::TlsAlert), &[]);
        expect(&RULE, token().fails(FailureKind::Closed), &[]);
        expect(&RULE, data().answer(403, "", ""), &[]);
        expect(&RULE, data().page(403, "<html><h1>403 Forbidden</h1><hr>nginx</html>"), &[]);
        expect(&RULE, data().json(403, r#"{"status": 403, "error": "Forbidden"}"#), &[]);
        expect(&RULE, data().page(401, "").header("WWW-Authenticate", "Bearer realm=\"fhir\""), &[]);
    }

    #[test]
    fn a_reason_is_found() {
        expect(&RULE, token().json(401, r#"{"error": "invalid_client"}"#), &["refusal-explained"]);
        expect(&RULE, data().json(403, r#"{"resourceType": "OperationOutcome"}"#), &["refusal-explained"]);
        let xml = r#"<OperationOutcome xmlns="http://hl7.org/fhir"/>"#;
        expect(&RULE, data().answer(403, "application/fhir+xml", xml), &["refusal-explained"]);
        expect(&RULE, data().page(403, "Host not on the WhiteList"), &["refusal-explained"]);
        let challenge = data().page(401, "").header("WWW-Authenticate", "Bearer error=\"invalid_token\"");
        expect(&RULE, challenge, &["refusal-explained"]);
    }

    #[test]
    fn what_is_given_is_no_refusal() {
        expect(&RULE, token().json(200, r#"{"access_token": "t"}"#), &["not seen"]);
        expect(&RULE, data().json(200, r#"{"resourceType": "Bundle"}"#), &["not seen"]);
    }
}
