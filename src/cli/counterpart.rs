//! The built-in counterparts that a run starts: the reference in place of a candidate, the stelselnode beside a DVA, and the
//! world around a DVP.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use crate::candidate::Candidate;
use crate::candidate::World as Wanted;
use crate::cli;
use crate::cli::authority;
use crate::cli::authority::AuthorityError;
use crate::diag::Lang;
use crate::env::Env;
use crate::lists::schema::Kind;
use crate::pki::Authority;
use crate::requirement::Release;
use crate::requirement::Role;
use crate::runner::client;
use crate::runner::client::Log;
use crate::simulator::Defect;
use crate::simulator::SimulatorError;
use crate::simulator::behaviours::Behaviour;
use crate::simulator::dva::DvaConfig;
use crate::simulator::dvp;
use crate::simulator::dvp::Dvp;
use crate::simulator::dvp::DvpConfig;
use crate::simulator::reference;
use crate::simulator::reference::Reference;
use crate::simulator::stelsel;
use crate::simulator::stelsel::Stelsel;
use crate::simulator::stelsel::StelselConfig;
use crate::simulator::stelselnode::Node;
use crate::simulator::stelselnode::of_candidate;
use crate::text;

/// What was started for a run.
pub struct Counterpart {
    /// The candidate with all that the run knows of it.
    pub candidate: Candidate,
    /// The world, when the candidate is a DVP.
    pub world: Option<World>,
    /// Whether the candidate is the built-in reference.
    pub is_reference: bool,
    dva: Option<Reference>,
    /// The stelselnode of a candidate that is not the reference.
    node: Option<Node>,
    dvp: Option<Dvp>,
}

/// Longest wait for a candidate's first fetch: the quarter of an hour that it may take, and a little.
const FIRST: Duration = Duration::from_secs(930);

/// The lists without which a DVA lets nobody in.
const NEEDED: [Kind; 2] = [Kind::Whitelist, Kind::OAuthclientlist];

/// The world around a DVP, with the log of what comes in.
pub struct World {
    /// Its servers.
    pub stelsel: Stelsel,
    /// What came in.
    pub log: Log,
}

impl Counterpart {
    /// The reference of this role as the candidate; a DVA follows this release, when one is named.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn reference(
        env: &Env,
        role: Role,
        release: Option<Release>,
        defects: &[&'static Defect],
    ) -> Result<Self, SimulatorError> {
        match role {
            Role::Dva => {
                let own = DvaConfig::own(env)?;
                let release = release.unwrap_or(own.release);
                let config = DvaConfig { defects: defects.to_vec(), release, ..own };
                let dva = reference::start(config).await?;
                let candidate = dva.candidate().clone();
                Ok(Self { candidate, world: None, is_reference: true, dva: Some(dva), node: None, dvp: None })
            }
            Role::Dvp => Self::dvp(env, defects.to_vec(), Vec::new()).await,
        }
    }

