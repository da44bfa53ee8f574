//! Folds consequences under the finding that explains them, so that one fault is read as one fault.
//!
//! Only what is certain is folded: an answer that failed as a whole explains what was then missing in it; a flow that
//! stopped explains the scenarios that needed it; and the pairs that the rules themselves name.

use crate::event::Finding;
use crate::plan::TestPlan;
use crate::rules::explain;
use crate::rules::explain::Fact;

/// Sets [`Finding::explained_by`].
pub fn fold(plan: &TestPlan, findings: &mut [Finding]) {
    for i in 0..findings.len() {
        let root = cause_of(plan, findings, i);
        findings[i].explained_by = root.map(|root| findings[root].id.clone());
    }
    follow_to_root(findings);
}

/// Index of the finding that directly explains this one.
fn cause_of(plan: &TestPlan, findings: &[Finding], i: usize) -> Option<usize> {
    let it = &findings[i];
    let others = || findings.iter().enumerate().filter(|(j, _)| *j != i);
    let same_answer = |other: &Finding| other.exchange.is_some() && other.exchange == it.exchange;
    let explains_answer = |other: &Finding| same_answer(other) && whole_answer(other) > whole_answer(it);
    let roots = others().filter(|(_, other)| explains_answer(other));
    if let Some((j, _)) = roots.max_by_key(|(j, other)| (whole_answer(other), std::cmp::Reverse(*j))) {
        return Some(j);
    }
    // A resource that names no profile cannot be counted as one of that profile.
    let nameless = |other: &Finding| same_answer(other) && other.rule == "FHIR-07" && other.kind == "expectation";
    if it.kind == "entries"
        && let Some((j, _)) = others().find(|(_, other)| nameless(other))
    {
        return Some(j);
    }
    // The validator sees a wrong fullUrl and a missing id as well; the row of its own explains it.
    let row = match &*it.kind {
        "bundle-address" | "bundle-address-relative" | "bundle-address-missing" => Some("FHIR-05"),
        "bundle-address-id" | "search-id" => Some("FHIR-06"),
        _ => None,
    };
    let explains_row = |other: &Finding| same_answer(other) && Some(&*other.rule) == row;
    if row.is_some()
        && let Some((j, _)) = others().find(|(_, other)| explains_row(other))
    {
        return Some(j);
    }
    // Who answers an empty search with an error status does so wherever the same patient has nothing.
    let empty_elsewhere = |other: &Finding| {
        other.rule == "FHIR-14"
            && other.kind == "status"
            && other.seen == it.seen
            && patient(plan, other) == patient(plan, it)
    };
    if it.rule == "FHIR-03"
        && it.kind == "status"
        && !broke_down(it)
        && let Some((j, _)) = others().find(|(_, other)| empty_elsewhere(other))
    {
        return Some(j);
    }
    if let Some((j, _)) = others().find(|(_, other)| explain::explains(fact(other), fact(it))) {
        return Some(j);
    }
    if it.kind == "flow-stopped" {
        // A rule that found an error on the way says why it stopped.
        let on_the_way = |other: &Finding| other.kind != "flow-stopped" && other.scenario == it.scenario;
        return others().find(|(_, other)| on_the_way(other)).map(|(j, _)| j);
    }
    let scenario = plan.scenario(it.scenario.as_deref()?)?;
    let needed = |other: &Finding| {
        other.kind == "flow-stopped" && other.scenario.as_ref().is_some_and(|key| scenario.needs.contains(key))
    };
    others().find(|(_, other)| needed(other)).map(|(j, _)| j)
}

/// The candidate's patient that a finding is about.
fn patient(plan: &TestPlan, finding: &Finding) -> Option<usize> {
    plan.scenario(finding.scenario.as_deref()?)?.patient
}

