//! A fixed, fictional run that shows every part of a report: for golden reports and for checks on them.

mod outcome;

use std::collections::BTreeMap;

use jiff::Timestamp;
use toetsbank::candidate::Candidate;
use toetsbank::candidate::Client;
use toetsbank::candidate::Endpoints;
use toetsbank::candidate::Environment;
use toetsbank::candidate::Login;
use toetsbank::candidate::Patient;
use toetsbank::candidate::Probes;
use toetsbank::candidate::Trust;
use toetsbank::candidate::Waiver;
use toetsbank::diag::Text;
use toetsbank::event::RunOutcome;
use toetsbank::event::RunVerdict;
use toetsbank::event::ScenarioOutcome;
use toetsbank::event::StepOutcome;
use toetsbank::event::Verdict;
use toetsbank::exchange::Actor;
use toetsbank::exchange::Body;
use toetsbank::exchange::Certificate;
use toetsbank::exchange::Exchange;
use toetsbank::exchange::Failure;
use toetsbank::exchange::FailureKind;
use toetsbank::exchange::Interface;
use toetsbank::exchange::Request;
use toetsbank::exchange::Response;
use toetsbank::exchange::Run;
use toetsbank::exchange::Trace;
use toetsbank::report::RunInfo;
use toetsbank::report::SuiteInfo;
use toetsbank::requirement::Release;
use toetsbank::requirement::Role;
use toetsbank::suite::model::Format;
use url::Url;

use crate::report_sample::outcome::findings;
use crate::report_sample::outcome::not_checked;
use crate::report_sample::outcome::requirements;
use crate::report_sample::outcome::table;

/// Stands in every secret of the candidate file; no report may hold it.
pub const CANARY: &str = "kanarie-7f3a9c";

/// What a hostile candidate would put wherever it can.
pub const HOSTILE: &str = "<script>alert(\"x\")</script><img src=https://boos.example/p onerror='y'>\u{1b}[2J\u{202e}";

/// A candidate, its run, and the outcome.
pub struct Sample {
    pub candidate: Candidate,
    pub run: Run,
    pub outcome: RunOutcome,
}

impl Sample {
    pub fn info(&self) -> RunInfo<'_> {
        RunInfo {
            run_id: "2026-11-25-120000-voorbeeld".into(),
            started: at(0),
            finished: at(3),
            tool_version: "0.1.0".into(),
            candidate: &self.candidate,
            traffic: None,
            is_reference: false,
            defects: Vec::new(),
            release: Release::V2_2,
            suites: vec![
                suite("authorize", "Autorisatie", "Authorization", None, &[], &["https://www.rfc-editor.org/rfc/rfc6749"]),
                suite("bgz-3-0", "BgZ 3", "BgZ 3", Some("48"), &["MM-3.0-BZB-FHIR"], &["https://simplifier.net/packages/nictiz.fhir.nl.stu3.bgz"]),
                suite("ggz-2-0", "Basisgegevens GGZ 2", "Basisgegevens GGZ 2", Some("50"), &["MM-2.0-BGB-FHIR"], &[]),
            ],
            selection: "bgz ggz".into(),
            definitions: vec!["hl7.fhir.core@3.0.2".into(), "nictiz.fhir.nl.stu3.zib2017@2.2.18".into()],
            explanations: BTreeMap::from([(
                "TOK-20".to_owned(),
                "The token response may not be stored.\n\n## How it is tested\nReads the headers of each token response.\n"
                    .to_owned(),
            )]),
        }
    }
}

fn suite(id: &str, nl: &str, en: &str, dienst: Option<&str>, rollen: &[&str], sources: &[&str]) -> SuiteInfo {
    SuiteInfo {
        id: id.into(),
        title: Text::new(nl, en),
        gegevensdienst: dienst.map(str::to_owned),
        systeemrollen: rollen.iter().map(|&code| code.to_owned()).collect(),
        sources: sources.iter().map(|&source| source.to_owned()).collect(),
    }
}

