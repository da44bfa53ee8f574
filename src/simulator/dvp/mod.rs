//! The reference DVP: a PGO without a face, that collects by the rules unless a [`Defect`] was planted.
//!
//! A person begins at its `/verzamelen` page; the browser comes back at its redirect URI, and what was collected is told on
//! the page that answers it. Knows nothing of suites, rules and verdicts. Entry point: [`start`].

mod behaviours;
mod candidate;
mod collect;
mod defects;
mod flow;
mod lists;
mod offer;
mod pages;
mod services;
mod share;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::env::Env;
use crate::pki;
use crate::pki::Authority;
use crate::pki::Identity;
use crate::simulator::Defect;
use crate::simulator::SimulatorError;
use crate::simulator::behaviours::Behaviour;
use crate::simulator::defects::Planted;
use crate::simulator::dvp::flow::Consent;
use crate::simulator::dvp::flow::Session;
use crate::simulator::dvp::lists::Shelf;
use crate::simulator::http;
use crate::simulator::http::Choice;
use crate::simulator::http::Form;
use crate::simulator::http::Handler;
use crate::simulator::http::Secured;
use crate::simulator::stelselnode;
use crate::simulator::wire;
use crate::simulator::wire::Manner;
use crate::simulator::wire::Trust;
use crate::simulator::wire::Wire;

pub use behaviours::BEHAVIOURS;
pub use behaviours::together;
pub use candidate::describe;
pub use candidate::describe_apart;
pub use candidate::world;
pub use defects::DEFECTS;
pub use defects::find;

/// Host of the DVP: its `client_id`, and where the person meets it.
pub const HOST: &str = "pgo.toetsbank.example";

/// Its redirect URI.
pub const REDIRECT_URI: &str = "https://pgo.toetsbank.example/cb";

/// Its host on the back channel.
pub const BACK_HOST: &str = "pgo-achter.toetsbank.example";

/// Name for people, as the OAuth Client List has it.
pub const NAME: &str = "Referentie-PGO";

/// Address where a person begins; `${provider}` and `${service}` are filled in.
pub const START: &str = "https://pgo.toetsbank.example/verzamelen?aanbieder=${provider}&dienst=${service}";

/// How often the lists are looked after by the machine's clock; who moves the clock of the harness has it done at once.
const TICK: Duration = Duration::from_secs(10);

/// How a DVP is to be.
pub struct DvpConfig<'a> {
    /// Its clock and random source.
    pub env: Env,
    /// Where the hosts of the world are: name with port to address.
    pub connect: BTreeMap<String, String>,
    /// A proxy (CONNECT) by which they are found, for a world in another process.
    pub proxy: Option<SocketAddr>,
    /// Authorities that are trusted beside `authority`, PEM.
    pub trusted: Vec<String>,
    /// The authority that makes the certificates of the DVP, and is trusted: that of the world, when it is at hand.
    pub authority: &'a Authority,
    /// Its listener; any free port when `None`.
    pub port: Option<u16>,
    /// What it does wrong.
    pub defects: Vec<&'static Defect>,
    /// What it does that is unusual, and allowed.
    pub behaviours: Vec<&'static Behaviour>,
}

/// A DVP that runs until it is stopped or dropped.
pub struct Dvp {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// What all pages of the DVP share.
struct Pgo {
    env: Env,
    planted: Planted,
    behaviours: Vec<&'static Behaviour>,
    wire: Wire,
    /// A certificate of its name that expired, for a DVP that does not look.
    expired: Identity,
    stelselnode: &'static str,
    shelf: Shelf,
    sessions: Mutex<BTreeMap<String, Session>>,
    /// Refresh tokens, by session of the browser.
    consents: Mutex<BTreeMap<String, Consent>>,
    /// One correlation id for all flows, for a DVP that makes no new one.
    correlation: String,
}

impl Pgo {
    /// Whether the defect with this name is planted.
    fn has(&self, defect: &str) -> bool {
        self.planted.has(defect)
    }

    /// Whether it does this unusual thing.
    fn does(&self, behaviour: &str) -> bool {
        self.behaviours.iter().any(|known| known.name == behaviour)
    }

    /// A UUID as it writes them.
    fn uuid(&self) -> String {
        let uuid = self.env.uuid();
        if self.does("ids-in-upper-case") { uuid.to_uppercase() } else { uuid }
    }

