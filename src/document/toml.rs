//! TOML into the tree with places.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Number;
use serde_json::Value;
use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

use crate::diag::SourceErrors;
use crate::document::DEEPEST;
use crate::document::Document;
use crate::document::Place;
use crate::document::Span;
use crate::document::child;
use crate::document::mistake;
use crate::text;

/// Reads a TOML document.
pub fn read(file: &str, text: &str) -> Result<Document, SourceErrors> {
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let errors = errors.iter().map(|error| {
            let span = error.span().map(|range| (range.start, range.len().max(1)));
            {
                let why = error.message();
                mistake(file, text, span, text!("geen TOML: {why}", "not TOML: {why}"))
            }
        });
        return Err(SourceErrors(errors.collect()));
    }
    let mut reader = Reader { places: BTreeMap::new(), too_deep: None };
    reader.places.insert(String::new(), Place { key: None, value: range(&root) });
    let value = reader.table(root.get_ref(), "", 0);
    match reader.too_deep {
        Some(span) => Err(mistake(
            file,
            text,
            Some(span),
            text!("meer dan {DEEPEST} niveaus diep", "more than {DEEPEST} levels deep"),
        )
        .into()),
        None => Ok(Document {
            file: file.to_owned(),
            text: text.to_owned(),
            value,
            places: reader.places,
            concealed: BTreeSet::new(),
        }),
    }
}

struct Reader {
    places: BTreeMap<String, Place>,
    too_deep: Option<Span>,
}

impl Reader {
    fn table(&mut self, table: &DeTable<'_>, pointer: &str, depth: usize) -> Value {
        // The parser orders keys by name; the order of the file is what people see.
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let mut out = Map::new();
        for (key, value) in entries {
            let at = child(pointer, key.get_ref());
            self.places.insert(at.clone(), Place { key: Some(range(key)), value: range(value) });
            let value = self.value(value, &at, depth + 1);
            out.insert(key.get_ref().to_string(), value);
        }
        Value::Object(out)
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, pointer: &str, depth: usize) -> Value {
        if depth > DEEPEST {
            self.too_deep = Some(range(value));
            return Value::Null;
        }
        match value.get_ref() {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| Value::String(number.as_str().to_owned()), Value::from),
            DeValue::Float(number) => number
                .as_str()
                .parse::<f64>()
                .ok()
                .and_then(Number::from_f64)
                .map_or_else(|| Value::String(number.as_str().to_owned()), Value::Number),
            DeValue::Boolean(truth) => Value::Bool(*truth),
            DeValue::Datetime(moment) => Value::String(moment.to_string()),
            DeValue::Array(items) => {
                let mut out = Vec::new();
                for (i, item) in items.iter().enumerate() {
                    let at = child(pointer, &i.to_string());
                    self.places.insert(at.clone(), Place { key: None, value: range(item) });
                    out.push(self.value(item, &at, depth + 1));
                }
                Value::Array(out)
            }
            DeValue::Table(table) => self.table(table, pointer, depth),
        }
    }
}

fn range<T>(spanned: &Spanned<T>) -> Span {
    let range = spanned.span();
    (range.start, range.end.saturating_sub(range.start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_of_form_is_shown() {
        let errors = read("a.toml", "a = \nb = 1\nc = 2020-99-99\n").unwrap_err();
        assert!(errors.0.len() >= 2, "{errors}");
        assert!(errors.0[0].to_string().starts_with("a.toml:1:"), "{errors}");
    }

    #[test]
    fn dates_are_text() {
        let read = read("a.toml", "a = 2027-03-01\nb = 0x10\n").unwrap();
        assert_eq!(read.value(), &serde_json::json!({"a": "2027-03-01", "b": 16}));
    }
}