/// A moment in the run, in seconds from its start.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_608_000 + seconds).unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn candidate() -> Candidate {
    let patient = |name: &str, stands_for: &str| Patient {
        name: name.into(),
        stands_for: stands_for.into(),
        login: format!("{CANARY}-login"),
        password: format!("{CANARY}-password"),
        token: Some(format!("{CANARY}-token")),
        bsn: Some(format!("{CANARY}-bsn")),
        suites: Vec::new(),
        expect: BTreeMap::new(),
    };
    Candidate {
        role: Role::Dva,
        vendor: "Voorbeeld BV".into(),
        product: "Voorbeeld DVA".into(),
        version: "4.2".into(),
        environment: Environment::Acceptance,
        release: Release::V2_2,
        systeemrollen: vec!["MM-3.0-BZB-FHIR".into(), "MM-2.0-BGB-FHIR".into(), "MM-3.0-PLB-FHIR".into()],
        provider: "voorbeeldziekenhuis@medmij".into(),
        endpoints: Endpoints {
            authorization: url("https://auth.voorbeeld.example/authorize"),
            token: url("https://token.voorbeeld.example/token"),
            resource: BTreeMap::from([
                ("MM-3.0-BZB-FHIR".to_owned(), url("https://fhir.voorbeeld.example/bgz")),
                ("MM-2.0-BGB-FHIR".to_owned(), url("https://fhir.voorbeeld.example/ggz")),
            ]),
        },
        client: Client {
            client_id: "pgo.toetsbank.example".into(),
            redirect_uri: url("https://pgo.toetsbank.example/cb"),
            certificate: String::new(),
            key: format!("{CANARY}-key"),
        },
        identities: vec![],
        trust: Trust::default(),
        login: Login::default(),
        withdrawal: None,
        drive: None,
        world: None,
        patients: vec![patient("De Rijk", "rich"), patient("Karig", "sparse")],
        probes: Probes { active: true, ..Probes::default() },
        shares_clock: false,
        stelselnode: None,
        waivers: vec![Waiver {
            rule: "FHIR-04".into(),
            r#where: "Bundle.link".into(),
            reason: "wordt opgelost in 4.3".into(),
            owner: "J. Voorbeeld".into(),
            expires: "2027-03-01".parse().unwrap(),
        }],
    }
}

const CONDITION: &str = r#"{
  "resourceType": "Bundle",
  "type": "searchset",
  "entry": [
    {
      "resource": {
        "resourceType": "Condition",
        "id": "problem-1",
        "clinicalStatus": "aktief",
        "code": { "coding": [ { "system": "http://snomed.info/sct", "code": "73211009" } ] },
        "note": [ { "text": "HOSTILE" } ]
      }
    }
  ]
}"#;

