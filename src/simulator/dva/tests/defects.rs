//! Planted defects, where what they change is quick to see.

use serde_json::Value;

use crate::simulator::dva::tests::BGZ;
use crate::simulator::dva::tests::World;
use crate::simulator::dva::tests::counts;
use crate::simulator::dva::tests::errors;
use crate::simulator::dva::tests::json;
use crate::simulator::dva::tests::validator;

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

/// A defect of content shows to its own rule: only those of FHIR-07, and one that masks it, make a resource invalid.
#[tokio::test]
async fn only_defects_of_profiles_make_resources_invalid() {
    let validator = validator();
    let check = async |defect: &str, path: &str, valid: bool| {
        let world = World::with(&[defect]).await;
        let answer = world.get(BGZ, "bgz-rich", path).header("accept", "application/fhir+json").send().await.unwrap();
        let found = errors(&validator, answer.text().await.unwrap().as_bytes());
        assert_eq!(found.is_empty(), valid, "{defect}: {found:#?}");
    };
    check("wrong-cardinality", "Flag", false).await;
    check("wrong-code", "AllergyIntolerance", false).await;
    check("coding-without-system", "AllergyIntolerance", true).await;
    check("profile-missing", "AllergyIntolerance", true).await;
    check("concept-without-display", "Condition", true).await;
    check("reference-without-display", "Condition", true).await;
    check("identifier-without-system", "Condition", true).await;
    // A Bundle says itself that address and id belong together, and that a match has an id.
    check("resource-without-id", "AllergyIntolerance", false).await;
    check("full-url-contradicts-id", "Condition", false).await;
    check("total-too-high", "Condition", true).await;
    check("bsn-in-patient", "Patient", true).await;
}
