//! What a provider's data can look like, all of it allowed, and a DVP has to live with. Entry point: [`change`].

use serde_json::Value;
use serde_json::json;

use crate::exchange::ELSEWHERE;
use crate::fhir;
use crate::fhir::definitions::FhirVersion;
use crate::packages::embedded;
use crate::simulator::body;
use crate::simulator::http::Received;
use crate::simulator::http::Reply;
use crate::simulator::stelsel::bare;
use crate::simulator::stelsel::twists::Twists;

/// How many entries a large Bundle has at least, when it has any.
const LARGE: usize = 300;

/// The parameter of a page that our own links have.
const PAGE: &str = "pagina";

/// Changes an answer in the way that the world deviates now, in the format that it has; what is no FHIR stays as it is.
pub(super) fn change(twists: &Twists, received: &Received, reply: &mut Reply) {
    if twists.has("resources-xml") {
        as_xml(reply);
        return;
    }
    let changes = [
        "next-link-elsewhere",
        "bundles-paged",
        "resources-unusual",
        "resources-bare",
        "outcome-in-bundles",
        "large-bundles",
    ];
    if !changes.iter().any(|name| twists.has(name)) {
        return;
    }
    let is_xml = reply.body.trim_ascii_start().starts_with(b"<");
    let Some(mut bundle) = body::as_json(&reply.body) else { return };
    if bundle.get("type").and_then(Value::as_str) != Some("searchset") {
        return;
    }
    let Some(fields) = bundle.as_object_mut() else { return };
    let is_next = |link: &Value| link.get("relation").and_then(Value::as_str) == Some("next");
    if twists.has("next-link-elsewhere")
        && let Some(links) = fields.get_mut("link").and_then(Value::as_array_mut)
        && !links.iter().any(is_next)
    {
        links.push(json!({ "relation": "next", "url": format!("https://{ELSEWHERE}/vervolg?{PAGE}=2") }));
    }
    if twists.has("bundles-paged") && !received.parameters().iter().any(|(name, _)| name == PAGE) {
        let host = received.header("host").unwrap_or_default();
        let query = if received.query.is_empty() { String::new() } else { format!("{}&", received.query) };
        let next = json!({ "relation": "next", "url": format!("https://{host}{}?{query}{PAGE}=2", received.path) });
        // A DVP that asks for pages is given a next one of ours in the place of that of the provider, which leads on from there.
        let links = fields.entry("link").or_insert_with(|| json!([]));
        links.as_array_mut().into_iter().for_each(|links| links.retain(|link| !is_next(link)));
        push(links, next);
    }
    let entries = fields.entry("entry").or_insert_with(|| json!([]));
    let searched = received.parameters();
    for resource in entries.as_array_mut().into_iter().flatten().filter_map(|entry| entry.get_mut("resource")) {
        if twists.has("resources-unusual") {
            unusual(resource);
        }
        if twists.has("resources-bare") {
            bare::strip(resource, &searched);
        }
    }
    if twists.has("large-bundles") {
        enlarge(entries);
    }
    if twists.has("outcome-in-bundles") {
        let issue = json!({ "severity": "warning", "code": "incomplete", "diagnostics": "Niet alles is opgehaald." });
        let outcome = json!({ "resourceType": "OperationOutcome", "issue": [issue] });
        push(entries, json!({ "resource": outcome, "search": { "mode": "outcome" } }));
    }
    if fields.get("entry").and_then(Value::as_array).is_some_and(Vec::is_empty) {
        fields.remove("entry");
    }
    reply.body = bundle.to_string().into_bytes();
    if is_xml {
        as_xml(reply);
    }
}

fn push(list: &mut Value, item: Value) {
    if let Some(list) = list.as_array_mut() {
        list.push(item);
    }
}

fn unusual(resource: &mut Value) {
    if resource.get("resourceType").and_then(Value::as_str) == Some("Binary") {
        return;
    }
    let Some(fields) = resource.as_object_mut() else { return };
    let nowhere = json!({ "reference": "Practitioner/bestaat-niet", "display": "Onbekend" });
    for extension in [
        json!({ "url": "https://toetsbank.example/onbekend", "valueString": "iets" }),
        json!({ "url": "https://toetsbank.example/verwijzing", "valueReference": nowhere }),
        json!({ "url": "https://toetsbank.example/bevat", "valueReference": { "reference": "#bevat", "display": "x" } }),
    ] {
        push(fields.entry("extension").or_insert_with(|| json!([])), extension);
    }
    let contained = json!({ "resourceType": "Organization", "id": "bevat", "name": "Voorbeeldpraktijk" });
    push(fields.entry("contained").or_insert_with(|| json!([])), contained);
}

/// The same entries over and over, each with an id of its own.
fn enlarge(entries: &mut Value) {
    let Some(list) = entries.as_array_mut() else { return };
    let first = list.clone();
    let mut round = 0;
    while !first.is_empty() && list.len() < LARGE {
        round += 1;
        for mut entry in first.iter().cloned() {
            if let Some(id) = entry.pointer("/resource/id").and_then(Value::as_str).map(|id| format!("{id}-{round}")) {
                let full = entry.get("fullUrl").and_then(Value::as_str).map(|url| format!("{url}-{round}"));
                if let (Some(full), Some(fields)) = (full, entry.as_object_mut()) {
                    fields.insert("fullUrl".to_owned(), Value::String(full));
                }
                if let Some(place) = entry.pointer_mut("/resource/id") {
                    *place = Value::String(id);
                }
            }
            list.push(entry);
        }
    }
}

fn as_xml(reply: &mut Reply) {
    let Ok((root, _)) = fhir::json::parse(&reply.body) else { return };
    if root.resource_type.is_none() {
        return;
    }
    let model = embedded::definitions(FhirVersion::Stu3);
    reply.body = fhir::xml::write(&root, Some(model)).into_bytes();
    for (name, value) in &mut reply.headers {
        if *name == "content-type" {
            "application/fhir+xml; fhirVersion=3.0".clone_into(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle() -> Value {
        let resource = json!({ "resourceType": "Condition", "id": "a" });
        json!({ "entry": [{ "fullUrl": "https://fhir.example/Condition/a", "resource": resource }] })
    }

    #[test]
    fn a_large_bundle_has_other_ids() {
        let mut entries = bundle()["entry"].take();
        enlarge(&mut entries);
        let ids: std::collections::BTreeSet<&str> =
            entries.as_array().unwrap().iter().map(|entry| entry["resource"]["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), LARGE);
    }

    #[test]
    fn an_unusual_resource_is_still_one() {
        let mut entries = bundle()["entry"].take();
        unusual(&mut entries[0]["resource"]);
        let text = entries[0]["resource"].to_string();
        assert!(fhir::json::parse(text.as_bytes()).is_ok());
        assert!(text.contains("bestaat-niet") && text.contains("\"contained\""));
    }
}
