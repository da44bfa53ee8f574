//! What was looked up in a resource, kept for who looks for it again: contained resources by their id, what an element
//! stands in, and the texts of collections that are the same wherever in the resource they are asked for.
//!
//! Without it, a resource with as many references as it contains resources costs the product of both.
//! Entry points: [`Lookups::contained`], [`Lookups::is_within`], [`Lookups::entry_around`], [`Lookups::holds`].

use std::cell::Cell;
use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::HashSet;

use crate::fhir::element::Element;

/// Lookups in one resource and what it holds, which stay as they are as long as these live.
#[derive(Debug, Default)]
pub struct Lookups {
    /// By the address of the container: places among its children, by id.
    contained: RefCell<HashMap<usize, HashMap<Box<str>, usize>>>,
    /// By the address of a resource: the addresses of all elements in it.
    within: RefCell<HashMap<usize, HashSet<usize>>>,
    /// By the address of a Bundle: places among its children of the entry that an element is in, by its address.
    entries: RefCell<HashMap<usize, HashMap<usize, usize>>>,
    /// `None` for a collection that is not of texts alone.
    texts: RefCell<HashMap<Key, Option<HashSet<Box<str>>>>>,
}

/// Number of the collection in its expression, and the addresses of `%resource` and `%rootResource`.
type Key = (u64, usize, usize);

/// So many are gone through quicker than looked up.
pub(crate) const FEW: usize = 16;

/// So many elements are gone through for one that may be among them, before it is worth while to keep them all.
const FEW_ELEMENTS: usize = 512;

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

    /// Whether an element is in a resource, or is it. Counts in `seen` what is looked at.
    pub(crate) fn is_within(&self, root: &Element, target: &Element, seen: &Cell<usize>) -> bool {
        let mut within = self.within.borrow_mut();
        if let Some(all) = within.get(&address(root)) {
            seen.set(seen.get() + 1);
            return all.contains(&address(target));
        }
        let start = seen.get();
        if let Some(answer) = is_among(root, target, seen, start + FEW_ELEMENTS) {
            return answer;
        }
        let mut all = HashSet::new();
        each(root, &mut |element| {
            all.insert(address(element));
        });
        seen.set(start + all.len());
        let answer = all.contains(&address(target));
        within.insert(address(root), all);
        answer
    }

    /// The entry of a Bundle that an element is in, or is. Counts in `seen` what is looked at.
    pub(crate) fn entry_around<'a>(
        &self,
        bundle: &'a Element,
        target: &Element,
        seen: &Cell<usize>,
    ) -> Option<&'a Element> {
        let mut entries = self.entries.borrow_mut();
        let by_element = entries.entry(address(bundle)).or_insert_with(|| {
            let mut by_element = HashMap::new();
            for (at, child) in bundle.children.iter().enumerate().filter(|(_, child)| &*child.name == "entry") {
                each(child, &mut |element| {
                    by_element.insert(address(element), at);
                });
            }
            seen.set(seen.get() + by_element.len());
            by_element
        });
        seen.set(seen.get() + 1);
        bundle.children.get(*by_element.get(&address(target))?)
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

/// Whether an element is in another, or is it; counts the elements that are looked at in `seen`, and gives up at `most`.
fn is_among(root: &Element, target: &Element, seen: &Cell<usize>, most: usize) -> Option<bool> {
    if seen.get() >= most {
        return None;
    }
    seen.set(seen.get() + 1);
    if std::ptr::eq(root, target) {
        return Some(true);
    }
    for child in &root.children {
        match is_among(child, target, seen, most) {
            Some(false) => {}
            found => return found,
        }
    }
    Some(false)
}

/// An element and all in it.
fn each(element: &Element, visit: &mut dyn FnMut(&Element)) {
    visit(element);
    element.children.iter().for_each(|child| each(child, visit));
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

    #[test]
    fn what_an_element_stands_in_is_found_whatever_the_size() {
        for count in [2, FEW_ELEMENTS] {
            let names = vec![r#"{"family":"x"}"#; count].join(",");
            let entry = format!(r#"{{"resource":{{"resourceType":"Patient","name":[{names}]}}}}"#);
            let text = format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{entry},{entry}]}}"#);
            let (bundle, _) = json::parse(text.as_bytes()).unwrap();
            let patients: Vec<&Element> = bundle.all("entry").filter_map(|entry| entry.child("resource")).collect();
            let (lookups, seen) = (Lookups::default(), Cell::new(0));
            for _ in 0..2 {
                for (own, other) in [(0, 1), (1, 0)] {
                    let last = patients[own].children.last().unwrap();
                    assert!(lookups.is_within(patients[own], last, &seen));
                    assert!(lookups.is_within(patients[own], patients[own], &seen));
                    assert!(!lookups.is_within(patients[other], last, &seen));
                    let entry = lookups.entry_around(&bundle, last, &seen).and_then(|entry| entry.child("resource"));
                    assert!(std::ptr::eq(entry.unwrap(), patients[own]), "{count}");
                }
                assert!(lookups.entry_around(&bundle, &bundle.children[0], &seen).is_none());
            }
        }
    }
}
