//! A folder of resources: an unpacked FHIR package, or just files.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::packages::MAX_BYTES;
use crate::packages::MAX_FILES;
use crate::packages::Package;
use crate::packages::PackageError;
use crate::packages::add_resource;
use crate::packages::file_name;
use crate::packages::manifest;
use crate::packages::read_file;
use crate::packages::stated_fhir_version;

/// Deepest folder that we look into; links are not followed.
const MAX_DEPTH: usize = 16;

/// Reads every `.json` and `.xml` file below the folder.
pub(super) fn read(path: &Path) -> Result<Package, PackageError> {
    let mut files = Vec::new();
    list(path, 0, &mut files)?;
    // The order in which a file system lists its files means nothing.
    files.sort();
    let mut package = Package { facts: Default::default(), dependencies: Vec::new(), resources: Vec::new() };
    let mut total = 0u64;
    for file in files {
        let bytes = read_file(&file)?;
        total += bytes.len() as u64;
        if total > MAX_BYTES {
            return Err(PackageError::TooLarge { path: path.to_path_buf() });
        }
        let name = file_name(&file);
        let inside = file.strip_prefix(path).unwrap_or(&file).display().to_string();
        if name == "package.json" {
            (package.facts, package.dependencies) = manifest(&file, &bytes)?;
        } else {
            add_resource(path, &inside, &bytes, &mut package.resources)?;
        }
    }
    if package.resources.is_empty() && package.facts.name.is_empty() {
        return Err(PackageError::NoDefinitions { path: path.to_path_buf() });
    }
    if package.facts.name.is_empty() {
        package.facts.name = file_name(path);
    }
    if package.facts.fhir_version.is_empty() {
        package.facts.fhir_version = stated_fhir_version(&package.resources);
    }
    Ok(package)
}

fn list(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), PackageError> {
    let fail = |source| PackageError::Read { path: folder.to_path_buf(), source };
    for entry in fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let kind = entry.file_type().map_err(fail)?;
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if kind.is_dir() && !hidden && depth < MAX_DEPTH {
            list(&path, depth + 1, files)?;
        } else if kind.is_file()
            && !hidden
            && path.extension().is_some_and(|ending| ending == "json" || ending == "xml")
        {
            files.push(path);
        }
        if files.len() > MAX_FILES {
            return Err(PackageError::TooManyFiles { path: folder.to_path_buf() });
        }
    }
    Ok(())
}
