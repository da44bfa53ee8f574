//! What came of a request to the resource interface, in a few words: for rules that record it.
//!
//! Judges nothing. Entry points: [`of`], and [`outcome_codes`] for what an OperationOutcome says.

use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Response;
use crate::exchange::Run;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::text;

/// Longest code of the value set issue-type, with room.
const LONGEST_CODE: usize = 32;

/// A judgement that records what came of each of these probes, by the id `code`; `expected` is what the row tells of it.
pub fn recorded(run: &Run, probes: &[&str], code: &'static str, expected: &Text) -> Judgement {
    Judgement::each(oauth::probes(run, Interface::Resource, probes), oauth::not_probed(probes), |exchange| {
        let place = exchange.probe.clone().unwrap_or_default();
        vec![Issue::information(code, place, expected.clone(), of(exchange)).at(exchange.number)]
    })
}

/// Status, and what explains it.
pub fn of(exchange: &Exchange) -> Text {
    let Some(response) = &exchange.response else { return oauth::answer(exchange) };
    let status = response.status;
    let has_challenge = response.header("www-authenticate").is_some();
    match (outcome_codes(response), has_challenge) {
        (Some(codes), _) if codes.is_empty() => {
            text!("status {status} met een OperationOutcome", "status {status} with an OperationOutcome")
        }
        (Some(codes), _) => {
            let codes = codes.join(", ");
            text!(
                "status {status} met een OperationOutcome ({codes})",
                "status {status} with an OperationOutcome ({codes})"
            )
        }
        (None, true) => text!("status {status} met WWW-Authenticate", "status {status} with WWW-Authenticate"),
        (None, false) => match resource_type(response) {
            Some(kind) => text!("status {status} met een resource {kind}", "status {status} with a resource {kind}"),
            None => text!("status {status} zonder FHIR-resource", "status {status} without FHIR resource"),
        },
    }
}

/// The codes of the issues of an OperationOutcome, in order; `None` when the answer is none.
pub fn outcome_codes(response: &Response) -> Option<Vec<String>> {
    if resource_type(response)? != "OperationOutcome" {
        return None;
    }
    let codes: Vec<String> = if let Some(json) = response.body.json() {
        let issues = json["issue"].as_array().into_iter().flatten();
        issues.filter_map(|issue| issue["code"].as_str().map(str::to_owned)).collect()
    } else {
        let xml = xml(response)?;
        let issues = xml.root_element().children().filter(|node| node.tag_name().name() == "issue");
        let codes = issues.flat_map(|issue| issue.children().filter(|node| node.tag_name().name() == "code"));
        codes.filter_map(|code| code.attribute("value").map(str::to_owned)).collect()
    };
    let is_code =
        |code: &String| code.len() <= LONGEST_CODE && code.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    Some(codes.into_iter().filter(is_code).collect())
}

/// The type of the resource in an answer, when it is one.
pub fn resource_type(response: &Response) -> Option<String> {
    let name = match response.body.json() {
        Some(json) => json["resourceType"].as_str()?.to_owned(),
        None => {
            let xml = xml(response)?;
            let root = xml.root_element().tag_name();
            (root.namespace() == Some("http://hl7.org/fhir")).then(|| root.name().to_owned())?
        }
    };
    let is_name = name.len() <= LONGEST_CODE && !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic());
    is_name.then_some(name)
}

/// The body as XML; what may stand before it (a byte order mark, white space) is passed over.
pub fn xml(response: &Response) -> Option<roxmltree::Document<'_>> {
    let text = response.body.text()?.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    roxmltree::Document::parse(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;

    #[track_caller]
    fn check(recording: Recording, expect: &str) {
        let run = recording.run();
        assert_eq!(of(run.exchanges().next().unwrap()).en, expect);
    }

    #[test]
    fn says_what_came() {
        let get = || Recording::new().get("Patient");
        let outcome = r#"{"resourceType": "OperationOutcome", "issue": [{"code": "not-supported"}, {"code": "<b>"}]}"#;
        check(get().json(404, outcome), "status 404 with an OperationOutcome (not-supported)");
        let xml =
            r#"<OperationOutcome xmlns="http://hl7.org/fhir"><issue><code value="value"/></issue></OperationOutcome>"#;
        check(get().answer(400, "application/fhir+xml", xml), "status 400 with an OperationOutcome (value)");
        check(get().page(401, "<p>no</p>").header("WWW-Authenticate", "Bearer"), "status 401 with WWW-Authenticate");
        check(get().json(200, r#"{"resourceType": "Bundle"}"#), "status 200 with a resource Bundle");
        check(get().page(404, "not found"), "status 404 without FHIR resource");
    }
}
