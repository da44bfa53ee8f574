//! Which codes a value set has, which a code system, and what they are called.
//!
//! Enumerates offline what the packages tell: listed codes, nested value sets, expansions, whole code systems with their
//! hierarchies and properties. What they leave open a [`Source`] may know, when there is one. Everything else is
//! [`Membership::Unknown`], never "fine". Entry point: [`Terminology`].

mod codes;
mod compose;
mod display;
mod filter;
mod grammar;
mod language;
mod media;
mod source;
mod ucum;

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::definitions::DefinitionSet;
use crate::fhir::definitions::ValueSet;
use std::collections::HashMap;
use std::ops::Not;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

pub use codes::Codes;
pub use compose::MOST_NESTED;
pub use source::Question;
pub use source::Reply;
pub use source::Source;

/// Whether a code is in a value set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// It is.
    In,
    /// It is not.
    NotIn,
    /// Nobody tells.
    Unknown,
}

impl Membership {
    /// In when one is in, unknown when one is unknown.
    fn any(answers: impl Iterator<Item = Membership>) -> Membership {
        let mut all = Membership::NotIn;
        for answer in answers {
            match answer {
                Membership::In => return Membership::In,
                Membership::Unknown => all = Membership::Unknown,
                Membership::NotIn => {}
            }
        }
        all
    }

    /// Not in when one is not in, unknown when one is unknown.
    fn all(answers: impl Iterator<Item = Membership>) -> Membership {
        !Membership::any(answers.map(Membership::not))
    }
}

impl Not for Membership {
    type Output = Membership;

    fn not(self) -> Membership {
        match self {
            Membership::In => Membership::NotIn,
            Membership::NotIn => Membership::In,
            Membership::Unknown => Membership::Unknown,
        }
    }
}

impl From<bool> for Membership {
    fn from(is_in: bool) -> Membership {
        if is_in { Membership::In } else { Membership::NotIn }
    }
}

/// Whether a code is in, and why that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it is in.
    pub membership: Membership,
    /// Why a source that was asked did not tell.
    pub reason: Option<Text>,
}

impl From<Membership> for Answer {
    fn from(membership: Membership) -> Answer {
        Answer { membership, reason: None }
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Answer {
        match reply {
            Reply::Yes { .. } => Membership::In.into(),
            Reply::No => Membership::NotIn.into(),
            Reply::Unanswered(reason) => Answer { membership: Membership::Unknown, reason: Some(reason) },
        }
    }
}

/// Most code systems, and most value sets that no package carries, that are kept; the instances that are judged decide how
/// many there are.
const KEPT: usize = 4096;

/// The value sets of one set of definitions; enumerated on first use, shared between threads.
pub struct Terminology {
    definitions: Arc<DefinitionSet>,
    source: Option<source::Asked>,
    made: RwLock<HashMap<Box<str>, Arc<Codes>>>,
    /// By code system, with its version when a code names one; `None`: no package carries all of it.
    systems: RwLock<HashMap<Box<str>, Option<Arc<Codes>>>>,
    displays: display::Displays,
}

impl Terminology {
    /// The value sets of these definitions.
    pub fn new(definitions: Arc<DefinitionSet>) -> Terminology {
        Terminology {
            definitions,
            source: None,
            made: RwLock::default(),
            systems: RwLock::default(),
            displays: display::Displays::default(),
        }
    }

    /// The same, with somebody to ask what the definitions leave open.
    pub fn asking(self, source: Arc<dyn Source>) -> Terminology {
        Terminology { source: Some(source::Asked::new(source)), ..self }
    }

    /// The codes of the value set with this canonical, as the definitions tell; an unknown one has codes that nobody knows.
    pub fn codes(&self, canonical: &str) -> Arc<Codes> {
        let canonical = canonical.split_once('#').map_or(canonical, |(canonical, _)| canonical);
        if let Some(made) = self.made.read().unwrap_or_else(PoisonError::into_inner).get(canonical) {
            return made.clone();
        }
        let made = compose::Composer::new(&self.definitions).codes(canonical);
        let mut all = self.made.write().unwrap_or_else(PoisonError::into_inner);
        // A Questionnaire that is judged may name value sets without end; those at hand have one.
        if all.len() < KEPT || self.definitions.value_set(canonical).is_some() {
            all.insert(canonical.into(), made.clone());
        }
        made
    }

    /// The codes of a value set that is in no package, such as one that a resource contains.
    pub fn codes_of(&self, value_set: &ValueSet) -> Codes {
        Codes::new(compose::Composer::new(&self.definitions).value_set(value_set))
    }

