//! What is wrong with a list: the rule, the place, what was expected and seen, what to do; and the collector of it.

use crate::diag::Severity;
use crate::diag::Text;
use crate::lists::schema::Evidence;
use crate::requirement::register;
use crate::text;

/// Most mistakes that are kept of one list.
const MOST: usize = 1000;

/// One mistake in a list. Its severity is never above what the register's row allows, nor above what the schema's evidence does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Local id of the row of the register.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Stable id of the kind of mistake, such as `element-missing`.
    pub code: &'static str,
    /// Byte offset and length in the text.
    pub span: (usize, usize),
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Path of the element: `Whitelist/MedMijNodes/MedMijNode[2]/Hostname`.
    pub place: String,
    /// What the rule asks.
    pub expected: Text,
    /// What stands there.
    pub seen: Text,
    /// What to do.
    pub fix: Text,
}

impl Mistake {
    /// What is wrong, in one sentence.
    pub fn message(&self) -> Text {
        let Mistake { expected, seen, .. } = self;
        if expected.nl.is_empty() {
            return seen.clone();
        }
        Text::new(format!("{}; verwacht: {}", seen.nl, expected.nl), format!("{}; expected: {}", seen.en, expected.en))
    }
}

/// Where something stands: its path and its bytes.
#[derive(Clone, Debug)]
pub struct Spot {
    /// Path of the element.
    pub place: String,
    /// Byte offset and length.
    pub span: (usize, usize),
}

/// What is to be said of a mistake.
#[derive(Debug)]
pub struct Said {
    /// What the rule asks; may be empty.
    pub expected: Text,
    /// What stands there.
    pub seen: Text,
    /// What to do.
    pub fix: Text,
}

/// Gathers the mistakes of one text.
#[derive(Debug)]
pub struct Collector {
    /// Offsets at which lines begin.
    lines: Vec<usize>,
    /// The worst that a breach of the schema may be.
    most: Severity,
    /// Mistakes that were left out.
    dropped: usize,
    /// Offset and column of the last mistake: a list may be one line of megabytes.
    last: (usize, usize),
    found: Vec<Mistake>,
}

impl Collector {
    /// For a text.
    pub fn new(text: &str) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self {
            lines: [0].into_iter().chain(starts).collect(),
            most: Severity::Error,
            dropped: 0,
            last: (0, 1),
            found: Vec::new(),
        }
    }

    /// From here on, what breaks a schema weighs as much as the evidence for it allows.
    pub fn by(&mut self, evidence: Evidence) {
        self.most = if evidence == Evidence::Xsd { Severity::Error } else { Severity::Warning };
    }

    /// Adds a mistake; what breaks a schema that was not seen is a warning.
    pub fn push(
        &mut self,
        text: &str,
        rule: &'static str,
        severity: Severity,
        code: &'static str,
        spot: Spot,
        said: Said,
    ) {
        self.add(text, rule, severity.min(self.most), code, spot, said);
    }

    /// Adds a mistake whatever the evidence for the schema is.
    pub fn add(
        &mut self,
        text: &str,
        rule: &'static str,
        severity: Severity,
        code: &'static str,
        spot: Spot,
        said: Said,
    ) {
        if self.found.len() >= MOST {
            self.dropped += 1;
            return;
        }
        let severity = register().row(rule).map_or(Severity::Information, |row| row.verdict.limit(severity));
        let offset = spot.span.0.min(text.len());
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        let (from, before) = if (start..=offset).contains(&self.last.0) { self.last } else { (start, 1) };
        let column = before + text.get(from..offset).map_or(0, |between| between.chars().count());
        self.last = (offset, column);
        let Said { expected, seen, fix } = said;
        self.found.push(Mistake {
            rule,
            severity,
            code,
            span: spot.span,
            line,
            column,
            place: spot.place,
            expected,
            seen,
            fix,
        });
    }

    /// All that was found, in the order of the text.
    pub fn finish(mut self) -> Vec<Mistake> {
        self.found.sort_by_key(|mistake| mistake.span.0);
        if let (Some(last), true) = (self.found.last().cloned(), self.dropped > 0) {
            let count = self.dropped;
            let seen = text!("nog {count} afwijkingen, niet getoond", "{count} more mistakes, not shown");
            self.found.push(Mistake { code: "more", expected: Text::default(), seen, fix: Text::default(), ..last });
        }
        self.found
    }
}

/// What people see of a value: not too long, and nothing that a terminal would act on.
pub fn shown(value: &str) -> String {
    const LONGEST: usize = 80;
    let mut out: String = value.chars().take(LONGEST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if value.chars().nth(LONGEST).is_some() {
        out.push('…');
    }
    out
}
