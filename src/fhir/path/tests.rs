//! The engine on a small resource, with a model of a few types.

use crate::fhir::element::Element;
use crate::fhir::json;
use crate::fhir::path::ChildFacts;
use crate::fhir::path::Context;
use crate::fhir::path::Dialect;
use crate::fhir::path::Expression;
use crate::fhir::path::Item;
use crate::fhir::path::Leniency;
use crate::fhir::path::Model;
use crate::fhir::path::PathError;
use crate::fhir::path::Temporal;
use crate::fhir::path::place_of;

/// Parent, name, type, base name, repeats.
const CHILDREN: [(&str, &str, &str, &str, bool); 16] = [
    ("Bundle", "entry", "Bundle.entry", "entry", true),
    ("Bundle", "link", "Bundle.link", "link", true),
    ("Bundle", "total", "unsignedInt", "total", false),
    ("Bundle.link", "url", "uri", "url", false),
    ("Bundle.entry", "fullUrl", "uri", "fullUrl", false),
    ("Bundle.entry", "resource", "Resource", "resource", false),
    ("Observation", "id", "id", "id", false),
    ("Observation", "valueQuantity", "Quantity", "value", false),
    ("Observation", "code", "CodeableConcept", "code", false),
    ("Observation", "subject", "Reference", "subject", false),
    ("CodeableConcept", "coding", "Coding", "coding", true),
    ("CodeableConcept", "text", "string", "text", false),
    ("Coding", "code", "code", "code", false),
    ("Reference", "reference", "string", "reference", false),
    ("Quantity", "value", "decimal", "value", false),
    ("Patient", "birthDate", "date", "birthDate", false),
];

struct FewTypes;

impl Model for FewTypes {
    fn child(&self, parent: &str, name: &str) -> Option<ChildFacts<'_>> {
        let found = CHILDREN.iter().find(|(of, child, ..)| *of == parent && *child == name);
        found.map(|(_, _, kind, base_name, repeats)| ChildFacts { kind, base_name, repeats: *repeats })
    }

    fn is_subtype(&self, kind: &str, ancestor: &str) -> bool {
        kind == ancestor || (ancestor == "Resource" && matches!(kind, "Bundle" | "Observation" | "Patient"))
    }

    fn is_type(&self, kind: &str) -> bool {
        kind == "Resource" || CHILDREN.iter().any(|(parent, _, child, ..)| *parent == kind || *child == kind)
    }

    fn is_primitive(&self, kind: &str) -> bool {
        kind.starts_with(|c: char| c.is_ascii_lowercase())
    }

    fn position(&self, _: &str, _: &str) -> Option<u32> {
        None
    }
}

const BUNDLE: &str = r#"{
    "resourceType": "Bundle", "total": 2,
    "link": [{"relation": "self", "url": "https://a.example/Observation"}, {"relation": "next", "url": "https://a.example/?page=2"}],
    "entry": [
        {"fullUrl": "https://a.example/Observation/1", "resource": {
            "resourceType": "Observation", "id": "1",
            "code": {"coding": [{"code": "38341003"}, {"code": "b"}], "text": "tekst"},
            "valueQuantity": {"value": 5.90, "unit": "mmol/l", "code": "mmol/L"},
            "subject": {"reference": "Patient/2"}}},
        {"fullUrl": "https://a.example/Patient/2", "resource": {"resourceType": "Patient", "birthDate": "1980-02"}}
    ]
}"#;

fn bundle() -> Element {
    json::parse(BUNDLE.as_bytes()).unwrap().0
}

fn context(resource: &Element) -> Context<'_> {
    Context::new(&FewTypes, resource, Temporal::parse_date_time("2026-11-25T12:00:00.000Z").unwrap())
}

fn evaluate(text: &str, dialect: Dialect) -> Result<Vec<String>, PathError> {
    let resource = bundle();
    let mut context = context(&resource);
    context.dialect = dialect;
    let expression = Expression::parse(text)?;
    let items = expression.evaluate(&resource, &context)?;
    Ok(items.iter().map(ToString::to_string).collect())
}

