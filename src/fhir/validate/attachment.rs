//! Constraint: the size that an Attachment states is that of its data (datatypes.html, section "Attachment").

use crate::diag::Text;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

impl Run<'_> {
    /// Compares `size` with the length of `data`, where an element of type Attachment has both.
    pub fn attachment(&mut self, spot: Spot<'_>, rule: Rule<'_>, kind: &str) {
        if kind != "Attachment" {
            return;
        }
        let (Some(stated), Some(data)) = (spot.element.text("size"), spot.element.text("data")) else { return };
        // What is no number or no base64 is found as such.
        let (Ok(stated), Some(length)) = (stated.parse::<usize>(), decoded_length(data)) else { return };
        if stated != length {
            let expected = text!(
                "`size` gelijk aan de lengte van `data`: {length}",
                "`size` equal to the length of `data`: {length}"
            );
            self.find(spot, "attachment-size", rule, expected, Text::same(stated.to_string()));
        }
    }
}

/// How many bytes a base64 text stands for; `None` when it is none. White space does not count.
pub fn decoded_length(data: &str) -> Option<usize> {
    let (mut digits, mut padding) = (0usize, 0usize);
    for byte in data.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        match byte {
            b'=' => padding += 1,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => digits += 1,
            _ => return None,
        }
    }
    ((digits + padding) % 4 == 0 && padding <= 2 && digits % 4 != 1).then_some(digits * 3 / 4)
}

#[cfg(test)]
mod tests {
    use super::decoded_length;

    #[test]
    fn base64_has_a_length_without_decoding() {
        assert_eq!(decoded_length(""), Some(0));
        assert_eq!(decoded_length("QQ=="), Some(1));
        assert_eq!(decoded_length("QUI="), Some(2));
        assert_eq!(decoded_length("QU\nJD"), Some(3));
        assert_eq!(decoded_length("QUJDR"), None);
        assert_eq!(decoded_length("Q==="), None);
        assert_eq!(decoded_length("Q*=="), None);
    }
}
