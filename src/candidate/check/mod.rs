//! What must hold of a candidate file beyond its form. Every check reads the tree, not the types, so that a mistake in one
//! place hides none in another.

mod dvp;
mod pages;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;

use jiff::civil::Date;
use serde_json::Value;
use url::Url;

use crate::candidate::Endpoints;
use crate::candidate::zal;
use crate::candidate::zal::About;
use crate::candidate::zal::Addresses;
use crate::candidate::zal::Trouble;
use crate::diag::Severity;
use crate::diag::SourceError;
use crate::diag::SourceErrors;
use crate::diag::Text;
use crate::diag::did_you_mean;
use crate::diag::suggestion;
use crate::document::Document;
use crate::document::child;
use crate::lists;
use crate::lists::List;
use crate::requirement::Release;
use crate::requirement::Role;
use crate::requirement::register;
use crate::text;

/// What came of the checks.
#[derive(Default)]
pub struct Checked {
    /// Mistakes.
    pub errors: Vec<SourceError>,
    /// What is odd, but no mistake.
    pub warnings: Vec<SourceError>,
    /// What was read on the way, by the pointer of its text.
    pub found: Found,
}

/// Checks a document whose variables are filled in; its paths start in `folder`.
pub fn check(document: &Document, folder: &Path, role: Role) -> Checked {
    let mut checker = Checker { document, folder, errors: Vec::new(), warnings: Vec::new(), found: Found::default() };
    match role {
        Role::Dva => checker.check(),
        Role::Dvp => checker.check_dvp(),
    }
    let Checker { errors, warnings, found, .. } = checker;
    Checked { errors, warnings, found }
}

/// What the checks have read from texts.
#[derive(Default)]
pub struct Found {
    /// Addresses.
    pub urls: BTreeMap<String, Url>,
    /// Certificates and keys as PEM text.
    pub pems: BTreeMap<String, String>,
    /// Dates.
    pub dates: BTreeMap<String, Date>,
    /// Addresses from a Zorgaanbiederslijst.
    pub endpoints: Option<Endpoints>,
}

impl Found {
    /// An address.
    ///
    /// # Errors
    /// That it is not there, though the checks let the file through.
    pub fn url(&self, document: &Document, pointer: &str) -> Result<Url, SourceErrors> {
        self.urls.get(pointer).cloned().ok_or_else(|| unusable(document, pointer))
    }

    /// A certificate or key, PEM.
    ///
    /// # Errors
    /// That it is not there, though the checks let the file through.
    pub fn pem(&self, document: &Document, pointer: &str) -> Result<String, SourceErrors> {
        self.pems.get(pointer).cloned().ok_or_else(|| unusable(document, pointer))
    }
}

/// What is told of a value that the checks let through and that cannot be used all the same.
pub fn unusable(document: &Document, pointer: &str) -> SourceErrors {
    SourceErrors(vec![document.error(pointer, text!("de waarde is niet te gebruiken", "the value cannot be used"))])
}

/// The checks of one document.
struct Checker<'a> {
    document: &'a Document,
    folder: &'a Path,
    errors: Vec<SourceError>,
    warnings: Vec<SourceError>,
    found: Found,
}

