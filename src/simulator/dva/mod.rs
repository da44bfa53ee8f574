//! The reference DVA: authorization server, token endpoint and resource server on loopback TLS.
//!
//! Front channel and mutual-TLS back channel are apart. It follows the rules unless a [`Defect`] was planted; a
//! [`Behaviour`] makes it unusual and no more. It knows one client: the one in [`Dva::candidate`]. Entry point: [`start`].

mod admission;
mod authorization;
mod candidate;
mod consents;
pub(in crate::simulator) mod data;
mod dress;
mod fixtures;
mod grants;
mod keeper;
pub(in crate::simulator) mod lists;
mod media;
mod outcome;
mod pages;
mod people;
mod resource;
mod roles;
mod search;
mod sharing;
pub(in crate::simulator) mod shim;
mod store;
mod tamper;
mod token;
mod tree;
mod world;
mod wrap;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use rustls::ServerConfig;
use rustls::SupportedProtocolVersion;
use rustls::crypto::CryptoProvider;
use rustls::server::WebPkiClientVerifier;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::candidate::Candidate;
use crate::candidate::Endpoints;
use crate::candidate::Environment;
use crate::candidate::Login;
use crate::candidate::Patient;
use crate::env::Chore;
use crate::env::Env;
use crate::fhir::definitions::FhirVersion;
use crate::lists::model::Zorgaanbieder;
use crate::packages::embedded;
use crate::pki;
use crate::pki::Authority;
use crate::pki::Identity;
use crate::pki::Validation;
use crate::requirement::Release;
use crate::simulator::Behaviour;
use crate::simulator::Defect;
use crate::simulator::SimulatorError;
use crate::simulator::behaviours::Chosen;
use crate::simulator::defects::Planted;
use crate::simulator::dva::admission::Unsound;
use crate::simulator::dva::grants::Grants;
use crate::simulator::dva::keeper::Keeper;
use crate::simulator::dva::shim::Shim;
use crate::simulator::dva::store::Store;
use crate::simulator::dva::world::Served;
use crate::simulator::dva::world::World;
use crate::simulator::http;
use crate::simulator::http::Choice;
use crate::simulator::http::Form;
use crate::simulator::http::Handler;
use crate::simulator::http::Received;
use crate::simulator::http::Reply;
use crate::simulator::http::Secured;
use crate::simulator::wire::Wire;

pub(in crate::simulator) use admission::UNLISTED;
pub use data::DataSet;
pub use keeper::Source;
pub use lists::lists;
pub(in crate::simulator) use pages::escape;
pub use world::Names;

/// A document that is no PDF/A, in place of its namesake.
const PLAIN_PDF: &str = include_str!("../../../fixtures/pdfa-3-0-defect/Binary-pdfa-rich-binary-1.json");

static ONLY_1_2: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
static ONLY_1_3: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];

/// How a DVA is to be.
pub struct DvaConfig {
    /// Its clock and random source.
    pub env: Env,
    /// The source of the passwords of its people, when they stay the same; `None`: the random source.
    pub passwords: Option<Env>,
    /// How it is called, and whom it serves.
    pub names: Names,
    /// The release of the Afsprakenstelsel that it claims.
    pub release: Release,
    /// Where it says that it runs; in production its certificates are as that asks.
    pub environment: Environment,
    /// What it serves; no two sets for one systeemrol.
    pub data: Vec<DataSet>,
    /// What it does wrong.
    pub defects: Vec<&'static Defect>,
    /// What it does that is unusual and allowed.
    pub behaviours: Vec<&'static Behaviour>,
    /// The authority of all certificates; one of its own when `None`.
    pub authority: Option<Authority>,
    /// Where it fetches its lists; when `None` it knows whom it is configured to know.
    pub lists: Option<Source>,
    /// Port of the front channel, the back channel on the next; any two free ports when `None`.
    pub port: Option<u16>,
}

impl DvaConfig {
    /// A DVA without defects and behaviours that serves our own patients on free ports.
    ///
    /// # Errors
    /// When the data in the binary are damaged.
    pub fn own(env: &Env) -> Result<Self, SimulatorError> {
        let data = DataSet::own(env)?;
        Ok(Self {
            env: env.clone(),
            passwords: None,
            names: Names::default(),
            release: Release::V2_2,
            environment: Environment::Test,
            data,
            defects: Vec::new(),
            behaviours: Vec::new(),
            authority: None,
            lists: None,
            port: None,
        })
    }
}

