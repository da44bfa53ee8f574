//! What was looked up in a resource, kept for who looks for it again: contained resources by their id, and the texts of
//! collections that are the same wherever in the resource they are asked for.
//!
//! Without it, a resource with as many references as it contains resources costs the product of both.
//! Entry points: [`Lookups::contained`], [`Lookups::holds`].

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::HashSet;

use crate::fhir::element::Element;

/// Lookups in one resource and what it holds, which stay as they are as long as these live.
#[derive(Debug, Default)]
pub struct Lookups {
    /// By the address of the container: places among its children, by id.
    contained: RefCell<HashMap<usize, HashMap<Box<str>, usize>>>,
    /// `None` for a collection that is not of texts alone.
    texts: RefCell<HashMap<Key, Option<HashSet<Box<str>>>>>,
}

/// Number of the collection in its expression, and the addresses of `%resource` and `%rootResource`.
type Key = (u64, usize, usize);

/// So many are gone through quicker than looked up.
pub(crate) const FEW: usize = 16;

impl Lookups {
    /// The resource with this id that the container contains; of several the first.
    pub fn contained<'a>(&self, container: &'a Element, id: &str) -> Option<&'a Element> {
        if container.children.len() <= FEW {
            return contained(container, id);
        }
        let mut known = self.contained.borrow_mut();
        let by_id = known.entry(address(container)).or_insert_with(|| {
            let mut by_id = HashMap::new();
            for (at, child) in container.children.iter().enumerate().filter(|(_, child)| &*child.name == "contained") {
                if let Some(id) = child.text("id") {
                    by_id.entry(id.into()).or_insert(at);
                }
            }
            by_id
        });
        container.children.get(*by_id.get(id)?)
    }

    /// Whether a collection that was [kept](Lookups::keep) holds a text; `None` when it was not, or is not of texts alone.
    pub(crate) fn holds(&self, number: u64, resource: &Element, root: &Element, text: &str) -> Option<bool> {
        let known = self.texts.borrow();
        Some(known.get(&(number, address(resource), address(root)))?.as_ref()?.contains(text))
    }

    /// Whether a collection was kept, or found to be not of texts alone.
    pub(crate) fn knows(&self, number: u64, resource: &Element, root: &Element) -> bool {
        self.texts.borrow().contains_key(&(number, address(resource), address(root)))
    }

    /// Keeps the texts of a collection.
    pub(crate) fn keep(&self, number: u64, resource: &Element, root: &Element, texts: Option<HashSet<Box<str>>>) {
        self.texts.borrow_mut().insert((number, address(resource), address(root)), texts);
    }
}

/// The resource with this id that the container contains, gone through from the first.
pub(crate) fn contained<'a>(container: &'a Element, id: &str) -> Option<&'a Element> {
    container.children.iter().filter(|child| &*child.name == "contained").find(|child| child.text("id") == Some(id))
}

fn address(element: &Element) -> usize {
    std::ptr::from_ref(element) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::json;

    #[test]
    fn many_are_found_as_few_are() {
        for count in [3, 3 + FEW] {
            let inner: Vec<String> = (0..count)
                .map(|at| format!(r#"{{"resourceType":"Patient","id":"p{}","language":"l{at}"}}"#, at / 2))
                .collect();
            let text = format!(r#"{{"resourceType":"Basic","contained":[{}]}}"#, inner.join(","));
            let (resource, _) = json::parse(text.as_bytes()).unwrap();
            let lookups = Lookups::default();
            for _ in 0..2 {
                let language = |id| lookups.contained(&resource, id).and_then(|found| found.text("language"));
                assert_eq!((language("p0"), language("p1"), language("q")), (Some("l0"), Some("l2"), None), "{count}");
            }
        }
    }
}
