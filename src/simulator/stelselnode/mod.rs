//! The reference stelselnode: serves the lists over mutual TLS, and remembers who fetched which, when.
//!
//! Names and query are those of the Afsprakenstelsel (core.lijsten.300), the host name is not: candidates are told where it
//! is. Knows nothing of what a list should hold, so that wrong ones can be served. Entry points: [`start`] for one on its own,
//! [`Node`] for one beside a run, [`Publication`].

mod beside;
pub mod of_candidate;
pub mod offer;
mod publication;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::server::WebPkiClientVerifier;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::env::Env;
use crate::lists::schema::Kind;
use crate::pki;
use crate::pki::Authority;
use crate::simulator::SimulatorError;
use crate::simulator::http;
use crate::simulator::http::Choice;
use crate::simulator::http::Form;
use crate::simulator::http::Handler;
use crate::simulator::http::Received;
use crate::simulator::http::Reply;
use crate::simulator::http::Secured;

pub use beside::Node;
pub use beside::NodeConfig;
pub use beside::Shown;
pub use publication::Publication;

/// Host name of the stelselnode; `localhost` stands in its certificate as well.
pub const HOST: &str = "stelselnode.toetsbank.example";

/// Major version of the lists (core.lijsten.300): the value of `api`.
const API: &str = "2";

/// Most fetches that are remembered; later ones are served and not noted.
const MOST: usize = 100_000;

/// How a stelselnode is to be.
pub struct StelselnodeConfig {
    /// Its clock and random source.
    pub env: Env,
    /// What it serves; the caller may change it later.
    pub publication: Publication,
    /// Authorities whose client certificates it takes, PEM; none: its own.
    pub clients: Vec<String>,
    /// Its port; any free one when `None`.
    pub port: Option<u16>,
}

/// A list that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// When, by the clock of the harness.
    pub at: Timestamp,
    /// Which list.
    pub list: Kind,
    /// Host names of the client certificate: the Common Name first.
    pub hosts: Vec<String>,
    /// Status of the answer.
    pub status: u16,
}

/// A stelselnode that runs until it is stopped or dropped.
pub struct Stelselnode {
    port: u16,
    authority: Authority,
    fetches: Arc<Mutex<Vec<Fetch>>>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Starts a stelselnode; it serves when this returns.
///
/// # Errors
/// When the port is taken, or certificates cannot be made or used.
pub async fn start(config: StelselnodeConfig) -> Result<Stelselnode, SimulatorError> {
    let StelselnodeConfig { env, publication, clients, port } = config;
    let authority = Authority::new(&env, "toetsbank test CA")?;
    let identity = authority.server(&[HOST, "localhost"])?;
    let roots = if clients.is_empty() { authority.roots()? } else { pki::roots(&clients)? };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let mut tls = ServerConfig::builder_with_details(provider, pki::clock(&env))
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(verifier.build().map_err(SimulatorError::Verifier)?)
        .with_single_cert(identity.chain(), identity.private_key())?;
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    let tls = Arc::new(tls);
    let choice: Choice = Arc::new(move |_, _| Arc::clone(&tls));

    let port = port.unwrap_or(0);
    let fail = |source| SimulatorError::Listen { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(fail)?;
    let port = listener.local_addr().map_err(fail)?.port();
    let fetches: Arc<Mutex<Vec<Fetch>>> = Arc::default();
    let handler: Handler = {
        let fetches = Arc::clone(&fetches);
        http::at_once(move |received| answer(&env, &publication, &fetches, received))
    };
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(http::serve(
        listener,
        Secured { choice, shim: None, watch: None, tries: None, old: None },
        handler,
        Form::default(),
        stopped,
    ));
    Ok(Stelselnode { port, authority, fetches, stop, task })
}

impl Stelselnode {
    /// Its port on the loopback address.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The authority of its certificate, and of its clients' unless others were named.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// All that was fetched until now, in order.
    pub fn fetches(&self) -> Vec<Fetch> {
        self.fetches.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Stops it, and waits until its port is free.
    pub async fn stop(self) {
        // No receiver is left when the task ended already.
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

/// Answers a request for a list.
pub(super) fn serve(publication: &Publication, received: &Received) -> Reply {
    match publication::kind(received.path.trim_start_matches('/')) {
        Some(list) => served(publication, list, received),
        None => Reply::empty(404),
    }
}

fn answer(env: &Env, publication: &Publication, fetches: &Mutex<Vec<Fetch>>, received: &Received) -> Reply {
    let Some(list) = publication::kind(received.path.trim_start_matches('/')) else { return Reply::empty(404) };
    let reply = served(publication, list, received);
    let fetch = Fetch { at: env.now(), list, hosts: received.hosts.to_vec(), status: reply.status };
    let mut noted = fetches.lock().unwrap_or_else(PoisonError::into_inner);
    if noted.len() < MOST {
        noted.push(fetch);
    }
    reply
}

fn served(publication: &Publication, list: Kind, received: &Received) -> Reply {
    if !matches!(received.method.as_str(), "GET" | "HEAD") {
        return Reply::empty(405).with("allow", "GET");
    }
    if received.parameters() != [("api".to_owned(), API.to_owned())] {
        let told = format!("ask this list with the query `api={API}`\n");
        return Reply::new(400, "text/plain; charset=utf-8", told);
    }
    match publication.text(list) {
        Some(text) => Reply::new(200, "application/xml", text),
        None => Reply::empty(404),
    }
}

#[cfg(test)]
mod tests;
