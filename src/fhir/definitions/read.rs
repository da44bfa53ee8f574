//! Makes structure definitions from resources, and removes here, once, what differs between STU3 and R4.
//!
//! STU3 repeats a type for each target profile, names value sets in `valueSetUri` or `valueSetReference`, gives the
//! types of primitive values as extensions and has another form of extension context. Afterwards nobody need know.
//! Reads only what the types in `structure.rs` hold.

use std::error::Error;
use std::fmt;

use crate::fhir::definitions::structure::Aggregation;
use crate::fhir::definitions::structure::Binding;
use crate::fhir::definitions::structure::BindingStrength;
use crate::fhir::definitions::structure::Constraint;
use crate::fhir::definitions::structure::ConstraintSeverity;
use crate::fhir::definitions::structure::ContextKind;
use crate::fhir::definitions::structure::Derivation;
use crate::fhir::definitions::structure::Discriminator;
use crate::fhir::definitions::structure::DiscriminatorKind;
use crate::fhir::definitions::structure::ElementDefinition;
use crate::fhir::definitions::structure::ElementType;
use crate::fhir::definitions::structure::ExtensionContext;
use crate::fhir::definitions::structure::Max;
use crate::fhir::definitions::structure::Representation;
use crate::fhir::definitions::structure::Slicing;
use crate::fhir::definitions::structure::SlicingRules;
use crate::fhir::definitions::structure::StructureDefinition;
use crate::fhir::definitions::structure::StructureKind;
use crate::fhir::definitions::structure::TypedValue;
use crate::fhir::element::Element;

/// What R5 calls `ElementDefinition.valueAlternatives`, as older versions write it (R5, versions.html#extensions).
const VALUE_ALTERNATIVES: &str =
    "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.valueAlternatives";

/// Which sections by language a narrative must have.
const NARRATIVE_LANGUAGE: &str = "http://hl7.org/fhir/StructureDefinition/narrative-language-control";

/// How bad text of a narrative is that does not tell its source.
const NARRATIVE_SOURCE: &str = "http://hl7.org/fhir/StructureDefinition/narrative-source-control";

/// Why a resource is no usable definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefinitionError {
    /// An element that we cannot do without is absent.
    Missing {
        /// FHIRPath of the element.
        place: String,
    },
    /// An element has a code that FHIR does not define there.
    UnknownCode {
        /// FHIRPath of the element.
        place: String,
        /// What stood there.
        code: String,
    },
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DefinitionError::Missing { place } => write!(f, "the definition lacks `{place}`; add it"),
            DefinitionError::UnknownCode { place, code } => {
                write!(f, "`{place}` is `{code}`, which FHIR does not define there; use one of its codes")
            }
        }
    }
}

impl Error for DefinitionError {}

impl StructureDefinition {
    /// Reads a StructureDefinition of STU3 or R4.
    pub fn read(resource: &Element) -> Result<StructureDefinition, DefinitionError> {
        let kind = match required(resource, "kind")? {
            "primitive-type" => StructureKind::PrimitiveType,
            "complex-type" => StructureKind::ComplexType,
            "resource" => StructureKind::Resource,
            "logical" => StructureKind::Logical,
            other => return Err(unknown(resource, "kind", other)),
        };
        let derivation = match resource.text("derivation") {
            None | Some("specialization") => Derivation::Specialization,
            Some("constraint") => Derivation::Constraint,
            Some(other) => return Err(unknown(resource, "derivation", other)),
        };
        let elements = |list: &str| -> Result<Vec<ElementDefinition>, DefinitionError> {
            let Some(list) = resource.child(list) else { return Ok(Vec::new()) };
            list.all("element").map(read_element).collect()
        };
        Ok(StructureDefinition {
            url: required(resource, "url")?.into(),
            version: optional(resource, "version"),
            name: resource.text("name").unwrap_or_default().into(),
            fhir_version: optional(resource, "fhirVersion"),
            kind,
            is_abstract: resource.text("abstract") == Some("true"),
            type_name: required(resource, "type")?.into(),
            base: optional(resource, "baseDefinition"),
            derivation,
            contexts: read_contexts(resource)?,
            context_invariants: texts(resource, "contextInvariant"),
            snapshot: elements("snapshot")?,
            differential: elements("differential")?,
        })
    }
}

