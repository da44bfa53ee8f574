//! The connections of the DVP: its certificate, whom it trusts, where names lead.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use rustls::ClientConfig;
use rustls::DigitallySignedStruct;
use rustls::Error;
use rustls::SignatureScheme;
use rustls::client::danger::HandshakeSignatureValid;
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

/// How long the DVP waits for an answer: longer than a DVA may take (core.rscint.202).
const PATIENCE: Duration = Duration::from_secs(70);

/// How connections are made.
pub(super) struct Wire {
    pub(super) env: Env,
    /// Authorities that are trusted, PEM.
    pub(super) ca: Vec<String>,
    pub(super) identity: Identity,
    /// `host:443` -> `address:port`.
    pub(super) connect: BTreeMap<String, String>,
}

impl Wire {
    /// A client with connections of its own.
    ///
    /// # Errors
    /// When certificates cannot be used.
    pub(super) fn client(&self, shows: bool, checks: bool) -> Result<Client, SimulatorError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_details(Arc::clone(&provider), pki::clock(&self.env))
            .with_safe_default_protocol_versions()?;
        let builder = match checks {
            true => builder.with_root_certificates(pki::roots(&self.ca)?),
            false => builder.dangerous().with_custom_certificate_verifier(Arc::new(Anyone { provider })),
        };
        let tls = match shows {
            true => builder.with_client_auth_cert(self.identity.chain(), self.identity.private_key())?,
            false => builder.with_no_client_auth(),
        };
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .http1_only()
            .no_proxy()
            .referer(false)
            .retry(reqwest::retry::never())
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .user_agent(concat!("toetsbank-dvp/", env!("CARGO_PKG_VERSION")));
        for (name, address) in &self.connect {
            let host = name.split(':').next().unwrap_or_default();
            if let Ok(address) = address.parse::<SocketAddr>() {
                builder = builder.resolve(host, address);
            }
        }
        builder.build().map_err(SimulatorError::Client)
    }
}

/// Takes any server for the right one: a planted deviation.
#[derive(Debug)]
struct Anyone {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