impl Checker<'_> {
    fn check(&mut self) {
        self.head();
        self.endpoints();
        self.client();
        self.identities();
        self.trust();
        self.login();
        self.withdrawal();
        self.patients();
        self.waivers();
        self.url("/probes/other_provider");
        self.stelselnode();
    }

    fn stelselnode(&mut self) {
        let Some(listen) = self.text("/stelselnode/listen") else { return };
        if listen.parse::<SocketAddr>().is_err() {
            let message = text!("`{listen}` is geen adres met poort", "`{listen}` is no address with port");
            let hint = text!("schrijf `127.0.0.1:8444`", "write `127.0.0.1:8444`");
            self.fail("/stelselnode/listen", message, hint);
        }
        let given = ["certificate", "key"].map(|name| self.text(&format!("/stelselnode/{name}")).is_some());
        match given {
            [true, true] => {
                self.pem("/stelselnode/certificate", "CERTIFICATE");
                self.pem("/stelselnode/key", "PRIVATE KEY");
            }
            [false, false] => {}
            _ => self.fail(
                "/stelselnode",
                text!("`certificate` en `key` horen bij elkaar", "`certificate` and `key` belong together"),
                text!(
                    "geef beide, of geen van beide om die van [client] te gebruiken",
                    "give both, or neither to use those of [client]"
                ),
            ),
        }
    }

    fn head(&mut self) {
        if let Some(name) = self.text("/provider/name")
            && name.strip_suffix("@medmij").is_none_or(str::is_empty)
        {
            let hint = text!(
                "schrijf de naam van de zorgaanbieder in de Zorgaanbiederslijst, met `@medmij`",
                "write the name of the provider in the Zorgaanbiederslijst, with `@medmij`"
            );
            self.fail("/provider/name", text!("`{name}` is geen MedMij-naam", "`{name}` is no MedMij name"), hint);
        }
        self.production();
    }

    fn production(&mut self) {
        if self.text("/candidate/environment").as_deref() == Some("production")
            && self.value("/probes/active").and_then(Value::as_bool) == Some(true)
        {
            let message = text!("actieve proeven gaan niet naar productie", "active probes are not sent to production");
            let hint = text!(
                "haal `active = true` weg, of toets een andere omgeving",
                "take `active = true` out, or test another environment"
            );
            self.warnings.push(self.document.error("/probes/active", message).hint(hint));
        }
    }

    fn endpoints(&mut self) {
        let list = ["/zal", "/provider/zal"].into_iter().find(|pointer| self.value(pointer).is_some());
        match (list, self.value("/endpoints").is_some()) {
            (Some(pointer), true) => {
                let message =
                    text!("zowel `zal` als [endpoints] geeft adressen", "both `zal` and [endpoints] give addresses");
                let hint = text!("laat een van beide weg", "leave one of them out");
                self.errors.push(self.document.key_error(pointer, message).hint(hint));
            }
            (Some(pointer), false) => return self.list(pointer),
            (None, false) => {
                let message = text!("de sleutel `endpoints` ontbreekt", "missing key `endpoints`");
                let hint = text!(
                    "voeg `endpoints` toe, waar de interfaces zijn; of `zal`, een Zorgaanbiederslijst die ze heeft",
                    "add `endpoints`: Where its interfaces are; or `zal`: a Zorgaanbiederslijst that has them"
                );
                self.errors.push(self.document.key_error("", message).hint(hint));
                return;
            }
            (None, true) => {}
        }
        for name in ["/endpoints/authorization", "/endpoints/token"] {
            self.url(name);
        }
        let resource = self.keys("/endpoints/resource");
        for code in &resource {
            self.url(&child("/endpoints/resource", code));
        }
        if let Some(port) = self.found.urls.get("/endpoints/authorization").and_then(Url::port) {
            let message = text!(
                "het AuthorizationEndpoint heeft poort {port}; adressen van het frontchannel hebben er geen",
                "the AuthorizationEndpoint has port {port}; addresses of the front channel carry none"
            );
            let hint = text!("gebruik poort 443", "use port 443");
            self.warnings.push(self.document.error("/endpoints/authorization", message).hint(hint));
        }
        for i in 0..self.length("/candidate/systeemrollen") {
            let pointer = format!("/candidate/systeemrollen/{i}");
            let Some(code) = self.text(&pointer).filter(|code| !resource.contains(code)) else { continue };
            let hint = match suggestion(&code, resource.iter().map(String::as_str)) {
                Some(near) => text!(
                    "voeg `\"{code}\" = \"https://…\"` toe onder [endpoints.resource]; er is `{near}`",
                    "add `\"{code}\" = \"https://…\"` under [endpoints.resource]; there is `{near}`"
                ),
                None => text!(
                    "voeg `\"{code}\" = \"https://…\"` toe onder [endpoints.resource]",
                    "add `\"{code}\" = \"https://…\"` under [endpoints.resource]"
                ),
            };
            let message = text!(
                "geen ResourceEndpoint voor de systeemrol `{code}`",
                "no ResourceEndpoint for the systeemrol `{code}`"
            );
            self.fail(&pointer, message, hint);
        }
    }

    /// Addresses from the list that a path leads to.
    fn list(&mut self, pointer: &str) {
        let Some(name) = self.text(pointer) else { return };
        let bytes = match File::open(self.folder.join(&name)).and_then(lists::bytes) {
            Ok(bytes) => bytes,
            Err(error) => {
                let hint = text!("geef een pad vanaf de plaats van dit bestand", "give a path relative to this file");
                let message = text!("`{name}` is niet te lezen: {error}", "`{name}` cannot be read: {error}");
                return self.fail(pointer, message, hint);
            }
        };
        let reading = lists::read("", &bytes);
        let look = text!(
            "`toetsbank lists check {name}` toont wat eraan mankeert",
            "`toetsbank lists check {name}` shows what is wrong with it"
        );
        let first = reading.mistakes.iter().find(|mistake| mistake.severity == Severity::Error);
        let first = first.map(|mistake| {
            let (line, Text { nl, en }) = (mistake.line, mistake.message());
            text!("regel {line}: {nl}", "line {line}: {en}")
        });
        let list = match reading.list {
            Some(List::Zorgaanbiederslijst(list)) => list,
            Some(other) => {
                let kind = other.kind().name();
                let hint = text!("geef de Zorgaanbiederslijst", "give the Zorgaanbiederslijst");
                let message = text!(
                    "`{name}` is de lijst {kind}, geen Zorgaanbiederslijst",
                    "`{name}` is the list {kind}, no Zorgaanbiederslijst"
                );
                return self.fail(pointer, message, hint);
            }
            None => {
                let Text { nl, en } = first.map(|Text { nl, en }| text!(": {nl}", ": {en}")).unwrap_or_default();
                let message = text!(
                    "`{name}` is geen Zorgaanbiederslijst die te gebruiken is{nl}",
                    "`{name}` is no Zorgaanbiederslijst that can be used{en}"
                );
                return self.fail(pointer, message, look);
            }
        };
        if let Some(Text { nl, en }) = first {
            let message = text!("in `{name}` staan fouten: {nl}", "`{name}` has mistakes: {en}");
            self.warnings.push(self.document.error(pointer, message).hint(look));
        }
        let claimed: Vec<String> = (0..self.length("/candidate/systeemrollen"))
            .map(|i| self.text(&format!("/candidate/systeemrollen/{i}")).unwrap_or_default())
            .collect();
        let label = self.text("/candidate/release").unwrap_or_default();
        let release = [Release::V2_0, Release::V2_1].into_iter().find(|release| release.label() == label);
        let provider = self.text("/provider/name").unwrap_or_default();
        match zal::addresses(&list, &provider, release.unwrap_or(Release::V2_2), &claimed) {
            Ok(addresses) => self.listed(pointer, &addresses),
            Err(trouble) => {
                for Trouble { about, message, hint } in trouble {
                    match about {
                        About::List => self.fail(pointer, message, hint),
                        About::Provider => self.fail("/provider/name", message, hint),
                        About::Systeemrol(i) => self.fail(&format!("/candidate/systeemrollen/{i}"), message, hint),
                    }
                }
            }
        }
    }

    /// Takes addresses of a list as they are; what a list may not hold a rule says.
    fn listed(&mut self, pointer: &str, addresses: &Addresses) {
        let mut parse = |name: &str, text: &str| match Url::parse(text) {
            Ok(url) if url.scheme() == "https" && url.has_host() => Some(url),
            _ => {
                let hint = text!(
                    "verbeter de lijst, of schrijf de adressen onder [endpoints]",
                    "correct the list, or write the addresses under [endpoints]"
                );
                let message = text!(
                    "het {name} van de lijst, `{text}`, is geen https-adres",
                    "the {name} of the list, `{text}`, is no https address"
                );
                self.fail(pointer, message, hint);
                None
            }
        };
        let authorization = parse("AuthorizationEndpoint", &addresses.authorization);
        let token = parse("TokenEndpoint", &addresses.token);
        let resource: Option<BTreeMap<String, Url>> = addresses
            .resource
            .iter()
            .map(|(code, text)| parse("ResourceEndpoint", text).map(|url| (code.clone(), url)))
            .collect();
        if let (Some(authorization), Some(token), Some(resource)) = (authorization, token, resource) {
            self.found.endpoints = Some(Endpoints { authorization, token, resource });
        }
    }

    fn client(&mut self) {
        self.redirect_uri("/client/redirect_uri", self.text("/client/client_id").as_deref());
        self.pem("/client/certificate", "CERTIFICATE");
        self.pem("/client/key", "PRIVATE KEY");
    }

    /// The address that a browser comes back to: on the host that the client is called by.
    fn redirect_uri(&mut self, pointer: &str, client_id: Option<&str>) {
        self.url(pointer);
        if let (Some(uri), Some(client_id)) = (self.found.urls.get(pointer), client_id)
            && uri.host_str() != Some(client_id)
        {
            let host = uri.host_str().unwrap_or_default();
            let message = text!(
                "de host `{host}` is niet die van de client_id `{client_id}`",
                "the host `{host}` is not that of the client_id `{client_id}`"
            );
            let hint = text!(
                "de redirect_uri ligt op de hostnaam die de OAuth Client List van de client heeft",
                "the redirect_uri lies on the host name that the OAuth Client List has for the client"
            );
            self.fail(pointer, message, hint);
        }
    }

    fn identities(&mut self) {
        let mut known = BTreeSet::new();
        for i in 0..self.length("/identities") {
            let pointer = format!("/identities/{i}");
            self.pem(&format!("{pointer}/certificate"), "CERTIFICATE");
            self.pem(&format!("{pointer}/key"), "PRIVATE KEY");
            let client_id = self.text(&format!("{pointer}/client_id"));
            self.redirect_uri(&format!("{pointer}/redirect_uri"), client_id.as_deref());
            let Some(standing) = self.text(&format!("{pointer}/standing")) else { continue };
            if standing == "listed" && (client_id.is_none() || client_id == self.text("/client/client_id")) {
                let message = text!(
                    "een identiteit met standing `listed` is een andere client",
                    "an identity with standing `listed` is another client"
                );
                let hint = text!(
                    "geef haar een `client_id` die niet die van [client] is",
                    "give it a `client_id` that is not that of [client]"
                );
                self.fail(&format!("{pointer}/standing"), message, hint);
            }
            if !known.insert(standing.clone()) {
                let message = text!(
                    "er is nog een identiteit met standing `{standing}`",
                    "there is another identity with standing `{standing}`"
                );
                let hint = text!("laat een van beide weg", "leave one of them out");
                self.fail(&format!("{pointer}/standing"), message, hint);
            }
        }
    }

    fn trust(&mut self) {
        for i in 0..self.length("/trust/ca") {
            self.pem(&format!("/trust/ca/{i}"), "CERTIFICATE");
        }
        for name in self.keys("/trust/connect") {
            let pointer = child("/trust/connect", &name);
            let is_name =
                name.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
            if !is_name {
                let message = text!("`{name}` is geen host met poort", "`{name}` is no host with port");
                let hint =
                    text!("schrijf `\"host:443\" = \"127.0.0.1:8443\"`", "write `\"host:443\" = \"127.0.0.1:8443\"`");
                self.errors.push(self.document.key_error(&pointer, message).hint(hint));
            }
            if let Some(address) = self.text(&pointer).filter(|address| address.parse::<SocketAddr>().is_err()) {
                let message = text!("`{address}` is geen adres met poort", "`{address}` is no address with port");
                self.fail(&pointer, message, text!("schrijf `127.0.0.1:8443`", "write `127.0.0.1:8443`"));
            }
        }
    }

    fn patients(&mut self) {
        let mode = self.mode();
        let fills: Vec<String> = (0..self.length("/login/steps"))
            .flat_map(|i| self.keys(&format!("/login/steps/{i}/fill")).into_iter().map(move |key| (i, key)))
            .filter_map(|(i, key)| self.text(&child(&format!("/login/steps/{i}/fill"), &key)))
            .collect();
        let mut names = BTreeSet::new();
        if self.value("/patients").is_some() && self.length("/patients") == 0 {
            let hint = text!("voeg er een toe onder [[patients]]", "add one under [[patients]]");
            self.fail("/patients", text!("er is geen patiënt", "there is no patient"), hint);
        }
        for i in 0..self.length("/patients") {
            let pointer = format!("/patients/{i}");
            if let Some(name) = self.text(&format!("{pointer}/name"))
                && !names.insert(name.clone())
            {
                let message = text!("er is nog een patiënt `{name}`", "there is another patient `{name}`");
                let hint = text!("geef elk een eigen naam", "give each its own name");
                self.fail(&format!("{pointer}/name"), message, hint);
            }
            let needed = match mode.as_str() {
                "form" => ["login", "password"]
                    .into_iter()
                    .filter(|key| fills.iter().any(|fill| fill.contains(&format!("${{patient.{key}}}"))))
                    .collect(),
                "token" => vec!["token"],
                _ => Vec::new(),
            };
            for key in needed {
                if self.value(&format!("{pointer}/{key}")).is_none() {
                    let message = text!("de patiënt heeft geen `{key}`", "the patient has no `{key}`");
                    let hint = text!(
                        "mode `{mode}` van [login] vraagt het: voeg `{key} = \"…\"` toe",
                        "login mode `{mode}` needs it: add `{key} = \"…\"`"
                    );
                    self.errors.push(self.document.key_error(&format!("{pointer}/name"), message).hint(hint));
                }
            }
            let bsn = format!("{pointer}/bsn");
            let is_number = |bsn: &String| bsn.len() == 9 && bsn.chars().all(|c| c.is_ascii_digit());
            if self.text(&bsn).is_some_and(|bsn| !is_number(&bsn)) {
                let message =
                    text!("een burgerservicenummer heeft negen cijfers", "a burgerservicenummer has nine digits");
                let hint = text!("schrijf alle negen, met nullen ervoor", "write all nine, with leading zeros");
                self.fail(&bsn, message, hint);
            }
        }
    }

    fn waivers(&mut self) {
        for i in 0..self.length("/waivers") {
            let pointer = format!("/waivers/{i}");
            for key in ["where", "reason", "owner"] {
                if self.text(&format!("{pointer}/{key}")).is_some_and(|text| text.trim().is_empty()) {
                    let message = text!("`{key}` is leeg", "`{key}` is empty");
                    let hint = text!("een vrijstelling heeft alle vijf velden nodig", "a waiver needs all five fields");
                    self.fail(&format!("{pointer}/{key}"), message, hint);
                }
            }
            if let Some(rule) = self.text(&format!("{pointer}/rule"))
                && register().row(&rule).is_none()
            {
                let known = register().rows().iter().map(|row| row.id.as_str());
                let hint = match suggestion(&rule.to_uppercase(), known) {
                    Some(meant) => did_you_mean(meant),
                    None => text!("zie `toetsbank rules`", "see `toetsbank rules`"),
                };
                let message = text!("het register heeft geen regel `{rule}`", "the register has no rule `{rule}`");
                self.fail(&format!("{pointer}/rule"), message, hint);
            }
            let expires = format!("{pointer}/expires");
            if let Some(text) = self.text(&expires) {
                match text.parse::<Date>() {
                    Ok(date) => drop(self.found.dates.insert(expires, date)),
                    Err(_) => {
                        let message = text!("`{text}` is geen datum", "`{text}` is no date");
                        self.fail(&expires, message, text!("schrijf `2027-03-01`", "write `2027-03-01`"));
                    }
                }
            }
        }
    }

    fn url(&mut self, pointer: &str) {
        let Some(text) = self.text(pointer) else { return };
        let hint = text!("schrijf `https://host/pad`", "write `https://host/path`");
        let url = match Url::parse(&text) {
            Ok(url) => url,
            Err(error) => {
                let message = text!("`{text}` is geen adres: {error}", "`{text}` is no address: {error}");
                return self.fail(pointer, message, hint);
            }
        };
        let wrong = if url.scheme() != "https" {
            Some(text!("`{text}` is geen https", "`{text}` is not https"))
        } else if !url.username().is_empty() || url.password().is_some() {
            Some(text!("in `{text}` staat een gebruikersnaam", "`{text}` has a user name in it"))
        } else if url.query().is_some() || url.fragment().is_some() {
            Some(text!("`{text}` heeft een query of fragment", "`{text}` has a query or fragment"))
        } else {
            None
        };
        match wrong {
            Some(wrong) => self.fail(pointer, wrong, hint),
            None => drop(self.found.urls.insert(pointer.to_owned(), url)),
        }
    }

    /// PEM from the text itself, or from the file that it names.
    fn pem(&mut self, pointer: &str, what: &str) {
        let Some(text) = self.text(pointer) else { return };
        let inline = text.contains("-----BEGIN ");
        let pem = if inline {
            text
        } else {
            let path = self.folder.join(&text);
            match std::fs::read_to_string(&path) {
                Ok(pem) => pem,
                Err(error) => {
                    // What was meant as a key must not be repeated, even when it is no path.
                    let message = if self.document.is_concealed(pointer) {
                        text!("het bestand is niet te lezen: {error}", "the file cannot be read: {error}")
                    } else {
                        text!("`{text}` is niet te lezen: {error}", "`{text}` cannot be read: {error}")
                    };
                    let hint = text!(
                        "geef een pad vanaf de plaats van dit bestand, PEM-tekst of `${{env:NAAM}}`",
                        "give a path relative to this file, PEM text, or `${{env:NAME}}`"
                    );
                    return self.fail(pointer, message, hint);
                }
            }
        };
        if pem.contains("ENCRYPTED PRIVATE KEY") || pem.contains("Proc-Type: 4,ENCRYPTED") {
            let message = text!("de private sleutel is versleuteld", "the private key is encrypted");
            let hint = text!("geef hem zonder wachtwoord", "give it without a passphrase");
            return self.fail(pointer, message, hint);
        }
        if !pem.lines().any(|line| line.starts_with("-----BEGIN ") && line.contains(what)) {
            let what = what.to_lowercase();
            let message = text!("er staat geen {what} in PEM-vorm in", "there is no {what} in PEM form in it");
            let hint = text!("PEM begint met `-----BEGIN`", "PEM begins with `-----BEGIN`");
            return self.fail(pointer, message, hint);
        }
        self.found.pems.insert(pointer.to_owned(), pem);
    }

    fn mode(&self) -> String {
        self.text("/login/mode").unwrap_or_else(|| "form".to_owned())
    }

    fn value(&self, pointer: &str) -> Option<&Value> {
        self.document.value().pointer(pointer)
    }

    fn text(&self, pointer: &str) -> Option<String> {
        // A variable without value has been told already.
        self.value(pointer).and_then(Value::as_str).filter(|text| !text.contains("${env:")).map(str::to_owned)
    }

    fn keys(&self, pointer: &str) -> Vec<String> {
        let table = self.value(pointer).and_then(Value::as_object);
        table.map(|table| table.keys().cloned().collect()).unwrap_or_default()
    }

    fn length(&self, pointer: &str) -> usize {
        self.value(pointer).and_then(Value::as_array).map_or(0, Vec::len)
    }

    fn fail(&mut self, pointer: &str, message: Text, hint: Text) {
        self.errors.push(self.document.error(pointer, message).hint(hint));
    }
}
