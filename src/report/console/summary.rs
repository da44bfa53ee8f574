//! What the terminal shows when all is judged.

use std::path::PathBuf;

use colored::Color as Hue;

use crate::diag::Lang;
use crate::diag::Severity;
use crate::event::Verdict;
use crate::report::console::Options;
use crate::report::console::Verbosity;
use crate::report::console::paint::Paint;
use crate::report::console::paint::cut;
use crate::report::console::paint::plain;
use crate::report::console::paint::wrap;
use crate::report::model::FindingReport;
use crate::report::model::RunReport;
use crate::report::model::ScenarioReport;
use crate::report::model::VerdictCounts;
use crate::report::words;
use crate::report::words::Words;

/// The whole text.
pub fn render(report: &RunReport, written: &[PathBuf], options: &Options, paint: &Paint) -> String {
    let mut page = Page {
        out: String::new(),
        report,
        paint: *paint,
        lang: options.lang,
        w: Words::of(options.lang),
        width: options.width.clamp(40, 120),
        verbosity: options.verbosity,
    };
    if options.verbosity > Verbosity::Quiet {
        page.matrices();
    }
    page.findings();
    if options.verbosity > Verbosity::Quiet {
        page.areas();
        page.roles();
    }
    page.stale_waivers();
    page.verdict();
    page.files(written);
    page.out
}

