//! Applies a differential to the tree of its base.
//!
//! Walks to each element by id, or by path and slice name where there is no id, and opens datatypes on the way.

use crate::fhir::definitions::Derivation;
use crate::fhir::definitions::Discriminator;
use crate::fhir::definitions::DiscriminatorKind;
use crate::fhir::definitions::ElementDefinition;
use crate::fhir::definitions::ElementType;
use crate::fhir::definitions::Max;
use crate::fhir::definitions::Slicing;
use crate::fhir::definitions::SlicingRules;
use crate::fhir::definitions::StructureDefinition;
use crate::fhir::snapshot::Making;
use crate::fhir::snapshot::Node;
use crate::fhir::snapshot::Snapshot;
use crate::fhir::snapshot::merge::merge;
use std::sync::Arc;

/// The tree of `base` with the differential of `definition` over it, and the ids that found no place.
pub fn apply(making: &mut Making<'_>, base: &Snapshot, definition: &StructureDefinition) -> (Node, Vec<Box<str>>) {
    let mut root = base.root.clone();
    root.name = definition.type_name.clone();
    root.slice = None;
    let mut unplaced = Vec::new();
    let mut last: Vec<Step> = Vec::new();
    // A profile that comes with a snapshot only says the same over its base.
    let changes = if definition.differential.is_empty() { &definition.snapshot } else { &definition.differential };
    for element in changes {
        let steps = steps(element, &last);
        let mut walk = Walk { making: &mut *making, base };
        if definition.derivation == Derivation::Specialization && walk.add(&mut root, &steps, element) {
            last = steps;
            continue;
        }
        let found = match steps.split_first() {
            None => Some(&mut root),
            Some(_) => walk.to(&mut root, &steps),
        };
        match found {
            Some(node) => {
                let shorthand = steps.last().is_some_and(|step| !step.name.ends_with("[x]") && node.is_choice());
                let mut change = element.clone();
                if shorthand && change.types.is_empty() {
                    change.types.clone_from(&node.definition.types);
                }
                if change.max.is_none() {
                    change.max = extension_max(making, &change);
                }
                merge(Arc::make_mut(&mut node.definition), &change);
            }
            None => unplaced.push(if element.id.is_empty() { element.path.clone() } else { element.id.clone() }),
        }
        last = steps;
    }
    settle_choices(&mut root);
    (root, unplaced)
}

/// A choice that may stand once, with a mandatory slice of one type, has no other type: says so at the choice itself.
fn settle_choices(node: &mut Node) {
    for child in node.children.iter_mut().chain(node.slices.iter_mut()) {
        settle_choices(child);
    }
    if !node.is_choice() || node.definition.max != Some(Max::Count(1)) {
        return;
    }
    let told_by_type = node.definition.slicing.as_ref().is_some_and(|slicing| {
        slicing.discriminators.iter().all(|discriminator| discriminator.kind == DiscriminatorKind::Type)
    });
    let mandatory = node.slices.iter().find(|slice| slice.definition.min.is_some_and(|min| min > 0));
    let Some(mandatory) = mandatory.filter(|_| told_by_type) else { return };
    let codes: Vec<Box<str>> = mandatory.definition.types.iter().map(|kind| kind.code.clone()).collect();
    let definition = Arc::make_mut(&mut node.definition);
    definition.min = definition.min.max(Some(1));
    definition.types = definition.types.iter().filter(|kind| codes.contains(&kind.code)).cloned().collect();
    if let Some(slicing) = &mut definition.slicing {
        slicing.rules = SlicingRules::Closed;
    }
}

/// How often the definition of an extension lets it stand, for a slice that says nothing of it.
fn extension_max(making: &mut Making<'_>, change: &ElementDefinition) -> Option<Max> {
    let [kind] = &*change.types else { return None };
    let [profile] = kind.profiles.as_slice() else { return None };
    if &*kind.code != "Extension" {
        return None;
    }
    let max = making.snapshot(profile).ok()?.root.definition.max?;
    (max != Max::Many).then_some(max)
}

