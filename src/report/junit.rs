//! `junit.xml`: a test suite for each suite, and one for the rules of the Afsprakenstelsel.

use std::collections::HashMap;

use crate::diag::Lang;
use crate::event::Verdict;
use crate::report::model::FindingReport;
use crate::report::model::RunReport;
use crate::report::model::ScenarioReport;
use crate::report::words;
use crate::report::xml::Writer;

/// The report as JUnit XML.
pub fn render(report: &RunReport) -> String {
    let lang = words::language(&report.lang);
    let mut writer = Writer::new();
    let milliseconds: HashMap<u32, f64> = report.exchanges.iter().map(|e| (e.number, e.total_ms)).collect();
    let suites: Vec<Suite<'_>> = report
        .suites
        .iter()
        .map(|suite| {
            let own = report.scenarios.iter().filter(|scenario| scenario.suite == suite.id);
            let cases = own.map(|scenario| scenario_case(report, scenario, &milliseconds)).collect();
            Suite { id: &suite.id, name: format!("{} ({})", suite.title, suite.id), cases }
        })
        .chain(std::iter::once(rules(report)))
        .collect();
    let all: Vec<&Case<'_>> = suites.iter().flat_map(|suite| &suite.cases).collect();
    let product = format!("{} {}", report.candidate.product, report.candidate.version);
    let total = tally(&all);
    let mut attributes = vec![("name", product.as_str())];
    attributes.extend(total.attributes());
    writer.begin("testsuites", &attributes);
    for suite in &suites {
        write_suite(&mut writer, report, suite, lang);
    }
    writer.finish()
}

struct Suite<'r> {
    id: &'r str,
    name: String,
    cases: Vec<Case<'r>>,
}

struct Case<'r> {
    name: String,
    class: String,
    milliseconds: f64,
    verdict: Verdict,
    reason: Option<&'r str>,
    properties: Vec<(&'static str, &'r str)>,
    findings: Vec<&'r FindingReport>,
}

struct Tally {
    tests: String,
    failures: String,
    errors: String,
    skipped: String,
    time: String,
}

impl Tally {
    fn attributes(&self) -> [(&str, &str); 5] {
        [
            ("tests", &self.tests),
            ("failures", &self.failures),
            ("errors", &self.errors),
            ("skipped", &self.skipped),
            ("time", &self.time),
        ]
    }
}

fn scenario_case<'r>(
    report: &'r RunReport,
    scenario: &'r ScenarioReport,
    milliseconds: &HashMap<u32, f64>,
) -> Case<'r> {
    let instance: Vec<&str> = [&scenario.patient, &scenario.format].into_iter().filter_map(|x| x.as_deref()).collect();
    let suffix = if instance.is_empty() { String::new() } else { format!(" [{}]", instance.join(", ")) };
    Case {
        name: format!("{} {}{suffix}", scenario.id, scenario.title),
        class: scenario.suite.clone(),
        milliseconds: scenario.exchanges.iter().filter_map(|number| milliseconds.get(number)).sum(),
        verdict: scenario.verdict,
        reason: scenario.reason.as_deref(),
        properties: vec![("scenario", &scenario.key)],
        findings: report.findings.iter().filter(|f| f.scenario.as_ref() == Some(&scenario.key)).collect(),
    }
}

/// One case for each row of the register that was judged.
fn rules(report: &RunReport) -> Suite<'_> {
    let judged = report.requirements.iter().filter(|row| row.verdict != Verdict::NotChecked);
    let cases = judged
        .map(|row| Case {
            name: row.rule.clone(),
            class: format!("afsprakenstelsel.{}", row.area),
            milliseconds: 0.0,
            verdict: row.verdict,
            reason: row.reason.as_deref(),
            properties: vec![("code", &row.code), ("summary", &row.summary)],
            findings: report.findings.iter().filter(|finding| finding.rule == row.rule).collect(),
        })
        .collect();
    Suite { id: "afsprakenstelsel", name: format!("MedMij Afsprakenstelsel {}", report.release), cases }
}

