//! What tells the items of a slice: a discriminator's path followed through the definition to what stands fixed there.

use crate::fhir::Element;
use crate::fhir::definitions::BindingStrength;
use crate::fhir::definitions::Discriminator;
use crate::fhir::definitions::DiscriminatorKind;
use crate::fhir::definitions::ElementDefinition;
use crate::fhir::definitions::Max;
use crate::fhir::definitions::Slicing;
use crate::fhir::definitions::TypedValue;
use crate::fhir::schema::Condition;
use crate::fhir::schema::SchemaSet;
use crate::fhir::schema::Slot;
use crate::fhir::schema::Step;
use crate::fhir::schema::Test;
use crate::fhir::snapshot::Node;

/// How deep values below a discriminator's path are gathered.
const DEPTH: usize = 6;

/// The conditions of one slice.
///
/// # Errors
/// The discriminator that leads to nothing, when none of them tells anything.
pub fn conditions(set: &SchemaSet, parent: &Node, slice: &Node, slicing: &Slicing) -> Result<Vec<Condition>, Box<str>> {
    let mut all = Vec::new();
    let mut mute = None;
    for discriminator in &slicing.discriminators {
        let found = condition(set, slice, discriminator);
        if found.is_empty() {
            mute = Some(discriminator.path.clone());
        }
        all.extend(found);
    }
    if slicing.discriminators.is_empty() && parent.is_choice() {
        all.extend(of_type(set, slice, Vec::new(), "$this"));
    }
    if all.is_empty() { Err(mute.unwrap_or_default()) } else { Ok(all) }
}

fn condition(set: &SchemaSet, slice: &Node, discriminator: &Discriminator) -> Vec<Condition> {
    let written = &*discriminator.path;
    let Some(steps) = parse(written) else { return Vec::new() };
    let mut at = Places { set, steps: Vec::new(), found: vec![slice.clone()] };
    for step in steps {
        at = at.follow(step);
    }
    match discriminator.kind {
        DiscriminatorKind::Value | DiscriminatorKind::Pattern => at.values(written),
        DiscriminatorKind::Type => {
            let mut all = Vec::new();
            for node in &at.found {
                all.extend(of_type(set, node, at.steps.clone(), written));
            }
            if at.found.is_empty()
                && let Some(types) = target_types(set, slice, written)
            {
                all.push(Condition { path: at.steps, test: Test::Type(types), discriminator: written.into() });
            }
            all.truncate(1);
            all
        }
        DiscriminatorKind::Profile => {
            let mut slots: Vec<Slot> = Vec::new();
            for kind in at.found.iter().flat_map(|node| node.definition.types.iter()) {
                slots.extend(kind.profiles.iter().map(|profile| set.slot(profile)));
            }
            if slots.is_empty() && at.steps.last() == Some(&Step::Resolve) {
                let types = slice_at(set, slice, written);
                slots.extend(
                    types
                        .iter()
                        .flat_map(|node| node.definition.types.iter())
                        .flat_map(|kind| kind.target_profiles.iter().map(|target| set.slot(target))),
                );
            }
            if slots.is_empty() {
                return Vec::new();
            }
            vec![Condition { path: at.steps, test: Test::Profile(slots), discriminator: written.into() }]
        }
        DiscriminatorKind::Exists => {
            let Some(node) = at.found.first() else { return Vec::new() };
            let exists = match (node.definition.min, node.definition.max) {
                (_, Some(Max::Count(0))) => false,
                (Some(min), _) if min > 0 => true,
                _ => return Vec::new(),
            };
            vec![Condition { path: at.steps, test: Test::Exists(exists), discriminator: written.into() }]
        }
    }
}

/// One step of a path as written.
enum Part {
    Name(Box<str>),
    Extension(Box<str>),
    Resolve,
    OfType(Box<str>),
}

