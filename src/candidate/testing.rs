//! A candidate for tests: a DVA that allows probes, with nobody to log in.

use std::collections::BTreeMap;

use crate::candidate::Candidate;
use crate::candidate::Client;
use crate::candidate::Endpoints;
use crate::candidate::Patient;
use crate::candidate::Probes;
use crate::requirement::Release;
use crate::requirement::Role;

/// Where the sample's client is sent back to.
pub const REDIRECT_URI: &str = "https://pgo.example/cb";

/// The candidate.
pub fn candidate() -> Candidate {
    let endpoints = Endpoints {
        authorization: "https://as.example/authorize".parse().unwrap(),
        token: "https://token.example/token".parse().unwrap(),
        resource: BTreeMap::new(),
    };
    let client = Client {
        client_id: "pgo.example".to_owned(),
        redirect_uri: REDIRECT_URI.parse().unwrap(),
        certificate: String::new(),
        key: String::new(),
    };
    Candidate {
        vendor: "Voorbeeld".to_owned(),
        product: "DVA".to_owned(),
        version: "1".to_owned(),
        provider: "ziekenhuis@medmij".to_owned(),
        probes: Probes { active: true, ..Probes::default() },
        ..Candidate::bare(Role::Dva, Release::V2_2, endpoints, client)
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