    /// How it goes about connections at an interface: `token`, `resource` or `lists`.
    fn manner(&self, interface: &str) -> Manner<'_> {
        let identity = match () {
            () if self.has(&format!("certificate-missing-at-{interface}")) => None,
            () if self.has("certificate-expired") => Some(&self.expired),
            () => Some(&self.wire.identity),
        };
        let versions = match () {
            () if self.has("tls-1-3-not-offered") => wire::ONLY_1_2,
            () if self.has("tls-1-2-not-offered") => wire::ONLY_1_3,
            () => rustls::ALL_VERSIONS,
        };
        let trusts_anyone = match interface {
            "lists" => self.has("any-stelselnode-trusted"),
            _ => self.has("any-server-trusted"),
        };
        let trust = if trusts_anyone { Trust::Anyone } else { Trust::Sound };
        let (capitals, keeps) = (self.does("header-names-in-capitals"), !self.does("connection-per-request"));
        Manner { trust, identity, versions, capitals, keeps }
    }
}

/// Starts a DVP; it serves, and has its lists, when this returns.
///
/// # Errors
/// When no port is free, or certificates cannot be made.
pub async fn start(config: DvpConfig<'_>) -> Result<Dvp, SimulatorError> {
    let DvpConfig { env, connect, proxy, trusted, authority, port, defects, behaviours } = config;
    let port = port.unwrap_or(0);
    let front = authority.server(&[HOST])?;
    let tls = ServerConfig::builder_with_details(Arc::new(rustls::crypto::ring::default_provider()), pki::clock(&env))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(front.chain(), front.private_key())?;
    let tls = Arc::new(tls);
    let choice: Choice = Arc::new(move |_, _| Arc::clone(&tls));
    let fail = |source| SimulatorError::Listen { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(fail)?;
    let address = listener.local_addr().map_err(fail)?;

    let planted = Planted(defects);
    let identity = authority.client(&[BACK_HOST])?;
    let ca = trusted.into_iter().chain([authority.certificate.clone()]).collect();
    let pgo = Arc::new(Pgo {
        correlation: env.uuid(),
        expired: authority.expired_client(BACK_HOST)?,
        wire: Wire { env: env.clone(), ca, identity, connect, proxy },
        env,
        planted,
        behaviours,
        stelselnode: stelselnode::HOST,
        shelf: Shelf::default(),
        sessions: Mutex::default(),
        consents: Mutex::default(),
    });
    lists::refresh(&pgo).await;
    let holder = Arc::downgrade(&pgo);
    pgo.env.hold(move || {
        let pgo = holder.upgrade()?;
        Some(Box::pin(async move { lists::refresh(&pgo).await }))
    });
    let (stop, stopped) = watch::channel(false);
    let secured = Secured { choice, shim: None, watch: None, tries: None, old: None };
    let tasks = vec![
        tokio::spawn(http::serve(listener, secured, handler(&pgo), Form::default(), stopped.clone())),
        tokio::spawn(keep_lists(pgo, stopped)),
    ];
    Ok(Dvp { address, stop, tasks })
}

impl Dvp {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its host is: name with port to address.
    pub fn connect(&self) -> BTreeMap<String, String> {
        BTreeMap::from([(format!("{HOST}:443"), self.address.to_string())])
    }

    /// Stops it, and waits until its port is free.
    pub async fn stop(self) {
        // No receiver is left when the tasks ended already.
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = task.await;
        }
    }
}

fn handler(pgo: &Arc<Pgo>) -> Handler {
    let pgo = Arc::clone(pgo);
    Arc::new(move |received| {
        let pgo = Arc::clone(&pgo);
        Box::pin(async move {
            let mut reply = match received.path.as_str() {
                "/verzamelen" => flow::begin(&pgo, &received).await,
                "/cb" if pgo.does("result-on-another-page") => flow::elsewhere(flow::back(&pgo, &received).await),
                "/cb" => flow::back(&pgo, &received).await,
                "/klaar" => pages::page(200, "Verzamelen", "Uw gegevens staan klaar."),
                _ => pages::page(404, "Niet gevonden", "Deze pagina bestaat niet."),
            };
            if pgo.has("transport-security-missing") {
                reply.headers.retain(|(name, _)| *name != "strict-transport-security");
            }
            reply
        })
    })
}

/// Looks after the lists as real time passes.
async fn keep_lists(pgo: Arc<Pgo>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            _ = stop.changed() => return,
        }
        lists::refresh(&pgo).await;
    }
}
