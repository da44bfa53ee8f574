//! With a code to a token, and with the token to the data (core.tknint, core.rscint).

use std::sync::Mutex;
use std::sync::PoisonError;

use base64::Engine;
use reqwest::Client;
use reqwest::Method;
use reqwest::Request;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use reqwest::header::HeaderName;
use reqwest::header::HeaderValue;
use serde_json::Value;
use url::Url;

use crate::simulator::body;
use crate::simulator::dvp::BACK_HOST;
use crate::simulator::dvp::HOST;
use crate::simulator::dvp::Pgo;
use crate::simulator::dvp::REDIRECT_URI;
use crate::simulator::dvp::flow;
use crate::simulator::dvp::flow::Session;
use crate::simulator::dvp::offer;
use crate::simulator::dvp::pages;
use crate::simulator::dvp::services;
use crate::simulator::dvp::share;
use crate::simulator::http::Reply;

/// Most pages of one search.
const MOST_PAGES: usize = 100;

/// A secret that no DVP needs: its certificate tells who it is.
const SECRET: &str = "geheim-van-het-referentie-pgo";

/// The burgerservicenummer of the first person of the reference provider, fictional as all of them.
const BSN: &str = "999980002";

/// Why collecting stopped, for the person.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stopped(&'static str);

const UNLISTED: Stopped = Stopped("De zorgaanbieder is nu niet te bereiken.");
const NO_TOKEN: Stopped = Stopped("De zorgaanbieder gaf geen toegang. Begin opnieuw.");
const NO_ACCESS: Stopped = Stopped("De toegang is niet meer geldig. Begin opnieuw.");
const LATER: Stopped = Stopped("De zorgaanbieder heeft het druk. Probeer het later opnieuw.");
const NO_ANSWER: Stopped = Stopped("De zorgaanbieder gaf geen antwoord. Probeer het later opnieuw.");

/// Collects with a code, and tells the person what came of it.
pub(super) async fn collect(pgo: &Pgo, session: &Session, code: &str) -> Reply {
    let title = "Verzamelen";
    let clients = (pgo.wire.client_of(&pgo.manner("token")), pgo.wire.client_of(&pgo.manner("resource")));
    let (Ok(for_token), Ok(client)) = clients else {
        return pages::page(500, title, "De verbinding kan niet worden gemaakt.");
    };
    let collector = Collector { pgo, session, for_token, client, person: Mutex::default() };
    let address = session.place.token_endpoint.as_deref().and_then(|text| Url::parse(text).ok());
    if let Some(address) = address.filter(|address| collector.may_visit(address)) {
        offer::make(pgo, &address).await;
    }
    let issued = match collector.token(&Grant::Code(code)).await {
        Ok(issued) => issued,
        Err(Stopped(text)) => return pages::page(200, title, text),
    };
    collector.told(issued).await
}

/// Collects with a refresh token; `None` when it is worth nothing any more.
pub(super) async fn again(pgo: &Pgo, session: &Session, refresh: &str) -> Option<Reply> {
    let clients = (pgo.wire.client_of(&pgo.manner("token")), pgo.wire.client_of(&pgo.manner("resource")));
    let (Ok(for_token), Ok(client)) = clients else { return None };
    let collector = Collector { pgo, session, for_token, client, person: Mutex::default() };
    match collector.token(&Grant::Refresh(refresh)).await {
        Ok(issued) => Some(collector.told(issued).await),
        Err(_) => {
            flow::keep(pgo, session, None);
            None
        }
    }
}

/// What is swapped for an access token.
enum Grant<'a> {
    Code(&'a str),
    Refresh(&'a str),
}

/// What came for it.
struct Issued {
    access: String,
    refresh: Option<String>,
}

struct Collector<'a> {
    pgo: &'a Pgo,
    session: &'a Session,
    for_token: Client,
    client: Client,
    /// Family name of the person, once it is known.
    person: Mutex<String>,
}

