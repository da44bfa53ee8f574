//! Connections: who we are, whom we trust, where names lead.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::net::ToSocketAddrs;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use reqwest::Client;
use reqwest::cookie::Jar;
use reqwest::header::ACCEPT_ENCODING;
use reqwest::header::HeaderValue;
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerified;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::UnixTime;
use rustls::pki_types::pem::PemObject;
use rustls::sign::CertifiedKey;
use url::Url;

use crate::candidate::Candidate;
use crate::env::Env;
use crate::exchange::Certificate;
use crate::exchange::CertificateFacts;
use crate::pki;

/// Why we cannot send.
#[derive(Debug)]
pub enum RunnerError {
    /// A certificate, key or trust anchor of the candidate file is no usable PEM.
    Pem(&'static str, String),
    /// The HTTP client cannot be made.
    Client(reqwest::Error),
    /// A name cannot be turned into an address.
    Address(String),
}

impl fmt::Display for RunnerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem(what, why) => write!(f, "use `{what}` of the candidate file: {why}"),
            Self::Client(error) => write!(f, "make the HTTP client: {error}"),
            Self::Address(name) => write!(f, "find an address for `{name}`; add it to `[trust.connect]`"),
        }
    }
}

impl std::error::Error for RunnerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Client(error) => Some(error),
            Self::Pem(..) | Self::Address(_) => None,
        }
    }
}

/// A certificate chain with its key.
type Credentials = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Name of the certificate for our own host that we sign ourselves.
pub const SELF_SIGNED: &str = "self-signed";

/// Makes connections for a run.
pub struct Sender {
    roots: Arc<RootCertStore>,
    identity: Option<Credentials>,
    /// Other identities by their names.
    others: BTreeMap<String, Credentials>,
    client_id: String,
    env: Env,
    connect: BTreeMap<String, String>,
    clock: Arc<dyn rustls::time_provider::TimeProvider>,
    seen: Arc<Mutex<BTreeMap<String, Vec<CertificateFacts>>>>,
    /// Clients of the back channel, by origin and certificate; their connections are kept.
    back: Mutex<BTreeMap<(String, Certificate), Client>>,
}

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);

impl Sender {
    /// A sender with the identity and the trust of the candidate file.
    ///
    /// # Errors
    /// PEM text that cannot be used.
    pub fn new(candidate: &Candidate, env: &Env) -> Result<Self, RunnerError> {
        let bad =
            |what: &'static str| move |error: rustls::pki_types::pem::Error| RunnerError::Pem(what, error.to_string());
        let mut roots = RootCertStore::empty();
        for text in &candidate.trust.ca {
            for certificate in CertificateDer::pem_slice_iter(text.as_bytes()) {
                let certificate = certificate.map_err(bad("trust.ca"))?;
                roots.add(certificate).map_err(|error| RunnerError::Pem("trust.ca", error.to_string()))?;
            }
        }
        let client = &candidate.client;
        let identity = if client.certificate.trim().is_empty() {
            None
        } else {
            Some(credentials(&client.certificate, &client.key).map_err(bad("client"))?)
        };
        let mut others = BTreeMap::new();
        for other in &candidate.identities {
            let credentials = credentials(&other.certificate, &other.key).map_err(bad("identities"))?;
            others.insert(other.standing.word().to_owned(), credentials);
        }
        Ok(Self {
            roots: Arc::new(roots),
            identity,
            others,
            client_id: client.client_id.clone(),
            env: env.clone(),
            connect: candidate.trust.connect.clone(),
            clock: pki::clock(env),
            seen: Arc::default(),
            back: Mutex::default(),
        })
    }

    /// A client for the front channel: no certificate, the cookies of one person.
    ///
    /// # Errors
    /// See [`RunnerError`].
    pub fn front(&self, url: &Url, jar: &Arc<Jar>) -> Result<Client, RunnerError> {
        self.client(url, &Certificate::None, Some(jar.clone()))
    }

    /// A client for the back channel with a connection of its own: for what must not be sent twice, such as a code.
    ///
    /// # Errors
    /// See [`RunnerError`].
    pub fn fresh(&self, url: &Url, certificate: &Certificate) -> Result<Client, RunnerError> {
        self.client(url, certificate, None)
    }

    /// A client for the back channel that shows this certificate; its connections are kept.
    ///
    /// # Errors
    /// See [`RunnerError`].
    pub fn back(&self, url: &Url, certificate: &Certificate) -> Result<Client, RunnerError> {
        let key = (origin(url), certificate.clone());
        let mut known = self.back.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = known.get(&key) {
            return Ok(client.clone());
        }
        let client = self.client(url, certificate, None)?;
        known.insert(key, client.clone());
        Ok(client)
    }

