//! What a validation finds and what it could not decide.

use crate::diag::Lang;
use crate::diag::Text;
use crate::fhir::Span;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Information,
    /// Allowed, unwise.
    Warning,
    /// Not conformant.
    Error,
}

impl Severity {
    /// The word in FHIR and in our output.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Information => "information",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One deviation of an instance from a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// How bad it is.
    pub severity: Severity,
    /// Stable id of the kind of deviation: `cardinality-min`.
    pub code: &'static str,
    /// FHIRPath from the resource's type, choice elements by their base name: `Observation.component[0].value`.
    pub place: String,
    /// Where in the source text.
    pub span: Span,
    /// Canonical of the profile or type that asks it.
    pub profile: Box<str>,
    /// Id of the element in that profile: `Observation.component:systolic.value[x]`.
    pub element: Box<str>,
    /// What the profile asks.
    pub expected: Text,
    /// What stands there.
    pub seen: Text,
}

impl Issue {
    /// The whole finding as one sentence for people.
    pub fn message(&self, lang: Lang) -> String {
        let (expected, seen) = (self.expected.get(lang), self.seen.get(lang));
        let (profile, element) = (&self.profile, &self.element);
        match lang {
            Lang::Nl => format!("verwacht {expected}; gezien: {seen} (profiel {profile}, element {element})"),
            Lang::En => format!("expected {expected}; seen: {seen} (profile {profile}, element {element})"),
        }
    }
}

/// Something that was not judged, never to be taken for fine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotChecked {
    /// FHIRPath of the element, or of the resource.
    pub place: String,
    /// Stable id of the reason: `unknown-profile`.
    pub code: &'static str,
    /// Why, for people.
    pub reason: Text,
}
