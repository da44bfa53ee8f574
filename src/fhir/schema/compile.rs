//! Turns a snapshot's tree into the arena of a schema.

use crate::fhir::definitions::ConstraintSeverity;
use crate::fhir::definitions::Max;
use crate::fhir::definitions::StructureKind;
use crate::fhir::path::Expression;
use crate::fhir::schema::BindingRule;
use crate::fhir::schema::Children;
use crate::fhir::schema::ElementNode;
use crate::fhir::schema::Gap;
use crate::fhir::schema::GapReason;
use crate::fhir::schema::Invariant;
use crate::fhir::schema::NodeId;
use crate::fhir::schema::Override;
use crate::fhir::schema::Primitive;
use crate::fhir::schema::Schema;
use crate::fhir::schema::SchemaSet;
use crate::fhir::schema::SliceRule;
use crate::fhir::schema::SlicingRule;
use crate::fhir::schema::Slot;
use crate::fhir::schema::TypeRule;
use crate::fhir::schema::discriminator;
use crate::fhir::snapshot::Node;
use crate::fhir::snapshot::Snapshot;

/// Invariants that the walker judges itself, for every element or narrative: faster, and with a better message.
const NATIVE: &[&str] = &["ele-1", "txt-1", "txt-2"];

/// Compiles a snapshot. What cannot be judged becomes a gap.
pub fn compile(set: &SchemaSet, snapshot: &Snapshot) -> Schema {
    let mut compiler = Compiler { set, snapshot, nodes: Vec::new(), gaps: Vec::new() };
    compiler.add(&snapshot.root, &snapshot.type_name, 0);
    for id in &snapshot.unplaced {
        compiler.gaps.push(Gap { element: id.clone(), reason: GapReason::Unplaced });
    }
    Schema {
        url: snapshot.url.clone(),
        type_name: snapshot.type_name.clone(),
        kind: snapshot.kind,
        is_abstract: snapshot.is_abstract,
        bases: snapshot.bases.clone(),
        nodes: compiler.nodes,
        contexts: snapshot.contexts.clone(),
        gaps: compiler.gaps,
    }
}

struct Compiler<'a> {
    set: &'a SchemaSet,
    snapshot: &'a Snapshot,
    nodes: Vec<ElementNode>,
    gaps: Vec<Gap>,
}

