//! Resources with only what their profile demands: all that it leaves open is left out. Entry point: [`strip`].

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde_json::Map;
use serde_json::Value;

use crate::fhir::definitions::FhirVersion;
use crate::fhir::element::type_of_choice;
use crate::fhir::json;
use crate::fhir::snapshot::Node;
use crate::fhir::validate::Options;
use crate::fhir::validate::Severity;
use crate::fhir::validate::Validator;
use crate::packages::embedded;

/// What every resource keeps.
const ALWAYS: [&str; 4] = ["resourceType", "id", "meta", "implicitRules"];

/// Leaves out the elements of a resource that neither its type nor its profiles demand, but for those that change the meaning
/// of others, those that a search named (a match has them), and those without which the resource breaks a rule that it kept.
pub(super) fn strip(resource: &mut Value, searched: &[(String, String)]) {
    let Some(fields) = resource.as_object() else { return };
    let Some(kind) = fields.get("resourceType").and_then(Value::as_str).filter(|kind| *kind != "Binary") else {
        return;
    };
    let kept = kept(fields, kind, searched);
    let is_kept = |name: &str| {
        kept.iter().any(|kept| match kept.strip_suffix("[x]") {
            Some(choice) => type_of_choice(name, choice).is_some(),
            None => kept == name,
        })
    };
    let open: BTreeSet<&str> = fields.keys().map(|name| name.trim_start_matches('_')).filter(|n| !is_kept(n)).collect();
    let most = flaws(resource);
    let mut bare = without(fields, &open);
    if flaws(&bare) > most {
        let mut gone = BTreeSet::new();
        for name in open {
            gone.insert(name);
            if flaws(&without(fields, &gone)) > most {
                gone.remove(name);
            }
        }
        bare = without(fields, &gone);
    }
    *resource = bare;
}

/// The names of the elements that stay whatever the rules ask.
fn kept(fields: &Map<String, Value>, kind: &str, searched: &[(String, String)]) -> BTreeSet<String> {
    let mut kept: BTreeSet<String> = ALWAYS.map(str::to_owned).into();
    kept.extend(searched.iter().map(|(name, _)| name.split([':', '.']).next().unwrap_or_default().to_owned()));
    kept.extend(demanded(&format!("http://hl7.org/fhir/StructureDefinition/{kind}")));
    kept.extend(profiles(fields).iter().flat_map(|profile| demanded(profile)));
    kept
}

fn without(fields: &Map<String, Value>, gone: &BTreeSet<&str>) -> Value {
    let stay = fields.iter().filter(|(name, _)| !gone.contains(name.trim_start_matches('_')));
    Value::Object(stay.map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn validator() -> &'static Validator {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    VALIDATOR.get_or_init(|| Validator::new(embedded::shared(FhirVersion::Stu3).clone()))
}

/// How often a resource breaks a rule of its type or its profiles, invariants and advice among them.
fn flaws(resource: &Value) -> usize {
    let Ok((root, _)) = json::parse(resource.to_string().as_bytes()) else { return usize::MAX };
    let issues = validator().validate(&root, &[], Options::default()).issues;
    issues.iter().filter(|issue| issue.severity != Severity::Information).count()
}

fn profiles(fields: &Map<String, Value>) -> Vec<String> {
    let named = fields.get("meta").and_then(|meta| meta.get("profile")).and_then(Value::as_array);
    named.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The elements directly under the root that a definition demands, or that are modifiers.
fn demanded(canonical: &str) -> Vec<String> {
    let Ok(snapshot) = validator().schemas().snapshots().of(canonical) else { return Vec::new() };
    let is_kept =
        |node: &Node| node.definition.min.is_some_and(|min| min > 0) || node.definition.is_modifier == Some(true);
    let direct = snapshot.root.children.iter().filter(|node| is_kept(node) || node.slices.iter().any(is_kept));
    direct.map(|node| node.name.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_demanded_stays_and_the_rest_goes() {
        let mut resource = json!({
            "resourceType": "Observation", "id": "a", "status": "final", "comment": "x", "valueString": "y",
            "code": { "text": "z" }, "category": [{ "text": "c" }], "text": { "status": "generated" }
        });
        strip(&mut resource, &[("category".to_owned(), "c".to_owned())]);
        let names: Vec<&str> = resource.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            names.into_iter().collect::<BTreeSet<_>>(),
            ["category", "code", "id", "resourceType", "status"].into()
        );
    }

    #[test]
    fn what_a_profile_demands_stays() {
        let demanded = demanded("http://hl7.org/fhir/StructureDefinition/vitalsigns");
        assert!(demanded.iter().any(|name| name == "category"), "{demanded:?}");
    }

    #[test]
    fn what_an_invariant_asks_stays() {
        let mut resource = json!({
            "resourceType": "Appointment", "id": "a", "status": "booked", "comment": "x",
            "start": "2026-01-15T10:00:00Z", "end": "2026-01-15T10:15:00Z",
            "participant": [{ "actor": { "display": "A" }, "status": "accepted" }]
        });
        strip(&mut resource, &[]);
        let names: Vec<&str> = resource.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["resourceType", "id", "status", "start", "end", "participant"]);
    }

    #[test]
    fn a_contained_resource_stays_while_it_is_pointed_at() {
        let resource = |subject: Value| {
            let mut resource = json!({
                "resourceType": "Condition", "id": "a", "clinicalStatus": "active", "subject": subject,
                "contained": [{ "resourceType": "Patient", "id": "p" }]
            });
            strip(&mut resource, &[]);
            resource.get("contained").is_some()
        };
        assert!(resource(json!({ "reference": "#p" })) && !resource(json!({ "reference": "Patient/1" })));
    }
}