/// R4 gives each context its kind; STU3 gives one kind for all.
fn read_contexts(resource: &Element) -> Result<Vec<ExtensionContext>, DefinitionError> {
    let stu3_kind = resource.text("contextType");
    resource
        .all("context")
        .map(|context| {
            let kind = match context.text("type").or(stu3_kind) {
                Some("element" | "resource" | "datatype") => ContextKind::Element,
                Some("extension") => ContextKind::Extension,
                Some("fhirpath") => ContextKind::FhirPath,
                Some(other) => return Err(unknown(resource, "context.type", other)),
                None => return Err(missing(resource, "context.type")),
            };
            let expression = match context.as_text() {
                Some(text) => text,
                None => required(context, "expression")?,
            };
            // STU3 wrote `*` for any element.
            let expression = if expression == "*" && kind == ContextKind::Element { "Element" } else { expression };
            Ok(ExtensionContext { kind, expression: expression.into() })
        })
        .collect()
}

fn read_element(element: &Element) -> Result<ElementDefinition, DefinitionError> {
    let path = required(element, "path")?;
    let id = element.text("id").unwrap_or_default().into();
    Ok(ElementDefinition { id, path: path.into(), ..read_facts(path, element)? })
}

/// Reads what an element says beside its path and id.
pub(super) fn read_facts(path: &str, element: &Element) -> Result<ElementDefinition, DefinitionError> {
    let (mut types, mut constraints) = (Vec::new(), Vec::new());
    let mut definition = ElementDefinition {
        slice_name: optional(element, "sliceName"),
        min: number(element, "min")?,
        max: match element.text("max") {
            None => None,
            Some("*") => Some(Max::Many),
            Some(_) => number(element, "max")?.map(Max::Count),
        },
        is_modifier: flag(element, "isModifier"),
        must_support: flag(element, "mustSupport"),
        max_length: number(element, "maxLength")?,
        content_reference: element
            .text("contentReference")
            .map(|text| text.rsplit_once('#').map_or(text, |(_, id)| id).into()),
        ..ElementDefinition::default()
    };
    for child in &element.children {
        match &*child.name {
            "type" => add_type(&mut types, element_type(path, child)?),
            "slicing" => definition.slicing = Some(read_slicing(child)?),
            "binding" => definition.binding = Some(read_binding(child)?),
            "constraint" => constraints.push(read_constraint(child)?),
            "extension" => read_extension(&mut definition, child),
            "representation" => match child.as_text() {
                Some("xmlAttr") => definition.representation = Representation::Attribute,
                Some("xhtml") => definition.representation = Representation::Xhtml,
                // `xmlText`, `typeAttr` and `cdaText` are for CDA only.
                _ => {}
            },
            name => {
                let slot = if let Some(kind) = name.strip_prefix("fixed") {
                    Some((&mut definition.fixed, kind))
                } else if let Some(kind) = name.strip_prefix("pattern") {
                    Some((&mut definition.pattern, kind))
                } else if let Some(kind) = name.strip_prefix("minValue") {
                    Some((&mut definition.min_value, kind))
                } else {
                    name.strip_prefix("maxValue").map(|kind| (&mut definition.max_value, kind))
                };
                if let Some((slot, kind)) = slot {
                    *slot = Some(Box::new(TypedValue { kind: type_of_suffix(kind).into(), value: child.clone() }));
                }
            }
        }
    }
    definition.types = types.into();
    definition.constraints = constraints.into();
    Ok(definition)
}

/// Reads what an element tells by an extension of its own; one that says nothing to a validator stays unread.
fn read_extension(definition: &mut ElementDefinition, extension: &Element) {
    let value = extension.children.iter().find(|part| part.name.starts_with("value"));
    let (Some(url), Some(value)) = (extension.text("url"), value.and_then(Element::as_text)) else { return };
    match url {
        VALUE_ALTERNATIVES => definition.value_alternatives.push(value.into()),
        NARRATIVE_LANGUAGE => definition.narrative.get_or_insert_default().languages.push(value.into()),
        NARRATIVE_SOURCE => definition.narrative.get_or_insert_default().source = Some(value.into()),
        _ => {}
    }
}

