//! `toetsbank packages` and `validate --package` from the outside: a registry, a cache, a lock file, and what goes wrong.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

use crate::registry::Answer;
use crate::registry::Registry;
use crate::registry::archive;
use crate::registry::huge;
use crate::registry::package;

const VALUE_SET: &str = r#"{"resourceType":"ValueSet","url":"http://a.example/v","compose":{"include":[{"system":"http://a.example/s","concept":[{"code":"c"}]}]}}"#;
const PROFILE: &str = r#"{"resourceType":"StructureDefinition","url":"http://a.example/patient","name":"P","status":"draft","fhirVersion":"3.0.2","kind":"resource","abstract":false,"type":"Patient","baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","derivation":"constraint","differential":{"element":[{"id":"Patient.name","path":"Patient.name","min":1}]}}"#;
const NAMELESS: &str = r#"{"resourceType":"Patient","id":"x","meta":{"profile":["http://a.example/patient"]}}"#;

/// A folder to work in, with a folder of FHIR tools of its own.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Desk {
        Desk { folder: tempfile::tempdir().unwrap() }
    }

    fn at(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.at(path), bytes).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_toetsbank"));
        command.args(arguments).args(["--lang", "en"]).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("TOETSBANK_FHIR", self.at("fhir")).env("NO_COLOR", "1").env("NO_PROXY", "127.0.0.1");
        command.output().unwrap()
    }

    /// Runs it; gives standard output and standard error.
    fn says(&self, arguments: &[&str], status: i32) -> (String, String) {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{shown}\n{said}");
        assert!(!said.contains("panicked"), "{said}");
        (shown, said)
    }

    fn add(&self, packages: &[&str], registry: &Registry, status: i32) -> (String, String) {
        let arguments = [&["packages", "add"], packages, &["--registry", &registry.address, "--timeout", "2"]].concat();
        self.says(&arguments, status)
    }

    fn cached(&self) -> Vec<String> {
        let entries = fs::read_dir(self.at("fhir/packages")).into_iter().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn lock(&self) -> String {
        fs::read_to_string(self.at("toetsbank.lock")).unwrap_or_default()
    }
}

fn profile_package(name: &str, version: &str, dependencies: Value) -> Vec<u8> {
    package(name, version, dependencies, &[("StructureDefinition-patient.json", PROFILE)])
}

fn value_set_package(name: &str, version: &str, dependencies: Value) -> Vec<u8> {
    package(name, version, dependencies, &[("ValueSet-v.json", VALUE_SET)])
}

