//! JUnit XML: a test suite a file, a test case a resource. What was not checked is in properties and the output.
//!
//! Attributes with counts stand before what they count, so a suite waits until it is whole; NDJSON gets a suite for each
//! thousand resources, so that it need not wait long.

use crate::diag::Lang;
use crate::report::validation::Finding;
use crate::report::validation::Judged;
use crate::report::validation::Part;
use crate::report::validation::Tally;
use crate::report::validation::Verdict;
use crate::report::validation::text;
use crate::report::xml::Writer;

/// Most test cases of one suite.
const MOST: usize = 1000;

/// A suite that is not written yet.
#[derive(Debug, Default)]
pub struct Suite {
    file: String,
    first: usize,
    last: usize,
    is_lines: bool,
    cases: String,
    tally: Tally,
}

impl Suite {
    /// Whether a part belongs to another suite.
    pub fn is_full(&self, part: &Part) -> bool {
        self.tally.resources > 0 && (self.file != part.file || self.tally.resources >= MOST)
    }

    /// Adds a test case.
    pub fn add(&mut self, part: Part) {
        if self.tally.resources == 0 {
            (self.file, self.first, self.is_lines) = (part.file, part.line, part.is_lines);
        }
        self.last = part.line;
        self.cases.push_str(&part.text);
        self.tally.add(&part.tally);
    }

    /// The suite as XML; what is left is empty.
    pub fn take(&mut self, lang: Lang) -> String {
        let suite = std::mem::take(self);
        let tally = &suite.tally;
        if tally.resources == 0 {
            return String::new();
        }
        let lines = match lang {
            Lang::Nl => "regels",
            Lang::En => "lines",
        };
        let name = match suite.is_lines {
            true => format!("{} ({lines} {}-{})", suite.file, suite.first, suite.last),
            false => suite.file.clone(),
        };
        let (tests, failures) = (tally.resources.to_string(), tally.invalid.to_string());
        let errors = tally.broken.to_string();
        let mut writer = Writer::part(1);
        writer.begin(
            "testsuite",
            &[("name", &name), ("tests", &tests), ("failures", &failures), ("errors", &errors), ("skipped", "0")],
        );
        properties(&mut writer, tally);
        writer.raw(&suite.cases);
        writer.end();
        writer.finish()
    }
}

/// What stands before the first suite.
pub fn begin() -> &'static str {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"toetsbank validate\">\n"
}

/// What stands after the last suite.
pub fn end() -> &'static str {
    "</testsuites>\n"
}

/// The test case of one resource.
pub fn render(judged: &Judged<'_>, lang: Lang) -> String {
    let source = judged.source;
    let name = match source.is_lines {
        true => format!("{}: {}", source.line, judged.name()),
        false => judged.name(),
    };
    let line = source.line.to_string();
    let mut writer = Writer::part(2);
    writer.begin("testcase", &[("name", &name), ("classname", source.file), ("file", source.file), ("line", &line)]);
    let tally = Tally::of(judged);
    properties(&mut writer, &tally);
    match judged.verdict {
        Verdict::Valid => {}
        Verdict::Broken => {
            let message = judged.not_checked.first().map_or("", |skipped| skipped.reason.get(lang));
            writer.begin("error", &[("message", message), ("type", "bug")]);
            writer.end();
        }
        Verdict::Invalid => {
            let first = judged.findings.iter().find(|finding| finding.severity == worst(judged));
            let (code, message) = first.map_or(("", String::new()), |first| (first.code, headline(first, lang)));
            writer.begin("failure", &[("message", &message), ("type", code)]);
            writer.text(&details(judged, lang));
            writer.end();
        }
    }
    let mut output = String::new();
    if judged.verdict == Verdict::Valid {
        output.push_str(&details(judged, lang));
    }
    if !judged.not_checked.is_empty() {
        output.push_str(&tally.not_checked_phrase(lang));
        output.push('\n');
        for (code, reason, places) in text::by_reason(&judged.not_checked, lang) {
            output.push_str(&format!("  {}x {reason} [{code}]: {}\n", places.len(), places.join(", ")));
        }
    }
    if !output.is_empty() {
        writer.begin("system-out", &[]);
        writer.text(&output);
        writer.end();
    }
    writer.finish()
}

fn properties(writer: &mut Writer, tally: &Tally) {
    let total = tally.not_checked().to_string();
    writer.begin("properties", &[]);
    writer.begin("property", &[("name", "notChecked"), ("value", &total)]);
    writer.end();
    for (code, count) in &tally.not_checked {
        let (name, count) = (format!("notChecked.{code}"), count.to_string());
        writer.begin("property", &[("name", &name), ("value", &count)]);
        writer.end();
    }
    writer.end();
}

fn worst(judged: &Judged<'_>) -> crate::fhir::validate::Severity {
    let severities = judged.findings.iter().map(|finding| finding.severity);
    severities.max().unwrap_or(crate::fhir::validate::Severity::Error)
}

fn headline(finding: &Finding, lang: Lang) -> String {
    let (place, message) = (&finding.place, finding.message.get(lang));
    if place.is_empty() { message.to_owned() } else { format!("{place}: {message}") }
}

fn details(judged: &Judged<'_>, lang: Lang) -> String {
    let mut out = String::new();
    for finding in &judged.findings {
        let (word, code, place) = (text::severity(finding.severity, lang), finding.code, &finding.place);
        let (file, line, column) = (judged.source.file, finding.line, finding.column);
        out.push_str(&format!("{file}:{line}:{column}: {word} [{code}] {place}\n"));
        for (label, text) in text::facts(finding, lang) {
            out.push_str(&format!("  {label}: {text}\n"));
        }
    }
    out
}
