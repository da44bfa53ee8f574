//! Resource interface: tokens, searches, documents, pages, refusals; and how fast it is.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use reqwest::StatusCode;

use crate::env::Env;
use crate::fhir::xml;
use crate::simulator::dva::DataSet;
use crate::simulator::dva::DvaConfig;
use crate::simulator::dva::data;
use crate::simulator::dva::tests::BGZ;
use crate::simulator::dva::tests::GGZ;
use crate::simulator::dva::tests::LIST;
use crate::simulator::dva::tests::World;
use crate::simulator::dva::tests::counts;
use crate::simulator::dva::tests::errors;
use crate::simulator::dva::tests::json;
use crate::simulator::dva::tests::validator;

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
    let today = data::today(&world.env);
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
        // Each of the three patients with documents has more than a payer.
        assert_eq!(rich.len(), if folder.starts_with("pdfa") { 3 } else { 1 }, "{folder}");
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

#[tokio::test]
async fn what_it_writes_itself_is_valid_fhir() {
    let world = World::with(&[]).await;
    let validator = validator();
    for path in ["metadata", "Account", "Condition/onbekend", "Condition", "Patient", "Flag", "Account?_format=xml"] {
        let answer = world.get(BGZ, "bgz-rich", path).header("accept", "application/fhir+json").send().await.unwrap();
        let text = answer.text().await.unwrap();
        assert_eq!(errors(&validator, text.as_bytes()), [""; 0], "{path}");
    }
}
