//! One change to a valid resource: one that breaks a rule is found at its place, one that keeps all rules stays without error.
//!
//! The resources are the valid ones of `fixtures/fhir`. What to break follows from the definitions; the choice among the
//! possible changes from a seed, so that a run can be repeated.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use serde_json::json;
use toetsbank::fhir::definitions::BindingStrength;
use toetsbank::fhir::definitions::DefinitionSet;
use toetsbank::fhir::json as fhir_json;
use toetsbank::fhir::schema::Children;
use toetsbank::fhir::schema::ElementNode;
use toetsbank::fhir::schema::Schema;
use toetsbank::fhir::validate::Options;
use toetsbank::fhir::validate::Outcome;
use toetsbank::fhir::validate::Severity;
use toetsbank::fhir::validate::Validator;
use toetsbank::fhir::xml;

use crate::meant_valid::backwards;
use crate::validate::files;
use crate::validate::validator;

const SEED: u64 = 20_261_126;

/// Changes of each kind to one resource.
const EACH: usize = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Break {
    UnknownElement,
    SecondValue,
    WrongPrimitive,
    MissingElement,
    WrongCode,
    WrongFixedValue,
    WrongTarget,
}

/// A place where a rule can be broken: the steps to it, and what to put there.
struct Site {
    kind: Break,
    steps: Vec<Step>,
    /// The new value; `None`: take it away.
    value: Option<Value>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % count.max(1)
    }
}

/// A valid resource of the corpus, with the validator that knows its definitions.
fn each_valid(mut with: impl FnMut(&Validator, &Value, &str)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fhir");
    for path in files(&folder) {
        let corpus: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let validator = validator(&corpus);
        for case in corpus["tests"].as_array().unwrap() {
            let data = &case["data"];
            if judge(&validator, &data.to_string()).is_valid() {
                with(&validator, data, &format!("{}: {}", path.strip_prefix(&folder).unwrap().display(), case["desc"]));
            }
        }
    }
}

fn judge(validator: &Validator, text: &str) -> Outcome {
    let (resource, problems) = fhir_json::parse(text.as_bytes()).unwrap();
    validator.validate_read(&resource, &problems, &[], Options::default())
}

