//! The person's way: from the button to the authorization server, and back with a code (core.authint.200, core.tknint.208).

use std::sync::PoisonError;

use url::Url;

use crate::lists::model::Gegevensdienst;
use crate::simulator::dvp::BACK_HOST;
use crate::simulator::dvp::HOST;
use crate::simulator::dvp::Pgo;
use crate::simulator::dvp::REDIRECT_URI;
use crate::simulator::dvp::collect;
use crate::simulator::dvp::lists;
use crate::simulator::dvp::pages;
use crate::simulator::http::Received;
use crate::simulator::http::Reply;

/// The cookie of a session.
const COOKIE: &str = "pgo-sessie";

/// Most sessions that are kept.
const MOST: usize = 10_000;

/// A flow that was begun.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) state: String,
    pub(super) correlation: String,
    /// GegevensdienstId.
    pub(super) service: String,
    /// Where the service is, by the list of the moment at which the flow began.
    pub(super) place: Gegevensdienst,
    /// Whether the browser came back already.
    pub(super) used: bool,
}

/// Where a person chooses what to collect.
pub(super) async fn begin(pgo: &Pgo, received: &Received) -> Reply {
    lists::refresh(pgo).await;
    let parameters = received.parameters();
    let value = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let (Some(name), Some(service)) = (value("aanbieder"), value("dienst")) else {
        return pages::page(400, "Verzamelen", "Kies een zorgaanbieder en een gegevensdienst.");
    };
    let provider = pgo.shelf.provider(&name);
    let places = provider.iter().flat_map(|provider| &provider.interfaceversies).flat_map(|v| &v.gegevensdiensten);
    let Some(place) = places.into_iter().find(|place| place.id == service).cloned() else {
        return pages::page(200, "Verzamelen", "Deze zorgaanbieder biedt deze gegevensdienst niet aan.");
    };
    let endpoint = place.authorization_endpoint.as_deref().and_then(|address| Url::parse(address).ok());
    let Some(mut address) = endpoint else {
        return pages::page(200, "Verzamelen", "De lijst noemt geen adres van deze zorgaanbieder.");
    };
    let correlation = if pgo.has("correlation-id-repeats") { pgo.correlation.clone() } else { pgo.env.uuid() };
    let state = match pgo.has("state-with-address") {
        true => format!("{}-https://{HOST}/overzicht", pgo.env.token(16)),
        false => pgo.env.token(16),
    };
    let fields = request(pgo, &name, &state, &correlation);
    let id = pgo.env.token(16);
    let session = Session { state, correlation, service, place, used: false };
    {
        let mut sessions = pgo.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= MOST {
            sessions.clear();
        }
        sessions.insert(id.clone(), session);
    }
    if pgo.has("authorization-over-http") {
        // An https address becomes http without fail.
        let _ = address.set_scheme("http");
    }
    let reply = match pgo.has("authorization-by-post") {
        true => posting(&address, &fields),
        false => {
            address.query_pairs_mut().extend_pairs(&fields);
            dress(pgo, &mut address);
            Reply::empty(302).with("location", address.as_str()).with("cache-control", "no-store")
        }
    };
    reply.with("set-cookie", format!("{COOKIE}={id}; Path=/; Secure; HttpOnly; SameSite=Lax"))
}

