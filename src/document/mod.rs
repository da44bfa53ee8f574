//! Files that people write, as a tree that knows where each key and value stands.
//!
//! One form for YAML and TOML: the value as JSON, and the place of every part of it. Knows nothing of what a file means;
//! that is `suite` and `candidate`. Entry points: [`Document::yaml`], [`Document::toml`], and [`Schema`] to find all
//! mistakes of form at once before the typed parse.

mod schema;
mod toml;
mod yaml;

pub use schema::Schema;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::diag::SourceError;
use crate::diag::SourceErrors;
use crate::diag::Text;
use crate::diag::did_you_mean;
use crate::diag::suggestion;
use crate::text;

/// The largest file that is read, in bytes.
pub const LARGEST: usize = 1 << 20;

/// How deep tables and lists may lie in each other.
const DEEPEST: usize = 32;

/// A byte range: offset and length.
pub type Span = (usize, usize);

/// Where one part of a file stands.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// Its key, when it stands in a table.
    key: Option<Span>,
    /// Its value.
    value: Span,
}

/// A parsed file with the place of everything in it. Parts are named by JSON Pointer (`/steps/0/get`).
#[derive(Clone, Debug)]
pub struct Document {
    file: String,
    text: String,
    value: Value,
    places: BTreeMap<String, Place>,
    /// Pointers of values that no message may show.
    concealed: BTreeSet<String>,
}

impl Document {
    /// Reads YAML: one document, without anchors, aliases and tags.
    ///
    /// # Errors
    /// What is no YAML (the first mistake), and every double key, anchor, alias and tag.
    pub fn yaml(file: &str, text: &str) -> Result<Self, SourceErrors> {
        check_size(file, text)?;
        yaml::read(file, text)
    }

    /// Reads TOML.
    ///
    /// # Errors
    /// Every place that is no TOML.
    pub fn toml(file: &str, text: &str) -> Result<Self, SourceErrors> {
        check_size(file, text)?;
        toml::read(file, text)
    }

    /// Name of the file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The whole value.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Takes a secret out of the text that messages quote, and keeps its value from them.
    pub fn conceal(&mut self, pointer: &str) {
        let Some(place) = self.places.get(pointer) else { return };
        let (start, end) = (place.value.0, place.value.0 + place.value.1);
        if let (Some(before), Some(secret), Some(after)) =
            (self.text.get(..start), self.text.get(start..end), self.text.get(end..))
        {
            self.text = format!("{before}{}{after}", masked(secret));
            self.concealed.insert(pointer.to_owned());
        }
    }

    /// Whether the value at a pointer is a secret.
    pub fn is_concealed(&self, pointer: &str) -> bool {
        self.concealed.contains(pointer)
    }

    /// Puts another text in the place of each text, where `change` gives one.
    pub fn replace_texts(&mut self, mut change: impl FnMut(&Self, &str, &str) -> Option<String>) {
        let pointers: Vec<String> = self.places.keys().cloned().collect();
        for pointer in pointers {
            let Some(Value::String(text)) = self.value.pointer(&pointer) else { continue };
            if let Some(changed) = change(self, &pointer, text)
                && let Some(value) = self.value.pointer_mut(&pointer)
            {
                *value = Value::String(changed);
            }
        }
    }

    /// The value as a type. After [`Schema::check`] found nothing, this does not fail.
    ///
    /// # Errors
    /// What does not fit the type.
    pub fn typed<T: DeserializeOwned>(&self) -> Result<T, SourceErrors> {
        T::deserialize(&self.value).map_err(|error| SourceErrors(vec![self.error("", Text::same(error.to_string()))]))
    }

    /// A mistake in the value at a pointer. A value of several lines is marked at its key or its first key.
    pub fn error(&self, pointer: &str, message: Text) -> SourceError {
        let span = match self.places.get(pointer) {
            Some(place) if self.is_on_one_line(place.value) => Some(place.value),
            _ => self.head(pointer),
        };
        self.at(span, message)
    }

    /// A mistake in the key at a pointer.
    pub fn key_error(&self, pointer: &str, message: Text) -> SourceError {
        let span = self.places.get(pointer).and_then(|place| place.key).or_else(|| self.head(pointer));
        self.at(span, message)
    }

