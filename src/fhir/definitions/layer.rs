//! The definitions of one package: an index by canonical, and bodies that are parsed on first use.
//!
//! Knows nothing of other packages.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::error::Error;
use std::fmt;
use std::sync::OnceLock;

use crate::fhir::definitions::compact;
use crate::fhir::definitions::compact::CompactError;
use crate::fhir::definitions::compact::Location;
use crate::fhir::definitions::compact::Members;
use crate::fhir::definitions::read::DefinitionError;
use crate::fhir::definitions::structure::StructureDefinition;
use crate::fhir::definitions::terminology::CodeSystem;
use crate::fhir::definitions::terminology::SearchParameter;
use crate::fhir::definitions::terminology::ValueSet;
use crate::fhir::element::Element;
use crate::fhir::json;

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

/// Where definitions come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageFacts {
    /// Name (`hl7.fhir.r3.core`), or the name of a file or folder.
    pub name: String,
    /// Version; empty when it has none.
    pub version: String,
    /// Version of FHIR as the package states it (`3.0.2`); empty when it does not.
    pub fhir_version: String,
    /// Licence as an SPDX expression; empty when it states none.
    pub license: String,
    /// SHA-256 of the package file, in hexadecimal; empty for a folder.
    pub sha256: String,
}

impl From<&str> for PackageFacts {
    /// A package of which only the name is known.
    fn from(name: &str) -> PackageFacts {
        PackageFacts { name: name.to_string(), ..PackageFacts::default() }
    }
}

/// The definitions of one package.
pub struct Layer {
    package: PackageFacts,
    /// In [`index_order`].
    entries: Vec<Entry>,
    members: Option<Members>,
}

pub(super) struct Entry {
    kind: DefinitionKind,
    url: Box<str>,
    version: Option<Box<str>>,
    body: Body,
    parsed: OnceLock<Option<Parsed>>,
}

enum Body {
    /// Parsed already.
    Read,
    /// In the file that the layer was opened from.
    Member(Location),
}

pub(super) enum Parsed {
    Structure(Box<StructureDefinition>),
    ValueSet(Box<ValueSet>),
    CodeSystem(Box<CodeSystem>),
    Search(Box<SearchParameter>),
    Resource(Box<Element>),
}

impl Layer {
    /// A layer of resources in memory. Resources of other types than [`DefinitionKind`] are left out.
    pub fn from_resources(package: impl Into<PackageFacts>, resources: Vec<Element>) -> Result<Layer, LayerError> {
        let mut entries = Vec::new();
        for resource in resources {
            let Some(kind) = resource.resource_type.as_deref().and_then(DefinitionKind::of) else { continue };
            let Some((url, version)) = canonical(kind, &resource) else { continue };
            let parsed = parse(kind, &resource)
                .map_err(|source| LayerError::Definition { resource: url.to_string(), source })?;
            entries.push(Entry { kind, url, version, parsed: OnceLock::from(Some(parsed)), body: Body::Read });
        }
        entries.sort_by(|a, b| index_order(a.key(), b.key()));
        Ok(Layer { package: package.into(), entries, members: None })
    }

    /// Opens compact definitions: reads the index only.
    pub fn open_compact(file: impl Into<Cow<'static, [u8]>>) -> Result<Layer, CompactError> {
        let (package, entries, members) = compact::open(file.into())?;
        Ok(Layer { package, entries, members: Some(members) })
    }

    /// Where the definitions come from.
    pub fn package(&self) -> &PackageFacts {
        &self.package
    }

