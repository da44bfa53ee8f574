//! Definitions of one FHIR version, found by canonical URL: the packages that a judgement works with.
//!
//! A [`DefinitionSet`] is a pile of [`Layer`]s, one for each package. Opening is cheap: a definition is parsed when it
//! is first asked for, and kept. Does not know where packages come from, and makes no snapshots.

mod compact;
mod layer;
mod model;
mod prune;
mod read;
mod read_terminology;
mod rows;
mod structure;
mod terminology;

pub use compact::CompactError;
pub use compact::FORMAT_VERSION;
pub use compact::compile;
pub use compact::is_compact;
pub use layer::DefinitionKind;
pub use layer::Layer;
pub use layer::LayerError;
pub use layer::PackageFacts;
pub use read::DefinitionError;
pub use structure::Aggregation;
pub use structure::Binding;
pub use structure::BindingStrength;
pub use structure::Constraint;
pub use structure::ConstraintSeverity;
pub use structure::ContextKind;
pub use structure::Derivation;
pub use structure::Discriminator;
pub use structure::DiscriminatorKind;
pub use structure::ElementDefinition;
pub use structure::ElementType;
pub use structure::ExtensionContext;
pub use structure::Max;
pub use structure::NarrativeControl;
pub use structure::Representation;
pub use structure::Slicing;
pub use structure::SlicingRules;
pub use structure::StructureDefinition;
pub use structure::StructureKind;
pub use structure::TypedValue;
pub use terminology::CodeSystem;
pub use terminology::CodeSystemContent;
pub use terminology::Concept;
pub use terminology::ConceptSet;
pub use terminology::ExpandedCode;
pub use terminology::Expansion;
pub use terminology::Filter;
pub use terminology::ListedConcept;
pub use terminology::SearchParameter;
pub use terminology::ValueSet;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use crate::fhir::element::Element;

/// The versions of FHIR that we judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FhirVersion {
    /// FHIR 3.0.
    Stu3,
    /// FHIR 4.0.
    R4,
}

/// Where the base definitions of FHIR live: `Patient` is this plus `Patient`.
pub const BASE_URL: &str = "http://hl7.org/fhir/StructureDefinition/";

/// Search parameters of one code: layer and place in it.
type Matches = Arc<[(usize, usize)]>;

/// A pile of packages for one FHIR version.
///
/// A canonical without version means the newest version in the first layer that has the URL; so put what the user
/// named before what is built in. With `|version` it means that version in any layer.
pub struct DefinitionSet {
    fhir_version: FhirVersion,
    layers: Vec<Arc<Layer>>,
    /// By code: layer and entry of the search parameters that were asked for.
    search: RwLock<HashMap<Box<str>, Matches>>,
    types: OnceLock<model::TypeTable>,
    /// Of this set alone, in this process.
    identity: u64,
}

impl DefinitionSet {
    /// A set of these layers, the strongest first.
    pub fn new(fhir_version: FhirVersion, layers: Vec<Arc<Layer>>) -> DefinitionSet {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let identity = NEXT.fetch_add(1, Ordering::Relaxed);
        DefinitionSet { fhir_version, layers, search: RwLock::default(), types: OnceLock::new(), identity }
    }

    /// The version of FHIR that it is for.
    pub fn fhir_version(&self) -> FhirVersion {
        self.fhir_version
    }

    /// The layers, the strongest first.
    pub fn layers(&self) -> &[Arc<Layer>] {
        &self.layers
    }

    /// The StructureDefinition with this canonical (`url` or `url|version`).
    pub fn structure(&self, canonical: &str) -> Option<&StructureDefinition> {
        self.find(DefinitionKind::StructureDefinition, canonical).and_then(|(layer, entry)| layer.structure(entry))
    }

    /// The base definition of a FHIR type by its name (`Observation`, `Coding`, `Age`, `string`); no profiles.
    pub fn type_definition(&self, name: &str) -> Option<&StructureDefinition> {
        let (layer, entry) = self.bases().get(name)?.place;
        self.layers.get(layer)?.structure(entry).filter(|found| {
            // `Age` is a constraint on Quantity in STU3 and a type all the same; extensions live under the base URL too.
            &*found.type_name == name || (found.kind == StructureKind::ComplexType && &*found.type_name != "Extension")
        })
    }

