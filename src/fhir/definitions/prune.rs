//! Takes from a conformance resource the facts that judging needs, and leaves prose, mappings and narrative behind.
//!
//! What is kept is named here; anything else goes. The result is a smaller resource of the same FHIR version.

use crate::fhir::definitions::DefinitionKind;
use crate::fhir::definitions::read::element_type;
use crate::fhir::element::Element;

/// Code systems whose displays we may not carry (IHTSDO and Regenstrief licences).
const LICENSED: &[&str] = &["http://snomed.info/sct", "http://loinc.org"];

/// Extensions that hold facts, by the end of their URL.
const FACTS: &[&str] = &[
    "/elementdefinition-bestpractice",
    "/elementdefinition-maxValueSet",
    "/elementdefinition-minValueSet",
    "/regex",
    "/structuredefinition-fhir-type",
    "/structuredefinition-json-type",
    "/structuredefinition-regex",
    "/structuredefinition-xml-type",
    "/valueset-toocostly",
    "/valueset-unclosed",
];

/// The facts of a definition.
pub(super) fn prune(kind: DefinitionKind, resource: &Element) -> Element {
    match kind {
        DefinitionKind::StructureDefinition => structure(resource),
        DefinitionKind::ValueSet => value_set(resource),
        DefinitionKind::CodeSystem => code_system(resource),
        DefinitionKind::SearchParameter => {
            keep(resource, &["url", "version", "code", "base", "type", "expression", "target"])
        }
        DefinitionKind::Questionnaire => without(resource, &["text", "meta"]),
    }
}

fn structure(resource: &Element) -> Element {
    let mut pruned = keep(
        resource,
        &[
            "url",
            "version",
            "name",
            "fhirVersion",
            "kind",
            "abstract",
            "contextType",
            "context",
            "contextInvariant",
            "type",
            "baseDefinition",
            "derivation",
        ],
    );
    let list = resource.child("snapshot").or_else(|| resource.child("differential"));
    if let Some(list) = list {
        let is_snapshot = &*list.name == "snapshot";
        let elements = list.all("element").map(|element| element_definition(element, is_snapshot)).collect();
        pruned.children.push(Element { children: elements, ..copy(list) });
    }
    pruned
}

fn element_definition(element: &Element, is_snapshot: bool) -> Element {
    let mut children = Vec::new();
    for child in &element.children {
        children.push(match &*child.name {
            "id" if child.as_text() == element.text("path") => continue,
            "id" | "path" | "sliceName" | "min" | "max" | "maxLength" | "contentReference" | "representation" => {
                child.clone()
            }
            "extension" if is_told_by_element(child) => child.clone(),
            "isModifier" | "mustSupport" if is_snapshot && child.as_text() != Some("true") => continue,
            "isModifier" | "mustSupport" => child.clone(),
            "type" => {
                let mut kept = keep(child, &["code", "profile", "targetProfile", "aggregation", "extension"]);
                kept.children.iter_mut().for_each(keep_fact_extensions);
                kept.children.retain(|part| &*part.name != "extension" || is_fact(part));
                settle_fhir_type(&mut kept, element.text("path").unwrap_or_default());
                kept
            }
            "slicing" => keep(child, &["discriminator", "rules", "ordered"]),
            "binding" => binding(child),
            "constraint" => {
                let mut kept = keep(child, &["key", "severity", "expression", "source", "extension"]);
                kept.children.retain(|part| &*part.name != "extension" || is_fact(part));
                kept
            }
            name if ["fixed", "pattern", "minValue", "maxValue"].iter().any(|prefix| name.starts_with(prefix)) => {
                child.clone()
            }
            _ => continue,
        });
    }
    Element { children, ..copy(element) }
}

/// R4 gives ids and urls a FHIRPath type and says their FHIR type in an extension. What that comes to depends on the path, so
/// it is settled here: afterwards equal types mean the same wherever they stand.
fn settle_fhir_type(kind: &mut Element, path: &str) {
    let tells = |part: &Element| part.text("url").is_some_and(|url| url.ends_with("/structuredefinition-fhir-type"));
    let read = element_type(path, kind).ok();
    let code = kind.children.iter_mut().find(|part| &*part.name == "code");
    if let Some(read) = read
        && let Some(code) = code
        && let Some(value) = &mut code.value
    {
        value.text = read.code;
        code.children.retain(|part| !tells(part));
        kind.children.retain(|part| !tells(part));
    }
}

