//! Constraint: the value is exactly the one that the profile fixes.

use crate::diag::Text;
use crate::fhir::validate::equality;
use crate::fhir::validate::type_;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

impl Run<'_> {
    /// Compares an element with the fixed value of its node.
    pub fn fixed(&mut self, spot: Spot<'_>, rule: Rule<'_>) {
        let Some(fixed) = &rule.node.fixed else { return };
        if equality::equal(spot.element, &fixed.value) {
            return;
        }
        let (value, seen) = (type_::show(&fixed.value), type_::show(spot.element));
        for way in equality::differences(spot.element, &fixed.value, true) {
            let part = way.trim_start_matches('.');
            let expected = if part.is_empty() {
                text!("precies {value}", "exactly {value}")
            } else {
                text!("precies {value}; het verschil zit in `{part}`", "exactly {value}; the difference is in `{part}`")
            };
            self.find_below(spot, &way, "fixed-value", rule, expected, Text::same(&*seen));
        }
    }
}
