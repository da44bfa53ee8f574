//! Searches over a few resources with a few definitions.

use std::sync::Arc;

use crate::fhir::definitions::DefinitionSet;
use crate::fhir::definitions::FhirVersion;
use crate::fhir::definitions::Layer;
use crate::fhir::element::Element;
use crate::fhir::json;
use crate::fhir::search::SearchError;
use crate::fhir::search::Store;
use crate::fhir::search::concerns;
use crate::fhir::search::query;

fn read(text: &str) -> Element {
    json::parse(text.as_bytes()).unwrap().0
}

fn structure(name: &str, kind: &str, elements: &[(&str, &str)]) -> Element {
    let element = |(path, types): &(&str, &str)| {
        let types: Vec<String> = types.split_whitespace().map(|code| format!(r#"{{"code":"{code}"}}"#)).collect();
        format!(r#"{{"id":"{path}","path":"{path}","min":0,"max":"*","type":[{}]}}"#, types.join(","))
    };
    let root = format!(r#"{{"id":"{name}","path":"{name}","min":0,"max":"*"}}"#);
    let elements: Vec<String> = std::iter::once(root).chain(elements.iter().map(element)).collect();
    read(&format!(
        r#"{{"resourceType":"StructureDefinition","url":"http://hl7.org/fhir/StructureDefinition/{name}","name":"{name}",
        "status":"active","kind":"{kind}","abstract":false,"type":"{name}","derivation":"specialization",
        "snapshot":{{"element":[{}]}}}}"#,
        elements.join(",")
    ))
}

fn parameter(base: &str, code: &str, kind: &str, expression: &str) -> Element {
    read(&format!(
        r#"{{"resourceType":"SearchParameter","url":"http://example.org/{base}-{code}","name":"{code}","status":"active",
        "code":"{code}","base":["{base}"],"type":"{kind}","expression":"{expression}"}}"#
    ))
}

fn definitions() -> DefinitionSet {
    let definitions = vec![
        structure(
            "Observation",
            "resource",
            &[
                ("Observation.id", "id"),
                ("Observation.status", "code"),
                ("Observation.code", "CodeableConcept"),
                ("Observation.subject", "Reference"),
                ("Observation.effective[x]", "dateTime Period"),
                ("Observation.value[x]", "Quantity string"),
                ("Observation.extension", "Extension"),
            ],
        ),
        structure(
            "Patient",
            "resource",
            &[
                ("Patient.id", "id"),
                ("Patient.name", "HumanName"),
                ("Patient.active", "boolean"),
                ("Patient.generalPractitioner", "Reference"),
            ],
        ),
        structure("Extension", "complex-type", &[("Extension.url", "uri"), ("Extension.value[x]", "Period string")]),
        structure("dateTime", "primitive-type", &[]),
        parameter("Resource", "_id", "token", "id"),
        parameter("Observation", "code", "token", "Observation.code"),
        parameter("Observation", "status", "token", "Observation.status"),
        parameter("Observation", "subject", "reference", "Observation.subject"),
        parameter("Observation", "date", "date", "Observation.effective"),
        parameter("Observation", "value-quantity", "quantity", "Observation.value.as(Quantity)"),
        parameter("Observation", "use", "date", "Observation.extension('http://example.org/use')"),
        parameter("Patient", "name", "string", "Patient.name"),
        parameter("Patient", "active", "token", "Patient.active"),
        parameter("Patient", "general-practitioner", "reference", "Patient.generalPractitioner"),
    ];
    let layer = Layer::from_resources("few", definitions).unwrap();
    DefinitionSet::new(FhirVersion::Stu3, vec![Arc::new(layer)])
}

fn store(definitions: &DefinitionSet) -> Store<'_> {
    let resources = [
        r#"{"resourceType":"Patient","id":"p1","active":true,"name":[{"family":"Önsel","given":["Ali"]}],
            "generalPractitioner":[{"reference":"Practitioner/g1"}]}"#,
        r#"{"resourceType":"Patient","id":"p2","name":[{"family":"Jansen"}]}"#,
        r#"{"resourceType":"Practitioner","id":"g1"}"#,
        r#"{"resourceType":"Observation","id":"o1","status":"final","subject":{"reference":"Patient/p1"},
            "code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},
            "effectiveDateTime":"2024-03-01","valueQuantity":{"value":80.5,"unit":"kg","code":"kg"},
            "extension":[{"url":"http://example.org/use","valuePeriod":{"start":"2024-01-01"}}]}"#,
        r#"{"resourceType":"Observation","id":"o2","status":"preliminary","subject":{"reference":"https://a.example/Patient/p1"},
            "code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"effectivePeriod":{"start":"2024-05"}}"#,
        r#"{"resourceType":"Observation","id":"o3","status":"final","subject":{"reference":"Patient/p2"},
            "code":{"coding":[{"code":"local"}],"text":"lokaal"},"effectiveDateTime":"2023-12-31T23:59:59+01:00"}"#,
    ];
    Store::new(resources.into_iter().map(read).collect(), definitions)
}

fn ids(found: &[&Element]) -> Vec<String> {
    found.iter().map(|resource| resource.text("id").unwrap().to_owned()).collect()
}

/// Kind, query, the ids that match.
fn check(kind: &str, raw: &str, expect: &[&str]) {
    let definitions = definitions();
    let store = store(&definitions);
    let found = store.search(kind, &query::parse(raw), None).unwrap();
    assert_eq!(ids(&found.matches), expect, "{kind}?{raw}");
    assert!(found.unknown.is_empty(), "{:?}", found.unknown);
}

