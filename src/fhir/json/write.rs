//! [`Element`] to FHIR JSON text.
//!
//! The definitions, when given, say what is a list, a number or a boolean; without them the way it was read does. Only
//! they can tell that an element without a value is a primitive, whose extensions go into `_name`.

use std::collections::HashMap;

use crate::fhir::element::Element;
use crate::fhir::element::Scalar;
use crate::fhir::element::ScalarKind;
use crate::fhir::path::Model;

/// Writes a resource as JSON without white space.
pub fn write(root: &Element, model: Option<&dyn Model>) -> String {
    start(root, model, None)
}

/// Writes a resource as JSON with two blanks for each level and a line feed at the end.
pub fn write_pretty(root: &Element, model: Option<&dyn Model>) -> String {
    let mut out = start(root, model, Some(0));
    out.push('\n');
    out
}

/// Writes one element, of type `kind`, as the JSON value that it is within its resource: an object, or the value of a primitive.
pub fn write_element(element: &Element, kind: &str, model: &dyn Model) -> String {
    let mut writer = Writer { out: String::new(), model: Some(model), indent: None };
    match &element.value {
        Some(value) => writer.scalar(value, Some(kind)),
        None => writer.object(element, Some(kind)),
    }
    writer.out
}

fn start(root: &Element, model: Option<&dyn Model>, indent: Option<usize>) -> String {
    let mut writer = Writer { out: String::new(), model, indent };
    writer.object(root, root.resource_type.as_deref());
    writer.out
}

struct Writer<'a> {
    out: String,
    model: Option<&'a dyn Model>,
    /// Depth, when lines are broken.
    indent: Option<usize>,
}

