//! Constraint: the ids of elements are unique in their resource (element.html).

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::path::Model;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;
use std::collections::HashMap;
use std::collections::HashSet;

impl Run<'_> {
    /// Judges the ids of the elements of a resource; those of the resources in it are their own affair.
    pub fn element_ids(&mut self, spot: Spot<'_>) {
        if repeats_an_id(spot.element) {
            let kind = spot.element.resource_type.as_deref().unwrap_or_default();
            self.ids_below(spot, kind, &mut HashSet::new());
        }
    }

    /// The slow way, which knows the places.
    fn ids_below(&mut self, spot: Spot<'_>, kind: &str, known: &mut HashSet<String>) {
        let mut counts: HashMap<&str, u32> = HashMap::new();
        for child in &spot.element.children {
            let count = counts.entry(&child.name).or_default();
            let before = *count;
            *count += 1;
            if child.resource_type.is_some() {
                continue;
            }
            let model: &dyn Model = &**self.set.definitions();
            let Some(facts) = model.child(kind, &child.name) else { continue };
            let index = child.index.or(Some(before)).filter(|_| facts.repeats);
            let (name, kind) = (facts.base_name.to_owned(), facts.kind.to_owned());
            let place = spot.place.below(&name, index);
            let there = Spot { element: child, place: &place, ..spot };
            if let Some(id) = child.text("id")
                && !known.insert(id.to_owned())
            {
                let expected = text!(
                    "een id die geen ander element van de resource heeft",
                    "an id that no other element of the resource has"
                );
                self.misfit(there, "element-id", expected, Text::same(format!("`{id}`")));
            }
            self.ids_below(there, &kind, known);
        }
    }
}

fn repeats_an_id(resource: &Element) -> bool {
    let mut known: HashSet<&str> = HashSet::new();
    let mut next: Vec<&Element> = resource.children.iter().collect();
    while let Some(element) = next.pop() {
        if element.resource_type.is_some() {
            continue;
        }
        for child in &element.children {
            if &*child.name == "id"
                && let Some(id) = child.as_text()
                && !known.insert(id)
            {
                return true;
            }
            next.push(child);
        }
    }
    false
}
