//! Candidate files, right and wrong, and what is said of them.

use super::*;
use crate::candidate::to_toml;

const PEM: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nBBBB\n-----END PRIVATE KEY-----\n";

/// A complete file; each test breaks it somewhere.
const GOOD: &str = r##"[candidate]
role = "dva"
vendor = "Voorbeeld BV"
product = "Voorbeeld DVA"
version = "4.2"
environment = "test"
release = "2.2"
systeemrollen = ["MM-3.0-BZB-FHIR"]

[provider]
name = "voorbeeldziekenhuis@medmij"

[endpoints]
authorization = "https://auth.voorbeeld.example/authorize"
token = "https://token.voorbeeld.example/token"
[endpoints.resource]
"MM-3.0-BZB-FHIR" = "https://fhir.voorbeeld.example/bgz"

[client]
client_id = "pgo.toetsbank.example"
redirect_uri = "https://pgo.toetsbank.example/cb"
certificate = "${env:CERTIFICATE}"
key = "${env:KEY}"

[[identities]]
standing = "listed"
client_id = "ander.toetsbank.example"
redirect_uri = "https://ander.toetsbank.example/cb"
certificate = "${env:CERTIFICATE}"
key = "${env:SECOND_KEY}"

[[identities]]
standing = "expired"
certificate = "${env:CERTIFICATE}"
key = "${env:SECOND_KEY}"

[trust]
ca = ["${env:CERTIFICATE}"]
[trust.connect]
"auth.voorbeeld.example:443" = "127.0.0.1:8443"

[login]
mode = "form"
steps = [
  { page = "landing", follow = "a#verder" , cancel = "a#annuleren" },
  { page = "login", fill = { "#naam" = "${patient.login}", "#wachtwoord" = "${patient.password}" }, submit = "form#inloggen" },
]
indefinite = "#onbepaald"

[withdrawal]
start = "https://auth.voorbeeld.example/toestemmingen"
steps = [{ page = "overview", submit = "button.beeindigen" }]

[[patients]]
name = "De Rijk"
stands_for = "rich"
login = "rijk"
password = "geheim \"1\""
bsn = "999911120"
suites = ["bgz"]
expect = { Condition = 6 }

[probes]
active = true

[[waivers]]
rule = "tok-20"
where = "Cache-Control"
reason = "wordt opgelost in 4.3"
owner = "J. Voorbeeld"
expires = 2027-03-01
"##;

fn environment(name: &str) -> Option<String> {
    match name {
        "CERTIFICATE" => Some(PEM.to_owned()),
        "KEY" | "SECOND_KEY" => Some(KEY.to_owned()),
        _ => None,
    }
}

fn try_read(text: &str) -> Result<Loaded, SourceErrors> {
    read("toetsbank.toml", text, Path::new("/nowhere"), &environment)
}

/// Messages after one replacement in the good file.
fn messages(from: &str, to: &str) -> Vec<String> {
    assert!(GOOD.contains(from), "{from}");
    let broken = GOOD.replacen(from, to, 1);
    try_read(&broken).err().map(|errors| errors.0.iter().map(ToString::to_string).collect()).unwrap_or_default()
}

#[test]
fn a_good_file_is_a_candidate() {
    let loaded = try_read(GOOD).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(loaded.candidate.scope(), "voorbeeldziekenhuis");
    assert_eq!(loaded.candidate.client.key, KEY);
    assert_eq!(loaded.candidate.waivers[0].rule, "TOK-20");
    assert_eq!(loaded.candidate.probes.samples, 1);
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
}

#[test]
fn what_is_written_reads_the_same() {
    let first = try_read(GOOD).unwrap().candidate;
    let text = to_toml(&first);
    let second = try_read(&text).unwrap_or_else(|errors| panic!("{errors}\n{text}")).candidate;
    assert_eq!(format!("{first:#?}"), format!("{second:#?}"));
}

#[test]
fn all_mistakes_come_at_once() {
    let broken = GOOD
        .replace("vendor =", "vender =")
        .replace("https://token.", "http://token.")
        .replace("expires = 2027-03-01", "expires = \"maart\"");
    let found: Vec<String> = try_read(&broken).unwrap_err().0.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "toetsbank.toml:1:2: missing key `vendor` (add `vendor`: Who makes it)",
            "toetsbank.toml:3:1: unknown key `vender` (did you mean `vendor`?)",
            "toetsbank.toml:15:9: `http://token.voorbeeld.example/token` is not https (write `https://host/path`)",
            "toetsbank.toml:71:11: `maart` is no date (write `2027-03-01`)",
        ]
    );
}

