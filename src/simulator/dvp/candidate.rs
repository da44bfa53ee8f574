//! The reference DVP as a candidate: what a user would write in `toetsbank.toml` for it.

use crate::candidate::Candidate;
use crate::candidate::Client;
use crate::candidate::Drive;
use crate::candidate::Environment;
use crate::candidate::Probes;
use crate::candidate::Trust;
use crate::requirement::Release;
use crate::requirement::Role;
use crate::simulator::SimulatorError;
use crate::simulator::dvp::BACK_HOST;
use crate::simulator::dvp::Dvp;
use crate::simulator::dvp::HOST;
use crate::simulator::dvp::REDIRECT_URI;
use crate::simulator::dvp::START;
use crate::simulator::stelsel::Stelsel;

/// Systeemrollen of a DVP that it claims.
const SYSTEEMROLLEN: [&str; 4] = ["MM-3.0-BZR-FHIR", "MM-2.0-GGR-FHIR", "MM-3.0-PLR-FHIR", "MM-3.0-PDR-FHIR"];

/// The candidate that this DVP is, in this world.
///
/// # Errors
/// When a name makes no address.
pub fn describe(dvp: &Dvp, stelsel: &Stelsel) -> Result<Candidate, SimulatorError> {
    let (endpoints, patients, login) = stelsel.places()?;
    let connect = stelsel.connect().into_iter().chain(dvp.connect()).collect();
    Ok(Candidate {
        role: Role::Dvp,
        vendor: "toetsbank".to_owned(),
        product: "Referentie-DVP".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        environment: Environment::Test,
        release: Release::V2_2,
        systeemrollen: SYSTEEMROLLEN.map(str::to_owned).to_vec(),
        provider: stelsel.providers().into_iter().next().unwrap_or_default(),
        endpoints,
        client: Client {
            client_id: HOST.to_owned(),
            redirect_uri: url::Url::parse(REDIRECT_URI)?,
            certificate: String::new(),
            key: String::new(),
        },
        identities: Vec::new(),
        trust: Trust { ca: vec![stelsel.authority().certificate.clone()], connect },
        login,
        stelselnode: None,
        withdrawal: None,
        drive: Some(Drive { start: START.to_owned(), settle: 0.0, hosts: vec![BACK_HOST.to_owned()] }),
        patients,
        probes: Probes { active: true, ..Probes::default() },
        waivers: Vec::new(),
        shares_clock: true,
    })
}
