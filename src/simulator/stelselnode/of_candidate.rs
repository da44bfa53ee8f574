//! The stelselnode that a candidate file asks for: lists in which the candidate, its provider and we stand.
//!
//! Entry point: [`config`].

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::candidate::Candidate;
use crate::candidate::Standing;
use crate::candidate::Stelselnode;
use crate::env::Env;
use crate::lists;
use crate::lists::List;
use crate::lists::model::Edition;
use crate::lists::model::Gegevensdienst;
use crate::lists::model::Gegevensdienstnamenlijst;
use crate::lists::model::Interfaceversie;
use crate::lists::model::OAuthclient;
use crate::lists::model::OAuthclientlist;
use crate::lists::model::Shape;
use crate::lists::model::Systeemrol;
use crate::lists::model::Whitelist;
use crate::lists::model::ZalRelease;
use crate::lists::model::Zorgaanbieder;
use crate::lists::model::Zorgaanbiederslijst;
use crate::lists::roles;
use crate::pki;
use crate::simulator::stelselnode::NodeConfig;
use crate::simulator::stelselnode::Shown;
use crate::simulator::stelselnode::offer::About;

/// Names for people of us and of the second DVP that we can be, in the OAuth Client List.
const NAMES: [&str; 2] = ["Toetsbank PGO", "Toetsbank tweede PGO"];

/// How the stelselnode of this candidate is to be.
pub fn config(env: &Env, candidate: &Candidate, node: &Stelselnode) -> NodeConfig {
    let own = pki::hosts_in(&candidate.client.certificate);
    let listed = candidate.identity(Standing::Listed);
    let unlisted = candidate.identity(Standing::Unlisted);
    let mut hosts = vec![candidate.client.client_id.clone()];
    hosts.extend(own.iter().cloned());
    if let Some(identity) = listed {
        hosts.push(identity.client_id.clone());
        hosts.extend(pki::hosts_in(&identity.certificate));
    }
    let endpoints = &candidate.endpoints;
    let back = endpoints.resource.values().chain([&endpoints.token]);
    hosts.extend(back.filter_map(|url| url.host_str().map(str::to_owned)));
    hosts.extend(pki::hosts_in(&node.certificate));
    let mut seen = BTreeSet::new();
    hosts.retain(|host| !host.is_empty() && seen.insert(host.clone()));

    let clients = std::iter::once(candidate.client.client_id.as_str()).chain(listed.map(|one| one.client_id.as_str()));
    let client = |(host, name): (&str, &str)| OAuthclient {
        hostname: host.to_owned(),
        organisatienaam: name.to_owned(),
        ..OAuthclient::default()
    };
    let now = env.now();
    let second = jiff::Timestamp::from_second(now.as_second()).unwrap_or(now);
    // Higher than that of any list that the candidate may have had from us before.
    let volgnummer = u64::try_from(now.as_second()).unwrap_or(1);
    let edition = Edition { tijdstempel: second.to_string(), volgnummer };
    let services = services(candidate);
    let lists = vec![
        List::Whitelist(Whitelist { edition: edition.clone(), shape: Shape::Nested, hostnames: hosts }),
        List::OAuthclientlist(OAuthclientlist {
            edition: edition.clone(),
            clients: clients.zip(NAMES).map(client).collect(),
        }),
        List::Gegevensdienstnamenlijst(Gegevensdienstnamenlijst {
            edition: edition.clone(),
            namen: services
                .iter()
                .map(|service| (service.id.clone(), format!("Gegevensdienst {}", service.id)))
                .collect(),
        }),
        providers(edition, &candidate.provider, services),
    ];
    // A list that breaks its own schema is better not there.
    let lists: Vec<List> =
        lists.into_iter().filter(|list| lists::parse(lists::write(list).as_bytes()).is_ok()).collect();
    let about = About {
        client_id: candidate.client.client_id.clone(),
        hosts: own,
        unlisted: unlisted.map(|identity| pki::hosts_in(&identity.certificate)).unwrap_or_default(),
        provider: candidate.provider.clone(),
        services: About::services_of(&lists),
    };
    NodeConfig {
        env: env.clone(),
        listen: node.listen,
        own: Shown { certificate: node.certificate.clone(), key: node.key.clone() },
        stranger: unlisted.map(|one| Shown { certificate: one.certificate.clone(), key: one.key.clone() }),
        lists,
        about,
    }
}