fn tally(cases: &[&Case<'_>]) -> Tally {
    let count = |verdict| cases.iter().filter(|case| case.verdict == verdict).count().to_string();
    Tally {
        tests: cases.len().to_string(),
        failures: count(Verdict::Fail),
        errors: count(Verdict::Error),
        skipped: count(Verdict::NotChecked),
        time: seconds(cases.iter().map(|case| case.milliseconds).sum()),
    }
}

fn write_suite(writer: &mut Writer, report: &RunReport, suite: &Suite<'_>, lang: Lang) {
    let tally = tally(&suite.cases.iter().collect::<Vec<_>>());
    // JUnit's timestamp has no zone and no fraction.
    let timestamp = report.started.split(['.', 'Z']).next().unwrap_or_default();
    let mut attributes = vec![("name", suite.name.as_str()), ("id", suite.id)];
    attributes.extend(tally.attributes());
    attributes.push(("timestamp", timestamp));
    writer.begin("testsuite", &attributes);
    for case in &suite.cases {
        write_case(writer, case, lang);
    }
    writer.end();
}

fn write_case(writer: &mut Writer, case: &Case<'_>, lang: Lang) {
    let time = seconds(case.milliseconds);
    writer.begin("testcase", &[("name", &case.name), ("classname", &case.class), ("time", &time)]);
    writer.begin("properties", &[]);
    for (name, value) in &case.properties {
        writer.begin("property", &[("name", name), ("value", value)]);
        writer.end();
    }
    writer.end();
    let word = &words::verdict(case.verdict, lang);
    match case.verdict {
        Verdict::Fail => write_outcome(writer, "failure", word, case, lang),
        Verdict::Error => write_outcome(writer, "error", word, case, lang),
        Verdict::NotChecked => {
            writer.begin("skipped", &[("message", case.reason.unwrap_or(word))]);
            writer.end();
        }
        Verdict::Warning | Verdict::Observed if !case.findings.is_empty() => {
            writer.begin("system-out", &[]);
            writer.text(&format!("{word}\n\n{}", details(case, lang)));
            writer.end();
        }
        Verdict::Warning | Verdict::Observed | Verdict::Pass => {}
    }
    writer.end();
}

fn write_outcome(writer: &mut Writer, element: &'static str, word: &str, case: &Case<'_>, lang: Lang) {
    let first = case.findings.iter().find(|finding| finding.explained_by.is_none()).or(case.findings.first());
    let message = match (first, case.reason) {
        (Some(finding), _) => format!("{}: {}", finding.rule, finding.seen),
        (None, Some(reason)) => reason.to_owned(),
        (None, None) => word.to_owned(),
    };
    let kind = first.map_or(word, |finding| finding.kind.as_str());
    writer.begin(element, &[("message", &message), ("type", kind)]);
    writer.text(&details(case, lang));
    writer.end();
}

/// What the findings of a case say; long lists are cut, for the whole is in `report.json`.
fn details(case: &Case<'_>, lang: Lang) -> String {
    const MOST: usize = 20;
    let w = words::Words::of(lang);
    let mut out = String::new();
    for finding in case.findings.iter().take(MOST) {
        let exchange = finding.exchange.map(|n| format!(", {} {n}", w.exchange.to_lowercase())).unwrap_or_default();
        let position = match (finding.line, finding.column) {
            (Some(line), Some(column)) => format!(", {} {line}, {} {column}", w.line, w.column),
            _ => String::new(),
        };
        let word = words::severity(finding.severity).get(lang);
        out.push_str(&format!("{} ({}) {word}: {}{exchange}{position}\n", finding.rule, finding.code, finding.place));
        out.push_str(&format!("  {}: {}\n", w.expected.to_lowercase(), finding.expected));
        out.push_str(&format!("  {}: {}\n", w.seen.to_lowercase(), finding.seen));
        if let Some(root) = &finding.explained_by {
            out.push_str(&format!("  {}: {root}\n", w.explained_by.to_lowercase()));
        }
    }
    if case.findings.len() > MOST {
        out.push_str(&words::more(case.findings.len() - MOST, lang));
        out.push('\n');
    }
    out
}

fn seconds(milliseconds: f64) -> String {
    format!("{:.3}", milliseconds / 1000.0)
}