    /// Number of definitions.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Canonical and version of each definition of this kind.
    pub fn canonicals(&self, kind: DefinitionKind) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.of_kind(kind).map(|entry| (&*entry.url, entry.version.as_deref()))
    }

    /// Positions of the search parameters with this code. Their texts are searched, so that only those found are parsed.
    pub(super) fn search_parameters<'a>(&'a self, code: &'a str) -> impl Iterator<Item = usize> + 'a {
        let property = format!("\"code\":\"{code}\"");
        let start = self.entries.partition_point(|entry| entry.kind < DefinitionKind::SearchParameter);
        let entries = self.entries[start..].iter().take_while(|entry| entry.kind == DefinitionKind::SearchParameter);
        let positions = (start..).zip(entries).filter(move |(_, entry)| match entry.body {
            Body::Read => true,
            Body::Member(location) => {
                let text = self.members.as_ref().and_then(|members| members.text(location));
                text.and_then(|text| str::from_utf8(text).ok()).is_some_and(|text| text.contains(&property))
            }
        });
        let found = positions.map(|(position, _)| position);
        found.filter(move |position| self.search_parameter(*position).is_some_and(|found| *found.code == *code))
    }

    /// Positions of the definitions of this kind that may hold the text, with their URL. Texts are searched, so that only
    /// those found are parsed.
    pub(super) fn holding<'a>(
        &'a self,
        kind: DefinitionKind,
        part: &'a str,
    ) -> impl Iterator<Item = (usize, &'a str)> + 'a {
        let start = self.entries.partition_point(|entry| entry.kind < kind);
        let entries = self.entries[start..].iter().take_while(move |entry| entry.kind == kind);
        let positions = (start..).zip(entries).filter(move |(_, entry)| match entry.body {
            Body::Read => true,
            Body::Member(location) => {
                let text = self.members.as_ref().and_then(|members| members.text(location));
                text.and_then(|text| str::from_utf8(text).ok()).is_some_and(|text| text.contains(part))
            }
        });
        positions.map(|(position, entry)| (position, &*entry.url))
    }

    /// Position and URL of each definition of this kind, of one URL the newest first.
    pub(super) fn positions(&self, kind: DefinitionKind) -> impl Iterator<Item = (usize, &str)> {
        let start = self.entries.partition_point(|entry| entry.kind < kind);
        (start..).zip(self.of_kind(kind)).map(|(position, entry)| (position, &*entry.url))
    }

    pub(super) fn search_parameter(&self, entry: usize) -> Option<&SearchParameter> {
        match self.parsed(self.entries.get(entry)?) {
            Some(Parsed::Search(found)) => Some(found),
            _ => None,
        }
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
        match self.parsed(self.entries.get(entry)?) {
            Some(Parsed::Structure(found)) => Some(found),
            _ => None,
        }
    }

    pub(super) fn value_set(&self, entry: usize) -> Option<&ValueSet> {
        match self.parsed(self.entries.get(entry)?) {
            Some(Parsed::ValueSet(found)) => Some(found),
            _ => None,
        }
    }

    pub(super) fn code_system(&self, entry: usize) -> Option<&CodeSystem> {
        match self.parsed(self.entries.get(entry)?) {
            Some(Parsed::CodeSystem(found)) => Some(found),
            _ => None,
        }
    }

    pub(super) fn resource(&self, entry: usize) -> Option<&Element> {
        match self.parsed(self.entries.get(entry)?) {
            Some(Parsed::Resource(found)) => Some(found),
            _ => None,
        }
    }

    fn of_kind(&self, kind: DefinitionKind) -> impl Iterator<Item = &Entry> {
        let start = self.entries.partition_point(|entry| entry.kind < kind);
        self.entries[start..].iter().take_while(move |entry| entry.kind == kind)
    }

    fn parsed<'a>(&'a self, entry: &'a Entry) -> Option<&'a Parsed> {
        entry.parsed.get_or_init(|| self.read(entry)).as_ref()
    }

    /// A file that was opened holds what the compiler could read, so this fails only when it is damaged.
    fn read(&self, entry: &Entry) -> Option<Parsed> {
        let Body::Member(location) = entry.body else { return None };
        let members = self.members.as_ref()?;
        if entry.kind == DefinitionKind::StructureDefinition {
            return members.structure(location).map(|found| Parsed::Structure(Box::new(found)));
        }
        let text = members.text(location)?;
        let (resource, _) = json::parse(text).ok()?;
        parse(entry.kind, &resource).ok()
    }
}

impl Entry {
    pub(super) fn in_member(
        kind: DefinitionKind,
        url: Box<str>,
        version: Option<Box<str>>,
        location: Location,
    ) -> Entry {
        Entry { kind, url, version, body: Body::Member(location), parsed: OnceLock::new() }
    }

    pub(super) fn key(&self) -> (DefinitionKind, &str, Option<&str>) {
        (self.kind, &self.url, self.version.as_deref())
    }
}

/// URL and version that the definition is found by. A Questionnaire without URL has its relative reference, which
/// STU3 uses; R4's v2 tables write the version in the URL (`…/v2-0006|2.1`).
pub(super) fn canonical(kind: DefinitionKind, resource: &Element) -> Option<(Box<str>, Option<Box<str>>)> {
    let version = resource.text("version").map(Into::into);
    match (resource.text("url"), resource.text("id")) {
        (Some(url), _) => Some(match url.split_once('|') {
            Some((url, version)) => (url.into(), Some(version.into())),
            None => (url.into(), version),
        }),
        (None, Some(id)) if kind == DefinitionKind::Questionnaire => {
            Some((format!("Questionnaire/{id}").into(), version))
        }
        _ => None,
    }
}

/// Reads a definition of this kind.
pub(super) fn parse(kind: DefinitionKind, resource: &Element) -> Result<Parsed, DefinitionError> {
    Ok(match kind {
        DefinitionKind::StructureDefinition => Parsed::Structure(Box::new(StructureDefinition::read(resource)?)),
        DefinitionKind::ValueSet => Parsed::ValueSet(Box::new(ValueSet::read(resource)?)),
        DefinitionKind::CodeSystem => Parsed::CodeSystem(Box::new(CodeSystem::read(resource)?)),
        DefinitionKind::SearchParameter => Parsed::Search(Box::new(SearchParameter::read(resource)?)),
        DefinitionKind::Questionnaire => Parsed::Resource(Box::new(resource.clone())),
    })
}

/// Kind, then URL, then the newest version first: numbers as numbers, no version last.
pub(super) fn index_order(
    a: (DefinitionKind, &str, Option<&str>),
    b: (DefinitionKind, &str, Option<&str>),
) -> Ordering {
    (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| version_key(b.2).cmp(&version_key(a.2)))
}

/// As in semantic versioning: `1.0.0-beta` comes before `1.0.0`, that before `1.0.0.1`.
fn version_key(version: Option<&str>) -> Vec<(u8, u64, &str)> {
    let parts = version.unwrap_or_default().split(['.', '-', '+']).filter(|part| !part.is_empty());
    let key = parts.map(|part| match part.parse() {
        Ok(number) => (2, number, ""),
        Err(_) => (0, 0, part),
    });
    key.chain([(1, 0, "")]).collect()
}

fn starts_version(found: &str, version: &str) -> bool {
    found.strip_prefix(version).is_some_and(|rest| rest.starts_with('.'))
}
