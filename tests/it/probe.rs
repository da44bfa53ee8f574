//! TLS scans of the reference DVA, with and without the certificate of a client.

use std::net::SocketAddr;
use std::time::Duration;

use toetsbank::env::Env;
use toetsbank::exchange::TlsScan;
use toetsbank::pki;
use toetsbank::probe;
use toetsbank::probe::Target;
use toetsbank::simulator::defects;
use toetsbank::simulator::dva;
use toetsbank::simulator::dva::DvaConfig;

/// Scans of the back channel of a reference with these defects: without a certificate, and with that of its client.
fn scans(planted: &[&str]) -> [TlsScan; 2] {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let env = Env::system();
        let defects = planted.iter().map(|name| defects::find(name).unwrap()).collect();
        let reference = dva::start(DvaConfig { defects, ..DvaConfig::own(&env).unwrap() }).await.unwrap();
        let candidate = reference.candidate();
        let host = candidate.endpoints.token.host_str().unwrap().to_owned();
        let address: SocketAddr = candidate.trust.connect[&format!("{host}:443")].parse().unwrap();
        let client = &candidate.client;
        let identity = pki::certified(client.certificate.as_bytes(), client.key.as_bytes()).unwrap();
        let target = |identity| Target {
            name: format!("{host}:443"),
            host: host.clone(),
            address,
            patience: Duration::from_secs(5),
            identity,
        };
        let bare = probe::scan(&target(None), &env).await;
        let whole = probe::scan(&target(Some(identity)), &env).await;
        reference.stop().await;
        [bare, whole]
    })
}

#[test]
fn who_asks_for_a_client_certificate_is_seen_whole_by_who_has_one() {
    let [bare, whole] = scans(&[]);
    assert_eq!((bare.client_certificate, bare.early_data), (Some(true), None));
    assert_eq!((whole.client_certificate, whole.early_data), (Some(true), Some(false)));
    assert_eq!(bare.versions, whole.versions);
    assert_eq!(whole.chain[0].purposes, Some(vec!["serverAuth".to_owned()]));
    assert!(whole.undecided.is_empty(), "{:?}", whole.undecided);
}

#[test]
fn early_data_that_is_taken_is_seen() {
    let [_, whole] = scans(&["early-data"]);
    assert_eq!(whole.early_data, Some(true));
}
