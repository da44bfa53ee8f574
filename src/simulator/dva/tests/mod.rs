//! The reference DVA from the outside, over real sockets, by interface.

mod authorization;
mod defects;
mod resource;
mod sharing;
mod token;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::Identity;
use reqwest::RequestBuilder;
use reqwest::Response;
use reqwest::redirect::Policy;
use serde_json::Value;
use url::Url;

use crate::candidate::Candidate;
use crate::candidate::Patient;
use crate::diag::Lang;
use crate::env::Env;
use crate::fhir::definitions::DefinitionSet;
use crate::fhir::definitions::FhirVersion;
use crate::fhir::json as fhir_json;
use crate::fhir::validate::Options;
use crate::fhir::validate::Severity;
use crate::fhir::validate::Validator;
use crate::fhir::xml;
use crate::packages::embedded;
use crate::simulator::defects::find;
use crate::simulator::dva::Dva;
use crate::simulator::dva::DvaConfig;
use crate::simulator::dva::start;

const BGZ: &str = "MM-3.0-BZB-FHIR";
const GGZ: &str = "MM-2.0-GGB-FHIR";
const LIST: &str = "MM-3.0-PLB-FHIR";

/// Parameters with another value, added, or left out.
type Change<'a> = &'a [(&'a str, Option<&'a str>)];

/// A DVA with a client that does what a DVP and a browser do, no more.
struct World {
    env: Env,
    dva: Dva,
    /// With our certificate.
    back: Client,
    /// Without a certificate; with cookies.
    front: Client,
}

impl World {
    async fn with(defect: &[&str]) -> World {
        let env = Env::seeded(7);
        let mut config = DvaConfig::own(&env).unwrap();
        config.defects = defect.iter().map(|name| find(name).unwrap()).collect();
        World::of(env, config).await
    }

    async fn of(env: Env, config: DvaConfig) -> World {
        let dva = start(config).await.unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let candidate = dva.candidate();
        let builder = || {
            let ca = reqwest::Certificate::from_pem(candidate.trust.ca[0].as_bytes()).unwrap();
            let mut builder =
                Client::builder().tls_certs_only([ca]).redirect(Policy::none()).timeout(Duration::from_secs(20));
            for (host, to) in &candidate.trust.connect {
                let name = host.split(':').next().unwrap();
                builder = builder.resolve(name, to.parse().unwrap());
            }
            builder
        };
        let pem = format!("{}{}", candidate.client.certificate, candidate.client.key);
        let back = builder().identity(Identity::from_pem(pem.as_bytes()).unwrap()).build().unwrap();
        let front = builder().cookie_store(true).build().unwrap();
        World { env, dva, back, front }
    }

    fn candidate(&self) -> &Candidate {
        self.dva.candidate()
    }

    /// The address with the port that `trust.connect` names.
    fn address(&self, url: &str) -> Url {
        let mut url = Url::parse(url).unwrap();
        let to = &self.candidate().trust.connect[&format!("{}:443", url.host_str().unwrap())];
        url.set_port(to.rsplit(':').next().unwrap().parse().ok()).unwrap();
        url
    }

    fn patient(&self, login: &str) -> &Patient {
        self.candidate().patients.iter().find(|patient| patient.login == login).unwrap()
    }

