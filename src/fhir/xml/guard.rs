//! Looks over XML text before it is parsed: refuses what would cost too much time or memory.
//!
//! Knows only enough of XML to count; whether it is well-formed the parser says.

use crate::fhir::syntax::MAX_ATTRIBUTES;
use crate::fhir::syntax::MAX_DEPTH;
use crate::fhir::syntax::ParseErrorKind;

/// Refuses a document type, deep nesting and many attributes; says at which byte.
pub fn check(text: &[u8]) -> Result<(), (usize, ParseErrorKind)> {
    let mut at = 0;
    let mut depth = 0usize;
    while let Some(found) = find(text, at, b"<") {
        let rest = &text[found..];
        if rest.starts_with(b"<!--") {
            at = find(text, found + 4, b"-->").map_or(text.len(), |end| end + 3);
        } else if rest.starts_with(b"<![CDATA[") {
            at = find(text, found + 9, b"]]>").map_or(text.len(), |end| end + 3);
        } else if rest.starts_with(b"<?") {
            at = find(text, found + 2, b"?>").map_or(text.len(), |end| end + 2);
        } else if rest.starts_with(b"<!") {
            return Err((found, ParseErrorKind::DocumentType));
        } else if rest.starts_with(b"</") {
            depth = depth.saturating_sub(1);
            at = found + 2;
        } else {
            let (end, attributes) = tag(text, found + 1);
            if attributes > MAX_ATTRIBUTES {
                return Err((found, ParseErrorKind::TooManyAttributes));
            }
            if text.get(end.wrapping_sub(1)) != Some(&b'/') {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err((found, ParseErrorKind::TooDeep));
                }
            }
            at = end;
        }
    }
    Ok(())
}

/// Where the start tag ends (at its `>`), and how many attributes it has.
fn tag(text: &[u8], start: usize) -> (usize, usize) {
    let mut quote = None;
    let mut attributes = 0;
    for (at, byte) in text.iter().enumerate().skip(start) {
        match (quote, byte) {
            (None, b'>') => return (at, attributes),
            (None, b'"' | b'\'') => quote = Some(*byte),
            (None, b'=') => attributes += 1,
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
    }
    (text.len(), attributes)
}

fn find(text: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.windows(what.len()).position(|window| window == what).map(|position| from + position)
}
