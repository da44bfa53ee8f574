//! The plan by which the content of recorded answers is judged: the expectations that a suite has of the same requests.
//!
//! Which suite fits is told by the requests themselves, or by the user. Expectations about test patients and about what must
//! be there stay out: the traffic is of anybody. Entry points: [`recognise`] and [`plan`].

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use url::Url;

use crate::candidate::Candidate;
use crate::diag::Text;
use crate::exchange::Body;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::StepRecord;
use crate::exchange::Trace;
use crate::fhir::definitions::DefinitionSet;
use crate::fhir::definitions::FhirVersion;
use crate::fhir::validate::Validator;
use crate::plan::Check;
use crate::plan::Expectation;
use crate::plan::Operation;
use crate::plan::PlannedScenario;
use crate::plan::PlannedStep;
use crate::plan::PlannedSuite;
use crate::plan::TestPlan;
use crate::requirement::Role;
use crate::suite::model::MessageFile;
use crate::suite::model::Suite;
use crate::suite::model::SuiteFile;
use crate::text;
use crate::traffic::recognise as addresses;
use crate::traffic::sight::HeldBy;

/// Id of the suite that flows stand under.
const FLOWS: &str = "traffic";

/// Rows about what stands in an answer, whoever it is of. What must be there, and how often, is not among them.
const ROWS: &[&str] =
    &["FHIR-02", "FHIR-04", "FHIR-05", "FHIR-06", "FHIR-07", "FHIR-08", "FHIR-09", "FHIR-10", "FHIR-11"];

/// Rows that hold of any resource of the service, also where the request is none of the suite.
const OF_RESOURCES: &[&str] = &["FHIR-07"];

/// Parameters that change nothing of what an answer must be.
const NEUTRAL: &[&str] = &["_format", "_pretty"];

/// The suite of each ResourceEndpoint, by the requests that it was asked. Ids in `named` are the only ones that count; the
/// first of them is taken where nothing else tells.
pub fn recognise(run: &Run, suites: &[Suite], named: &[String]) -> BTreeMap<String, String> {
    let mut asked: BTreeMap<String, Vec<&Exchange>> = BTreeMap::new();
    for exchange in run.exchanges().filter(|exchange| exchange.interface == Interface::Resource) {
        asked.entry(base(exchange)).or_default().push(exchange);
    }
    let counts = |suite: &&Suite| named.is_empty() || named.contains(&suite.head.id);
    let chosen: Vec<&Suite> = suites.iter().filter(|s| s.head.gegevensdienst.is_some()).filter(counts).collect();
    let mut found = BTreeMap::new();
    for (base, exchanges) in asked {
        let mut scores: Vec<(usize, &str)> = chosen
            .iter()
            .filter(|suite| exchanges.iter().all(|exchange| is_version(exchange, suite.head.fhir.number())))
            .map(|suite| (score(suite, &exchanges), suite.head.id.as_str()))
            .collect();
        scores.sort_by(|a, b| b.cmp(a));
        let best = match scores.as_slice() {
            [(first, id), (second, _), ..] if first > second => Some(*id),
            [(first, id)] if *first > 0 => Some(*id),
            _ => None,
        };
        let best = best.or_else(|| named.first().map(String::as_str));
        found.extend(best.map(|id| (base, id.to_owned())));
    }
    found
}

/// How many requests of the suite were asked.
fn score(suite: &Suite, exchanges: &[&Exchange]) -> usize {
    let targets: BTreeSet<&str> = suite
        .scenarios
        .iter()
        .flat_map(|(_, scenario)| &scenario.steps)
        .filter_map(|step| step.get.as_deref())
        .filter(|get| !get.contains("${"))
        .collect();
    targets.iter().filter(|target| exchanges.iter().any(|exchange| is_request(exchange, target))).count()
}

/// Whether the media types of an exchange allow this version of FHIR.
fn is_version(exchange: &Exchange, number: &str) -> bool {
    let told = [exchange.request.header("accept"), exchange.response_header("content-type")];
    let told = told.into_iter().flatten().flat_map(|value| value.split([';', ',']));
    let versions = told
        .filter_map(|part| part.trim().split_once('='))
        .filter(|(name, _)| name.eq_ignore_ascii_case("fhirversion"));
    versions.into_iter().all(|(_, value)| value.trim_matches('"').starts_with(number))
}

