//! What is in a package: its `package.json`, its definitions, and a hash over them.
//!
//! The same for an archive and for the folder that it unpacks to. Entry points: [`read`], [`manifest_of`],
//! [`content_hash`].

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sha2::Digest;
use sha2::Sha256;

use crate::fhir::definitions;
use crate::fhir::definitions::DefinitionKind;
use crate::fhir::definitions::Layer;
use crate::fhir::definitions::LayerError;
use crate::fhir::definitions::PackageFacts;
use crate::fhir::element::Element;
use crate::fhir::json;
use crate::fhir::xml;
use crate::packages::MAX_BYTES;
use crate::packages::PackageError;
use crate::packages::folder;
use crate::packages::tarball;

/// The file in which a package says what it is.
pub(super) const MANIFEST: &str = "package.json";

/// A package that was read: what it says of itself, and its resources.
#[derive(Clone, Debug, Default)]
pub struct Package {
    /// What it says of itself.
    pub facts: PackageFacts,
    /// Packages it builds on, as `name#version`.
    pub dependencies: Vec<String>,
    /// Its conformance resources and Questionnaires.
    pub resources: Vec<Element>,
    /// The file that each resource came from.
    files: Vec<String>,
    /// Whether it brings another resource with a canonical (an ImplementationGuide), by which nothing is judged.
    has_others: bool,
}

/// What `package.json` says, read without the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Name, version, FHIR version and licence.
    pub facts: PackageFacts,
    /// Packages it builds on, as `name#version`.
    pub dependencies: Vec<String>,
}

impl Manifest {
    /// `NAME@VERSION`.
    pub fn shown(&self) -> String {
        format!("{}@{}", self.facts.name, self.facts.version)
    }
}

impl Package {
    /// Adds the definitions in a file; `inside` is its name in the package. Files that hold no resource are passed over.
    pub(super) fn add(&mut self, path: &Path, inside: &str, bytes: &[u8]) -> Result<(), PackageError> {
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
                self.resources.extend(entry.children.into_iter().filter(is_definition));
            }
        } else if is_definition(&root) {
            self.resources.push(root);
        } else if root.resource_type.is_some() && root.text("url").is_some() {
            self.has_others = true;
        }
        self.files.resize(self.resources.len(), inside.to_string());
        Ok(())
    }

    /// The package when all its files are read; its name is that of the path when it has no other.
    pub(super) fn complete(mut self, path: &Path) -> Result<Package, PackageError> {
        if self.resources.is_empty() && self.facts.name.is_empty() && !self.has_others {
            return Err(PackageError::NoDefinitions { path: path.to_path_buf() });
        }
        if self.facts.name.is_empty() {
            self.facts.name = file_name(path);
        }
        if self.facts.fhir_version.is_empty() {
            let stated = self.resources.iter().find_map(|resource| resource.text("fhirVersion"));
            self.facts.fhir_version = stated.unwrap_or_default().to_string();
        }
        Ok(self)
    }

    /// Its definitions.
    pub(super) fn into_layer(mut self, path: &Path) -> Result<Layer, PackageError> {
        let resources = std::mem::take(&mut self.resources);
        let urls: Vec<_> = resources.iter().map(|resource| resource.text("url").map(str::to_string)).collect();
        Layer::from_resources(self.facts, resources).map_err(|source| {
            let LayerError::Definition { resource, .. } = &source;
            let at = urls.iter().position(|url| url.as_deref() == Some(resource));
            PackageError::Definition { path: path.to_path_buf(), inside: inside(&self.files, at), source }
        })
    }

    /// The error for a definition that cannot be used: says in which file it is.
    pub(super) fn unusable(&self, path: &Path, source: LayerError) -> PackageError {
        let LayerError::Definition { resource, .. } = &source;
        let at = self.resources.iter().position(|found| found.text("url") == Some(resource));
        PackageError::Definition { path: path.to_path_buf(), inside: inside(&self.files, at), source }
    }
}

fn inside(files: &[String], at: Option<usize>) -> String {
    at.and_then(|at| files.get(at)).cloned().unwrap_or_default()
}

