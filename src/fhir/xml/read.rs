//! XML text to [`Element`].

use std::collections::HashMap;

use roxmltree::Document;
use roxmltree::Node;
use roxmltree::ParsingOptions;

use crate::fhir::element::Element;
use crate::fhir::element::Scalar;
use crate::fhir::element::ScalarKind;
use crate::fhir::element::Span;
use crate::fhir::syntax::MAX_ELEMENTS;
use crate::fhir::syntax::NAMESPACE;
use crate::fhir::syntax::ParseError;
use crate::fhir::syntax::ParseErrorKind;
use crate::fhir::syntax::ShapeProblem;
use crate::fhir::syntax::ShapeProblemKind;
use crate::fhir::syntax::found_inside;
use crate::fhir::syntax::list;
use crate::fhir::syntax::text_of;
use crate::fhir::xml::XHTML;
use crate::fhir::xml::escape;
use crate::fhir::xml::guard;

const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Reads a resource. Never panics, whatever the bytes are; no document types, no entities of its own.
pub fn parse(text: &[u8]) -> Result<(Element, Vec<ShapeProblem>), ParseError> {
    parse_within(text, MAX_ELEMENTS)
}

fn parse_within(text: &[u8], most: usize) -> Result<(Element, Vec<ShapeProblem>), ParseError> {
    let fail = |offset, kind| ParseError::at(text, offset, kind);
    let utf8 = text_of(text)?;
    guard::check(text).map_err(|(offset, kind)| fail(offset, kind))?;
    let options = ParsingOptions { nodes_limit: most as u32, ..ParsingOptions::default() };
    let document = Document::parse_with_options(utf8, options).map_err(|error| {
        let position = error.pos();
        let kind = match error {
            roxmltree::Error::DtdDetected => ParseErrorKind::DocumentType,
            roxmltree::Error::NodesLimitReached => ParseErrorKind::TooManyElements,
            other => ParseErrorKind::NotXml(without_position(&other.to_string())),
        };
        ParseError { line: position.row, column: position.col, kind }
    })?;
    let root = document.root_element();
    let namespace = root.tag_name().namespace().unwrap_or_default();
    if namespace != NAMESPACE {
        return Err(fail(root.range().start, ParseErrorKind::WrongNamespace(namespace.to_string())));
    }
    let mut reader = Reader { text: utf8, problems: Vec::new() };
    let mut element = new_element(root, root.tag_name().name());
    element.resource_type = Some(root.tag_name().name().into());
    reader.content(root, &mut element);
    Ok((element, reader.problems))
}

struct Reader<'a> {
    text: &'a str,
    problems: Vec<ShapeProblem>,
}

impl Reader<'_> {
    /// Reads attributes and children of the node. Depth is bounded by the guard.
    fn content(&mut self, node: Node<'_, '_>, element: &mut Element) {
        self.attributes(node, element);
        let mut before_it = Namesakes::default();
        for child in node.children() {
            if child.is_text() && child.text().is_some_and(|text| !text.trim().is_empty()) {
                self.problem_here(&element.name, child, ShapeProblemKind::StrayText);
            }
            if !child.is_element() {
                continue;
            }
            let name = child.tag_name().name();
            match child.tag_name().namespace() {
                Some(NAMESPACE) => {
                    let mut item = new_element(child, name);
                    let before = self.problems.len();
                    match resource_inside(child) {
                        Some(resource) => self.resource(child, resource, &mut item),
                        None => self.content(child, &mut item),
                    }
                    if self.problems.len() > before {
                        let index = u32::try_from(before_it.count(&element.children, name)).ok();
                        found_inside(&mut self.problems[before..], name, index);
                    }
                    element.children.push(item);
                }
                Some(XHTML) if name == "div" => {
                    let mut item = new_element(child, name);
                    item.value = Some(Scalar { text: self.narrative(child).into(), kind: ScalarKind::Text });
                    element.children.push(item);
                }
                _ => self.problem(name, child, ShapeProblemKind::ForeignElement),
            }
        }
    }

    fn attributes(&mut self, node: Node<'_, '_>, element: &mut Element) {
        let is_resource = element.resource_type.is_some();
        let is_extension = matches!(&*element.name, "extension" | "modifierExtension");
        for attribute in node.attributes() {
            let scalar = || Scalar { text: attribute.value().into(), kind: ScalarKind::Attribute };
            match (attribute.namespace(), attribute.name()) {
                (None, "value") if !is_resource => element.value = Some(scalar()),
                (None, name @ "id") if !is_resource => element.children.push(part(node, name, scalar())),
                (None, name @ "url") if is_extension => element.children.push(part(node, name, scalar())),
                // `xsi:schemaLocation` is allowed everywhere and says nothing.
                (Some(SCHEMA_INSTANCE), _) => {}
                (_, name) => self.problem(name, node, ShapeProblemKind::UnknownAttribute),
            }
        }
        // The order of attributes means nothing; the tree has `id` first.
        if let [first, second] = &mut element.children[..]
            && &*second.name == "id"
        {
            std::mem::swap(first, second);
        }
    }

    /// Reads `<contained><Patient>…</Patient></contained>` as one element, as JSON has it.
    fn resource(&mut self, holder: Node<'_, '_>, resource: Node<'_, '_>, item: &mut Element) {
        let others = holder.children().filter(|child| child.is_element()).count() > 1;
        let text =
            holder.children().any(|child| child.is_text() && child.text().is_some_and(|text| !text.trim().is_empty()));
        if others || text || holder.attributes().next().is_some() {
            self.problem_here(&item.name, holder, ShapeProblemKind::NotOneResource);
        }
        item.resource_type = Some(resource.tag_name().name().into());
        item.span = span(resource);
        self.content(resource, item);
    }

    /// The narrative as JSON has it: `<div xmlns="http://www.w3.org/1999/xhtml">…</div>`.
    fn narrative(&self, div: Node<'_, '_>) -> String {
        let source = self.text.get(div.range()).unwrap_or_default();
        let start_tag = source.split('>').next().unwrap_or_default();
        let own_namespace = start_tag.contains("xmlns=\"http://www.w3.org/1999/xhtml\"");
        // A prefix that is declared further out may be used inside.
        let mut prefixes = div.namespaces().filter_map(|namespace| namespace.name()).filter(|prefix| *prefix != "xml");
        let own_prefixes = prefixes.all(|prefix| start_tag.contains(&format!("xmlns:{prefix}=")));
        if start_tag.starts_with("<div") && own_namespace && (own_prefixes || Document::parse(source).is_ok()) {
            // XML reads a line end of any kind as a line feed.
            return if source.contains('\r') {
                source.replace("\r\n", "\n").replace('\r', "\n")
            } else {
                source.to_string()
            };
        }
        let mut out = String::new();
        serialize(div, true, &mut out);
        out
    }

    fn problem(&mut self, name: &str, node: Node<'_, '_>, kind: ShapeProblemKind) {
        let steps = vec![(name.into(), None)];
        list(&mut self.problems, ShapeProblem { name: name.into(), steps, span: span(node), kind });
    }

    /// A problem of the element itself that is being read; whoever reads around it adds the step to it.
    fn problem_here(&mut self, name: &str, node: Node<'_, '_>, kind: ShapeProblemKind) {
        list(&mut self.problems, ShapeProblem { name: name.into(), steps: Vec::new(), span: span(node), kind });
    }
}

