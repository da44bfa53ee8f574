//! Which codes a value set has, as far as the packages tell.
//!
//! Enumerates offline: listed codes, nested value sets, whole code systems that a package carries in full, hierarchies
//! and properties of those. Everything else is [`Membership::Unknown`], never "fine". Displays are not judged here.
//! Entry point: [`Terminology::codes`].

mod ucum;

use crate::fhir::Element;
use crate::fhir::definitions::CodeSystem;
use crate::fhir::definitions::CodeSystemContent;
use crate::fhir::definitions::ConceptSet;
use crate::fhir::definitions::DefinitionSet;
use crate::fhir::definitions::Filter;
use crate::fhir::definitions::ValueSet;
use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

/// Whether a code is in a value set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// It is.
    In,
    /// It is not.
    NotIn,
    /// The packages do not tell.
    Unknown,
}

/// The system of the units of UCUM, which has a grammar instead of a list.
const UCUM: &str = "http://unitsofmeasure.org";

/// The system of countries, and the value set of R4 that lists all of its codes of two letters.
const COUNTRIES: &str = "urn:iso:std:iso:3166";
const COUNTRY_LIST: &str = "http://hl7.org/fhir/ValueSet/iso3166-1-2";

/// How deep value sets may refer to one another.
const DEPTH: usize = 16;

/// The value sets of one set of definitions; enumerated on first use, shared between threads.
pub struct Terminology {
    definitions: Arc<DefinitionSet>,
    made: RwLock<HashMap<Box<str>, Arc<Codes>>>,
    /// By code system; `None`: no package carries all of it.
    systems: RwLock<HashMap<Box<str>, Option<Arc<Codes>>>>,
}

impl Terminology {
    /// The value sets of these definitions.
    pub fn new(definitions: Arc<DefinitionSet>) -> Terminology {
        Terminology { definitions, made: RwLock::default(), systems: RwLock::default() }
    }

    /// The codes of the value set with this canonical; an unknown one has codes that nobody knows.
    pub fn codes(&self, canonical: &str) -> Arc<Codes> {
        if let Some(made) = self.made.read().unwrap_or_else(PoisonError::into_inner).get(canonical) {
            return made.clone();
        }
        let made = Arc::new(self.enumerate(canonical, DEPTH));
        self.made.write().unwrap_or_else(PoisonError::into_inner).insert(canonical.into(), made.clone());
        made
    }

    /// The codes of a value set that is in no package, such as one that a resource contains.
    pub fn codes_of(&self, value_set: &ValueSet) -> Codes {
        self.enumerate_set(value_set, DEPTH)
    }

    /// Whether a code exists in a code system.
    pub fn exists(&self, system: &str, code: &str) -> Membership {
        match system {
            UCUM if ucum::is_unit(code) => return Membership::In,
            UCUM => return Membership::NotIn,
            // Codes of three letters or digits are in no list.
            COUNTRIES if code.len() == 3 && (all(code, u8::is_ascii_digit) || all(code, u8::is_ascii_uppercase)) => {
                return Membership::Unknown;
            }
            _ => {}
        }
        let known = self.systems.read().unwrap_or_else(PoisonError::into_inner).get(system).cloned();
        let codes = known.unwrap_or_else(|| {
            let made = self.all_codes(system).map(Arc::new);
            self.systems.write().unwrap_or_else(PoisonError::into_inner).insert(system.into(), made.clone());
            made
        });
        codes.map_or(Membership::Unknown, |codes| codes.membership(Some(system), code))
    }

    /// The codes of a code system that a package carries in full.
    fn all_codes(&self, system: &str) -> Option<Codes> {
        if system == COUNTRIES {
            let codes =
                Codes { ignoring_case: HashSet::from([COUNTRIES.into()]), ..Codes::clone(&self.codes(COUNTRY_LIST)) };
            return codes.is_complete().then_some(codes);
        }
        self.definitions.code_system(system).filter(|known| known.content == CodeSystemContent::Complete)?;
        Some(self.of_system(system, &ConceptSet::default()))
    }

    fn enumerate(&self, canonical: &str, depth: usize) -> Codes {
        match self.definitions.value_set(canonical) {
            Some(value_set) if depth > 0 => self.enumerate_set(value_set, depth),
            _ => Codes::unknown(),
        }
    }

    fn enumerate_set(&self, value_set: &ValueSet, depth: usize) -> Codes {
        let mut codes = Codes::default();
        for include in &value_set.includes {
            codes.add(self.set(include, depth));
        }
        for exclude in &value_set.excludes {
            codes.remove(&self.set(exclude, depth));
        }
        if (value_set.includes.is_empty() || !codes.is_complete())
            && let Some(expansion) = &value_set.expansion
        {
            let mut expanded = Codes::default();
            for code in &expansion.codes {
                expanded.insert(&code.system, &code.code);
            }
            if expansion.complete {
                return expanded;
            }
            if value_set.includes.is_empty() {
                expanded.open.push(None);
            }
            codes.add(expanded);
        }
        codes
    }

