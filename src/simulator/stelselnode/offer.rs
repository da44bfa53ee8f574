//! What the stelselnode beside a run serves: the lists as they are, or with one thing changed or spoilt on purpose.
//!
//! Everything here can happen to a node: lists change, arrive broken, or come in another shape. Pure but for the time of
//! publication. Entry points: [`TWISTS`], [`Offer::take`].

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::lists;
use crate::lists::List;
use crate::lists::model::Clientversie;
use crate::lists::model::Edition;
use crate::lists::model::OAuthclient;
use crate::lists::model::Shape;
use crate::lists::schema::Kind;
use crate::simulator::stelselnode::Publication;

/// What can be asked of the stelselnode, by name: the list that it is about, and what is done.
pub const TWISTS: &[&str] = &[
    "ocl-without-us",
    "ocl-other-service",
    "ocl-invalid",
    "ocl-broken",
    "ocl-elsewhere",
    "gnl-invalid",
    "gnl-broken",
    "whitelist-without-us",
    "whitelist-with-unlisted",
    "whitelist-empty",
    "whitelist-flat",
    "whitelist-invalid",
    "whitelist-broken",
    "zal-without-provider",
    WRONG_HOST,
    UNTRUSTED,
];

/// The certificate is one of another host.
pub const WRONG_HOST: &str = "stelselnode-certificate-wrong-host";

/// The certificate is of an authority that nobody trusts.
pub const UNTRUSTED: &str = "stelselnode-certificate-untrusted";

/// Whoever asks for the OAuth Client List is sent to another host.
pub const ELSEWHERE: &str = "ocl-elsewhere";

/// GegevensdienstIds of the Catalogus: one that the provider does not have is in the list of services of `ocl-other-service`.
const SERVICES: [&str; 4] = ["63", "61", "65", "52"];

/// Our name in a list that tells our services, so that one can see that it was taken in.
const NAME_WITH_SERVICES: &str = "Toetsbank PGO met diensten";

/// What the lists are about, beside themselves.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Our `client_id`.
    pub client_id: String,
    /// The hosts that we come from on the back channel.
    pub hosts: Vec<String>,
    /// Hosts of a certificate of ours that is on no Whitelist.
    pub unlisted: Vec<String>,
    /// MedMij name of the provider, with its suffix.
    pub provider: String,
    /// GegevensdienstIds that the provider has.
    pub services: Vec<String>,
}

impl About {
    /// The GegevensdienstIds of all providers in these lists.
    pub fn services_of(lists: &[List]) -> Vec<String> {
        let providers = lists.iter().filter_map(|list| match list {
            List::Zorgaanbiederslijst(list) => Some(&list.zorgaanbieders),
            _ => None,
        });
        let versions = providers.flatten().flat_map(|provider| &provider.interfaceversies);
        versions.flat_map(|version| &version.gegevensdiensten).map(|service| service.id.clone()).collect()
    }
}

/// The lists with what is done to them now.
pub struct Offer {
    about: About,
    /// The lists as they are.
    lists: Vec<List>,
    /// What is done to each that is not as it is.
    done: BTreeMap<Kind, &'static str>,
    publication: Publication,
}

impl Offer {
    /// These lists as they are, published.
    pub fn new(lists: Vec<List>, about: About) -> Self {
        Self { about, publication: Publication::of(&lists), lists, done: BTreeMap::new() }
    }

    /// What is published.
    pub fn publication(&self) -> &Publication {
        &self.publication
    }

