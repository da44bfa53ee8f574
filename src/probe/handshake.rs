//! What takes a whole handshake, by rustls: the certificates, whether one of ours is asked for, stapling, and 0-RTT.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use rustls::ClientConfig;
use rustls::DigitallySignedStruct;
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::danger::ServerCertVerified;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::UnixTime;
use rustls::sign::CertifiedKey;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::env::Env;
use crate::exchange::CertificateFacts;
use crate::exchange::TlsScan;
use crate::exchange::Undecided;
use crate::pki;
use crate::probe::Target;
use crate::probe::suite_name;

/// Status `425 Too Early` (RFC 8470, section 5.2): the server wants the request again, without early data.
const TOO_EARLY: u16 = 425;

/// Fills in what the hellos could not tell, when a version that rustls knows was accepted.
pub(super) async fn complete(target: &Target, env: &Env, scan: &mut TlsScan) {
    if scan.accepted().next().is_none() && scan.undecided.is_empty() {
        return;
    }
    let seen = Arc::new(Seen::of(target));
    let outcome = visits(target, env, &seen).await;
    let met = seen.met.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((chain, stapled)) = met.as_ref() {
        scan.chain.clone_from(chain);
        scan.stapling = Some(scan.stapling.unwrap_or(false) || *stapled);
        let asked = seen.asked.load(Ordering::Relaxed);
        scan.client_certificate = Some(scan.client_certificate.unwrap_or(false) || asked);
    }
    match outcome {
        Ok(visits) => {
            scan.early_data = visits.early_data;
            // A server that gives no HelloRetryRequest takes TLS 1.3 all the same.
            let refused = scan.versions.iter_mut().find(|scan| scan.version == "TLSv1.3" && scan.suites.is_empty());
            if let (Some(suite), Some(version)) = (visits.suite, refused) {
                version.suites.push(suite);
                scan.chosen = Some("TLSv1.3".to_owned());
                let reason = "it gives no HelloRetryRequest: more suites and groups were not seen".to_owned();
                scan.undecided.push(Undecided { item: "TLSv1.3 suites".into(), reason });
            }
        }
        Err(reason) if met.is_none() => scan.undecided.push(Undecided { item: "handshake".into(), reason }),
        // It broke off for want of a certificate of ours: all that was to be seen was seen.
        Err(_) => {}
    }
}

/// What whole handshakes showed.
struct Visits {
    /// The suite, when it is of TLS 1.3.
    suite: Option<String>,
    /// Whether 0-RTT is on.
    early_data: Option<bool>,
}

/// Finishes a handshake and asks for `/`, so that a ticket comes; then once more with that request as early data.
async fn visits(target: &Target, env: &Env, seen: &Arc<Seen>) -> Result<Visits, String> {
    let mut config = ClientConfig::builder_with_details(Arc::clone(&seen.provider), pki::clock(env))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(seen) as Arc<dyn ServerCertVerifier>)
        .with_client_cert_resolver(Arc::clone(seen) as Arc<dyn ResolvesClientCert>);
    config.enable_early_data = true;
    let config = Arc::new(config);
    let mut stream = connect(target, &config).await?;
    let (_, connection) = stream.get_ref();
    let is_13 = connection.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3);
    let suite = connection.negotiated_cipher_suite().filter(|_| is_13);
    let suite = suite.map(|suite| suite_name(u16::from(suite.suite())));
    // Without an answer nobody knows whether a ticket was to come.
    let answered = is_13 && ask(target, &mut stream).await.is_some();
    drop(stream);
    let early_data = if answered { early(target, &config).await } else { None };
    Ok(Visits { suite, early_data })
}

/// Whether the server takes a request as early data; `None` when it took it and gave no answer.
async fn early(target: &Target, config: &Arc<ClientConfig>) -> Option<bool> {
    let mut stream = connect(target, config).await.ok()?;
    let status = ask(target, &mut stream).await;
    match stream.get_ref().1.is_early_data_accepted() {
        true => Some(status? != TOO_EARLY),
        false => Some(false),
    }
}

/// A connection with a finished handshake, or one that begins with early data when its ticket allows that.
async fn connect(target: &Target, config: &Arc<ClientConfig>) -> Result<TlsStream<TcpStream>, String> {
    let name = ServerName::try_from(target.host.clone()).map_err(|error| error.to_string())?;
    let attempt = async {
        let stream = TcpStream::connect(target.address).await?;
        TlsConnector::from(Arc::clone(config)).early_data(true).connect(name, stream).await
    };
    match timeout(target.patience, attempt).await {
        Ok(finished) => finished.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no handshake within {} s", target.patience.as_secs_f32())),
    }
}

/// Asks for `/`; gives the status of the answer.
async fn ask(target: &Target, stream: &mut TlsStream<TcpStream>) -> Option<u16> {
    let attempt = async {
        stream.write_all(super::request(&target.host).as_bytes()).await.ok()?;
        stream.flush().await.ok()?;
        super::status(stream).await
    };
    timeout(target.patience, attempt).await.ok().flatten()
}

/// Lets every certificate pass and remembers it: the scan looks, it trusts nobody and tells nothing.
#[derive(Debug)]
struct Seen {
    provider: Arc<CryptoProvider>,
    met: Mutex<Option<(Vec<CertificateFacts>, bool)>>,
    asked: AtomicBool,
    identity: Option<Arc<CertifiedKey>>,
}

impl Seen {
    fn of(target: &Target) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Self { provider, met: Mutex::default(), asked: AtomicBool::new(false), identity: target.identity.clone() }
    }
}

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        ocsp_response: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let facts = crate::probe::chain(std::iter::once(end_entity).chain(intermediates).map(|der| der.as_ref()));
        *self.met.lock().unwrap_or_else(PoisonError::into_inner) = Some((facts, !ocsp_response.is_empty()));
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl ResolvesClientCert for Seen {
    fn resolve(&self, _: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.identity.clone().filter(|identity| identity.key.choose_scheme(schemes).is_some())
    }

    /// So that a demand for a certificate asks [`ResolvesClientCert::resolve`].
    fn has_certs(&self) -> bool {
        true
    }
}
