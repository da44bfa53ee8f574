//! The form of a file: a JSON Schema made from the types, all breaches of it at once, in words for the author.

use jsonschema::JsonType;
use jsonschema::Validator;
use jsonschema::error::TypeKind;
use jsonschema::error::ValidationErrorKind;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::diag::SourceError;
use crate::diag::Text;
use crate::document::Document;
use crate::document::advice;
use crate::document::child;
use crate::document::known_here;
use crate::text;

/// The form that a type gives to its file, ready to check documents.
#[derive(Debug)]
pub struct Schema {
    source: Value,
    validator: Result<Validator, String>,
}

impl Schema {
    /// The form of `T`.
    pub fn of<T: JsonSchema>() -> Self {
        // Without references, the place of a breach in the schema leads to the words known there.
        let source = generate::<T>(true);
        let validator = jsonschema::validator_for(&source).map_err(|error| error.to_string());
        Self { source, validator }
    }

    /// The JSON Schema of `T` as editors use it, ending in a line break.
    pub fn text<T: JsonSchema>(title: &str) -> String {
        let mut schema = generate::<T>(false);
        if let Some(object) = schema.as_object_mut() {
            object.insert("title".to_owned(), Value::String(title.to_owned()));
        }
        serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
    }

    /// Every breach of the form, in the order of the file.
    pub fn check(&self, document: &Document) -> Vec<SourceError> {
        let validator = match &self.validator {
            Ok(validator) => validator,
            Err(error) => {
                let message = text!(
                    "het schema van dit programma is fout: {error}",
                    "the schema of this program is wrong: {error}"
                );
                return vec![document.error("", message)];
            }
        };
        let mut errors = Vec::new();
        for error in validator.iter_errors(document.value()) {
            let pointer = error.instance_path().as_str();
            let node = error.schema_path().as_str().rsplit_once('/').map_or("", |(parent, _)| parent);
            let node = self.source.pointer(node).unwrap_or(&Value::Null);
            errors.extend(describe(document, pointer, node, &error));
        }
        errors.sort_by_key(|error| error.span);
        errors.dedup();
        errors
    }
}

/// One breach in words: several where several keys are unknown.
fn describe(
    document: &Document,
    pointer: &str,
    node: &Value,
    error: &jsonschema::ValidationError<'_>,
) -> Vec<SourceError> {
    let found = document.value().pointer(pointer).unwrap_or(&Value::Null);
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let known: Vec<&str> = known_keys(node);
            unexpected.iter().map(|key| unknown_key(document, &child(pointer, key), key, &known)).collect()
        }
        ValidationErrorKind::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            let what = node.pointer(&format!("/properties/{key}/description")).and_then(Value::as_str);
            let what = what.and_then(|text| text.split(['.', '\n']).next()).unwrap_or_default();
            let what = if what.is_empty() { String::new() } else { format!(": {what}") };
            // What a key means stands in the schema, in English only.
            let hint = text!("voeg `{key}` toe", "add `{key}`{what}");
            vec![document.key_error(pointer, text!("de sleutel `{key}` ontbreekt", "missing key `{key}`")).hint(hint)]
        }
        ValidationErrorKind::Type { kind } => {
            let Text { nl: dutch, en: english } = expected(kind);
            if document.is_concealed(pointer) {
                return vec![document.error(pointer, text!("verwacht: {dutch}", "expected {english}"))];
            }
            let there = word(found);
            let message = Text::new(
                format!("verwacht: {dutch}; gezien: {}", there.nl),
                format!("expected {english}, found {}", there.en),
            );
            let error = document.error(pointer, message);
            vec![match (kind, found) {
                (TypeKind::Single(JsonType::String), Value::Number(_) | Value::Bool(_)) => {
                    error.hint(text!("zet het tussen aanhalingstekens: \"{found}\"", "put it in quotes: \"{found}\""))
                }
                (TypeKind::Single(JsonType::Array), Value::String(_) | Value::Number(_)) => {
                    let bare = found.to_string().replace('"', "");
                    error.hint(text!("zet het tussen haken: [{bare}]", "put it in brackets: [{bare}]"))
                }
                _ => error,
            }]
        }
        _ => {
            let options = options(node);
            if options.is_empty() {
                return vec![document.error(pointer, Text::same(lower(&error.to_string())))];
            }
            let seen = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
            if !found.is_string() && options.contains(&seen.as_str()) {
                let there = word(found);
                let message = Text::new(
                    format!("verwacht: een tekst; gezien: {}", there.nl),
                    format!("expected a text, found {}", there.en),
                );
                let hint = text!("zet het tussen aanhalingstekens: \"{seen}\"", "put it in quotes: \"{seen}\"");
                return vec![document.error(pointer, message).hint(hint)];
            }
            let error = document.error(pointer, text!("onbekende waarde `{seen}`", "unknown value `{seen}`"));
            vec![error.hint(advice(&seen, &options, &text!("gebruik", "use")))]
        }
    }
}

