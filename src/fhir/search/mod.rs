//! FHIR search over resources in memory: what a server answers to a query.
//!
//! Knows search parameters only from the definitions; knows no patient, token or HTTP. Reads everything at every query: a
//! record of one patient is small. Entry points: [`Store::search`] and [`Store::last_n`] with [`query::parse`].

pub mod query;

mod include;
mod last_n;
mod matching;
mod parameter;
mod values;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

use crate::fhir::definitions::DefinitionSet;
use crate::fhir::element::Element;
use crate::fhir::search::parameter::Definition;
use crate::fhir::search::query::Parameter;

/// Which resources a search may find; those that are only included need not pass.
pub type Within<'w> = &'w dyn Fn(&Element) -> bool;

/// Resources to search in.
pub struct Store<'d> {
    definitions: &'d DefinitionSet,
    resources: Vec<Element>,
    /// Positions by type, in the order given.
    by_type: HashMap<Box<str>, Vec<usize>>,
    /// Positions by `Type/id`.
    by_id: HashMap<Box<str>, usize>,
    /// Parameters by type and code; parsed when first asked for, `None` when there is no such parameter.
    parameters: RwLock<HashMap<ParameterKey, Option<Arc<Definition>>>>,
}

/// Resource type and code.
type ParameterKey = (Box<str>, Box<str>);

/// What a search found.
#[derive(Debug)]
pub struct SearchResult<'s> {
    /// The resources that match, in the order of the store.
    pub matches: Vec<&'s Element>,
    /// The resources that `_include` adds, each once.
    pub included: Vec<&'s Element>,
    /// The parameters that took part, as they were written: the self link names these.
    pub used: Vec<Parameter>,
    /// The parameters that are unknown here and were left out.
    pub unknown: Vec<Parameter>,
    /// `_count`, for whoever makes the pages.
    pub count: Option<usize>,
}

/// Why a search cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchError {
    /// A value that its kind of parameter cannot have.
    Value { parameter: String, value: String, expected: &'static str },
    /// A modifier that this kind of parameter does not have, or that is not supported.
    Modifier { parameter: String, modifier: String },
    /// A chain through a parameter that is no reference.
    Chain { parameter: String },
    /// The expression of a search parameter cannot be evaluated on a resource.
    Expression { parameter: String, reason: String },
}

impl fmt::Display for SearchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SearchError::Value { parameter, value, expected } => {
                write!(f, "the value `{value}` of `{parameter}` is not {expected}")
            }
            SearchError::Modifier { parameter, modifier } => {
                write!(f, "the modifier `:{modifier}` of `{parameter}` is not supported; leave it out")
            }
            SearchError::Chain { parameter } => {
                write!(f, "`{parameter}` is no reference; only references can be chained")
            }
            SearchError::Expression { parameter, reason } => {
                write!(f, "the search parameter `{parameter}` cannot be evaluated: {reason}")
            }
        }
    }
}

impl std::error::Error for SearchError {}

impl<'d> Store<'d> {
    /// A store of these resources. Of two with the same type and id the first counts.
    pub fn new(resources: Vec<Element>, definitions: &'d DefinitionSet) -> Store<'d> {
        let mut by_type: HashMap<Box<str>, Vec<usize>> = HashMap::new();
        let mut by_id = HashMap::new();
        for (position, resource) in resources.iter().enumerate() {
            let Some(kind) = resource.resource_type.as_deref() else { continue };
            if let Some(id) = resource.text("id") {
                let key: Box<str> = format!("{kind}/{id}").into();
                if by_id.contains_key(&key) {
                    continue;
                }
                by_id.insert(key, position);
            }
            by_type.entry(kind.into()).or_default().push(position);
        }
        Store { definitions, resources, by_type, by_id, parameters: RwLock::default() }
    }

    /// The definitions it searches by.
    pub fn definitions(&self) -> &'d DefinitionSet {
        self.definitions
    }

    /// All resources, in the order given.
    pub fn resources(&self) -> &[Element] {
        &self.resources
    }

    /// The resource with this type and id.
    pub fn read(&self, resource_type: &str, id: &str) -> Option<&Element> {
        let position = self.by_id.get(format!("{resource_type}/{id}").as_str())?;
        self.resources.get(*position)
    }

