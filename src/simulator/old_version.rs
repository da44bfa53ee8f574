//! An answer in TLS 1.1 to a client that offers something else, and what the client does then.
//!
//! rustls speaks no TLS 1.1: the few messages are written here, and nobody can finish such a handshake. First ServerHello goes
//! alone: who breaks off then did not take the version. Who waits for more gets the rest, and who goes on with a
//! ClientKeyExchange took it. Entry point: [`answer`].

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::exchange::Handshake;
use crate::probe::client_hello;
use crate::probe::suite_name;
use crate::simulator::met::Met;

/// The certificate, with an RSA key, that a client which asks for this host is to see in TLS 1.1; `None` for a host that answers
/// in another version.
pub(super) type Old = Arc<dyn Fn(&str) -> Option<CertificateDer<'static>> + Send + Sync>;

/// How long a client has to break off once it has seen the version.
const PROMPT: Duration = Duration::from_secs(1);

/// How long it has to go on once it has seen everything.
const PATIENCE: Duration = Duration::from_secs(5);

/// TLS 1.1, on the wire and in reports.
const VERSION: [u8; 2] = [3, 2];
const NAME: &str = "TLSv1.1";

/// Content types of records.
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

/// Types of handshake messages.
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
const SERVER_HELLO_DONE: u8 = 14;
const CLIENT_KEY_EXCHANGE: u8 = 16;

/// The alert that tells that the version is the reason.
const PROTOCOL_VERSION: u8 = 70;

/// Suites of TLS 1.1 with static RSA: a client goes on without a signature of ours.
const STATIC_RSA: [u16; 3] = [0x002f, 0x0035, 0x000a];

/// Other suites that TLS 1.1 knows.
const OTHERS: [u16; 6] = [0xc013, 0xc014, 0xc009, 0xc00a, 0x0033, 0x0039];

/// Answers the ClientHello in this first record, and tells what came of it.
pub(super) async fn answer(
    stream: &mut TcpStream,
    first: Vec<u8>,
    host: String,
    certificate: &CertificateDer<'_>,
) -> Met {
    let offered = client_hello::suites(&first);
    let pick = |known: &[u16]| offered.iter().copied().find(|suite| known.contains(suite));
    let of_rsa = pick(&STATIC_RSA);
    // A client that knows no suite of TLS 1.1 is to see the version before that.
    let suite = of_rsa.or_else(|| pick(&OTHERS)).or_else(|| offered.first().copied()).unwrap_or(STATIC_RSA[0]);
    let is_secure = client_hello::renegotiates_securely(&first);
    let went = converse(stream, suite, is_secure, of_rsa.is_some(), certificate).await;
    let (handshake, alert) = went.unwrap_or((Handshake::Closed, None));
    let agreed = (handshake == Handshake::RefusedByUs).then(|| (NAME.to_owned(), suite_name(suite)));
    let handshake = if first.first() == Some(&HANDSHAKE) { handshake } else { Handshake::NotTls };
    Met { first, host, handshake, alert, agreed, chain: Vec::new(), hasty: None }
}

/// # Errors
/// A connection that the client closed before it said a word.
async fn converse(
    stream: &mut TcpStream,
    suite: u16,
    is_secure: bool,
    goes_on: bool,
    certificate: &[u8],
) -> io::Result<(Handshake, Option<u8>)> {
    record(stream).await?;
    stream.write_all(&written(&[(SERVER_HELLO, server_hello(suite, is_secure))])).await?;
    if let Ok(said) = timeout(PROMPT, record(stream)).await {
        let (kind, content) = said?;
        return Ok(match (kind, content.get(1)) {
            // close_notify says no more than the close does.
            (ALERT, Some(0)) => (Handshake::Closed, None),
            (ALERT, alert) => (Handshake::Alert, alert.copied()),
            _ => (Handshake::Lapsed, None),
        });
    }
    if !goes_on {
        return Ok((Handshake::Lapsed, None));
    }
    let chain = prefixed(&prefixed(certificate, 3), 3);
    stream.write_all(&written(&[(CERTIFICATE, chain), (SERVER_HELLO_DONE, Vec::new())])).await?;
    // What it says of the certificate tells nothing of the version.
    Ok(match timeout(PATIENCE, record(stream)).await {
        Ok(Ok((HANDSHAKE, content))) if content.first() == Some(&CLIENT_KEY_EXCHANGE) => (Handshake::RefusedByUs, None),
        Ok(Ok((ALERT, content))) if content.get(1) == Some(&PROTOCOL_VERSION) => {
            (Handshake::Alert, Some(PROTOCOL_VERSION))
        }
        _ => (Handshake::Lapsed, None),
    })
}