/// Reads the restricted FHIRPath that discriminators have. `None` when it is not that.
fn parse(path: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = path.trim();
    while !rest.is_empty() {
        let end = rest.char_indices().scan(0usize, |depth, (at, letter)| {
            match letter {
                '(' => *depth += 1,
                ')' => *depth = depth.saturating_sub(1),
                _ => {}
            }
            Some((at, letter, *depth))
        });
        let end = end.filter(|(_, letter, depth)| *letter == '.' && *depth == 0).map(|(at, _, _)| at).next();
        let (part, after) = match end {
            Some(at) => (&rest[..at], &rest[at + 1..]),
            None => (rest, ""),
        };
        rest = after;
        match part.strip_suffix(')').and_then(|part| part.split_once('(')) {
            Some(("resolve", "")) => parts.push(Part::Resolve),
            Some(("extension", url)) => parts.push(Part::Extension(url.trim_matches(['\'', '"']).into())),
            Some(("ofType" | "as", kind)) => parts.push(Part::OfType(kind.rsplit('.').next()?.into())),
            Some(_) => return None,
            None if part == "$this" => {}
            None if part.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-') => {
                parts.push(Part::Name(part.into()));
            }
            None => part.strip_suffix("[x]").map(|name| parts.push(Part::Name(name.into())))?,
        }
    }
    Some(parts)
}

/// Where a path has come in the definition, and the same way through an instance.
struct Places<'a> {
    set: &'a SchemaSet,
    steps: Vec<Step>,
    found: Vec<Node>,
}

impl<'a> Places<'a> {
    fn follow(mut self, part: Part) -> Places<'a> {
        let mut next = Vec::new();
        match &part {
            Part::Name(name) => {
                for node in &self.found {
                    next.extend(children(self.set, node).into_iter().filter(|child| named(child, name)));
                }
                let choice = next.iter().any(Node::is_choice);
                self.steps.push(Step::Child { name: name.clone(), choice });
                // What the slices of a mandatory child fix tells the slice as well.
                let slices: Vec<Node> = next.iter().flat_map(|node| node.slices.iter().cloned()).collect();
                next.extend(slices.into_iter().filter(|slice| slice.definition.min.is_some_and(|min| min > 0)));
            }
            Part::Extension(url) => {
                for node in &self.found {
                    for child in children(self.set, node).iter().filter(|child| &*child.name == "extension") {
                        next.extend(child.slices.iter().filter(|slice| slice_url(slice, url)).cloned());
                    }
                }
                self.steps.push(Step::Extension(url.clone()));
            }
            Part::Resolve => {
                for kind in self.found.iter().flat_map(|node| node.definition.types.iter()) {
                    if let [target] = kind.target_profiles.as_slice()
                        && let Ok(snapshot) = self.set.snapshots().of(target)
                    {
                        next.push(snapshot.root.clone());
                    }
                }
                self.steps.push(Step::Resolve);
            }
            Part::OfType(kind) => {
                next.clone_from(&self.found);
                let slices: Vec<Node> = next.iter().flat_map(|node| node.slices.iter().cloned()).collect();
                next.extend(slices.into_iter().filter(|slice| slice.definition.types.iter().any(|t| t.code == *kind)));
                self.steps.push(Step::OfType(kind.clone()));
            }
        }
        self.found = next;
        self
    }

    /// What is fixed at the places, or anywhere below them.
    fn values(&self, written: &str) -> Vec<Condition> {
        let mut all = Vec::new();
        // What may not stand in the slice has no value there.
        if let [node] = self.found.as_slice()
            && node.definition.max == Some(Max::Count(0))
        {
            let path = self.steps.clone();
            return vec![Condition { path, test: Test::Exists(false), discriminator: written.into() }];
        }
        for node in &self.found {
            gather(self.set, node, &self.steps, written, DEPTH, &mut all);
            if !all.is_empty() {
                break;
            }
        }
        all
    }
}

/// Adds what is fixed at a node or below it.
fn gather(set: &SchemaSet, node: &Node, path: &[Step], written: &str, depth: usize, all: &mut Vec<Condition>) {
    let definition = &node.definition;
    let mut push = |test: Test| all.push(Condition { path: path.to_vec(), test, discriminator: written.into() });
    if let Some(value) = &definition.fixed {
        return push(Test::Fixed(value.value.clone()));
    }
    if let Some(value) = &definition.pattern {
        return push(Test::Pattern(value.value.clone()));
    }
    if depth > 0 {
        let before = all.len();
        let below: Vec<&Node> = node.children.iter().collect();
        for child in below {
            let mut path = path.to_vec();
            let name: Box<str> = child.name.strip_suffix("[x]").unwrap_or(&child.name).into();
            path.push(Step::Child { name, choice: child.is_choice() });
            gather(set, child, &path, written, depth - 1, all);
            for slice in child.slices.iter().filter(|slice| slice.definition.min.is_some_and(|min| min > 0)) {
                gather(set, slice, &path, written, depth - 1, all);
            }
        }
        if all.len() > before {
            return;
        }
    }
    if depth == DEPTH || all.is_empty() {
        if let [only] = &*definition.types
            && let [profile] = only.profiles.as_slice()
            && node.children.is_empty()
            && depth > 0
            && let Ok(snapshot) = set.snapshots().of(profile)
        {
            gather(set, &snapshot.root, path, written, depth - 1, all);
            if !all.is_empty() {
                return;
            }
        }
        if depth == DEPTH
            && let Some(binding) = &definition.binding
            && binding.strength == BindingStrength::Required
            && let Some(value_set) = &binding.value_set
        {
            all.push(Condition {
                path: path.to_vec(),
                test: Test::InValueSet(value_set.clone()),
                discriminator: written.into(),
            });
        }
    }
}

