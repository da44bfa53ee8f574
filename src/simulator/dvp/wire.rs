//! The connections of the DVP: its certificate, whom it trusts, where names lead.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::Proxy;
use rustls::ClientConfig;

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
    /// A proxy (CONNECT) by which the other names are found.
    pub(super) proxy: Option<SocketAddr>,
}

impl Wire {
    /// A client with connections of its own; without `checks` it takes any server for the right one.
    ///
    /// # Errors
    /// When certificates cannot be used.
    pub(super) fn client(&self, checks: bool) -> Result<Client, SimulatorError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_details(Arc::clone(&provider), pki::clock(&self.env))
            .with_safe_default_protocol_versions()?;
        let builder = match checks {
            true => builder.with_root_certificates(pki::roots(&self.ca)?),
            false => builder.dangerous().with_custom_certificate_verifier(Arc::new(pki::Anyone::new(provider))),
        };
        let tls = builder.with_client_auth_cert(self.identity.chain(), self.identity.private_key())?;
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .http1_only()
            .referer(false)
            .retry(reqwest::retry::never())
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .user_agent(concat!("toetsbank-dvp/", env!("CARGO_PKG_VERSION")));
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
}
