//! The terminal: a header, progress while it runs, then findings, totals, the verdict and where the reports are.
//!
//! Knows events and the finished report only. What the candidate sent is shown without its control characters.

pub(in crate::report) mod paint;
mod summary;

use std::io;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

use colored::Color as Hue;

use crate::diag::Lang;
use crate::event::RunEvent;
use crate::event::ScenarioOutcome;
use crate::event::Verdict;
use crate::report::console::paint::Paint;
use crate::report::console::paint::cut;
use crate::report::console::paint::plain;
use crate::report::fold::RunInfo;
use crate::report::model::RunReport;
use crate::report::model::VerdictCounts;
use crate::report::words;
use crate::report::words::Words;

/// When to use colour (`--color`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set or `CLICOLOR` is 0; with `CLICOLOR_FORCE` always.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How much to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// The verdict line and what fails (`-q`).
    Quiet,
    /// What does not pass, and the totals.
    #[default]
    Normal,
    /// Every scenario, every finding and every consequence (`-v`).
    Verbose,
}

/// How the terminal is used.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Language of the texts.
    pub lang: Lang,
    /// Colour.
    pub color: Color,
    /// How much to show.
    pub verbosity: Verbosity,
    /// Whether a progress line can be redrawn: the output is a terminal.
    pub is_terminal: bool,
    /// Width in characters.
    pub width: usize,
    /// Least time between two drawings of the progress line.
    pub redraw: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lang: Lang::Nl,
            color: Color::Auto,
            verbosity: Verbosity::Normal,
            is_terminal: false,
            width: 100,
            redraw: Duration::from_millis(80),
        }
    }
}

/// The terminal view of one run.
#[derive(Debug)]
pub struct Console<W: Write> {
    out: W,
    options: Options,
    paint: Paint,
    /// Verdicts so far.
    finished: Vec<Verdict>,
    total: usize,
    now_running: String,
    is_drawn: bool,
    /// Whether lines of scenarios were written.
    has_lines: bool,
    last_drawn: Option<Instant>,
    /// The first error of the output; after it nothing more is written.
    error: Option<io::Error>,
}

impl<W: Write> Console<W> {
    /// A view on this output.
    pub fn new(out: W, options: Options) -> Self {
        let paint = Paint::new(options.color, options.is_terminal);
        Self {
            out,
            options,
            paint,
            finished: Vec::new(),
            total: 0,
            now_running: String::new(),
            is_drawn: false,
            has_lines: false,
            last_drawn: None,
            error: None,
        }
    }

    /// Who is tested, where, by what; shown before the first event.
    pub fn header(&mut self, info: &RunInfo<'_>) {
        if self.options.verbosity == Verbosity::Quiet {
            return;
        }
        let lang = self.options.lang;
        let w = Words::of(lang);
        let candidate = info.candidate;
        let what = format!("{} {}", plain(&candidate.product), plain(&candidate.version));
        let whose = if info.is_reference { w.reference.to_owned() } else { plain(&candidate.vendor) };
        let mut text = format!("{} {}\n", self.paint.strong(&format!("toetsbank {}", info.tool_version)), info.run_id);
        let mut field = |name: &str, value: String| {
            text.push_str(&format!("{}  {value}\n", self.paint.dim(&format!("{name:>13}"))));
        };
        let release = format!("{} {}", w.framework, info.release.label());
        if let Some(traffic) = &info.traffic {
            for party in &traffic.parties {
                let verdict = words::run_verdict(party.verdict).0.get(lang);
                let counts =
                    format!("{}, {}", words::errors(party.errors, lang), words::warnings(party.warnings, lang));
                let names = self.paint.strong(&plain(&party.names.join(", ")));
                field(words::party(party.party).get(lang), format!("{names}  {verdict} · {counts}"));
            }
            field(w.captures, plain(&traffic.captures.join(", ")));
            let (read, left_out) = (traffic.read, traffic.left_out);
            field(w.exchanges_read, format!("{read}; {left_out} {} · {release}", w.left_out));
        } else {
            field(w.candidate, format!("{}  {}", self.paint.strong(&what), self.paint.dim(&whose)));
            field(w.provider, plain(&candidate.provider));
            let environment = words::environment(candidate.environment).get(lang);
            field(w.environment, format!("{environment} · {release}"));
        }
        let suites: Vec<_> = info.suites.iter().map(|suite| suite.title.get(lang).to_owned()).collect();
        field(w.suites, suites.join(" · "));
        if !info.selection.is_empty() {
            field(w.selection, plain(&info.selection));
        }
        if !info.defects.is_empty() {
            field(w.defects_short, self.paint.hue(Hue::Yellow, &info.defects.join(", ")));
        }
        text.push('\n');
        self.write(&text);
    }

