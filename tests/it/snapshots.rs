//! Snapshots against those of the HL7 engine: the facts of each element that both have.
//!
//! Runs on the material beside the project (`TOETSBANK_SHARED`). What may differ, and why, stands in [`excused`].

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::fs::File;
use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use flate2::read::GzDecoder;
use serde_json::Value;
use toetsbank::fhir::Element;
use toetsbank::fhir::definitions::BindingStrength;
use toetsbank::fhir::definitions::ConstraintSeverity;
use toetsbank::fhir::definitions::DefinitionSet;
use toetsbank::fhir::definitions::Derivation;
use toetsbank::fhir::definitions::ElementDefinition;
use toetsbank::fhir::definitions::FhirVersion;
use toetsbank::fhir::definitions::Max;
use toetsbank::fhir::definitions::Slicing;
use toetsbank::fhir::definitions::SlicingRules;
use toetsbank::fhir::snapshot::Node;
use toetsbank::fhir::snapshot::Snapshots;
use toetsbank::packages;
use toetsbank::packages::embedded;

use crate::shared;

/// The sets of packages that the engine's snapshots were made of.
const SETS: &[(&str, FhirVersion, &[&str])] = &[
    (
        "stu3",
        FhirVersion::Stu3,
        &[
            "nictiz.fhir.nl.stu3.zib2017-2.2.18",
            "nictiz.fhir.nl.stu3.eafspraak-1.0.6",
            "nictiz.fhir.nl.stu3.questionnaires-2.0.8",
            "nictiz.fhir.nl.stu3.eoverdracht-1.0.0-rc.23",
            "nictiz.fhir.nl.stu3.images-1.0.3",
        ],
    ),
    (
        "r4-0.11",
        FhirVersion::R4,
        &[
            "nictiz.fhir.nl.r4.zib2020-0.11.0-beta.1",
            "nictiz.fhir.nl.r4.nl-core-0.11.0-beta.1",
            "nictiz.fhir.nl.r4.medicationprocess9-2.0.0-rc.7",
            "nictiz.fhir.nl.r4.vaccinationimmunization-2.0.0",
        ],
    ),
    (
        "r4-0.12",
        FhirVersion::R4,
        &["nictiz.fhir.nl.r4.zib2020-0.12.0-beta.4", "nictiz.fhir.nl.r4.nl-core-0.12.0-beta.4"],
    ),
];

/// All elements of a snapshot by id, each with the element that it is a slice of.
pub fn elements<'a>(
    node: &'a Node,
    id: String,
    of: Option<&'a Node>,
    all: &mut BTreeMap<String, (&'a Node, Option<&'a Node>)>,
) {
    for child in &node.children {
        elements(child, format!("{id}.{}", child.name), None, all);
    }
    let unsliced = id.rsplit_once(':').filter(|_| of.is_some()).map_or(&*id, |(unsliced, _)| unsliced).to_owned();
    for slice in &node.slices {
        elements(slice, format!("{unsliced}:{}", slice.slice.as_deref().unwrap()), Some(node), all);
    }
    all.insert(id, (node, of));
}

/// The id with short forms of type slices written as ours are: `valueString:valueString` as `value[x]:valueString`.
fn by_choice(id: &str) -> String {
    let part = |part: &str| match part.split_once(':') {
        Some((name, slice)) if name == slice && name.contains(char::is_uppercase) => {
            let stem = name.find(char::is_uppercase).map_or(name, |at| &name[..at]);
            format!("{stem}[x]:{slice}")
        }
        _ => part.to_owned(),
    };
    id.split('.').map(part).collect::<Vec<_>>().join(".")
}

type Types = BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)>;

fn our_types(element: &ElementDefinition) -> Types {
    let mut types = Types::new();
    for kind in element.types.iter() {
        let entry = types.entry(kind.code.to_string()).or_default();
        entry.0.extend(kind.profiles.iter().map(|profile| profile.to_string()));
        entry.1.extend(kind.target_profiles.iter().map(|target| target.to_string()));
    }
    types
}

fn engine_types(element: &Value) -> Types {
    let mut types = Types::new();
    for kind in element["type"].as_array().into_iter().flatten() {
        let entry = types.entry(kind["code"].as_str().unwrap_or("string").to_owned()).or_default();
        let list = |name: &str| kind[name].as_array().cloned().unwrap_or_default();
        entry.0.extend(list("profile").iter().map(|profile| profile.as_str().unwrap().to_owned()));
        entry.1.extend(list("target").iter().map(|target| target.as_str().unwrap().to_owned()));
    }
    types
}

