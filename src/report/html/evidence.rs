//! Exchanges for the page: a block for each scenario instance, bodies cut so that the file stays sendable by mail.

use std::collections::HashMap;

use serde::Serialize;

use crate::diag::Lang;
use crate::exchange::Body;
use crate::exchange::Exchange;
use crate::exchange::Run;
use crate::report::html::view::Tag;
use crate::report::html::view::anchor;
use crate::report::html::view::instance;
use crate::report::model::RunReport;
use crate::report::model::ScenarioReport;
use crate::report::words;

/// A scenario instance with its exchanges.
#[derive(Serialize)]
pub struct Block<'r> {
    anchor: String,
    /// Title of the suite, on its first block.
    heading: Option<&'r str>,
    scenario: &'r ScenarioReport,
    instance: String,
    tag: Tag,
    steps: Vec<Step<'r>>,
    exchanges: Vec<Entry<'r>>,
    findings: u32,
}

#[derive(Serialize)]
struct Step<'r> {
    id: &'r str,
    operation: &'r str,
    tag: Tag,
    exchanges: &'r [u32],
}

#[derive(Serialize)]
struct Entry<'r> {
    number: u32,
    step: &'r str,
    interface: &'static str,
    probe: Option<&'r str>,
    method: &'r str,
    url: &'r str,
    short_url: &'r str,
    status: Option<u16>,
    ok: bool,
    milliseconds: String,
    failure: Option<(&'static str, &'r str)>,
    findings: u32,
    request_headers: &'r [(String, String)],
    request_body: Shown<'r>,
    response_headers: &'r [(String, String)],
    response_body: Shown<'r>,
}

/// A body as far as it is shown.
#[derive(Serialize)]
struct Shown<'r> {
    text: Option<&'r str>,
    /// Length in bytes of what is not text.
    bytes: Option<usize>,
    /// Length of the whole in bytes, when it is cut.
    whole: Option<usize>,
}

/// All bodies together stay below this many bytes; a body alone below [`BODY`].
const BODIES: usize = 1_200_000;
const BODY: usize = 4096;

/// The blocks, in the order of the report.
pub fn blocks<'r>(report: &'r RunReport, run: &'r Run, lang: Lang) -> Vec<Block<'r>> {
    let with_body = run.exchanges().filter(|exchange| exchange.response.is_some()).count();
    let limit = BODY.min(BODIES / with_body.max(1));
    let mut by_scenario: HashMap<&str, Vec<&Exchange>> = HashMap::new();
    for exchange in run.exchanges() {
        by_scenario.entry(&exchange.scenario).or_default().push(exchange);
    }
    let mut findings: HashMap<u32, u32> = HashMap::new();
    for number in report.findings.iter().filter_map(|finding| finding.exchange) {
        *findings.entry(number).or_default() += 1;
    }
    let mut suite = "";
    report
        .scenarios
        .iter()
        .map(|scenario| {
            let is_first = suite != scenario.suite;
            suite = &scenario.suite;
            let exchanges = by_scenario.remove(scenario.key.as_str()).unwrap_or_default();
            Block {
                heading: is_first.then(|| suite_title(report, suite)),
                anchor: anchor(report, &scenario.key).unwrap_or_default(),
                instance: instance(scenario),
                tag: Tag::of(scenario.verdict, lang),
                findings: report.findings.iter().filter(|f| f.scenario.as_ref() == Some(&scenario.key)).count() as u32,
                steps: scenario
                    .steps
                    .iter()
                    .map(|step| Step {
                        id: &step.id,
                        operation: &step.operation,
                        tag: Tag::of(step.verdict, lang),
                        exchanges: &step.exchanges,
                    })
                    .collect(),
                exchanges: exchanges
                    .into_iter()
                    .map(|exchange| entry(exchange, findings.get(&exchange.number).copied(), limit, lang))
                    .collect(),
                scenario,
            }
        })
        .collect()
}

fn suite_title<'r>(report: &'r RunReport, id: &'r str) -> &'r str {
    report.suites.iter().find(|suite| suite.id == id).map_or(id, |suite| &suite.title)
}

fn entry(exchange: &Exchange, findings: Option<u32>, limit: usize, lang: Lang) -> Entry<'_> {
    let url = exchange.request.url.as_str();
    let response = exchange.response.as_ref();
    Entry {
        number: exchange.number,
        step: &exchange.step,
        interface: words::interface(exchange.interface).get(lang),
        probe: exchange.probe.as_deref(),
        method: &exchange.request.method,
        url,
        short_url: path_of(url),
        status: exchange.status(),
        ok: exchange.failure.is_none() && exchange.status().is_some_and(|status| status < 400),
        milliseconds: format!("{:.0}", exchange.total_ms),
        failure: exchange.failure.as_ref().map(|f| (words::failure(f.kind).get(lang), f.detail.as_str())),
        findings: findings.unwrap_or(0),
        request_headers: &exchange.request.headers,
        request_body: shown(&exchange.request.body, limit),
        response_headers: response.map_or(&[][..], |response| &response.headers),
        response_body: response.map_or(Shown { text: None, bytes: None, whole: None }, |r| shown(&r.body, limit)),
    }
}

/// The address from its path on.
fn path_of(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let path = url.get(after_scheme..).and_then(|rest| rest.find('/')).map_or(0, |at| after_scheme + at);
    url.get(path..).unwrap_or(url)
}

fn shown(body: &Body, limit: usize) -> Shown<'_> {
    match body {
        Body::Empty => Shown { text: None, bytes: None, whole: None },
        Body::Bytes(bytes) => Shown { text: None, bytes: Some(bytes.len()), whole: None },
        Body::Text(text) if text.len() <= limit => Shown { text: Some(text), bytes: None, whole: None },
        Body::Text(text) => {
            let end = (0..=limit).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            Shown { text: text.get(..end), bytes: None, whole: Some(text.len()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_body_is_cut_between_characters() {
        let body = Body::Text("é".repeat(100));
        let seen = shown(&body, 51);
        assert_eq!((seen.text.map(str::len), seen.whole), (Some(50), Some(200)));
    }

    #[test]
    fn the_short_address_begins_at_the_path() {
        assert_eq!(path_of("https://a.example/fhir/Patient?x=1"), "/fhir/Patient?x=1");
        assert_eq!(path_of("https://a.example"), "https://a.example");
        assert_eq!(path_of("nonsense"), "nonsense");
    }
}
