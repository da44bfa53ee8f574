//! The stelselnode beside a run: the candidate fetches its lists here, and all that comes is told.
//!
//! Unlike [`start`](super::start) it turns nobody away, so that what a client does wrong can be seen and the run goes on: it
//! asks for a client certificate and does without, and takes any query. What it does otherwise than a sound node is set by
//! name ([`Node::set`]). Entry point: [`Node::start`].

use std::net::SocketAddr;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::SupportedProtocolVersion;
use rustls::server::NoServerSessionStorage;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::env::Env;
use crate::exchange::Connection;
use crate::exchange::Interface;
use crate::exchange::NodeWatch;
use crate::exchange::Stretch;
use crate::lists::List;
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
use crate::simulator::patient::Tries;
use crate::simulator::stelsel::Sight;
use crate::simulator::stelsel::Sink;
use crate::simulator::stelsel::sight;
use crate::simulator::stelselnode::Publication;
use crate::simulator::stelselnode::offer;
use crate::simulator::stelselnode::offer::About;
use crate::simulator::stelselnode::offer::Offer;
use crate::simulator::stelselnode::publication;
use crate::simulator::wire::ONLY_1_2;

/// Most that is kept of what came in; the rest is served and forgotten.
const MOST: usize = 100_000;

/// A certificate chain and its key, PEM.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The chain, leaf first.
    pub certificate: String,
    /// The private key.
    pub key: String,
}

/// How a node is to be.
pub struct NodeConfig {
    /// Its clock and random source.
    pub env: Env,
    /// Where it listens; port 0 for any free one.
    pub listen: SocketAddr,
    /// What it shows.
    pub own: Shown,
    /// What it shows as a certificate of another host that the candidate would trust there; else one that nobody trusts.
    pub stranger: Option<Shown>,
    /// What it serves.
    pub lists: Vec<List>,
    /// What the lists are about.
    pub about: About,
}

/// A node that runs until it is stopped or dropped.
pub struct Node {
    env: Env,
    listener: TcpListener,
    watch: NodeWatch,
    own: Shown,
    stranger: Option<Shown>,
    offer: Offer,
    /// Where whoever asks for a list is sent to.
    elsewhere: Arc<Mutex<Option<SocketAddr>>>,
    seen: Arc<Mutex<Vec<Sight>>>,
    /// How many clients are still to be looked at for data that they send too early.
    tries: Tries,
    names: Vec<&'static str>,
    serving: Option<Serving>,
    /// The host that nobody has a reason to visit, while somebody is sent there.
    other: Option<Serving>,
}

