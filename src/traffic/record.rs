//! Redacts what was read of a capture, as at the capture of a run: what comes out of here holds no secret.
//!
//! Beside what the recorder of a run replaces, burgerservicenummers are found by what stands around them, and what no rule
//! reads (cookies, what people fill in, pages) is not kept at all. Entry point: [`record`].

use std::sync::OnceLock;
use std::time::Duration;

use jiff::Timestamp;
use regex::Regex;
use url::Url;

use crate::candidate::Candidate;
use crate::env::Env;
use crate::exchange::Actor;
use crate::exchange::Body;
use crate::exchange::Certificate;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Scope;
use crate::exchange::SecretFacts;
use crate::exchange::SecretKind;
use crate::exchange::Secrets;
use crate::exchange::foreign::Held;
use crate::exchange::foreign::Sighted;
use crate::runner::Label;
use crate::runner::Limits;
use crate::runner::Raw;
use crate::runner::Recorder;

/// Parts of the names of headers whose values are secrets, whatever they hold.
const SECRET_HEADERS: &[&str] = &["cookie", "secret", "session", "api-key", "csrf", "xsrf", "proxy-auth", "password"];

/// What stands in the place of a value that is not kept.
const DROPPED: &str = "REDACTED";

/// Redacted exchanges, numbered from 1, with what was held of each, and the facts of the secrets.
pub struct Recorded {
    /// The exchanges, in order.
    pub exchanges: Vec<(Exchange, Held)>,
    /// The secrets that were replaced.
    pub secrets: Vec<SecretFacts>,
}

/// Records the entries that belong to an interface.
pub fn record(entries: Vec<(Interface, Sighted)>, candidate: Option<&Candidate>) -> Recorded {
    // A capture is in memory as a whole already: nothing of it is left out.
    let mut recorder = Recorder::new(Env::system(), Limits { run: usize::MAX, ..Limits::default() });
    for bsn in candidate.iter().flat_map(|c| &c.patients).filter_map(|patient| patient.bsn.as_ref()) {
        recorder.secrets.add(SecretKind::Bsn, bsn);
    }
    for (interface, entry) in &entries {
        learn(&mut recorder.secrets, *interface, entry);
    }
    let mut held = Vec::with_capacity(entries.len());
    let mut masked = Vec::new();
    for (interface, entry) in entries {
        let (interface, entry) = trimmed(interface, entry);
        if !entry.held.plain {
            masked.extend(tokens(&entry));
        }
        held.push(entry.held);
        let number = recorder.number();
        let raw = Raw {
            started: entry.started.unwrap_or(Timestamp::UNIX_EPOCH),
            took: Duration::try_from_secs_f64(entry.took_ms / 1000.0).unwrap_or_default(),
            request: entry.request,
            response: entry.response,
            failure: None,
        };
        recorder.keep(number, &raw, label(interface));
    }
    let secrets = &recorder.secrets;
    let sealed = recorder.exchanges.into_iter().map(|exchange| seal(exchange, secrets));
    let exchanges: Vec<_> = sealed.zip(held).collect();
    // Of a value that was masked before nothing can be told.
    let is_telling = |facts: &SecretFacts| {
        let value = secrets.reveal(&facts.placeholder).unwrap_or_default();
        !masked.iter().any(|known| known == value)
    };
    let facts = secrets.facts().into_iter().filter(is_telling).collect();
    Recorded { exchanges, secrets: facts }
}

fn label(interface: Interface) -> Label {
    let actor = match interface {
        Interface::Authorization | Interface::Page | Interface::Client => Actor::UserAgent,
        Interface::Token | Interface::Resource | Interface::List => Actor::Dvp,
    };
    let (scenario, step) = Default::default();
    Label { scenario, step, probe: None, interface, actor, certificate: Certificate::None }
}

/// Takes up what the recorder of a run knows beforehand: codes on the way back, and burgerservicenummers.
fn learn(secrets: &mut Secrets, interface: Interface, entry: &Sighted) {
    let query = entry.request.query();
    for (name, value) in query.iter().chain(&entry.request.body.form()) {
        let names_it = name.to_ascii_lowercase().contains("bsn");
        let digits = match value.rsplit_once('|') {
            Some((system, digits)) if is_bsn_system(system) => digits,
            None if names_it || name.starts_with("identifier") => value,
            _ => "",
        };
        if is_bsn(digits) {
            secrets.add(SecretKind::Bsn, digits);
        }
        if interface == Interface::Client && name == "code" && !value.is_empty() {
            secrets.add(SecretKind::Code, value);
        }
    }
    let response = entry.response.as_ref().and_then(|response| response.body.text());
    for text in [response, entry.request.body.text()].into_iter().flatten() {
        for bsn in bsns(text) {
            secrets.add(SecretKind::Bsn, bsn);
        }
    }
}