#[test]
fn tokens_match_by_system_and_code() {
    check("Observation", "code=http%3A%2F%2Floinc.org%7C29463-7", &["o1", "o2"]);
    check("Observation", "code=29463-7,local", &["o1", "o2", "o3"]);
    check("Observation", "code=http://loinc.org|", &["o1", "o2"]);
    check("Observation", "code=|local", &["o3"]);
    check("Observation", "code=|29463-7", &[]);
    check("Observation", "code:not=29463-7", &["o3"]);
    check("Observation", "code:text=LOK", &["o3"]);
    check("Observation", "status=final,preliminary&_id=o2", &["o2"]);
    check("Patient", "active=true", &["p1"]);
    check("Patient", "active:missing=true", &["p2"]);
}

#[test]
fn references_match_however_they_are_written() {
    check("Observation", "subject=p1", &["o1", "o2"]);
    check("Observation", "subject=Patient/p1", &["o1", "o2"]);
    check("Observation", "subject:Patient=p2", &["o3"]);
    check("Observation", "subject:Group=p2", &[]);
    check("Observation", "subject=https://a.example/Patient/p1", &["o1", "o2"]);
    check("Observation", "subject=https://b.example/Patient/p1", &["o1"]);
}

#[test]
fn dates_are_stretches() {
    check("Observation", "date=2024", &["o1"]);
    check("Observation", "date=ge2024-03-01", &["o1", "o2"]);
    check("Observation", "date=gt2024-03-01", &["o2"]);
    check("Observation", "date=lt2024-03-01", &["o3"]);
    check("Observation", "date=le2024-03-01", &["o1", "o3"]);
    check("Observation", "date=ge2023-01&date=le2024-03", &["o1", "o3"]);
    check("Observation", "date=sa2024-04", &["o2"]);
    check("Observation", "date=eb2024", &["o3"]);
    check("Observation", "use=ge2025-01-01", &["o1"]);
}

#[test]
fn strings_ignore_case_and_accents() {
    check("Patient", "name=ons", &["p1"]);
    check("Patient", "name:contains=ans", &["p2"]);
    check("Patient", "name:exact=jansen", &[]);
    check("Patient", "name:exact=Jansen", &["p2"]);
}

#[test]
fn quantities_compare_by_number_and_unit() {
    check("Observation", "value-quantity=80.5", &["o1"]);
    check("Observation", "value-quantity=gt80||kg", &["o1"]);
    check("Observation", "value-quantity=gt80||g", &[]);
}

#[test]
fn chains_follow_references() {
    check("Observation", "subject.name=jan", &["o3"]);
    check("Observation", "subject:Patient.name=ali", &["o1", "o2"]);
    check("Observation", "subject:Group.name=ali", &[]);
}

#[test]
fn includes_add_each_resource_once() {
    let definitions = definitions();
    let store = store(&definitions);
    let found = store.search("Observation", &query::parse("_include=Observation:subject&_count=2"), None).unwrap();
    assert_eq!(ids(&found.included), ["p1", "p2"]);
    assert_eq!(found.count, Some(2));
    let raw = "_id=o1&_include=Observation:subject:Patient&_include:recurse=Patient:general-practitioner";
    let found = store.search("Observation", &query::parse(raw), None).unwrap();
    assert_eq!(ids(&found.included), ["p1", "g1"]);
    let found = store.search("Observation", &query::parse("_include=Observation:subject:Group"), None).unwrap();
    assert!(found.included.is_empty());
}

#[test]
fn last_n_keeps_the_latest_of_each_code() {
    let definitions = definitions();
    let store = store(&definitions);
    let last = |raw: &str| ids(&store.last_n(&query::parse(raw), None).unwrap().matches);
    assert_eq!(last(""), ["o2", "o3"]);
    assert_eq!(last("max=2"), ["o2", "o1", "o3"]);
    assert_eq!(last("code=local"), ["o3"]);
    let found = store.last_n(&query::parse("code=local&_include=Observation:subject"), None).unwrap();
    assert_eq!(ids(&found.included), ["p2"]);
}

#[test]
fn what_is_unknown_is_reported_and_what_is_wrong_refused() {
    let definitions = definitions();
    let store = store(&definitions);
    let found = store.search("Observation", &query::parse("code=local&colour=red&_include=Observation:nothing"), None);
    let found = found.unwrap();
    assert_eq!(ids(&found.matches), ["o3"]);
    assert_eq!(found.unknown.iter().map(|unknown| &*unknown.name).collect::<Vec<_>>(), ["colour", "_include"]);
    assert_eq!(found.used.iter().map(|used| &*used.written).collect::<Vec<_>>(), ["code=local"]);
    let error = |raw: &str| store.search("Observation", &query::parse(raw), None).unwrap_err();
    assert!(matches!(error("date=yesterday"), SearchError::Value { .. }));
    assert!(matches!(error("code:above=x"), SearchError::Modifier { .. }));
    assert!(matches!(error("code.name=x"), SearchError::Chain { .. }));
    assert!(matches!(error("_include=Observation"), SearchError::Value { .. }));
}

#[test]
fn a_search_stays_within_what_it_may_see() {
    let definitions = definitions();
    let store = store(&definitions);
    let within = |resource: &Element| concerns(resource, "Patient", "p1");
    let found = store.search("Observation", &[], Some(&within)).unwrap();
    assert_eq!(ids(&found.matches), ["o1", "o2"]);
    let found = store.search("Patient", &query::parse("_include=Patient:general-practitioner"), Some(&within)).unwrap();
    assert_eq!((ids(&found.matches), ids(&found.included)), (vec!["p1".to_owned()], vec!["g1".to_owned()]));
}
