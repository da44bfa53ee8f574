//! Value sets from definitions to answers.

use super::*;
use crate::fhir::definitions::FhirVersion;
use crate::fhir::definitions::Layer;
use crate::fhir::definitions::PackageFacts;
use crate::fhir::json;
use std::sync::Mutex;

const SYSTEM: &str = r#"{"resourceType":"CodeSystem","url":"http://a/cs","version":"1","content":"complete","concept":[
    {"code":"a","display":"First","designation":[{"language":"nl","value":"Eerste"}],"concept":[
        {"code":"a1","display":"First one","property":[{"code":"colour","valueString":"red"}]},
        {"code":"a2","display":"First two","property":[{"code":"status","valueCode":"retired"}]}]},
    {"code":"b","display":"Second","property":[{"code":"parent","valueCode":"a"}]},
    {"code":"c1","property":[{"code":"child","valueCode":"c1"},{"code":"colour","valueString":"blue"}]}]}"#;

fn element(text: &str) -> Element {
    json::parse(text.as_bytes()).unwrap().0
}

fn terminology(resources: &[&str]) -> Terminology {
    let resources = resources.iter().map(|text| element(text)).collect();
    let layer = Layer::from_resources(PackageFacts::default(), resources).unwrap();
    Terminology::new(Arc::new(DefinitionSet::new(FhirVersion::R4, vec![Arc::new(layer)])))
}

