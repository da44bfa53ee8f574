//! Compiled profiles: a snapshot turned into an arena of nodes that a walker can follow without looking anything up.
//!
//! Compiled once, on first use, shared between threads. Datatypes and other profiles are slots that fill themselves
//! lazily, so recursion between types is fine. What cannot be judged is found here and becomes a [`Gap`].
//! Knows nothing of instances. Entry point: [`SchemaSet`].

mod compile;
mod discriminator;
mod overrides;
mod primitive;

use crate::fhir::Element;
use crate::fhir::definitions::Aggregation;
use crate::fhir::definitions::BindingStrength;
use crate::fhir::definitions::DefinitionSet;
use crate::fhir::definitions::ExtensionContext;
use crate::fhir::definitions::NarrativeControl;
use crate::fhir::definitions::SlicingRules;
use crate::fhir::definitions::StructureKind;
use crate::fhir::definitions::TypedValue;
use crate::fhir::path::Expression;
use crate::fhir::snapshot::SnapshotError;
use crate::fhir::snapshot::Snapshots;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::PoisonError;
use std::sync::RwLock;

pub use overrides::Override;
pub use overrides::further_context;
pub use primitive::Primitive;

/// Index of a node in its [`Schema`].
pub type NodeId = u32;

/// A profile or type, compiled or still to be compiled, in its [`SchemaSet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot(u32);

/// A profile or type, ready to judge instances by.
#[derive(Debug)]
pub struct Schema {
    /// Canonical of the definition, without version.
    pub url: Box<str>,
    /// Type that it constrains or defines.
    pub type_name: Box<str>,
    /// Whether it is a primitive, a datatype or a resource.
    pub kind: StructureKind,
    /// Whether only types derived from it have instances.
    pub is_abstract: bool,
    /// Canonicals of what it derives from, nearest first.
    pub bases: Vec<Box<str>>,
    /// The elements; the first is the root.
    pub nodes: Vec<ElementNode>,
    /// Contexts in which an extension may stand; empty for all else.
    pub contexts: Vec<ExtensionContext>,
    /// What of this profile cannot be judged.
    pub gaps: Vec<Gap>,
}

impl Schema {
    /// The node with this index; indices come from the same schema.
    pub fn node(&self, id: NodeId) -> &ElementNode {
        &self.nodes[id as usize]
    }

    /// The element of the resource or type itself.
    pub fn root(&self) -> &ElementNode {
        &self.nodes[0]
    }

    /// The node at a path below the root (`referenceRange.low`), no slices.
    pub fn at(&self, path: &str) -> Option<NodeId> {
        path.split('.').try_fold(0, |id, name| {
            let children = self.node(id).children.as_ref()?;
            children.list.iter().copied().find(|child| *self.node(*child).name == *name)
        })
    }
}

/// Part of a profile that is not judged, and why.
#[derive(Clone, Debug)]
pub struct Gap {
    /// Id of the element in the profile.
    pub element: Box<str>,
    /// Why.
    pub reason: GapReason,
}

