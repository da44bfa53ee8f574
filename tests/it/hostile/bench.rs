//! One run against the hostile server, judged and reported, and what must not be in the reports.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::date;
use toetsbank::candidate::Candidate;
use toetsbank::candidate::LoginStep;
use toetsbank::cli::outcome;
use toetsbank::cli::outcome::Finished;
use toetsbank::cli::outcome::Setting;
use toetsbank::diag::Lang;
use toetsbank::env::Env;
use toetsbank::event::RunOutcome;
use toetsbank::exchange::Run;
use toetsbank::judge;
use toetsbank::plan::Selection;
use toetsbank::plan::TestPlan;
use toetsbank::report::Console;
use toetsbank::report::Kind;
use toetsbank::report::Options;
use toetsbank::runner;
use toetsbank::runner::Limits;
use toetsbank::simulator::dva;
use toetsbank::suite;
use toetsbank::suite::model::Format;
use url::Url;

use crate::hostile::answers::BSN;
use crate::hostile::answers::CODE;
use crate::hostile::answers::EVIL;
use crate::hostile::answers::FIRST_TOKEN;
use crate::hostile::answers::PASSWORD;
use crate::hostile::answers::REDIRECT_URI;
use crate::hostile::answers::TOKEN;
use crate::hostile::answers::behave;
use crate::hostile_server;
use crate::hostile_server::ALERT;
use crate::hostile_server::EXPIRED;
use crate::hostile_server::GOOD;
use crate::hostile_server::PLAIN;
use crate::hostile_server::RESET;
use crate::hostile_server::Server;
use crate::hostile_server::UNKNOWN;
use crate::hostile_server::WRONG_HOST;
use crate::reference::Nobody;

/// A plan for one search of one patient, and the server that it goes to.
pub struct Bench {
    pub runtime: tokio::runtime::Runtime,
    pub plan: TestPlan,
    pub server: Server,
}

pub fn bench() -> Bench {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (plan, server) = runtime.block_on(async {
        let server = hostile_server::start(behave).await;
        let env = Env::system();
        let reference = dva::start(dva::DvaConfig::own(&env).unwrap()).await.unwrap();
        let mut candidate: Candidate = reference.candidate().clone();
        reference.stop().await;
        candidate.vendor = EVIL.into();
        candidate.probes.active = false;
        candidate.client.redirect_uri = Url::parse(REDIRECT_URI).unwrap();
        candidate.client.certificate = server.client.certificate.clone();
        candidate.client.key = server.client.key.clone();
        candidate.trust.ca = vec![server.authority.clone()];
        candidate.trust.connect =
            BTreeMap::from([(format!("{PLAIN}:443"), format!("127.0.0.1:{}", server.plain_port))]);
        for host in [WRONG_HOST, EXPIRED, UNKNOWN, ALERT, RESET, GOOD] {
            candidate.trust.connect.insert(format!("{host}:443"), format!("127.0.0.1:{}", server.port));
        }
        candidate.login.steps = vec![LoginStep {
            page: "login".into(),
            follow: None,
            fill: BTreeMap::from([("#w".to_owned(), "${patient.password}".to_owned())]),
            submit: Some("form#inloggen".into()),
            cancel: None,
        }];
        for patient in &mut candidate.patients {
            patient.password = PASSWORD.into();
            patient.bsn = Some(BSN.into());
        }
        let suites = suite::load::embedded().unwrap();
        let selection = Selection {
            suites: vec!["bgz-3-0".into()],
            scenarios: vec!["bgz-3-0/1.1".into()],
            patients: vec!["rich".into()],
            formats: vec![Format::Json],
            ..Default::default()
        };
        (outcome::plan(&suites, &candidate, &selection).unwrap(), server)
    });
    Bench { runtime, plan, server }
}

/// One run with its judgement and the folder of its reports.
pub struct Done {
    pub run: Run,
    pub outcome: RunOutcome,
    pub status: u8,
    pub folder: tempfile::TempDir,
}

