//! The material that lies beside the project: `TOETSBANK_SHARED` names its folder. Without it tests on it do not run and say so.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::OnceLock;

use toetsbank::fhir::Element;
use toetsbank::fhir::definitions::DefinitionSet;
use toetsbank::fhir::definitions::FhirVersion;
use toetsbank::fhir::definitions::Layer;
use toetsbank::fhir::json;

/// The folder; `None` (and a line that says so) when it is not named.
pub fn folder(what: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("TOETSBANK_SHARED").map(PathBuf::from);
    if folder.is_none() {
        println!("not run: {what} needs TOETSBANK_SHARED");
    }
    folder
}

/// The resources of a package whose file names start with one of `prefixes`.
pub fn package(file: &Path, prefixes: &[&str]) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(File::open(file).unwrap()));
    let mut found = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("").to_owned();
        if name.ends_with(".json") && prefixes.iter().any(|prefix| name.starts_with(prefix)) {
            let mut text = Vec::new();
            entry.read_to_end(&mut text).unwrap();
            found.push((name, text));
        }
    }
    found
}

fn core(folder: &Path, file: &str, version: FhirVersion) -> DefinitionSet {
    let files = package(&folder.join("fhir").join(file), &["StructureDefinition-", "SearchParameter-"]);
    let resources = files.iter().map(|(name, text)| match json::parse(text) {
        Ok((resource, _)) => resource,
        Err(error) => panic!("{name}: {error:?}"),
    });
    let layer = Layer::from_resources(file, resources.collect::<Vec<Element>>()).unwrap();
    DefinitionSet::new(version, vec![Arc::new(layer)])
}

/// All packages, in the order of their names.
pub fn packages(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder.join("fhir")).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = files.filter(|file| file.extension().is_some_and(|kind| kind == "tgz")).collect();
    found.sort();
    found
}

/// The core definitions of R4.
pub fn r4(folder: &Path) -> &'static DefinitionSet {
    static SET: OnceLock<DefinitionSet> = OnceLock::new();
    SET.get_or_init(|| core(folder, "hl7.fhir.r4.core-4.0.1.tgz", FhirVersion::R4))
}

/// The core definitions of STU3.
pub fn stu3(folder: &Path) -> &'static DefinitionSet {
    static SET: OnceLock<DefinitionSet> = OnceLock::new();
    SET.get_or_init(|| core(folder, "hl7.fhir.r3.core-3.0.2.tgz", FhirVersion::Stu3))
}
