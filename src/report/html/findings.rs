//! Findings for the page: grouped by requirement, consequences under their root, with the line of the body that shows it.

use std::collections::HashMap;

use serde::Serialize;

use crate::diag::Lang;
use crate::diag::Severity;
use crate::event::Verdict;
use crate::exchange::Exchange;
use crate::exchange::Run;
use crate::report::html::view::Tag;
use crate::report::html::view::instance;
use crate::report::model::FindingReport;
use crate::report::model::RequirementReport;
use crate::report::model::RunReport;
use crate::report::model::ScenarioReport;
use crate::report::words;
use crate::report::words::Words;
use crate::requirement::Role;

/// All findings of one requirement.
#[derive(Serialize)]
pub struct Group<'r> {
    rule: &'r str,
    tag: Tag,
    row: Option<&'r RequirementReport>,
    roots: u32,
    consequences: u32,
    findings: Vec<Item<'r>>,
    /// What is not shown in full, because there are many.
    rest: Vec<Item<'r>>,
}

/// One finding.
#[derive(Serialize)]
pub struct Item<'r> {
    f: &'r FindingReport,
    tag: Tag,
    party: &'static str,
    scenario: Option<String>,
    excerpt: Option<Excerpt<'r>>,
    consequences: Vec<Item<'r>>,
    folded: String,
}

/// The piece of a body that a finding points at.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Excerpt<'r> {
    before: &'r str,
    at: &'r str,
    after: &'r str,
    cut_before: bool,
    cut_after: bool,
}

/// So many findings of a requirement are shown in full.
const IN_FULL: usize = 25;

/// The groups: errors before warnings, and within that the order of the register.
pub fn groups<'r>(report: &'r RunReport, run: &'r Run, lang: Lang) -> Vec<Group<'r>> {
    let page = Page {
        lang,
        role: report.candidate.role,
        exchanges: run.exchanges().map(|exchange| (exchange.number, exchange)).collect(),
        instances: report.scenarios.iter().map(|scenario| (scenario.key.as_str(), named(report, scenario))).collect(),
        consequences: consequences(report),
    };
    let mut rules: Vec<&str> = Vec::new();
    for root in report.roots() {
        if !rules.contains(&root.rule.as_str()) {
            rules.push(&root.rule);
        }
    }
    let mut groups: Vec<_> = rules.into_iter().map(|rule| group(report, &page, rule)).collect();
    let place = |rule: &str| report.requirements.iter().position(|row| row.rule == rule);
    groups.sort_by_key(|(severity, group)| (std::cmp::Reverse(*severity), place(group.rule)));
    groups.into_iter().map(|(_, group)| group).collect()
}

/// An instance with the title of its suite, for several suites have a scenario 1.1.
fn named(report: &RunReport, scenario: &ScenarioReport) -> String {
    let title = report.suites.iter().find(|suite| suite.id == scenario.suite).map_or("", |suite| &suite.title);
    format!("{title} {}", instance(scenario))
}

struct Page<'r> {
    lang: Lang,
    role: Role,
    exchanges: HashMap<u32, &'r Exchange>,
    instances: HashMap<&'r str, String>,
    consequences: HashMap<&'r str, Vec<&'r FindingReport>>,
}

fn consequences(report: &RunReport) -> HashMap<&str, Vec<&FindingReport>> {
    let mut by_root: HashMap<&str, Vec<&FindingReport>> = HashMap::new();
    for finding in &report.findings {
        if let Some(root) = &finding.explained_by {
            by_root.entry(root).or_default().push(finding);
        }
    }
    by_root
}

fn group<'r>(report: &'r RunReport, page: &Page<'r>, rule: &'r str) -> (Severity, Group<'r>) {
    let mut roots: Vec<_> = report.roots().filter(|finding| finding.rule == rule).collect();
    // Waived findings come last; the order is otherwise that of the run.
    roots.sort_by_key(|finding| (finding.waived.is_some(), std::cmp::Reverse(finding.severity)));
    let open = roots.iter().filter(|finding| finding.waived.is_none()).map(|finding| finding.severity).max();
    let severity = open.unwrap_or(Severity::Information);
    let mut findings: Vec<_> = roots.iter().map(|finding| page.item(finding, true)).collect();
    let rest = findings.split_off(findings.len().min(IN_FULL));
    let all = || findings.iter().chain(&rest);
    let group = Group {
        rule,
        tag: if open.is_some() {
            Tag::worded(words::severity_verdict(severity), words::severity(severity).get(page.lang))
        } else {
            Tag::worded(Verdict::Observed, Words::of(page.lang).waived_lower)
        },
        row: report.requirement(rule),
        roots: roots.len() as u32,
        consequences: all().map(|item| item.consequences.len() as u32).sum(),
        findings,
        rest,
    };
    (severity, group)
}