#[test]
fn a_broken_rule_is_found_at_its_place() {
    let (mut dice, mut wrong, mut counts) = (Dice(SEED), Vec::new(), std::collections::BTreeMap::new());
    each_valid(|validator, data, name| {
        let mut sites = Vec::new();
        everywhere(data, &mut Vec::new(), &mut sites);
        by_definition(validator, data, &mut sites);
        let kinds: BTreeSet<Break> = sites.iter().map(|site| site.kind).collect();
        for kind in kinds {
            let of_kind: Vec<&Site> = sites.iter().filter(|site| site.kind == kind).collect();
            for _ in 0..EACH {
                let site = of_kind[dice.below(of_kind.len())];
                let mut broken = data.clone();
                change(&mut broken, &site.steps, site.value.clone());
                let outcome = judge(validator, &broken.to_string());
                let place = shown(data["resourceType"].as_str().unwrap(), &site.steps);
                // What a package leaves open is said, and no finding.
                if kind == Break::WrongCode
                    && outcome.not_checked.iter().any(|one| one.code == "terminology" && is_near(&one.place, &place))
                {
                    continue;
                }
                *counts.entry(kind).or_insert(0) += 1;
                let mut errors = outcome.issues.iter().filter(|issue| issue.severity == Severity::Error);
                if !errors.any(|issue| is_near(&issue.place, &place)) {
                    let seen: Vec<String> =
                        outcome.issues.iter().map(|issue| format!("{} {}", issue.code, issue.place)).collect();
                    wrong.push(format!("{name}: {kind:?} at {} gives {seen:?}", place.join(".")));
                }
            }
        }
    });
    assert!(wrong.is_empty(), "{} of {counts:?}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(counts.len() == 7 && counts.values().all(|count| *count >= 3), "hardly anything was tried: {counts:?}");
}

#[test]
fn a_change_that_keeps_all_rules_gives_no_error() {
    let (mut dice, mut wrong, mut tried) = (Dice(SEED), Vec::new(), 0);
    each_valid(|validator, data, name| {
        let model = validator.schemas().definitions().clone();
        let mut texts = vec![("in another order", backwards(&data.to_string()))];
        texts.extend(additions(data, &mut dice).into_iter().map(|(what, value)| (what, value.to_string())));
        for (what, text) in texts {
            tried += 1;
            for (form, outcome) in [("JSON", judge(validator, &text)), ("XML", judge_as_xml(validator, &model, &text))]
            {
                if !outcome.is_valid() {
                    wrong.push(format!("{name}: {what}, as {form}: {:?}", outcome.issues));
                }
            }
        }
    });
    assert!(tried > 150, "only {tried} changes");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
}

/// What comes of a resource after the way to XML.
fn judge_as_xml(validator: &Validator, model: &Arc<DefinitionSet>, text: &str) -> Outcome {
    let (resource, _) = fhir_json::parse(text.as_bytes()).unwrap();
    let (resource, problems) = xml::parse(xml::write_pretty(&resource, Some(&**model)).as_bytes()).unwrap();
    validator.validate_read(&resource, &problems, &[], Options::default())
}

/// The resource with something more that is allowed. Where a profile may close what is open, or fix what is there, and in
/// resources that take no extensions, there is none.
fn additions(data: &Value, dice: &mut Dice) -> Vec<(&'static str, Value)> {
    let kind = data["resourceType"].as_str().unwrap();
    if data.get("meta").is_some() || matches!(kind, "Bundle" | "Binary" | "Parameters") {
        return Vec::new();
    }
    let extension = json!({"url": "https://dva.example/fhir/StructureDefinition/own", "valueString": "x"});
    let mut open = Vec::new();
    objects(data, &mut Vec::new(), &mut open);
    let steps = open[dice.below(open.len())].clone();
    let mut extended = data.clone();
    let target = at(&mut extended, &steps).as_object_mut().unwrap();
    target.entry("extension").or_insert_with(|| json!([])).as_array_mut().unwrap().push(extension);
    let mut contained = data.clone();
    let object = contained.as_object_mut().unwrap();
    let inner = json!({"resourceType": "Organization", "id": "added-1", "name": "Ziekenhuis"});
    object.entry("contained").or_insert_with(|| json!([])).as_array_mut().unwrap().push(inner);
    let pointer = json!({"url": "https://dva.example/fhir/StructureDefinition/own",
        "valueReference": {"reference": "#added-1"}});
    object.entry("extension").or_insert_with(|| json!([])).as_array_mut().unwrap().push(pointer);
    let mut named = data.clone();
    if !steps.is_empty() {
        at(&mut named, &steps).as_object_mut().unwrap().entry("id").or_insert(json!("added-2"));
    }
    vec![("an unknown extension", extended), ("a contained resource", contained), ("the id of an element", named)]
}

/// The objects of a resource itself in which an extension may be added.
fn objects(value: &Value, steps: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    match value {
        Value::Object(object) => {
            found.push(steps.clone());
            for (name, below) in object {
                if !matches!(name.as_str(), "extension" | "modifierExtension" | "contained") && !name.starts_with('_') {
                    steps.push(Step::Name(name.clone()));
                    objects(below, steps, found);
                    steps.pop();
                }
            }
        }
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                steps.push(Step::Index(position));
                objects(item, steps, found);
                steps.pop();
            }
        }
        _ => {}
    }
}

/// What is wrong everywhere, whatever the definition.
fn everywhere(value: &Value, steps: &mut Vec<Step>, sites: &mut Vec<Site>) {
    match value {
        Value::Object(object) => {
            let mut unknown = steps.clone();
            unknown.push(Step::Name("zzUnknown".to_owned()));
            sites.push(Site { kind: Break::UnknownElement, steps: unknown, value: Some(json!("x")) });
            for (name, below) in object {
                if name.starts_with('_') || matches!(name.as_str(), "resourceType" | "div") {
                    continue;
                }
                steps.push(Step::Name(name.clone()));
                if !below.is_array() {
                    let value = Some(json!([below, below]));
                    sites.push(Site { kind: Break::SecondValue, steps: steps.clone(), value });
                }
                everywhere(below, steps, sites);
                steps.pop();
            }
        }
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate().filter(|(_, item)| !item.is_null()) {
                steps.push(Step::Index(position));
                everywhere(item, steps, sites);
                steps.pop();
            }
        }
        scalar => {
            let value = Some(if scalar.is_string() { json!(17) } else { json!("abc") });
            sites.push(Site { kind: Break::WrongPrimitive, steps: steps.clone(), value });
        }
    }
}

