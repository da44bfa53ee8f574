//! The rules are what the register and the architecture ask of them.

use std::collections::BTreeSet;
use std::path::Path;

use toetsbank::cli::rules::status;
use toetsbank::cli::rules::verified;
use toetsbank::lists;
use toetsbank::requirement::Cap;
use toetsbank::requirement::Role;
use toetsbank::requirement::Testability;
use toetsbank::requirement::register;
use toetsbank::rules::ALL;
use toetsbank::rules::rule;
use toetsbank::suite::load;

/// Probes that the suites send, but for those that a step judges by its own expectations.
fn probes_of_suites() -> BTreeSet<String> {
    let suites = load::embedded().unwrap_or_else(|errors| panic!("{errors}"));
    let mut probes = BTreeSet::new();
    for suite in &suites {
        for (_, scenario) in &suite.scenarios {
            for step in scenario.steps.iter().filter(|step| step.expect.is_empty()) {
                probes.extend(step.probe.clone());
                probes.extend(step.with.get("probe").cloned());
            }
        }
    }
    probes
}

fn source(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

#[test]
fn the_file_of_a_rule_has_its_id_as_name() {
    for rule in ALL {
        let name = rule.id.to_lowercase().replace('-', "_");
        assert!(rule.file.ends_with(&format!("/{name}.rs")), "{} in {}", rule.id, rule.file);
    }
}

#[test]
fn a_rule_judges_a_row_that_traffic_can_show_and_has_no_other_judge() {
    for rule in ALL {
        let row = register().row(rule.id).unwrap_or_else(|| panic!("{} is no row", rule.id));
        assert!(matches!(row.verdict, Cap::Fail | Cap::Warn | Cap::Observe), "{}", rule.id);
        assert!(row.judged_by.is_empty() && row.since.is_some(), "{}", rule.id);
        let judged: Vec<Role> = [Role::Dva, Role::Dvp].into_iter().filter(|role| rule.judges(*role)).collect();
        assert!(!judged.is_empty() && judged.iter().all(|role| row.binds(*role)), "{}: {judged:?}", rule.id);
    }
}

#[test]
fn a_rule_that_can_only_warn_finds_no_errors() {
    for rule in ALL.iter().filter(|rule| register().row(rule.id).is_some_and(|row| row.verdict == Cap::Warn)) {
        assert!(!source(rule.file).contains("Issue::error("), "{} goes above its row", rule.id);
    }
}

/// Every row of a DVA is judged, or the list of rules says exactly why not.
#[test]
fn no_row_of_a_dva_is_not_tested_without_a_reason() {
    let by_suites = verified(&load::embedded().unwrap());
    for row in register().rows().iter().filter(|row| row.binds(Role::Dva) && row.since.is_some()) {
        let status = status(row, &by_suites);
        let silent = status.word == "planned" && status.reason.en == "toetsbank does not test this rule yet";
        assert!(!silent, "{}", row.id);
    }
}

/// The same of a DVP.
#[test]
fn no_row_of_a_dvp_is_not_tested_without_a_reason() {
    for row in register().rows().iter().filter(|row| row.binds(Role::Dvp) && row.since.is_some()) {
        let is_judged = rule(&row.id).is_some_and(|rule| rule.judges(Role::Dvp)) || row.id == "FLOW-35";
        let is_of_others = !row.judged_by.is_empty() || row.testability != Testability::Blackbox;
        let has_reason = row.unsupported().is_some() || row.no_occasion(Role::Dvp).is_some();
        assert!(is_judged || is_of_others || has_reason, "{}", row.id);
        assert!(!is_judged || row.no_occasion(Role::Dvp).is_none(), "{} is judged", row.id);
    }
}

/// Every mistake in a list belongs to a row, and each of those rows says that a check of lists judges it.
#[test]
fn rows_that_a_check_of_lists_judges_are_told_so() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lists");
    let mut found = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let text = std::fs::read_to_string(file).unwrap();
        found.extend(text.split('"').filter(|word| word.starts_with("LIST-")).map(str::to_owned));
    }
    assert_eq!(found, lists::RULES.iter().map(|rule| (*rule).to_owned()).collect());
    for rule in found {
        let status = status(register().row(&rule).unwrap(), &BTreeSet::new());
        assert!(matches!(status.word, "judged" | "observed"), "{rule}: {}", status.word);
    }
}

#[test]
fn every_explanation_has_its_headings() {
    for rule in ALL {
        for heading in ["\n ## How it is tested\n", "\n ## Not covered\n", "\n ## Source\n"] {
            assert!(rule.explanation.contains(heading), "{} lacks {}", rule.id, heading.trim());
        }
        assert!(!rule.summary.is_empty() && !rule.summary.ends_with('.'), "{}", rule.id);
    }
}

#[test]
fn rules_stand_in_the_order_of_the_register_each_once() {
    let place = |id: &str| register().rows().iter().position(|row| row.id == id);
    assert!(ALL.windows(2).all(|pair| place(pair[0].id) < place(pair[1].id)));
}

#[test]
fn every_file_of_a_rule_is_registered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    for area in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for file in std::fs::read_dir(area).unwrap().map(|entry| entry.unwrap().path()) {
            let text = std::fs::read_to_string(&file).unwrap();
            if text.contains("declare_rule! {") {
                let registered = ALL.iter().any(|rule| file.ends_with(rule.file));
                assert!(registered, "{} is not in rules::ALL", file.display());
            }
        }
    }
}

/// A probe that no scenario sends is never judged; one that no rule knows is sent for nothing.
#[test]
fn every_probe_of_a_rule_is_sent_and_every_probe_sent_is_judged() {
    let files: Vec<String> = ALL
        .iter()
        .map(|rule| source(rule.file))
        .chain([source("src/rules/oauth.rs"), source("src/judge/manual.rs")])
        .collect();
    let sent = probes_of_suites();
    assert!(sent.len() > 40, "{sent:?}");
    for probe in &sent {
        assert!(files.iter().any(|text| text.contains(&format!("\"{probe}\""))), "no rule judges `{probe}`");
    }
    for text in &files {
        let code = text.split("#[cfg(test)]").next().unwrap_or("");
        for list in code.split("PROBES: &[&str] =").skip(1) {
            let names = list.split(';').next().unwrap_or("").split('"').skip(1).step_by(2);
            for name in names {
                assert!(sent.contains(name), "no scenario sends `{name}`");
            }
        }
    }
}