/// One part of the way from the root to an element.
#[derive(Clone, Debug, PartialEq)]
struct Step {
    name: Box<str>,
    slice: Option<Box<str>>,
}

/// The way to a differential's element, without the root. Without ids the slices above it are those it stands under.
fn steps(element: &ElementDefinition, last: &[Step]) -> Vec<Step> {
    let names: Vec<&str> = element.path.split('.').skip(1).collect();
    let mut steps: Vec<Step> = split_id(&element.id).into_iter().skip(1).collect();
    if steps.len() != names.len() {
        steps = names.iter().map(|name| Step { name: (*name).into(), slice: None }).collect();
        let above = steps.len().saturating_sub(1);
        for (step, before) in steps.iter_mut().take(above).zip(last) {
            if step.name != before.name {
                break;
            }
            step.slice.clone_from(&before.slice);
        }
    }
    // The path tells `valueQuantity` where the id tells `value[x]`.
    for (step, name) in steps.iter_mut().zip(&names) {
        if step.slice.is_none() && &*step.name != *name && step.name.ends_with("[x]") {
            step.name = (*name).into();
        }
    }
    if let (Some(step), Some(slice)) = (steps.last_mut(), &element.slice_name) {
        // STU3's own ids write the name of a slice in another case; what stands below it has that id.
        let keeps =
            step.slice.as_ref().is_some_and(|known| known.to_ascii_lowercase().ends_with(&slice.to_ascii_lowercase()));
        if !keeps {
            step.slice = Some(slice.clone());
        }
    }
    if let (Some(step), Some(name)) = (steps.last_mut(), names.last()) {
        // Keep the written form: it tells that the element is the short form of a type slice.
        if &*step.name != *name && step.name.ends_with("[x]") && step.slice.is_some() {
            step.name = (*name).into();
        }
    }
    steps
}

/// The parts of an element id: `Observation.value[x]:valueQuantity.code`. A slice name may hold dots only in brackets.
fn split_id(id: &str) -> Vec<Step> {
    id.split('.')
        .map(|part| match part.split_once(':') {
            Some((name, slice)) => Step { name: name.into(), slice: Some(slice.into()) },
            None => Step { name: part.into(), slice: None },
        })
        .collect()
}

struct Walk<'m, 'a, 'b> {
    making: &'m mut Making<'a>,
    base: &'b Snapshot,
}

impl Walk<'_, '_, '_> {
    /// Adds an element that a new type has beside those of its base. Gives whether it was one.
    fn add(&mut self, root: &mut Node, steps: &[Step], element: &ElementDefinition) -> bool {
        let Some((step, above)) = steps.split_last() else { return false };
        // A type has no slices.
        if step.slice.is_some() {
            return false;
        }
        let mut parent = root;
        for step in above {
            self.open(parent);
            let Some(next) = parent.children.iter().position(|child| child.name == step.name) else { return false };
            parent = &mut parent.children[next];
        }
        // An element of its own has what its datatype gives: `id`, `extension`.
        self.open(parent);
        if find(parent, &step.name).is_some() {
            return false;
        }
        parent.children.push(Node::leaf(element));
        true
    }

    fn to<'n>(&mut self, node: &'n mut Node, steps: &[Step]) -> Option<&'n mut Node> {
        let Some((step, rest)) = steps.split_first() else { return Some(node) };
        self.open(node);
        let (index, only) = find(node, &step.name)?;
        let child = node.children.get_mut(index)?;
        let target = match (&step.slice, only) {
            (None, None) => child,
            (slice, only) => {
                let name = slice.clone().unwrap_or_else(|| step.name.clone());
                slice_of(child, &name, only.as_deref())
            }
        };
        self.to(target, rest)
    }

    /// Gives an element its own children, those of its datatype or of the element it refers to.
    fn open(&mut self, node: &mut Node) {
        if !node.children.is_empty() {
            return;
        }
        if let Some(reference) = node.definition.content_reference.clone() {
            let path = &*reference;
            let kind = path.split('.').next().unwrap_or_default().to_owned();
            let below = path.split_once('.').map(|(_, below)| below.to_owned());
            let from = if *self.base.type_name == *kind && !self.base.bases.is_empty() {
                self.type_snapshot(&kind)
            } else {
                None
            };
            let root = from.as_ref().map_or(&self.base.root, |snapshot| &snapshot.root);
            if let Some(target) = below.as_deref().and_then(|below| root.at(below)) {
                node.children.clone_from(&target.children);
                // From here on it is an element of its own, of the same type.
                let (types, path) = (target.definition.types.clone(), target.definition.path.clone());
                let definition = Arc::make_mut(&mut node.definition);
                definition.types = types;
                definition.path = path;
            }
            return;
        }
        let types = &node.definition.types;
        let Some(first) = types.first() else { return };
        let same = types.iter().all(|kind| kind.code == first.code);
        let code: Box<str> = if same { first.code.clone() } else { "Element".into() };
        let profile = match &**types {
            [only] => match only.profiles.as_slice() {
                [profile] => Some(profile.clone()),
                _ => None,
            },
            _ => None,
        };
        let snapshot =
            profile.and_then(|profile| self.making.snapshot(&profile).ok()).or_else(|| self.type_snapshot(&code));
        if let Some(snapshot) = snapshot {
            node.children.clone_from(&snapshot.root.children);
        }
    }

    fn type_snapshot(&mut self, code: &str) -> Option<Arc<Snapshot>> {
        let url = self.making.snapshots.definitions.type_definition(code)?.url.clone();
        self.making.snapshot(&url).ok()
    }
}