fn value_set(rest: &str) -> String {
    format!(r#"{{"resourceType":"ValueSet","url":"http://a/vs",{rest}}}"#)
}

/// Which of the codes of the system, and of one that it does not have, are in: `+`, `-` or `?` for each.
fn check(rest: &str, expect: &str) {
    let value_set = value_set(rest);
    let nested = r#"{"resourceType":"ValueSet","url":"http://a/nested","compose":{"include":[{"system":"http://a/cs","concept":[{"code":"a1"},{"code":"b"}]}]}}"#;
    let round =
        r#"{"resourceType":"ValueSet","url":"http://a/round","compose":{"include":[{"valueSet":["http://a/vs"]}]}}"#;
    let terminology = terminology(&[SYSTEM, &value_set, nested, round]);
    let codes = terminology.codes("http://a/vs");
    let seen: String = ["a", "a1", "a2", "b", "c1", "zz"]
        .iter()
        .map(|code| match codes.membership(Some("http://a/cs"), code) {
            Membership::In => '+',
            Membership::NotIn => '-',
            Membership::Unknown => '?',
        })
        .collect();
    assert_eq!(seen, expect, "{rest}");
}

fn filter(property: &str, op: &str, value: &str) -> String {
    format!(
        r#""compose":{{"include":[{{"system":"http://a/cs","filter":[{{"property":"{property}","op":"{op}","value":"{value}"}}]}}]}}"#
    )
}

#[test]
fn parts_of_a_value_set_are_worked_out() {
    check(r#""compose":{"include":[{"system":"http://a/cs"}]}"#, "+++++-");
    check(r#""compose":{"include":[{"system":"http://a/cs"}],"inactive":false}"#, "++-++-");
    check(r#""compose":{"include":[{"system":"http://a/cs","version":"1"}]}"#, "+++++-");
    check(r#""compose":{"include":[{"system":"http://a/cs","version":"2"}]}"#, "+++++?");
    check(r#""compose":{"include":[{"system":"http://a/cs"}],"exclude":[{"valueSet":["http://a/nested"]}]}"#, "+-+-+-");
    check(r#""compose":{"include":[{"system":"http://a/cs"}],"exclude":[{"valueSet":["http://a/none"]}]}"#, "?????-");
    check(r#""compose":{"include":[{"valueSet":["http://a/nested"]}]}"#, "-+-+--");
    check(r#""compose":{"include":[{"valueSet":["http://a/nested","http://a/none"]}]}"#, "-?-?--");
    check(r#""compose":{"include":[{"valueSet":["http://a/nested"]},{"valueSet":["http://a/none"]}]}"#, "?+?+??");
    // Round in a circle.
    check(r#""compose":{"include":[{"valueSet":["http://a/round"]}]}"#, "??????");
}

#[test]
fn filters_that_the_concepts_decide_are_applied() {
    check(&filter("concept", "is-a", "a"), "++++--");
    check(&filter("concept", "descendent-of", "a"), "-+++--");
    check(&filter("concept", "is-not-a", "a"), "----+-");
    check(&filter("concept", "generalizes", "a1"), "++----");
    check(&filter("concept", "is-a", "c1"), "----+-");
    check(&filter("parent", "=", "a"), "-+++--");
    check(&filter("code", "in", "a, b"), "+--+--");
    check(&filter("code", "not-in", "a, b"), "-++-+-");
    check(&filter("code", "regex", "[a-z]"), "+--+--");
    check(&filter("colour", "=", "red"), "-+----");
    check(&filter("colour", "regex", "r.d"), "-+----");
    check(&filter("colour", "exists", "true"), "-+--+-");
    check(&filter("colour", "exists", "false"), "+-++--");
    check(&filter("colour", "not-in", "red"), "??????");
    check(&filter("display", "=", "First"), "??????");
    check(&filter("code", "regex", "("), "??????");
}

#[test]
fn expansions_tell_what_the_definition_leaves_open() {
    let contains =
        r#""contains":[{"system":"http://a/cs","code":"a","contains":[{"system":"http://a/cs","code":"a1"}]}]"#;
    check(&format!(r#""expansion":{{{contains}}}"#), "++----");
    check(&format!(r#""expansion":{{"total":2,{contains}}}"#), "++----");
    check(&format!(r#""expansion":{{"total":3,{contains}}}"#), "++????");
    check(&format!(r#""expansion":{{"offset":10,{contains}}}"#), "++????");
    check(&format!(r#""expansion":{{"parameter":[{{"name":"count","valueInteger":2}}],{contains}}}"#), "++????");
    let open = r#""compose":{"include":[{"valueSet":["http://a/none"]}]}"#;
    check(&format!(r#"{open},"expansion":{{{contains}}}"#), "++----");
    check(&format!(r#"{open},"expansion":{{"total":3,{contains}}}"#), "++????");
    let closed = r#""compose":{"include":[{"valueSet":["http://a/nested"]}]}"#;
    check(&format!(r#"{closed},"expansion":{{{contains}}}"#), "-+-+--");
}

#[test]
fn codes_exist_where_a_package_carries_all_of_the_system() {
    let fragment =
        r#"{"resourceType":"CodeSystem","url":"http://a/part","content":"fragment","concept":[{"code":"a"}]}"#;
    let terminology = terminology(&[SYSTEM, fragment]);
    let exists = |system: &str, version, code: &str| terminology.exists(system, version, code).membership;
    assert_eq!(exists("http://a/cs", None, "a2"), Membership::In);
    assert_eq!(exists("http://a/cs", None, "A2"), Membership::NotIn);
    assert_eq!(exists("http://a/cs", Some("1"), "zz"), Membership::NotIn);
    assert_eq!(exists("http://a/cs", Some("2"), "zz"), Membership::Unknown);
    assert_eq!(exists("http://a/part", None, "zz"), Membership::Unknown);
    assert_eq!(exists("http://snomed.info/sct", None, "zz"), Membership::Unknown);
    assert_eq!(exists("http://unitsofmeasure.org", None, "mm[Hg]"), Membership::In);
    assert_eq!(exists("http://unitsofmeasure.org", None, "mmmHg"), Membership::NotIn);
    assert_eq!(exists("urn:ietf:bcp:47", None, "nederlands"), Membership::NotIn);
    assert_eq!(exists("urn:ietf:bcp:47", None, "nl-NL"), Membership::Unknown);
    assert_eq!(exists("urn:iso:std:iso:3166", None, "NL"), Membership::Unknown);
}

#[test]
fn a_display_is_wrong_only_where_all_names_are_known() {
    let list = r#"{"resourceType":"ValueSet","url":"http://a/list","compose":{"include":[{"system":"http://a/cs","concept":[{"code":"a","display":"Nummer een"},{"code":"b"}]}]}}"#;
    let supplement = r#"{"resourceType":"CodeSystem","url":"http://a/sup","content":"supplement","supplements":"http://a/cs","concept":[{"code":"a2","designation":[{"value":"Ander een"}]}]}"#;
    let terminology = terminology(&[SYSTEM, list, supplement]);
    let others = |code: &str, display: &str| {
        let coding = format!(r#"{{"system":"http://a/cs","code":"{code}","display":"{display}"}}"#);
        terminology.other_displays(&element(&coding)).is_some()
    };
    assert!(!others("a", "First"));
    assert!(!others("a", " first "));
    assert!(!others("a", "EERSTE"));
    assert!(!others("a2", "Ander een"));
    assert!(!others("a", "Nummer een"));
    assert!(others("a", "Second"));
    assert!(others("a2", "Tweede"));
    // What the value set calls it was left out.
    assert!(!others("b", "Nummer twee"));
    assert!(!others("c1", "anything"));
    assert!(!others("zz", "anything"));
}

/// Knows that SNOMED CT has one code, and counts.
#[derive(Default)]
struct Knows(Mutex<Vec<Question>>);

impl Source for Knows {
    fn ask(&self, question: &Question) -> Reply {
        self.0.lock().unwrap().push(question.clone());
        match (&*question.code, question.display.as_deref()) {
            ("1", None | Some("One" | "Een")) => Reply::Yes { display: Some("One".into()) },
            ("2", _) => Reply::Unanswered(Text::same("asleep".to_owned())),
            _ => Reply::No,
        }
    }
}

#[test]
fn a_source_is_asked_once_for_what_is_open() {
    let knows = Arc::new(Knows::default());
    let list = value_set(r#""compose":{"include":[{"system":"http://snomed.info/sct"}]}"#);
    let terminology = terminology(&[SYSTEM, &list]).asking(knows.clone());
    let member = |text: &str| terminology.member("http://a/vs", &element(text));
    for _ in 0..2 {
        assert_eq!(member(r#"{"system":"http://snomed.info/sct","code":"1"}"#).membership, Membership::In);
        assert_eq!(
            member(
                r#"{"coding":[{"system":"http://a/cs","code":"a"},{"system":"http://snomed.info/sct","code":"3"}]}"#
            ),
            Membership::NotIn.into()
        );
    }
    assert_eq!(knows.0.lock().unwrap().len(), 2, "once for each");
    let asleep = member(r#"{"system":"http://snomed.info/sct","code":"2"}"#);
    assert_eq!(asleep.membership, Membership::Unknown);
    assert_eq!(asleep.reason, Some(Text::same("asleep".to_owned())));
    assert_eq!(terminology.exists("http://snomed.info/sct", None, "3").membership, Membership::NotIn);
    let display = |text: &str| {
        let coding = format!(r#"{{"system":"http://snomed.info/sct","code":"1","display":"{text}"}}"#);
        terminology.other_displays(&element(&coding))
    };
    assert_eq!(display("One"), None);
    assert_eq!(display("Een"), None);
    assert_eq!(display("Twee"), Some(Arc::from(["One".into()])));
}
