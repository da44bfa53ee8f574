//! Lists: those that are right, each mistake on its rule and place, several together, and hostile ones.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

use serde_json::Value;
use toetsbank::diag::Severity;
use toetsbank::lists;
use toetsbank::lists::List;
use toetsbank::lists::Mistake;
use toetsbank::lists::model::Shape;
use toetsbank::lists::model::ZalRelease;

/// Each list, with the findings that the list itself has.
const LISTS: &[(&str, &[&str])] = &[
    ("whitelist-nested.xml", &[]),
    ("whitelist-flat.xml", &["information LIST-20 flat-shape 2:1"]),
    ("oauthclientlist.xml", &[]),
    ("oauthclientlist-later.xml", &["warning LIST-18 later-shape 9:7"]),
    ("gegevensdienstnamenlijst.xml", &[]),
    ("zorgaanbiederslijst-release2.xml", &[]),
    ("zorgaanbiederslijst-release3.xml", &[]),
    ("zorgaanbiederskoppellijst.xml", &[]),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/lists")
}

fn fixture(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn line(mistake: &Mistake) -> String {
    let severity = format!("{:?}", mistake.severity).to_lowercase();
    format!("{severity} {} {} {}:{}", mistake.rule, mistake.code, mistake.line, mistake.column)
}

fn found(name: &str, bytes: &[u8]) -> Vec<String> {
    lists::read(name, bytes).mistakes.iter().map(line).collect()
}

#[test]
fn right_lists_are_right_and_come_back_from_the_writer() {
    for (name, own) in LISTS {
        let text = fixture(name);
        assert_eq!(found(name, text.as_bytes()), *own, "{name}");
        let list = lists::parse(text.as_bytes()).unwrap_or_else(|mistakes| panic!("{name}: {mistakes:#?}"));
        let written = lists::write(&list);
        assert_eq!(lists::parse(written.as_bytes()).as_ref(), Ok(&list), "{name}\n{written}");
        // Our fixtures are written as the writer does.
        assert_eq!(written, text, "{name}");
        assert_eq!(found(name, written.as_bytes()), *own, "{name}");
    }
    let parsed = |name: &str| lists::parse(fixture(name).as_bytes()).unwrap();
    let List::Whitelist(flat) = parsed("whitelist-flat.xml") else { panic!("no whitelist") };
    let List::Whitelist(nested) = parsed("whitelist-nested.xml") else { panic!("no whitelist") };
    assert_eq!((flat.shape, nested.shape), (Shape::Flat, Shape::Nested));
    assert_eq!(flat.hostnames, nested.hostnames);
    let List::Zorgaanbiederslijst(third) = parsed("zorgaanbiederslijst-release3.xml") else { panic!("no ZAL") };
    assert_eq!(third.release, ZalRelease::Release3);
    assert_eq!(third.zorgaanbieders[0].interfaceversies[0].gegevensdiensten[1].systeemrollen.len(), 2);
}

#[test]
fn each_mistake_has_its_finding_and_no_other() {
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut reader = csv::Reader::from_path(folder().join("mistakes.csv")).unwrap();
    for record in reader.records().map(Result::unwrap) {
        let [file, from, to, findings] = [0, 1, 2, 3].map(|at| record[at].to_owned());
        let text = fixture(&file);
        assert!(text.contains(&from), "{file} has no `{from}`");
        let broken = text.replacen(&from, &to, 1);
        let mut seen = found(&file, broken.as_bytes());
        let mut expected: Vec<String> = findings.split("; ").map(str::to_owned).collect();
        let own = LISTS.iter().find(|(name, _)| *name == file).unwrap().1;
        assert_ne!(seen, own, "{file}: `{to}` is no mistake");
        seen.sort();
        expected.sort();
        count += 1;
        if seen != expected {
            wrong.push(format!("{file}: `{from}` -> `{to}`\n  expected {expected:?}\n  found    {seen:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 50);
}

#[test]
fn texts_are_whole_in_both_languages() {
    let mut reader = csv::Reader::from_path(folder().join("mistakes.csv")).unwrap();
    for record in reader.records().map(Result::unwrap) {
        let broken = fixture(&record[0]).replacen(&record[1], &record[2], 1);
        for mistake in lists::read(&record[0], broken.as_bytes()).mistakes {
            let message = mistake.message();
            assert!(
                !message.nl.is_empty() && !message.en.is_empty() && message.nl != message.en
                    || mistake.code == "not-xml"
            );
            assert_eq!(mistake.fix.nl.is_empty(), mistake.fix.en.is_empty(), "{mistake:?}");
            assert!(!mistake.place.is_empty() || mistake.rule == "LIST-12", "{mistake:?}");
        }
    }
}

#[test]
fn hostile_lists_are_refused_in_no_time() {
    let open = "<Whitelist xmlns=\"xmlns://afsprakenstelsel.medmij.nl/whitelist/release2/\">";
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><a>&c;</a>";
    let outside = "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/hostname\">]><Whitelist>&b;</Whitelist>";
    let deep = "<a>".repeat(1_000_000);
    let wide = format!("<a {}/>", (0..200_000).map(|at| format!("a{at}=\"\" ")).collect::<String>());
    let many = format!("{open}{}</Whitelist>", "<x/>".repeat(9_000_000));
    let cases: &[(&str, Vec<u8>)] = &[
        ("nothing", vec![]),
        ("blanks", b" \n ".to_vec()),
        ("bytes that are no text", vec![0xff, 0x00, 0x80]),
        ("no UTF-8", [b"<Whitelist>".as_slice(), &[0xc3, 0x28]].concat()),
        ("half a UTF-16 letter", vec![0xfe, 0xff, 0x00]),
        ("JSON", b"{}".to_vec()),
        ("an entity that grows", bomb.into()),
        ("an entity from a file", outside.into()),
        ("an entity of nobody", format!("{open}&nbsp;</Whitelist>").into()),
        ("a deep one", deep.into()),
        ("a wide one", wide.into()),
        ("one with many elements", many.into()),
        ("a large one", vec![b' '; lists::LARGEST + 1]),
        ("cut off", fixture("whitelist-nested.xml").as_bytes()[..300].to_vec()),
        ("another root", b"<html/>".to_vec()),
    ];
    for (what, bytes) in cases {
        let start = std::time::Instant::now();
        let mistakes = lists::parse(bytes).expect_err(what);
        assert!(mistakes.iter().any(|mistake| mistake.severity == Severity::Error), "{what}");
        assert!(start.elapsed().as_secs() < 20, "{what} took {:?}", start.elapsed());
    }
}

#[test]
fn one_list_in_any_encoding() {
    let text = fixture("oauthclientlist.xml").replace("Tweede PGO", "Tweede Pgö");
    let list = lists::parse(text.as_bytes()).unwrap();
    let latin = text.replace("UTF-8", "ISO-8859-1").chars().map(|c| u32::from(c) as u8).collect::<Vec<u8>>();
    let wide =
        |mark: u16, write: fn(u16) -> [u8; 2]| [mark].into_iter().chain(text.encode_utf16()).flat_map(write).collect();
    let encoded: [Vec<u8>; 4] = [
        [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat(),
        wide(0xfeff, u16::to_le_bytes),
        wide(0xfeff, u16::to_be_bytes),
        latin,
    ];
    for bytes in encoded {
        assert_eq!(lists::parse(&bytes).as_ref(), Ok(&list));
    }
}

#[test]
fn a_name_of_another_list_is_told() {
    let text = fixture("oauthclientlist.xml");
    assert_eq!(found("MedMij_OAuthclientlist.xml", text.as_bytes()), Vec::<String>::new());
    assert_eq!(found("MedMij_Whitelist.xml", text.as_bytes()), ["error LIST-10 file-name 2:1"]);
    assert_eq!(found("MedMij_OAuthClientlist.xml", text.as_bytes()), ["warning LIST-10 file-name 2:1"]);
}

#[test]
fn prefixes_and_one_line_break_the_rule_for_xml_only() {
    let text = fixture("whitelist-nested.xml");
    let prefixed = text.replace("</", "</w:").replace("xmlns=", "xmlns:w=");
    let prefixed = ["Whitelist", "Tijdstempel", "Volgnummer", "MedMijNodes", "MedMijNode", "Hostname"]
        .iter()
        .fold(prefixed, |text, name| text.replace(&format!("<{name}>"), &format!("<w:{name}>")))
        .replace("<Whitelist ", "<w:Whitelist ");
    assert_eq!(found("", prefixed.as_bytes()), ["error LIST-12 prefix 2:1"]);
    let flat: String = text.lines().map(str::trim).collect();
    assert_eq!(found("", flat.as_bytes()), ["warning LIST-12 layout 1:39"]);
}

/// Findings of several lists together: index and finding.
fn together(texts: &[&str]) -> Vec<(usize, String)> {
    let readings: Vec<_> = texts.iter().map(|text| lists::read("x.xml", text.as_bytes())).collect();
    lists::across(&readings).iter().map(|(at, mistake)| (*at, line(mistake))).collect()
}

#[test]
fn lists_are_held_against_each_other() {
    let [whitelist, names, providers] =
        ["whitelist-nested.xml", "gegevensdienstnamenlijst.xml", "zorgaanbiederslijst-release2.xml"].map(fixture);
    assert_eq!(together(&[&whitelist, &names, &providers]), []);
    let without = whitelist.replace("dva.", "dvb.");
    assert_eq!(together(&[&without, &providers]), [(1, "warning LIST-02 host-not-whitelisted 15:31".to_owned())]);
    let unnamed = names.replace(">51<", ">52<");
    assert_eq!(together(&[&providers, &unnamed]), [(0, "warning LIST-02 service-not-named 27:29".to_owned())]);
    let later = fixture("oauthclientlist-later.xml");
    assert_eq!(together(&[&later, &unnamed]), [(0, "warning LIST-36 service-not-named 17:33".to_owned())]);
}

#[test]
fn publications_of_one_list_rise() {
    let [second, first] = ["whitelist-nested.xml", "whitelist-flat.xml"].map(fixture);
    assert_eq!(together(&[&first, &second]), []);
    assert_eq!(together(&[&second, &first]), []);
    assert_eq!(together(&[&second, &second]), []);
    let same = first.replace(">411<", ">412<");
    assert_eq!(together(&[&same, &second]), [(1, "error LIST-11 number-repeated 4:15".to_owned())]);
    let lower = second.replace(">412<", ">410<");
    assert_eq!(together(&[&first, &lower]), [(1, "error LIST-11 number-against-time 4:15".to_owned())]);
    // Both of one moment, or a moment without zone: nothing is known of their order.
    let moment = lower.replace("2026-01-05T08:30:00+01:00", "2026-01-04T09:30:00+01:00");
    assert_eq!(together(&[&first, &moment]), []);
    assert_eq!(together(&[&first, &lower.replace("+01:00", ".0")]), []);
}

fn check(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toetsbank"));
    command.args(["lists", "check"]).args(arguments).current_dir(folder()).env("NO_COLOR", "1");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may stop reading before the end.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[test]
fn the_command_says_what_scripts_and_people_need() {
    let all: Vec<&str> = LISTS.iter().map(|(name, _)| *name).collect();
    let output = check(&all[..1], b"");
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("geneste vorm") && said.contains("voldoet") && said.contains("1 lijst: 0 fouten"), "{said}");

    let broken = fixture("whitelist-nested.xml").replace("pgo.", "PGO.");
    let output = check(&["-", "--format", "json", "--lang", "en"], broken.as_bytes());
    assert_eq!(output.status.code(), Some(1));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let one = &found[0];
    assert_eq!((&one["file"], &one["line"], &one["column"]), (&"-".into(), &7.into(), &17.into()), "{found}");
    assert_eq!((&one["rule"], &one["severity"]), (&"LIST-24".into(), &"error".into()));
    assert!(one["message"].as_str().unwrap().contains("PGO.toetsbank.example"), "{found}");

    let output = check(&["-"], broken.as_bytes());
    let said = String::from_utf8(output.stdout).unwrap();
    for part in ["-:7:17", "^^^^", "fout [LIST-24 value] Whitelist/MedMijNodes/MedMijNode[1]/Hostname", "voldoet niet"]
    {
        assert!(said.contains(part), "no {part} in:\n{said}");
    }

    // A row of 2.2 is none of 2.0.
    let address = fixture("whitelist-nested.xml").replace("pgo.toetsbank.example", "192.0.2.10");
    assert_eq!(check(&["-"], address.as_bytes()).status.code(), Some(1));
    assert_eq!(check(&["-", "--release", "2.0"], address.as_bytes()).status.code(), Some(0));

    assert_eq!(check(&["missing.xml"], b"").status.code(), Some(2));
    assert_eq!(check(&[], b"").status.code(), Some(2));
}
