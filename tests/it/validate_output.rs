//! `validate` as users meet it: each form of output in both languages, all kinds of input, exit statuses.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;

/// A profile with closed slices by system, of which one is required.
const PROFILE: &str = r#"{
 "resourceType": "StructureDefinition", "url": "http://toetsbank.example/fhir/output", "name": "output",
 "status": "active", "kind": "resource", "abstract": false, "type": "Patient",
 "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient", "derivation": "constraint",
 "differential": {"element": [
  {"id": "Patient", "path": "Patient"},
  {"id": "Patient.identifier", "path": "Patient.identifier",
   "slicing": {"discriminator": [{"type": "value", "path": "system"}, {"type": "value", "path": "use"}], "rules": "closed"}},
  {"id": "Patient.identifier:own", "path": "Patient.identifier", "sliceName": "own", "min": 1},
  {"id": "Patient.identifier:own.use", "path": "Patient.identifier.use", "min": 1, "fixedCode": "official"},
  {"id": "Patient.identifier:own.system", "path": "Patient.identifier.system", "min": 1, "fixedUri": "http://toetsbank.example/id"},
  {"id": "Patient.identifier:bsn", "path": "Patient.identifier", "sliceName": "bsn"},
  {"id": "Patient.identifier:bsn.use", "path": "Patient.identifier.use", "min": 1, "fixedCode": "official"},
  {"id": "Patient.identifier:bsn.system", "path": "Patient.identifier.system", "min": 1, "fixedUri": "http://fhir.nl/fhir/NamingSystem/bsn"},
  {"id": "Patient.birthDate", "path": "Patient.birthDate", "min": 1}
 ]}}"#;

const INVALID: &str = "{\n  \"resourceType\": \"Patient\",\n  \"id\": \"één\",\n  \"extension\": [{\"url\": \"http://toetsbank.example/own\", \"valueString\": \"x\"}],\n  \"identifier\": [\n    {\"use\": \"usual\", \"system\": \"http://toetsbank.example/id\", \"value\": \"1\"},\n    {\"use\": \"official\", \"system\": \"http://fhir.nl/fhir/NamingSystem/bsn\", \"value\": 999900006}\n  ],\n  \"gender\": \"man\",\n  \"birthdate\": \"2026-13-01\"\n}\n";

const VALID: &str = "<Basic xmlns=\"http://hl7.org/fhir\">\r\n  <id value=\"b\"/>\r\n  <code><text value=\"x\"/></code>\r\n</Basic>\r\n";

const LINES: &str = "{\"resourceType\":\"Basic\",\"id\":\"1\",\"code\":{\"text\":\"x\"}}\n\n{\"resourceType\":\"Basic\",\n{\"resourceType\":\"Basic\",\"id\":\"3\"}\n";

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("profile.json", PROFILE);
    write("invalid.json", INVALID);
    write("valid.xml", VALID);
    write("lines.ndjson", LINES);
    folder
}

fn validate(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toetsbank"));
    command.arg("validate").args(arguments).current_dir(folder).env("NO_COLOR", "1");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // One that ends before it reads is no failure of the test.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn prints(folder: &Path, arguments: &[&str], status: i32) -> String {
    let output = validate(folder, arguments, b"");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{said}");
    String::from_utf8(output.stdout).unwrap()
}

/// All of the material in one form and language.
fn shown(form: &str, lang: &str) -> String {
    let folder = folder();
    let mut arguments = vec!["--format", form, "--lang", lang, "--package", "profile.json"];
    arguments.extend(["--profile", "http://toetsbank.example/fhir/output", "invalid.json"]);
    let first = prints(folder.path(), &arguments, 1);
    let rest = ["--format", form, "--lang", lang, "valid.xml", "lines.ndjson"];
    format!("{first}\n----\n{}", prints(folder.path(), &rest, 1))
}

#[test]
fn every_form_in_dutch() {
    for form in ["text", "json", "jsonl", "operationoutcome", "junit"] {
        insta::assert_snapshot!(format!("validate_{form}_nl"), shown(form, "nl"));
    }
}

#[test]
fn every_form_in_english() {
    for form in ["text", "json", "jsonl", "operationoutcome", "junit"] {
        insta::assert_snapshot!(format!("validate_{form}_en"), shown(form, "en"));
    }
}

