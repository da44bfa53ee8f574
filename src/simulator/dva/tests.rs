//! The reference DVA from the outside, over real sockets.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use reqwest::Client;
use reqwest::Identity;
use reqwest::RequestBuilder;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::redirect::Policy;
use serde_json::Value;
use url::Url;

use crate::candidate::Candidate;
use crate::candidate::Patient;
use crate::env::Env;
use crate::fhir::xml;
use crate::simulator::defects;
use crate::simulator::dva::DataSet;
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
        config.defects = defect.iter().map(|name| defects::find(name).unwrap()).collect();
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
        let page = self.authorize(&[]).await;
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

#[tokio::test]
async fn the_whole_flow_ends_with_data() {
    let world = World::with(&[]).await;
    let back = world.log_in("bgz-rich", false).await;
    assert_eq!(parameter(&back, "state").as_deref(), Some("a b&c"));
    assert_eq!(back.host_str(), Some("pgo.toetsbank.example"));
    let answer = world.redeem(&parameter(&back, "code").unwrap(), &[("foo", Some("bar"))]).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["pragma"], "no-cache");
    let token = json(answer).await;
    assert_eq!((token["token_type"].as_str(), token["expires_in"].as_i64()), (Some("Bearer"), Some(900)));
    assert_eq!((token["access_token"].as_str().unwrap().len(), &token["refresh_token"]), (40, &Value::Null));

    let base = world.address(world.candidate().endpoints.resource[BGZ].as_str());
    let ask = || {
        let request = world.back.get(format!("{base}/Condition")).bearer_auth(token["access_token"].as_str().unwrap());
        request.header("MedMij-Request-ID", "1a4cbd5c-4b3d-4b4f-8a51-7f3d0e6f7f13").send()
    };
    let answer = ask().await.unwrap();
    assert_eq!(answer.headers()["medmij-request-id"], "1a4cbd5c-4b3d-4b4f-8a51-7f3d0e6f7f13");
    assert_eq!(counts(&json(answer).await).0, 6);
    world.env.advance(Duration::from_secs(901));
    assert_eq!(ask().await.unwrap().status(), 401);
    world.dva.stop().await;
}

#[tokio::test]
async fn long_consent_gives_refresh_tokens_that_work_once() {
    let world = World::with(&[]).await;
    let back = world.log_in("bgz-rich", true).await;
    let first = json(world.redeem(&parameter(&back, "code").unwrap(), &[]).await).await;
    let refresh = first["refresh_token"].as_str().unwrap();
    let change = [("grant_type", Some("refresh_token")), ("redirect_uri", None), ("refresh_token", Some(refresh))];
    let second = world.redeem("x", &change).await;
    assert_eq!(second.status(), 200);
    assert_ne!(json(second).await["refresh_token"].as_str(), Some(refresh));
    let again = world.redeem("x", &change).await;
    assert_eq!((again.status().as_u16(), json(again).await["error"].as_str()), (400, Some("invalid_grant")));
}

#[tokio::test]
async fn round_one_ends_on_a_page_without_a_way_back() {
    let world = World::with(&[]).await;
    let cases: [Change<'_>; 8] = [
        &[("client_id", Some("ander.example"))],
        &[("client_id", None)],
        &[("redirect_uri", None)],
        &[("redirect_uri", Some("http://pgo.toetsbank.example/cb"))],
        &[("redirect_uri", Some("https://pgo.toetsbank.example.kwaad.example/cb"))],
        &[("redirect_uri", Some("https://pgo.toetsbank.example@kwaad.example/cb"))],
        &[("redirect_uri", Some("https://pgo.toetsbank.example/cb#x"))],
        &[("redirect_uri", Some("https://pgo.toetsbank.example/ander"))],
    ];
    for change in cases {
        let answer = world.authorize(change).await;
        assert_eq!(answer.status(), 400, "{change:?}");
        assert!(!answer.headers().contains_key("location"));
        let page = answer.text().await.unwrap();
        assert!(!page.contains("href="), "{page}");
    }
}

