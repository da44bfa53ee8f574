//! A candidate for tests: a DVA that allows probes, with nobody to log in.

use std::collections::BTreeMap;

use crate::candidate::Candidate;
use crate::candidate::Client;
use crate::candidate::Endpoints;
use crate::candidate::Environment;
use crate::candidate::Login;
use crate::candidate::Patient;
use crate::candidate::Probes;
use crate::candidate::Trust;
use crate::requirement::Release;
use crate::requirement::Role;

/// Where the sample's client is sent back to.
pub const REDIRECT_URI: &str = "https://pgo.example/cb";

/// The candidate.
pub fn candidate() -> Candidate {
    Candidate {
        role: Role::Dva,
        vendor: "Voorbeeld".to_owned(),
        product: "DVA".to_owned(),
        version: "1".to_owned(),
        environment: Environment::Test,
        release: Release::V2_2,
        systeemrollen: vec![],
        provider: "ziekenhuis@medmij".to_owned(),
        endpoints: Endpoints {
            authorization: "https://as.example/authorize".parse().unwrap(),
            token: "https://token.example/token".parse().unwrap(),
            resource: BTreeMap::new(),
        },
        client: Client {
            client_id: "pgo.example".to_owned(),
            redirect_uri: REDIRECT_URI.parse().unwrap(),
            certificate: String::new(),
            key: String::new(),
        },
        identities: vec![],
        trust: Trust::default(),
        stelselnode: None,
        login: Login::default(),
        withdrawal: None,
        drive: None,
        world: None,
        patients: vec![],
        probes: Probes { active: true, ..Probes::default() },
        waivers: vec![],
        shares_clock: false,
    }
}

/// A patient that stands for `rich`.
pub fn patient() -> Patient {
    Patient {
        name: "De Rijk".to_owned(),
        stands_for: "rich".to_owned(),
        login: "rijk".to_owned(),
        password: "wachtwoord".to_owned(),
        token: Some("vast-token".to_owned()),
        bsn: None,
        suites: Vec::new(),
        expect: BTreeMap::new(),
    }
}
