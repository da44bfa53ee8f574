//! JSON and XML hold the same: official material goes from one to the other and back unharmed.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use toetsbank::fhir::Element;
use toetsbank::fhir::Span;
use toetsbank::fhir::definitions::DefinitionSet;
use toetsbank::fhir::definitions::FhirVersion;
use toetsbank::fhir::json;
use toetsbank::fhir::locate;
use toetsbank::fhir::xml;
use toetsbank::packages::embedded;

use crate::shared;

/// Without what only one of the formats has: where things stand, and the order of elements.
fn essence(element: &Element) -> Element {
    let mut children: Vec<Element> = element.children.iter().map(essence).collect();
    children.sort_by(|a, b| a.name.cmp(&b.name));
    Element { children, span: Span::default(), ..element.clone() }
}

fn check(name: &str, text: &[u8], model: &DefinitionSet) {
    let (start, problems) = json::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(problems.is_empty(), "{name}: {problems:?}");
    let as_xml = xml::write(&start, Some(model));
    let (between, problems) = xml::parse(as_xml.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}\n{as_xml}"));
    assert!(problems.is_empty(), "{name}: {problems:?}");
    let as_json = json::write(&between, Some(model));
    let (end, _) = json::parse(as_json.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(essence(&start) == essence(&end), "{name} changed\n{}\n{as_json}", String::from_utf8_lossy(text));
    // Broken into lines it is the same.
    let pretty = xml::write_pretty(&start, Some(model));
    let (again, _) = xml::parse(pretty.as_bytes()).unwrap();
    assert!(json::write(&again, Some(model)) == as_json, "{name}: line breaks change it");
    let (again, _) = json::parse(json::write_pretty(&end, Some(model)).as_bytes()).unwrap();
    assert!(json::write(&again, Some(model)) == as_json, "{name}: line breaks change it");
}

fn fixtures(folder: &Path, set: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let files = std::fs::read_dir(folder.join("fixtures").join(set)).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|ending| ending == "json"));
    files.map(|file| (file.clone(), std::fs::read(file).unwrap())).collect()
}

#[test]
fn fixtures_survive_xml() {
    let Some(folder) = shared::folder("the round trip of the fixtures") else { return };
    let model = embedded::definitions(FhirVersion::Stu3);
    for set in ["bgz-3-0/cert", "bgz-3-0/test", "ggz-2-0/cert", "pdfa-3-0/cert"] {
        let files = fixtures(&folder, set);
        assert!(files.len() > 20, "{set}");
        for (file, text) in files {
            check(&file.display().to_string(), &text, model);
        }
    }
}

#[test]
fn own_fixtures_survive_xml() {
    let model = embedded::definitions(FhirVersion::Stu3);
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "json") {
                let text = std::fs::read(&path).unwrap();
                if json::parse(&text).is_ok_and(|(root, _)| root.resource_type.is_some()) {
                    check(&path.display().to_string(), &text, model);
                }
            }
        }
    }
}

/// The fixtures were converted from the XML of the test scripts by another program; our reader must agree with it.
#[test]
fn xml_of_the_scripts_is_their_json() {
    let Some(folder) = shared::folder("the comparison of the XML of the test scripts") else { return };
    let model = embedded::definitions(FhirVersion::Stu3);
    let mut compared = 0;
    for (scripts, set) in
        [("STU3_BgZ-3-0", "bgz-3-0/cert"), ("STU3_GGZ-2-0", "ggz-2-0/cert"), ("STU3_PDFA-3-0_Cert", "pdfa-3-0/cert")]
    {
        let key = |root: &Element| (root.resource_type.clone(), root.text("id").map(str::to_string));
        let expected: HashMap<_, _> = fixtures(&folder, set)
            .into_iter()
            .map(|(_, text)| json::parse(&text).unwrap().0)
            .map(|root| (key(&root), root))
            .collect();
        let file = File::open(folder.join("testscripts").join(format!("{scripts}.tar.gz"))).unwrap();
        let mut archive = tar::Archive::new(GzDecoder::new(file));
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().display().to_string();
            if !name.contains("/Cert/_reference/resources/") || !name.ends_with(".xml") {
                continue;
            }
            let mut text = Vec::new();
            entry.read_to_end(&mut text).unwrap();
            let (root, problems) = xml::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(problems.is_empty(), "{name}: {problems:?}");
            let Some(expect) = expected.get(&key(&root)) else { continue };
            let (found, _) = json::parse(json::write(&root, Some(model)).as_bytes()).unwrap();
            let (found, expect) = (without_div(&essence(&found)), without_div(&essence(expect)));
            assert!(found == expect, "{name}\n{}\n{}", json::write(&found, None), json::write(&expect, None));
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared}");
}

/// The other program wrote the narrative anew.
fn without_div(element: &Element) -> Element {
    let children = element.children.iter().filter(|child| &*child.name != "div").map(without_div).collect();
    Element { children, ..element.clone() }
}

#[test]
fn valid_corpus_survives_xml() {
    let Some(folder) = shared::folder("the round trip of the corpus") else { return };
    let lines = |file: &str| {
        let mut text = String::new();
        let file = File::open(folder.join("corpus/hl7-engine").join(file)).unwrap();
        GzDecoder::new(file).read_to_string(&mut text).unwrap();
        text
    };
    let outcomes = lines("outcomes.jsonl.gz");
    let mut checked = 0;
    for (line, outcome) in lines("resources.jsonl.gz").lines().zip(outcomes.lines()) {
        // Mutants may hold what XML cannot.
        if !outcome.contains("\"verdict\":\"valid\"") && !outcome.contains("\"verdict\": \"valid\"")
            || outcome.contains("\"mutation\"")
        {
            continue;
        }
        let Some((_, resource)) = line.split_once("\"resource\":") else { panic!("{line:.100}") };
        let resource = resource.trim().strip_suffix('}').unwrap();
        let version = if line.contains("\"set\":\"stu3\"") || line.contains("\"set\": \"stu3\"") {
            FhirVersion::Stu3
        } else {
            FhirVersion::R4
        };
        check(&line[..80.min(line.len())], resource.as_bytes(), embedded::definitions(version));
        checked += 1;
    }
    assert!(checked > 500, "{checked}");
}

#[test]
fn places_name_choices_by_their_base_and_count_what_repeats() {
    let model = embedded::definitions(FhirVersion::Stu3);
    let check = |text: &str, positions: &[usize], expect: &str| {
        let (root, _) = json::parse(text.as_bytes()).unwrap();
        assert_eq!(locate::place(&root, positions, model), expect, "{text}");
    };
    let observation =
        r#"{"resourceType":"Observation","valueQuantity":{"code":"kg"},"component":[{"valueString":"a"}]}"#;
    check(observation, &[], "Observation");
    check(observation, &[0, 0], "Observation.value.code");
    check(observation, &[1, 0], "Observation.component[0].value");
    let bundle =
        r#"{"resourceType":"Bundle","entry":[{},{"resource":{"resourceType":"Patient","name":[{"family":"x"}]}}]}"#;
    check(bundle, &[1, 0, 0, 0], "Bundle.entry[1].resource.name[0].family");
    // Unknown elements are counted as they were written; a second one where one may be shows which it is.
    check(r#"{"resourceType":"Patient","odd":[1,2],"even":1}"#, &[1], "Patient.odd[1]");
    check(r#"{"resourceType":"Patient","odd":[1,2],"even":1}"#, &[2], "Patient.even");
    check(r#"{"resourceType":"Patient","birthDate":["2000","2001"]}"#, &[1], "Patient.birthDate[1]");
}
