//! The world from the outside, over real sockets.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use reqwest::Client;
use reqwest::Proxy;

use crate::exchange::Handshake;
use crate::lists as format;
use crate::lists::List;
use crate::simulator::stelsel::*;

const PGO: &str = "pgo.voorbeeld.example";

async fn world(sights: &Arc<Mutex<Vec<Sight>>>) -> Stelsel {
    start(config(sights)).await.unwrap()
}

fn config(sights: &Arc<Mutex<Vec<Sight>>>) -> StelselConfig {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let sights = Arc::clone(sights);
    StelselConfig {
        env: Env::seeded(1),
        client_id: PGO.to_owned(),
        client_name: "Voorbeeld PGO".to_owned(),
        redirect_uri: format!("https://{PGO}/terug"),
        client_hosts: vec!["achter.voorbeeld.example".to_owned()],
        port: None,
        authority: None,
        host_suffix: None,
        certificates: Vec::new(),
        sink: Arc::new(move |sight| sights.lock().unwrap_or_else(PoisonError::into_inner).push(sight)),
    }
}

fn client(world: &Stelsel) -> Client {
    let identity = world.authority().client(&["achter.voorbeeld.example"]).unwrap();
    let pem = format!("{}{}", identity.certificate, identity.key);
    Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(world.authority().certificate.as_bytes()).unwrap()])
        .identity(reqwest::Identity::from_pem(pem.as_bytes()).unwrap())
        .proxy(Proxy::all(format!("http://{}", world.proxy())).unwrap())
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

#[tokio::test]
async fn the_lists_are_found_by_name_and_name_every_provider() {
    let sights = Arc::default();
    let world = world(&sights).await;
    let fetch = async |name: &str| {
        let url = format!("https://{}/MedMij_{name}.xml?api=2", stelselnode::HOST);
        let answer = client(&world).get(url).send().await.unwrap();
        format::parse(&answer.bytes().await.unwrap()).unwrap()
    };
    let List::Zorgaanbiederslijst(zal) = fetch("Zorgaanbiederslijst").await else { panic!("no ZAL") };
    let names: Vec<&str> = zal.zorgaanbieders.iter().map(|provider| provider.naam.as_str()).collect();
    assert_eq!(names, world.listed());
    let services = |i: usize| &zal.zorgaanbieders[i].interfaceversies[0].gegevensdiensten;
    assert_eq!((services(0).len(), services(1).len()), (4, 2));
    let List::OAuthclientlist(ocl) = fetch("OAuthclientlist").await else { panic!("no OCL") };
    assert_eq!(ocl.clients[0].hostname, PGO);
    let List::Whitelist(whitelist) = fetch("Whitelist").await else { panic!("no whitelist") };
    assert!(whitelist.hostnames.contains(&"achter.voorbeeld.example".to_owned()));
    assert!(!whitelist.hostnames.contains(&ELSEWHERE.to_owned()));
    let told = sights.lock().unwrap().clone();
    let requests = told.iter().filter(|sight| matches!(sight, Sight::Request(seen) if seen.certificate)).count();
    assert_eq!(requests, 3);
    let hellos = told.iter().filter_map(|sight| match sight {
        Sight::Connection(connection) => Some(connection),
        Sight::Request(_) => None,
    });
    assert!(hellos.clone().all(|c| c.handshake == Handshake::Finished && c.is_back && c.host == stelselnode::HOST));
    assert!(hellos.clone().all(|c| c.hello.versions.len() == 2));
    // The first is looked at for data that it sends too early, which is done in TLS 1.2 alone.
    let agreed: Vec<_> = hellos.clone().map(|c| (c.version.as_deref().unwrap_or_default(), c.hasty)).collect();
    assert_eq!(agreed, [("TLSv1.2", Some(false)), ("TLSv1.3", None), ("TLSv1.3", None)]);
    world.stop().await;
}

#[tokio::test]
async fn a_world_has_names_and_certificates_of_the_vendor() {
    let sights = Arc::default();
    let theirs = Authority::new(&Env::seeded(2), "CA van de leverancier").unwrap();
    let own = theirs.server(&["*.medmij.voorbeeld.example"]).unwrap();
    let world = start(StelselConfig {
        host_suffix: Some("medmij.voorbeeld.example".to_owned()),
        certificates: vec![(own.certificate, own.key)],
        ..config(&sights)
    });
    let world = world.await.unwrap();
    assert!(world.hosts().iter().all(|host| host.ends_with(".medmij.voorbeeld.example")), "{:?}", world.hosts());
    let address = world.proxy();
    let trusting = |ca: &str| {
        Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(ca.as_bytes()).unwrap()])
            .proxy(Proxy::all(format!("http://{address}")).unwrap())
            .build()
            .unwrap()
    };
    let list = "https://stelselnode.medmij.voorbeeld.example/MedMij_Zorgaanbiederslijst.xml?api=2";
    let text = trusting(&theirs.certificate).get(list).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("https://auth.referentie.medmij.voorbeeld.example") && !text.contains("toetsbank.example"));
    assert!(
        trusting(&world.authority().certificate).get(list).send().await.is_err(),
        "the vendor's certificate is shown"
    );
    // A host that none of theirs names shows one of the test CA.
    let other = "https://fhir.referentie.medmij.voorbeeld.example/bgz/metadata";
    assert!(trusting(&world.authority().certificate).get(other).send().await.is_ok());
    world.stop().await;
}

