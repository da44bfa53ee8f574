//! The authorization interface: the authorization request in two rounds of verification, then the pages to the code.
//!
//! Round one looks at `client_id` and `redirect_uri`; a failure stays here, on a page (exception 1a of
//! core.authint.207). Round two looks at the rest; a failure goes back to the client (exception 1b), with the values of
//! RFC 6749, section 4.1.2.1.

use serde_json::json;
use url::Url;

use crate::requirement::Release;
use crate::simulator::dva::consents;
use crate::simulator::dva::grants::CODE_SECONDS;
use crate::simulator::dva::grants::Grant;
use crate::simulator::dva::grants::Request;
use crate::simulator::dva::grants::Session;
use crate::simulator::dva::pages;
use crate::simulator::dva::token;
use crate::simulator::dva::world::OTHER_CLIENT_ID;
use crate::simulator::dva::world::World;
use crate::simulator::dva::wrap;
use crate::simulator::http::Received;
use crate::simulator::http::Reply;

/// Name of the cookie that holds the session. The prefix binds it to this host, over TLS.
const COOKIE: &str = "__Host-sessie";

/// The parameters of the authorization interface, and those of PKCE, which a server may know.
const KNOWN: [&str; 9] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "MedMij-Request-ID",
    "X-Correlation-ID",
    "code_challenge",
    "code_challenge_method",
];

/// How long a code lives that lives too long, in seconds.
const LATE: i64 = 3600;

/// Longest state that comes back whole under the defect that cuts it, in characters.
const CUT: usize = 255;

