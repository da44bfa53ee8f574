//! FHIR search on the official test patients: the counts that the official scripts ask for.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use toetsbank::fhir::Element;
use toetsbank::fhir::definitions::DefinitionSet;
use toetsbank::fhir::definitions::FhirVersion;
use toetsbank::fhir::definitions::Layer;
use toetsbank::fhir::json;
use toetsbank::fhir::search::SearchResult;
use toetsbank::fhir::search::Store;
use toetsbank::fhir::search::concerns;
use toetsbank::fhir::search::query;

use crate::shared;

fn definitions(shared: &Path) -> DefinitionSet {
    let layers = ["nictiz.fhir.nl.stu3.zib2017-2.2.18.tgz", "hl7.fhir.r3.core-3.0.2.tgz"].map(|file| {
        let files = shared::package(&shared.join("fhir").join(file), &["StructureDefinition-", "SearchParameter-"]);
        let resources: Vec<Element> = files.iter().map(|(_, text)| json::parse(text).unwrap().0).collect();
        Arc::new(Layer::from_resources(file, resources).unwrap())
    });
    DefinitionSet::new(FhirVersion::Stu3, layers.into())
}

fn store<'d>(shared: &Path, set: &str, definitions: &'d DefinitionSet) -> Store<'d> {
    let mut files: Vec<_> =
        fs::read_dir(shared.join("fixtures").join(set)).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let read = |file: &std::path::PathBuf| {
        let text = fs::read_to_string(file).unwrap();
        json::parse(with_dates(&text).as_bytes()).unwrap_or_else(|error| panic!("{}: {error:?}", file.display())).0
    };
    Store::new(files.iter().map(read).collect(), definitions)
}

/// Resolves `${DATE, T, D, -7}` for the day on which the counts below were made.
fn with_dates(text: &str) -> String {
    let pattern = regex::Regex::new(r"\$\{DATE, *T, *([DMY]), *([+-]?\d+)\}").unwrap();
    let today = jiff::civil::date(2026, 11, 25);
    let resolve = |found: &regex::Captures<'_>| {
        let amount: i64 = found[2].trim_start_matches('+').parse().unwrap();
        let span = match &found[1] {
            "D" => jiff::Span::new().days(amount),
            "M" => jiff::Span::new().months(amount),
            _ => jiff::Span::new().years(amount),
        };
        today.checked_add(span).unwrap().to_string()
    };
    pattern.replace_all(text, resolve).into_owned()
}

fn search<'s>(store: &'s Store<'_>, request: &str, patient: &str) -> SearchResult<'s> {
    let (path, raw) = request.split_once('?').unwrap_or((request, ""));
    let raw = with_dates(raw);
    let within = |resource: &Element| concerns(resource, "Patient", patient);
    let parameters = query::parse(&raw);
    let found = match path {
        "Observation/$lastn" => store.last_n(&parameters, Some(&within)),
        kind => store.search(kind, &parameters, Some(&within)),
    };
    let found = found.unwrap_or_else(|error| panic!("{request}: {error}"));
    assert!(found.unknown.is_empty(), "{request}: {:?}", found.unknown);
    found
}

/// `Observation 4, Specimen 1`
fn counts(found: &SearchResult<'_>) -> String {
    let mut counts = std::collections::BTreeMap::new();
    for resource in found.matches.iter().chain(&found.included) {
        *counts.entry(resource.resource_type.as_deref().unwrap()).or_insert(0) += 1;
    }
    counts.iter().map(|(kind, count)| format!("{kind} {count}")).collect::<Vec<_>>().join(", ")
}

