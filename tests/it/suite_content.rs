//! The expectations of the content suites on data that is right, and on the same data with one thing wrong.
//!
//! Answers are put together from the fixtures as a correct server would; nothing is sent.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use serde_json::json;
use toetsbank::fhir::Element;
use toetsbank::fhir::definitions::DefinitionSet;
use toetsbank::fhir::definitions::FhirVersion;
use toetsbank::fhir::json as fhir_json;
use toetsbank::fhir::path::Context;
use toetsbank::fhir::path::Expression;
use toetsbank::fhir::path::Item;
use toetsbank::fhir::path::Node;
use toetsbank::fhir::path::Temporal;
use toetsbank::fhir::search::Store;
use toetsbank::fhir::search::concerns;
use toetsbank::fhir::search::query;
use toetsbank::fhir::validate::Options;
use toetsbank::fhir::validate::Severity;
use toetsbank::fhir::validate::Validator;
use toetsbank::packages::embedded;
use toetsbank::requirement::Role;
use toetsbank::suite::Suite;
use toetsbank::suite::load;
use toetsbank::suite::model::ExpectFile;

use crate::shared;

const BASE: &str = "https://fhir.voorbeeld.example/bgz/";

fn definitions() -> &'static DefinitionSet {
    embedded::definitions(FhirVersion::Stu3)
}

fn store(folder: &Path) -> Store<'static> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let read = |file: &std::path::PathBuf| fhir_json::parse(&fs::read(file).unwrap()).unwrap().0;
    Store::new(files.iter().map(read).collect(), definitions())
}

/// What a correct server answers.
fn answer(store: &Store<'_>, request: &str, patient: &str) -> Value {
    let (path, raw) = request.split_once('?').unwrap_or((request, ""));
    let within = |resource: &Element| concerns(resource, "Patient", patient);
    let parameters = query::parse(raw);
    let found = match path {
        "Observation/$lastn" => store.last_n(&parameters, Some(&within)),
        kind => store.search(kind, &parameters, Some(&within)),
    };
    let found = found.unwrap_or_else(|error| panic!("{request}: {error}"));
    let entry = |resource: &&Element, mode: &str| {
        let written: Value = serde_json::from_str(&fhir_json::write(resource, Some(definitions()))).unwrap();
        let address =
            format!("{BASE}{}/{}", written["resourceType"].as_str().unwrap(), written["id"].as_str().unwrap());
        json!({"fullUrl": address, "resource": written, "search": {"mode": mode}})
    };
    let matches = found.matches.iter().map(|resource| entry(resource, "match"));
    let entries: Vec<Value> = matches.chain(found.included.iter().map(|resource| entry(resource, "include"))).collect();
    let mut bundle = json!({
        "resourceType": "Bundle", "type": "searchset", "total": found.matches.len(),
        "link": [{"relation": "self", "url": format!("{BASE}{request}")}],
    });
    if !entries.is_empty() {
        bundle["entry"] = Value::Array(entries);
    }
    bundle
}

/// The expectations with shared ones in their place, for one patient.
fn inlined(suite: &Suite, list: &[ExpectFile], patient: &str) -> Vec<ExpectFile> {
    let mut out = Vec::new();
    for expect in list.iter().filter(|e| e.patients.is_empty() || e.patients.iter().any(|p| p == patient)) {
        match &expect.use_file {
            Some(name) => out.extend(inlined(suite, &suite.shared[name].expect, patient)),
            None => out.push(expect.clone()),
        }
    }
    out
}

