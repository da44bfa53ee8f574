//! A whole MedMij world for a DVP: the lists, several providers with their servers, and everything that can go wrong there.
//!
//! One listener serves every host: the name that a client asks for (SNI) chooses the certificate, and whether it is asked
//! for its own. What comes in is told to a [`Sink`], as it was; nothing is judged here. How the world deviates is set by
//! name ([`Stelsel::set`], [`TWISTS`]) and can change at any moment. Entry point: [`start`].

mod bare;
pub(in crate::simulator) mod certificates;
mod content;
mod growth;
mod proxy;
mod search;
pub(in crate::simulator) mod sight;
mod twists;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Instant;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use crate::candidate::Endpoints;
use crate::candidate::Login;
use crate::candidate::Patient;
use crate::env::Env;
use crate::exchange::ELSEWHERE;
use crate::exchange::Interface;
use crate::lists::model::Zorgaanbieder;
use crate::pki::Authority;
use crate::simulator::SimulatorError;
use crate::simulator::dva::Behind;
use crate::simulator::dva::DataSet;
use crate::simulator::dva::DvaConfig;
use crate::simulator::dva::Names;
use crate::simulator::dva::lists;
use crate::simulator::http;
use crate::simulator::http::Form;
use crate::simulator::http::Handler;
use crate::simulator::http::Received;
use crate::simulator::http::Reply;
use crate::simulator::http::Secured;
use crate::simulator::patient::Tries;
use crate::simulator::stelsel::certificates::Certificates;
use crate::simulator::stelselnode;
use crate::simulator::stelselnode::Publication;

pub use sight::Seen;
pub use sight::Sight;
pub use sight::Sink;
pub use twists::TWISTS;
pub use twists::Twist;
pub use twists::Twists;

/// Name of the authority of a world.
pub const AUTHORITY: &str = "toetsbank test CA";

/// Domains of the providers, their names and the suites that they serve. The last has a name that only the newer shape of the
/// list allows, and stands in no other.
const PROVIDERS: [(&str, &str, &[&str]); 3] = [
    ("referentieziekenhuis", "referentie.toetsbank.example", &["bgz", "ggz", "pdfa"]),
    ("voorbeeldhuisarts", "huisarts.toetsbank.example", &["pdfa"]),
    ("jansen&zonen-praktijk2", "praktijk.toetsbank.example", &["pdfa"]),
];

/// The domain of our names.
const DOMAIN: &str = "toetsbank.example";

/// What becomes of the address by which a browser is sent back to the DVP.
pub type Callback = Arc<dyn Fn(&Url) -> Url + Send + Sync>;

/// How a world is to be.
pub struct StelselConfig {
    /// Its clock and random source.
    pub env: Env,
    /// The DVP: `client_id`.
    pub client_id: String,
    /// Its name for people, in the OAuth Client List.
    pub client_name: String,
    /// Its redirect URI.
    pub redirect_uri: String,
    /// Its hosts on the back channel, beside `client_id`.
    pub client_hosts: Vec<String>,
    /// Its listener; the proxy takes the next. Any free ports when `None`.
    pub port: Option<u16>,
    /// The authority of its certificates; a new one when `None`. With one that is kept the people keep their passwords.
    pub authority: Option<Authority>,
    /// Domain of its host names, instead of ours.
    pub host_suffix: Option<String>,
    /// Certificates of others with their keys, PEM, for the hosts that they name.
    pub certificates: Vec<(String, String)>,
    /// Who is told of what comes in.
    pub sink: Sink,
}

