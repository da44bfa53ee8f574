//! `validate --tx` and `validate --terminology` from the outside: a terminology server, good or bad, and a file.

use std::fs;
use std::net::TcpListener;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

use crate::registry::Answer;
use crate::registry::Registry;

const SNOMED: &str = "http://snomed.info/sct";
const VALUE_SET: &str = "http://toetsbank.example/vs/findings";

/// Where questions about the code go, in R4.
const IN_SYSTEM: &str = "/fhir/CodeSystem/$validate-code";
const IN_VALUE_SET: &str = "/fhir/ValueSet/$validate-code";

/// A folder with a profile that binds to a part of SNOMED CT, and observations.
struct Desk {
    folder: TempDir,
    environment: Vec<(&'static str, String)>,
}

impl Desk {
    fn new() -> Desk {
        let desk = Desk { folder: tempfile::tempdir().unwrap(), environment: Vec::new() };
        for (name, fhir) in [("r4.json", "4.0.1"), ("stu3.json", "3.0.2")] {
            let binding = match fhir {
                "4.0.1" => json!({"strength": "required", "valueSet": VALUE_SET}),
                _ => json!({"strength": "required", "valueSetReference": {"reference": VALUE_SET}}),
            };
            let filter = json!({"property": "concept", "op": "is-a", "value": "404684003"});
            let compose = json!({"include": [{"system": SNOMED, "filter": [filter]}]});
            let profile = json!({
                "resourceType": "StructureDefinition", "url": "http://toetsbank.example/fhir/bound", "name": "Bound",
                "status": "active", "kind": "resource", "abstract": false, "fhirVersion": fhir, "type": "Observation",
                "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Observation", "derivation": "constraint",
                "differential": {"element": [
                    {"id": "Observation.method", "path": "Observation.method", "binding": binding},
                ]},
            });
            let value_set =
                json!({"resourceType": "ValueSet", "url": VALUE_SET, "status": "active", "compose": compose});
            desk.write(
                name,
                &json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": value_set}, {"resource": profile}]}),
            );
        }
        desk.observation("x.json", &["1"]);
        desk
    }

    fn write(&self, name: &str, content: &Value) {
        fs::write(self.folder.path().join(name), content.to_string()).unwrap();
    }

    /// An observation whose method has these codes.
    fn observation(&self, name: &str, codes: &[&str]) {
        let codings: Vec<Value> = codes.iter().map(|code| json!({"system": SNOMED, "code": code})).collect();
        let meta = json!({"profile": ["http://toetsbank.example/fhir/bound"]});
        let text = json!({"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"});
        self.write(
            name,
            &json!({
                "resourceType": "Observation", "meta": meta, "text": text, "status": "final", "code": {"text": "x"},
                "method": {"coding": codings},
            }),
        );
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_toetsbank"));
        command.arg("validate").args(arguments).args(["--lang", "en"]);
        command.current_dir(self.folder.path()).stdin(Stdio::null()).env("NO_COLOR", "1");
        for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"] {
            command.env_remove(name);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.output().unwrap()
    }

    /// What comes of the file in R4, asking there: exit status, codes of the errors, reasons of what was not checked.
    fn judged(&self, file: &str, more: &[&str]) -> (i32, Vec<String>, Vec<String>) {
        let arguments = [&[file, "--fhir", "r4", "--package", "r4.json", "--format", "jsonl"], more].concat();
        let output = self.run(&arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains("panicked"), "{more:?}: {said}");
        let result: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{more:?}: {said}"));
        let all = |list: &str, wanted: &dyn Fn(&Value) -> bool, name: &str| -> Vec<String> {
            let found = result[list].as_array().unwrap().iter().filter(|one| wanted(one));
            found.map(|one| one[name].as_str().unwrap().to_owned()).collect()
        };
        let errors = all("issues", &|issue| issue["severity"] == "error", "code");
        let mut reasons = all("notChecked", &|one| one["code"] == "terminology", "reason");
        reasons.dedup();
        (output.status.code().unwrap(), errors, reasons)
    }

