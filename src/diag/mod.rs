//! What can be said of a mistake: severities, bilingual texts, findings, and errors in files that people write.
//!
//! Knows nothing of rendering (that is `report` and `cli`), of HTTP or of FHIR. Entry points: [`Issue`] for what a
//! candidate did, [`SourceError`] for a mistake in a suite, candidate file, package or list.

mod source;
mod text;

pub use source::SourceError;
pub use source::SourceErrors;
pub use source::did_you_mean;
pub use source::suggestion;
pub use text::Lang;
pub use text::Text;

/// How bad a finding is. The order is that of severity.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Recorded; never held against the candidate.
    Information,
    /// Advice, or a breach of a rule whose text is not good enough to fail on.
    Warning,
    /// The candidate breaks the rule.
    Error,
}

/// One deviation that a rule, an expectation or the validator found. A value, never an `Err`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// How bad it is, before the register's cap.
    pub severity: Severity,
    /// Stable id of the kind of deviation, such as `token-cache-control` or `cardinality-min`.
    pub code: &'static str,
    /// Number of the exchange in the run's trace (from 1), when one shows it.
    pub exchange: Option<u32>,
    /// Where: a header, a parameter, or a FHIRPath into the body (`Cache-Control`, `Bundle.entry[2].resource.code`).
    pub place: String,
    /// Line and column in the body, from 1, when the place has them.
    pub position: Option<(u32, u32)>,
    /// What the rule asks.
    pub expected: Text,
    /// What was seen, redacted.
    pub seen: Text,
}

impl Issue {
    /// A deviation that breaks the rule. Builder methods add what else is known.
    pub fn error(code: &'static str, place: impl Into<String>, expected: Text, seen: Text) -> Self {
        Self { severity: Severity::Error, code, exchange: None, place: place.into(), position: None, expected, seen }
    }

    /// A deviation that is advice, or that the evidence does not carry further.
    pub fn warning(code: &'static str, place: impl Into<String>, expected: Text, seen: Text) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, expected, seen) }
    }

    /// Something recorded that is not held against the candidate.
    pub fn information(code: &'static str, place: impl Into<String>, expected: Text, seen: Text) -> Self {
        Self { severity: Severity::Information, ..Self::error(code, place, expected, seen) }
    }

    /// The exchange that shows it.
    pub fn at(mut self, exchange: u32) -> Self {
        self.exchange = Some(exchange);
        self
    }

    /// Line and column in the body of that exchange.
    pub fn on(mut self, line: u32, column: u32) -> Self {
        self.position = Some((line, column));
        self
    }
}
