//! The resource interface: bearer token to patient, and FHIR over what that patient may see.

use std::collections::BTreeSet;
use std::sync::PoisonError;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::fhir::Element;
use crate::simulator::dva::admission;
use crate::simulator::dva::dress;
use crate::simulator::dva::media;
use crate::simulator::dva::media::Asked;
use crate::simulator::dva::media::Form;
use crate::simulator::dva::media::Lax;
use crate::simulator::dva::outcome;
use crate::simulator::dva::roles;
use crate::simulator::dva::roles::Systeemrol;
use crate::simulator::dva::search;
use crate::simulator::dva::search::Search;
use crate::simulator::dva::sharing;
use crate::simulator::dva::store::Dossier;
use crate::simulator::dva::tamper;
use crate::simulator::dva::world::Names;
use crate::simulator::dva::world::OTHER_CLIENT_ID;
use crate::simulator::dva::world::World;
use crate::simulator::dva::wrap;
use crate::simulator::http::Received;
use crate::simulator::http::Reply;

/// A refusal: status, code of the value set issue-type, text, and the challenge of RFC 6750.
pub(super) struct Refused {
    status: u16,
    code: &'static str,
    message: String,
    challenge: Option<&'static str>,
}

/// First segment of the path of the other provider.
const OTHER_PROVIDER: &str = "andere-zorgaanbieder";

/// How long a slow answer takes: past the 60 s of core.rscint.202.
const SLOW: Duration = Duration::from_secs(61);

/// The challenge to who shows no token: no error code (RFC 6750, section 3.1).
const NO_TOKEN: &str = "Bearer realm=\"toetsbank\"";

const INVALID_TOKEN: &str =
    "Bearer realm=\"toetsbank\", error=\"invalid_token\", error_description=\"The access token is unknown or expired\"";

const INSUFFICIENT_SCOPE: &str = "Bearer realm=\"toetsbank\", error=\"insufficient_scope\", \
                                  error_description=\"The access token does not cover this service\"";

const INVALID_REQUEST: &str = "Bearer realm=\"toetsbank\", error=\"invalid_request\", \
                               error_description=\"Requested FHIR version not supported\"";

/// What the header `Authorization` shows.
enum Shown<'a> {
    Token(&'a str),
    Nothing,
}

/// Answers a request at the resource server.
pub(super) fn answer(world: &World, received: &Received) -> Reply {
    let lax = match (world.has("fhir-version-ignored"), world.has("other-fhir-version-ignored")) {
        (true, _) => Lax::All,
        (false, true) => Lax::Published,
        (false, false) => Lax::No,
    };
    let asked = media::asked(received, lax);
    let form = match asked {
        Asked::Fhir(form) => form,
        Asked::Any | Asked::Other(_) | Asked::Version => Form::Json,
    };
    match serve(world, received, &asked, form) {
        Ok(reply) => reply,
        Err(refused) => {
            let (status, challenge) = match asked {
                Asked::Version if refused.status == 406 && world.does("fhir-version-400") => (400, None),
                _ => (refused.status, refused.challenge),
            };
            let reply = write(world, status, form, &outcome::outcome(refused.code, &refused.message));
            challenge
                .map_or_else(Vec::new, |challenge| challenges(world, challenge))
                .into_iter()
                .fold(reply, |reply, challenge| reply.with("www-authenticate", challenge))
        }
    }
}

/// The values of `WWW-Authenticate` that hold a challenge.
fn challenges(world: &World, challenge: &str) -> Vec<String> {
    const OTHER: &str = "Negotiate, Digest realm=\"a, b\", nonce=\"error=x\"";
    if world.does("challenge-in-other-case") {
        let challenge = challenge.replacen("Bearer", "BEARER", 1).replace("error=", "Error=");
        vec![challenge.replace("realm=", "REALM=")]
    } else if world.does("challenge-in-second-header") {
        vec![OTHER.to_owned(), challenge.to_owned()]
    } else if world.does("challenge-after-another") {
        vec![format!("{OTHER}, {challenge}")]
    } else if world.does("challenge-with-blanks") {
        vec![challenge.replace("=\"", " = \"")]
    } else {
        vec![challenge.to_owned()]
    }
}

