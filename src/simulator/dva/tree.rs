//! Small builders and walks of [`Element`] trees, for what the server itself writes.

use crate::fhir::Element;
use crate::fhir::Scalar;
use crate::fhir::ScalarKind;

/// A primitive that is a text.
pub(super) fn text(name: &str, value: &str) -> Element {
    primitive(name, value, ScalarKind::Text)
}

/// A primitive of a kind.
pub(super) fn primitive(name: &str, value: &str, kind: ScalarKind) -> Element {
    Element { name: name.into(), value: Some(Scalar { text: value.into(), kind }), ..Element::default() }
}

/// An element with children.
pub(super) fn object(name: &str, children: Vec<Element>) -> Element {
    Element { name: name.into(), children, ..Element::default() }
}

/// A resource as the root of a tree.
pub(super) fn resource(kind: &str, children: Vec<Element>) -> Element {
    Element { name: kind.into(), resource_type: Some(kind.into()), children, ..Element::default() }
}

/// Calls `visit` for the element and all below it.
pub(super) fn walk<'a>(element: &'a Element, visit: &mut impl FnMut(&'a Element)) {
    visit(element);
    for child in &element.children {
        walk(child, visit);
    }
}

/// Calls `visit` for the element and all below it, to change them.
pub(super) fn walk_mut(element: &mut Element, visit: &mut impl FnMut(&mut Element)) {
    visit(element);
    for child in &mut element.children {
        walk_mut(child, visit);
    }
}

/// `Type/id` of a literal reference: relative, or absolute with a FHIR base before it; a version behind it is left out.
pub(super) fn literal(reference: &str) -> Option<(&str, &str)> {
    let reference = reference.split_once("/_history/").map_or(reference, |(before, _)| before);
    let mut parts = reference.rsplit('/');
    let (id, kind) = (parts.next()?, parts.next()?);
    let is_type = kind.starts_with(|c: char| c.is_ascii_uppercase()) && kind.chars().all(|c| c.is_ascii_alphabetic());
    (is_type && !id.is_empty()).then_some((kind, id))
}
