//! `toetsbank.toml` into a [`Candidate`], with all mistakes at once.
//!
//! The tree, the form by the schema of the types, the variables, the checks, the typed parse. Entry point: [`load`].

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use regex::Regex;
use serde_json::Value;

use crate::candidate::Candidate;
use crate::candidate::Client;
use crate::candidate::Endpoints;
use crate::candidate::Identity;
use crate::candidate::Login;
use crate::candidate::Patient;
use crate::candidate::Trust;
use crate::candidate::Waiver;
use crate::candidate::check::Checked;
use crate::candidate::check::Found;
use crate::candidate::check::check;
use crate::candidate::file::CandidateFile;
use crate::diag::SourceError;
use crate::diag::SourceErrors;
use crate::document::Document;
use crate::document::Schema;
use crate::document::child;
use crate::document::masked;
use crate::requirement::register;

/// A candidate file that holds, and what its author may want to know.
#[derive(Debug)]
pub struct Loaded {
    /// The candidate.
    pub candidate: Candidate,
    /// What is odd, but no mistake.
    pub warnings: Vec<SourceError>,
}

/// Reads a candidate file. Paths in it are relative to its folder, `${env:NAME}` is the environment of the process.
///
/// # Errors
/// Everything that is wrong, with its place; secrets are masked in the text that is shown.
pub fn load(path: &Path) -> Result<Loaded, SourceErrors> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        SourceError::file(name.clone(), format!("cannot be read: {error}"))
            .hint("`toetsbank init` writes a candidate file")
    })?;
    let folder = path.parent().unwrap_or(Path::new("."));
    read(&name, &text, folder, &|variable| std::env::var(variable).ok())
}

