//! `_include`: the resources that matches refer to.

use std::collections::HashSet;

use crate::fhir::element::Element;
use crate::fhir::search::SearchError;
use crate::fhir::search::Store;
use crate::fhir::search::parameter::Kind;
use crate::fhir::search::query::Parameter;
use crate::fhir::search::values;

/// `_include=Type:code:Target`
pub(crate) struct Include {
    source: String,
    code: String,
    target: Option<String>,
    /// Whether it also applies to what was included.
    recurses: bool,
}

/// Reads the value of an `_include`.
pub(crate) fn parse(parameter: &Parameter) -> Result<Include, SearchError> {
    let recurses = match parameter.modifier() {
        None => false,
        // STU3 says `recurse`, R4 `iterate`.
        Some("recurse" | "iterate") => true,
        Some(other) => {
            return Err(SearchError::Modifier { parameter: "_include".to_owned(), modifier: other.to_owned() });
        }
    };
    let mut parts = parameter.value.split(':').map(str::to_owned);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(source), Some(code), target, None) if !source.is_empty() && !code.is_empty() => {
            Ok(Include { source, code, target, recurses })
        }
        _ => Err(SearchError::Value {
            parameter: parameter.name.clone(),
            value: parameter.value.clone(),
            expected: "`Type:parameter` or `Type:parameter:Target`",
        }),
    }
}

impl Store<'_> {
    /// Whether the parameter exists and is a reference.
    pub(super) fn knows_include(&self, include: &Include) -> bool {
        self.definition(&include.source, &include.code).is_some_and(|definition| definition.kind == Kind::Reference)
    }

    /// What the matches refer to by these parameters, each once and without the matches themselves.
    pub(super) fn include<'s>(
        &'s self,
        matches: &[&'s Element],
        includes: &[Include],
    ) -> Result<Vec<&'s Element>, SearchError> {
        let mut seen: HashSet<*const Element> = matches.iter().map(|resource| std::ptr::from_ref(*resource)).collect();
        let mut included: Vec<&'s Element> = Vec::new();
        for resource in matches {
            for include in includes {
                self.follow(resource, include, &mut seen, &mut included)?;
            }
        }
        // What is added here is looked at as well, so this ends when nothing new is found.
        let mut at = 0;
        while let Some(resource) = included.get(at).copied() {
            for include in includes.iter().filter(|include| include.recurses) {
                self.follow(resource, include, &mut seen, &mut included)?;
            }
            at += 1;
        }
        Ok(included)
    }

    fn follow<'s>(
        &'s self,
        resource: &'s Element,
        include: &Include,
        seen: &mut HashSet<*const Element>,
        included: &mut Vec<&'s Element>,
    ) -> Result<(), SearchError> {
        if resource.resource_type.as_deref() != Some(&*include.source) {
            return Ok(());
        }
        let Some(definition) = self.definition(&include.source, &include.code) else { return Ok(()) };
        let references: Vec<String> = definition.elements(resource, self.definitions(), |nodes| {
            nodes.iter().filter_map(|node| values::reference(*node)).map(str::to_owned).collect()
        })?;
        for reference in references.iter().filter(|reference| !reference.starts_with('#')) {
            let Some(target) = self.resolve(resource, reference) else { continue };
            let is_wanted = include.target.as_deref().is_none_or(|kind| target.resource_type.as_deref() == Some(kind));
            if is_wanted && seen.insert(std::ptr::from_ref(target)) {
                included.push(target);
            }
        }
        Ok(())
    }
}
