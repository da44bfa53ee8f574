//! The definitions of one package: an index by canonical, and bodies that are parsed on first use.
//!
//! Knows nothing of other packages.

use std::cmp::Ordering;
use std::error::Error;
use std::fmt;
use std::sync::OnceLock;

use crate::fhir::definitions::read::DefinitionError;
use crate::fhir::definitions::structure::StructureDefinition;
use crate::fhir::definitions::terminology::CodeSystem;
use crate::fhir::definitions::terminology::SearchParameter;
use crate::fhir::definitions::terminology::ValueSet;
use crate::fhir::element::Element;

/// The kinds of resource that a judgement asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DefinitionKind {
    /// A CodeSystem.
    CodeSystem,
    /// A Questionnaire.
    Questionnaire,
    /// A SearchParameter.
    SearchParameter,
    /// A StructureDefinition.
    StructureDefinition,
    /// A ValueSet.
    ValueSet,
}

impl DefinitionKind {
    /// The kind of a resource type; `None` for the types that we do not use.
    pub fn of(resource_type: &str) -> Option<DefinitionKind> {
        Some(match resource_type {
            "CodeSystem" => DefinitionKind::CodeSystem,
            "Questionnaire" => DefinitionKind::Questionnaire,
            "SearchParameter" => DefinitionKind::SearchParameter,
            "StructureDefinition" => DefinitionKind::StructureDefinition,
            "ValueSet" => DefinitionKind::ValueSet,
            _ => return None,
        })
    }

    /// The resource type.
    pub fn name(self) -> &'static str {
        match self {
            DefinitionKind::CodeSystem => "CodeSystem",
            DefinitionKind::Questionnaire => "Questionnaire",
            DefinitionKind::SearchParameter => "SearchParameter",
            DefinitionKind::StructureDefinition => "StructureDefinition",
            DefinitionKind::ValueSet => "ValueSet",
        }
    }
}

/// Why a package cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayerError {
    /// One of its resources is no usable definition.
    Definition {
        /// Canonical or id of the resource.
        resource: String,
        /// What is wrong with it.
        source: DefinitionError,
    },
}

impl fmt::Display for LayerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LayerError::Definition { resource, .. } => write!(f, "use the definition `{resource}`"),
        }
    }
}

impl Error for LayerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            LayerError::Definition { source, .. } => Some(source),
        }
    }
}

/// The definitions of one package.
pub struct Layer {
    name: Box<str>,
    entries: Vec<Entry>,
}

struct Entry {
    kind: DefinitionKind,
    url: Box<str>,
    version: Option<Box<str>>,
    body: Body,
    parsed: OnceLock<Option<Parsed>>,
}

enum Body {
    /// A resource in memory.
    Resource(Box<Element>),
}

enum Parsed {
    Structure(Box<StructureDefinition>),
    ValueSet(Box<ValueSet>),
    CodeSystem(Box<CodeSystem>),
    Search(Box<SearchParameter>),
}

impl Layer {
    /// A layer of resources in memory. Resources of other types than [`DefinitionKind`] are left out.
    pub fn from_resources(name: &str, resources: Vec<Element>) -> Result<Layer, LayerError> {
        let mut entries = Vec::new();
        for resource in resources {
            let Some(kind) = resource.resource_type.as_deref().and_then(DefinitionKind::of) else { continue };
            let parsed = parse(kind, &resource).map_err(|source| LayerError::Definition {
                resource: resource.text("url").or(resource.text("id")).unwrap_or(kind.name()).to_string(),
                source,
            })?;
            let Some(url) = resource.text("url") else { continue };
            entries.push(Entry {
                kind,
                url: url.into(),
                version: resource.text("version").map(Into::into),
                parsed: OnceLock::from(parsed),
                body: Body::Resource(Box::new(resource)),
            });
        }
        entries.sort_by(|a, b| (a.kind, &a.url).cmp(&(b.kind, &b.url)).then_with(|| compare_versions(b, a)));
        Ok(Layer { name: name.into(), entries })
    }

