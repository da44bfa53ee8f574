//! The layers of `src/ARCHITECTURE.md`, and points of tidiness, as a test.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// Modules from bottom to top, each with the modules that it may use.
const MODULES: &[(&str, &[&str])] = &[
    ("diag", &[]),
    ("env", &[]),
    ("exchange", &[]),
    ("document", &["diag"]),
    ("requirement", &["diag"]),
    ("fhir", &["diag"]),
    ("lists", &["diag", "requirement", "fhir"]),
    ("packages", &["diag", "fhir"]),
    ("pki", &["env", "exchange"]),
    ("probe", &["env", "exchange", "pki"]),
    ("candidate", &["diag", "document", "requirement", "lists"]),
    ("rules", &["diag", "exchange", "requirement", "fhir", "lists", "candidate"]),
    ("suite", &["diag", "document", "exchange", "requirement", "fhir"]),
    ("plan", &["diag", "exchange", "requirement", "fhir", "packages", "candidate", "rules", "suite"]),
    ("event", &["diag", "exchange", "requirement", "suite"]),
    ("judge", &["diag", "exchange", "requirement", "fhir", "candidate", "rules", "suite", "plan", "event"]),
    (
        "simulator",
        &["diag", "env", "exchange", "fhir", "lists", "packages", "pki", "probe", "candidate", "requirement"],
    ),
    (
        "runner",
        &["diag", "env", "exchange", "fhir", "pki", "probe", "candidate", "suite", "plan", "requirement", "simulator"],
    ),
    (
        "traffic",
        &[
            "diag",
            "env",
            "exchange",
            "requirement",
            "fhir",
            "candidate",
            "rules",
            "suite",
            "plan",
            "event",
            "judge",
            "runner",
        ],
    ),
    ("report", &["diag", "exchange", "requirement", "fhir", "lists", "candidate", "suite", "event"]),
    (
        "cli",
        &[
            "diag",
            "env",
            "exchange",
            "document",
            "requirement",
            "fhir",
            "lists",
            "packages",
            "pki",
            "probe",
            "candidate",
            "rules",
            "suite",
            "plan",
            "event",
            "judge",
            "simulator",
            "runner",
            "traffic",
            "report",
        ],
    ),
];

/// Crates and paths that only some modules may name.
const CONFINED: &[(&str, &[&str])] = &[
    ("reqwest", &["packages", "runner", "simulator"]),
    ("tokio", &["packages", "probe", "runner", "simulator", "cli"]),
    ("hyper", &["runner", "simulator"]),
    ("rustls", &["packages", "pki", "probe", "runner", "simulator"]),
    ("tera", &["report"]),
    ("clap", &["cli"]),
    ("colored", &["report", "cli"]),
    ("miette", &["cli"]),
    ("jsonschema", &["document", "report"]),
    ("lopdf", &["judge"]),
    ("scraper", &["candidate", "runner", "rules", "report"]),
    ("std::fs", &["packages", "candidate", "suite", "simulator", "report", "cli"]),
];

#[test]
fn modules_use_only_what_is_below_them() {
    let mut wrong = Vec::new();
    for (i, (module, allowed)) in MODULES.iter().enumerate() {
        for other in *allowed {
            let below = MODULES[..i].iter().any(|(name, _)| name == other);
            if !below {
                wrong.push(format!("{module} may use {other}, which is not below it in the table"));
            }
        }
        for file in sources(&src().join(module)) {
            for other in modules_named(&code(&file)) {
                if other != *module && other != "text" && other != "declare_rule" && !allowed.contains(&other.as_str())
                {
                    wrong.push(format!("{}: {module} may not use crate::{other}", show(&file)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_module_is_in_the_table() {
    let mut missing = Vec::new();
    for entry in fs::read_dir(src()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let module = name.trim_end_matches(".rs");
        let known = ["lib", "main", "ARCHITECTURE.md"].contains(&module) || MODULES.iter().any(|(m, _)| *m == module);
        if !known {
            missing.push(module.to_owned());
        }
    }
    assert!(missing.is_empty(), "not in the table: {missing:?}");
    let text = fs::read_to_string(src().join("ARCHITECTURE.md")).unwrap();
    for (module, _) in MODULES {
        assert!(text.contains(&format!("| `{module}` |")), "ARCHITECTURE.md has no row for `{module}`");
    }
}

#[test]
fn crates_stay_where_they_belong() {
    let mut wrong = Vec::new();
    for (module, _) in MODULES {
        for file in sources(&src().join(module)) {
            let code = code(&file);
            for (name, homes) in CONFINED {
                let used = code.lines().any(|line| {
                    let line = line.trim_start();
                    line.starts_with(&format!("use {name}::"))
                        || line.starts_with(&format!("use {name};"))
                        || line.contains(&format!(" {name}::"))
                });
                if used && !homes.contains(module) {
                    wrong.push(format!("{}: `{name}` belongs in {homes:?}", show(&file)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_code_is_tidy() {
    let mut wrong = Vec::new();
    for file in sources(&src()) {
        let whole = fs::read_to_string(&file).unwrap();
        let code = code(&file);
        let place = show(&file);
        let prints = place.starts_with("src/report") || place.starts_with("src/cli");
        for (number, line) in code.lines().enumerate() {
            let at = |what: &str| format!("{place}:{}: {what}", number + 1);
            // `self.expect(..)?` is a parser's own method.
            let expects = line.contains(".expect(\"") && !line.contains("self.expect(");
            if line.contains(".unwrap()") || expects || line.contains("panic!(") {
                wrong.push(at("may panic"));
            }
            if !prints && (line.contains("println!(") || line.contains("eprintln!(")) {
                wrong.push(at("prints; only report and cli do"));
            }
            if line.contains("use super::super") || line.trim_start().starts_with("use crate::{") {
                wrong.push(at("write one `use crate::a::b;` a path"));
            }
        }
        let opens = whole.starts_with("//!") || whole.starts_with("#![doc");
        if !opens {
            wrong.push(format!("{place}: does not open with `//!`"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn show(file: &Path) -> String {
    file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string()
}

/// All Rust files below a folder; test-only files (`testing.rs`, `tests.rs`) apart.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return out };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            out.extend(sources(&path));
        } else if name.ends_with(".rs") && name != "testing.rs" && name != "tests.rs" {
            out.push(path);
        }
    }
    out
}

/// The code of a file without its tests (which stand last) and without comments.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap().to_owned();
    text.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line }).collect::<Vec<_>>().join("\n")
}

/// The modules of this crate that a text names.
fn modules_named(code: &str) -> Vec<String> {
    let mut out: Vec<String> = code
        .split("crate::")
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect())
        .collect();
    out.sort();
    out.dedup();
    out
}
