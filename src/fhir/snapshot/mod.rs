//! Snapshots: every element of a profile with all that its chain of differentials says of it.
//!
//! A snapshot is a tree. Below an element stand its own children only when the definition or a differential goes into
//! them; all other children are those of its datatype, which the compiled schema takes lazily. Knows nothing of instances.
//! Entry point: [`Snapshots::of`].

mod differential;
mod merge;
mod tree;

use crate::fhir::definitions::DefinitionSet;
use crate::fhir::definitions::Derivation;
use crate::fhir::definitions::ExtensionContext;
use crate::fhir::definitions::StructureDefinition;
use crate::fhir::definitions::StructureKind;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

pub use tree::Node;

/// Most definitions that one may rest on, each on the next.
pub const MOST: usize = 64;

/// The whole of a profile or type: its definition with the tree of its elements.
#[derive(Debug)]
pub struct Snapshot {
    /// Canonical of the definition, without version.
    pub url: Box<str>,
    /// Type that it defines or constrains.
    pub type_name: Box<str>,
    /// What it describes.
    pub kind: StructureKind,
    /// Whether only types derived from it have instances.
    pub is_abstract: bool,
    /// Whether it defines a type or constrains one.
    pub derivation: Derivation,
    /// Where an extension may stand.
    pub contexts: Vec<ExtensionContext>,
    /// Canonicals of the definitions it derives from, nearest first; its own is not among them.
    pub bases: Vec<Box<str>>,
    /// The element of the resource or type itself.
    pub root: Node,
    /// Elements of the differential that no element of the base answers to, by id. They constrain nothing.
    pub unplaced: Vec<Box<str>>,
}

impl Snapshot {
    fn new(definition: &StructureDefinition, bases: Vec<Box<str>>, root: Node, unplaced: Vec<Box<str>>) -> Snapshot {
        Snapshot {
            url: definition.url.clone(),
            type_name: definition.type_name.clone(),
            kind: definition.kind,
            is_abstract: definition.is_abstract,
            derivation: definition.derivation,
            contexts: definition.contexts.clone(),
            bases,
            root,
            unplaced,
        }
    }
}

/// Why no snapshot could be made. The profile or the set of packages is at fault, never the instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotError {
    /// No package carries the definition.
    Unknown(Box<str>),
    /// The definition is, by way of its bases, its own base.
    Cycle(Box<str>),
    /// The definition names no base and has no snapshot.
    NoBase(Box<str>),
    /// The definition has more than [`MOST`] others below it: bases, and the profiles that its differential goes into.
    TooDeep(Box<str>),
    /// The definition has neither a snapshot nor a differential with a first element.
    Empty(Box<str>),
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SnapshotError::Unknown(url) => write!(f, "no package carries the definition `{url}`; add its package"),
            SnapshotError::Cycle(url) => {
                write!(f, "the definition `{url}` is derived from itself; correct `baseDefinition`")
            }
            SnapshotError::NoBase(url) => {
                write!(f, "the definition `{url}` has no snapshot and no `baseDefinition`; add one")
            }
            SnapshotError::TooDeep(url) => write!(
                f,
                "the definition `{url}` rests on more than {MOST} definitions, one on another; derive it from one nearer to FHIR"
            ),
            SnapshotError::Empty(url) => write!(f, "the definition `{url}` has no elements; add a differential"),
        }
    }
}

impl std::error::Error for SnapshotError {}

/// What was made so far, failures too, by canonical.
type Made = HashMap<Box<str>, Result<Arc<Snapshot>, SnapshotError>>;

/// Makes snapshots on demand and keeps them; shared between threads.
pub struct Snapshots {
    definitions: Arc<DefinitionSet>,
    made: Mutex<Made>,
}

impl Snapshots {
    /// A maker for these definitions.
    pub fn new(definitions: Arc<DefinitionSet>) -> Snapshots {
        Snapshots { definitions, made: Mutex::new(HashMap::new()) }
    }

    /// The definitions that the snapshots are made of.
    pub fn definitions(&self) -> &Arc<DefinitionSet> {
        &self.definitions
    }

    /// The snapshot of the definition with this canonical (`url` or `url|version`).
    ///
    /// # Errors
    /// When the definition or one of its bases is unknown, empty or derived from itself.
    pub fn of(&self, canonical: &str) -> Result<Arc<Snapshot>, SnapshotError> {
        Making { snapshots: self, stack: Vec::new() }.snapshot(canonical)
    }
}

/// One call: remembers which definitions are being made, so that a cycle ends.
struct Making<'a> {
    snapshots: &'a Snapshots,
    stack: Vec<Box<str>>,
}

impl Making<'_> {
    fn snapshot(&mut self, canonical: &str) -> Result<Arc<Snapshot>, SnapshotError> {
        if let Some(made) = self.lock().get(canonical) {
            return made.clone();
        }
        if self.stack.iter().any(|url| &**url == canonical) {
            return Err(SnapshotError::Cycle(canonical.into()));
        }
        if self.stack.len() >= MOST {
            return Err(SnapshotError::TooDeep(canonical.into()));
        }
        self.stack.push(canonical.into());
        let made = self.make(canonical);
        self.stack.pop();
        // What was made inside a cycle may lack children that a later call finds: keep only whole ones.
        if self.stack.is_empty() || made.is_ok() {
            self.lock().insert(canonical.into(), made.clone());
        }
        made
    }

    fn make(&mut self, canonical: &str) -> Result<Arc<Snapshot>, SnapshotError> {
        let Some(definition) = self.snapshots.definitions.structure(canonical) else {
            return Err(SnapshotError::Unknown(canonical.into()));
        };
        let published = !definition.snapshot.is_empty();
        if published && definition.derivation != Derivation::Constraint {
            let bases = self.bases_of(definition);
            let Some(root) = tree::read(&definition.snapshot) else {
                return Err(SnapshotError::Empty(canonical.into()));
            };
            return Ok(Arc::new(Snapshot::new(definition, bases, root, Vec::new())));
        }
        let Some(base) = definition.base.clone() else {
            return Err(SnapshotError::NoBase(canonical.into()));
        };
        let base = self.snapshot(&base)?;
        // Whatever was made before, so that the order in which profiles are asked for does not matter.
        if base.bases.len() >= MOST {
            return Err(SnapshotError::TooDeep(canonical.into()));
        }
        let mut bases = vec![base.url.clone()];
        bases.extend(base.bases.iter().cloned());
        let (root, unplaced) = differential::apply(self, &base, definition);
        Ok(Arc::new(Snapshot::new(definition, bases, root, unplaced)))
    }

    /// The canonicals above a definition that brings its own snapshot; a base that is not there ends the list.
    fn bases_of(&self, definition: &StructureDefinition) -> Vec<Box<str>> {
        let mut bases: Vec<Box<str>> = Vec::new();
        let mut next = definition.base.clone();
        while let Some(url) = next {
            if bases.contains(&url) || bases.len() >= MOST {
                break;
            }
            next = self.snapshots.definitions.structure(&url).and_then(|above| above.base.clone());
            bases.push(url);
        }
        bases
    }

    fn lock(&self) -> MutexGuard<'_, Made> {
        self.snapshots.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
