//! The command line as users meet it: wrong input, a run that is killed, a run that is judged again.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

/// Runs the binary in a folder, with nobody at the terminal.
fn toetsbank(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toetsbank"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Runs it and gives what it said on standard error; the status must be this.
fn says(folder: &Path, arguments: &[&str], status: i32) -> String {
    let output = toetsbank(folder, arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

#[test]
fn what_is_wrong_with_a_command_is_said_and_nothing_is_run() {
    let folder = folder();
    fs::write(folder.path().join("file"), "").unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&["run", "nosuch"], "bgz"),
        (&["run", "bgz", "--defect", "nosuch"], "--list-defects"),
        (&["run", "bgz", "--report", "pdf"], "html"),
        (&["run", "bgz", "--candidate", "missing.toml"], "missing.toml"),
        (&["run", "bgz", "--suites", "missing"], "missing"),
        (&["run", "bgz", "--out", "file/run"], "--out"),
        (&["run", "bgz", "--candidate", "file", "--defect", "token-cacheable"], "--candidate"),
        (&["run", "bgz", "--role", "dvp", "--defect", "nosuch"], "simulate dvp --list-defects"),
        (&["simulate", "dvp"], "--proxy"),
        (&["simulate", "dvp", "--proxy", "127.0.0.1:9", "--ca", "missing.pem"], "missing.pem"),
        (&["simulate", "dvp", "--proxy", "127.0.0.1:9", "--ca", "file", "--defect", "state-mising"], "`state-missing`"),
        (&["serve", "bgz"], "--candidate"),
        (&["serve", "--candidate", "missing.toml"], "missing.toml"),
        (&["check", "missing.toml"], "missing.toml"),
        (&["rejudge", "missing"], "missing"),
        (&["rejudge", "file"], "file"),
        (&["explain", "NOSUCH-1"], "NOSUCH-1"),
        (&["validate", "missing.json"], "missing.json"),
        (&["lists", "check", "missing.xml"], "missing.xml"),
        (&["nosuch"], "nosuch"),
        (&["run", "--nosuch"], "--nosuch"),
        (&[], "Usage"),
    ];
    for (arguments, said) in cases {
        let text = says(folder.path(), arguments, 2);
        assert!(text.contains(said), "{arguments:?} does not say {said}:\n{text}");
    }
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["file"], "nothing is run, nothing is left");
}

#[test]
fn all_mistakes_in_a_candidate_file_are_shown_with_place_snippet_and_hint() {
    let folder = folder();
    let template = says_out(folder.path(), &["init", "--out", "toetsbank.toml"]);
    let path = folder.path().join("toetsbank.toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{error}: {template}"));
    let wrong = text
        .replacen("vendor =", "vender =", 1)
        .replacen("release = \"2.2\"", "release = \"9.9\"", 1)
        .replacen("token = \"https:", "token = \"http:", 1);
    fs::write(&path, wrong).unwrap();
    let dutch = ["onbekende sleutel `vender`", "bedoelt u `vendor`?", "is geen https"];
    let english = ["unknown key `vender`", "did you mean `vendor`?", "is not https"];
    for (arguments, texts) in [
        (&["run", "bgz", "--candidate", "toetsbank.toml"][..], dutch),
        (&["check", "toetsbank.toml", "--lang", "en"], english),
    ] {
        let said = says(folder.path(), arguments, 2);
        for part in texts.into_iter().chain(["9.9", "help:", "toetsbank.toml:"]) {
            assert!(said.contains(part), "no {part} in:\n{said}");
        }
        let places = said.lines().filter(|line| line.contains("╭─[toetsbank.toml:")).count();
        assert!(places >= 3, "{said}");
    }
    assert!(!folder.path().join("reports").exists());
}

#[test]
fn a_suite_with_an_unknown_key_is_shown_with_its_place() {
    let folder = folder();
    says_out(folder.path(), &["suites", "new", "proef-1-0", "--suites", "mine"]);
    let path = folder.path().join("mine/proef-1-0/suite.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}\nrequirez: [x]\n")).unwrap();
    let said = says(folder.path(), &["run", "proef", "--suites", "mine"], 2);
    assert!(
        said.contains("onbekende sleutel `requirez`") && said.contains("suite.yaml:") && said.contains("help:"),
        "{said}"
    );
    assert!(!folder.path().join("reports").exists());
}

#[test]
fn every_command_has_help_with_an_example() {
    let folder = folder();
    let mut commands: Vec<Vec<String>> = vec![Vec::new()];
    let mut count = 0;
    while let Some(path) = commands.pop() {
        let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
        arguments.push("--help");
        let help = says_out(folder.path(), &arguments);
        assert!(help.contains("Example: toetsbank "), "{arguments:?} has no example:\n{help}");
        count += 1;
        let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
        for line in listed.filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
            let name = line.split_whitespace().next().unwrap();
            if name != "help" {
                commands.push([path.clone(), vec![name.to_owned()]].concat());
            }
        }
    }
    assert!(count > 12, "only {count} commands were seen");
}

/// What the Authorization Server looks at moved between releases: the reference does as the one that it is judged by.
#[test]
fn the_reference_follows_the_release_that_is_asked() {
    let folder = folder();
    let arguments = ["run", "bgz", "--scenario", "flow-dva/8.10", "--out", "run", "--report", "json", "--release"];
    for (release, rule) in [("2.1", "AUTH-14"), ("2.2", "TOK-19")] {
        says_out(folder.path(), &[&arguments[..], &[release, "--select", rule]].concat());
        let report = fs::read_to_string(folder.path().join("run/report.json")).unwrap();
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        let rows = report["requirements"].as_array().unwrap();
        let row = rows.iter().find(|row| row["rule"] == rule).unwrap();
        assert_eq!(row["verdict"], "pass", "{release}: {row}");
        fs::remove_dir_all(folder.path().join("run")).unwrap();
    }
}

