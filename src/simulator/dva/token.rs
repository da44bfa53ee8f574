//! The token interface: codes and refresh tokens to access tokens (RFC 6749, sections 4.1.3, 5 and 6).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;

use crate::simulator::dva::grants::Grant;
use crate::simulator::dva::grants::Own;
use crate::simulator::dva::grants::Presented;
use crate::simulator::dva::grants::Request;
use crate::simulator::dva::grants::TOKEN_SECONDS;
use crate::simulator::dva::world::World;
use crate::simulator::http::Received;
use crate::simulator::http::Reply;

/// The parameters of the interface, and those that RFC 7636 and RFC 6749 define for it.
const KNOWN: [&str; 7] = ["grant_type", "code", "client_id", "redirect_uri", "refresh_token", "scope", "code_verifier"];

/// Random bytes of an access token under the defect that makes them short.
const SHORT: usize = 4;

/// How long a slow token takes.
const SLOW: Duration = Duration::from_secs(11);

/// Why no token is given: status and error of RFC 6749, section 5.2.
#[derive(PartialEq, Eq)]
struct Refused(u16, &'static str, &'static str);

/// A code or token of another client is none of this one; who is not registered is no client at all.
const OTHER_CLIENT: Refused = Refused(400, "invalid_grant", "client_id is not the one it was issued to");

/// Answers a request at the token endpoint.
pub(super) fn answer(world: &World, received: &Received) -> Reply {
    let in_query = world.has("query-token-accepted") && !received.query.is_empty();
    if received.method != "POST" && !in_query {
        return refuse(world, &Refused(405, "invalid_request", "use POST")).with("allow", "POST");
    }
    let fields = if in_query { received.parameters() } else { received.fields() };
    let body = match grant(world, received, &fields, in_query) {
        Ok(body) => body,
        Err(OTHER_CLIENT) if world.does("other-client-closed") && is_refresh(received) => return Reply::none(),
        Err(_) if world.has("refresh-error-html") && is_refresh(received) => {
            return Reply::new(400, "text/html; charset=utf-8", "<html><body><h1>Ongeldig</h1></body></html>");
        }
        Err(refused) => return refuse(world, &refused),
    };
    let media_type = match world.has("token-not-json") {
        true => "text/html",
        false => "application/json",
    };
    let media_type = match world.does("token-json-with-charset") && media_type == "application/json" {
        true => "application/json;charset=UTF-8",
        false => media_type,
    };
    let text = if world.does("token-pretty") { format!("\n{body:#}\n") } else { body.to_string() };
    let reply = Reply::new(200, media_type, text);
    match world.has("token-cacheable") {
        true => reply,
        false if world.does("token-cache-control-more") => {
            reply.with("cache-control", "private").with("cache-control", "No-Store").with("pragma", "no-cache")
        }
        false => reply.with("cache-control", "no-store").with("pragma", "no-cache"),
    }
}

fn is_refresh(received: &Received) -> bool {
    received.fields().iter().any(|(name, value)| name == "grant_type" && value == "refresh_token")
}

