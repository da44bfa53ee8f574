//! The reference DVP with planted defects: each alone, as a committed table, and two at a time.

use toetsbank::event::Finding;
use toetsbank::event::RunOutcome;
use toetsbank::event::Verdict;
use toetsbank::simulator::Defect;
use toetsbank::simulator::Expect;
use toetsbank::simulator::dvp::DEFECTS;

use crate::dvp::run;
use crate::matrix;
use crate::matrix::Columns;
use crate::matrix::on_all_cores;
use crate::matrix::strangers;
use crate::pairs;
use crate::reference::findings;

/// How many pairs of defects every test run tries.
const PAIRS: usize = 12;

/// How many pairs of which one may hide the other every test run tries.
const HIDDEN: usize = 4;

#[test]
fn each_defect_of_the_dvp_is_found_on_its_own_rule() {
    let defects: Vec<&'static Defect> = DEFECTS.iter().collect();
    let outcomes = on_all_cores(&defects, |defect| run(&[defect.suite], &[defect]));
    let wrong: Vec<String> =
        defects.iter().zip(&outcomes).flat_map(|(defect, outcome)| what_is_wrong(defect, outcome)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    matrix::compare("defects-dvp.md", "DVP", Columns::Places, &defects, &outcomes);
}

/// What a run with this defect has not, or too much.
fn what_is_wrong(defect: &Defect, outcome: &RunOutcome) -> Vec<String> {
    let mut wrong = Vec::new();
    let row = outcome.requirements.iter().find(|row| row.rule == defect.rule).unwrap();
    let expected = match defect.expect {
        Expect::Fail => Verdict::Fail,
        Expect::Warning => Verdict::Warning,
        Expect::Observed => Verdict::Observed,
    };
    let all = findings(outcome).join("\n");
    if row.verdict != expected {
        wrong.push(format!("{}: {} is {:?}\n{all}", defect.name, defect.rule, row.verdict));
    }
    let beside = matrix::roots(outcome).filter(|finding| finding.kind == "not-asked").count();
    if beside > 0 && defect.rule != "FLOW-35" {
        wrong.push(format!("{}: {beside} requests that are not asked stand beside it", defect.name));
    }
    let others: Vec<&str> = accused(&[defect], outcome).iter().map(|finding| &*finding.rule).collect();
    if !others.is_empty() {
        wrong.push(format!("{}: {others:?} as well\n{all}", defect.name));
    }
    wrong
}

/// Root findings on rules that none of these defects breaks, nor sees the same deviation.
fn accused<'a>(defects: &[&Defect], outcome: &'a RunOutcome) -> Vec<&'a Finding> {
    let masked = |rule: &str| defects.iter().flat_map(|defect| defect.masks).any(|mask| rule.starts_with(mask));
    strangers(defects, outcome).into_iter().filter(|finding| !masked(&finding.rule)).collect()
}

/// Two faults at once: both are named, each on its own rule, and nothing else is.
#[test]
fn two_defects_of_the_dvp_at_once_are_both_found() {
    pairs::are_both_found(DEFECTS, PAIRS, |suites, pair| run(suites, pair), accused);
}

/// Where one fault takes away the occasion of another, the rule of the other is not called kept without one.
#[test]
fn what_a_defect_of_the_dvp_hides_is_not_called_kept_without_an_occasion() {
    pairs::hide_honestly(DEFECTS, HIDDEN, |suites, pair| run(suites, pair), |_| true);
}
