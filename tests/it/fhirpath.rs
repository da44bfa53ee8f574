//! FHIRPath against the official suite for R4, and against every expression of the packages and the official scripts.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use toetsbank::fhir::Element;
use toetsbank::fhir::json;
use toetsbank::fhir::path::Conformance;
use toetsbank::fhir::path::Context;
use toetsbank::fhir::path::Decimal;
use toetsbank::fhir::path::Dialect;
use toetsbank::fhir::path::Expression;
use toetsbank::fhir::path::Item;
use toetsbank::fhir::path::Model;
use toetsbank::fhir::path::Node;
use toetsbank::fhir::path::PathError;
use toetsbank::fhir::path::Temporal;
use toetsbank::fhir::xml;

use crate::shared;

/// Knows the base profiles, by type.
struct BaseProfiles<'m>(&'m dyn Model);

impl Conformance for BaseProfiles<'_> {
    fn conforms(&self, node: Node<'_>, profile: &str) -> Option<bool> {
        let kind = profile.strip_prefix("http://hl7.org/fhir/StructureDefinition/")?;
        self.0.is_type(kind).then(|| self.0.is_subtype(node.kind, kind))
    }
}

struct Case<'t> {
    name: String,
    expression: &'t str,
    input: &'t str,
    invalid: Option<&'t str>,
    is_strict: bool,
    checks_order: bool,
    is_predicate: bool,
    is_unordered: bool,
    outputs: Vec<(Option<&'t str>, &'t str)>,
}

fn cases<'t>(suite: &'t roxmltree::Document<'t>) -> Vec<Case<'t>> {
    let mut found = Vec::new();
    for group in suite.descendants().filter(|node| node.has_tag_name("group")) {
        for test in group.children().filter(|node| node.has_tag_name("test")) {
            let expression = test.children().find(|node| node.has_tag_name("expression")).unwrap();
            let outputs = test.children().filter(|node| node.has_tag_name("output"));
            found.push(Case {
                name: format!("{}/{}", group.attribute("name").unwrap(), test.attribute("name").unwrap()),
                expression: expression.text().unwrap_or(""),
                input: test.attribute("inputfile").unwrap_or("patient-example.xml"),
                invalid: expression.attribute("invalid"),
                is_strict: test.attribute("mode") == Some("strict"),
                checks_order: test.attribute("checkOrderedFunctions") == Some("true"),
                is_predicate: test.attribute("predicate") == Some("true"),
                is_unordered: test.attribute("ordered") == Some("false"),
                outputs: outputs.map(|node| (node.attribute("type"), node.text().unwrap_or(""))).collect(),
            });
        }
    }
    found
}

fn read(file: &Path) -> Element {
    let text = fs::read(file).unwrap();
    let parsed =
        if file.extension().is_some_and(|kind| kind == "xml") { xml::parse(&text) } else { json::parse(&text) };
    parsed.unwrap_or_else(|error| panic!("{}: {error:?}", file.display())).0
}

fn kind_of(item: &Item<'_>) -> String {
    match item {
        Item::Node(node) => node.kind.to_owned(),
        Item::Quantity(_) => "Quantity".to_owned(),
        other => {
            let kind = other.kind();
            kind[..1].to_lowercase() + &kind[1..]
        }
    }
}

fn same(item: &Item<'_>, expected: &(Option<&str>, &str)) -> bool {
    let (kind, text) = expected;
    if kind.is_some_and(|kind| kind != kind_of(item)) {
        return false;
    }
    if let (Item::Decimal(seen), Some(wanted)) = (item, Decimal::parse(text)) {
        return *seen == wanted && (kind.is_some() || seen.scale() == wanted.scale());
    }
    item.to_string() == text.strip_prefix("@T").or(text.strip_prefix('@')).unwrap_or(text)
}

/// `None` when the case passes, else what was seen.
fn run(case: &Case<'_>, input: &Element, model: &dyn Model) -> Option<String> {
    let profiles = BaseProfiles(model);
    let result = Expression::parse(case.expression);
    let expression = match (&result, case.invalid) {
        (Ok(expression), _) => expression,
        (Err(_), Some(_)) => return None,
        (Err(error), None) => return Some(error.to_string()),
    };
    if case.is_strict || case.checks_order || case.invalid == Some("semantic") {
        let kind = input.resource_type.as_deref().unwrap();
        match (expression.check(kind, model), case.invalid) {
            (Err(_), Some(_)) => return None,
            (Err(error), None) => return Some(error.to_string()),
            (Ok(()), _) => {}
        }
    }
    let mut context = Context::new(model, input, Temporal::parse_date_time("2026-11-25T12:00:00.000Z").unwrap());
    context.conformance = Some(&profiles);
    let items = match (expression.evaluate(input, &context), case.invalid) {
        (Err(PathError::Limit { what, .. }), _) => return Some(format!("limit of {what}")),
        (Err(_), Some(_)) => return None,
        (Err(error), None) => return Some(error.to_string()),
        (Ok(items), Some(_)) => return Some(format!("no error but {items:?}")),
        (Ok(items), None) => items,
    };
    if case.is_predicate {
        let holds = expression.holds(input, &context);
        return (holds != Ok(true)).then(|| format!("{holds:?}"));
    }
    let mut open: Vec<&Item<'_>> = items.iter().collect();
    let right = items.len() == case.outputs.len()
        && if case.is_unordered {
            case.outputs.iter().all(|wanted| {
                let at = open.iter().position(|item| same(item, wanted));
                at.map(|at| open.remove(at)).is_some()
            })
        } else {
            items.iter().zip(&case.outputs).all(|(item, wanted)| same(item, wanted))
        };
    let seen = || items.iter().map(|item| format!("{} {item}", kind_of(item))).collect::<Vec<_>>().join(", ");
    (!right).then(seen)
}

