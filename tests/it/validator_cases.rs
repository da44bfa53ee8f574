//! The HL7 validator's own test cases: the same verdict and the same places of errors, or a reviewed difference.
//!
//! `fixtures/validator-cases.csv` has each difference with its reason and source. A difference that is not on it fails, and
//! so does one on it that vanished. `TOETSBANK_ACCEPT=1` writes the rows again and keeps the reasons of those that stay.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use regex::Regex;
use serde_json::Value;
use toetsbank::fhir::Element;
use toetsbank::fhir::definitions::DefinitionSet;
use toetsbank::fhir::definitions::FhirVersion;
use toetsbank::fhir::json;
use toetsbank::fhir::syntax::ShapeProblem;
use toetsbank::fhir::validate::Options;
use toetsbank::fhir::validate::Severity;
use toetsbank::fhir::validate::UnknownExtensions;
use toetsbank::fhir::validate::Validator;
use toetsbank::fhir::xml;
use toetsbank::packages;
use toetsbank::packages::embedded;

use crate::shared;

/// Words of errors that need a terminology server, as the driver of the corpus has them.
const TERMS: &str = r"(?i)display name|value ?set|code ?system|unknown code|tx\.fhir\.org|terminolog|snomed|loinc|ucum|not valid in the|rxnorm";

/// A run of a case and what it differs in.
type Key = (String, String, String);

/// What we and the engine say in a run, as the list writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Difference {
    ours: String,
    engine: String,
}

/// One run: a file, the definitions beside it, a profile.
struct Run {
    name: String,
    kind: &'static str,
    file: PathBuf,
    version: FhirVersion,
    outcome: PathBuf,
    packages: Vec<PathBuf>,
    profile: Option<PathBuf>,
}

