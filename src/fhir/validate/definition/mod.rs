//! Constraint: what a definition says fits the types of FHIR and what the definition itself says elsewhere.
//!
//! Judges StructureDefinitions and SearchParameters as instances: their invariants see little more than one element. Knows
//! the two resources by name. What a StructureDefinition constrains is read from the definitions of the types, never from
//! its own snapshot; where a type is not known nothing is said. Entry point: [`Run::definition`].

mod constrained;
mod discriminator;
mod parameter;
mod slices;
mod way;

use crate::fhir::Element;
use crate::fhir::path::Model;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;

/// One element definition of a list.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// The element definition.
    pub element: &'a Element,
    /// Its path, perhaps empty.
    pub path: &'a str,
}

impl<'a> Entry<'a> {
    fn of(element: &'a Element) -> Entry<'a> {
        Entry { element, path: element.text("path").unwrap_or_default() }
    }

    /// The codes of the types that it names.
    fn types(&self) -> impl Iterator<Item = &'a str> {
        let element = self.element;
        element.all("type").filter_map(|kind| kind.text("code"))
    }

    /// What people call it: its id, or its path.
    fn name(&self) -> &'a str {
        self.element.text("id").unwrap_or(self.path)
    }
}

impl Run<'_> {
    /// Judges a definition as an instance.
    pub fn definition(&mut self, spot: Spot<'_>) {
        match spot.element.resource_type.as_deref() {
            Some("StructureDefinition") => self.structure_definition(spot),
            Some("SearchParameter") => self.search_parameter(spot),
            _ => {}
        }
    }

    fn structure_definition(&mut self, spot: Spot<'_>) {
        let of_fhir = spot.element.text("type").is_some_and(|kind| self.set.definitions().is_type(kind));
        if !of_fhir || spot.element.text("kind") == Some("logical") {
            return;
        }
        let is_profile = spot.element.text("derivation") == Some("constraint");
        for name in ["differential", "snapshot"] {
            let Some(list) = spot.element.child(name) else { continue };
            let place = spot.place.below(name, None);
            let entries: Vec<Entry<'_>> = list.all("element").map(Entry::of).collect();
            for (at, entry) in entries.iter().enumerate() {
                let place = place.below("element", u32::try_from(at).ok());
                let there = Spot { element: entry.element, place: &place, ..spot };
                if is_profile && name == "differential" {
                    self.exists_in_type(there, *entry);
                }
                self.bindable(there, *entry);
                self.discriminators(there, *entry);
            }
            if name == "differential" {
                self.slices_of_extensions(spot, &entries);
            }
        }
    }
}