/// Puts each request to each patient. A row of `expected` belongs to one request and has the counts of each patient.
fn check(set: &str, patients: &[&str], requests: &[&str], expected: &[&[&str]]) {
    let Some(shared) = shared::folder("search on the official test patients") else { return };
    let definitions = definitions(&shared);
    let store = store(&shared, set, &definitions);
    assert_eq!(requests.len(), expected.len());
    let mut wrong = Vec::new();
    for (request, expected) in requests.iter().zip(expected) {
        for (patient, expect) in patients.iter().zip(*expected) {
            let seen = counts(&search(&store, request, patient));
            if seen != *expect {
                wrong.push(format!("{request} of {patient}: expected `{expect}`, seen `{seen}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // A second time, with all parameters parsed.
    let start = Instant::now();
    for request in requests {
        for patient in patients {
            search(&store, request, patient);
        }
    }
    println!("{set}: {} searches in {:?}", requests.len() * patients.len(), start.elapsed());
}

const BGZ: [&str; 28] = [
    "AllergyIntolerance",
    "Appointment?status=booked,pending,proposed",
    "Condition",
    "Consent?category=http://snomed.info/sct|11291000146105",
    "Consent?category=http://snomed.info/sct|11341000146107",
    "Coverage?_include=Coverage:payor:Patient&_include=Coverage:payor:Organization",
    "DeviceRequest?status=active&_include=DeviceRequest:device",
    "DeviceUseStatement?_include=DeviceUseStatement:device",
    "Encounter?class=http://hl7.org/fhir/v3/ActCode|IMP,http://hl7.org/fhir/v3/ActCode|ACUTE,http://hl7.org/fhir/v3/ActCode|NONAC",
    "Flag",
    "Immunization?status=completed",
    "ImmunizationRecommendation",
    "MedicationDispense?category=http://snomed.info/sct|422037009&_include=MedicationDispense:medication",
    "MedicationRequest?category=http://snomed.info/sct|16076005&_include=MedicationRequest:medication",
    "MedicationStatement?category=urn:oid:2.16.840.1.113883.2.4.3.11.60.20.77.5.3|6&_include=MedicationStatement:medication",
    "NutritionOrder",
    "Observation/$lastn?category=http://snomed.info/sct|118228005,http://snomed.info/sct|384821006",
    "Observation/$lastn?category=http://snomed.info/sct|275711006&_include=Observation:related-target&_include=Observation:specimen",
    "Observation/$lastn?code=http://loinc.org|29463-7",
    "Observation/$lastn?code=http://loinc.org|8302-2,http://loinc.org|8306-3,http://loinc.org|8308-9",
    "Observation/$lastn?code=http://loinc.org|85354-9",
    "Observation/$lastn?code=http://snomed.info/sct|365508006",
    "Observation?code=http://snomed.info/sct|228273003",
    "Observation?code=http://snomed.info/sct|228366006",
    "Observation?code=http://snomed.info/sct|365980008",
    "Patient?_include=Patient:general-practitioner",
    "Procedure?category=http://snomed.info/sct|387713003",
    "ProcedureRequest?status=active",
];

const GGZ: [&str; 18] = [
    "CarePlan?category=http://snomed.info/sct|243114000",
    "CareTeam?_include=CareTeam:participant",
    "Condition",
    "Consent?category=http://snomed.info/sct|11291000146105",
    "Consent?category=http://snomed.info/sct|11341000146107",
    "Coverage?_include=Coverage:payor:Patient&_include=Coverage:payor:Organization",
    "DiagnosticReport",
    "Observation/$lastn?category=http://snomed.info/sct|275711006&_include=Observation:related-target&_include=Observation:specimen",
    "Observation/$lastn?code=http://snomed.info/sct|365508006",
    "Observation?category=http://hl7.org/fhir/observation-category|survey",
    "Observation?category=http://snomed.info/sct|118228005,http://snomed.info/sct|384821006",
    "Observation?code=http://snomed.info/sct|228273003",
    "Observation?code=http://snomed.info/sct|228366006",
    "Observation?code=http://snomed.info/sct|314845004",
    "Observation?code=http://snomed.info/sct|365470003",
    "Observation?code=http://snomed.info/sct|365980008",
    "Patient?_include=Patient:general-practitioner",
    "Procedure",
];

const PDFA: [&str; 5] = [
    "DocumentManifest?status=current",
    "DocumentManifest?status=current&created=ge${DATE, T, D,-365}&created=le${DATE, T, D,-60}",
    "DocumentReference?indexed=ge${DATE, T, D,-730}&indexed=le${DATE, T, D,-365}&status=current",
    "DocumentReference?status=current",
    "DocumentReference?status=current&indexed=ge${DATE, T, D, -730}&indexed=le${DATE, T, D, -365}",
];

#[test]
fn bgz_certification() {
    check(
        "bgz-3-0/cert",
        &["medmij-bgz-patient-ts-01", "medmij-bgz-patient-ts-02"],
        &BGZ,
        &[
            &["AllergyIntolerance 1", ""],
            &["Appointment 1", ""],
            &["Condition 6", ""],
            &["Consent 1", ""],
            &["Consent 1", ""],
            &["Coverage 2, Organization 1, Patient 1", ""],
            &["Device 1, DeviceRequest 1", ""],
            &["Device 2, DeviceUseStatement 2", ""],
            &["Encounter 2", ""],
            &["Flag 1", ""],
            &["Immunization 1", ""],
            &["ImmunizationRecommendation 1", ""],
            &["Medication 1, MedicationDispense 1", ""],
            &["Medication 1, MedicationRequest 1", ""],
            &["Medication 1, MedicationStatement 1", ""],
            &["NutritionOrder 1", ""],
            &["Observation 1", ""],
            &["Observation 1, Specimen 1", ""],
            &["Observation 1", ""],
            &["Observation 1", ""],
            &["Observation 1", ""],
            &["Observation 1", ""],
            &["Observation 1", ""],
            &["Observation 1", ""],
            &["Observation 1", ""],
            &["Patient 1, Practitioner 1", "Patient 1"],
            &["Procedure 2", ""],
            &["ProcedureRequest 1", ""],
        ],
    );
}

#[test]
fn bgz_test() {
    check(
        "bgz-3-0/test",
        &["medmij-bgz-test-patA", "medmij-bgz-test-patB"],
        &BGZ,
        &[
            &["AllergyIntolerance 1", ""],
            &["Appointment 1", ""],
            &["Condition 5", ""],
            &["Consent 1", ""],
            &["Consent 1", ""],
            &["Coverage 2, Organization 1", "Coverage 1"],
            &["", ""],
            &["Device 1, DeviceUseStatement 1", ""],
            &["Encounter 3", ""],
            &["Flag 1", ""],
            &["Immunization 2", ""],
            &["ImmunizationRecommendation 1", ""],
            &["Medication 2, MedicationDispense 2", ""],
            &["Medication 2, MedicationRequest 2", ""],
            &["Medication 2, MedicationStatement 2", ""],
            &["NutritionOrder 1", ""],
            &["Observation 1", ""],
            &["Observation 4, Specimen 2", ""],
            &["Observation 1", ""],
            &["Observation 1", ""],
            &["Observation 1", ""],
            &["Observation 1", ""],
            &["Observation 1", ""],
            &["Observation 1", ""],
            &["Observation 2", ""],
            &["Patient 1, Practitioner 1", "Patient 1, Practitioner 1"],
            &["Procedure 1", ""],
            &["ProcedureRequest 1", ""],
        ],
    );
}

#[test]
fn ggz_certification() {
    check(
        "ggz-2-0/cert",
        &["XXX-Bals", "XXX-Walsen"],
        &GGZ,
        &[
            &["CarePlan 1", ""],
            &["CareTeam 1, Practitioner 3", ""],
            &["Condition 1", ""],
            &["Consent 1", ""],
            &["Consent 1", ""],
            &["Coverage 1, Organization 1", ""],
            &["DiagnosticReport 1", ""],
            &["Observation 3, Specimen 1", ""],
            &["Observation 1", ""],
            &["Observation 14", ""],
            &["Observation 2", ""],
            &["Observation 1", ""],
            &["Observation 1", ""],
            &["Observation 1", ""],
            &["Observation 1", ""],
            &["Observation 1", ""],
            &["Patient 1, Practitioner 1", "Patient 1"],
            &["Procedure 1", ""],
        ],
    );
}

#[test]
fn documents_certification() {
    check(
        "pdfa-3-0/cert",
        &["example-pdfa-kwalificatie1", "example-pdfa-kwalificatie2", "example-pdfa-kwalificatie3"],
        &PDFA,
        &[
            &["", "DocumentManifest 2", "DocumentManifest 2"],
            &["", "DocumentManifest 1", ""],
            &["", "", ""],
            &["DocumentReference 3", "DocumentReference 1", "DocumentReference 2"],
            &["", "", ""],
        ],
    );
}
