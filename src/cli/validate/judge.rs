//! From one text to what is said of it.

use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use crate::cli::validate::input::Text;
use crate::fhir::json;
use crate::fhir::syntax::ParseError;
use crate::fhir::syntax::ParseErrorKind;
use crate::fhir::validate::Options;
use crate::fhir::validate::Validator;
use crate::fhir::xml;
use crate::report::validation;
use crate::report::validation::Judged;
use crate::report::validation::Part;
use crate::report::validation::Source;
use crate::report::validation::Style;

/// How every resource is judged and shown.
pub struct Judge<'a> {
    /// The definitions.
    pub validator: Validator,
    /// Canonicals of the profiles that were asked for.
    pub profiles: Vec<&'a str>,
    /// How strictly.
    pub options: Options,
    /// How it is shown.
    pub style: Style,
}

impl Judge<'_> {
    /// Judges a text and makes its part of the output.
    pub fn part(&self, text: &Text) -> Part {
        let source = Source { file: &text.file, line: text.line, is_lines: text.is_lines, text: &text.bytes };
        let part = catch_unwind(AssertUnwindSafe(|| validation::render(&self.judged(source), self.style)));
        // A bug costs one resource its verdict, not all.
        part.unwrap_or_else(|_| validation::render(&Judged::broken(source), self.style))
    }

    fn judged<'t>(&self, source: Source<'t>) -> Judged<'t> {
        match read(source.text) {
            Ok((resource, problems)) => {
                let outcome = self.validator.validate_read(&resource, &problems, &self.profiles, self.options);
                Judged::new(source, &resource, &outcome)
            }
            Err(error) => Judged::unread(source, &error),
        }
    }
}

type Parsed = Result<(crate::fhir::Element, Vec<crate::fhir::syntax::ShapeProblem>), ParseError>;

/// Reads JSON or XML, whichever it looks like: names of files often lie.
fn read(text: &[u8]) -> Parsed {
    let fail = |kind| Err(ParseError { line: 1, column: 1, kind });
    if is_utf16(text) {
        return fail(ParseErrorKind::Utf16);
    }
    let bare = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    match bare.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => fail(ParseErrorKind::Empty),
        Some(b'<') => xml::parse(text),
        Some(b'{' | b'[') => json::parse(text),
        Some(_) => fail(ParseErrorKind::NeitherFormat),
    }
}

/// Whether every other byte at the beginning is zero, or a mark says so.
fn is_utf16(text: &[u8]) -> bool {
    text.starts_with(b"\xff\xfe")
        || text.starts_with(b"\xfe\xff")
        || matches!(text, [b'<' | b'{', 0, ..] | [0, b'<' | b'{', ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &[u8]) -> ParseErrorKind {
        read(text).unwrap_err().kind
    }

    #[test]
    fn what_is_no_resource_is_told_apart() {
        assert_eq!(kind(b""), ParseErrorKind::Empty);
        assert_eq!(kind(b"\xef\xbb\xbf \r\n"), ParseErrorKind::Empty);
        assert_eq!(kind(b"\xff\xfe{\0"), ParseErrorKind::Utf16);
        assert_eq!(kind(b"\0<\0P"), ParseErrorKind::Utf16);
        assert_eq!(kind(b"%PDF-1.7"), ParseErrorKind::NeitherFormat);
        assert_eq!(kind(b"[]"), ParseErrorKind::NotAnObject);
    }

    #[test]
    fn marks_and_line_ends_of_windows_do_no_harm() {
        let json = b"\xef\xbb\xbf{\r\n\"resourceType\": \"Basic\"\r\n}\r\n";
        assert_eq!(read(json).unwrap().0.resource_type.as_deref(), Some("Basic"));
        let xml = b"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<Basic xmlns=\"http://hl7.org/fhir\"/>";
        assert_eq!(read(xml).unwrap().0.resource_type.as_deref(), Some("Basic"));
    }
}