impl<'r> Page<'r> {
    fn item(&self, finding: &'r FindingReport, is_root: bool) -> Item<'r> {
        // A consequence of a consequence would be a fault of the judge; it is not followed.
        let consequences: Vec<_> = if is_root {
            let known = self.consequences.get(finding.id.as_str()).map_or(&[][..], Vec::as_slice);
            known.iter().map(|consequence| self.item(consequence, false)).collect()
        } else {
            Vec::new()
        };
        let is_waived = finding.waived.is_some();
        let word = if is_waived {
            Words::of(self.lang).waived_lower
        } else {
            words::severity(finding.severity).get(self.lang)
        };
        Item {
            f: finding,
            tag: Tag::worded(words::finding_verdict(finding.severity, is_waived), word),
            party: words::party(finding.party).get(self.lang),
            scenario: finding
                .scenario
                .as_ref()
                .map(|key| self.instances.get(key.as_str()).cloned().unwrap_or_else(|| key.clone())),
            excerpt: self.excerpt(finding),
            folded: words::consequences(consequences.len() as u32, self.lang),
            consequences,
        }
    }

    fn excerpt(&self, finding: &FindingReport) -> Option<Excerpt<'r>> {
        let exchange = *self.exchanges.get(&finding.exchange?)?;
        let body = match self.role {
            Role::Dva => exchange.response.as_ref()?.body.text()?,
            Role::Dvp => exchange.request.body.text()?,
        };
        excerpt(body, finding.line?, finding.column?)
    }
}

/// Characters shown on either side of the place.
const AROUND: usize = 70;

fn excerpt(body: &str, line: u32, column: u32) -> Option<Excerpt<'_>> {
    let text = body.lines().nth(line.checked_sub(1)? as usize)?;
    let start = text.char_indices().nth(column.checked_sub(1)? as usize)?.0;
    let (before, here) = text.split_at(start);
    let stop = |c: char| matches!(c, ',' | '{' | '}' | '[' | ']' | '<' | '>');
    // The mark holds at least one character, and no more than a name with its value.
    let first = here.chars().next()?.len_utf8();
    let end = here[first..].find(stop).map_or(here.len(), |at| at + first);
    let end = char_limit(here, AROUND).min(end);
    let (at, after) = here.split_at(end);
    let cut = before.char_indices().rev().nth(AROUND - 1).map_or(0, |(index, _)| index);
    let tail = char_limit(after, AROUND);
    Some(Excerpt {
        before: before[cut..].trim_start(),
        at,
        after: &after[..tail],
        cut_before: cut > 0,
        cut_after: tail < after.len(),
    })
}

/// Byte index after at most so many characters.
fn char_limit(text: &str, characters: usize) -> usize {
    text.char_indices().nth(characters).map_or(text.len(), |(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_excerpt_marks_the_place() {
        let body = "{\n  \"id\": \"é\", \"code\": {\"text\": \"x\"}\n}";
        let seen = excerpt(body, 2, 14).unwrap();
        assert_eq!((seen.before, seen.at, seen.after), ("\"id\": \"é\", ", "\"code\": ", "{\"text\": \"x\"}"));
        assert!(!seen.cut_before && !seen.cut_after);
    }

    #[test]
    fn a_place_outside_the_body_has_no_excerpt() {
        assert_eq!(excerpt("{}", 2, 1), None);
        assert_eq!(excerpt("{}", 1, 9), None);
        assert_eq!(excerpt("{}", 0, 0), None);
    }

    #[test]
    fn a_long_line_is_cut_on_both_sides() {
        let body = "é".repeat(500);
        let seen = excerpt(&body, 1, 250).unwrap();
        assert!(seen.cut_before && seen.cut_after);
        assert!(seen.before.chars().count() <= AROUND && seen.after.chars().count() <= AROUND);
    }
}