    /// The resources of a type that meet all parameters.
    ///
    /// # Errors
    /// A value, modifier or chain that a parameter cannot have. Unknown parameters are no error but reported back.
    pub fn search(
        &self,
        resource_type: &str,
        parameters: &[Parameter],
        within: Option<Within<'_>>,
    ) -> Result<SearchResult<'_>, SearchError> {
        let mut found = SearchResult {
            matches: self
                .of_type(resource_type)
                .filter(|resource| within.is_none_or(|within| within(resource)))
                .collect(),
            included: Vec::new(),
            used: Vec::new(),
            unknown: Vec::new(),
            count: None,
        };
        let mut includes = Vec::new();
        for parameter in parameters {
            let known = match parameter.code() {
                "_include" => {
                    let include = include::parse(parameter)?;
                    let known = self.knows_include(&include);
                    includes.extend(known.then_some(include));
                    known
                }
                "_count" => {
                    found.count = Some(count_of(parameter)?);
                    true
                }
                // What the answer looks like is not the search's.
                "_format" | "_pretty" => true,
                _ => self.narrow(resource_type, parameter, &mut found.matches)?,
            };
            if known { found.used.push(parameter.clone()) } else { found.unknown.push(parameter.clone()) }
        }
        found.included = self.include(&found.matches, &includes)?;
        Ok(found)
    }

    fn of_type(&self, resource_type: &str) -> impl Iterator<Item = &Element> {
        let positions = self.by_type.get(resource_type).map_or(&[][..], Vec::as_slice);
        positions.iter().filter_map(|position| self.resources.get(*position))
    }

    /// Keeps the resources that meet a parameter; false when there is no such parameter.
    fn narrow(
        &self,
        resource_type: &str,
        parameter: &Parameter,
        matches: &mut Vec<&Element>,
    ) -> Result<bool, SearchError> {
        let Some(condition) = self.condition(resource_type, parameter)? else { return Ok(false) };
        let mut failure = None;
        matches.retain(|resource| match condition.holds(self, resource) {
            Ok(holds) => holds,
            Err(error) => {
                failure = Some(error);
                false
            }
        });
        failure.map_or(Ok(true), Err)
    }

    /// The definition of a parameter on a type.
    fn definition(&self, resource_type: &str, code: &str) -> Option<Arc<Definition>> {
        let key = (resource_type.into(), code.into());
        if let Some(known) = self.parameters.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.clone();
        }
        let definition = self
            .definitions
            .search_parameter(resource_type, code)
            .and_then(|parameter| Definition::new(parameter, resource_type, self.definitions))
            .map(Arc::new);
        self.parameters.write().unwrap_or_else(PoisonError::into_inner).insert(key, definition.clone());
        definition
    }

    /// The resource that a reference in another one means: contained in it, or of this store.
    fn resolve<'s>(&'s self, from: &'s Element, reference: &str) -> Option<&'s Element> {
        if let Some(id) = reference.strip_prefix('#') {
            let mut contained = from.children.iter().filter(|child| &*child.name == "contained");
            return contained.find(|resource| resource.text("id") == Some(id));
        }
        let (kind, id) = values::type_and_id(reference)?;
        self.read(kind, id)
    }
}

fn count_of(parameter: &Parameter) -> Result<usize, SearchError> {
    parameter.value.parse().map_err(|_| SearchError::Value {
        parameter: parameter.name.clone(),
        value: parameter.value.clone(),
        expected: "a whole number from 0",
    })
}

/// Whether a resource is this one (`Patient/1`) or refers to it anywhere.
pub fn concerns(resource: &Element, kind: &str, id: &str) -> bool {
    let is_it = resource.resource_type.as_deref() == Some(kind) && resource.text("id") == Some(id);
    is_it || refers_to(resource, kind, id)
}

fn refers_to(element: &Element, kind: &str, id: &str) -> bool {
    element.children.iter().any(|child| {
        (&*child.name == "reference" && child.as_text().and_then(values::type_and_id) == Some((kind, id)))
            || refers_to(child, kind, id)
    })
}

#[cfg(test)]
mod tests;
