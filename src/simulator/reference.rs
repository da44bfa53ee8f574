//! The reference DVA with the stelselnode that it fetches its lists from: what a run without a candidate file tests.
//!
//! Entry point: [`start`].

use std::net::Ipv4Addr;
use std::net::SocketAddr;

use crate::candidate;
use crate::candidate::Candidate;
use crate::lists::List;
use crate::simulator::SimulatorError;
use crate::simulator::dva;
use crate::simulator::dva::Dva;
use crate::simulator::dva::DvaConfig;
use crate::simulator::dva::Source;
use crate::simulator::stelselnode::HOST;
use crate::simulator::stelselnode::Node;
use crate::simulator::stelselnode::NodeConfig;
use crate::simulator::stelselnode::Shown;
use crate::simulator::stelselnode::offer::About;

/// Name in the certificate that the stelselnode shows as that of another host.
const OTHER_HOST: &str = "verkeerd.toetsbank.example";

/// The reference with its surroundings, until it is stopped or dropped.
pub struct Reference {
    /// The DVA.
    pub dva: Dva,
    /// Its stelselnode.
    pub node: Node,
    candidate: Candidate,
}

/// Starts the stelselnode, then the DVA; both serve, and the DVA has its lists, when this returns.
///
/// # Errors
/// See [`dva::start`].
pub async fn start(config: DvaConfig) -> Result<Reference, SimulatorError> {
    let env = config.env.clone();
    let authority = dva::authority(&config)?;
    let shown = |names: &[&str]| {
        let identity = authority.server(names)?;
        Ok::<_, SimulatorError>(Shown { certificate: identity.certificate, key: identity.key })
    };
    let own = shown(&[HOST, "localhost"])?;
    let mut lists = dva::lists(&env);
    for list in &mut lists {
        if let List::Whitelist(list) = list {
            list.hostnames.push(HOST.to_owned());
        }
    }
    let names = &config.names;
    let about = About {
        client_id: names.client_id.clone(),
        hosts: vec![names.client_id.clone()],
        unlisted: vec![dva::UNLISTED.to_owned()],
        provider: format!("{}@medmij", names.provider),
        services: About::services_of(&lists),
    };
    let node = Node::start(NodeConfig {
        env,
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        own: own.clone(),
        stranger: Some(shown(&[OTHER_HOST])?),
        lists,
        about,
    });
    let node = node.await?;
    let listen = node.address();
    let source = Source { host: HOST.to_owned(), port: listen.port() };
    let dva = dva::start(DvaConfig { authority: Some(authority), lists: Some(source), ..config }).await?;
    let stelselnode = candidate::Stelselnode { listen, certificate: own.certificate, key: own.key };
    let candidate = Candidate { stelselnode: Some(stelselnode), ..dva.candidate().clone() };
    Ok(Reference { dva, node, candidate })
}

impl Reference {
    /// The DVA as a candidate that fetches its lists from us.
    pub fn candidate(&self) -> &Candidate {
        &self.candidate
    }

    /// Stops both, and waits until their ports are free.
    pub async fn stop(self) {
        self.dva.stop().await;
        self.node.stop().await;
    }
}