/// Why a part of a profile is not judged.
#[derive(Clone, Debug)]
pub enum GapReason {
    /// Slices cannot be told apart: the discriminator leads to nothing that tells them apart.
    Discriminator(Box<str>),
    /// The differential names an element that its base does not have.
    Unplaced,
    /// An invariant that FHIRPath cannot read: its key and why.
    Invariant(Box<str>, Box<str>),
    /// A published invariant that is known to be wrong and is left out or replaced.
    Overridden(&'static Override),
}

/// One element or slice of a schema.
#[derive(Debug)]
pub struct ElementNode {
    /// Id in the snapshot: `Observation.component:systolic.code`.
    pub id: Box<str>,
    /// Name without `[x]`.
    pub name: Box<str>,
    /// Whether it is a choice of types.
    pub choice: bool,
    /// Name of the slice, when it is one.
    pub slice: Option<Box<str>>,
    /// How often it must stand.
    pub min: u32,
    /// How often it may stand; `None`: without end.
    pub max: Option<u32>,
    /// Whether JSON writes it as a list.
    pub list: bool,
    /// The types it may have.
    pub types: Vec<TypeRule>,
    /// For FHIRPath the type of an element with children of its own: `Observation.component`.
    pub path: Box<str>,
    /// Another element whose content this one has: its type and the path below the type.
    pub content: Option<(Slot, Box<str>)>,
    /// The value it must be equal to.
    pub fixed: Option<Box<TypedValue>>,
    /// The value it must hold at least.
    pub pattern: Option<Box<TypedValue>>,
    /// The least value.
    pub min_value: Option<Box<TypedValue>>,
    /// The greatest value.
    pub max_value: Option<Box<TypedValue>>,
    /// Longest text, in characters.
    pub max_length: Option<u32>,
    /// Extensions one of which must stand where it has no value; empty: none is asked.
    pub value_alternatives: Vec<Box<str>>,
    /// What the parts of a narrative must tell; `None`: nothing is asked.
    pub narrative: Option<Box<NarrativeControl>>,
    /// The codes it may have.
    pub binding: Option<BindingRule>,
    /// Invariants on it.
    pub invariants: Vec<Invariant>,
    /// How its items are told apart.
    pub slicing: Option<SlicingRule>,
    /// Its children, when the profile goes into them; otherwise those of its type hold.
    pub children: Option<Children>,
}

impl ElementNode {
    /// The type of an element for FHIRPath: its own path when its children are its own.
    pub fn own_kind<'a>(&'a self, code: &'a str) -> &'a str {
        match code {
            "BackboneElement" | "Element" => &self.path,
            _ => code,
        }
    }
}

/// The children of a node.
#[derive(Debug, Default)]
pub struct Children {
    /// In the order of the definition.
    pub list: Vec<NodeId>,
    /// Name in an instance (`valueQuantity`) to child and index of its type; sorted by name.
    pub names: Vec<(Box<str>, NodeId, u16)>,
}

impl Children {
    /// The child with this name in an instance and the index of its type.
    pub fn named(&self, name: &str) -> Option<(NodeId, usize)> {
        let at = self.names.binary_search_by(|(known, _, _)| (**known).cmp(name)).ok()?;
        self.names.get(at).map(|(_, node, kind)| (*node, usize::from(*kind)))
    }
}

/// One type that an element may have.
#[derive(Debug)]
pub struct TypeRule {
    /// Name of the type.
    pub code: Box<str>,
    /// The definition of the type.
    pub slot: Slot,
    /// The format, when it is a primitive.
    pub primitive: Option<Primitive>,
    /// Profiles on the value, one of which must hold.
    pub profiles: Vec<Slot>,
    /// What a reference may point to; empty: anything.
    pub targets: Vec<Slot>,
    /// Where the target of a reference may stand; empty: anywhere.
    pub aggregation: Vec<Aggregation>,
}

/// The codes an element may have.
#[derive(Debug)]
pub struct BindingRule {
    /// How strictly.
    pub strength: BindingStrength,
    /// Canonical of the value set.
    pub value_set: Box<str>,
    /// Canonical of the value set that bounds an extensible or preferred binding.
    pub max: Option<Box<str>>,
    /// Canonical of the value set that a system must support at least.
    pub min: Option<Box<str>>,
}

/// A FHIRPath expression that must be true.
#[derive(Debug)]
pub struct Invariant {
    /// Its key, unique in a profile.
    pub key: Box<str>,
    /// Whether breaking it is an error (or else a warning).
    pub error: bool,
    /// The expression.
    pub expression: Expression,
    /// Whether it asks what time it is.
    pub needs_clock: bool,
    /// Whether it follows references.
    pub resolves: bool,
}

/// How the items of an element are told apart.
#[derive(Debug)]
pub struct SlicingRule {
    /// Whether items outside the slices may stand, and where.
    pub rules: SlicingRules,
    /// Whether the items must stand in the order of the slices.
    pub ordered: bool,
    /// The slices, in order.
    pub slices: Vec<SliceRule>,
}

/// One slice and how its items are known.
#[derive(Debug)]
pub struct SliceRule {
    /// The node of the slice.
    pub node: NodeId,
    /// Conditions that must all hold; `None`: it cannot be told (a [`Gap`] says why).
    pub conditions: Option<Vec<Condition>>,
}

/// One condition on an item for being in a slice.
#[derive(Debug)]
pub struct Condition {
    /// Where to look, from the item.
    pub path: Vec<Step>,
    /// What must hold there, for at least one element.
    pub test: Test,
    /// The discriminator as written, for messages.
    pub discriminator: Box<str>,
}

/// One step of a discriminator's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the children with this name; of a choice: of any type.
    Child { name: Box<str>, choice: bool },
    /// To the extensions with this url.
    Extension(Box<str>),
    /// To the resource that a reference points to.
    Resolve,
    /// Only what has this type.
    OfType(Box<str>),
}

/// What a discriminator asks of the elements at its path.
#[derive(Debug)]
pub enum Test {
    /// Equal to this value.
    Fixed(Element),
    /// Holds this value.
    Pattern(Element),
    /// A code of this value set.
    InValueSet(Box<str>),
    /// Of one of these types.
    Type(Vec<Box<str>>),
    /// Valid by one of these profiles.
    Profile(Vec<Slot>),
    /// There is one (or there is none).
    Exists(bool),
}