#[test]
fn a_package_is_fetched_with_what_it_builds_on_and_used_offline_after() {
    let (desk, registry) = (Desk::new(), Registry::start());
    registry.has("p.base", "1.0.3", &value_set_package("p.base", "1.0.3", json!({})));
    registry.has("p.base", "1.1.0", &value_set_package("p.base", "1.1.0", json!({})));
    registry.has("p.base", "1.0.2", &value_set_package("p.base", "1.0.2", json!({})));
    let asks = json!({"p.base": "1.0.x", "hl7.fhir.r3.core": "3.0.x"});
    registry.has("p.top", "2.0.0", &profile_package("p.top", "2.0.0", asks));
    let (shown, said) = desk.add(&["p.top@latest"], &registry, 0);
    assert_eq!(said, "");
    assert!(shown.contains("p.top@2.0.0  fetched from http://127.0.0.1:"), "{shown}");
    assert_eq!(desk.cached(), ["p.base#1.0.3", "p.top#2.0.0"]);
    let lock = desk.lock();
    let source = format!("source = \"registry+{}\"", registry.address);
    assert!(lock.contains(&source) && lock.contains("source = \"binary\""), "{lock}");
    assert!(lock.contains(r#"dependencies = ["hl7.fhir.r3.core@3.0.2", "p.base@1.0.3"]"#), "{lock}");
    registry.asked();

    // Everything is at hand now.
    desk.says(&["packages", "add", "p.top@2.0.x"], 0);
    desk.says(&["packages", "add", "--locked"], 0);
    let (shown, _) = desk.says(&["packages", "verify"], 0);
    assert_eq!(shown, "hl7.fhir.r3.core@3.0.2  unchanged\np.base@1.0.3  unchanged\np.top@2.0.0  unchanged\n");
    let (shown, _) = desk.says(&["packages", "list"], 0);
    assert!(shown.contains("p.top ") && shown.contains("p.top#2.0.0"), "{shown}");
    desk.write("x.json", NAMELESS);
    desk.says(&["validate", "x.json"], 0);
    let validate = ["validate", "x.json", "--package", "p.top@2.0.0", "--lock", "toetsbank.lock"];
    let (shown, said) = desk.says(&validate, 1);
    assert!(shown.contains("Patient.name") && said.is_empty(), "{shown}{said}");
    assert_eq!(registry.asked(), Vec::<String>::new());
    assert_eq!(desk.lock(), lock);
    // In another place the lock file brings the same packages.
    let other = Desk::new();
    other.write("toetsbank.lock", &lock);
    let (_, said) = other.says(&["packages", "verify"], 3);
    assert!(said.contains("put it in place with `toetsbank packages add"), "{said}");
    other.add(&["--locked"], &registry, 0);
    assert_eq!((other.lock(), other.cached()), (lock, desk.cached()));
}

#[test]
fn a_package_that_changed_is_seen() {
    let (desk, registry) = (Desk::new(), Registry::start());
    registry.has("p.top", "2.0.0", &profile_package("p.top", "2.0.0", json!({})));
    desk.add(&["p.top@2.0.0"], &registry, 0);
    let lock = desk.lock();
    let inside = "fhir/packages/p.top#2.0.0/package/StructureDefinition-patient.json";
    desk.write(inside, PROFILE.replace("\"min\":1", "\"min\":0"));
    let (shown, said) = desk.says(&["packages", "verify"], 1);
    assert!(shown.contains("p.top@2.0.0  changed"), "{shown}");
    for part in ["p.top@2.0.0", "its content has hash", "toetsbank.lock", "put the agreed package back"] {
        assert!(said.contains(part), "no {part}: {said}");
    }
    desk.write("x.json", NAMELESS);
    let validate = ["validate", "x.json", "--package", "p.top@2.0.0"];
    desk.says(&validate, 0);
    let (_, said) = desk.says(&[&validate[..], &["--lock", "toetsbank.lock"]].concat(), 2);
    assert!(said.contains("its content has hash"), "{said}");
    let (_, said) = desk.says(&["packages", "add", "p.top@2.0.0"], 2);
    assert!(said.contains("its content has hash"), "{said}");
    assert_eq!(desk.lock(), lock);
    // A tool's own index beside the resources changes nothing.
    desk.write(inside, PROFILE);
    desk.write("fhir/packages/p.top#2.0.0/package/.index.json", "{}");
    desk.says(&["packages", "verify"], 0);
    desk.write(inside, "{");
    let (_, said) = desk.says(&validate, 2);
    assert!(said.contains("read `StructureDefinition-patient.json` of"), "{said}");
    fs::remove_dir_all(desk.at("fhir/packages/p.top#2.0.0")).unwrap();
    desk.says(&["packages", "verify"], 3);
    // The registry has something else now.
    registry.has("p.top", "2.0.0", &value_set_package("p.top", "2.0.0", json!({})));
    let (_, said) = desk.add(&[], &registry, 2);
    assert!(said.contains("its content has hash"), "{said}");
    assert_eq!(desk.lock(), lock);
}

#[test]
fn a_lock_file_that_may_not_change_does_not() {
    let (desk, registry) = (Desk::new(), Registry::start());
    registry.has("p.a", "1.0.0", &value_set_package("p.a", "1.0.0", json!({})));
    registry.has("p.b", "1.0.0", &value_set_package("p.b", "1.0.0", json!({})));
    desk.add(&["p.a@1.0.0"], &registry, 0);
    let lock = desk.lock();
    let (_, said) = desk.add(&["p.b@1.0.0", "--locked"], &registry, 2);
    assert!(said.contains("+ p.b@1.0.0") && said.contains("leave `--locked` out"), "{said}");
    assert_eq!(desk.lock(), lock);
    // What is locked stays where it will do, also when there is something newer.
    registry.has("p.a", "1.0.1", &value_set_package("p.a", "1.0.1", json!({})));
    desk.add(&["p.a@1.0.x"], &registry, 0);
    assert_eq!(desk.lock(), lock);
    desk.add(&["p.a@1.0.1"], &registry, 0);
    assert!(desk.lock().contains("1.0.1"));
    desk.write("toetsbank.lock", "version = 1\n[[package]]\nname = 3\n");
    let (_, said) = desk.says(&["packages", "verify"], 2);
    assert!(said.contains("make it again") && said.contains("line 3"), "{said}");
    let (_, said) = desk.says(&["packages", "verify", "--lock", "nosuch"], 2);
    assert!(said.contains("there is no such file"), "{said}");
}

/// Adds `p.bad@1.0.0` of which the registry says what it says; nothing may be left.
fn refused(set: impl Fn(&Registry) -> &Registry, status: i32, expect: &str) {
    let (desk, registry) = (Desk::new(), Registry::start());
    set(&registry);
    let began = Instant::now();
    let (_, said) = desk.add(&["p.bad@1.0.0"], &registry, status);
    assert!(said.contains(expect), "no {expect}:\n{said}");
    assert!(began.elapsed() < Duration::from_secs(25), "{expect}: {:?}", began.elapsed());
    assert_eq!((desk.cached(), desk.lock()), (Vec::new(), String::new()), "{expect}");
}

#[test]
fn a_registry_that_fails_is_named_and_nothing_is_kept() {
    let listing = "/p.bad";
    let good = value_set_package("p.bad", "1.0.0", json!({}));
    refused(|r| r, 2, "find `p.bad@1.0.0`: not in the binary");
    refused(|r| r.at(listing, Answer::Body(500, Vec::new())), 3, "the server answers 500");
    refused(|r| r.at(listing, Answer::Body(401, Vec::new())), 3, "the server answers 401");
    refused(|r| r.at(listing, Answer::Silence(Duration::from_secs(5))), 3, "no whole answer in 2 s");
    refused(|r| r.at(listing, Answer::Endless), 3, "larger than 16 MiB");
    refused(|r| r.at(listing, Answer::Cut(b"{".to_vec())), 3, "check the address and the network");
    refused(|r| r.at(listing, Answer::Body(200, b"<html>".to_vec())), 3, "it is no JSON");
    refused(|r| r.at(listing, Answer::Body(200, b"{}".to_vec())), 3, "it has no `versions`");
    refused(|r| r.at(listing, Answer::Redirect("/p.bad".to_owned())), 3, "too many redirects");
    refused(|r| r.at(listing, Answer::Redirect("file:///etc/hosts".to_owned())), 3, "fetch `http://127.0.0.1");
    let other = json!({"name": "p.other", "versions": {"1.0.0": {}}}).to_string();
    refused(|r| r.at(listing, Answer::Body(200, other.clone().into_bytes())), 3, "it is of another package");
    refused(|r| r.has("p.bad", "1.0.0", &good).at("/p.bad/1.0.0", Answer::Body(404, vec![])), 3, "answers 404");
    refused(|r| r.has("p.bad", "1.0.0", &good).at("/p.bad/1.0.0", Answer::Cut(good.clone())), 3, "network");
    let swapped = Answer::Body(200, value_set_package("p.bad", "1.0.0", json!({"x": "1"})));
    refused(|r| r.has("p.bad", "1.0.0", &good).at("/p.bad/1.0.0", swapped.clone()), 3, "the registry lists hash");
    refused(
        |r| r.has("p.bad", "1.0.0", &good).lists("p.bad", "1.0.0", json!({"integrity": "sha512-AAAA"})),
        3,
        "lists hash `sha512-AAAA`",
    );
}

#[test]
fn a_hostile_archive_is_refused_and_nothing_is_kept() {
    fn has(bytes: Vec<u8>) -> impl Fn(&Registry) -> &Registry {
        move |registry| registry.has("p.bad", "1.0.0", &bytes)
    }
    let manifest = br#"{"name":"p.bad","version":"1.0.0"}"#;
    let with = |name: &str| archive(&[("package/package.json", manifest), (name, b"{}")]);
    let good = value_set_package("p.bad", "1.0.0", json!({}));
    refused(has(good[..good.len() / 2].to_vec()), 2, "unpack `http://127.0.0.1");
    refused(has(b"no archive".to_vec()), 2, "unpack `http://127.0.0.1");
    refused(has(with("package/../../../evil.json")), 2, "leads outside the package");
    refused(has(with("/tmp/evil.json")), 2, "leads outside the package");
    refused(has(with("../evil.json")), 2, "leads outside the package");
    refused(has(huge("package/package.json", 130 << 20)), 2, "more than 512 MiB, or more than 128 MiB in one file");
    refused(has(archive(&[("package/x.json", b"{}")])), 2, "find `package/package.json`");
    refused(has(archive(&[("package/package.json", b"{")])), 2, "it must be JSON");
    refused(has(package("p.other", "1.0.0", json!({}), &[])), 2, "says that it is `p.other@1.0.0`");
    refused(has(package("p.bad", "1.0.1", json!({}), &[])), 2, "says that it is `p.bad@1.0.1`");
}

#[test]
fn what_packages_ask_is_put_together_by_rule() {
    let (desk, registry) = (Desk::new(), Registry::start());
    let has = |name: &str, version: &str, asks: Value| {
        registry.has(name, version, &value_set_package(name, version, asks));
    };
    // A circle ends.
    has("p.a", "1.0.0", json!({"p.b": "1.0.0"}));
    has("p.b", "1.0.0", json!({"p.a": "1.0.0"}));
    desk.add(&["p.a@1.0.0", "--lock", "circle.lock"], &registry, 0);
    // One version that suits all, though not the newest.
    for version in ["2.0.6", "2.0.13", "2.2.0"] {
        has("p.zib", version, json!({}));
    }
    has("p.bgz", "1.0.0", json!({"p.zib": "^2.0", "p.afspraak": "^1.0"}));
    has("p.afspraak", "1.0.6", json!({"p.zib": "2.0.x"}));
    let (shown, said) = desk.add(&["p.bgz@1.0.0", "--lock", "suits.lock"], &registry, 0);
    assert!(shown.contains("p.zib@2.0.13") && said.is_empty(), "{shown}{said}");
    // None suits all: the newest, with a note.
    has("p.c", "1.0.0", json!({"p.zib": "2.0.6", "p.d": "1.0.0"}));
    has("p.d", "1.0.0", json!({"p.zib": "2.2.0"}));
    let (shown, said) = desk.add(&["p.c@1.0.0", "--lock", "newest.lock"], &registry, 0);
    assert!(shown.contains("p.zib@2.2.0") && !shown.contains("p.zib@2.0.6"), "{shown}");
    assert!(
        said.contains("`p.c@1.0.0` asks for `p.zib@2.0.6`; `p.zib@2.2.0`, the newest that is asked for, is used"),
        "{said}"
    );
    // What the user names goes before.
    let (shown, said) = desk.add(&["p.c@1.0.0", "p.zib@2.0.6", "--lock", "named.lock"], &registry, 0);
    assert!(shown.contains("p.zib@2.0.6") && said.contains("`p.zib@2.0.6`, which you named, is used"), "{shown}{said}");
    // What is nowhere, and what nobody understands.
    has("p.e", "1.0.0", json!({"p.gone": "1.0.0", "p.odd": "npm:p.a@1.0.0", "p.zib": "9.x"}));
    let (_, said) = desk.add(&["p.e@1.0.0"], &registry, 2);
    for part in ["`p.gone@1.0.0` (for `p.e@1.0.0`)", "`p.odd@npm:p.a@1.0.0`", "`p.zib@9.x`", &registry.address] {
        assert!(said.contains(part), "no {part}: {said}");
    }
    assert_eq!(desk.lock(), "");
    // An end must come.
    for number in 0..260 {
        has(&format!("p.chain{number}"), "1.0.0", json!({format!("p.chain{}", number + 1): "1.0.0"}));
    }
    let (_, said) = desk.add(&["p.chain0@1.0.0"], &registry, 2);
    assert!(said.contains("more than 200 packages"), "{said}");
}

#[test]
fn what_is_asked_wrongly_is_said() {
    let (desk, registry) = (Desk::new(), Registry::start());
    desk.write("x.json", NAMELESS);
    desk.write(
        "mixed.tgz",
        package("p.mixed", "1.0.0", json!({"hl7.fhir.r4.core": "4.0.1"}), &[("v.json", VALUE_SET)]),
    );
    for (arguments, expect) in [
        (&["packages", "add", "nosuch.tgz"][..], "there is no such file"),
        (&["packages", "add", "../x@1.0.0"], "understand package name `../x`"),
        (&["packages", "add", "p.a@>=1"], "understand version `>=1`"),
        (&["packages", "add", "p.a@1.0.0"], "find `p.a@1.0.0`: not in the binary"),
        (&["packages", "add"], "there is no `toetsbank.lock`"),
        (&["packages", "add", "p.a@1.0.0", "--registry", "ftp://x"], "begins with http:// or https://"),
        (&["packages", "add", "mixed.tgz"], "the versions of FHIR differ"),
        (&["validate", "x.json", "--package", "p.a@1.0.0"], "find `p.a@1.0.0`: not in the binary"),
        (&["validate", "x.json", "--package", "hl7.fhir.r4.core@4.0.1"], "validate with `--fhir r4`"),
    ] {
        let (_, said) = desk.says(arguments, 2);
        assert!(said.contains(expect), "{arguments:?}: no {expect}: {said}");
    }
    // Nothing goes to the network that the user did not ask for.
    assert_eq!(registry.asked(), Vec::<String>::new());
}

#[test]
fn what_a_package_builds_on_is_loaded_or_named() {
    let desk = Desk::new();
    let folder = desk.at("fhir/packages/p.base#1.0.0/package");
    fs::create_dir_all(folder.join("examples")).unwrap();
    fs::write(folder.join("package.json"), r#"{"name":"p.base","version":"1.0.0","fhirVersions":["3.0.1"]}"#).unwrap();
    fs::write(folder.join("p.json"), PROFILE).unwrap();
    fs::write(folder.join("examples/broken.json"), "{").unwrap();
    desk.write("top.tgz", value_set_package("p.top", "1.0.0", json!({"p.base": "1.0.x", "p.gone": "3.0.0"})));
    desk.write("x.json", NAMELESS);
    let (shown, said) = desk.says(&["validate", "x.json", "--package", "top.tgz"], 1);
    assert!(shown.contains("Patient.name"), "{shown}");
    assert_eq!(said, "note: `p.gone@3.0.0` (for `p.top@1.0.0`) is not at hand: what is in it is not checked\n");
    assert_eq!(fs::read_dir(desk.at("fhir/toetsbank")).unwrap().count(), 2);
    let damaged = fs::read_dir(desk.at("fhir/toetsbank")).unwrap().next().unwrap().unwrap().path();
    fs::write(&damaged, "damaged").unwrap();
    let (shown, said) = desk.says(&["validate", "x.json", "--package", "top.tgz"], 1);
    assert!(shown.contains("Patient.name") && said.contains("is damaged and was made anew"), "{shown}{said}");
    desk.write(
        "bad.tgz",
        package(
            "p.bad",
            "1.0.0",
            json!({}),
            &[("StructureDefinition-bad.json", &PROFILE.replace("\"min\":1", "\"min\":\"one\""))],
        ),
    );
    let (_, said) = desk.says(&["validate", "x.json", "--package", "bad.tgz"], 2);
    assert!(said.contains("StructureDefinition-bad.json"), "{said}");
}

#[test]
fn every_package_at_hand_can_be_locked() {
    let Some(shared) = crate::shared::folder("locking the packages at hand") else { return };
    let desk = Desk::new();
    let file = |name: &str| shared.join("fhir").join(name).display().to_string();
    let names = ["nictiz.fhir.nl.stu3.eafspraak-1.0.6.tgz", "nictiz.fhir.nl.stu3.bgz-1.1.1.tgz"].map(file);
    let (shown, _) = desk.says(&["packages", "add", &names[0], &names[1], "nictiz.fhir.nl.stu3.zib2017@2.2.18"], 0);
    assert!(shown.contains("hl7.fhir.r3.core@3.0.2  in the binary"), "{shown}");
    desk.says(&["packages", "verify"], 0);
    assert!(Path::new(&names[0]).exists());
}
