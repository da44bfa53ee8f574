//! The server's side of a connection that waits a moment before it ends a TLS 1.2 handshake, and sees whether the client waits
//! for that too (RFC 7918, False Start).
//!
//! Reads the headers of the records that come by, and knows nothing else of TLS. Entry points: [`Patient`] for the server,
//! [`Tries`] for whom it is done to, [`Records`] for who wants to see records go by.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpStream;
use tokio::time::Sleep;

use crate::exchange::Hello;
use crate::probe::client_hello;

/// Content type of ChangeCipherSpec.
pub(super) const CHANGE_CIPHER_SPEC: u8 = 20;

/// Content type of application data.
pub(super) const APPLICATION_DATA: u8 = 23;

/// Length of the header of a record.
const HEADER: usize = 5;

/// The records of one direction, as their bytes go by in any pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct Records {
    header: Vec<u8>,
    /// Bytes of the content that are still to come.
    left: usize,
}

impl Records {
    /// The content types of the records that begin in these bytes.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        let mut begun = Vec::new();
        while !bytes.is_empty() {
            if self.left > 0 {
                let (_, rest) = bytes.split_at(self.left.min(bytes.len()));
                self.left -= bytes.len() - rest.len();
                bytes = rest;
                continue;
            }
            let (more, rest) = bytes.split_at((HEADER - self.header.len()).min(bytes.len()));
            self.header.extend_from_slice(more);
            bytes = rest;
            if let [kind, _, _, high, low] = self.header[..] {
                begun.push(kind);
                self.left = usize::from(u16::from_be_bytes([high, low]));
                self.header.clear();
            }
        }
        begun
    }

    /// Whether all records that began are whole.
    pub(super) fn is_between(&self) -> bool {
        self.left == 0 && self.header.is_empty()
    }
}

/// Connections in which clients are to speak TLS 1.2, at most.
const TRIES: u8 = 3;

/// How many clients more that know TLS 1.2 well are to speak it, and are looked at for data that they send too early; none any
/// more when one was. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Tries {
    left: Arc<AtomicU8>,
    /// Hosts at which nobody is looked at.
    spared: Arc<[String]>,
}

impl Tries {
    /// A few, but for who asks for one of these hosts.
    pub(super) fn new(spared: Vec<String>) -> Self {
        Self { left: Arc::new(AtomicU8::new(TRIES)), spared: spared.into() }
    }

    /// Takes one for the client that said this first; whether it is to be looked at.
    pub(super) fn take(&self, first: &[u8]) -> bool {
        let is_spared = || client_hello::server_name(first).is_some_and(|host| self.spared.contains(&host));
        if self.left.load(Ordering::Relaxed) == 0 || !client_hello::read(first).is_some_and(|hello| speaks_1_2(&hello))
        {
            return false;
        }
        let takes = |left: u8| left.checked_sub(1);
        !is_spared() && self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, takes).is_ok()
    }

    /// One was looked at: that is enough.
    pub(super) fn end(&self) {
        self.left.store(0, Ordering::Relaxed);
    }
}

/// Whether a client can speak TLS 1.2 with a server of ours, whatever the key of its certificate.
fn speaks_1_2(hello: &Hello) -> bool {
    let with =
        |key: &str| hello.suites.iter().any(|suite| suite.starts_with(key) && suite.contains("_WITH_AES_128_GCM"));
    let in_1_2 = hello.versions.iter().any(|version| version == "TLSv1.2");
    in_1_2 && with("TLS_ECDHE_ECDSA") && with("TLS_ECDHE_RSA")
}

/// A connection with a client.
#[derive(Debug)]
pub(super) struct Patient {
    stream: TcpStream,
    records: Records,
    /// How long the end of the handshake is kept back; `None` when nobody asks.
    wait: Option<Duration>,
    sleep: Option<Pin<Box<Sleep>>>,
    /// Whether the client's ChangeCipherSpec came, and the answer to it went.
    changed: bool,
    answered: bool,
    seen: Arc<OnceLock<bool>>,
}

impl Patient {
    /// A connection whose handshake is ended after this time, when there is one. Whether application data came before that end
    /// is put into `seen`, also when the handshake fails.
    pub(super) fn new(stream: TcpStream, wait: Option<Duration>, seen: Arc<OnceLock<bool>>) -> Self {
        Self { stream, records: Records::default(), wait, sleep: None, changed: false, answered: false, seen }
    }

    fn see(&mut self, kinds: &[u8]) {
        for kind in kinds {
            if self.changed && *kind == APPLICATION_DATA {
                // The first to be seen counts.
                let _ = self.seen.set(true);
            }
            self.changed |= *kind == CHANGE_CIPHER_SPEC;
        }
    }

    /// Ready when the answer to the client's ChangeCipherSpec may go.
    fn poll_waited(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(wait) = self.wait.filter(|_| self.changed && !self.answered) else { return Poll::Ready(()) };
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(wait)));
        ready!(sleep.as_mut().poll(cx));
        // What came meanwhile is left where it is.
        let mut buffer = [0; 4 * HEADER];
        let mut waiting = ReadBuf::new(&mut buffer);
        if let Poll::Ready(Ok(_)) = self.stream.poll_peek(cx, &mut waiting) {
            let kinds = self.records.clone().pass(waiting.filled());
            self.see(&kinds);
        }
        self.answered = true;
        let _ = self.seen.set(false);
        Poll::Ready(())
    }
}

impl AsyncRead for Patient {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if self.wait.is_some() && !self.answered {
            let kinds = self.records.pass(buffer.filled().get(before..).unwrap_or_default());
            self.see(&kinds);
        }
        read
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_waited(cx));
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_seen_in_any_pieces() {
        let bytes = [22, 3, 3, 0, 2, 1, 1, 20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 0, 22, 3];
        for size in 1..=bytes.len() {
            let mut records = Records::default();
            let kinds: Vec<u8> = bytes.chunks(size).flat_map(|piece| records.pass(piece)).collect();
            assert_eq!((kinds, records.is_between()), (vec![22, 20, 23], false), "{size}");
        }
    }
}
