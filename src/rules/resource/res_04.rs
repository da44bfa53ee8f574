//! RES-04: control data do not identify the person.

use std::collections::BTreeMap;

use serde_json::Value;
use url::Url;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::SecretFacts;
use crate::exchange::SecretKind;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::oauth;
use crate::text;

declare_rule! {
    /// Control data in the traffic (addresses, headers, links of a Bundle) do not tell who the person is.
    ///
    /// ## How it is tested
    /// In every regular answer of the resource interface the response headers and the links of a Bundle (`self`, `next`) are
    /// searched for the burgerservicenummer of a test patient, and for the family name and birth date of the Patient resource
    /// of the same scenario. Codes and tokens, also inside a JWT, may not hold a burgerservicenummer either.
    /// Of a DVP: the query parameters and headers of its resource requests, but for addresses that the server gave it, are searched
    /// for the family name and birth date likewise. The burgerservicenummer is for SEC-13; a date with a comparison is no birth date.
    /// ## Not covered
    /// A server's own logical id (FHIR-01); family names of three characters or fewer; what the resources themselves hold.
    /// ## Source
    /// Afsprakenstelsel 2.x, Resource interface (control data).
    pub static RULE = {
        id: "RES-04",
        summary: "addresses, headers and links do not identify the person",
        dva: of_server,
        dvp: of_client,
    }
}

/// What stands in the place of a burgerservicenummer in the recording.
const BSN: &str = "REDACTED.bsn.";
/// Naming system of the burgerservicenummer.
const BSN_SYSTEM: &str = "http://fhir.nl/fhir/NamingSystem/bsn";
/// Shorter names would hit ordinary words.
const SHORTEST_NAME: usize = 4;

fn of_client(_: &Context, run: &Run) -> Judgement {
    let mut persons: BTreeMap<&str, Person> = BTreeMap::new();
    for exchange in client::requests(run, Interface::Resource) {
        persons.entry(&exchange.scenario).or_default().learn(exchange);
    }
    Judgement::each(
        client::data_requests(run),
        client::nothing("verzoek om gegevens", "request for data"),
        |exchange| {
            let Some(person) = persons.get(exchange.scenario.as_str()) else { return Vec::new() };
            let query = exchange.request.query().into_iter();
            let all = query.chain(exchange.request.headers.iter().cloned());
            let own = all.filter(|(name, _)| !name.eq_ignore_ascii_case("host"));
            let issues = own.filter_map(|(name, value)| person.named_in(&name, &value));
            let issues: Vec<Issue> = issues.map(|issue| issue.at(exchange.number)).collect();
            let is_given = !issues.is_empty() && client::was_given(run, exchange);
            if is_given { Vec::new() } else { issues }
        },
    )
}

fn of_server(context: &Context, run: &Run) -> Judgement {
    let mut persons: BTreeMap<&str, Person> = BTreeMap::new();
    for exchange in run.regular(Interface::Resource) {
        persons.entry(&exchange.scenario).or_default().learn(exchange);
    }
    let answers = run.regular(Interface::Resource).filter(|exchange| exchange.response.is_some());
    let none = Text::new("geen antwoord op een gewoon resourceverzoek", "no answer to a regular resource request");
    let judgement = Judgement::each(answers, none, |exchange| {
        let person = persons.get(exchange.scenario.as_str()).cloned().unwrap_or_default();
        places(exchange).into_iter().filter_map(|(place, text)| person.found_in(exchange, &place, &text)).collect()
    });
    with_tokens(context, run, judgement)
}

/// Adds the codes and tokens in which a burgerservicenummer stands.
fn with_tokens(context: &Context, run: &Run, judgement: Judgement) -> Judgement {
    let holds = |facts: &&SecretFacts| {
        facts.holds_bsn && matches!(facts.kind, SecretKind::Code | SecretKind::AccessToken | SecretKind::RefreshToken)
    };
    let tokens: Vec<_> = run.secrets.iter().filter(holds).collect();
    let issued = if tokens.is_empty() { Vec::new() } else { oauth::issued(run, context.redirect_uri()) };
    let found = tokens.iter().filter_map(|facts| {
        let sample = issued.iter().find(|sample| sample.placeholder == facts.placeholder)?;
        let name = oauth::kind_name(facts.kind);
        let (nl, en) = (name.nl, name.en);
        let seen = text!("een burgerservicenummer in de {nl}", "a burgerservicenummer inside the {en}");
        Some(Issue::error("person-in-token", en, nothing(), seen).at(sample.exchange))
    });
    match judgement {
        Judgement::Seen { occasions, mut issues } => {
            issues.extend(found);
            Judgement::Seen { occasions, issues }
        }
        not_seen @ Judgement::NotSeen(_) => not_seen,
    }
}

