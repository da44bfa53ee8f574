//! The authority of a world for a DVP of somebody's: kept in a folder, so that people install it once.
//!
//! Entry point: [`kept`].

use std::error::Error;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::private;
use crate::env::Env;
use crate::pki::Authority;
use crate::pki::PkiError;
use crate::simulator::stelsel::AUTHORITY;

/// Name of the file with the certificate, for the DVP to trust.
pub const CERTIFICATE: &str = "ca.pem";

/// Name of the file with its private key.
const KEY: &str = "ca.key";

/// The authority that is kept in a folder; it is made when there is none, and anew when it has expired.
///
/// # Errors
/// Files that cannot be read or written, or that do not belong together.
pub fn kept(env: &Env, folder: &Path) -> Result<Authority, AuthorityError> {
    let (certificate, key) = (folder.join(CERTIFICATE), folder.join(KEY));
    match (read(&certificate)?, read(&key)?) {
        (Some(certificate), Some(key)) => {
            let bad = |source| AuthorityError::Bad { folder: folder.to_owned(), source };
            let authority = Authority::kept(env, AUTHORITY, &certificate, &key).map_err(bad)?;
            match authority.facts().map_err(bad)?.not_after > env.now().as_second() {
                true => Ok(authority),
                false => make(env, folder),
            }
        }
        (None, None) => make(env, folder),
        _ => Err(AuthorityError::Half(folder.to_owned())),
    }
}

fn read(path: &Path) -> Result<Option<String>, AuthorityError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(AuthorityError::File { path: path.to_owned(), source }),
    }
}

fn make(env: &Env, folder: &Path) -> Result<Authority, AuthorityError> {
    let (authority, key) = Authority::lasting(env, AUTHORITY).map_err(AuthorityError::Make)?;
    let failed = |path: PathBuf| move |source| AuthorityError::File { path, source };
    fs::create_dir_all(folder).map_err(failed(folder.to_owned()))?;
    let (at, key_at) = (folder.join(CERTIFICATE), folder.join(KEY));
    private::put(&key_at, &key).map_err(failed(key_at.clone()))?;
    fs::write(&at, &authority.certificate).map_err(failed(at.clone()))?;
    Ok(authority)
}

/// Why there is no authority.
#[derive(Debug)]
pub enum AuthorityError {
    /// A file cannot be read or written.
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// One of the two files is missing.
    Half(PathBuf),
    /// The files are no authority.
    Bad {
        /// Where they are.
        folder: PathBuf,
        /// Why.
        source: PkiError,
    },
    /// None can be made.
    Make(PkiError),
}

impl fmt::Display for AuthorityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, .. } => write!(f, "use `{}` for the authority of the world", path.display()),
            Self::Half(folder) => {
                write!(f, "find both `{CERTIFICATE}` and `{KEY}` in `{}`: remove the other one", folder.display())
            }
            Self::Bad { folder, .. } => {
                write!(f, "use the authority in `{}`: remove `{CERTIFICATE}` and `{KEY}`", folder.display())
            }
            Self::Make(_) => write!(f, "make an authority"),
        }
    }
}

impl Error for AuthorityError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            Self::Bad { source, .. } | Self::Make(source) => Some(source),
            Self::Half(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_authority_comes_back_until_it_expires() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("world");
        let env = Env::fixed("2030-05-17T12:00:00Z".parse().unwrap(), 1);
        let first = kept(&env, &place).unwrap().certificate;
        assert_eq!(kept(&env, &place).unwrap().certificate, first);
        env.advance(std::time::Duration::from_secs(3 * 365 * 24 * 3600));
        assert_ne!(kept(&env, &place).unwrap().certificate, first);
        fs::write(place.join(KEY), "geen sleutel").unwrap();
        assert!(matches!(kept(&env, &place), Err(AuthorityError::Bad { .. })));
        fs::remove_file(place.join(KEY)).unwrap();
        assert!(matches!(kept(&env, &place), Err(AuthorityError::Half(_))));
    }
}
