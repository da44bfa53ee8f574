//! The token interface: codes and refresh tokens to access tokens (RFC 6749, sections 4.1.3, 5 and 6).

use serde_json::Value;
use serde_json::json;

use crate::simulator::dva::grants::Grant;
use crate::simulator::dva::grants::Presented;
use crate::simulator::dva::grants::Request;
use crate::simulator::dva::grants::TOKEN_SECONDS;
use crate::simulator::dva::world::CLIENT_ID;
use crate::simulator::dva::world::PROVIDER;
use crate::simulator::dva::world::REDIRECT_URI;
use crate::simulator::dva::world::World;
use crate::simulator::http::Received;
use crate::simulator::http::Reply;

/// The parameters of the interface, and those that RFC 7636 and RFC 6749 define for it.
const KNOWN: [&str; 7] = ["grant_type", "code", "client_id", "redirect_uri", "refresh_token", "scope", "code_verifier"];

/// Random bytes of an access token under the defect that makes them short.
const SHORT: usize = 4;

/// Why no token is given: status and error of RFC 6749, section 5.2.
struct Refused(u16, &'static str, &'static str);

/// Answers a request at the token endpoint.
pub(super) fn answer(world: &World, received: &Received) -> Reply {
    if received.method != "POST" {
        return refuse(world, &Refused(405, "invalid_request", "use POST")).with("allow", "POST");
    }
    let body = match grant(world, received) {
        Ok(body) => body,
        Err(refused) => return refuse(world, &refused),
    };
    let media_type = match world.has("token-not-json") {
        true => "text/html",
        false => "application/json",
    };
    let reply = Reply::new(200, media_type, body.to_string());
    match world.has("token-cacheable") {
        true => reply,
        false => reply.with("cache-control", "no-store").with("pragma", "no-cache"),
    }
}

fn grant(world: &World, received: &Received) -> Result<Value, Refused> {
    if !received.certificate && !world.has("token-without-certificate") {
        return Err(Refused(401, "invalid_client", "a client certificate is needed"));
    }
    let media_type = received.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refused(400, "invalid_request", "the body is no form"));
    }
    let fields = received.fields();
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
        None | Some("") => return Err(Refused(400, "invalid_request", "client_id is missing")),
        Some(CLIENT_ID) => {}
        // A code of another client is no code of this one; who is not registered is no client at all.
        Some(_) => return Err(Refused(400, "invalid_grant", "client_id is not the one the code was issued to")),
    }
    match field("grant_type") {
        Some("authorization_code") => {}
        Some("refresh_token") => return refresh(world, field("refresh_token"), client_id),
        _ if world.has("grant-type-ignored") => {}
        None | Some("") => return Err(Refused(400, "invalid_request", "grant_type is missing")),
        Some(_) => return Err(Refused(400, "unsupported_grant_type", "grant_type is not authorization_code")),
    }
    let code = field("code").unwrap_or_default();
    let grant = match presented {
        None => return Err(Refused(400, "invalid_request", "code is missing")),
        Some(Presented::Good(grant)) => grant,
        Some(Presented::Unknown) if world.has("unknown-code-accepted") => somebody(),
        Some(Presented::Unknown | Presented::Spent) => {
            return Err(Refused(400, "invalid_grant", "the code is not valid"));
        }
    };
    match field("redirect_uri") {
        _ if world.has("token-redirect-uri-ignored") => {}
        None | Some("") => return Err(Refused(400, "invalid_request", "redirect_uri is missing")),
        Some(uri) if uri == grant.request.redirect_uri => {}
        Some(_) => return Err(Refused(400, "invalid_grant", "redirect_uri is not that of the authorization request")),
    }
    if world.has("code-survives-error") {
        world.grants.spend(code);
    }
    Ok(issue(world, &grant, Some(code)))
}

fn refresh(world: &World, token: Option<&str>, client_id: Option<&str>) -> Result<Value, Refused> {
    let Some(token) = token.filter(|token| !token.is_empty()) else {
        return Err(Refused(400, "invalid_request", "refresh_token is missing"));
    };
    match world.grants.refresh(token, client_id) {
        Some(grant) => Ok(issue(world, &grant, None)),
        None => Err(Refused(400, "invalid_grant", "the refresh token is not valid")),
    }
}

fn issue(world: &World, grant: &Grant, code: Option<&str>) -> Value {
    let own = match world.people.get(grant.person) {
        Some(person) if world.has("tokens-repeat") => Some(person.token.clone()),
        _ if world.has("short-tokens") => Some(world.grants.random(SHORT)),
        _ => None,
    };
    let issued = world.grants.issue(grant, code, own);
    let access = if world.has("access-token-empty") { String::new() } else { issued.access };
    let mut body = json!({
        "access_token": access,
        "token_type": if world.has("token-type-mac") { "mac" } else { "Bearer" },
        "expires_in": if world.has("expires-in-3600") { 3600 } else { TOKEN_SECONDS },
        "scope": grant.request.scope,
    });
    if let Some(refresh) = issued.refresh {
        body["refresh_token"] = Value::String(refresh);
    }
    body
}

/// A grant that nobody gave, for a server that takes any code.
fn somebody() -> Grant {
    let request = Request {
        client_id: CLIENT_ID.to_owned(),
        redirect_uri: REDIRECT_URI.to_owned(),
        state: None,
        scope: PROVIDER.to_owned(),
    };
    Grant { request, person: 0, indefinite: false }
}

fn refuse(world: &World, refused: &Refused) -> Reply {
    let Refused(status, error, description) = refused;
    let status = if world.has("token-error-200") { 200 } else { *status };
    let reply = match world.has("token-error-html") {
        true => Reply::new(status, "text/html; charset=utf-8", format!("<html><body><h1>{error}</h1></body></html>")),
        false => {
            let body = json!({ "error": error, "error_description": description });
            Reply::new(status, "application/json", body.to_string())
        }
    };
    reply.with("cache-control", "no-store").with("pragma", "no-cache")
}
