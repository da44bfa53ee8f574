//! Whether the discriminators of a slicing lead to an element (elementdefinition.html, `slicing.discriminator.path`).

use crate::diag::Text;
use crate::fhir::path::Expression;
use crate::fhir::path::Model;
use crate::fhir::path::PathError;
use crate::fhir::validate::definition::Entry;
use crate::fhir::validate::definition::way;
use crate::fhir::validate::definition::way::Way;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

impl Run<'_> {
    /// Judges the paths of the discriminators of an element definition by the types of the element that is sliced.
    pub fn discriminators(&mut self, spot: Spot<'_>, entry: Entry<'_>) {
        let Some(slicing) = entry.element.child("slicing") else { return };
        let kinds = self.kinds(entry);
        let place = spot.place.below("slicing", None);
        for (at, discriminator) in slicing.all("discriminator").enumerate() {
            let Some(path) = discriminator.text("path") else { continue };
            if !self.leads_nowhere(path, &kinds) {
                continue;
            }
            let place = place.below("discriminator", u32::try_from(at).ok());
            let there = Spot { element: discriminator, place: &place, ..spot };
            let (name, kind) = (entry.name(), kinds.join("`, `"));
            let expected = text!(
                "een pad naar een element van `{name}`, van type `{kind}`",
                "a path to an element of `{name}`, of type `{kind}`"
            );
            self.misfit(there, "definition-discriminator", expected, Text::same(format!("`{path}`")));
        }
    }

    /// The types of the element: those that the definition names, else those that its type gives it.
    fn kinds(&self, entry: Entry<'_>) -> Vec<Box<str>> {
        let definitions = self.set.definitions();
        let named: Vec<Box<str>> = entry.types().map(Box::from).collect();
        let special = named.iter().all(|kind| {
            definitions.is_type(kind) && definitions.type_definition(kind).is_some_and(|found| !found.is_abstract)
        });
        if !named.is_empty() && special && !named.iter().any(|kind| &**kind == "BackboneElement") {
            return named;
        }
        match way::follow(definitions, entry.path) {
            Way::To(kinds) => kinds,
            Way::Open | Way::Nowhere { .. } => Vec::new(),
        }
    }

    /// Whether a path leads to nothing in each of these types. What is no path, or leads out of them, may lead anywhere.
    fn leads_nowhere(&self, path: &str, kinds: &[Box<str>]) -> bool {
        let Ok(path) = Expression::parse(path) else { return false };
        let model: &dyn Model = &**self.set.definitions();
        let lacks = |kind: &str| matches!(path.check(kind, model), Err(PathError::UnknownElement { .. }));
        !kinds.is_empty() && kinds.iter().all(|kind| lacks(kind))
    }
}
