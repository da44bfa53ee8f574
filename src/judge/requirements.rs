//! The verdict on every row of the register, and the reason where there is none.

use std::collections::BTreeMap;

use crate::diag::Text;
use crate::event::Finding;
use crate::event::RequirementOutcome;
use crate::event::Verdict;
use crate::judge::scenario::worst;
use crate::plan::TestPlan;
use crate::requirement::Cap;
use crate::requirement::Requirement;
use crate::requirement::Testability;
use crate::requirement::register;
use crate::rules;
use crate::rules::Judgement;
use crate::rules::explain;
use crate::text;

/// Whether a row is judged for this candidate: it binds its role, holds in its release and is selected.
pub fn is_judged(plan: &TestPlan, id: &str) -> bool {
    register().row(id).is_some_and(|row| {
        row.binds(plan.candidate.role) && row.applies(plan.candidate.release) && is_selected(plan, row)
    })
}

/// The outcome of every row, in the order of the register.
pub fn outcomes(
    plan: &TestPlan,
    findings: &[Finding],
    judgements: &BTreeMap<&'static str, Judgement>,
    occasions: &BTreeMap<String, u32>,
    manual: &BTreeMap<&'static str, Text>,
) -> Vec<RequirementOutcome> {
    let rows = register().rows();
    let own: BTreeMap<&str, RequirementOutcome> = rows
        .iter()
        .filter(|row| row.judged_by.is_empty())
        .map(|row| (row.id.as_str(), of_row(plan, row, findings, judgements, occasions, manual)))
        .collect();
    rows.iter().map(|row| own.get(row.id.as_str()).cloned().unwrap_or_else(|| of_others(plan, row, &own))).collect()
}

fn of_row(
    plan: &TestPlan,
    row: &Requirement,
    findings: &[Finding],
    judgements: &BTreeMap<&'static str, Judgement>,
    occasions: &BTreeMap<String, u32>,
    manual: &BTreeMap<&'static str, Text>,
) -> RequirementOutcome {
    if let Some(reason) = out_of_scope(plan, row) {
        let asked = manual.get(row.id.as_str()).filter(|_| row.testability == Testability::NeedsOperator);
        let is_asked = row.applies(plan.candidate.release) && row.binds(plan.candidate.role) && is_selected(plan, row);
        return not_checked(row, asked.filter(|_| is_asked).cloned().unwrap_or(reason));
    }
    let mine: Vec<&Finding> = findings.iter().filter(|finding| finding.rule == row.id).collect();
    let seen = match judgements.get(row.id.as_str()) {
        Some(Judgement::Seen { occasions, .. }) => *occasions,
        Some(Judgement::NotSeen(reason)) if mine.is_empty() => {
            return not_checked(row, hidden(row, findings, reason.clone()));
        }
        _ => occasions.get(&row.id).copied().unwrap_or(0),
    };
    if seen == 0 && mine.is_empty() {
        return not_checked(row, hidden(row, findings, why_not(plan, row)));
    }
    let only_records = row.verdict == Cap::Observe || rules::records(&row.id, plan.candidate.role);
    let fine = if only_records { Verdict::Observed } else { Verdict::Pass };
    let verdict = worst(&mine).unwrap_or(fine);
    RequirementOutcome { rule: row.id.clone(), verdict, reason: None, occasions: seen.max(1) }
}