#[test]
fn every_difference_in_the_validators_own_cases_is_reviewed() {
    let Some(folder) = shared::folder("the HL7 validator's own cases") else { return };
    let terms = Regex::new(TERMS).unwrap();
    let mut seen: BTreeMap<Key, Difference> = BTreeMap::new();
    let (mut verdicts, mut same_verdict, mut places, mut same_places) = (0, 0, 0, 0);
    for run in runs(&folder.join("corpus/fhir-validator")) {
        let outcome: Value = serde_json::from_slice(&fs::read(&run.outcome).unwrap()).unwrap();
        let errors = errors(&outcome);
        let hard: Vec<_> = errors.iter().filter(|(_, text)| !terms.is_match(text)).collect();
        if hard.is_empty() && !errors.is_empty() {
            continue;
        }
        verdicts += 1;
        let ours = judge(&run);
        let key = |what: &str| (run.name.clone(), run.kind.to_owned(), what.to_owned());
        let word = |is_valid: bool| if is_valid { "valid" } else { "invalid" }.to_owned();
        if ours.is_empty() != hard.is_empty() {
            let difference = Difference { ours: word(ours.is_empty()), engine: word(hard.is_empty()) };
            seen.insert(key("verdict"), difference);
            continue;
        }
        same_verdict += 1;
        if ours.is_empty() {
            continue;
        }
        places += 1;
        let must: BTreeSet<String> = hard.iter().map(|(place, _)| place.clone()).collect();
        let may: BTreeSet<String> = errors.iter().map(|(place, _)| place.clone()).collect();
        let (missing, extra): (Vec<_>, Vec<_>) =
            (must.difference(&ours).cloned().collect(), ours.difference(&may).cloned().collect());
        if missing.is_empty() && extra.is_empty() {
            same_places += 1;
        } else {
            seen.insert(key("places"), Difference { ours: extra.join(" "), engine: missing.join(" ") });
        }
    }
    println!("same verdict in {same_verdict} of {verdicts} runs, same places in {same_places} of {places}");
    let reviewed = reviewed();
    if env::var_os("TOETSBANK_ACCEPT").is_some() {
        return accept(&seen, &reviewed);
    }
    let mut wrong = Vec::new();
    for (key, difference) in &seen {
        if reviewed.get(key).map(|row| &row.0) != Some(difference) {
            wrong.push(format!("{key:?}: {difference:?}: not on the list"));
        }
    }
    for key in reviewed.keys().filter(|key| !seen.contains_key(*key)) {
        wrong.push(format!("{key:?}: on the list, but there is no difference any more"));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn each_difference_on_the_list_has_a_reason_and_a_source() {
    for (key, (_, reason, source)) in reviewed() {
        assert!(reason.len() > 20 && source.len() > 4, "why {key:?}?");
    }
}

/// The runs of the manifest, those left out that need options of their own.
fn runs(folder: &Path) -> Vec<Run> {
    let manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let mut runs = Vec::new();
    for case in manifest["test-cases"].as_array().unwrap() {
        if case.get("security-checks").is_some() || case.get("bundle-param").is_some() {
            continue;
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let files = |value: &Value| -> Vec<PathBuf> {
            let names = value.as_array().into_iter().flatten().filter_map(Value::as_str);
            names.map(|name| folder.join(name)).filter(|file| file.exists()).collect()
        };
        let version = if text(&case["version"]).starts_with('3') { FhirVersion::Stu3 } else { FhirVersion::R4 };
        let packages = [files(&case["supporting"]), files(&case["profiles"])].concat();
        let run = |kind, outcome: &Value, packages: Vec<PathBuf>, profile| Run {
            name: text(&case["name"]),
            kind,
            file: folder.join(text(&case["file"])),
            version,
            outcome: folder.join("outcomes").join(text(outcome)),
            packages,
            profile,
        };
        runs.push(run("base", &case["java"], packages.clone(), None));
        let profile = &case["profile"];
        if profile["java"].is_string() {
            let source = folder.join(text(&profile["source"]));
            let mut packages = [packages, files(&profile["supporting"])].concat();
            let source = source.is_file().then_some(source);
            packages.extend(source.clone());
            runs.push(run("profile", &profile["java"], packages, source));
        }
    }
    runs.retain(|run| run.outcome.is_file());
    runs
}

/// Place and text of each error in an outcome.
fn errors(outcome: &Value) -> Vec<(String, String)> {
    let issues = outcome["issue"].as_array().into_iter().flatten();
    let errors = issues.filter(|issue| issue["severity"] == "error" || issue["severity"] == "fatal");
    errors
        .map(|issue| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (plain(&text(&issue["expression"][0])), text(&issue["details"]["text"]))
        })
        .collect()
}

/// The places of our errors; a file that cannot be read has one at nothing.
fn judge(run: &Run) -> BTreeSet<String> {
    let mut packages = run.packages.clone();
    packages.sort();
    packages.dedup();
    let mut layers: Vec<_> = packages.iter().map(|file| Arc::new(packages::open(file).unwrap())).collect();
    layers.extend(embedded::layers(run.version));
    let validator = Validator::new(Arc::new(DefinitionSet::new(run.version, layers)));
    let options = Options { unknown_extensions: UnknownExtensions::Error, ..Options::default() };
    let profile = run.profile.as_deref().and_then(|file| parse(&fs::read(file).ok()?));
    let profile = profile.and_then(|(root, _)| root.text("url").map(str::to_owned));
    let profiles: Vec<&str> = profile.as_deref().into_iter().collect();
    let text = fs::read(&run.file).unwrap();
    let is_ndjson = run.file.extension().is_some_and(|end| end == "ndjson");
    let parts: Vec<&[u8]> =
        if is_ndjson { text.split(|byte| *byte == b'\n').filter(|line| line.len() > 1).collect() } else { vec![&text] };
    let mut places = BTreeSet::new();
    for part in parts {
        let Some((resource, problems)) = parse(part) else {
            places.insert(String::new());
            continue;
        };
        let outcome = validator.validate_read(&resource, &problems, &profiles, options);
        let errors = outcome.issues.iter().filter(|issue| issue.severity == Severity::Error);
        places.extend(errors.map(|issue| plain(&issue.place)));
    }
    places
}

fn parse(text: &[u8]) -> Option<(Element, Vec<ShapeProblem>)> {
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(byte));
    if first == Some(&b'<') { xml::parse(text).ok() } else { json::parse(text).ok() }
}

/// A place without what only the engine writes: names of resources, types of choices, and a first position.
fn plain(place: &str) -> String {
    Regex::new(r"/\*.*?\*/|\.ofType\(\w+\)|\[0\]").unwrap().replace_all(place, "").into_owned()
}

fn list() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/validator-cases.csv")
}

/// The list: by run and what differs, the difference, its reason and its source.
fn reviewed() -> BTreeMap<Key, (Difference, String, String)> {
    let rows = csv::Reader::from_path(list()).unwrap().into_records();
    rows.map(|row| {
        let row = row.unwrap();
        let column = |at: usize| row[at].to_owned();
        let difference = Difference { ours: column(3), engine: column(4) };
        ((column(0), column(1), column(2)), (difference, column(5), column(6)))
    })
    .collect()
}

/// Writes the list again: what is seen, with the reasons that it has.
fn accept(seen: &BTreeMap<Key, Difference>, reviewed: &BTreeMap<Key, (Difference, String, String)>) {
    let mut writer = csv::Writer::from_path(list()).unwrap();
    writer.write_record(["case", "kind", "what", "ours", "engine", "reason", "source"]).unwrap();
    for ((case, kind, what), difference) in seen {
        let known = reviewed.get(&(case.clone(), kind.clone(), what.clone()));
        let (reason, source) = known.map_or(("", ""), |(_, reason, source)| (reason, source));
        writer.write_record([case, kind, what, &difference.ours, &difference.engine, reason, source]).unwrap();
    }
    writer.flush().unwrap();
}