    /// From now on this is done to the lists and nothing else; what changes is published anew, with the next number.
    pub fn take(&mut self, names: &[&'static str], now: Timestamp) {
        for list in &mut self.lists {
            let kind = list.kind();
            let twist = names.iter().copied().find(|name| about(name) == Some(kind) && *name != ELSEWHERE);
            if self.done.get(&kind).copied() == twist {
                continue;
            }
            match twist {
                Some(name) => self.done.insert(kind, name),
                None => self.done.remove(&kind),
            };
            let edition = edition(list);
            edition.volgnummer += 1;
            edition.tijdstempel = Timestamp::from_second(now.as_second()).unwrap_or(now).to_string();
            self.publication.publish_text(kind, text(list.clone(), twist.unwrap_or_default(), &self.about));
        }
    }
}

/// The list that a name is about.
fn about(name: &str) -> Option<Kind> {
    match name.split('-').next()? {
        "ocl" => Some(Kind::OAuthclientlist),
        "gnl" => Some(Kind::Gegevensdienstnamenlijst),
        "whitelist" => Some(Kind::Whitelist),
        "zal" => Some(Kind::Zorgaanbiederslijst),
        _ => None,
    }
}

fn edition(list: &mut List) -> &mut Edition {
    match list {
        List::Zorgaanbiederslijst(list) => &mut list.edition,
        List::OAuthclientlist(list) => &mut list.edition,
        List::Gegevensdienstnamenlijst(list) => &mut list.edition,
        List::Whitelist(list) => &mut list.edition,
        List::Zorgaanbiederskoppellijst(list) => &mut list.edition,
    }
}

/// The text of a list to which this is done.
fn text(mut list: List, twist: &str, about: &About) -> String {
    let what = twist.split_once('-').map_or("", |(_, what)| what);
    // A list that must not be used does not have us: who uses it all the same is seen to.
    let lacks_us = matches!(what, "without-us" | "invalid" | "broken");
    match &mut list {
        List::OAuthclientlist(list) => {
            list.clients.retain(|client| !lacks_us || client.hostname != about.client_id);
            if what == "other-service" {
                let us = list.clients.iter_mut().filter(|client| client.hostname == about.client_id);
                us.for_each(|client| tell_services(client, about));
            }
        }
        List::Whitelist(list) => {
            let is_us = |host: &String| *host == about.client_id || about.hosts.contains(host);
            list.hostnames.retain(|host| what != "empty" && !(lacks_us && is_us(host)));
            match what {
                "flat" => list.shape = Shape::Flat,
                "with-unlisted" => list.hostnames.extend(about.unlisted.iter().cloned()),
                _ => {}
            }
        }
        List::Zorgaanbiederslijst(list) if what == "without-provider" => {
            list.zorgaanbieders.retain(|provider| provider.naam != about.provider);
        }
        _ => {}
    }
    if what == "invalid" {
        // A day is no moment (DatumTijd): only a check by the schema finds it.
        edition(&mut list).tijdstempel.truncate("2026-01-05".len());
    }
    let text = lists::write(&list);
    match what {
        "broken" => text.get(..text.len() * 4 / 5).unwrap_or_default().to_owned(),
        _ => text,
    }
}

/// The client supports one service, which the provider does not have.
fn tell_services(client: &mut OAuthclient, about: &About) {
    NAME_WITH_SERVICES.clone_into(&mut client.organisatienaam);
    let other = SERVICES.iter().find(|id| about.services.iter().all(|own| own != *id));
    let gegevensdiensten = other.map(|id| (*id).to_owned()).into_iter().collect();
    client.interfaceversies = vec![Clientversie { id: "2".to_owned(), gegevensdiensten }];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Env;
    use crate::simulator::dva;

    const US: &str = "pgo.toetsbank.example";

    fn offer() -> Offer {
        let about = About {
            client_id: US.to_owned(),
            hosts: vec![US.to_owned()],
            unlisted: vec!["vreemd.toetsbank.example".to_owned()],
            provider: "referentieziekenhuis@medmij".to_owned(),
            services: vec!["63".to_owned()],
        };
        Offer::new(dva::lists(&Env::seeded(1)), about)
    }

    fn after(name: &'static str) -> (Offer, Result<List, usize>) {
        let mut offer = offer();
        offer.take(&[name], "2026-01-15T10:00:00.5Z".parse().unwrap());
        let kind = about(name).unwrap();
        let text = offer.publication().text(kind).unwrap();
        let read = lists::parse(&text).map_err(|mistakes| mistakes.len());
        (offer, read)
    }

    #[test]
    fn each_twist_of_a_list_is_a_new_publication_that_is_sound_or_not_as_its_name_says() {
        for name in TWISTS.iter().copied().filter(|name| about(name).is_some() && *name != ELSEWHERE) {
            let (_, read) = after(name);
            let is_bad = name.ends_with("invalid") || name.ends_with("broken");
            assert_eq!(read.is_err(), is_bad, "{name}: {read:?}");
            if let Ok(mut list) = read {
                let edition = edition(&mut list);
                assert_eq!((edition.volgnummer, &*edition.tijdstempel), (2, "2026-01-15T10:00:00Z"), "{name}");
            }
        }
    }

    #[test]
    fn we_are_on_no_list_that_must_not_have_us() {
        for name in ["ocl-without-us", "ocl-invalid", "ocl-broken", "whitelist-without-us", "whitelist-broken"] {
            let (offer, _) = after(name);
            let text = String::from_utf8(offer.publication().text(about(name).unwrap()).unwrap()).unwrap();
            assert!(!text.contains(&format!(">{US}<")) && text.contains("pgo2.toetsbank.example"), "{name}: {text}");
        }
    }

    #[test]
    fn what_is_no_longer_done_is_published_as_it_was_with_the_next_number() {
        let (mut offer, _) = after("whitelist-empty");
        let text = |offer: &Offer, kind| String::from_utf8(offer.publication().text(kind).unwrap()).unwrap();
        let ocl = text(&offer, Kind::OAuthclientlist);
        assert!(!text(&offer, Kind::Whitelist).contains("<Hostname>"));
        offer.take(&[], "2026-01-15T11:00:00Z".parse().unwrap());
        let whitelist = text(&offer, Kind::Whitelist);
        assert!(whitelist.contains(US) && whitelist.contains("<Volgnummer>3</Volgnummer>"));
        assert_eq!(text(&offer, Kind::OAuthclientlist), ocl);
    }

    #[test]
    fn a_client_with_services_has_another_name_and_none_of_the_provider() {
        let (_, read) = after("ocl-other-service");
        let Ok(List::OAuthclientlist(list)) = read else { panic!("no list") };
        let us = list.clients.iter().find(|client| client.hostname == US).unwrap();
        assert_eq!(us.organisatienaam, NAME_WITH_SERVICES);
        assert_eq!(us.interfaceversies[0].gegevensdiensten, ["61"]);
    }
}
