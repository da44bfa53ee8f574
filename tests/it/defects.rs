//! The reference DVA with planted defects: each alone, as a committed table, and two at a time.

use std::fmt::Write;

use toetsbank::candidate::Candidate;
use toetsbank::event::RequirementOutcome;
use toetsbank::event::RunVerdict;
use toetsbank::plan::Selection;
use toetsbank::requirement::Cap;
use toetsbank::requirement::register;
use toetsbank::simulator::DEFECTS;
use toetsbank::simulator::Defect;
use toetsbank::simulator::Expect;
use toetsbank::suite::model::Format;

use crate::matrix;
use crate::matrix::Columns;
use crate::matrix::first_lines;
use crate::matrix::is_found;
use crate::matrix::on_all_cores;
use crate::matrix::strangers;
use crate::pairs;
use crate::reference::run;

/// How many pairs of defects every test run tries.
const PAIRS: usize = 200;

/// How many pairs of which one may hide the other every test run tries.
const HIDDEN: usize = 30;

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

/// Two faults at once: both are named, each on its own rule, and nothing else is.
#[test]
fn two_defects_at_once_are_both_found() {
    pairs::are_both_found(&DEFECTS, PAIRS, |suites, pair| run(suites, pair, one_format).outcome, strangers);
}

/// Where one fault takes away the occasion of another, the rule of the other is not called kept.
#[test]
fn what_a_defect_hides_is_found_all_the_same_or_not_checked_because_of_it() {
    let because = |row: &RequirementOutcome| row.reason.as_ref().is_some_and(|r| r.en.contains("hidden by finding"));
    pairs::hide_honestly(&DEFECTS, HIDDEN, |suites, pair| run(suites, pair, one_format).outcome, because);
}