/// Our list of exceptions: name and reason, one a line below the head.
fn exceptions() -> BTreeMap<String, String> {
    let text = fs::read_to_string("fixtures/fhirpath-exceptions.csv").unwrap();
    let rows = text.lines().skip(1).filter(|line| !line.is_empty());
    rows.map(|line| line.split_once(',').unwrap()).map(|(name, reason)| (name.to_owned(), reason.to_owned())).collect()
}

#[test]
fn official_suite_for_r4() {
    let Some(shared) = shared::folder("the official FHIRPath suite") else { return };
    let folder = shared.join("corpus/fhirpath/r4");
    let text = fs::read_to_string(folder.join("tests-fhir-r4.xml")).unwrap();
    let suite = roxmltree::Document::parse(&text).unwrap();
    let model = shared::r4(&shared);
    let mut inputs: BTreeMap<&str, Element> = BTreeMap::new();
    let cases = cases(&suite);
    for case in &cases {
        inputs.entry(case.input).or_insert_with(|| read(&folder.join(case.input)));
    }
    let exceptions = exceptions();
    let mut failed = BTreeSet::new();
    let mut unexpected = Vec::new();
    for case in &cases {
        if let Some(seen) = run(case, &inputs[case.input], model) {
            failed.insert(case.name.clone());
            if !exceptions.contains_key(&case.name) {
                unexpected.push(format!(
                    "{}: `{}`\n    expected {:?} {:?}\n    seen {seen}",
                    case.name, case.expression, case.invalid, case.outputs
                ));
            }
        }
    }
    println!("{} cases, {} pass", cases.len(), cases.len() - failed.len());
    assert!(unexpected.is_empty(), "{}", unexpected.join("\n"));
    let stale: Vec<_> = exceptions.keys().filter(|name| !failed.contains(*name)).collect();
    assert!(stale.is_empty(), "these exceptions pass or are no case: {stale:?}");
}

/// Published with its quotes turned into pieces of character references: no expression of any language.
const MANGLED: &str = "(%resource.kind = #39;.logical#39;. or ";

/// Every FHIRPath of a definition: invariants, discriminators aside, and search parameters.
fn expressions<'e>(element: &'e Element, found: &mut BTreeSet<&'e str>) {
    let is_other = element.text("language").is_some_and(|language| language != "text/fhirpath");
    found.extend(element.text("expression").filter(|_| !is_other));
    for child in &element.children {
        expressions(child, found);
    }
}

#[test]
fn every_expression_of_the_packages_parses_and_runs() {
    let Some(shared) = shared::folder("every expression of the packages") else { return };
    let now = Temporal::parse_date_time("2026-11-25T12:00:00.000Z").unwrap();
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for package in shared::packages(&shared) {
        for (name, text) in shared::package(&package, &["StructureDefinition-", "SearchParameter-"]) {
            if !text.windows(12).any(|part| part == b"\"expression\"") {
                continue;
            }
            let (resource, _) = json::parse(&text).unwrap_or_else(|error| panic!("{name}: {error:?}"));
            let mut found = BTreeSet::new();
            expressions(&resource, &mut found);
            for expression in found {
                known.entry(expression.to_owned()).or_insert_with(|| format!("{} {name}", package.display()));
            }
        }
    }
    let resource = read(&shared.join("corpus/fhirpath/r4/patient-example.json"));
    let model = shared::r4(&shared);
    let context = Context::new(model, &resource, now);
    let mut wrong = Vec::new();
    for (expression, from) in &known {
        match Expression::parse(expression) {
            Err(_) if expression.starts_with(MANGLED) => {}
            Err(error) => wrong.push(format!("{from}: `{expression}`: {error}")),
            Ok(parsed) => {
                if let Err(error @ (PathError::Limit { .. } | PathError::Pattern { .. })) =
                    parsed.evaluate(&resource, &context)
                {
                    wrong.push(format!("{from}: `{expression}`: {error}"));
                }
            }
        }
    }
    println!("{} expressions in the packages", known.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_shape_of_the_official_scripts_parses_and_runs() {
    let Some(shared) = shared::folder("the shapes of the official scripts") else { return };
    let text = fs::read_to_string(shared.join("spec/testscripts-fhirpath-shapes.tsv")).unwrap();
    let bundle = read(&shared.join("corpus/fhirpath/r4/patient-container-example.json"));
    let model = shared::stu3(&shared);
    let now = Temporal::parse_date_time("2026-11-25T12:00:00.000Z").unwrap();
    let mut context = Context::new(model, &bundle, now);
    context.dialect = Dialect::Lenient;
    let mut wrong = Vec::new();
    let mut count = 0;
    for row in text.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        // Long examples are cut off; their shape is whole.
        let expression = if columns[4].len() < 600 { columns[4] } else { columns[3] };
        count += 1;
        let result = Expression::parse(expression).map(|parsed| parsed.evaluate(&bundle, &context).err());
        match result {
            Ok(None) => {}
            Ok(Some(error)) | Err(error) => wrong.push(format!("`{expression}`: {error}")),
        }
    }
    println!("{count} shapes; lenient forms: {:?}", context.leniencies().collect::<Vec<_>>());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
