//! Which displays a code may have, as far as its code system is known.
//!
//! Supplements and value sets add texts in other languages, so those at hand are looked at too before a display is called
//! wrong; where one of them names the code without saying how, nobody knows. Entry point: [`Displays`].

use crate::fhir::definitions::CodeSystemContent;
use crate::fhir::definitions::DefinitionSet;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

/// Most code systems, and most codes of one, of which the displays are kept.
const KEPT: usize = 8192;

/// All displays of a code; `None` when not all are known.
type Names = Option<Arc<[Box<str>]>>;

/// What is known of the codes of each code system.
type BySystem = HashMap<Box<str>, HashMap<Box<str>, Names>>;

/// The displays of the codes of one set of definitions.
#[derive(Default)]
pub(super) struct Displays {
    names: RwLock<BySystem>,
}

impl Displays {
    /// The displays that the code may have, when the one it has is none of them. `None`: it is one, or nobody knows.
    pub(super) fn others(&self, definitions: &DefinitionSet, system: &str, code: &str, display: &str) -> Names {
        // The lock is given back before the names are made.
        let known = {
            let all = self.names.read().unwrap_or_else(PoisonError::into_inner);
            all.get(system).and_then(|codes| codes.get(code)).cloned()
        };
        let names = known.unwrap_or_else(|| {
            let made = names(definitions, system, code);
            let mut all = self.names.write().unwrap_or_else(PoisonError::into_inner);
            if all.len() < KEPT || all.contains_key(system) {
                let codes = all.entry(system.into()).or_default();
                if codes.len() < KEPT {
                    codes.insert(code.into(), made.clone());
                }
            }
            made
        });
        names.filter(|names| !names.iter().any(|name| same(name, display)))
    }
}

/// Collects what everybody at hand calls a code.
fn names(definitions: &DefinitionSet, system: &str, code: &str) -> Names {
    let known = definitions.code_system(system)?;
    if !matches!(known.content, CodeSystemContent::Complete | CodeSystemContent::Fragment) {
        return None;
    }
    let concept = known.concepts.iter().find(|concept| *concept.code == *code)?;
    let mut names = vec![concept.display.as_deref()?];
    names.extend(concept.designations.iter().map(|text| &**text));
    for supplement in definitions.supplements(system) {
        for concept in supplement.concepts.iter().filter(|concept| *concept.code == *code) {
            names.extend(concept.display.iter().chain(&concept.designations).map(|text| &**text));
        }
    }
    for value_set in definitions.value_sets_naming(code) {
        for set in value_set.includes.iter().filter(|set| set.system.as_deref() == Some(system)) {
            for concept in set.concepts.iter().filter(|concept| *concept.code == *code) {
                names.push(concept.display.as_deref()?);
                names.extend(concept.designations.iter().map(|text| &**text));
            }
        }
        for expanded in value_set.expansion.iter().flat_map(|expansion| &expansion.codes) {
            if *expanded.system == *system && *expanded.code == *code {
                names.extend(expanded.display.iter().chain(&expanded.designations).map(|text| &**text));
            }
        }
    }
    let mut kept: Vec<Box<str>> = Vec::new();
    for name in names {
        if !kept.iter().any(|other| same(other, name)) {
            kept.push(name.into());
        }
    }
    Some(kept.into())
}

/// Whether two displays are one: case and white space do not matter.
fn same(one: &str, other: &str) -> bool {
    one == other || words(one).eq(words(other))
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace().map(str::to_lowercase)
}