#[test]
fn sarif_has_what_its_schema_demands() {
    let folder = folder();
    for lang in ["nl", "en"] {
        let files = ["--format", "sarif", "--lang", lang, "invalid.json", "lines.ndjson"];
        let log: Value = serde_json::from_str(&prints(folder.path(), &files, 1)).unwrap();
        assert_eq!(log["version"], "2.1.0");
        assert!(log["$schema"].as_str().is_some_and(|schema| schema.ends_with("sarif-schema-2.1.0.json")));
        let run = &log["runs"][0];
        let driver = &run["tool"]["driver"];
        assert_eq!(driver["name"], "toetsbank");
        assert_eq!(run["columnKind"], "unicodeCodePoints");
        assert_eq!(run["language"], if lang == "nl" { "nl-NL" } else { "en-US" });
        let rules = driver["rules"].as_array().unwrap();
        for rule in rules {
            for part in ["shortDescription", "fullDescription", "help"] {
                assert!(rule[part]["text"].as_str().is_some_and(|text| !text.is_empty()), "{rule}");
            }
            let level = rule["defaultConfiguration"]["level"].as_str().unwrap();
            assert!(["none", "note", "warning", "error"].contains(&level), "{rule}");
        }
        let results = run["results"].as_array().unwrap();
        assert!(results.len() > 4);
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
            // Section 3.27.10: what is no failure has no level.
            match result["kind"].as_str() {
                Some("fail") => assert!(["note", "warning", "error"].contains(&result["level"].as_str().unwrap())),
                Some("open") => assert_eq!(result["level"], "none"),
                other => panic!("kind {other:?}"),
            }
            let location = &result["locations"][0];
            let place = &location["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            assert!(["invalid.json", "lines.ndjson"].contains(&uri), "{uri}");
            let region = &place["region"];
            assert!(region["startLine"].as_u64().is_some_and(|line| line >= 1), "{region}");
            if let Some(start) = region["startColumn"].as_u64() {
                assert!(start >= 1 && region["endColumn"].as_u64().is_some_and(|end| end > start), "{region}");
            }
            let is_parse = result["ruleId"] == "parse";
            assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"].is_string(), !is_parse, "{result}");
        }
        assert!(results.iter().any(|result| result["kind"] == "open"));
        let invocation = &run["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], true);
        let notes = invocation["toolExecutionNotifications"].as_array().unwrap();
        assert!(notes.iter().all(|note| note["descriptor"]["id"].is_string() && note["message"]["text"].is_string()));
        assert!(notes.iter().any(|note| note["descriptor"]["id"] == "unknown-extension"));
        if lang == "en" {
            let mut shown = run["results"].clone();
            for result in shown.as_array_mut().unwrap() {
                // An id that is added to the catalogue moves the others.
                result.as_object_mut().unwrap().remove("ruleIndex");
            }
            insta::assert_json_snapshot!("validate_sarif_results_en", shown);
        }
    }
}

#[test]
fn an_operation_outcome_is_valid_itself() {
    let folder = folder();
    for version in ["stu3", "r4"] {
        let outcome = prints(folder.path(), &["--fhir", version, "--format", "operationoutcome", "invalid.json"], 1);
        let parsed: Value = serde_json::from_str(&outcome).unwrap();
        assert_eq!(parsed["resourceType"], "OperationOutcome");
        fs::write(folder.path().join("outcome.json"), &outcome).unwrap();
        let said = prints(folder.path(), &["--fhir", version, "outcome.json"], 0);
        assert!(said.contains("; 0 fouten"), "{said}");
        let many = ["--fhir", version, "--format", "operationoutcome", "invalid.json", "valid.xml", "lines.ndjson"];
        let bundle = prints(folder.path(), &many, 1);
        let parsed: Value = serde_json::from_str(&bundle).unwrap();
        assert_eq!(parsed["entry"].as_array().map(Vec::len), Some(5));
        fs::write(folder.path().join("bundle.json"), &bundle).unwrap();
        prints(folder.path(), &["--fhir", version, "bundle.json"], 0);
    }
}

#[test]
fn a_bsn_is_shown_in_no_form() {
    let folder = folder();
    fs::write(folder.path().join("broken.json"), INVALID.trim_end().trim_end_matches('}')).unwrap();
    for form in ["text", "json", "jsonl", "operationoutcome", "junit", "sarif"] {
        let shown = prints(folder.path(), &["--format", form, "invalid.json", "broken.json"], 1);
        assert!(!shown.contains("999900006"), "{form}:\n{shown}");
        assert!(shown.contains("*********"), "{form}:\n{shown}");
    }
}

#[test]
fn xml_and_json_give_the_line_and_column_of_a_finding() {
    let folder = folder();
    let xml = "\u{feff}<Patient xmlns=\"http://hl7.org/fhir\">\r\n  <gender value=\"man\"/>\r\n</Patient>\r\n";
    fs::write(folder.path().join("p.xml"), xml).unwrap();
    fs::write(folder.path().join("p.json"), "{\r\n  \"resourceType\": \"Patient\",\r\n  \"gender\": \"man\"\r\n}")
        .unwrap();
    let shown = prints(folder.path(), &["p.xml", "p.json"], 1);
    assert!(shown.contains("p.xml:2:3") && shown.contains("p.json:3:3"), "{shown}");
    assert!(shown.contains("  2 │   <gender value=\"man\"/>\n    ·   ^^^^^^^^^^^^^^^^^^^^^\n"), "{shown}");
}

#[test]
fn texts_that_are_no_resource_are_findings_and_names_that_lead_nowhere_are_not() {
    let folder = folder();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("empty.json", b"");
    write("utf16.xml", b"\xff\xfe<\0P\0");
    write("page.json", b"%PDF-1.7");
    write("latin.json", b"{\"resourceType\": \"Basic\", \"id\": \"\xe9\"}");
    let cases = [
        ("empty.json", "there is nothing in it"),
        ("utf16.xml", "UTF-16"),
        ("page.json", "neither like JSON"),
        ("latin.json", "no UTF-8"),
    ];
    for (name, said) in cases {
        let shown = prints(folder.path(), &["--lang", "en", name], 1);
        assert!(shown.contains(said) && shown.contains("[parse]"), "{shown}");
    }
    fs::create_dir(folder.path().join("hollow")).unwrap();
    for (name, said) in
        [("missing.json", "missing.json"), ("hollow", "no files with resources"), ("*.csv", "no file matches")]
    {
        let output = validate(folder.path(), &["valid.xml", name], b"");
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty(), "nothing is judged");
        assert!(String::from_utf8_lossy(&output.stderr).contains(said), "{output:?}");
    }
}

