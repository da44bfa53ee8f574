//! A client that does not wait for the end of a TLS 1.2 handshake (RFC 7918, False Start): a planted deviation.
//!
//! What it sends too early is no request: rustls cannot be made to encrypt one yet. Entry point: [`connect`].

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::simulator::patient::APPLICATION_DATA;
use crate::simulator::patient::CHANGE_CIPHER_SPEC;
use crate::simulator::patient::Records;

/// Begins a connection with this host, and sends a record of application data behind the client's Finished.
pub(super) async fn connect(stream: TcpStream, host: &str, tls: ClientConfig) {
    let Ok(name) = ServerName::try_from(host.to_owned()) else { return };
    // What the server does with such a record is its affair.
    let _ = TlsConnector::from(Arc::new(tls)).connect(name, Hasty::new(stream)).await;
}

struct Hasty {
    stream: TcpStream,
    records: Records,
    changed: bool,
    /// What is still to be sent too early; `None` before its time.
    early: Option<Vec<u8>>,
}

impl Hasty {
    fn new(stream: TcpStream) -> Self {
        Self { stream, records: Records::default(), changed: false, early: None }
    }

    fn poll_early(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(early) = self.early.as_mut().filter(|early| !early.is_empty()) {
            let count = ready!(Pin::new(&mut self.stream).poll_write(cx, early))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            early.drain(..count);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Hasty {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Hasty {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_early(cx))?;
        let count = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        let kinds = self.records.pass(bytes.get(..count).unwrap_or_default());
        let after_change = match kinds.iter().position(|kind| *kind == CHANGE_CIPHER_SPEC) {
            Some(at) => kinds.len() > at + 1,
            None => self.changed && !kinds.is_empty(),
        };
        self.changed |= kinds.contains(&CHANGE_CIPHER_SPEC);
        if after_change && self.records.is_between() && self.early.is_none() {
            let mut record = vec![APPLICATION_DATA, 3, 3, 0, 32];
            record.extend([0; 32]);
            self.early = Some(record);
        }
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_early(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
