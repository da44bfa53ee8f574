//! The formats of primitive values.
//!
//! Each format is that of the FHIR text; where STU3 and R4 differ only in strictness of the published expression, the
//! text of the datatype decides (real dates only, a zone where there is a time).

use crate::fhir::ScalarKind;

/// A primitive datatype of FHIR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Primitive {
    Base64Binary,
    Boolean,
    Canonical,
    Code,
    Date,
    DateTime,
    Decimal,
    Id,
    Instant,
    Integer,
    Markdown,
    Oid,
    PositiveInt,
    String,
    Time,
    UnsignedInt,
    Uri,
    Url,
    Uuid,
    Xhtml,
}

impl Primitive {
    /// The primitive with this FHIR name.
    pub fn of(code: &str) -> Option<Primitive> {
        Some(match code {
            "base64Binary" => Primitive::Base64Binary,
            "boolean" => Primitive::Boolean,
            "canonical" => Primitive::Canonical,
            "code" => Primitive::Code,
            "date" => Primitive::Date,
            "dateTime" => Primitive::DateTime,
            "decimal" => Primitive::Decimal,
            "id" => Primitive::Id,
            "instant" => Primitive::Instant,
            "integer" => Primitive::Integer,
            "markdown" => Primitive::Markdown,
            "oid" => Primitive::Oid,
            "positiveInt" => Primitive::PositiveInt,
            "string" => Primitive::String,
            "time" => Primitive::Time,
            "unsignedInt" => Primitive::UnsignedInt,
            "uri" => Primitive::Uri,
            "url" => Primitive::Url,
            "uuid" => Primitive::Uuid,
            "xhtml" => Primitive::Xhtml,
            _ => return None,
        })
    }

    /// The way JSON writes it.
    pub fn json(self) -> ScalarKind {
        match self {
            Primitive::Boolean => ScalarKind::Boolean,
            Primitive::Decimal | Primitive::Integer | Primitive::PositiveInt | Primitive::UnsignedInt => {
                ScalarKind::Number
            }
            _ => ScalarKind::Text,
        }
    }

    /// Whether the text has the format. A string of white space has it: it only should have more (`string` in `datatypes.html`).
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Primitive::Boolean => matches!(text, "true" | "false"),
            Primitive::Integer => integer(text).is_some(),
            Primitive::UnsignedInt => integer(text).is_some_and(|number| number >= 0),
            Primitive::PositiveInt => integer(text).is_some_and(|number| number > 0),
            Primitive::Decimal => decimal(text),
            Primitive::Date => date(text).is_some_and(|rest| rest.is_empty()),
            Primitive::DateTime => date_time(text, false),
            Primitive::Instant => date_time(text, true),
            Primitive::Time => time(text).is_some_and(str::is_empty),
            Primitive::Code => code(text),
            Primitive::Id => {
                (1..=64).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
            }
            Primitive::Oid => text.strip_prefix("urn:oid:").is_some_and(oid),
            Primitive::Uuid => text.strip_prefix("urn:uuid:").is_some_and(uuid),
            Primitive::Uri | Primitive::Url | Primitive::Canonical => uri(text),
            Primitive::Base64Binary => base64(text),
            Primitive::String | Primitive::Markdown | Primitive::Xhtml => {
                !text.is_empty() && text.chars().all(|letter| letter >= ' ' || matches!(letter, '\t' | '\r' | '\n'))
            }
        }
    }
}

fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) || (digits.len() > 1 && digits.starts_with('0'))
    {
        return None;
    }
    text.parse::<i32>().ok().map(i64::from)
}

fn decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    });
    let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, part) = match unsigned.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (unsigned, None),
    };
    let whole_fits =
        !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit()) && (whole.len() == 1 || !whole.starts_with('0'));
    exponent_fits && whole_fits && part.is_none_or(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// Reads exactly `count` digits.
fn digits(text: &str, count: usize) -> Option<(u32, &str)> {
    let head = text.get(..count)?;
    if !head.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((head.parse().ok()?, &text[count..]))
}

/// Reads `YYYY`, `YYYY-MM` or a real `YYYY-MM-DD`; what follows is left.
fn date(text: &str) -> Option<&str> {
    let (year, rest) = digits(text, 4)?;
    if year == 0 {
        return None;
    }
    let Some(rest) = rest.strip_prefix('-') else { return Some(rest) };
    let (month, rest) = digits(rest, 2)?;
    if !(1..=12).contains(&month) {
        return None;
    }
    let Some(rest) = rest.strip_prefix('-') else { return Some(rest) };
    let (day, rest) = digits(rest, 2)?;
    let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1..=last).contains(&day).then_some(rest)
}

