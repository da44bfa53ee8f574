//! A folder of resources: an unpacked FHIR package, or just files.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::packages::MAX_BYTES;
use crate::packages::MAX_FILES;
use crate::packages::Package;
use crate::packages::PackageError;
use crate::packages::contents::MANIFEST;
use crate::packages::contents::file_name;
use crate::packages::contents::manifest;
use crate::packages::contents::read_file;

/// Deepest folder that we look into; links are not followed.
const MAX_DEPTH: usize = 16;

/// What is done with a file: its path, its name in the folder, its bytes.
pub(super) type Take<'a> = dyn FnMut(&Path, &str, &[u8]) -> Result<(), PackageError> + 'a;

/// Reads every `.json` and `.xml` file below the folder; of a FHIR package only those beside its `package.json`.
pub(super) fn read(path: &Path) -> Result<Package, PackageError> {
    let mut package = Package::default();
    each(path, &mut |file, name, bytes| {
        if file_name(file) == MANIFEST {
            (package.facts, package.dependencies) = manifest(file, bytes)?;
        } else {
            package.add(path, name, bytes)?;
        }
        Ok(())
    })?;
    package.complete(path)
}

/// Hands over the files that [`read`] reads, in the order of their names: path, name in the folder, bytes.
pub(super) fn each(path: &Path, take: &mut Take<'_>) -> Result<(), PackageError> {
    let mut files = Vec::new();
    let root = root(path);
    let depth = if root.is_some() { MAX_DEPTH } else { 0 };
    let path = root.as_deref().unwrap_or(path);
    list(path, depth, &mut files)?;
    // The order in which a file system lists its files means nothing.
    files.sort();
    let mut total = 0u64;
    for file in files {
        let bytes = read_file(&file)?;
        total += bytes.len() as u64;
        if total > MAX_BYTES {
            return Err(PackageError::TooLarge { path: path.to_path_buf() });
        }
        let inside = file.strip_prefix(path).unwrap_or(&file).display().to_string();
        take(&file, &inside, &bytes)?;
    }
    Ok(())
}

/// Where a folder keeps its `package.json` when it is an unpacked FHIR package: what lies deeper there (examples, the
/// files of other tools) is no part of it. A folder of sources may have a `package.json` too; that is not this.
pub(super) fn root(path: &Path) -> Option<PathBuf> {
    let inner = path.join("package");
    if inner.join(MANIFEST).is_file() {
        return Some(inner);
    }
    (path.ends_with("package") && path.join(MANIFEST).is_file()).then(|| path.to_path_buf())
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
