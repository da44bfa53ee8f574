//! Why a built-in counterpart does not start.

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::fhir::syntax::ParseError;
use crate::pki::PkiError;

/// A counterpart that could not start.
#[derive(Debug)]
pub enum SimulatorError {
    /// Its certificates could not be made.
    Pki(PkiError),
    /// TLS does not take the certificates.
    Tls(rustls::Error),
    /// The verifier of client certificates could not be made.
    Verifier(rustls::server::VerifierBuilderError),
    /// No socket on this port.
    Listen {
        /// The port on the loopback address; 0 for any.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
    /// No socket at this address.
    ListenAt {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// Nothing is known by this name that a stelselnode could do.
    Twist {
        /// The name.
        name: String,
    },
    /// A file or folder with resources cannot be read.
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file holds no FHIR resource.
    Resource {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        source: ParseError,
    },
    /// A folder holds more than a counterpart serves.
    TooLarge {
        /// The folder.
        path: PathBuf,
    },
    /// A folder holds no Patient, so nobody could log in.
    NoPatient {
        /// The folder, or the name of the built-in data.
        path: PathBuf,
    },
    /// A folder holds no list of the stelselnode.
    NoList {
        /// The folder.
        path: PathBuf,
    },
    /// The HTTP client of a DVP cannot be made.
    Client(reqwest::Error),
    /// An address of the counterpart is no URL.
    Address(url::ParseError),
}

impl fmt::Display for SimulatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pki(_) => write!(f, "make the certificates"),
            Self::Tls(_) | Self::Verifier(_) => write!(f, "set up TLS"),
            Self::Listen { port: 0, .. } => write!(f, "listen on a free port of 127.0.0.1"),
            Self::Listen { port, .. } => write!(f, "listen on 127.0.0.1:{port}: give another with `--port`"),
            Self::ListenAt { address, .. } => write!(f, "listen on `{address}`: free it, or give another address"),
            Self::Twist { name } => write!(f, "let the stelselnode do `{name}`: it does not know that"),
            Self::Read { path, .. } => write!(f, "read `{}`", path.display()),
            Self::Resource { path, .. } => write!(f, "read a FHIR resource from `{}`", path.display()),
            Self::TooLarge { path } => write!(f, "serve `{}`: it holds too many or too large files", path.display()),
            Self::NoPatient { path } => write!(f, "serve `{}`: add at least one Patient", path.display()),
            Self::NoList { path } => {
                write!(f, "serve `{}`: add at least one list, such as `MedMij_Whitelist.xml`", path.display())
            }
            Self::Client(_) => write!(f, "make the HTTP client"),
            Self::Address(_) => write!(f, "form an address"),
        }
    }
}

impl Error for SimulatorError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Pki(source) => Some(source),
            Self::Tls(source) => Some(source),
            Self::Verifier(source) => Some(source),
            Self::Listen { source, .. } | Self::ListenAt { source, .. } | Self::Read { source, .. } => Some(source),
            Self::Resource { source, .. } => Some(source),
            Self::Client(source) => Some(source),
            Self::Address(source) => Some(source),
            Self::TooLarge { .. } | Self::NoPatient { .. } | Self::Twist { .. } | Self::NoList { .. } => None,
        }
    }
}

impl From<PkiError> for SimulatorError {
    fn from(source: PkiError) -> Self {
        Self::Pki(source)
    }
}

impl From<rustls::Error> for SimulatorError {
    fn from(source: rustls::Error) -> Self {
        Self::Tls(source)
    }
}

impl From<url::ParseError> for SimulatorError {
    fn from(source: url::ParseError) -> Self {
        Self::Address(source)
    }
}
