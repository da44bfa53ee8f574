//! Who speaks in recorded traffic: both sides as candidates, from the candidate file or from what the traffic tells.
//!
//! Judges nothing. Entry point: [`Parties::of`].

use std::collections::BTreeMap;

use url::Url;

use crate::candidate::Candidate;
use crate::candidate::Client;
use crate::candidate::Endpoints;
use crate::candidate::Probes;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::requirement::Release;
use crate::requirement::Role;
use crate::traffic::recognise;

/// Both sides of recorded traffic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parties {
    /// The DVP: values of `client_id`.
    pub clients: Vec<String>,
    /// Where its browsers come back.
    pub redirects: Vec<String>,
    /// The DVA: addresses of its authorization requests.
    pub authorization: Vec<String>,
    /// Addresses of its token requests.
    pub token: Vec<String>,
    /// Addresses at which data is asked, up to the resource type.
    pub resource: Vec<String>,
}

impl Parties {
    /// What the traffic tells of them.
    pub fn of(run: &Run) -> Self {
        let mut parties = Self::default();
        for exchange in run.exchanges() {
            let Ok(url) = Url::parse(&exchange.request.url) else { continue };
            let address = recognise::address(&url);
            let sent = || exchange.request.query().into_iter().chain(exchange.request.body.form());
            let named = |name: &str| sent().find(|(key, _)| key == name).map(|(_, value)| value);
            match exchange.interface {
                Interface::Authorization => add(&mut parties.authorization, Some(address)),
                Interface::Token => add(&mut parties.token, Some(address)),
                Interface::Resource => add(&mut parties.resource, Some(recognise::base(&address))),
                Interface::Page | Interface::List | Interface::Client => continue,
            }
            if exchange.interface != Interface::Resource {
                add(&mut parties.clients, named("client_id"));
                add(&mut parties.redirects, named("redirect_uri"));
            }
        }
        parties
    }

    /// The side of this role as a candidate; `None` when the traffic names no address at all. Of a candidate file of the
    /// other role only the addresses hold.
    pub fn candidate(&self, role: Role, file: Option<&Candidate>, release: Release) -> Option<Candidate> {
        let mut candidate = file.cloned().or_else(|| self.told_by_traffic(release))?;
        if candidate.role != role {
            candidate.waivers.clear();
        }
        candidate.role = role;
        candidate.release = release;
        candidate.systeemrollen.clear();
        candidate.patients.clear();
        candidate.probes = Probes::default();
        Some(candidate)
    }

    fn told_by_traffic(&self, release: Release) -> Option<Candidate> {
        // An interface that did not come by gets the address of another: no exchange of it is there to judge.
        let mut all = [&self.authorization, &self.token, &self.resource, &self.redirects].into_iter().flatten();
        let any = all.find_map(|text| Url::parse(text).ok())?;
        let url = |list: &[String]| list.first().and_then(|text| Url::parse(text).ok()).unwrap_or_else(|| any.clone());
        let bases = self.resource.iter().enumerate();
        let bases = bases.filter_map(|(i, text)| Some((format!("resource {}", i + 1), Url::parse(text).ok()?)));
        let name = |list: &[String]| {
            let url = list.first().and_then(|text| Url::parse(text).ok());
            url.and_then(|url| url.host_str().map(str::to_owned))
        };
        let dvp = self.clients.first().cloned().or_else(|| name(&self.redirects));
        let dva = name(&self.authorization).or_else(|| name(&self.token)).or_else(|| name(&self.resource));
        let told =
            |who: &str, name: Option<String>| name.map_or_else(|| who.to_owned(), |name| format!("{who} {name}"));
        let endpoints = Endpoints {
            authorization: url(&self.authorization),
            token: url(&self.token),
            resource: bases.collect::<BTreeMap<_, _>>(),
        };
        let client = Client {
            client_id: self.clients.first().cloned().unwrap_or_default(),
            redirect_uri: url(&self.redirects),
            certificate: String::new(),
            key: String::new(),
        };
        Some(Candidate {
            product: format!("{} – {}", told("DVP", dvp), told("DVA", dva)),
            ..Candidate::bare(Role::Dva, release, endpoints, client)
        })
    }
}

fn add(list: &mut Vec<String>, value: Option<String>) {
    if let Some(value) = value.filter(|value| !value.is_empty() && !list.contains(value)) {
        list.push(value);
    }
}