fn named(node: &Node, name: &str) -> bool {
    node.name.strip_suffix("[x]").unwrap_or(&node.name) == name
}

/// The children of an element in the definition: its own, or those of its profile or type.
fn children(set: &SchemaSet, node: &Node) -> Vec<Node> {
    if !node.children.is_empty() {
        return node.children.clone();
    }
    let mut all = Vec::new();
    for kind in node.definition.types.iter() {
        let profiled = kind.profiles.iter().filter_map(|profile| set.snapshots().of(profile).ok());
        let mut found: Vec<_> = profiled.collect();
        if found.is_empty() && !kind.profiles.is_empty() && &*kind.code == "Extension" {
            // An extension that no package carries still has its own url.
            all.extend(kind.profiles.iter().map(|profile| url_node(profile)));
            continue;
        }
        if found.is_empty()
            && let Some(definition) = set.definitions().type_definition(&kind.code)
        {
            found.extend(set.snapshots().of(&definition.url).ok());
        }
        for snapshot in found {
            all.extend(snapshot.root.children.iter().cloned());
        }
    }
    all
}

/// The element `url` of an extension that is known by its canonical only.
fn url_node(canonical: &str) -> Node {
    let url = canonical.split('|').next().unwrap_or_default();
    let value = crate::fhir::Scalar { text: url.into(), kind: crate::fhir::ScalarKind::Text };
    let fixed = Element { name: "url".into(), value: Some(value), ..Element::default() };
    let definition = ElementDefinition {
        path: "Extension.url".into(),
        fixed: Some(Box::new(TypedValue { kind: "uri".into(), value: fixed })),
        ..ElementDefinition::default()
    };
    Node::leaf(&definition)
}

fn slice_url(slice: &Node, url: &str) -> bool {
    let profiles = slice.definition.types.iter().flat_map(|kind| &kind.profiles);
    profiles.into_iter().any(|profile| profile.split('|').next() == Some(url))
        || slice.child("url").and_then(|node| node.definition.fixed.as_ref()).and_then(|fixed| fixed.value.as_text())
            == Some(url)
}

fn of_type(set: &SchemaSet, node: &Node, path: Vec<Step>, written: &str) -> Option<Condition> {
    let types: Vec<Box<str>> = if path.last() == Some(&Step::Resolve) || node.definition.types.is_empty() {
        let root = set.definitions().type_definition(&node.name).map(|_| node.name.clone());
        root.into_iter().collect()
    } else {
        node.definition.types.iter().map(|kind| kind.code.clone()).collect()
    };
    if types.is_empty() {
        return None;
    }
    Some(Condition { path, test: Test::Type(types), discriminator: written.into() })
}

/// The types of resource that the reference before a final `resolve()` may point to.
fn target_types(set: &SchemaSet, slice: &Node, written: &str) -> Option<Vec<Box<str>>> {
    let nodes = slice_at(set, slice, written);
    let mut types: Vec<Box<str>> = Vec::new();
    for target in nodes.iter().flat_map(|node| node.definition.types.iter()).flat_map(|kind| &kind.target_profiles) {
        let definition = set.definitions().structure(target)?;
        if !types.contains(&definition.type_name) {
            types.push(definition.type_name.clone());
        }
    }
    if types.is_empty() { None } else { Some(types) }
}

/// The elements that a path leads to when its final `resolve()` is left off.
fn slice_at(set: &SchemaSet, slice: &Node, written: &str) -> Vec<Node> {
    let Some(mut steps) = parse(written) else { return Vec::new() };
    if matches!(steps.last(), Some(Part::Resolve)) {
        steps.pop();
    }
    let mut at = Places { set, steps: Vec::new(), found: vec![slice.clone()] };
    for step in steps {
        at = at.follow(step);
    }
    at.found
}
