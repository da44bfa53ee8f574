//! Keeps the BSN of patients out of the output: a report is shown around, and a place says enough.
//!
//! Values are known by the naming system beside them, so that other numbers of nine digits stay readable. In a text that
//! could not be read and names that system, all numbers that may be a BSN are covered.

use crate::fhir::Element;

/// The naming systems of the BSN: as a url, and as an object identifier.
const SYSTEMS: [&str; 2] = ["http://fhir.nl/fhir/NamingSystem/bsn", "urn:oid:2.16.840.1.113883.2.4.6.3"];

/// What covers a digit.
const COVER: char = '*';

/// The values to cover in what is printed of one resource.
#[derive(Clone, Debug, Default)]
pub struct Covers {
    values: Vec<String>,
    any_number: bool,
}

impl Covers {
    /// The values that a resource has beside the naming system.
    pub fn of(resource: &Element) -> Self {
        let mut values: Vec<String> = Vec::new();
        let mut next = vec![resource];
        while let Some(element) = next.pop() {
            if element.text("system").is_some_and(|system| SYSTEMS.contains(&system.trim())) {
                let value = element.text("value").or_else(|| element.text("code")).map(str::trim).unwrap_or_default();
                // A shorter one is no BSN, and would cover ordinary text.
                if value.len() >= 8 && value.bytes().any(|byte| byte.is_ascii_digit()) {
                    values.push(value.to_owned());
                }
            }
            next.extend(&element.children);
        }
        values.sort();
        values.dedup();
        Self { values, any_number: false }
    }

    /// For a text that could not be read.
    pub fn of_unread(text: &[u8]) -> Self {
        let names = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
        let any_number = names(b"NamingSystem/bsn") || names(b"2.16.840.1.113883.2.4.6.3");
        Self { values: Vec::new(), any_number }
    }

    /// The text with each value covered; as long as it was, so that a caret still points right.
    pub fn cover(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for value in &self.values {
            if out.contains(value.as_str()) {
                out = out.replace(value.as_str(), &String::from(COVER).repeat(value.chars().count()));
            }
        }
        if self.any_number { numbers(&out) } else { out }
    }
}

/// Covers every number that may be a BSN.
fn numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(from.len());
        let (digits, after) = from.split_at(end);
        out.push_str(before);
        if is_bsn(digits) {
            out.extend(std::iter::repeat_n(COVER, digits.len()));
        } else {
            out.push_str(digits);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether digits pass the eleven-test of the BSN.
fn is_bsn(digits: &str) -> bool {
    if !(8..=9).contains(&digits.len()) {
        return false;
    }
    let padded = format!("{digits:0>9}");
    let weights = [9, 8, 7, 6, 5, 4, 3, 2, -1];
    let sum: i32 = padded.bytes().zip(weights).map(|(digit, weight)| i32::from(digit - b'0') * weight).sum();
    sum % 11 == 0 && sum != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::json;

    #[test]
    fn a_bsn_is_covered_and_a_code_of_nine_digits_is_not() {
        let text = br#"{"resourceType":"Patient","identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999900006"},{"system":"x","value":"271649006"}]}"#;
        let (patient, _) = json::parse(text).unwrap();
        let covers = Covers::of(&patient);
        assert_eq!(covers.cover("a 999900006 b 271649006"), "a ********* b 271649006");
    }

    #[test]
    fn in_a_broken_text_all_that_may_be_one_is_covered() {
        let covers =
            Covers::of_unread(b"{\"system\": \"http://fhir.nl/fhir/NamingSystem/bsn\", \"value\": \"999900006\"");
        assert_eq!(covers.cover("\"999900006\" 2026 123456789"), "\"*********\" 2026 123456789");
        assert_eq!(Covers::of_unread(b"{").cover("999900006"), "999900006");
    }
}
