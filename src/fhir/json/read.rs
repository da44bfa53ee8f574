//! JSON text to [`Element`], in one pass.

use std::borrow::Cow;

use crate::fhir::element::Element;
use crate::fhir::element::Scalar;
use crate::fhir::element::ScalarKind;
use crate::fhir::element::Span;
use crate::fhir::json::scan::Scanner;
use crate::fhir::json::scan::Step;
use crate::fhir::json::shadow::is_hole;
use crate::fhir::syntax::MAX_DEPTH;
use crate::fhir::syntax::MAX_ELEMENTS;
use crate::fhir::syntax::ParseError;
use crate::fhir::syntax::ParseErrorKind;
use crate::fhir::syntax::ShapeProblem;
use crate::fhir::syntax::ShapeProblemKind;
use crate::fhir::syntax::found_inside;
use crate::fhir::syntax::list;
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

pub(super) struct Reader<'a> {
    pub(super) scan: Scanner<'a>,
    pub(super) depth: usize,
    pub(super) elements_left: usize,
    /// The properties of the objects that are open; one stack for all of them saves an allocation for each object.
    pub(super) entries: Vec<Entry<'a>>,
    pub(super) problems: Vec<ShapeProblem>,
}

/// One property of an object.
pub(super) struct Entry<'a> {
    /// Without the `_` of `_name`.
    pub(super) name: Cow<'a, str>,
    pub(super) at: usize,
    pub(super) is_list: bool,
    /// How many children it made.
    pub(super) count: usize,
    /// For `_name`: ids and extensions, item by item.
    pub(super) shadow: Option<Vec<Option<Element>>>,
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
    pub(super) fn object(&mut self, element: &mut Element, may_be_resource: bool) -> Step<()> {
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
            let kind = ShapeProblemKind::EmptyObject;
            list(&mut self.problems, ShapeProblem { name, steps: Vec::new(), span: span(start), kind });
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

    /// Reads an object or a primitive into the element.
    pub(super) fn value(&mut self, element: &mut Element) -> Step<()> {
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
    pub(super) fn items(&mut self, mut item: impl FnMut(&mut Self) -> Step<()>) -> Step<()> {
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
    pub(super) fn skip_list(&mut self) -> Step<()> {
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
    pub(super) fn count(&mut self) -> Step<()> {
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
    pub(super) fn inside(
        &mut self,
        name: &str,
        index: Option<u32>,
        read: impl FnOnce(&mut Self) -> Step<()>,
    ) -> Step<()> {
        let before = self.problems.len();
        read(self)?;
        found_inside(&mut self.problems[before..], name, index);
        Ok(())
    }

    pub(super) fn problem(&mut self, name: &str, at: usize, kind: ShapeProblemKind) {
        self.problem_at(name, None, at, kind);
    }

    pub(super) fn problem_at(&mut self, name: &str, index: Option<u32>, at: usize, kind: ShapeProblemKind) {
        let steps = vec![(name.into(), index)];
        list(&mut self.problems, ShapeProblem { name: name.into(), steps, span: span(at), kind });
    }
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
pub(super) fn span(at: usize) -> Span {
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
        let error = parse_within(text, 6).unwrap_err();
        assert_eq!(error.kind, ParseErrorKind::TooManyElements);
        assert!(error.to_string().ends_with("more than 4000000 elements; split the file"), "{error}");
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
