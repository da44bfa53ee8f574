//! What elements are worth to a search: tokens, references, moments, texts, numbers.

use crate::fhir::element::Element;
use crate::fhir::path::Decimal;
use crate::fhir::path::Item;
use crate::fhir::path::Node;
use crate::fhir::path::Temporal;

/// A code with its system; a primitive has no system of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub system: Option<&'a str>,
    pub code: Option<&'a str>,
    /// Whether the system follows from the definition and is not written.
    pub is_primitive: bool,
}

/// The tokens of an element.
pub(crate) fn tokens<'a>(node: Node<'a>, found: &mut Vec<Token<'a>>) {
    let element = node.element;
    if element.value.is_some() {
        found.push(Token { system: None, code: element.as_text(), is_primitive: true });
        return;
    }
    match node.kind {
        "CodeableConcept" => found.extend(element.children.iter().filter(|child| &*child.name == "coding").map(coding)),
        "Identifier" => {
            found.push(Token { system: element.text("system"), code: element.text("value"), is_primitive: false })
        }
        "ContactPoint" => found.push(Token { system: None, code: element.text("value"), is_primitive: true }),
        "Coding" | "Quantity" => found.push(coding(element)),
        _ => {}
    }
}

fn coding(element: &Element) -> Token<'_> {
    Token { system: element.text("system"), code: element.text("code"), is_primitive: false }
}

/// The texts that belong to a coded element, for `:text`.
pub(crate) fn texts_of_codes<'a>(node: Node<'a>, found: &mut Vec<&'a str>) {
    found.extend(node.element.text("text"));
    found.extend(node.element.text("display"));
    found.extend(
        node.element.children.iter().filter(|child| &*child.name == "coding").filter_map(|c| c.text("display")),
    );
}

/// The literal reference of an element.
pub(crate) fn reference(node: Node<'_>) -> Option<&str> {
    match node.element.value {
        Some(_) => node.element.as_text(),
        None => node.element.text("reference"),
    }
}

/// Type and id that a literal reference ends with.
pub(crate) fn type_and_id(reference: &str) -> Option<(&str, &str)> {
    let reference = reference.split_once("/_history/").map_or(reference, |(reference, _)| reference);
    let mut parts = reference.rsplit('/');
    let (id, kind) = (parts.next()?, parts.next()?);
    (!id.is_empty() && kind.starts_with(|c: char| c.is_ascii_uppercase())).then_some((kind, id))
}

/// First and last nanosecond; the ends of a Period may be open.
pub(crate) type Range = (i128, i128);

/// The stretches of time of an element.
pub(crate) fn ranges(node: Node<'_>, found: &mut Vec<Range>) {
    let element = node.element;
    if element.value.is_some() {
        let moment = match node.value() {
            Some(Item::Temporal(moment)) => Some(moment),
            _ => element.as_text().and_then(Temporal::parse_date_time),
        };
        found.extend(moment.and_then(Temporal::range));
        return;
    }
    let moment = |name: &str| element.text(name).and_then(Temporal::parse_date_time).and_then(Temporal::range);
    match node.kind {
        "Period" if element.child("start").is_some() || element.child("end").is_some() => {
            let start = moment("start").map_or(i128::MIN, |range| range.0);
            let end = moment("end").map_or(i128::MAX, |range| range.1);
            found.push((start, end));
        }
        "Timing" => {
            for event in element.children.iter().filter(|child| &*child.name == "event") {
                ranges(Node::new(event, "dateTime"), found);
            }
            let bounds = element.child("repeat").and_then(|repeat| repeat.child("boundsPeriod"));
            if let Some(bounds) = bounds {
                ranges(Node::new(bounds, "Period"), found);
            }
        }
        _ => {}
    }
}

/// The texts of an element: its own, or those of its parts (a name, an address).
pub(crate) fn texts<'a>(element: &'a Element, found: &mut Vec<&'a str>) {
    found.extend(element.as_text());
    for child in &element.children {
        if !matches!(&*child.name, "extension" | "use" | "type" | "period" | "id") {
            texts(child, found);
        }
    }
}

/// A number with its unit, for numbers and quantities.
pub(crate) fn number(node: Node<'_>) -> Option<Decimal> {
    match node.element.value {
        Some(_) => node.element.as_text().and_then(Decimal::parse),
        None => node.element.text("value").and_then(Decimal::parse),
    }
}