    /// Runs it and gives standard error; nothing is judged.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(&[&["x.json", "--fhir", "r4", "--package", "r4.json"], arguments].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty() && !said.contains("panicked"), "{arguments:?}: {said}");
        said
    }
}

fn verdict(is_in: bool) -> Answer {
    parameters(json!([{"name": "result", "valueBoolean": is_in}]))
}

fn parameters(list: Value) -> Answer {
    Answer::Body(200, json!({"resourceType": "Parameters", "parameter": list}).to_string().into_bytes())
}

fn tx(server: &Registry) -> String {
    format!("{}/fhir", server.address)
}

#[test]
fn the_server_decides_what_the_packages_leave_open() {
    let (desk, server) = (Desk::new(), Registry::start());
    let base = tx(&server);
    let (status, errors, reasons) = desk.judged("x.json", &[]);
    assert_eq!((status, errors.len()), (0, 0));
    assert!(reasons[0].contains("not fully known without a terminology server"), "{reasons:?}");

    // Valid, both as a code and as one of the value set.
    server.at(IN_SYSTEM, verdict(true)).at(IN_VALUE_SET, verdict(true));
    assert_eq!(desk.judged("x.json", &["--tx", &base]), (0, vec![], vec![]));
    let mut asked = server.asked();
    asked.sort();
    let encoded = "http%3A%2F%2Fsnomed.info%2Fsct";
    assert_eq!(
        asked,
        [
            format!("{IN_SYSTEM}?code=1&url={encoded}"),
            format!("{IN_VALUE_SET}?code=1&url=http%3A%2F%2Ftoetsbank.example%2Fvs%2Ffindings&system={encoded}")
        ]
    );

    // It exists, but not in the value set.
    server.at(IN_VALUE_SET, verdict(false));
    assert_eq!(desk.judged("x.json", &["--tx", &base]), (1, vec!["binding-required".to_owned()], vec![]));
    // Nor does it exist.
    server.at(IN_SYSTEM, verdict(false));
    let (status, mut errors, _) = desk.judged("x.json", &["--tx", &base]);
    errors.sort();
    assert_eq!((status, errors), (1, vec!["binding-required".to_owned(), "code-unknown".to_owned()]));
    // One coding of several in the value set is enough, whatever the order.
    server.at(IN_SYSTEM, verdict(true));
    let one = format!("{IN_VALUE_SET}?code=2&url=http%3A%2F%2Ftoetsbank.example%2Fvs%2Ffindings&system={encoded}");
    server.at(&one, verdict(true));
    desk.observation("two.json", &["1", "2"]);
    assert_eq!(desk.judged("two.json", &["--tx", &base]), (0, vec![], vec![]));
}