/// How far a finding says that the answer as a whole is no good, so that the further findings on it are consequences:
/// 0 not at all. An error status where there is no data is FHIR-14's, but a server that breaks down (5xx) is FHIR-03's.
fn whole_answer(finding: &Finding) -> u8 {
    match (finding.rule.as_str(), finding.kind.as_str()) {
        ("FHIR-14", "status") if !broke_down(finding) => 5,
        ("FHIR-03", "status") => 4,
        ("FHIR-14", "status") => 3,
        (_, "status") => 2,
        (_, "no-resource") => 1,
        _ => 0,
    }
}

/// Whether a status finding tells of a server that broke down: 5xx, or no answer at all.
fn broke_down(finding: &Finding) -> bool {
    !finding.seen.en.starts_with('4')
}

fn fact(finding: &Finding) -> Fact<'_> {
    Fact { rule: &finding.rule, kind: &finding.kind, scenario: finding.scenario.as_deref(), exchange: finding.exchange }
}

/// Points every consequence at its root, not at another consequence; a circle is cut where it closes.
fn follow_to_root(findings: &mut [Finding]) {
    let direct: Vec<Option<usize>> = findings
        .iter()
        .map(|finding| finding.explained_by.as_ref().and_then(|id| findings.iter().position(|f| f.id == *id)))
        .collect();
    for i in 0..findings.len() {
        let (mut at, mut steps) = (i, 0);
        while let Some(next) = direct[at] {
            at = next;
            steps += 1;
            if steps > findings.len() || at == i {
                at = i;
                break;
            }
        }
        findings[i].explained_by = (at != i).then(|| findings[at].id.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Severity;
    use crate::diag::Text;
    use crate::event::Party;

    fn finding(id: &str, rule: &str, kind: &str, exchange: u32, seen: &str) -> Finding {
        Finding {
            id: id.into(),
            rule: rule.into(),
            party: Party::Dva,
            severity: Severity::Error,
            kind: kind.into(),
            scenario: None,
            exchange: Some(exchange),
            place: String::new(),
            position: None,
            expected: Text::default(),
            seen: Text::same(seen),
            profile: None,
            explained_by: None,
            waived: None,
        }
    }

    fn check(mut findings: Vec<Finding>, expect: &[(&str, Option<&str>)]) {
        fold(&crate::judge::testing::empty_plan(), &mut findings);
        let folded: Vec<_> = findings.iter().map(|f| (f.id.as_str(), f.explained_by.as_deref())).collect();
        assert_eq!(folded, expect);
    }

    #[test]
    fn an_answer_that_failed_explains_what_is_missing_in_it() {
        let findings = vec![
            finding("a", "FHIR-03", "status", 1, "500"),
            finding("b", "FHIR-04", "expectation", 1, "false"),
            finding("c", "FLOW-35", "entries", 1, "0"),
            finding("d", "FHIR-14", "status", 1, "500"),
            finding("e", "FHIR-04", "expectation", 2, "false"),
        ];
        check(findings, &[("a", None), ("b", Some("a")), ("c", Some("a")), ("d", Some("a")), ("e", None)]);
    }

    #[test]
    fn an_error_status_for_nothing_found_is_the_row_on_empty_answers() {
        let findings = vec![
            finding("a", "FHIR-03", "status", 1, "404"),
            finding("b", "FHIR-14", "status", 1, "404"),
            finding("c", "FHIR-03", "status", 2, "404"),
        ];
        check(findings, &[("a", Some("b")), ("b", None), ("c", Some("b"))]);
    }

    #[test]
    fn a_resource_without_profile_explains_the_count_and_rows_on_addresses_and_ids_what_the_validator_sees() {
        let findings = vec![
            finding("a", "FHIR-07", "expectation", 1, ""),
            finding("b", "FLOW-35", "entries", 1, "0"),
            finding("c", "FHIR-05", "expectation", 2, ""),
            finding("d", "FHIR-07", "bundle-address", 2, ""),
            finding("e", "FHIR-06", "expectation", 3, ""),
            finding("f", "FHIR-07", "search-id", 3, ""),
        ];
        check(findings, &[("a", None), ("b", Some("a")), ("c", None), ("d", Some("c")), ("e", None), ("f", Some("e"))]);
    }
}
