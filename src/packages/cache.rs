//! The user's FHIR package cache, `~/.fhir/packages`, as other tools of FHIR keep it: `NAME#VERSION/package/…`.
//!
//! Nothing in it is ever changed or removed: a package is added as a whole, or not at all.

use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process;

use crate::packages::PackageError;
use crate::packages::folder;
use crate::packages::tarball;
use crate::packages::version::is_plain;
use crate::packages::version::order;

/// Name of the environment variable that names another folder than `~/.fhir`.
pub const VARIABLE: &str = "TOETSBANK_FHIR";

/// The folder with packages.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

/// The folder of FHIR tools in the user's home, `~/.fhir`, or the one that [`VARIABLE`] names.
pub fn fhir_folder() -> PathBuf {
    match env::var_os(VARIABLE) {
        Some(folder) if !folder.is_empty() => PathBuf::from(folder),
        _ => env::home_dir().unwrap_or_default().join(".fhir"),
    }
}

impl Cache {
    /// The cache of this folder of FHIR tools; it need not exist.
    pub fn new(fhir_folder: &Path) -> Cache {
        Cache { folder: fhir_folder.join("packages") }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of a package in it.
    pub fn find(&self, name: &str, version: &str) -> Option<PathBuf> {
        let folder = self.place(name, version)?;
        folder::root(&folder).is_some().then_some(folder)
    }

    /// Name and version of every package in it.
    pub fn list(&self) -> Vec<(String, String)> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut found: Vec<(String, String)> = entries
            .filter_map(|entry| {
                let file = entry.file_name();
                let (name, version) = file.to_str()?.split_once('#')?;
                self.find(name, version).map(|_| (name.to_string(), version.to_string()))
            })
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| order(&a.1, &b.1)));
        found
    }

    /// Unpacks an archive into it, unless that package is there already. `origin` stands for the archive in messages.
    ///
    /// # Errors
    /// What is wrong with the archive, or that the folder cannot be written. Nothing is left behind then.
    pub fn store(&self, name: &str, version: &str, origin: &Path, archive: &[u8]) -> Result<PathBuf, PackageError> {
        let target = self.place(name, version).ok_or_else(|| PackageError::HostilePath {
            path: origin.to_path_buf(),
            inside: format!("{name}#{version}"),
        })?;
        if self.find(name, version).is_some() {
            return Ok(target);
        }
        // Beside the target, so that it is put in place by renaming: who looks meanwhile sees all of it or nothing.
        let draft = self.folder.join(format!(".{name}-{version}.{}", process::id()));
        let put = self.unpack(&draft, origin, archive).and_then(|()| {
            let fail = |source| PackageError::Write { path: target.clone(), source };
            match fs::rename(&draft, &target) {
                // Another process was first.
                Err(_) if self.find(name, version).is_some() => Ok(()),
                renamed => renamed.map_err(fail),
            }
        });
        // Gone already when it was renamed.
        let _ = fs::remove_dir_all(&draft);
        put.map(|()| target)
    }

    fn unpack(&self, draft: &Path, origin: &Path, archive: &[u8]) -> Result<(), PackageError> {
        let inner = draft.join("package");
        let fail = |path: &Path| {
            let path = path.to_path_buf();
            |source| PackageError::Write { path, source }
        };
        fs::create_dir_all(&inner).map_err(fail(&inner))?;
        tarball::each(origin, archive, |_| true, &mut |name, bytes| {
            let file = inner.join(name);
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent).map_err(fail(parent))?;
            }
            fs::write(&file, bytes).map_err(fail(&file))?;
            Ok(true)
        })?;
        match folder::root(draft) {
            Some(_) => Ok(()),
            None => Err(PackageError::NoManifest { path: origin.to_path_buf() }),
        }
    }

    fn place(&self, name: &str, version: &str) -> Option<PathBuf> {
        (is_plain(name) && is_plain(version)).then(|| self.folder.join(format!("{name}#{version}")))
    }
}
