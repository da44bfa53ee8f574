//! Resources with only what their profile demands: all that it leaves open is left out. Entry point: [`strip`].

use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;

use crate::fhir::definitions::DefinitionSet;
use crate::fhir::definitions::FhirVersion;
use crate::fhir::definitions::StructureDefinition;
use crate::packages::embedded;

/// What every resource keeps.
const ALWAYS: [&str; 4] = ["resourceType", "id", "meta", "implicitRules"];

/// Most profiles of which one starts from the other.
const DEEPEST: usize = 8;

/// Leaves out the elements of a resource that neither its type nor its profiles demand, but for those that change the meaning
/// of others and those that a search named: a match has them.
pub(super) fn strip(resource: &mut Value, searched: &[(String, String)]) {
    let definitions = embedded::definitions(FhirVersion::Stu3);
    let Some(fields) = resource.as_object_mut() else { return };
    let Some(kind) = fields.get("resourceType").and_then(Value::as_str).map(str::to_owned) else { return };
    if kind == "Binary" {
        return;
    }
    let mut kept: BTreeSet<String> = ALWAYS.map(str::to_owned).into();
    kept.extend(searched.iter().map(|(name, _)| name.split([':', '.']).next().unwrap_or_default().to_owned()));
    if let Some(base) = definitions.type_definition(&kind) {
        kept.extend(demanded(base));
    }
    for profile in profiles(fields) {
        kept.extend(chain(definitions, &profile).into_iter().flat_map(demanded));
    }
    let contained = fields.remove("contained");
    fields.retain(|name, _| {
        let name = name.trim_start_matches('_');
        kept.iter().any(|kept| match kept.strip_suffix("[x]") {
            Some(choice) => name.strip_prefix(choice).is_some_and(|kind| kind.starts_with(char::is_uppercase)),
            None => kept == name,
        })
    });
    // What is still pointed at stays.
    if let Some(contained) = contained
        && Value::Object(fields.clone()).to_string().contains("\"reference\":\"#")
    {
        fields.insert("contained".to_owned(), contained);
    }
}

fn profiles(fields: &Map<String, Value>) -> Vec<String> {
    let named = fields.get("meta").and_then(|meta| meta.get("profile")).and_then(Value::as_array);
    named.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A profile and those that it starts from.
fn chain<'a>(definitions: &'a DefinitionSet, canonical: &str) -> Vec<&'a StructureDefinition> {
    let mut all = Vec::new();
    let mut next = definitions.structure(canonical);
    while let Some(profile) = next.filter(|_| all.len() < DEEPEST) {
        all.push(profile);
        next = profile.base.as_deref().and_then(|base| definitions.structure(base));
    }
    all
}

/// The elements directly under the root that a definition demands, or that are modifiers.
fn demanded(definition: &StructureDefinition) -> Vec<String> {
    let elements = definition.snapshot.iter().chain(&definition.differential);
    let direct = elements.filter(|element| element.path.matches('.').count() == 1);
    let is_kept =
        |min: Option<u32>, is_modifier: Option<bool>| min.is_some_and(|min| min > 0) || is_modifier == Some(true);
    direct
        .filter(|element| is_kept(element.min, element.is_modifier))
        .map(|element| element.name().to_owned())
        .collect()
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
        let profile = "http://hl7.org/fhir/StructureDefinition/vitalsigns";
        let definitions = embedded::definitions(FhirVersion::Stu3);
        let demanded: Vec<String> = chain(definitions, profile).into_iter().flat_map(demanded).collect();
        assert!(demanded.iter().any(|name| name == "category"), "{demanded:?}");
    }

    #[test]
    fn a_contained_resource_stays_while_it_is_pointed_at() {
        let resource = |subject: Value| {
            let mut resource = json!({
                "resourceType": "Condition", "id": "a", "subject": subject,
                "contained": [{ "resourceType": "Patient", "id": "p" }]
            });
            strip(&mut resource, &[]);
            resource.get("contained").is_some()
        };
        assert!(resource(json!({ "reference": "#p" })) && !resource(json!({ "reference": "Patient/1" })));
    }
}
