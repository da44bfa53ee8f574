//! The HL7 validator's own test cases: the same verdict and the same places of errors, or a reviewed difference.
//!
//! `fixtures/validator-cases.csv` has each difference with its reason and source. A difference that is not on it fails, and
//! so does one on it that vanished. `TOETSBANK_ACCEPT=1` writes the rows again and keeps the reasons of those that stay.
//!
//! Places are compared raw, as the driver of the corpus does (it reads the address of a profile by an expression that
//! misses a `url` over two lines, and runs such a case without profile), and once more with four notations of the engine
//! read as FHIRPath: see [`normalised`]. Rows of the class `notation` are those that are the same then, and no others.

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

/// Errors of the engine's checks of documents, whose places count from 1: entries, sections and authors alike.
const FROM_ONE: &str = r"^Can't find '|^Found \d+ matches for '.* in the bundle|isn't reachable by traversing links";

/// Why a row differs: in how a place is written, in something that we lack, because the text of FHIR (or of the profile)
/// says otherwise or leaves it open, or because the driver lacks a file or an option of the case.
const CLASSES: &[&str] = &["notation", "not built", "text", "driver"];

/// Least shares, in hundredths: of verdicts, of places raw, of places with the notations read.
const LEAST: [usize; 3] = [98, 83, 90];

/// A run of a case and what it differs in.
type Key = (String, String, String);

/// What we and the engine say in a run, as the list writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Difference {
    ours: String,
    engine: String,
}

/// What the list says of a difference.
struct Row {
    class: String,
    difference: Difference,
    reason: String,
    source: String,
}

