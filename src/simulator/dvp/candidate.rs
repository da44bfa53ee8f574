//! The reference DVP as a candidate: what a user would write in `toetsbank.toml` for it.

use std::collections::BTreeMap;

use crate::candidate::Candidate;
use crate::candidate::Client;
use crate::candidate::Drive;
use crate::candidate::Endpoints;
use crate::candidate::Probes;
use crate::candidate::Trust;
use crate::candidate::World;
use crate::pki::Authority;
use crate::requirement::Release;
use crate::requirement::Role;
use crate::simulator::SimulatorError;
use crate::simulator::dvp::BACK_HOST;
use crate::simulator::dvp::Dvp;
use crate::simulator::dvp::HOST;
use crate::simulator::dvp::NAME;
use crate::simulator::dvp::REDIRECT_URI;
use crate::simulator::dvp::START;
use crate::simulator::stelsel::Stelsel;

/// Systeemrollen of a DVP that it claims.
const SYSTEEMROLLEN: [&str; 5] = ["MM-3.0-BZR-FHIR", "MM-2.0-GGR-FHIR", "MM-3.0-PLR-FHIR", "MM-3.0-PDR-FHIR", "57"];

/// Seconds after which it is certainly done: it collects before it answers the browser.
const SETTLE: f64 = 0.2;

/// How collecting begins at it.
fn drive(settle: f64) -> Drive {
    Drive { start: Some(START.to_owned()), steps: Vec::new(), collect: None, own_browser: false, open: None, settle }
}

/// What its world has to know of it.
pub fn world() -> World {
    World {
        name: NAME.to_owned(),
        hosts: vec![BACK_HOST.to_owned()],
        folder: None,
        port: None,
        host_suffix: None,
        certificates: Vec::new(),
    }
}

/// The candidate that this DVP is, in this world of the same process.
///
/// # Errors
/// When a name makes no address.
pub fn describe(dvp: &Dvp, stelsel: &Stelsel) -> Result<Candidate, SimulatorError> {
    let (endpoints, patients, login) = stelsel.places()?;
    let apart = describe_apart(dvp, stelsel.authority(), world())?;
    let connect = stelsel.connect().into_iter().chain(apart.trust.connect).collect();
    Ok(Candidate {
        provider: stelsel.providers().into_iter().next().unwrap_or_default(),
        endpoints,
        trust: Trust { connect, ..apart.trust },
        login,
        drive: Some(drive(0.0)),
        patients,
        shares_clock: true,
        ..apart
    })
}

/// The candidate that this DVP is for a world in another process, with the authority of its own certificate.
///
/// # Errors
/// When a name makes no address.
pub fn describe_apart(dvp: &Dvp, authority: &Authority, world: World) -> Result<Candidate, SimulatorError> {
    let redirect_uri = url::Url::parse(REDIRECT_URI)?;
    let (authorization, token) = (redirect_uri.clone(), redirect_uri.clone());
    let endpoints = Endpoints { authorization, token, resource: BTreeMap::new() };
    let client = Client { client_id: HOST.to_owned(), redirect_uri, certificate: String::new(), key: String::new() };
    Ok(Candidate {
        vendor: "toetsbank".to_owned(),
        product: "Referentie-DVP".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        systeemrollen: SYSTEEMROLLEN.map(str::to_owned).to_vec(),
        trust: Trust { ca: vec![authority.certificate.clone()], connect: dvp.connect() },
        drive: Some(drive(SETTLE)),
        world: Some(world),
        probes: Probes { active: true, ..Probes::default() },
        ..Candidate::bare(Role::Dvp, Release::V2_2, endpoints, client)
    })
}
