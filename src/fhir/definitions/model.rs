//! What FHIRPath and the writers ask of the definitions: types and children, from the base definitions only.
//!
//! Each type's table is made when the type is first asked for. Profiles play no part.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::hash::Hasher;
use std::sync::OnceLock;

use crate::fhir::definitions::BASE_URL;
use crate::fhir::definitions::DefinitionKind;
use crate::fhir::definitions::DefinitionSet;
use crate::fhir::definitions::structure::ElementDefinition;
use crate::fhir::definitions::structure::Max;
use crate::fhir::definitions::structure::StructureDefinition;
use crate::fhir::definitions::structure::StructureKind;
use crate::fhir::path::ChildFacts;
use crate::fhir::path::Model;

/// All types that might be asked for, by name.
pub(super) type TypeTable = ByName<Base>;

/// A definition under the base URL; it may be that of a type.
pub(super) struct Base {
    /// Its layer, and its entry there.
    pub place: (usize, usize),
    facts: OnceLock<Option<TypeFacts>>,
}

/// Facts by a name of the definitions. FHIRPath asks at every step, so the hash must be quick; what a candidate sends is only
/// looked up, never put in, so it need not resist crafted names.
type ByName<T> = HashMap<Box<str>, T, BuildHasherDefault<NameHasher>>;

/// Multiplies and turns, eight bytes at a time.
#[derive(Default)]
pub(super) struct NameHasher(u64);

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        self.mix(rest.iter().fold(rest.len() as u64, |word, byte| (word << 8) | u64::from(*byte)));
    }

    /// Text ends with a byte of its own; the length that is mixed in does as well.
    fn write_u8(&mut self, _: u8) {}

    fn finish(&self) -> u64 {
        // The table looks at both ends of the number.
        self.0 ^ (self.0 >> 32)
    }
}

impl NameHasher {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23);
    }
}

/// What there is to know of one type.
pub(super) struct TypeFacts {
    /// The type it is derived from.
    base: Option<Box<str>>,
    is_primitive: bool,
    /// The type itself; absent when its definition lists no elements.
    root: Option<Node>,
    /// Its backbone elements under their paths.
    nodes: ByName<Node>,
}

struct Node {
    /// The declared type: `BackboneElement` for a backbone element.
    kind: Box<str>,
    /// By name in the instance: a choice has an entry for each type.
    children: ByName<Child>,
}

struct Child {
    kind: Box<str>,
    base_name: Box<str>,
    repeats: bool,
    position: u32,
}

impl Model for DefinitionSet {
    fn child(&self, parent: &str, name: &str) -> Option<ChildFacts<'_>> {
        let child = self.node(parent)?.children.get(name)?;
        Some(ChildFacts { kind: &child.kind, base_name: &child.base_name, repeats: child.repeats })
    }

    fn is_subtype(&self, kind: &str, ancestor: &str) -> bool {
        if kind == ancestor {
            return true;
        }
        let mut current = match self.node(kind) {
            Some(node) => &*node.kind,
            None => return false,
        };
        // No chain of types is longer than this; packages may hold circles.
        for _ in 0..16 {
            if current == ancestor {
                return true;
            }
            match self.facts(current).and_then(|facts| facts.base.as_deref()) {
                Some(base) => current = base,
                None => return false,
            }
        }
        false
    }

    fn is_type(&self, kind: &str) -> bool {
        self.node(kind).is_some()
    }

    fn is_primitive(&self, kind: &str) -> bool {
        self.facts(kind).is_some_and(|facts| facts.is_primitive)
    }

    fn identity(&self) -> Option<u64> {
        Some(self.identity)
    }

    fn position(&self, parent: &str, name: &str) -> Option<u32> {
        Some(self.node(parent)?.children.get(name)?.position)
    }
}

impl DefinitionSet {
    fn node(&self, kind: &str) -> Option<&Node> {
        match kind.split_once('.') {
            Some((type_name, _)) => self.facts(type_name)?.nodes.get(kind),
            None => self.facts(kind)?.root.as_ref(),
        }
    }

    fn facts(&self, type_name: &str) -> Option<&TypeFacts> {
        let base = self.bases().get(type_name)?;
        base.facts.get_or_init(|| self.type_definition(type_name).map(|found| read(type_name, found))).as_ref()
    }

    /// Where each definition under the base URL is: of a name, the one that a canonical without version finds.
    pub(super) fn bases(&self) -> &TypeTable {
        self.types.get_or_init(|| {
            let mut bases = TypeTable::default();
            for (at, layer) in self.layers.iter().enumerate() {
                for (entry, url) in layer.positions(DefinitionKind::StructureDefinition) {
                    let Some(name) = url.strip_prefix(BASE_URL) else { continue };
                    if !name.contains(['/', '.', '#']) && !bases.contains_key(name) {
                        bases.insert(name.into(), Base { place: (at, entry), facts: OnceLock::new() });
                    }
                }
            }
            bases
        })
    }
}

fn read(name: &str, definition: &StructureDefinition) -> TypeFacts {
    let base = definition.base.as_deref().map(|base| base.rsplit('/').next().unwrap_or(base).into());
    let mut root = None;
    let mut nodes: ByName<Node> = ByName::default();
    let own = |path: &str| -> Box<str> {
        // STU3 may define a type with the paths of the type that it constrains.
        match path.split_once('.') {
            Some((_, rest)) => format!("{name}.{rest}").into(),
            None => name.into(),
        }
    };
    let elements = &definition.snapshot;
    for (position, element) in elements.iter().enumerate() {
        let path = own(&element.path);
        let Some((parent, _)) = path.rsplit_once('.') else {
            root = Some(Node { kind: path, children: ByName::default() });
            continue;
        };
        if element.slice_name.is_some() {
            continue;
        }
        let next = elements.get(position + 1);
        let has_children = next.is_some_and(|next| is_below(&next.path, &element.path));
        let declared = element.types.first().map_or("Element", |found| &*found.code);
        if has_children {
            nodes.insert(path.clone(), Node { kind: declared.into(), children: ByName::default() });
        }
        let node = if parent == name { root.as_mut() } else { nodes.get_mut(parent) };
        let Some(node) = node else { continue };
        add_children(node, element, &path, has_children, u32::try_from(position).unwrap_or(u32::MAX), &own);
    }
    TypeFacts { base, is_primitive: definition.kind == StructureKind::PrimitiveType, root, nodes }
}

fn add_children(
    node: &mut Node,
    element: &ElementDefinition,
    path: &str,
    has_children: bool,
    position: u32,
    own: &dyn Fn(&str) -> Box<str>,
) {
    let repeats = !matches!(element.max, Some(Max::Count(0 | 1)));
    let mut add = |name: String, base_name: &str, kind: Box<str>| {
        node.children.insert(name.into(), Child { kind, base_name: base_name.into(), repeats, position });
    };
    let name = element.name();
    if let Some(base_name) = element.choice_name() {
        for found in element.types.iter() {
            let mut letters = found.code.chars();
            let suffix: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
            add(format!("{base_name}{suffix}"), base_name, found.code.clone());
        }
        return;
    }
    let kind = match (&element.content_reference, element.types.first()) {
        (Some(id), _) => own(id),
        _ if has_children => path.into(),
        (None, Some(found)) => found.code.clone(),
        (None, None) => "Element".into(),
    };
    add(name.to_string(), name, kind);
}

fn is_below(path: &str, parent: &str) -> bool {
    path.strip_prefix(parent).is_some_and(|rest| rest.starts_with('.'))
}
