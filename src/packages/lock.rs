//! The lock file: which packages were agreed on, where they came from, and the hash of what is in them.
//!
//! TOML, made by `toetsbank packages add`, to be kept under version control. Entry points: [`Lock::read`],
//! [`Lock::write`], [`Lock::check`].

use std::error::Error;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;

use crate::packages::PackageError;
use crate::packages::cache::Cache;
use crate::packages::content_hash;
use crate::packages::embedded::embedded;
use crate::packages::version::order;

/// The name of the file where none is given.
pub const LOCK: &str = "toetsbank.lock";

/// Version of the format.
const FORMAT: u32 = 1;

/// What was agreed on: one version of each package, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// The packages, by name.
    pub packages: Vec<Locked>,
}

/// A package in a lock file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locked {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `binary`, `cache`, `registry+ADDRESS`, or `file+PATH` with a path from the folder of the lock file.
    pub source: String,
    /// SHA-256 of what is in it (see [`content_hash`]); of a package in the binary that of the archive it was made of.
    pub sha256: String,
    /// What it builds on, as `NAME@VERSION`.
    #[serde(default)]
    pub dependencies: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    version: u32,
    #[serde(default)]
    package: Vec<Locked>,
}

/// Why a lock file cannot be used, or forbids what was asked.
#[derive(Debug)]
pub enum LockError {
    /// It cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It cannot be written.
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is no lock file.
    Form {
        /// The file.
        path: PathBuf,
        /// What was wrong, with line and column.
        source: toml::de::Error,
    },
    /// It was made by another version of the harness.
    Format {
        /// The file.
        path: PathBuf,
        /// The version of its format.
        found: u32,
    },
    /// A package is not in it.
    Absent {
        /// The lock file.
        path: PathBuf,
        /// The package.
        package: String,
    },
    /// A package is not what it was when the lock file was made.
    Differs {
        /// The lock file.
        path: PathBuf,
        /// The package, and where it lies.
        package: String,
        /// Where it lies.
        place: String,
        /// The hash in the lock file.
        expected: String,
        /// The hash of what is there.
        found: String,
    },
    /// It would have to change, and may not.
    Change {
        /// The lock file.
        path: PathBuf,
        /// What would change.
        changes: Vec<String>,
    },
}

/// What became of a package since it was locked.
#[derive(Debug)]
pub enum State {
    /// It is as it was.
    Same,
    /// It is another.
    Differs(LockError),
    /// It is not there; where it was looked for.
    Gone(String),
    /// It cannot be read.
    Broken(PackageError),
}

impl Lock {
    /// Reads the file; `None` when there is none.
    pub fn read(path: &Path) -> Result<Option<Lock>, LockError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(LockError::Read { path: path.to_path_buf(), source }),
        };
        let whole: Whole =
            toml::from_str(&text).map_err(|source| LockError::Form { path: path.to_path_buf(), source })?;
        if whole.version != FORMAT {
            return Err(LockError::Format { path: path.to_path_buf(), found: whole.version });
        }
        let mut lock = Lock { packages: whole.package };
        lock.sort();
        Ok(Some(lock))
    }

    /// Writes the file: as a whole, or not at all. The same packages always give the same bytes.
    pub fn write(&self, path: &Path) -> Result<(), LockError> {
        let fail = |source| LockError::Write { path: path.to_path_buf(), source };
        let draft = path.with_extension("lock.part");
        let put = fs::write(&draft, self.text()).and_then(|()| fs::rename(&draft, path));
        if put.is_err() {
            // What is left of it is of no use.
            let _ = fs::remove_file(&draft);
        }
        put.map_err(fail)
    }

    /// The package with this name.
    pub fn find(&self, name: &str) -> Option<&Locked> {
        self.packages.iter().find(|locked| locked.name == name)
    }

    /// Puts packages in, each in the place of the one with its name. Gives what that changed, a line each.
    pub fn put(&mut self, packages: Vec<Locked>) -> Vec<String> {
        let mut changes = Vec::new();
        for new in packages {
            match self.packages.iter_mut().find(|locked| locked.name == new.name) {
                Some(old) if *old == new => {}
                Some(old) => {
                    changes.push(match old.version == new.version {
                        true => format!("{}@{} ({} -> {})", new.name, new.version, old.source, new.source),
                        false => format!("{} {} -> {}", new.name, old.version, new.version),
                    });
                    *old = new;
                }
                None => {
                    changes.push(format!("+ {}@{}", new.name, new.version));
                    self.packages.push(new);
                }
            }
        }
        self.sort();
        changes
    }

    /// Whether a package that is going to be used, with this hash and from this place, is the one that was agreed on.
    /// `path` is the lock file.
    pub fn check(&self, path: &Path, name: &str, version: &str, hash: &str, place: &str) -> Result<(), LockError> {
        let package = format!("{name}@{version}");
        let found = self.find(name).filter(|locked| locked.version == version);
        let Some(locked) = found else { return Err(LockError::Absent { path: path.to_path_buf(), package }) };
        if locked.sha256 == hash {
            return Ok(());
        }
        Err(LockError::Differs {
            path: path.to_path_buf(),
            package,
            place: place.to_string(),
            expected: locked.sha256.clone(),
            found: hash.to_string(),
        })
    }

    /// What became of each package. `path` is the lock file, from whose folder the paths in it go.
    pub fn states(&self, path: &Path, cache: &Cache) -> Vec<(&Locked, State)> {
        self.packages.iter().map(|locked| (locked, self.state(locked, path, cache))).collect()
    }

    fn state(&self, locked: &Locked, path: &Path, cache: &Cache) -> State {
        let Locked { name, version, source, .. } = locked;
        let (place, hash) = if source == "binary" {
            let layer = embedded(name, version).and_then(|found| found.layer());
            ("binary".to_string(), layer.map(|layer| Ok(layer.package().sha256.clone())))
        } else {
            let folder = match source.strip_prefix("file+") {
                Some(file) => Some(path.parent().unwrap_or(Path::new("")).join(file)).filter(|file| file.exists()),
                None => cache.find(name, version),
            };
            let place = match source.strip_prefix("file+") {
                Some(file) => file.to_string(),
                None => cache.folder().display().to_string(),
            };
            (place, folder.map(|folder| content_hash(&folder)))
        };
        match hash {
            None => State::Gone(place),
            Some(Err(error)) => State::Broken(error),
            Some(Ok(hash)) => match self.check(path, name, version, &hash, &place) {
                Ok(()) => State::Same,
                Err(error) => State::Differs(error),
            },
        }
    }

    fn sort(&mut self) {
        self.packages.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| order(&a.version, &b.version)));
    }

    fn text(&self) -> String {
        let mut text = format!(
            "# Made by `toetsbank packages add`; `toetsbank packages verify` checks it. Keep it under version control.\nversion = {FORMAT}\n"
        );
        for locked in &self.packages {
            text.push_str("\n[[package]]\n");
            let fields = [
                ("name", &locked.name),
                ("version", &locked.version),
                ("source", &locked.source),
                ("sha256", &locked.sha256),
            ];
            for (field, value) in fields {
                text.push_str(&format!("{field} = {}\n", quoted(value)));
            }
            if !locked.dependencies.is_empty() {
                let all: Vec<_> = locked.dependencies.iter().map(|one| quoted(one)).collect();
                text.push_str(&format!("dependencies = [{}]\n", all.join(", ")));
            }
        }
        text
    }
}

