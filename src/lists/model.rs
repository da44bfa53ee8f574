//! The lists as programs use them. Values are as they stand in the list; ids are texts, never numbers.

use crate::lists::schema::Kind;

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum List {
    /// ZAL.
    Zorgaanbiederslijst(Zorgaanbiederslijst),
    /// OCL.
    OAuthclientlist(OAuthclientlist),
    /// GNL.
    Gegevensdienstnamenlijst(Gegevensdienstnamenlijst),
    /// WHL.
    Whitelist(Whitelist),
    /// ZAKL.
    Zorgaanbiederskoppellijst(Zorgaanbiederskoppellijst),
}

/// When a list was published, and its number in the row of publications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// As written: `2026-01-05T08:30:00+01:00`.
    pub tijdstempel: String,
    /// From 1.
    pub volgnummer: u64,
}

/// Hosts that may take part in the back channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whitelist {
    /// Its publication.
    pub edition: Edition,
    /// How it is written.
    pub shape: Shape,
    /// The hosts.
    pub hostnames: Vec<String>,
}

/// The two ways in which a whitelist of release2 is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `<MedMijNode>host</MedMijNode>`: file version 2.
    Flat,
    /// `<MedMijNode><Hostname>host</Hostname></MedMijNode>`: file version 9 and later.
    Nested,
}

/// The clients that an authorization server may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthclientlist {
    /// Its publication.
    pub edition: Edition,
    /// The clients.
    pub clients: Vec<OAuthclient>,
}

/// A client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OAuthclient {
    /// Its host, which is its `client_id`.
    pub hostname: String,
    /// Its name for people.
    pub organisatienaam: String,
    /// Later shape: `onbehalfof`.
    pub vertegenwoordiging: Option<String>,
    /// Later shape: services per interface version; empty in release2.
    pub interfaceversies: Vec<Clientversie>,
}

/// The services of a client in one interface version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clientversie {
    /// InterfaceversieId.
    pub id: String,
    /// GegevensdienstIds.
    pub gegevensdiensten: Vec<String>,
}

/// Names of services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gegevensdienstnamenlijst {
    /// Its publication.
    pub edition: Edition,
    /// GegevensdienstId and Weergavenaam.
    pub namen: Vec<(String, String)>,
}

/// Providers and their services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zorgaanbiederslijst {
    /// Its publication.
    pub edition: Edition,
    /// Release of the schema that it is written by.
    pub release: ZalRelease,
    /// The providers.
    pub zorgaanbieders: Vec<Zorgaanbieder>,
}

/// Releases of the schema of the ZAL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZalRelease {
    /// Services directly under the provider.
    Release2,
    /// Services under interface versions.
    Release3,
}

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zorgaanbieder {
    /// MedMij name with its suffix.
    pub naam: String,
    /// Release3: `ZA`, `BAZB`.
    pub aanbiedertype: Option<String>,
    /// Its interface versions; in release2 exactly one, without id.
    pub interfaceversies: Vec<Interfaceversie>,
}

/// What a provider offers in one interface version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interfaceversie {
    /// InterfaceversieId; `None` in release2.
    pub id: Option<String>,
    /// The services.
    pub gegevensdiensten: Vec<Gegevensdienst>,
}

/// A service of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gegevensdienst {
    /// GegevensdienstId.
    pub id: String,
    /// AuthorizationEndpointuri; release3 may lack it.
    pub authorization_endpoint: Option<String>,
    /// TokenEndpointuri; release3 may lack it.
    pub token_endpoint: Option<String>,
    /// Release3: subscriptions.
    pub abonneren: Option<Abonneren>,
    /// Its system roles.
    pub systeemrollen: Vec<Systeemrol>,
}

/// Subscriptions to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abonneren {
    /// Longest duration in days, as written.
    pub maximale_duur: String,
    /// Where to subscribe.
    pub subscription_endpoint: String,
}

/// A system role of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Systeemrol {
    /// Systeemrolcode.
    pub code: String,
    /// ResourceEndpointuri.
    pub resource_endpoint: String,
}

/// Who providers are elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zorgaanbiederskoppellijst {
    /// Its publication.
    pub edition: Edition,
    /// The providers.
    pub zorgaanbieders: Vec<Koppeling>,
}

/// A provider in the koppellijst.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Koppeling {
    /// MedMij name.
    pub naam: String,
    /// Kind (`AGB`, `URA`, `OIN`, `HRN`, `KVK`) and value.
    pub kenmerken: Vec<(String, String)>,
    /// Its services.
    pub gegevensdiensten: Vec<Koppeldienst>,
}

/// A service in the koppellijst.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Koppeldienst {
    /// GegevensdienstId.
    pub id: String,
    /// Its name for people.
    pub weergavenaam: String,
    /// InterfaceversieIds.
    pub interfaceversies: Vec<String>,
}

impl List {
    /// Which list it is.
    pub fn kind(&self) -> Kind {
        match self {
            List::Zorgaanbiederslijst(_) => Kind::Zorgaanbiederslijst,
            List::OAuthclientlist(_) => Kind::OAuthclientlist,
            List::Gegevensdienstnamenlijst(_) => Kind::Gegevensdienstnamenlijst,
            List::Whitelist(_) => Kind::Whitelist,
            List::Zorgaanbiederskoppellijst(_) => Kind::Zorgaanbiederskoppellijst,
        }
    }

    /// Its publication.
    pub fn edition(&self) -> &Edition {
        match self {
            List::Zorgaanbiederslijst(list) => &list.edition,
            List::OAuthclientlist(list) => &list.edition,
            List::Gegevensdienstnamenlijst(list) => &list.edition,
            List::Whitelist(list) => &list.edition,
            List::Zorgaanbiederskoppellijst(list) => &list.edition,
        }
    }
}
