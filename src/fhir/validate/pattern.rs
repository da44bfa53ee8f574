//! Constraint: the value holds at least the pattern of the profile.

use crate::diag::Text;
use crate::fhir::validate::equality;
use crate::fhir::validate::type_;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

impl Run<'_> {
    /// Compares an element with the pattern of its node.
    pub fn pattern(&mut self, spot: Spot<'_>, rule: Rule<'_>) {
        let Some(pattern) = &rule.node.pattern else { return };
        if equality::holds(spot.element, &pattern.value) {
            return;
        }
        let value = type_::show(&pattern.value);
        let seen = type_::show(spot.element);
        for way in equality::differences(spot.element, &pattern.value, false) {
            let expected = text!("een waarde met daarin {value}", "a value that holds {value}");
            self.find_below(spot, &way, "pattern", rule, expected, Text::same(&*seen));
        }
    }
}
