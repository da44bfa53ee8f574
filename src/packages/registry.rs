//! A FHIR package registry: the npm protocol as far as FHIR uses it.
//!
//! `GET /NAME` lists versions with the address and hash of each archive; `GET /NAME/VERSION` is the archive. What comes
//! is untrusted; the hash that the registry gives is checked. Entry point: [`Registry`].

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha1::Sha1;
use sha2::Digest;
use sha2::Sha512;
use url::Url;

use crate::packages::MAX_BYTES;
use crate::packages::http::Http;
use crate::packages::http::HttpError;
use crate::packages::http::shown;
use crate::packages::version::is_plain;

/// Largest list of versions that is read, in bytes: 16 MiB.
const MAX_LISTING: u64 = 16 << 20;

/// A registry that the user named.
pub struct Registry {
    address: Url,
    http: Http,
}

/// The versions of one package.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The version that the registry calls the latest.
    pub latest: Option<String>,
    /// What is known of each version's archive.
    pub versions: BTreeMap<String, Archive>,
}

/// What a registry says of an archive.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    /// Where it is; beside the list when the registry does not say.
    tarball: Option<String>,
    /// SHA-1 in hexadecimal.
    shasum: Option<String>,
    /// SHA-512 in base64.
    sha512: Option<String>,
}

/// Why a registry cannot be used.
#[derive(Debug)]
pub enum RegistryError {
    /// Its address is no URL.
    Address(String),
    /// There is no answer, or no good one.
    Http(HttpError),
    /// The list of versions cannot be understood.
    Listing {
        /// Where it came from.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The archive is not the one that the registry lists.
    Hash {
        /// Where the archive came from.
        url: String,
        /// What the registry says.
        expected: String,
        /// What it is.
        found: String,
    },
}

impl Registry {
    /// The registry at this address; so long is waited for each answer.
    pub fn new(address: &str, time: Duration) -> Result<Registry, RegistryError> {
        let wrong = || RegistryError::Address(address.to_string());
        // A path without slash at its end would lose its last part.
        let whole = format!("{}/", address.trim_end_matches('/'));
        let url = Url::parse(&whole).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(wrong());
        }
        Ok(Registry { address: url, http: Http::new(time).map_err(RegistryError::Http)? })
    }

    /// Its address, as it may be shown and kept.
    pub fn address(&self) -> String {
        shown(&self.address).trim_end_matches('/').to_string()
    }

    /// The versions of a package; `None` when the registry does not know it.
    pub fn listing(&self, name: &str) -> Result<Option<Listing>, RegistryError> {
        let url = self.url(&[name])?;
        match self.http.get(&url, "application/json", MAX_LISTING) {
            Ok(body) => self.understand(&url, name, &body).map(Some),
            Err(HttpError::Status { status: 404, .. }) => Ok(None),
            Err(error) => Err(RegistryError::Http(error)),
        }
    }

    /// The archive of a version, checked against the hash that the list gives.
    pub fn archive(&self, name: &str, version: &str, known: &Archive) -> Result<Vec<u8>, RegistryError> {
        let own = self.url(&[name, version])?;
        let stated = known.tarball.as_deref().and_then(|text| self.address.join(text).ok());
        // Registries behind https give addresses with http; what they give beside their list is as good.
        let is_safe = |url: &Url| url.scheme() == "https" || self.address.scheme() == "http";
        let url = stated.filter(is_safe).unwrap_or(own);
        let bytes = self.http.get(&url, "application/gzip, application/tar+gzip, */*", MAX_BYTES);
        let bytes = bytes.map_err(RegistryError::Http)?;
        let differs = |expected: &str, found: String| RegistryError::Hash {
            url: shown(&url),
            expected: expected.to_string(),
            found,
        };
        if let Some(expected) = &known.sha512 {
            let found = STANDARD.encode(Sha512::digest(&bytes));
            if found != *expected {
                return Err(differs(&format!("sha512-{expected}"), format!("sha512-{found}")));
            }
        } else if let Some(expected) = &known.shasum {
            let found: String = Sha1::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            if !found.eq_ignore_ascii_case(expected) {
                return Err(differs(expected, found));
            }
        }
        Ok(bytes)
    }

    fn understand(&self, url: &Url, name: &str, body: &[u8]) -> Result<Listing, RegistryError> {
        let wrong = |why| RegistryError::Listing { url: shown(url), why };
        let listing: Value = serde_json::from_slice(body).map_err(|_| wrong("it is no JSON"))?;
        let versions = listing["versions"].as_object().ok_or_else(|| wrong("it has no `versions`"))?;
        if listing["name"].as_str().is_some_and(|found| found != name) {
            return Err(wrong("it is of another package"));
        }
        let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_string);
        let archive = |facts: &Value| Archive {
            tarball: text(&facts["dist"]["tarball"]),
            shasum: text(&facts["dist"]["shasum"]),
            sha512: text(&facts["dist"]["integrity"])
                .and_then(|all| all.split_whitespace().find_map(|one| one.strip_prefix("sha512-").map(str::to_string))),
        };
        // A version becomes a path.
        let usable = versions.iter().filter(|(version, _)| is_plain(version));
        Ok(Listing {
            latest: text(&listing["dist-tags"]["latest"]).filter(|latest| versions.contains_key(latest)),
            versions: usable.map(|(version, facts)| (version.clone(), archive(facts))).collect(),
        })
    }

    fn url(&self, parts: &[&str]) -> Result<Url, RegistryError> {
        let mut url = self.address.clone();
        match url.path_segments_mut() {
            Ok(mut path) => path.pop_if_empty().extend(parts),
            Err(()) => return Err(RegistryError::Address(shown(&self.address))),
        };
        Ok(url)
    }
}

impl Archive {
    /// Whether the registry gives a hash to check the archive against.
    pub fn has_hash(&self) -> bool {
        self.shasum.is_some() || self.sha512.is_some()
    }
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RegistryError::Address(text) => {
                write!(f, "use the registry `{text}`; give an address that begins with http:// or https://")
            }
            RegistryError::Http(_) => write!(f, "ask the registry"),
            RegistryError::Listing { url, why } => {
                write!(
                    f,
                    "understand the list of versions at `{url}`: {why}; check that this is a FHIR package registry"
                )
            }
            RegistryError::Hash { url, expected, found } => write!(
                f,
                "trust the archive at `{url}`: the registry lists hash `{expected}`, the archive has `{found}`; \
                 nothing was kept; try again, and tell the registry when it stays so"
            ),
        }
    }
}

impl Error for RegistryError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            RegistryError::Http(source) => Some(source),
            RegistryError::Address(_) | RegistryError::Listing { .. } | RegistryError::Hash { .. } => None,
        }
    }
}
