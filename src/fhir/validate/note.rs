//! How a validation notes what it found and what it did not judge.

use crate::diag::Text;
use crate::fhir::validate::Issue;
use crate::fhir::validate::NotChecked;
use crate::fhir::validate::Severity;
use crate::fhir::validate::issue::MOST;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;

impl Run<'_> {
    /// Reports a deviation from a profile.
    pub fn find(&mut self, spot: Spot<'_>, code: &'static str, rule: Rule<'_>, expected: Text, seen: Text) {
        self.report(spot, Severity::Error, code, rule, expected, seen);
    }

    /// Reports a deviation at a place below an element: a way like `.coding.code`.
    pub fn find_below(
        &mut self,
        spot: Spot<'_>,
        way: &str,
        code: &'static str,
        rule: Rule<'_>,
        expected: Text,
        seen: Text,
    ) {
        let before = self.issues.count();
        self.find(spot, code, rule, expected, seen);
        for issue in self.issues.since(before) {
            issue.place.push_str(way);
        }
    }

    /// Reports a deviation of some severity.
    pub fn report(
        &mut self,
        spot: Spot<'_>,
        severity: Severity,
        code: &'static str,
        rule: Rule<'_>,
        expected: Text,
        seen: Text,
    ) {
        let (profile, element) = (rule.schema.url.clone(), rule.node.id.clone());
        let (place, span) = (spot.place.path(), spot.element.span);
        self.issues.push(Issue { severity, code, place, span, profile, element, expected, seen });
    }

    /// Reports a deviation from FHIR itself, where no profile is at hand.
    pub fn misfit(&mut self, spot: Spot<'_>, code: &'static str, expected: Text, seen: Text) {
        let (place, span) = (spot.place.path(), spot.element.span);
        let (profile, element) = (Box::default(), spot.place.name.into());
        self.issues.push(Issue { severity: Severity::Error, code, place, span, profile, element, expected, seen });
    }

    /// Lists something as not checked.
    pub fn skip(&mut self, spot: Spot<'_>, code: &'static str, reason: Text) {
        if self.not_checked.len() <= MOST {
            self.not_checked.push(NotChecked { place: spot.place.path(), code, reason });
        }
    }
}
