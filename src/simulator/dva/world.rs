//! What all interfaces of the DVA share: who may come, whose data there are, and how it is to misbehave.

use std::sync::Mutex;

use crate::env::Env;
use crate::fhir::definitions::DefinitionSet;
use crate::requirement::Release;
use crate::simulator::behaviours::Chosen;
use crate::simulator::defects::Planted;
use crate::simulator::dva::grants::Grants;
use crate::simulator::dva::grants::Shelf;
use crate::simulator::dva::keeper::Keeper;
use crate::simulator::dva::roles::SHARING;
use crate::simulator::dva::search::Page;
use crate::simulator::dva::store::Store;

/// How a DVA, the provider that it serves and the client that it knows are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// MedMij name of the provider, without its suffix.
    pub provider: String,
    /// Host name of the authorization server.
    pub authorization: String,
    /// Host name of the token endpoint.
    pub token: String,
    /// Host name of the resource server.
    pub resource: String,
    /// `client_id` of the one client that it knows.
    pub client_id: String,
    /// The redirect URI of that client.
    pub redirect_uri: String,
    /// Hosts of that client on the back channel, beside its `client_id`.
    pub client_hosts: Vec<String>,
}

impl Names {
    /// The provider `name`, served under hosts of `domain`, with our own client.
    pub fn of(provider: &str, domain: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            authorization: format!("auth.{domain}"),
            token: format!("token.{domain}"),
            resource: format!("fhir.{domain}"),
            client_id: CLIENT_ID.to_owned(),
            redirect_uri: REDIRECT_URI.to_owned(),
            client_hosts: Vec::new(),
        }
    }
}

impl Default for Names {
    fn default() -> Self {
        Self::of(PROVIDER, "referentie.toetsbank.example")
    }
}

/// Host name of a system behind the DVA, which should never be seen.
pub(super) const SOURCE_HOST: &str = "bron.referentie.toetsbank.example";

/// MedMij name of the provider, without its suffix.
const PROVIDER: &str = "referentieziekenhuis";

/// `client_id` of the one client that it knows.
pub(super) const CLIENT_ID: &str = "pgo.toetsbank.example";

/// `client_id` of another DVP, in the OAuth Client List and on the Whitelist as the first.
pub(super) const OTHER_CLIENT_ID: &str = "pgo2.toetsbank.example";

/// The redirect URI of the first.
pub(super) const REDIRECT_URI: &str = "https://pgo.toetsbank.example/cb";

/// The redirect URI of the other.
pub(super) const OTHER_REDIRECT_URI: &str = "https://pgo2.toetsbank.example/terug";

/// A person that can log in.
pub(super) struct Person {
    /// Name for reports.
    pub(super) name: String,
    pub(super) login: String,
    pub(super) password: String,
    /// Access token that always works, for candidates that are tested without the flow.
    pub(super) token: String,
    pub(super) bsn: String,
    /// Index of the data set that knows this person.
    pub(super) set: usize,
    /// Id of the Patient in it.
    pub(super) patient: String,
    pub(super) stands_for: &'static str,
    pub(super) suites: Vec<&'static str>,
}

/// A data set at work.
pub(super) struct Served {
    pub(super) store: Store,
    /// Codes of the systeemrollen that serve it.
    pub(super) systeemrollen: Vec<&'static str>,
    /// Suites that its data fit.
    pub(super) suites: Vec<&'static str>,
}

/// What all interfaces share.
pub(super) struct World {
    pub(super) env: Env,
    pub(super) names: Names,
    /// The release of the Afsprakenstelsel that it follows.
    pub(super) release: Release,
    pub(super) planted: Planted,
    pub(super) chosen: Chosen,
    pub(super) definitions: &'static DefinitionSet,
    pub(super) grants: Grants,
    /// The lists that it fetches, when it does.
    pub(super) keeper: Keeper,
    pub(super) people: Vec<Person>,
    pub(super) sets: Vec<Served>,
    /// Pages of searches that were announced in a `next` link.
    pub(super) pages: Mutex<Shelf<Page>>,
}

impl World {
    /// Whether the defect with this name is planted.
    pub(super) fn has(&self, defect: &str) -> bool {
        self.planted.has(defect)
    }

    /// Whether the behaviour with this name was chosen.
    pub(super) fn does(&self, behaviour: &str) -> bool {
        self.chosen.has(behaviour)
    }

    /// MedMij name of the provider, without its suffix: the `scope` that is asked.
    pub(super) fn provider(&self) -> &str {
        if self.has("provider-name-with-two-hyphens") {
            "referentie--ziekenhuis"
        } else if self.does("provider-name-with-ampersand") {
            "referentie&ziekenhuis.noord2"
        } else {
            &self.names.provider
        }
    }

    /// The redirect URI of a client that is known.
    pub(super) fn redirect_uri_of(&self, client_id: &str) -> Option<&str> {
        match client_id {
            id if id == self.names.client_id => Some(&self.names.redirect_uri),
            OTHER_CLIENT_ID => Some(OTHER_REDIRECT_URI),
            _ => None,
        }
    }

    /// The `scope` that is asked to share documents: the provider with the id of the service.
    pub(super) fn sharing_scope(&self) -> String {
        format!("{}~{SHARING}", self.provider())
    }

    /// The person with this login name and password.
    pub(super) fn person_with(&self, login: &str, password: &str) -> Option<usize> {
        self.people.iter().position(|person| person.login == login && person.password == password)
    }

    /// The person that an access token stands for: one that was issued to this host, or the fixed one. `None` for a host
    /// stands for any.
    pub(super) fn person_of(&self, token: &str, host: Option<&str>) -> Option<usize> {
        let issued = self.grants.person(token, host);
        issued.or_else(|| self.people.iter().position(|person| person.token == token))
    }

    /// The first person that stands for `rich` in a data set.
    pub(super) fn rich(&self, set: usize) -> Option<usize> {
        self.people.iter().position(|person| person.set == set && person.stands_for == "rich")
    }
}
