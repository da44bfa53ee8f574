//! The codes of a value set, as a set that can say "unknown".
//!
//! A value set is a sum of parts, each the common part of others; what no package tells is a part of its own. So a
//! question gets the strongest answer that the known parts carry. Makes no sets: that is `compose.rs`.

use crate::fhir::Element;
use crate::fhir::terminology::Membership;
use crate::fhir::terminology::grammar;
use regex::Regex;
use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;

/// The codes of a value set.
#[derive(Clone, Debug)]
pub struct Codes {
    set: Set,
    /// Every system that it names; `None` among them: there may be others.
    systems: Vec<Option<Box<str>>>,
    is_too_deep: bool,
}

/// What other value sets said of the code that is asked for, by where they are: many may refer to one, and each of those
/// to another.
type Asked = HashMap<usize, Membership>;

/// A part of a value set.
#[derive(Clone, Debug)]
pub(super) enum Set {
    /// Nobody knows what is in it.
    Unknown,
    /// Exactly these codes of one system.
    Listed {
        /// The system.
        system: Box<str>,
        /// Its codes; in lower case when case does not matter.
        codes: HashSet<Box<str>>,
        /// Whether `a` is `A`.
        ignoring_case: bool,
    },
    /// An unknown part of a system; a code that its grammar refuses is not in it.
    PartOf(Box<str>),
    /// All of a system that no package lists: what its grammar tells.
    AllOf(Box<str>),
    /// The codes of a system that match.
    Matching(Box<str>, Regex),
    /// What is in any of these.
    Any(Vec<Set>),
    /// What is in all of these.
    All(Vec<Set>),
    /// What is in the first and not in the second.
    Without(Box<Set>, Box<Set>),
    /// What is in it is; what is not may be.
    AtLeast(Box<Set>),
    /// What the first tells and, where it does not know, the second.
    Told(Box<Set>, Box<Set>),
    /// Another value set.
    Nested(Arc<Codes>),
}

impl Codes {
    pub(super) fn new(set: Set) -> Codes {
        let mut systems = Vec::new();
        set.systems(&mut systems);
        systems.sort();
        systems.dedup();
        let is_too_deep = set.is_too_deep();
        Codes { set, systems, is_too_deep }
    }

    /// The codes of a value set that is not looked into, because too many others led to it.
    pub(super) fn too_deep() -> Codes {
        Codes { is_too_deep: true, ..Codes::new(Set::Unknown) }
    }

    /// Whether value sets refer to one another deeper than [`MOST_NESTED`](super::MOST_NESTED), so that part of it is unknown.
    pub fn is_too_deep(&self) -> bool {
        self.is_too_deep
    }

    /// The one system of its codes; `None` when there are more, or when nobody knows.
    pub fn only_system(&self) -> Option<&str> {
        match self.systems.as_slice() {
            [Some(system)] => Some(system),
            _ => None,
        }
    }

    /// Whether a code is in it; without a system: in any of its systems.
    pub fn membership(&self, system: Option<&str>, code: &str) -> Membership {
        match system {
            Some(system) => self.set.membership(system, code, &mut Asked::new()),
            None => Membership::any(self.systems.iter().map(|system| match system {
                Some(system) => self.set.membership(system, code, &mut Asked::new()),
                None => Membership::Unknown,
            })),
        }
    }

    /// Whether a Coding or Quantity is in it, or one of the codings of a CodeableConcept. What the code of a coding without
    /// system means is not known (terminologies.html, section "Codes"), so it is in none that lists codes with systems.
    pub fn any_coding(&self, element: &Element) -> Membership {
        Membership::any(codings(element).map(|coding| self.coding(coding)))
    }

    /// Whether one Coding is in it.
    pub(super) fn coding(&self, coding: &Element) -> Membership {
        let Some(code) = coding.text("code") else { return Membership::NotIn };
        match coding.text("system") {
            None if !self.systems.contains(&None) => Membership::NotIn,
            system => self.membership(system, code),
        }
    }
}

/// The element itself and its codings, those that have a code.
pub(super) fn codings(element: &Element) -> impl Iterator<Item = &Element> {
    std::iter::once(element).chain(element.all("coding")).filter(|coding| coding.text("code").is_some())
}

