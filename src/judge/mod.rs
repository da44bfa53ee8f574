//! From a plan and a trace to outcomes: the one way to a verdict, for a live run and for a saved one alike.
//!
//! Pure: the same plan and trace give the same outcome, byte for byte. Knows no network and prints nothing.
//! Entry point: [`judge`].

mod body;
mod cause;
mod check;
mod finding;
mod manual;
mod pdfa;
mod requirements;
mod scenario;
mod severity;
mod table;
#[cfg(test)]
mod testing;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use jiff::civil::Date;

use crate::diag::Text;
use crate::event::Finding;
use crate::event::RunOutcome;
use crate::event::RunVerdict;
use crate::event::ScenarioOutcome;
use crate::exchange::Run;
use crate::exchange::StopKind;
use crate::judge::finding::Draft;
use crate::plan::TestPlan;
use crate::rules;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::Rule;
use crate::text;

/// Judges a whole run. `today` decides which waivers still hold.
pub fn judge(plan: &TestPlan, run: &Run, today: Date) -> RunOutcome {
    judge_by(rules::ALL, plan, run, today)
}

/// The same where not every flow rule sees all of the run: `ask` is what each says.
pub fn judge_asking(
    plan: &TestPlan,
    run: &Run,
    today: Date,
    ask: &dyn Fn(&'static Rule, &Context) -> Judgement,
) -> RunOutcome {
    judge_with(rules::ALL, plan, run, today, ask)
}

/// The same by these flow rules.
fn judge_by(flow: &[&'static Rule], plan: &TestPlan, run: &Run, today: Date) -> RunOutcome {
    judge_with(flow, plan, run, today, &|rule, context| rule.judge(context, run))
}

fn judge_with(
    flow: &[&'static Rule],
    plan: &TestPlan,
    run: &Run,
    today: Date,
    ask: &dyn Fn(&'static Rule, &Context) -> Judgement,
) -> RunOutcome {
    let judged = scenario::judge_all(plan, run);
    let mut drafts: Vec<Draft> = Vec::new();
    let mut not_checked = Vec::new();
    let mut occasions: BTreeMap<String, u32> = BTreeMap::new();
    for scenario in &judged {
        drafts.extend(scenario.drafts.iter().cloned());
        not_checked.extend(scenario.not_checked.iter().cloned());
        for (rule, count) in &scenario.occasions {
            *occasions.entry(rule.clone()).or_default() += count;
        }
    }
    let (judgements, has_bug) = flow_rules(flow, plan, ask, &mut drafts);
    let mut findings = finding::complete(plan, run, drafts);
    cause::fold(plan, &mut findings);
    let stale_waivers = waive(plan, &mut findings, &judgements, &occasions, today);
    let scenarios: Vec<ScenarioOutcome> = judged.into_iter().map(|judged| judged.outcome(&findings)).collect();
    let requirements = requirements::outcomes(plan, &findings, &judgements, &occasions, &manual::occasions(run));
    let tables = table::fill(plan, run);
    // A run that waits for a person is not finished rather than gone wrong.
    let is_stopped = run.stopped.as_ref().is_some_and(|stop| stop.kind != StopKind::NotSelected);
    let mut outcome = RunOutcome {
        verdict: RunVerdict::Conformant,
        scenarios,
        requirements,
        findings,
        not_checked,
        tables,
        stale_waivers,
        is_cut_short: has_bug || is_stopped,
    };
    outcome.verdict = outcome.verdict_on(|_| true);
    outcome
}

/// Judges the expectations of one scenario instance only: for the live view, before the rules over the whole run.
pub fn preliminary(plan: &TestPlan, run: &Run, key: &str) -> Option<ScenarioOutcome> {
    let planned = plan.scenario(key)?;
    let judged = scenario::judge_safely(plan, run, planned);
    let findings = finding::complete(plan, run, judged.drafts.clone());
    Some(judged.outcome(&findings))
}

/// Judges the flow rules of the candidate's role and release that are selected; and whether one of them has a bug, which
/// costs no other its verdict.
fn flow_rules(
    flow: &[&'static Rule],
    plan: &TestPlan,
    ask: &dyn Fn(&'static Rule, &Context) -> Judgement,
    drafts: &mut Vec<Draft>,
) -> (BTreeMap<&'static str, Judgement>, bool) {
    let candidate = &plan.candidate;
    let context = Context { candidate, release: candidate.release, role: candidate.role };
    let mut judgements = BTreeMap::new();
    let mut has_bug = false;
    for rule in flow.iter().filter(|rule| rule.judges(candidate.role)) {
        if !requirements::is_judged(plan, rule.id) {
            continue;
        }
        let judgement = catch_unwind(AssertUnwindSafe(|| ask(rule, &context))).unwrap_or_else(|_| {
            has_bug = true;
            Judgement::NotSeen(scenario::bug())
        });
        if let Judgement::Seen { issues, .. } = &judgement {
            drafts.extend(issues.iter().map(|issue| Draft::of_rule(rule.id, issue.clone())));
        }
        judgements.insert(rule.id, judgement);
    }
    (judgements, has_bug)
}

/// Marks the findings that a waiver lets through; gives the waivers that fail the run, with why.
fn waive(
    plan: &TestPlan,
    findings: &mut [Finding],
    judgements: &BTreeMap<&'static str, Judgement>,
    occasions: &BTreeMap<String, u32>,
    today: Date,
) -> Vec<(String, Text)> {
    let mut stale = Vec::new();
    for waiver in &plan.candidate.waivers {
        if waiver.expires < today {
            let day = waiver.expires;
            stale.push((waiver.rule.clone(), text!("verlopen op {day}", "expired on {day}")));
            continue;
        }
        let mut hit = false;
        for finding in findings.iter_mut().filter(|f| f.rule.eq_ignore_ascii_case(&waiver.rule)) {
            if finding.place.contains(&waiver.r#where) {
                finding.waived = Some(waiver.reason.clone());
                hit = true;
            }
        }
        let was_judged = judgements.iter().any(|(id, judgement)| {
            id.eq_ignore_ascii_case(&waiver.rule) && matches!(judgement, Judgement::Seen { .. })
        }) || occasions.keys().any(|id| id.eq_ignore_ascii_case(&waiver.rule));
        if !hit && was_judged {
            let seen = Text::new("de regel is getoetst en er is niets meer", "the rule was judged and nothing is left");
            stale.push((waiver.rule.clone(), seen));
        }
    }
    stale
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Verdict;
    use crate::plan::Selection;

    fn plan() -> TestPlan {
        let candidate = serde_json::json!({
            "role": "dva", "vendor": "v", "product": "p", "version": "1", "environment": "test", "release": "2.2",
            "systeemrollen": [], "provider": "x@medmij",
            "endpoints": {"authorization": "https://a.example/", "token": "https://a.example/", "resource": {}},
            "client": {"clientId": "pgo.example", "redirectUri": "https://pgo.example/cb", "certificate": ""},
            "trust": {"ca": [], "connect": {}}, "login": {"mode": "form", "steps": []}, "patients": [],
            "probes": {}, "waivers": []
        });
        let candidate = serde_json::from_value(candidate).unwrap();
        TestPlan { candidate, selection: Selection::default(), suites: Vec::new(), scenarios: Vec::new() }
    }

    #[test]
    fn a_rule_with_a_bug_is_not_checked_and_costs_no_other_its_verdict() {
        static BROKEN: Rule = Rule { dva: Some(|_, _| panic!("a bug")), ..*rules::ALL[0] };
        static SOUND: Rule =
            Rule { dva: Some(|_, _| Judgement::Seen { occasions: 1, issues: Vec::new() }), ..*rules::ALL[1] };
        let today = jiff::civil::date(2026, 1, 15);
        let outcome = judge_by(&[&BROKEN, &SOUND], &plan(), &Run::default(), today);
        assert_eq!(outcome.verdict, RunVerdict::Error);
        assert!(outcome.is_cut_short);
        let row = |rule: &Rule| outcome.requirements.iter().find(|row| row.rule == rule.id).unwrap();
        assert_eq!(row(&BROKEN).verdict, Verdict::NotChecked);
        assert_eq!(row(&BROKEN).reason, Some(scenario::bug()));
        assert_eq!(row(&SOUND).verdict, Verdict::Pass);
        assert_eq!(judge_by(&[&SOUND], &plan(), &Run::default(), today).verdict, RunVerdict::Conformant);
    }
}
