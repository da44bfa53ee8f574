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
use crate::simulator::dvp::services;
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
    /// Id of the browser's session.
    pub(super) browser: String,
    /// MedMij name of the provider.
    provider: String,
    /// GegevensdienstId.
    pub(super) service: String,
    /// Where the service is, by the list of the moment at which the flow began.
    pub(super) place: Gegevensdienst,
    /// Whether the browser came back already.
    pub(super) used: bool,
}

/// Consent for an indefinite time.
#[derive(Clone, Debug)]
pub(super) struct Consent {
    provider: String,
    service: String,
    refresh: String,
}

/// The consent of this browser, when it is for this service of this provider.
fn consent(pgo: &Pgo, id: &str, provider: &str, service: &str) -> Option<String> {
    let consents = pgo.consents.lock().unwrap_or_else(PoisonError::into_inner);
    let consent = consents.get(id).filter(|consent| consent.provider == provider && consent.service == service)?;
    Some(consent.refresh.clone())
}

/// Keeps the newest refresh token of a session, or forgets that there is one.
pub(super) fn keep(pgo: &Pgo, session: &Session, refresh: Option<String>) {
    let mut consents = pgo.consents.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(refresh) = refresh else {
        consents.remove(&session.browser);
        return;
    };
    if consents.len() >= MOST {
        consents.clear();
    }
    let (provider, service) = (session.provider.clone(), session.service.clone());
    consents.insert(session.browser.clone(), Consent { provider, service, refresh });
}

/// Where a person chooses what to collect.
pub(super) async fn begin(pgo: &Pgo, received: &Received) -> Reply {
    lists::refresh(pgo).await;
    let parameters = received.parameters();
    let value = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let (Some(name), Some(service)) = (value("aanbieder"), value("dienst")) else {
        return pages::page(400, "Verzamelen", "Kies een zorgaanbieder en een gegevensdienst.");
    };
    if pgo.does("stops-without-fresh-lists") && !pgo.shelf.is_fresh(pgo.env.now()) {
        return pages::page(
            200,
            "Verzamelen",
            "De lijst van zorgaanbieders is nu niet bij te werken. Probeer het later.",
        );
    }
    let provider = pgo.shelf.provider(&name);
    let places = provider.iter().flat_map(|provider| &provider.interfaceversies).flat_map(|v| &v.gegevensdiensten);
    let is_taken = |place: &&Gegevensdienst| place.id == service || pgo.has("any-service-asked");
    let Some(place) = places.into_iter().find(is_taken).cloned() else {
        return pages::page(200, "Verzamelen", "Deze zorgaanbieder biedt deze gegevensdienst niet aan.");
    };
    let endpoint = place.authorization_endpoint.as_deref().and_then(|address| Url::parse(address).ok());
    let Some(mut address) = endpoint else {
        return pages::page(200, "Verzamelen", "De lijst noemt geen adres van deze zorgaanbieder.");
    };
    let correlation = if pgo.has("correlation-id-repeats") { pgo.correlation.clone() } else { pgo.uuid() };
    let state = match pgo.has("state-with-address") {
        true => format!("{}-https://{HOST}/overzicht", pgo.env.token(16)),
        false if pgo.does("long-state") => pgo.env.token(300),
        false if pgo.does("state-with-all-characters") => format!("{} !#$&+/:;<=>?@[]^{{|}}~", pgo.env.token(16)),
        false => pgo.env.token(16),
    };
    let fields = request(pgo, &name, &service, &state, &correlation);
    let known = received.cookie(COOKIE).unwrap_or_default();
    let refresh = consent(pgo, known, &name, &service);
    // Who has given consent stays who it is; a new flow is begun in a new session.
    let id = if refresh.is_some() { known.to_owned() } else { pgo.env.token(16) };
    let (browser, provider) = (id.clone(), name.clone());
    let session = Session { state, correlation, browser, provider, service, place, used: false };
    if let Some(refresh) = refresh
        && let Some(page) = collect::again(pgo, &session, &refresh).await
    {
        return page;
    }
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
            if pgo.does("sent-on-by-a-page") {
                return set_cookie(leading(&address), &id);
            }
            Reply::empty(if pgo.does("sent-on-by-303") { 303 } else { 302 })
                .with("location", address.as_str())
                .with("cache-control", "no-store")
        }
    };
    set_cookie(reply, &id)
}

fn set_cookie(reply: Reply, id: &str) -> Reply {
    reply.with("set-cookie", format!("{COOKIE}={id}; Path=/; Secure; HttpOnly; SameSite=Lax"))
}

/// A new flow after the one of this session.
pub(super) fn anew(pgo: &Pgo, session: &Session) -> Reply {
    let (state, correlation) = (pgo.env.token(16), pgo.uuid());
    let endpoint = session.place.authorization_endpoint.as_deref().and_then(|address| Url::parse(address).ok());
    let Some(mut address) = endpoint else {
        return pages::page(200, "Verzamelen", "De lijst noemt geen adres van deze zorgaanbieder.");
    };
    address.query_pairs_mut().extend_pairs(&request(pgo, &session.provider, &session.service, &state, &correlation));
    let id = pgo.env.token(16);
    let browser = id.clone();
    let next = Session { state, correlation, browser, used: false, ..session.clone() };
    pgo.sessions.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), next);
    let reply = Reply::empty(302)
        .with("location", address.as_str())
        .with("cache-control", "no-store")
        .with("strict-transport-security", "max-age=31536000");
    set_cookie(reply, &id)
}

/// A page that leads on by itself.
fn leading(address: &Url) -> Reply {
    let target = crate::simulator::dva::escape(address.as_str());
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"nl\"><head><title>Verder</title>\n\
         <meta http-equiv=\"refresh\" content=\"0; url={target}\"></head><body>\n\
         <a href=\"{target}\">Verder</a></body></html>\n"
    );
    Reply::new(200, "text/html; charset=utf-8", html)
        .with("cache-control", "no-store")
        .with("strict-transport-security", "max-age=31536000")
}

/// The way to another page that tells what came of it.
pub(super) fn elsewhere(page: Reply) -> Reply {
    if page.status != 200 {
        return page;
    }
    Reply::empty(303)
        .with("location", format!("https://{HOST}/klaar"))
        .with("cache-control", "no-store")
        .with("strict-transport-security", "max-age=31536000")
}

/// The parameters of the authorization request.
fn request(pgo: &Pgo, provider: &str, service: &str, state: &str, correlation: &str) -> Vec<(&'static str, String)> {
    let name = provider.strip_suffix("@medmij").unwrap_or(provider);
    let request_id = if pgo.has("request-id-no-uuid") { pgo.env.token(8) } else { pgo.uuid() };
    let shares = services::service(service).is_some_and(|service| service.shares.is_some());
    let scope = match shares && !pgo.has("sharing-scope-without-service") {
        true if pgo.has("sharing-scope-with-two-pairs") => format!("{name}~{service} {name}~53"),
        true => format!("{name}~{service}"),
        false => name.to_owned(),
    };
    let mut fields = vec![
        ("response_type", "code".to_owned()),
        ("client_id", HOST.to_owned()),
        ("redirect_uri", REDIRECT_URI.to_owned()),
        ("scope", scope),
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
    if pgo.does("extra-authorization-parameters") {
        fields.push(("nonce", pgo.env.token(8)));
        fields.push(("ui_locales", "nl-NL".to_owned()));
    }
    if pgo.does("parameters-in-other-order") {
        fields.reverse();
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
    if pgo.has("ampersand-not-encoded") {
        let query = address.query().unwrap_or_default().replace("%26", "&");
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
