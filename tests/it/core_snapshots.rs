//! Snapshots of the core definitions, made again from their differentials, against the published ones.
//!
//! Runs on the material beside the project (`TOETSBANK_SHARED`). What may differ, and why, stands in [`excused`].

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use toetsbank::fhir::definitions::DefinitionKind;
use toetsbank::fhir::definitions::DefinitionSet;
use toetsbank::fhir::definitions::ElementDefinition;
use toetsbank::fhir::definitions::FhirVersion;
use toetsbank::fhir::definitions::Layer;
use toetsbank::fhir::definitions::StructureDefinition;
use toetsbank::fhir::definitions::StructureKind;
use toetsbank::fhir::definitions::TypedValue;
use toetsbank::fhir::snapshot::Node;
use toetsbank::fhir::snapshot::Snapshots;
use toetsbank::packages;

use crate::shared;
use crate::snapshots::elements;

/// What is kept of an element, by name, in a form that can be compared and shown.
fn facts(element: &ElementDefinition) -> BTreeMap<&'static str, String> {
    let value = |value: &Option<Box<TypedValue>>| match value {
        Some(value) => {
            let mut shown = format!("{} ", value.kind);
            show(&value.value, &mut shown);
            shown
        }
        None => String::new(),
    };
    let mut types: Vec<String> = element
        .types
        .iter()
        .map(|kind| {
            let sorted = |list: &[Box<str>]| list.iter().map(|one| one.to_string()).collect::<BTreeSet<_>>();
            let (profiles, targets) = (sorted(&kind.profiles), sorted(&kind.target_profiles));
            format!("{} {profiles:?} {targets:?} {:?} {:?}", kind.code, kind.aggregation, kind.regex)
        })
        .collect();
    types.sort();
    // Those of every element and extension: the published snapshots write them at some elements only.
    let general = |key: &str| key == "ele-1" || key == "ext-1";
    let constraints: BTreeSet<String> = element
        .constraints
        .iter()
        .filter(|one| !general(&one.key))
        .map(|one| format!("{} {:?} {:?} {}", one.key, one.severity, one.expression, one.best_practice))
        .collect();
    BTreeMap::from([
        ("min", format!("{:?}", element.min.unwrap_or(0))),
        ("max", format!("{:?}", element.max)),
        ("types", types.join("\n")),
        ("slicing", format!("{:?}", element.slicing)),
        ("fixed", value(&element.fixed)),
        ("pattern", value(&element.pattern)),
        ("minValue", value(&element.min_value)),
        ("maxValue", value(&element.max_value)),
        ("maxLength", format!("{:?}", element.max_length)),
        ("binding", format!("{:?}", element.binding)),
        ("constraints", constraints.into_iter().collect::<Vec<_>>().join("\n")),
        ("contentReference", format!("{:?}", element.content_reference)),
        ("isModifier", format!("{:?}", element.is_modifier.unwrap_or(false))),
        ("mustSupport", format!("{:?}", element.must_support.unwrap_or(false))),
        ("representation", format!("{:?}", element.representation)),
    ])
}

fn show(value: &toetsbank::fhir::Element, shown: &mut String) {
    shown.push_str(value.as_text().unwrap_or_default());
    for child in &value.children {
        shown.push_str(&format!(" {}(", child.name));
        show(child, shown);
        shown.push(')');
    }
}

/// The definitions of a core package, as published and with differentials only.
fn sets(package: packages::Package, version: FhirVersion) -> (DefinitionSet, DefinitionSet) {
    let mut stripped = package.resources.clone();
    for resource in &mut stripped {
        // What has no base begins with its snapshot.
        let is_derived = resource.child("baseDefinition").is_some() && resource.child("differential").is_some();
        if is_derived {
            resource.children.retain(|child| &*child.name != "snapshot");
        }
    }
    let set =
        |resources| DefinitionSet::new(version, vec![Arc::new(Layer::from_resources("core", resources).unwrap())]);
    (set(package.resources), set(stripped))
}

/// What differs between a published snapshot and ours.
fn compare(
    definition: &StructureDefinition,
    ours: &BTreeMap<String, (&Node, Option<&Node>)>,
    left: &mut Vec<[String; 5]>,
) -> usize {
    let mut compared = 0;
    for published in &definition.snapshot {
        let id = &*published.id;
        let mut differs = |node: Option<&Node>, fact: &str, ours: String, theirs: String| {
            if excused(definition, published, node, fact).is_none() {
                left.push([definition.url.to_string(), id.to_owned(), fact.to_owned(), ours, theirs]);
            }
        };
        let Some(node) = find(ours, id) else {
            let (above, _) = id.rsplit_once('.').unwrap_or((id, ""));
            // A datatype that no differential goes into is taken as it is.
            let lazy = find(ours, above).is_none_or(|node| node.children.is_empty());
            if !lazy {
                differs(None, "absent", String::new(), String::new());
            }
            continue;
        };
        compared += 1;
        let (ours, theirs) = (facts(&node.definition), facts(published));
        for (fact, ours) in ours {
            if ours != theirs[fact] {
                differs(Some(node), fact, ours, theirs[fact].clone());
            }
        }
    }
    compared
}

