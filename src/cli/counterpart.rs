//! The built-in counterparts that a run starts: the reference in place of a candidate, and the world around a DVP.

use crate::candidate::Candidate;
use crate::env::Env;
use crate::requirement::Role;
use crate::runner::client;
use crate::runner::client::Log;
use crate::simulator::Defect;
use crate::simulator::SimulatorError;
use crate::simulator::dva;
use crate::simulator::dva::Dva;
use crate::simulator::dva::DvaConfig;
use crate::simulator::dvp;
use crate::simulator::dvp::Dvp;
use crate::simulator::dvp::DvpConfig;
use crate::simulator::stelsel;
use crate::simulator::stelsel::Stelsel;
use crate::simulator::stelsel::StelselConfig;

/// What was started for a run.
pub struct Counterpart {
    /// The candidate with all that the run knows of it.
    pub candidate: Candidate,
    /// The world, when the candidate is a DVP.
    pub world: Option<World>,
    /// Whether the candidate is the built-in reference.
    pub is_reference: bool,
    dva: Option<Dva>,
    dvp: Option<Dvp>,
}

/// The world around a DVP, with the log of what comes in.
pub struct World {
    /// Its servers.
    pub stelsel: Stelsel,
    /// What came in.
    pub log: Log,
}

impl Counterpart {
    /// The reference of this role as the candidate.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn reference(env: &Env, role: Role, defects: &[&'static Defect]) -> Result<Self, SimulatorError> {
        match role {
            Role::Dva => {
                let config = DvaConfig { defects: defects.to_vec(), ..DvaConfig::own(env)? };
                let dva = dva::start(config).await?;
                let candidate = dva.candidate().clone();
                Ok(Self { candidate, world: None, is_reference: true, dva: Some(dva), dvp: None })
            }
            Role::Dvp => {
                let world = World::start(env, dvp::HOST, dvp::NAME, dvp::REDIRECT_URI, &[dvp::BACK_HOST]).await?;
                let (connect, authority) = (world.stelsel.connect(), world.stelsel.authority());
                let config = DvpConfig { env: env.clone(), connect, authority, defects: defects.to_vec() };
                let dvp = dvp::start(config).await?;
                let candidate = dvp::describe(&dvp, &world.stelsel)?;
                Ok(Self { candidate, world: Some(world), is_reference: true, dva: None, dvp: Some(dvp) })
            }
        }
    }

    /// A candidate of somebody's, with a world around it when it is a DVP.
    ///
    /// # Errors
    /// When the world does not start.
    pub async fn of(env: &Env, candidate: Candidate) -> Result<Self, SimulatorError> {
        let mut this = Self { candidate, world: None, is_reference: false, dva: None, dvp: None };
        if this.candidate.role == Role::Dva {
            return Ok(this);
        }
        let candidate = &mut this.candidate;
        let hosts: Vec<&str> = candidate.drive.iter().flat_map(|drive| &drive.hosts).map(String::as_str).collect();
        let client = &candidate.client;
        let world =
            World::start(env, &client.client_id, &candidate.product, client.redirect_uri.as_str(), &hosts).await?;
        let (endpoints, patients, login) = world.stelsel.places()?;
        candidate.endpoints = endpoints;
        candidate.patients = patients;
        candidate.login = login;
        candidate.provider = world.stelsel.providers().into_iter().next().unwrap_or_default();
        candidate.trust.ca.push(world.stelsel.authority().certificate.clone());
        candidate.trust.connect.extend(world.stelsel.connect());
        this.world = Some(world);
        Ok(this)
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
    }
}

impl World {
    async fn start(
        env: &Env,
        client_id: &str,
        name: &str,
        redirect_uri: &str,
        hosts: &[&str],
    ) -> Result<Self, SimulatorError> {
        let client_hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let log = client::log(env, client_id, &client_hosts);
        let stelsel = stelsel::start(StelselConfig {
            env: env.clone(),
            client_id: client_id.to_owned(),
            client_name: name.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            client_hosts,
            port: None,
            sink: log.sink(),
        })
        .await?;
        Ok(Self { stelsel, log })
    }
}
