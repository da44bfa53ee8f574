//! Broken and malicious candidates: each is a classified finding or failure, with the reports written and no secret in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::date;
use toetsbank::candidate::Candidate;
use toetsbank::candidate::LoginMode;
use toetsbank::candidate::LoginStep;
use toetsbank::cli::outcome;
use toetsbank::cli::outcome::Finished;
use toetsbank::cli::outcome::Setting;
use toetsbank::diag::Lang;
use toetsbank::env::Env;
use toetsbank::event::RunOutcome;
use toetsbank::event::RunVerdict;
use toetsbank::event::Verdict;
use toetsbank::exchange::FailureKind;
use toetsbank::exchange::Interface;
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

use crate::hostile_server;
use crate::hostile_server::ALERT;
use crate::hostile_server::Answer;
use crate::hostile_server::Asked;
use crate::hostile_server::EXPIRED;
use crate::hostile_server::End;
use crate::hostile_server::GOOD;
use crate::hostile_server::PLAIN;
use crate::hostile_server::RESET;
use crate::hostile_server::Server;
use crate::hostile_server::UNKNOWN;
use crate::hostile_server::WRONG_HOST;
use crate::reference::Nobody;

const PASSWORD: &str = "Kanarie-W8woord&<77>";
const CODE: &str = "kanarie-code-5f2e9c1b7a44d0";
const TOKEN: &str = "kanarie-token-9b1c7de2f3a455";
const FIRST_TOKEN: &str = "kanarie-first-0c7de2f3a455aa";
const BSN: &str = "999911120";
const REDIRECT_URI: &str = "https://pgo.example/cb";
const EVIL: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u{202e}evil";

/// What the server does, by the first part of the path.
fn behave(asked: &Asked) -> Answer {
    let mut parts = asked.path.trim_start_matches('/').splitn(2, '/');
    let (case, rest) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    match rest {
        "authorize" => authorization(case, asked),
        "token" => token(case),
        "page" => closed(http(200, "text/html", "<form id=inloggen method=post action=/login-elsewhere/x></form>")),
        _ => resource(case, asked),
    }
}

fn authorization(case: &str, asked: &Asked) -> Answer {
    let state = asked.query.split('&').find_map(|pair| pair.strip_prefix("state=")).unwrap_or("");
    let to = |target: &str| closed(redirect(target));
    match case {
        "auth-loop" => to("/auth-loop/authorize?again"),
        "auth-other-host" => to("https://login.somebody-else.example/steal"),
        "auth-no-element" => closed(http(200, "text/html", &format!("<p>{EVIL}</p>"))),
        "auth-form-elsewhere" => closed(http(
            200,
            "text/html",
            "<form id=inloggen method=post action='https://steal.example/x'><input id=w name=w></form>",
        )),
        "auth-html-bomb" => closed(http(200, "text/html", &"<b><i><p>".repeat(100_000))),
        "auth-error" => to(&format!("{REDIRECT_URI}?error={}&state={state}", PASSWORD.replace('&', "%26"))),
        "auth-hang" => Answer { bytes: Vec::new(), end: End::Hang },
        "auth-403" => closed(http(403, "text/html", "no")),
        _ => to(&format!("{REDIRECT_URI}?code={CODE}&state={state}")),
    }
}