#[tokio::test]
async fn people_keep_their_passwords_with_the_authority() {
    let sights = Arc::default();
    let (authority, key) = Authority::lasting(&Env::seeded(1), AUTHORITY).unwrap();
    let passwords = async |kept: bool| {
        let authority = kept.then(|| Authority::kept(&Env::system(), AUTHORITY, &authority.certificate, &key).unwrap());
        let world = start(StelselConfig { env: Env::system(), authority, ..config(&sights) }).await.unwrap();
        let (_, people, _) = world.places().unwrap();
        world.stop().await;
        people.into_iter().map(|person| person.password).collect::<Vec<_>>()
    };
    let first = passwords(true).await;
    assert!(!first.is_empty() && first == passwords(true).await);
    assert_ne!(first, passwords(false).await);
}

/// What becomes of a connection is told as it was: who looks at a certificate later, who says nothing, who waits too long.
#[tokio::test]
async fn clients_that_break_off_in_their_own_way_are_told_apart() {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpStream;

    const HOST: &str = "token.referentie.toetsbank.example";
    let sights = Arc::default();
    let world = world(&sights).await;
    world.set(&["token-certificate-untrusted".to_owned()]).unwrap();
    let connect = || TcpStream::connect(world.address());
    let handshake = async || {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(crate::pki::Anyone::new(provider)))
            .with_no_client_auth();
        let name = rustls::pki_types::ServerName::try_from(HOST).unwrap();
        tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, connect().await.unwrap()).await.unwrap()
    };
    let hello = async || {
        let offer = crate::probe::hello::Offer {
            version: crate::probe::hello::Version::Tls12,
            beside: &[],
            suites: &[0xc02b],
            groups: &[23],
            signatures: &[0x0403],
            compression: false,
            server_name: Some(HOST),
            random: [7; 32],
        };
        let mut stream = connect().await.unwrap();
        stream.write_all(&offer.write()).await.unwrap();
        stream
    };
    let after = async |pause: u64| tokio::time::sleep(Duration::from_millis(pause)).await;
    let dropped = async {
        handshake().await.shutdown().await.unwrap();
    };
    let unused = async {
        let stream = handshake().await;
        after(500).await;
        drop(stream);
    };
    let closed = async {
        let stream = hello().await;
        after(100).await;
        drop(stream);
    };
    let lapsed = async {
        let stream = hello().await;
        after(3200).await;
        drop(stream);
    };
    let silent = async {
        drop(connect().await.unwrap());
    };
    tokio::join!(dropped, unused, closed, lapsed, silent);
    after(100).await;
    let told = sights.lock().unwrap().clone();
    let ended = told.iter().filter_map(|sight| match sight {
        Sight::Connection(connection) => Some(format!("{:?}", connection.handshake)),
        Sight::Request(_) => None,
    });
    let mut ended: Vec<String> = ended.collect();
    ended.sort();
    assert_eq!(ended, ["Closed", "Dropped", "Finished", "Lapsed", "NotTls"]);
    world.stop().await;
}

#[tokio::test]
async fn a_client_that_breaks_off_is_told_apart() {
    let sights = Arc::default();
    let world = world(&sights).await;
    for kind in ["expired", "self-signed", "wrong-host", "untrusted"] {
        world.set(&[format!("token-certificate-{kind}")]).unwrap();
        let url = "https://token.referentie.toetsbank.example/token";
        assert!(client(&world).post(url).body("x=1").send().await.is_err(), "{kind}");
        let elsewhere = "https://fhir.referentie.toetsbank.example/bgz/metadata";
        assert!(client(&world).get(elsewhere).send().await.is_ok(), "{kind}");
    }
    // The end of a handshake is told a moment after the client has seen it.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let told = sights.lock().unwrap().clone();
    let alerts = told.iter().filter(|sight| match sight {
        Sight::Connection(connection) => connection.handshake == Handshake::Alert,
        Sight::Request(_) => false,
    });
    assert_eq!(alerts.count(), 4);
    world.stop().await;
}

#[tokio::test]
async fn the_world_deviates_by_name_and_no_longer_than_asked() {
    let sights = Arc::default();
    let world = world(&sights).await;
    let client = client(&world);
    let status = async |url: &str| client.get(url).send().await.unwrap().status().as_u16();
    let (metadata, lists) = (
        "https://fhir.referentie.toetsbank.example/bgz/metadata",
        "https://stelselnode.toetsbank.example/MedMij_Whitelist.xml?api=2",
    );
    assert_eq!((status(metadata).await, status(lists).await), (200, 200));
    world.set(&["resource-503".to_owned(), "lists-unavailable".to_owned()]).unwrap();
    assert_eq!((status(metadata).await, status(lists).await), (503, 503));
    world.set(&[]).unwrap();
    assert_eq!((status(metadata).await, status(lists).await), (200, 200));
    assert_eq!(world.set(&["geen".to_owned()]), Err("geen".to_owned()));
    assert!(client.get("https://onbekend.toetsbank.example/").send().await.is_err());
    world.stop().await;
}

#[tokio::test]
async fn an_error_goes_back_with_the_state() {
    let sights = Arc::default();
    let world = world(&sights).await;
    world.set(&["authorization-invalid-scope".to_owned()]).unwrap();
    let url = "https://auth.referentie.toetsbank.example/authorize?state=a%26b";
    let answer = client(&world).get(url).send().await.unwrap();
    let target = answer.headers()["location"].to_str().unwrap();
    assert_eq!(target, format!("https://{PGO}/terug?error=invalid_scope&state=a%26b"));
    world.stop().await;
}
