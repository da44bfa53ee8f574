//! The tree of a list to its model. Gives nothing where a required part is missing; what is wrong was told before.

use crate::lists::Tree;
use crate::lists::model::Abonneren;
use crate::lists::model::Clientversie;
use crate::lists::model::Edition;
use crate::lists::model::Gegevensdienst;
use crate::lists::model::Gegevensdienstnamenlijst;
use crate::lists::model::Interfaceversie;
use crate::lists::model::Koppeldienst;
use crate::lists::model::Koppeling;
use crate::lists::model::List;
use crate::lists::model::OAuthclient;
use crate::lists::model::OAuthclientlist;
use crate::lists::model::Shape;
use crate::lists::model::Systeemrol;
use crate::lists::model::Whitelist;
use crate::lists::model::ZalRelease;
use crate::lists::model::Zorgaanbieder;
use crate::lists::model::Zorgaanbiederskoppellijst;
use crate::lists::model::Zorgaanbiederslijst;
use crate::lists::schema;
use crate::lists::schema::Kind;
use crate::lists::schema::Schema;
use crate::lists::simple;

/// The list of a tree that was read by this schema.
pub fn list(schema: &'static Schema, tree: &Tree) -> Option<List> {
    let edition = edition(tree)?;
    Some(match schema.kind {
        Kind::Whitelist => {
            let is_flat = std::ptr::eq(schema, &raw const schema::WHL_FLAT);
            let shape = if is_flat { Shape::Flat } else { Shape::Nested };
            let nodes = tree.child("MedMijNodes")?;
            let host = |node: &Tree| if is_flat { Some(node.text.clone()) } else { text(node, &["Hostname"]) };
            let hostnames = nodes.children.iter().map(host).collect::<Option<_>>()?;
            List::Whitelist(Whitelist { edition, shape, hostnames })
        }
        Kind::OAuthclientlist => {
            let clients = tree.child("OAuthclients")?.children.iter().map(client).collect::<Option<_>>()?;
            List::OAuthclientlist(OAuthclientlist { edition, clients })
        }
        Kind::Gegevensdienstnamenlijst => {
            let name = |tree: &Tree| Some((text(tree, &["GegevensdienstId"])?, text(tree, &["Weergavenaam"])?));
            let namen = tree.child("Gegevensdiensten")?.children.iter().map(name).collect::<Option<_>>()?;
            List::Gegevensdienstnamenlijst(Gegevensdienstnamenlijst { edition, namen })
        }
        Kind::Zorgaanbiederslijst => {
            let is_second = std::ptr::eq(schema, &raw const schema::ZAL_RELEASE2);
            let release = if is_second { ZalRelease::Release2 } else { ZalRelease::Release3 };
            let provider = |tree: &Tree| provider(tree, release);
            let zorgaanbieders = tree.child("Zorgaanbieders")?.children.iter().map(provider).collect::<Option<_>>()?;
            List::Zorgaanbiederslijst(Zorgaanbiederslijst { edition, release, zorgaanbieders })
        }
        Kind::Zorgaanbiederskoppellijst => {
            let zorgaanbieders = tree.child("Zorgaanbieders")?.children.iter().map(link).collect::<Option<_>>()?;
            List::Zorgaanbiederskoppellijst(Zorgaanbiederskoppellijst { edition, zorgaanbieders })
        }
    })
}

fn edition(tree: &Tree) -> Option<Edition> {
    let tijdstempel = simple::collapsed(tree.text_of(&["Tijdstempel"])?).to_owned();
    let volgnummer = simple::collapsed(tree.text_of(&["Volgnummer"])?).parse().ok()?;
    Some(Edition { tijdstempel, volgnummer })
}

fn client(tree: &Tree) -> Option<OAuthclient> {
    let version = |tree: &Tree| {
        let services = tree.child("Gegevensdiensten")?.children.iter();
        let gegevensdiensten = services.map(|service| text(service, &["GegevensdienstId"])).collect::<Option<_>>()?;
        Some(Clientversie { id: text(tree, &["InterfaceversieId"])?, gegevensdiensten })
    };
    Some(OAuthclient {
        hostname: text(tree, &["Hostname"])?,
        organisatienaam: text(tree, &["OAuthclientOrganisatienaam"])?,
        vertegenwoordiging: text(tree, &["Vertegenwoordiging"]),
        interfaceversies: tree
            .under(&["Interfaceversies", "Interfaceversie"])
            .into_iter()
            .map(version)
            .collect::<Option<_>>()?,
    })
}

fn provider(tree: &Tree, release: ZalRelease) -> Option<Zorgaanbieder> {
    let version = |tree: &Tree| {
        let gegevensdiensten = tree.child("Gegevensdiensten")?.children.iter().map(service).collect::<Option<_>>()?;
        Some(Interfaceversie { id: text(tree, &["InterfaceversieId"]), gegevensdiensten })
    };
    let interfaceversies = match release {
        ZalRelease::Release2 => vec![version(tree)?],
        ZalRelease::Release3 => tree.child("Interfaceversies")?.children.iter().map(version).collect::<Option<_>>()?,
    };
    Some(Zorgaanbieder {
        naam: text(tree, &["Zorgaanbiedernaam"])?,
        aanbiedertype: text(tree, &["Aanbiedertype"]),
        interfaceversies,
    })
}

fn service(tree: &Tree) -> Option<Gegevensdienst> {
    let role = |tree: &Tree| {
        let resource_endpoint = text(tree, &["ResourceEndpoint", "ResourceEndpointuri"])?;
        Some(Systeemrol { code: text(tree, &["Systeemrolcode"])?, resource_endpoint })
    };
    let subscribe = |tree: &Tree| {
        let subscription_endpoint = text(tree, &["SubscriptionEndpointuri"])?;
        Some(Abonneren { maximale_duur: text(tree, &["MaximaleDuur"])?, subscription_endpoint })
    };
    Some(Gegevensdienst {
        id: text(tree, &["GegevensdienstId"])?,
        authorization_endpoint: text(tree, &["AuthorizationEndpoint", "AuthorizationEndpointuri"]),
        token_endpoint: text(tree, &["TokenEndpoint", "TokenEndpointuri"]),
        abonneren: tree.child("Abonneren").and_then(subscribe),
        systeemrollen: tree.child("Systeemrollen")?.children.iter().map(role).collect::<Option<_>>()?,
    })
}

fn link(tree: &Tree) -> Option<Koppeling> {
    let mark = |tree: &Tree| tree.children.first().map(|mark| (mark.name.to_owned(), mark.text.clone()));
    let service = |tree: &Tree| {
        let versions = tree.under(&["Interfaceversies", "Interfaceversie", "InterfaceversieId"]);
        Some(Koppeldienst {
            id: text(tree, &["GegevensdienstId"])?,
            weergavenaam: text(tree, &["Weergavenaam"])?,
            interfaceversies: versions.into_iter().map(|version| version.text.clone()).collect(),
        })
    };
    Some(Koppeling {
        naam: text(tree, &["Zorgaanbiedernaam"])?,
        kenmerken: tree.child("IdentificerendeKenmerken")?.children.iter().map(mark).collect::<Option<_>>()?,
        gegevensdiensten: tree.child("Gegevensdiensten")?.children.iter().map(service).collect::<Option<_>>()?,
    })
}

fn text(tree: &Tree, path: &[&str]) -> Option<String> {
    tree.text_of(path).map(str::to_owned)
}