/// Counts the elements with a name so far; each element is looked at once, however often is asked.
#[derive(Default)]
struct Namesakes {
    seen: usize,
    counts: HashMap<Box<str>, usize>,
}

impl Namesakes {
    fn count(&mut self, children: &[Element], name: &str) -> usize {
        for child in children.get(self.seen..).unwrap_or_default() {
            *self.counts.entry(child.name.clone()).or_default() += 1;
        }
        self.seen = children.len();
        self.counts.get(name).copied().unwrap_or_default()
    }
}

/// The resource in a holder: an element whose name starts with a capital, which no other element of FHIR does.
fn resource_inside<'a, 'input>(holder: Node<'a, 'input>) -> Option<Node<'a, 'input>> {
    if !matches!(holder.tag_name().name(), "contained" | "resource" | "outcome") {
        return None;
    }
    let child = holder.children().find(Node::is_element)?;
    child.tag_name().name().starts_with(|letter: char| letter.is_ascii_uppercase()).then_some(child)
}

/// XHTML without prefixes, for a narrative that relies on declarations outside it.
fn serialize(node: Node<'_, '_>, is_root: bool, out: &mut String) {
    if node.is_text() {
        escape(node.text().unwrap_or_default(), false, out);
    }
    if !node.is_element() {
        return;
    }
    let name = node.tag_name().name();
    out.push('<');
    out.push_str(name);
    // What is in another namespace shows that it is.
    let namespace = node.tag_name().namespace();
    if is_root || namespace != node.parent_element().and_then(|parent| parent.tag_name().namespace()) {
        out.push_str(" xmlns=\"");
        escape(namespace.unwrap_or_default(), true, out);
        out.push('"');
    }
    for attribute in node.attributes() {
        let prefix = if attribute.namespace() == Some(roxmltree::NS_XML_URI) { "xml:" } else { "" };
        out.push_str(&format!(" {prefix}{}=\"", attribute.name()));
        escape(attribute.value(), true, out);
        out.push('"');
    }
    if !node.has_children() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    for child in node.children() {
        serialize(child, false, out);
    }
    out.push_str(&format!("</{name}>"));
}

fn new_element(node: Node<'_, '_>, name: &str) -> Element {
    Element { name: name.into(), span: span(node), ..Element::default() }
}

fn part(node: Node<'_, '_>, name: &str, value: Scalar) -> Element {
    Element { value: Some(value), ..new_element(node, name) }
}

/// The size limit keeps offsets within 32 bits.
fn span(node: Node<'_, '_>) -> Span {
    Span { offset: u32::try_from(node.range().start).unwrap_or(u32::MAX) }
}

/// The parser ends its messages with `at 1:2`, which we say in our own way.
fn without_position(message: &str) -> String {
    let cut = message
        .rsplit_once(" at ")
        .filter(|(_, place)| place.bytes().all(|byte| byte.is_ascii_digit() || byte == b':'));
    cut.map_or(message, |(text, _)| text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_elements_has_a_limit() {
        let text = b"<Patient xmlns=\"http://hl7.org/fhir\"><active value=\"true\"/><active/></Patient>";
        // The document counts as well.
        assert!(parse_within(text, 4).is_ok());
        let error = parse_within(text, 3).unwrap_err();
        assert!(error.to_string().ends_with("more than 4000000 elements; split the file"), "{error}");
    }
}