/// What the profile that a resource claims, or else its type, tells to be wrong.
fn by_definition(validator: &Validator, data: &Value, sites: &mut Vec<Site>) {
    let base = format!("http://hl7.org/fhir/StructureDefinition/{}", data["resourceType"].as_str().unwrap());
    let schemas = validator.schemas();
    let claimed = data["meta"]["profile"][0].as_str().and_then(|url| schemas.schema(schemas.slot(url)).ok());
    let schema = claimed.or_else(|| schemas.schema(schemas.slot(&base)).ok());
    if let Some(schema) = schema
        && let Some(children) = &schema.root().children
    {
        below(validator, schema, children, data, &mut Vec::new(), sites);
    }
}

fn below(
    validator: &Validator,
    schema: &Schema,
    children: &Children,
    value: &Value,
    steps: &mut Vec<Step>,
    sites: &mut Vec<Site>,
) {
    for (name, child) in value.as_object().into_iter().flatten() {
        let Some((id, kind)) = children.named(name) else { continue };
        let node = schema.node(id);
        steps.push(Step::Name(name.clone()));
        if node.min > 0 {
            sites.push(Site { kind: Break::MissingElement, steps: steps.clone(), value: None });
        }
        let items: Vec<(Option<usize>, &Value)> = match child {
            Value::Array(items) => items.iter().enumerate().map(|(at, item)| (Some(at), item)).collect(),
            other => vec![(None, other)],
        };
        for (position, item) in items {
            steps.extend(position.map(Step::Index));
            if let Some((kind, value)) = wrong_value(validator, node, kind, item) {
                sites.push(Site { kind, steps: steps.clone(), value: Some(value) });
            }
            if let Some(children) = &node.children {
                below(validator, schema, children, item, steps, sites);
            }
            if position.is_some() {
                steps.pop();
            }
        }
        steps.pop();
    }
}

/// A value that the definition of an element refuses.
fn wrong_value(validator: &Validator, node: &ElementNode, kind: usize, item: &Value) -> Option<(Break, Value)> {
    let kind = node.types.get(kind)?;
    if let Some(fixed) = &node.fixed
        && fixed.value.as_text() == item.as_str()
        && item.is_string()
    {
        return Some((Break::WrongFixedValue, json!("http://example.org/other")));
    }
    let required = node.binding.as_ref().is_some_and(|binding| binding.strength == BindingStrength::Required);
    if required && &*kind.code == "code" && item.is_string() {
        return Some((Break::WrongCode, json!("zz-onbekend")));
    }
    let reference = item["reference"].as_str().filter(|reference| !reference.starts_with('#'));
    if &*kind.code == "Reference" && reference.is_some() && !kind.targets.is_empty() {
        let targets: Vec<_> =
            kind.targets.iter().map(|slot| validator.schemas().schema(*slot).ok()).collect::<Option<_>>()?;
        let free = |name: &&str| targets.iter().all(|target| *target.type_name != **name && !target.is_abstract);
        let other = ["Slot", "Linkage"].iter().find(|name| free(name))?;
        return Some((Break::WrongTarget, json!({"reference": format!("{other}/1")})));
    }
    None
}

fn change(value: &mut Value, steps: &[Step], new: Option<Value>) {
    let (last, way) = steps.split_last().unwrap();
    match (at(value, way), last, new) {
        (Value::Object(object), Step::Name(name), None) => {
            object.remove(name);
            object.remove(&format!("_{name}"));
        }
        (Value::Object(object), Step::Name(name), Some(new)) => {
            object.insert(name.clone(), new);
        }
        (Value::Array(items), Step::Index(position), Some(new)) => items[*position] = new,
        (other, ..) => panic!("{steps:?} leads to {other}"),
    }
}

fn at<'v>(value: &'v mut Value, steps: &[Step]) -> &'v mut Value {
    steps.iter().fold(value, |value, step| match step {
        Step::Name(name) => &mut value[name],
        Step::Index(position) => &mut value[position],
    })
}

/// The names on the way, positions left out.
fn shown(kind: &str, steps: &[Step]) -> Vec<String> {
    let names = steps.iter().filter_map(|step| match step {
        Step::Name(name) => Some(name.clone()),
        Step::Index(_) => None,
    });
    std::iter::once(kind.to_owned()).chain(names).collect()
}

/// Whether a place is this one, the one right above, or one right below. A choice has its name without type in a place.
fn is_near(place: &str, names: &[String]) -> bool {
    let steps: Vec<&str> = place.split('.').map(|step| step.split('[').next().unwrap()).collect();
    let same = steps.iter().zip(names).all(|(step, name)| {
        name.strip_prefix(step).is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| c.is_uppercase()))
    });
    same && steps.len().abs_diff(names.len()) <= 1
}
