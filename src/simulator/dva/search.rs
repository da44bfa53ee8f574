//! Searches at the resource server: from what was found to a Bundle, page by page.
//!
//! The finding itself is `fhir::search`, over what one patient may see.

use std::sync::Arc;

use crate::fhir::Element;
use crate::fhir::search;
use crate::fhir::search::SearchError;
use crate::fhir::search::query;
use crate::simulator::dva::dress;
use crate::simulator::dva::store::Dossier;
use crate::simulator::dva::tamper;
use crate::simulator::dva::tree::object;
use crate::simulator::dva::tree::resource;
use crate::simulator::dva::tree::text;
use crate::simulator::dva::world::Person;
use crate::simulator::dva::world::SOURCE_HOST;
use crate::simulator::dva::world::World;

/// Most matches on a page.
const PAGE: usize = 50;

/// What a search found, by type and id, so that its pages can be served later.
pub(super) struct Found {
    matches: Vec<Key>,
    included: Vec<Key>,
    /// Address of the search as it was processed.
    address: String,
    /// Matches on a page.
    size: usize,
}

/// A page that was announced in a `next` link.
#[derive(Clone)]
pub(super) struct Page {
    /// Index of the person that it is for.
    pub(super) person: usize,
    /// First segment of the path that it is served under.
    pub(super) base: &'static str,
    found: Arc<Found>,
    start: usize,
    /// Its own address.
    address: String,
}

type Key = (Box<str>, Box<str>);

/// A request to search.
pub(super) struct Search<'a> {
    /// First segment of the path.
    pub(super) base: &'static str,
    /// Address of the base.
    pub(super) address: &'a str,
    /// Type to search for.
    pub(super) kind: &'a str,
    /// Whether it is the operation `$lastn`.
    pub(super) last_n: bool,
    /// The query as it was sent.
    pub(super) query: &'a str,
}

/// Searches, and gives the first page with the number of matches.
///
/// # Errors
/// Those of `fhir::search`.
pub(super) fn search(
    world: &World,
    person: usize,
    dossier: &Dossier,
    search: &Search<'_>,
) -> Result<(Element, usize), SearchError> {
    let parameters = query::parse(search.query);
    let result = match search.last_n {
        true => dossier.records.last_n(&parameters, None)?,
        false => dossier.records.search(search.kind, &parameters, None)?,
    };
    let used = result.used.iter().map(|parameter| parameter.written.clone()).collect();
    let used = match world.people.get(person) {
        Some(person) => tamper::self_parameters(world, person, used),
        None => used,
    };
    let used = dress::self_parameters(world, used);
    let small = world.does("small-pages") || world.has("next-link-to-source-system");
    let most = if small { dress::SMALL_PAGE } else { PAGE };
    let operation = if search.last_n { "/$lastn" } else { "" };
    let question = if used.is_empty() { "" } else { "?" };
    let found = Found {
        matches: result.matches.iter().filter_map(|found| key(found)).collect(),
        included: result.included.iter().filter_map(|found| key(found)).collect(),
        address: format!("{}/{}{operation}{question}{}", search.address, search.kind, used.join("&")),
        size: result.count.unwrap_or(most).min(most),
    };
    let (count, own) = (found.matches.len(), found.address.clone());
    let first = Page { person, base: search.base, found: Arc::new(found), start: 0, address: own };
    Ok((page(world, dossier, search.address, &first), count))
}

/// The Bundle of a page.
pub(super) fn page(world: &World, dossier: &Dossier, address: &str, page: &Page) -> Element {
    let found = &page.found;
    let end = page.start.saturating_add(found.size).min(found.matches.len());
    let matches = found.matches.get(page.start..end).unwrap_or_default();
    let read = |(kind, id): &Key| dossier.records.read(kind, id);
    let on_page: Vec<&Element> = matches.iter().filter_map(read).collect();
    let belongs = |(kind, id): &Key| on_page.iter().any(|found| search::concerns(found, kind, id));
    // What was included by way of another included resource comes with the first page.
    let whole = page.start == 0 && end == found.matches.len();
    let rest = |key: &Key| {
        page.start == 0 && !found.matches.iter().filter_map(read).any(|m| search::concerns(m, &key.0, &key.1))
    };
    let included = found.included.iter().filter(|key| whole || belongs(key) || rest(key)).filter_map(read);

    let mut children = vec![text("id", &world.env.uuid()), text("type", "searchset")];
    if !world.does("no-total") {
        children.push(tamper::total(world, found.matches.len()));
    }
    if !world.has("no-self-link") {
        children.push(link("self", &page.address));
    }
    // A size of nought asks for the total alone.
    if end < found.matches.len() && found.size > 0 {
        let id = world.grants.random(16);
        let next = format!("{address}/_page/{id}");
        let path =
            next.find("://").and_then(|at| next.get(at + 3..)?.find('/').and_then(|slash| next.get(at + 3 + slash..)));
        if world.has("next-link-to-source-system") {
            children.push(link("next", &format!("https://{SOURCE_HOST}/_page/{id}")));
        } else {
            children.push(link("next", path.filter(|_| world.does("next-link-relative")).unwrap_or(&next)));
        }
        let announced = Page { start: end, address: next, ..page.clone() };
        world.pages.lock().unwrap_or_else(std::sync::PoisonError::into_inner).put(id, announced);
    }
    if world.does("more-links") {
        children.push(link("first", &found.address));
        children.push(link("last", &format!("{address}/_page/{}", world.grants.random(16))));
    }
    let person = world.people.get(page.person);
    let matches = on_page.iter().map(|found| (*found, "match")).chain(included.map(|found| (found, "include")));
    for (i, (found, mode)) in matches.enumerate() {
        children.push(entry(world, person, address, i == 0, found, mode));
    }
    if world.does("outcome-entry") {
        children.push(dress::outcome_entry());
    }
    let mut bundle = resource("Bundle", children);
    if world.does("urn-full-urls") {
        dress::urn_full_urls(world, &mut bundle);
    }
    bundle
}

fn entry(
    world: &World,
    person: Option<&Person>,
    address: &str,
    is_first: bool,
    found: &Element,
    mode: &str,
) -> Element {
    let (kind, id) = (&found.name, found.text("id").unwrap_or_default());
    let mut served = found.clone();
    if let Some(person) = person {
        tamper::resource(world, person, is_first, &mut served);
    }
    dress::resource(world, address, &mut served);
    served.name = "resource".into();
    let full_url = tamper::full_url(world, kind, is_first, format!("{address}/{kind}/{id}"));
    let mut parts = vec![text("fullUrl", &full_url), served];
    parts.extend(dress::search(world, mode));
    object("entry", parts)
}

fn link(relation: &str, address: &str) -> Element {
    object("link", vec![text("relation", relation), text("url", address)])
}

fn key(resource: &Element) -> Option<Key> {
    Some((resource.name.clone(), resource.text("id")?.into()))
}