/// A listener at work.
struct Serving {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Serving {
    async fn end(self) {
        // No receiver is left when the task ended already.
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

impl Node {
    /// Starts a node; it serves when this returns.
    ///
    /// # Errors
    /// When the address is taken, or the certificate cannot be used.
    pub async fn start(config: NodeConfig) -> Result<Self, SimulatorError> {
        let NodeConfig { env, listen, own, stranger, lists, about } = config;
        let listener = bind(listen)?;
        let address = address_of(&listener, listen)?;
        let offer = Offer::new(lists, about);
        let (elsewhere, seen) = (Arc::default(), Arc::default());
        let tries = Tries::new(Vec::new());
        let from = env.now();
        let watch = NodeWatch { address: address.to_string(), from, until: from, ..NodeWatch::default() };
        let serving = Front {
            env: &env,
            config: config_of(&env, &own)?,
            publication: offer.publication().clone(),
            elsewhere: Arc::clone(&elsewhere),
            seen: Arc::clone(&seen),
            tries: Some(tries.clone()),
            at: None,
            tells: true,
        }
        .serve(&listener)?;
        let (names, other) = (Vec::new(), None);
        let serving = Some(serving);
        Ok(Self { env, listener, watch, own, stranger, offer, elsewhere, seen, tries, names, serving, other })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// When it was there until now.
    pub fn watch(&self) -> NodeWatch {
        let mut watch = self.watch.clone();
        watch.until = self.env.now();
        if self.is_unsound()
            && let Some(last) = watch.unsound.last_mut()
        {
            last.until = watch.until;
        }
        watch
    }

    /// What came in since it was asked last.
    pub fn seen(&self) -> Vec<Sight> {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether each of these lists was fetched since [`Node::seen`] was asked last.
    pub fn has_served(&self, kinds: &[Kind]) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_of = |sight: &Sight, kind: &Kind| match sight {
            Sight::Request(seen) => kind.file_name().is_some_and(|name| seen.request.url.contains(name)),
            Sight::Connection(_) => false,
        };
        kinds.iter().all(|kind| seen.iter().any(|sight| is_of(sight, kind)))
    }

    /// Whether it does anything otherwise than a sound node.
    pub fn is_as_usual(&self) -> bool {
        self.names.is_empty()
    }

    /// From now on it does these things otherwise, and nothing else.
    ///
    /// # Errors
    /// A name that is none of [`offer::TWISTS`], or a certificate that cannot be made.
    pub async fn set(&mut self, names: &[String]) -> Result<(), SimulatorError> {
        let known = |name: &String| offer::TWISTS.iter().copied().find(|twist| twist == name);
        let mut twists = Vec::new();
        for name in names {
            twists.push(known(name).ok_or_else(|| SimulatorError::Twist { name: name.clone() })?);
        }
        let was = self.certificate();
        self.names = twists;
        self.offer.take(&self.names, self.env.now());
        match self.names.contains(&offer::ELSEWHERE) {
            true if self.other.is_none() => self.send_elsewhere()?,
            true => {}
            false => {
                *self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner) = None;
                if let Some(other) = self.other.take() {
                    other.end().await;
                }
            }
        }
        if self.certificate() != was {
            self.show(was.is_some()).await?;
        }
        Ok(())
    }

    /// Stops it, and waits until its port is free.
    pub async fn stop(self) {
        for serving in self.serving.into_iter().chain(self.other) {
            serving.end().await;
        }
    }

    /// The name of what is wrong with its certificate.
    fn certificate(&self) -> Option<&'static str> {
        self.names.iter().copied().find(|name| [offer::WRONG_HOST, offer::UNTRUSTED].contains(name))
    }

    fn is_unsound(&self) -> bool {
        self.certificate().is_some()
    }

    /// Shows the certificate of this moment to whoever comes from now on. Connections are closed, so that none is left that
    /// was begun with another.
    async fn show(&mut self, was_unsound: bool) -> Result<(), SimulatorError> {
        if let Some(before) = self.serving.take() {
            before.end().await;
        }
        let now = self.env.now();
        if was_unsound && let Some(last) = self.watch.unsound.last_mut() {
            last.until = now;
        }
        let name = self.certificate();
        if name.is_some() {
            self.watch.unsound.push(Stretch { from: now, until: now });
        }
        let shown = match name {
            None => self.own.clone(),
            Some(name) => self.unsound(name)?,
        };
        let front = Front {
            env: &self.env,
            config: config_of(&self.env, &shown)?,
            publication: self.offer.publication().clone(),
            elsewhere: Arc::clone(&self.elsewhere),
            seen: Arc::clone(&self.seen),
            tries: name.is_none().then(|| self.tries.clone()),
            at: name.map(|_| self.watch.address.clone()),
            tells: true,
        };
        self.serving = Some(front.serve(&self.listener)?);
        Ok(())
    }

    /// A certificate that nobody may take for that of this node.
    fn unsound(&self, name: &str) -> Result<Shown, SimulatorError> {
        if name == offer::WRONG_HOST
            && let Some(stranger) = &self.stranger
        {
            return Ok(stranger.clone());
        }
        let hosts = match name {
            offer::WRONG_HOST => vec![OTHER_HOST.to_owned()],
            _ => pki::hosts_in(&self.own.certificate),
        };
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        let identity = Authority::new(&self.env, "toetsbank untrusted CA")?.server(&hosts)?;
        Ok(Shown { certificate: identity.certificate, key: identity.key })
    }

    /// Opens the host that nobody has a reason to visit, at the same address and another port.
    fn send_elsewhere(&mut self) -> Result<(), SimulatorError> {
        let here = self.address();
        let listen = SocketAddr::new(here.ip(), 0);
        let listener = bind(listen)?;
        let address = address_of(&listener, listen)?;
        let front = Front {
            env: &self.env,
            config: config_of(&self.env, &self.own)?,
            publication: self.offer.publication().clone(),
            elsewhere: Arc::default(),
            seen: Arc::clone(&self.seen),
            tries: None,
            at: Some(address.to_string()),
            tells: false,
        };
        self.other = Some(front.serve(&listener)?);
        *self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner) = Some(address);
        Ok(())
    }
}

/// Name in the certificate of another host.
const OTHER_HOST: &str = "verkeerd.toetsbank.example";

fn bind(listen: SocketAddr) -> Result<TcpListener, SimulatorError> {
    let fail = |source| SimulatorError::ListenAt { address: listen, source };
    let listener = TcpListener::bind(listen).map_err(fail)?;
    listener.set_nonblocking(true).map_err(fail)?;
    Ok(listener)
}

fn address_of(listener: &TcpListener, listen: SocketAddr) -> Result<SocketAddr, SimulatorError> {
    listener.local_addr().map_err(|source| SimulatorError::ListenAt { address: listen, source })
}

/// The TLS settings of a listener: the usual ones, and those for whoever is to speak TLS 1.2.
#[derive(Clone)]
struct Configs {
    usual: Arc<ServerConfig>,
    only_1_2: Arc<ServerConfig>,
}

fn config_of(env: &Env, shown: &Shown) -> Result<Configs, SimulatorError> {
    let of = |versions: &[&'static SupportedProtocolVersion]| {
        let (chain, key) = pki::credentials(&shown.certificate, &shown.key)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_details(Arc::clone(&provider), pki::clock(env))
            .with_protocol_versions(versions)?
            .with_client_cert_verifier(Arc::new(pki::Anyone::new(provider)))
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // A handshake that goes on with an earlier session ends with the client.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        Ok::<_, SimulatorError>(Arc::new(config))
    };
    Ok(Configs { usual: of(rustls::ALL_VERSIONS)?, only_1_2: of(ONLY_1_2)? })
}

/// What a listener needs.
struct Front<'a> {
    env: &'a Env,
    config: Configs,
    publication: Publication,
    elsewhere: Arc<Mutex<Option<SocketAddr>>>,
    seen: Arc<Mutex<Vec<Sight>>>,
    /// How many clients are still to be looked at for data that they send too early.
    tries: Option<Tries>,
    /// Where connections are told to have come; `None` when only those are told that were looked at.
    at: Option<String>,
    /// Whether requests are told.
    tells: bool,
}

