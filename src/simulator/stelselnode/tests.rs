//! The stelselnode from the outside, over real sockets.

use std::time::Duration;

use reqwest::Client;
use reqwest::StatusCode;

use crate::lists;
use crate::lists::List;
use crate::simulator::dva;
use crate::simulator::stelselnode::*;

const NODE: &str = "dva.toetsbank.example";

fn client(node: &Stelselnode, with_certificate: bool) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ca = reqwest::Certificate::from_pem(node.authority().certificate.as_bytes()).unwrap();
    let address = (Ipv4Addr::LOCALHOST, node.port()).into();
    let builder = Client::builder().tls_certs_only([ca]).resolve(HOST, address).timeout(Duration::from_secs(20));
    if !with_certificate {
        return builder.build().unwrap();
    }
    let identity = node.authority().client(&[NODE]).unwrap();
    let pem = format!("{}{}", identity.certificate, identity.key);
    builder.identity(reqwest::Identity::from_pem(pem.as_bytes()).unwrap()).build().unwrap()
}

async fn node(env: &Env, publication: &Publication) -> Stelselnode {
    let publication = publication.clone();
    start(StelselnodeConfig { env: env.clone(), publication, clients: Vec::new(), port: None }).await.unwrap()
}

fn url(node: &Stelselnode, target: &str) -> String {
    format!("https://{HOST}:{}/{target}", node.port())
}

#[tokio::test]
async fn the_lists_are_served_by_their_names_and_every_fetch_is_noted() {
    let env = Env::seeded(1);
    let node = node(&env, &Publication::of(&dva::lists(&env))).await;
    let client = client(&node, true);
    let names = ["Zorgaanbiederslijst", "OAuthclientlist", "Gegevensdienstnamenlijst", "Whitelist"];
    for name in names {
        let answer = client.get(url(&node, &format!("MedMij_{name}.xml?api=2"))).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let list = lists::parse(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!(list.kind().name(), name);
        env.advance(Duration::from_secs(600));
    }
    let fetches = node.fetches();
    assert_eq!(fetches.iter().map(|fetch| fetch.list.name()).collect::<Vec<_>>(), names);
    assert!(fetches.windows(2).all(|pair| pair[1].at.as_second() - pair[0].at.as_second() >= 600));
    assert!(fetches.iter().all(|fetch| fetch.hosts == [NODE, NODE] && fetch.status == 200));
    node.stop().await;
}

#[tokio::test]
async fn other_names_and_queries_give_no_list() {
    let env = Env::seeded(1);
    let node = node(&env, &Publication::of(&dva::lists(&env))).await;
    let client = client(&node, true);
    for (target, status) in [
        ("MedMij_Whitelist.xml", 400),
        ("MedMij_Whitelist.xml?api=1", 400),
        ("MedMij_Whitelist.xml?api=2&api=2", 400),
        ("medmij_whitelist.xml?api=2", 404),
        ("MedMij_Zorgaanbiederskoppellijst.xml?api=2", 404),
        ("?api=2", 404),
    ] {
        let answer = client.get(url(&node, target)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{target}");
    }
    let answer = client.post(url(&node, "MedMij_Whitelist.xml?api=2")).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 405);
    node.stop().await;
}

#[tokio::test]
async fn a_list_can_be_changed_spoilt_and_withdrawn_while_it_serves() {
    let env = Env::seeded(1);
    let publication = Publication::of(&dva::lists(&env));
    let node = node(&env, &publication).await;
    let client = client(&node, true);
    let fetch = async || client.get(url(&node, "MedMij_Whitelist.xml?api=2")).send().await.unwrap();
    let Some(List::Whitelist(mut list)) = publication.text(Kind::Whitelist).and_then(|text| lists::parse(&text).ok())
    else {
        panic!("no whitelist")
    };
    list.hostnames = vec![NODE.to_owned()];
    publication.publish(&List::Whitelist(list.clone()));
    assert_eq!(lists::parse(&fetch().await.bytes().await.unwrap()).unwrap(), List::Whitelist(list));
    publication.publish_text(Kind::Whitelist, "<Whitelist/>");
    assert_eq!(fetch().await.text().await.unwrap(), "<Whitelist/>");
    publication.withdraw(Kind::Whitelist);
    assert_eq!(fetch().await.status().as_u16(), 404);
    node.stop().await;
}

#[tokio::test]
async fn nobody_is_served_without_a_certificate() {
    let env = Env::seeded(1);
    let node = node(&env, &Publication::of(&dva::lists(&env))).await;
    assert!(client(&node, false).get(url(&node, "MedMij_Whitelist.xml?api=2")).send().await.is_err());
    assert!(node.fetches().is_empty());
    node.stop().await;
}

#[test]
fn a_folder_is_served_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Publication::folder(folder.path()), Err(SimulatorError::NoList { .. })));
    std::fs::write(folder.path().join("MedMij_Whitelist.xml"), "geen xml").unwrap();
    let publication = Publication::folder(folder.path()).unwrap();
    assert_eq!(publication.text(Kind::Whitelist).unwrap(), b"geen xml");
    assert_eq!(publication.text(Kind::OAuthclientlist), None);
}
