//! What `validate` prints: each resource that was judged, in one of six forms, and a count at the end.
//!
//! Writes as it goes and keeps nothing but counts, so a file of any size fits. Knows what was found, not how. Entry
//! points: [`Judged`] for one resource, [`render`] for its part of the output (on any thread), [`Report`] for the whole.

mod json;
mod junit;
mod model;
mod operation_outcome;
mod privacy;
mod sarif;
pub(super) mod snippet;
mod tally;
mod text;

use std::io;
use std::io::Write;

use crate::diag::Lang;
use crate::fhir::definitions::FhirVersion;
use crate::report::Color;
use crate::report::console::paint::Paint;

pub use model::Finding;
pub use model::Judged;
pub use model::Skipped;
pub use model::Source;
pub use model::Verdict;
pub use tally::Tally;

/// Form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people, with the line and a caret.
    Text,
    /// A list with an object for each resource.
    Json,
    /// An object for each resource, one a line.
    Jsonl,
    /// A FHIR OperationOutcome; for more than one resource a Bundle of them.
    OperationOutcome,
    /// JUnit XML: a test suite a file, a test case a resource.
    Junit,
    /// SARIF 2.1.0.
    Sarif,
}

/// How the output is written.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Form.
    pub form: Form,
    /// Language of what people read.
    pub lang: Lang,
    /// FHIR version of what was judged; an OperationOutcome is of the same one.
    pub fhir: FhirVersion,
    paint: Paint,
}

impl Style {
    /// A style; colour is for text only.
    pub fn new(form: Form, lang: Lang, fhir: FhirVersion, color: Color, is_terminal: bool) -> Self {
        Self { form, lang, fhir, paint: Paint::new(color, is_terminal) }
    }
}

/// The part of the output that one resource makes, with its counts.
#[derive(Clone, Debug)]
pub struct Part {
    file: String,
    line: usize,
    is_lines: bool,
    text: String,
    tally: Tally,
}

/// Makes the part of one resource.
pub fn render(judged: &Judged<'_>, style: Style) -> Part {
    let text = match style.form {
        Form::Text => text::render(judged, style.lang, style.paint),
        Form::Json | Form::Jsonl => json::render(judged, style.lang),
        Form::OperationOutcome => operation_outcome::render(judged, style),
        Form::Junit => junit::render(judged, style.lang),
        Form::Sarif => sarif::render(judged, style.lang),
    };
    let source = &judged.source;
    Part { file: source.file.to_owned(), line: source.line, is_lines: source.is_lines, text, tally: Tally::of(judged) }
}

/// The whole output, written part by part.
pub struct Report<W: Write> {
    out: W,
    style: Style,
    total: Tally,
    /// A part that waits, because it looks different when it is the only one.
    held: Option<String>,
    suite: junit::Suite,
    files: usize,
    last_file: Option<String>,
}

impl<W: Write> Report<W> {
    /// Begins.
    ///
    /// # Errors
    /// What writing gives.
    pub fn begin(mut out: W, style: Style) -> io::Result<Self> {
        match style.form {
            Form::Json => out.write_all(b"[")?,
            Form::Junit => out.write_all(junit::begin().as_bytes())?,
            Form::Sarif => out.write_all(sarif::begin(style.lang).as_bytes())?,
            Form::Text | Form::Jsonl | Form::OperationOutcome => {}
        }
        let (total, suite) = (Tally::default(), junit::Suite::default());
        Ok(Self { out, style, total, held: None, suite, files: 0, last_file: None })
    }

    /// Adds the part of one resource; parts come in the order of the input.
    ///
    /// # Errors
    /// What writing gives.
    pub fn add(&mut self, part: Part) -> io::Result<()> {
        let first = self.total.resources == 0;
        if self.last_file.as_ref() != Some(&part.file) {
            self.files += 1;
            self.last_file = Some(part.file.clone());
        }
        self.total.add(&part.tally);
        match self.style.form {
            Form::Text => self.out.write_all(part.text.as_bytes()),
            Form::Jsonl => writeln!(self.out, "{}", part.text),
            Form::Json | Form::Sarif => {
                if part.text.is_empty() {
                    return Ok(());
                }
                let comma = if self.held.replace(String::new()).is_some() { ",\n" } else { "\n" };
                write!(self.out, "{comma}{}", part.text)
            }
            Form::OperationOutcome if first => {
                self.held = Some(part.text);
                Ok(())
            }
            Form::OperationOutcome => {
                if let Some(held) = self.held.take() {
                    write!(self.out, "{}{}", operation_outcome::begin(), operation_outcome::entry(&held))?;
                }
                write!(self.out, ",\n{}", operation_outcome::entry(&part.text))
            }
            Form::Junit => {
                let full = self.suite.is_full(&part);
                if full {
                    self.out.write_all(self.suite.take(self.style.lang).as_bytes())?;
                }
                self.suite.add(part);
                Ok(())
            }
        }
    }

    /// Ends, and gives the counts.
    ///
    /// # Errors
    /// What writing gives.
    pub fn end(mut self) -> io::Result<Tally> {
        match self.style.form {
            Form::Text => {
                let summary = text::summary(&self.total, self.files, self.style.lang, self.style.paint);
                self.out.write_all(summary.as_bytes())?;
            }
            Form::Json => self.out.write_all(b"\n]\n")?,
            Form::Jsonl => {}
            Form::OperationOutcome => match (self.held.take(), self.total.resources) {
                (Some(only), _) => writeln!(self.out, "{}", operation_outcome::pretty(&only))?,
                (None, 0) => {}
                (None, _) => self.out.write_all(operation_outcome::end().as_bytes())?,
            },
            Form::Junit => {
                let suite = self.suite.take(self.style.lang);
                write!(self.out, "{suite}{}", junit::end())?;
            }
            Form::Sarif => self.out.write_all(sarif::end(&self.total, self.style.lang).as_bytes())?,
        }
        self.out.flush()?;
        Ok(self.total)
    }
}
