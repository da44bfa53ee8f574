//! JSON text to [`Element`], in one pass.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::fhir::element::Element;
use crate::fhir::element::Scalar;
use crate::fhir::element::ScalarKind;
use crate::fhir::element::Span;
use crate::fhir::json::scan::Scanner;
use crate::fhir::json::scan::Step;
use crate::fhir::syntax::MAX_DEPTH;
use crate::fhir::syntax::MAX_ELEMENTS;
use crate::fhir::syntax::ParseError;
use crate::fhir::syntax::ParseErrorKind;
use crate::fhir::syntax::ShapeProblem;
use crate::fhir::syntax::ShapeProblemKind;
use crate::fhir::syntax::found_inside;
use crate::fhir::syntax::text_of;

/// Reads a resource. Never panics, whatever the bytes are.
pub fn parse(text: &[u8]) -> Result<(Element, Vec<ShapeProblem>), ParseError> {
    parse_within(text, MAX_ELEMENTS)
}

fn parse_within(text: &[u8], elements_left: usize) -> Result<(Element, Vec<ShapeProblem>), ParseError> {
    let utf8 = text_of(text)?;
    let mut reader = Reader {
        scan: Scanner { text: utf8, bytes: text, at: 0 },
        depth: 0,
        elements_left,
        entries: Vec::new(),
        problems: Vec::new(),
    };
    let root = reader.document().map_err(|kind| ParseError::at(text, reader.scan.at, kind))?;
    Ok((root, reader.problems))
}

/// Names of the elements that may hold a resource. Elsewhere `resourceType` is an element like any other: R4's
/// `ExampleScenario.instance` has one.
const RESOURCE_HOLDERS: &[&str] = &["contained", "resource", "outcome"];

struct Reader<'a> {
    scan: Scanner<'a>,
    depth: usize,
    elements_left: usize,
    /// The properties of the objects that are open; one stack for all of them saves an allocation for each object.
    entries: Vec<Entry<'a>>,
    problems: Vec<ShapeProblem>,
}

