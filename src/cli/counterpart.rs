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
                let hosts = vec![dvp::BACK_HOST.to_owned()];
                let log = client::log(env, dvp::HOST, &hosts);
                let stelsel = stelsel::start(StelselConfig {
                    env: env.clone(),
                    client_id: dvp::HOST.to_owned(),
                    client_name: dvp::NAME.to_owned(),
                    redirect_uri: dvp::REDIRECT_URI.to_owned(),
                    client_hosts: hosts,
                    port: None,
                    sink: log.sink(),
                });
                let world = World { stelsel: stelsel.await?, log };
                let (connect, authority) = (world.stelsel.connect(), world.stelsel.authority());
                let config = DvpConfig {
                    env: env.clone(),
                    connect,
                    proxy: None,
                    trusted: Vec::new(),
                    authority,
                    port: None,
                    defects: defects.to_vec(),
                };
                let dvp = dvp::start(config).await?;
                let candidate = dvp::describe(&dvp, &world.stelsel)?;
                Ok(Self { candidate, world: Some(world), is_reference: true, dva: None, dvp: Some(dvp) })
            }
        }
    }

    /// A candidate of somebody's, for which nothing is started.
    pub fn of(candidate: Candidate) -> Self {
        Self { candidate, world: None, is_reference: false, dva: None, dvp: None }
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
