//! Delen: a transaction of documents taken in, and the answer to it.
//!
//! A transaction is taken as a whole or refused as a whole (FHIR STU3, RESTful API, transaction). What comes in is written
//! back with an id and kept nowhere: what a provider does with it lies behind the interface. Entry point: [`take`].

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::fhir::Element;
use crate::fhir::json;
use crate::fhir::xml;
use crate::simulator::dva::dress;
use crate::simulator::dva::media;
use crate::simulator::dva::media::Form;
use crate::simulator::dva::outcome;
use crate::simulator::dva::resource;
use crate::simulator::dva::resource::Refused;
use crate::simulator::dva::roles::Systeemrol;
use crate::simulator::dva::store;
use crate::simulator::dva::tamper;
use crate::simulator::dva::tree;
use crate::simulator::dva::tree::object;
use crate::simulator::dva::tree::text;
use crate::simulator::dva::world::Person;
use crate::simulator::dva::world::SOURCE_HOST;
use crate::simulator::dva::world::World;
use crate::simulator::http::Received;
use crate::simulator::http::Reply;

/// Most entries of a transaction.
const MOST: usize = 200;

/// Takes in a transaction of a person, and answers it.
///
/// # Errors
/// What is no transaction of resources that this systeemrol takes.
pub(super) fn take(
    world: &World,
    received: &Received,
    form: Form,
    role: &Systeemrol,
    person: &Person,
) -> Result<Reply, Refused> {
    if received.method != "POST" {
        return Err(Refused::new(405, "not-supported", format!("`{}` is not supported; use POST", received.method)));
    }
    let bundle = match read(received) {
        Err(_) if world.has("broken-bundle-accepted") => {
            return Ok(resource::write(world, 200, form, &outcome::outcome("incomplete", "part of it was taken")));
        }
        Err(_) if world.does("broken-bundle-closed") => return Ok(Reply::none()),
        Err(_) if world.does("broken-bundle-422") => {
            return Err(Refused::new(422, "structure", "the body is no transaction"));
        }
        read => read?,
    };
    let taken = entries(world, role, bundle)?;
    let base = resource::address(&world.names, role);
    let with_resources = wants_representation(received) && !world.has("transaction-without-resources");
    let mut children = Vec::new();
    if world.does("transaction-answer-with-id") {
        children.push(text("id", &world.env.uuid()));
    }
    children.push(text("type", "transaction-response"));
    if world.does("transaction-answer-with-link") {
        children.push(object("link", vec![text("relation", "self"), text("url", &base)]));
    }
    children.extend(written_back(world, &base, person, taken, with_resources));
    let mut answer = tree::resource("Bundle", children);
    tamper::transaction(world, person, &mut answer);
    let status = match (world.has("transaction-status-202"), world.does("transaction-status-201")) {
        (true, _) => 202,
        (_, true) => 201,
        _ => 200,
    };
    Ok(resource::write(world, status, form, &answer))
}

/// An entry that is taken in: its temporary address, and the resource with its id.
struct Taken {
    temporary: Option<String>,
    kind: String,
    id: String,
    resource: Element,
}

fn wants_representation(received: &Received) -> bool {
    let prefer = received.header("prefer").unwrap_or_default();
    prefer.split([',', ';']).any(|part| part.trim().eq_ignore_ascii_case("return=representation"))
}

fn read(received: &Received) -> Result<Element, Refused> {
    let parsed = match media::sent(received) {
        Some(Form::Json) => json::parse(&received.body),
        Some(Form::Xml) => xml::parse(&received.body),
        None => return Err(Refused::new(415, "not-supported", "send application/fhir+json or application/fhir+xml")),
    };
    let unreadable = |why: String| Refused::new(400, "structure", format!("the body cannot be read: {why}"));
    match parsed {
        Ok((root, problems)) if problems.is_empty() => Ok(root),
        Ok(_) => Err(unreadable("it is not the JSON of FHIR".to_owned())),
        Err(error) => Err(unreadable(error.to_string())),
    }
}

