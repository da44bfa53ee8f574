//! How the world can deviate from what usually happens, by name: errors, refusals, slowness, links that lead away.
//!
//! Everything here may happen to a DVP in real life, or is done to it by somebody who means harm; what it does then is for
//! rules to judge. Entry points: [`TWISTS`], [`Twists::set`].

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use crate::diag::Text;
use crate::exchange::ELSEWHERE;
use crate::exchange::Interface;
use crate::lists;
use crate::lists::List;
use crate::lists::model::Shape;
use crate::lists::model::Zorgaanbieder;
use crate::lists::model::Zorgaanbiederslijst;
use crate::simulator::http::Received;
use crate::simulator::http::Reply;
use crate::simulator::stelsel::content;
use crate::simulator::stelsel::growth;

/// A deviation of the world.
#[derive(Clone, Copy, Debug)]
pub struct Twist {
    /// Its name in scenarios.
    pub name: &'static str,
    nl: &'static str,
    en: &'static str,
}

impl Twist {
    /// What it is, for people.
    pub fn summary(&self) -> Text {
        Text::new(self.nl, self.en)
    }
}

/// Longer than a DVP may keep a person waiting without a word (core.rscint.202 gives the server 60 s).
const SLOW: Duration = Duration::from_secs(65);

/// Everything that can be asked of the world.
pub const TWISTS: &[Twist] = &[
    twist("authorization-access-denied", "autoriseren geeft access_denied", "authorization gives access_denied"),
    twist("authorization-invalid-request", "autoriseren geeft invalid_request", "authorization gives invalid_request"),
    twist("authorization-invalid-scope", "autoriseren geeft invalid_scope", "authorization gives invalid_scope"),
    twist("authorization-server-error", "autoriseren geeft server_error", "authorization gives server_error"),
    twist(
        "authorization-temporarily-unavailable",
        "autoriseren geeft temporarily_unavailable",
        "authorization gives temporarily_unavailable",
    ),
    twist(
        "authorization-unsupported-response-type",
        "autoriseren geeft unsupported_response_type",
        "authorization gives unsupported_response_type",
    ),
    twist(
        "authorization-unauthorized-client",
        "autoriseren geeft unauthorized_client",
        "authorization gives unauthorized_client",
    ),
    twist("token-500", "het tokenverzoek geeft status 500", "the token request gives status 500"),
    twist("token-closed", "het tokenverzoek krijgt geen antwoord", "the token request gets no answer"),
    twist("token-invalid-grant", "het tokenverzoek geeft invalid_grant", "the token request gives invalid_grant"),
    twist("token-invalid-client", "het tokenverzoek geeft invalid_client", "the token request gives invalid_client"),
    twist("token-not-json", "het tokenverzoek geeft een webpagina", "the token request gives a web page"),
    twist(
        "refresh-refused",
        "een refresh token wordt geweigerd met invalid_grant",
        "a refresh token is refused with invalid_grant",
    ),
    twist("refresh-token-missing", "er komt geen refresh token", "no refresh token comes"),
    twist("resource-400", "elk resourceverzoek geeft status 400", "every resource request gives status 400"),
    twist("resource-401", "elk resourceverzoek geeft status 401", "every resource request gives status 401"),
    twist("resource-403", "elk resourceverzoek geeft status 403", "every resource request gives status 403"),
    twist(
        "resource-429",
        "elk resourceverzoek geeft status 429 met Retry-After",
        "every resource request gives status 429 with Retry-After",
    ),
    twist("resource-500", "elk resourceverzoek geeft status 500", "every resource request gives status 500"),
    twist(
        "resource-503",
        "elk resourceverzoek geeft status 503 met Retry-After",
        "every resource request gives status 503 with Retry-After",
    ),
    twist("resource-slow", "het eerste antwoord laat 65 seconden wachten", "the first answer takes 65 seconds"),
    twist(
        "resource-redirected-elsewhere",
        "elk resourceverzoek wordt naar een andere host verwezen",
        "every resource request is redirected to another host",
    ),
    twist(
        "next-link-elsewhere",
        "de vervolgpagina van een zoekresultaat ligt op een andere host",
        "the next page of a search lies on another host",
    ),
    twist("attachment-elsewhere", "de documenten liggen op een andere host", "the documents lie on another host"),
    twist("bundles-paged", "zoekresultaten hebben een tweede pagina", "searches have a second page"),
    twist(
        "resources-unusual",
        "resources hebben onbekende extensies, contained resources en verwijzingen die nergens heen leiden",
        "resources have unknown extensions, contained resources and references that lead nowhere",
    ),
    twist(
        "resources-bare",
        "resources hebben alleen wat hun profiel verplicht",
        "resources have only what their profile demands",
    ),
    twist(
        "outcome-in-bundles",
        "in elk zoekresultaat staat een OperationOutcome",
        "an OperationOutcome stands in every search",
    ),
    twist("large-bundles", "zoekresultaten hebben honderden entries", "searches have hundreds of entries"),
    twist("resources-xml", "elk antwoord is XML, wat er ook gevraagd wordt", "every answer is XML, whatever is asked"),
    twist("lists-unavailable", "de lijsten zijn niet op te halen", "the lists cannot be fetched"),
    twist(
        "zal-invalid",
        "de Zorgaanbiederslijst voldoet niet aan haar schema, en noemt andere adressen",
        "the Zorgaanbiederslijst breaks its schema, and names other addresses",
    ),
    twist(
        "zal-grown",
        "de Zorgaanbiederslijst heeft er honderd aanbieders bij",
        "the Zorgaanbiederslijst has a hundred providers more",
    ),
    twist(
        "zal-release3",
        "de Zorgaanbiederslijst heeft haar nieuwere vorm, met een aanbieder die & in zijn naam heeft",
        "the Zorgaanbiederslijst has its newer shape, with a provider that has & in its name",
    ),
    twist(
        "whitelist-bare",
        "op de Whitelist staat niemand dan de DVP zelf",
        "nobody is on the Whitelist but the DVP itself",
    ),
    twist("whitelist-flat", "de Whitelist heeft haar oudere vorm", "the Whitelist has its older shape"),
    twist("token-certificate-expired", "token: verlopen certificaat", "token: expired certificate"),
    twist("token-certificate-self-signed", "token: zelf ondertekend certificaat", "token: self-signed certificate"),
    twist(
        "token-certificate-wrong-host",
        "token: certificaat van een andere host",
        "token: certificate of another host",
    ),
    twist(
        "token-certificate-untrusted",
        "token: certificaat van een onbekende CA",
        "token: certificate of an unknown CA",
    ),
    twist("token-tls-1-1", "token: antwoord in TLS 1.1", "token: an answer in TLS 1.1"),
    twist("fhir-certificate-expired", "resources: verlopen certificaat", "resources: expired certificate"),
    twist(
        "fhir-certificate-self-signed",
        "resources: zelf ondertekend certificaat",
        "resources: self-signed certificate",
    ),
    twist(
        "fhir-certificate-wrong-host",
        "resources: certificaat van een andere host",
        "resources: certificate of another host",
    ),
    twist(
        "fhir-certificate-untrusted",
        "resources: certificaat van een onbekende CA",
        "resources: certificate of an unknown CA",
    ),
    twist("stelselnode-certificate-expired", "lijsten: verlopen certificaat", "lists: expired certificate"),
    twist(
        "stelselnode-certificate-self-signed",
        "lijsten: zelf ondertekend certificaat",
        "lists: self-signed certificate",
    ),
    twist(
        "stelselnode-certificate-wrong-host",
        "lijsten: certificaat van een andere host",
        "lists: certificate of another host",
    ),
    twist(
        "stelselnode-certificate-untrusted",
        "lijsten: certificaat van een onbekende CA",
        "lists: certificate of an unknown CA",
    ),
];