impl Collector<'_> {
    /// Collects, and tells the person what came of it. A token that expired on the way is refreshed, once.
    async fn told(&self, mut issued: Issued) -> Reply {
        let title = "Verzamelen";
        if self.pgo.does("refreshes-at-once")
            && let Some(refresh) = &issued.refresh
            && let Ok(again) = self.token(&Grant::Refresh(refresh)).await
        {
            issued = again;
        }
        let mut outcome = self.data(&issued.access).await;
        if matches!(outcome, Err(NO_ACCESS))
            && let Some(refresh) = &issued.refresh
            && let Ok(again) = self.token(&Grant::Refresh(refresh)).await
        {
            outcome = self.data(&again.access).await;
        }
        if matches!(outcome, Err(NO_ACCESS)) && self.pgo.does("begins-again") {
            return flow::anew(self.pgo, self.session);
        }
        match outcome {
            Ok(count) => pages::page(200, title, &format!("Er zijn {count} gegevens verzameld.")),
            Err(Stopped(text)) => pages::page(200, title, text),
        }
    }

    /// The fields of a token request.
    fn fields(&self, grant: &Grant) -> Vec<(&'static str, String)> {
        let pgo = self.pgo;
        let code = match grant {
            Grant::Code(code) => code,
            Grant::Refresh(refresh) => {
                let kind = if pgo.has("refresh-code-grant") { "refresh_code" } else { "refresh_token" };
                let mut fields = vec![
                    ("grant_type", kind.to_owned()),
                    ("refresh_token", (*refresh).to_owned()),
                    ("client_id", HOST.to_owned()),
                ];
                for (defect, name) in
                    [("refresh-token-missing", "refresh_token"), ("client-id-missing-at-refresh", "client_id")]
                {
                    if pgo.has(defect) {
                        fields.retain(|(key, _)| *key != name);
                    }
                }
                return fields;
            }
        };
        let redirect_uri = match pgo.has("other-redirect-uri-at-token") {
            true => format!("{REDIRECT_URI}2"),
            false => REDIRECT_URI.to_owned(),
        };
        let mut fields = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", (*code).to_owned()),
            ("client_id", HOST.to_owned()),
            ("redirect_uri", redirect_uri),
        ];
        for (defect, name) in
            [("client-id-missing-at-token", "client_id"), ("redirect-uri-missing-at-token", "redirect_uri")]
        {
            if pgo.has(defect) {
                fields.retain(|(key, _)| *key != name);
            }
        }
        for (defect, name, value) in [
            ("other-grant-type", "grant_type", "client_credentials"),
            ("other-client-id-at-token", "client_id", BACK_HOST),
        ] {
            let changed = fields.iter_mut().filter(|(key, _)| *key == name && pgo.has(defect));
            changed.for_each(|(_, old)| value.clone_into(old));
        }
        if pgo.has("proof-key-sent") {
            fields.push(("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned()));
        }
        if pgo.has("client-secret-sent") {
            fields.push(("client_secret", SECRET.to_owned()));
        }
        fields
    }

    /// Swaps a code or refresh token for an access token.
    async fn token(&self, grant: &Grant<'_>) -> Result<Issued, Stopped> {
        let pgo = self.pgo;
        let address = self.session.place.token_endpoint.as_deref().and_then(|text| Url::parse(text).ok());
        let address = address.ok_or(UNLISTED)?;
        if !self.may_visit(&address) {
            if pgo.has("handshake-before-whitelist") {
                offer::knock(pgo, &address).await;
            }
            return Err(UNLISTED);
        }
        let mut fields = self.fields(grant);
        if pgo.does("extra-token-parameters") {
            fields.push(("audience", "https://voorbeeld.example/".to_owned()));
        }
        if pgo.does("parameters-in-other-order") {
            fields.reverse();
        }
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let mut headers = HeaderMap::new();
        let (accept, kind) = match pgo.does("form-with-charset") {
            true => ("*/*", "application/x-www-form-urlencoded; charset=UTF-8"),
            false => ("application/json", "application/x-www-form-urlencoded"),
        };
        headers.insert("accept", HeaderValue::from_static(accept));
        headers.insert("content-type", HeaderValue::from_static(kind));
        if pgo.has("basic-authentication-sent") {
            let credentials = base64::engine::general_purpose::STANDARD.encode(format!("{HOST}:{SECRET}"));
            insert(&mut headers, "authorization", &format!("Basic {credentials}"));
        }
        let again = if pgo.has("code-resent-after-error") { 2 } else { 1 };
        for _ in 0..again {
            let mut request = Request::new(Method::POST, address.clone());
            request.headers_mut().clone_from(&headers);
            request.headers_mut().extend(self.tracing("token"));
            match pgo.has("token-parameters-in-query") {
                true => request.url_mut().set_query(Some(&form)),
                false => *request.body_mut() = Some(form.clone().into()),
            }
            let Ok(answer) = self.for_token.execute(request).await else { continue };
            if answer.status() != StatusCode::OK {
                continue;
            }
            let answer: Value =
                answer.bytes().await.ok().and_then(|b| serde_json::from_slice(&b).ok()).unwrap_or_default();
            let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let is_bearer = text("token_type").eq_ignore_ascii_case("bearer");
            let access = text("access_token");
            if !is_bearer || access.is_empty() {
                return Err(NO_TOKEN);
            }
            let old = match grant {
                Grant::Refresh(old) => Some((*old).to_owned()),
                Grant::Code(_) => None,
            };
            // Without a new one the old one stays (RFC 6749, section 6).
            let new = Some(text("refresh_token")).filter(|token| !token.is_empty());
            let refresh = match pgo.has("old-refresh-token-kept") {
                true => old.or(new),
                false => new.or(old),
            };
            if refresh.is_some() {
                flow::keep(pgo, self.session, refresh.clone());
            }
            return Ok(Issued { access, refresh });
        }
        Err(NO_TOKEN)
    }

    /// Asks for everything of the service; gives the number of resources.
    async fn data(&self, token: &str) -> Result<usize, Stopped> {
        let service = services::service(&self.session.service).ok_or(NO_ACCESS)?;
        if let Some(role) = service.shares {
            return self.share(role, token).await;
        }
        let mut count = 0;
        let mut documents = Vec::new();
        let skips = |target: &str| self.pgo.has("request-left-out") && target.starts_with("Condition");
        let mut requests: Vec<&(&str, &str)> = service.requests.iter().filter(|(_, target)| !skips(target)).collect();
        if self.pgo.does("requests-in-other-order") {
            requests.reverse();
        }
        if self.pgo.does("requests-repeated") {
            requests = requests.into_iter().flat_map(|request| [request, request]).collect();
        }
        if self.pgo.does("asks-metadata-first")
            && let Some(url) = requests.first().and_then(|(role, _)| address(&self.endpoint(role)?, "metadata"))
            && self.may_visit(&url)
        {
            let mut request = Request::new(Method::GET, url);
            insert(request.headers_mut(), "accept", "application/fhir+json");
            // What it tells is not used.
            let _ = self.client.execute(request).await;
        }
        for (role, target) in requests {
            let Some(endpoint) = self.endpoint(role) else { continue };
            let mut next = address(&endpoint, &self.dressed(target));
            // An operation is no search, and a next page is asked by the address that was given.
            let mut by_post = self.pgo.does("searches-by-post") && !target.contains('$');
            for _ in 0..MOST_PAGES {
                let Some(url) = next.take() else { break };
                let way = if std::mem::take(&mut by_post) { Method::POST } else { Method::GET };
                let Some(bundle) = self.get(way, &url, token).await? else { break };
                count += list(&bundle, "entry").len();
                self.remember(&bundle);
                let links = list(&bundle, "link").into_iter().filter(|link| text(link, "relation") == "next");
                next = links.filter_map(|link| Url::parse(text(link, "url")).ok()).next();
                next = next.filter(|url| self.stays(url, &endpoint));
                documents.extend(attachments(&bundle, self.pgo.has("document-without-description-skipped")));
            }
        }
        // The same document may be pointed at more than once.
        documents.sort_unstable();
        documents.dedup();
        let endpoint = service.documents.and_then(|role| self.endpoint(role));
        for document in &documents {
            let Some(endpoint) = &endpoint else { break };
            if let Some(url) = Url::parse(document).ok().filter(|url| self.stays(url, endpoint)) {
                self.get(Method::GET, &url, token).await?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Sends what the person shares.
    async fn share(&self, role: &str, token: &str) -> Result<usize, Stopped> {
        let url = self.endpoint(role).filter(|url| self.may_visit(url)).ok_or(UNLISTED)?;
        let mut request = Request::new(Method::POST, url);
        *request.headers_mut() = self.tracing("resource");
        for (name, value) in [
            ("accept", "application/fhir+json; fhirVersion=3.0"),
            ("content-type", "application/fhir+json"),
            ("prefer", "return=representation"),
            ("authorization", &format!("Bearer {token}")),
        ] {
            insert(request.headers_mut(), name, value);
        }
        *request.body_mut() = Some(share::transaction(self.pgo).into());
        let answer = self.client.execute(request).await.map_err(|_| NO_ANSWER)?;
        match answer.status().as_u16() {
            200 | 201 => Ok(1),
            401 | 403 => Err(NO_ACCESS),
            _ => Err(LATER),
        }
    }

    /// One request; `None` when the answer holds nothing to read.
    async fn get(&self, way: Method, url: &Url, token: &str) -> Result<Option<Value>, Stopped> {
        if !self.may_visit(url) {
            return Err(UNLISTED);
        }
        let tries = if self.pgo.has("refused-request-repeated") { 8 } else { 1 };
        let mut answer = self.ask(&way, url, token).await?;
        for _ in 0..3 {
            if self.pgo.does("tries-again-later") && matches!(answer.status().as_u16(), 429 | 503) {
                answer = self.ask(&way, url, token).await?;
            }
        }
        for _ in 1..tries {
            if matches!(answer.status().as_u16(), 401 | 403) {
                answer = self.ask(&way, url, token).await?;
            }
        }
        match answer.status().as_u16() {
            200 => {}
            401 | 403 => return Err(NO_ACCESS),
            429 | 503 => return Err(LATER),
            300..=399 if self.pgo.has("redirect-followed-with-token") => {
                let target = answer.headers().get("location").and_then(|value| value.to_str().ok());
                if let Some(target) = target.and_then(|text| Url::parse(text).ok()) {
                    let _ = self.ask(&way, &target, token).await;
                }
                return Ok(None);
            }
            _ if self.pgo.does("stops-at-first-error") => return Err(LATER),
            _ => return Ok(None),
        }
        let body = answer.bytes().await.map_err(|_| NO_ANSWER)?;
        Ok(body::as_json(&body))
    }

    async fn ask(&self, way: &Method, url: &Url, token: &str) -> Result<Response, Stopped> {
        let mut url = url.clone();
        let mut headers = self.tracing("resource");
        let accept = match self.pgo.has("fhir-version-missing") {
            true => "application/fhir+json",
            false if self.pgo.does("accept-with-weights") => {
                "application/fhir+json;fhirVersion=3.0;q=0.9, application/fhir+xml;fhirVersion=3.0;q=0.5"
            }
            false if self.pgo.does("accept-xml") => "application/fhir+xml; fhirVersion=3.0",
            false => "application/fhir+json; fhirVersion=3.0",
        };
        if self.pgo.does("more-request-headers") {
            insert(&mut headers, "accept-language", "nl-NL,nl;q=0.9");
            insert(&mut headers, "cache-control", "no-cache");
            insert(&mut headers, "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        }
        insert(&mut headers, "accept", accept);
        if self.pgo.has("person-in-header") {
            insert(&mut headers, "x-persoon", &self.person.lock().unwrap_or_else(PoisonError::into_inner));
        }
        match self.pgo.has("token-in-query") {
            true => drop(url.query_pairs_mut().append_pair("access_token", token)),
            false => insert(&mut headers, "authorization", &format!("Bearer {token}")),
        }
        let form = url.query().unwrap_or_default().to_owned();
        if *way == Method::POST {
            url.set_query(None);
            url.set_path(&format!("{}/_search", url.path()));
            insert(&mut headers, "content-type", "application/x-www-form-urlencoded");
        }
        let mut request = Request::new(way.clone(), url);
        *request.headers_mut() = headers;
        if *way == Method::POST {
            *request.body_mut() = Some(form.into());
        }
        self.client.execute(request).await.map_err(|_| NO_ANSWER)
    }

    /// The tracing headers of a request at this interface.
    fn tracing(&self, interface: &str) -> HeaderMap {
        let pgo = self.pgo;
        let mut headers = HeaderMap::new();
        let request_id =
            if pgo.has(&format!("request-id-repeats-at-{interface}")) { pgo.correlation.clone() } else { pgo.uuid() };
        let correlation = match pgo.has(&format!("other-correlation-id-at-{interface}")) {
            true => pgo.uuid(),
            false => self.session.correlation.clone(),
        };
        if !pgo.has(&format!("request-id-missing-at-{interface}")) {
            insert(&mut headers, "medmij-request-id", &request_id);
        }
        if !pgo.has(&format!("correlation-id-missing-at-{interface}")) {
            insert(&mut headers, "x-correlation-id", &correlation);
        }
        headers
    }

    /// The target, as some DVPs would write it.
    fn dressed(&self, target: &str) -> String {
        if self.pgo.does("pages-asked") {
            return format!("{target}{}_count=2", if target.contains('?') { '&' } else { '?' });
        }
        let more = match () {
            () if self.pgo.has("patient-in-query") && target.starts_with("Condition") => "patient=1",
            () if self.pgo.has("bsn-in-query") && target.starts_with("Condition") => {
                return format!("{target}?identifier=urn:oid:2.16.840.1.113883.2.4.6.3|{BSN}");
            }
            () if self.pgo.has("bsn-identifier-in-query") && target.starts_with("Condition") => {
                "identifier=http://fhir.nl/fhir/NamingSystem/bsn|999900006"
            }
            () if self.pgo.has("extra-search-parameter") && target.starts_with("Condition") => {
                "_lastUpdated=ge2000-01-01"
            }
            () if self.pgo.has("subject-in-query") && target.starts_with("Condition") => "subject=Patient/1",
            () => return target.to_owned(),
        };
        format!("{target}{}{more}", if target.contains('?') { '&' } else { '?' })
    }

    /// Keeps what a Patient tells of the person.
    fn remember(&self, bundle: &Value) {
        let resources = list(bundle, "entry").into_iter().filter_map(|entry| entry.get("resource"));
        let mut patients = resources.filter(|resource| text(resource, "resourceType") == "Patient");
        if let Some(name) = patients.find_map(|patient| patient.pointer("/name/0/family").and_then(Value::as_str)) {
            name.clone_into(&mut self.person.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// ResourceEndpoint of a systeemrol.
    fn endpoint(&self, role: &str) -> Option<Url> {
        let place = self.session.place.systeemrollen.iter().find(|known| known.code == role)?;
        Url::parse(&place.resource_endpoint).ok()
    }

    /// Whether a host of the back channel may be visited: only one that is on the whitelist (core.whl.305).
    fn may_visit(&self, url: &Url) -> bool {
        let is_listed = url.host_str().is_some_and(|host| self.pgo.shelf.is_listed(host));
        let is_forbidden = url.scheme() != "https";
        !is_forbidden
            && (is_listed
                || ["links-followed-anywhere", "whitelist-not-consulted"].iter().any(|defect| self.pgo.has(defect)))
    }

    /// Whether a link of an answer stays at the ResourceEndpoint's server: the token goes nowhere else.
    fn stays(&self, url: &Url, endpoint: &Url) -> bool {
        url.origin() == endpoint.origin() || self.pgo.has("links-followed-anywhere")
    }
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// The address of a request, percent-encoded as RFC 3986 asks.
fn address(endpoint: &Url, target: &str) -> Option<Url> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut url = Url::parse(&format!("{}/{path}", endpoint.as_str().trim_end_matches('/'))).ok()?;
    if !query.is_empty() {
        let mut pairs = url.query_pairs_mut();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.append_pair(name, value);
        }
    }
    Some(url)
}

fn list<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    value.get(name).and_then(Value::as_array).map(|items| items.iter().collect()).unwrap_or_default()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Addresses of the documents that the entries of a searchset point at.
fn attachments(bundle: &Value, only_described: bool) -> Vec<String> {
    let resources = list(bundle, "entry").into_iter().filter_map(|entry| entry.get("resource"));
    let resources = resources.filter(|resource| !only_described || resource.get("description").is_some());
    let contents = resources.flat_map(|resource| list(resource, "content"));
    let urls = contents.filter_map(|content| content.pointer("/attachment/url").and_then(Value::as_str));
    urls.map(str::to_owned).collect()
}
