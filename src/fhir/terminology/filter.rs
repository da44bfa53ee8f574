//! Which concepts of a code system satisfy a filter of a value set.
//!
//! Knows the filters whose answer follows from the concepts, their hierarchy and their properties. Entry point: [`apply`].

use crate::fhir::definitions::CodeSystem;
use crate::fhir::definitions::Concept;
use crate::fhir::definitions::Filter;
use crate::fhir::terminology::compose::whole;
use std::collections::HashMap;

/// For each concept whether it satisfies the filter; `None` for a filter that we do not know.
pub(super) fn apply(system: &CodeSystem, filter: &Filter) -> Option<Vec<bool>> {
    let value = &*filter.value;
    let concepts = &system.concepts;
    let hierarchy = || Hierarchy::new(system);
    Some(match (&*filter.property, &*filter.op) {
        (_, "is-a") => hierarchy().below(value, true),
        (_, "descendent-of") => hierarchy().below(value, false),
        (_, "is-not-a") => hierarchy().below(value, true).iter().map(|below| !below).collect(),
        (_, "generalizes") => hierarchy().above(value),
        ("parent", "=") => hierarchy().children(value),
        ("child", "=") => hierarchy().parents(value),
        ("code" | "concept", op) => by_text(op, value, &|test| concepts.iter().map(|c| test(&c.code)).collect())?,
        // Compact definitions leave texts out, so whether there is none cannot be told.
        ("display", _) => return None,
        (property, "exists") => {
            let want = value == "true";
            concepts.iter().map(|concept| properties(concept, property).next().is_some() == want).collect()
        }
        (property, op @ ("=" | "in" | "regex")) => by_text(op, value, &|test| {
            concepts.iter().map(|concept| properties(concept, property).any(test)).collect()
        })?,
        // Whether a concept without the property is "not in" is not said.
        _ => return None,
    })
}

/// Whether a concept is no longer to be used (concept-properties: `inactive`, `status`).
pub(super) fn is_inactive(concept: &Concept) -> bool {
    properties(concept, "inactive").any(|value| value == "true")
        || properties(concept, "status").any(|value| matches!(value, "retired" | "inactive"))
}

fn properties<'c>(concept: &'c Concept, name: &'c str) -> impl Iterator<Item = &'c str> {
    concept.properties.iter().filter(move |(own, _)| **own == *name).map(|(_, value)| &**value)
}

/// Asks a test of each concept.
type Each<'a> = dyn Fn(&dyn Fn(&str) -> bool) -> Vec<bool> + 'a;

/// Compares a text by an operator.
fn by_text(op: &str, value: &str, each: &Each<'_>) -> Option<Vec<bool>> {
    Some(match op {
        "=" => each(&|text| text == value),
        "in" => each(&|text| listed(value, text)),
        "not-in" => each(&|text| !listed(value, text)),
        "regex" => {
            let expression = whole(value).ok()?;
            each(&|text| expression.is_match(text))
        }
        _ => return None,
    })
}

fn listed(list: &str, code: &str) -> bool {
    list.split(',').any(|one| one.trim() == code)
}

/// Which concept stands below which, by nesting or by property.
struct Hierarchy<'s> {
    position: HashMap<&'s str, usize>,
    children: Vec<Vec<usize>>,
    parents: Vec<Vec<usize>>,
}

impl<'s> Hierarchy<'s> {
    fn new(system: &'s CodeSystem) -> Hierarchy<'s> {
        let concepts = &system.concepts;
        let position: HashMap<&str, usize> =
            concepts.iter().enumerate().map(|(at, concept)| (&*concept.code, at)).collect();
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        for (at, concept) in concepts.iter().enumerate() {
            if let Some(parent) = concept.parent.and_then(|parent| usize::try_from(parent).ok()) {
                pairs.push((parent, at));
            }
            for (property, value) in &concept.properties {
                match (&**property, position.get(&**value).copied()) {
                    ("parent" | "subsumedBy", Some(parent)) => pairs.push((parent, at)),
                    ("child", Some(child)) => pairs.push((at, child)),
                    _ => {}
                }
            }
        }
        let (mut children, mut parents) = (vec![Vec::new(); concepts.len()], vec![Vec::new(); concepts.len()]);
        for (parent, child) in pairs.into_iter().filter(|(parent, _)| *parent < concepts.len()) {
            children[parent].push(child);
            parents[child].push(parent);
        }
        Hierarchy { position, children, parents }
    }

    fn below(&self, code: &str, own: bool) -> Vec<bool> {
        self.reach(code, &self.children, own)
    }

    fn above(&self, code: &str) -> Vec<bool> {
        self.reach(code, &self.parents, true)
    }

    fn children(&self, code: &str) -> Vec<bool> {
        self.next(code, &self.children)
    }

    fn parents(&self, code: &str) -> Vec<bool> {
        self.next(code, &self.parents)
    }

    fn next(&self, code: &str, links: &[Vec<usize>]) -> Vec<bool> {
        let mut found = vec![false; links.len()];
        if let Some(at) = self.position.get(code) {
            links[*at].iter().for_each(|to| found[*to] = true);
        }
        found
    }

    /// All that the links lead to; a circle of concepts ends where it began.
    fn reach(&self, code: &str, links: &[Vec<usize>], own: bool) -> Vec<bool> {
        let mut found = vec![false; links.len()];
        let Some(start) = self.position.get(code) else { return found };
        let mut next = links[*start].clone();
        while let Some(at) = next.pop() {
            if !found[at] {
                found[at] = true;
                next.extend(&links[at]);
            }
        }
        found[*start] = own;
        found
    }
}