fn nothing() -> Text {
    Text::new("niets dat naar de persoon leidt", "nothing that leads to the person")
}

/// What the Patient resource of a scenario tells.
#[derive(Clone, Debug, Default)]
struct Person {
    family_names: Vec<String>,
    birth_dates: Vec<String>,
    bsns: Vec<String>,
}

impl Person {
    fn learn(&mut self, exchange: &Exchange) {
        let Some(body) = exchange.response.as_ref().and_then(|response| response.body.json()) else { return };
        let entries = body["entry"].as_array().into_iter().flatten().map(|entry| &entry["resource"]);
        for patient in entries.chain([&body]).filter(|resource| resource["resourceType"] == "Patient") {
            self.birth_dates.extend(texts(patient, &["birthDate"]));
            for name in patient["name"].as_array().into_iter().flatten() {
                self.family_names.extend(texts(name, &["family"]).filter(|name| name.chars().count() >= SHORTEST_NAME));
            }
            for identifier in patient["identifier"].as_array().into_iter().flatten() {
                if identifier["system"] == BSN_SYSTEM {
                    self.bsns.extend(texts(identifier, &["value"]));
                }
            }
        }
    }

    fn found_in(&self, exchange: &Exchange, place: &str, text: &str) -> Option<Issue> {
        let lower = text.to_lowercase();
        // What the request itself asked (a date, say) comes back in the self link.
        let asked = decoded(without_host(&exchange.request.url).as_str()).to_lowercase();
        let has = |word: &String| {
            let word = word.to_lowercase();
            holds_word(&lower, &word) && !holds_word(&asked, &word)
        };
        let date = |date: &String| has(date) || has(&date.replace('-', ""));
        let (code, seen) = if text.contains(BSN) || self.bsns.iter().any(has) {
            ("bsn-in-control-data", Text::new("een burgerservicenummer", "a burgerservicenummer"))
        } else if self.family_names.iter().any(has) {
            ("name-in-control-data", Text::new("de achternaam van de persoon", "the family name of the person"))
        } else if self.birth_dates.iter().filter(|date| date.len() == "2000-01-01".len()).any(date) {
            ("birth-date-in-control-data", Text::new("de geboortedatum van de persoon", "the birth date of the person"))
        } else {
            return None;
        };
        Some(Issue::error(code, place, nothing(), seen).at(exchange.number))
    }
}

impl Person {
    /// What a parameter or header of a client tells of the person.
    fn named_in(&self, name: &str, value: &str) -> Option<Issue> {
        let lower = value.to_lowercase();
        let has = |word: &String| holds_word(&lower, &word.to_lowercase());
        let (code, seen) = if self.family_names.iter().any(has) {
            ("name-in-control-data", Text::new("de achternaam van de persoon", "the family name of the person"))
        } else if self.birth_dates.iter().filter(|date| date.len() == "2000-01-01".len()).any(has) {
            ("birth-date-in-control-data", Text::new("de geboortedatum van de persoon", "the birth date of the person"))
        } else {
            return None;
        };
        Some(Issue::error(code, name, nothing(), seen))
    }
}

/// Response headers and links, decoded; addresses without their host.
fn places(exchange: &Exchange) -> Vec<(String, String)> {
    let Some(response) = &exchange.response else { return Vec::new() };
    let header = |value: &str| if value.starts_with("http") { without_host(value) } else { decoded(value) };
    let mut places: Vec<_> = response.headers.iter().map(|(name, value)| (name.clone(), header(value))).collect();
    if let Some(json) = response.body.json() {
        for (i, link) in json["link"].as_array().into_iter().flatten().enumerate() {
            for url in texts(link, &["url"]) {
                places.push((format!("Bundle.link[{i}].url"), without_host(&url)));
            }
        }
    } else if let Some(text) = response.body.text().filter(|text| text.trim_start().starts_with('<')) {
        for (i, url) in xml_links(text).into_iter().enumerate() {
            places.push((format!("Bundle.link[{i}].url"), without_host(&url)));
        }
    }
    places
}

fn xml_links(text: &str) -> Vec<String> {
    let Ok(document) = roxmltree::Document::parse(text) else { return Vec::new() };
    let root = document.root_element();
    if root.tag_name().name() != "Bundle" {
        return Vec::new();
    }
    let links = root.children().filter(|node| node.tag_name().name() == "link");
    let urls = links.flat_map(|link| link.children().filter(|node| node.tag_name().name() == "url"));
    urls.filter_map(|url| url.attribute("value")).map(str::to_owned).collect()
}

