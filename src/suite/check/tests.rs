//! Suites with mistakes: each has its message.

use crate::fhir::relative_date;
use crate::suite::load::load;

const HEAD: &str =
    "id: a-1\ntitle: { nl: a, en: a }\nfhir: stu3\nsysteemrollen: [X-1]\npatients: { rich: { nl: a, en: a } }\n";

fn messages(files: &[(&str, &str)]) -> Vec<String> {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    load(&files).err().map(|errors| errors.0.iter().map(ToString::to_string).collect()).unwrap_or_default()
}

fn scenario(rest: &str) -> String {
    format!("id: \"1\"\ntitle: {{ nl: a, en: a }}\n{rest}")
}

/// A scenario file in a suite that is right otherwise.
fn check(rest: &str) -> Vec<String> {
    messages(&[("a-1/suite.yaml", HEAD), ("a-1/server/1.yaml", &scenario(rest))])
}

#[test]
fn a_right_suite_loads() {
    assert_eq!(
        check("steps: [{ get: Patient, save: { x: Patient.id } }, { get: \"Patient/${x}\" }]"),
        Vec::<String>::new()
    );
}

#[test]
fn a_step_has_one_operation() {
    let found = check("steps:\n  - get: A\n    token: {}\n  - pages: true\n");
    assert!(
        found[0].contains("4:5: a step with 2 operations: token, get") || found[0].contains("a step with 2 operations"),
        "{found:#?}"
    );
    assert!(found.iter().any(|m| m.contains("a step without operation")), "{found:#?}");
    assert!(found.iter().any(|m| m.contains("`pages` without `get`")), "{found:#?}");
}

#[test]
fn a_post_has_a_body_that_is_there_and_can_be_filled() {
    let text = scenario(
        "steps:\n  - { post: '', body: one }\n  - { post: '', body: two }\n  - { post: '' }\n  - { get: A, body: one }\n",
    );
    let found = messages(&[
        ("a-1/suite.yaml", HEAD),
        ("a-1/server/1.yaml", &text),
        ("a-1/fixtures/one.json", r#"{"resourceType": "Patient", "id": "${uuid}", "gender": "${nothing}"}"#),
        ("a-1/fixtures/three.json", "{"),
    ]);
    for part in [
        "uses the variable `nothing`",
        "no `two.json` in the folder `fixtures`",
        "a `post` without body",
        "`body` without `post`",
        "a-1/fixtures/three.json:1:1: this cannot be read",
    ] {
        assert!(found.iter().any(|m| m.contains(part)), "{part}: {found:#?}");
    }
    assert_eq!(found.len(), 5, "{found:#?}");
}

#[test]
fn an_alias_means_one_suite() {
    let one = format!("{HEAD}aliases: [b, c]\n");
    let two = HEAD.replace("id: a-1", "id: b-1");
    let found = messages(&[("a-1/suite.yaml", &one), ("b-1/suite.yaml", &two)]);
    assert!(found.len() == 1 && found[0].contains("the alias `b` is also a name of `b-1`"), "{found:#?}");
}

#[test]
fn an_expectation_has_one_check() {
    let found = check(
        "steps:\n  - get: A\n    expect:\n      - { each: a }\n      - { status: [200], conforms: false }\n      - {}\n",
    );
    for part in [
        "`each` without `holds`",
        "with 2 checks: status, conforms",
        "`conforms: false` expects nothing",
        "an expectation without check",
    ] {
        assert!(found.iter().any(|m| m.contains(part.trim_start_matches("an "))), "{part}: {found:#?}");
    }
}

#[test]
fn a_wait_has_a_length_and_no_answer() {
    assert_eq!(check("steps: [{ wait: 16m }]"), Vec::<String>::new());
    assert!(!check("steps: [{ wait: 0m }]").is_empty() && !check("steps: [{ wait: soon }]").is_empty());
    let found = check("steps: [{ wait: 1h, expect: [{ status: [200] }] }]");
    assert!(found[0].contains("a wait gives no answer"), "{found:#?}");
}

#[test]
fn names_must_lead_somewhere() {
    let found = check(
        "verifies: [FHIR-99]\npatients: [rch]\nneeds: [\"2\", \"b/1\"]\nsteps:\n  - use: _shared/x\n  - get: \"A/${nam}\"\n    systeemrol: X-2\n",
    );
    for part in [
        "no row `FHIR-99`",
        "no patient `rch` (did you mean `rich`?)",
        "no scenario `a-1/2`",
        "no scenario `b/1`",
        "no shared file `_shared/x`",
        "`nam` has no value",
        "systeemrol `X-2` is not declared",
    ] {
        assert!(found.iter().any(|m| m.contains(part)), "{part}: {found:#?}");
    }
    assert_eq!(found.len(), 7, "{found:#?}");
}

#[test]
fn expressions_are_parsed_and_marked_where_they_break() {
    let found = check("steps:\n  - get: A\n    expect: [{ fhirpath: 'Bundle..type' }]\n");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("a-1/server/1.yaml:5:"), "{found:#?}");
    assert!(found[0].contains("not FHIRPath"), "{found:#?}");
}

