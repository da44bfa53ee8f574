//! Why a package cannot be used. Says which file, what is wrong and what to do.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::fhir::definitions::CompactError;
use crate::fhir::definitions::LayerError;
use crate::fhir::syntax::ParseError;
use crate::packages::MAX_BYTES;
use crate::packages::MAX_FILE;
use crate::packages::MAX_FILES;
use crate::packages::MAX_FOLDERS;

/// Why a package cannot be used.
#[derive(Debug)]
pub enum PackageError {
    /// The file or folder cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is no gzip'd tar archive, or it is damaged.
    Archive {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        source: io::Error,
    },
    /// An archive member has a path that leads outside the archive, or is a link.
    HostilePath {
        /// The file.
        path: PathBuf,
        /// The path in it.
        inside: String,
    },
    /// It is, or unpacks to, more than [`MAX_BYTES`], or one of its files is too large.
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// Its folders are nested deeper than [`MAX_FOLDERS`].
    TooDeep {
        /// The first folder that is.
        path: PathBuf,
    },
    /// It has more than [`MAX_FILES`] files.
    TooManyFiles {
        /// The file or folder.
        path: PathBuf,
    },
    /// Its `package.json` is no JSON.
    Manifest {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        source: serde_json::Error,
    },
    /// One of its files is no JSON or XML.
    Resource {
        /// The file.
        path: PathBuf,
        /// The file in it.
        inside: String,
        /// What was wrong.
        source: ParseError,
    },
    /// One of its resources is no usable definition.
    Definition {
        /// The file.
        path: PathBuf,
        /// The file in it.
        inside: String,
        /// What was wrong.
        source: LayerError,
    },
    /// It looks like compact definitions and is not.
    Compact {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        source: CompactError,
    },
    /// It cannot be kept.
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It has no `package.json`.
    NoManifest {
        /// The file.
        path: PathBuf,
    },
    /// There is no definition in it.
    NoDefinitions {
        /// The file.
        path: PathBuf,
    },
}

impl fmt::Display for PackageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PackageError::Read { path, .. } => {
                write!(f, "read `{}`; check that it exists and may be read", path.display())
            }
            PackageError::Archive { path, .. } => {
                write!(f, "unpack `{}`; give a FHIR package, a gzip'd tar archive", path.display())
            }
            PackageError::HostilePath { path, inside } => {
                write!(
                    f,
                    "unpack `{}`: `{inside}` is a link or leads outside the package; do not use it",
                    path.display()
                )
            }
            PackageError::TooLarge { path } => {
                write!(
                    f,
                    "read `{}`: more than {} MiB, or more than {} MiB in one file; give a smaller package",
                    path.display(),
                    MAX_BYTES >> 20,
                    MAX_FILE >> 20
                )
            }
            PackageError::TooDeep { path } => {
                write!(
                    f,
                    "read `{}`: folders nested deeper than {MAX_FOLDERS} levels; give the folder with the definitions",
                    path.display()
                )
            }
            PackageError::TooManyFiles { path } => {
                write!(f, "read `{}`: more than {MAX_FILES} files; give a smaller package", path.display())
            }
            PackageError::Manifest { path, .. } => {
                write!(f, "read `package.json` of `{}`; it must be JSON", path.display())
            }
            PackageError::Resource { path, inside, .. } => {
                write!(f, "read `{inside}` of `{}`; it must be FHIR JSON or XML", path.display())
            }
            PackageError::Definition { path, inside, .. } => write!(f, "use `{inside}` of `{}`", path.display()),
            PackageError::Write { path, .. } => {
                write!(f, "write `{}`; check that the folder may be written", path.display())
            }
            PackageError::Compact { path, .. } => write!(f, "use `{}`", path.display()),
            PackageError::NoManifest { path } => {
                write!(f, "find `package/package.json` in `{}`; give a FHIR package", path.display())
            }
            PackageError::NoDefinitions { path } => write!(
                f,
                "find a definition in `{}`; give a StructureDefinition, ValueSet, CodeSystem, SearchParameter or Questionnaire",
                path.display()
            ),
        }
    }
}

impl Error for PackageError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            PackageError::Read { source, .. }
            | PackageError::Archive { source, .. }
            | PackageError::Write { source, .. } => Some(source),
            PackageError::Manifest { source, .. } => Some(source),
            PackageError::Resource { source, .. } => Some(source),
            PackageError::Definition { source, .. } => Some(source),
            PackageError::Compact { source, .. } => Some(source),
            PackageError::HostilePath { .. }
            | PackageError::TooLarge { .. }
            | PackageError::TooDeep { .. }
            | PackageError::TooManyFiles { .. }
            | PackageError::NoManifest { .. }
            | PackageError::NoDefinitions { .. } => None,
        }
    }
}