fn headers(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn exchange(number: u32, scenario: &str, step: &str, interface: Interface, target: &str) -> Exchange {
    Exchange {
        number,
        scenario: scenario.into(),
        step: step.into(),
        interface,
        actor: if interface == Interface::Authorization { Actor::UserAgent } else { Actor::Dvp },
        probe: None,
        certificate: if interface == Interface::Authorization { Certificate::None } else { Certificate::Own },
        started: at(i64::from(number)),
        wait_ms: 8.0 + f64::from(number),
        total_ms: 10.0 + f64::from(number),
        request: Request {
            method: if interface == Interface::Token { "POST" } else { "GET" }.into(),
            url: target.into(),
            headers: headers(&[
                ("Accept", "application/fhir+json; fhirVersion=3.0"),
                ("Authorization", "Bearer REDACTED.access-token.1"),
                ("X-Correlation-ID", "5f0c9f9e-0d07-4b0a-9a4f-3a5d1f2b7c11"),
            ]),
            body: Body::Empty,
        },
        response: Some(Response {
            status: 200,
            headers: headers(&[("Content-Type", "application/fhir+json; charset=utf-8"), ("Server", HOSTILE)]),
            body: Body::Text(CONDITION.replace("HOSTILE", &HOSTILE.replace('"', "\\\""))),
        }),
        failure: None,
        forward: None,
        tls: None,
    }
}

/// The titles of some scenarios of a suite, with the request of each.
const REQUESTS: [(&str, &str, &str, &str); 6] = [
    (
        "1.1",
        "Patiëntgegevens en huisarts opvragen",
        "Retrieve patient and GP",
        "Patient?_include=Patient:general-practitioner",
    ),
    ("1.2", "Betaler opvragen", "Retrieve payer", "Coverage?_include=Coverage:payor:Patient"),
    ("1.3", "Problemen opvragen", "Retrieve problems", "Condition"),
    (
        "1.4",
        "Roken, laatste waarde opvragen",
        "Retrieve last tobacco use",
        "Observation/$lastn?code=http://snomed.info/sct|365980008",
    ),
    (
        "1.5",
        "Medicatieafspraken opvragen",
        "Retrieve medication agreements",
        "MedicationRequest?category=http://snomed.info/sct|16076005",
    ),
    ("1.6", "Vaccinaties opvragen", "Retrieve immunizations", "Immunization?status=completed"),
];

fn scenario(suite: &str, id: &str, title: Text, patient: Option<&str>, format: Option<Format>) -> ScenarioOutcome {
    let mut key = format!("{suite}/{id}");
    for part in [patient, format.map(Format::word)].into_iter().flatten() {
        key.push('/');
        key.push_str(part);
    }
    ScenarioOutcome {
        key,
        suite: suite.into(),
        id: id.into(),
        title,
        patient: patient.map(str::to_owned),
        format,
        required: true,
        verdict: Verdict::Pass,
        reason: None,
        exchanges: Vec::new(),
        steps: Vec::new(),
    }
}

struct Builder {
    number: u32,
    scenarios: Vec<ScenarioOutcome>,
    traces: Vec<Trace>,
}

impl Builder {
    fn add(&mut self, mut outcome: ScenarioOutcome, steps: &[(&str, &str, Interface, &str)]) {
        let mut trace = Trace { scenario: outcome.key.clone(), ..Trace::default() };
        for (step, operation, interface, target) in steps {
            self.number += 1;
            trace.exchanges.push(exchange(self.number, &outcome.key, step, *interface, target));
            outcome.exchanges.push(self.number);
            outcome.steps.push(StepOutcome {
                id: (*step).to_owned(),
                operation: (*operation).to_owned(),
                verdict: outcome.verdict,
                exchanges: vec![self.number],
            });
        }
        self.scenarios.push(outcome);
        self.traces.push(trace);
    }
}

fn built() -> Builder {
    let mut built = Builder { number: 0, scenarios: Vec::new(), traces: Vec::new() };
    let flow = [
        (
            "authorize",
            "GET authorization interface",
            Interface::Authorization,
            "https://auth.voorbeeld.example/authorize?response_type=code&client_id=pgo.toetsbank.example&scope=voorbeeldziekenhuis&state=REDACTED.form-field.1",
        ),
        ("token", "POST token interface", Interface::Token, "https://token.voorbeeld.example/token"),
    ];
    let mut login = scenario(
        "authorize",
        "0.1",
        Text::new("Toestemming geven en token halen", "Consent and token"),
        Some("De Rijk"),
        None,
    );
    login.verdict = Verdict::Fail;
    built.add(login, &flow);
    let mut replay =
        scenario("authorize", "0.2", Text::new("Code tweemaal gebruiken", "Use a code twice"), Some("De Rijk"), None);
    replay.required = false;
    replay.verdict = Verdict::Observed;
    built.add(replay, &flow[1..]);
    for (id, nl, en, request) in REQUESTS {
        for patient in ["De Rijk", "Karig"] {
            for format in [Format::Json, Format::Xml] {
                let mut outcome = scenario("bgz-3-0", id, Text::new(nl, en), Some(patient), Some(format));
                outcome.verdict = match (id, patient, format) {
                    ("1.3", "De Rijk", _) => Verdict::Fail,
                    ("1.4", _, Format::Json) => Verdict::Warning,
                    ("1.6", "Karig", Format::Xml) => Verdict::Error,
                    _ => Verdict::Pass,
                };
                if outcome.verdict == Verdict::Error {
                    outcome.reason = Some(Text::new("geen antwoord binnen 30 seconden", "no answer within 30 seconds"));
                }
                let target = format!("https://fhir.voorbeeld.example/bgz/{request}");
                let operation = format!("GET {request}");
                built.add(outcome, &[("search", &operation, Interface::Resource, &target)]);
            }
        }
    }
    for (id, nl, en, _) in &REQUESTS[..2] {
        let mut outcome = scenario("ggz-2-0", id, Text::new(*nl, *en), Some("De Rijk"), Some(Format::Json));
        outcome.verdict = Verdict::NotChecked;
        outcome.reason = Some(Text::new(
            "scenario authorize/0.1 gaf geen token voor deze systeemrol",
            "scenario authorize/0.1 gave no token for this systeemrol",
        ));
        built.add(outcome, &[]);
    }
    built
}

/// The sample.
pub fn sample() -> Sample {
    let Builder { scenarios, mut traces, .. } = built();
    let broken =
        traces.iter_mut().flat_map(|trace| &mut trace.exchanges).find(|e| e.scenario == "bgz-3-0/1.6/Karig/xml");
    if let Some(exchange) = broken {
        exchange.response = None;
        exchange.failure = Some(Failure { kind: FailureKind::Timeout, detail: "operation timed out".into() });
    }
    Sample {
        candidate: candidate(),
        run: Run { traces, ..Run::default() },
        outcome: RunOutcome {
            verdict: RunVerdict::NotConformant,
            scenarios,
            requirements: requirements(),
            findings: findings(),
            not_checked: not_checked(),
            tables: vec![table()],
            stale_waivers: vec![(
                "TLS-01".into(),
                Text::new(
                    "de eis is getoetst en er is niets meer om vrij te stellen",
                    "the rule was judged and nothing matched",
                ),
            )],
            is_cut_short: false,
        },
    }
}

/// A sample with so many exchanges that each carry a large body, to measure the page.
pub fn large(exchanges: u32) -> Sample {
    let mut sample = sample();
    let body = CONDITION.repeat(40);
    let trace = sample.run.traces.last_mut().unwrap();
    trace.exchanges = (1000..1000 + exchanges)
        .map(|number| {
            let mut exchange = exchange(
                number,
                &trace.scenario,
                "search",
                Interface::Resource,
                "https://fhir.voorbeeld.example/bgz/Condition",
            );
            exchange.response.as_mut().unwrap().body = Body::Text(body.clone());
            exchange
        })
        .collect();
    sample
}