fn unknown_key(document: &Document, pointer: &str, key: &str, known: &[&str]) -> SourceError {
    let message = text!("onbekende sleutel `{key}`", "unknown key `{key}`");
    document.key_error(pointer, message).hint(advice(key, known, &known_here()))
}

fn known_keys(node: &Value) -> Vec<&str> {
    let properties = node.get("properties").and_then(Value::as_object);
    properties.map(|keys| keys.keys().map(String::as_str).collect()).unwrap_or_default()
}

/// The words of an enumeration: `enum`, or one `const` for each documented variant.
fn options(node: &Value) -> Vec<&str> {
    let listed = node.get("enum").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let variants = node.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let constants = variants.flat_map(|variant| match variant.get("const") {
        Some(Value::String(word)) => vec![word.as_str()],
        _ => options(variant),
    });
    listed.chain(constants).collect()
}

fn expected(kind: &TypeKind) -> Text {
    match kind {
        TypeKind::Single(JsonType::String) => text!("een tekst", "a text"),
        TypeKind::Single(JsonType::Integer) => text!("een geheel getal", "a whole number"),
        TypeKind::Single(JsonType::Number) => text!("een getal", "a number"),
        TypeKind::Single(JsonType::Boolean) => text!("true of false", "true or false"),
        TypeKind::Single(JsonType::Array) => text!("een lijst", "a list"),
        TypeKind::Single(JsonType::Object) => text!("een tabel met sleutels", "a table of keys"),
        _ => text!("een ander type", "another type"),
    }
}

fn word(value: &Value) -> Text {
    match value {
        Value::Null => text!("niets", "nothing"),
        Value::Bool(truth) => text!("`{truth}`", "`{truth}`"),
        Value::Number(number) => text!("het getal `{number}`", "the number `{number}`"),
        Value::String(text) => {
            let start: String = text.chars().take(40).collect();
            text!("de tekst `{start}`", "the text `{start}`")
        }
        Value::Array(_) => text!("een lijst", "a list"),
        Value::Object(_) => text!("een tabel met sleutels", "a table of keys"),
    }
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

/// The schema of a type as it is read. An optional key may be left out, but not be empty.
fn generate<T: JsonSchema>(inline: bool) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = inline);
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let mut value = schema.to_value();
    without_null(&mut value);
    value
}

fn without_null(node: &mut Value) {
    match node {
        Value::Array(items) => items.iter_mut().for_each(without_null),
        Value::Object(object) => {
            if object.get("default").is_some_and(Value::is_null) {
                object.remove("default");
            }
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [one] = types.as_slice() {
                    let one = one.clone();
                    object.insert("type".to_owned(), one);
                }
            }
            if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
                choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
                if let [Value::Object(only)] = choices.as_slice() {
                    let only = only.clone();
                    object.remove("anyOf");
                    for (key, value) in only {
                        object.entry(key).or_insert(value);
                    }
                }
            }
            object.values_mut().for_each(without_null);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Head {
        /// The name. It is short.
        name: String,
        #[serde(default)]
        color: Option<Color>,
        #[serde(default)]
        list: Vec<u16>,
        #[serde(default)]
        parts: Vec<Part>,
    }

    #[derive(JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Part {
        size: u32,
        #[serde(default)]
        again: bool,
    }

    #[derive(JsonSchema)]
    #[serde(rename_all = "lowercase")]
    #[allow(dead_code)]
    enum Color {
        /// As blood.
        Red,
        /// As grass.
        Green,
    }

    fn check(text: &str) -> Vec<String> {
        let document = Document::yaml("a.yaml", text).unwrap();
        Schema::of::<Head>().check(&document).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn all_breaches_come_in_the_order_of_the_file() {
        let found = check("colr: red\nlist: 200\nparts:\n  - again: yes\n    sze: 1\ncolor: blue\n");
        assert_eq!(
            found,
            [
                "a.yaml:1:1: unknown key `colr` (did you mean `color`?)",
                "a.yaml:1:1: missing key `name` (add `name`: The name)",
                "a.yaml:2:7: expected a list, found the number `200` (put it in brackets: [200])",
                "a.yaml:4:5: missing key `size` (add `size`)",
                "a.yaml:4:12: expected true or false, found the text `yes`",
                "a.yaml:5:5: unknown key `sze` (did you mean `size`?)",
                "a.yaml:6:8: unknown value `blue` (use `red`, `green`)",
            ]
        );
    }

    #[test]
    fn a_good_document_has_no_breach() {
        assert_eq!(check("name: x\ncolor: green\nparts: [{ size: 1 }]\n"), Vec::<String>::new());
        assert_eq!(
            check("name: 1.1\n"),
            ["a.yaml:1:7: expected a text, found the number `1.1` (put it in quotes: \"1.1\")"]
        );
        assert_eq!(check("name:\n")[0], "a.yaml:1:1: expected a text, found nothing");
    }
}
