//! The planted defects of content: what they change in a resource or Bundle just before it is written.

use crate::fhir::Element;
use crate::fhir::ScalarKind;
use crate::simulator::dva::outcome;
use crate::simulator::dva::store::BSN;
use crate::simulator::dva::tree::object;
use crate::simulator::dva::tree::primitive;
use crate::simulator::dva::tree::text;
use crate::simulator::dva::world::Person;
use crate::simulator::dva::world::SOURCE_HOST;
use crate::simulator::dva::world::World;

/// Changes a resource that is about to be served to a person: only the first of an answer, so that one thing is wrong.
pub(super) fn resource(world: &World, person: &Person, is_first: bool, resource: &mut Element) {
    if world.planted.0.is_empty() || !is_first {
        return;
    }
    match resource.resource_type.as_deref() {
        Some("Patient") if world.has("bsn-in-patient") => show_bsn(resource, &person.bsn),
        Some("AllergyIntolerance") => {
            if world.has("resource-without-id") {
                remove(resource, "id");
            }
            if world.has("profile-missing")
                && let Some(meta) = child(resource, "meta")
            {
                remove(meta, "profile");
                if meta.children.is_empty() {
                    remove(resource, "meta");
                }
            }
            if world.has("wrong-code") {
                set(resource, "criticality", "zeer-ernstig");
            }
            if world.has("coding-without-system")
                && let Some(meta) = child(resource, "meta")
            {
                let mut tag = object("tag", vec![text("code", "0320"), text("display", "Zorgsoort")]);
                tag.index = Some(0);
                meta.children.push(tag);
            }
        }
        Some("Flag") if world.has("wrong-cardinality") => remove(resource, "code"),
        Some("Condition") => {
            if world.has("concept-without-display")
                && let Some(code) = child(resource, "code")
            {
                remove(code, "text");
                for coding in code.children.iter_mut().filter(|child| &*child.name == "coding") {
                    remove(coding, "display");
                }
            }
            if world.has("reference-without-display")
                && let Some(subject) = child(resource, "subject")
            {
                remove(subject, "display");
            }
            if world.has("identifier-without-system") {
                match child(resource, "identifier") {
                    Some(identifier) => {
                        remove(identifier, "system");
                        remove(identifier, "type");
                    }
                    None => {
                        let mut identifier = object("identifier", vec![text("value", "1")]);
                        identifier.index = Some(0);
                        resource.children.push(identifier);
                    }
                }
            }
        }
        _ => {}
    }
}

/// The parameters of a self link, from those that took part in the search.
pub(super) fn self_parameters(world: &World, person: &Person, used: Vec<String>) -> Vec<String> {
    let mut parameters = if world.has("self-link-without-parameters") { Vec::new() } else { used };
    if world.has("bsn-in-self-link") {
        parameters.push(format!("bsn={}", person.bsn));
    }
    parameters
}

/// The `fullUrl` of an entry, given the right one; only that of the first is wrong.
pub(super) fn full_url(world: &World, kind: &str, is_first: bool, right: String) -> String {
    if is_first && kind == "Procedure" && world.has("full-url-on-source-system") {
        return right.replacen(&world.names.resource, SOURCE_HOST, 1);
    }
    match is_first && kind == "Condition" && world.has("full-url-contradicts-id") {
        true => format!("{right}-ander"),
        false => right,
    }
}

/// The `total` of a Bundle, given the right one.
pub(super) fn total(world: &World, right: usize) -> Element {
    let total = if world.has("total-too-high") { right + 1 } else { right };
    primitive("total", &total.to_string(), ScalarKind::Number)
}

/// Changes the answer to a transaction.
pub(super) fn transaction(world: &World, person: &Person, answer: &mut Element) {
    if world.planted.0.is_empty() {
        return;
    }
    if world.has("transaction-answer-of-other-type") {
        answer
            .children
            .iter_mut()
            .filter(|child| &*child.name == "type")
            .for_each(|kind| *kind = text("type", "batch-response"));
    }
    let is_of = |entry: &Element, kind: &str| {
        entry.child("resource").is_some_and(|resource| resource.resource_type.as_deref() == Some(kind))
    };
    if world.has("transaction-entry-left-out") {
        answer.children.retain(|entry| !is_of(entry, "DocumentManifest"));
    }
    if world.has("transaction-entries-reversed") {
        let start = answer.children.iter().position(|child| &*child.name == "entry").unwrap_or_default();
        if let Some(entries) = answer.children.get_mut(start..) {
            entries.reverse();
        }
    }
    let first = |answer: &mut Element, kind: &str, change: &dyn Fn(&mut Element)| {
        answer.children.iter_mut().filter(|entry| is_of(entry, kind)).take(1).for_each(change);
    };
    if world.has("transaction-partly-refused") {
        first(answer, "Binary", &|entry| {
            remove(entry, "resource");
            remove(entry, "response");
            let mut outcome = outcome::outcome("business-rule", "this document is too large");
            outcome.name = "outcome".into();
            entry.children.push(object("response", vec![text("status", "422 Unprocessable Entity"), outcome]));
        });
    }
    if world.has("transaction-entry-without-status") {
        first(answer, "DocumentReference", &|entry| {
            child(entry, "response").into_iter().for_each(|response| remove(response, "status"));
        });
    }
    if world.has("shared-profile-dropped") {
        first(answer, "DocumentReference", &|entry| {
            let meta = child(entry, "resource").and_then(|resource| child(resource, "meta"));
            meta.into_iter().for_each(|meta| remove(meta, "profile"));
        });
    }
    if world.has("shared-bsn-shown") {
        first(answer, "Patient", &|entry| {
            child(entry, "resource").into_iter().for_each(|patient| show_bsn(patient, &person.bsn));
        });
    }
}

fn show_bsn(patient: &mut Element, bsn: &str) {
    for identifier in patient.children.iter_mut().filter(|child| &*child.name == "identifier") {
        if identifier.text("system") == Some(BSN) {
            remove(identifier, "value");
            identifier.children.push(text("value", bsn));
            return;
        }
    }
    let count = patient.all("identifier").count();
    let mut identifier = object("identifier", vec![text("system", BSN), text("value", bsn)]);
    identifier.index = u32::try_from(count).ok();
    patient.children.push(identifier);
}

fn child<'a>(element: &'a mut Element, name: &str) -> Option<&'a mut Element> {
    element.children.iter_mut().find(|child| &*child.name == name)
}

fn remove(element: &mut Element, name: &str) {
    element.children.retain(|child| &*child.name != name);
}

fn set(element: &mut Element, name: &str, value: &str) {
    remove(element, name);
    element.children.push(text(name, value));
}