/// The type that a choice element's suffix names: complex types keep their capital, primitives lose it.
fn type_of_suffix(suffix: &str) -> String {
    const PRIMITIVES: &[&str] = &[
        "base64Binary",
        "boolean",
        "canonical",
        "code",
        "date",
        "dateTime",
        "decimal",
        "id",
        "instant",
        "integer",
        "markdown",
        "oid",
        "positiveInt",
        "string",
        "time",
        "unsignedInt",
        "uri",
        "url",
        "uuid",
    ];
    let primitive = PRIMITIVES.iter().find(|name| name.eq_ignore_ascii_case(suffix));
    primitive.map_or(suffix, |name| name).to_string()
}

const SYSTEM: &str = "http://hl7.org/fhirpath/System.";

/// Reads a `type` of the element with this path.
pub(super) fn element_type(path: &str, element: &Element) -> Result<ElementType, DefinitionError> {
    let code_element = element.child("code");
    // R4 puts these on the type, STU3 on its code.
    let fact =
        |url: &str| extension_value(element, url).or_else(|| code_element.and_then(|code| extension_value(code, url)));
    let written = element.text("code");
    let code: Box<str> = match written {
        Some(code) if code.starts_with(SYSTEM) => {
            // `Patient.id` is a FHIR string (or id); only the `value` of a primitive is a bare System type.
            match fact("http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type") {
                Some(kind) if !path.ends_with(".value") => kind.into(),
                _ => code.into(),
            }
        }
        Some(code) => code.into(),
        None => {
            let json = fact("http://hl7.org/fhir/StructureDefinition/structuredefinition-json-type");
            let xml = fact("http://hl7.org/fhir/StructureDefinition/structuredefinition-xml-type");
            let system = match (json, xml) {
                (Some("boolean"), _) => "Boolean",
                (Some("number"), Some("xsd:decimal")) => "Decimal",
                (Some("number"), _) => "Integer",
                (Some(_), Some("xsd:time")) => "Time",
                (Some(_), Some("xsd:gYear OR xsd:gYearMonth OR xsd:date")) => "Date",
                (Some(_), Some(xml)) if xml.contains("dateTime") => "DateTime",
                (Some(_), _) => "String",
                (None, _) => return Err(missing(element, "code")),
            };
            format!("{SYSTEM}{system}").into()
        }
    };
    let aggregation = element
        .all("aggregation")
        .filter_map(Element::as_text)
        .map(|text| match text {
            "contained" => Ok(Aggregation::Contained),
            "referenced" => Ok(Aggregation::Referenced),
            "bundled" => Ok(Aggregation::Bundled),
            other => Err(unknown(element, "aggregation", other)),
        })
        .collect::<Result<_, _>>()?;
    Ok(ElementType {
        code,
        profiles: texts(element, "profile"),
        target_profiles: texts(element, "targetProfile"),
        aggregation,
        regex: fact("http://hl7.org/fhir/StructureDefinition/structuredefinition-regex")
            .or_else(|| fact("http://hl7.org/fhir/StructureDefinition/regex"))
            .map(Into::into),
    })
}

/// STU3 writes `Reference` once for each target profile and `Extension` once for each profile.
fn add_type(types: &mut Vec<ElementType>, new: ElementType) {
    let same_profiles = types.iter_mut().find(|old| {
        old.code == new.code
            && old.profiles == new.profiles
            && old.target_profiles.is_empty() == new.target_profiles.is_empty()
    });
    if let Some(old) = same_profiles {
        for target in new.target_profiles {
            if !old.target_profiles.contains(&target) {
                old.target_profiles.push(target);
            }
        }
        for place in new.aggregation {
            if !old.aggregation.contains(&place) {
                old.aggregation.push(place);
            }
        }
        return;
    }
    let same_code = types.iter_mut().find(|old| {
        old.code == new.code
            && !old.profiles.is_empty()
            && !new.profiles.is_empty()
            && old.target_profiles == new.target_profiles
            && old.aggregation == new.aggregation
    });
    match same_code {
        Some(old) => old.profiles.extend(new.profiles),
        None => types.push(new),
    }
}

