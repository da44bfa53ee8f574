//! Constraint: the format of a primitive value and the way JSON writes it.

use crate::diag::Text;
use crate::fhir::ScalarKind;
use crate::fhir::schema::Primitive;
use crate::fhir::schema::TypeRule;
use crate::fhir::validate::Severity;
use crate::fhir::validate::type_;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::fhir::validate::walk::nothing;
use crate::text;

/// Longest string (datatypes.html: "strings SHALL NOT exceed 1MB (1024*1024 characters) in size").
const LONGEST: usize = 1024 * 1024;

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
            } else {
                self.value_alternative(spot, rule);
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
        if &**code == "string" && value.text.len() > LONGEST && value.text.chars().count() > LONGEST {
            let expected = text!("hoogstens {LONGEST} tekens", "at most {LONGEST} characters");
            let count = value.text.chars().count();
            self.find(spot, "string-length", rule, expected, text!("{count} tekens", "{count} characters"));
            return true;
        }
        if !primitive.accepts(&value.text) {
            let example = example(primitive);
            let expected = text!(
                "een waarde in het formaat van `{code}`, zoals `{example}`",
                "a value in the format of `{code}`, such as `{example}`"
            );
            self.find(spot, "value-format", rule, expected, Text::same(type_::show(spot.element)));
        } else if value.text.trim().is_empty() {
            let expected = text!("een tekst met meer dan witruimte", "a text of more than white space");
            let seen = Text::same(type_::show(spot.element));
            self.report(spot, Severity::Warning, "value-blank", rule, expected, seen);
        }
        true
    }
}

/// A value in the format, for messages.
fn example(primitive: Primitive) -> &'static str {
    match primitive {
        Primitive::Base64Binary => "dG9ldHNiYW5r",
        Primitive::Boolean => "true",
        Primitive::Canonical | Primitive::Uri => "http://example.org/a",
        Primitive::Code => "final",
        Primitive::Date => "2026-11-25",
        Primitive::DateTime => "2026-11-25T09:30:00+01:00",
        Primitive::Decimal => "36.5",
        Primitive::Id => "a-1",
        Primitive::Instant => "2026-11-25T09:30:00.000+01:00",
        Primitive::Integer => "-7",
        Primitive::Markdown | Primitive::String | Primitive::Xhtml => "tekst",
        Primitive::Oid => "urn:oid:2.16.840.1",
        Primitive::PositiveInt => "1",
        Primitive::Time => "09:30:00",
        Primitive::UnsignedInt => "0",
        Primitive::Url => "https://example.org/a",
        Primitive::Uuid => "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_have_their_format() {
        let names = "base64Binary boolean canonical code date dateTime decimal id instant integer markdown oid \
                     positiveInt string time unsignedInt uri url uuid";
        for name in names.split_whitespace() {
            let primitive = Primitive::of(name).unwrap();
            assert!(primitive.accepts(example(primitive)), "{name}: {}", example(primitive));
        }
    }
}