    /// Name of the package, with its version.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Canonical and version of each definition of this kind.
    pub fn canonicals(&self, kind: DefinitionKind) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.of_kind(kind).map(|entry| (&*entry.url, entry.version.as_deref()))
    }

    pub(super) fn search_parameters(&self) -> impl Iterator<Item = SearchParameter> {
        self.of_kind(DefinitionKind::SearchParameter).filter_map(|entry| match entry.parsed() {
            Some(Parsed::Search(parameter)) => Some((**parameter).clone()),
            _ => None,
        })
    }

    /// Position of the definition: the newest, or the one with this version (`4.0` finds `4.0.1`).
    pub(super) fn find(&self, kind: DefinitionKind, url: &str, version: Option<&str>) -> Option<usize> {
        let start = self.entries.partition_point(|entry| (entry.kind, &*entry.url) < (kind, url));
        let mut same = (start..self.entries.len())
            .take_while(|position| self.entries[*position].kind == kind && &*self.entries[*position].url == url);
        let Some(version) = version else { return same.next() };
        let has = |position: &usize, test: &dyn Fn(&str) -> bool| {
            self.entries[*position].version.as_deref().is_some_and(test)
        };
        same.clone()
            .find(|position| has(position, &|found| found == version))
            .or_else(|| same.find(|position| has(position, &|found| starts_version(found, version))))
    }

    pub(super) fn structure(&self, entry: usize) -> Option<&StructureDefinition> {
        match self.entries.get(entry)?.parsed() {
            Some(Parsed::Structure(found)) => Some(found),
            _ => None,
        }
    }

    pub(super) fn value_set(&self, entry: usize) -> Option<&ValueSet> {
        match self.entries.get(entry)?.parsed() {
            Some(Parsed::ValueSet(found)) => Some(found),
            _ => None,
        }
    }

    pub(super) fn code_system(&self, entry: usize) -> Option<&CodeSystem> {
        match self.entries.get(entry)?.parsed() {
            Some(Parsed::CodeSystem(found)) => Some(found),
            _ => None,
        }
    }

    pub(super) fn resource(&self, entry: usize) -> Option<&Element> {
        match &self.entries.get(entry)?.body {
            Body::Resource(resource) => Some(resource),
        }
    }

    fn of_kind(&self, kind: DefinitionKind) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.kind == kind)
    }
}

impl Entry {
    fn parsed(&self) -> Option<&Parsed> {
        self.parsed
            .get_or_init(|| match &self.body {
                Body::Resource(resource) => parse(self.kind, resource).ok().flatten(),
            })
            .as_ref()
    }
}

fn parse(kind: DefinitionKind, resource: &Element) -> Result<Option<Parsed>, DefinitionError> {
    Ok(match kind {
        DefinitionKind::StructureDefinition => Some(Parsed::Structure(Box::new(StructureDefinition::read(resource)?))),
        DefinitionKind::ValueSet => Some(Parsed::ValueSet(Box::new(ValueSet::read(resource)?))),
        DefinitionKind::CodeSystem => Some(Parsed::CodeSystem(Box::new(CodeSystem::read(resource)?))),
        DefinitionKind::SearchParameter => Some(Parsed::Search(Box::new(SearchParameter::read(resource)?))),
        DefinitionKind::Questionnaire => None,
    })
}

/// Orders by version, numbers as numbers; no version is the oldest.
fn compare_versions(a: &Entry, b: &Entry) -> Ordering {
    let key = |entry: &Entry| -> Vec<(bool, u64, String)> {
        let version = entry.version.as_deref().unwrap_or_default();
        let parts = version.split(['.', '-', '+']).filter(|part| !part.is_empty());
        parts
            .map(|part| match part.parse() {
                Ok(number) => (true, number, String::new()),
                Err(_) => (false, 0, part.to_string()),
            })
            .collect()
    };
    key(a).cmp(&key(b))
}

fn starts_version(found: &str, version: &str) -> bool {
    found.strip_prefix(version).is_some_and(|rest| rest.starts_with('.'))
}