/// The services of the candidate, by the GegevensdienstIds of its systeemrollen.
fn services(candidate: &Candidate) -> Vec<Gegevensdienst> {
    let mut services: BTreeMap<&str, Vec<Systeemrol>> = BTreeMap::new();
    let endpoints = &candidate.endpoints;
    for (code, url) in &endpoints.resource {
        let Some(id) = roles::gegevensdienst(code) else { continue };
        let resource_endpoint = url.as_str().trim_end_matches('/').to_owned();
        services.entry(id).or_default().push(Systeemrol { code: code.clone(), resource_endpoint });
    }
    let service = |(id, systeemrollen): (&str, Vec<Systeemrol>)| Gegevensdienst {
        id: id.to_owned(),
        authorization_endpoint: Some(endpoints.authorization.to_string()),
        token_endpoint: Some(endpoints.token.to_string()),
        abonneren: None,
        systeemrollen,
    };
    services.into_iter().map(service).collect()
}

/// The provider list in the release that can hold the name: that of 2018 knows letters only.
fn providers(edition: Edition, naam: &str, gegevensdiensten: Vec<Gegevensdienst>) -> List {
    let list = |release, aanbiedertype, id| {
        let interfaceversies = vec![Interfaceversie { id, gegevensdiensten: gegevensdiensten.clone() }];
        let provider = Zorgaanbieder { naam: naam.to_owned(), aanbiedertype, interfaceversies };
        List::Zorgaanbiederslijst(Zorgaanbiederslijst {
            edition: edition.clone(),
            release,
            zorgaanbieders: vec![provider],
        })
    };
    let old = list(ZalRelease::Release2, None, None);
    match lists::parse(lists::write(&old).as_bytes()) {
        Ok(_) => old,
        Err(_) => list(ZalRelease::Release3, Some("ZA".to_owned()), Some("2".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::testing;
    use crate::pki::Authority;

    #[test]
    fn the_lists_hold_the_candidate_its_provider_and_us() {
        let env = Env::seeded(1);
        let authority = Authority::new(&env, "Test CA").unwrap();
        let mut candidate = testing::candidate();
        let (own, node) =
            (authority.client(&["achter.pgo.example"]).unwrap(), authority.server(&["lijsten.example"]).unwrap());
        candidate.client.certificate = own.certificate;
        let address = "https://fhir.example/bgz".parse().unwrap();
        candidate.endpoints.resource.insert("MM-3.0-BZB-FHIR".to_owned(), address);
        let node =
            Stelselnode { listen: "127.0.0.1:8444".parse().unwrap(), certificate: node.certificate, key: node.key };
        for provider in ["ziekenhuis@medmij", "huisarts.noord2@medmij"] {
            candidate.provider = provider.to_owned();
            let config = config(&env, &candidate, &node);
            assert_eq!(config.lists.len(), 4);
            let text = |i: usize| lists::write(&config.lists[i]);
            for host in ["pgo.example", "achter.pgo.example", "token.example", "fhir.example", "lijsten.example"] {
                assert_eq!(text(0).matches(&format!(">{host}<")).count(), 1, "{host}");
            }
            assert!(text(1).contains("<Hostname>pgo.example</Hostname>") && text(2).contains(">48<"));
            assert!(text(3).contains(provider) && text(3).contains("https://fhir.example/bgz"));
            assert_eq!(config.about.services, ["48"]);
        }
    }
}
