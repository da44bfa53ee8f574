//! The reference DVP with planted defects: each alone, as a committed table, and two at a time.

use toetsbank::event::Finding;
use toetsbank::event::RunOutcome;
use toetsbank::event::Verdict;
use toetsbank::simulator::Defect;
use toetsbank::simulator::Expect;
use toetsbank::simulator::dvp::DEFECTS;

use crate::dvp::run;
use crate::fuzz::random::Random;
use crate::matrix;
use crate::matrix::Columns;
use crate::matrix::first_lines;
use crate::matrix::interfere;
use crate::matrix::is_found;
use crate::matrix::on_all_cores;
use crate::matrix::strangers;
use crate::reference::findings;

/// How many pairs of defects every test run tries.
const PAIRS: usize = 12;

/// How many pairs of which one may hide the other every test run tries.
const HIDDEN: usize = 4;

/// The number that the pairs start from.
const SEED: u64 = 20_261_126;

/// Defects that change the same value, or act at the same moment, so that a DVP has one of them at a time.
const ONE_AT_A_TIME: &[&[&str]] = &[];

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

fn pairs() -> Vec<[&'static Defect; 2]> {
    let mut random = Random::of(SEED);
    let mut pairs: Vec<[&'static Defect; 2]> = Vec::new();
    while pairs.len() < PAIRS {
        let pair = [random.pick(DEFECTS), random.pick(DEFECTS)];
        let is = |names: &[&str]| pair.iter().all(|defect| names.contains(&defect.name));
        let is_known = pairs.iter().any(|other| is(&other.map(|defect| defect.name)));
        if !is_known && !ONE_AT_A_TIME.iter().any(|group| is(group)) && !interfere(pair[0], pair[1]) {
            pairs.push(pair);
        }
    }
    pairs
}

/// Two faults at once: both are named, each on its own rule, and nothing else is.
#[test]
fn two_defects_of_the_dvp_at_once_are_both_found() {
    let wrong = on_all_cores(&pairs(), |pair| {
        let mut suites = vec![pair[0].suite, pair[1].suite];
        suites.dedup();
        let outcome = run(&suites, pair);
        let missed: Vec<&str> = pair.iter().filter(|defect| !is_found(defect, &outcome)).map(|d| d.name).collect();
        let accused: Vec<&str> = accused(pair, &outcome).iter().map(|finding| &*finding.rule).collect();
        let names = pair.map(|defect| defect.name).join(" + ");
        (!missed.is_empty() || !accused.is_empty())
            .then(|| format!("{names}: missed {missed:?}, accused {accused:?}\n    {}", first_lines(&outcome)))
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of {PAIRS}\n{}", wrong.len(), wrong.join("\n"));
}

/// Where one fault takes away the occasion of another, the rule of the other is not called kept without one.
#[test]
fn what_a_defect_of_the_dvp_hides_is_not_called_kept_without_an_occasion() {
    let hides = |a: &Defect, b: &Defect| a.rule != b.rule && a.masks.iter().any(|start| b.rule.starts_with(start));
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
        let outcome = run(&suites, pair);
        let told = outcome.findings.iter().any(|finding| finding.rule == hidden.rule);
        let row = outcome.requirements.iter().find(|row| row.rule == hidden.rule).unwrap();
        // What was kept on the occasions that were left passes, with their number.
        let honest = told || row.occasions > 0 || row.verdict == Verdict::NotChecked;
        let named = is_found(root, &outcome) || is_found(hidden, &outcome);
        (!honest || !named).then(|| {
            let (a, b, verdict) = (root.name, hidden.name, row.verdict);
            format!("{a} hides {b}: {} is {verdict:?} {:?}\n    {}", hidden.rule, row.reason, first_lines(&outcome))
        })
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