fn entries(world: &World, role: &Systeemrol, bundle: Element) -> Result<Vec<Taken>, Refused> {
    let wrong = |message: String| Refused::new(400, "invalid", message);
    if bundle.resource_type.as_deref() != Some("Bundle") || bundle.text("type") != Some("transaction") {
        return Err(wrong("the body is no Bundle of type `transaction`".to_owned()));
    }
    let entries: Vec<Element> = bundle.children.into_iter().filter(|child| &*child.name == "entry").collect();
    if entries.is_empty() || entries.len() > MOST {
        return Err(wrong(format!("a transaction has from 1 to {MOST} entries")));
    }
    let mut taken = Vec::new();
    for (i, entry) in entries.into_iter().enumerate() {
        let temporary = entry.text("fullUrl").map(str::to_owned);
        let request = entry.child("request");
        let method = request.and_then(|request| request.text("method")).unwrap_or_default().to_owned();
        let url = request.and_then(|request| request.text("url")).unwrap_or_default().to_owned();
        let Some(resource) = entry.children.into_iter().find(|child| &*child.name == "resource") else {
            return Err(wrong(format!("entry {i} has no resource")));
        };
        let kind = resource.resource_type.as_deref().unwrap_or_default().to_owned();
        if method != "POST" || url != kind {
            return Err(wrong(format!("the request of entry {i} is not to create its `{kind}`")));
        }
        if !role.types.contains(&kind.as_str()) {
            let message = format!("resources of type `{kind}` are not taken here");
            return Err(Refused::new(400, "not-supported", message));
        }
        taken.push(Taken { temporary, kind, id: world.env.uuid(), resource });
    }
    Ok(taken)
}

/// The entries of the answer, in the order of the request.
fn written_back(world: &World, base: &str, person: &Person, taken: Vec<Taken>, with_resources: bool) -> Vec<Element> {
    let places: BTreeMap<String, String> = taken
        .iter()
        .filter_map(|entry| Some((entry.temporary.clone()?, format!("{}/{}", entry.kind, entry.id))))
        .collect();
    let now = world.env.now().to_string();
    let entry = |Taken { kind, id, mut resource, .. }: Taken| {
        settle(&mut resource, &id, &now, &places);
        store::mask(&mut resource, &BTreeSet::from([&person.bsn]));
        dress::resource(world, base, &mut resource);
        let mut parts = Vec::new();
        if !world.does("transaction-entries-without-full-url") {
            parts.push(text("fullUrl", &format!("{base}/{kind}/{id}")));
        }
        if with_resources {
            parts.push(resource);
        }
        parts.push(response(world, base, &kind, &id, &now));
        object("entry", parts)
    };
    taken.into_iter().map(entry).collect()
}

/// What became of an entry.
fn response(world: &World, base: &str, kind: &str, id: &str, now: &str) -> Element {
    // The person is known by the token, so the Patient need not be made anew.
    if kind == "Patient" && world.does("transaction-patient-matched") {
        return object("response", vec![text("status", "200 OK")]);
    }
    let place = format!("{kind}/{id}");
    let place = match (world.has("shared-location-on-source-system"), world.does("location-absolute")) {
        (true, _) => format!("https://{SOURCE_HOST}/{place}"),
        (_, true) => format!("{base}/{place}"),
        _ => place,
    };
    let place = if world.does("location-without-version") { place } else { format!("{place}/_history/1") };
    let mut parts = vec![text("status", if world.does("entry-status-bare") { "201" } else { "201 Created" })];
    if !world.has("transaction-entries-without-location") {
        parts.push(text("location", &place));
    }
    if !world.does("entry-status-bare") {
        parts.push(text("etag", "W/\"1\""));
        parts.push(text("lastModified", now));
    }
    object("response", parts)
}

/// Gives a resource its id and version, and leads its references to where the others came.
fn settle(resource: &mut Element, id: &str, now: &str, places: &BTreeMap<String, String>) {
    tree::walk_mut(resource, &mut |element| {
        let points = matches!(&*element.name, "reference" | "url");
        if let Some(scalar) = element.value.as_mut().filter(|_| points)
            && let Some(place) = places.get(&*scalar.text)
        {
            scalar.text = place.as_str().into();
        }
    });
    resource.children.retain(|child| &*child.name != "id");
    let mut meta = match resource.children.iter().position(|child| &*child.name == "meta") {
        Some(at) => resource.children.remove(at),
        None => object("meta", Vec::new()),
    };
    meta.children.retain(|child| !matches!(&*child.name, "versionId" | "lastUpdated"));
    meta.children.splice(0..0, [text("versionId", "1"), text("lastUpdated", now)]);
    resource.children.splice(0..0, [text("id", id), meta]);
}