impl Compiler<'_> {
    fn add(&mut self, node: &Node, id: &str, depth: usize) -> NodeId {
        let index = NodeId::try_from(self.nodes.len()).unwrap_or(NodeId::MAX);
        let compiled = self.leaf(node, id, depth);
        self.nodes.push(compiled);
        let primitive = self.snapshot.kind == StructureKind::PrimitiveType;
        if !node.children.is_empty() {
            let mut children = Children::default();
            for child in &node.children {
                if primitive && depth == 0 && &*child.name == "value" {
                    continue;
                }
                let child_id = format!("{id}.{}", child.name);
                let added = self.add(child, &child_id, depth + 1);
                children.list.push(added);
                self.name(&mut children, added);
            }
            children.names.sort_by(|a, b| a.0.cmp(&b.0));
            self.nodes[index as usize].children = Some(children);
        }
        if !node.slices.is_empty() || node.definition.slicing.is_some() {
            let slicing = self.slicing(node, id, depth);
            self.nodes[index as usize].slicing = slicing;
        }
        index
    }

    /// The names that a child has in instances.
    fn name(&self, children: &mut Children, id: NodeId) {
        let node = &self.nodes[id as usize];
        if !node.choice {
            children.names.push((node.name.clone(), id, 0));
            return;
        }
        for (index, kind) in node.types.iter().enumerate() {
            let mut letters = kind.code.chars();
            let Some(first) = letters.next() else { continue };
            let name = format!("{}{}{}", node.name, first.to_uppercase(), letters.as_str());
            if !children.names.iter().any(|(known, _, _)| **known == *name) {
                children.names.push((name.into(), id, u16::try_from(index).unwrap_or(u16::MAX)));
            }
        }
    }

    fn leaf(&mut self, node: &Node, id: &str, depth: usize) -> ElementNode {
        let definition = &node.definition;
        let choice = node.is_choice();
        let resource = self.snapshot.kind == StructureKind::Resource;
        let own_id = depth == 1 && resource && &*node.name == "id";
        let types = definition.types.iter().map(|kind| {
            let code = system_type(&kind.code);
            let code: Box<str> = if own_id { "id".into() } else { code.into() };
            TypeRule {
                slot: self.set.type_slot(&code),
                primitive: Primitive::of(&code),
                profiles: kind.profiles.iter().map(|profile| self.set.slot(profile)).collect(),
                targets: kind.target_profiles.iter().map(|target| self.set.slot(target)).collect(),
                aggregation: kind.aggregation.clone(),
                code,
            }
        });
        ElementNode {
            id: id.into(),
            name: node.name.strip_suffix("[x]").unwrap_or(&node.name).into(),
            choice,
            slice: node.slice.clone(),
            min: definition.min.unwrap_or(0),
            max: match definition.max {
                Some(Max::Count(count)) => Some(count),
                Some(Max::Many) | None => None,
            },
            list: node.list,
            types: types.collect(),
            path: definition.path.clone(),
            content: if node.children.is_empty() { self.content(node) } else { None },
            fixed: definition.fixed.clone(),
            pattern: definition.pattern.clone(),
            min_value: definition.min_value.clone(),
            max_value: definition.max_value.clone(),
            max_length: definition.max_length,
            value_alternatives: definition.value_alternatives.clone(),
            narrative: definition.narrative.clone(),
            binding: definition.binding.as_ref().and_then(|binding| {
                let value_set = binding.value_set.clone()?;
                let (max, min) = (binding.max_value_set.clone(), binding.min_value_set.clone());
                Some(BindingRule { strength: binding.strength, value_set, max, min })
            }),
            invariants: self.invariants(node, id),
            slicing: None,
            children: None,
        }
    }

    fn invariants(&mut self, node: &Node, id: &str) -> Vec<Invariant> {
        let mut compiled = Vec::new();
        let version = self.set.definitions().fhir_version();
        for constraint in node.definition.constraints.iter() {
            let (key, Some(written)) = (&constraint.key, constraint.expression.as_deref()) else { continue };
            if NATIVE.contains(&&**key) {
                continue;
            }
            let wrong = Override::of(version, key, written);
            if let Some(wrong) = wrong {
                let reason = GapReason::Overridden(wrong);
                self.gaps.push(Gap { element: id.into(), reason });
            }
            let text = match wrong {
                Some(wrong) => match wrong.replacement {
                    Some(text) => text,
                    None => continue,
                },
                None => written,
            };
            match Expression::parse(text) {
                Ok(expression) => {
                    let error = constraint.severity == ConstraintSeverity::Error && !constraint.best_practice;
                    let needs_clock = ["now()", "today()", "timeOfDay()"].iter().any(|ask| text.contains(ask));
                    let resolves = text.contains("resolve()");
                    compiled.push(Invariant { key: key.clone(), error, expression, needs_clock, resolves });
                }
                Err(error) => {
                    let reason = GapReason::Invariant(key.clone(), error.to_string().into());
                    self.gaps.push(Gap { element: id.into(), reason });
                }
            }
        }
        compiled
    }

    fn content(&self, node: &Node) -> Option<(Slot, Box<str>)> {
        let reference = node.definition.content_reference.as_deref()?;
        let (kind, below) = reference.split_once('.')?;
        Some((self.set.type_slot(kind), below.into()))
    }

    fn slicing(&mut self, node: &Node, id: &str, depth: usize) -> Option<SlicingRule> {
        let slicing = node.definition.slicing.clone()?;
        let mut slices = Vec::new();
        for slice in &node.slices {
            let name = slice.slice.as_deref().unwrap_or_default();
            let unsliced = id.rsplit_once(':').filter(|_| node.slice.is_some()).map_or(id, |(before, _)| before);
            let slice_id = format!("{unsliced}:{name}");
            let added = self.add(slice, &slice_id, depth);
            let conditions = match discriminator::conditions(self.set, node, slice, &slicing) {
                Ok(conditions) => Some(conditions),
                Err(discriminator) => {
                    let reason = GapReason::Discriminator(discriminator);
                    self.gaps.push(Gap { element: slice_id.into(), reason });
                    None
                }
            };
            slices.push(SliceRule { node: added, conditions });
        }
        Some(SlicingRule { rules: slicing.rules, ordered: slicing.ordered, slices })
    }
}

/// FHIR's name for the FHIRPath types that R4 gives to ids, urls and values.
fn system_type(code: &str) -> &str {
    match code.strip_prefix("http://hl7.org/fhirpath/System.") {
        Some("Boolean") => "boolean",
        Some("Integer") => "integer",
        Some("Decimal") => "decimal",
        Some("Date") => "date",
        Some("DateTime") => "dateTime",
        Some("Time") => "time",
        Some(_) => "string",
        None => code,
    }
}