fn without_host(address: &str) -> String {
    match Url::parse(address) {
        Ok(url) => decoded(&url[url::Position::BeforePath..]),
        Err(_) => decoded(address),
    }
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Whether a word stands in the text with no letter or digit next to it.
fn holds_word(text: &str, word: &str) -> bool {
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + word.len()..].chars().next();
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
        })
}

fn texts<'a>(value: &'a Value, path: &'a [&str]) -> impl Iterator<Item = String> + 'a {
    path.iter().filter_map(|name| value[*name].as_str().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    const PATIENT: &str = r#"{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient",
        "birthDate": "1970-03-04", "name": [{"family": "Duinkerk"}],
        "identifier": [{"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "999900006"}]}}]}"#;

    fn link(url: &str) -> Recording {
        let body = format!(r#"{{"resourceType": "Bundle", "link": [{{"relation": "self", "url": "{url}"}}]}}"#);
        Recording::new().get("Patient").json(200, PATIENT).get("Condition").json(200, &body)
    }

    #[test]
    fn ordinary_links_pass() {
        expect(&RULE, link("https://duinkerk.example/fhir/Condition?_count=10&code=19700304001"), &[]);
        expect(&RULE, link("https://fhir.example/Condition?page=9999000061"), &[]);
        expect(&RULE, Recording::new(), &["not seen"]);
    }

    #[test]
    fn a_bsn_in_a_link_or_header_is_found() {
        assert_eq!(
            issues(&RULE, link("https://fhir.example/Condition?bsn=REDACTED.bsn.1")),
            ["error bsn-in-control-data #2 Bundle.link[0].url: nothing that leads to the person / \
              a burgerservicenummer"]
        );
        expect(&RULE, link("https://fhir.example/Condition?x=999900006"), &["bsn-in-control-data"]);
        let header = Recording::new().get("Patient").json(200, "{}").header("X-Person", "REDACTED.bsn.1");
        expect(&RULE, header, &["bsn-in-control-data"]);
        let xml = r#"<Bundle xmlns="http://hl7.org/fhir"><link><relation value="self"/>
            <url value="https://fhir.example/?bsn=REDACTED.bsn.1"/></link></Bundle>"#;
        expect(&RULE, Recording::new().get("x").answer(200, "application/fhir+xml", xml), &["bsn-in-control-data"]);
    }

    #[test]
    fn a_name_or_birth_date_is_found() {
        expect(&RULE, link("https://fhir.example/Condition?patient.name=Duinkerk"), &["name-in-control-data"]);
        expect(&RULE, link("https://fhir.example/Condition?b=1970-03-04"), &["birth-date-in-control-data"]);
        expect(&RULE, link("https://fhir.example/p-19700304/Condition"), &["birth-date-in-control-data"]);
    }

    #[test]
    fn what_the_request_asked_may_come_back() {
        let body = r#"{"resourceType": "Bundle", "link": [{"relation": "self", "url": "/Condition?date=1970-03-04"}]}"#;
        let asked = Recording::new().get("Patient").json(200, PATIENT).get("Condition?date=1970-03-04").json(200, body);
        expect(&RULE, asked, &[]);
    }

    #[test]
    fn a_bsn_inside_a_token_is_found() {
        let recording = Recording::new()
            .secret("REDACTED.access-token.1", SecretKind::AccessToken, 128.0)
            .token(&[])
            .json(200, r#"{"access_token": "REDACTED.access-token.1"}"#)
            .get("Patient")
            .json(200, PATIENT);
        expect(&RULE, recording.holding_bsn(), &["person-in-token"]);
    }

    #[test]
    fn a_client_does_not_name_the_person() {
        let asked = |query: &str| Recording::new().get("Patient").json(200, PATIENT).get(query);
        for good in ["Condition", "Observation?date=ge1970-03-04", "Condition?code=19700304"] {
            assert_eq!(client_issues(&RULE, asked(good)), Vec::<String>::new(), "{good}");
        }
        assert_eq!(client_issues(&RULE, asked("Condition?x=mevrouw+Duinkerk")), ["name-in-control-data"]);
        assert_eq!(client_issues(&RULE, asked("Patient?birthdate=1970-03-04")), ["birth-date-in-control-data"]);
        let header = asked("Condition").sending("X-Persoon", "Duinkerk, 1970-03-04");
        assert_eq!(client_issues(&RULE, header), ["name-in-control-data"]);
        let link = r#"{"resourceType": "Bundle", "link": [{"relation": "next",
            "url": "https://fhir.example/bgz/x?n=Duinkerk"}]}"#;
        let followed = asked("Condition").json(200, link).get("x?n=Duinkerk");
        assert_eq!(client_issues(&RULE, followed), Vec::<String>::new());
    }
}
