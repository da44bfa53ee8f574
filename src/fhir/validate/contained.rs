//! Constraint: the resources in a resource: each with an id of its own, and part of the whole (references.html, "Contained
//! Resources").

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::fhir::validate::walk::nothing;
use crate::text;
use std::collections::HashSet;

impl Run<'_> {
    /// Judges the ids of contained resources, and that each is referred to or refers to its container.
    pub fn contained(&mut self, spot: Spot<'_>) {
        if spot.element.child("contained").is_none() {
            return;
        }
        let mut known = HashSet::new();
        let local = local_references(spot.element);
        for (at, inner) in spot.element.all("contained").enumerate() {
            let place = spot.place.below("contained", u32::try_from(at).ok());
            let there = Spot { element: inner, place: &place, scope: spot.scope };
            let Some(id) = inner.text("id") else {
                self.misfit(there, "contained-id", text!("een id", "an id"), nothing());
                continue;
            };
            let seen = || Text::same(format!("`{id}`"));
            if !known.insert(id) {
                let expected = text!(
                    "een id die geen andere ingesloten resource heeft",
                    "an id that no other contained resource has"
                );
                self.misfit(there, "contained-id", expected, seen());
            }
            let out = local_references(inner);
            if !local.contains(id) && !out.contains("") {
                let expected = text!(
                    "een verwijzing `#{id}` elders in de resource, of `#` hierin",
                    "a reference `#{id}` elsewhere in the resource, or `#` in this one"
                );
                self.misfit(there, "contained-apart", expected, seen());
            }
        }
    }
}

/// The ids that an element refers to with `#id`, whatever the type of the value.
fn local_references(element: &Element) -> HashSet<&str> {
    let mut found = HashSet::new();
    let mut next = vec![element];
    while let Some(element) = next.pop() {
        if let Some(id) = element.as_text().and_then(|text| text.strip_prefix('#')) {
            found.insert(id);
        }
        next.extend(&element.children);
    }
    found
}
