//! YAML into the tree with places. Knows the events of the parser; anchors, aliases and tags are refused.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use granit_parser::Event;
use granit_parser::Parser;
use granit_parser::ScalarStyle;
use serde_json::Map;
use serde_json::Number;
use serde_json::Value;

use crate::diag::SourceError;
use crate::diag::SourceErrors;
use crate::diag::Text;
use crate::document::DEEPEST;
use crate::document::Document;
use crate::document::Place;
use crate::document::Span;
use crate::document::child;
use crate::document::mistake;
use crate::text;

/// Reads one YAML document.
pub fn read(file: &str, text: &str) -> Result<Document, SourceErrors> {
    let mut reader = Reader { file, text, root: None, open: Vec::new(), places: BTreeMap::new(), errors: Vec::new() };
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => {
                let range = span.byte_range().unwrap_or(0..0);
                let span = (range.start, range.end.saturating_sub(range.start));
                if !reader.take(event, span) {
                    break;
                }
            }
            Err(error) => {
                let offset = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
                let why = error.info();
                reader.errors.push(mistake(
                    file,
                    text,
                    Some((offset, 1)),
                    text!("geen YAML: {why}", "not YAML: {why}"),
                ));
                break;
            }
        }
    }
    let Reader { root, places, errors, .. } = reader;
    match root {
        Some(value) if errors.is_empty() => {
            Ok(Document { file: file.to_owned(), text: text.to_owned(), value, places, concealed: BTreeSet::new() })
        }
        None if errors.is_empty() => {
            Err(SourceError::file(file, text!("het bestand is leeg", "the file is empty")).into())
        }
        _ => Err(SourceErrors(errors)),
    }
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    root: Option<Value>,
    open: Vec<Open>,
    places: BTreeMap<String, Place>,
    errors: Vec<SourceError>,
}

/// A table or list that is not closed yet.
struct Open {
    pointer: String,
    start: usize,
    /// Place of the key that it is the value of.
    key: Option<Span>,
    content: Content,
}

enum Content {
    List(Vec<Value>),
    /// A table, with the key that waits for its value.
    Table(Map<String, Value>, Option<(String, Span)>),
}

impl Reader<'_> {
    /// Takes one event; false when it makes no sense to go on.
    fn take(&mut self, event: Event<'_>, span: Span) -> bool {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_marks(anchor, tag.is_some(), span);
                if self.expects_key() {
                    self.key(&text, span);
                } else {
                    let value = scalar(&text, style);
                    self.value(value, trimmed(self.text, span), None);
                }
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_marks(anchor, tag.is_some(), span);
                return self.open(Content::List(Vec::new()), span);
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_marks(anchor, tag.is_some(), span);
                return self.open(Content::Table(Map::new(), None), span);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.fail(
                    span,
                    text!("aliassen worden hier niet gelezen", "aliases are not read here"),
                    text!(
                        "schrijf de waarde uit, of gebruik een gedeeld bestand",
                        "write the value out, or use a shared file"
                    ),
                );
                self.value(Value::Null, span, None);
            }
            Event::DocumentStart(..) if self.root.is_some() => {
                self.fail(
                    span,
                    text!("een tweede YAML-document", "a second YAML document"),
                    text!(
                        "een bestand heeft een document: haal de `---` weg",
                        "one file holds one document: take out the `---`"
                    ),
                );
                return false;
            }
            _ => {}
        }
        true
    }

    fn refuse_marks(&mut self, anchor: usize, tagged: bool, span: Span) {
        if anchor != 0 {
            self.fail(
                span,
                text!("ankers worden hier niet gelezen", "anchors are not read here"),
                text!("haal de `&naam` weg", "take out the `&name`"),
            );
        }
        if tagged {
            self.fail(
                span,
                text!("tags worden hier niet gelezen", "tags are not read here"),
                text!("haal de `!tag` weg", "take out the `!tag`"),
            );
        }
    }

    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { content: Content::Table(_, None), .. }))
    }

    fn key(&mut self, name: &str, span: Span) {
        let double = match self.open.last_mut() {
            Some(Open { content: Content::Table(table, waiting), .. }) => {
                *waiting = Some((name.to_owned(), span));
                table.contains_key(name)
            }
            _ => false,
        };
        if double {
            self.fail(
                span,
                text!("de sleutel `{name}` staat er twee keer", "the key `{name}` is given twice"),
                text!("houd er een", "keep one of them"),
            );
        }
    }

    /// The pointer and key of the value that comes next.
    fn next(&self) -> (String, Option<Span>) {
        match self.open.last() {
            None => (String::new(), None),
            Some(Open { pointer, content: Content::List(items), .. }) => {
                (child(pointer, &items.len().to_string()), None)
            }
            Some(Open { pointer, content: Content::Table(_, Some((name, span))), .. }) => {
                (child(pointer, name), Some(*span))
            }
            Some(Open { pointer, .. }) => (pointer.clone(), None),
        }
    }

    fn open(&mut self, content: Content, span: Span) -> bool {
        if self.open.len() >= DEEPEST {
            self.fail(
                span,
                text!("meer dan {DEEPEST} niveaus diep", "more than {DEEPEST} levels deep"),
                text!("maak het vlakker", "make it flatter"),
            );
            return false;
        }
        if self.expects_key() {
            self.fail(
                span,
                text!("een tabel of lijst kan hier geen sleutel zijn", "a table or list cannot be a key here"),
                text!("schrijf een woord voor de dubbele punt", "write a word before the colon"),
            );
            return false;
        }
        let (pointer, key) = self.next();
        self.open.push(Open { pointer, start: span.0, key, content });
        true
    }

    fn close(&mut self, end: Span) {
        let Some(closed) = self.open.pop() else { return };
        let value = match closed.content {
            Content::List(items) => Value::Array(items),
            Content::Table(table, _) => Value::Object(table),
        };
        let last = (end.0 + end.1).max(closed.start);
        let length = self.text.get(closed.start..last).map_or(0, |text| text.trim_end().len());
        self.value(value, (closed.start, length), Some(closed.key));
    }

    /// Puts a finished value where it belongs.
    fn value(&mut self, value: Value, span: Span, key: Option<Option<Span>>) {
        let (pointer, own) = self.next();
        self.places.insert(pointer, Place { key: key.unwrap_or(own), value: span });
        match self.open.last_mut() {
            None => self.root = Some(value),
            Some(Open { content: Content::List(items), .. }) => items.push(value),
            Some(Open { content: Content::Table(table, waiting), .. }) => {
                if let Some((name, _)) = waiting.take() {
                    table.insert(name, value);
                }
            }
        }
    }

    fn fail(&mut self, span: Span, message: Text, hint: Text) {
        let span = (span.0, span.1.max(1));
        self.errors.push(mistake(self.file, self.text, Some(span), message).hint(hint));
    }
}