    /// The reference DVP in its world, with these deviations and unusual behaviours.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn dvp(
        env: &Env,
        defects: Vec<&'static Defect>,
        behaviours: Vec<&'static Behaviour>,
    ) -> Result<Self, SimulatorError> {
        let world = World::start(env, dvp::HOST, dvp::REDIRECT_URI, &dvp::world(), None).await?;
        let (connect, authority) = (world.stelsel.connect(), world.stelsel.authority());
        let config = DvpConfig {
            env: env.clone(),
            connect,
            proxy: None,
            trusted: Vec::new(),
            authority,
            port: None,
            defects,
            behaviours,
        };
        let dvp = dvp::start(config).await?;
        let candidate = dvp::describe(&dvp, &world.stelsel)?;
        Ok(Self { candidate, world: Some(world), is_reference: true, dva: None, node: None, dvp: Some(dvp) })
    }

    /// A candidate of somebody's, for which nothing is started but a stelselnode, when it fetches its lists from us. For a DVP a
    /// world is started around it, whose people and addresses are its own from then on.
    ///
    /// # Errors
    /// When the stelselnode or the world does not start.
    pub async fn of(env: &Env, mut candidate: Candidate) -> Result<Self, CounterpartError> {
        let Some(wanted) = candidate.world.clone() else {
            let mut this = Self { candidate, world: None, is_reference: false, dva: None, node: None, dvp: None };
            if let Some(node) = &this.candidate.stelselnode {
                let node = Node::start(of_candidate::config(env, &this.candidate, node)).await;
                this.node = Some(node.map_err(CounterpartError::Simulator)?);
            }
            return Ok(this);
        };
        let authority = match &wanted.folder {
            Some(folder) => Some(authority::kept(env, folder).map_err(CounterpartError::Authority)?),
            None => None,
        };
        let client = &candidate.client;
        let started = World::start(env, &client.client_id, client.redirect_uri.as_str(), &wanted, authority).await;
        let world = started.map_err(|error| match (error, wanted.port) {
            (SimulatorError::Listen { source, .. }, Some(port)) => CounterpartError::WorldPort { port, source },
            (error, _) => CounterpartError::Simulator(error),
        })?;
        let stelsel = &world.stelsel;
        let (endpoints, patients, login) = stelsel.places().map_err(CounterpartError::Simulator)?;
        candidate.provider = stelsel.providers().into_iter().next().unwrap_or_default();
        candidate.endpoints = endpoints;
        candidate.patients = patients;
        candidate.login = login;
        candidate.trust.ca.push(stelsel.authority().certificate.clone());
        candidate.trust.connect.extend(stelsel.connect());
        Ok(Self { candidate, world: Some(world), is_reference: false, dva: None, node: None, dvp: None })
    }

    /// The world around a DVP, and the stelselnode beside a DVA.
    pub fn around(&mut self) -> (Option<&World>, Option<&mut Node>) {
        let node = match &mut self.dva {
            Some(reference) => Some(&mut reference.node),
            None => self.node.as_mut(),
        };
        (self.world.as_ref(), node)
    }

    /// Stops what was started.
    pub async fn stop(self) {
        if let Some(dvp) = self.dvp {
            dvp.stop().await;
        }
        if let Some(world) = self.world {
            world.stelsel.stop().await;
        }
        if let Some(dva) = self.dva {
            dva.stop().await;
        }
        if let Some(node) = self.node {
            node.stop().await;
        }
    }
}

/// Waits until a candidate of somebody's has its lists: one that never had ours knows nobody.
pub async fn settle(node: &Node, lang: Lang) {
    let address = node.address();
    let told = text!(
        "wacht tot de kandidaat zijn lijsten ophaalt bij {address} (hoogstens een kwartier)",
        "waiting for the candidate to fetch its lists at {address} (a quarter of an hour at most)"
    );
    eprintln!("{}", told.get(lang));
    let fetched = async {
        while !node.has_served(&NEEDED) {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    // Whoever does not come may know us all the same: the login tells.
    let _ = tokio::time::timeout(FIRST, fetched).await;
}

impl World {
    /// Starts a world for this DVP.
    async fn start(
        env: &Env,
        client_id: &str,
        redirect_uri: &str,
        wanted: &Wanted,
        authority: Option<Authority>,
    ) -> Result<Self, SimulatorError> {
        let log = client::log(env, client_id, &wanted.hosts);
        let stelsel = stelsel::start(StelselConfig {
            env: env.clone(),
            client_id: client_id.to_owned(),
            client_name: wanted.name.clone(),
            redirect_uri: redirect_uri.to_owned(),
            client_hosts: wanted.hosts.clone(),
            port: wanted.port,
            authority,
            host_suffix: wanted.host_suffix.clone(),
            certificates: wanted.certificates.clone(),
            sink: log.sink(),
        });
        Ok(Self { stelsel: stelsel.await?, log })
    }
}

/// Why there is no counterpart.
#[derive(Debug)]
pub enum CounterpartError {
    /// The authority of the world cannot be used.
    Authority(AuthorityError),
    /// A port of the world is taken.
    WorldPort {
        /// `port` of `[world]`; the next is taken too.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// A server does not start.
    Simulator(SimulatorError),
}

impl CounterpartError {
    /// The exit status: what the user gave cannot be used, or it does not go here.
    pub fn status(&self) -> u8 {
        match self {
            Self::Authority(_) | Self::WorldPort { .. } | Self::Simulator(SimulatorError::Listen { .. }) => cli::USAGE,
            Self::Simulator(_) => cli::COULD_NOT_JUDGE,
        }
    }
}

impl fmt::Display for CounterpartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authority(error) => error.fmt(f),
            Self::WorldPort { port, .. } => {
                let next = port.saturating_add(1);
                write!(f, "listen on 127.0.0.1:{port} and {next}: free both, or choose another `port` under `[world]`")
            }
            Self::Simulator(error) => error.fmt(f),
        }
    }
}

impl Error for CounterpartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Authority(error) => error.source(),
            Self::WorldPort { source, .. } => Some(source),
            Self::Simulator(error) => error.source(),
        }
    }
}
