//! Authorization interface: refusals of both rounds, cancelling, and what protects the pages.

use url::Url;

use crate::simulator::dva::tests::Change;
use crate::simulator::dva::tests::World;
use crate::simulator::dva::tests::location;
use crate::simulator::dva::tests::parameter;

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
