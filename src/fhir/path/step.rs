//! One name in a path, with what it was found to mean. Entry point: [`Step::meaning`].
//!
//! An invariant meets the same types again and again, so the few answers that the model gave are kept with the name, as long
//! as the expression lives. They count for the model that gave them only.

use std::sync::OnceLock;

use crate::fhir::path::Model;

/// A name of an expression.
#[derive(Debug)]
pub(crate) struct Step {
    /// As it is written.
    pub name: Box<str>,
    /// Whether it may name a type: it starts with a capital.
    pub may_be_type: bool,
    seen: [OnceLock<Box<Seen>>; ANSWERS],
}

/// How many answers are kept; an expression that meets more types asks the model again.
const ANSWERS: usize = 3;

#[derive(Debug)]
struct Seen {
    /// Identity of the model.
    model: u64,
    parent: Box<str>,
    child: Box<str>,
    /// Type of the child; `None` when the name does not mean it.
    kind: Option<Box<str>>,
}

/// Whether the name means a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning<'a> {
    /// It does; the child has this type.
    Member(&'a str),
    /// It is the whole name of a choice element of this type (`valueQuantity`), which is no name in FHIRPath.
    WholeChoice(&'a str),
    /// It does not.
    Other,
}

impl Step {
    /// A name that nothing is known of yet.
    pub fn new(name: &str) -> Step {
        Step {
            name: name.into(),
            may_be_type: name.starts_with(|first: char| first.is_ascii_uppercase()),
            seen: Default::default(),
        }
    }

    /// Whether an element of an instance could be meant, by its name alone: the same, or a choice that starts so.
    pub fn may_mean(&self, child: &str) -> bool {
        let (name, child) = (self.name.as_bytes(), child.as_bytes());
        // Most names differ in their first letter.
        child.first() == name.first()
            && child.starts_with(name)
            && child.get(name.len()).is_none_or(u8::is_ascii_uppercase)
    }

    /// Whether the child `child`, which [`Step::may_mean`] accepts, of an element of type `parent` is meant. `identity` is that of the model.
    pub fn meaning<'a>(
        &'a self,
        model: &'a dyn Model,
        identity: Option<u64>,
        parent: &str,
        child: &str,
    ) -> Meaning<'a> {
        let Some(identity) = identity else { return self.ask(model, parent, child).0 };
        for slot in &self.seen {
            let Some(seen) = slot.get() else {
                let (meaning, is_known) = self.ask(model, parent, child);
                let kind = match meaning {
                    Meaning::Member(kind) => Some(kind.into()),
                    Meaning::Other => None,
                    Meaning::WholeChoice(_) => return meaning,
                };
                if is_known {
                    // Another thread may have been first; either answer is right.
                    let _ =
                        slot.set(Box::new(Seen { model: identity, parent: parent.into(), child: child.into(), kind }));
                }
                return meaning;
            };
            // Both start with the name, so of the name's own length they are the same.
            let is_same = seen.child.len() == child.len() && (child.len() == self.name.len() || *seen.child == *child);
            if is_same && seen.model == identity && *seen.parent == *parent {
                return seen.kind.as_deref().map_or(Meaning::Other, Meaning::Member);
            }
        }
        self.ask(model, parent, child).0
    }

    /// The meaning, and whether the model knows the child: what only an instance names is not kept.
    fn ask<'a>(&'a self, model: &'a dyn Model, parent: &str, child: &str) -> (Meaning<'a>, bool) {
        match model.child(parent, child) {
            Some(facts) if *facts.base_name == *self.name => (Meaning::Member(facts.kind), true),
            Some(facts) if *child == *self.name => (Meaning::WholeChoice(facts.kind), true),
            Some(_) => (Meaning::Other, true),
            None if *child == *self.name => (Meaning::Member(""), false),
            None => (Meaning::Other, false),
        }
    }
}
