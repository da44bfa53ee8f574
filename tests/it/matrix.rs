//! What runs with planted defects share, whichever side they are planted in: what was found, and the committed table of it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;

use toetsbank::diag::Severity;
use toetsbank::event::Finding;
use toetsbank::event::Party;
use toetsbank::event::RunOutcome;
use toetsbank::simulator::Defect;
use toetsbank::simulator::Expect;

use crate::reference::findings;

fn severity(defect: &Defect) -> Severity {
    match defect.expect {
        Expect::Fail => Severity::Error,
        Expect::Warning => Severity::Warning,
        Expect::Observed => Severity::Information,
    }
}

pub fn roots(outcome: &RunOutcome) -> impl Iterator<Item = &Finding> {
    outcome.findings.iter().filter(|finding| finding.explained_by.is_none())
}

/// Whether a root finding of the right severity stands on the rule of the defect.
pub fn is_found(defect: &Defect, outcome: &RunOutcome) -> bool {
    roots(outcome).any(|finding| finding.rule == defect.rule && finding.severity == severity(defect))
}

/// Root findings on rules that none of these defects breaks.
pub fn strangers<'a>(defects: &[&Defect], outcome: &'a RunOutcome) -> Vec<&'a Finding> {
    let own = |finding: &&Finding| defects.iter().any(|defect| defect.rule == finding.rule);
    roots(outcome).filter(|finding| finding.severity > Severity::Information && !own(finding)).collect()
}

/// Runs each case, on all cores, and gives the answers in the order of the cases.
pub fn on_all_cores<T: Sync, R: Send>(cases: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let worker = || {
            let mut mine = Vec::new();
            while let Some((i, case)) =
                Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, cases.get(i)?)))
            {
                mine.push((i, work(case)));
            }
            mine
        };
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        running.into_iter().flat_map(|handle| handle.join().unwrap()).collect()
    });
    done.sort_by_key(|(i, _)| *i);
    done.into_iter().map(|(_, answer)| answer).collect()
}

pub fn first_lines(outcome: &RunOutcome) -> String {
    findings(outcome).into_iter().take(12).collect::<Vec<_>>().join("\n    ")
}

/// Whether one of them sees to it that the other is not seen, or is seen by the same rule.
pub fn interfere(one: &Defect, other: &Defect) -> bool {
    let hides = |a: &Defect, b: &Defect| a.masks.iter().any(|beginning| b.rule.starts_with(beginning));
    // A system is in production or it is not.
    let elsewhere = one.in_production != other.in_production;
    one.rule == other.rule || hides(one, other) || hides(other, one) || elsewhere
}

/// How much a table tells.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Columns {
    /// What was found.
    Findings,
    /// Also whom it points at, and in which scenarios.
    Places,
}

/// Compares the table of what was found with the committed one in `fixtures`; writes it when that is asked.
pub fn compare(file: &str, role: &str, columns: Columns, defects: &[&Defect], outcomes: &[RunOutcome]) {
    let table = table(role, columns, defects, outcomes);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(file);
    if std::env::var_os("TOETSBANK_ACCEPT").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == table, "fixtures/{file} is not what the defects give: run `make defects` and look at it");
}

/// Defect by defect, what was found: on its own rule, and what was folded under that as a consequence.
fn table(role: &str, columns: Columns, defects: &[&Defect], outcomes: &[RunOutcome]) -> String {
    let mut out = format!(
        "# Planted defects of the reference {role}, and what each run finds\n\n\
         Made by `make defects`; a test compares. A finding is its rule and kind, with the number of times in brackets\n\
         when it is more than once. Consequences are findings that the report folds under the first.\n\n"
    );
    let has_places = columns == Columns::Places;
    if has_places {
        out += "Party is whom the findings on the rule of the defect point at, Scenarios is where they stand; `run` is for what no\n\
                single scenario shows.\n\n";
    }
    let more = if has_places { ["Party | Scenarios | ", "--- | --- | "] } else { [""; 2] };
    let _ = writeln!(out, "| Defect | Suite | Rule | Verdict | {}Findings | Consequences |", more[0]);
    let _ = writeln!(out, "| --- | --- | --- | --- | {}--- | --- |", more[1]);
    for (defect, outcome) in defects.iter().zip(outcomes) {
        let (name, suite, rule, expect) = (defect.name, defect.suite, defect.rule, defect.expect.word());
        let (found, folded) = (told(defect, outcome, false), told(defect, outcome, true));
        let place = if has_places { format!("{} | ", whom_and_where(defect, outcome)) } else { String::new() };
        let _ = writeln!(out, "| {name} | {suite} | {rule} | {expect} | {place}{found} | {folded} |");
    }
    let _ = writeln!(out, "\n{} defects.", defects.len());
    out
}

/// The parties and scenarios of the findings on the rule of a defect.
fn whom_and_where(defect: &Defect, outcome: &RunOutcome) -> String {
    let is_own = |finding: &&Finding| finding.rule == defect.rule && finding.severity == severity(defect);
    let own: Vec<&Finding> = roots(outcome).filter(is_own).collect();
    let word = |party: Party| serde_json::to_value(party).unwrap().as_str().unwrap().to_owned();
    let parties: BTreeSet<String> = own.iter().map(|finding| word(finding.party)).collect();
    format!("{} | {}", parties.into_iter().collect::<Vec<_>>().join(", "), places(&own, outcome))
}

/// The scenarios of these findings, suite by suite in the order of the run.
fn places(findings: &[&Finding], outcome: &RunOutcome) -> String {
    let shows = |key: &str| findings.iter().any(|finding| finding.scenario.as_deref() == Some(key));
    let mut places: Vec<(&str, Vec<&str>)> = Vec::new();
    for scenario in outcome.scenarios.iter().filter(|scenario| shows(&scenario.key)) {
        match places.iter_mut().find(|(suite, _)| *suite == scenario.suite) {
            Some((_, ids)) if ids.contains(&scenario.id.as_str()) => {}
            Some((_, ids)) => ids.push(&scenario.id),
            None => places.push((&scenario.suite, vec![&scenario.id])),
        }
    }
    let mut cells: Vec<String> = places.into_iter().map(|(suite, ids)| format!("{suite} {}", ids.join(" "))).collect();
    if findings.iter().any(|finding| finding.scenario.is_none()) {
        cells.push("run".to_owned());
    }
    cells.join(", ")
}

/// Rules and kinds of what was found, or of what was folded under that.
fn told(defect: &Defect, outcome: &RunOutcome, explained: bool) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let is_observed = defect.expect == Expect::Observed;
    let lowest = if is_observed { Severity::Information } else { Severity::Warning };
    let told = outcome.findings.iter().filter(|finding| finding.severity >= lowest);
    for finding in told.filter(|finding| finding.explained_by.is_some() == explained) {
        *counts.entry(format!("{} {}", finding.rule, finding.kind)).or_default() += 1;
    }
    let cells = counts.into_iter().map(|(what, count)| match count {
        1 => what,
        _ => format!("{what} ({count})"),
    });
    cells.collect::<Vec<_>>().join(", ")
}