/// The same for a text: `folder` is where its paths start, `environment` gives the value of a variable.
///
/// # Errors
/// See [`load`].
pub fn read(
    file: &str,
    text: &str,
    folder: &Path,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Loaded, SourceErrors> {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    let mut document = Document::toml(file, text).map_err(without_secrets)?;
    conceal_secrets(&mut document);
    let mut errors = SCHEMA.get_or_init(Schema::of::<CandidateFile>).check(&document);
    document.replace_texts(|document, pointer, text| fill(document, pointer, text, environment, &mut errors));
    let Checked { errors: more, mut warnings, found } = check(&document, folder);
    errors.extend(more);
    if !errors.is_empty() {
        errors.sort_by_key(|error| error.span);
        return Err(SourceErrors(errors));
    }
    warnings.sort_by_key(|warning| warning.span);
    Ok(Loaded { candidate: build(&document, document.typed()?, &found)?, warnings })
}

/// Texts that hold a secret, unless they only name a variable.
fn conceal_secrets(document: &mut Document) {
    let patients = document.value().pointer("/patients").and_then(Value::as_array).map_or(0, Vec::len);
    let of_patients = (0..patients)
        .flat_map(|i| ["password", "token", "bsn"].into_iter().map(move |key| format!("/patients/{i}/{key}")));
    let identities = document.value().pointer("/identities").and_then(Value::as_array).map_or(0, Vec::len);
    let keys = (0..identities).map(|i| format!("/identities/{i}/key")).chain(["/client/key".to_owned()]);
    for pointer in of_patients.chain(keys) {
        match document.value().pointer(&pointer) {
            Some(Value::String(text)) if text.starts_with("${env:") => {}
            Some(_) => document.conceal(&pointer),
            None => {}
        }
    }
}

/// Masks what may be a secret in a text that is no TOML, where nothing can be found by its place.
fn without_secrets(errors: SourceErrors) -> SourceErrors {
    static SECRET: OnceLock<Option<Regex>> = OnceLock::new();
    let pattern = r#"(?s)\b(?:password|token|bsn|key)\s*=\s*("""[^$].*?"""|"[^"\n]*"|'[^'\n]*'|[^\s,}]+)"#;
    let secret = SECRET.get_or_init(|| Regex::new(pattern).ok());
    let Some(secret) = secret else { return errors };
    let mask = |mut error: SourceError| {
        let source = error.source.clone();
        for found in secret.captures_iter(&source).filter_map(|captures| captures.get(1)) {
            if !found.as_str().starts_with("\"${env:") {
                error.source.replace_range(found.range(), &masked(found.as_str()));
            }
        }
        error
    };
    SourceErrors(errors.0.into_iter().map(mask).collect())
}

/// The text with the values of its `${env:NAME}`; `None` when it has none.
fn fill(
    document: &Document,
    pointer: &str,
    text: &str,
    environment: &dyn Fn(&str) -> Option<String>,
    errors: &mut Vec<SourceError>,
) -> Option<String> {
    let is_login = pointer.starts_with("/login/steps/") && pointer.contains("/fill/");
    let mut out = String::new();
    let mut rest = text;
    let mut is_whole = true;
    while let Some(start) = rest.find("${") {
        let offset = text.len() - rest.len() + start;
        let Some(end) = rest[start..].find('}').map(|end| start + end) else {
            errors.push(document.error_inside(pointer, (offset, 2), "`${` without `}`").hint("close the variable"));
            return None;
        };
        let name = &rest[start + 2..end];
        let range = (offset, end + 1 - start);
        out.push_str(&rest[..start]);
        match name.strip_prefix("env:") {
            Some(variable) => match environment(variable) {
                Some(value) => out.push_str(&value),
                None => {
                    is_whole = false;
                    let message = format!("the environment variable `{variable}` is not set");
                    errors.push(document.error_inside(pointer, range, message).hint("set it, or write the value here"));
                }
            },
            None if is_login && matches!(name, "patient.login" | "patient.password") => {
                out.push_str(&rest[start..=end]);
            }
            None => {
                let known = if is_login {
                    "known here: `${patient.login}`, `${patient.password}`, `${env:NAME}`"
                } else {
                    "known here: `${env:NAME}`"
                };
                errors.push(document.error_inside(pointer, range, format!("unknown variable `{name}`")).hint(known));
            }
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    (is_whole && out != text).then_some(out)
}

fn build(document: &Document, file: CandidateFile, found: &Found) -> Result<Candidate, SourceErrors> {
    let missing = |pointer: &str| SourceErrors(vec![document.error(pointer, "the value cannot be used")]);
    let url = |pointer: String| found.urls.get(&pointer).cloned().ok_or_else(|| missing(&pointer));
    let pem = |pointer: String| found.pems.get(&pointer).cloned().ok_or_else(|| missing(&pointer));
    let endpoints = match &found.endpoints {
        Some(endpoints) => endpoints.clone(),
        None => {
            let mut resource = BTreeMap::new();
            for code in file.endpoints.iter().flat_map(|endpoints| endpoints.resource.keys()) {
                resource.insert(code.clone(), url(child("/endpoints/resource", code))?);
            }
            let (authorization, token) =
                (url("/endpoints/authorization".to_owned())?, url("/endpoints/token".to_owned())?);
            Endpoints { authorization, token, resource }
        }
    };
    let ca = (0..file.trust.ca.len()).map(|i| pem(format!("/trust/ca/{i}"))).collect::<Result<_, _>>()?;
    let mut identities = Vec::new();
    for (i, identity) in file.identities.into_iter().enumerate() {
        identities.push(Identity {
            standing: identity.standing,
            client_id: identity.client_id.unwrap_or_else(|| file.client.client_id.clone()),
            certificate: pem(format!("/identities/{i}/certificate"))?,
            key: pem(format!("/identities/{i}/key"))?,
        });
    }
    let mut waivers = Vec::new();
    for (i, waiver) in file.waivers.into_iter().enumerate() {
        let expires = format!("/waivers/{i}/expires");
        waivers.push(Waiver {
            // The register's own spelling, so that findings are matched whatever case the author used.
            rule: register().row(&waiver.rule).map_or(waiver.rule, |row| row.id.clone()),
            r#where: waiver.r#where,
            reason: waiver.reason,
            owner: waiver.owner,
            expires: *found.dates.get(&expires).ok_or_else(|| missing(&expires))?,
        });
    }
    let patients = file.patients.into_iter().map(|patient| Patient {
        name: patient.name,
        stands_for: patient.stands_for,
        login: patient.login.unwrap_or_default(),
        password: patient.password.unwrap_or_default(),
        token: patient.token,
        bsn: patient.bsn,
        suites: patient.suites,
        expect: patient.expect,
    });
    Ok(Candidate {
        role: file.candidate.role,
        vendor: file.candidate.vendor,
        product: file.candidate.product,
        version: file.candidate.version,
        environment: file.candidate.environment,
        release: file.candidate.release,
        systeemrollen: file.candidate.systeemrollen,
        provider: file.provider.name,
        endpoints,
        client: Client {
            client_id: file.client.client_id,
            redirect_uri: url("/client/redirect_uri".to_owned())?,
            certificate: pem("/client/certificate".to_owned())?,
            key: pem("/client/key".to_owned())?,
        },
        identities,
        trust: Trust { ca, connect: file.trust.connect },
        login: Login { mode: file.login.mode, steps: file.login.steps },
        patients: patients.collect(),
        probes: file.probes,
        waivers,
        shares_clock: false,
    })
}

#[cfg(test)]
mod tests {
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
  { page = "landing", follow = "a#verder" },
  { page = "login", fill = { "#naam" = "${patient.login}", "#wachtwoord" = "${patient.password}" }, submit = "form#inloggen" },
]

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
                "toetsbank.toml:65:11: `maart` is no date (write `2027-03-01`)",
            ]
        );
    }

    #[test]
    fn each_mistake_has_its_message() {
        let cases = [
            ("release = \"2.2\"", "release = 2.2", "put it in quotes: \"2.2\""),
            ("environment = \"test\"", "environment = \"tst\"", "did you mean `test`?"),
            (
                "[\"MM-3.0-BZB-FHIR\"]",
                "[\"MM-3.0-BZX-FHIR\"]",
                "no ResourceEndpoint for the systeemrol `MM-3.0-BZX-FHIR`",
            ),
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
                "ander.toetsbank.example",
                "pgo.toetsbank.example",
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
            let loaded =
                in_lists(&with_list("ziekenhuisnoord@medmij", &line)).unwrap_or_else(|errors| panic!("{errors}"));
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

    /// `suites/schema/candidate.schema.json` follows the types; `TOETSBANK_ACCEPT=1` writes it.
    #[test]
    fn the_published_schema_is_fresh() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites/schema/candidate.schema.json");
        let text = Schema::text::<CandidateFile>("candidate file of toetsbank");
        if std::env::var_os("TOETSBANK_ACCEPT").is_some() {
            std::fs::write(&file, &text).unwrap();
        }
        let fresh = std::fs::read_to_string(&file).is_ok_and(|there| there == text);
        assert!(fresh, "suites/schema/candidate.schema.json is stale: run `make accept`");
    }
}
