//! Makes the set of a value set out of its definition: includes, excludes, nested value sets, expansions.
//!
//! Everything comes from the definitions; what they do not carry becomes an unknown part. Entry point: [`Composer::codes`].

use crate::fhir::definitions::CodeSystem;
use crate::fhir::definitions::CodeSystemContent;
use crate::fhir::definitions::ConceptSet;
use crate::fhir::definitions::DefinitionSet;
use crate::fhir::definitions::Expansion;
use crate::fhir::definitions::ValueSet;
use crate::fhir::terminology::codes::Codes;
use crate::fhir::terminology::codes::Set;
use crate::fhir::terminology::filter;
use crate::fhir::terminology::grammar::COUNTRIES;
use crate::fhir::terminology::grammar::MEDIA_TYPES;
use regex::Regex;
use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;

/// The value set of R4 that lists all countries by their codes of two letters.
const COUNTRY_LIST: &str = "http://hl7.org/fhir/ValueSet/iso3166-1-2";

/// What STU3 names as the value set of all media types: the text itself.
const MEDIA_TYPE_TEXT: &str = "http://www.rfc-editor.org/bcp/bcp13.txt";

/// How deep value sets may refer to one another.
pub const MOST_NESTED: usize = 32;

/// Makes one value set with all that it refers to.
pub(super) struct Composer<'d> {
    definitions: &'d DefinitionSet,
    /// What was made on the way; `None` while it is being made, so that a circle ends.
    made: HashMap<Box<str>, Option<Arc<Codes>>>,
    depth: usize,
}

impl<'d> Composer<'d> {
    pub(super) fn new(definitions: &'d DefinitionSet) -> Composer<'d> {
        Composer { definitions, made: HashMap::new(), depth: 0 }
    }

    /// The codes of the value set with this canonical.
    pub(super) fn codes(&mut self, canonical: &str) -> Arc<Codes> {
        match self.made.get(canonical) {
            Some(Some(made)) => return made.clone(),
            // It refers to itself.
            Some(None) => return Arc::new(Codes::new(Set::Unknown)),
            None => {}
        }
        if canonical == MEDIA_TYPE_TEXT {
            return Arc::new(Codes::new(Set::AllOf(MEDIA_TYPES.into())));
        }
        let definitions = self.definitions;
        let Some(value_set) = definitions.value_set(canonical) else {
            return Arc::new(Codes::new(Set::Unknown));
        };
        if self.depth >= MOST_NESTED {
            return Arc::new(Codes::too_deep());
        }
        self.made.insert(canonical.into(), None);
        self.depth += 1;
        let made = Arc::new(Codes::new(self.value_set(value_set)));
        self.depth -= 1;
        self.made.insert(canonical.into(), Some(made.clone()));
        made
    }

    /// The set of a value set that is at hand.
    pub(super) fn value_set(&mut self, value_set: &ValueSet) -> Set {
        let active_only = value_set.inactive == Some(false);
        let mut parts = |sets: &[ConceptSet], active_only: bool| -> Set {
            Set::Any(sets.iter().map(|set| self.concepts(set, active_only)).collect())
        };
        let included = parts(&value_set.includes, active_only);
        let composed = match value_set.excludes.as_slice() {
            [] => included,
            excludes => Set::Without(included.into(), parts(excludes, false).into()),
        };
        let Some(expansion) = &value_set.expansion else { return composed };
        let listed = expanded(expansion);
        let expanded = if expansion.complete { listed } else { Set::AtLeast(listed.into()) };
        // The definition is the law; what it leaves open, the expansion tells.
        if value_set.includes.is_empty() { expanded } else { Set::Told(composed.into(), expanded.into()) }
    }

    /// The codes of one include or exclude: those that satisfy all of its parts.
    fn concepts(&mut self, set: &ConceptSet, active_only: bool) -> Set {
        let mut parts = Vec::new();
        if let Some(system) = &set.system {
            parts.push(self.of_system(system, set, active_only));
        }
        parts.extend(set.value_sets.iter().map(|nested| Set::Nested(self.codes(nested))));
        match parts.len() {
            0 => Set::Any(Vec::new()),
            1 => parts.swap_remove(0),
            _ => Set::All(parts),
        }
    }

    fn of_system(&self, system: &str, set: &ConceptSet, active_only: bool) -> Set {
        let known = known(self.definitions, system, set.version.as_deref());
        let ignoring_case = known.is_some_and(|(known, _)| known.case_sensitive == Some(false));
        if !set.concepts.is_empty() {
            return Set::listed(system, set.concepts.iter().map(|concept| &*concept.code), ignoring_case);
        }
        let Some((known, same_version)) = known.filter(|(known, _)| known.content == CodeSystemContent::Complete)
        else {
            return open(system, set);
        };
        let mut kept: Vec<bool> = vec![true; known.concepts.len()];
        for condition in &set.filters {
            let Some(fits) = filter::apply(known, condition) else { return Set::PartOf(system.into()) };
            kept.iter_mut().zip(fits).for_each(|(kept, fits)| *kept &= fits);
        }
        let concepts = known.concepts.iter().zip(kept).filter(|(_, kept)| *kept).map(|(concept, _)| concept);
        let concepts = concepts.filter(|concept| !active_only || !filter::is_inactive(concept));
        let listed = Set::listed(system, concepts.map(|concept| &*concept.code), ignoring_case);
        // Another version of the code system may have more codes.
        if same_version { listed } else { Set::AtLeast(listed.into()) }
    }
}

/// The code system, and whether it has the version that was asked for.
fn known<'d>(definitions: &'d DefinitionSet, system: &str, version: Option<&str>) -> Option<(&'d CodeSystem, bool)> {
    if let Some(version) = version
        && let Some(found) = definitions.code_system(&format!("{system}|{version}"))
    {
        return Some((found, true));
    }
    definitions.code_system(system).map(|found| (found, version.is_none()))
}