#[tokio::test]
async fn round_two_ends_at_the_client_with_an_error() {
    let world = World::with(&[]).await;
    let cases: [(Change<'_>, &str); 6] = [
        (&[("response_type", Some("token"))], "unsupported_response_type"),
        (&[("response_type", None)], "invalid_request"),
        (&[("scope", Some("ander"))], "invalid_scope"),
        (&[("scope", None)], "invalid_scope"),
        (&[("scope", Some("referentieziekenhuis@medmij"))], "invalid_scope"),
        (&[("state", Some(""))], "invalid_request"),
    ];
    for (change, error) in cases {
        let answer = world.authorize(change).await;
        let target = Url::parse(&location(&answer)).unwrap();
        assert_eq!(parameter(&target, "error").as_deref(), Some(error), "{change:?}");
        assert_eq!(parameter(&target, "code"), None);
        if change[0].0 != "state" {
            assert_eq!(parameter(&target, "state").as_deref(), Some("a b&c"));
        }
    }
    let mut url = world.address(world.candidate().endpoints.authorization.as_str());
    let text = "response_type=code&client_id=pgo.toetsbank.example&redirect_uri=https://pgo.toetsbank.example/cb\
                &scope=referentieziekenhuis&scope=ander&state=s";
    url.set_query(Some(text));
    let answer = world.front.get(url.clone()).send().await.unwrap();
    assert!(location(&answer).contains("error=invalid_request"));
    url.set_query(Some(&text.replace("&scope=ander", "&client_id=ander")));
    assert_eq!(world.front.get(url).send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn who_cancels_or_refuses_goes_back_with_access_denied() {
    let world = World::with(&[]).await;
    world.authorize(&[]).await;
    let url = world.address("https://auth.referentie.toetsbank.example/annuleren");
    let answer = world.front.get(url.clone()).send().await.unwrap();
    assert!(location(&answer).contains("error=access_denied"));
    assert_eq!(world.front.get(url).send().await.unwrap().status(), 400);
    // Consent is not asked before login, and a form of another session is not taken.
    world.authorize(&[]).await;
    let consent = world.address("https://auth.referentie.toetsbank.example/toestemming");
    assert_eq!(location(&world.front.get(consent).send().await.unwrap()), "/inloggen");
    assert_eq!(world.submit("toestemming", &[("formulier", "x"), ("besluit", "toestaan")]).await.status(), 400);
}

#[tokio::test]
async fn the_session_cookie_and_the_pages_are_protected() {
    let world = World::with(&[]).await;
    let page = world.authorize(&[]).await;
    let cookie = page.headers()["set-cookie"].to_str().unwrap();
    assert!(["Secure", "HttpOnly", "SameSite=Lax"].iter().all(|part| cookie.contains(part)), "{cookie}");
    for header in ["x-frame-options", "content-security-policy", "strict-transport-security", "referrer-policy"] {
        assert!(page.headers().contains_key(header), "{header}");
    }
}

#[tokio::test]
async fn bad_token_requests_give_the_errors_of_rfc_6749() {
    let world = World::with(&[]).await;
    let cases: [(Change<'_>, &str); 8] = [
        (&[("grant_type", Some("password"))], "unsupported_grant_type"),
        (&[("grant_type", None)], "invalid_request"),
        (&[("client_id", None)], "invalid_request"),
        (&[("client_id", Some("ander.example"))], "invalid_grant"),
        (&[("redirect_uri", None)], "invalid_request"),
        (&[("redirect_uri", Some("https://pgo.toetsbank.example/cb/"))], "invalid_grant"),
        (&[("code", None)], "invalid_request"),
        (&[("code", Some("0123456789"))], "invalid_grant"),
    ];
    for (change, error) in cases {
        let code = world.code("bgz-sparse").await;
        let answer = world.redeem(&code, change).await;
        assert_eq!(answer.status(), 400, "{change:?}");
        assert_eq!(json(answer).await["error"].as_str(), Some(error), "{change:?}");
        // The code is used up, unless it was not presented.
        let again = world.redeem(&code, &[]).await.status();
        assert_eq!(again == 200, change[0].0 == "code", "{change:?}");
    }
    let get = world.back.get(world.address(world.candidate().endpoints.token.as_str())).send().await.unwrap();
    assert_eq!(get.status(), 405);
}

#[tokio::test]
async fn the_back_channel_demands_a_certificate_of_ours() {
    let world = World::with(&[]).await;
    let token = world.address(world.candidate().endpoints.token.as_str());
    assert!(form(world.front.post(token), &[("code", "x")]).send().await.is_err());
    let base = world.address(world.candidate().endpoints.resource[BGZ].as_str());
    assert!(world.front.get(format!("{base}/metadata")).send().await.is_err());
    assert_eq!(world.back.get(format!("{base}/metadata")).send().await.unwrap().status(), 200);

    let lax = World::with(&["resource-without-certificate"]).await;
    let base = lax.address(lax.candidate().endpoints.resource[BGZ].as_str());
    assert_eq!(lax.front.get(format!("{base}/metadata")).send().await.unwrap().status(), 200);
    let token = lax.address(lax.candidate().endpoints.token.as_str());
    assert!(form(lax.front.post(token), &[("code", "x")]).send().await.is_err());
}

#[tokio::test]
async fn tokens_are_asked_and_told_apart() {
    let world = World::with(&[]).await;
    let url = world.address(&format!("{}/Condition", world.candidate().endpoints.resource[BGZ]));
    let none = world.back.get(url.clone()).send().await.unwrap();
    assert_eq!(
        (none.status().as_u16(), &none.headers()["www-authenticate"]),
        (401, &"Bearer realm=\"toetsbank\"".parse().unwrap())
    );
    let wrong = world.back.get(url).bearer_auth("0123").send().await.unwrap();
    assert_eq!(wrong.status(), 401);
    assert!(wrong.headers()["www-authenticate"].to_str().unwrap().contains("error=\"invalid_token\""));
    assert_eq!(json(wrong).await["resourceType"], "OperationOutcome");
    let other = world.get(GGZ, "bgz-rich", "Condition").send().await.unwrap();
    assert_eq!(other.status(), 403);
    assert!(other.headers()["www-authenticate"].to_str().unwrap().contains("insufficient_scope"));
}

#[tokio::test]
async fn requests_of_the_suites_give_the_counts_of_the_fixtures() {
    let world = World::with(&[]).await;
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/README.md")).unwrap();
    let mut rows = 0;
    let mut suite = "";
    for line in text.lines() {
        suite =
            line.strip_prefix("### `").map_or(suite, |name| name.trim_end_matches("-3-0`").trim_end_matches("-2-0`"));
        // Bars inside the request are escaped in a table.
        let cells = line.replace("\\|", "\u{1}");
        let cells: Vec<String> = cells.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect();
        let [_, _, request, rich, included, sparse, _] = cells.as_slice() else { continue };
        let (Ok(rich), Ok(sparse)) = (rich.parse::<usize>(), sparse.parse::<usize>()) else { continue };
        let role = if suite == "bgz" { BGZ } else { GGZ };
        let path = request.trim_matches('`').replace('|', "%7C");
        let mut expected = BTreeMap::new();
        for part in included.split(", ").filter(|part| *part != "-") {
            let (kind, count) = part.split_once(' ').unwrap();
            expected.insert(kind.to_owned(), count.parse().unwrap());
        }
        let bundle = world.search(role, &format!("{suite}-rich"), &path).await;
        assert_eq!(counts(&bundle), (rich, expected), "{suite} {path}");
        assert_eq!(bundle["total"], rich);
        let own = bundle["link"][0]["url"].as_str().unwrap();
        assert_eq!(own, format!("{}/{path}", world.candidate().endpoints.resource[role]));
        let bundle = world.search(role, &format!("{suite}-sparse"), &path).await;
        assert_eq!(counts(&bundle), (sparse, BTreeMap::new()), "{suite} {path}");
        rows += 1;
    }
    assert_eq!(rows, 46);
}

#[tokio::test]
async fn documents_are_listed_and_fetched() {
    let world = World::with(&[]).await;
    let today = super::data::today(&world.env);
    let day = |days: i64| today.checked_add(jiff::Span::new().days(days)).unwrap();
    let window = format!("DocumentReference?indexed=ge{}&indexed=le{}&status=current", day(-730), day(-365));
    assert_eq!(counts(&world.search(LIST, "pdfa-rich", &window).await).0, 1);
    assert_eq!(counts(&world.search(LIST, "pdfa-rich", "DocumentManifest?status=current").await).0, 2);
    let list = world.search(LIST, "pdfa-rich", "DocumentReference?status=current").await;
    assert_eq!(counts(&list).0, 3);
    assert_eq!(counts(&world.search(LIST, "pdfa-sparse", "DocumentReference?status=current").await).0, 0);

    let url = list["entry"][0]["resource"]["content"][0]["attachment"]["url"].as_str().unwrap();
    assert!(url.starts_with("https://fhir.referentie.toetsbank.example/pdfa-document/Binary/"), "{url}");
    let fetch = |login: &str, accept: &str| {
        let token = world.patient(login).token.clone().unwrap();
        world.back.get(world.address(url)).bearer_auth(token).header("accept", accept).send()
    };
    let pdf = fetch("pdfa-rich", "application/pdf").await.unwrap();
    assert_eq!(pdf.headers()["content-type"], "application/pdf");
    assert!(pdf.bytes().await.unwrap().starts_with(b"%PDF-"));
    let resource = fetch("pdfa-rich", "application/fhir+json").await.unwrap();
    assert_eq!(json(resource).await["resourceType"], "Binary");
    assert_eq!(fetch("pdfa-rich", "image/png").await.unwrap().status(), 406);
    assert_eq!(fetch("pdfa-sparse", "application/pdf").await.unwrap().status(), 404);
}

#[tokio::test]
async fn what_is_not_served_is_an_operation_outcome() {
    let world = World::with(&[]).await;
    let check = async |path: &str, accept: &str, status: u16, code: &str| {
        let answer = world.get(BGZ, "bgz-rich", path).header("accept", accept).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        let outcome = json(answer).await;
        assert_eq!(outcome["resourceType"], "OperationOutcome", "{path}");
        assert_eq!(outcome["issue"][0]["code"], code, "{path}");
    };
    let any = "application/fhir+json";
    check("Account", any, 404, "not-supported").await;
    check("Condition/onbekend", any, 404, "not-found").await;
    check("Condition/$", any, 400, "not-supported").await;
    check("Condition?onset-date=gisteren", any, 400, "value").await;
    check("Condition", "application/fhir+json; fhirVersion=9.9", 406, "not-supported").await;
    check("Condition", "image/png", 406, "not-supported").await;
    check("_page/0123", any, 404, "not-found").await;
    let post = world.back.post(world.address(&format!("{}/Condition", world.candidate().endpoints.resource[BGZ])));
    let post = post.bearer_auth(world.patient("bgz-rich").token.clone().unwrap()).send().await.unwrap();
    assert_eq!(post.status(), 405);
}

#[tokio::test]
async fn pages_follow_by_an_opaque_link() {
    let world = World::with(&[]).await;
    let path = "MedicationRequest?_include=MedicationRequest:medication&_count=2";
    let mut bundle = world.search(BGZ, "bgz-rich", path).await;
    let mut seen = Vec::new();
    for pages in 1.. {
        let entries = bundle["entry"].as_array().unwrap();
        let matches = entries.iter().filter(|entry| entry["search"]["mode"] == "match");
        seen.extend(matches.map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()));
        let next = bundle["link"].as_array().unwrap().iter().find(|link| link["relation"] == "next").cloned();
        let Some(next) = next else {
            assert_eq!((pages, seen.len()), (2, 4));
            break;
        };
        assert_eq!(bundle["total"], 4);
        let url = next["url"].as_str().unwrap();
        let path = url.rsplit_once("/bgz/").unwrap().1;
        let other = world.get(BGZ, "bgz-sparse", path).send().await.unwrap();
        assert_eq!(other.status(), StatusCode::NOT_FOUND);
        bundle = world.search(BGZ, "bgz-rich", path).await;
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 4);
}

#[tokio::test]
async fn xml_holds_the_same_as_json() {
    let world = World::with(&[]).await;
    let answer = world.get(BGZ, "bgz-rich", "Condition").header("accept", "application/fhir+xml").send().await.unwrap();
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("application/fhir+xml"));
    let (bundle, problems) = xml::parse(answer.text().await.unwrap().as_bytes()).unwrap();
    assert_eq!((bundle.all("entry").count(), problems.len()), (6, 0));
}

/// What a defect changes, where that is quick to see.
#[tokio::test]
async fn planted_defects_show() {
    let first = async |defect: &str, path: &str| {
        let world = World::with(&[defect]).await;
        let bundle = world.search(BGZ, "bgz-rich", path).await;
        let bsn = world.patient("bgz-rich").bsn.clone().unwrap();
        (bundle["entry"][0].clone(), bundle, bsn)
    };
    let (entry, _, bsn) = first("bsn-in-patient", "Patient").await;
    assert_eq!(entry["resource"]["identifier"][0]["value"], bsn);
    let (entry, _, _) = first("resource-without-id", "AllergyIntolerance").await;
    assert_eq!(entry["resource"]["id"], Value::Null);
    let (entry, _, _) = first("profile-missing", "AllergyIntolerance").await;
    assert_eq!(entry["resource"]["meta"], Value::Null);
    let (entry, _, _) = first("coding-without-system", "AllergyIntolerance").await;
    assert_eq!(entry["resource"]["meta"]["tag"][0]["system"], Value::Null);
    let (entry, _, _) = first("wrong-cardinality", "Flag").await;
    assert_eq!(entry["resource"]["code"], Value::Null);
    let (entry, _, _) = first("concept-without-display", "Condition").await;
    assert_eq!(entry["resource"]["code"]["coding"][0]["display"], Value::Null);
    let (entry, _, _) = first("reference-without-display", "Condition").await;
    assert_eq!(entry["resource"]["subject"]["display"], Value::Null);
    let (entry, _, _) = first("identifier-without-system", "Condition").await;
    assert_eq!(entry["resource"]["identifier"][0]["system"], Value::Null);
    assert!(entry["resource"]["identifier"][0]["value"].is_string());
    let (_, bundle, _) = first("zib-missing", "NutritionOrder").await;
    assert_eq!(bundle["total"], 0);
    let (_, bundle, bsn) = first("bsn-in-self-link", "Condition").await;
    assert!(bundle["link"][0]["url"].as_str().unwrap().ends_with(&format!("?bsn={bsn}")));
    let (_, bundle, _) = first("self-link-without-parameters", "Appointment?status=booked").await;
    assert!(bundle["link"][0]["url"].as_str().unwrap().ends_with("/Appointment"));

    let world = World::with(&["data-without-token"]).await;
    let url = world.address(&format!("{}/Condition", world.candidate().endpoints.resource[BGZ]));
    assert_eq!(counts(&json(world.back.get(url).send().await.unwrap()).await).0, 6);
    let world = World::with(&["redirect-uri-look-alike-accepted"]).await;
    let change = [("redirect_uri", Some("https://pgo.toetsbank.example.kwaad.example/cb"))];
    assert_eq!(world.authorize(&change).await.status(), 200);
    let world = World::with(&["code-reusable"]).await;
    let code = world.code("bgz-rich").await;
    assert_eq!(world.redeem(&code, &[]).await.status(), 200);
    assert_eq!(world.redeem(&code, &[]).await.status(), 200);
    let world = World::with(&["code-survives-error"]).await;
    let code = world.code("bgz-rich").await;
    assert_eq!(world.redeem(&code, &[("redirect_uri", Some("https://x.example"))]).await.status(), 400);
    assert_eq!(world.redeem(&code, &[]).await.status(), 200);
    assert_eq!(world.redeem(&code, &[]).await.status(), 400);
}

#[tokio::test]
async fn official_test_patients_are_served_from_their_folders() {
    let Some(shared) = std::env::var_os("TOETSBANK_SHARED") else {
        println!("not run: the official test patients need TOETSBANK_SHARED");
        return;
    };
    let sets = [("bgz-3-0/cert", BGZ), ("bgz-3-0/test", BGZ), ("ggz-2-0/cert", GGZ), ("pdfa-3-0/cert", LIST)];
    for (folder, role) in sets {
        let env = Env::seeded(7);
        let data = DataSet::folder(&Path::new(&shared).join("fixtures").join(folder), &env).unwrap();
        let config = DvaConfig { data: vec![data], ..DvaConfig::own(&env).unwrap() };
        let world = World::of(env, config).await;
        assert_eq!(world.candidate().systeemrollen.first().map(String::as_str), Some(role), "{folder}");
        let rich: Vec<_> = world.candidate().patients.iter().filter(|patient| patient.stands_for == "rich").collect();
        assert_eq!(rich.len(), 1);
        let bundle = world.search(role, &rich[0].login, "Patient").await;
        assert_eq!(counts(&bundle).0, 1, "{folder}");
        assert!(!bundle.to_string().contains("${"));
    }
}

/// Not a bound, but a look: printed with `--nocapture`.
#[tokio::test]
async fn it_starts_and_answers_fast() {
    let env = Env::seeded(7);
    let before = Instant::now();
    let config = DvaConfig::own(&env).unwrap();
    let read = before.elapsed();
    let world = World::of(env, config).await;
    let started = before.elapsed();
    let mut search = Duration::MAX;
    for _ in 0..10 {
        let before = Instant::now();
        world.search(BGZ, "bgz-rich", "Condition").await;
        search = search.min(before.elapsed());
    }
    println!("fixtures read {read:?}, ready {started:?}, a search {search:?}");
    assert!(started < Duration::from_secs(20) && search < Duration::from_secs(5));
}
