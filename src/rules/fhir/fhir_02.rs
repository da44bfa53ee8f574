//! FHIR-02: burgerservicenummers as identifiers in requests.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;

declare_rule! {
    /// A DVP sends no identifier of the naming system of the burgerservicenummer.
    ///
    /// ## How it is tested
    /// The query and the body of each request for data: the naming system with a value behind it.
    /// ## Not covered
    /// Answers of a server: expectations of the suites judge them. Numbers without naming system (SEC-13).
    /// ## Source
    /// Nictiz, technical design of MedMij FHIR; Afsprakenstelsel 2.x, Resource interface.
    pub static RULE = {
        id: "FHIR-02",
        summary: "no identifier with a burgerservicenummer in requests",
        dvp: check,
    }
}

/// Naming system of the burgerservicenummer.
const SYSTEM: &str = "http://fhir.nl/fhir/NamingSystem/bsn";

fn check(_: &Context, run: &Run) -> Judgement {
    Judgement::each(
        client::data_requests(run),
        client::nothing("verzoek om gegevens", "request for data"),
        |exchange| {
            let expected = || Text::new("geen burgerservicenummer", "no burgerservicenummer");
            let issue = |place: &str| {
                let seen =
                    Text::new("een waarde met de naamruimte van het bsn", "a value with the naming system of the bsn");
                Issue::error("bsn-identifier", place, expected(), seen).at(exchange.number)
            };
            let names_one = |value: &str| {
                let mut parts = value.split(',').filter_map(|one| one.split_once('|'));
                parts.any(|(system, value)| system == SYSTEM && !value.is_empty())
            };
            let parameters = client::parameters(exchange);
            let mut issues: Vec<Issue> =
                parameters.iter().filter(|(_, value)| names_one(value)).map(|(name, _)| issue(name)).collect();
            if exchange.request.body.json().is_some_and(|json| holds_identifier(&json)) {
                issues.push(issue("body"));
            }
            issues
        },
    )
}

/// Whether an identifier with the system and a value stands in a resource.
fn holds_identifier(json: &serde_json::Value) -> bool {
    match json {
        serde_json::Value::Object(members) => {
            let is_bsn = members.get("system").is_some_and(|system| system == SYSTEM);
            is_bsn && members.get("value").is_some_and(serde_json::Value::is_string)
                || members.values().any(holds_identifier)
        }
        serde_json::Value::Array(items) => items.iter().any(holds_identifier),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn an_identifier_with_the_system_and_a_value_is_found() {
        let asked = |query: &str| client_issues(&RULE, Recording::new().get(query));
        for good in
            ["Patient", "Patient?identifier=http://fhir.nl/fhir/NamingSystem/agb-z%7C0123", "Condition?code=999900006"]
        {
            assert_eq!(asked(good), Vec::<String>::new(), "{good}");
        }
        assert_eq!(asked("Patient?identifier=http://fhir.nl/fhir/NamingSystem/bsn%7C"), Vec::<String>::new());
        assert_eq!(asked("Patient?identifier=http://fhir.nl/fhir/NamingSystem/bsn%7C999900006"), ["bsn-identifier"]);
        let sent = |value: &str| {
            let identifier = format!(r#"{{"system": "{SYSTEM}", {value}}}"#);
            let body = format!(r#"{{"resourceType": "Patient", "identifier": [{identifier}]}}"#);
            client_issues(&RULE, Recording::new().post("", &body))
        };
        assert_eq!(sent(r#""value": "999900006""#), ["bsn-identifier"]);
        assert_eq!(sent(r#""_value": {"extension": []}"#), Vec::<String>::new());
    }
}