fn grant(world: &World, received: &Received, fields: &[(String, String)], in_query: bool) -> Result<Value, Refused> {
    if !received.certificate && !world.has("token-without-certificate") {
        return Err(Refused(401, "invalid_client", "a client certificate is needed"));
    }
    let media_type = received.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    if !in_query && !media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refused(400, "invalid_request", "the body is no form"));
    }
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    // Whatever else is wrong with the request: the code was presented, so it is used up (core.tknint.204).
    let kept = world.has("code-reusable") || world.has("code-survives-error");
    let presented = field("code").map(|code| world.grants.present(code, kept));
    if KNOWN.iter().any(|name| fields.iter().filter(|(key, _)| key == name).count() > 1) {
        return Err(Refused(400, "invalid_request", "a parameter is repeated"));
    }
    if world.has("token-extra-parameter-refused") && fields.iter().any(|(name, _)| !KNOWN.contains(&name.as_str())) {
        return Err(Refused(400, "invalid_request", "a parameter is not known"));
    }
    let client_id = field("client_id");
    let any_client = world.has("token-client-id-ignored");
    match client_id {
        _ if any_client => {}
        None | Some("") if world.does("client-401") => {
            return Err(Refused(401, "invalid_client", "client_id is missing"));
        }
        None | Some("") => return Err(Refused(400, "invalid_request", "client_id is missing")),
        Some(id) if world.redirect_uri_of(id).is_some() && !world.lists_client(id) => {
            return Err(Refused(401, "invalid_client", "client_id is not on the OAuth Client List"));
        }
        Some(id) if world.redirect_uri_of(id).is_some() => {}
        Some(_) if world.does("client-401") => {
            return Err(Refused(401, "invalid_client", "client_id is not the one of this client"));
        }
        Some(_) => return Err(OTHER_CLIENT),
    }
    match field("grant_type") {
        Some("authorization_code") => {}
        Some("refresh_token") => return refresh(world, received, &field),
        _ if world.has("grant-type-ignored") => {}
        None | Some("") => return Err(Refused(400, "invalid_request", "grant_type is missing")),
        Some(_) => return Err(other_grant_type(world)),
    }
    let code = field("code").unwrap_or_default();
    let grant = match presented {
        None | Some(Presented::Unknown) if code.is_empty() && world.has("token-without-code") => somebody(world),
        None | Some(Presented::Unknown) if code.is_empty() => {
            let error = if world.does("code-missing-invalid-grant") { "invalid_grant" } else { "invalid_request" };
            return Err(Refused(400, error, "code is missing"));
        }
        Some(Presented::Good(grant)) => grant,
        Some(Presented::Unknown) if world.has("unknown-code-accepted") => somebody(world),
        None | Some(Presented::Unknown | Presented::Spent) => {
            return Err(Refused(400, "invalid_grant", "the code is not valid"));
        }
    };
    if client_id != Some(&*grant.request.client_id) && !any_client {
        return Err(OTHER_CLIENT);
    }
    let off_list = !grant.request.scope.contains('~') && world.lacks_every_service(&grant.request.client_id);
    if off_list && !world.does("services-checked-at-resource") {
        return Err(Refused(400, "unauthorized_client", "the client supports none of the services"));
    }
    match field("redirect_uri") {
        _ if world.has("token-redirect-uri-ignored") => {}
        None | Some("") => {
            let error = match world.does("redirect-uri-missing-invalid-grant") {
                true => "invalid_grant",
                false => "invalid_request",
            };
            return Err(Refused(400, error, "redirect_uri is missing"));
        }
        Some(uri) if uri == grant.request.redirect_uri => {}
        Some(_) => return Err(Refused(400, "invalid_grant", "redirect_uri is not that of the authorization request")),
    }
    if world.does("pkce-checked") && !is_proven(grant.request.challenge.as_deref(), field("code_verifier")) {
        return Err(Refused(400, "invalid_grant", "code_verifier does not fit"));
    }
    if world.has("code-survives-error") {
        world.grants.spend(code);
    }
    Ok(issue(world, received, &grant, Some(code)))
}

/// Whether a verifier is that of the challenge, when there is one (RFC 7636, section 4.6).
fn is_proven(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    let hash = |verifier: &str| URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    challenge.is_none_or(|challenge| verifier.map(hash).as_deref() == Some(challenge))
}

fn other_grant_type(world: &World) -> Refused {
    let (status, error) = if world.does("grant-type-invalid-request") {
        (400, "invalid_request")
    } else if world.does("grant-type-unauthorized-client") {
        (400, "unauthorized_client")
    } else if world.does("grant-type-401") {
        (401, "invalid_client")
    } else {
        (400, "unsupported_grant_type")
    };
    Refused(status, error, "grant_type is not authorization_code")
}

fn refresh<'a>(world: &World, received: &Received, field: &impl Fn(&str) -> Option<&'a str>) -> Result<Value, Refused> {
    let Some(token) = field("refresh_token").filter(|token| !token.is_empty()) else {
        return Err(Refused(400, "invalid_request", "refresh_token is missing"));
    };
    const NOT_VALID: Refused = Refused(400, "invalid_grant", "the refresh token is not valid");
    let grant = match world.grants.refreshable(token) {
        Some(_) if world.has("refresh-refused") => return Err(NOT_VALID),
        Some(grant) => grant,
        None if world.has("unknown-refresh-token-accepted") => Grant { indefinite: true, ..somebody(world) },
        None => return Err(NOT_VALID),
    };
    // The token belongs to the client that it was issued to (RFC 6749, section 6).
    if field("client_id") != Some(&*grant.request.client_id) && !world.has("refresh-token-not-bound") {
        return Err(match world.does("other-client-401") {
            true => Refused(401, "invalid_client", "the refresh token was issued to another client"),
            false => OTHER_CLIENT,
        });
    }
    let asked = field("scope").unwrap_or(&grant.request.scope);
    let is_granted = asked.split(' ').all(|one| one == grant.request.scope);
    if !is_granted && !world.has("refresh-scope-widened") && !world.does("refresh-scope-ignored") {
        return Err(Refused(400, "invalid_scope", "scope goes beyond what was granted"));
    }
    let keeps = world.does("refresh-token-kept");
    if !keeps && !world.does("used-refresh-token-works") {
        world.grants.end_refresh(token);
    }
    let mut body = issue(world, received, &grant, None);
    if keeps {
        body["refresh_token"] = json!(token);
    }
    if !is_granted && world.has("refresh-scope-widened") {
        body["scope"] = json!(asked);
    }
    if world.has("refresh-without-successor")
        && let Some(members) = body.as_object_mut()
    {
        members.remove("refresh_token");
    }
    Ok(body)
}