#[test]
fn each_mistake_has_its_message() {
    let cases = [
        ("release = \"2.2\"", "release = 2.2", "put it in quotes: \"2.2\""),
        ("environment = \"test\"", "environment = \"tst\"", "did you mean `test`?"),
        ("[\"MM-3.0-BZB-FHIR\"]", "[\"MM-3.0-BZX-FHIR\"]", "no ResourceEndpoint for the systeemrol `MM-3.0-BZX-FHIR`"),
        ("voorbeeldziekenhuis@medmij", "voorbeeldziekenhuis", "is no MedMij name"),
        ("https://pgo.toetsbank.example/cb", "https://other.example/cb", "is not that of the client_id"),
        ("key = \"${env:KEY}\"", "key = \"${env:KYE}\"", "the environment variable `KYE` is not set"),
        ("certificate = \"${env:CERTIFICATE}\"", "certificate = \"c.pem\"", "`c.pem` cannot be read"),
        ("key = \"${env:KEY}\"", "key = \"${env:CERTIFICATE}\"", "there is no private key in PEM form"),
        ("\"127.0.0.1:8443\"", "\"localhost\"", "`localhost` is no address with port"),
        ("example:443\"", "example\"", "is no host with port"),
        ("follow = \"a#verder\"", "follow = \"a##\"", "is no CSS selector"),
        ("follow = \"a#verder\" ", "follow = \"a\", submit = \"b\" ", "either `follow` or `submit`"),
        ("${patient.login}", "${patient.name}", "unknown variable `patient.name`"),
        ("login = \"rijk\"\n", "", "the patient has no `login`"),
        ("mode = \"form\"", "mode = \"token\"", "the patient has no `token`"),
        ("client_id = \"ander.toetsbank.example\"\n", "", "an identity with standing `listed` is another client"),
        (
            "https://ander.toetsbank.example/cb",
            "https://x.example/cb",
            "the host `x.example` is not that of the client_id",
        ),
        ("indefinite = \"#onbepaald\"", "indefinite = \"##\"", "`##` is no CSS selector"),
        ("cancel = \"a#annuleren\"", "cancel = \"##\"", "`##` is no CSS selector"),
        ("submit = \"button.beeindigen\"", "submit = \"##\"", "`##` is no CSS selector"),
        ("start = \"https://", "start = \"http://", "is not https"),
        (
            "ander.toetsbank.example\"\nredirect_uri = \"https://ander",
            "pgo.toetsbank.example\"\nredirect_uri = \"https://pgo",
            "an identity with standing `listed` is another client",
        ),
        ("\"expired\"\n", "\"listed\"\nclient_id = \"x.example\"\n", "another identity with standing `listed`"),
        ("standing = \"expired\"", "standing = \"old\"", "`old`"),
        ("rule = \"tok-20\"", "rule = \"TOC-20\"", "did you mean `TOK-20`?"),
        ("owner = \"J. Voorbeeld\"\n", "", "missing key `owner`"),
        ("reason = \"wordt opgelost in 4.3\"", "reason = \" \"", "`reason` is empty"),
    ];
    for (from, to, part) in cases {
        let found = messages(from, to);
        assert!(found.len() == 1 && found[0].contains(part), "{to}: {found:#?}");
    }
}

/// The good file with a Zorgaanbiederslijst in place of its addresses.
fn with_list(provider: &str, line: &str) -> String {
    let start = GOOD.find("[endpoints]").unwrap();
    let end = GOOD.find("[client]").unwrap();
    let without = format!("{}{}", &GOOD[..start], &GOOD[end..]);
    line.to_owned() + &without.replace("voorbeeldziekenhuis@medmij", provider)
}

fn in_lists(text: &str) -> Result<Loaded, SourceErrors> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/lists");
    read("toetsbank.toml", text, &folder, &environment)
}