/// A DVA that runs until it is stopped or dropped.
pub struct Dva {
    candidate: Candidate,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts a DVA; it serves when this returns.
///
/// # Errors
/// When a port is taken, the data hold no Patient, or the certificates cannot be made.
pub async fn start(mut config: DvaConfig) -> Result<Dva, SimulatorError> {
    let names = config.names.clone();
    let environment = environment(&config);
    let authority = match config.authority.take() {
        Some(authority) => authority,
        None => authority(&config)?,
    };
    let source = config.lists.take();
    let back = authority.server(&[&names.token, &names.resource])?;
    let client = authority.client(&[&names.client_id])?;
    let (env, port, release) = (config.env.clone(), config.port, config.release);
    let world = build(config)?;
    let keeper = source.map(|source| keeper(&world, source, &authority)).transpose()?;
    let world = Arc::new(World { keeper: keeper.unwrap_or_default(), ..world });
    if world.keeper.is_fetching() {
        // Nobody is let in before the lists are there, and the clock of the run says when they are due again.
        keeper::tick(&world).await;
        let held = Arc::downgrade(&world);
        env.hold(move || held.upgrade().map(|world| -> Chore { Box::pin(async move { keeper::tick(&world).await }) }));
    }
    let front = front_identity(&world, environment, &authority)?;

    let (front_listener, front_port) = listen(port.unwrap_or(0)).await?;
    let (back_listener, back_port) = listen(port.map_or(0, |port| port.wrapping_add(1))).await?;
    let candidate = candidate::describe(&world, release, &authority, &client, front_port, back_port)?;
    let candidate = Candidate { environment, identities: admission::identities(&authority)?, ..candidate };

    let takes = admission::taken(&world);
    let versions = match (world.has("tls-1-2-refused"), world.has("tls-1-3-missing")) {
        (true, _) => ONLY_1_3,
        (_, true) => ONLY_1_2,
        _ => rustls::DEFAULT_VERSIONS,
    };
    let early_data = if world.has("early-data") { EARLY_DATA } else { 0 };
    let tls = Tls { env, authority: Arc::new(authority), takes, versions, early_data };
    let front_choice: Choice = {
        let open = tls.server(&front, Asks::Nothing)?;
        let old = match world.has("lower-version-chosen") {
            true => Tls { versions: ONLY_1_2, ..tls.clone() }.server(&front, Asks::Nothing)?,
            false => Arc::clone(&open),
        };
        Arc::new(move |_, lower| Arc::clone(if lower { &old } else { &open }))
    };
    let back_choice = back_choice(&tls, &back, &world)?;
    let secured = |choice, identity: &Identity| {
        let certificate = identity.chain().first().map(|der| der.to_vec()).unwrap_or_default();
        Secured { choice, shim: Shim::of(&world, &certificate).map(Arc::new), watch: None, tries: None, old: None }
    };
    let form = Form { title_case: world.does("header-names-in-title-case"), chunked: world.does("chunked") };
    let (stop, stopped) = watch::channel(false);
    let tasks = vec![
        tokio::spawn(http::serve(
            front_listener,
            secured(front_choice, &front),
            handler(&world, authorization::answer),
            form,
            stopped.clone(),
        )),
        tokio::spawn(http::serve(
            back_listener,
            secured(back_choice, &back),
            handler(&world, back_channel),
            form,
            stopped,
        )),
    ];
    Ok(Dva { candidate, stop, tasks })
}

impl Dva {
    /// Itself as a candidate: addresses, trust, keys, login and patients.
    pub fn candidate(&self) -> &Candidate {
        &self.candidate
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

/// The lists of a DVA that fetches them: with the certificate of its token endpoint, or of each host its own.
fn keeper(world: &World, source: Source, authority: &Authority) -> Result<Keeper, SimulatorError> {
    let mut hosts = vec![&world.names.token];
    if world.does("a-node-for-each-host") || world.has("whitelist-of-second-node-late") {
        hosts.push(&world.names.resource);
    }
    let wire = |host: &&String| {
        Ok(Wire {
            env: world.env.clone(),
            ca: vec![authority.certificate.clone()],
            identity: authority.client(&[host])?,
            connect: BTreeMap::from([(source.host.clone(), format!("127.0.0.1:{}", source.port))]),
            proxy: None,
        })
    };
    let nodes = hosts.iter().map(wire).collect::<Result<_, SimulatorError>>()?;
    Ok(Keeper::new(source, nodes))
}

/// Where a DVA of this configuration is: a deviation that can only be seen in production puts it there.
fn environment(config: &DvaConfig) -> Environment {
    match config.defects.iter().any(|defect| defect.in_production) {
        true => Environment::Production,
        false => config.environment,
    }
}

/// Who issues the certificates of a DVA of this configuration: in production a name that core.tls.314 has.
///
/// # Errors
/// When its key cannot be made.
pub(super) fn authority(config: &DvaConfig) -> Result<Authority, SimulatorError> {
    let planted = Planted(config.defects.clone());
    let name = match environment(config) == Environment::Production && !planted.has("certificate-outside-pkioverheid") {
        true => "Staat der Nederlanden Private Services CA - G1",
        false => "toetsbank test CA",
    };
    Ok(Authority::new(&config.env, name)?)
}

/// The certificate of the front channel.
fn front_identity(world: &World, environment: Environment, authority: &Authority) -> Result<Identity, SimulatorError> {
    let own = world.names.authorization.as_str();
    if world.has("certificate-of-another-host") {
        return Ok(authority.server(&[&world.names.resource])?);
    }
    if world.has("certificate-for-clients-alone") {
        return Ok(authority.client(&[own])?);
    }
    if environment != Environment::Production || world.has("certificate-without-validation") {
        return Ok(authority.server(&[own])?);
    }
    let validation = match world.has("certificate-domain-validated") {
        true => Validation::Domain,
        false => Validation::Organisation,
    };
    let wildcard = own.split_once('.').map(|(_, domain)| format!("*.{domain}"));
    let wildcard = wildcard.filter(|_| world.has("certificate-with-wildcard"));
    let names: Vec<&str> = std::iter::once(own).chain(wildcard.as_deref()).collect();
    Ok(authority.validated_server(&names, validation)?)
}

fn build(config: DvaConfig) -> Result<World, SimulatorError> {
    let planted = Planted(config.defects);
    let definitions = embedded::definitions(FhirVersion::Stu3);
    let mut sets = Vec::new();
    let mut people = Vec::new();
    for (index, mut set) in config.data.into_iter().enumerate() {
        if planted.has("pdf-without-pdfa-claim") {
            set.replace(PLAIN_PDF, data::today(&config.env))?;
        }
        if planted.has("zib-missing") {
            set.resources.retain(|resource| &*resource.name != "NutritionOrder");
        }
        set.resolve_documents(&resource::document_address(&config.names));
        let store = Store::new(set.resources, definitions);
        people.extend(people::of(
            &config.env,
            config.passwords.as_ref().unwrap_or(&config.env),
            index,
            &store,
            &set.suites,
        ));
        if people.is_empty() {
            return Err(SimulatorError::NoPatient { path: set.origin });
        }
        sets.push(Served { store, systeemrollen: set.systeemrollen, suites: set.suites });
    }
    Ok(World {
        grants: Grants::new(&config.env),
        keeper: Keeper::default(),
        env: config.env,
        names: config.names,
        release: config.release,
        planted,
        chosen: Chosen(config.behaviours),
        definitions,
        people,
        sets,
        pages: Mutex::default(),
    })
}

/// Bytes of 0-RTT that a server takes that has it on.
const EARLY_DATA: u32 = 16 << 10;

/// After this many requests a server that limits its rate asks for patience.
const REQUESTS: usize = 15;

async fn listen(port: u16) -> Result<(TcpListener, u16), SimulatorError> {
    let fail = |source| SimulatorError::Listen { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(fail)?;
    let port = listener.local_addr().map_err(fail)?.port();
    Ok((listener, port))
}

fn handler(world: &Arc<World>, answer: fn(&World, &Received) -> Reply) -> Handler {
    let world = Arc::clone(world);
    let count = AtomicUsize::new(0);
    http::at_once(move |received| {
        if world.does("rate-limit") && count.fetch_add(1, Ordering::Relaxed) % REQUESTS == REQUESTS - 1 {
            return Reply::empty(429).with("retry-after", "0");
        }
        match world.does("packed-answers") {
            true => wrap::packed(answer(&world, received)),
            false => answer(&world, received),
        }
    })
}

/// Token endpoint and resource server share a listener: the path tells them apart.
fn back_channel(world: &World, received: &Received) -> Reply {
    if !received.certificate {
        if world.does("no-certificate-closed") {
            return Reply::none();
        }
        if world.does("no-certificate-403") {
            return Reply::empty(403);
        }
    }
    if let Some(refusal) = admission::refusal(world, received) {
        return refusal;
    }
    let reply = match received.path.as_str() {
        "/token" => token::answer(world, received),
        _ => resource::answer(world, received),
    };
    match received.header("medmij-request-id") {
        Some(id) if !world.does("no-request-id") => reply.with("medmij-request-id", id),
        _ => reply,
    }
}

/// A DVA without sockets of its own, behind the servers of a whole world.
pub(in crate::simulator) struct Behind(Arc<World>);

impl Behind {
    /// A DVA with these names and data.
    ///
    /// # Errors
    /// When the data hold no Patient.
    pub(in crate::simulator) fn new(config: DvaConfig) -> Result<Self, SimulatorError> {
        Ok(Self(Arc::new(build(config)?)))
    }

    /// Answers at the authorization server.
    pub(in crate::simulator) fn front(&self, received: &Received) -> Reply {
        authorization::answer(&self.0, received)
    }

    /// Answers at the token endpoint and the resource server.
    pub(in crate::simulator) fn back(&self, received: &Received) -> Reply {
        back_channel(&self.0, received)
    }

    /// How it is called.
    pub(in crate::simulator) fn names(&self) -> &Names {
        &self.0.names
    }

    /// Its entry in the Zorgaanbiederslijst.
    pub(in crate::simulator) fn entry(&self) -> Zorgaanbieder {
        let suites: Vec<&str> = self.0.sets.iter().flat_map(|set| set.suites.iter().copied()).collect();
        lists::provider(&self.0.names, &suites)
    }

    /// Its addresses, the people that can log in, and how they do.
    ///
    /// # Errors
    /// When a name makes no address.
    pub(in crate::simulator) fn places(&self) -> Result<(Endpoints, Vec<Patient>, Login), SimulatorError> {
        candidate::places(&self.0)
    }
}

/// What a listener asks of clients.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Nothing,
    /// A certificate of ours, or none.
    Optional,
    /// A certificate of ours.
    Certificate,
}

#[derive(Clone)]
struct Tls {
    env: Env,
    authority: Arc<Authority>,
    /// Client certificates that are taken though they are not sound.
    takes: Vec<Unsound>,
    versions: &'static [&'static SupportedProtocolVersion],
    /// Bytes of 0-RTT that are taken.
    early_data: u32,
}

impl Tls {
    fn server(&self, identity: &Identity, asks: Asks) -> Result<Arc<ServerConfig>, SimulatorError> {
        let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_details(Arc::clone(&provider), pki::clock(&self.env))
            .with_protocol_versions(self.versions)?;
        let builder = match asks {
            Asks::Nothing => builder.with_no_client_auth(),
            Asks::Optional | Asks::Certificate => {
                let roots = Arc::new(self.authority.roots()?);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
                let verifier = if asks == Asks::Optional { verifier.allow_unauthenticated() } else { verifier };
                let verifier = verifier.build().map_err(SimulatorError::Verifier)?;
                builder.with_client_cert_verifier(admission::lenient(verifier, &self.takes))
            }
        };
        let mut config = builder.with_single_cert(identity.chain(), identity.private_key())?;
        config.max_early_data_size = self.early_data;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// The back channel demands a certificate, but for the host that a defect lets do without.
fn back_choice(tls: &Tls, identity: &Identity, world: &World) -> Result<Choice, SimulatorError> {
    // Who shows no certificate is told so by an alert, unless it is to be told otherwise.
    let asks = match world.does("no-certificate-closed") || world.does("no-certificate-403") {
        true => Asks::Optional,
        false => Asks::Certificate,
    };
    let strict = tls.server(identity, asks)?;
    let lax_host = match (world.has("token-without-certificate"), world.has("resource-without-certificate")) {
        (false, false) => return Ok(Arc::new(move |_, _| Arc::clone(&strict))),
        (true, true) => None,
        (true, false) => Some(world.names.token.clone()),
        (false, true) => Some(world.names.resource.clone()),
    };
    let lax = tls.server(identity, Asks::Optional)?;
    Ok(Arc::new(move |name, _| match lax_host.is_none() || name == lax_host.as_deref() {
        true => Arc::clone(&lax),
        false => Arc::clone(&strict),
    }))
}

#[cfg(test)]
mod tests;