impl Bench {
    /// Points every interface at a host and a case.
    pub fn at(&self, host: &str, case: &str) -> TestPlan {
        let mut plan = self.plan.clone();
        let url = |rest: &str| Url::parse(&format!("https://{host}/{case}{rest}")).unwrap();
        plan.candidate.endpoints.authorization = url("/authorize");
        plan.candidate.endpoints.token = url("/token");
        // One address for one gegevensdienst (FLOW-36).
        plan.candidate.endpoints.resource.retain(|code, _| code == "MM-3.0-BZB-FHIR");
        plan.candidate.endpoints.resource.values_mut().for_each(|known| *known = url(""));
        plan
    }

    /// The case on a good host.
    pub fn case(&self, case: &str) -> Done {
        self.run(&self.at(GOOD, case))
    }

    pub fn run(&self, plan: &TestPlan) -> Done {
        let limits = Limits {
            resource: Duration::from_secs(1),
            other: Duration::from_secs(1),
            body: 2 << 20,
            run: 16 << 20,
            pages: 4,
            ..Default::default()
        };
        let env = Env::system();
        let surroundings = runner::Surroundings { limits, node: None };
        let run = async { runner::run_within(plan, &env, &mut Nobody, &mut Nobody, surroundings).await };
        let run = self.runtime.block_on(run).unwrap();
        let outcome = judge::judge(plan, &run, date(2026, 1, 15));
        let folder = tempfile::tempdir().unwrap();
        let setting = Setting {
            run_id: "hostile".into(),
            started: Timestamp::UNIX_EPOCH,
            is_reference: false,
            defects: Vec::new(),
            lang: Lang::En,
        };
        let finished = Finished { plan, setting: &setting, finished: Timestamp::UNIX_EPOCH, recorded: &run };
        let mut console = Console::new(Vec::new(), Options::default());
        let trace = finished.save_trace(folder.path());
        let status = finished.write(&outcome, trace, folder.path(), &Kind::ALL, &mut console);
        let done = Done { run, outcome, status, folder };
        done.keeps_its_secrets(&self.server);
        done
    }
}

impl Done {
    pub fn search(&self) -> &toetsbank::event::ScenarioOutcome {
        self.outcome.scenarios.iter().find(|scenario| scenario.suite == "bgz-3-0").unwrap()
    }

    /// Everything said about the run, in English.
    pub fn words(&self) -> String {
        let reasons = self.outcome.scenarios.iter().filter_map(|s| s.reason.as_ref().map(|text| text.en.clone()));
        let findings =
            self.outcome.findings.iter().map(|f| format!("{} {} {}: {}", f.rule, f.kind, f.place, f.seen.en));
        reasons.chain(findings).collect::<Vec<_>>().join("\n")
    }

    /// Searches every file of the report folder for every secret in every form.
    pub fn keeps_its_secrets(&self, server: &Server) {
        let key: String = server.client.key.lines().nth(1).unwrap().to_owned();
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            let content = fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&content);
            for secret in [PASSWORD, CODE, TOKEN, FIRST_TOKEN, BSN, &key] {
                for form in forms(secret) {
                    assert!(!text.contains(&form), "{} holds {form}", path.display());
                }
            }
        }
        let html = fs::read_to_string(self.folder.path().join("report.html")).unwrap();
        for part in ["<script>alert", "<img src=x", "\u{202e}"] {
            assert!(!html.contains(part), "the HTML report holds {part:?}");
        }
        assert!(self.folder.path().join("trace.har").exists() && self.folder.path().join("junit.xml").exists());
    }
}

/// The forms in which a secret may stand in a file.
pub fn forms(secret: &str) -> Vec<String> {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let percent: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut forms = vec![secret.to_owned(), hex.to_uppercase(), hex, percent, html];
    // Inside longer base64 a text stands in one of three ways, apart from its ends.
    for shift in 0..3 {
        let shifted = STANDARD.encode([&b"   "[..shift], secret.as_bytes()].concat());
        let inner = shifted.trim_end_matches('=');
        let from = if shift == 0 { 0 } else { 4 };
        forms.push(inner[from..inner.len() - 2].to_owned());
    }
    forms
}
