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
const SERVICES: [(&str, &str, &str); 3] =
    [("48", "Basisgegevens Zorg", "bgz"), ("50", "Basisgegevens GGZ", "ggz"), ("51", "Documenten", "pdfa")];

/// The Zorgaanbiederslijst, OAuth Client List, Gegevensdienstnamenlijst and Whitelist, published now.
pub fn lists(env: &Env) -> Vec<List> {
    let second = jiff::Timestamp::from_second(env.now().as_second()).unwrap_or_else(|_| env.now());
    let edition = Edition { tijdstempel: second.to_string(), volgnummer: 1 };
    let client = |host: &str, name: &str| OAuthclient {
        hostname: host.to_owned(),
        organisatienaam: name.to_owned(),
        ..OAuthclient::default()
    };
    let names = Names::default();
    let provider = Zorgaanbieder {
        naam: format!("{}@medmij", names.provider),
        aanbiedertype: None,
        interfaceversies: vec![Interfaceversie {
            id: None,
            gegevensdiensten: SERVICES.iter().map(|(id, _, suite)| service(&names, id, suite)).collect(),
        }],
    };
    vec![
        List::Zorgaanbiederslijst(Zorgaanbiederslijst {
            edition: edition.clone(),
            release: ZalRelease::Release2,
            zorgaanbieders: vec![provider],
        }),
        List::OAuthclientlist(OAuthclientlist {
            edition: edition.clone(),
            clients: vec![client(CLIENT_ID, "Toetsbank PGO"), client(OTHER_CLIENT_ID, "Toetsbank tweede PGO")],
        }),
        List::Gegevensdienstnamenlijst(Gegevensdienstnamenlijst {
            edition: edition.clone(),
            namen: SERVICES.iter().map(|(id, name, _)| ((*id).to_owned(), (*name).to_owned())).collect(),
        }),
        List::Whitelist(Whitelist {
            edition,
            shape: Shape::Nested,
            hostnames: [CLIENT_ID, OTHER_CLIENT_ID, &names.token, &names.resource].map(str::to_owned).to_vec(),
        }),
    ]
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
            assert!(reading.mistakes.is_empty(), "{:?}\n{text}", reading.mistakes);
            assert_eq!(reading.list.as_ref(), Some(&list));
        }
    }
}