    /// Whether a code, a Coding or Quantity, or one of the codings of a CodeableConcept is in a value set.
    pub fn member(&self, value_set: &str, coded: &Element) -> Answer {
        let codes = self.codes(value_set);
        if let Some(code) = coded.as_text() {
            return match (codes.membership(None, code), codes.only_system()) {
                (Membership::Unknown, Some(system)) => self.ask(Some(value_set), system, None, code),
                (known, _) => known.into(),
            };
        }
        let mut answer = Answer::from(Membership::NotIn);
        for coding in codes::codings(coded) {
            let one = match (codes.coding(coding), coding.text("system"), coding.text("code")) {
                (Membership::Unknown, Some(system), Some(code)) => {
                    self.ask(Some(value_set), system, coding.text("version"), code)
                }
                (known, ..) => known.into(),
            };
            match one.membership {
                Membership::In => return one,
                Membership::Unknown => answer = one,
                Membership::NotIn => {}
            }
        }
        answer
    }

    /// Whether a code exists in a code system.
    pub fn exists(&self, system: &str, version: Option<&str>, code: &str) -> Answer {
        let known = match (grammar::is_code(system, code), self.all_codes(system, version)) {
            (Some(false), _) => Membership::NotIn,
            (Some(true), _) if grammar::is_whole(system) => Membership::In,
            (_, Some(codes)) => codes.membership(Some(system), code),
            (_, None) => Membership::Unknown,
        };
        match known {
            Membership::Unknown => self.ask(None, system, version, code),
            known => known.into(),
        }
    }

    /// The displays that the code of a Coding may have, when its own is none of them; `None` when it is one, or when
    /// nobody knows. A value set may call the code by names of its own.
    pub fn other_displays(&self, coding: &Element) -> Option<Arc<[Box<str>]>> {
        let (system, code) = (coding.text("system")?, coding.text("code")?);
        let display = coding.text("display")?;
        let others = self.displays.others(&self.definitions, system, code, display);
        if others.is_some() || self.source.is_none() || self.definitions.code_system(system).is_some() {
            return others;
        }
        let source = self.source.as_ref()?;
        let mut question = Question {
            value_set: None,
            system: system.into(),
            version: coding.text("version").map(Into::into),
            code: code.into(),
            display: None,
        };
        let Reply::Yes { display: Some(own) } = source.ask(question.clone()) else { return None };
        if *own == *display {
            return None;
        }
        question.display = Some(display.into());
        (source.ask(question) == Reply::No).then(|| Arc::from([own]))
    }

    /// The codes of a code system that a package carries in full.
    fn all_codes(&self, system: &str, version: Option<&str>) -> Option<Arc<Codes>> {
        if system.contains('#') {
            // No code system has such an address, whatever the definitions would find by it.
            return None;
        }
        // All versions that no package carries get the same answer.
        let exact = |version: &str| {
            let exact = format!("{system}|{version}");
            if self.definitions.code_system(&exact).is_some() { exact } else { format!("{system}|") }
        };
        let versioned = version.map(exact);
        let key = versioned.as_deref().unwrap_or(system);
        if let Some(known) = self.systems.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            return known.clone();
        }
        let made = compose::all_codes(&self.definitions, system, version).map(Arc::new);
        let mut systems = self.systems.write().unwrap_or_else(PoisonError::into_inner);
        if systems.len() < KEPT {
            systems.insert(key.into(), made.clone());
        }
        made
    }

    /// Asks the source; without one nobody knows.
    fn ask(&self, value_set: Option<&str>, system: &str, version: Option<&str>, code: &str) -> Answer {
        let Some(source) = &self.source else { return Membership::Unknown.into() };
        let (value_set, version) = (value_set.map(Into::into), version.map(Into::into));
        source.ask(Question { value_set, system: system.into(), version, code: code.into(), display: None }).into()
    }
}

/// Answers FHIRPath's `memberOf`.
impl crate::fhir::path::Terminology for Terminology {
    fn member_of(&self, coded: crate::fhir::path::Node<'_>, value_set: &str) -> crate::fhir::path::Membership {
        match self.member(value_set, coded.element).membership {
            Membership::In => crate::fhir::path::Membership::In,
            Membership::NotIn => crate::fhir::path::Membership::NotIn,
            Membership::Unknown => crate::fhir::path::Membership::Unknown,
        }
    }
}

#[cfg(test)]
mod tests;