/// The parameters of the authorization request.
fn request(pgo: &Pgo, provider: &str, state: &str, correlation: &str) -> Vec<(&'static str, String)> {
    let name = provider.strip_suffix("@medmij").unwrap_or(provider);
    let request_id = if pgo.has("request-id-no-uuid") { pgo.env.token(8) } else { pgo.env.uuid() };
    let mut fields = vec![
        ("response_type", "code".to_owned()),
        ("client_id", HOST.to_owned()),
        ("redirect_uri", REDIRECT_URI.to_owned()),
        ("scope", name.to_owned()),
        ("state", state.to_owned()),
        ("MedMij-Request-ID", request_id),
        ("X-Correlation-ID", correlation.to_owned()),
    ];
    for (defect, name) in [
        ("state-missing", "state"),
        ("scope-missing", "scope"),
        ("request-id-missing-in-authorization", "MedMij-Request-ID"),
        ("correlation-id-missing-in-authorization", "X-Correlation-ID"),
    ] {
        if pgo.has(defect) {
            fields.retain(|(key, _)| *key != name);
        }
    }
    for (defect, name, value) in [
        ("other-response-type", "response_type", "token"),
        ("other-client-id", "client_id", BACK_HOST),
        ("redirect-uri-not-https", "redirect_uri", "http://pgo.toetsbank.example/cb"),
        ("redirect-uri-on-other-host", "redirect_uri", "https://pgo-achter.toetsbank.example/cb"),
        ("redirect-uri-with-fragment", "redirect_uri", "https://pgo.toetsbank.example/cb#terug"),
        ("scope-with-suffix", "scope", provider),
        ("scope-with-service", "scope", "referentieziekenhuis~48"),
        ("scope-with-two-values", "scope", "referentieziekenhuis voorbeeldhuisarts"),
    ] {
        let changed = fields.iter_mut().filter(|(key, _)| *key == name && pgo.has(defect));
        changed.for_each(|(_, old)| value.clone_into(old));
    }
    let is_first = pgo.sessions.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
    if pgo.has("second-front-host") && !is_first {
        let changed = fields.iter_mut().filter(|(key, _)| *key == "redirect_uri");
        changed.for_each(|(_, uri)| *uri = REDIRECT_URI.replace(HOST, BACK_HOST));
    }
    if pgo.has("proof-key-sent") {
        // The example of RFC 7636, appendix B.
        fields.push(("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned()));
        fields.push(("code_challenge_method", "S256".to_owned()));
    }
    if pgo.has("scope-sent-twice") {
        fields.push(("scope", name.to_owned()));
    }
    fields
}

/// The address of the request, as some DVPs would write it.
fn dress(pgo: &Pgo, address: &mut Url) {
    if pgo.has("redirect-uri-not-encoded") {
        let encoded: String = url::form_urlencoded::byte_serialize(REDIRECT_URI.as_bytes()).collect();
        let query = address.query().unwrap_or_default().replace(&encoded, REDIRECT_URI);
        address.set_query(Some(&query));
    }
}

/// A page that posts the request by itself.
fn posting(address: &Url, fields: &[(&'static str, String)]) -> Reply {
    use crate::simulator::dva::escape;
    let inputs: String = fields
        .iter()
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">\n", escape(value)))
        .collect();
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"nl\"><title>Verder</title><body onload=\"document.forms[0].submit()\">\n\
         <form method=\"post\" action=\"{}\">\n{inputs}</form></body></html>\n",
        escape(address.as_str())
    );
    Reply::new(200, "text/html; charset=utf-8", html).with("cache-control", "no-store")
}

/// Where the browser comes back.
pub(super) async fn back(pgo: &Pgo, received: &Received) -> Reply {
    let parameters = received.parameters();
    let all = |name: &str| parameters.iter().filter(|(key, _)| key == name).collect::<Vec<_>>();
    let value = |name: &str| all(name).first().map(|(_, value)| value.clone());
    if pgo.has("open-redirect-at-callback")
        && let Some(target) = value("next")
    {
        return Reply::empty(302).with("location", target);
    }
    let refused = |text: &str| pages::page(400, "Terug van de zorgaanbieder", text);
    if ["state", "code", "error"].iter().any(|name| all(name).len() > 1) {
        return refused("Het antwoord van de zorgaanbieder klopt niet.");
    }
    let cookie = received.cookie(COOKIE).unwrap_or_default().to_owned();
    let session = {
        let mut sessions = pgo.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let of_state = |session: &Session| Some(&session.state) == value("state").as_ref();
        let anyone = || sessions.iter().find(|(_, session)| of_state(session)).map(|(id, _)| id.clone());
        let id = match pgo.has("state-not-bound-to-session") {
            true => anyone().unwrap_or_default(),
            false => cookie,
        };
        let checks = !pgo.has("state-not-checked");
        match sessions.get_mut(&id) {
            Some(session) if checks && !of_state(session) => None,
            Some(session) if session.used && !pgo.has("callback-replay-accepted") => None,
            Some(session) => {
                session.used = true;
                Some(session.clone())
            }
            None => None,
        }
    };
    let Some(session) = session else {
        return refused("Dit antwoord hoort niet bij een verzoek van u. Begin opnieuw.");
    };
    let code = value("code").filter(|code| !code.is_empty());
    match (value("error"), code) {
        (Some(_), None) => {
            pages::page(200, "Terug van de zorgaanbieder", "Er is niets verzameld: u of de zorgaanbieder brak het af.")
        }
        (Some(_), Some(_)) => refused("Het antwoord van de zorgaanbieder klopt niet."),
        (None, Some(code)) => collect::collect(pgo, &session, &code).await,
        (None, None) => refused("Het antwoord van de zorgaanbieder klopt niet."),
    }
}