/// Reads a `.tgz` package, a folder, or one file with a resource (a Bundle gives its entries).
pub fn read(path: &Path) -> Result<Package, PackageError> {
    if path.is_dir() {
        return folder::read(path);
    }
    let bytes = read_file(path)?;
    if is_archive(&bytes) {
        let mut package = tarball::read(path, &bytes)?;
        package.facts.sha256 = sha256(&bytes);
        return Ok(package);
    }
    let mut package = Package::default();
    package.add(path, &file_name(path), &bytes)?;
    package.complete(path)
}

/// What the package at the path says of itself; `None` when it is no FHIR package but loose files.
pub fn manifest_of(path: &Path) -> Result<Option<Manifest>, PackageError> {
    if path.is_dir() {
        let Some(root) = folder::root(path) else { return Ok(None) };
        let file = root.join(MANIFEST);
        let (facts, dependencies) = manifest(&file, &read_file(&file)?)?;
        return Ok(Some(Manifest { facts, dependencies }));
    }
    let bytes = read_file(path)?;
    if !is_archive(&bytes) || definitions::is_compact(&bytes) {
        return Ok(None);
    }
    match manifest_in(path, &bytes) {
        Err(PackageError::NoManifest { .. }) => Ok(None),
        found => found.map(Some),
    }
}

/// What the package in an archive says of itself; `path` stands for the archive in messages.
pub(super) fn manifest_in(path: &Path, archive: &[u8]) -> Result<Manifest, PackageError> {
    let mut found = None;
    tarball::each(path, archive, |name| name == MANIFEST, &mut |_, text| {
        found = Some(manifest(path, text)?);
        Ok(false)
    })?;
    match found {
        Some((facts, dependencies)) => Ok(Manifest { facts, dependencies }),
        None => Err(PackageError::NoManifest { path: path.to_path_buf() }),
    }
}

/// SHA-256 over names and bytes of the files that are read of a package, in hexadecimal. An archive and the folder that
/// it unpacks to have the same, whatever tool unpacked it.
pub fn content_hash(path: &Path) -> Result<String, PackageError> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    if path.is_dir() {
        let is_package = folder::root(path).is_some();
        folder::each(path, &mut |_, name, bytes| {
            if !is_package || is_definition_file(name) {
                files.insert(name.to_string(), sha256(bytes));
            }
            Ok(())
        })?;
    } else {
        let bytes = read_file(path)?;
        if is_archive(&bytes) && !definitions::is_compact(&bytes) {
            tarball::each(path, &bytes, is_definition_file, &mut |name, bytes| {
                files.insert(name.to_string(), sha256(bytes));
                Ok(true)
            })?;
        } else {
            files.insert(file_name(path), sha256(&bytes));
        }
    }
    let lines: String = files.iter().map(|(name, hash)| format!("{hash}  {name}\n")).collect();
    Ok(sha256(lines.as_bytes()))
}

/// The layer of a file with compact definitions; `None` when it is something else.
pub(super) fn open_compact(path: &Path) -> Result<Option<Layer>, PackageError> {
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = read_file(path)?;
    if !definitions::is_compact(&bytes) {
        return Ok(None);
    }
    let layer = Layer::open_compact(bytes);
    layer.map(Some).map_err(|source| PackageError::Compact { path: path.to_path_buf(), source })
}

/// Whether a file in an archive, by its name below `package/`, is `package.json` or may be a definition.
pub(super) fn is_definition_file(name: &str) -> bool {
    name.ends_with(".json") && !name.contains('/') && !name.starts_with('.')
}

pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// In hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, PackageError> {
    let fail = |source| PackageError::Read { path: path.to_path_buf(), source };
    let size = fs::metadata(path).map_err(fail)?.len();
    if size > MAX_BYTES {
        return Err(PackageError::TooLarge { path: path.to_path_buf() });
    }
    fs::read(path).map_err(fail)
}

/// What `package.json` says.
pub(super) fn manifest(path: &Path, bytes: &[u8]) -> Result<(PackageFacts, Vec<String>), PackageError> {
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

pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