/// A world that runs until it is stopped or dropped.
pub struct Stelsel {
    address: SocketAddr,
    proxy: SocketAddr,
    authority: Authority,
    hosts: Vec<String>,
    stelselnode: String,
    twists: Twists,
    publication: Publication,
    providers: Arc<Vec<Behind>>,
    callback: Arc<Mutex<Option<Callback>>>,
    moves_clock: Arc<AtomicBool>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts a world; it serves when this returns.
///
/// # Errors
/// When a port is taken, the data cannot be read, or certificates cannot be made.
pub async fn start(config: StelselConfig) -> Result<Stelsel, SimulatorError> {
    let StelselConfig {
        env,
        client_id,
        client_name,
        redirect_uri,
        client_hosts,
        port,
        authority,
        host_suffix,
        certificates,
        sink,
    } = config;
    let named = |host: &str| match (&host_suffix, host.strip_suffix(DOMAIN)) {
        (Some(suffix), Some(name)) => format!("{name}{suffix}"),
        _ => host.to_owned(),
    };
    let (stelselnode, elsewhere) = (named(stelselnode::HOST), named(ELSEWHERE));
    let authority = match authority {
        Some(authority) => authority,
        None => Authority::new(&env, AUTHORITY)?,
    };
    let mut providers = Vec::new();
    for (name, domain, suites) in PROVIDERS {
        let mut names = Names::of(name, &named(domain));
        names.client_id.clone_from(&client_id);
        names.redirect_uri.clone_from(&redirect_uri);
        names.client_hosts.clone_from(&client_hosts);
        let passwords = Some(Env::seeded(authority.number(name)));
        let data = DataSet::own_for(&env, |suite| suites.contains(&suite))?;
        providers.push(Behind::new(DvaConfig { names, data, passwords, ..DvaConfig::own(&env)? })?);
    }
    let of_providers = providers.iter().flat_map(|provider| {
        let names = provider.names();
        [&names.authorization, &names.token, &names.resource].map(String::clone)
    });
    let hosts: Vec<String> = of_providers.chain([stelselnode.clone(), elsewhere.clone()]).collect();
    let fronts: Vec<String> = providers.iter().map(|provider| provider.names().authorization.clone()).collect();
    let mut entries: Vec<Zorgaanbieder> = providers.iter().map(Behind::entry).collect();
    let newcomer = entries.pop();
    let twists = Twists::of(client_hosts.iter().chain([&client_id]).cloned().collect(), newcomer);
    let certificates = Certificates::new(&env, &authority, &hosts, &fronts, &certificates)?;

    let backs = hosts.iter().filter(|host| !fronts.contains(host) && **host != elsewhere).cloned();
    let listed = backs.chain([client_id.clone()]).chain(client_hosts).collect();
    let publication = Publication::of(&lists::of(&env, entries, &[(&client_id, &client_name)], listed));

    let loopback = async |port: u16| {
        let fail = |source| SimulatorError::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(fail)?;
        let address = listener.local_addr().map_err(fail)?;
        Ok::<_, SimulatorError>((listener, address))
    };
    let (listener, address) = loopback(port.unwrap_or(0)).await?;
    let (entrance, proxy) = loopback(port.map_or(0, |port| port.wrapping_add(1))).await?;

    let providers = Arc::new(providers);
    let (callback, moves_clock) = (Arc::default(), Arc::default());
    let router = Router {
        env: env.clone(),
        providers: Arc::clone(&providers),
        twists: twists.clone(),
        publication: publication.clone(),
        callback: Arc::clone(&callback),
        moves_clock: Arc::clone(&moves_clock),
        stelselnode: stelselnode.clone(),
        elsewhere,
    };
    let secured = Secured {
        old: Some(certificates.old(&twists)),
        choice: certificates.choice(&twists),
        shim: None,
        watch: Some(sight::watch(&env, &sink, fronts.clone())),
        tries: Some(Tries::new(fronts)),
    };
    let (stop, stopped) = watch::channel(false);
    let names = hosts.clone();
    let tasks = vec![
        tokio::spawn(http::serve(listener, secured, router.handler(sink), Form::default(), stopped.clone())),
        tokio::spawn(proxy::serve(entrance, address, names, stopped)),
    ];
    Ok(Stelsel {
        address,
        proxy,
        authority,
        hosts,
        stelselnode,
        twists,
        publication,
        providers,
        callback,
        moves_clock,
        stop,
        tasks,
    })
}

impl Stelsel {
    /// Where its hosts are: name with port 443 to address.
    pub fn connect(&self) -> BTreeMap<String, String> {
        self.hosts.iter().map(|host| (format!("{host}:443"), self.address.to_string())).collect()
    }

    /// Where every host listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// An HTTP proxy (CONNECT) through which its hosts are found by their names.
    pub fn proxy(&self) -> SocketAddr {
        self.proxy
    }

    /// Its host names.
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// The host of its lists.
    pub fn stelselnode(&self) -> &str {
        &self.stelselnode
    }

    /// The authority of its certificates, whom the DVP has to trust.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The lists, which can be changed.
    pub fn publication(&self) -> &Publication {
        &self.publication
    }

    /// From now on the world deviates in these ways and no other.
    ///
    /// # Errors
    /// The first name that is none of [`TWISTS`].
    pub fn set(&self, names: &[String]) -> Result<(), String> {
        self.twists.set(names)
    }

    /// From now on browsers are sent back to the DVP by addresses that were changed in this way.
    pub fn send_back(&self, change: Option<Callback>) {
        *self.callback.lock().unwrap_or_else(PoisonError::into_inner) = change;
    }