fn read_slicing(element: &Element) -> Result<Slicing, DefinitionError> {
    let discriminators = element
        .all("discriminator")
        .map(|discriminator| {
            let kind = match required(discriminator, "type")? {
                "value" => DiscriminatorKind::Value,
                "pattern" => DiscriminatorKind::Pattern,
                "type" => DiscriminatorKind::Type,
                "profile" => DiscriminatorKind::Profile,
                "exists" => DiscriminatorKind::Exists,
                other => return Err(unknown(discriminator, "type", other)),
            };
            Ok(Discriminator { kind, path: required(discriminator, "path")?.into() })
        })
        .collect::<Result<_, _>>()?;
    let rules = match element.text("rules") {
        Some("closed") => SlicingRules::Closed,
        Some("openAtEnd") => SlicingRules::OpenAtEnd,
        None | Some("open") => SlicingRules::Open,
        Some(other) => return Err(unknown(element, "rules", other)),
    };
    Ok(Slicing { discriminators, rules, ordered: element.text("ordered") == Some("true") })
}

fn read_binding(element: &Element) -> Result<Binding, DefinitionError> {
    const MAX: &str = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet";
    const MIN: &str = "http://hl7.org/fhir/StructureDefinition/elementdefinition-minValueSet";
    // A binding that does not say how strict it is asks nothing.
    let strength = match element.text("strength") {
        Some("required") => BindingStrength::Required,
        Some("extensible") => BindingStrength::Extensible,
        Some("preferred") => BindingStrength::Preferred,
        Some("example") | None => BindingStrength::Example,
        Some(other) => return Err(unknown(element, "strength", other)),
    };
    let value_set = element
        .text("valueSet")
        .or_else(|| element.text("valueSetUri"))
        .or_else(|| element.child("valueSetReference").and_then(|reference| reference.text("reference")));
    Ok(Binding {
        strength,
        value_set: value_set.map(Into::into),
        max_value_set: extension_value(element, MAX).map(Into::into),
        min_value_set: extension_value(element, MIN).map(Into::into),
    })
}

fn read_constraint(element: &Element) -> Result<Constraint, DefinitionError> {
    const BEST_PRACTICE: &str = "http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice";
    let severity = match required(element, "severity")? {
        "error" => ConstraintSeverity::Error,
        "warning" => ConstraintSeverity::Warning,
        other => return Err(unknown(element, "severity", other)),
    };
    Ok(Constraint {
        key: required(element, "key")?.into(),
        severity,
        expression: optional(element, "expression"),
        source: optional(element, "source"),
        best_practice: extension_value(element, BEST_PRACTICE) == Some("true"),
    })
}

pub(super) fn required<'a>(element: &'a Element, name: &str) -> Result<&'a str, DefinitionError> {
    element.text(name).ok_or_else(|| missing(element, name))
}

pub(super) fn optional(element: &Element, name: &str) -> Option<Box<str>> {
    element.text(name).map(Into::into)
}

pub(super) fn texts(element: &Element, name: &str) -> Vec<Box<str>> {
    element.all(name).filter_map(Element::as_text).map(Into::into).collect()
}

fn flag(element: &Element, name: &str) -> Option<bool> {
    element.text(name).map(|text| text == "true")
}

fn number(element: &Element, name: &str) -> Result<Option<u32>, DefinitionError> {
    let Some(text) = element.text(name) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| unknown(element, name, text))
}

/// The primitive value of the extension with this URL.
pub(super) fn extension_value<'a>(element: &'a Element, url: &str) -> Option<&'a str> {
    let extension = element.extensions(url).next()?;
    let value = extension.children.iter().find(|child| child.name.starts_with("value"))?;
    value.as_text().or_else(|| value.text("reference"))
}

fn missing(element: &Element, name: &str) -> DefinitionError {
    DefinitionError::Missing { place: format!("{}.{name}", element.name) }
}

pub(super) fn unknown(element: &Element, name: &str, code: &str) -> DefinitionError {
    DefinitionError::UnknownCode { place: format!("{}.{name}", element.name), code: code.to_string() }
}