fn token(case: &str) -> Answer {
    let plain = format!(r#"{{"access_token":"{TOKEN}","token_type":"Bearer","expires_in":900,"scope":"x"}}"#);
    let json = |text: &str| closed(http(200, "application/json", text));
    match case {
        "token-cut" => Answer {
            bytes: format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{{\"access_token\":\"{TOKEN}\""
            )
            .into_bytes(),
            end: End::Close,
        },
        "token-html" => closed(http(200, "text/html", &format!("<p>access_token={TOKEN}</p>"))),
        "token-deep" => json(&"[".repeat(100_000)),
        "token-twice" => json(&plain.replacen('{', &format!(r#"{{"access_token":"{FIRST_TOKEN}","#), 1)),
        _ => json(&plain),
    }
}

fn resource(case: &str, asked: &Asked) -> Answer {
    let fhir = |text: &str| closed(http(200, "application/fhir+json", text));
    let bundle = |next: &str| {
        let link =
            if next.is_empty() { String::new() } else { format!(r#","link":[{{"relation":"next","url":"{next}"}}]"#) };
        fhir(&format!(r#"{{"resourceType":"Bundle","type":"searchset","total":0{link}}}"#))
    };
    let hex: String = TOKEN.bytes().map(|byte| format!("{byte:02x}")).collect();
    let echo = format!(
        r#"{{"resourceType":"OperationOutcome","issue":[{{"severity":"error","code":"login","diagnostics":"{TOKEN} {CODE} {PASSWORD} {} {hex} {} {BSN}"}}]}}"#,
        STANDARD.encode(TOKEN),
        STANDARD.encode(PASSWORD),
    );
    match case {
        "html" => closed(http(200, "text/html", &format!("<html>{EVIL}</html>"))),
        "cut" => Answer {
            bytes: b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 5000\r\n\r\n{\"resourceType\":".to_vec(),
            end: End::Close,
        },
        "cut-without-close" => Answer {
            bytes: b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 5000\r\n\r\n{\"resou".to_vec(),
            end: End::Cut,
        },
        "chunked-without-end" => Answer {
            bytes: b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{\"resourceType\":".to_vec(),
            end: End::Close,
        },
        "slow" => Answer {
            bytes: b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n\r\n{\"resourceType\":".to_vec(),
            end: End::Drip,
        },
        "hang" => Answer { bytes: Vec::new(), end: End::Hang },
        "gigantic" => closed(http(200, "application/fhir+json", &" ".repeat(3 << 20))),
        "redirect-loop" => closed(redirect(&asked.path)),
        "redirect-host" => closed(redirect("https://steal.example/x")),
        "invalid-utf8" => {
            let body = [&b"{\"resourceType\":\"Bundle\xff\xfe "[..], TOKEN.as_bytes(), b"\"}"].concat();
            closed(raw("HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json", &body))
        }
        "deep-json" => fhir(&format!(r#"{{"resourceType":"Bundle","entry":{}"#, "[".repeat(500_000))),
        "deep-xml" => closed(http(200, "application/fhir+xml", &"<a>".repeat(200_000))),
        "xml-dtd" => closed(http(
            200,
            "application/fhir+xml",
            "<!DOCTYPE b [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]><Bundle xmlns=\"http://hl7.org/fhir\"><id value=\"&a;&c;\"/></Bundle>",
        )),
        "status-204" => closed(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()),
        "status-1xx" => closed(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n".to_vec()),
        "status-1xx-endless" => Answer { bytes: b"HTTP/1.1 100 Continue\r\n\r\n".repeat(20_000), end: End::Hang },
        "status-799" => closed(http(799, "application/fhir+json", "{}")),
        "status-none" => closed(b"HTTP/1.1 OK\r\n\r\n".to_vec()),
        "status-429" => closed(b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 86400\r\nContent-Length: 0\r\n\r\n".to_vec()),
        "header-bomb" => closed(format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Bomb: 1\r\n".repeat(20_000)).into_bytes()),
        "header-long" => closed(format!("HTTP/1.1 200 OK\r\nX-Bomb: {}\r\n\r\n", "a".repeat(4 << 20)).into_bytes()),
        "header-bytes" => closed(raw(&format!("HTTP/1.1 200 OK\r\nX-{TOKEN}: {TOKEN}\r\nX-Odd: \u{202e}{EVIL}"), b"x")),
        "gzip" => closed(raw(
            "HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Encoding: gzip",
            &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        )),
        "duplicate-keys" => fhir(r#"{"resourceType":"Bundle","type":"searchset","type":"history","total":0}"#),
        "echo" => closed(raw(
            &format!("HTTP/1.1 401 Unauthorized\r\nContent-Type: application/fhir+json\r\nX-Echo: {TOKEN} {hex}"),
            echo.as_bytes(),
        )),
        "hostile-fields" => {
            let evil = EVIL.replace('"', "\\\"");
            fhir(&format!(
                r#"{{"resourceType":"Bundle","type":"{evil}","{evil}":"{evil}","total":1,"entry":[{{"fullUrl":"{evil}","resource":{{"resourceType":"AllergyIntolerance","id":"{evil}","meta":{{"profile":["{evil}"]}},"text":{{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>alert(3)</script></div>"}},"code":{{"text":"{evil}"}}}}}}]}}"#
            ))
        }
        "next-other-host" => bundle("https://steal.example/fhir?page=2"),
        "next-plain-http" => bundle(&format!("http://{GOOD}/fhir?page=2")),
        "next-loop" => bundle(&format!("https://{GOOD}/next-loop/AllergyIntolerance?page=2")),
        "next-endless" => {
            let page: u32 = asked.query.strip_prefix("page=").and_then(|text| text.parse().ok()).unwrap_or(0);
            bundle(&format!("https://{GOOD}/next-endless/AllergyIntolerance?page={}", page + 1))
        }
        _ => bundle(""),
    }
}

fn closed(bytes: Vec<u8>) -> Answer {
    Answer { bytes, end: End::Close }
}

fn raw(head: &str, body: &[u8]) -> Vec<u8> {
    [head.as_bytes(), format!("\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

fn http(status: u16, media_type: &str, body: &str) -> Vec<u8> {
    raw(&format!("HTTP/1.1 {status} X\r\nContent-Type: {media_type}"), body.as_bytes())
}

fn redirect(target: &str) -> Vec<u8> {
    raw(&format!("HTTP/1.1 302 Found\r\nLocation: {target}"), b"")
}

/// A plan for one search of one patient, and the server that it goes to.
struct Bench {
    runtime: tokio::runtime::Runtime,
    plan: TestPlan,
    server: Server,
}

fn bench() -> Bench {
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
struct Done {
    run: Run,
    outcome: RunOutcome,
    status: u8,
    folder: tempfile::TempDir,
}

impl Bench {
    /// Points every interface at a host and a case.
    fn at(&self, host: &str, case: &str) -> TestPlan {
        let mut plan = self.plan.clone();
        let url = |rest: &str| Url::parse(&format!("https://{host}/{case}{rest}")).unwrap();
        plan.candidate.endpoints.authorization = url("/authorize");
        plan.candidate.endpoints.token = url("/token");
        plan.candidate.endpoints.resource.values_mut().for_each(|known| *known = url(""));
        plan
    }

    /// The case on a good host.
    fn case(&self, case: &str) -> Done {
        self.run(&self.at(GOOD, case))
    }

    fn run(&self, plan: &TestPlan) -> Done {
        let limits = Limits {
            resource: Duration::from_secs(1),
            other: Duration::from_secs(1),
            body: 2 << 20,
            run: 16 << 20,
            pages: 4,
            ..Default::default()
        };
        let env = Env::system();
        let run = async { runner::run_within(plan, &env, &mut Nobody, &mut Nobody, limits).await };
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
    fn search(&self) -> &toetsbank::event::ScenarioOutcome {
        self.outcome.scenarios.iter().find(|scenario| scenario.suite == "bgz-3-0").unwrap()
    }

    /// Everything said about the run, in English.
    fn words(&self) -> String {
        let reasons = self.outcome.scenarios.iter().filter_map(|s| s.reason.as_ref().map(|text| text.en.clone()));
        let findings =
            self.outcome.findings.iter().map(|f| format!("{} {} {}: {}", f.rule, f.kind, f.place, f.seen.en));
        reasons.chain(findings).collect::<Vec<_>>().join("\n")
    }

    /// Searches every file of the report folder for every secret in every form.
    fn keeps_its_secrets(&self, server: &Server) {
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
fn forms(secret: &str) -> Vec<String> {
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

#[test]
fn whatever_a_resource_server_answers_is_a_finding_with_the_reports_written() {
    let bench = bench();
    let clean = bench.case("clean");
    assert_eq!(clean.search().exchanges.len(), 1, "{}", clean.words());
    // Case, and what is said of it.
    let cases = [
        ("html", "text/html"),
        ("cut", "no whole answer"),
        ("cut-without-close", "no whole answer"),
        ("chunked-without-end", "no whole answer"),
        ("slow", "no whole answer within 1 s"),
        ("hang", "no whole answer within 1 s"),
        ("gigantic", "more than 2097152 bytes"),
        ("redirect-loop", "302"),
        ("redirect-host", "302"),
        ("invalid-utf8", "binary body"),
        ("deep-json", "no readable FHIR"),
        ("deep-xml", "no readable FHIR"),
        ("xml-dtd", "no readable FHIR"),
        ("status-204", "204"),
        ("status-1xx", "101"),
        ("status-1xx-endless", "no whole answer"),
        ("status-799", "799"),
        ("status-none", "no whole answer"),
        ("status-429", "429"),
        ("header-bomb", "no whole answer"),
        ("header-long", "no whole answer"),
        ("header-bytes", "no readable FHIR"),
        ("gzip", "Content-Encoding `gzip`"),
        ("duplicate-keys", "duplicate"),
        ("echo", "401"),
        ("hostile-fields", "evil"),
        ("next-other-host", "not followed"),
        ("next-plain-http", "not followed"),
        ("next-loop", "the search never ends"),
        ("next-endless", "more than 4 pages"),
    ];
    let mut wrong = Vec::new();
    for (case, said) in cases {
        let began = Instant::now();
        let done = bench.case(case);
        let took = began.elapsed();
        let fits = done.words().contains(said) && done.search().verdict == Verdict::Fail && done.status == 1;
        if !fits || took > Duration::from_secs(10) {
            let verdict = done.search().verdict;
            wrong.push(format!("{case} ({took:?}): {verdict:?}, exit {}\n{}", done.status, done.words()));
        }
        let hosts = done
            .run
            .exchanges()
            .filter_map(|e| Url::parse(&e.request.url).ok())
            .map(|url| url.host_str().unwrap().to_owned());
        assert!(hosts.into_iter().all(|host| host == GOOD), "{case} led to another host");
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

#[test]
fn what_comes_before_a_deadline_or_a_cut_is_kept_as_evidence() {
    let bench = bench();
    for case in ["slow", "cut", "chunked-without-end"] {
        let done = bench.case(case);
        let last = done.run.exchanges().last().unwrap();
        let body = last.response.as_ref().and_then(|response| response.body.text()).unwrap_or("");
        assert!(last.failure.is_some() && body.starts_with("{\"resourceType\":"), "{case}: {body}");
    }
    let big = bench.case("gigantic");
    let last = big.run.exchanges().last().unwrap();
    assert_eq!(last.failure.as_ref().map(|failure| failure.kind), Some(FailureKind::TooLarge));
    assert!(last.response.as_ref().unwrap().body.bytes().len() <= 64 << 10);
}

#[test]
fn a_login_that_leads_nowhere_stops_the_run_with_the_reason() {
    let bench = bench();
    let cases = [
        ("auth-loop", "redirects in a row"),
        ("auth-other-host", "`login.somebody-else.example:443`, which the candidate file does not name"),
        ("auth-no-element", "has no `form#inloggen`"),
        ("auth-form-elsewhere", "`steal.example:443`, which the candidate file does not name"),
        ("auth-html-bomb", "no `form#inloggen`"),
        ("auth-error", "back at the DVP with `error=REDACTED.login.1`"),
        ("auth-hang", "no whole answer within 1 s"),
        ("auth-403", "status 403"),
        ("token-cut", "no access token"),
        ("token-html", "no access token"),
        ("token-deep", "no access token"),
    ];
    let mut wrong = Vec::new();
    for (case, said) in cases {
        let began = Instant::now();
        let done = bench.case(case);
        let took = began.elapsed();
        let reason = done.search().reason.clone().map(|text| text.en).unwrap_or_default();
        let code = done.run.stopped.as_ref().map(|stop| stop.code.as_str());
        let fits =
            reason.contains(said) && code == Some("nobody-logs-in") && done.search().verdict == Verdict::NotChecked;
        // A fail goes before "could not be judged" in the exit status.
        let is_status =
            matches!((done.outcome.verdict, done.status), (RunVerdict::Error, 3) | (RunVerdict::NotConformant, 1));
        if !fits || !is_status || took > Duration::from_secs(10) {
            wrong.push(format!("{case} ({took:?}): exit {}\n{reason}\n{}", done.status, done.words()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
    let twice = bench.case("token-twice");
    assert!(twice.run.stopped.is_none(), "{}", twice.words());
}

#[test]
fn a_certificate_that_does_not_hold_is_told_plainly() {
    let bench = bench();
    let cases = [
        (WRONG_HOST, "a certificate that cannot be trusted"),
        (EXPIRED, "a certificate that cannot be trusted"),
        (UNKNOWN, "of an issuer that `[trust] ca` does not name"),
        (PLAIN, "can be used"),
    ];
    for (host, said) in cases {
        let done = bench.run(&bench.at(host, "clean"));
        let scenarios = &done.outcome.scenarios;
        assert_eq!((done.status, done.run.exchanges().count()), (3, 0), "{host}");
        for scenario in scenarios {
            let reason = scenario.reason.as_ref().map(|text| text.en.as_str()).unwrap_or("");
            assert!(scenario.verdict == Verdict::NotChecked && reason.contains(said), "{host}: {reason}");
        }
        assert!(done.words().contains(&format!("{host}:443")), "{host}: {}", done.words());
    }
    // The Resource Server alone: the run goes on, and its part is judged or said to be undecided.
    let cases = [
        (WRONG_HOST, Verdict::Fail, "not valid for"),
        (EXPIRED, Verdict::Fail, "expired"),
        (UNKNOWN, Verdict::Error, "of an issuer that `[trust] ca` of the candidate file does not name"),
        (ALERT, Verdict::Fail, "no whole answer"),
        (PLAIN, Verdict::Fail, "no whole answer"),
        (RESET, Verdict::Fail, "no whole answer"),
    ];
    let mut wrong = Vec::new();
    for (host, verdict, said) in cases {
        let mut plan = bench.at(GOOD, "clean");
        let there = bench.at(host, "clean").candidate.endpoints.resource;
        plan.candidate.endpoints.resource = there;
        let done = bench.run(&plan);
        let tokens = done.run.exchanges().filter(|e| e.interface == Interface::Token && e.succeeded()).count();
        let search = done.search();
        if search.verdict != verdict || !done.words().contains(said) || tokens == 0 {
            wrong.push(format!("{host}: {:?} {}\n{}", search.verdict, done.status, done.words()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

#[test]
fn addresses_that_nobody_answers_at() {
    let bench = bench();
    let nowhere = |plan: &mut TestPlan, host: &str| {
        plan.candidate.trust.connect.insert(format!("{host}:443"), "127.0.0.1:1".to_owned());
    };
    let mut all = bench.at("gone.example", "clean");
    nowhere(&mut all, "gone.example");
    let done = bench.run(&all);
    assert_eq!(done.status, 3);
    for scenario in &done.outcome.scenarios {
        let reason = scenario.reason.as_ref().map(|text| text.nl.as_str()).unwrap_or("");
        assert_eq!(scenario.verdict, Verdict::NotChecked);
        assert!(reason.starts_with("geen enkel adres van de kandidaat is te gebruiken: gone.example:443"), "{reason}");
    }
    // One of them: the run goes on, and the refusal is the candidate's.
    let mut one = bench.at(GOOD, "clean");
    one.candidate.endpoints.resource = bench.at("gone.example", "clean").candidate.endpoints.resource;
    nowhere(&mut one, "gone.example");
    let done = bench.run(&one);
    assert!(done.run.stopped.is_none());
    assert_eq!((done.status, done.search().verdict), (1, Verdict::Fail), "{}", done.words());
    // A name without address may as well be our network's doing.
    one.candidate.trust.connect.remove("gone.example:443");
    one.candidate.endpoints.resource = bench.at("gone.invalid", "clean").candidate.endpoints.resource;
    let done = bench.run(&one);
    assert_eq!(done.search().verdict, Verdict::Error, "{}", done.words());
    assert!(done.words().contains("`[trust.connect]`"), "{}", done.words());
}

#[test]
fn a_login_by_hand_that_nobody_does_waits_for_a_person() {
    let bench = bench();
    let mut plan = bench.at(GOOD, "clean");
    plan.candidate.login.mode = LoginMode::Manual;
    let done = bench.run(&plan);
    assert_eq!((done.status, done.outcome.verdict), (4, RunVerdict::Incomplete), "{}", done.words());
    assert!(done.search().reason.as_ref().is_some_and(|text| text.en.contains("login")), "{}", done.words());
    assert!(Path::new(&done.folder.path().join("report.json")).exists());
}
