//! Token interface: the whole flow, long consent, refusals, and the certificate that the back channel demands.

use std::time::Duration;

use serde_json::Value;

use crate::simulator::dva::tests::BGZ;
use crate::simulator::dva::tests::Change;
use crate::simulator::dva::tests::World;
use crate::simulator::dva::tests::counts;
use crate::simulator::dva::tests::form;
use crate::simulator::dva::tests::json;
use crate::simulator::dva::tests::parameter;

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
