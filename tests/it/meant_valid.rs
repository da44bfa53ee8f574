//! Material that is meant to be valid: the official fixtures, as they stand in the archives of the scripts and as JSON.
//!
//! `fixtures/valid-material-findings.csv` explains each error that we find in it; an error that is not on it fails, and so does a
//! row whose error vanished. A resource has the same findings in any order of its properties and in the other format.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use flate2::read::GzDecoder;
use toetsbank::fhir::Element;
use toetsbank::fhir::definitions::DefinitionSet;
use toetsbank::fhir::definitions::FhirVersion;
use toetsbank::fhir::json;
use toetsbank::fhir::validate::Options;
use toetsbank::fhir::validate::Severity;
use toetsbank::fhir::validate::Validator;
use toetsbank::fhir::xml;
use toetsbank::packages;
use toetsbank::packages::embedded;

use crate::agreement::SETS;
use crate::shared;

/// A set of definitions with the validator over it.
struct Bench {
    definitions: Arc<DefinitionSet>,
    validator: Validator,
}

/// One file of the material.
struct Material {
    name: String,
    version: FhirVersion,
    text: String,
}

#[test]
fn official_fixtures_have_no_finding_that_is_not_explained() {
    let Some(folder) = shared::folder("the judgement of material meant to be valid") else { return };
    let benches = [bench(&folder, "stu3"), bench(&folder, "r4-0.11")];
    let material = material(&folder);
    assert!(material.len() > 600, "only {} files", material.len());
    let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
    for one in &material {
        let bench = &benches[usize::from(one.version == FhirVersion::R4)];
        let errors = errors(bench, &one.text);
        let file = one.name.rsplit('/').next().unwrap_or_default();
        seen.extend(errors.iter().map(|(code, place)| (file.to_owned(), code.clone(), place.clone())));
        let again = in_the_other_format(bench, &one.text);
        // What only one of the formats can have wrong.
        let shared: BTreeSet<_> = errors.into_iter().filter(|(code, _)| code != "xml-order").collect();
        if again != shared {
            wrong.push(format!("{}: {shared:?}, in the other format {again:?}", one.name));
        }
    }
    let rows =
        csv::Reader::from_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/valid-material-findings.csv"));
    let explained: BTreeMap<_, _> = rows
        .unwrap()
        .records()
        .map(|row| row.unwrap())
        .map(|row| ((row[0].to_owned(), row[1].to_owned(), row[2].to_owned()), row[3].to_owned()))
        .collect();
    wrong.extend(seen.iter().filter(|key| !explained.contains_key(key)).map(|key| format!("not explained: {key:?}")));
    wrong.extend(explained.keys().filter(|key| !seen.contains(key)).map(|key| format!("not there any more: {key:?}")));
    wrong.extend(explained.iter().filter(|(_, why)| why.is_empty()).map(|(key, _)| format!("no reason: {key:?}")));
    assert!(wrong.is_empty(), "{} files:\n{}", material.len(), wrong.join("\n"));
}

fn bench(folder: &Path, set: &str) -> Bench {
    let (_, version, names) = SETS.iter().find(|(name, ..)| *name == set).unwrap();
    let file = |name: &&str| folder.join("fhir").join(format!("nictiz.fhir.nl.{name}.tgz"));
    let mut layers: Vec<_> = names.iter().map(|name| Arc::new(packages::open(&file(name)).unwrap())).collect();
    layers.extend(embedded::layers(*version));
    let definitions = Arc::new(DefinitionSet::new(*version, layers));
    Bench { validator: Validator::new(definitions.clone()), definitions }
}

/// The errors by code and place.
fn errors(bench: &Bench, text: &str) -> BTreeSet<(String, String)> {
    let (resource, problems) = read(text);
    let outcome = bench.validator.validate_read(&resource, &problems, &[], Options::default());
    let errors = outcome.issues.iter().filter(|issue| issue.severity == Severity::Error);
    errors.map(|issue| (issue.code.to_owned(), issue.place.clone())).collect()
}

fn read(text: &str) -> (Element, Vec<toetsbank::fhir::syntax::ShapeProblem>) {
    match text.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        true => xml::parse(text.as_bytes()).unwrap(),
        false => json::parse(text.as_bytes()).unwrap(),
    }
}

/// The errors after the way to the other format, which also puts the properties in another order.
fn in_the_other_format(bench: &Bench, text: &str) -> BTreeSet<(String, String)> {
    let (resource, _) = read(text);
    let model = &*bench.definitions;
    match text.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        true => errors(bench, &backwards(&json::write_pretty(&resource, Some(model)))),
        false => errors(bench, &xml::write_pretty(&resource, Some(model))),
    }
}

/// JSON with the properties of each object in the order of their names, from the last to the first.
pub fn backwards(text: &str) -> String {
    fn turned(value: &serde_json::Value) -> String {
        match value {
            serde_json::Value::Object(object) => {
                let mut keys: Vec<&String> = object.keys().collect();
                keys.sort();
                let parts: Vec<String> = keys
                    .iter()
                    .rev()
                    .map(|key| format!("{}: {}", serde_json::Value::from(key.as_str()), turned(&object[*key])))
                    .collect();
                format!("{{ {} }}", parts.join(",\n"))
            }
            serde_json::Value::Array(items) => {
                format!("[{}]", items.iter().map(turned).collect::<Vec<_>>().join(" , "))
            }
            other => other.to_string(),
        }
    }
    turned(&serde_json::from_str(text).unwrap())
}

/// The fixtures, with the moments that the scripts fill in filled in.
fn material(folder: &Path) -> Vec<Material> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder.join("testscripts")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|kind| kind != "gz") {
            continue;
        }
        let mut archive = tar::Archive::new(GzDecoder::new(File::open(&path).unwrap()));
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().display().to_string();
            if !name.contains("_reference/") || !(name.ends_with(".xml") || name.ends_with(".json")) {
                continue;
            }
            let version = if name.contains("/R4/") { FhirVersion::R4 } else { FhirVersion::Stu3 };
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            found.push(Material { name, version, text: filled(&text) });
        }
    }
    let mut folders = vec![folder.join("fixtures")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "json") {
                let text = filled(&std::fs::read_to_string(&path).unwrap());
                found.push(Material { name: path.display().to_string(), version: FhirVersion::Stu3, text });
            }
        }
    }
    found
}

/// Each placeholder of a moment (`${DATE, T, D, -5}`) replaced by a day: which one does not matter here.
fn filled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${DATE") {
        out.push_str(before);
        let (placeholder, after) = after.split_once('}').unwrap();
        // Later days stay later, so that periods keep their order.
        let shift: i32 = placeholder.rsplit(',').next().unwrap().trim().parse().unwrap();
        let years = if placeholder.contains(", Y,") { shift } else { shift.div_euclid(360) };
        let days = if placeholder.contains(", Y,") { 0 } else { shift.rem_euclid(360) };
        out.push_str(&format!("{:04}-{:02}-{:02}", 2026 + years, 1 + days / 30, 1 + (days % 30).min(27)));
        rest = after;
    }
    out + rest
}