/// The codes of a system that no package carries in full.
fn open(system: &str, set: &ConceptSet) -> Set {
    if set.filters.is_empty() {
        return Set::AllOf(system.into());
    }
    let mut parts = vec![Set::PartOf(system.into())];
    for condition in &set.filters {
        if matches!((&*condition.property, &*condition.op), ("code" | "concept", "regex"))
            && let Ok(expression) = whole(&condition.value)
        {
            parts.push(Set::Matching(system.into(), expression));
        }
    }
    Set::All(parts)
}

/// A regular expression that a code as a whole must match.
pub(super) fn whole(expression: &str) -> Result<Regex, regex::Error> {
    regex::RegexBuilder::new(&format!("^(?:{expression})$")).size_limit(1 << 20).build()
}

fn expanded(expansion: &Expansion) -> Set {
    let mut by_system: HashMap<&str, HashSet<Box<str>>> = HashMap::new();
    for code in &expansion.codes {
        by_system.entry(&code.system).or_default().insert(code.code.clone());
    }
    let listed =
        |(system, codes): (&str, HashSet<Box<str>>)| Set::Listed { system: system.into(), codes, ignoring_case: false };
    Set::Any(by_system.into_iter().map(listed).collect())
}

/// The codes of a code system that the definitions carry in full; `None` when they do not.
pub(super) fn all_codes(definitions: &DefinitionSet, system: &str, version: Option<&str>) -> Option<Codes> {
    if system == COUNTRIES {
        let listed = Composer::new(definitions).codes(COUNTRY_LIST);
        definitions.value_set(COUNTRY_LIST)?;
        // Codes of three letters or digits and of subdivisions are in no list.
        let two = whole("[A-Za-z]{2}").ok()?;
        let open = Set::Without(Set::PartOf(system.into()).into(), Set::Matching(system.into(), two).into());
        return Some(Codes::new(Set::Any(vec![Set::Nested(listed), open])));
    }
    let (known, same_version) = known(definitions, system, version)?;
    if known.content != CodeSystemContent::Complete {
        return None;
    }
    let codes = known.concepts.iter().map(|concept| &*concept.code);
    let listed = Set::listed(system, codes, known.case_sensitive == Some(false));
    Some(Codes::new(if same_version { listed } else { Set::AtLeast(listed.into()) }))
}
