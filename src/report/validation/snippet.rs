//! The line of the source that a finding is about, with a mark below it.
//!
//! A line may be a whole resource of megabytes, so only a window of it is shown.

/// Most characters of a line that are shown.
const WINDOW: usize = 96;

/// Characters before the place, when the line is cut off.
const BEFORE: usize = 30;

/// Longest mark.
const MOST: usize = 60;

/// What is shown of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The line, or a window of it.
    pub line: String,
    /// Characters before the mark.
    pub indent: usize,
    /// Characters that are marked.
    pub width: usize,
}

/// The line around a byte offset.
pub fn at(text: &[u8], offset: usize) -> Snippet {
    let offset = offset.min(text.len());
    let start = text[..offset].iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1);
    // Enough bytes on both sides for a window of characters of four bytes.
    let from = start.max(offset.saturating_sub(4 * WINDOW));
    let to = text.len().min(offset + 4 * WINDOW);
    let end = text[offset..to].iter().position(|byte| matches!(byte, b'\n' | b'\r')).map_or(to, |at| offset + at);
    let before: Vec<char> = String::from_utf8_lossy(&text[from..offset]).chars().map(shown).collect();
    let after: Vec<char> = String::from_utf8_lossy(&text[offset..end]).chars().map(shown).collect();
    let blank = before.iter().take_while(|letter| **letter == ' ').count();
    let fits = from == start && before.len() + after.len() <= WINDOW;
    let drop = if fits { 0 } else { before.len().saturating_sub(BEFORE) };
    // Deep indentation says nothing.
    let drop = if drop == 0 { blank.saturating_sub(4) } else { drop };
    let cut_before = from > start || drop > blank;
    let mut line: String = if cut_before { "…".to_owned() } else { String::new() };
    line.extend(&before[drop..]);
    let indent = line.chars().count();
    let room = WINDOW.saturating_sub(indent);
    line.extend(after.iter().take(room));
    let is_cut = after.len() > room || (end == to && to < text.len());
    if is_cut {
        line.push('…');
    }
    let width = width(text, offset).clamp(1, MOST).min(room.max(1));
    Snippet { line: line.trim_end().to_owned(), indent, width }
}

/// How many characters what stands at an offset takes on its line: a JSON property with its simple value, a JSON value,
/// or an XML tag.
pub fn width(text: &[u8], offset: usize) -> usize {
    let rest = text.get(offset..).unwrap_or_default();
    let rest = &rest[..rest.len().min(4096)];
    let rest = &rest[..rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len())];
    let length = match rest.first() {
        None => 0,
        Some(b'<') => rest.iter().position(|byte| *byte == b'>').map_or(rest.len(), |at| at + 1),
        Some(b'"') => {
            let name = string(rest);
            let after = name + blanks(&rest[name..]);
            if rest.get(after) == Some(&b':') {
                let value = after + 1 + blanks(&rest[after + 1..]);
                match rest.get(value) {
                    Some(b'"') => value + string(&rest[value..]),
                    Some(b'{' | b'[') | None => name,
                    Some(_) => value + word(&rest[value..]),
                }
            } else {
                name
            }
        }
        Some(b'{' | b'[') => 1,
        Some(_) => word(rest).max(1),
    };
    rest[..length.min(rest.len())].iter().filter(|byte| **byte & 0xc0 != 0x80).count().max(1)
}

/// Bytes of the JSON string at the start.
fn string(text: &[u8]) -> usize {
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

fn word(text: &[u8]) -> usize {
    text.iter().take_while(|byte| !matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'<')).count()
}

/// A character as it may be shown on a terminal; each takes one column.
fn shown(letter: char) -> char {
    match letter {
        '\t' => ' ',
        '\u{feff}' => ' ',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        other if other.is_control() => '\u{fffd}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, offset: usize, line: &str, mark: &str) {
        let snippet = at(text.as_bytes(), offset);
        assert_eq!(snippet.line, line);
        let end = snippet.indent + snippet.width;
        let marked: String = snippet.line.chars().take(end).skip(snippet.indent).collect();
        assert_eq!(marked, mark, "{snippet:?}");
    }

    #[test]
    fn marks_a_property_a_value_and_a_tag() {
        let json = "{\r\n  \"gender\": \"man\",\r\n  \"name\": [{\"é\": 1}]\r\n}";
        check(json, 5, "  \"gender\": \"man\",", "\"gender\": \"man\"");
        check(json, 25, "  \"name\": [{\"é\": 1}]", "\"name\"");
        check(json, 34, "  \"name\": [{\"é\": 1}]", "{");
        check(json, 35, "  \"name\": [{\"é\": 1}]", "\"é\": 1");
        check("<a>\n <b value=\"1\"/>", 5, " <b value=\"1\"/>", "<b value=\"1\"/>");
        check("", 0, "", "");
    }

    #[test]
    fn of_a_long_line_a_window_is_shown() {
        let long = format!("{{\"a\": \"{}\", \"b\": 12, \"c\": \"{}\"}}", "x".repeat(5000), "y".repeat(5000));
        let offset = long.find("\"b\"").unwrap();
        let snippet = at(long.as_bytes(), offset);
        assert!(snippet.line.chars().count() <= WINDOW + 1, "{snippet:?}");
        assert!(snippet.line.starts_with('…') && snippet.line.ends_with('…'), "{snippet:?}");
        let marked: String = snippet.line.chars().skip(snippet.indent).take(snippet.width).collect();
        assert_eq!(marked, "\"b\": 12");
    }
}