/// Whether it is a fact that an element tells by an extension of its own: what may stand instead of a value, and what
/// the parts of a narrative must tell.
fn is_told_by_element(extension: &Element) -> bool {
    const FACTS: &[&str] =
        &["/extension-ElementDefinition.valueAlternatives", "/narrative-language-control", "/narrative-source-control"];
    extension.text("url").is_some_and(|url| FACTS.iter().any(|fact| url.ends_with(fact)))
}

fn binding(element: &Element) -> Element {
    let mut kept = keep(element, &["strength", "valueSet", "valueSetUri", "valueSetReference", "extension"]);
    kept.children.retain(|part| &*part.name != "extension" || is_fact(part));
    for part in &mut kept.children {
        match &*part.name {
            "valueSetReference" => part.children.retain(|child| &*child.name == "reference"),
            "extension" => {}
            // Alternatives to the value set of STU3 are prose.
            _ => part.children.clear(),
        }
    }
    kept
}

fn value_set(resource: &Element) -> Element {
    let mut pruned = keep(resource, &["url", "version", "name", "compose", "expansion"]);
    for part in &mut pruned.children {
        match &*part.name {
            "compose" => {
                part.children.retain(|child| match &*child.name {
                    "include" | "exclude" => true,
                    "inactive" => child.as_text() == Some("false"),
                    _ => false,
                });
                for set in part.children.iter_mut().filter(|child| &*child.name != "inactive") {
                    *set = keep(set, &["system", "version", "concept", "filter", "valueSet"]);
                    for concept in set.children.iter_mut().filter(|child| &*child.name == "concept") {
                        *concept = keep(concept, &["code"]);
                    }
                    for value_set in set.children.iter_mut().filter(|child| &*child.name == "valueSet") {
                        value_set.children.clear();
                    }
                }
            }
            "expansion" => {
                part.children.retain(|child| match &*child.name {
                    "total" | "contains" => true,
                    "parameter" => child.text("name") == Some("limitedExpansion"),
                    "extension" => is_fact(child),
                    _ => false,
                });
                contains(part);
            }
            _ => {}
        }
    }
    pruned
}

fn contains(element: &mut Element) {
    for child in element.children.iter_mut().filter(|child| &*child.name == "contains") {
        child.children.retain(|part| matches!(&*part.name, "system" | "code" | "abstract" | "contains"));
        contains(child);
    }
}

fn code_system(resource: &Element) -> Element {
    let mut pruned =
        keep(resource, &["url", "version", "name", "caseSensitive", "content", "valueSet", "supplements", "concept"]);
    let is_licensed = resource.text("url").is_some_and(|url| LICENSED.contains(&url));
    concepts(&mut pruned, is_licensed);
    pruned
}

fn concepts(element: &mut Element, is_licensed: bool) {
    for concept in element.children.iter_mut().filter(|child| &*child.name == "concept") {
        concept.children.retain(|part| match &*part.name {
            "code" | "concept" => true,
            "property" => part.text("code").is_some_and(|code| !is_prose(code)),
            "display" | "designation" => !is_licensed,
            _ => false,
        });
        for part in &mut concept.children {
            match &*part.name {
                "code" | "display" => part.children.clear(),
                "designation" => *part = keep(part, &["value"]),
                _ => {}
            }
        }
        concepts(concept, is_licensed);
    }
}

/// Concept properties that hold text for people.
fn is_prose(property: &str) -> bool {
    matches!(
        property,
        "comments"
            | "comment"
            | "v2-concComment"
            | "v2-concCommentAsPub"
            | "HL7usageNotes"
            | "openIssue"
            | "synonymCode"
    )
}

fn keep(element: &Element, names: &[&str]) -> Element {
    let children = element.children.iter().filter(|child| names.contains(&&*child.name)).cloned().collect();
    Element { children, ..copy(element) }
}

fn without(element: &Element, names: &[&str]) -> Element {
    let children = element.children.iter().filter(|child| !names.contains(&&*child.name)).cloned().collect();
    Element { children, ..copy(element) }
}

/// The element without its children.
fn copy(element: &Element) -> Element {
    Element {
        name: element.name.clone(),
        resource_type: element.resource_type.clone(),
        value: element.value.clone(),
        children: Vec::new(),
        index: element.index,
        span: element.span,
    }
}

fn keep_fact_extensions(element: &mut Element) {
    if &*element.name != "extension" {
        element.children.retain(is_fact);
    }
}

fn is_fact(extension: &Element) -> bool {
    &*extension.name == "extension"
        && extension.text("url").is_some_and(|url| FACTS.iter().any(|ending| url.ends_with(ending)))
}