#[test]
fn addresses_may_come_from_a_list() {
    for name in ["zorgaanbiederslijst-release2.xml", "zorgaanbiederslijst-release3.xml"] {
        let line = format!("zal = \"{name}\"\n");
        let loaded = in_lists(&with_list("ziekenhuisnoord@medmij", &line)).unwrap_or_else(|errors| panic!("{errors}"));
        assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
        let endpoints = loaded.candidate.endpoints;
        assert_eq!(endpoints.token.as_str(), "https://dva.toetsbank.example:18444/token");
        assert_eq!(endpoints.resource["MM-3.0-BZB-FHIR"].as_str(), "https://dva.toetsbank.example:18444/bgz");
        // Where the section stood, the key is one of `provider`.
        let below = with_list("ziekenhuisnoord@medmij", "").replacen("\n[client]", &format!("{line}\n[client]"), 1);
        assert!(in_lists(&below).is_ok());
    }
}

#[test]
fn what_a_list_does_not_have_is_said() {
    let zal = "zal = \"zorgaanbiederslijst-release3.xml\"\n";
    let cases = [
        (with_list("ziekenhuiswest@medmij", zal), "the Zorgaanbiederslijst has no `ziekenhuiswest@medmij`"),
        (with_list("ziekenhuisnoord@medmij", zal).replace("BZB", "HGB"), "has the systeemrol `MM-3.0-HGB-FHIR`"),
        (with_list("ziekenhuisnoord@medmij", "zal = \"nosuch.xml\"\n"), "`nosuch.xml` cannot be read"),
        (with_list("ziekenhuisnoord@medmij", "zal = \"mistakes.csv\"\n"), "can be used: line 1: "),
        (
            with_list("ziekenhuisnoord@medmij", "zal = \"oauthclientlist.xml\"\n"),
            "is the list OAuthclientlist, no Zorgaanbiederslijst",
        ),
        (with_list("ziekenhuisnoord@medmij", ""), "missing key `endpoints`"),
        (format!("{zal}{GOOD}"), "both `zal` and [endpoints]"),
    ];
    for (text, part) in cases {
        let errors = in_lists(&text).expect_err(part);
        let found: Vec<String> = errors.0.iter().map(ToString::to_string).collect();
        assert!(found.len() == 1 && found[0].contains(part), "{part}: {found:#?}");
    }
}

#[test]
fn production_with_probes_is_a_warning() {
    let text = GOOD.replace("environment = \"test\"", "environment = \"production\"");
    let loaded = try_read(&text).unwrap();
    assert_eq!(loaded.warnings.len(), 1);
    assert!(!loaded.candidate.allows_probes());
}

#[test]
fn secrets_are_in_no_message() {
    let cases = [
        GOOD.replace("bsn = \"999911120\"", "bsn = 999911120").replace("vendor", "vender"),
        GOOD.replace("bsn = \"999911120\"", "bsn = \"99991112\""),
        GOOD.replace("bsn = \"999911120\"", "bsn = \"999911120"),
        GOOD.replace("suites = [\"bgz\"]", "suites = ["),
    ];
    for text in cases {
        let errors = try_read(&text).unwrap_err();
        let all = format!("{errors:?}");
        assert!(!all.contains("9999111") && !all.contains("geheim"), "{errors}\n{}", errors.0[0].source);
    }
}

#[test]
fn any_bytes_give_an_answer() {
    let mut state = 11_u64;
    for _ in 0..400 {
        let mut bytes = GOOD.as_bytes().to_vec();
        for _ in 0..5 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (state >> 33) as usize % bytes.len();
            bytes[at] = b"[]{}=,.\n \"'#$\xe9a1"[(state >> 20) as usize % 16];
        }
        let text = String::from_utf8_lossy(&bytes);
        if let Err(errors) = try_read(&text) {
            let _ = errors.to_string();
        }
    }
}

/// `suites/schema/candidate*.schema.json` follow the types; `TOETSBANK_ACCEPT=1` writes them.
#[test]
fn the_published_schemas_are_fresh() {
    for (name, text) in [
        ("candidate.schema.json", Schema::text::<CandidateFile>("candidate file of toetsbank")),
        ("candidate-dvp.schema.json", Schema::text::<DvpFile>("candidate file of toetsbank for a DVP")),
    ] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites/schema").join(name);
        if std::env::var_os("TOETSBANK_ACCEPT").is_some() {
            std::fs::write(&file, &text).unwrap();
        }
        let fresh = std::fs::read_to_string(&file).is_ok_and(|there| there == text);
        assert!(fresh, "suites/schema/{name} is stale: run `make accept`");
    }
}

