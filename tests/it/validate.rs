//! The validator's own corpus: `fixtures/fhir/<keyword>/*.json`, each file with the definitions its cases need.
//!
//! A case says which issues (code and place) come of its data: all errors, and of the codes that the file lists under
//! `any_severity` also the rest, with their severity.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use serde_json::json;
use toetsbank::diag::Text;
use toetsbank::fhir::Element;
use toetsbank::fhir::Scalar;
use toetsbank::fhir::ScalarKind;
use toetsbank::fhir::definitions::DefinitionSet;
use toetsbank::fhir::definitions::FhirVersion;
use toetsbank::fhir::definitions::Layer;
use toetsbank::fhir::definitions::PackageFacts;
use toetsbank::fhir::json;
use toetsbank::fhir::terminology::Question;
use toetsbank::fhir::terminology::Reply;
use toetsbank::fhir::terminology::Source;
use toetsbank::fhir::validate::Options;
use toetsbank::fhir::validate::Severity;
use toetsbank::fhir::validate::Validator;
use toetsbank::packages::embedded;

pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "json") {
            found.push(path);
        }
    }
    found.sort();
    found
}

pub fn validator(corpus: &Value) -> Validator {
    let version = match corpus["fhir"].as_str() {
        Some("r4") => FhirVersion::R4,
        _ => FhirVersion::Stu3,
    };
    let definitions = corpus["definitions"].as_array().cloned().unwrap_or_default();
    let resources = definitions.iter().map(|one| json::parse(one.to_string().as_bytes()).unwrap().0).collect();
    let mut layers = vec![Arc::new(Layer::from_resources(PackageFacts::default(), resources).unwrap())];
    layers.extend(embedded::layers(version));
    Validator::new(Arc::new(DefinitionSet::new(version, layers)))
}

#[test]
fn every_case_gives_its_issues() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fhir");
    let (mut wrong, mut cases) = (Vec::new(), 0);
    for path in files(&folder) {
        let corpus: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let validator = validator(&corpus);
        let any_severity = corpus["any_severity"].as_array().cloned().unwrap_or_default();
        for case in corpus["tests"].as_array().unwrap() {
            cases += 1;
            let (resource, problems) = json::parse(case["data"].to_string().as_bytes()).unwrap();
            let outcome = validator.validate_read(&resource, &problems, &[], Options::default());
            let all = outcome.issues.iter().filter(|issue| {
                issue.severity == Severity::Error || any_severity.iter().any(|code| *code == issue.code)
            });
            let mut seen: Vec<String> =
                all.map(|issue| format!("{} {} {}", issue.severity.word(), issue.code, issue.place)).collect();
            seen.sort();
            seen.dedup();
            let text = |issue: &Value, name: &str| issue[name].as_str().unwrap().to_owned();
            let wanted = case["issues"].as_array().unwrap().iter();
            let severity = |issue: &Value| issue["severity"].as_str().unwrap_or("error").to_owned();
            let mut wanted: Vec<String> = wanted
                .map(|issue| format!("{} {} {}", severity(issue), text(issue, "code"), text(issue, "place")))
                .collect();
            wanted.sort();
            if seen != wanted {
                let name = path.strip_prefix(&folder).unwrap().display();
                wrong.push(format!("{name}: {}\n  wanted {wanted:?}\n  seen   {seen:?}", case["desc"]));
            }
        }
    }
    assert!(cases > 90, "only {cases} cases: is the corpus there?");
    assert!(wrong.is_empty(), "{} of {cases} cases:\n{}", wrong.len(), wrong.join("\n"));
}

/// Knows which codes of SNOMED CT are in, and not why it does not know of the others.
struct Knows;

impl Source for Knows {
    fn ask(&self, question: &Question) -> Reply {
        match &*question.code {
            "1" => Reply::Yes { display: None },
            "2" => Reply::No,
            _ => Reply::Unanswered(Text::same("asleep".to_owned())),
        }
    }
}

