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
        let part = equality::difference(spot.element, &fixed.value);
        let expected = match part {
            Some(part) => {
                text!("precies {value}; het verschil zit in `{part}`", "exactly {value}; the difference is in `{part}`")
            }
            None => text!("precies {value}", "exactly {value}"),
        };
        self.find(spot, "fixed-value", rule, expected, Text::same(seen));
    }
}
