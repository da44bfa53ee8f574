//! The connections that a counterpart makes as a client: its certificate, whom it trusts, where names lead.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::Proxy;
use rustls::CertificateError;
use rustls::ClientConfig;
use rustls::Error;
use rustls::SupportedProtocolVersion;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerified;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::UnixTime;

use crate::env::Env;
use crate::pki;
use crate::pki::Identity;
use crate::simulator::SimulatorError;

/// How long a client waits for an answer: longer than a DVA may take (core.rscint.202).
const PATIENCE: Duration = Duration::from_secs(70);

/// Whom a client takes for the right server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Who shows a certificate for the host, of an authority that is trusted.
    Sound,
    /// Who shows a certificate of an authority that is trusted, for whatever host: a planted deviation.
    AnyHost,
    /// Anyone: a planted deviation.
    Anyone,
}

/// How a client goes about its connections.
pub(super) struct Manner<'a> {
    /// Whom it trusts.
    pub(super) trust: Trust,
    /// The certificate that it shows.
    pub(super) identity: Option<&'a Identity>,
    /// Versions that it offers.
    pub(super) versions: &'static [&'static SupportedProtocolVersion],
    /// Whether names of headers begin with capitals.
    pub(super) capitals: bool,
    /// Whether it keeps connections for the next request.
    pub(super) keeps: bool,
}

/// TLS 1.2 and no other.
pub(super) static ONLY_1_2: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];

/// TLS 1.3 and no other.
pub(super) static ONLY_1_3: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];

/// How connections are made.
pub(super) struct Wire {
    pub(super) env: Env,
    /// Authorities that are trusted, PEM.
    pub(super) ca: Vec<String>,
    pub(super) identity: Identity,
    /// `host:443` -> `address:port`.
    pub(super) connect: BTreeMap<String, String>,
    /// A proxy (CONNECT) by which the other names are found.
    pub(super) proxy: Option<SocketAddr>,
}

impl Wire {
    /// A client with connections of its own, which trusts as told and `shows` its certificate.
    ///
    /// # Errors
    /// When certificates cannot be used.
    pub(super) fn client(&self, shows: bool, trust: Trust) -> Result<Client, SimulatorError> {
        let identity = shows.then_some(&self.identity);
        self.client_of(&Manner { trust, identity, versions: rustls::ALL_VERSIONS, capitals: false, keeps: true })
    }

    /// A client with connections of its own, made in this manner.
    ///
    /// # Errors
    /// When certificates cannot be used.
    pub(super) fn client_of(&self, manner: &Manner) -> Result<Client, SimulatorError> {
        let tls = self.tls(manner)?;
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .http1_only()
            .referer(false)
            .retry(reqwest::retry::never())
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .user_agent(concat!("toetsbank/", env!("CARGO_PKG_VERSION")));
        if manner.capitals {
            builder = builder.http1_title_case_headers();
        }
        if !manner.keeps {
            builder = builder.pool_max_idle_per_host(0);
        }
        builder = match self.proxy {
            Some(address) => builder.proxy(Proxy::all(format!("http://{address}")).map_err(SimulatorError::Client)?),
            None => builder.no_proxy(),
        };
        for (name, address) in &self.connect {
            let host = name.split(':').next().unwrap_or_default();
            if let Ok(address) = address.parse::<SocketAddr>() {
                builder = builder.resolve(host, address);
            }
        }
        builder.build().map_err(SimulatorError::Client)
    }

    /// The TLS settings of a client that goes about it in this manner.
    ///
    /// # Errors
    /// When certificates cannot be used.
    pub(super) fn tls(&self, manner: &Manner) -> Result<ClientConfig, SimulatorError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_details(Arc::clone(&provider), pki::clock(&self.env))
            .with_protocol_versions(manner.versions)?;
        let lax: Option<Arc<dyn ServerCertVerifier>> = match manner.trust {
            Trust::Sound => None,
            Trust::AnyHost => {
                let roots = Arc::new(pki::roots(&self.ca)?);
                let chain = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider)).build();
                Some(Arc::new(AnyHost { chain: chain.map_err(SimulatorError::Verifier)?, provider }))
            }
            Trust::Anyone => Some(Arc::new(pki::Anyone::new(provider))),
        };
        let builder = match lax {
            None => builder.with_root_certificates(pki::roots(&self.ca)?),
            Some(lax) => builder.dangerous().with_custom_certificate_verifier(lax),
        };
        Ok(match manner.identity {
            Some(identity) => builder.with_client_auth_cert(identity.chain(), identity.private_key())?,
            None => builder.with_no_client_auth(),
        })
    }

    /// Where a host is found.
    pub(super) fn address_of(&self, host: &str) -> Option<SocketAddr> {
        let found = self.connect.iter().find(|(name, _)| name.split(':').next() == Some(host));
        found.and_then(|(_, address)| address.parse().ok())
    }
}

/// Checks everything of a certificate but its name.
#[derive(Debug)]
struct AnyHost {
    chain: Arc<WebPkiServerVerifier>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyHost {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    pki::signatures!();
}