/// Whether a fixed value or pattern is the one that the engine has, given by its property name (`fixedUri`).
fn same_value(ours: Option<&Element>, theirs: Option<&Value>) -> bool {
    match (ours, theirs) {
        (None, None) => true,
        (Some(ours), Some(Value::Object(parts))) => parts.iter().all(|(name, part)| match part {
            Value::Array(items) => {
                ours.all(name).count() == items.len()
                    && ours.all(name).zip(items).all(|(one, item)| same_value(Some(one), Some(item)))
            }
            _ => same_value(ours.child(name), Some(part)),
        }),
        (Some(ours), Some(Value::String(text))) => ours.as_text() == Some(text),
        (Some(ours), Some(other)) => ours.as_text() == Some(&*other.to_string()),
        _ => false,
    }
}

/// Rules, whether the order matters, and what tells the slices apart.
type SlicingFacts = Option<(String, bool, BTreeSet<(String, String)>)>;

fn our_slicing(slicing: Option<&Slicing>) -> SlicingFacts {
    let slicing = slicing?;
    let rules = match slicing.rules {
        SlicingRules::Closed => "closed",
        SlicingRules::Open => "open",
        SlicingRules::OpenAtEnd => "openAtEnd",
    };
    let by = slicing.discriminators.iter();
    let by = by.map(|one| (format!("{:?}", one.kind).to_lowercase(), one.path.to_string())).collect();
    Some((rules.to_owned(), slicing.ordered, by))
}

fn engine_slicing(slicing: &Value) -> SlicingFacts {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let by = slicing["by"].as_array().into_iter().flatten().map(|one| (text(&one[0]), text(&one[1]))).collect();
    slicing.is_object().then(|| (text(&slicing["rules"]), slicing["ordered"] == true, by))
}

/// Ids of the elements that a differential in the chain of the profile constrains, written with its type.
fn constrained(definitions: &DefinitionSet, url: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut next = definitions.structure(url);
    while let Some(definition) = next.filter(|one| one.derivation == Derivation::Constraint) {
        ids.extend(definition.differential.iter().map(|element| element.id.to_string()));
        next = definition.base.as_deref().and_then(|base| definitions.structure(base));
    }
    ids
}

fn value_of<'v>(element: &'v Value, start: &str) -> Option<&'v Value> {
    element.as_object()?.iter().find(|(name, _)| name.starts_with(start)).map(|(_, value)| value)
}

/// What differs in an element, by fact.
fn differences(node: &Node, theirs: &Value) -> Vec<&'static str> {
    let ours = &node.definition;
    let mut found = Vec::new();
    let is_root = !theirs["id"].as_str().unwrap().contains('.');
    if !is_root && ours.min.unwrap_or(0) != u32::try_from(theirs["min"].as_u64().unwrap()).unwrap() {
        found.push("min");
    }
    let max = match ours.max {
        Some(Max::Count(count)) => count.to_string(),
        _ => "*".to_owned(),
    };
    if !is_root && max != theirs["max"].as_str().unwrap() {
        found.push("max");
    }
    if our_types(ours) != engine_types(theirs) {
        found.push("type");
    }
    if !same_value(ours.fixed.as_ref().map(|fixed| &fixed.value), value_of(theirs, "fixed")) {
        found.push("fixed");
    }
    if !same_value(ours.pattern.as_ref().map(|pattern| &pattern.value), value_of(theirs, "pattern")) {
        found.push("pattern");
    }
    let binding = ours.binding.as_ref().map(|binding| {
        let strength = match binding.strength {
            BindingStrength::Required => "required",
            BindingStrength::Extensible => "extensible",
            BindingStrength::Preferred => "preferred",
            BindingStrength::Example => "example",
        };
        (strength, binding.value_set.as_deref())
    });
    let engine = theirs["binding"].as_array();
    if binding != engine.map(|binding| (binding[0].as_str().unwrap(), binding.get(1).and_then(Value::as_str))) {
        found.push("binding");
    }
    if our_slicing(ours.slicing.as_ref()) != engine_slicing(&theirs["slicing"]) {
        found.push("slicing");
    }
    let ours: BTreeSet<String> = ours
        .constraints
        .iter()
        .map(|one| {
            let letter = if one.severity == ConstraintSeverity::Error { 'e' } else { 'w' };
            format!("{}:{letter}", one.key)
        })
        .collect();
    let engine: BTreeSet<String> =
        theirs["constraint"].as_array().into_iter().flatten().map(|one| one.as_str().unwrap().to_owned()).collect();
    // Those of every element and extension: the engine writes them at some elements only.
    let general = |key: &&String| !key.starts_with("ele-1:") && !key.starts_with("ext-1:");
    if !is_root && ours.iter().filter(general).ne(engine.iter().filter(general)) {
        found.push("constraint");
    }
    found
}