impl Writer<'_> {
    fn object(&mut self, element: &Element, kind: Option<&str>) {
        let mut first = true;
        self.open('{');
        if let Some(resource_type) = &element.resource_type {
            self.key("", "resourceType", &mut first);
            self.text(resource_type);
        }
        self.properties(element, kind, &mut first);
        self.close('}', first);
    }

    fn properties(&mut self, element: &Element, kind: Option<&str>, first: &mut bool) {
        // All items of a list are written at its first; they nearly always stand together.
        let mut groups: Vec<Vec<&Element>> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        for child in &element.children {
            let group = *known.entry(&child.name).or_insert(groups.len());
            match groups.get_mut(group) {
                Some(items) => items.push(child),
                None => groups.push(vec![child]),
            }
        }
        for items in groups {
            let Some(child) = items.first().copied() else { continue };
            let facts = match (self.model, kind) {
                (Some(model), Some(kind)) => model.child(kind, &child.name),
                _ => None,
            };
            let repeats = facts.map_or(child.index.is_some(), |facts| facts.repeats);
            let kind = facts.map(|facts| facts.kind);
            if repeats || items.len() > 1 {
                self.list(&child.name, &items, kind, first);
            } else {
                self.single(child, kind, first);
            }
        }
    }

    fn single(&mut self, item: &Element, kind: Option<&str>, first: &mut bool) {
        if let Some(value) = &item.value {
            self.key("", &item.name, first);
            self.scalar(value, kind);
            if !item.children.is_empty() {
                self.key("_", &item.name, first);
                self.shadow(item, kind);
            }
        } else if self.is_primitive(kind, &[item]) {
            self.key("_", &item.name, first);
            self.shadow(item, kind);
        } else {
            self.key("", &item.name, first);
            self.object(item, item.resource_type.as_deref().or(kind));
        }
    }

    fn list(&mut self, name: &str, items: &[&Element], kind: Option<&str>, first: &mut bool) {
        if !self.is_primitive(kind, items) {
            self.key("", name, first);
            self.items(items, |writer, item| writer.object(item, item.resource_type.as_deref().or(kind)));
            return;
        }
        if items.iter().any(|item| item.value.is_some()) {
            self.key("", name, first);
            self.items(items, |writer, item| match &item.value {
                Some(value) => writer.scalar(value, kind),
                None => writer.out.push_str("null"),
            });
        }
        if items.iter().any(|item| !item.children.is_empty()) {
            self.key("_", name, first);
            self.items(items, |writer, item| {
                if item.children.is_empty() {
                    writer.out.push_str("null");
                } else {
                    writer.shadow(item, kind);
                }
            });
        }
    }

    fn items(&mut self, items: &[&Element], mut write: impl FnMut(&mut Self, &Element)) {
        self.open('[');
        for (position, item) in items.iter().enumerate() {
            if position > 0 {
                self.out.push(',');
            }
            self.line();
            write(self, item);
        }
        self.close(']', items.is_empty());
    }

    fn shadow(&mut self, item: &Element, kind: Option<&str>) {
        let mut first = true;
        self.open('{');
        self.properties(item, kind.or(Some("Element")), &mut first);
        self.close('}', first);
    }

    fn scalar(&mut self, value: &Scalar, kind: Option<&str>) {
        let text = &*value.text;
        let bare = match (value.kind, kind) {
            (ScalarKind::Text, _) => false,
            (ScalarKind::Number | ScalarKind::Boolean, _) => true,
            (ScalarKind::Attribute, Some("boolean")) => text == "true" || text == "false",
            (ScalarKind::Attribute, Some("integer" | "unsignedInt" | "positiveInt" | "decimal")) => is_number(text),
            (ScalarKind::Attribute, _) => false,
        };
        if bare {
            self.out.push_str(text);
        } else {
            self.text(text);
        }
    }

    /// Whether these are primitives: because one has a value, or by their type.
    fn is_primitive(&self, kind: Option<&str>, items: &[&Element]) -> bool {
        if items.iter().any(|item| item.value.is_some()) {
            return true;
        }
        match (self.model, kind) {
            (Some(model), Some(kind)) => model.is_primitive(kind),
            _ => false,
        }
    }

    fn key(&mut self, prefix: &str, name: &str, first: &mut bool) {
        if !*first {
            self.out.push(',');
        }
        *first = false;
        self.line();
        self.out.push('"');
        self.out.push_str(prefix);
        self.escaped(name);
        self.out.push_str(if self.indent.is_some() { "\": " } else { "\":" });
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        self.escaped(text);
        self.out.push('"');
    }

    fn escaped(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
            self.out.push_str(&rest[..at]);
            match rest.as_bytes()[at] {
                b'"' => self.out.push_str("\\\""),
                b'\\' => self.out.push_str("\\\\"),
                b'\n' => self.out.push_str("\\n"),
                b'\r' => self.out.push_str("\\r"),
                b'\t' => self.out.push_str("\\t"),
                other => self.out.push_str(&format!("\\u{other:04x}")),
            }
            rest = &rest[at + 1..];
        }
        self.out.push_str(rest);
    }

    fn open(&mut self, bracket: char) {
        self.out.push(bracket);
        self.indent = self.indent.map(|depth| depth + 1);
    }

    fn close(&mut self, bracket: char, empty: bool) {
        self.indent = self.indent.map(|depth| depth - 1);
        if !empty {
            self.line();
        }
        self.out.push(bracket);
    }

    fn line(&mut self) {
        if let Some(depth) = self.indent {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("  ", depth));
        }
    }
}

/// The grammar of a JSON number; XML allows more (`+1`, `01`, `INF`).
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}

#[cfg(test)]
mod tests {
    use crate::fhir::json::parse;
    use crate::fhir::syntax::ShapeProblemKind;

    use super::*;

    fn check(input: &str, expect: &str) {
        let (root, _) = parse(input.as_bytes()).unwrap();
        assert_eq!(write(&root, None), expect);
    }

    fn problems(input: &str, expect: &[ShapeProblemKind]) {
        let (root, problems) = parse(input.as_bytes()).unwrap();
        assert_eq!(problems.iter().map(|problem| problem.kind).collect::<Vec<_>>(), expect, "{root:#?}");
    }