/// A complete file of a DVP.
const GOOD_DVP: &str = r##"[candidate]
role = "dvp"
vendor = "Voorbeeld BV"
product = "Voorbeeld-PGO"
version = "1.0"
environment = "test"
release = "2.2"
systeemrollen = ["MM-3.0-BZR-FHIR"]

[client]
client_id = "pgo.voorbeeld.example"
redirect_uri = "https://pgo.voorbeeld.example/cb"
hosts = ["achter.voorbeeld.example"]

[trust]
ca = ["${env:CERTIFICATE}"]

[world]
folder = "world"
port = 8443

[drive]
start = "https://pgo.voorbeeld.example/start?bij=${provider}&wat=${service}"
collect = { command = ["./begin.sh", "${provider}", "${patient}"], timeout = 5 }
open = { post = "http://127.0.0.1:9000/open", headers = { Authorization = "geheim-woord" } }
steps = [{ page = "inloggen", fill = { "#wachtwoord" = "geheim-woord" }, submit = "form" }]
settle = 0.5
"##;

#[test]
fn a_dvp_has_a_file_of_its_own() {
    let candidate = try_read(GOOD_DVP).unwrap_or_else(|errors| panic!("{errors}")).candidate;
    assert_eq!(candidate.role, Role::Dvp);
    let world = candidate.world.as_ref().unwrap();
    assert_eq!(
        (world.name.as_str(), world.folder.as_deref(), world.port),
        ("Voorbeeld-PGO", Some(Path::new("/nowhere/world")), Some(8443))
    );
    let drive = candidate.drive.as_ref().unwrap();
    assert_eq!(drive.start.as_deref(), Some("https://pgo.voorbeeld.example/start?bij=${provider}&wat=${service}"));
    assert_eq!(drive.collect.as_ref().unwrap().timeout, std::time::Duration::from_secs(5));
    let saved = serde_json::to_string(&candidate).unwrap();
    assert!(!saved.contains("geheim-woord") && !saved.contains("begin.sh"), "{saved}");
    let again = try_read(&to_toml(&candidate)).unwrap_or_else(|errors| panic!("{errors}")).candidate;
    assert_eq!(serde_json::to_value(&again).unwrap(), serde_json::to_value(&candidate).unwrap());
}

#[test]
fn mistakes_in_the_file_of_a_dvp_are_told_without_its_secrets() {
    for (from, to, said) in [
        ("hosts = [\"achter.voorbeeld.example\"]", "hosts = [\"https://x/\"]", "`https://x/` is no host name"),
        ("redirect_uri = \"https://pgo.", "redirect_uri = \"https://ander.", "is not that of the client_id"),
        ("start = \"https:", "start = \"http:", "is no https address"),
        ("${provider}&", "${aanbieder}&", "unknown variable `aanbieder`"),
        (
            "collect = { command = [\"./begin.sh\", \"${provider}\", \"${patient}\"], ",
            "collect = { ",
            "either a `command` or a `post`",
        ),
        ("post = \"http://", "post = \"ftp://", "no http or https address"),
        ("settle = 0.5", "settle = -1", "`-1` is out of range"),
        ("port = 8443", "port = 65535", "the port is out of range"),
        ("settle = 0.5", "setle = 0.5", "unknown key `setle`"),
        ("submit = \"form\"", "submit = \"form[\"", "is no CSS selector"),
        ("[world]", "[patients]", "unknown key `patients`"),
    ] {
        assert!(GOOD_DVP.contains(from), "{from}");
        let errors = try_read(&GOOD_DVP.replacen(from, to, 1)).unwrap_err();
        let all: String = errors.0.iter().map(|error| format!("{error}\n{}\n", error.source)).collect();
        assert!(all.contains(said), "{said}: {all}");
        assert!(!all.contains("geheim-woord"), "{all}");
    }
    let without = GOOD_DVP.split("[drive]").next().unwrap().to_owned() + "[drive]\nsettle = 1.0\n";
    assert!(try_read(&without).unwrap_err().to_string().contains("nothing starts collecting"));
}
