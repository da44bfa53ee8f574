//! Two planted defects at once, whichever side they are planted in. Entry points: [`are_both_found`] and [`hide_honestly`].

use toetsbank::event::Finding;
use toetsbank::event::RequirementOutcome;
use toetsbank::event::RunOutcome;
use toetsbank::event::Verdict;
use toetsbank::simulator::Defect;

use crate::fuzz::random::Random;
use crate::matrix::first_lines;
use crate::matrix::interfere;
use crate::matrix::is_found;
use crate::matrix::on_all_cores;

/// The number that the pairs start from.
const SEED: u64 = 20_261_126;

type Pair = [&'static Defect; 2];

/// The run of some suites with both defects.
fn with_both(run: impl Fn(&[&str], &Pair) -> RunOutcome, pair: &Pair) -> RunOutcome {
    let mut suites = vec![pair[0].suite, pair[1].suite];
    suites.dedup();
    run(&suites, pair)
}

/// Tries so many pairs that do not interfere: both are named, each on its own rule, and `strangers` finds nothing else.
pub fn are_both_found(
    defects: &'static [Defect],
    count: usize,
    run: impl Fn(&[&str], &Pair) -> RunOutcome + Sync,
    strangers: for<'a> fn(&[&Defect], &'a RunOutcome) -> Vec<&'a Finding>,
) {
    let wrong = on_all_cores(&drawn(defects, count), |pair| {
        let outcome = with_both(&run, pair);
        let missed: Vec<&str> = pair.iter().filter(|defect| !is_found(defect, &outcome)).map(|d| d.name).collect();
        let accused: Vec<&str> = strangers(pair, &outcome).iter().map(|finding| &*finding.rule).collect();
        let names = pair.map(|defect| defect.name).join(" + ");
        (!missed.is_empty() || !accused.is_empty())
            .then(|| format!("{names}: missed {missed:?}, accused {accused:?}\n    {}", first_lines(&outcome)))
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of {count}\n{}", wrong.len(), wrong.join("\n"));
}

fn drawn(defects: &'static [Defect], count: usize) -> Vec<Pair> {
    let mut random = Random::of(SEED);
    let mut pairs: Vec<Pair> = Vec::new();
    while pairs.len() < count {
        let (one, other) = (random.pick(defects), random.pick(defects));
        let known = pairs.iter().any(|pair| pair.iter().all(|defect| [one.name, other.name].contains(&defect.name)));
        if !known && !interfere(one, other) {
            pairs.push([one, other]);
        }
    }
    pairs
}

/// Tries so many pairs of which one may take away the occasion of the other: the rule of the other is told, or kept on the
/// occasions that were left, or not checked for a reason that `is_true`.
pub fn hide_honestly(
    defects: &'static [Defect],
    count: usize,
    run: impl Fn(&[&str], &Pair) -> RunOutcome + Sync,
    is_true: impl Fn(&RequirementOutcome) -> bool + Sync,
) {
    let hides = |a: &Defect, b: &Defect| {
        a.rule != b.rule && a.in_production == b.in_production && a.masks.iter().any(|start| b.rule.starts_with(start))
    };
    let all = defects.iter().flat_map(|a| defects.iter().filter(move |b| hides(a, b)).map(move |b| [a, b]));
    let mut random = Random::of(SEED);
    let mut cases: Vec<Pair> = all.collect();
    while cases.len() > count {
        cases.swap_remove(random.below(cases.len()));
    }
    let wrong = on_all_cores(&cases, |pair| {
        let [root, hidden] = pair;
        let outcome = with_both(&run, pair);
        let told = outcome.findings.iter().any(|finding| finding.rule == hidden.rule);
        let row = outcome.requirements.iter().find(|row| row.rule == hidden.rule).unwrap();
        let honest = told || row.occasions > 0 || (row.verdict == Verdict::NotChecked && is_true(row));
        let named = is_found(root, &outcome) || is_found(hidden, &outcome);
        (!honest || !named).then(|| {
            let (a, b, verdict) = (root.name, hidden.name, row.verdict);
            format!("{a} hides {b}: {} is {verdict:?} {:?}\n    {}", hidden.rule, row.reason, first_lines(&outcome))
        })
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