const fn twist(name: &'static str, nl: &'static str, en: &'static str) -> Twist {
    Twist { name, nl, en }
}

/// The deviations of this moment; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Twists {
    now: Arc<Mutex<Vec<String>>>,
    /// Hosts of the DVP.
    hosts: Arc<[String]>,
    /// The provider that only the newer shape of the list can name.
    newcomer: Option<Arc<Zorgaanbieder>>,
    /// Whether an answer was kept back since the deviations were set.
    was_slow: Arc<AtomicBool>,
}

impl Twists {
    /// None, in the world of a DVP with these hosts, where this provider stands in the newer shape of the list only.
    pub(super) fn of(hosts: Vec<String>, newcomer: Option<Zorgaanbieder>) -> Self {
        Self { hosts: hosts.into(), newcomer: newcomer.map(Arc::new), ..Self::default() }
    }

    /// These and no other.
    ///
    /// # Errors
    /// The first name that is none of [`TWISTS`].
    pub fn set(&self, names: &[String]) -> Result<(), String> {
        if let Some(unknown) = names.iter().find(|name| !TWISTS.iter().any(|twist| twist.name == **name)) {
            return Err(unknown.clone());
        }
        self.was_slow.store(false, Ordering::Relaxed);
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = names.to_vec();
        Ok(())
    }