/// All compiled profiles of one set of definitions; compiles on first use; shared between threads.
pub struct SchemaSet {
    snapshots: Snapshots,
    by_canonical: RwLock<HashMap<Box<str>, Slot>>,
    cells: Cells,
}

/// The cells of all slots. Grows while others read, without a lock for those: blocks never move, and each holds twice as many
/// as the one before it.
#[derive(Default)]
struct Cells([OnceLock<Box<[OnceLock<Cell>]>>; BLOCKS]);

/// As many as hold all slots but the last that has a number.
const BLOCKS: usize = 32;

#[derive(Debug)]
struct Cell {
    canonical: Box<str>,
    schema: OnceLock<Result<Box<Schema>, SnapshotError>>,
}

impl Cells {
    /// The block of a slot and the place in it: slot 0 is the first of block 0, 1 and 2 are block 1.
    fn place(slot: Slot) -> (usize, usize) {
        let number = u64::from(slot.0) + 1;
        let block = number.ilog2();
        (block as usize, usize::try_from(number - (1 << block)).unwrap_or(usize::MAX))
    }

    fn at(&self, slot: Slot) -> Option<&Cell> {
        let (block, place) = Cells::place(slot);
        self.0.get(block)?.get()?.get(place)?.get()
    }

    fn put(&self, slot: Slot, canonical: &str) {
        let (block, place) = Cells::place(slot);
        let Some(cells) = self.0.get(block) else { return };
        let cells = cells.get_or_init(|| (0..1_usize << block).map(|_| OnceLock::new()).collect());
        if let Some(cell) = cells.get(place) {
            cell.get_or_init(|| Cell { canonical: canonical.into(), schema: OnceLock::new() });
        }
    }
}

impl SchemaSet {
    /// An empty set over these definitions.
    pub fn new(definitions: Arc<DefinitionSet>) -> SchemaSet {
        SchemaSet { snapshots: Snapshots::new(definitions), by_canonical: RwLock::default(), cells: Cells::default() }
    }

    /// The definitions that the profiles are compiled from.
    pub fn definitions(&self) -> &Arc<DefinitionSet> {
        self.snapshots.definitions()
    }

    /// The snapshots that the profiles are compiled from.
    pub fn snapshots(&self) -> &Snapshots {
        &self.snapshots
    }

    /// The slot of a definition that is at hand. For canonicals that instances name, which have no end: what is nowhere gets
    /// no slot.
    pub fn find(&self, canonical: &str) -> Option<Slot> {
        let canonical = without_fragment(canonical);
        let known = self.by_canonical.read().unwrap_or_else(PoisonError::into_inner).get(canonical).copied();
        known.or_else(|| self.definitions().structure(canonical).map(|_| self.slot(canonical)))
    }

    /// The slot of the definition with this canonical. Nothing is compiled and it need not exist.
    pub fn slot(&self, canonical: &str) -> Slot {
        let canonical = without_fragment(canonical);
        let known = self.by_canonical.read().unwrap_or_else(PoisonError::into_inner).get(canonical).copied();
        if let Some(slot) = known {
            return slot;
        }
        let mut slots = self.by_canonical.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(canonical) {
            return *slot;
        }
        let slot = Slot(u32::try_from(slots.len()).unwrap_or(u32::MAX));
        self.cells.put(slot, canonical);
        slots.insert(canonical.into(), slot);
        slot
    }

    /// The slot of a type by its name.
    pub fn type_slot(&self, code: &str) -> Slot {
        match self.definitions().type_definition(code) {
            Some(found) => self.slot(&found.url),
            None => self.slot(code),
        }
    }

    /// The canonical that a slot stands for.
    pub fn canonical(&self, slot: Slot) -> Box<str> {
        self.cells.at(slot).map(|cell| cell.canonical.clone()).unwrap_or_default()
    }

    /// The compiled profile in a slot, compiled now when nobody did before.
    ///
    /// # Errors
    /// When the definition or one of its bases is unknown, empty or derived from itself.
    pub fn schema(&self, slot: Slot) -> Result<&Schema, SnapshotError> {
        let Some(cell) = self.cells.at(slot) else { return Err(SnapshotError::Unknown(Box::default())) };
        let compiled = cell.schema.get_or_init(|| {
            let snapshot = self.snapshots.of(&cell.canonical)?;
            Ok(Box::new(compile::compile(self, &snapshot)))
        });
        compiled.as_ref().map(|schema| &**schema).map_err(Clone::clone)
    }
}

/// A canonical without the part of the definition that it points at.
fn without_fragment(canonical: &str) -> &str {
    canonical.split_once('#').map_or(canonical, |(canonical, _)| canonical)
}