    /// The ValueSet with this canonical.
    pub fn value_set(&self, canonical: &str) -> Option<&ValueSet> {
        self.find(DefinitionKind::ValueSet, canonical).and_then(|(layer, entry)| layer.value_set(entry))
    }

    /// The CodeSystem with this canonical.
    pub fn code_system(&self, canonical: &str) -> Option<&CodeSystem> {
        self.find(DefinitionKind::CodeSystem, canonical).and_then(|(layer, entry)| layer.code_system(entry))
    }

    /// The Questionnaire with this canonical, as it is.
    pub fn questionnaire(&self, canonical: &str) -> Option<&Element> {
        self.find(DefinitionKind::Questionnaire, canonical).and_then(|(layer, entry)| layer.resource(entry))
    }

    /// The search parameter with this code on this resource type, or on a type it is derived from.
    pub fn search_parameter(&self, resource_type: &str, code: &str) -> Option<&SearchParameter> {
        let found = self.search_parameters(code);
        [resource_type, "DomainResource", "Resource"].iter().find_map(|base| {
            let mut parameters =
                found.iter().filter_map(|(layer, entry)| self.layers.get(*layer)?.search_parameter(*entry));
            parameters.find(|parameter| parameter.base.iter().any(|name| &**name == *base))
        })
    }

    /// Canonical and version of each definition of this kind, layer by layer; shadowed ones too.
    pub fn canonicals(&self, kind: DefinitionKind) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.layers.iter().flat_map(move |layer| layer.canonicals(kind))
    }

    /// The value sets that may name this code, those that a stronger layer shadows left out.
    pub fn value_sets_naming(&self, code: &str) -> Vec<&ValueSet> {
        let part = format!("\"code\":\"{code}\"");
        let found = self.holding(DefinitionKind::ValueSet, &part);
        found.into_iter().filter_map(|(layer, entry)| layer.value_set(entry)).collect()
    }

    /// The code systems that add to this one.
    pub fn supplements(&self, system: &str) -> Vec<&CodeSystem> {
        let part = format!("\"supplements\":\"{system}");
        let found = self.holding(DefinitionKind::CodeSystem, &part);
        let found = found.into_iter().filter_map(|(layer, entry)| layer.code_system(entry));
        let adds = |of: &str| of.split('|').next() == Some(system);
        found.filter(|found| found.supplements.as_deref().is_some_and(adds)).collect()
    }

    fn holding(&self, kind: DefinitionKind, part: &str) -> Vec<(&Layer, usize)> {
        let mut found = Vec::new();
        for (at, layer) in self.layers.iter().enumerate() {
            for (entry, url) in layer.holding(kind, part) {
                if self.layers[..at].iter().all(|stronger| stronger.find(kind, url, None).is_none()) {
                    found.push((&**layer, entry));
                }
            }
        }
        found
    }

    fn find(&self, kind: DefinitionKind, canonical: &str) -> Option<(&Layer, usize)> {
        let (url, version) = match canonical.split_once('|') {
            Some((url, version)) => (url, Some(version)),
            None => (canonical, None),
        };
        let url = url.split('#').next().unwrap_or(url);
        self.layers.iter().find_map(|layer| layer.find(kind, url, version).map(|entry| (&**layer, entry)))
    }

    /// Layer and entry of each search parameter with this code.
    fn search_parameters(&self, code: &str) -> Arc<[(usize, usize)]> {
        if let Some(known) = self.search.read().unwrap_or_else(PoisonError::into_inner).get(code) {
            return known.clone();
        }
        let layers = self.layers.iter().enumerate();
        let found: Arc<[(usize, usize)]> =
            layers.flat_map(|(at, layer)| layer.search_parameters(code).map(move |entry| (at, entry))).collect();
        // What nobody defines is not kept: whoever asks decides how many names there are.
        if !found.is_empty() {
            self.search.write().unwrap_or_else(PoisonError::into_inner).insert(code.into(), found.clone());
        }
        found
    }
}
