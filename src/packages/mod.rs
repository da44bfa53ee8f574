//! FHIR packages from files and folders to [`Layer`]s of definitions, and to compact definitions.
//!
//! Takes `.tgz` packages, folders, compact definitions and single resources; nothing in them is trusted. Does not judge
//! and does not know what is in a definition. Entry points: [`open`], [`read`], [`compile`] and [`embedded`].

pub mod embedded;
mod error;
mod folder;
mod tarball;

use std::fs;
use std::path::Path;

use sha2::Digest;
use sha2::Sha256;

use crate::fhir::definitions;
use crate::fhir::definitions::DefinitionKind;
use crate::fhir::definitions::Layer;
use crate::fhir::definitions::PackageFacts;
use crate::fhir::element::Element;
use crate::fhir::json;
use crate::fhir::xml;

pub use error::PackageError;

/// Largest file that we read, and the most that a package may unpack to, in bytes: 512 MiB.
pub const MAX_BYTES: u64 = 512 << 20;

/// Most files in a package.
pub const MAX_FILES: usize = 100_000;

/// A package that was read: what it says of itself, and its resources.
#[derive(Clone, Debug)]
pub struct Package {
    /// What it says of itself.
    pub facts: PackageFacts,
    /// Canonicals of packages it builds on, as `name#version`.
    pub dependencies: Vec<String>,
    /// Its conformance resources and Questionnaires.
    pub resources: Vec<Element>,
}

/// Opens whatever the path names, for judging: a package, a folder, compact definitions or a resource.
pub fn open(path: &Path) -> Result<Layer, PackageError> {
    if path.is_file() {
        let bytes = read_file(path)?;
        if definitions::is_compact(&bytes) {
            return Layer::open_compact(bytes)
                .map_err(|source| PackageError::Compact { path: path.to_path_buf(), source });
        }
    }
    let package = read(path)?;
    Layer::from_resources(package.facts, package.resources)
        .map_err(|source| PackageError::Definition { path: path.to_path_buf(), source })
}

/// Reads a `.tgz` package, a folder, or one file with a resource (a Bundle gives its entries).
pub fn read(path: &Path) -> Result<Package, PackageError> {
    if path.is_dir() {
        return folder::read(path);
    }
    let bytes = read_file(path)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut package = tarball::read(path, &bytes)?;
        package.facts.sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        return Ok(package);
    }
    let name = file_name(path);
    let mut resources = Vec::new();
    add_resource(path, &name, &bytes, &mut resources)?;
    if resources.is_empty() {
        return Err(PackageError::NoDefinitions { path: path.to_path_buf() });
    }
    let facts = PackageFacts { name, fhir_version: stated_fhir_version(&resources), ..PackageFacts::default() };
    Ok(Package { facts, dependencies: Vec::new(), resources })
}

/// Makes compact definitions of the package at the path.
pub fn compile(path: &Path) -> Result<Vec<u8>, PackageError> {
    let package = read(path)?;
    definitions::compile(&package.facts, &package.resources)
        .map_err(|source| PackageError::Definition { path: path.to_path_buf(), source })
}

fn read_file(path: &Path) -> Result<Vec<u8>, PackageError> {
    let fail = |source| PackageError::Read { path: path.to_path_buf(), source };
    let size = fs::metadata(path).map_err(fail)?.len();
    if size > MAX_BYTES {
        return Err(PackageError::TooLarge { path: path.to_path_buf() });
    }
    fs::read(path).map_err(fail)
}

/// Adds the definitions in a file; `inside` is its name for messages. Files that hold no resource are passed over.
fn add_resource(path: &Path, inside: &str, bytes: &[u8], resources: &mut Vec<Element>) -> Result<(), PackageError> {
    let is_xml =
        bytes.iter().find(|byte| !byte.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(byte)) == Some(&b'<');
    let parsed = if is_xml { xml::parse(bytes) } else { json::parse(bytes) };
    let (root, _) = parsed.map_err(|source| PackageError::Resource {
        path: path.to_path_buf(),
        inside: inside.to_string(),
        source,
    })?;
    let is_definition = |element: &Element| element.resource_type.as_deref().and_then(DefinitionKind::of).is_some();
    if root.resource_type.as_deref() == Some("Bundle") {
        for entry in root.children.into_iter().filter(|child| &*child.name == "entry") {
            resources.extend(entry.children.into_iter().filter(is_definition));
        }
    } else if is_definition(&root) {
        resources.push(root);
    }
    Ok(())
}

/// What `package.json` says.
fn manifest(path: &Path, bytes: &[u8]) -> Result<(PackageFacts, Vec<String>), PackageError> {
    let manifest: serde_json::Value =
        serde_json::from_slice(bytes).map_err(|source| PackageError::Manifest { path: path.to_path_buf(), source })?;
    let text = |name: &str| manifest[name].as_str().unwrap_or_default().to_string();
    let fhir_version = ["fhirVersions", "fhir-version-list"].iter().find_map(|name| manifest[*name][0].as_str());
    let facts = PackageFacts {
        name: text("name"),
        version: text("version"),
        fhir_version: fhir_version.unwrap_or_default().to_string(),
        license: text("license"),
        sha256: String::new(),
    };
    let dependencies = manifest["dependencies"].as_object().into_iter().flatten();
    let dependencies = dependencies.map(|(name, version)| format!("{name}#{}", version.as_str().unwrap_or_default()));
    Ok((facts, dependencies.collect()))
}

/// The version of FHIR that the definitions state, for what has no `package.json`.
fn stated_fhir_version(resources: &[Element]) -> String {
    resources.iter().find_map(|resource| resource.text("fhirVersion")).unwrap_or_default().to_string()
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