/// A row that other rows decide: the worst of them, as far as its own cap allows.
fn of_others(plan: &TestPlan, row: &Requirement, own: &BTreeMap<&str, RequirementOutcome>) -> RequirementOutcome {
    if let Some(reason) = out_of_scope(plan, row) {
        return not_checked(row, reason);
    }
    // Of rows that bind one side each, the other side's say nothing of this candidate.
    let role = plan.candidate.role;
    let binds = |id: &&String| register().row(id).is_some_and(|other| other.binds(role));
    let ids: Vec<&String> = row.judged_by.iter().filter(binds).collect();
    let deciding: Vec<&RequirementOutcome> = ids.iter().filter_map(|id| own.get(id.as_str())).collect();
    if deciding.is_empty() {
        let list = row.judged_by.join(", ");
        return not_checked(
            row,
            text!("volgt uit {list}, die voor een andere rol gelden", "follows from {list}, which bind another role"),
        );
    }
    let list = ids.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
    let Some(worst) = deciding.iter().map(|outcome| outcome.verdict).min() else {
        return not_checked(row, text!("volgt uit {list}", "follows from {list}"));
    };
    if worst == Verdict::NotChecked {
        return not_checked(
            row,
            text!("volgt uit {list}, niet alles daarvan is getoetst", "follows from {list}, not all of it was checked"),
        );
    }
    let verdict = match (worst, row.verdict) {
        (Verdict::Fail, Cap::Warn) => Verdict::Warning,
        (Verdict::Fail | Verdict::Warning, Cap::Observe | Cap::Manual | Cap::None) => Verdict::Observed,
        (verdict, _) => verdict,
    };
    let occasions = deciding.iter().map(|outcome| outcome.occasions).sum();
    RequirementOutcome { rule: row.id.clone(), verdict, reason: None, occasions }
}

fn out_of_scope(plan: &TestPlan, row: &Requirement) -> Option<Text> {
    let candidate = &plan.candidate;
    if row.since.is_none() {
        return Some(Text::new("vervallen", "lapsed"));
    }
    if !row.applies(candidate.release) {
        let release = candidate.release.label();
        return Some(text!("geldt niet in release {release}", "does not hold in release {release}"));
    }
    if !row.binds(candidate.role) {
        return Some(Text::new("geldt voor een andere rol", "binds another role"));
    }
    if !is_selected(plan, row) {
        return Some(Text::new("niet gekozen (`--select`, `--ignore`)", "not selected (`--select`, `--ignore`)"));
    }
    if let Some(reason) = row.unsupported() {
        return Some(reason);
    }
    match row.testability {
        Testability::NeedsOperator => {
            Some(Text::new("vraagt een mens: zie de handmatige controles", "needs a person: see the manual checks"))
        }
        Testability::PaperOnly => Some(Text::new("niet op de lijn te zien", "nothing on the wire shows it")),
        Testability::Blackbox => None,
    }
}

/// The reason why a row was not judged, with the finding that took away its occasion when there is one.
fn hidden(row: &Requirement, findings: &[Finding], reason: Text) -> Text {
    let hides =
        |finding: &&Finding| finding.explained_by.is_none() && explain::may_hide(&finding.rule, &finding.kind, &row.id);
    match findings.iter().find(hides) {
        Some(Finding { id, .. }) => {
            let Text { nl, en } = reason;
            text!("verborgen door bevinding {id}: {nl}", "hidden by finding {id}: {en}")
        }
        None => reason,
    }
}

/// Why a row that could be judged was not.
fn why_not(plan: &TestPlan, row: &Requirement) -> Text {
    if let Some(reason) = row.no_occasion(plan.candidate.role) {
        return reason;
    }
    let has_rule = crate::rules::rule(&row.id).is_some() || row.id.starts_with("FHIR-") || row.id == "FLOW-35";
    if has_rule {
        Text::new("deze run gaf er geen gelegenheid voor", "this run gave no occasion")
    } else {
        Text::new("toetsbank toetst deze regel nog niet", "toetsbank does not test this rule yet")
    }
}

/// `--select` and `--ignore`: by prefix of local id, official code or area, in any case.
fn is_selected(plan: &TestPlan, row: &Requirement) -> bool {
    let names = [&row.id, &row.code, &row.area].map(|name| name.to_ascii_lowercase());
    let area = row.area.split_once('-').map_or("", |(_, name)| name).to_ascii_lowercase();
    let hit = |prefix: &String| {
        let prefix = prefix.to_ascii_lowercase();
        names.iter().any(|name| name.starts_with(&prefix)) || area.starts_with(&prefix)
    };
    let selection = &plan.selection;
    (selection.select.is_empty() || selection.select.iter().any(hit)) && !selection.ignore.iter().any(hit)
}

fn not_checked(row: &Requirement, reason: Text) -> RequirementOutcome {
    RequirementOutcome { rule: row.id.clone(), verdict: Verdict::NotChecked, reason: Some(reason), occasions: 0 }
}
