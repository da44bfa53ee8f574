//! Agreement with the HL7 engine on Dutch resources: the same verdict, or a reviewed difference.
//!
//! `fixtures/agreement-differences.csv` has each difference with its reason: the place in the text of FHIR or in the profile that
//! proves us right. A difference that is not on it fails, and so does one on it that vanished.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::fs::File;
use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use flate2::read::GzDecoder;
use serde_json::Value;
use toetsbank::fhir::definitions::DefinitionSet;
use toetsbank::fhir::definitions::FhirVersion;
use toetsbank::fhir::json;
use toetsbank::fhir::validate::Options;
use toetsbank::fhir::validate::Severity;
use toetsbank::fhir::validate::Validator;
use toetsbank::packages;
use toetsbank::packages::embedded;

use crate::shared;

/// The sets of the corpus with their packages, as its README tells.
pub const SETS: [(&str, FhirVersion, &[&str]); 3] = [
    (
        "stu3",
        FhirVersion::Stu3,
        &[
            "stu3.zib2017-2.2.18",
            "stu3.eafspraak-1.0.6",
            "stu3.questionnaires-2.0.8",
            "stu3.eoverdracht-1.0.0-rc.23",
            "stu3.images-1.0.3",
        ],
    ),
    (
        "r4-0.11",
        FhirVersion::R4,
        &[
            "r4.zib2020-0.11.0-beta.1",
            "r4.nl-core-0.11.0-beta.1",
            "r4.medicationprocess9-2.0.0-rc.7",
            "r4.vaccinationimmunization-2.0.0",
        ],
    ),
    ("r4-0.12", FhirVersion::R4, &["r4.zib2020-0.12.0-beta.4", "r4.nl-core-0.12.0-beta.4"]),
];

/// The least share of equal verdicts in each set, and of errors at or right beside the engine's place.
const VERDICTS: f64 = 0.98;
const PLACES: f64 = 0.95;

/// What the engine said of one resource.
struct Reference {
    is_valid: bool,
    is_mutant: bool,
    places: BTreeSet<String>,
}

/// What we say of one resource.
struct Judged {
    id: String,
    is_valid: bool,
    places: BTreeSet<String>,
}

#[test]
fn every_difference_with_the_engine_is_reviewed() {
    let Some(folder) = shared::folder("agreement with the HL7 engine") else { return };
    let reviewed = reviewed();
    let mut seen: BTreeMap<(String, String), (bool, bool)> = BTreeMap::new();
    let (mut near, mut compared, mut wrong) = (0, 0, Vec::new());
    for (set, version, names) in SETS {
        let reference = reference(&folder, set);
        let judged = judge(&folder, set, version, names, &reference);
        assert_eq!(judged.len(), reference.len(), "{set}: not every resource is there");
        let mut same = 0;
        for one in &judged {
            let engine = &reference[&one.id];
            if one.is_valid != engine.is_valid {
                seen.insert((set.to_owned(), one.id.clone()), (one.is_valid, engine.is_valid));
                if !engine.is_mutant && engine.is_valid {
                    wrong.push(format!("{set} {}: an original is accused at {:?}", one.id, one.places));
                }
                continue;
            }
            same += 1;
            if !one.is_valid && !engine.places.is_empty() {
                compared += 1;
                near += usize::from(engine.places.iter().any(|a| one.places.iter().any(|b| is_near(a, b))));
            }
        }
        let share = f64::from(same) / judged.len() as f64;
        println!("{set}: same verdict for {same} of {}", judged.len());
        if share < VERDICTS {
            wrong.push(format!("{set}: only {:.1} % the same verdict", share * 100.0));
        }
    }
    println!("an error at or beside the place of the engine: {near} of {compared}");
    if (near as f64) < PLACES * f64::from(compared) {
        wrong.push(format!("only {near} of {compared} with an error at or beside the place of the engine"));
    }
    for (key, (ours, engine)) in &seen {
        match reviewed.get(key) {
            Some(listed) if listed == &(*ours, *engine) => {}
            _ => {
                wrong.push(format!("{} {}: valid by us {ours}, by the engine {engine}: not on the list", key.0, key.1))
            }
        }
    }
    for key in reviewed.keys().filter(|key| !seen.contains_key(*key)) {
        wrong.push(format!("{} {}: on the list, but there is no difference any more", key.0, key.1));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn each_reviewed_difference_has_a_reason() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/agreement-differences.csv");
    for row in csv::Reader::from_path(file).unwrap().records() {
        let row = row.unwrap();
        assert!(row.len() == 6 && row[5].contains(".html"), "no place in the text of FHIR: {row:?}");
        assert_ne!(row[3], row[4], "no difference: {row:?}");
    }
}

/// By set and id: whether it is valid by us and by the engine.
fn reviewed() -> BTreeMap<(String, String), (bool, bool)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/agreement-differences.csv");
    let rows = csv::Reader::from_path(file).unwrap().into_records();
    rows.map(|row| {
        let row = row.unwrap();
        ((row[0].to_owned(), row[1].to_owned()), (&row[3] == "valid", &row[4] == "valid"))
    })
    .collect()
}

