//! One name in a path, with what it was found to mean. Entry point: [`Step::kind`].
//!
//! An invariant meets the same types again and again, so the few answers that the model gave are kept with the name, as long
//! as the expression lives. They count for the model that gave them only.

use std::sync::OnceLock;

use crate::fhir::element::Element;
use crate::fhir::path::context::Context;
use crate::fhir::path::context::Leniency;
use crate::fhir::path::item::Node;

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

/// Who is asked what a name means.
pub(crate) struct Types<'s, 'a> {
    context: &'s Context<'a>,
    /// That of the model.
    identity: Option<u64>,
}

impl<'s, 'a> Types<'s, 'a> {
    /// Those that a context knows.
    pub fn new(context: &'s Context<'a>) -> Types<'s, 'a> {
        Types { context, identity: context.model.identity() }
    }
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

    /// The type of a child, which [`Step::may_mean`] accepts, of an element of type `parent`; `None` when it is not meant.
    pub fn kind<'a>(&'a self, types: &Types<'_, 'a>, parent: &Node<'a>, child: &Element) -> Option<&'a str> {
        // Most expressions meet one type.
        if let (Some(identity), Some(seen)) = (types.identity, self.seen.first().and_then(OnceLock::get))
            && seen.is_of(identity, parent.kind, &child.name, &self.name)
        {
            return seen.kind.as_deref();
        }
        self.kind_of_several(types, parent, child)
    }

    #[inline(never)]
    fn kind_of_several<'a>(&'a self, types: &Types<'_, 'a>, parent: &Node<'a>, child: &Element) -> Option<&'a str> {
        let (parent, child) = (parent.kind, &*child.name);
        let Some(model) = types.identity else { return self.ask(types.context, parent, child).0 };
        for slot in &self.seen {
            let Some(seen) = slot.get() else {
                let (kind, is_lasting) = self.ask(types.context, parent, child);
                if is_lasting {
                    let seen = Seen { model, parent: parent.into(), child: child.into(), kind: kind.map(Into::into) };
                    // Another thread may have been first; either answer is right.
                    let _ = slot.set(Box::new(seen));
                }
                return kind;
            };
            if seen.is_of(model, parent, child, &self.name) {
                return seen.kind.as_deref();
            }
        }
        self.ask(types.context, parent, child).0
    }

    /// The type of the child, and whether that is so for the model at any time: what only an instance names is not kept, nor
    /// what depends on how lenient a context is.
    fn ask<'a>(&'a self, context: &Context<'a>, parent: &str, child: &str) -> (Option<&'a str>, bool) {
        match context.model.child(parent, child) {
            Some(facts) if *facts.base_name == *self.name => (Some(facts.kind), true),
            // The whole name of a choice element (`valueQuantity`) is no name in FHIRPath.
            Some(facts) if *child == *self.name => {
                (context.allows(Leniency::ChoiceByType).then_some(facts.kind), false)
            }
            Some(_) => (None, true),
            None => ((*child == *self.name).then_some(""), false),
        }
    }
}

impl Seen {
    #[inline(always)]
    fn is_of(&self, identity: u64, parent: &str, child: &str, name: &str) -> bool {
        // Both start with the name, so of the name's own length they are the same.
        self.model == identity
            && self.child.len() == child.len()
            && (child.len() == name.len() || is_same(self.child.as_bytes(), child.as_bytes()))
            && is_same(self.parent.as_bytes(), parent.as_bytes())
    }
}

/// Whether two names are the same: they are short, and compared here without the call that texts of any length take.
#[inline]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    /// The first and the last bytes, which overlap when there are fewer than both.
    fn ends<const N: usize>(name: &[u8]) -> Option<([u8; N], [u8; N])> {
        Some((*name.first_chunk()?, *name.last_chunk()?))
    }
    if one.len() != other.len() {
        return false;
    }
    match one.len() {
        0..2 => one.first() == other.first(),
        2..4 => ends::<2>(one) == ends::<2>(other),
        4..8 => ends::<4>(one) == ends::<4>(other),
        8..=16 => ends::<8>(one) == ends::<8>(other),
        _ => {
            let (words, others) = (one.as_chunks::<8>().0, other.as_chunks::<8>().0);
            words.iter().zip(others).all(|(word, other)| word == other) && ends::<8>(one) == ends::<8>(other)
        }
    }
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