#[test]
fn circles_are_told() {
    let one = scenario("needs: [\"2\"]\nsteps: [{ get: A }]\n");
    let two = one.replace("id: \"1\"", "id: \"2\"").replace("[\"2\"]", "[\"1\"]");
    let found = messages(&[
        ("a-1/suite.yaml", HEAD),
        ("a-1/server/1.yaml", &one),
        ("a-1/server/2.yaml", &two),
        ("_shared/x.yaml", "title: { nl: a, en: a }\nsteps: [{ use: _shared/y }]\n"),
        ("_shared/y.yaml", "title: { nl: a, en: a }\nsteps: [{ use: _shared/x }]\n"),
    ]);
    assert_eq!(found.iter().filter(|m| m.contains("needs itself")).count(), 2, "{found:#?}");
    assert_eq!(found.iter().filter(|m| m.contains("uses itself")).count(), 2, "{found:#?}");
}

#[test]
fn shared_files_get_what_they_ask() {
    let shared = "title: { nl: a, en: a }\nvariables: [who]\nsteps: [{ get: \"Patient/${who}\" }]\n";
    let one = scenario("steps:\n  - use: _shared/x\n  - { use: _shared/x, with: { who: a, whom: b } }\n");
    let found = messages(&[("a-1/suite.yaml", HEAD), ("a-1/server/1.yaml", &one), ("_shared/x.yaml", shared)]);
    assert!(found.iter().any(|m| m.contains("`_shared/x` needs the variable `who`")), "{found:#?}");
    assert!(found.iter().any(|m| m.contains("no variable `whom` (did you mean `who`?)")), "{found:#?}");
    assert_eq!(found.len(), 2, "{found:#?}");
}

#[test]
fn a_broken_file_does_not_make_others_wrong() {
    let one = scenario("steps: [{ use: _shared/x }]\n");
    let found = messages(&[("a-1/suite.yaml", HEAD), ("a-1/server/1.yaml", &one), ("_shared/x.yaml", "tile: 1\n")]);
    assert!(found.iter().all(|m| m.starts_with("_shared/x.yaml")), "{found:#?}");
}

#[test]
fn a_suite_is_named_as_its_folder_and_has_a_head() {
    let found = messages(&[
        ("b-1/suite.yaml", &HEAD.replace("fhir: stu3", "fhir: stu3\npackages: [x]\nalong: [c]")),
        ("d/server/1.yaml", &scenario("steps: [{ get: A }]\n")),
        ("b-1/other/1.yaml", ""),
    ]);
    for part in [
        "is not the name of its folder `b-1`",
        "`x` is no package",
        "no suite `c`",
        "d/suite.yaml:1:1: the suite has no",
        "no place for a suite file",
    ] {
        assert!(found.iter().any(|m| m.contains(part)), "{part}: {found:#?}");
    }
}

#[test]
fn dates_have_one_form() {
    let is_date = |name: &str| relative_date::offset(name).is_some();
    assert!(is_date("DATE, T, D,-365") && is_date("DATE, T, M, 1"));
    assert!(!is_date("DATE, T, W, 1") && !is_date("DATE, T, D"));
}