/// One property of an object.
struct Entry<'a> {
    /// Without the `_` of `_name`.
    name: Cow<'a, str>,
    at: usize,
    is_list: bool,
    /// How many children it made.
    count: usize,
    /// For `_name`: ids and extensions, item by item.
    shadow: Option<Vec<Option<Element>>>,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Step<Element> {
        // RFC 8259, section 8.1: a reader may ignore a byte order mark.
        if self.scan.bytes.starts_with(b"\xef\xbb\xbf") {
            self.scan.at = 3;
        }
        self.scan.space();
        if self.scan.peek() != Some(b'{') {
            return Err(match self.scan.peek() {
                None => ParseErrorKind::UnexpectedEnd,
                Some(_) => ParseErrorKind::NotAnObject,
            });
        }
        let mut root = Element { span: span(self.scan.at), ..Element::default() };
        self.object(&mut root, true)?;
        self.scan.space();
        if self.scan.at < self.scan.bytes.len() {
            return Err(ParseErrorKind::TrailingText);
        }
        match &root.resource_type {
            Some(kind) => root.name = kind.clone(),
            None => self.problem("resourceType", 0, ShapeProblemKind::NoResourceType),
        }
        Ok(root)
    }

    /// Reads an object into the element.
    fn object(&mut self, element: &mut Element, may_be_resource: bool) -> Step<()> {
        self.enter()?;
        let start = self.scan.at;
        self.scan.at += 1;
        let base = self.entries.len();
        let mut plain = true;
        self.scan.space();
        if self.scan.peek() == Some(b'}') {
            self.scan.at += 1;
            let name = element.name.clone();
            // Whoever asked for the object adds the step to it.
            self.problems.push(ShapeProblem {
                name,
                steps: Vec::new(),
                span: span(start),
                kind: ShapeProblemKind::EmptyObject,
            });
        } else {
            loop {
                plain &= self.property(element, may_be_resource)?;
                self.scan.space();
                match self.scan.peek() {
                    Some(b',') => self.scan.at += 1,
                    Some(b'}') => break self.scan.at += 1,
                    None => return Err(ParseErrorKind::UnexpectedEnd),
                    Some(_) => return Err(ParseErrorKind::Expected("`,` or `}`")),
                }
                self.scan.space();
            }
        }
        if !plain || has_duplicates(&self.entries[base..]) {
            self.merge(element, base);
        }
        self.entries.truncate(base);
        self.depth -= 1;
        Ok(())
    }

    /// Reads one property into the children; false when [`Reader::merge`] must look at it.
    fn property(&mut self, element: &mut Element, may_be_resource: bool) -> Step<bool> {
        self.count()?;
        let at = self.scan.at;
        if self.scan.peek() != Some(b'"') {
            return Err(self.expected("a property name in quotes"));
        }
        let key = self.scan.string()?;
        self.scan.space();
        if self.scan.peek() != Some(b':') {
            return Err(self.expected("`:`"));
        }
        self.scan.at += 1;
        self.scan.space();
        if may_be_resource && key == "resourceType" && self.scan.peek() == Some(b'"') && element.resource_type.is_none()
        {
            let kind = self.scan.string()?;
            element.resource_type = Some(kind.into());
            return Ok(true);
        }
        if key.len() > 1 && key.starts_with('_') {
            let name = match key {
                Cow::Borrowed(key) => Cow::Borrowed(&key[1..]),
                Cow::Owned(key) => Cow::Owned(key[1..].to_string()),
            };
            let (shadow, is_list) = self.shadow(&name)?;
            self.entries.push(Entry { name, at, is_list, count: 0, shadow: Some(shadow) });
            return Ok(false);
        }
        let before = element.children.len();
        let is_list = self.scan.peek() == Some(b'[');
        if is_list {
            self.list(&key, &mut element.children)?;
        } else if self.scan.peek() == Some(b'n') {
            self.scan.literal("null")?;
            self.problem(&key, at, ShapeProblemKind::LoneNull);
        } else {
            let mut child = Element { name: (&*key).into(), span: span(at), ..Element::default() };
            self.inside(&key, None, |reader| reader.value(&mut child))?;
            element.children.push(child);
        }
        let count = element.children.len() - before;
        // A place that `null` keeps free must be filled by the extensions in `_name`.
        let plain = !is_list || element.children[before..].iter().all(|item| !is_hole(item));
        self.entries.push(Entry { name: key, at, is_list, count, shadow: None });
        Ok(plain)
    }

    /// Reads the items of a list as children with this name. A `null` gives an element with nothing in it.
    fn list(&mut self, name: &str, children: &mut Vec<Element>) -> Step<()> {
        let start = self.scan.at;
        let mut index = 0u32;
        self.items(|reader| {
            reader.count()?;
            let at = reader.scan.at;
            let mut child = Element { name: name.into(), index: Some(index), span: span(at), ..Element::default() };
            match reader.scan.peek() {
                Some(b'[') => {
                    reader.inside(name, Some(index), Reader::skip_list)?;
                    reader.problem_at(name, Some(index), at, ShapeProblemKind::NestedList);
                    return Ok(());
                }
                Some(b'n') => reader.scan.literal("null")?,
                _ => reader.inside(name, Some(index), |reader| reader.value(&mut child))?,
            }
            index += 1;
            children.push(child);
            Ok(())
        })?;
        if index == 0 {
            self.problem(name, start, ShapeProblemKind::EmptyList);
        }
        Ok(())
    }

    /// Reads the value of `_name`.
    fn shadow(&mut self, name: &str) -> Step<(Vec<Option<Element>>, bool)> {
        let start = self.scan.at;
        let is_list = self.scan.peek() == Some(b'[');
        let mut items = Vec::new();
        let one = |reader: &mut Reader<'a>, items: &mut Vec<Option<Element>>| -> Step<()> {
            reader.count()?;
            let at = reader.scan.at;
            match reader.scan.peek() {
                Some(b'{') => {
                    let mut item = Element { name: name.into(), span: span(at), ..Element::default() };
                    let index = is_list.then_some(u32::try_from(items.len()).unwrap_or(u32::MAX));
                    reader.inside(name, index, |reader| reader.object(&mut item, false))?;
                    items.push(Some(item));
                }
                Some(b'n') => {
                    reader.scan.literal("null")?;
                    items.push(None);
                }
                Some(b'[') => {
                    reader.inside(name, None, Reader::skip_list)?;
                    reader.problem(name, at, ShapeProblemKind::ExtensionShape);
                }
                _ => {
                    reader.inside(name, None, |reader| reader.value(&mut Element::default()))?;
                    reader.problem(name, at, ShapeProblemKind::ExtensionShape);
                }
            }
            Ok(())
        };
        if is_list {
            self.items(|reader| one(reader, &mut items))?;
            if items.is_empty() {
                self.problem(name, start, ShapeProblemKind::EmptyList);
            }
            return Ok((items, true));
        }
        one(self, &mut items)?;
        if matches!(items.first(), Some(None)) {
            self.problem(name, start, ShapeProblemKind::LoneNull);
            items.clear();
        }
        Ok((items, false))
    }

    /// Joins `_name` with `name` and drops what occurs twice.
    fn merge(&mut self, element: &mut Element, base: usize) {
        let entries: Vec<Entry<'a>> = self.entries.drain(base..).collect();
        let mut shadows: HashMap<&str, &Entry<'a>> = HashMap::new();
        let mut values: HashMap<&str, usize> = HashMap::new();
        for (position, entry) in entries.iter().enumerate() {
            let is_new = match &entry.shadow {
                Some(_) => shadows.insert(&entry.name, entry).is_none(),
                None => values.insert(&entry.name, position).is_none(),
            };
            if !is_new {
                self.problem(&entry.name, entry.at, ShapeProblemKind::DuplicateKey);
            }
        }
        // Of what occurs twice the first stays.
        for (position, entry) in entries.iter().enumerate().rev() {
            match &entry.shadow {
                Some(_) => drop(shadows.insert(&entry.name, entry)),
                None => drop(values.insert(&entry.name, position)),
            }
        }
        let mut old = std::mem::take(&mut element.children).into_iter();
        for (position, entry) in entries.iter().enumerate() {
            let items: Vec<Element> = old.by_ref().take(entry.count).collect();
            match &entry.shadow {
                None if values.get(&*entry.name) == Some(&position) => {
                    let shadow = shadows.get(&*entry.name).copied();
                    self.join(&mut element.children, entry, items, shadow);
                }
                Some(_)
                    if !values.contains_key(&*entry.name)
                        && shadows.get(&*entry.name).is_some_and(|first| std::ptr::eq(*first, entry)) =>
                {
                    self.join(&mut element.children, entry, Vec::new(), Some(entry));
                }
                _ => {}
            }
        }
    }

    fn join(
        &mut self,
        children: &mut Vec<Element>,
        entry: &Entry<'a>,
        mut items: Vec<Element>,
        shadow: Option<&Entry<'a>>,
    ) {
        let extras = shadow.and_then(|shadow| shadow.shadow.as_deref()).unwrap_or_default();
        if let Some(shadow) = shadow.filter(|shadow| !std::ptr::eq(*shadow, entry)) {
            if shadow.is_list != entry.is_list && !items.is_empty() {
                self.problem(&entry.name, shadow.at, ShapeProblemKind::ExtensionShape);
            } else if entry.is_list && extras.len() != items.len() && !extras.is_empty() {
                self.problem(&entry.name, shadow.at, ShapeProblemKind::ExtensionCount);
            }
        }
        let is_list = entry.is_list || shadow.is_some_and(|shadow| shadow.is_list);
        for (position, extra) in extras.iter().enumerate() {
            if position >= items.len() {
                let index = is_list.then_some(position as u32);
                let at = extra.as_ref().map_or(span(entry.at), |extra| extra.span);
                items.push(Element { name: (&*entry.name).into(), index, span: at, ..Element::default() });
            }
            let Some(extra) = extra else { continue };
            let item = &mut items[position];
            if item.value.is_none() && !item.children.is_empty() {
                // `name` is an object: extensions belong inside it.
                self.problem(&entry.name, extra.span.offset as usize, ShapeProblemKind::ExtensionShape);
            } else {
                item.children = extra.children.clone();
            }
        }
        for item in items {
            // An object without properties stays, and has its own problem already.
            let written = self.scan.bytes.get(item.span.offset as usize);
            if is_hole(&item) && is_list && written != Some(&b'{') {
                if written == Some(&b'n') {
                    self.problem_at(&entry.name, item.index, item.span.offset as usize, ShapeProblemKind::LoneNull);
                }
                continue;
            }
            children.push(item);
        }
    }

    /// Reads an object or a primitive into the element.
    fn value(&mut self, element: &mut Element) -> Step<()> {
        let (text, kind): (Box<str>, _) = match self.scan.peek() {
            Some(b'{') => {
                let may_be_resource = RESOURCE_HOLDERS.contains(&&*element.name);
                return self.object(element, may_be_resource);
            }
            Some(b'"') => (self.scan.string()?.into(), ScalarKind::Text),
            Some(b't') => {
                self.scan.literal("true")?;
                ("true".into(), ScalarKind::Boolean)
            }
            Some(b'f') => {
                self.scan.literal("false")?;
                ("false".into(), ScalarKind::Boolean)
            }
            Some(b'-' | b'0'..=b'9') => (self.scan.number()?.into(), ScalarKind::Number),
            None => return Err(ParseErrorKind::UnexpectedEnd),
            Some(_) => return Err(ParseErrorKind::Expected("a value")),
        };
        element.value = Some(Scalar { text, kind });
        Ok(())
    }

    /// Calls `item` at the start of each item of the list that starts here.
    fn items(&mut self, mut item: impl FnMut(&mut Self) -> Step<()>) -> Step<()> {
        self.enter()?;
        self.scan.at += 1;
        self.scan.space();
        if self.scan.peek() == Some(b']') {
            self.scan.at += 1;
        } else {
            loop {
                item(self)?;
                self.scan.space();
                match self.scan.peek() {
                    Some(b',') => self.scan.at += 1,
                    Some(b']') => break self.scan.at += 1,
                    None => return Err(ParseErrorKind::UnexpectedEnd),
                    Some(_) => return Err(ParseErrorKind::Expected("`,` or `]`")),
                }
                self.scan.space();
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads past a list in a list.
    fn skip_list(&mut self) -> Step<()> {
        self.items(|reader| match reader.scan.peek() {
            Some(b'[') => reader.skip_list(),
            Some(b'n') => reader.scan.literal("null"),
            _ => reader.value(&mut Element::default()),
        })
    }

    fn enter(&mut self) -> Step<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(ParseErrorKind::TooDeep) } else { Ok(()) }
    }

    /// Each property and item takes memory, however short it is written.
    fn count(&mut self) -> Step<()> {
        self.elements_left = self.elements_left.checked_sub(1).ok_or(ParseErrorKind::TooManyElements)?;
        Ok(())
    }

    fn expected(&self, what: &'static str) -> ParseErrorKind {
        if self.scan.at < self.scan.bytes.len() {
            ParseErrorKind::Expected(what)
        } else {
            ParseErrorKind::UnexpectedEnd
        }
    }

    /// Reads something inside an element; the problems found there get the step to that.
    fn inside(&mut self, name: &str, index: Option<u32>, read: impl FnOnce(&mut Self) -> Step<()>) -> Step<()> {
        let before = self.problems.len();
        read(self)?;
        found_inside(&mut self.problems[before..], name, index);
        Ok(())
    }

    fn problem(&mut self, name: &str, at: usize, kind: ShapeProblemKind) {
        self.problem_at(name, None, at, kind);
    }

    fn problem_at(&mut self, name: &str, index: Option<u32>, at: usize, kind: ShapeProblemKind) {
        self.problems.push(ShapeProblem { name: name.into(), steps: vec![(name.into(), index)], span: span(at), kind });
    }
}

