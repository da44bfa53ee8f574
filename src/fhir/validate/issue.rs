//! What a validation finds and what it could not decide.

use crate::diag::Lang;
use crate::diag::Text;
use crate::fhir::Span;

/// Most findings, and most things that were not checked, that are listed of one resource.
pub const MOST: usize = 10_000;

/// What was found so far: no more than a reader can do something with, and an error if there is one.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Issue>,
    failed: bool,
}

impl Findings {
    /// Adds one. Beyond [`MOST`] only one more, and the first error.
    pub fn push(&mut self, issue: Issue) {
        let error = issue.severity == Severity::Error;
        if self.list.len() <= MOST || (error && !self.failed) {
            self.failed |= error;
            self.list.push(issue);
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// Those from this position on.
    pub fn since(&mut self, position: usize) -> &mut [Issue] {
        self.list.get_mut(position..).unwrap_or_default()
    }

    /// Whether there is an error among them.
    pub fn failed(&self) -> bool {
        self.failed
    }

    /// All of them.
    pub fn into_list(self) -> Vec<Issue> {
        self.list
    }
}

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
    /// The whole finding as one sentence for people: expected, seen, and which part of which profile asks it.
    pub fn message(&self, lang: Lang) -> String {
        let (expected, seen) = (self.expected.get(lang), self.seen.get(lang));
        let mut message = match lang {
            Lang::Nl => format!("verwacht: {expected}; gezien: {seen}"),
            Lang::En => format!("expected: {expected}; seen: {seen}"),
        };
        if !self.profile.is_empty() {
            let (profile, element) = (&self.profile, &self.element);
            message.push_str(&match lang {
                Lang::Nl => format!(" (profiel {profile}, element {element}"),
                Lang::En => format!(" (profile {profile}, element {element}"),
            });
            if let Some(slice) = self.slice() {
                message.push_str(&format!(", slice {slice}"));
            }
            message.push(')');
        }
        message
    }

    /// Name of the slice that the finding is about or stands in: the deepest one in the id of the element.
    pub fn slice(&self) -> Option<&str> {
        self.element.rsplit('.').find_map(|step| step.split_once(':')).map(|(_, slice)| slice)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(profile: &str, element: &str) -> Issue {
        Issue {
            severity: Severity::Error,
            code: "cardinality-min",
            place: "Patient".to_owned(),
            span: Span::default(),
            profile: profile.into(),
            element: element.into(),
            expected: Text::new("a", "b"),
            seen: Text::same("c"),
        }
    }

    #[test]
    fn a_message_names_profile_element_and_slice() {
        let whole = issue("http://x", "Patient.identifier:bsn.value");
        assert_eq!(whole.slice(), Some("bsn"));
        let told = "verwacht: a; gezien: c (profiel http://x, element Patient.identifier:bsn.value, slice bsn)";
        assert_eq!(whole.message(Lang::Nl), told);
        assert_eq!(issue("", "contact").message(Lang::En), "expected: b; seen: c");
    }

    #[test]
    fn an_error_is_listed_however_late_it_comes() {
        let mut findings = Findings::default();
        (0..2 * MOST).for_each(|_| findings.push(Issue { severity: Severity::Warning, ..issue("", "contact") }));
        assert!(findings.count() == MOST + 1 && !findings.failed());
        (0..9).for_each(|_| findings.push(issue("", "contact")));
        assert!(findings.count() == MOST + 2 && findings.failed() && findings.since(MOST + 2).is_empty());
        assert_eq!(findings.into_list().last().map(|last| last.severity), Some(Severity::Error));
    }
}