/// Address of the ResourceEndpoint of a systeemrol.
pub(super) fn address(names: &Names, role: &Systeemrol) -> String {
    format!("https://{}/{}", names.resource, role.base)
}

/// Address of the ResourceEndpoint that serves the documents themselves.
pub(super) fn document_address(names: &Names) -> String {
    format!("https://{}/{}", names.resource, roles::DOCUMENT_BASE)
}

/// Address of the ResourceEndpoint of another provider that this DVA serves: none of our people is known there.
pub(super) fn other_address(names: &Names) -> String {
    format!("https://{}/{OTHER_PROVIDER}", names.resource)
}

fn serve(world: &World, received: &Received, asked: &Asked, form: Form) -> Result<Reply, Refused> {
    if !received.certificate && !world.has("resource-without-certificate") {
        return Err(Refused::new(403, "security", "a client certificate is needed"));
    }
    let is_other = received.hosts.first().is_some_and(|host| host == OTHER_CLIENT_ID);
    if is_other && world.has("other-dvp-without-data") {
        return Err(Refused::new(403, "forbidden", "there is no contract with this client"));
    }
    let path = percent_encoding::percent_decode_str(&received.path).decode_utf8_lossy();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let (base, rest) = segments.split_first().map_or(("", &[][..]), |(base, rest)| (*base, rest));
    if base == OTHER_PROVIDER && !world.has("token-for-any-provider") {
        return Err(not_of_ours(world));
    }
    let base = if base == OTHER_PROVIDER { roles::SYSTEEMROLLEN.first().map_or("", |role| role.base) } else { base };
    let place = roles::served_under(base).and_then(|role| {
        world.sets.iter().position(|set| set.systeemrollen.contains(&role.code)).map(|set| (role, set))
    });
    let Some((role, set)) = place else { return Err(Refused::new(404, "not-found", "nothing is served here")) };
    let types = types(world, role, set);
    if rest == ["metadata"] {
        if world.does("metadata-with-token-only") {
            authorize(world, received, set)?;
        }
        if world.has("no-metadata") {
            return Err(Refused::new(404, "not-found", "nothing is served here"));
        }
        readable(asked)?;
        let release = if world.has("metadata-of-other-version") { "4.0.1" } else { outcome::FHIR_RELEASE };
        only_get(received)?;
        let statement = match role.takes {
            true => outcome::taking_capabilities(&world.env, release, &types),
            false => outcome::capabilities(&world.env, release, &types),
        };
        return Ok(write(world, 200, form, &statement));
    }
    if role.takes {
        let person = authorize_sharing(world, received)?;
        let person = world.people.get(person).filter(|person| person.set == set).ok_or_else(not_covered)?;
        if !matches!(rest, [] | [""]) {
            return Err(Refused::new(404, "not-supported", "only a transaction at the base is supported"));
        }
        readable(asked)?;
        return sharing::take(world, received, form, role, person);
    }
    let person = authorize(world, received, set)?;
    if !world.has("services-of-client-list-ignored") && world.lacks_service(&world.names.client_id, role.service()) {
        let message = "the client does not support this service";
        return Err(Refused::new(403, "forbidden", message).challenge(INSUFFICIENT_SCOPE));
    }
    let dossier = world.people.get(person).filter(|person| person.set == set);
    let dossier = dossier.and_then(|person| world.sets.get(set)?.store.dossier(&person.patient));
    let dossier = dossier.ok_or_else(not_covered)?;
    only_get(received)?;
    let known = |kind: &str| match types.contains(kind) {
        true => Ok(()),
        false => Err(Refused::new(404, "not-supported", format!("resources of type `{kind}` are not served here"))),
    };
    match rest {
        ["_page", id] => {
            readable(asked)?;
            let page = world.pages.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
            match page.filter(|page| page.person == person && page.base == role.base) {
                Some(page) => {
                    Ok(write(world, 200, form, &search::page(world, dossier, &address(&world.names, role), &page)))
                }
                None => Err(Refused::new(404, "not-found", "this page does not exist or no longer")),
            }
        }
        [kind] | [kind, ""] => {
            known(kind)?;
            readable(asked)?;
            find(world, received, form, person, dossier, role, kind, false)
        }
        ["Observation", "$lastn"] => {
            known("Observation")?;
            readable(asked)?;
            find(world, received, form, person, dossier, role, "Observation", true)
        }
        [kind, operation] if operation.starts_with('$') => {
            known(kind)?;
            let message = format!("the operation `{operation}` on `{kind}` is not supported");
            Err(Refused::new(400, "not-supported", message))
        }
        [kind, id] => {
            known(kind)?;
            let found = dossier.records.read(kind, id);
            let found =
                found.ok_or_else(|| Refused::new(404, "not-found", format!("there is no `{kind}` with this id")))?;
            match (*kind, asked) {
                ("Binary", Asked::Any | Asked::Other(_)) => raw(found, asked),
                _ => {
                    readable(asked)?;
                    let mut served = found.clone();
                    if let Some(person) = world.people.get(person) {
                        tamper::resource(world, person, true, &mut served);
                    }
                    dress::resource(world, &address(&world.names, role), &mut served);
                    Ok(write(world, 200, form, &served))
                }
            }
        }
        _ => Err(Refused::new(404, "not-supported", "this interaction is not supported")),
    }
}