/// An element that holds nothing: a `null` in a list, or an empty object.
fn is_hole(element: &Element) -> bool {
    element.value.is_none() && element.children.is_empty() && element.resource_type.is_none()
}

fn has_duplicates(entries: &[Entry<'_>]) -> bool {
    if entries.len() <= 16 {
        return entries
            .iter()
            .enumerate()
            .any(|(position, entry)| entries[..position].iter().any(|old| old.name == entry.name));
    }
    let mut names: Vec<&str> = entries.iter().map(|entry| &*entry.name).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair[0] == pair[1])
}

/// The size limit keeps offsets within 32 bits.
fn span(at: usize) -> Span {
    Span { offset: u32::try_from(at).unwrap_or(u32::MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::locate;
    use crate::fhir::mutation;

    fn check(text: &[u8], line: u32, column: u32, kind: ParseErrorKind) {
        assert_eq!(parse(text), Err(ParseError { line, column, kind }), "{}", String::from_utf8_lossy(text));
    }

    #[test]
    fn text_that_is_no_json() {
        check(b"", 1, 1, ParseErrorKind::UnexpectedEnd);
        check(b"[1]", 1, 1, ParseErrorKind::NotAnObject);
        check(b"{", 1, 2, ParseErrorKind::UnexpectedEnd);
        check(b"{\n  \"a\" 1}", 2, 7, ParseErrorKind::Expected("`:`"));
        check(b"{\"a\":1,}", 1, 8, ParseErrorKind::Expected("a property name in quotes"));
        check(b"{\"a\":[1,]}", 1, 9, ParseErrorKind::Expected("a value"));
        check(b"{\"a\":01}", 1, 7, ParseErrorKind::BadNumber);
        check(b"{\"a\":1.}", 1, 8, ParseErrorKind::BadNumber);
        check(b"{\"a\":nul}", 1, 6, ParseErrorKind::Expected("a value"));
        check(b"{\"a\":\"\\ud800x\"}", 1, 7, ParseErrorKind::BadEscape);
        check(b"{\"a\":\"\\u12", 1, 7, ParseErrorKind::UnexpectedEnd);
        check(b"{\"a\":\"x\ny\"}", 1, 8, ParseErrorKind::ControlCharacter);
        check(b"{} x", 1, 4, ParseErrorKind::TrailingText);
        check(b"{\"a\":\"\xff\"}", 1, 7, ParseErrorKind::NotUtf8);
    }

    #[test]
    fn depth_has_a_limit() {
        let deep = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert!(parse(deep(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(parse(deep(MAX_DEPTH + 1).as_bytes()).map_err(|error| error.kind), Err(ParseErrorKind::TooDeep));
        assert!(parse("{\"a\":".repeat(1_000_000).as_bytes()).is_err());
    }

    #[test]
    fn the_number_of_elements_has_a_limit() {
        let text = b"{\"a\":[1,null,{\"b\":1}],\"_c\":[null]}";
        assert!(parse_within(text, 7).is_ok());
        assert_eq!(parse_within(text, 6).map_err(|error| error.kind), Err(ParseErrorKind::TooManyElements));
    }

    #[test]
    fn elements_know_where_they_stand() {
        let text = b"{\"resourceType\":\"P\",\n \"a\":[\"x\", \"y\"], \"b\":1}";
        let (root, _) = parse(text).unwrap();
        let places: Vec<_> =
            root.children.iter().map(|child| locate::line_column(text, child.span.offset as usize)).collect();
        assert_eq!(places, [(2, 7), (2, 12), (2, 18)]);
    }

    /// Mutated bytes must never panic, and what parses must survive being written.
    #[test]
    fn mutated_bytes() {
        let seed: &[u8] = br#"{"resourceType":"Patient","_a":{"id":"i"},"a":"b\u00e9","c":[null,{"d":[1.5e3,true]}],"_c":[{"extension":[{}]},null],"contained":[{"resourceType":"X"}]}"#;
        mutation::each(seed, b"{}[]\",:\\_nulltrue0.-e \xc3\xa9u", 20_000, 4, |bytes| {
            if let Ok((root, _)) = parse(bytes) {
                let written = crate::fhir::json::write(&root, None);
                assert!(parse(written.as_bytes()).is_ok(), "{written}");
            }
        });
    }
}
