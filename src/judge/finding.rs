//! From what was found to findings as reports show them: capped, attributed, with a stable id.

use std::collections::BTreeMap;

use sha2::Digest;
use sha2::Sha256;

use crate::diag::Issue;
use crate::event::Finding;
use crate::event::Party;
use crate::exchange::Run;
use crate::plan::Expectation;
use crate::plan::TestPlan;
use crate::requirement::Cap;
use crate::requirement::Role;
use crate::requirement::register;

/// Something found, before it is completed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Local id of the row.
    pub rule: String,
    /// The deviation.
    pub issue: Issue,
    /// Key of the scenario instance, when the issue names no exchange.
    pub scenario: Option<String>,
    /// Profile that asks it.
    pub profile: Option<String>,
}

impl Draft {
    /// What a flow rule found.
    pub fn of_rule(rule: &str, issue: Issue) -> Self {
        Self { rule: rule.to_owned(), issue, scenario: None, profile: None }
    }

    /// What an expectation found: its words, and a severity no worse than the suite says.
    pub fn of_expectation(expectation: &Expectation, mut issue: Issue) -> Self {
        issue.severity = issue.severity.min(expectation.severity);
        if issue.code == "expectation"
            && let Some(title) = &expectation.title
        {
            issue.expected = title.clone();
        }
        Self { rule: expectation.rule.clone(), issue, scenario: None, profile: None }
    }
}

/// Completes the findings, in order of scenario and exchange.
pub fn complete(plan: &TestPlan, run: &Run, drafts: Vec<Draft>) -> Vec<Finding> {
    let scenario_of: BTreeMap<u32, &str> = run.exchanges().map(|e| (e.number, e.scenario.as_str())).collect();
    let order: BTreeMap<&str, usize> = plan.scenarios.iter().enumerate().map(|(i, s)| (s.key.as_str(), i)).collect();
    let mut findings: Vec<Finding> = drafts
        .into_iter()
        .map(|draft| {
            let shown_by = draft.issue.exchange.and_then(|number| scenario_of.get(&number).copied());
            let scenario = shown_by.map(str::to_owned).or(draft.scenario);
            let cap = register().row(&draft.rule).map_or(Cap::Observe, |row| row.verdict);
            Finding {
                id: String::new(),
                party: party(plan.candidate.role, &draft.rule),
                severity: cap.limit(draft.issue.severity),
                kind: draft.issue.code.to_owned(),
                scenario,
                exchange: draft.issue.exchange,
                place: draft.issue.place,
                position: draft.issue.position,
                expected: draft.issue.expected,
                seen: draft.issue.seen,
                profile: draft.profile,
                explained_by: None,
                waived: None,
                rule: draft.rule,
            }
        })
        .collect();
    let place =
        |finding: &Finding| finding.scenario.as_deref().and_then(|key| order.get(key)).copied().unwrap_or(usize::MAX);
    findings.sort_by_key(|finding| (place(finding), finding.exchange.unwrap_or(u32::MAX)));
    number(&mut findings);
    findings
}

/// Gives each finding an id that it has again in the next run: rule, kind, and a hash of where it is.
fn number(findings: &mut [Finding]) {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for finding in findings {
        let scenario = finding.scenario.as_deref().unwrap_or("");
        let profile = finding.profile.as_deref().unwrap_or("");
        let parts = [scenario, &finding.place, &finding.expected.en, profile];
        let digest = Sha256::digest(parts.join("\n").as_bytes());
        let hash: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let base = format!("{}/{}/{hash}", finding.rule, finding.kind);
        let count = seen.entry(base.clone()).or_default();
        *count += 1;
        finding.id = if *count == 1 { base } else { format!("{base}-{count}") };
    }
}

/// Whom a finding of a rule points at. Content comes from the source system behind a DVA.
fn party(role: Role, rule: &str) -> Party {
    const CONTENT: &[&str] = &["FHIR-02", "FHIR-07", "FHIR-08", "FHIR-09", "FHIR-10", "FHIR-11", "FHIR-27"];
    match role {
        Role::Dva if CONTENT.contains(&rule) => Party::Bronsysteem,
        Role::Dva => Party::Dva,
        Role::Dvp => Party::Dvp,
    }
}