fn check(text: &str, expect: &[&str]) {
    assert_eq!(evaluate(text, Dialect::Standard).unwrap(), expect, "{text}");
}

fn check_error(text: &str, expect: &str) {
    assert_eq!(evaluate(text, Dialect::Standard).unwrap_err().to_string(), expect, "{text}");
}

#[test]
fn types_change_at_the_resource_of_an_entry() {
    check("Bundle.entry.resource.where($this is Observation).value.value", &["5.90"]);
    check("Bundle.entry.resource.where(is(Patient)).birthDate < today()", &["true"]);
    check("Bundle.descendants().where($this is Coding).code", &["38341003", "b"]);
    check("Bundle.entry.resource.ofType(Observation).value = 5.9 'mmol/L'", &["true"]);
}

#[test]
fn references_resolve_within_the_bundle() {
    check("Bundle.entry.resource.ofType(Observation).subject.resolve().birthDate", &["1980-02"]);
    check("'https://a.example/Observation/1'.resolve().id", &["1"]);
    check("'Patient/3'.resolve().exists()", &["false"]);
}

#[test]
fn an_element_tells_its_place() {
    let resource = bundle();
    let context = context(&resource);
    let place = |text: &str| {
        let expression = Expression::parse(text).unwrap();
        let items = expression.evaluate(&resource, &context).unwrap();
        let Some(Item::Node(node)) = items.first() else { panic!("{text}") };
        place_of(&resource, node.element, &FewTypes).unwrap()
    };
    assert_eq!(place("Bundle.entry.resource.code.coding[1].code"), "Bundle.entry[0].resource.code.coding[1].code");
    assert_eq!(place("Bundle.entry.resource.value"), "Bundle.entry[0].resource.value");
    assert_eq!(place_of(&resource, &bundle(), &FewTypes), None);
}

#[test]
fn unknown_functions_are_found_when_parsing() {
    check_error(
        "a.frobnicate()",
        "unknown function `frobnicate` at offset 2; use a function of FHIRPath N1 or of FHIR",
    );
    check_error("a.where()", "`where` at offset 2 takes 1 arguments, not 0");
    check_error("a.", "expected a name at offset 2, found the end");
    check_error("Bundle.memberOf('x')", "`memberOf` cannot be decided for `x`");
    check_error("%unknown", "unknown variable `%unknown`; define it in the context");
}

#[test]
fn lenient_forms_are_accepted_and_named() {
    let forms = [
        ("Bundle.descendants().where($this.is(coding)).exists().not()", Leniency::UnknownType),
        ("Bundle.link.url.contains('bsn') = false", Leniency::FunctionOnSeveral),
        (
            "Bundle.entry.resource.where($this is Observation).code.coding.where(code=38341003).exists()",
            Leniency::TextAsNumber,
        ),
        ("Bundle.entry.select(resource as Observation).exists()", Leniency::TypeOfSeveral),
        ("Bundle.entry.fullUrl.all(exists().not or startsWith('https://'))", Leniency::MemberOfValue),
        ("Bundle.entry.where(resource.code.coding).exists()", Leniency::SeveralAsCondition),
        ("Bundle.entry.resource.where($this is Observation).valueQuantity.exists()", Leniency::ChoiceByType),
    ];
    let resource = bundle();
    for (text, form) in forms {
        let mut context = context(&resource);
        context.dialect = Dialect::Lenient;
        let expression = Expression::parse(text).unwrap();
        assert_eq!(expression.holds(&resource, &context), Ok(true), "{text}");
        if form != Leniency::TypeOfSeveral {
            assert_eq!(context.leniencies().collect::<Vec<_>>(), [form], "{text}");
        }
    }
    let by_type = "Bundle.entry.resource.where($this is Observation).valueQuantity.exists()";
    assert_eq!(evaluate(by_type, Dialect::Profiles).unwrap(), ["true"]);
    check(by_type, &["false"]);
    check("Bundle.entry.resource.where($this is Observation).code.coding.where(code=38341003).exists()", &["false"]);
    check_error(
        "Bundle.link.url.contains('bsn')",
        "`contains` needs one item and got 2; select one with `first()` or `where(..)`",
    );
}

