//! An HTTP proxy for CONNECT only (RFC 9110, section 9.3.6): names of the world lead to its listener, others nowhere.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::io::copy_bidirectional;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::simulator::http::accepted;

/// Time for the head of a request.
const HEAD: Duration = Duration::from_secs(10);

/// Largest head of a request, in bytes.
const HEAD_BYTES: usize = 8 << 10;

/// Serves until `stop` changes.
pub(super) async fn serve(
    listener: TcpListener,
    target: SocketAddr,
    hosts: Vec<String>,
    mut stop: watch::Receiver<bool>,
) {
    let hosts: Arc<[String]> = hosts.into();
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let stream = tokio::select! {
            stream = accepted(&listener) => stream,
            _ = stop.changed() => return,
        };
        let hosts = Arc::clone(&hosts);
        connections.spawn(async move {
            // Whatever goes wrong ends this connection and no other.
            let _ = relay(stream, target, &hosts).await;
        });
    }
}

async fn relay(mut stream: TcpStream, target: SocketAddr, hosts: &[String]) -> std::io::Result<()> {
    let Ok(Ok(head)) = timeout(HEAD, head(&mut stream)).await else { return Ok(()) };
    let mut words = head.split_whitespace();
    let (method, authority) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, ""));
    if method != "CONNECT" {
        let told = "HTTP/1.1 405 Method Not Allowed\r\nallow: CONNECT\r\ncontent-length: 0\r\n\r\n";
        return stream.write_all(told.as_bytes()).await;
    }
    if port != "443" || !hosts.iter().any(|known| known.eq_ignore_ascii_case(host)) {
        let told = "HTTP/1.1 502 Bad Gateway\r\nproxy-status: toetsbank; error=dns_error\r\ncontent-length: 0\r\n\r\n";
        return stream.write_all(told.as_bytes()).await;
    }
    let mut server = TcpStream::connect(target).await?;
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    copy_bidirectional(&mut stream, &mut server).await.map(drop)
}

/// The head of a request, byte by byte, so that nothing of what follows is taken.
async fn head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > HEAD_BYTES {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
