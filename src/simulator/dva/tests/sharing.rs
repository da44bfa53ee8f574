//! Delen: the flow for it, and transactions.

use serde_json::Value;

use crate::fhir::json as fhir_json;
use crate::fhir::xml;
use crate::simulator::dva::tests::World;
use crate::simulator::dva::tests::errors;
use crate::simulator::dva::tests::json;
use crate::simulator::dva::tests::parameter;
use crate::simulator::dva::tests::validator;

const SHARING: &str = "57";

/// A transaction as the suite sends it.
fn bundle() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/suites/delen-pdfa-3-0/fixtures/one-document.json");
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.replace("${DATE, T, D, 0}", "2026-01-15").replace("${DATE, T, D, -1}", "2026-01-14");
    text.replace("${uuid}", "6f3c1a52-0b1e-4f0c-9b8f-3f1d2a7c5e01")
        .replace("${patient.name}", "Hendrik TST_Papiermolen")
}

async fn send(world: &World, body: String, media_type: &str, prefer: &str) -> reqwest::Response {
    let base = &world.candidate().endpoints.resource[SHARING];
    let token = world.patient("pdfa-rich").token.clone().unwrap();
    let request = world.back.post(world.address(base.as_str())).bearer_auth(token);
    let accept = if media_type.contains("xml") { media_type } else { "application/fhir+json" };
    let request = request.header("content-type", media_type).header("accept", accept).header("prefer", prefer);
    request.body(body).send().await.unwrap()
}

fn entries(answer: &Value) -> Vec<(String, String)> {
    let of = |entry: &Value| {
        let status = entry["response"]["status"].as_str().unwrap().to_owned();
        let kind = entry["response"]["location"].as_str().unwrap().split('/').next().unwrap().to_owned();
        (kind, status)
    };
    answer["entry"].as_array().unwrap().iter().map(of).collect()
}

#[tokio::test]
async fn a_transaction_comes_back_with_ids_and_valid() {
    let world = World::with(&[]).await;
    let answer = send(&world, bundle(), "application/fhir+json", "respond-async, return=representation").await;
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.unwrap();
    assert_eq!(errors(&validator(), text.as_bytes()), Vec::<String>::new());
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["type"], "transaction-response");
    let kinds = ["Patient", "DocumentManifest", "DocumentReference", "Binary"];
    assert_eq!(entries(&answer), kinds.map(|kind| (kind.to_owned(), "201 Created".to_owned())));
    // References lead to what was made of the temporary addresses.
    let id = |i: usize| answer["entry"][i]["resource"]["id"].as_str().unwrap().to_owned();
    let document = &answer["entry"][2]["resource"];
    assert_eq!(document["subject"]["reference"], format!("Patient/{}", id(0)));
    assert_eq!(document["content"][0]["attachment"]["url"], format!("Binary/{}", id(3)));
    assert!(document["masterIdentifier"]["value"].as_str().unwrap().starts_with("urn:uuid:"));
}

#[tokio::test]
async fn a_transaction_may_be_xml_and_come_back_without_resources() {
    let world = World::with(&[]).await;
    let (root, _) = fhir_json::parse(bundle().as_bytes()).unwrap();
    let definitions = crate::packages::embedded::definitions(crate::fhir::definitions::FhirVersion::Stu3);
    let body = xml::write(&root, Some(definitions));
    let answer = send(&world, body, "application/fhir+xml", "return=minimal").await;
    let text = answer.text().await.unwrap();
    assert_eq!(errors(&validator(), text.as_bytes()), Vec::<String>::new());
    assert!(text.contains("<location value=\"Binary/") && !text.contains("<resource>"), "{text}");
}

#[tokio::test]
async fn what_is_no_transaction_is_refused_as_a_whole() {
    let world = World::with(&[]).await;
    let check = async |body: String, media_type: &str, status: u16| {
        let answer = send(&world, body.clone(), media_type, "return=representation").await;
        assert_eq!(answer.status().as_u16(), status, "{body:.200}");
    };
    let fhir = "application/fhir+json";
    check(bundle(), "application/pdf", 415).await;
    check("{\"resourceType\": \"Bundle\", ".to_owned(), fhir, 400).await;
    check(bundle().replace("\"transaction\"", "\"batch\""), fhir, 400).await;
    check(bundle().replace("\"url\": \"Binary\"", "\"url\": \"Patient\""), fhir, 400).await;
    check(bundle().replace("\"method\": \"POST\"", "\"method\": \"PUT\""), fhir, 400).await;
    check(r#"{"resourceType": "Bundle", "type": "transaction"}"#.to_owned(), fhir, 400).await;
    let other = r#"{"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": {"resourceType": "Flag"},
        "request": {"method": "POST", "url": "Flag"}}]}"#;
    check(other.to_owned(), fhir, 400).await;
}

#[tokio::test]
async fn no_bsn_comes_back() {
    let world = World::with(&[]).await;
    let bsn = world.patient("pdfa-rich").bsn.clone().unwrap();
    let masked = bundle().find("\"_value\"").unwrap();
    let body = format!("{}\"value\": \"{bsn}\", {}", &bundle()[..masked], &bundle()[masked..]);
    let answer = send(&world, body, "application/fhir+json", "return=representation").await;
    let text = answer.text().await.unwrap();
    assert!(text.contains("transaction-response") && !text.contains(&bsn), "{text}");
}

#[tokio::test]
async fn tokens_are_for_sharing_or_for_collecting() {
    let world = World::with(&[]).await;
    let token_for = async |scope: &str| {
        let code = parameter(&world.log_in_for("pdfa-rich", scope).await, "code").unwrap();
        json(world.redeem(&code, &[]).await).await
    };
    let status = async |token: &Value, role: &str, shares: bool| {
        let base = &world.candidate().endpoints.resource[role];
        let request = match shares {
            true => world.back.post(world.address(base.as_str())).header("content-type", "application/fhir+json"),
            false => world.back.get(world.address(&format!("{base}/DocumentReference"))),
        };
        let request = request.bearer_auth(token["access_token"].as_str().unwrap());
        let request = if shares { request.body(bundle()) } else { request };
        request.send().await.unwrap().status().as_u16()
    };
    let sharing = token_for("referentieziekenhuis~57").await;
    assert_eq!((&sharing["scope"], &sharing["refresh_token"]), (&"referentieziekenhuis~57".into(), &Value::Null));
    let collecting = token_for("referentieziekenhuis").await;
    assert_eq!(status(&sharing, SHARING, true).await, 200);
    assert_eq!(status(&sharing, "MM-3.0-PLB-FHIR", false).await, 403);
    assert_eq!(status(&collecting, SHARING, true).await, 403);
    assert_eq!(status(&collecting, "MM-3.0-PLB-FHIR", false).await, 200);
}