#[test]
fn a_primitive_has_a_value() {
    check("Bundle.total.value + 1", &["3"]);
    check("Bundle.total.hasValue()", &["true"]);
}

#[test]
fn runaway_expressions_meet_a_limit() {
    let resource = bundle();
    let mut context = context(&resource);
    context.limits.steps = 10_000;
    context.limits.items = 1_000;
    let grow = Expression::parse("(1|2|3).repeat($this + 1)").unwrap();
    assert!(matches!(grow.evaluate(&resource, &context), Err(PathError::Limit { .. })));
    let double = "combine($this)".to_owned() + &".select($this.combine($this))".repeat(20);
    let double = Expression::parse(&double).unwrap();
    assert!(matches!(double.evaluate(&resource, &context), Err(PathError::Limit { .. })));
}

#[test]
fn deep_expressions_are_refused_or_evaluated_without_overflow() {
    let nested = |depth: usize| "(".repeat(depth) + "1" + &")".repeat(depth);
    assert!(Expression::parse(&nested(50)).is_ok());
    assert!(matches!(Expression::parse(&nested(5_000)), Err(PathError::Limit { .. })));
    assert!(matches!(Expression::parse(&"-".repeat(5_000)), Err(PathError::Limit { .. })));
    let sum = "1".to_owned() + &" + 1".repeat(240);
    check(&sum, &["241"]);
    let chain = "a".to_owned() + &".a".repeat(240);
    check(&chain, &[]);
    let deep = (0..28).fold("1".to_owned(), |inner, _| format!("iif(true, 1 + 1 + 1 + 1 + 1 + 1 + 1 + {inner})"));
    assert!(evaluate(&deep, Dialect::Standard).is_ok_and(|items| items.len() == 1));
    // A chain upon a chain is as deep as both.
    let both = format!("iif(true, {sum}){}", ".a".repeat(240));
    assert!(matches!(Expression::parse(&both), Err(PathError::Limit { what: "levels", .. })));
    // The last condition is evaluated while all before it wait.
    for streams in [50, 200] {
        let filters = ".where(true)".repeat(streams);
        let last = "1".to_owned() + &" + 1".repeat(290 - streams);
        check(&format!("children(){filters}.where({last} > 0).exists()"), &["true"]);
    }
}

/// Pieces of expressions in any order: whatever comes out is refused or evaluated, never a panic.
#[test]
fn nonsense_never_panics() {
    const PIECES: [&str; 44] = [
        "Bundle",
        ".",
        "entry",
        "resource",
        "(",
        ")",
        "[",
        "]",
        "0",
        "-",
        "1.5",
        "'é'",
        "'a'",
        "@2024-02-29",
        "@T23:59",
        "+",
        "1 year",
        "4 'mg'",
        "*",
        "/",
        "div",
        "mod",
        "|",
        "=",
        "~",
        "<",
        "and",
        "$this",
        "$index",
        "%resource",
        "{}",
        ".where(",
        ".select(",
        ".substring(",
        ".replace('a', ",
        ".power(",
        ".round(",
        ".lowBoundary(",
        ".highBoundary()",
        ".decode('hex')",
        ".matches('[[')",
        ".sort(-$this)",
        ".resolve()",
        "9999999999999999999999999999999999999",
    ];
    let resource = bundle();
    let mut context = context(&resource);
    context.limits.steps = 5_000;
    let mut state = 1u64;
    let mut evaluated = 0;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..8 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(PIECES[usize::try_from(state >> 33).unwrap() % PIECES.len()]);
        }
        for text in [text.clone(), text.clone() + ")", format!("({text}).toString()")] {
            if let Ok(expression) = Expression::parse(&text) {
                evaluated += usize::from(expression.evaluate(&resource, &context).is_ok());
            }
        }
    }
    assert!(evaluated > 10, "{evaluated}");
}

#[test]
fn expressions_are_shared_between_threads() {
    fn shareable<T: Send + Sync>(_: &T) {}
    shareable(&Expression::parse("a.b").unwrap());
}
