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
    #[inline]
    pub fn may_mean(&self, child: &str) -> bool {
        let (name, child) = (self.name.as_bytes(), child.as_bytes());
        // Most names differ in their first letter.
        child.first() == name.first()
            && child
                .split_at_checked(name.len())
                .is_some_and(|(start, rest)| is_same(start, name) && rest.first().is_none_or(u8::is_ascii_uppercase))
    }

    /// Whether the child `child`, which [`Step::may_mean`] accepts, of an element of type `parent` is meant. `identity` is that of the model.
    #[inline]
    pub fn meaning<'a>(
        &'a self,
        model: &'a dyn Model,
        identity: Option<u64>,
        parent: &str,
        child: &str,
    ) -> Meaning<'a> {
        // Most expressions meet one type.
        if let (Some(identity), Some(seen)) = (identity, self.seen.first().and_then(OnceLock::get))
            && seen.is_of(identity, parent, child, &self.name)
        {
            return seen.meaning();
        }
        self.meaning_of_several(model, identity, parent, child)
    }

    #[inline(never)]
    fn meaning_of_several<'a>(
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
            if seen.is_of(identity, parent, child, &self.name) {
                return seen.meaning();
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

impl Seen {
    #[inline]
    fn is_of(&self, identity: u64, parent: &str, child: &str, name: &str) -> bool {
        // Both start with the name, so of the name's own length they are the same.
        self.model == identity
            && self.child.len() == child.len()
            && is_same(self.parent.as_bytes(), parent.as_bytes())
            && (child.len() == name.len() || is_same(self.child.as_bytes(), child.as_bytes()))
    }

    #[inline]
    fn meaning(&self) -> Meaning<'_> {
        self.kind.as_deref().map_or(Meaning::Other, Meaning::Member)
    }
}

/// Whether two names are the same: they are short, and compared here without the call that texts of any length take.
#[inline]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    fn ends<const N: usize>(name: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
        name.first_chunk().zip(name.last_chunk())
    }
    if one.len() != other.len() {
        return false;
    }
    if let (Some(one_ends), Some(other_ends)) = (ends::<8>(one), ends::<8>(other)) {
        // Of up to sixteen bytes the first eight and the last eight are all.
        return one_ends == other_ends && (one.len() <= 16 || one == other);
    }
    if let (Some(one), Some(other)) = (ends::<4>(one), ends::<4>(other)) {
        return one == other;
    }
    if let (Some(one), Some(other)) = (ends::<2>(one), ends::<2>(other)) {
        return one == other;
    }
    one.first() == other.first()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_when_all_their_bytes_are() {
        let text = b"abcdefghijklmnopqrstuvwxyz";
        for length in 0..text.len() {
            let name = &text[..length];
            let copy = name.to_vec();
            assert!(is_same(name, &copy) && !is_same(name, &text[..=length]));
            for at in 0..length {
                let mut other = name.to_vec();
                other[at] = b'-';
                assert!(!is_same(name, &other), "{length} {at}");
            }
        }
    }

    #[test]
    fn a_name_may_mean_itself_and_its_choices() {
        let step = Step::new("value");
        assert!(step.may_mean("value") && step.may_mean("valueString"));
        assert!(!step.may_mean("values") && !step.may_mean("val") && !step.may_mean("Value") && !step.may_mean(""));
    }
}
