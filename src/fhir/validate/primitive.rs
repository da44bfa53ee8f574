//! Constraint: the format of a primitive value and the way JSON writes it.

use crate::diag::Text;
use crate::fhir::ScalarKind;
use crate::fhir::schema::Primitive;
use crate::fhir::schema::TypeRule;
use crate::fhir::validate::type_;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::fhir::validate::walk::nothing;
use crate::text;

impl Run<'_> {
    /// Judges a primitive value itself; its id and extensions are the walker's. Whether the rest can be judged at all.
    pub fn primitive(&mut self, spot: Spot<'_>, rule: Rule<'_>, kind: &TypeRule) -> bool {
        let Some(primitive) = kind.primitive else { return true };
        let code = &kind.code;
        let Some(value) = &spot.element.value else {
            let extended = spot.element.child("extension").is_some();
            if !extended {
                let only_value = spot.element.children.is_empty();
                let (id, seen) = if only_value {
                    ("empty", nothing())
                } else {
                    ("json-kind", Text::same(type_::show(spot.element)))
                };
                self.find(spot, id, rule, text!("een waarde van type `{code}`", "a value of type `{code}`"), seen);
            }
            return extended;
        };
        if value.kind != ScalarKind::Attribute && value.kind != primitive.json() {
            let expected = match primitive.json() {
                ScalarKind::Number => text!("een getal zonder aanhalingstekens", "a number without quotes"),
                ScalarKind::Boolean => text!("true of false zonder aanhalingstekens", "true or false without quotes"),
                ScalarKind::Text | ScalarKind::Attribute => {
                    text!("een tekst tussen aanhalingstekens", "a text in quotes")
                }
            };
            self.find(spot, "json-kind", rule, expected, Text::same(type_::show(spot.element)));
            return false;
        }
        if primitive == Primitive::Xhtml {
            self.narrative(spot, rule, &value.text);
            return true;
        }
        if !primitive.accepts(&value.text) {
            let expected = text!("een waarde in het formaat van `{code}`", "a value in the format of `{code}`");
            self.find(spot, "value-format", rule, expected, Text::same(type_::show(spot.element)));
        }
        true
    }
}
