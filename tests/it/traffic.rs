//! `toetsbank check-traffic` from the outside: traces of our own runs as others would have recorded them, and small captures.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;

use base64::Engine;
use regex::Regex;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;
use tempfile::TempDir;

fn toetsbank(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toetsbank"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1").output().unwrap()
}

/// A run against the reference of this role with these defects; gives its trace.
fn trace(folder: &Path, role: &str, defects: &[&str]) -> Value {
    let mut arguments = vec!["run", "bgz", "--role", role, "--out", "run", "-q", "--format-fhir", "json"];
    for defect in defects {
        arguments.extend(["--defect", defect]);
    }
    if role == "dva" {
        arguments.extend(["--scenario", "bgz-3-0"]);
    }
    let output = toetsbank(folder, &arguments);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&fs::read(folder.join("run/trace.har")).unwrap()).unwrap()
}

/// The trace as another recorder would have it: without what is ours, and with secrets in the place of placeholders.
fn foreign(trace: &Value) -> Value {
    let entries = trace["log"]["entries"].as_array().unwrap().iter();
    let regular = entries.filter(|entry| entry["_toetsbank"]["probe"].is_null()).cloned();
    let mut entries: Vec<Value> = regular.collect();
    for entry in &mut entries {
        entry.as_object_mut().unwrap().remove("_toetsbank");
        entry["response"]["content"].as_object_mut().unwrap().remove("size");
    }
    let text = Value::Array(entries).to_string();
    let placeholder = Regex::new(r"REDACTED\.([a-z-]+)\.\d+").unwrap();
    let text = placeholder.replace_all(&text, |parts: &regex::Captures| match &parts[1] {
        "bsn" => "999900006".to_owned(),
        _ => Sha256::digest(parts[0].as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect(),
    });
    let entries: Value = serde_json::from_str(&text).unwrap();
    json!({"log": {"version": "1.2", "creator": {"name": "mitmproxy", "version": "12"}, "entries": entries}})
}

/// The same as a browser exports it: HTTP/2, no bodies, no credentials.
fn browsed(har: &Value) -> Value {
    let mut har = har.clone();
    for entry in har["log"]["entries"].as_array_mut().unwrap() {
        for part in ["request", "response"] {
            let headers = entry[part]["headers"].as_array_mut().unwrap();
            headers.retain(|header| {
                let name = header["name"].as_str().unwrap().to_lowercase();
                !["authorization", "cookie", "set-cookie"].contains(&name.as_str())
            });
            for header in headers.iter_mut() {
                header["name"] = header["name"].as_str().unwrap().to_lowercase().into();
            }
            entry[part]["httpVersion"] = "h2".into();
        }
        let pseudo = json!({"name": ":authority", "value": "x.example"});
        entry["request"]["headers"].as_array_mut().unwrap().insert(0, pseudo);
        entry["request"]["cookies"] =
            json!([{"name": "sid", "value": "kanarie-koekje", "httpOnly": true, "expires": null}]);
        entry["request"].as_object_mut().unwrap().remove("postData");
        let length = entry["response"]["content"]["text"].as_str().map_or(0, str::len);
        entry["response"]["content"] = json!({"size": length, "mimeType": "text/plain"});
        entry["timings"] = json!({"send": -1, "wait": -1, "receive": -1});
    }
    har
}

struct Checked {
    status: Option<i32>,
    report: Value,
    _folder: TempDir,
}

impl Checked {
    /// Rules with the party of each finding that counts.
    fn findings(&self) -> Vec<(String, String)> {
        let findings = self.report["findings"].as_array().unwrap().iter();
        let counted = findings.filter(|f| f["severity"] != "information" && f["explainedBy"].is_null());
        let mut found: Vec<(String, String)> = counted
            .map(|f| (f["rule"].as_str().unwrap().to_owned(), f["party"].as_str().unwrap().to_owned()))
            .collect();
        found.sort();
        found.dedup();
        found
    }

    fn row(&self, rule: &str) -> (&str, &str) {
        let rows = self.report["requirements"].as_array().unwrap();
        let row = rows.iter().find(|row| row["rule"] == rule).unwrap();
        (row["verdict"].as_str().unwrap(), row["reason"].as_str().unwrap_or_default())
    }
}

/// Checks captures and gives the report; nothing of `secrets` may stand in anything that was written.
fn check(captures: &[&Value], secrets: &[&str]) -> Checked {
    let texts: Vec<Vec<u8>> = captures.iter().map(|capture| capture.to_string().into_bytes()).collect();
    check_files(&texts, secrets)
}

fn check_files(captures: &[Vec<u8>], secrets: &[&str]) -> Checked {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["check-traffic".to_owned()];
    for (i, capture) in captures.iter().enumerate() {
        fs::write(folder.path().join(format!("{i}.har")), capture).unwrap();
        arguments.push(format!("{i}.har"));
    }
    arguments.extend(["--out", "out", "--lang", "en", "-v"].map(str::to_owned));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let output = toetsbank(folder.path(), &arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let path = folder.path().join("out/report.json");
    let report = fs::read(&path).unwrap_or_else(|error| panic!("{error}: {said}"));
    let written: Vec<PathBuf> = fs::read_dir(folder.path().join("out")).unwrap().map(|e| e.unwrap().path()).collect();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    for secret in secrets {
        assert!(!shown.contains(secret) && !said.contains(secret), "{secret} is shown");
        for path in &written {
            assert!(!fs::read_to_string(path).unwrap().contains(secret), "{secret} in {}", path.display());
        }
    }
    let report = serde_json::from_slice(&report).unwrap();
    Checked { status: output.status.code(), report, _folder: folder }
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/traffic").join(name)).unwrap()
}

/// A code or token of a capture made by [`foreign`].
fn secret(placeholder: &str) -> String {
    Sha256::digest(placeholder.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_clean_run_of_either_role_accuses_nobody_whoever_recorded_it() {
    for role in ["dva", "dvp"] {
        let folder = tempfile::tempdir().unwrap();
        let own = trace(folder.path(), role, &[]);
        let har = foreign(&own);
        let secrets = [secret("REDACTED.access-token.1"), secret("REDACTED.code.1"), "kanarie-koekje".to_owned()];
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        for (how, capture) in [("own", &own), ("foreign", &har), ("browser", &browsed(&har))] {
            let checked = check(&[capture], &secrets);
            assert_eq!(checked.findings(), [], "{role} {how}");
            assert_eq!(checked.status, Some(0), "{role} {how}");
            assert_eq!(checked.row("AUTH-01").0, "pass", "{role} {how}");
            if how != "browser" {
                for rule in
                    ["TOK-01", "TOK-02", "TOK-20", "RES-01", "RES-02", "RES-04", "AUTH-11", "FHIR-01", "FHIR-07"]
                {
                    assert_eq!(checked.row(rule).0, "pass", "{role} {how} {rule}");
                }
            }
            assert_eq!(checked.row("TLS-22").0, "notChecked");
            assert!(checked.row("TLS-22").1.contains("TLS handshake"), "{:?}", checked.row("TLS-22"));
            assert!(checked.row("SEC-05").1.contains("only a run does that"), "{:?}", checked.row("SEC-05"));
        }
        if role == "dvp" {
            two_dvps(&har);
        }
    }
}

/// Two DVPs in one capture are each judged by what they are called themselves.
fn two_dvps(har: &Value) {
    let other = of_another(har);
    let both = check(&[har, &other], &[]);
    assert_eq!(both.findings(), []);
    for rule in ["AUTH-03", "AUTH-05", "AUTH-06", "TOK-04", "TOK-05", "TOK-08", "FHIR-02", "FHIR-16"] {
        assert_eq!(both.row(rule).0, "pass", "{rule}");
    }
    assert_eq!(both.row("SEC-13").0, "notChecked", "no number of a patient is known");
    let mut mixed = other;
    for entry in mixed["log"]["entries"].as_array_mut().unwrap() {
        if let Some(text) = entry["request"]["postData"]["text"].as_str() {
            let text = text.replace("client_id=pgo.ander.example", "client_id=pgo.toetsbank.example");
            entry["request"]["postData"]["text"] = text.into();
        }
    }
    assert_eq!(check(&[har, &mixed], &[]).findings(), [("TOK-05".to_owned(), "DVP".to_owned())]);
}

/// The same traffic of a DVP with another name, whose codes, tokens and ids are others.
fn of_another(har: &Value) -> Value {
    let text = har.to_string().replace("pgo.toetsbank.example", "pgo.ander.example");
    let text = text.replace("pgo-achter.toetsbank.example", "achter.ander.example");
    let secret = Regex::new("[0-9a-f]{64}").unwrap();
    let text = secret.replace_all(&text, |found: &regex::Captures| found[0].chars().rev().collect::<String>());
    let id = Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap();
    let text = id.replace_all(&text, |found: &regex::Captures| found[0].chars().rev().collect::<String>());
    let sent = Regex::new("[?&]state=([A-Za-z0-9_-]+)").unwrap();
    let mut states: Vec<String> = sent.captures_iter(&text).map(|found| found[1].to_owned()).collect();
    states.sort();
    states.dedup();
    let reversed =
        |text: String, state: &String| text.replace(state.as_str(), &state.chars().rev().collect::<String>());
    let text = states.iter().filter(|state| state.len() > 16).fold(text.into_owned(), reversed);
    // Twelve digits come first now: the groups are put back in the usual order.
    let turned =
        Regex::new("([0-9a-f]{8})([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{8})").unwrap();
    serde_json::from_str(&turned.replace_all(&text, "$1-$2-$3-$4-$5$6")).unwrap()
}

/// Every code and token in the form of the redacted trace is replaced by what a tool that masks would put there.
fn masked(har: &Value, mask: &str) -> Value {
    let secret = Regex::new("[0-9a-f]{64}").unwrap();
    serde_json::from_str(&secret.replace_all(&har.to_string(), mask)).unwrap()
}

#[test]
fn the_same_traffic_in_another_dress_accuses_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let plain = foreign(&trace(folder.path(), "dva", &[]));
    let dressed = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut har = plain.clone();
        change(har["log"]["entries"].as_array_mut().unwrap());
        har
    };
    let twice =
        dressed(&|entries| *entries = entries.iter().flat_map(|entry| [entry.clone(), entry.clone()]).collect());
    let shuffled = dressed(&|entries| entries.reverse());
    let lost = dressed(&|entries| {
        // The connection was lost before an answer came, and a library sends the same again.
        let lose = |entry: &Value| {
            let mut gone = entry.clone();
            gone["response"] = json!({"status": 0, "headers": [], "content": {}});
            [gone, entry.clone()]
        };
        *entries = entries.iter().flat_map(lose).collect();
    });
    let packed = dressed(&|entries| {
        for entry in entries {
            let content = &mut entry["response"]["content"];
            if let Some(text) = content["text"].as_str().map(str::to_owned) {
                content["text"] = base64::engine::general_purpose::STANDARD.encode(text).into();
                content["encoding"] = "base64".into();
            }
        }
    });
    let mut all = vec![("twice", twice), ("shuffled", shuffled), ("lost", lost), ("packed", packed)];
    for mask in ["***", "[REDACTED]", "xxxxxxxx", "<token>", "{access-token}", "", "aaaa"] {
        all.push((mask, masked(&plain, mask)));
    }
    for (name, har) in all {
        let checked = check(&[&har], &[]);
        assert_eq!(checked.findings(), [], "{name}");
        assert_eq!(checked.status, Some(0), "{name}");
    }
}

#[test]
fn a_defect_of_the_dva_points_at_the_dva() {
    let cases = [
        ("expires-in-3600", "TOK-10", "DVA"),
        ("token-type-mac", "TOK-24", "DVA"),
        ("token-cacheable", "TOK-20", "DVA"),
        ("framing-allowed", "SEC-06", "DVA"),
        ("bsn-in-self-link", "RES-04", "DVA"),
        ("wrong-cardinality", "FHIR-07", "bronsysteem"),
        ("coding-without-system", "FHIR-08", "bronsysteem"),
        ("code-in-fragment", "AUTH-25", "DVA"),
    ];
    for (defect, rule, party) in cases {
        let folder = tempfile::tempdir().unwrap();
        let checked = check(&[&foreign(&trace(folder.path(), "dva", &[defect]))], &["999900006"]);
        assert_eq!(checked.findings(), [(rule.to_owned(), party.to_owned())], "{defect}");
        let parties = &checked.report["traffic"]["parties"];
        assert_eq!((&parties[0]["party"], &parties[0]["verdict"]), (&json!("DVP"), &json!("conformant")), "{defect}");
    }
}

#[test]
fn a_defect_of_the_dvp_points_at_the_dvp() {
    let cases = [
        ("request-id-no-uuid", "AUTH-01"),
        ("authorization-by-post", "AUTH-12"),
        ("request-id-missing-at-token", "TOK-01"),
        ("client-id-missing-at-token", "TOK-02"),
        ("other-correlation-id-at-token", "TOK-01"),
        ("request-id-repeats-at-resource", "RES-02"),
        ("token-in-query", "RES-01"),
        ("patient-in-query", "FHIR-01"),
    ];
    for (defect, rule) in cases {
        let folder = tempfile::tempdir().unwrap();
        let checked = check(&[&foreign(&trace(folder.path(), "dvp", &[defect]))], &["999900006"]);
        assert_eq!(checked.findings(), [(rule.to_owned(), "DVP".to_owned())], "{defect}");
        assert_eq!(checked.report["traffic"]["parties"][1]["verdict"], "conformant", "{defect}");
    }
}

#[test]
fn two_recorders_of_the_same_traffic_are_one() {
    let folder = tempfile::tempdir().unwrap();
    let har = foreign(&trace(folder.path(), "dva", &[]));
    let once = check(&[&har], &[]);
    let twice = check(&[&har, &har], &[]);
    assert_eq!(twice.findings(), []);
    assert_eq!(twice.row("TOK-20").0, "pass");
    let count = |checked: &Checked| {
        let rows = checked.report["requirements"].as_array().unwrap();
        rows.iter().find(|row| row["rule"] == "TOK-20").unwrap()["occasions"].clone()
    };
    assert_eq!(count(&once), count(&twice));
}

#[test]
fn what_was_saved_is_judged_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let har = foreign(&trace(folder.path(), "dva", &["expires-in-3600"]));
    let first = check(&[&browsed(&har)], &[]);
    let saved = serde_json::from_slice(&fs::read(first._folder.path().join("out/trace.har")).unwrap()).unwrap();
    let again = check(&[&saved], &[]);
    assert_eq!(again.findings(), first.findings());
    assert_eq!(again.report["requirements"], first.report["requirements"]);
}

#[test]
fn small_captures_of_others_accuse_nobody_of_what_they_do_not_hold() {
    for name in ["chrome.har", "mitmproxy.har", "fiddler.har", "masked.har"] {
        let checked = check_files(&[fixture(name)], &["kanarie", "999900006"]);
        assert_eq!(checked.findings(), [], "{name}");
        assert_eq!(checked.status, Some(0), "{name}");
        let seen = |rule: &str| checked.row(rule).0;
        match name {
            "chrome.har" => {
                assert_eq!(["AUTH-01", "AUTH-02", "AUTH-11", "AUTH-25", "SEC-06", "TLS-20"].map(seen), ["pass"; 6]);
                assert_eq!(["TOK-01", "RES-01", "RES-02"].map(seen), ["notChecked"; 3]);
            }
            "mitmproxy.har" => {
                // The source system behind the DVA is no part of it.
                assert_eq!(checked.report["traffic"]["leftOut"], 1 + 1, "and what was sent again");
                assert_eq!(["TOK-01", "TOK-02", "TOK-20", "RES-01", "RES-02", "FHIR-07"].map(seen), ["pass"; 6]);
                assert_eq!(["AUTH-01", "SEC-06"].map(seen), ["notChecked"; 2]);
            }
            "fiddler.har" => assert_eq!(["TOK-01", "TOK-20", "RES-01"].map(seen), ["pass"; 3]),
            _ => assert_eq!(["SEC-01", "FLOW-16", "TOK-14", "RES-02"].map(seen), ["notChecked"; 4]),
        }
    }
}

#[test]
fn what_is_no_capture_is_said_with_place_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let har = |entries: Value| json!({"log": {"entries": entries}}).to_string().into_bytes();
    let answered = |content: Value| {
        har(json!([{"request": {"url": "https://a.example/"}, "response": {"status": 200, "content": content}}]))
    };
    let cases: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("empty.har", Vec::new(), &["no JSON", "export it again"]),
        ("page.har", b"<html></html>".to_vec(), &["no JSON", "line 1"]),
        ("bytes.har", b"{\"log\": \"\xff\xfe\"}".to_vec(), &["byte 9", "UTF-8"]),
        ("deep.har", "[".repeat(1 << 20).into_bytes(), &["no JSON"]),
        ("other.har", b"{\"resourceType\":\"Bundle\"}".to_vec(), &["`log` is missing", "HAR"]),
        ("types.har", har(json!([{"request": {"url": 5}}])), &["`log.entries[0].request.url` is a number"]),
        ("base64.har", answered(json!({"text": "%%%", "encoding": "base64"})), &["response.content.text", "base64"]),
        ("nothing.har", har(json!([])), &["none of the 0 exchanges", "--candidate"]),
        ("website.har", answered(json!({"text": "<html>"})), &["none of the 1 exchanges", "--candidate"]),
    ];
    for (name, bytes, parts) in cases {
        fs::write(folder.path().join(name), bytes).unwrap();
        let output = toetsbank(folder.path(), &["check-traffic", name, "--out", "out"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        for part in parts {
            assert!(said.contains(part), "{name} does not say {part}: {said}");
        }
        assert!(!said.contains("panicked"), "{said}");
    }
    for arguments in
        [&["missing.har"][..], &["nothing.har", "--suite", "nosuch"], &["nothing.har", "--report", "pdf"], &[]]
    {
        let output = toetsbank(folder.path(), &[&["check-traffic"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
    assert!(!folder.path().join("out").exists(), "nothing is written");
}