/// A TOML string; JSON's escapes are TOML's too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LockError::Read { path, .. } => write!(f, "read `{}`; check that it is a text file", path.display()),
            LockError::Write { path, .. } => {
                write!(f, "write `{}`; check that the folder may be written", path.display())
            }
            LockError::Form { path, .. } => {
                write!(f, "read `{}`; make it again with `toetsbank packages add`", path.display())
            }
            LockError::Format { path, found } => write!(
                f,
                "read `{}`: its format is {found}, this harness knows {FORMAT}; make it again with `toetsbank packages add`",
                path.display()
            ),
            LockError::Absent { path, package } => write!(
                f,
                "use `{package}`: it is not in `{}`; add it with `toetsbank packages add {package}`",
                path.display()
            ),
            LockError::Differs { path, package, place, expected, found } => write!(
                f,
                "use `{package}` from `{place}`: its content has hash `{found}`, `{}` says `{expected}`; \
                 put the agreed package back, or remove its entry from the lock file and add it again if the change is meant",
                path.display()
            ),
            LockError::Change { path, changes } => write!(
                f,
                "keep `{}` as it is: it would change ({}); leave `--locked` out if that is meant",
                path.display(),
                changes.join(", ")
            ),
        }
    }
}

impl Error for LockError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            LockError::Read { source, .. } | LockError::Write { source, .. } => Some(source),
            LockError::Form { source, .. } => Some(source),
            LockError::Format { .. }
            | LockError::Absent { .. }
            | LockError::Differs { .. }
            | LockError::Change { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locked(name: &str, version: &str) -> Locked {
        Locked {
            name: name.to_string(),
            version: version.to_string(),
            source: "file+a \"b\".tgz".to_string(),
            sha256: "00".to_string(),
            dependencies: vec!["c@1.0.0".to_string()],
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(LOCK);
        assert!(Lock::read(&path).unwrap().is_none());
        let mut lock = Lock::default();
        assert_eq!(lock.put(vec![locked("b", "1.0.0"), locked("a", "2.0.0")]), ["+ b@1.0.0", "+ a@2.0.0"]);
        lock.write(&path).unwrap();
        assert_eq!(Lock::read(&path).unwrap().unwrap(), lock);
        assert!(lock.put(vec![locked("a", "2.0.0")]).is_empty());
        assert_eq!(lock.put(vec![locked("a", "2.1.0")]), ["a 2.0.0 -> 2.1.0"]);
        assert_eq!(lock.packages.len(), 2);
    }

    #[test]
    fn what_is_no_lock_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(LOCK);
        for (text, expect) in [
            ("version = 2\n", "its format is 2"),
            ("version = 1\nextra = 1\n", "make it again"),
            ("version = 1\n[[package]]\nname = \"a\"\n", "make it again"),
            ("not toml", "make it again"),
        ] {
            fs::write(&path, text).unwrap();
            let error = Lock::read(&path).unwrap_err().to_string();
            assert!(error.contains(expect), "{error}");
        }
    }

    #[test]
    fn another_hash_says_what_where_and_what_to_do() {
        let mut lock = Lock::default();
        lock.put(vec![locked("a", "2.0.0")]);
        let path = Path::new("x.lock");
        assert!(lock.check(path, "a", "2.0.0", "00", "here").is_ok());
        let error = lock.check(path, "a", "2.0.0", "11", "here").unwrap_err().to_string();
        for part in ["a@2.0.0", "`here`", "`11`", "`00`", "x.lock", "put the agreed package back"] {
            assert!(error.contains(part), "no {part}: {error}");
        }
        assert!(matches!(lock.check(path, "a", "2.0.1", "00", "here"), Err(LockError::Absent { .. })));
    }
}
