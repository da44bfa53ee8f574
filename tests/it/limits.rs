//! What is beyond a limit ends soon and says which limit it is: texts, profiles, value sets, resources, expressions.

use std::sync::Arc;

use toetsbank::fhir::definitions::DefinitionSet;
use toetsbank::fhir::definitions::FhirVersion;
use toetsbank::fhir::definitions::Layer;
use toetsbank::fhir::definitions::PackageFacts;
use toetsbank::fhir::json;
use toetsbank::fhir::path::Expression;
use toetsbank::fhir::snapshot::MOST as MOST_BASES;
use toetsbank::fhir::snapshot::SnapshotError;
use toetsbank::fhir::syntax::MAX_BYTES;
use toetsbank::fhir::syntax::MAX_DEPTH;
use toetsbank::fhir::syntax::MAX_PROBLEMS;
use toetsbank::fhir::terminology::MOST_NESTED;
use toetsbank::fhir::terminology::Membership;
use toetsbank::fhir::validate::Options;
use toetsbank::fhir::validate::Outcome;
use toetsbank::fhir::validate::Validator;
use toetsbank::fhir::xml;
use toetsbank::packages::embedded;

/// A validator for R4 with these definitions beside those of FHIR.
fn validator(definitions: impl IntoIterator<Item = String>) -> Validator {
    let resources = definitions.into_iter().map(|text| json::parse(text.as_bytes()).unwrap().0).collect();
    let mut layers = vec![Arc::new(Layer::from_resources(PackageFacts::default(), resources).unwrap())];
    layers.extend(embedded::layers(FhirVersion::R4));
    Validator::new(Arc::new(DefinitionSet::new(FhirVersion::R4, layers)))
}

fn judged(validator: &Validator, text: &str) -> Outcome {
    let read = if text.starts_with('<') { xml::parse(text.as_bytes()) } else { json::parse(text.as_bytes()) };
    let (resource, problems) = read.unwrap();
    validator.validate_read(&resource, &problems, &[], Options::default())
}

/// Why something was not checked, by the id of the reason.
fn reason(outcome: &Outcome, code: &str) -> String {
    let found = outcome.not_checked.iter().find(|entry| entry.code == code);
    found.map_or_else(|| format!("no {code}"), |entry| entry.reason.en.clone())
}

fn listed(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(",")
}

fn profile(number: usize, base: &str) -> String {
    format!(
        r#"{{"resourceType":"StructureDefinition","url":"http://a.example/p{number}","name":"P","status":"draft",
        "kind":"resource","abstract":false,"type":"Patient","derivation":"constraint","baseDefinition":"{base}",
        "differential":{{"element":[{{"id":"Patient","path":"Patient"}}]}}}}"#
    )
}

fn value_set(name: &str, includes: &str) -> String {
    format!(
        r#"{{"resourceType":"ValueSet","url":"http://a.example/{name}","status":"draft",
        "compose":{{"include":[{includes}]}}}}"#
    )
}