    /// The codes of one include or exclude: those that satisfy all of its parts.
    fn set(&self, set: &ConceptSet, depth: usize) -> Codes {
        let mut codes = set.system.as_deref().map(|system| self.of_system(system, set));
        for nested in &set.value_sets {
            let nested = self.enumerate(nested, depth - 1);
            codes = Some(match codes {
                Some(codes) => codes.intersect(&nested),
                None => nested,
            });
        }
        codes.unwrap_or_default()
    }

    fn of_system(&self, system: &str, set: &ConceptSet) -> Codes {
        let mut codes = Codes::default();
        let known = self.definitions.code_system(system);
        if known.is_some_and(|known| known.case_sensitive == Some(false)) {
            codes.ignoring_case.insert(system.into());
        }
        if !set.concepts.is_empty() {
            for concept in &set.concepts {
                codes.insert(system, &concept.code);
            }
            return codes;
        }
        let complete = known.filter(|known| known.content == CodeSystemContent::Complete);
        let Some(known) = complete else {
            codes.open.push(Some(system.into()));
            return codes;
        };
        let mut kept: Vec<bool> = vec![true; known.concepts.len()];
        for filter in &set.filters {
            let Some(fits) = apply(known, filter) else {
                codes.open.push(Some(system.into()));
                return codes;
            };
            kept.iter_mut().zip(fits).for_each(|(kept, fits)| *kept &= fits);
        }
        for (concept, _) in known.concepts.iter().zip(kept).filter(|(_, kept)| *kept) {
            codes.insert(system, &concept.code);
        }
        codes
    }
}

fn all(code: &str, class: fn(&u8) -> bool) -> bool {
    code.as_bytes().iter().all(class)
}

/// For each concept whether it satisfies the filter; `None` for a filter that we do not know.
fn apply(system: &CodeSystem, filter: &Filter) -> Option<Vec<bool>> {
    let value = &*filter.value;
    let concepts = &system.concepts;
    Some(match (&*filter.property, &*filter.op) {
        ("concept" | "code" | "parent", "is-a" | "descendent-of" | "is-not-a") => {
            let mut below = descendants(system, value);
            if let Some(own) = concepts.iter().position(|concept| &*concept.code == value) {
                below[own] = &*filter.op != "descendent-of";
            }
            if &*filter.op == "is-not-a" {
                below.iter_mut().for_each(|below| *below = !*below);
            }
            below
        }
        ("code" | "concept", "=") => concepts.iter().map(|concept| &*concept.code == value).collect(),
        ("code" | "concept", "in") => concepts.iter().map(|concept| listed(value, &concept.code)).collect(),
        ("code" | "concept", "not-in") => concepts.iter().map(|concept| !listed(value, &concept.code)).collect(),
        ("code" | "concept" | "display", _) => return None,
        (property, "=") => {
            concepts.iter().map(|c| c.properties.iter().any(|(k, v)| &**k == property && &**v == value)).collect()
        }
        (property, "in") => {
            concepts.iter().map(|c| c.properties.iter().any(|(k, v)| &**k == property && listed(value, v))).collect()
        }
        (property, "exists") => {
            let want = value == "true";
            concepts.iter().map(|c| c.properties.iter().any(|(k, _)| &**k == property) == want).collect()
        }
        _ => return None,
    })
}

fn listed(list: &str, code: &str) -> bool {
    list.split(',').any(|one| one.trim() == code)
}

/// For each concept whether it stands below the one with this code, by nesting or by property.
fn descendants(system: &CodeSystem, code: &str) -> Vec<bool> {
    let concepts = &system.concepts;
    let position: HashMap<&str, usize> =
        concepts.iter().enumerate().map(|(at, concept)| (&*concept.code, at)).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); concepts.len()];
    for (at, concept) in concepts.iter().enumerate() {
        if let Some(parent) = concept.parent.and_then(|parent| children.get_mut(parent as usize)) {
            parent.push(at);
        }
        for (property, value) in &concept.properties {
            let other = position.get(&**value).copied();
            match (&**property, other) {
                ("parent" | "subsumedBy", Some(parent)) => children[parent].push(at),
                ("child", Some(child)) => children[at].push(child),
                _ => {}
            }
        }
    }
    let mut below = vec![false; concepts.len()];
    let mut next: Vec<usize> = position.get(code).map(|at| children[*at].clone()).unwrap_or_default();
    while let Some(at) = next.pop() {
        if !below[at] {
            below[at] = true;
            next.extend(&children[at]);
        }
    }
    below
}

