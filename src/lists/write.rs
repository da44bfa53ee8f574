//! The model of a list to its text: default namespace, indented, as the stelselnode publishes it.

use crate::fhir::xml;
use crate::lists::model::Edition;
use crate::lists::model::Gegevensdienst;
use crate::lists::model::Koppeling;
use crate::lists::model::List;
use crate::lists::model::OAuthclient;
use crate::lists::model::Shape;
use crate::lists::model::ZalRelease;
use crate::lists::model::Zorgaanbieder;
use crate::lists::schema;
use crate::lists::schema::Schema;

/// The text of a list, by the schema of its shape or release. What the values hold is not checked.
pub fn write(list: &List) -> String {
    let schema = schema_of(list);
    let mut out = Out { text: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"), depth: 0 };
    let root = schema.root.name;
    out.text.push_str(&format!("<{root} xmlns=\"{}\">\n", schema.namespace));
    out.depth = 1;
    edition(&mut out, list.edition());
    match list {
        List::Whitelist(list) => out.element("MedMijNodes", |out| {
            for host in &list.hostnames {
                match list.shape {
                    Shape::Flat => out.leaf("MedMijNode", host),
                    Shape::Nested => out.element("MedMijNode", |out| out.leaf("Hostname", host)),
                }
            }
        }),
        List::OAuthclientlist(list) => out.each("OAuthclients", &list.clients, client),
        List::Gegevensdienstnamenlijst(list) => out.each("Gegevensdiensten", &list.namen, |out, (id, name)| {
            out.element("Gegevensdienst", |out| {
                out.leaf("GegevensdienstId", id);
                out.leaf("Weergavenaam", name);
            });
        }),
        List::Zorgaanbiederslijst(list) => {
            out.each("Zorgaanbieders", &list.zorgaanbieders, |out, one| provider(out, one, list.release));
        }
        List::Zorgaanbiederskoppellijst(list) => out.each("Zorgaanbieders", &list.zorgaanbieders, link),
    }
    out.text.push_str(&format!("</{root}>\n"));
    out.text
}

/// The schema that a list is written by.
fn schema_of(list: &List) -> &'static Schema {
    match list {
        List::Whitelist(list) if list.shape == Shape::Flat => &schema::WHL_FLAT,
        List::Whitelist(_) => &schema::WHL_NESTED,
        List::OAuthclientlist(_) => &schema::OCL_RELEASE2,
        List::Gegevensdienstnamenlijst(_) => &schema::GNL_RELEASE1,
        List::Zorgaanbiederslijst(list) if list.release == ZalRelease::Release2 => &schema::ZAL_RELEASE2,
        List::Zorgaanbiederslijst(_) => &schema::ZAL_RELEASE3,
        List::Zorgaanbiederskoppellijst(_) => &schema::ZAKL_RELEASE1,
    }
}

fn edition(out: &mut Out, edition: &Edition) {
    out.leaf("Tijdstempel", &edition.tijdstempel);
    out.leaf("Volgnummer", &edition.volgnummer.to_string());
}

fn client(out: &mut Out, client: &OAuthclient) {
    out.element("OAuthclient", |out| {
        out.leaf("Hostname", &client.hostname);
        out.leaf("OAuthclientOrganisatienaam", &client.organisatienaam);
        if let Some(value) = &client.vertegenwoordiging {
            out.leaf("Vertegenwoordiging", value);
        }
        if client.interfaceversies.is_empty() {
            return;
        }
        out.each("Interfaceversies", &client.interfaceversies, |out, version| {
            out.element("Interfaceversie", |out| {
                out.leaf("InterfaceversieId", &version.id);
                out.each("Gegevensdiensten", &version.gegevensdiensten, |out, id| {
                    out.element("Gegevensdienst", |out| out.leaf("GegevensdienstId", id));
                });
            });
        });
    });
}

fn provider(out: &mut Out, provider: &Zorgaanbieder, release: ZalRelease) {
    out.element("Zorgaanbieder", |out| {
        out.leaf("Zorgaanbiedernaam", &provider.naam);
        if release == ZalRelease::Release2 {
            let services: Vec<&Gegevensdienst> =
                provider.interfaceversies.iter().flat_map(|version| &version.gegevensdiensten).collect();
            out.each("Gegevensdiensten", &services, |out, one| service(out, one));
            return;
        }
        out.leaf("Aanbiedertype", provider.aanbiedertype.as_deref().unwrap_or("ZA"));
        out.each("Interfaceversies", &provider.interfaceversies, |out, version| {
            out.element("Interfaceversie", |out| {
                out.leaf("InterfaceversieId", version.id.as_deref().unwrap_or("2"));
                out.each("Gegevensdiensten", &version.gegevensdiensten, service);
            });
        });
    });
}

fn service(out: &mut Out, service: &Gegevensdienst) {
    out.element("Gegevensdienst", |out| {
        out.leaf("GegevensdienstId", &service.id);
        if let Some(uri) = &service.authorization_endpoint {
            out.element("AuthorizationEndpoint", |out| out.leaf("AuthorizationEndpointuri", uri));
        }
        if let Some(uri) = &service.token_endpoint {
            out.element("TokenEndpoint", |out| out.leaf("TokenEndpointuri", uri));
        }
        if let Some(subscribe) = &service.abonneren {
            out.element("Abonneren", |out| {
                out.leaf("MaximaleDuur", &subscribe.maximale_duur);
                out.leaf("SubscriptionEndpointuri", &subscribe.subscription_endpoint);
            });
        }
        out.each("Systeemrollen", &service.systeemrollen, |out, role| {
            out.element("Systeemrol", |out| {
                out.leaf("Systeemrolcode", &role.code);
                out.element("ResourceEndpoint", |out| out.leaf("ResourceEndpointuri", &role.resource_endpoint));
            });
        });
    });
}

fn link(out: &mut Out, link: &Koppeling) {
    out.element("Zorgaanbieder", |out| {
        out.leaf("Zorgaanbiedernaam", &link.naam);
        out.each("IdentificerendeKenmerken", &link.kenmerken, |out, (kind, value)| {
            out.element("IdentificerendKenmerk", |out| out.leaf(kind, value));
        });
        out.each("Gegevensdiensten", &link.gegevensdiensten, |out, service| {
            out.element("Gegevensdienst", |out| {
                out.leaf("GegevensdienstId", &service.id);
                out.leaf("Weergavenaam", &service.weergavenaam);
                out.each("Interfaceversies", &service.interfaceversies, |out, id| {
                    out.element("Interfaceversie", |out| out.leaf("InterfaceversieId", id));
                });
            });
        });
    });
}

/// The text in the making.
struct Out {
    text: String,
    depth: usize,
}

impl Out {
    fn element(&mut self, name: &str, fill: impl FnOnce(&mut Self)) {
        self.indent();
        self.text.push_str(&format!("<{name}>\n"));
        self.depth += 1;
        fill(self);
        self.depth -= 1;
        self.indent();
        self.text.push_str(&format!("</{name}>\n"));
    }

    fn each<T>(&mut self, name: &str, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.element(name, |out| items.iter().for_each(|item| write(out, item)));
    }

    fn leaf(&mut self, name: &str, value: &str) {
        self.indent();
        self.text.push_str(&format!("<{name}>"));
        xml::escape(value, false, &mut self.text);
        self.text.push_str(&format!("</{name}>\n"));
    }

    fn indent(&mut self) {
        self.text.push_str(&"  ".repeat(self.depth));
    }
}
