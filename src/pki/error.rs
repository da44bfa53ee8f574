//! What can go wrong when certificates are made or read.

use std::error::Error;
use std::fmt;

/// A certificate or key that could not be made or read.
#[derive(Debug)]
pub enum PkiError {
    /// No key pair came.
    Key(rcgen::Error),
    /// No certificate could be made for this name.
    Certificate {
        /// The name.
        name: String,
        /// Why.
        source: rcgen::Error,
    },
    /// TLS does not take the authority.
    Trust(rustls::Error),
    /// A key does not go with its certificate, or is of a kind that we cannot use.
    Pair(rustls::Error),
    /// The bytes are no X.509 certificate.
    NotX509(String),
}

impl PkiError {
    pub(super) fn certificate(name: &str, source: rcgen::Error) -> Self {
        Self::Certificate { name: name.to_owned(), source }
    }
}

impl fmt::Display for PkiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(_) => write!(f, "make a key pair"),
            Self::Certificate { name, .. } => write!(f, "make a certificate for `{name}`: give a host name"),
            Self::Trust(_) => write!(f, "trust an authority"),
            Self::Pair(_) => write!(f, "use a certificate with its private key: give those that belong together"),
            Self::NotX509(detail) => write!(f, "read a certificate: {detail}"),
        }
    }
}

impl Error for PkiError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Key(source) | Self::Certificate { source, .. } => Some(source),
            Self::Trust(source) | Self::Pair(source) => Some(source),
            Self::NotX509(_) => None,
        }
    }
}
