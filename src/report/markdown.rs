//! `summary.md`: the outcome in short, for the summary of a CI job.

use std::fmt::Write;

use crate::event::Verdict;
use crate::report::model::RunReport;
use crate::report::words;
use crate::report::words::Words;

/// The report in short, as GitHub-flavoured Markdown.
pub fn render(report: &RunReport) -> String {
    let lang = words::language(&report.lang);
    let w = Words::of(lang);
    let (word, verdict, meaning) = words::run_verdict(report.verdict);
    let candidate = &report.candidate;
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "# {} {}: {}\n", words::icon(verdict), cell(&candidate.product), word.get(lang));
    let _ = writeln!(
        out,
        "{} {} {}, {} {}. {}\n",
        cell(&candidate.vendor),
        cell(&candidate.product),
        cell(&candidate.version),
        w.framework,
        report.release,
        meaning.get(lang)
    );
    for party in report.traffic.iter().flat_map(|traffic| &traffic.parties) {
        let (who, names) = (words::party(party.party).get(lang), cell(&party.names.join(", ")));
        let verdict = words::run_verdict(party.verdict).0.get(lang);
        let (errors, warnings) = (words::errors(party.errors, lang), words::warnings(party.warnings, lang));
        let _ = writeln!(out, "- {who} {names}: {verdict}; {errors}, {warnings}");
    }
    if report.traffic.is_some() {
        out.push('\n');
    }
    let (scenarios, requirements) = (report.counts.scenarios, report.counts.requirements);
    let _ = writeln!(out, "| | {} | {} | {} |", w.total, w.judged, w.not_judged);
    let _ = writeln!(out, "| --- | ---: | ---: | ---: |");
    for (title, counts) in [(w.scenarios, scenarios), (w.requirements, requirements)] {
        let _ = writeln!(
            out,
            "| {title} | {} | {} | {} |",
            counts.total,
            counts.judged(),
            counts.not_checked + counts.error
        );
    }
    let _ = writeln!(out, "\n## {}\n", w.findings);
    let mut roots = report.roots().filter(|finding| finding.waived.is_none()).peekable();
    if roots.peek().is_none() {
        let _ = writeln!(out, "{}", w.no_findings);
        return out;
    }
    let _ = writeln!(out, "| {} | {} | {} | {} | {} |", w.requirement, w.severity, w.place, w.expected, w.seen);
    let _ = writeln!(out, "| --- | --- | --- | --- | --- |");
    const MOST: usize = 50;
    for finding in roots.by_ref().take(MOST) {
        let _ = writeln!(
            out,
            "| {} ({}) | {} {} | {} | {} | {} |",
            finding.rule,
            cell(&finding.code),
            words::icon(words::severity_verdict(finding.severity)),
            words::severity(finding.severity).get(lang),
            cell(&finding.place),
            cell(&finding.expected),
            cell(&finding.seen)
        );
    }
    let rest = roots.count();
    if rest > 0 {
        let _ = writeln!(out, "\n{}", words::more(rest, lang));
    }
    let failing = report.requirements.iter().filter(|row| row.verdict == Verdict::Fail).map(|row| row.rule.as_str());
    let failing: Vec<_> = failing.collect();
    if !failing.is_empty() {
        let _ = writeln!(out, "\n{}: {}", words::verdict(Verdict::Fail, lang), failing.join(", "));
    }
    out
}

/// Text that stays text in a table cell: no markup, no HTML, one line.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_stays_one_cell() {
        assert_eq!(cell("a|b\n<script>[x](y)"), "a\\|b &lt;script&gt;\\[x\\](y)");
    }
}
