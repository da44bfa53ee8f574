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
}
