//! What the resource server says of itself and of its refusals: OperationOutcome and CapabilityStatement.

use std::collections::BTreeSet;

use crate::env::Env;
use crate::fhir::Element;
use crate::fhir::ScalarKind;
use crate::simulator::dva::data::today;
use crate::simulator::dva::tree::object;
use crate::simulator::dva::tree::primitive;
use crate::simulator::dva::tree::resource;
use crate::simulator::dva::tree::text;

/// The version of the specification that the definitions in the binary are of.
pub(super) const FHIR_RELEASE: &str = "3.0.2";

/// An OperationOutcome with one issue: a code of the value set issue-type, and a text for people.
pub(super) fn outcome(code: &str, message: &str) -> Element {
    let issue = vec![text("severity", "error"), text("code", code), text("diagnostics", message)];
    resource("OperationOutcome", vec![object("issue", issue)])
}

/// The CapabilityStatement of a base that serves these types in this release of FHIR.
pub(super) fn capabilities(env: &Env, release: &str, types: &BTreeSet<String>) -> Element {
    let mut rest = vec![text("mode", "server")];
    rest.extend(
        types.iter().map(|kind| served(kind, if kind == "Binary" { &["read"] } else { &["read", "search-type"] })),
    );
    if types.contains("Observation") {
        let definition = "http://hl7.org/fhir/OperationDefinition/Observation-lastn";
        let reference = object("definition", vec![text("reference", definition)]);
        rest.push(object("operation", vec![text("name", "lastn"), reference]));
    }
    statement(env, release, rest)
}

/// The CapabilityStatement of a base that takes these types in, as a transaction.
pub(super) fn taking_capabilities(env: &Env, release: &str, types: &BTreeSet<String>) -> Element {
    let mut rest = vec![text("mode", "server")];
    rest.extend(types.iter().map(|kind| served(kind, &["create"])));
    rest.push(object("interaction", vec![text("code", "transaction")]));
    statement(env, release, rest)
}

fn served(kind: &str, interactions: &[&str]) -> Element {
    let mut children = vec![text("type", kind)];
    children.extend(interactions.iter().map(|code| object("interaction", vec![text("code", code)])));
    object("resource", children)
}

fn statement(env: &Env, release: &str, rest: Vec<Element>) -> Element {
    let software = vec![text("name", "toetsbank"), text("version", env!("CARGO_PKG_VERSION"))];
    resource(
        "CapabilityStatement",
        vec![
            text("status", "active"),
            primitive("experimental", "true", ScalarKind::Boolean),
            text("date", &today(env).to_string()),
            text("kind", "instance"),
            object("software", software),
            object("implementation", vec![text("description", "Referentie-DVA van toetsbank")]),
            text("fhirVersion", release),
            text("acceptUnknown", "no"),
            text("format", "json"),
            text("format", "xml"),
            object("rest", rest),
        ],
    )
}
