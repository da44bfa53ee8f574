//! A candidate that does what it likes: raw answers over TLS, by path, with a certificate by host name.

use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::server::Acceptor;
use rustls::server::WebPkiClientVerifier;
use toetsbank::env::Env;
use toetsbank::pki::Authority;
use toetsbank::pki::Identity;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;

/// What was asked: the first line and the body.
pub struct Asked {
    pub path: String,
    pub query: String,
}

/// What is answered: bytes as they stand, and how it ends.
pub struct Answer {
    pub bytes: Vec<u8>,
    pub end: End,
}

/// Ends of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As TLS ends.
    Close,
    /// Without a word.
    Cut,
    /// Never: nothing more comes.
    Hang,
    /// Never: bytes keep coming, slowly.
    Drip,
}

/// Host names with a certificate of their own, or with none.
pub const WRONG_HOST: &str = "wrong-host.hostile.example";
pub const EXPIRED: &str = "expired.hostile.example";
pub const UNKNOWN: &str = "unknown-ca.hostile.example";
pub const ALERT: &str = "alert.hostile.example";
pub const PLAIN: &str = "plain.hostile.example";
pub const RESET: &str = "reset.hostile.example";
pub const GOOD: &str = "hostile.example";

/// A server with its authority.
pub struct Server {
    pub port: u16,
    pub plain_port: u16,
    pub authority: String,
    pub client: Identity,
}

type Behaviour = Arc<dyn Fn(&Asked) -> Answer + Send + Sync>;

/// Starts it; it serves as long as the runtime lives.
pub async fn start(behaviour: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Server {
    let past = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(100 * 24);
    let env = Env::fixed(past, 7);
    // Nobody looks at the dates of an authority that is trusted itself.
    let authority = Authority::new(&env, "hostile CA").unwrap();
    let expired = authority.server(&[EXPIRED]).unwrap();
    env.advance(Duration::from_secs(100 * 24 * 3600));
    let other = Authority::new(&env, "other CA").unwrap();
    let configs: Vec<(&str, Arc<ServerConfig>)> = vec![
        (WRONG_HOST, config(&authority.server(&["somebody-else.example"]).unwrap(), None)),
        (EXPIRED, config(&expired, None)),
        (UNKNOWN, config(&other.server(&[UNKNOWN]).unwrap(), None)),
        (ALERT, config(&authority.server(&[ALERT]).unwrap(), Some(other.roots().unwrap()))),
        (RESET, config(&authority.server(&[RESET]).unwrap(), None)),
        (GOOD, config(&authority.server(&[GOOD]).unwrap(), None)),
    ];
    let configs = Arc::new(configs);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let behaviour: Behaviour = Arc::new(behaviour);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (configs, behaviour) = (configs.clone(), behaviour.clone());
            tokio::spawn(async move { converse(stream, &configs, &behaviour).await });
        }
    });
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain_port = plain.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        }
    });
    let client = authority.client(&["pgo.example"]).unwrap();
    Server { port, plain_port, authority: authority.certificate.clone(), client }
}

fn config(identity: &Identity, clients: Option<RootCertStore>) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(roots) => builder.with_client_cert_verifier(
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap(),
        ),
    };
    Arc::new(builder.with_single_cert(identity.chain(), identity.private_key()).unwrap())
}

async fn converse(stream: TcpStream, configs: &[(&str, Arc<ServerConfig>)], behaviour: &Behaviour) -> Option<()> {
    let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await.ok()?;
    let name = start.client_hello().server_name().unwrap_or(GOOD).to_owned();
    let (_, config) = configs.iter().find(|(known, _)| *known == name)?;
    let mut stream = start.into_stream(config.clone()).await.ok()?;
    if name == RESET {
        // What was sent and not read makes the kernel reset the connection.
        tokio::time::sleep(Duration::from_millis(50)).await;
        return None;
    }
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        head.extend_from_slice(&buffer[..count]);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let target = text.split(' ').nth(1)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Answer { bytes, end } = behaviour(&Asked { path: path.to_owned(), query: query.to_owned() });
    // The harness may hang up before the end.
    let _ = stream.write_all(&bytes).await;
    let _ = stream.flush().await;
    match end {
        End::Close => drop(stream.shutdown().await),
        End::Cut => {}
        End::Hang => tokio::time::sleep(Duration::from_secs(30)).await,
        End::Drip => {
            while stream.write_all(b" ").await.is_ok() && stream.flush().await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    Some(())
}
