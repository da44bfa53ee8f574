//! The tree of a snapshot and how a published list of elements becomes one.

use crate::fhir::definitions::ElementDefinition;
use crate::fhir::definitions::Max;
use std::sync::Arc;

/// One element of a snapshot with what stands below it.
#[derive(Clone, Debug)]
pub struct Node {
    /// Last part of the path: `code`, `value[x]`; of a root the type.
    pub name: Box<str>,
    /// Name of the slice, when it is one; a slice of slice `a` is `a/b`.
    pub slice: Option<Box<str>>,
    /// What the chain of definitions says of it.
    pub definition: Arc<ElementDefinition>,
    /// Whether JSON writes it as a list: what the type says, whatever a profile makes of its cardinality.
    pub list: bool,
    /// The children, when the chain goes into them; otherwise none, and those of the datatype hold.
    pub children: Vec<Node>,
    /// The slices of this element, in order.
    pub slices: Vec<Node>,
}

impl Node {
    /// The child with this name, not a slice.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| &*child.name == name)
    }

    /// Whether it is a choice of types (`value[x]`).
    pub fn is_choice(&self) -> bool {
        self.name.ends_with("[x]")
    }

    /// An element without children.
    pub fn leaf(element: &ElementDefinition) -> Node {
        let name = element.path.rsplit('.').next().unwrap_or_default();
        Node {
            name: name.into(),
            slice: None,
            list: matches!(element.max, Some(Max::Many)) || matches!(element.max, Some(Max::Count(count)) if count > 1),
            definition: Arc::new(element.clone()),
            children: Vec::new(),
            slices: Vec::new(),
        }
    }

    /// The element at a path below this one: names with dots between.
    pub fn at(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self, |node, name| node.child(name))
    }
}

/// Reads the element list of a type's own snapshot, which has no slices. `None` when it is empty.
pub fn read(elements: &[ElementDefinition]) -> Option<Node> {
    let (first, rest) = elements.split_first()?;
    let mut root = Node::leaf(first);
    for element in rest {
        let Some((_, below)) = element.path.split_once('.') else { continue };
        let mut names: Vec<&str> = below.split('.').collect();
        names.pop();
        if element.slice_name.is_some() {
            continue;
        }
        let parent =
            names.iter().try_fold(&mut root, |node, name| node.children.iter_mut().find(|child| &*child.name == *name));
        if let Some(parent) = parent {
            parent.children.push(Node::leaf(element));
        }
    }
    Some(root)
}