    /// Sends an authorization request; `change` alters its parameters.
    async fn authorize(&self, change: Change<'_>) -> Response {
        let candidate = self.candidate();
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", candidate.client.client_id.as_str()),
            ("redirect_uri", candidate.client.redirect_uri.as_str()),
            ("scope", candidate.scope()),
            ("state", "a b&c"),
            ("MedMij-Request-ID", "1a4cbd5c-4b3d-4b4f-8a51-7f3d0e6f7f11"),
            ("X-Correlation-ID", "1a4cbd5c-4b3d-4b4f-8a51-7f3d0e6f7f12"),
        ];
        for (name, value) in change {
            match parameters.iter_mut().find(|(key, _)| key == name) {
                Some(parameter) if value.is_some() => parameter.1 = value.unwrap(),
                Some(_) => parameters.retain(|(key, _)| key != name),
                None => parameters.push((name, value.unwrap())),
            }
        }
        let mut url = self.address(candidate.endpoints.authorization.as_str());
        url.query_pairs_mut().extend_pairs(parameters);
        self.front.get(url).send().await.unwrap()
    }

    /// Presses through the pages and gives the address at the client that it ends at.
    async fn log_in(&self, login: &str, indefinite: bool) -> Url {
        let scope = self.candidate().scope();
        self.pass(login, scope, indefinite).await
    }

    /// The same for another scope.
    async fn log_in_for(&self, login: &str, scope: &str) -> Url {
        self.pass(login, scope, false).await
    }

    async fn pass(&self, login: &str, scope: &str, indefinite: bool) -> Url {
        let page = self.authorize(&[("scope", Some(scope))]).await;
        assert_eq!(page.status(), 200);
        let page =
            self.front.get(self.address("https://auth.referentie.toetsbank.example/inloggen")).send().await.unwrap();
        let hidden = form_token(&page.text().await.unwrap());
        let patient = self.patient(login);
        let fields = [("formulier", hidden.as_str()), ("naam", &patient.login), ("wachtwoord", &patient.password)];
        let answer = self.submit("inloggen", &fields).await;
        assert_eq!((answer.status().as_u16(), location(&answer).as_str()), (303, "/toestemming"));
        let page =
            self.front.get(self.address("https://auth.referentie.toetsbank.example/toestemming")).send().await.unwrap();
        let hidden = form_token(&page.text().await.unwrap());
        let mut fields = vec![("formulier", hidden.as_str()), ("besluit", "toestaan")];
        fields.extend(indefinite.then_some(("onbepaald", "ja")));
        let answer = self.submit("toestemming", &fields).await;
        Url::parse(&location(&answer)).unwrap()
    }

    async fn submit(&self, page: &str, fields: &[(&str, &str)]) -> Response {
        let url = self.address(&format!("https://auth.referentie.toetsbank.example/{page}"));
        form(self.front.post(url), fields).send().await.unwrap()
    }

    async fn code(&self, login: &str) -> String {
        parameter(&self.log_in(login, false).await, "code").unwrap()
    }

    /// Sends a token request for a code; `change` alters its fields.
    async fn redeem(&self, code: &str, change: Change<'_>) -> Response {
        let candidate = self.candidate();
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", candidate.client.client_id.as_str()),
            ("redirect_uri", candidate.client.redirect_uri.as_str()),
        ];
        for (name, value) in change {
            match fields.iter_mut().find(|(key, _)| key == name) {
                Some(field) if value.is_some() => field.1 = value.unwrap(),
                Some(_) => fields.retain(|(key, _)| key != name),
                None => fields.push((name, value.unwrap())),
            }
        }
        form(self.back.post(self.address(candidate.endpoints.token.as_str())), &fields).send().await.unwrap()
    }

    /// A resource request with the fixed token of a person.
    fn get(&self, role: &str, login: &str, path: &str) -> RequestBuilder {
        let base = &self.candidate().endpoints.resource[role];
        let token = self.patient(login).token.clone().unwrap();
        self.back.get(self.address(&format!("{base}/{path}"))).bearer_auth(token)
    }

    async fn search(&self, role: &str, login: &str, path: &str) -> Value {
        let answer = self.get(role, login, path).header("accept", "application/fhir+json").send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        json(answer).await
    }
}

fn form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    request.header("content-type", "application/x-www-form-urlencoded").body(body)
}

fn form_token(html: &str) -> String {
    let document = scraper::Html::parse_document(html);
    let selector = scraper::Selector::parse("input[name=formulier]").unwrap();
    document.select(&selector).next().unwrap().value().attr("value").unwrap().to_owned()
}

fn location(answer: &Response) -> String {
    answer.headers()["location"].to_str().unwrap().to_owned()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

async fn json(answer: Response) -> Value {
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

/// Number of matches, and of what was included by type.
fn counts(bundle: &Value) -> (usize, BTreeMap<String, usize>) {
    let mut included = BTreeMap::new();
    let mut matches = 0;
    for entry in bundle["entry"].as_array().into_iter().flatten() {
        match entry["search"]["mode"].as_str() {
            Some("match") => matches += 1,
            _ => *included.entry(entry["resource"]["resourceType"].as_str().unwrap().to_owned()).or_default() += 1,
        }
    }
    (matches, included)
}

/// The definitions in the binary, as a judge.
fn validator() -> Validator {
    let layers = embedded::layers(FhirVersion::Stu3);
    Validator::new(Arc::new(DefinitionSet::new(FhirVersion::Stu3, layers)))
}

/// Place and text of what is wrong in a resource, JSON or XML.
fn errors(validator: &Validator, text: &[u8]) -> Vec<String> {
    let (resource, problems) = if text.starts_with(b"<") { xml::parse(text) } else { fhir_json::parse(text) }.unwrap();
    assert!(problems.is_empty());
    let issues = validator.validate(&resource, &[], Options::default()).issues;
    let errors = issues.iter().filter(|issue| issue.severity == Severity::Error);
    errors.map(|issue| format!("{}: {}", issue.place, issue.message(Lang::En))).collect()
}