/// The element with this id; the published snapshots write `valueString` for the slice of `value[x]` with that type.
fn find<'n>(ours: &BTreeMap<String, (&'n Node, Option<&'n Node>)>, id: &str) -> Option<&'n Node> {
    let mut known = String::new();
    let mut found = None;
    for part in id.split('.') {
        let plain = if known.is_empty() { part.to_owned() } else { format!("{known}.{part}") };
        let name = part.split(':').next().unwrap_or(part);
        let short = name.char_indices().filter(|(_, c)| c.is_ascii_uppercase()).map(|(at, _)| &name[..at]);
        let short = short.filter(|_| !known.is_empty()).map(|stem| format!("{known}.{stem}[x]:{name}"));
        let (way, node) =
            std::iter::once(plain).chain(short).find_map(|way| ours.get(&way).map(|(node, _)| (way, *node)))?;
        (known, found) = (way, Some(node));
    }
    found
}

/// Published snapshots that are not what their differentials say: end of the canonical, facts, why.
const EXCEPTIONS: &[(&str, &[&str], &str)] = &[
    (
        "/consentdirective",
        &["absent", "binding", "constraints", "contentReference", "max", "min", "slicing", "types"],
        "the published snapshot is of an older Contract: it has not the minima of the differential",
    ),
    (
        "/provenance-relevant-history",
        &["absent", "binding", "contentReference", "slicing", "types"],
        "the published snapshot was made before the differential was changed: it has slices that are no longer there",
    ),
];

/// Why a difference is none; `None` when there is no reason.
fn excused(
    definition: &StructureDefinition,
    published: &ElementDefinition,
    node: Option<&Node>,
    fact: &str,
) -> Option<&'static str> {
    if let Some((_, _, why)) =
        EXCEPTIONS.iter().find(|(url, facts, _)| definition.url.ends_with(url) && facts.contains(&fact))
    {
        return Some(why);
    }
    let name = published.name();
    match fact {
        "max" if name == "extension" && definition.fhir_version.as_deref().is_some_and(|v| v.starts_with('3')) => {
            Some("STU3's published extensions leave `extension` open that their differential closes")
        }
        "max" if published.slice_name.is_some() && name == "extension" => {
            Some("an extension stands as often as its own definition says; the published snapshot leaves it open")
        }
        "types" if matches!(name, "id" | "url") => Some("the published snapshot has the FHIRPath type of ids and urls"),
        "constraints"
            if published.types.iter().any(|kind| !kind.profiles.is_empty() || &*kind.code == "SimpleQuantity") =>
        {
            Some(
                "the published snapshot repeats the invariants of the profile of the type, which hold through the type",
            )
        }
        "maxLength" | "minValue" | "maxValue" if definition.kind == StructureKind::PrimitiveType => Some(
            "a primitive derived from another writes its bounds anew in the published snapshot; those of the base hold",
        ),
        "slicing" if matches!(name, "extension" | "modifierExtension") && published.slicing.is_none() => {
            Some("the published snapshot does not repeat that extensions are told apart by `url`")
        }
        "min" | "types" | "slicing" if node.is_some_and(|node| node.is_choice() && !node.slices.is_empty()) => Some(
            "of a choice with type slices: which types are left, and whether one must stand, follows from the slices",
        ),
        _ => None,
    }
}

#[test]
fn core_snapshots_made_again_are_those_published() {
    let Some(folder) = shared::folder("the core snapshots") else { return };
    let mut left = Vec::new();
    for (name, version, least) in
        [("hl7.fhir.r3.core-3.0.2", FhirVersion::Stu3, 8_000), ("hl7.fhir.r4.core-4.0.1", FhirVersion::R4, 10_000)]
    {
        let package = packages::read(&folder.join("fhir").join(format!("{name}.tgz"))).unwrap();
        let (published, stripped) = sets(package, version);
        let snapshots = Snapshots::new(Arc::new(stripped));
        let (mut made, mut compared) = (0, 0);
        let urls: Vec<String> =
            published.canonicals(DefinitionKind::StructureDefinition).map(|(url, _)| url.to_owned()).collect();
        for url in urls {
            let definition = published.structure(&url).unwrap();
            if definition.snapshot.is_empty() || definition.base.is_none() {
                continue;
            }
            let ours = snapshots.of(&url).unwrap_or_else(|error| panic!("{url}: {error}"));
            let mut all = BTreeMap::new();
            elements(&ours.root, ours.type_name.to_string(), None, &mut all);
            compared += compare(definition, &all, &mut left);
            made += 1;
        }
        println!("{name}: {made} snapshots, {compared} elements compared");
        assert!(made > 500 && compared > least, "{name}: {made} {compared}");
    }
    let mut kinds: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for [url, id, fact, ours, theirs] in &left {
        let entry = kinds.entry(fact.clone()).or_default();
        entry.0 += 1;
        if entry.0 <= 12 {
            entry.1.push_str(&format!("\n   {url} {id}\n      ours   {ours}\n      theirs {theirs}"));
        }
    }
    let shown: String = kinds.iter().map(|(fact, (count, some))| format!("{fact}: {count}{some}\n")).collect();
    assert!(left.is_empty(), "{} differences\n{shown}", left.len());
}
