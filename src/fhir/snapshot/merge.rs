//! What a differential says of one element, laid over what its base says of it.

use std::sync::Arc;

use crate::fhir::definitions::Constraint;
use crate::fhir::definitions::ElementDefinition;

/// Lays `change` over `element`: what the differential does not mention stays.
pub fn merge(element: &mut ElementDefinition, change: &ElementDefinition) {
    if let Some(min) = change.min {
        element.min = Some(min);
    }
    if let Some(max) = change.max {
        element.max = Some(max);
    }
    if !change.types.is_empty() {
        element.types = change.types.clone();
    }
    for (slot, value) in [
        (&mut element.fixed, &change.fixed),
        (&mut element.pattern, &change.pattern),
        (&mut element.min_value, &change.min_value),
        (&mut element.max_value, &change.max_value),
    ] {
        if value.is_some() {
            slot.clone_from(value);
        }
    }
    if change.max_length.is_some() {
        element.max_length = change.max_length;
    }
    if !change.value_alternatives.is_empty() {
        element.value_alternatives.clone_from(&change.value_alternatives);
    }
    if let Some(asked) = &change.narrative {
        let known = element.narrative.get_or_insert_default();
        if !asked.languages.is_empty() {
            known.languages.clone_from(&asked.languages);
        }
        if asked.source.is_some() {
            known.source.clone_from(&asked.source);
        }
    }
    if let Some(binding) = &change.binding {
        let known = element.binding.take();
        let mut binding = binding.clone();
        if let Some(known) = known {
            binding.value_set = binding.value_set.or(known.value_set);
            binding.max_value_set = binding.max_value_set.or(known.max_value_set);
        }
        element.binding = Some(binding);
    }
    if change.slicing.is_some() {
        element.slicing.clone_from(&change.slicing);
    }
    if change.content_reference.is_some() {
        element.content_reference.clone_from(&change.content_reference);
    }
    element.is_modifier = change.is_modifier.or(element.is_modifier);
    element.must_support = change.must_support.or(element.must_support);
    if !change.constraints.is_empty() {
        element.constraints = merged(&element.constraints, &change.constraints);
    }
}

/// Constraints add up; one with a known key takes the place of that.
fn merged(known: &[Constraint], more: &[Constraint]) -> Arc<[Constraint]> {
    let mut all = known.to_vec();
    for constraint in more {
        match all.iter_mut().find(|known| known.key == constraint.key) {
            Some(known) => known.clone_from(constraint),
            None => all.push(constraint.clone()),
        }
    }
    all.into()
}