    /// The certificates that a host showed last.
    pub fn chain(&self, url: &Url) -> Vec<CertificateFacts> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(url.host_str().unwrap_or("")).cloned().unwrap_or_default()
    }

    fn client(&self, url: &Url, certificate: &Certificate, jar: Option<Arc<Jar>>) -> Result<Client, RunnerError> {
        let mut builder = Client::builder()
            .tls_backend_preconfigured(self.tls(certificate)?)
            .http1_only()
            .https_only(true)
            .no_proxy()
            .referer(false)
            .retry(reqwest::retry::never())
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .user_agent(concat!("toetsbank/", env!("CARGO_PKG_VERSION")))
            // Without this field a server may pack as it likes (RFC 9110, section 12.5.3).
            .default_headers([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))].into_iter().collect());
        if let Some(jar) = jar {
            builder = builder.cookie_provider(jar);
        }
        if let (Some(host), Some(target)) = (url.host_str(), self.connect.get(&origin(url))) {
            builder = builder.resolve(host, address(target)?);
        }
        builder.build().map_err(RunnerError::Client)
    }

    /// The TLS configuration that shows this certificate.
    pub fn tls(&self, certificate: &Certificate) -> Result<ClientConfig, RunnerError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Verifier::new(self.roots.clone(), provider.clone(), self.seen.clone())?;
        let builder = ClientConfig::builder_with_details(provider, self.clock.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| RunnerError::Pem("trust.ca", error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let (what, shown) = match certificate {
            Certificate::None => ("client", None),
            Certificate::Own => ("client", self.identity.as_ref().map(|(chain, key)| (chain.clone(), key.clone_key()))),
            Certificate::Other(name) => ("identities", Some(self.other(name)?)),
        };
        match shown {
            Some((chain, key)) => {
                builder.with_client_auth_cert(chain, key).map_err(|error| RunnerError::Pem(what, error.to_string()))
            }
            None => Ok(builder.with_no_client_auth()),
        }
    }

    /// Our own certificate with its key, when rustls can use it.
    pub fn certified(&self) -> Option<Arc<CertifiedKey>> {
        let (chain, key) = self.identity.as_ref()?;
        let provider = rustls::crypto::ring::default_provider();
        CertifiedKey::from_der(chain.clone(), key.clone_key(), &provider).ok().map(Arc::new)
    }

    fn other(&self, name: &str) -> Result<Credentials, RunnerError> {
        if name == SELF_SIGNED {
            let identity = pki::self_signed(&self.env, &[&self.client_id])
                .map_err(|error| RunnerError::Pem("client.client_id", error.to_string()))?;
            return Ok((identity.chain(), identity.private_key()));
        }
        match self.others.get(name) {
            Some((chain, key)) => Ok((chain.clone(), key.clone_key())),
            None => Err(RunnerError::Pem("identities", format!("there is none with standing `{name}`"))),
        }
    }

    /// The address that a URL leads to.
    ///
    /// # Errors
    /// A name without address.
    pub fn address(&self, url: &Url) -> Result<SocketAddr, RunnerError> {
        address(self.connect.get(&origin(url)).unwrap_or(&origin(url)))
    }
}

fn credentials(certificate: &str, key: &str) -> Result<Credentials, rustls::pki_types::pem::Error> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate.as_bytes()).collect();
    Ok((chain?, PrivateKeyDer::from_pem_slice(key.as_bytes())?))
}

/// `host:port` of a URL.
pub fn origin(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or(""), url.port_or_known_default().unwrap_or(443))
}

fn address(target: &str) -> Result<SocketAddr, RunnerError> {
    if let Ok(address) = target.parse() {
        return Ok(address);
    }
    let mut found = target.to_socket_addrs().map_err(|_| RunnerError::Address(target.to_owned()))?;
    found.next().ok_or_else(|| RunnerError::Address(target.to_owned()))
}

/// Checks a server's certificate as usual, and remembers it, also when it is refused.
#[derive(Debug)]
struct Verifier {
    inner: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
    seen: Arc<Mutex<BTreeMap<String, Vec<CertificateFacts>>>>,
}

impl Verifier {
    fn new(
        roots: Arc<RootCertStore>,
        provider: Arc<CryptoProvider>,
        seen: Arc<Mutex<BTreeMap<String, Vec<CertificateFacts>>>>,
    ) -> Result<Self, RunnerError> {
        let inner = if roots.is_empty() {
            None
        } else {
            let built = WebPkiServerVerifier::builder_with_provider(roots, provider.clone()).build();
            Some(built.map_err(|error| RunnerError::Pem("trust.ca", error.to_string()))?)
        };
        Ok(Self { inner, provider, seen })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let chain = std::iter::once(end_entity).chain(intermediates);
        let facts = chain.filter_map(|der| pki::facts(der).ok()).collect();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(server_name.to_str().into_owned(), facts);
        drop(seen);
        match &self.inner {
            Some(inner) => inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now),
            None => Err(rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer)),
        }
    }

    pki::signatures!();
}