/// The span without the line breaks and blanks that a block scalar ends in.
fn trimmed(text: &str, span: Span) -> Span {
    let length = text.get(span.0..span.0 + span.1).map_or(span.1, |slice| slice.trim_end().len());
    (span.0, length)
}

/// A scalar by the core schema of YAML 1.2: only plain ones can be anything but text.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::String(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number),
    }
}

fn number(text: &str) -> Option<Number> {
    let digits = text.trim_start_matches(['-', '+']);
    let looks = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    if !looks {
        return None;
    }
    let whole = text.strip_prefix('+').unwrap_or(text).parse::<i64>().ok().map(Number::from);
    whole.or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        read("a.yaml", text).err().map(|errors| errors.0.iter().map(ToString::to_string).collect()).unwrap_or_default()
    }

    #[test]
    fn plain_scalars_have_types_and_quoted_ones_are_text() {
        let read = read("a.yaml", "[1, 1.5, true, null, '1', 2.2.2, yes, +3, 1-2]").unwrap();
        assert_eq!(read.value(), &serde_json::json!([1, 1.5, true, null, "1", "2.2.2", "yes", 3, "1-2"]));
    }

    #[test]
    fn marks_of_yaml_are_refused_together() {
        let found = messages("a: &x 1\nb: *x\nc: !t 2\na: 3\n");
        assert_eq!(found.len(), 4, "{found:#?}");
        assert!(found.iter().any(|m| m.contains("the key `a` is given twice")), "{found:#?}");
    }

    #[test]
    fn bad_yaml_has_a_place() {
        assert!(messages("a: [1\nb: 2\n")[0].starts_with("a.yaml:"));
        assert_eq!(messages(""), ["a.yaml:1:1: the file is empty"]);
        assert!(messages("a: 1\n---\nb: 2\n")[0].contains("a second YAML document"));
    }

    #[test]
    fn depth_has_a_limit() {
        let nested = format!("{}{}", "[".repeat(40), "]".repeat(40));
        assert!(messages(&nested)[0].contains("levels deep"));
        assert!(messages(&"[".repeat(5000))[0].starts_with("a.yaml:1:"));
        assert!(messages(&"- ".repeat(5000))[0].starts_with("a.yaml:1:"));
    }

    #[test]
    fn any_bytes_give_an_answer() {
        let seed = "# c\nid: \"1.1\"\ntitle: { nl: a, en: 'b' }\nsteps:\n  - get: A?b=c|d\n    expect: [{ status: [200] }]\n  - >\n   x\n";
        let mut state = 7_u64;
        for _ in 0..3000 {
            let mut bytes = seed.as_bytes().to_vec();
            for _ in 0..4 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = (state >> 33) as usize % bytes.len();
                bytes[at] = b"[]{}:,-\n\t '\"&*!|>#%@?\xe9a"[(state >> 20) as usize % 23];
            }
            let text = String::from_utf8_lossy(&bytes);
            if let Ok(document) = read("a.yaml", &text) {
                for pointer in document.places.keys() {
                    let _ = document.error(pointer, Text::same("x")).line_column();
                }
            }
        }
    }
}