#[test]
fn a_run_that_is_killed_is_judged_as_far_as_it_came() {
    let folder = folder();
    let run = folder.path().join("run");
    let partial = run.join("trace.partial.jsonl");
    let mut child =
        command(folder.path(), &["run", "bgz", "--out", "run", "-q"]).stdout(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    while fs::read_to_string(&partial).unwrap_or_default().lines().count() < 12 {
        assert!(began.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none(), "it was not caught");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!run.join("trace.har").exists());
    let evidence = fs::read(&partial).unwrap();
    says(folder.path(), &["rejudge", "run", "--lang", "en"], 4);
    assert_eq!(fs::read(&partial).unwrap(), evidence, "the evidence stays as it is");
    let report: Value = serde_json::from_slice(&fs::read(run.join("report.json")).unwrap()).unwrap();
    assert_eq!(report["verdict"], "incomplete");
    let scenarios = report["scenarios"].as_array().unwrap();
    let count = |verdict: &str| scenarios.iter().filter(|scenario| scenario["verdict"] == verdict).count();
    assert!(
        count("pass") > 5 && count("notChecked") > 5,
        "{} pass, {} not checked",
        count("pass"),
        count("notChecked")
    );
    let is_not_run = |scenario: &Value| scenario["reason"].to_string().contains("not run");
    assert!(scenarios.iter().any(is_not_run));
    // In another folder the trace comes along, and says the same.
    says(folder.path(), &["rejudge", "run", "--lang", "en", "--out", "copy"], 4);
    assert!(folder.path().join("copy/trace.har").exists());
    says(folder.path(), &["rejudge", "copy", "--lang", "en"], 4);
    assert_eq!(fs::read(run.join("report.json")).unwrap(), fs::read(folder.path().join("copy/report.json")).unwrap());
}

#[test]
fn a_run_judged_again_gives_the_same_bytes() {
    let folder = folder();
    let at = |path: &str| folder.path().join(path);
    let run = [
        "run",
        "bgz",
        "--out",
        "run",
        "-q",
        "--defect",
        "token-cacheable",
        "--scenario",
        "flow-dva",
        "--patient",
        "rich",
    ];
    let status = toetsbank(folder.path(), &run).status.code();
    let files = |name: &str| {
        let mut all: Vec<_> = fs::read_dir(at(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
        all.sort();
        all.into_iter().map(|path| (path.file_name().unwrap().to_owned(), fs::read(&path).unwrap())).collect::<Vec<_>>()
    };
    let first = files("run");
    assert!(
        first.iter().any(|(name, _)| name == "trace.har")
            && first.iter().all(|(name, _)| name != "trace.partial.jsonl")
    );
    assert_eq!(toetsbank(folder.path(), &["rejudge", "run"]).status.code(), status);
    for (before, after) in first.iter().zip(files("run")) {
        assert!(*before == after, "{:?} changed", before.0);
    }
    for out in ["en-1", "en-2"] {
        assert_eq!(toetsbank(folder.path(), &["rejudge", "run", "--lang", "en", "--out", out]).status.code(), status);
    }
    let english = files("en-1");
    assert_eq!(english.len(), first.len());
    assert!(english == files("en-2"));
    let same = |name: &str| first.iter().find(|(n, _)| n == name) == english.iter().find(|(n, _)| n == name);
    assert!(same("trace.har") && !same("report.html"));
}

#[test]
fn a_host_that_does_not_answer_gives_a_report_and_status_3() {
    let folder = folder();
    let path = folder.path().join("toetsbank.toml");
    let reference = reference_candidate(folder.path());
    let gone =
        reference.lines().map(|line| if line.contains("127.0.0.1:") { unreachable(line) } else { line.to_owned() });
    fs::write(&path, gone.collect::<Vec<_>>().join("\n")).unwrap();
    let said = toetsbank(folder.path(), &["run", "bgz", "--candidate", "toetsbank.toml", "--out", "run"]);
    assert_eq!(said.status.code(), Some(3), "{}", String::from_utf8_lossy(&said.stderr));
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("run/report.json")).unwrap()).unwrap();
    assert_eq!(report["verdict"], "error");
    for scenario in report["scenarios"].as_array().unwrap() {
        assert_eq!(scenario["verdict"], "notChecked");
        assert!(scenario["reason"].to_string().len() > 10, "{scenario}");
    }
    let check = toetsbank(folder.path(), &["check", "toetsbank.toml"]);
    assert_eq!(check.status.code(), Some(3));
}

/// The same line with a port at which nobody listens.
fn unreachable(line: &str) -> String {
    let (before, after) = line.split_once("127.0.0.1:").unwrap();
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}127.0.0.1:1{rest}")
}

/// The candidate file that the reference writes.
fn reference_candidate(folder: &Path) -> String {
    let path = folder.join("reference.toml");
    let mut child = command(folder, &["simulate", "dva", "--write-candidate", "reference.toml"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while !path.exists() && began.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    fs::read_to_string(path).unwrap()
}

/// What a command that must succeed prints.
fn says_out(folder: &Path, arguments: &[&str]) -> String {
    let output = toetsbank(folder, arguments);
    assert!(output.status.success(), "{arguments:?}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