/// Why a difference is none; `None` when there is no reason.
fn excused(fact: &str, node: &Node, of: Option<&Node>, theirs: &Value) -> Option<&'static str> {
    let ours = &node.definition;
    let closed = |node: &Node| {
        node.is_choice()
            && node.definition.slicing.as_ref().is_some_and(|slicing| slicing.rules == SlicingRules::Closed)
    };
    match fact {
        "type" | "min" if closed(node) => Some(
            "a choice closed by its type slices: which types are left, and whether one must stand, follows from the slices",
        ),
        "type" if &*node.name == "url" || &*node.name == "id" => {
            Some("the engine writes the FHIRPath type of ids and urls")
        }
        "min" if of.is_some_and(Node::is_choice) => {
            Some("the engine lets a type slice inherit the minimum of its choice")
        }
        "min" if &*node.name == "extension" && of.is_none() => Some("the engine adds up the minima of the slices"),
        "type"
            if &*node.name == "value"
                && ours
                    .types
                    .iter()
                    .all(|kind| kind.code.starts_with(char::is_lowercase) || kind.code.contains('.')) =>
        {
            Some("the engine writes the FHIRPath type of the value of a primitive")
        }
        "type" if of.is_some_and(Node::is_choice) && ours.types.iter().all(|kind| &*kind.code == "Reference") => {
            Some("the engine loses the targets of a reference where it opens an extension")
        }
        "binding" if theirs.get("binding").is_none() => {
            let coded = ["code", "Coding", "CodeableConcept", "Quantity", "string", "uri"];
            let can = ours.types.iter().any(|kind| coded.contains(&&*kind.code));
            (!can || closed(node) || node.is_choice()).then_some("a binding where no type that is left has codes")
        }
        "slicing"
            if node.is_choice()
                && ours.slicing.as_ref().is_some_and(|slicing| slicing.rules == SlicingRules::Open)
                && theirs["slicing"]["rules"] == "closed" =>
        {
            Some("the slicing of the choice is open in the differential; the engine closes it")
        }
        "constraint" if of.is_some() => {
            Some("a slice has the invariants of the unsliced element and, through its type, of its profile")
        }
        _ => None,
    }
}

