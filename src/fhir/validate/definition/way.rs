//! Where the path of an element definition leads in the types of FHIR, slices left aside.

use crate::fhir::definitions::DefinitionSet;
use crate::fhir::path::Model;

/// Longest path that is followed, in steps; no definition goes as deep.
const DEPTH: usize = 64;

/// Where a path leads.
#[derive(Debug, PartialEq)]
pub enum Way {
    /// To an element of one of these types; a backbone element is its own path.
    To(Vec<Box<str>>),
    /// Into what any type may fill, or what no package tells.
    Open,
    /// To nothing.
    Nowhere {
        /// Type that has no such element.
        kind: Box<str>,
        /// Name that it lacks.
        name: Box<str>,
    },
}

/// Follows a path like `Observation.value[x].coding` from its type.
pub fn follow(definitions: &DefinitionSet, path: &str) -> Way {
    let mut steps = path.split('.');
    let root = steps.next().unwrap_or_default();
    if !definitions.is_type(root) || path.split('.').count() > DEPTH {
        return Way::Open;
    }
    let mut kinds: Vec<Box<str>> = vec![root.into()];
    for name in steps {
        let mut next: Vec<Box<str>> = Vec::new();
        for kind in &kinds {
            next.extend(below(definitions, kind, name));
        }
        if next.is_empty() {
            if kinds.iter().any(|kind| is_open(definitions, kind)) {
                return Way::Open;
            }
            let kind = kinds.swap_remove(0);
            return Way::Nowhere { kind, name: name.into() };
        }
        next.sort();
        next.dedup();
        kinds = next;
    }
    Way::To(kinds)
}

/// The types of a child: of a choice all that it has, written `value[x]` or `value`, or the one that its name tells.
fn below(definitions: &DefinitionSet, kind: &str, name: &str) -> Vec<Box<str>> {
    let base = name.strip_suffix("[x]").unwrap_or(name);
    if base == name
        && let Some(facts) = definitions.child(kind, name)
    {
        return vec![facts.kind.into()];
    }
    let (type_name, within) = kind.split_once('.').map_or((kind, None), |(name, within)| (name, Some(within)));
    let wanted = within.map_or_else(|| format!("{base}[x]"), |within| format!("{within}.{base}[x]"));
    let Some(definition) = definitions.type_definition(type_name) else { return Vec::new() };
    // The first step of these paths may be the type that this one constrains.
    let found = definition.snapshot.iter().find(|one| one.path.split_once('.').is_some_and(|(_, rest)| rest == wanted));
    found.map(|one| one.types.iter().map(|kind| kind.code.clone()).collect()).unwrap_or_default()
}

/// Whether more may stand below a type than its definition tells.
fn is_open(definitions: &DefinitionSet, kind: &str) -> bool {
    let is_abstract = definitions.type_definition(kind).is_some_and(|found| found.is_abstract);
    is_abstract || matches!(kind, "" | "Element" | "BackboneElement") || !definitions.is_type(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::definitions::FhirVersion;
    use crate::packages::embedded;

    fn way(version: FhirVersion, path: &str) -> Way {
        follow(&DefinitionSet::new(version, embedded::layers(version)), path)
    }

    fn to(kind: &str) -> Way {
        Way::To(vec![kind.into()])
    }

    fn nowhere(kind: &str, name: &str) -> Way {
        Way::Nowhere { kind: kind.into(), name: name.into() }
    }

    #[test]
    fn a_path_is_followed_through_backbones_choices_and_datatypes() {
        for version in [FhirVersion::Stu3, FhirVersion::R4] {
            assert_eq!(way(version, "Patient"), to("Patient"));
            assert_eq!(way(version, "Patient.contact"), to("Patient.contact"));
            assert_eq!(way(version, "Patient.contact.name.family"), to("string"));
            assert_eq!(way(version, "Observation.valueQuantity.code"), to("code"));
            assert_eq!(way(version, "Observation.value[x].coding"), to("Coding"));
            assert_eq!(way(version, "Observation.component.value[x].coding"), to("Coding"));
            assert_eq!(way(version, "Questionnaire.item.item.linkId"), to("string"));
        }
    }

    #[test]
    fn what_no_type_has_leads_nowhere() {
        for version in [FhirVersion::Stu3, FhirVersion::R4] {
            assert_eq!(way(version, "Patient.colour"), nowhere("Patient", "colour"));
            assert_eq!(way(version, "Patient.contact.birthDate"), nowhere("Patient.contact", "birthDate"));
            assert_eq!(way(version, "Patient.name.colour"), nowhere("HumanName", "colour"));
            assert_eq!(way(version, "Observation.valueAddress"), nowhere("Observation", "valueAddress"));
        }
    }

    #[test]
    fn what_any_type_may_fill_is_open() {
        for version in [FhirVersion::Stu3, FhirVersion::R4] {
            assert_eq!(way(version, "Bundle.entry.resource.name"), Way::Open);
            assert_eq!(way(version, "Patient.contained.name"), Way::Open);
            assert_eq!(way(version, "MyModel.name"), Way::Open);
        }
    }
}
