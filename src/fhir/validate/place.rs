//! Where the walker is: a chain of names on the stack, written out only when something is found.

use crate::fhir::Element;

/// One step of the way from the resource to an element.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The step before; `None` at the resource that was asked about.
    pub above: Option<&'a Place<'a>>,
    /// Name of the element, without the type of a choice; of the outermost its type.
    pub name: &'a str,
    /// Position, when the element may repeat.
    pub index: Option<u32>,
}

impl<'a> Place<'a> {
    /// The place of a resource.
    pub fn root(name: &'a str) -> Place<'a> {
        Place { above: None, name, index: None }
    }

    /// A place below this one.
    pub fn below(&'a self, name: &'a str, index: Option<u32>) -> Place<'a> {
        Place { above: Some(self), name, index }
    }

    /// The FHIRPath.
    pub fn path(&self) -> String {
        let mut path = match self.above {
            Some(above) => above.path(),
            None => return self.name.to_owned(),
        };
        path.push('.');
        path.push_str(self.name);
        if let Some(index) = self.index {
            path.push_str(&format!("[{index}]"));
        }
        path
    }
}

/// The FHIRPath of the deepest element that starts at or before an offset of the source text.
pub fn at_offset(root: &Element, offset: u32) -> String {
    let mut path = root.resource_type.as_deref().unwrap_or(&root.name).to_owned();
    let mut element = root;
    while let Some(child) = element.children.iter().rev().find(|child| child.span.offset <= offset) {
        path.push('.');
        path.push_str(&child.name);
        if let Some(index) = child.index {
            path.push_str(&format!("[{index}]"));
        }
        element = child;
    }
    path
}
