//! Where the walker is: a chain of names on the stack, written out only when something is found.

use crate::fhir::Element;
use crate::fhir::path::Model;
use crate::fhir::syntax::ShapeProblem;
use std::collections::HashMap;

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

/// The children of elements by name, collected once for each element that is asked about.
#[derive(Default)]
pub struct ByName<'a> {
    known: HashMap<usize, HashMap<&'a str, Vec<&'a Element>>>,
}

impl<'a> ByName<'a> {
    fn child(&mut self, parent: &'a Element, name: &str, at: usize) -> Option<&'a Element> {
        let names = self.known.entry(std::ptr::from_ref(parent) as usize).or_insert_with(|| {
            let mut names: HashMap<&str, Vec<&Element>> = HashMap::new();
            parent.children.iter().for_each(|child| names.entry(&child.name).or_default().push(child));
            names
        });
        names.get(name)?.get(at).copied()
    }
}

/// The FHIRPath of what a reader found wrong: choice elements by their base name, an index where the element repeats.
pub fn of_problem<'a>(
    root: &'a Element,
    by_name: &mut ByName<'a>,
    problem: &ShapeProblem,
    model: &dyn Model,
    json: bool,
) -> String {
    let mut path = root.resource_type.as_deref().unwrap_or(&root.name).to_owned();
    let mut kind = root.resource_type.as_deref();
    // The tree tells the types of the resources on the way; what the reader left out is not in it.
    let mut element = Some(root);
    for (name, index) in &problem.steps {
        let facts = kind.and_then(|kind| model.child(kind, name));
        path.push('.');
        path.push_str(facts.map_or(name, |facts| facts.base_name));
        if let Some(index) = index.filter(|_| json || facts.is_none_or(|facts| facts.repeats)) {
            path.push_str(&format!("[{index}]"));
        }
        element = element.and_then(|element| by_name.child(element, name, index.unwrap_or(0) as usize));
        kind = element.and_then(|found| found.resource_type.as_deref()).or(facts.map(|facts| facts.kind));
    }
    path
}
