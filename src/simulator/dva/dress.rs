//! The behaviours of content: what they add to a resource or Bundle just before it is written, within what FHIR allows.

use std::collections::BTreeMap;

use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::percent_decode_str;
use percent_encoding::utf8_percent_encode;

use crate::fhir::Element;
use crate::fhir::ScalarKind;
use crate::simulator::dva::tree;
use crate::simulator::dva::tree::object;
use crate::simulator::dva::tree::primitive;
use crate::simulator::dva::tree::text;
use crate::simulator::dva::world::World;

/// Where definitions stand that nobody knows.
const UNKNOWN: &str = "http://zorgsysteem.voorbeeld.example/fhir/StructureDefinition";

/// Entries on a page when pages are small.
pub(super) const SMALL_PAGE: usize = 3;

/// Adds to a resource that is about to be served under this base.
pub(super) fn resource(world: &World, base: &str, resource: &mut Element) {
    if world.chosen.0.is_empty() {
        return;
    }
    let has_narrative = !matches!(resource.resource_type.as_deref(), Some("Binary" | "Bundle" | "Parameters"));
    if let Some(meta) = resource.children.iter_mut().find(|child| &*child.name == "meta") {
        profiles(world, meta);
        if world.does("rich-meta") {
            more_meta(meta);
        }
    }
    if has_narrative {
        let mut added = Vec::new();
        if world.does("rich-meta") && resource.child("language").is_none() && resource.child("text").is_none() {
            let div = "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Samenvatting &amp; toelichting</p></div>";
            added.push(text("language", "nl-NL"));
            added.push(object("text", vec![text("status", "generated"), text("div", div)]));
        }
        let mut extensions = Vec::new();
        if world.does("contained-resources") && resource.child("contained").is_none() {
            let mut organization =
                tree::resource("Organization", vec![text("id", "bron"), text("name", "Bronsysteem")]);
            organization.name = "contained".into();
            added.push(organization);
            let reference = object("valueReference", vec![text("reference", "#bron"), text("display", "Bronsysteem")]);
            extensions.push(object("extension", vec![text("url", &format!("{UNKNOWN}/bron")), reference]));
        }
        if world.does("unknown-extensions") {
            let url = text("url", &format!("{UNKNOWN}/verwerkt"));
            extensions.push(object("extension", vec![url, text("valueString", "ja")]));
        }
        let at = resource.children.iter().position(|child| !matches!(&*child.name, "id" | "meta" | "implicitRules"));
        let at = at.unwrap_or(resource.children.len());
        resource.children.splice(at..at, added);
        let before = ["id", "meta", "implicitRules", "language", "text", "contained"];
        let at = resource.children.iter().position(|child| !before.contains(&&*child.name));
        let at = at.unwrap_or(resource.children.len());
        resource.children.splice(at..at, extensions);
        number(resource, "extension");
        number(resource, "contained");
    }
    if world.does("absolute-references") {
        tree::walk_mut(resource, &mut |element| {
            if &*element.name == "reference"
                && let Some(value) = &mut element.value
                && tree::literal(&value.text).is_some()
                && !value.text.contains("://")
            {
                value.text = format!("{base}/{}", value.text).into();
            }
        });
    }
}

fn profiles(world: &World, meta: &mut Element) {
    if world.does("profile-with-version") {
        for profile in meta.children.iter_mut().filter(|child| &*child.name == "profile") {
            if let Some(value) = &mut profile.value {
                let version = world.definitions.structure(&value.text).and_then(|known| known.version.as_deref());
                value.text = format!("{}|{}", value.text, version.unwrap_or("1.0.0")).into();
            }
        }
    }
    let last = meta.children.iter().rposition(|child| &*child.name == "profile");
    if let Some(last) = last.filter(|_| world.does("more-profiles")) {
        meta.children.insert(last + 1, text("profile", &format!("{UNKNOWN}/eigen-profiel")));
        number(meta, "profile");
    }
}

fn more_meta(meta: &mut Element) {
    let given = |name: &str| meta.child(name).is_some();
    let first = [("versionId", "7"), ("lastUpdated", "2025-12-31T23:59:59.123+01:00")];
    let first: Vec<_> =
        first.into_iter().filter(|(name, _)| !given(name)).map(|(name, value)| text(name, value)).collect();
    let coding = |name: &str, system: &str, code: &str, display: &str| {
        object(name, vec![text("system", system), text("code", code), text("display", display)])
    };
    meta.children.splice(0..0, first);
    let security = coding("security", "http://hl7.org/fhir/v3/Confidentiality", "N", "normal");
    let at = meta.children.iter().position(|child| &*child.name == "tag").unwrap_or(meta.children.len());
    meta.children.insert(at, security);
    meta.children.push(coding("tag", "urn:oid:2.16.840.1.113883.2.4.6.7", "0320", "Cardiologie"));
    number(meta, "security");
    number(meta, "tag");
}

/// Numbers the items of a list again.
fn number(parent: &mut Element, name: &str) {
    let items = parent.children.iter_mut().filter(|child| &*child.name == name);
    for (i, item) in (0..).zip(items) {
        item.index = Some(i);
    }
}

/// The `search` of an entry; `None` when it has none.
pub(super) fn search(world: &World, mode: &str) -> Option<Element> {
    if world.does("no-search-mode") {
        return None;
    }
    Some(match world.does("search-score-without-mode") {
        true => object("search", vec![primitive("score", "0.75", ScalarKind::Number)]),
        false => object("search", vec![text("mode", mode)]),
    })
}

/// An entry that tells something about the search.
pub(super) fn outcome_entry() -> Element {
    let issue = vec![text("severity", "information"), text("code", "informational"), text("diagnostics", "Volledig")];
    let mut outcome = tree::resource("OperationOutcome", vec![object("issue", issue)]);
    outcome.name = "resource".into();
    object("entry", vec![outcome, object("search", vec![text("mode", "outcome")])])
}

/// Gives the entries of a Bundle temporary addresses, and the references among them as well.
pub(super) fn urn_full_urls(world: &World, bundle: &mut Element) {
    let mut names = BTreeMap::new();
    for entry in bundle.children.iter_mut().filter(|child| &*child.name == "entry") {
        let Some(full_url) = entry.children.iter_mut().find(|child| &*child.name == "fullUrl") else { continue };
        let Some(value) = &mut full_url.value else { continue };
        let urn = format!("urn:uuid:{}", world.env.uuid());
        if let Some((kind, id)) = tree::literal(&value.text) {
            names.insert(format!("{kind}/{id}"), urn.clone());
        }
        value.text = urn.into();
    }
    tree::walk_mut(bundle, &mut |element| {
        if &*element.name == "reference"
            && let Some(value) = &mut element.value
            && let Some(urn) = tree::literal(&value.text).and_then(|(kind, id)| names.get(&format!("{kind}/{id}")))
        {
            value.text = urn.as_str().into();
        }
    });
}

/// The parameters of a self link in another order and in another encoding, equal after decoding.
pub(super) fn self_parameters(world: &World, used: Vec<String>) -> Vec<String> {
    if !world.does("self-link-reordered") {
        return used;
    }
    let encoded = used.into_iter().rev().map(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((&parameter, ""));
        let value = value.replace('+', "%20");
        let value = percent_decode_str(&value).decode_utf8_lossy();
        format!("{name}={}", utf8_percent_encode(&value, NON_ALPHANUMERIC))
    });
    encoded.collect()
}