#[test]
fn standard_input_folders_and_patterns() {
    let folder = folder();
    let output = validate(folder.path(), &["--format", "jsonl", "-"], LINES.as_bytes());
    let lines: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let seen: Vec<_> = lines.iter().map(|line| (line["file"].as_str(), line["line"].as_u64())).collect();
    assert_eq!(seen, [(Some("-"), Some(1)), (Some("-"), Some(3)), (Some("-"), Some(4))]);
    assert_eq!((lines[0]["verdict"].as_str(), lines[1]["issues"][0]["line"].as_u64()), (Some("valid"), Some(3)));
    let files = |arguments: &[&str]| {
        let shown = prints(folder.path(), arguments, 1);
        let mut files: Vec<String> = Vec::new();
        for line in shown.lines() {
            files.push(serde_json::from_str::<Value>(line).unwrap()["file"].as_str().unwrap().to_owned());
        }
        files.dedup();
        files
    };
    assert_eq!(
        files(&["--format", "jsonl", "."]),
        ["./invalid.json", "./lines.ndjson", "./profile.json", "./valid.xml"]
    );
    assert_eq!(files(&["--format", "jsonl", "**/inv*.json", "valid.xml"]), ["invalid.json", "valid.xml"]);
}

#[test]
fn explain_knows_the_ids_of_the_validator() {
    let folder = folder();
    for (code, said) in [("slice-min", "slice"), ("TERMINOLOGY", "SNOMED CT")] {
        let output = Command::new(env!("CARGO_BIN_EXE_toetsbank"))
            .args(["explain", code, "--lang", "en"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && shown.contains(said) && shown.contains("## How to fix it"), "{shown}");
    }
}