impl Set {
    pub(super) fn listed<'a>(system: &str, codes: impl Iterator<Item = &'a str>, ignoring_case: bool) -> Set {
        let codes = codes.map(|code| if ignoring_case { code.to_lowercase().into() } else { code.into() });
        Set::Listed { system: system.into(), codes: codes.collect(), ignoring_case }
    }

    fn membership(&self, system: &str, code: &str, asked: &mut Asked) -> Membership {
        match self {
            Set::Unknown => Membership::Unknown,
            Set::Listed { system: own, .. } | Set::PartOf(own) | Set::AllOf(own) | Set::Matching(own, _)
                if **own != *system =>
            {
                Membership::NotIn
            }
            Set::Listed { codes, ignoring_case: false, .. } => Membership::from(codes.contains(code)),
            Set::Listed { codes, .. } => Membership::from(codes.contains(&*code.to_lowercase())),
            Set::PartOf(_) => match grammar::is_code(system, code) {
                Some(false) => Membership::NotIn,
                Some(true) | None => Membership::Unknown,
            },
            Set::AllOf(_) => match grammar::is_code(system, code) {
                Some(false) => Membership::NotIn,
                Some(true) if grammar::is_whole(system) => Membership::In,
                Some(true) | None => Membership::Unknown,
            },
            Set::Matching(_, expression) => Membership::from(expression.is_match(code)),
            Set::Any(sets) => Membership::any(sets.iter().map(|set| set.membership(system, code, asked))),
            Set::All(sets) => Membership::all(sets.iter().map(|set| set.membership(system, code, asked))),
            Set::Without(set, taken) => {
                let taken = !taken.membership(system, code, asked);
                Membership::all([set.membership(system, code, asked), taken].into_iter())
            }
            Set::AtLeast(set) => match set.membership(system, code, asked) {
                Membership::In => Membership::In,
                Membership::NotIn | Membership::Unknown => Membership::Unknown,
            },
            Set::Told(set, other) => match set.membership(system, code, asked) {
                Membership::Unknown => other.membership(system, code, asked),
                told => told,
            },
            Set::Nested(codes) => {
                let key = Arc::as_ptr(codes) as usize;
                if let Some(known) = asked.get(&key) {
                    return *known;
                }
                let answer = codes.set.membership(system, code, asked);
                asked.insert(key, answer);
                answer
            }
        }
    }

    fn is_too_deep(&self) -> bool {
        match self {
            Set::Any(sets) | Set::All(sets) => sets.iter().any(Set::is_too_deep),
            Set::Without(set, other) | Set::Told(set, other) => set.is_too_deep() || other.is_too_deep(),
            Set::AtLeast(set) => set.is_too_deep(),
            Set::Nested(codes) => codes.is_too_deep,
            Set::Unknown | Set::Listed { .. } | Set::PartOf(_) | Set::AllOf(_) | Set::Matching(..) => false,
        }
    }

    fn systems(&self, found: &mut Vec<Option<Box<str>>>) {
        match self {
            Set::Unknown => found.push(None),
            Set::Listed { system, .. } | Set::PartOf(system) | Set::AllOf(system) | Set::Matching(system, _) => {
                found.push(Some(system.clone()));
            }
            Set::Any(sets) => sets.iter().for_each(|set| set.systems(found)),
            // Where one part is known, the unknown rest adds no system.
            Set::All(sets) => {
                let mut all = Vec::new();
                sets.iter().for_each(|set| set.systems(&mut all));
                if all.iter().any(Option::is_some) {
                    all.retain(Option::is_some);
                }
                found.extend(all);
            }
            Set::Without(set, _) => set.systems(found),
            Set::AtLeast(set) => {
                set.systems(found);
                found.push(None);
            }
            Set::Told(set, other) => {
                set.systems(found);
                other.systems(found);
            }
            Set::Nested(codes) => found.extend(codes.systems.iter().cloned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(codes: &[&str]) -> Set {
        Set::listed("s", codes.iter().copied(), false)
    }

    fn check(set: Set, code: &str, expect: Membership) {
        assert_eq!(Codes::new(set.clone()).membership(Some("s"), code), expect, "{code} in {set:?}");
        assert_eq!(Codes::new(set.clone()).membership(None, code), expect, "{code} in {set:?}, without system");
    }

    #[test]
    fn what_is_known_outweighs_what_is_not() {
        let part = || Set::PartOf("s".into());
        check(listed(&["a"]), "a", Membership::In);
        check(listed(&["a"]), "A", Membership::NotIn);
        check(Set::listed("s", ["aB"].into_iter(), true), "Ab", Membership::In);
        check(Set::Any(vec![part(), listed(&["a"])]), "a", Membership::In);
        check(Set::Any(vec![part(), listed(&["a"])]), "b", Membership::Unknown);
        check(Set::All(vec![part(), listed(&["a"])]), "a", Membership::Unknown);
        check(Set::All(vec![part(), listed(&["a"])]), "b", Membership::NotIn);
        check(Set::Without(part().into(), listed(&["a"]).into()), "a", Membership::NotIn);
        check(Set::Without(listed(&["a", "b"]).into(), part().into()), "a", Membership::Unknown);
        check(Set::Without(listed(&["a", "b"]).into(), part().into()), "c", Membership::NotIn);
        check(Set::Without(listed(&["a", "b"]).into(), listed(&["a"]).into()), "b", Membership::In);
        check(Set::AtLeast(listed(&["a"]).into()), "a", Membership::In);
        check(Set::AtLeast(listed(&["a"]).into()), "b", Membership::Unknown);
        check(Set::Told(part().into(), listed(&["a"]).into()), "a", Membership::In);
        check(Set::Told(listed(&["b"]).into(), listed(&["a"]).into()), "a", Membership::NotIn);
        check(Set::Unknown, "a", Membership::Unknown);
        check(Set::Any(Vec::new()), "a", Membership::NotIn);
    }

    #[test]
    fn the_only_system_is_told() {
        assert_eq!(Codes::new(listed(&["a"])).only_system(), Some("s"));
        assert_eq!(Codes::new(Set::All(vec![Set::Unknown, listed(&["a"])])).only_system(), Some("s"));
        assert_eq!(Codes::new(Set::Any(vec![Set::Unknown, listed(&["a"])])).only_system(), None);
        let two = Set::Any(vec![listed(&["a"]), Set::PartOf("t".into())]);
        assert_eq!(Codes::new(two).only_system(), None);
    }
}