/// The plan for both sides, and the run with what each service answered as a scenario of its own. `of_suites` is the plan of
/// a DVA for the suites that were recognised.
pub fn plan(
    run: &Run,
    held: &HeldBy,
    candidate: &Candidate,
    of_suites: Option<&TestPlan>,
    bases: &BTreeMap<String, String>,
) -> (TestPlan, Run) {
    let mut suites = vec![flows_suite()];
    for planned in of_suites.iter().flat_map(|plan| &plan.suites).filter(|s| s.head.gegevensdienst.is_some()) {
        // What was not asked is no lack, and nothing is qualified by a capture.
        let head = SuiteFile { tables: Vec::new(), systeemrollen: Vec::new(), ..planned.head.clone() };
        suites.push(PlannedSuite { head, ..planned.clone() });
    }
    let mut scenarios = Vec::new();
    let mut split = Run { secrets: run.secrets.clone(), ..Run::default() };
    for (number, trace) in run.traces.iter().enumerate() {
        let is_of = |exchange: &Exchange| {
            let id = bases.get(&base(exchange)).filter(|_| exchange.interface == Interface::Resource)?;
            suites.iter().position(|suite| suite.head.id == *id)
        };
        let mut parts: BTreeMap<usize, Trace> = BTreeMap::new();
        for exchange in &trace.exchanges {
            let suite = is_of(exchange).unwrap_or(0);
            let key = match suite {
                0 => trace.scenario.clone(),
                _ => format!("{}/{}", suites[suite].head.id, trace.scenario),
            };
            let part = parts.entry(suite).or_insert_with(|| Trace { scenario: key, ..Trace::default() });
            part.exchanges.push(Exchange { scenario: part.scenario.clone(), ..exchange.clone() });
        }
        for (suite, mut part) in parts {
            let known = of_suites.filter(|_| suite > 0).map(|plan| Known::of(plan, &suites[suite].head.id));
            let steps = steps(&mut part, known.as_ref(), held);
            scenarios.push(scenario(&part.scenario, suite, number + 1, &suites[suite].head, steps));
            split.traces.push(part);
        }
    }
    (TestPlan { candidate: candidate.clone(), selection: Default::default(), suites, scenarios }, split)
}

/// What a suite expects of its requests.
struct Known {
    requests: Vec<(String, Vec<Expectation>)>,
    of_resources: Vec<Expectation>,
}

impl Known {
    fn of(plan: &TestPlan, id: &str) -> Self {
        let mut known = Self { requests: Vec::new(), of_resources: Vec::new() };
        let own = plan.scenarios.iter().filter(|scenario| plan.suite_of(scenario).head.id == id);
        for step in own.flat_map(|scenario| &scenario.steps) {
            let Operation::Get { target, .. } = &step.operation else { continue };
            let is_general = |e: &&Expectation| {
                ROWS.contains(&e.rule.as_str()) && matches!(e.check, Check::Each(..) | Check::Conforms)
            };
            let general: Vec<Expectation> = step.expectations.iter().filter(is_general).cloned().collect();
            if known.of_resources.is_empty() {
                let conforms =
                    |e: &&Expectation| OF_RESOURCES.contains(&e.rule.as_str()) && matches!(e.check, Check::Conforms);
                known.of_resources = general.iter().filter(conforms).cloned().collect();
            }
            if !target.contains("${") && known.requests.iter().all(|(get, _)| get != target) && step.probe.is_none() {
                known.requests.push((target.clone(), general));
            }
        }
        known
    }

    fn expectations(&self, exchange: &Exchange) -> Vec<Expectation> {
        let request = self.requests.iter().find(|(get, _)| is_request(exchange, get) && is_exact(exchange, get));
        request.map_or_else(|| self.of_resources.clone(), |(_, expectations)| expectations.clone())
    }
}

/// The steps of a part, with its records: each exchange one, but a further page belongs to the step of the first.
fn steps(part: &mut Trace, known: Option<&Known>, held: &HeldBy) -> Vec<PlannedStep> {
    let is_whole =
        |exchange: &Exchange| gives_data(exchange) && held.get(&exchange.number).is_none_or(|held| held.response_body);
    let mut steps: Vec<PlannedStep> = Vec::new();
    let mut next: BTreeMap<String, usize> = BTreeMap::new();
    for exchange in &mut part.exchanges {
        let at = next.get(&exchange.request.url).copied();
        let step = at.unwrap_or(steps.len());
        exchange.step = (step + 1).to_string();
        match at {
            Some(step) => part.steps[step].exchanges.push(exchange.number),
            None => {
                let url = Url::parse(&exchange.request.url).ok();
                let target = url.map(|url| url[url::Position::BeforePath..].to_owned()).unwrap_or_default();
                let change = MessageFile { method: Some(exchange.request.method.clone()), ..MessageFile::default() };
                let operation = Operation::Get { target, systeemrol: None, pages: false, change };
                let expectations =
                    known.filter(|_| is_whole(exchange)).map(|known| known.expectations(exchange)).unwrap_or_default();
                let (id, save) = (exchange.step.clone(), Vec::new());
                steps.push(PlannedStep { id: id.clone(), operation, probe: None, optional: false, save, expectations });
                part.steps.push(StepRecord {
                    step: id,
                    exchanges: vec![exchange.number],
                    stopped: None,
                    attested: None,
                });
            }
        }
        next.extend(next_page(exchange).map(|url| (url, step)));
    }
    // An answer that is no resource says nothing of content.
    for (step, record) in steps.iter_mut().zip(&part.steps) {
        let of_step = part.exchanges.iter().filter(|exchange| record.exchanges.contains(&exchange.number));
        if !of_step.into_iter().all(is_whole) {
            step.expectations.clear();
        }
    }
    steps
}