/// What a Questionnaire permits by a value set that no package lists: a source is asked, as for a binding.
#[test]
fn a_source_is_asked_what_a_questionnaire_permits() {
    const UNITS: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitValueSet";
    let open = json!({"resourceType": "ValueSet", "url": "https://dva.example/vs", "status": "active",
        "compose": {"include": [{"system": "http://snomed.info/sct", "filter": [
            {"property": "concept", "op": "is-a", "value": "9"}]}]}});
    let questionnaire = json!({"resourceType": "Questionnaire", "url": "https://dva.example/q", "status": "active",
        "item": [
            {"linkId": "choice", "type": "choice", "answerValueSet": "https://dva.example/vs"},
            {"linkId": "unit", "type": "quantity",
                "extension": [{"url": UNITS, "valueCanonical": "https://dva.example/vs"}]}]});
    let corpus = json!({"fhir": "r4", "definitions": [open, questionnaire]});
    let (alone, asking) = (validator(&corpus), validator(&corpus).asking(Arc::new(Knows)));
    let judge = |validator: &Validator, item: Value| {
        let response = json!({"resourceType": "QuestionnaireResponse", "questionnaire": "https://dva.example/q",
            "status": "completed", "item": [item]});
        let (resource, problems) = json::parse(response.to_string().as_bytes()).unwrap();
        let outcome = validator.validate_read(&resource, &problems, &[], Options::default());
        let issues: Vec<&str> = outcome.issues.iter().map(|issue| issue.code).collect();
        let open = outcome.not_checked.iter().filter(|one| one.code == "terminology");
        let reasons: Vec<String> = open.map(|one| one.reason.en.to_string()).collect();
        (issues.contains(&"questionnaire-value-set") || issues.contains(&"questionnaire-unit"), reasons)
    };
    for code in ["1", "2", "3"] {
        let coded = json!({"system": "http://snomed.info/sct", "code": code});
        for item in [
            json!({"linkId": "choice", "answer": [{"valueCoding": coded.clone()}]}),
            json!({"linkId": "unit", "answer": [{"valueQuantity": coded.clone()}]}),
        ] {
            let (wrong, reasons) = judge(&alone, item.clone());
            assert!(!wrong && reasons.iter().any(|reason| reason.contains("without a terminology server")), "{item}");
            let (wrong, reasons) = judge(&asking, item.clone());
            assert_eq!(wrong, code == "2", "{item}");
            assert_eq!(!reasons.is_empty(), code == "3", "{item}: {reasons:?}");
            assert!(reasons.iter().all(|reason| reason == "asleep"), "{item}: {reasons:?}");
        }
    }
}

/// Trees that no reader would make: validation gives findings, never a panic.
#[test]
fn odd_trees_do_no_harm() {
    let validator = validator(&Value::Null);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fhir");
    let mut state = 42u64;
    let mut next = move |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        usize::try_from(state >> 33).unwrap_or_default() % below.max(1)
    };
    for path in files(&folder) {
        let corpus: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        for case in corpus["tests"].as_array().unwrap() {
            let (mut resource, _) = json::parse(case["data"].to_string().as_bytes()).unwrap();
            for _ in 0..20 {
                disturb(&mut resource, &mut next);
                validator.validate(&resource, &[], Options::default());
            }
        }
    }
}

fn disturb(element: &mut Element, next: &mut impl FnMut(usize) -> usize) {
    const NAMES: &[&str] =
        &["", "é", "value", "valueé", "extension", "url", "resource", "contained", "reference", "entry", "div"];
    const TEXTS: &[&str] = &["", "#", "é", "-", "1e999", "urn:oid:", "http://", "Patient/", "2026-02-", "<", "\u{0}"];
    if !element.children.is_empty() && next(4) > 0 {
        let at = next(element.children.len());
        return disturb(&mut element.children[at], next);
    }
    match next(6) {
        0 => element.name = NAMES[next(NAMES.len())].into(),
        1 => element.value = Some(Scalar { text: TEXTS[next(TEXTS.len())].into(), kind: ScalarKind::Text }),
        2 => element.value = None,
        3 => element.resource_type = Some("Bundle".into()),
        4 => {
            let copy = element.clone();
            element.children.push(copy);
        }
        _ => element.children.clear(),
    }
}