/// The burgerservicenummers of a text: values beside their naming system, or behind a name that says so.
fn bsns(text: &str) -> Vec<&str> {
    static FORMS: OnceLock<Vec<Regex>> = OnceLock::new();
    if !text.contains("bsn") && !text.contains("BSN") && !text.contains("2.16.840.1.113883.2.4.6.3") {
        return Vec::new();
    }
    const SYSTEM: &str = r"(?:NamingSystem/bsn|2\.16\.840\.1\.113883\.2\.4\.6\.3)";
    let forms = FORMS.get_or_init(|| {
        let patterns = [
            // JSON and XML: the system and the value stand together, in either order.
            format!(r#"{SYSTEM}["'][^{{}}]{{0,400}}?value["']?\s*[:=]\s*["'](\d{{8,9}})["']"#),
            format!(r#"value["']?\s*[:=]\s*["'](\d{{8,9}})["'][^{{}}]{{0,400}}?{SYSTEM}"#),
            r#"(?i)\bbsn\b["']?\s*(?:nummer\s*)?[:=|]?\s*["']?(\d{8,9})\b"#.to_owned(),
        ];
        patterns.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect()
    });
    let found = forms.iter().flat_map(|form| form.captures_iter(text));
    found.filter_map(|parts| parts.get(1).map(|digits| digits.as_str())).filter(|digits| is_bsn(digits)).collect()
}

fn is_bsn_system(system: &str) -> bool {
    system.ends_with("NamingSystem/bsn") || system.ends_with("2.16.840.1.113883.2.4.6.3")
}

/// Nine digits that pass the test of eleven; eight with the zero before them left out.
fn is_bsn(digits: &str) -> bool {
    if !matches!(digits.len(), 8 | 9) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let full = format!("{digits:0>9}");
    let values = full.bytes().map(|byte| i32::from(byte - b'0'));
    let weights = [9, 8, 7, 6, 5, 4, 3, 2, -1];
    let sum: i32 = values.zip(weights).map(|(digit, weight)| digit * weight).sum();
    sum != 0 && sum % 11 == 0
}

/// The entry without what no rule reads.
fn trimmed(interface: Interface, mut entry: Sighted) -> (Interface, Sighted) {
    hide(&mut entry.request.headers);
    if let Some(response) = &mut entry.response {
        hide(&mut response.headers);
    }
    (interface, entry)
}

fn hide(headers: &mut [(String, String)]) {
    for (name, value) in headers {
        let lower = name.to_ascii_lowercase();
        if SECRET_HEADERS.iter().any(|part| lower.contains(part)) {
            DROPPED.clone_into(value);
        }
    }
}

/// Codes and tokens of an entry.
fn tokens(entry: &Sighted) -> Vec<String> {
    const NAMES: &[&str] = &["code", "access_token", "refresh_token"];
    let response = entry.response.as_ref();
    let location = response.and_then(|response| Url::parse(response.header("location")?).ok());
    let back: Vec<(String, String)> = location.iter().flat_map(|url| url.query_pairs().into_owned()).collect();
    let sent = entry.request.query().into_iter().chain(entry.request.body.form());
    let mut found: Vec<String> =
        sent.chain(back).filter(|(name, _)| NAMES.contains(&name.as_str())).map(|(_, value)| value).collect();
    let bearer = entry.request.header("authorization").and_then(|value| value.split_once(' '));
    found.extend(bearer.map(|(_, token)| token.trim().to_owned()));
    let json = response.filter(|response| response.body.bytes().len() < 65_536).and_then(|r| r.body.json());
    let given = NAMES.iter().filter_map(|name| json.as_ref()?.get(name)?.as_str().map(str::to_owned));
    found.extend(given);
    found
}

/// Replaces what was learnt later than the exchange came by, and drops what people see and fill in.
fn seal(mut exchange: Exchange, secrets: &Secrets) -> Exchange {
    let scope = match exchange.interface {
        Interface::Authorization | Interface::Page | Interface::Client => Scope::Flow,
        Interface::Token | Interface::Resource | Interface::List => Scope::Back,
    };
    let content = if exchange.interface == Interface::Resource { Scope::Content } else { scope };
    let is_browsed = matches!(exchange.interface, Interface::Page | Interface::Client);
    let forward = exchange.forward.as_ref().map(|forward| secrets.redact(forward, scope));
    exchange.forward = forward;
    exchange.request.url = secrets.redact(&exchange.request.url, scope);
    exchange.request.headers.iter_mut().for_each(|(_, value)| *value = secrets.redact(value, scope));
    redact_body(&mut exchange.request.body, secrets, scope, is_browsed);
    if let Some(response) = &mut exchange.response {
        response.headers.iter_mut().for_each(|(_, value)| *value = secrets.redact(value, scope));
        let is_page = is_browsed || exchange.interface == Interface::Authorization;
        redact_body(&mut response.body, secrets, content, is_page);
    }
    if exchange.interface == Interface::Page {
        strip_page(&mut exchange);
    }
    exchange
}

fn redact_body(body: &mut Body, secrets: &Secrets, scope: Scope, drop: bool) {
    *body = match std::mem::take(body) {
        _ if drop => Body::Empty,
        Body::Text(text) => Body::Text(secrets.redact(&text, scope)),
        Body::Bytes(bytes) => Body::Bytes(secrets.mask(bytes)),
        Body::Empty => Body::Empty,
    };
}

/// A page without the parameters of its address and of where it leads to among pages: sessions and assertions.
fn strip_page(exchange: &mut Exchange) {
    let bare = |text: &str| text.split(['?', '#']).next().unwrap_or_default().to_owned();
    exchange.request.url = bare(&exchange.request.url);
    exchange.request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("referer"));
    let goes_back =
        exchange.forward.as_deref().is_some_and(|to| ["code=", "error=", "state="].iter().any(|p| to.contains(p)));
    if !goes_back {
        exchange.forward = exchange.forward.as_deref().map(bare);
    }
    let Some(response) = &mut exchange.response else { return };
    for (_, value) in response.headers.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("location")) {
        *value = exchange.forward.clone().unwrap_or_else(|| bare(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::foreign;
    use serde_json::json;

    #[test]
    fn a_number_is_a_bsn_by_the_test_of_eleven() {
        assert!(is_bsn("999900006") && is_bsn("123456782"));
        assert!(!is_bsn("123456789") && !is_bsn("000000000") && !is_bsn("9999000061"));
    }

    #[test]
    fn a_bsn_is_found_by_what_stands_around_it() {
        let system = "http://fhir.nl/fhir/NamingSystem/bsn";
        for text in [
            format!(r#"{{"system":"{system}","value":"999900006"}}"#),
            format!(r#"{{"value": "999900006", "system": "{system}"}}"#),
            format!(r#"<identifier><system value="{system}"/><value value="999900006"/></identifier>"#),
            "BSN: 999900006".to_owned(),
            r#"{"bsn":"999900006"}"#.to_owned(),
        ] {
            assert_eq!(bsns(&text), ["999900006"], "{text}");
        }
        assert!(bsns(r#"{"system":"http://snomed.info/sct","code":"123456782"}"#).is_empty());
    }

    #[test]
    fn nothing_secret_is_kept() {
        let canaries =
            ["geheim-code-1a2b3c", "geheim-token-9f8e7d", "geheim-koekje-5c5c5c", "999900006", "hunter2-wachtwoord"];
        let [code, token, cookie, bsn, password] = canaries;
        let entries = json!([
            {"request": {"url": "https://as.example/a?response_type=code&client_id=pgo.example&state=s",
                "headers": [{"name": "Cookie", "value": format!("sid={cookie}")}]}},
            {"request": {"method": "POST", "url": format!("https://as.example/login?session={cookie}"),
                "postData": {"text": format!("user=x&pass={password}")}},
             "response": {"status": 302, "headers": [
                {"name": "set-cookie", "value": format!("sid={cookie}; Secure")},
                {"name": "location", "value": format!("https://pgo.example/cb?code={code}&state=s")}]}},
            {"request": {"url": format!("https://pgo.example/cb?code={code}&state=s")}},
            {"request": {"method": "POST", "url": "https://t.example/t",
                "postData": {"text": format!("grant_type=authorization_code&code={code}")}},
             "response": {"status": 200, "content": {"text": format!("{{\"access_token\":\"{token}\"}}")}}},
            {"request": {"url": format!("https://fhir.example/Patient?identifier=http://fhir.nl/fhir/NamingSystem/bsn%7C{bsn}"),
                "headers": [{"name": "Authorization", "value": format!("Bearer {token}")}]},
             "response": {"status": 200, "content": {"text": format!("{{\"id\":\"{bsn}\"}}")}}},
        ]);
        let har = json!({"log": {"entries": entries}}).to_string();
        let read = foreign::read(har.as_bytes()).unwrap();
        let kinds =
            [Interface::Authorization, Interface::Page, Interface::Client, Interface::Token, Interface::Resource];
        let recorded = record(kinds.into_iter().zip(read).collect(), None);
        let kept = format!("{:?} {:?}", recorded.exchanges, recorded.secrets);
        for canary in canaries {
            assert!(!kept.contains(canary), "{canary}\n{kept}");
        }
        let forward = recorded.exchanges[1].0.forward.as_deref();
        assert_eq!(forward, Some("https://pgo.example/cb?code=REDACTED.code.1&state=s"));
    }
}