fn scenario(key: &str, suite: usize, number: usize, head: &SuiteFile, steps: Vec<PlannedStep>) -> PlannedScenario {
    let Text { nl, en } = &head.title;
    let title = match suite {
        0 => text!("Flow {number}", "Flow {number}"),
        _ => text!("Flow {number}: {nl}", "Flow {number}: {en}"),
    };
    PlannedScenario {
        key: key.to_owned(),
        suite,
        id: number.to_string(),
        title,
        role: Role::Dva,
        required: false,
        patient: None,
        stands_for: None,
        format: None,
        needs: Vec::new(),
        steps,
        skip: None,
    }
}

/// The suite that flows stand under; it has no definitions, as it validates nothing.
fn flows_suite() -> PlannedSuite {
    let head = SuiteFile {
        id: FLOWS.to_owned(),
        aliases: Vec::new(),
        title: Text::new("Opgenomen verkeer", "Recorded traffic"),
        gegevensdienst: None,
        fhir: crate::suite::model::FhirVersion::R4,
        packages: Vec::new(),
        systeemrollen: Vec::new(),
        client_systeemrollen: Vec::new(),
        along: Vec::new(),
        patients: BTreeMap::new(),
        tables: Vec::new(),
        sources: Vec::new(),
    };
    let definitions = DefinitionSet::new(FhirVersion::R4, Vec::new());
    PlannedSuite { head, validator: Arc::new(Validator::new(Arc::new(definitions))), systeemrol: None }
}

fn base(exchange: &Exchange) -> String {
    Url::parse(&exchange.request.url).map(|url| addresses::base(&addresses::address(&url))).unwrap_or_default()
}

/// Whether an exchange is this request of a suite: path and query relative to any endpoint; more parameters are allowed.
fn is_request(exchange: &Exchange, get: &str) -> bool {
    let Ok(url) = Url::parse(&exchange.request.url) else { return false };
    let (path, query) = get.split_once('?').unwrap_or((get, ""));
    let decoded = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy();
    let is_path = decoded.trim_end_matches('/').strip_suffix(path).is_some_and(|rest| rest.ends_with('/'));
    let sorted = |value: &str| {
        let mut parts: Vec<String> = value.split(',').map(str::to_owned).collect();
        parts.sort_unstable();
        parts
    };
    let have: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let mut wanted = query.split('&').filter(|pair| !pair.is_empty()).map(|p| p.split_once('=').unwrap_or((p, "")));
    exchange.request.method == "GET"
        && is_path
        && wanted.all(|(name, value)| have.iter().any(|(key, text)| key == name && sorted(text) == sorted(value)))
}

/// Whether it asks nothing beside what the request of the suite asks.
fn is_exact(exchange: &Exchange, get: &str) -> bool {
    let query = get.split_once('?').map_or("", |(_, query)| query);
    let names: Vec<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    exchange.request.query().iter().all(|(name, _)| names.contains(&name.as_str()) || NEUTRAL.contains(&name.as_str()))
}

/// Whether a whole answer came that is, or says it is, a FHIR resource.
fn gives_data(exchange: &Exchange) -> bool {
    let Some(response) = exchange.response.as_ref().filter(|_| exchange.succeeded()) else { return false };
    let Body::Text(text) = &response.body else { return false };
    let kind = response.media_type().unwrap_or_default();
    let is_named = kind == "application/json" && text.contains("\"resourceType\"")
        || kind.ends_with("/xml") && text.contains("http://hl7.org/fhir");
    kind.contains("fhir") || is_named
}

/// Where a Bundle says that its next page is.
fn next_page(exchange: &Exchange) -> Option<String> {
    let body = &exchange.response.as_ref()?.body;
    let url = match body.json() {
        Some(json) => {
            let links = json.get("link")?.as_array()?;
            let next = links.iter().find(|link| link["relation"] == "next")?;
            next.get("url").and_then(Value::as_str)?.to_owned()
        }
        None => {
            let xml = roxmltree::Document::parse(body.text()?.trim_start_matches('\u{feff}')).ok()?;
            let links = xml.root_element().children().filter(|node| node.tag_name().name() == "link");
            let value = |link: &roxmltree::Node, name: &str| {
                let child = link.children().find(|node| node.tag_name().name() == name)?;
                child.attribute("value").map(str::to_owned)
            };
            let next = links.into_iter().find(|link| value(link, "relation").as_deref() == Some("next"))?;
            value(&next, "url")?
        }
    };
    Some(Url::parse(&exchange.request.url).ok()?.join(&url).ok()?.into())
}