#[test]
fn a_text_beyond_a_limit_names_it() {
    let json = |text: &str| json::parse(text.as_bytes()).unwrap_err().to_string();
    let xml = |text: &str| xml::parse(text.as_bytes()).unwrap_err().to_string();
    let levels = format!("nested deeper than {MAX_DEPTH} levels; flatten it");
    let div = r#"<a xmlns="http://hl7.org/fhir"><div xmlns="http://www.w3.org/1999/xhtml">"#;
    for said in [
        json(&format!(r#"{{"a":{}"#, "[".repeat(1_000_000))),
        json(&r#"{"a":"#.repeat(1_000_000)),
        xml(&"<a>".repeat(1_000_000)),
        xml(&format!("{div}{}", "<b>".repeat(10_000))),
    ] {
        assert!(said.ends_with(&levels), "{said}");
    }
    let many: String = (0..65).map(|number| format!(" a{number}=''")).collect();
    let said = xml(&format!("<a{many}/>"));
    assert!(said.ends_with("more than 64 attributes on one element; FHIR has three"), "{said}");
    // Memory that nobody touches costs nothing.
    let large = vec![0; MAX_BYTES + 1];
    for error in [json::parse(&large).unwrap_err(), xml::parse(&large).unwrap_err()] {
        assert!(error.to_string().ends_with("more than 512 MiB; split the file"), "{error}");
    }
}

#[test]
fn a_chain_of_bases_has_an_end() {
    let base = |at: usize| match at {
        0 => "http://hl7.org/fhir/StructureDefinition/Patient".to_owned(),
        _ => format!("http://a.example/p{}", at - 1),
    };
    let chain = (0..3_000).map(|at| profile(at, &base(at)));
    let circle = [profile(9_001, "http://a.example/p9002"), profile(9_002, "http://a.example/p9001")];
    let validator = validator(chain.chain(circle));
    let made = |number: usize| validator.schemas().snapshots().of(&format!("http://a.example/p{number}")).map(|_| ());
    assert!(matches!(made(2_999), Err(SnapshotError::TooDeep(_))), "{:?}", made(2_999));
    assert!(matches!(made(9_001), Err(SnapshotError::Cycle(_))), "{:?}", made(9_001));
    assert_eq!(made(MOST_BASES - 10), Ok(()));
    let told = |number: usize| {
        let text = format!(r#"{{"resourceType":"Patient","meta":{{"profile":["http://a.example/p{number}"]}}}}"#);
        reason(&judged(&validator, &text), "unknown-profile")
    };
    assert!(told(2_999).contains("rests on more than 64 definitions, one on another; derive it"), "{}", told(2_999));
    assert!(told(9_002).contains("is derived from itself; correct `baseDefinition`"), "{}", told(9_002));
    assert_eq!(told(9_003), "no package carries profile `http://a.example/p9003`");
}

#[test]
fn value_sets_that_include_one_another_do_not_multiply() {
    let system = "http://a.example/s";
    let code = r#"{"system":"http://a.example/s","concept":[{"code":"x"}]}"#;
    // Each includes the next thrice: three to the power of thirty ways to the last.
    let sets = (0..30).map(|at| {
        let next = format!("http://a.example/v{}", at + 1);
        let twice = format!(r#"{{"valueSet":["{next}"]}},{{"valueSet":["{next}","{next}"]}}"#);
        value_set(&format!("v{at}"), if at == 29 { code } else { &twice })
    });
    let circle =
        |own: &str, other: &str| value_set(own, &format!(r#"{{"valueSet":["http://a.example/{other}"]}},{code}"#));
    let validator = validator(sets.chain([circle("c1", "c2"), circle("c2", "c1")]));
    let ask = |name: &str, code| {
        let codes = validator.terminology().codes(&format!("http://a.example/{name}"));
        codes.membership(Some(system), code)
    };
    assert_eq!((ask("v0", "x"), ask("v0", "y")), (Membership::In, Membership::NotIn));
    assert_eq!((ask("c1", "x"), ask("c1", "y")), (Membership::In, Membership::Unknown));
}

#[test]
fn value_sets_nested_too_deep_name_the_limit() {
    let code = r#"{"system":"http://a.example/s","concept":[{"code":"x"}]}"#;
    let sets = (0..=MOST_NESTED).map(|at| {
        let next = format!(r#"{{"valueSet":["http://a.example/v{}"]}}"#, at + 1);
        value_set(&format!("v{at}"), if at == MOST_NESTED { code } else { &next })
    });
    let bound = |name: &str, set: &str| {
        format!(
            r#"{{"resourceType":"StructureDefinition","url":"http://a.example/{name}","name":"P","status":"draft",
            "kind":"resource","abstract":false,"type":"Patient","derivation":"constraint",
            "baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","differential":{{"element":[
            {{"id":"Patient.language","path":"Patient.language","binding":{{"strength":"required",
            "valueSet":"http://a.example/{set}"}}}}]}}}}"#
        )
    };
    let validator = validator(sets.chain([bound("deep", "v0"), bound("flat", "v1")]));
    let told = |profile: &str, code: &str| {
        let meta = format!(r#""meta":{{"profile":["http://a.example/{profile}"]}}"#);
        judged(&validator, &format!(r#"{{"resourceType":"Patient",{meta},"language":"{code}"}}"#))
    };
    let deep = told("deep", "x");
    let said = reason(&deep, "terminology");
    assert!(said.contains("nested deeper than 32, one in another; flatten it"), "{said}");
    assert!(deep.is_valid(), "{:?}", deep.issues.first());
    assert_eq!(reason(&told("flat", "x"), "terminology"), "no terminology");
    assert!(told("flat", "x").is_valid() && !told("flat", "y").is_valid());
}

#[test]
fn what_instances_name_is_not_kept() {
    let validator = validator([]);
    let patient = "http://hl7.org/fhir/StructureDefinition/Patient";
    for at in 0..100 {
        let text = format!(
            r##"{{"resourceType":"Patient","meta":{{"profile":["http://a.example/{at}","{patient}#{at}"]}},
            "extension":[{{"url":"http://b.example/{at}","valueBoolean":true}}]}}"##
        );
        let outcome = judged(&validator, &text);
        assert_eq!(reason(&outcome, "unknown-profile"), format!("no package carries profile `http://a.example/{at}`"));
        let known = |canonical: &str| validator.schemas().find(canonical);
        assert_eq!(known(&format!("http://a.example/{at}")), None);
        assert_eq!(known(&format!("http://b.example/{at}")), None);
        assert_eq!(known(&format!("{patient}#{at}")), known(patient));
    }
}

#[test]
fn a_resource_with_many_faults_is_told_so_far() {
    let validator = validator([]);
    let many = MAX_PROBLEMS + 500;
    let xml = format!(r#"<Patient xmlns="http://hl7.org/fhir">{}</Patient>"#, "<name odd=\"1\"/>\n".repeat(many));
    let json = format!(r#"{{"resourceType":"Patient","name":[{}]}}"#, listed(many, |_| r#"{"given":[]}"#.into()));
    for text in [xml, json] {
        let outcome = judged(&validator, &text);
        let said = reason(&outcome, "too-many");
        let expected = "there is more to say than 10000 points, and the rest is not shown; mend these first";
        assert!(said.starts_with(expected), "{said}");
        assert!(!outcome.is_valid() && outcome.issues.len() <= 10_002, "{}", outcome.issues.len());
    }
}

#[test]
fn a_resource_that_is_searched_again_and_again_is_told_so() {
    let many = 300;
    let contained = format!(
        r##"{{"resourceType":"Patient","contained":[{}],"generalPractitioner":[{}]}}"##,
        listed(many, |at| format!(r#"{{"resourceType":"Organization","id":"o{at}","name":"x"}}"#)),
        listed(many, |at| format!(r##"{{"reference":"#o{at}"}}"##)),
    );
    let form = format!(
        r#"{{"resourceType":"Questionnaire","status":"active","item":[{}]}}"#,
        listed(many, |at| format!(
            r#"{{"linkId":"{at}","type":"string","text":"x","enableWhen":[
            {{"question":"{}","operator":"exists","answerBoolean":true}}]}}"#,
            (at + 7) % many
        )),
    );
    let usual = validator([]);
    for text in [&contained, &form] {
        assert_eq!(reason(&judged(&usual, text), "too-much-work"), "no too-much-work", "{text:.60}");
    }
    let short = usual.within(20_000);
    for text in [&contained, &form] {
        let outcome = judged(&short, text);
        let said = reason(&outcome, "too-much-work");
        let expected = "take more than 20000 steps together, and the rest of them is not judged; split";
        assert!(said.contains(expected), "{said}");
        assert!(outcome.is_valid(), "what is not judged is no fault: {:?}", outcome.issues.first());
    }
}

/// Each looked up by going through all would be 400 million looks, several times over.
#[test]
fn many_references_to_many_contained_resources_are_looked_up() {
    let text = |many: usize, last: usize| {
        format!(
            r##"{{"resourceType":"Patient","contained":[{}],"generalPractitioner":[{},{{"reference":"#o{last}"}}]}}"##,
            listed(many, |at| format!(r#"{{"resourceType":"Organization","id":"o{at}","name":"x"}}"#)),
            listed(many, |at| format!(r##"{{"reference":"#o{at}"}}"##)),
        )
    };
    let validator = validator([]);
    let outcome = judged(&validator, &text(20_000, 0));
    assert_eq!(reason(&outcome, "too-much-work"), "no too-much-work");
    assert!(outcome.is_valid(), "{:?}", outcome.issues.first());
    let outcome = judged(&validator, &text(200, 200));
    let faults: Vec<&str> = outcome.issues.iter().map(|issue| issue.code).collect();
    assert!(faults.contains(&"reference-missing"), "{faults:?}");
}

/// Each asked of an expression: walked through to tell in which entry a reference stands, it would be billions of looks.
#[test]
fn references_in_an_entry_are_resolved_by_what_they_stand_in() {
    let constrained = |kind: &str, path: &str, expression: &str| {
        format!(
            r#"{{"resourceType":"StructureDefinition","url":"http://a.example/{kind}","name":"P","status":"draft",
            "kind":"resource","abstract":false,"type":"{kind}","derivation":"constraint",
            "baseDefinition":"http://hl7.org/fhir/StructureDefinition/{kind}",
            "differential":{{"element":[{{"id":"{path}","path":"{path}","constraint":[{{"key":"a-1","severity":"error",
            "human":"x","expression":"{expression}"}}]}}]}}}}"#
        )
    };
    let validator = validator([
        constrained("Patient", "Patient.generalPractitioner", "resolve().name = 'x'"),
        constrained("Bundle", "Bundle", "entry.resource.generalPractitioner.all(resolve().name = 'x')"),
    ]);
    let entry = |many: usize, name: &str| {
        format!(
            r##"{{"fullUrl":"http://b.example/Patient/{name}","resource":{{"resourceType":"Patient","id":"{name}",
            "meta":{{"profile":["http://a.example/Patient"]}},"contained":[{}],"generalPractitioner":[{}]}}}}"##,
            listed(many, |at| format!(r#"{{"resourceType":"Organization","id":"o{at}","name":"{name}"}}"#)),
            listed(many, |at| format!(r##"{{"reference":"#o{at}"}}"##)),
        )
    };
    let bundle = |entries: &[String]| {
        format!(
            r#"{{"resourceType":"Bundle","meta":{{"profile":["http://a.example/Bundle"]}},"type":"collection","entry":[{}]}}"#,
            entries.join(",")
        )
    };
    let outcome = judged(&validator, &bundle(&[entry(20_000, "x")]));
    assert_eq!(reason(&outcome, "too-much-work"), "no too-much-work");
    assert!(outcome.is_valid(), "{:?}", outcome.issues.first());
    for many in [2, 300] {
        // Each entry has its own: `#o0` of the second is not that of the first.
        let outcome = judged(&validator, &bundle(&[entry(many, "x"), entry(many, "y")]));
        let ours = || outcome.issues.iter().filter(|issue| issue.expected.en.starts_with("invariant `a-1`"));
        let count = |place: &str| ours().filter(|issue| issue.place.starts_with(place)).count();
        assert_eq!((count("Bundle.entry[0]"), count("Bundle.entry[1]")), (0, many));
        assert_eq!(ours().count(), many + 1, "one is that of the Bundle");
    }
}

#[test]
fn nesting_in_a_resource_has_an_end() {
    let validator = validator([]);
    let open = r#"<extension url="http://a.example/e">"#.repeat(100);
    let inside = format!(r#"{open}<valueString value="x"/>{}"#, "</extension>".repeat(100));
    let outcome = judged(&validator, &format!(r#"<Patient xmlns="http://hl7.org/fhir">{inside}</Patient>"#));
    assert_eq!(reason(&outcome, "too-deep"), "deeper than 64 levels");
    let deepest = |start: &str, middle: &str, end: &str| {
        judged(&validator, &format!("{}{middle}{}", start.repeat(40), end.repeat(40)));
    };
    let bundle = r#"{"resourceType":"Bundle","type":"collection""#;
    deepest(&format!(r#"{bundle},"entry":[{{"resource":"#), &format!("{bundle}}}"), "}]}");
    let form = r#"{"resourceType":"Questionnaire","status":"active","linkId":"a","type":"group","item":["#;
    deepest(form, r#"{"linkId":"z","type":"string"}"#, "]}");
    deepest(r#"{"resourceType":"Patient","contained":["#, r#"{"resourceType":"Patient"}"#, "]}");
}

#[test]
fn an_expression_beyond_a_limit_names_it() {
    let refused = |text: String| Expression::parse(&text).unwrap_err().to_string();
    let limit = |what: &str| format!("the expression exceeds the limit of {what}; make it simpler");
    assert_eq!(refused("(".repeat(5_000)), limit("60 nested expressions"));
    assert_eq!(refused("-".repeat(5_000) + "1"), limit("60 signs"));
    assert_eq!(refused("a".to_owned() + &".a".repeat(1_000)), limit("250 calls in a chain"));
    assert_eq!(refused("1".to_owned() + &"+1".repeat(1_000)), limit("250 operators in a chain"));
    assert_eq!(refused("(1)".repeat(5_000)), limit("8000 tokens"));
    assert_eq!(refused(" ".repeat(65_537)), limit("65536 bytes of text"));
}