/// Answers FHIRPath's `memberOf`.
impl crate::fhir::path::Terminology for Terminology {
    fn member_of(&self, coded: crate::fhir::path::Node<'_>, value_set: &str) -> crate::fhir::path::Membership {
        let codes = self.codes(value_set);
        let answer = match coded.element.as_text() {
            Some(code) => codes.membership(None, code),
            None => codes.any_coding(coded.element),
        };
        match answer {
            Membership::In => crate::fhir::path::Membership::In,
            Membership::NotIn => crate::fhir::path::Membership::NotIn,
            Membership::Unknown => crate::fhir::path::Membership::Unknown,
        }
    }
}

/// The codes of a value set.
#[derive(Clone, Debug, Default)]
pub struct Codes {
    listed: HashMap<Box<str>, HashSet<Box<str>>>,
    /// Systems of which an unknown part is in it; `None`: nothing is known.
    open: Vec<Option<Box<str>>>,
    /// Systems of which an unknown part was taken out.
    shut: Vec<Option<Box<str>>>,
    ignoring_case: HashSet<Box<str>>,
}

impl Codes {
    fn unknown() -> Codes {
        Codes { open: vec![None], ..Codes::default() }
    }

    /// Whether every code is known.
    pub fn is_complete(&self) -> bool {
        self.open.is_empty() && self.shut.is_empty()
    }

    /// Whether it has codes of this system, as far as known.
    pub fn has_system(&self, system: &str) -> bool {
        self.listed.contains_key(system)
    }

    /// Whether a code is in it; without a system: in any of its systems.
    pub fn membership(&self, system: Option<&str>, code: &str) -> Membership {
        let covers = |systems: &[Option<Box<str>>]| {
            systems.iter().any(|open| match (open, system) {
                (Some(open), Some(system)) => &**open == system,
                _ => true,
            })
        };
        let found = match system {
            Some(system) => self.listed.get(system).is_some_and(|codes| self.holds(system, codes, code)),
            None => self.listed.iter().any(|(system, codes)| self.holds(system, codes, code)),
        };
        match found {
            true if covers(&self.shut) => Membership::Unknown,
            true => Membership::In,
            false if covers(&self.open) => Membership::Unknown,
            false => Membership::NotIn,
        }
    }

    /// Whether a Coding or Quantity is in it, or one of the codings of a CodeableConcept. What the code of a coding without
    /// system means is not known (terminologies.html, section "Codes"), so it is in none that lists codes with systems.
    pub fn any_coding(&self, element: &Element) -> Membership {
        let mut answer = Membership::NotIn;
        for coding in std::iter::once(element).chain(element.all("coding")) {
            let Some(code) = coding.text("code") else { continue };
            let membership = match coding.text("system") {
                None if !self.open.contains(&None) => Membership::NotIn,
                system => self.membership(system, code),
            };
            match membership {
                Membership::In => return Membership::In,
                Membership::Unknown => answer = Membership::Unknown,
                Membership::NotIn => {}
            }
        }
        answer
    }

    fn holds(&self, system: &str, codes: &HashSet<Box<str>>, code: &str) -> bool {
        codes.contains(code)
            || (self.ignoring_case.contains(system) && codes.iter().any(|known| known.eq_ignore_ascii_case(code)))
    }

    fn insert(&mut self, system: &str, code: &str) {
        match self.listed.get_mut(system) {
            Some(codes) => drop(codes.insert(code.into())),
            None => drop(self.listed.insert(system.into(), HashSet::from([code.into()]))),
        }
    }

    fn add(&mut self, other: Codes) {
        for (system, codes) in other.listed {
            self.listed.entry(system).or_default().extend(codes);
        }
        self.open.extend(other.open);
        self.shut.extend(other.shut);
        self.ignoring_case.extend(other.ignoring_case);
    }

    fn remove(&mut self, other: &Codes) {
        for (system, codes) in &other.listed {
            if let Some(own) = self.listed.get_mut(system) {
                own.retain(|code| !codes.contains(code));
            }
        }
        self.shut.extend(other.open.iter().cloned());
    }

    fn intersect(mut self, other: &Codes) -> Codes {
        let mut uncertain = Vec::new();
        for (system, codes) in &mut self.listed {
            codes.retain(|code| match other.membership(Some(system), code) {
                Membership::In => true,
                Membership::NotIn => false,
                Membership::Unknown => {
                    uncertain.push(Some(system.clone()));
                    false
                }
            });
        }
        self.open.extend(uncertain);
        self
    }
}