    /// What happens while it runs. The outcome itself is shown by [`Console::summary`].
    pub fn event(&mut self, event: &RunEvent<'_>) {
        match event {
            RunEvent::RunStarted { scenarios, .. } => self.total = *scenarios,
            RunEvent::ScenarioStarted { key, title } => {
                self.now_running = format!("{key} {}", title.get(self.options.lang));
                self.draw(false);
            }
            RunEvent::StepFinished { .. } => self.draw(false),
            RunEvent::ScenarioFinished(outcome) => self.scenario_finished(outcome),
            RunEvent::RunFinished(_) => self.erase(),
        }
    }

    /// The findings, the totals, the verdict, and the files that were written.
    pub fn summary(&mut self, report: &RunReport, written: &[PathBuf]) {
        self.erase();
        if self.has_lines {
            self.write("\n");
        }
        let text = summary::render(report, written, &self.options, &self.paint);
        self.write(&text);
    }

    /// Ends the view.
    ///
    /// # Errors
    /// The first error of the output, such as a closed pipe.
    pub fn finish(mut self) -> io::Result<W> {
        self.erase();
        match self.error {
            Some(error) => Err(error),
            None => self.out.flush().map(|()| self.out),
        }
    }

    fn scenario_finished(&mut self, outcome: &ScenarioOutcome) {
        self.finished.push(outcome.verdict);
        let is_shown = match self.options.verbosity {
            Verbosity::Quiet => false,
            Verbosity::Normal => matches!(outcome.verdict, Verdict::Fail | Verdict::Error | Verdict::Warning),
            Verbosity::Verbose => true,
        };
        if is_shown {
            self.erase();
            self.has_lines = true;
            let lang = self.options.lang;
            let word = format!("{:>16}", words::verdict(outcome.verdict, lang));
            let instance: Vec<&str> =
                [outcome.patient.as_deref(), outcome.format.map(|f| f.word())].into_iter().flatten().collect();
            let title = format!("{} {}", outcome.id, outcome.title.get(lang));
            let line = format!(
                "{} {} {}  {}  {}\n",
                self.paint.verdict(outcome.verdict, &word),
                self.paint.verdict(outcome.verdict, words::icon(outcome.verdict)),
                self.paint.dim(&outcome.suite),
                plain(&title),
                self.paint.dim(&plain(&instance.join(" · ")))
            );
            self.write(&line);
        }
        self.draw(true);
    }

    /// Draws the progress line, not more often than asked. Without a terminal it is a plain line now and then.
    fn draw(&mut self, is_progress: bool) {
        const PLAIN_INTERVAL: Duration = Duration::from_secs(10);
        let interval = if self.options.is_terminal { self.options.redraw } else { PLAIN_INTERVAL };
        let now = Instant::now();
        let is_due = self.last_drawn.is_none_or(|last| now.duration_since(last) >= interval);
        if self.options.verbosity == Verbosity::Quiet || !is_due {
            return;
        }
        self.last_drawn = Some(now);
        if self.options.is_terminal {
            let line = self.progress_line();
            self.write(&format!("\r\x1b[2K{line}"));
            self.is_drawn = true;
        } else if is_progress && self.finished.len() > 1 && self.finished.len() < self.total {
            let line = format!(
                "  {}/{} {}\n",
                self.finished.len(),
                self.total,
                Words::of(self.options.lang).scenarios_running
            );
            self.write(&line);
        }
    }

    fn progress_line(&self) -> String {
        const BAR: usize = 24;
        let done = self.finished.len();
        let filled = (BAR * done).checked_div(self.total.max(1)).unwrap_or(0).min(BAR);
        let bar = format!("{}{}", "━".repeat(filled), "─".repeat(BAR - filled));
        let counts = VerdictCounts::of(self.finished.iter().copied());
        let mut tallies = String::new();
        for (verdict, count) in
            [(Verdict::Fail, counts.fail), (Verdict::Error, counts.error), (Verdict::Warning, counts.warning)]
        {
            if count > 0 {
                tallies.push_str(&self.paint.verdict(verdict, &format!(" {}{count}", words::icon(verdict))));
            }
        }
        // The name of what runs is the first to give way when the terminal is narrow.
        let used = 3 + BAR + 2 * self.total.to_string().len() + 14;
        let running = cut(&plain(&self.now_running), self.options.width.saturating_sub(used));
        let hue = if counts.fail > 0 { Hue::Red } else { Hue::Green };
        format!(" {} {done}/{}{tallies}  {}", self.paint.hue(hue, &bar), self.total, self.paint.dim(&running))
    }

    fn erase(&mut self) {
        if self.is_drawn {
            self.is_drawn = false;
            self.write("\r\x1b[2K");
        }
    }

    fn write(&mut self, text: &str) {
        if self.error.is_none() {
            let written = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
            self.error = written.err();
        }
    }
}
