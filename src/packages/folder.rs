//! A folder of resources: an unpacked FHIR package, or just files.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::packages::MAX_BYTES;
use crate::packages::MAX_FILES;
use crate::packages::MAX_FOLDERS;
use crate::packages::Package;
use crate::packages::PackageError;
use crate::packages::contents::MANIFEST;
use crate::packages::contents::file_name;
use crate::packages::contents::manifest;
use crate::packages::contents::read_file;

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
    // Links are not followed.
    let limits = Limits { depth: root.is_none().then_some(MAX_FOLDERS), files: MAX_FILES };
    let path = root.as_deref().unwrap_or(path);
    list(path, limits, &mut files)?;
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

/// How much of a folder is read.
#[derive(Clone, Copy)]
struct Limits {
    /// Levels of folders below this one; `None` to leave all of them.
    depth: Option<usize>,
    files: usize,
}

fn list(folder: &Path, limits: Limits, files: &mut Vec<PathBuf>) -> Result<(), PackageError> {
    let fail = |source| PackageError::Read { path: folder.to_path_buf(), source };
    for entry in fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let kind = entry.file_type().map_err(fail)?;
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if kind.is_dir() && !hidden {
            match limits.depth {
                None => {}
                Some(0) => return Err(PackageError::TooDeep { path }),
                Some(depth) => list(&path, Limits { depth: Some(depth - 1), ..limits }, files)?,
            }
        } else if kind.is_file()
            && !hidden
            && path.extension().is_some_and(|ending| ending == "json" || ending == "xml")
        {
            files.push(path);
        }
        if files.len() > limits.files {
            return Err(PackageError::TooManyFiles { path: folder.to_path_buf() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_files_beyond_a_limit_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let deep = |levels: usize| (0..levels).fold(folder.path().to_path_buf(), |path, _| path.join("f"));
        fs::create_dir_all(deep(MAX_FOLDERS)).unwrap();
        for name in ["a.json", "b.xml"] {
            fs::write(deep(MAX_FOLDERS).join(name), "{}").unwrap();
        }
        let read = || each(folder.path(), &mut |_, _, _| Ok(()));
        assert!(read().is_ok());
        let listed = |files: usize| {
            let limits = Limits { depth: Some(MAX_FOLDERS), files };
            list(folder.path(), limits, &mut Vec::new()).map_err(|error| error.to_string())
        };
        assert_eq!(listed(2), Ok(()));
        assert!(listed(1).unwrap_err().ends_with("more than 100000 files; give a smaller package"));
        fs::create_dir_all(deep(MAX_FOLDERS + 1)).unwrap();
        let said = read().unwrap_err().to_string();
        assert!(said.ends_with("folders nested deeper than 16 levels; give the folder with the definitions"), "{said}");
    }
}
