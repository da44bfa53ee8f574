//! Ten usual invariants, as the definitions of R4 write them, and what they are evaluated on.

use toetsbank::fhir::Element;
use toetsbank::fhir::definitions::DefinitionSet;
use toetsbank::fhir::path::Model;
use toetsbank::fhir::path::Node;

pub const RESOURCE: &str = include_str!("../observation.json");

/// Key, type that declares it, member of the resource that it is evaluated on (empty: the resource).
pub const INVARIANTS: [(&str, &str, &str); 10] = [
    ("dom-2", "DomainResource", ""),
    ("dom-3", "DomainResource", ""),
    ("dom-4", "DomainResource", ""),
    ("dom-6", "DomainResource", ""),
    ("ele-1", "Element", "code"),
    ("ext-1", "Extension", "extension"),
    ("ref-1", "Reference", "subject"),
    ("obs-6", "Observation", ""),
    ("obs-7", "Observation", ""),
    ("per-1", "Period", "effectivePeriod"),
];

/// The text of an invariant.
pub fn invariant<'d>(definitions: &'d DefinitionSet, declared: &str, key: &str) -> Option<&'d str> {
    let elements = &definitions.type_definition(declared)?.snapshot;
    let found = elements.iter().flat_map(|element| element.constraints.iter()).find(|found| &*found.key == key)?;
    found.expression.as_deref()
}

/// The resource, or its first member of this name, with its type.
pub fn focus<'a>(definitions: &'a DefinitionSet, resource: &'a Element, member: &str) -> Node<'a> {
    match resource.child(member) {
        Some(element) => {
            let facts = definitions.child("Observation", member);
            Node::new(element, facts.map_or("", |facts| facts.kind))
        }
        None => Node::from(resource),
    }
}