    /// A mistake inside the text at a pointer, at a byte range (offset, length) of the decoded text; the whole text is
    /// marked where a range cannot be told (escapes, folded lines).
    pub fn error_inside(&self, pointer: &str, range: Span, message: Text) -> SourceError {
        let mut error = self.error(pointer, message);
        let written = self.places.get(pointer).and_then(|place| {
            let raw = self.text.get(place.value.0..place.value.0 + place.value.1)?;
            Some((place.value.0, raw))
        });
        if let (Some((start, raw)), Some(Value::String(decoded))) = (written, self.value.pointer(pointer))
            && let Some(quote) = raw.find(decoded.as_str())
        {
            // What is missing at the end is marked at the last character.
            let offset = decoded.floor_char_boundary(range.0.min(decoded.len().saturating_sub(1)));
            let end = decoded.ceil_char_boundary((offset + range.1.max(1)).min(decoded.len()));
            error.span = Some((start + quote + offset, end - offset));
        }
        error
    }

    /// Where a table or list begins for a reader: its key, else its first key or item.
    fn head(&self, pointer: &str) -> Option<Span> {
        let place = self.places.get(pointer)?;
        if let Some(key) = place.key {
            return Some(key);
        }
        let below = format!("{pointer}/");
        let first = self.places.range(below.clone()..).take_while(|(key, _)| key.starts_with(&below));
        let first = first.map(|(_, place)| place.key.unwrap_or(place.value)).min_by_key(|span| span.0);
        first.or(Some((place.value.0, place.value.1.min(1))))
    }

    fn is_on_one_line(&self, span: Span) -> bool {
        self.text.get(span.0..span.0 + span.1).is_some_and(|text| !text.contains('\n') && !text.is_empty())
    }

    fn at(&self, span: Option<Span>, message: Text) -> SourceError {
        SourceError { source: self.text.clone(), span, ..SourceError::file(self.file.clone(), message) }
    }
}

/// The text with a star for every byte that is not a blank or line break.
pub fn masked(secret: &str) -> String {
    let mask = |c: char| if c.is_whitespace() { c.to_string() } else { "*".repeat(c.len_utf8()) };
    secret.chars().map(mask).collect()
}

/// A JSON Pointer to a child: `~` and `/` in names are escaped.
pub fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The advice for a word that is not among those known: the one that was probably meant, else all of them after `lead`.
pub fn advice(word: &str, known: &[&str], lead: &Text) -> Text {
    match suggestion(word, known.iter().copied()) {
        Some(meant) => did_you_mean(meant),
        None => {
            let all = known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ");
            Text::new(format!("{} {all}", lead.nl), format!("{} {all}", lead.en))
        }
    }
}

/// The lead of [`advice`] where all words are named that may stand in a place.
pub fn known_here() -> Text {
    text!("hier zijn bekend:", "known here:")
}

fn check_size(file: &str, text: &str) -> Result<(), SourceErrors> {
    if text.len() <= LARGEST {
        return Ok(());
    }
    let bytes = text.len();
    let message = text!(
        "het bestand heeft {bytes} bytes, meer dan de {LARGEST} die gelezen worden",
        "the file has {bytes} bytes, more than the {LARGEST} that are read"
    );
    Err(SourceError::file(file, message).hint(text!("splits het", "split it")).into())
}

/// A mistake of form in a text that is not parsed yet.
fn mistake(file: &str, text: &str, span: Option<Span>, message: Text) -> SourceError {
    SourceError { source: text.to_owned(), span, ..SourceError::file(file, message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_give_the_same_tree() {
        let yaml = Document::yaml("a.yaml", "a: 1\nb: [x, true]\nc:\n  d: \"1\"\n").unwrap();
        let toml = Document::toml("a.toml", "a = 1\nb = [\"x\", true]\n[c]\nd = \"1\"\n").unwrap();
        assert_eq!(yaml.value(), toml.value());
        assert_eq!(yaml.error("/c/d", Text::same("x")).line_column(), (4, 6));
        assert_eq!(toml.error("/c/d", Text::same("x")).line_column(), (4, 5));
        assert_eq!(toml.key_error("/c/d", Text::same("x")).line_column(), (4, 1));
    }

    #[test]
    fn a_table_is_marked_at_its_head() {
        let yaml = Document::yaml("a.yaml", "steps:\n  - get: A\n    expect:\n      - x: 1\n        y: 2\n").unwrap();
        assert_eq!(yaml.error("/steps/0/expect/0", Text::same("x")).line_column(), (4, 9));
        assert_eq!(yaml.error("/steps", Text::same("x")).line_column(), (1, 1));
    }

    #[test]
    fn an_offset_inside_a_text_is_told() {
        let yaml = Document::yaml("a.yaml", "path: 'a..b'\n").unwrap();
        assert_eq!(yaml.error_inside("/path", (2, 1), Text::same("x")).line_column(), (1, 10));
    }

    #[test]
    fn too_large_a_file_is_refused() {
        assert!(Document::yaml("a.yaml", &" ".repeat(LARGEST + 1)).is_err());
    }
}