impl Front<'_> {
    /// Serves on this socket; the caller keeps it, so that another can take over.
    fn serve(self, listener: &TcpListener) -> Result<Serving, SimulatorError> {
        let fail = |source| SimulatorError::ListenAt { address: SocketAddr::from(([0, 0, 0, 0], 0)), source };
        let socket = listener.try_clone().and_then(tokio::net::TcpListener::from_std).map_err(fail)?;
        let Self { env, config, publication, elsewhere, seen, tries, at, tells } = self;
        let sink: Sink = Arc::new(move |sight| {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            if seen.len() < MOST {
                seen.push(sight);
            }
        });
        let watched = Arc::clone(&sink);
        let placed: Sink = Arc::new(move |sight| match sight {
            Sight::Connection(connection) if at.is_some() || connection.hasty.is_some() => {
                let at = at.clone().unwrap_or_default();
                watched(Sight::Connection(Box::new(Connection { at, ..*connection })));
            }
            Sight::Connection(_) => {}
            sight @ Sight::Request(_) => watched(sight),
        });
        let watch = Some(sight::watch(env, &placed, Vec::new()));
        let choice: Choice = Arc::new(move |_, lower| Arc::clone(if lower { &config.only_1_2 } else { &config.usual }));
        let env = env.clone();
        let handler: Handler = http::at_once(move |received| {
            let started = env.now();
            let elsewhere = *elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
            let reply = answer(&publication, elsewhere, received);
            if tells {
                // It is told before it is sent: whoever gets the answer can count on that.
                sight::tell(&sink, Interface::List, started, Duration::ZERO, received, &reply);
            }
            reply
        });
        let (stop, stopped) = watch::channel(false);
        let secured = Secured { choice, shim: None, watch, tries, old: None };
        let task = tokio::spawn(http::serve(socket, secured, handler, Form::default(), stopped));
        Ok(Serving { stop, task })
    }
}

/// A list by the name at the end of its path, whatever the query: nobody is to be without lists for the way he asks.
fn answer(publication: &Publication, elsewhere: Option<SocketAddr>, received: &Received) -> Reply {
    let name = received.path.rsplit('/').next().unwrap_or_default();
    let Some(list) = publication::kind(name) else { return Reply::empty(404) };
    if !matches!(received.method.as_str(), "GET" | "HEAD") {
        return Reply::empty(405).with("allow", "GET");
    }
    if list == Kind::OAuthclientlist
        && let Some((other, here)) = elsewhere.zip(received.local)
    {
        let target = SocketAddr::new(here.ip(), other.port());
        let query = if received.query.is_empty() { String::new() } else { format!("?{}", received.query) };
        return Reply::empty(307).with("location", format!("https://{target}/{name}{query}"));
    }
    match publication.text(list) {
        Some(text) => Reply::new(200, "application/xml", text),
        None => Reply::empty(404),
    }
}
