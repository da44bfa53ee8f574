//! The lists that the reference DVA and the DVPs of the harness stand in.
//!
//! Pure but for the time of publication. Entry point: [`lists`].

use crate::env::Env;
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
use crate::simulator::dva::resource;
use crate::simulator::dva::roles::SYSTEEMROLLEN;
use crate::simulator::dva::world::CLIENT_ID;
use crate::simulator::dva::world::Names;
use crate::simulator::dva::world::OTHER_CLIENT_ID;

/// GegevensdienstId, name, and the suite whose systeemrollen serve it.
const SERVICES: [(&str, &str, &str); 4] = [
    ("48", "Basisgegevens Zorg", "bgz"),
    ("50", "Basisgegevens GGZ", "ggz"),
    ("51", "Documenten", "pdfa"),
    ("57", "Documenten delen", "delen-pdfa"),
];

/// The Zorgaanbiederslijst, OAuth Client List, Gegevensdienstnamenlijst and Whitelist, published now.
pub fn lists(env: &Env) -> Vec<List> {
    let names = Names::default();
    let clients = [(CLIENT_ID, "Toetsbank PGO"), (OTHER_CLIENT_ID, "Toetsbank tweede PGO")];
    let hosts = [CLIENT_ID, OTHER_CLIENT_ID, &names.token, &names.resource].map(str::to_owned).to_vec();
    let suites: Vec<&str> = SERVICES.iter().map(|(_, _, suite)| *suite).collect();
    of(env, vec![provider(&names, &suites)], &clients, hosts)
}

/// The same of these providers, DVPs (host and name) and hosts of the back channel.
pub(in crate::simulator) fn of(
    env: &Env,
    zorgaanbieders: Vec<Zorgaanbieder>,
    clients: &[(&str, &str)],
    hostnames: Vec<String>,
) -> Vec<List> {
    let second = jiff::Timestamp::from_second(env.now().as_second()).unwrap_or_else(|_| env.now());
    let edition = Edition { tijdstempel: second.to_string(), volgnummer: 1 };
    let client = |(host, name): &(&str, &str)| OAuthclient {
        hostname: (*host).to_owned(),
        organisatienaam: (*name).to_owned(),
        ..OAuthclient::default()
    };
    vec![
        List::Zorgaanbiederslijst(Zorgaanbiederslijst {
            edition: edition.clone(),
            release: ZalRelease::Release2,
            zorgaanbieders,
        }),
        List::OAuthclientlist(OAuthclientlist {
            edition: edition.clone(),
            clients: clients.iter().map(client).collect(),
        }),
        List::Gegevensdienstnamenlijst(Gegevensdienstnamenlijst {
            edition: edition.clone(),
            namen: SERVICES.iter().map(|(id, name, _)| ((*id).to_owned(), (*name).to_owned())).collect(),
        }),
        List::Whitelist(Whitelist { edition, shape: Shape::Nested, hostnames }),
    ]
}

/// The entry of a provider with the services of these suites.
pub(super) fn provider(names: &Names, suites: &[&str]) -> Zorgaanbieder {
    let served = SERVICES.iter().filter(|(_, _, suite)| suites.contains(suite));
    Zorgaanbieder {
        naam: format!("{}@medmij", names.provider),
        aanbiedertype: None,
        interfaceversies: vec![Interfaceversie {
            id: None,
            gegevensdiensten: served.map(|(id, _, suite)| service(names, id, suite)).collect(),
        }],
    }
}

fn service(names: &Names, id: &str, suite: &str) -> Gegevensdienst {
    let roles = SYSTEEMROLLEN.iter().filter(|role| role.suite == suite);
    Gegevensdienst {
        id: id.to_owned(),
        authorization_endpoint: Some(format!("https://{}/authorize", names.authorization)),
        token_endpoint: Some(format!("https://{}/token", names.token)),
        abonneren: None,
        systeemrollen: roles
            .map(|role| Systeemrol { code: role.code.to_owned(), resource_endpoint: resource::address(names, role) })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists as format;

    #[test]
    fn each_is_a_list_without_mistakes() {
        for list in lists(&Env::seeded(1)) {
            let text = format::write(&list);
            let reading = format::read(list.kind().file_name().unwrap(), text.as_bytes());
            // No source shows the systeemrolcode of Delen: its id stands in place of it.
            let others = reading.mistakes.iter().filter(|mistake| mistake.code != "role-unknown");
            assert_eq!(others.count(), 0, "{:?}\n{text}", reading.mistakes);
            assert_eq!(reading.list.as_ref(), Some(&list));
        }
    }
}