/// The child that a step means, and the one type that a short form (`valueQuantity`) leaves.
fn find(node: &Node, name: &str) -> Option<(usize, Option<Box<str>>)> {
    if let Some(index) = node.children.iter().position(|child| &*child.name == name) {
        return Some((index, None));
    }
    node.children.iter().enumerate().find_map(|(index, child)| {
        let rest = name.strip_prefix(child.name.strip_suffix("[x]")?)?;
        let first = rest.chars().next()?;
        if !first.is_ascii_uppercase() {
            return None;
        }
        let known = child.definition.types.iter().find(|kind| kind.code.eq_ignore_ascii_case(rest));
        let code = known.map_or_else(|| Box::from(rest), |kind| kind.code.clone());
        Some((index, Some(code)))
    })
}

/// The slice of an element with this name; made from the unsliced element when it is not there yet.
fn slice_of<'n>(node: &'n mut Node, name: &str, only: Option<&str>) -> &'n mut Node {
    if let Some((outer, _)) = name.rsplit_once('/')
        && let Some(index) = node.slices.iter().position(|slice| slice.slice.as_deref() == Some(outer))
    {
        return slice_of(&mut node.slices[index], name, only);
    }
    if node.definition.slicing.is_none() {
        let implied = if node.is_choice() {
            Some((DiscriminatorKind::Type, "$this", SlicingRules::Closed))
        } else if matches!(&*node.name, "extension" | "modifierExtension") {
            Some((DiscriminatorKind::Value, "url", SlicingRules::Open))
        } else {
            None
        };
        if let Some((kind, path, rules)) = implied {
            let discriminators = vec![Discriminator { kind, path: path.into() }];
            Arc::make_mut(&mut node.definition).slicing = Some(Slicing { discriminators, ordered: false, rules });
        }
    }
    let known = node.slices.iter().position(|slice| slice.slice.as_deref() == Some(name));
    let index = known.unwrap_or_else(|| {
        let mut slice = Node {
            name: node.name.clone(),
            slice: Some(name.into()),
            list: node.list,
            definition: node.definition.clone(),
            children: node.children.clone(),
            slices: Vec::new(),
        };
        let definition = Arc::make_mut(&mut slice.definition);
        definition.slicing = None;
        definition.min = Some(0);
        if let Some(only) = only {
            definition.types = match definition.types.iter().find(|kind| &*kind.code == only) {
                Some(kind) => [kind.clone()].into(),
                None => [ElementType { code: only.into(), ..ElementType::default() }].into(),
            };
        }
        node.slices.push(slice);
        node.slices.len() - 1
    });
    &mut node.slices[index]
}
