//! The built-in counterparts that a run starts: the reference in place of a candidate, the stelselnode beside a DVA, and the
//! world around a DVP.

use std::time::Duration;

use crate::candidate::Candidate;
use crate::diag::Lang;
use crate::env::Env;
use crate::lists::schema::Kind;
use crate::requirement::Role;
use crate::runner::client;
use crate::runner::client::Log;
use crate::simulator::Defect;
use crate::simulator::SimulatorError;
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
    /// The reference of this role as the candidate.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn reference(env: &Env, role: Role, defects: &[&'static Defect]) -> Result<Self, SimulatorError> {
        match role {
            Role::Dva => {
                let config = DvaConfig { defects: defects.to_vec(), ..DvaConfig::own(env)? };
                let dva = reference::start(config).await?;
                let candidate = dva.candidate().clone();
                Ok(Self { candidate, world: None, is_reference: true, dva: Some(dva), node: None, dvp: None })
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
                Ok(Self { candidate, world: Some(world), is_reference: true, dva: None, node: None, dvp: Some(dvp) })
            }
        }
    }

    /// A candidate of somebody's, for which nothing is started but a stelselnode, when it fetches its lists from us.
    ///
    /// # Errors
    /// When the stelselnode does not start.
    pub async fn of(env: &Env, candidate: Candidate) -> Result<Self, SimulatorError> {
        let mut this = Self { candidate, world: None, is_reference: false, dva: None, node: None, dvp: None };
        if let Some(node) = &this.candidate.stelselnode {
            this.node = Some(Node::start(of_candidate::config(env, &this.candidate, node)).await?);
        }
        Ok(this)
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
