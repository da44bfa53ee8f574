//! Constraint: the least and greatest value and the longest text.

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;
use std::cmp::Ordering;

impl Run<'_> {
    /// Compares an element with the bounds of its node. Numbers and dates of equal precision; for a quantity its value.
    pub fn range(&mut self, spot: Spot<'_>, rule: Rule<'_>) {
        let node = rule.node;
        if let (Some(length), Some(value)) = (node.max_length, spot.element.as_text()) {
            let count = value.chars().count();
            if count > length as usize {
                let expected = text!("hoogstens {length} tekens", "at most {length} characters");
                self.find(spot, "max-length", rule, expected, text!("{count} tekens", "{count} characters"));
            }
        }
        let bounds =
            [(&node.min_value, Ordering::Less, "min-value"), (&node.max_value, Ordering::Greater, "max-value")];
        for (bound, wrong, code) in bounds {
            let Some(bound) = bound else { continue };
            let (value, limit) = (number(spot.element), number(&bound.value));
            let (Some(value), Some(limit)) = (value, limit) else { continue };
            if compare(value, limit) == Some(wrong) {
                let expected = match wrong {
                    Ordering::Less => text!("minstens {limit}", "at least {limit}"),
                    _ => text!("hoogstens {limit}", "at most {limit}"),
                };
                self.find(spot, code, rule, expected, Text::same(value));
            }
        }
    }
}

/// The text to compare: of a primitive itself, of a quantity its value.
fn number(element: &Element) -> Option<&str> {
    element.as_text().or_else(|| element.text("value"))
}

fn compare(one: &str, other: &str) -> Option<Ordering> {
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => one.partial_cmp(&other),
        _ if one.len() == other.len() => Some(one.cmp(other)),
        _ => None,
    }
}