fn issue(world: &World, received: &Received, grant: &Grant, code: Option<&str>) -> Value {
    // The probes come in as the rich patient: their time stays what it is.
    if world.has("token-after-eleven-seconds")
        && world.people.get(grant.person).is_some_and(|p| p.stands_for == "sparse")
    {
        world.env.advance(SLOW);
    }
    let own = match world.people.get(grant.person) {
        Some(person) if world.has("tokens-repeat") && grant.request.scope == world.provider() => {
            Some(person.token.clone())
        }
        _ if world.has("short-tokens") => Some(world.grants.random(SHORT)),
        _ => own_form(world, "at"),
    };
    // The confirmation of Delen holds for one pass (core.autorisatie.101): nothing is left to refresh.
    let indefinite = match grant.request.shares() {
        true => world.has("refresh-token-for-sharing"),
        false => (grant.indefinite || world.does("refresh-token-always")) && !world.does("no-refresh-token"),
    };
    let seconds = match (world.has("token-outlives-its-end"), world.has("token-ends-early")) {
        (true, _) => Some(3600),
        (_, true) => Some(600),
        _ => world.does("token-leeway").then_some(TOKEN_SECONDS + 30),
    };
    let own = Own { access: own, refresh: own_refresh(world, grant.person), seconds };
    let grant = &Grant { indefinite, ..grant.clone() };
    let issued = world.grants.issue(grant, code, own, received.hosts.first().map(String::as_str));
    let access = if world.has("access-token-empty") { String::new() } else { issued.access };
    let mut body = json!({
        "access_token": access,
        "token_type": if world.has("token-type-mac") { "mac" } else if world.does("token-type-lower-case") { "bearer" } else { "Bearer" },
        "expires_in": if world.has("expires-in-3600") { 3600 } else { TOKEN_SECONDS },
        "scope": grant.request.scope,
    });
    if world.does("token-without-scope")
        && let Some(members) = body.as_object_mut()
    {
        members.remove("scope");
    }
    if world.does("token-with-more-members") {
        body["issued_at"] = json!(1_767_225_600);
        body["patient"] = json!(null);
        body["details"] = json!({ "access_token": ["none"], "error": null });
        body["not-before-policy"] = json!(0);
    }
    if let Some(refresh) = issued.refresh {
        body["refresh_token"] = Value::String(refresh);
    }
    body
}

/// A refresh token as a defect makes it.
fn own_refresh(world: &World, person: usize) -> Option<String> {
    let same = world.people.get(person).filter(|_| world.has("refresh-tokens-repeat"));
    let same: Option<String> = same.map(|person| person.token.chars().rev().collect());
    match world.has("short-refresh-tokens") {
        // As long as a random one: two digits for each byte.
        true => Some(same.map_or_else(|| world.grants.random(SHORT), |same| same.chars().take(2 * SHORT).collect())),
        false => same,
    }
}

/// An access token or code in a form of its own; `None` for the usual one.
pub(super) fn own_form(world: &World, kind: &str) -> Option<String> {
    let random = |bytes| world.grants.random(bytes);
    if world.does("jwt-tokens") && kind == "at" {
        let now = world.env.now().as_second();
        let claims = json!({
            "iss": "https://auth.referentie.toetsbank.example", "aud": "fhir", "iat": now,
            "exp": now + TOKEN_SECONDS, "jti": random(16), "scope": world.provider(),
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        return Some(format!("{}.{}.{}", part(&json!({ "alg": "HS256", "typ": "at+jwt" })), part(&claims), random(32)));
    }
    if world.does("hexadecimal-tokens") {
        return Some(
            world.env.uuid().replace('-', "").chars().chain(world.env.uuid().replace('-', "").chars()).collect(),
        );
    }
    // All that a bearer token may be made of; a code may hold any visible character.
    world.does("tokens-with-symbols").then(|| format!("{kind}.{}~_-+/{}==", random(16), random(16)))
}

/// A grant that nobody gave, for a server that takes any code.
fn somebody(world: &World) -> Grant {
    let request = Request {
        client_id: world.names.client_id.clone(),
        redirect_uri: world.names.redirect_uri.clone(),
        state: None,
        scope: world.provider().to_owned(),
        challenge: None,
    };
    Grant { request, person: 0, indefinite: false }
}

fn refuse(world: &World, refused: &Refused) -> Reply {
    let Refused(status, error, description) = refused;
    let status = if world.has("token-error-200") { 200 } else { *status };
    let reply = match world.has("token-error-html") {
        true => Reply::new(status, "text/html; charset=utf-8", format!("<html><body><h1>{error}</h1></body></html>")),
        false => {
            let mut body = json!({ "error": error, "error_description": description });
            if world.does("token-error-alone") {
                body = json!({ "error": error });
            }
            if world.does("token-error-with-uri") {
                body["error_uri"] = json!("https://referentie.toetsbank.example/fouten");
                body["trace"] = json!({ "access_token": null });
            }
            Reply::new(status, "application/json", body.to_string())
        }
    };
    let reply = match status {
        401 => reply.with("www-authenticate", "Mutual realm=\"token\""),
        _ => reply,
    };
    reply.with("cache-control", "no-store").with("pragma", "no-cache")
}
