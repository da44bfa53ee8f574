//! From an element to where a reader finds it: line and column in the text, and its place as FHIRPath.
//!
//! Only used when something is reported, so it may be slow.

use crate::fhir::element::Element;
use crate::fhir::path::Model;

/// Line and column of a byte offset, both from 1; columns count characters.
pub fn line_column(text: &[u8], offset: usize) -> (u32, u32) {
    let before = &text[..offset.min(text.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |position| position + 1);
    // Each character has one byte that does not continue another.
    let column = before[start..].iter().filter(|byte| **byte & 0xc0 != 0x80).count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

/// Lines and columns of many byte offsets of one text, in a time that grows with the text and not with their number, as
/// long as they ascend.
pub struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: usize,
    column: usize,
}

impl<'t> Lines<'t> {
    /// At the beginning of the text.
    pub fn of(text: &'t [u8]) -> Lines<'t> {
        Lines { text, at: 0, line: 1, column: 1 }
    }

    /// Like [`line_column`]; an offset before the last one starts at the beginning again.
    pub fn line_column(&mut self, offset: usize) -> (u32, u32) {
        let offset = offset.min(self.text.len());
        if offset < self.at {
            *self = Lines::of(self.text);
        }
        for byte in self.text.get(self.at..offset).unwrap_or_default() {
            if *byte == b'\n' {
                (self.line, self.column) = (self.line + 1, 1);
            } else if *byte & 0xc0 != 0x80 {
                self.column += 1;
            }
        }
        self.at = offset;
        (u32::try_from(self.line).unwrap_or(u32::MAX), u32::try_from(self.column).unwrap_or(u32::MAX))
    }
}

/// Byte offset of a line and column, both from 1; columns count characters.
pub fn offset(text: &[u8], line: u32, column: u32) -> usize {
    let mut start = 0;
    for _ in 1..line {
        let Some(end) = text[start..].iter().position(|byte| *byte == b'\n') else { return text.len() };
        start += end + 1;
    }
    let characters = text[start..].iter().enumerate().filter(|(_, byte)| **byte & 0xc0 != 0x80);
    characters.map(|(at, _)| start + at).nth(column.saturating_sub(1) as usize).unwrap_or(text.len())
}

/// The place of the element that is reached from `root` by these positions in `children`.
///
/// FHIRPath from the resource's type, choice elements by their base name, an index where the element may repeat:
/// `Observation.component[1].value.code`, `Bundle.entry[2].resource.code`. What the model does not know has an index
/// when it was read from a list or has a namesake.
pub fn place(root: &Element, positions: &[usize], model: &dyn Model) -> String {
    let mut place = root.name.to_string();
    let mut element = root;
    let mut kind = root.resource_type.as_deref();
    for position in positions {
        let Some(child) = element.children.get(*position) else { break };
        let facts = kind.and_then(|kind| model.child(kind, &child.name));
        place.push('.');
        place.push_str(facts.map_or(&child.name, |facts| facts.base_name));
        let before = element.children[..*position].iter().filter(|sibling| sibling.name == child.name).count();
        let repeats = match facts {
            Some(facts) => facts.repeats,
            None => child.index.is_some() || element.all(&child.name).nth(1).is_some(),
        };
        // Also a second one where only one may be: the reader must see which.
        if repeats || before > 0 {
            let index = child.index.map_or(before, |index| index as usize);
            place.push_str(&format!("[{index}]"));
        }
        kind = child.resource_type.as_deref().or(facts.map(|facts| facts.kind));
        element = child;
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, offset: usize, expect: (u32, u32)) {
        assert_eq!(line_column(text.as_bytes(), offset), expect, "{text:?} at {offset}");
        assert_eq!(super::offset(text.as_bytes(), expect.0, expect.1), offset.min(text.len()));
        let mut lines = Lines::of(text.as_bytes());
        for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)).chain([offset, 0, offset]) {
            assert_eq!(lines.line_column(at), line_column(text.as_bytes(), at), "{text:?} at {at}");
        }
    }

    #[test]
    fn lines_and_columns() {
        check("", 0, (1, 1));
        check("ab\ncd", 4, (2, 2));
        check("é\u{1f600}x", 6, (1, 3));
        check("a\n", 99, (2, 1));
    }
}
