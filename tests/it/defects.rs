//! The reference DVA with planted defects: each alone, as a committed table, and two at a time.

use std::fmt::Write;

use toetsbank::candidate::Candidate;
use toetsbank::event::RunVerdict;
use toetsbank::event::Verdict;
use toetsbank::plan::Selection;
use toetsbank::requirement::Cap;
use toetsbank::requirement::register;
use toetsbank::simulator::DEFECTS;
use toetsbank::simulator::Defect;
use toetsbank::simulator::Expect;
use toetsbank::suite::model::Format;

use crate::fuzz::random::Random;
use crate::matrix;
use crate::matrix::Columns;
use crate::matrix::first_lines;
use crate::matrix::interfere;
use crate::matrix::is_found;
use crate::matrix::on_all_cores;
use crate::matrix::strangers;
use crate::reference::run;

/// How many pairs of defects every test run tries.
const PAIRS: usize = 200;

/// How many pairs of which one may hide the other every test run tries.
const HIDDEN: usize = 30;

/// The number that the pairs start from.
const SEED: u64 = 20_261_126;

/// One patient's format shows every defect; the whole matrix stays fast.
fn one_format(_: &mut Candidate, selection: &mut Selection) {
    selection.formats = vec![Format::Json];
}

/// Each defect is found on its own rule and accuses no other; the table of what was found is committed.
#[test]
fn each_planted_defect_is_found_on_exactly_its_rule() {
    let defects: Vec<&'static Defect> = DEFECTS.iter().collect();
    let outcomes = on_all_cores(&defects, |defect| run(&[defect.suite], &[defect], one_format).outcome);
    let mut wrong = String::new();
    for (defect, outcome) in defects.iter().zip(&outcomes) {
        let verdict = if defect.expect == Expect::Fail { RunVerdict::NotConformant } else { RunVerdict::Conformant };
        let strangers = strangers(&[defect], outcome);
        if !is_found(defect, outcome) || !strangers.is_empty() || outcome.verdict != verdict {
            let list = first_lines(outcome);
            let _ = writeln!(
                wrong,
                "{} ({}, {:?}): {:?}\n    {list}",
                defect.name, defect.rule, defect.expect, outcome.verdict
            );
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    matrix::compare("defects.md", "DVA", Columns::Findings, &defects, &outcomes);
}

#[test]
fn every_rule_has_a_defect_that_breaks_it() {
    let may_fail = |id: &str| register().row(id).is_some_and(|row| row.verdict != Cap::Observe);
    for rule in toetsbank::rules::ALL.iter().filter(|rule| may_fail(rule.id)) {
        let mut defects = DEFECTS.iter().chain(toetsbank::simulator::dvp::DEFECTS);
        assert!(defects.any(|defect| defect.rule == rule.id), "no defect breaks {}", rule.id);
    }
}

fn pairs() -> Vec<[&'static Defect; 2]> {
    let mut random = Random::of(SEED);
    let mut pairs: Vec<[&'static Defect; 2]> = Vec::new();
    while pairs.len() < PAIRS {
        let (one, other) = (random.pick(&DEFECTS), random.pick(&DEFECTS));
        let known = pairs.iter().any(|pair| pair.iter().all(|defect| [one.name, other.name].contains(&defect.name)));
        if !known && !interfere(one, other) {
            pairs.push([one, other]);
        }
    }
    pairs
}

/// Two faults at once: both are named, each on its own rule, and nothing else is.
#[test]
fn two_defects_at_once_are_both_found() {
    let wrong = on_all_cores(&pairs(), |pair| {
        let mut suites = vec![pair[0].suite, pair[1].suite];
        suites.dedup();
        let outcome = run(&suites, pair, one_format).outcome;
        let missed: Vec<&str> = pair.iter().filter(|defect| !is_found(defect, &outcome)).map(|d| d.name).collect();
        let accused: Vec<&str> = strangers(pair, &outcome).iter().map(|finding| &*finding.rule).collect();
        let names = pair.map(|defect| defect.name).join(" + ");
        (!missed.is_empty() || !accused.is_empty())
            .then(|| format!("{names}: missed {missed:?}, accused {accused:?}\n    {}", first_lines(&outcome)))
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of {PAIRS}\n{}", wrong.len(), wrong.join("\n"));
}

/// Where one fault takes away the occasion of another, the rule of the other is not called kept.
#[test]
fn what_a_defect_hides_is_found_all_the_same_or_not_checked_because_of_it() {
    let hides = |a: &Defect, b: &Defect| {
        a.rule != b.rule && a.in_production == b.in_production && a.masks.iter().any(|start| b.rule.starts_with(start))
    };
    let all = DEFECTS.iter().flat_map(|a| DEFECTS.iter().filter(move |b| hides(a, b)).map(move |b| [a, b]));
    let mut random = Random::of(SEED);
    let mut cases: Vec<[&'static Defect; 2]> = all.collect();
    while cases.len() > HIDDEN {
        cases.swap_remove(random.below(cases.len()));
    }
    let wrong = on_all_cores(&cases, |pair| {
        let [root, hidden] = pair;
        let mut suites = vec![root.suite, hidden.suite];
        suites.dedup();
        let outcome = run(&suites, pair, one_format).outcome;
        let told = outcome.findings.iter().any(|finding| finding.rule == hidden.rule);
        let row = outcome.requirements.iter().find(|row| row.rule == hidden.rule).unwrap();
        let because = row.reason.as_ref().is_some_and(|reason| reason.en.contains("hidden by finding"));
        // What was kept on the occasions that were left passes, with their number.
        let honest = told || row.occasions > 0 || (row.verdict == Verdict::NotChecked && because);
        let named = is_found(root, &outcome) || is_found(hidden, &outcome);
        (!honest || !named).then(|| {
            let (a, b, verdict) = (root.name, hidden.name, row.verdict);
            format!("{a} hides {b}: {} is {verdict:?} {:?}\n    {}", hidden.rule, row.reason, first_lines(&outcome))
        })
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
