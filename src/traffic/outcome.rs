//! Puts the outcomes of both sides together as one: each row by the side that it was judged on.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::event::RequirementOutcome;
use crate::event::RunOutcome;
use crate::event::RunVerdict;
use crate::event::ScenarioOutcome;
use crate::event::Verdict;
use crate::requirement::Role;
use crate::requirement::register;
use crate::rules;

/// One outcome of both: of the DVP, then of the DVA.
pub fn merged(sides: Vec<RunOutcome>) -> RunOutcome {
    let mut all = RunOutcome {
        verdict: RunVerdict::Conformant,
        scenarios: Vec::new(),
        requirements: Vec::new(),
        findings: Vec::new(),
        not_checked: Vec::new(),
        tables: Vec::new(),
        stale_waivers: Vec::new(),
        is_cut_short: false,
    };
    let roles = [Role::Dvp, Role::Dva];
    let mut rows: BTreeMap<String, (bool, RequirementOutcome)> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for (role, mut side) in roles.into_iter().zip(sides) {
        all.verdict = all.verdict.min(side.verdict);
        for scenario in side.scenarios {
            add(&mut all.scenarios, scenario);
        }
        for row in &side.requirements {
            // Of a row that binds both, the side that a rule judges says why it was not checked.
            let has_rule = rules::rule(&row.rule).is_none_or(|rule| rule.judges(role));
            let binds = has_rule && register().row(&row.rule).is_some_and(|official| official.binds(role));
            let is_worse = |(other, known): &(bool, RequirementOutcome)| binds && (!other || rank(row) < rank(known));
            if rows.get(&row.rule).is_none_or(is_worse) {
                rows.insert(row.rule.clone(), (binds, row.clone()));
            }
        }
        // The same rule may find the same thing of both.
        let mut renamed = BTreeMap::new();
        for finding in &mut side.findings {
            let (own, mut id) = (finding.id.clone(), finding.id.clone());
            while !ids.insert(id.clone()) {
                id.push_str("-dva");
            }
            finding.id.clone_from(&id);
            renamed.insert(own, id);
        }
        for finding in &mut side.findings {
            let root = finding.explained_by.as_ref().and_then(|root| renamed.get(root));
            finding.explained_by = root.cloned();
        }
        all.findings.extend(side.findings);
        all.not_checked.extend(side.not_checked);
        all.tables.extend(side.tables);
        all.stale_waivers.extend(side.stale_waivers);
        all.is_cut_short |= side.is_cut_short;
    }
    all.not_checked.sort();
    all.not_checked.dedup();
    all.findings.sort_by_key(|finding| finding.exchange.unwrap_or(u32::MAX));
    all.requirements = register().rows().iter().filter_map(|row| Some(rows.remove(&row.id)?.1)).collect();
    all
}

/// Worst first; what was not checked, last: the other side may have been.
fn rank(row: &RequirementOutcome) -> (bool, Verdict) {
    (row.verdict == Verdict::NotChecked, row.verdict)
}

fn add(scenarios: &mut Vec<ScenarioOutcome>, scenario: ScenarioOutcome) {
    let Some(known) = scenarios.iter_mut().find(|known| known.key == scenario.key) else {
        return scenarios.push(scenario);
    };
    known.verdict = known.verdict.min(scenario.verdict);
    known.reason = known.reason.take().or(scenario.reason);
    for (step, other) in known.steps.iter_mut().zip(scenario.steps) {
        step.verdict = step.verdict.min(other.verdict);
    }
}