/// Reads `HH:MM:SS` with a fraction.
fn time(text: &str) -> Option<&str> {
    let (hour, rest) = digits(text, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
    let (second, rest) = digits(rest.strip_prefix(':')?, 2)?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let Some(fraction) = rest.strip_prefix('.') else { return Some(rest) };
    let rest = fraction.trim_start_matches(|letter: char| letter.is_ascii_digit());
    (rest.len() < fraction.len()).then_some(rest)
}

fn date_time(text: &str, whole: bool) -> bool {
    let Some(rest) = date(text) else { return false };
    let full_date = text.len() - rest.len() == 10;
    let Some(after) = rest.strip_prefix('T') else { return rest.is_empty() && !whole };
    let Some(zone) = time(after) else { return false };
    full_date && (zone == "Z" || zone.strip_prefix(['+', '-']).is_some_and(offset))
}

fn offset(text: &str) -> bool {
    let Some((hour, rest)) = digits(text, 2) else { return false };
    let Some((minute, rest)) = rest.strip_prefix(':').and_then(|rest| digits(rest, 2)) else { return false };
    rest.is_empty() && (hour < 14 && minute < 60 || hour == 14 && minute == 0)
}

/// No white space at the ends and no two blanks in a row.
fn code(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && !text.contains("  ") && !text.contains(['\t', '\r', '\n'])
}

fn uri(text: &str) -> bool {
    if text.is_empty() || text.chars().any(char::is_whitespace) {
        return false;
    }
    if let Some(rest) = text.strip_prefix("urn:oid:") {
        return oid(rest);
    }
    if let Some(rest) = text.strip_prefix("urn:uuid:") {
        return uuid(rest);
    }
    true
}

/// Whether the text is an object identifier (`2.16.840`).
fn oid(text: &str) -> bool {
    text.starts_with(['0', '1', '2'])
        && text.contains('.')
        && text.split('.').all(|arc| {
            !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit()) && (arc == "0" || !arc.starts_with('0'))
        })
}

fn uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths = [8, 4, 4, 4, 12];
    groups.len() == lengths.len()
        && groups
            .iter()
            .zip(lengths)
            .all(|(group, length)| group.len() == length && group.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn base64(text: &str) -> bool {
    let mut count = 0usize;
    let mut padding = 0usize;
    for byte in text.bytes() {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b'=' => padding += 1,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => count += 1,
            _ => return false,
        }
    }
    count > 0 && padding <= 2 && (count + padding).is_multiple_of(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(primitive: Primitive, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(primitive.accepts(text), "{primitive:?} must accept {text:?}");
        }
        for text in bad {
            assert!(!primitive.accepts(text), "{primitive:?} must not accept {text:?}");
        }
    }

    #[test]
    fn dates_are_real_days() {
        check(
            Primitive::Date,
            &["2026", "2026-02", "2024-02-29", "2026-12-31"],
            &["2026-02-29", "2026-13", "01-02-2026", "2026-01-01T00:00:00Z", "26", "0000", "2026-", ""],
        );
    }

    #[test]
    fn a_time_needs_a_zone() {
        let good =
            ["2026", "2026-01-01", "2026-01-01T10:00:00Z", "2026-01-01T10:00:00.5+01:00", "2026-06-30T23:59:60Z"];
        check(
            Primitive::DateTime,
            &good,
            &["2026-01-01T10:00:00", "2026-01-01T25:00:00Z", "2026-01T10:00:00Z", "2026-01-01Z", "2026-01-01T10:00Z"],
        );
        check(Primitive::Instant, &["2026-01-01T10:00:00Z"], &["2026-01-01", "2026"]);
    }

    #[test]
    fn numbers_stay_in_their_range() {
        check(Primitive::Integer, &["0", "-5", "2147483647"], &["2147483648", "01", "1.0", "", "-"]);
        check(Primitive::PositiveInt, &["1"], &["0", "-1"]);
        check(Primitive::UnsignedInt, &["0"], &["-1"]);
        check(Primitive::Decimal, &["0", "1.0", "-0.5", "1e40"], &["abc", "1.", ".5", "01", "1e"]);
    }

    #[test]
    fn names_and_addresses() {
        check(Primitive::Id, &["a-b.C1"], &["a_b", "met spatie", ""]);
        check(Primitive::Code, &["final", "two words"], &[" final", "final ", "two  words", ""]);
        check(
            Primitive::Uri,
            &["http://example.org/a", "urn:oid:2.16.840", "#x"],
            &["met spatie", "urn:oid:2.16.840/", "urn:uuid:x", ""],
        );
        check(Primitive::Base64Binary, &["YQ==", "YWJj"], &["YQ=", "a b!", ""]);
    }
}