    /// Whether the DVP goes by the clock of this world: an answer that is kept back then moves the clock, and nobody waits.
    pub fn moves_clock(&self, moves: bool) {
        self.moves_clock.store(moves, Ordering::Relaxed);
    }

    /// MedMij names of the providers in the usual list.
    pub fn listed(&self) -> Vec<String> {
        let mut names = self.providers();
        names.pop();
        names
    }

    /// MedMij names of the providers with their suffix, in the order of the list; the first serves everything, the last stands in
    /// the newer shape of the list only.
    pub fn providers(&self) -> Vec<String> {
        self.providers.iter().map(|provider| format!("{}@medmij", provider.names().provider)).collect()
    }

    /// Addresses, people and login of the first provider.
    ///
    /// # Errors
    /// When a name makes no address.
    pub fn places(&self) -> Result<(Endpoints, Vec<Patient>, Login), SimulatorError> {
        match self.providers.first() {
            Some(first) => first.places(),
            None => Err(SimulatorError::NoPatient { path: "providers".into() }),
        }
    }

    /// Stops it, and waits until its ports are free.
    pub async fn stop(self) {
        // No receiver is left when the tasks ended already.
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = task.await;
        }
    }
}

/// Leads requests to whom they are for, by the host that they name.
struct Router {
    env: Env,
    providers: Arc<Vec<Behind>>,
    twists: Twists,
    publication: Publication,
    callback: Arc<Mutex<Option<Callback>>>,
    moves_clock: Arc<AtomicBool>,
    stelselnode: String,
    elsewhere: String,
}

impl Router {
    fn handler(self, sink: Sink) -> Handler {
        let this = Arc::new(self);
        Arc::new(move |received| {
            let (this, sink) = (Arc::clone(&this), Arc::clone(&sink));
            Box::pin(async move {
                let (started, clock) = (this.env.now(), Instant::now());
                // A search by POST is the same one; what is told of it is what came in.
                let search = search::by_get(&received);
                let (interface, mut reply) = this.answer(search.as_ref().unwrap_or(&received));
                let later = std::mem::take(&mut reply.later);
                // It is told before it is sent: whoever gets the answer can count on that.
                sight::tell(&sink, interface, started, clock.elapsed() + later, &received, &reply);
                match this.moves_clock.load(Ordering::Relaxed) {
                    true => this.env.advance(later),
                    false => reply.later = later,
                }
                reply
            })
        })
    }

    fn answer(&self, received: &Received) -> (Interface, Reply) {
        let host = received.header("host").unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        let twists = &self.twists;
        if host == self.stelselnode {
            let reply = twists
                .before(Interface::List, received, "")
                .unwrap_or_else(|| stelselnode::serve(&self.publication, received));
            return (Interface::List, twists.after(Interface::List, received, reply));
        }
        for provider in self.providers.iter() {
            let names = provider.names();
            let interface = match () {
                () if host == names.authorization && received.path == "/authorize" => Interface::Authorization,
                () if host == names.authorization => Interface::Page,
                () if host == names.token => Interface::Token,
                () if host == names.resource => Interface::Resource,
                () => continue,
            };
            let answer = || match interface {
                Interface::Authorization | Interface::Page => provider.front(received),
                _ => provider.back(received),
            };
            let reply = twists.before(interface, received, &names.redirect_uri).unwrap_or_else(answer);
            let reply = self.sent_back(&names.redirect_uri, reply);
            return (interface, self.led_away(twists.after(interface, received, reply)));
        }
        (Interface::Resource, Reply::empty(404))
    }

    /// The answer, where it leads away by the name that the host for that has here.
    fn led_away(&self, mut reply: Reply) -> Reply {
        if self.elsewhere == ELSEWHERE {
            return reply;
        }
        for (_, value) in &mut reply.headers {
            *value = value.replace(ELSEWHERE, &self.elsewhere);
        }
        if let Ok(text) = std::str::from_utf8(&reply.body)
            && text.contains(ELSEWHERE)
        {
            reply.body = text.replace(ELSEWHERE, &self.elsewhere).into();
        }
        reply
    }

    /// The answer, with another way back to the DVP when that was asked.
    fn sent_back(&self, redirect_uri: &str, mut reply: Reply) -> Reply {
        let change = self.callback.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(change) = change else { return reply };
        for (name, value) in &mut reply.headers {
            if *name == "location"
                && value.starts_with(redirect_uri)
                && let Ok(url) = Url::parse(value)
            {
                *value = change(&url).into();
            }
        }
        reply
    }
}

#[cfg(test)]
mod tests;