/// The answer of the other provider's endpoint to a token that is not for it.
fn not_of_ours(world: &World) -> Refused {
    let message = "the access token is not for this provider";
    if world.does("other-provider-403") {
        Refused::new(403, "forbidden", message).challenge(INSUFFICIENT_SCOPE)
    } else if world.does("other-provider-404") {
        Refused::new(404, "not-found", "nothing is served here")
    } else {
        Refused::new(401, "login", message).challenge(INVALID_TOKEN)
    }
}

fn not_covered() -> Refused {
    Refused::new(403, "forbidden", "the access token does not cover this service").challenge(INSUFFICIENT_SCOPE)
}

/// The types that a base serves: those that its systeemrol asks for, also when there are none, and those that there are.
fn types(world: &World, role: &Systeemrol, set: usize) -> BTreeSet<String> {
    let mut types: BTreeSet<String> = role.types.iter().map(|kind| (*kind).to_owned()).collect();
    types.extend(world.sets.get(set).into_iter().flat_map(|set| set.store.types().iter().cloned()));
    types
}

/// The person that the request may see the data of.
fn authorize(world: &World, received: &Received, set: usize) -> Result<usize, Refused> {
    let Shown::Token(token) = shown(received) else {
        if world.has("data-without-token")
            && let Some(person) = world.rich(set)
        {
            return Ok(person);
        }
        let refused = Refused::new(401, "login", "an access token is needed");
        return Err(if world.has("no-www-authenticate") { refused } else { refused.challenge(NO_TOKEN) });
    };
    if world.grants.is_for_sharing(token) && !world.has("sharing-token-reads") {
        let message = "the access token is for sharing alone";
        return Err(match world.has("sharing-token-unknown") {
            true => Refused::new(401, "login", message).challenge(INVALID_TOKEN),
            false => Refused::new(403, "forbidden", message).challenge(INSUFFICIENT_SCOPE),
        });
    }
    if let Some(person) = world.person_of(token, admission::holder(world, received)) {
        return Ok(person);
    }
    if world.has("any-token-accepted")
        && let Some(person) = world.rich(set)
    {
        return Ok(person);
    }
    let refused = Refused::new(401, "login", "the access token is unknown or expired");
    Err(if world.has("invalid-token-without-challenge") { refused } else { refused.challenge(INVALID_TOKEN) })
}

