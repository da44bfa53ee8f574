//! Makes value sets, code systems and search parameters from resources of STU3 or R4.
//!
//! Reads only what the types in `terminology.rs` hold; decides nothing about membership.

use crate::fhir::definitions::read::DefinitionError;
use crate::fhir::definitions::read::extension_value;
use crate::fhir::definitions::read::optional;
use crate::fhir::definitions::read::required;
use crate::fhir::definitions::read::texts;
use crate::fhir::definitions::read::unknown;
use crate::fhir::definitions::terminology::CodeSystem;
use crate::fhir::definitions::terminology::CodeSystemContent;
use crate::fhir::definitions::terminology::Concept;
use crate::fhir::definitions::terminology::ConceptSet;
use crate::fhir::definitions::terminology::ExpandedCode;
use crate::fhir::definitions::terminology::Expansion;
use crate::fhir::definitions::terminology::Filter;
use crate::fhir::definitions::terminology::ListedConcept;
use crate::fhir::definitions::terminology::SearchParameter;
use crate::fhir::definitions::terminology::ValueSet;
use crate::fhir::element::Element;

impl ValueSet {
    /// Reads a ValueSet of STU3 or R4.
    pub fn read(resource: &Element) -> Result<ValueSet, DefinitionError> {
        let compose = resource.child("compose");
        let sets = |part: &'static str| -> Vec<ConceptSet> {
            compose.into_iter().flat_map(|compose| compose.all(part)).map(read_concept_set).collect()
        };
        Ok(ValueSet {
            url: required(resource, "url")?.into(),
            version: optional(resource, "version"),
            name: optional(resource, "name"),
            includes: sets("include"),
            excludes: sets("exclude"),
            inactive: compose.and_then(|compose| compose.text("inactive")).map(|text| text == "true"),
            expansion: resource.child("expansion").map(read_expansion),
        })
    }
}

impl CodeSystem {
    /// Reads a CodeSystem of STU3 or R4.
    pub fn read(resource: &Element) -> Result<CodeSystem, DefinitionError> {
        let content = match required(resource, "content")? {
            "not-present" => CodeSystemContent::NotPresent,
            "example" => CodeSystemContent::Example,
            "fragment" => CodeSystemContent::Fragment,
            "complete" => CodeSystemContent::Complete,
            "supplement" => CodeSystemContent::Supplement,
            other => return Err(unknown(resource, "content", other)),
        };
        let mut concepts = Vec::new();
        read_concepts(resource, &mut concepts);
        let url = required(resource, "url")?;
        // R4's v2 tables: `http://terminology.hl7.org/CodeSystem/v2-0006|2.1`.
        let (url, version_in_url) = url.split_once('|').map_or((url, None), |(url, version)| (url, Some(version)));
        Ok(CodeSystem {
            url: url.into(),
            version: version_in_url.map_or_else(|| optional(resource, "version"), |version| Some(version.into())),
            name: optional(resource, "name"),
            case_sensitive: resource.text("caseSensitive").map(|text| text == "true"),
            content,
            value_set: optional(resource, "valueSet"),
            supplements: optional(resource, "supplements"),
            concepts,
        })
    }
}

impl SearchParameter {
    /// Reads a SearchParameter of STU3 or R4.
    pub fn read(resource: &Element) -> Result<SearchParameter, DefinitionError> {
        Ok(SearchParameter {
            url: required(resource, "url")?.into(),
            code: required(resource, "code")?.into(),
            base: texts(resource, "base"),
            kind: required(resource, "type")?.into(),
            expression: optional(resource, "expression"),
            targets: texts(resource, "target"),
        })
    }
}

fn read_concept_set(element: &Element) -> ConceptSet {
    let concepts = element
        .all("concept")
        .filter_map(|concept| {
            let (code, display) = (concept.text("code")?.into(), optional(concept, "display"));
            Some(ListedConcept { code, display, designations: designations(concept) })
        })
        .collect();
    let filters = element
        .all("filter")
        .map(|filter| {
            let part = |name: &str| filter.text(name).unwrap_or_default().into();
            Filter { property: part("property"), op: part("op"), value: part("value") }
        })
        .collect();
    ConceptSet {
        system: optional(element, "system"),
        version: optional(element, "version"),
        concepts,
        filters,
        value_sets: texts(element, "valueSet"),
    }
}

fn read_expansion(element: &Element) -> Expansion {
    let mut expansion = Expansion { codes: Vec::new(), complete: true };
    let mut entries = 0u32;
    let mut open: Vec<&Element> = vec![element];
    while let Some(parent) = open.pop() {
        for contains in parent.all("contains") {
            entries += 1;
            open.push(contains);
            let is_abstract = contains.text("abstract") == Some("true");
            if let (Some(system), Some(code), false) = (contains.text("system"), contains.text("code"), is_abstract) {
                let display = optional(contains, "display");
                let designations = designations(contains);
                expansion.codes.push(ExpandedCode { system: system.into(), code: code.into(), display, designations });
            }
        }
    }
    let total = element.text("total").and_then(|total| total.parse::<u32>().ok());
    let closed_early = [
        "http://hl7.org/fhir/StructureDefinition/valueset-toocostly",
        "http://hl7.org/fhir/StructureDefinition/valueset-unclosed",
    ]
    .iter()
    .any(|url| extension_value(element, url) == Some("true"));
    let limited = element.all("parameter").any(|parameter| {
        parameter.text("name") == Some("limitedExpansion") && parameter.text("valueBoolean") != Some("false")
    });
    // A page, of which the first has no offset or 0.
    let paged = element.text("offset").is_some_and(|offset| offset != "0")
        || element.all("parameter").any(|parameter| {
            let asked = |name: &str| parameter.text("name") == Some(name);
            asked("count") || (asked("offset") && parameter.text("valueInteger") != Some("0"))
        }) && total.is_none();
    expansion.complete = !closed_early && !limited && !paged && total.is_none_or(|total| total <= entries);
    expansion
}

fn designations(element: &Element) -> Vec<Box<str>> {
    element.all("designation").filter_map(|designation| optional(designation, "value")).collect()
}

/// Flattens the tree of concepts; a child comes somewhere after its parent.
fn read_concepts(resource: &Element, concepts: &mut Vec<Concept>) {
    let mut open: Vec<(&Element, Option<u32>)> = vec![(resource, None)];
    while let Some((element, parent)) = open.pop() {
        for concept in element.all("concept") {
            let Some(code) = concept.text("code") else { continue };
            let properties = concept
                .all("property")
                .filter_map(|property| {
                    let value = property.children.iter().find(|child| child.name.starts_with("value"))?;
                    let value = value.as_text().or_else(|| value.text("code"))?;
                    Some((property.text("code")?.into(), value.into()))
                })
                .collect();
            open.push((concept, u32::try_from(concepts.len()).ok()));
            concepts.push(Concept {
                code: code.into(),
                display: optional(concept, "display"),
                designations: designations(concept),
                parent,
                properties,
            });
        }
    }
}