/// Why an authorization request is refused.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    /// Round one: the client or its address is not right, so nothing goes there.
    Here { message: &'static str, redirect_uri: Option<String> },
    /// Round two: the client hears of it.
    Back { redirect_uri: String, state: Option<String>, error: &'static str, in_fragment: bool },
}

/// Name of the cookie that tells the login, under the behaviour that has one for it.
const LOGIN_COOKIE: &str = "__Host-ingelogd";

/// Name of the cookie under the behaviour that gives it other attributes.
const OTHER_COOKIE: &str = "sessie";

/// Answers a request at the front channel.
pub(super) fn answer(world: &World, received: &Received) -> Reply {
    wrap::page(world, served(world, received))
}

fn served(world: &World, received: &Received) -> Reply {
    let framing = world.has("framing-allowed");
    let page = |status, html| pages::reply(status, html, framing);
    match (received.method.as_str(), received.path.as_str()) {
        ("GET" | "POST", "/authorize") => start(world, received),
        ("GET", "/.well-known/oauth-authorization-server") if world.does("server-metadata") => metadata(world),
        ("GET" | "POST", path) if path.starts_with(consents::START) => consents::answer(world, received),
        (
            method @ ("GET" | "POST"),
            path @ ("/inloggen" | "/toestemming" | "/annuleren" | "/mededeling" | "/tussen" | "/verder" | "/doorgeven"),
        ) => {
            let id = session_id(world, received);
            let Some(session) = world.grants.session(&id) else {
                return page(
                    400,
                    pages::error("Uw sessie is verlopen. Begin opnieuw in uw gezondheidsomgeving.", None),
                );
            };
            let fields = received.fields();
            let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
            if method == "POST" && field("formulier") != Some(session.form_token.as_str()) {
                return page(400, pages::error("Dit formulier hoort niet bij uw sessie.", None));
            }
            let reply = match (method, path) {
                ("GET", "/inloggen") => page(200, login_page(world, &session, false)),
                ("POST", "/inloggen") if world.does("extra-redirects") => {
                    Reply { status: 307, ..pages::redirect("/verder", framing) }
                }
                ("POST", "/inloggen" | "/verder") => log_in(world, &id, &session, field("naam"), field("wachtwoord")),
                ("GET", "/toestemming") => ask_consent(world, &id, session),
                ("GET", "/mededeling") => page(200, pages::notice()),
                ("GET", "/tussen") => {
                    let absolute = format!("https://{}/verder", world.names.authorization);
                    Reply { status: 302, ..pages::redirect(&absolute, framing) }
                }
                ("POST", "/doorgeven") | ("GET", "/verder") => after_login(world, &session),
                ("POST", "/toestemming") => {
                    decide(world, &id, session, field("besluit"), field("onbepaald") == Some("ja"))
                }
                (_, "/annuleren") => {
                    world.grants.close(&id);
                    refuse(world, Refusal::cancelled(world, session.request))
                }
                _ => page(405, pages::error("Deze pagina kan zo niet worden gevraagd.", None)),
            };
            if world.does("session-in-address") { wrap::carrying(reply, &id) } else { reply }
        }
        ("GET", "/") => page(200, pages::error("Begin in uw gezondheidsomgeving.", None)),
        (_, "/authorize" | "/inloggen" | "/toestemming" | "/annuleren") => {
            page(405, pages::error("Deze pagina kan zo niet worden gevraagd.", None)).with("allow", "GET, POST")
        }
        _ => page(404, pages::error("Deze pagina bestaat niet.", None)),
    }
}

/// The id of the session that a browser shows.
fn session_id(world: &World, received: &Received) -> String {
    let cookie = |name| received.cookie(name).map(str::to_owned);
    let id = if world.does("session-in-address") {
        received.parameters().into_iter().find(|(name, _)| name == wrap::SESSION).map(|(_, value)| value)
    } else if world.does("other-cookies") {
        cookie(OTHER_COOKIE)
    } else {
        cookie(LOGIN_COOKIE).or_else(|| cookie(COOKIE))
    };
    id.unwrap_or_default()
}

fn start(world: &World, received: &Received) -> Reply {
    let parameters = match received.method.as_str() {
        "POST" => received.fields(),
        _ => received.parameters(),
    };
    let is_encoded = received.query.contains("redirect_uri=https%3A");
    if is_encoded && world.has("encoded-redirect-uri-refused") {
        let message = "Het adres van uw gezondheidsomgeving is hier niet bekend.";
        return refuse(world, Refusal::Here { message, redirect_uri: None });
    }
    let by_post = received.method == "POST";
    match verify(world, &parameters, by_post) {
        Ok(request) => {
            let client = world.client_name(&request.client_id);
            let html = pages::landing(world.provider(), &client, request.shares());
            let (id, _) = world.grants.open(request);
            let html = pages::reply(200, html, world.has("framing-allowed"));
            with_cookies(world, html, &id, COOKIE)
        }
        Err(refusal) => refuse(world, refusal),
    }
}

fn verify(world: &World, parameters: &[(String, String)], by_post: bool) -> Result<Request, Refusal> {
    let all = |name: &str| parameters.iter().filter(|(key, _)| key == name).count();
    let first = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let lenient = world.has("repeated-parameter-accepted");

    // Round one.
    let redirect_uri = first("redirect_uri").unwrap_or_default();
    let here = |message| Err(Refusal::Here { message, redirect_uri: first("redirect_uri").map(str::to_owned) });
    let strict = world.does("repeated-parameter-error-page");
    if strict && parameters.iter().any(|(name, _)| all(name) > 1) {
        return here("Uw gezondheidsomgeving stuurde een verzoek met een dubbel gegeven.");
    }
    if !lenient && (all("client_id") > 1 || all("redirect_uri") > 1) {
        return here("Uw gezondheidsomgeving stuurde een verzoek met een dubbele afzender.");
    }
    let client_id = first("client_id").unwrap_or_default();
    let state = first("state").map(str::to_owned);
    let in_fragment = first("response_type") == Some("token") && world.does("response-type-error-in-fragment");
    let back =
        |error| Err(Refusal::Back { redirect_uri: redirect_uri.to_owned(), state: state.clone(), error, in_fragment });
    let registered = world.redirect_uri_of(client_id).filter(|_| world.lists_client(client_id));
    let by_beginning = world.has("client-id-compared-by-beginning") && client_id.starts_with(&world.names.client_id);
    let known = registered.is_some() || by_beginning;
    if !known && !world.has("unknown-client-accepted") {
        if world.has("unknown-client-redirected") && Url::parse(redirect_uri).is_ok() {
            return back("unauthorized_client");
        }
        return here("Uw gezondheidsomgeving is hier niet bekend.");
    }
    let registered = registered.unwrap_or(&world.names.redirect_uri);
    let is_left_out = redirect_uri.is_empty() && world.has("redirect-uri-may-be-missing");
    let redirect_uri = if is_left_out { registered } else { redirect_uri };
    let is_passed = by_post && world.has("redirect-uri-not-checked-by-post");
    if !is_passed && !may_return_to(world, redirect_uri, registered, (!known).then_some(client_id)) {
        return here("Het adres van uw gezondheidsomgeving is hier niet bekend.");
    }

    // Round two.
    if client_id == OTHER_CLIENT_ID && world.has("other-dvp-refused") {
        return back("access_denied");
    }
    let challenge = first("code_challenge").map(str::to_owned);
    if challenge.is_some() && world.has("pkce-refused") {
        return back("invalid_request");
    }
    let repeated = parameters.iter().any(|(name, _)| KNOWN.contains(&name.as_str()) && all(name) > 1);
    if repeated && !lenient {
        return back(if world.has("unregistered-error") { "dubbele_parameter" } else { "invalid_request" });
    }
    match first("response_type") {
        Some("code") => {}
        _ if world.has("response-type-ignored") => {}
        None | Some("") if world.does("response-type-missing-unsupported") => {
            return back("unsupported_response_type");
        }
        None | Some("") => return back("invalid_request"),
        Some(_) if world.does("response-type-unauthorized-client") => return back("unauthorized_client"),
        Some(_) if world.does("response-type-invalid-request") => return back("invalid_request"),
        Some(_) => return back("unsupported_response_type"),
    }
    let scope = first("scope").filter(|scope| is_known(world, scope));
    if scope.is_none() && !world.has("scope-ignored") {
        if world.does("scope-error-page") {
            return here("De zorgaanbieder is hier niet bekend.");
        }
        return back("invalid_scope");
    }
    if is_off_list(world, client_id, scope) {
        return back("unauthorized_client");
    }
    if world.has_ended() {
        return back("invalid_scope");
    }
    if state.as_deref().is_none_or(str::is_empty) {
        return back("invalid_request");
    }
    let extra = parameters.iter().any(|(name, _)| !KNOWN.contains(&name.as_str()));
    if extra && world.has("extra-parameter-refused") {
        return back("invalid_request");
    }
    Ok(Request {
        client_id: client_id.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        state,
        scope: scope.unwrap_or(world.provider()).to_owned(),
        challenge,
    })
}

/// Whether a scope is that of Verzamelen, or of the one service to share (core.authint.200).
fn is_known(world: &World, scope: &str) -> bool {
    let sharing = world.sharing_scope();
    let all_start_well = |start: &str| scope.split(' ').all(|part| part.starts_with(start));
    let without_id = format!("{}~", world.provider());
    scope == world.provider() && !world.has("single-scope-refused")
        || scope.starts_with(world.provider()) && world.has("scope-compared-by-beginning")
        || scope == sharing && !world.has("sharing-scope-refused")
        || scope == without_id && world.has("sharing-scope-without-id-accepted")
        || scope.contains(' ') && all_start_well(&without_id) && world.has("sharing-scope-two-pairs-accepted")
}

/// Whether the OAuth Client List tells the services of a client, and what is asked is none of them. From release 2.2 on the
/// token interface looks at that for Verzamelen.
fn is_off_list(world: &World, client_id: &str, scope: Option<&str>) -> bool {
    match scope.and_then(|scope| scope.split_once('~')) {
        Some((_, service)) => world.lacks_service(client_id, service) && !world.has("client-list-ignored-for-sharing"),
        None => {
            let here = world.release < Release::V2_2 || world.does("services-checked-at-authorization");
            here && world.lacks_every_service(client_id)
        }
    }
}

/// Whether the redirect URI is the registered one: compared as text, so https and without a fragment.
fn may_return_to(world: &World, redirect_uri: &str, registered: &str, unknown_client: Option<&str>) -> bool {
    let host = || Url::parse(redirect_uri).ok().and_then(|url| url.host_str().map(str::to_owned));
    let after_at = || redirect_uri.rsplit('@').next().map(|rest| format!("https://{rest}"));
    redirect_uri == registered
        || (world.has("redirect-uri-read-after-at") && after_at().as_deref() == Some(registered))
        || (world.has("redirect-uri-compared-by-end") && ends_alike(redirect_uri, registered))
        || (world.has("redirect-uri-decoded-twice") && redirect_uri.split('%').next() == host_part(registered))
        || (world.has("redirect-uri-any-scheme") && !redirect_uri.starts_with("http") && redirect_uri.contains(':'))
        || (unknown_client.is_some() && host().as_deref() == unknown_client)
        || (world.has("redirect-uri-not-checked") && host().is_some())
        || (world.has("redirect-uri-look-alike-accepted")
            && redirect_uri.starts_with(registered.trim_end_matches("/cb"))
            && host().is_some())
}

/// Whether an https address ends in the host and the path of another.
fn ends_alike(address: &str, registered: &str) -> bool {
    let end = registered.trim_start_matches("https://");
    address.strip_prefix("https://").is_some_and(|rest| rest.ends_with(end) && !rest.contains(['@', '#', '\\']))
}

/// Scheme and host of an address, as text.
fn host_part(address: &str) -> Option<&str> {
    let from = address.find("://")? + 3;
    address.get(from..)?.find('/').and_then(|length| address.get(..from + length))
}

fn refuse(world: &World, refusal: Refusal) -> Reply {
    let framing = world.has("framing-allowed");
    match refusal {
        Refusal::Here { message, redirect_uri } => {
            let back = redirect_uri.filter(|_| world.has("return-link-on-error-page"));
            let status = match (world.does("error-page-200"), world.does("error-page-403")) {
                (true, _) => 200,
                (_, true) => 403,
                _ => 400,
            };
            pages::reply(status, pages::error(message, back.as_deref()), framing)
        }
        Refusal::Back { error, .. } if world.has("error-page-instead-of-redirect") && error != "access_denied" => {
            pages::reply(400, pages::error("Uw gezondheidsomgeving stuurde een onjuist verzoek.", None), framing)
        }
        Refusal::Back { redirect_uri, state, error, in_fragment } => {
            let state = match state {
                Some(_) if world.has("state-dropped-on-error") => None,
                Some(state) if world.has("state-changed") => Some(format!("{state}x")),
                state => state,
            };
            let mut parameters = vec![("error", error.to_owned())];
            if world.has("error-description-outside-ascii") {
                parameters.push(("error_description", "Geen toestemming: geïnformeerd en geweigerd".to_owned()));
            }
            if world.does("error-redirect-with-description") {
                parameters.push(("error_description", "Het verzoek klopt niet (code 17)".to_owned()));
                parameters.push(("error_uri", "https://referentie.toetsbank.example/fouten?n=17&taal=nl".to_owned()));
            }
            parameters.extend(state.map(|state| ("state", state)));
            send_back(world, &redirect_uri, &parameters, in_fragment)
        }
    }
}

impl Refusal {
    /// The person leaves a page.
    fn cancelled(world: &World, mut request: Request) -> Self {
        if world.has("state-dropped-on-cancel") {
            request.state = None;
        }
        let mut refusal = Self::denied(request);
        if let Self::Back { error, .. } = &mut refusal
            && world.has("cancel-error-unregistered")
        {
            *error = "geannuleerd";
        }
        refusal
    }

    /// The person does not go on.
    fn denied(request: Request) -> Self {
        Self::Back {
            redirect_uri: request.redirect_uri,
            state: request.state,
            error: "access_denied",
            in_fragment: false,
        }
    }
}

fn log_in(world: &World, id: &str, session: &Session, login: Option<&str>, password: Option<&str>) -> Reply {
    let framing = world.has("framing-allowed");
    let knows = |(login, password): (&str, &str)| world.person_with(login, password);
    let keeps = world.has("session-kept-at-login");
    match login.zip(password).and_then(knows).and_then(|person| world.grants.log_in(id, person, keeps)) {
        Some(id) => {
            let reply = if world.does("self-posting-login") {
                wrap::posting_page("/doorgeven", &session.form_token)
            } else if world.does("extra-redirects") {
                pages::redirect("/tussen", framing)
            } else {
                let person = world.grants.session(&id).unwrap_or_else(|| session.clone());
                after_login(world, &person)
            };
            with_cookies(world, reply, &id, if world.does("cookie-for-login") { LOGIN_COOKIE } else { COOKIE })
        }
        None => pages::reply(200, login_page(world, session, true), framing),
    }
}

fn login_page(world: &World, session: &Session, failed: bool) -> String {
    let mut extra = String::new();
    if world.does("request-in-hidden-fields") {
        let request = &session.request;
        let state = request.state.as_deref().unwrap_or_default();
        for (name, value) in [
            ("client_id", request.client_id.as_str()),
            ("redirect_uri", &request.redirect_uri),
            ("scope", &request.scope),
            ("state", state),
            ("response_type", "code"),
            ("returnUrl", "https://auth.referentie.toetsbank.example/authorize"),
        ] {
            let value = pages::escape(value);
            extra.push_str(&format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n"));
        }
    }
    if world.does("script-that-submits") {
        extra.push_str(
            "<script>document.addEventListener('DOMContentLoaded', function () { var knop = \
             document.getElementById('aanmelden'); knop.onclick = function () { knop.form.submit(); }; });</script>\n",
        );
    }
    pages::login(&session.form_token, failed, &extra)
}

/// Where the browser goes when the person has logged in.
fn after_login(world: &World, session: &Session) -> Reply {
    let news = world.does("notice-at-first-login") && session.person.is_some_and(|p| world.grants.is_news_to(p));
    pages::redirect(if news { "/mededeling" } else { "/toestemming" }, world.has("framing-allowed"))
}

fn ask_consent(world: &World, id: &str, session: Session) -> Reply {
    let framing = world.has("framing-allowed");
    // The confirmation of Delen holds for one pass: it is asked every time.
    let may_remember = world.does("consent-remembered") && !session.request.shares();
    if may_remember && session.person.is_some_and(|person| world.grants.has_consented(person)) {
        return decide(world, id, session, Some("toestaan"), false);
    }
    match session.person.and_then(|person| world.people.get(person)) {
        Some(person) => {
            let Session { form_token, request, .. } = &session;
            let client = &world.client_name(&request.client_id);
            let (name, by_buttons) = (&person.name, world.does("consent-by-buttons"));
            let html = match request.shares() {
                true => pages::confirmation(form_token, name, world.provider(), client),
                false => pages::consent(form_token, name, world.provider(), client, by_buttons),
            };
            pages::reply(200, html, framing)
        }
        // Consent is asked only after login (core.authint.205).
        None => pages::redirect("/inloggen", framing),
    }
}

fn decide(world: &World, id: &str, session: Session, decision: Option<&str>, indefinite: bool) -> Reply {
    let framing = world.has("framing-allowed");
    let Some(person) = session.person else { return pages::redirect("/inloggen", framing) };
    world.grants.close(id);
    let request = session.request;
    let indefinite = indefinite || decision == Some("altijd");
    if !matches!(decision, Some("toestaan" | "altijd")) {
        let mut refusal = Refusal::denied(request);
        if let Refusal::Back { error, .. } = &mut refusal
            && world.has("unregistered-error")
        {
            *error = "geweigerd";
        }
        return refuse(world, refusal);
    }
    let state = request.state.clone().map(|state| match world.has("state-truncated") {
        true => state.chars().take(CUT).collect(),
        false if world.has("state-markup-stripped") => state.replace(['<', '>'], ""),
        false => state,
    });
    let redirect_uri = request.redirect_uri.clone();
    let seconds = if world.has("long-lived-code") { LATE } else { CODE_SECONDS };
    let code = world.grants.code(Grant { request, person, indefinite }, own_code(world), seconds);
    let mut parameters = vec![("code", code)];
    parameters.extend(state.map(|state| ("state", state)));
    if world.does("code-with-more-parameters") {
        parameters.push(("iss", "https://auth.referentie.toetsbank.example".to_owned()));
        parameters.push(("session_state", world.grants.random(16)));
        parameters.push(("expires_in", "900".to_owned()));
    }
    send_back(world, &redirect_uri, &parameters, world.has("code-in-fragment"))
}

/// A code in a form of its own; `None` for the usual one.
fn own_code(world: &World) -> Option<String> {
    match world.has("codes-count-up") {
        true => Some(format!("code-van-de-referentie-{:012}", world.grants.next_number())),
        false => token::own_form(world, "code"),
    }
}

/// What the server tells of itself (RFC 8414).
fn metadata(world: &World) -> Reply {
    let issuer = format!("https://{}", world.names.authorization);
    let body = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("https://{}/token", world.names.token),
        "response_types_supported": ["code"],
    });
    Reply::new(200, "application/json", body.to_string())
}