/// The verdicts of the engine that need nothing from outside.
fn reference(folder: &Path, set: &str) -> HashMap<String, Reference> {
    let outcomes = lines(&folder.join("corpus/hl7-engine/outcomes.jsonl.gz"));
    let decided = outcomes.filter(|one| one["set"] == set && one["verdict"] != "undecided");
    decided
        .map(|one| {
            let errors = one["errors"].as_array().into_iter().flatten().filter(|error| error["needs"].is_null());
            let reference = Reference {
                is_valid: one["verdict"] == "valid",
                is_mutant: !one["mutation"].is_null(),
                places: errors.map(|error| plain(error["place"].as_str().unwrap_or_default())).collect(),
            };
            (one["id"].as_str().unwrap().to_owned(), reference)
        })
        .collect()
}

/// Judges the resources of a set on all cores.
fn judge(
    folder: &Path,
    set: &str,
    version: FhirVersion,
    names: &[&str],
    reference: &HashMap<String, Reference>,
) -> Vec<Judged> {
    let file = |name: &&str| folder.join("fhir").join(format!("nictiz.fhir.nl.{name}.tgz"));
    let mut layers: Vec<_> = names.iter().map(|name| Arc::new(packages::open(&file(name)).unwrap())).collect();
    layers.extend(embedded::layers(version));
    let validator = &Validator::new(Arc::new(DefinitionSet::new(version, layers)));
    let all = lines(&folder.join("corpus/hl7-engine/resources.jsonl.gz"));
    let all = all.filter(|one| one["set"] == set && reference.contains_key(one["id"].as_str().unwrap()));
    let resources: Vec<Value> = all.collect();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let parts: Vec<_> = resources
            .chunks(resources.len().div_ceil(cores).max(1))
            .map(|part| scope.spawn(move || part.iter().map(|one| judge_one(validator, one)).collect::<Vec<_>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    })
}

fn judge_one(validator: &Validator, one: &Value) -> Judged {
    let (resource, problems) = json::parse(one["resource"].to_string().as_bytes()).unwrap();
    let outcome = validator.validate_read(&resource, &problems, &[], Options::default());
    let errors = outcome.issues.iter().filter(|issue| issue.severity == Severity::Error);
    Judged {
        id: one["id"].as_str().unwrap().to_owned(),
        is_valid: outcome.is_valid(),
        places: errors.map(|issue| plain(&issue.place)).collect(),
    }
}

fn lines(file: &Path) -> impl Iterator<Item = Value> + use<> {
    let reader = BufReader::new(GzDecoder::new(File::open(file).unwrap()));
    reader.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap())
}

/// A place without the comments and types of the engine and without the first position.
fn plain(place: &str) -> String {
    let mut text = place.to_owned();
    for (start, end) in [("/*", "*/"), (".ofType(", ")")] {
        while let Some(from) = text.find(start)
            && let Some(length) = text[from..].find(end)
        {
            text.replace_range(from..from + length + end.len(), "");
        }
    }
    text.replace("[0]", "")
}

/// The same place, or one right above the other.
fn is_near(one: &str, other: &str) -> bool {
    let above = |place: &str| place.rsplit_once('.').map_or(String::new(), |(above, _)| above.to_owned());
    !one.is_empty() && !other.is_empty() && (one == other || above(one) == other || above(other) == one)
}