    #[test]
    fn what_is_read_is_written() {
        for text in [
            r#"{"resourceType":"Patient","id":"a","active":true,"name":[{"given":["A\n\"","é"],"_given":[null,{"id":"x"}]}]}"#,
            r#"{"resourceType":"Observation","valueQuantity":{"value":1.0,"code":"kg"},"valueInteger":-1.50e+3}"#,
            r#"{"resourceType":"Patient","birthDate":"2000","_birthDate":{"extension":[{"url":"u","valueCode":"c"}]}}"#,
            r#"{"resourceType":"Patient","contained":[{"resourceType":"Basic","id":"b"}]}"#,
            r#"{"resourceType":"Patient","name":[{"given":[null,"B"],"_given":[{"id":"x"},null]}]}"#,
        ] {
            check(text, text);
        }
    }

    #[test]
    fn white_space_and_escapes_go() {
        check(" {\r\n \"resourceType\" : \"\\u0042\\u00e9\\ud83d\\ude00\\/\" }\t", "{\"resourceType\":\"Bé😀/\"}");
    }

    #[test]
    fn extensions_may_come_first() {
        let (root, problems) =
            parse(br#"{"resourceType":"P","_a":{"id":"i"},"b":"x","a":"y","_c":[null,{"id":"j"}]}"#).unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        let names: Vec<_> = root.children.iter().map(|child| (&*child.name, child.as_text(), child.index)).collect();
        assert_eq!(names, [("b", Some("x"), None), ("a", Some("y"), None), ("c", None, Some(1))]);
        assert_eq!(root.child("a").unwrap().text("id"), Some("i"));
    }

    #[test]
    fn resource_type_is_an_element_where_no_resource_stands() {
        let (root, _) =
            parse(br#"{"resourceType":"ExampleScenario","instance":[{"resourceType":"Patient"}]}"#).unwrap();
        assert_eq!(root.child("instance").unwrap().text("resourceType"), Some("Patient"));
    }

    #[test]
    fn wrong_shapes_are_listed() {
        problems(r#"{"a":1}"#, &[ShapeProblemKind::NoResourceType]);
        problems(r#"{"resourceType":"P","a":1,"a":2}"#, &[ShapeProblemKind::DuplicateKey]);
        problems(r#"{"resourceType":"P","a":null}"#, &[ShapeProblemKind::LoneNull]);
        problems(r#"{"resourceType":"P","a":[null,"x"]}"#, &[ShapeProblemKind::LoneNull]);
        problems(r#"{"resourceType":"P","a":[]}"#, &[ShapeProblemKind::EmptyList]);
        problems(r#"{"resourceType":"P","a":{}}"#, &[ShapeProblemKind::EmptyObject]);
        problems(r#"{"resourceType":"P","a":[[1]]}"#, &[ShapeProblemKind::NestedList, ShapeProblemKind::EmptyList]);
        problems(r#"{"resourceType":"P","_a":1}"#, &[ShapeProblemKind::ExtensionShape]);
        problems(r#"{"resourceType":"P","a":"x","_a":[{"id":"i"}]}"#, &[ShapeProblemKind::ExtensionShape]);
        problems(r#"{"resourceType":"P","a":{"b":1},"_a":{"id":"i"}}"#, &[ShapeProblemKind::ExtensionShape]);
        problems(r#"{"resourceType":"P","a":["x"],"_a":[null,{"id":"i"}]}"#, &[ShapeProblemKind::ExtensionCount]);
        problems(r#"{"resourceType":"P","a":["x","y"],"_a":[{"id":"i"}]}"#, &[ShapeProblemKind::ExtensionCount]);
    }

    #[test]
    fn numbers_of_json() {
        for (text, expect) in
            [("0", true), ("-0.0", true), ("1e5", true), ("01", false), ("+1", false), ("1.", false), ("", false)]
        {
            assert_eq!(is_number(text), expect, "{text}");
        }
    }
}