/// Sends the browser to the client with parameters added to what its address has already.
fn send_back(world: &World, redirect_uri: &str, parameters: &[(&str, String)], in_fragment: bool) -> Reply {
    let framing = world.has("framing-allowed");
    let Ok(mut url) = Url::parse(redirect_uri) else {
        return pages::reply(400, pages::error("Het adres van uw gezondheidsomgeving klopt niet.", None), framing);
    };
    let added = match world.does("state-encoded-otherwise") {
        true => {
            let every = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
            let one = |(name, value): &(&str, String)| match *name {
                "state" => format!("state={}", every(value)),
                name => format!(
                    "{name}={}",
                    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC)
                ),
            };
            parameters.iter().map(one).collect::<Vec<_>>().join("&")
        }
        false => url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish(),
    };
    match in_fragment {
        true => url.set_fragment(Some(&added)),
        false => {
            let query = url.query().filter(|query| !query.is_empty()).map(|query| format!("{query}&{added}"));
            url.set_query(Some(&query.unwrap_or(added)));
        }
    }
    wrap::back(world, url.as_str(), framing)
}

fn with_cookies(world: &World, reply: Reply, id: &str, name: &str) -> Reply {
    if world.does("session-in-address") {
        return wrap::carrying(reply, id);
    }
    let secure = if world.has("session-cookie-without-secure") { "" } else { "; Secure" };
    let for_server = if world.has("session-cookie-for-scripts") { "" } else { "; HttpOnly" };
    match world.does("other-cookies") {
        false => reply.with("set-cookie", format!("{name}={id}; Path=/{secure}{for_server}; SameSite=Lax")),
        true => reply
            .with("set-cookie", "verdeler=\"server-nummer-7\"; path=/; expires=Wed, 01 Jan 2031 00:00:00 GMT")
            .with(
                "set-cookie",
                format!(
                    "{OTHER_COOKIE}={id}; max-age=900; domain={}; secure; httponly; samesite=none; path=/",
                    world.names.authorization
                ),
            )
            .with("set-cookie", "oud=; Max-Age=0"),
    }
}