    /// Whether the world deviates in this way now.
    pub fn has(&self, name: &str) -> bool {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|known| known == name)
    }

    /// The answer of the deviation instead of the usual one.
    pub(super) fn before(&self, interface: Interface, received: &Received, redirect_uri: &str) -> Option<Reply> {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner).clone();
        now.iter().find_map(|name| match interface {
            Interface::Authorization => authorization(name.strip_prefix("authorization-")?, received, redirect_uri),
            Interface::Token if name == "refresh-refused" && is_refresh(received) => token("invalid-grant"),
            Interface::Token => token(name.strip_prefix("token-")?),
            Interface::Resource => resource(name.strip_prefix("resource-")?),
            Interface::List => (name == "lists-unavailable").then(|| Reply::empty(503)),
            Interface::Page | Interface::Client => None,
        })
    }

    /// The usual answer, changed.
    pub(super) fn after(&self, interface: Interface, received: &Received, mut reply: Reply) -> Reply {
        if interface == Interface::List && reply.status == 200 {
            reply.body = self.list(&received.path, reply.body);
        }
        if interface == Interface::Token
            && self.has("refresh-token-missing")
            && let Ok(mut answer) = serde_json::from_slice::<Value>(&reply.body)
            && let Some(fields) = answer.as_object_mut()
        {
            fields.remove("refresh_token");
            reply.body = answer.to_string().into_bytes();
        }
        if interface != Interface::Resource || reply.status != 200 {
            return reply;
        }
        // One is enough: who asks one thing after the other would see its token end.
        if self.has("resource-slow") && !self.was_slow.swap(true, Ordering::Relaxed) {
            reply.later = SLOW;
        }
        if self.has("attachment-elsewhere") {
            let host = received.header("host").unwrap_or_default();
            let text = String::from_utf8_lossy(&reply.body);
            reply.body =
                text.replace(&format!("https://{host}/pdfa-document/"), &format!("https://{ELSEWHERE}/")).into();
        }
        content::change(self, received, &mut reply);
        reply
    }
}

impl Twists {
    /// A list, changed.
    fn list(&self, path: &str, body: Vec<u8>) -> Vec<u8> {
        let file = path.trim_start_matches('/');
        if self.has("zal-invalid") && file.contains("Zorgaanbiederslijst") {
            // The schema knows no such element.
            let text = String::from_utf8_lossy(&body).replace("/authorize</", "/authorize-ongeldig</");
            return text.replacen("<Volgnummer>", "<Onbekend/><Volgnummer>", 1).into_bytes();
        }
        let changes = self.has("whitelist-bare") || self.has("whitelist-flat");
        match lists::parse(&body) {
            Ok(List::Zorgaanbiederslijst(list)) if self.has("zal-grown") => written(growth::grown(list)),
            Ok(List::Zorgaanbiederslijst(list)) if self.has("zal-release3") => {
                written(growth::newer(list, self.newcomer.as_deref()))
            }
            Ok(List::Whitelist(mut list)) if changes => {
                if self.has("whitelist-bare") {
                    list.hostnames.retain(|host| self.hosts.contains(host));
                } else {
                    list.shape = Shape::Flat;
                }
                lists::write(&List::Whitelist(list)).into_bytes()
            }
            _ => body,
        }
    }
}

fn written(list: Zorgaanbiederslijst) -> Vec<u8> {
    lists::write(&List::Zorgaanbiederslijst(list)).into_bytes()
}

fn authorization(error: &str, received: &Received, redirect_uri: &str) -> Option<Reply> {
    let error = error.replace('-', "_");
    // A request by POST has its parameters in the form.
    let mut sent = received.parameters().into_iter().chain(received.fields());
    let state = sent.find(|(name, _)| name == "state").map(|(_, value)| value);
    let mut parameters = url::form_urlencoded::Serializer::new(String::new());
    parameters.append_pair("error", &error);
    if let Some(state) = state {
        parameters.append_pair("state", &state);
    }
    let target = format!("{redirect_uri}{}{}", if redirect_uri.contains('?') { '&' } else { '?' }, parameters.finish());
    Some(Reply::empty(302).with("location", target).with("cache-control", "no-store"))
}

fn is_refresh(received: &Received) -> bool {
    received.fields().iter().any(|(name, value)| name == "grant_type" && value == "refresh_token")
}

fn token(kind: &str) -> Option<Reply> {
    let error = |status, error: &str| {
        let body = json!({ "error": error }).to_string();
        Reply::new(status, "application/json", body).with("cache-control", "no-store").with("pragma", "no-cache")
    };
    Some(match kind {
        "500" => Reply::empty(500),
        "closed" => Reply::none(),
        "invalid-grant" => error(400, "invalid_grant"),
        "invalid-client" => error(401, "invalid_client"),
        "not-json" => Reply::new(200, "text/html; charset=utf-8", "<html><body><p>Onderhoud</p></body></html>"),
        _ => return None,
    })
}

fn resource(kind: &str) -> Option<Reply> {
    let challenge = |error: &str| format!("Bearer realm=\"toetsbank\", error=\"{error}\"");
    Some(match kind {
        "400" => Reply::empty(400).with("www-authenticate", challenge("invalid_request")),
        "401" => Reply::empty(401).with("www-authenticate", challenge("invalid_token")),
        "403" => Reply::empty(403).with("www-authenticate", challenge("insufficient_scope")),
        "429" => Reply::empty(429).with("retry-after", "30"),
        "500" => Reply::empty(500),
        "503" => Reply::empty(503).with("retry-after", "30"),
        "redirected-elsewhere" => Reply::empty(307).with("location", format!("https://{ELSEWHERE}/Patient")),
        _ => return None,
    })
}
