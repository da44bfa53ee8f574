//! How a connection began and what came of its handshake, for whoever is told. Entry point: [`tell`].

use std::io;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use rustls::Error;
use rustls::pki_types::CertificateDer;
use tokio::io::AsyncBufReadExt;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

use crate::exchange::Handshake;
use crate::simulator::patient::Patient;

/// Is told how a connection began.
pub(super) type Watch = Arc<dyn Fn(Met) + Send + Sync>;

/// How a connection began.
pub(super) struct Met {
    /// The first record: a ClientHello, when it is TLS.
    pub(super) first: Vec<u8>,
    /// The host name that was asked for.
    pub(super) host: String,
    /// What came of the handshake.
    pub(super) handshake: Handshake,
    /// Description of the alert with which the client broke off.
    pub(super) alert: Option<u8>,
    /// Version and cipher suite that were agreed.
    pub(super) agreed: Option<(String, String)>,
    /// The client's certificates, leaf first.
    pub(super) chain: Vec<CertificateDer<'static>>,
    /// Whether the client sent data before the handshake was over, when that was looked at.
    pub(super) hasty: Option<bool>,
}

/// Who closes after this time may have had enough of waiting: nothing is known of why.
const PROMPT: Duration = Duration::from_secs(3);

/// How long a client is watched for what it does first; some look at the certificate only after the handshake.
const FIRST: Duration = Duration::from_millis(300);

/// What is to be told of a handshake in which we `answered` at that moment.
pub(super) async fn tell(
    first: Vec<u8>,
    host: String,
    shaken: &mut io::Result<TlsStream<Patient>>,
    answered: Instant,
) -> Met {
    let is_tls = first.first() == Some(&22);
    let mut alert = None;
    let handshake = match shaken {
        Ok(stream) => match timeout(FIRST, stream.fill_buf()).await {
            Ok(Ok([]) | Err(_)) => Handshake::Dropped,
            Ok(Ok(_)) | Err(_) => Handshake::Finished,
        },
        Err(_) if !is_tls => Handshake::NotTls,
        Err(error) => match error.get_ref().and_then(|source| source.downcast_ref::<Error>()) {
            Some(Error::AlertReceived(description)) => {
                alert = Some(u8::from(*description));
                Handshake::Alert
            }
            Some(_) => Handshake::RefusedByUs,
            None if error.kind() == io::ErrorKind::TimedOut || answered.elapsed() > PROMPT => Handshake::Lapsed,
            None => Handshake::Closed,
        },
    };
    let session = shaken.as_ref().ok().map(|stream| stream.get_ref().1);
    let agreed = session.and_then(|session| {
        let version = session.protocol_version()?.as_str()?.replace('_', ".");
        Some((version, session.negotiated_cipher_suite()?.suite().as_str()?.to_owned()))
    });
    let chain = session.and_then(|session| session.peer_certificates()).unwrap_or_default();
    let chain = chain.iter().cloned().map(CertificateDer::into_owned).collect();
    Met { first, host, handshake, alert, agreed, chain, hasty: None }
}