#[test]
fn elements_say_what_the_engine_says() {
    let Some(folder) = shared::folder("the comparison of snapshots") else { return };
    let mut theirs: HashMap<String, Vec<Value>> = HashMap::new();
    let file = File::open(folder.join("corpus/hl7-engine/snapshots.jsonl.gz")).unwrap();
    for line in BufReader::new(GzDecoder::new(file)).lines() {
        let one: Value = serde_json::from_str(&line.unwrap()).unwrap();
        theirs.entry(one["set"].as_str().unwrap().to_owned()).or_default().push(one);
    }
    let (mut left, mut compared, mut made, mut constrained_elements) = (Vec::new(), 0, 0, 0);
    for (set, version, packs) in SETS {
        let open = |name: &&str| Arc::new(packages::open(&folder.join("fhir").join(format!("{name}.tgz"))).unwrap());
        let mut layers: Vec<_> = packs.iter().map(open).collect();
        let core = match version {
            FhirVersion::Stu3 => "hl7.fhir.r3.core",
            FhirVersion::R4 => "hl7.fhir.r4.core",
        };
        layers.extend(embedded::layers(*version).into_iter().filter(|layer| layer.package().name == core));
        let definitions = Arc::new(DefinitionSet::new(*version, layers));
        let snapshots = Snapshots::new(definitions.clone());
        for profile in &theirs[*set] {
            let url = profile["url"].as_str().unwrap();
            let ours = snapshots.of(url).unwrap_or_else(|error| panic!("{set} {url}: {error}"));
            made += 1;
            let mut all = BTreeMap::new();
            elements(&ours.root, ours.type_name.to_string(), None, &mut all);
            let told = constrained(&definitions, url);
            constrained_elements += told.len();
            for element in profile["element"].as_array().unwrap() {
                let id = element["id"].as_str().unwrap();
                let Some((node, of)) = all.get(id).or_else(|| all.get(&by_choice(id))) else {
                    // The engine opens datatypes and extensions where no differential goes.
                    if told.contains(id) {
                        left.push(format!("{set} {url} {id}: absent"));
                    }
                    continue;
                };
                compared += 1;
                for fact in differences(node, element) {
                    let known = EXCEPTIONS.iter().any(|(profile, of, _)| url.ends_with(profile) && of.contains(&fact));
                    if !known && excused(fact, node, *of, element).is_none() {
                        let (ours, theirs) =
                            (our_slicing(node.definition.slicing.as_ref()), engine_slicing(&element["slicing"]));
                        left.push(format!("{set} {url} {id}: {fact} {ours:?} {theirs:?}"));
                    }
                }
            }
        }
    }
    println!(
        "{made} snapshots, {constrained_elements} elements constrained, {compared} compared, {} differences without a reason",
        left.len()
    );
    assert_eq!(made, 978);
    assert!(compared > 40_000, "{compared}");
    assert!(left.is_empty(), "{} differences:\n{}", left.len(), left.join("\n"));
}

/// Profiles whose snapshot by the engine is not what their differential says: end of the canonical, facts, why.
const EXCEPTIONS: &[(&str, &[&str], &str)] = &[
    (
        "/mp-ReplyProposalDispenseRequest",
        &["min", "max", "type"],
        "the engine did not apply the differential (`identifier` 0..1)",
    ),
    (
        "/mp-ReplyProposalMedicationAgreement",
        &["min", "max", "type"],
        "the engine did not apply the differential (`identifier` 0..1)",
    ),
    ("/mp-ProposalDispenseRequest-Bundle", &["fixed"], "the engine did not apply `Bundle.type` = transaction"),
    ("/mp-ProposalMedicationAgreement-Bundle", &["fixed"], "the engine did not apply `Bundle.type` = transaction"),
    ("/mp-ReplyProposalDispenseRequest-Bundle", &["fixed"], "the engine did not apply `Bundle.type` = transaction"),
    ("/mp-ReplyProposalMedicationAgreement-Bundle", &["fixed"], "the engine did not apply `Bundle.type` = transaction"),
    (
        "/IHE.MHD.DocumentManifest",
        &["slicing"],
        "the differential has one type of `content.p[x]` and no slicing: no other type may stand; the engine leaves it open",
    ),
    (
        "/nl-core-TreatmentDirective2",
        &["type"],
        "the slicing of `source[x]` is open in the differential; the engine closes it",
    ),
];

#[test]
fn every_package_generates() {
    let Some(folder) = shared::folder("the snapshots of all packages") else { return };
    let mut failed = Vec::new();
    for path in std::fs::read_dir(folder.join("fhir")).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let version =
            if name.contains(".stu3.") || name.contains(".r3.") { FhirVersion::Stu3 } else { FhirVersion::R4 };
        if !name.ends_with(".tgz") || name.contains("expansions") {
            continue;
        }
        check_package(&path, version, &mut failed);
    }
    // Bases in packages of other publishers that are not there.
    failed.retain(|line: &String| !line.contains("no package carries"));
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn check_package(path: &Path, version: FhirVersion, failed: &mut Vec<String>) {
    let layer = Arc::new(packages::open(path).unwrap());
    let kind = toetsbank::fhir::definitions::DefinitionKind::StructureDefinition;
    let urls: Vec<String> = layer.canonicals(kind).map(|(url, _)| url.to_owned()).collect();
    let mut layers = vec![layer];
    layers.extend(embedded::layers(version));
    let snapshots = Snapshots::new(Arc::new(DefinitionSet::new(version, layers)));
    for url in urls {
        if let Err(error) = snapshots.of(&url) {
            failed.push(format!("{}: {error}", path.display()));
        }
    }
}