#[test]
fn stu3_asks_by_value_set_too() {
    let (desk, server) = (Desk::new(), Registry::start());
    let run = |answer: Answer| {
        server.at(IN_VALUE_SET, answer);
        let output = desk.run(&["x.json", "--package", "stu3.json", "--tx", &tx(&server)]);
        (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
    };
    let (status, shown) = run(verdict(true));
    assert_eq!(status, Some(0), "{shown}");
    assert!(!shown.contains("[terminology]"), "{shown}");
    let (status, shown) = run(verdict(false));
    assert_eq!(status, Some(1), "{shown}");
    assert!(shown.contains("binding-required") && shown.contains("code-unknown"), "{shown}");
}

/// What a server does that knows nothing, or means harm, is a reason: never a verdict.
#[test]
fn no_answer_is_no_verdict() {
    let desk = Desk::new();
    let outcome =
        json!({"resourceType": "OperationOutcome", "issue": [{"diagnostics": "no \u{1b}[31msuch value set"}]});
    let text = |status: u16, body: &str| Answer::Body(status, body.as_bytes().to_vec());
    let unable = "Terminology service was unable to provide validation for http://snomed.info/sct#1";
    let deep = format!("{{\"resourceType\":\"Parameters\",\"parameter\":{}", "[".repeat(100_000));
    for (answer, reason) in [
        (text(500, "{}"), "status 500"),
        (text(200, "<html>busy</html>"), "status 200, and no FHIR JSON"),
        (text(200, ""), "no FHIR JSON"),
        (text(200, &deep), "no FHIR JSON"),
        (text(404, &outcome.to_string()), "status 404 no  [31msuch value set"),
        (text(200, &outcome.to_string()), "such value set"),
        (text(200, r#"{"resourceType":"Patient"}"#), "status 200"),
        (text(200, r#"{"resourceType":"Parameters","parameter":{"name":"result"}}"#), "gave no verdict"),
        (parameters(json!([])), "no `result`"),
        (parameters(json!([{"name": "result", "valueString": "false"}])), "no `result`"),
        (
            parameters(
                json!([{"name": "result", "valueBoolean": false}, {"name": "x-unknown-system", "valueUri": SNOMED}]),
            ),
            "does not know the code system",
        ),
        (
            parameters(json!([{"name": "result", "valueBoolean": false}, {"name": "message", "valueString": unable}])),
            unable,
        ),
        (Answer::Redirect("http://127.0.0.1:1/fhir".to_owned()), "status 302"),
        (Answer::Cut(b"{".to_vec()), "gave no verdict"),
        (Answer::Endless, "larger than 1 MiB"),
        (Answer::Silence(Duration::from_secs(60)), "timed out"),
        (Answer::Silence(Duration::ZERO), "gave no verdict"),
    ] {
        let server = Registry::start();
        server.at(IN_SYSTEM, answer.clone()).at(IN_VALUE_SET, answer);
        let begin = Instant::now();
        let (status, errors, reasons) = desk.judged("x.json", &["--tx", &tx(&server), "--tx-timeout", "1"]);
        assert_eq!((status, errors), (0, vec![]), "{reason}");
        assert!(!reasons.is_empty() && reasons.iter().all(|one| one.contains(reason)), "no `{reason}` in {reasons:?}");
        assert!(reasons[0].starts_with("terminology server `127.0.0.1` gave no verdict: "), "{reasons:?}");
        assert!(begin.elapsed() < Duration::from_secs(15), "{reason}: {:?}", begin.elapsed());
    }
}

#[test]
fn a_server_that_is_not_there_is_left_alone() {
    let desk = Desk::new();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (status, errors, reasons) = desk.judged("x.json", &["--tx", &format!("http://{closed}")]);
    assert_eq!((status, errors), (0, vec![]));
    assert!(reasons[0].to_lowercase().contains("connection refused"), "{reasons:?}");

    // After three failures in a row.
    let server = Registry::start();
    server.at(IN_SYSTEM, Answer::Body(503, Vec::new())).at(IN_VALUE_SET, Answer::Body(503, Vec::new()));
    desk.observation("many.json", &["1", "2", "3", "4", "5"]);
    let arguments = ["many.json", "--fhir", "r4", "--package", "r4.json", "--tx", &tx(&server)];
    let output = desk.run(&arguments);
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "the terminology server was not asked any further: status 503\n");
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn addresses_that_are_none_say_so_without_passwords() {
    let desk = Desk::new();
    for bad in ["ftp://me:geheim@tx.example", "tx.example", "file:///etc/passwd", "http://", "http://a.example/?x=y"] {
        let said = desk.refused(&["--tx", bad]);
        assert!(said.contains("give the base URL of a FHIR server, http or https"), "{bad}: {said}");
        assert!(!said.contains("geheim"), "{said}");
    }
    assert!(desk.refused(&["--tx", "http://tx.example", "--tx-timeout", "0"]).contains("--tx-timeout"));
}

#[test]
fn the_proxy_of_the_environment_sees_no_local_server_and_is_not_shown() {
    let (mut desk, server, proxy) = (Desk::new(), Registry::start(), Registry::start());
    server.at(IN_SYSTEM, verdict(true)).at(IN_VALUE_SET, verdict(true));
    let with_password = |server: &Registry| server.address.replace("http://", "http://me:geheim@");
    desk.environment = vec![("HTTP_PROXY", with_password(&proxy)), ("http_proxy", with_password(&proxy))];
    assert_eq!(desk.judged("x.json", &["--tx", &format!("{}/fhir", with_password(&server))]), (0, vec![], vec![]));
    assert_eq!(proxy.asked(), Vec::<String>::new());

    let output =
        desk.run(&["x.json", "--fhir", "r4", "--package", "r4.json", "--tx", "http://u:geheim@tx.example/fhir"]);
    let shown = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("terminology server `tx.example` gave no verdict: status 404"), "{shown}");
    assert!(!shown.contains("geheim"), "{shown}");
    let asked = proxy.asked();
    assert!(!asked.is_empty() && asked.iter().all(|path| path.starts_with("http://tx.example/fhir/")), "{asked:?}");
}

#[test]
fn an_expansion_from_a_file_decides() {
    let desk = Desk::new();
    let contains = json!([{"system": SNOMED, "code": "1"}, {"system": SNOMED, "code": "2", "contains": [{"system": SNOMED, "code": "3"}]}]);
    let expansion = |expansion: Value| json!({"resourceType": "ValueSet", "url": VALUE_SET, "status": "active", "expansion": expansion});
    desk.write("whole.json", &expansion(json!({"total": 3, "contains": contains})));
    desk.write("part.json", &expansion(json!({"total": 300, "contains": contains})));
    fs::write(desk.folder.path().join("whole.ndjson"), format!("{}\n", expansion(json!({"contains": contains}))))
        .unwrap();
    desk.observation("other.json", &["9"]);
    desk.observation("nested.json", &["3"]);
    for file in ["whole.json", "whole.ndjson"] {
        let with = ["--terminology", file];
        assert_eq!(desk.judged("x.json", &with), (0, vec![], vec![]), "{file}");
        assert_eq!(desk.judged("nested.json", &with), (0, vec![], vec![]), "{file}");
        assert_eq!(desk.judged("other.json", &with), (1, vec!["binding-required".to_owned()], vec![]), "{file}");
    }
    // Of a part, what is in it is known and the rest is not.
    assert_eq!(desk.judged("x.json", &["--terminology", "part.json"]), (0, vec![], vec![]));
    let (status, errors, reasons) = desk.judged("other.json", &["--terminology", "part.json"]);
    assert_eq!((status, errors, reasons.len()), (0, vec![], 1));

    // What the file decides, no server is asked.
    let server = Registry::start();
    server.at(IN_SYSTEM, verdict(true)).at(IN_VALUE_SET, verdict(true));
    let both = ["--terminology", "whole.json", "--tx", &tx(&server)];
    assert_eq!(desk.judged("other.json", &both), (1, vec!["binding-required".to_owned()], vec![]));
    assert!(server.asked().iter().all(|path| path.starts_with(IN_SYSTEM)));
}

#[test]
fn a_terminology_file_that_cannot_be_read_is_an_error() {
    let desk = Desk::new();
    let file = |name: &str, content: &str| fs::write(desk.folder.path().join(name), content).unwrap();
    file("broken.json", "{\"resourceType\": \"ValueSet\", ");
    file("broken.ndjson", "{\"resourceType\": \"ValueSet\", \"url\": \"http://a.example/v\"}\n{\n");
    file("patient.json", "{\"resourceType\": \"Patient\"}");
    file("empty.ndjson", "\n");
    file("odd.txt", "hello");
    for (name, part) in [
        ("broken.json", "broken.json"),
        ("broken.ndjson", "line 2"),
        ("patient.json", "find a definition"),
        ("empty.ndjson", "find a definition"),
        ("odd.txt", "odd.txt"),
        ("gone.json", "gone.json"),
    ] {
        let said = desk.refused(&["--terminology", name]);
        assert!(said.starts_with("failed to ") && said.contains(part) && said.contains(name), "{name}: {said}");
    }
}
