//! What the inputs are made of: valid resources, profiles and expressions of this repository, and validators to judge by.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use toetsbank::fhir::Element;
use toetsbank::fhir::definitions;
use toetsbank::fhir::definitions::DefinitionSet;
use toetsbank::fhir::definitions::FhirVersion;
use toetsbank::fhir::definitions::PackageFacts;
use toetsbank::fhir::json;
use toetsbank::fhir::validate::Validator;
use toetsbank::packages::embedded;

use crate::fuzz::handshakes;
use crate::fuzz::mutate;

/// Larger resources are left out: many small inputs find more than few large ones.
const LARGEST: usize = 1600;

/// Types whose invariants are the seeds of expressions.
const TYPES: &[&str] = &[
    "Patient",
    "Observation",
    "Bundle",
    "Composition",
    "Questionnaire",
    "QuestionnaireResponse",
    "ValueSet",
    "StructureDefinition",
    "ElementDefinition",
    "Timing",
    "Period",
    "Quantity",
    "Reference",
    "DomainResource",
    "Claim",
];

/// Valid material.
pub struct Material {
    /// Resources of zibs and of the validator's corpus.
    pub resources: Vec<Value>,
    /// Names of properties in them.
    pub names: Vec<String>,
    /// The same resources as XML.
    pub xml: Vec<Vec<u8>>,
    /// Lists of the stelselnode.
    pub lists: Vec<Vec<u8>>,
    /// Answers of TLS servers.
    pub flights: Vec<Vec<u8>>,
    /// The same resources as trees.
    pub trees: Vec<Element>,
    /// Profiles, value sets and code systems.
    pub definitions: Vec<Value>,
    /// Names of properties in them.
    pub definition_names: Vec<String>,
    /// Compact definitions of them.
    pub compact: Vec<u8>,
    /// FHIRPath.
    pub expressions: Vec<String>,
    /// For STU3 and R4.
    pub validators: [Validator; 2],
}

impl Material {
    /// Reads the fixtures.
    pub fn load() -> Material {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let (mut resources, mut definitions) = (Vec::new(), Vec::new());
        for path in json_files(&folder.join("fhir")) {
            let corpus: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            resources.extend(corpus["tests"].as_array().into_iter().flatten().map(|test| test["data"].clone()));
            definitions.extend(corpus["definitions"].as_array().into_iter().flatten().cloned());
        }
        for path in json_files(&folder.join("bgz-3-0")) {
            let text = fs::read(&path).unwrap();
            let Ok(value) = serde_json::from_slice::<Value>(&text) else { continue };
            if value.to_string().len() < LARGEST {
                resources.push(value);
            }
        }
        resources.retain(|one| one["resourceType"].is_string());
        let (mut names, mut definition_names) = (Vec::new(), Vec::new());
        resources.iter().for_each(|one| mutate::names(one, &mut names));
        definitions.iter().for_each(|one| mutate::names(one, &mut definition_names));
        let trees: Vec<Element> = resources.iter().map(tree).collect();
        let stu3 = embedded::definitions(FhirVersion::Stu3);
        let xml = trees.iter().map(|tree| toetsbank::fhir::xml::write(tree, Some(stu3)).into_bytes()).collect();
        let facts = PackageFacts::from("fuzz");
        let sources: Vec<Element> = definitions.iter().map(tree).collect();
        let validator = |version| Validator::new(Arc::new(DefinitionSet::new(version, embedded::layers(version))));
        Material {
            compact: definitions::compile(&facts, &sources).unwrap(),
            expressions: expressions(stu3),
            validators: [validator(FhirVersion::Stu3), validator(FhirVersion::R4)],
            resources,
            names,
            xml,
            lists: lists(&folder.join("lists")),
            flights: handshakes::flights(),
            trees,
            definitions,
            definition_names,
        }
    }
}

fn tree(value: &Value) -> Element {
    json::parse(value.to_string().as_bytes()).unwrap().0
}

fn expressions(definitions: &DefinitionSet) -> Vec<String> {
    let structures = TYPES.iter().filter_map(|name| definitions.type_definition(name));
    let elements = structures.flat_map(|structure| &structure.snapshot);
    let texts = elements.flat_map(|element| element.constraints.iter()).filter_map(|one| one.expression.as_deref());
    texts.map(str::to_owned).collect::<BTreeSet<String>>().into_iter().collect()
}

fn lists(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "xml"));
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(json_files(&path));
        } else if path.extension().is_some_and(|end| end == "json") {
            found.push(path);
        }
    }
    found.sort();
    found
}