struct Page<'r> {
    out: String,
    report: &'r RunReport,
    paint: Paint,
    lang: Lang,
    w: Words,
    width: usize,
    verbosity: Verbosity,
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    fn heading(&mut self, title: &str) {
        let rule = "─".repeat(self.width.saturating_sub(title.chars().count() + 4));
        let line = format!("{} {} {}", self.paint.dim("──"), self.paint.strong(title), self.paint.dim(&rule));
        self.line(&line);
    }

    /// For each suite a line a scenario: its number, its title and a sign for each instance.
    fn matrices(&mut self) {
        let report = self.report;
        for suite in report.suites.iter().filter(|suite| suite.counts.total > 0) {
            self.heading(&suite.title);
            let own: Vec<_> = report.scenarios.iter().filter(|scenario| scenario.suite == suite.id).collect();
            let patients = patients(&own);
            let most = own.iter().map(|s| instances(&own, &s.id).count()).max().unwrap_or(1);
            let titles = self.width.saturating_sub(12 + 2 * most + patients.len()).clamp(16, 48);
            if patients.len() > 1 {
                let line = format!("{:12}{}", "", self.paint.dim(&plain(&patients.join(" │ "))));
                self.line(&line);
            }
            let mut seen: Vec<&str> = Vec::new();
            for scenario in &own {
                if seen.contains(&scenario.id.as_str()) {
                    continue;
                }
                seen.push(&scenario.id);
                self.matrix_row(scenario, &own, titles);
            }
            let line = format!("{:9}{}", "", self.tally(&suite.counts));
            self.line(&line);
            self.line("");
        }
    }

    fn matrix_row(&mut self, scenario: &ScenarioReport, own: &[&ScenarioReport], titles: usize) {
        let mut signs = String::new();
        let mut last: Option<&Option<String>> = None;
        for instance in instances(own, &scenario.id) {
            if last.is_some_and(|patient| *patient != instance.patient) {
                signs.push_str(&self.paint.dim("│ "));
            }
            last = Some(&instance.patient);
            signs.push_str(&self.paint.verdict(instance.verdict, words::icon(instance.verdict)));
            signs.push(' ');
        }
        let title = cut(&plain(&scenario.title), titles);
        let line = format!("  {:>6} {title:<titles$}  {signs}", scenario.id);
        self.line(&line);
    }

    /// Counts with their words, what is wrong first.
    fn tally(&self, counts: &VerdictCounts) -> String {
        let parts = [
            (Verdict::Fail, counts.fail),
            (Verdict::Error, counts.error),
            (Verdict::Warning, counts.warning),
            (Verdict::Pass, counts.pass),
            (Verdict::Observed, counts.observed),
            (Verdict::NotChecked, counts.not_checked),
        ];
        let parts = parts.into_iter().filter(|(_, count)| *count > 0).map(|(verdict, count)| {
            let text = format!("{} {count} {}", words::icon(verdict), words::verdict(verdict, self.lang));
            self.paint.verdict(verdict, &text)
        });
        parts.collect::<Vec<_>>().join("  ")
    }

    fn findings(&mut self) {
        let report = self.report;
        let mut roots: Vec<_> = report.roots().collect();
        match self.verbosity {
            Verbosity::Quiet => roots.retain(|f| f.severity == Severity::Error && f.waived.is_none()),
            Verbosity::Normal => roots.retain(|f| f.severity >= Severity::Warning),
            Verbosity::Verbose => {}
        }
        if roots.is_empty() {
            return;
        }
        roots.sort_by_key(|f| (f.waived.is_some(), std::cmp::Reverse(f.severity)));
        self.heading(self.w.findings);
        // Of one kind the first few say it; the report has them all.
        const OF_A_KIND: usize = 3;
        let mut kinds: Vec<((&str, &str), usize)> = Vec::new();
        for root in roots {
            let kind = (root.rule.as_str(), root.kind.as_str());
            let count = match kinds.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, count)) => {
                    *count += 1;
                    *count
                }
                None => {
                    kinds.push((kind, 1));
                    1
                }
            };
            if count <= OF_A_KIND || self.verbosity == Verbosity::Verbose {
                self.finding(root);
            }
        }
        if self.verbosity != Verbosity::Verbose {
            let mut is_cut = false;
            for ((rule, kind), count) in kinds.into_iter().filter(|(_, count)| *count > OF_A_KIND) {
                let text = format!("  … {rule} {kind}: {}", words::more(count - OF_A_KIND, self.lang));
                let text = self.paint.dim(&text);
                self.line(&text);
                is_cut = true;
            }
            if is_cut {
                self.line("");
            }
        }
    }

    fn finding(&mut self, finding: &FindingReport) {
        let w = self.w;
        let verdict = words::finding_verdict(finding.severity, finding.waived.is_some());
        let row = self.report.requirement(&finding.rule);
        let mut head = format!(
            "  {} {}  {}  {}",
            self.paint.verdict(verdict, words::icon(verdict)),
            self.paint.verdict(verdict, &finding.rule),
            self.paint.dim(&finding.code),
            words::party(finding.party).get(self.lang),
        );
        if let Some(reason) = &finding.waived {
            head.push_str(&self.paint.hue(Hue::Cyan, &format!("  {}: {}", w.waived.to_lowercase(), plain(reason))));
        }
        self.line(&head);
        let mut place = finding.place.clone();
        if let (Some(line), Some(column)) = (finding.line, finding.column) {
            place.push_str(&format!(" ({} {line}, {} {column})", w.line, w.column));
        }
        self.field(w.place, &place, None);
        self.field(w.expected, &finding.expected, Some(Hue::Green));
        self.field(w.seen, &finding.seen, Some(if verdict == Verdict::Fail { Hue::Red } else { Hue::Yellow }));
        let exchange = finding.exchange.map(|number| format!("{} {number}", w.exchange.to_lowercase()));
        let evidence: Vec<_> = [finding.scenario.clone(), exchange].into_iter().flatten().collect();
        if !evidence.is_empty() {
            self.field(w.evidence_short, &evidence.join(" · "), None);
        }
        if let Some(source) = row.and_then(|row| row.sources.first()) {
            self.field(w.source, source, None);
        }
        let consequences: Vec<_> = self.report.consequences(&finding.id).collect();
        if !consequences.is_empty() {
            let text = words::consequences(consequences.len() as u32, self.lang);
            let mut rules: Vec<&str> = Vec::new();
            for consequence in &consequences {
                if !rules.contains(&consequence.rule.as_str()) {
                    rules.push(&consequence.rule);
                }
            }
            let text =
                format!("    {} {}", self.paint.strong(&text), self.paint.dim(&format!("({})", rules.join(", "))));
            self.line(&text);
            if self.verbosity == Verbosity::Verbose {
                for consequence in consequences {
                    let text = format!("{} {}: {}", consequence.rule, consequence.place, consequence.seen);
                    self.field("", &text, None);
                }
            }
        }
        self.line("");
    }

    /// A name and a value that is wrapped beside it. Addresses and places are never broken by colour.
    fn field(&mut self, name: &str, value: &str, hue: Option<Hue>) {
        const NAME: usize = 9;
        let indent = 4 + NAME + 2;
        for (index, part) in wrap(&plain(value), self.width.saturating_sub(indent)).iter().enumerate() {
            let name = if index == 0 { name.to_lowercase() } else { String::new() };
            let name = self.paint.dim(&format!("{name:<NAME$}"));
            let part = hue.map_or_else(|| part.clone(), |hue| self.paint.hue(hue, part));
            let line = format!("    {name}  {part}");
            self.line(&line);
        }
    }

    fn areas(&mut self) {
        let w = self.w;
        self.heading(&format!("{} {}", w.framework, self.report.release));
        // The title is the first to give way when the terminal is narrow.
        let titles = self.width.saturating_sub(52).clamp(14, 34);
        let row = |title: &str, cells: [String; 5]| {
            let [total, judged, open, person, paper] = cells;
            format!("  {:<titles$}{total:>7}{judged:>10}{open:>14}{person:>9}{paper:>8}", cut(title, titles - 1))
        };
        let head = [w.total, w.judged, w.not_judged, w.person_short, w.paper_short].map(|name| name.to_lowercase());
        let head = self.paint.dim(&row("", head));
        self.line(&head);
        let report = self.report;
        let numbers = |counts: &VerdictCounts, manual: u32, paper: u32| {
            let open = counts.not_checked.saturating_sub(manual + paper);
            [counts.total, counts.judged(), open, manual, paper].map(|number| number.to_string())
        };
        for area in &report.acceptatie {
            let bad = VerdictCounts { pass: 0, observed: 0, not_checked: 0, ..area.counts };
            let cells = numbers(&area.counts, area.manual, area.paper);
            let line = format!("{}  {}", row(&area.title, cells), self.tally(&bad));
            self.line(&line);
        }
        let counts = &report.counts;
        let cells = numbers(&counts.requirements, counts.manual, counts.paper);
        let line = self.paint.strong(&row(w.total, cells));
        self.line(&line);
        self.line("");
    }

    fn roles(&mut self) {
        let report = self.report;
        if report.kwalificatie.is_empty() {
            return;
        }
        self.heading(self.w.kwalificatie_short);
        for role in &report.kwalificatie {
            let word = format!("{} {}", words::icon(role.verdict), words::verdict(role.verdict, self.lang));
            let judged = format!(
                "{} {} {} {} {}",
                role.counts.judged(),
                self.w.of,
                role.counts.total,
                self.w.scenarios_running,
                self.w.judged
            );
            let detail = role.reason.clone().unwrap_or(judged);
            let word = self.paint.verdict(role.verdict, &format!("{word:<20}"));
            let line = format!("  {:<34}{word}{}", plain(&role.systeemrol), self.paint.dim(&detail));
            self.line(&line);
        }
        self.line("");
    }

    fn stale_waivers(&mut self) {
        for stale in &self.report.stale_waivers {
            let text = format!("  {} {}: {}", words::icon(Verdict::Fail), plain(&stale.rule), plain(&stale.reason));
            let text = self.paint.verdict(Verdict::Fail, &text);
            self.line(&text);
        }
    }

    fn verdict(&mut self) {
        let (word, verdict, meaning) = words::run_verdict(self.report.verdict);
        let word = format!(" {} {} ", words::icon(verdict), word.get(self.lang).to_uppercase());
        let findings = &self.report.counts.findings;
        let not_checked = self.report.counts.requirements.not_checked;
        let line = format!(
            "{}  {}",
            self.paint.verdict(verdict, &word),
            words::tally(findings.error, findings.warning, not_checked, self.lang)
        );
        self.line(&line);
        for part in wrap(meaning.get(self.lang), self.width.saturating_sub(3)) {
            let line = format!("   {}", self.paint.dim(&part));
            self.line(&line);
        }
        if let Some(reason) = &self.report.stopped {
            let text = format!("{} {}", self.w.stopped, plain(reason));
            for part in wrap(&text, self.width.saturating_sub(3)) {
                self.line(&format!("   {part}"));
            }
        }
    }

    fn files(&mut self, written: &[PathBuf]) {
        let Some(folder) = written.first().and_then(|path| path.parent()) else { return };
        let names: Vec<_> = written.iter().filter_map(|path| path.file_name()?.to_str()).collect();
        let line = format!("   {} {}/  {}", self.w.written, folder.display(), self.paint.dim(&names.join(" ")));
        self.line(&line);
    }
}

fn patients<'r>(scenarios: &[&'r ScenarioReport]) -> Vec<&'r str> {
    let mut names: Vec<&str> = Vec::new();
    for name in scenarios.iter().filter_map(|scenario| scenario.patient.as_deref()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn instances<'a, 'r>(own: &'a [&'r ScenarioReport], id: &'a str) -> impl Iterator<Item = &'r ScenarioReport> + 'a {
    own.iter().copied().filter(move |scenario| scenario.id == id)
}