/// One error of the engine.
struct EngineError {
    place: String,
    text: String,
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
    let reviewed = reviewed();
    let mut seen: BTreeMap<Key, Difference> = BTreeMap::new();
    let mut notations = BTreeSet::new();
    let (mut verdicts, mut same_verdict, mut places, mut same_places) = (0, 0, 0, 0);
    for run in runs(&folder.join("corpus/fhir-validator")) {
        let outcome: Value = serde_json::from_slice(&fs::read(&run.outcome).unwrap()).unwrap();
        let errors = errors(&outcome);
        let (soft, hard): (Vec<_>, Vec<_>) = errors.iter().partition(|error| terms.is_match(&error.text));
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
        let of = |error: &&EngineError| error.place.clone();
        let difference = differ(&ours, &hard.iter().map(of).collect(), &soft.iter().map(of).collect());
        if difference.ours.is_empty() && difference.engine.is_empty() {
            same_places += 1;
            continue;
        }
        let counts_from_one = reviewed
            .get(&key("places"))
            .is_some_and(|row| row.reason.contains("counts") && row.reason.contains("from 1"));
        let resource = parse(&fs::read(&run.file).unwrap()).map(|(resource, _)| resource);
        let written = |error: &&EngineError| normalised(error, resource.as_ref(), counts_from_one);
        let terms: BTreeSet<String> = soft.iter().map(written).collect();
        let ours = ours.into_iter().map(|place| at_code(place, &terms)).collect();
        let left = differ(&ours, &hard.iter().map(written).collect(), &terms);
        if left.ours.is_empty() && left.engine.is_empty() {
            notations.insert(key("places"));
        }
        seen.insert(key("places"), difference);
    }
    let same_normalised = same_places + notations.len();
    println!(
        "same verdict in {same_verdict} of {verdicts} runs, same places in {same_places} of {places}, \
         with the notations read in {same_normalised}"
    );
    if env::var_os("TOETSBANK_ACCEPT").is_some() {
        return accept(&seen, &reviewed);
    }
    let mut wrong = Vec::new();
    for (key, difference) in &seen {
        if reviewed.get(key).map(|row| &row.difference) != Some(difference) {
            wrong.push(format!("{key:?}: {difference:?}: not on the list"));
        }
    }
    for key in reviewed.keys().filter(|key| !seen.contains_key(*key)) {
        wrong.push(format!("{key:?}: on the list, but there is no difference any more"));
    }
    for (key, row) in &reviewed {
        if (row.class == "notation") != notations.contains(key) {
            wrong.push(format!(
                "{key:?}: of class `{}`, but the same with the notations read or the reverse",
                row.class
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let shares = [(same_verdict, verdicts), (same_places, places), (same_normalised, places)];
    for ((same, all), least) in shares.into_iter().zip(LEAST) {
        assert!(same * 100 >= all * least, "{same} of {all} is less than {least} %");
    }
}

#[test]
fn each_difference_on_the_list_has_a_class_a_reason_and_a_source() {
    for (key, Row { class, reason, source, .. }) in reviewed() {
        assert!(CLASSES.contains(&&*class) && reason.len() > 20 && source.len() > 4, "why {key:?}?");
        assert_eq!(class == "not built", reason.starts_with("not built: "), "{key:?}");
    }
}

#[test]
fn a_notation_is_read_and_nothing_else() {
    let read = |place: &str, text: &str, from_one: bool| {
        let bundle = br#"{"resourceType": "Bundle", "entry": [{"fullUrl": "urn:a"}, {"resource": {"resourceType": "Endpoint"}}]}"#;
        let error = EngineError { place: place.to_owned(), text: text.to_owned() };
        normalised(&error, parse(bundle).map(|(resource, _)| resource).as_ref(), from_one)
    };
    assert_eq!(read("/f:Bundle/f:entry/f:link", "", false), "Bundle.entry.link");
    assert_eq!(read("Endpoint/f:name", "", false), "Bundle.entry[1].resource.name");
    assert_eq!(read("Patient/f:name", "", false), "Patient/f:name");
    assert_eq!(read("Patient.extension[1][url='a.b']", "", false), "Patient.extension[1]");
    assert_eq!(read("Patient.extension[1][url='a'].value", "", false), "Patient.extension[1][url='a'].value");
    let lost = "Can't find 'Patient/1' in the bundle (Section Entry)";
    assert_eq!(
        read("Bundle.entry[1].resource.section[2].entry[1]", lost, true),
        "Bundle.entry.resource.section[1].entry"
    );
    assert_eq!(
        read("Bundle.entry[3].resource.entry[1].resource.author[1]", lost, true),
        "Bundle.entry[3].resource.entry.resource.author"
    );
    assert_eq!(read("Bundle.entry[3]", lost, false), "Bundle.entry[3]");
    assert_eq!(read("Bundle.entry[3]", "Duplicate id value '1'", true), "Bundle.entry[3]");
    let terms = BTreeSet::from(["Observation.value.code".to_owned()]);
    assert_eq!(at_code("Observation.value".to_owned(), &terms), "Observation.value.code");
    assert_eq!(at_code("Observation.code".to_owned(), &terms), "Observation.code");
}

/// What only we have beyond what the engine may have, and what only the engine has of what must be found.
fn differ(ours: &BTreeSet<String>, must: &BTreeSet<String>, terms: &BTreeSet<String>) -> Difference {
    let extra: Vec<String> =
        ours.iter().filter(|place| !must.contains(*place) && !terms.contains(*place)).cloned().collect();
    let missing: Vec<String> = must.difference(ours).cloned().collect();
    Difference { ours: extra.join(" "), engine: missing.join(" ") }
}

/// The place of an error of the engine with three of its notations read as FHIRPath; any other place stays as it is.
///
/// 1. A path of XML, `/f:Patient/f:name`, or from a resource inside that the file has once, `Endpoint/f:name`.
/// 2. The address of an extension behind the last step, `[url='…']`, is dropped.
/// 3. Where the row says that the engine counts from 1, and only for the errors of documents that do so
///    ([`FROM_ONE`]): each position inside the innermost Bundle is one less.
///
/// The fourth is [`at_code`].
fn normalised(error: &EngineError, resource: Option<&Element>, counts_from_one: bool) -> String {
    let place = &error.place;
    if let Some(steps) = place.strip_prefix("/f:") {
        return steps.replace("/f:", ".");
    }
    if let Some((kind, steps)) = place.split_once("/f:") {
        let mut found = Vec::new();
        if let Some(resource) = resource {
            resources(resource, kind, resource.resource_type.as_deref().unwrap_or_default(), &mut found);
        }
        return match found.as_slice() {
            [only] => format!("{only}.{}", steps.replace("/f:", ".")),
            _ => place.clone(),
        };
    }
    if let Some((element, _)) =
        place.strip_suffix("']").and_then(|place| place.rsplit_once("[url='")).filter(|(_, url)| !url.contains('\''))
    {
        return element.to_owned();
    }
    if counts_from_one && place.starts_with("Bundle.entry[") && Regex::new(FROM_ONE).unwrap().is_match(&error.text) {
        let inner = ".resource.entry[";
        let at = place.rfind(inner).map_or("Bundle".len(), |at| at + ".resource".len());
        let less =
            Regex::new(r"\[(\d+)\]").unwrap().replace_all(&place[at..], |found: &regex::Captures<'_>| {
                match found[1].parse::<usize>().unwrap() - 1 {
                    0 => String::new(),
                    position => format!("[{position}]"),
                }
            });
        return format!("{}{less}", &place[..at]);
    }
    place.clone()
}

/// 4. Our place of an unknown code, a Coding or Quantity, as the engine tells it in words of terminology: the code below.
fn at_code(place: String, terms: &BTreeSet<String>) -> String {
    let code = format!("{place}.code");
    if terms.contains(&code) && !terms.contains(&place) { code } else { place }
}

/// The places of the resources of a type, as [`plain`] writes them.
fn resources(element: &Element, kind: &str, place: &str, found: &mut Vec<String>) {
    if element.resource_type.as_deref() == Some(kind) {
        found.push(place.to_owned());
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for child in &element.children {
        let position = counts.entry(&child.name).or_default();
        let index = if *position == 0 { String::new() } else { format!("[{position}]") };
        *position += 1;
        resources(child, kind, &format!("{place}.{}{index}", child.name), found);
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

/// The errors in an outcome.
fn errors(outcome: &Value) -> Vec<EngineError> {
    let issues = outcome["issue"].as_array().into_iter().flatten();
    let errors = issues.filter(|issue| issue["severity"] == "error" || issue["severity"] == "fatal");
    errors
        .map(|issue| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            EngineError { place: plain(&text(&issue["expression"][0])), text: text(&issue["details"]["text"]) }
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

/// The list: by run and what differs.
fn reviewed() -> BTreeMap<Key, Row> {
    let rows = csv::Reader::from_path(list()).unwrap().into_records();
    rows.map(|row| {
        let row = row.unwrap();
        let column = |at: usize| row[at].to_owned();
        let difference = Difference { ours: column(4), engine: column(5) };
        let said = Row { class: column(3), difference, reason: column(6), source: column(7) };
        ((column(0), column(1), column(2)), said)
    })
    .collect()
}

/// Writes the list again: what is seen, with the classes and reasons that it has.
fn accept(seen: &BTreeMap<Key, Difference>, reviewed: &BTreeMap<Key, Row>) {
    let mut writer = csv::Writer::from_path(list()).unwrap();
    writer.write_record(["case", "kind", "what", "class", "ours", "engine", "reason", "source"]).unwrap();
    for ((case, kind, what), Difference { ours, engine }) in seen {
        let known = reviewed.get(&(case.clone(), kind.clone(), what.clone()));
        let (class, reason, source) =
            known.map_or(("", "", ""), |row| (row.class.as_str(), row.reason.as_str(), row.source.as_str()));
        writer.write_record([case, kind, what, class, ours, engine, reason, source]).unwrap();
    }
    writer.flush().unwrap();
}