/// The person for whom the request may share: a token for collecting does not do.
fn authorize_sharing(world: &World, received: &Received) -> Result<usize, Refused> {
    let Shown::Token(token) = shown(received) else {
        return Err(Refused::new(401, "login", "an access token is needed").challenge(NO_TOKEN));
    };
    let holder = admission::holder(world, received);
    let is_issued = world.grants.person(token, holder).is_some();
    if is_issued && !world.grants.is_for_sharing(token) && !world.has("collecting-token-shares") {
        return Err(not_covered());
    }
    let unknown = || Refused::new(401, "login", "the access token is unknown or expired").challenge(INVALID_TOKEN);
    world.person_of(token, holder).ok_or_else(unknown)
}

fn shown(received: &Received) -> Shown<'_> {
    let header = received.header("authorization").unwrap_or_default();
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    match token.trim() {
        "" => Shown::Nothing,
        token if scheme.eq_ignore_ascii_case("bearer") => Shown::Token(token),
        _ => Shown::Nothing,
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one request, used here alone")]
fn find(
    world: &World,
    received: &Received,
    form: Form,
    person: usize,
    dossier: &Dossier,
    role: &'static Systeemrol,
    kind: &str,
    last_n: bool,
) -> Result<Reply, Refused> {
    if kind == "Flag" && world.has("search-error") {
        return Err(Refused::new(500, "exception", "the source system does not answer"));
    }
    if kind == "Coverage" && world.has("answer-after-a-minute") {
        world.env.advance(SLOW);
    }
    let search =
        Search { base: role.base, address: &address(&world.names, role), kind, last_n, query: &received.query };
    let (bundle, matches) = search::search(world, person, dossier, &search)
        .map_err(|error| Refused::new(400, "value", error.to_string()))?;
    if matches == 0 && world.has("empty-search-not-found") {
        return Err(Refused::new(404, "not-found", "nothing was found"));
    }
    Ok(write(world, 200, form, &bundle))
}

fn only_get(received: &Received) -> Result<(), Refused> {
    match received.method.as_str() {
        "GET" | "HEAD" => Ok(()),
        other => Err(Refused::new(405, "not-supported", format!("`{other}` is not supported; use GET"))),
    }
}

/// Whether a FHIR resource may be the answer.
fn readable(asked: &Asked) -> Result<(), Refused> {
    match asked {
        Asked::Fhir(_) | Asked::Any => Ok(()),
        Asked::Other(_) => Err(Refused::new(406, "not-supported", "ask application/fhir+json or application/fhir+xml")),
        Asked::Version => {
            let message = format!("only fhirVersion={} is served", media::FHIR_VERSION);
            Err(Refused::new(406, "not-supported", message).challenge(INVALID_REQUEST))
        }
    }
}

/// The content of a Binary in its own media type.
fn raw(binary: &Element, asked: &Asked) -> Result<Reply, Refused> {
    let media_type = binary.text("contentType").unwrap_or("application/octet-stream");
    let name = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if let Asked::Other(names) = asked {
        let group = name.split('/').next().unwrap_or_default();
        if !names.iter().any(|asked| *asked == name || *asked == format!("{group}/*")) {
            return Err(Refused::new(406, "not-supported", format!("this document is only there as `{name}`")));
        }
    }
    // STU3 calls it `content`, R4 `data`.
    let content = binary.text("content").or(binary.text("data")).unwrap_or_default();
    let content: String = content.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(content);
    let bytes = bytes.map_err(|_| Refused::new(500, "exception", "the content of this document cannot be decoded"))?;
    Ok(Reply::new(200, media_type, bytes).with("x-content-type-options", "nosniff").with("cache-control", "no-store"))
}

/// An answer with a resource.
pub(super) fn write(world: &World, status: u16, form: Form, resource: &Element) -> Reply {
    let text = wrap::written(world, form, resource);
    Reply::new(status, &wrap::media_type(world, form), text).with("cache-control", "no-store")
}

impl Refused {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), challenge: None }
    }

    fn challenge(self, challenge: &'static str) -> Self {
        Self { challenge: Some(challenge), ..self }
    }
}