/// Rows whose expectations do not hold of an answer; what cannot be evaluated counts as one.
fn breaches(expectations: &[ExpectFile], bundle: &Value) -> BTreeSet<String> {
    let root = fhir_json::parse(bundle.to_string().as_bytes()).unwrap().0;
    let now = Temporal::from_timestamp("2026-11-25T12:00:00Z".parse().unwrap());
    let mut context = Context::new(definitions(), &root, now);
    context.variables.insert("page".into(), vec![Item::Integer(1)]);
    let kind = root.resource_type.clone().unwrap();
    let mut found = BTreeSet::new();
    for expect in expectations {
        let row = expect.verifies.clone().unwrap_or_else(|| "FLOW-35".to_owned());
        let row = &row;
        if let Some(text) = &expect.fhirpath {
            let expression = Expression::parse(text).unwrap();
            match expression.holds(Node::new(&root, &kind), &context) {
                Ok(true) => {}
                Ok(false) => drop(found.insert(row.clone())),
                Err(error) => panic!("{text}: {error}"),
            }
        }
        if let (Some(each), Some(holds)) = (&expect.each, &expect.holds) {
            let (of, must) = (Expression::parse(each).unwrap(), Expression::parse(holds).unwrap());
            for item in of.evaluate(Node::new(&root, &kind), &context).unwrap_or_else(|e| panic!("{each}: {e}")) {
                let Item::Node(node) = item else { panic!("{each} gives what has no place") };
                if !must.holds(node, &context).unwrap_or_else(|error| panic!("{holds}: {error}")) {
                    found.insert(row.clone());
                }
            }
        }
        if let Some(entries) = &expect.entries {
            let resources = bundle["entry"].as_array().into_iter().flatten().map(|entry| &entry["resource"]);
            let claims = |resource: &Value| {
                let mut profiles = resource["meta"]["profile"].as_array().into_iter().flatten();
                entries.profile.as_ref().is_none_or(|profile| profiles.any(|p| p == profile.as_str()))
            };
            let of = resources.filter(|r| r["resourceType"] == entries.r#type.as_str() && claims(r));
            let count = u32::try_from(of.count()).unwrap();
            if entries.at_least.is_some_and(|least| count < least) || entries.at_most.is_some_and(|most| count > most) {
                found.insert(row.clone());
            }
        }
    }
    found
}

/// Asks every request of a suite of right data: no expectation may be broken.
fn check_right(suite: &str, folder: &Path, patients: &[(&str, &str)]) {
    let suites = load::embedded().unwrap();
    let suite = load::find(&suites, suite).unwrap();
    let store = store(folder);
    let mut wrong = BTreeMap::new();
    for (_, scenario) in suite.scenarios.iter().filter(|(role, _)| *role == Role::Dva) {
        for (patient, id) in patients {
            let step = &scenario.steps[0];
            let request = step.get.as_deref().unwrap();
            let found = breaches(&inlined(suite, &step.expect, patient), &answer(&store, request, id));
            if !found.is_empty() {
                wrong.insert(format!("{} {request} of {patient}", scenario.id), found);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn own(set: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(set)
}

#[test]
fn own_patients_of_the_bgz_are_right() {
    check_right("bgz-3-0", &own("bgz-3-0"), &[("rich", "bgz-rich"), ("sparse", "bgz-sparse")]);
}

#[test]
fn own_patients_of_the_ggz_are_right() {
    check_right("ggz-2-0", &own("ggz-2-0"), &[("rich", "ggz-rich"), ("sparse", "ggz-sparse")]);
}

#[test]
fn official_patients_are_right() {
    let Some(shared) = shared::folder("the content suites on the official test patients") else { return };
    let sets = [
        ("bgz-3-0", "bgz-3-0/cert", "medmij-bgz-patient-ts-01", "medmij-bgz-patient-ts-02"),
        ("bgz-3-0", "bgz-3-0/test", "medmij-bgz-test-patA", "medmij-bgz-test-patB"),
        ("ggz-2-0", "ggz-2-0/cert", "XXX-Bals", "XXX-Walsen"),
    ];
    for (suite, folder, rich, sparse) in sets {
        check_right(suite, &shared.join("fixtures").join(folder), &[("rich", rich), ("sparse", sparse)]);
    }
}

/// One change to a right answer to `MedicationRequest`, and the rows that must see it.
#[test]
fn each_row_sees_its_breach() {
    type Change = fn(&mut Value);
    let changes: &[(&[&str], Change)] = &[
        (&[], |_| {}),
        (&["FHIR-02"], |b| {
            b["entry"][0]["resource"]["identifier"] =
                json!([{"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "999911120"}]);
        }),
        (&[], |b| {
            let extension =
                json!({"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"});
            b["entry"][0]["resource"]["identifier"] =
                json!([{"system": "http://fhir.nl/fhir/NamingSystem/bsn", "_value": {"extension": [extension]}}]);
        }),
        (&["FHIR-02"], |b| {
            b["link"][0]["url"] = json!("https://x.example/Patient?identifier=http://fhir.nl/fhir/NamingSystem/bsn|1")
        }),
        (&["FHIR-04"], |b| b["type"] = json!("collection")),
        (&["FHIR-04"], |b| b["link"][0]["relation"] = json!("first")),
        (&["FHIR-04"], |b| b["total"] = json!(99)),
        (&[], |b| {
            b["total"] = json!(99);
            let next = json!({"relation": "next", "url": "https://x.example/page2"});
            b["link"].as_array_mut().unwrap().push(next);
        }),
        (&["FHIR-05"], |b| b["entry"][0]["fullUrl"] = json!("MedicationRequest/1")),
        (&["FHIR-05"], |b| b["entry"][0]["fullUrl"] = json!("https://x.example/MedicationRequest/other")),
        (&["FHIR-05", "FHIR-06"], |b| {
            b["entry"][0]["fullUrl"] = json!("relative");
            b["entry"][0]["resource"].as_object_mut().unwrap().remove("id");
        }),
        (&["FHIR-07"], |b| {
            b["entry"][0]["resource"]["meta"].as_object_mut().unwrap().remove("profile");
        }),
        (&["FHIR-08"], |b| b["entry"][0]["resource"]["reasonCode"] = json!([{"text": "x", "coding": [{"code": "1"}]}])),
        (&["FHIR-08"], |b| {
            b["entry"][0]["resource"]["extension"] =
                json!([{"url": "http://x.example/e", "valueCoding": {"system": "urn:oid:1.2"}}]);
        }),
        (&["FHIR-08"], |b| {
            let coding = json!({"system": "urn:oid:2.16.840.1.113883.2.4.3.11.60.40.2.9.5.1", "code": "1"});
            b["entry"][0]["resource"]["reasonCode"] = json!([{"text": "x", "coding": [coding]}]);
        }),
        (&["FHIR-09"], |b| {
            b["entry"][0]["resource"]["reasonCode"] =
                json!([{"coding": [{"system": "http://snomed.info/sct", "code": "1"}]}]);
        }),
        (&["FHIR-10"], |b| {
            b["entry"][0]["resource"]["subject"].as_object_mut().unwrap().remove("display");
        }),
        (&["FHIR-10"], |b| {
            let contained = json!({"resourceType": "Observation", "id": "c", "subject": {"reference": "Patient/1"}});
            b["entry"][0]["resource"]["contained"] = json!([contained]);
        }),
        (&["FHIR-11"], |b| b["entry"][0]["resource"]["identifier"] = json!([{"value": "1"}])),
        // What was asked for: another category, and a medication that _include should have brought.
        (&["FLOW-35"], |b| {
            b["entry"][0]["resource"]["category"] =
                json!({"text": "x", "coding": [{"system": "http://snomed.info/sct", "code": "1", "display": "x"}]});
        }),
        (&["FLOW-35"], |b| b["entry"].as_array_mut().unwrap().retain(|entry| entry["search"]["mode"] == "match")),
        (&["FLOW-35"], |b| {
            drop(b.as_object_mut().unwrap().remove("entry").and(b.as_object_mut().unwrap().remove("total")))
        }),
        (&["FHIR-04", "FLOW-35"], |b| {
            *b = json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "processing"}]})
        }),
    ];
    let suites = load::embedded().unwrap();
    let suite = load::find(&suites, "bgz").unwrap();
    let (_, scenario) = suite.scenarios.iter().find(|(_, scenario)| scenario.id == "1.14").unwrap();
    let expectations = inlined(suite, &scenario.steps[0].expect, "rich");
    let right = answer(&store(&own("bgz-3-0")), scenario.steps[0].get.as_deref().unwrap(), "bgz-rich");
    for (i, (rows, change)) in changes.iter().enumerate() {
        let mut bundle = right.clone();
        change(&mut bundle);
        let found = breaches(&expectations, &bundle);
        assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), *rows, "change {i}");
    }
}

#[test]
fn data_of_a_patient_without_data_is_seen() {
    let suites = load::embedded().unwrap();
    let suite = load::find(&suites, "bgz").unwrap();
    let (_, scenario) = suite.scenarios.iter().find(|(_, scenario)| scenario.id == "1.3").unwrap();
    let right = answer(&store(&own("bgz-3-0")), "Condition", "bgz-rich");
    let found = breaches(&inlined(suite, &scenario.steps[0].expect, "sparse"), &right);
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["FHIR-14"]);
}

/// What a suite sends, with its variables filled in as a run does.
fn sent(suite: &Suite, name: &str) -> Element {
    let mut text = suite.fixtures[name].clone();
    let mut count = 0;
    while let Some(at) = text.find("${") {
        let end = at + text[at..].find('}').unwrap();
        count += 1;
        let value = match &text[at + 2..end] {
            "uuid" => format!("00000000-0000-4000-8000-{count:012}"),
            "patient.name" => "Willemijn \\\"van\\\" <TST> & Waterlelie".to_owned(),
            date if date.starts_with("DATE, T, ") => "2026-01-15".to_owned(),
            other => panic!("{name}: `{other}`"),
        };
        text.replace_range(at..=end, &value);
    }
    fhir_json::parse(text.as_bytes()).unwrap().0
}

/// What we send is right by the profiles that it claims, and by what the official scripts ask of a DVP that sends.
#[test]
fn what_the_suites_send_is_right() {
    let suites = load::embedded().unwrap();
    let validator =
        Validator::new(Arc::new(DefinitionSet::new(FhirVersion::Stu3, embedded::layers(FhirVersion::Stu3))));
    let asked = [
        "type = 'transaction'",
        "entry.all(request.method = 'POST' and request.url.exists() and resource.id.empty())",
        "entry.fullUrl.all(matches('^urn:uuid:[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}$'))",
        "entry.fullUrl.count() = entry.count() and entry.fullUrl.isDistinct()",
        "entry.resource.where(($this is Binary).not()).all(meta.profile.exists())",
    ];
    let mut count = 0;
    for suite in &suites {
        for name in suite.fixtures.keys() {
            count += 1;
            let root = sent(suite, name);
            let outcome = validator.validate(&root, &[], Options::default());
            let wrong: Vec<_> = outcome.issues.iter().filter(|issue| issue.severity != Severity::Information).collect();
            assert!(wrong.is_empty(), "{name}: {wrong:#?}");
            let context =
                Context::new(definitions(), &root, Temporal::from_timestamp("2026-01-15T12:00:00Z".parse().unwrap()));
            for text in asked {
                let holds = Expression::parse(text).unwrap().holds(Node::new(&root, "Bundle"), &context).unwrap();
                assert!(holds, "{name}: {text}");
            }
            let written: Value = serde_json::from_str(&fhir_json::write(&root, Some(definitions()))).unwrap();
            let rows = breaches(&suite.shared["_shared/bundle-resources"].expect, &written);
            assert!(rows.is_empty(), "{name}: {rows:?}");
        }
    }
    assert_eq!(count, 2);
}
