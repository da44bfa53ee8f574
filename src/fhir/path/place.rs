//! Where an element stands: a FHIRPath from the root with list indexes and choice elements by base name.

use std::fmt::Write;

use crate::fhir::element::Element;
use crate::fhir::path::Model;

/// The place of `target` within `root` (`Bundle.entry[2].resource.code`, `Observation.value.code`).
///
/// Found by searching the tree, so it costs nothing until a finding needs it. `None` when it is not in there.
pub fn place_of(root: &Element, target: &Element, model: &dyn Model) -> Option<String> {
    let kind = root.resource_type.as_deref().unwrap_or(&root.name);
    let mut place = kind.to_owned();
    search(root, kind, target, model, &mut place).then_some(place)
}

fn search(parent: &Element, kind: &str, target: &Element, model: &dyn Model, place: &mut String) -> bool {
    if std::ptr::eq(parent, target) {
        return true;
    }
    let before = place.len();
    for (at, child) in parent.children.iter().enumerate() {
        let facts = model.child(kind, &child.name);
        place.push('.');
        place.push_str(facts.map_or(&child.name, |facts| facts.base_name));
        let same = |other: &&Element| other.name == child.name;
        let repeats = match facts {
            Some(facts) => facts.repeats,
            None => child.index.is_some() || parent.children.iter().filter(same).count() > 1,
        };
        if repeats {
            let index = child.index.map_or_else(
                || parent.children[..at].iter().filter(same).count(),
                |index| usize::try_from(index).unwrap_or(usize::MAX),
            );
            // Writing to a String does not fail.
            let _ = write!(place, "[{index}]");
        }
        let child_kind = child.resource_type.as_deref().or(facts.map(|facts| facts.kind)).unwrap_or("");
        if search(child, child_kind, target, model, place) {
            return true;
        }
        place.truncate(before);
    }
    false
}