/// The next record: its content type and its content.
async fn record(stream: &mut TcpStream) -> io::Result<(u8, Vec<u8>)> {
    let mut header = [0; 5];
    stream.read_exact(&mut header).await?;
    let [kind, _, _, high, low] = header;
    let mut content = vec![0; usize::from(u16::from_be_bytes([high, low]))];
    stream.read_exact(&mut content).await?;
    Ok((kind, content))
}

fn server_hello(suite: u16, is_secure: bool) -> Vec<u8> {
    let mut out = VERSION.to_vec();
    // No mark of a server that knows more (RFC 8446, section 4.1.3).
    out.extend([7; 32]);
    out.push(0);
    out.extend(suite.to_be_bytes());
    out.push(0);
    if is_secure {
        out.extend(prefixed(&[0xff, 0x01, 0x00, 0x01, 0x00], 2));
    }
    out
}

/// Handshake messages in a record of their own.
fn written(messages: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut content = Vec::new();
    for (kind, body) in messages {
        content.push(*kind);
        content.extend(prefixed(body, 3));
    }
    let mut out = vec![HANDSHAKE];
    out.extend(VERSION);
    out.extend(prefixed(&content, 2));
    out
}

/// The content with its length before it, in so many bytes.
fn prefixed(content: &[u8], bytes: usize) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut out: Vec<u8> = length.into_iter().skip(4_usize.saturating_sub(bytes)).collect();
    out.extend(content);
    out
}

#[cfg(test)]
mod tests {
    use tls_parser::TlsMessage;
    use tls_parser::TlsMessageHandshake;
    use tls_parser::parse_tls_plaintext;
    use tokio::net::TcpListener;

    use super::*;
    use crate::probe::hello::Offer;
    use crate::probe::hello::Version;

    /// Another implementation reads what is written here.
    #[test]
    fn the_answer_is_in_tls_1_1() {
        let bytes = written(&[(SERVER_HELLO, server_hello(0x002f, true)), (SERVER_HELLO_DONE, Vec::new())]);
        let (rest, record) = parse_tls_plaintext(&bytes).unwrap();
        assert!(rest.is_empty() && record.msg.len() == 2);
        let TlsMessage::Handshake(TlsMessageHandshake::ServerHello(hello)) = &record.msg[0] else { panic!("no hello") };
        assert_eq!((hello.version.0, hello.cipher.0), (0x0302, 0x002f));
    }

    /// What is told of a client that offers these suites, and says this in return: to the version, and to the rest.
    async fn told(suites: &[u16], says: [Option<&[u8]>; 2]) -> Met {
        let offer = Offer {
            version: Version::Tls12,
            beside: &[],
            suites,
            groups: &[23],
            signatures: &[0x0401],
            compression: false,
            server_name: Some("token.example"),
            random: [7; 32],
        };
        let first = offer.write();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let client = async {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(&offer.write()).await.unwrap();
            for said in says {
                if record(&mut stream).await.is_err() {
                    return;
                }
                match said {
                    Some([]) => return,
                    Some(bytes) => stream.write_all(bytes).await.unwrap(),
                    None => {}
                }
            }
            // It waits for what never comes.
            let _ = stream.read(&mut [0; 1]).await;
        };
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            answer(&mut stream, first, "token.example".to_owned(), &CertificateDer::from(vec![1; 300])).await
        };
        tokio::join!(client, server).1
    }

    #[tokio::test]
    async fn who_breaks_off_and_who_goes_on_are_told_apart() {
        let kind = |met: &Met| (met.handshake, met.alert, met.agreed.as_ref().map(|(version, _)| version.clone()));
        let refusal: &[u8] = &[ALERT, 3, 2, 0, 2, 2, PROTOCOL_VERSION];
        let modern: &[u16] = &[0x1301, 0xc02f];
        let old: &[u16] = &[0xc02f, 0x002f];
        for suites in [modern, old] {
            assert_eq!(kind(&told(suites, [Some(refusal), None]).await), (Handshake::Alert, Some(70), None));
            assert_eq!(kind(&told(suites, [Some(&[]), None]).await), (Handshake::Closed, None, None));
        }
        let going_on: &[u8] = &[HANDSHAKE, 3, 2, 0, 4, CLIENT_KEY_EXCHANGE, 0, 0, 0];
        let taken = told(old, [None, Some(going_on)]).await;
        assert_eq!(kind(&taken), (Handshake::RefusedByUs, None, Some(NAME.to_owned())));
        let unknown: &[u8] = &[ALERT, 3, 2, 0, 2, 2, 48];
        for says in [[None, Some(unknown)], [None, Some(&[][..])]] {
            assert_eq!(
                kind(&told(old, says).await),
                (Handshake::Lapsed, None, None),
                "of the certificate, or of nothing"
            );
        }
        assert_eq!(kind(&told(old, [None, Some(refusal)]).await), (Handshake::Alert, Some(70), None));
        assert_eq!(kind(&told(modern, [None, None]).await), (Handshake::Lapsed, None, None));
    }
}
