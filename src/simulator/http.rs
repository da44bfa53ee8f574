//! HTTP/1.1 over TLS on a loopback socket, with limits on everything that a peer can make large or slow.
//!
//! Knows nothing of what is asked: a handler gives the [`Reply`]. Entry point: [`serve`].

use std::convert::Infallible;
use std::future::ready;
use std::io;
use std::io::Read;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::OnceLock;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;
use std::time::Instant;

use http_body_util::BodyExt;
use http_body_util::Limited;
use hyper::HeaderMap;
use hyper::Method;
use hyper::StatusCode;
use hyper::body::Body;
use hyper::body::Bytes;
use hyper::body::Frame;
use hyper::body::Incoming;
use hyper::body::SizeHint;
use hyper::header::HeaderName;
use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use rustls::ServerConfig;
use rustls::server::Acceptor;
use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;

use crate::pki;
use crate::probe::client_hello;
use crate::simulator::dva::shim::Act;
use crate::simulator::dva::shim::Shim;
use crate::simulator::met;
use crate::simulator::met::Met;
use crate::simulator::met::Watch;
use crate::simulator::old_version;
use crate::simulator::old_version::Old;
use crate::simulator::patient::Patient;
use crate::simulator::patient::Tries;

/// Connections at a time on one listener; more wait.
const CONNECTIONS: usize = 256;

/// With fewer places left a connection is not kept after an answer: who idles keeps nobody else out.
const CROWDED: usize = CONNECTIONS / 2;

/// Time for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Time for the head of a request, also how long a connection may idle.
const HEAD: Duration = Duration::from_secs(30);

/// Time for the body of a request.
const BODY: Duration = Duration::from_secs(10);

/// Largest body of a request, in bytes: 64 KiB.
const BODY_BYTES: usize = 64 << 10;

/// The same for a client that shows a certificate and may share documents, in bytes: 8 MiB.
const DOCUMENT_BYTES: usize = 8 << 20;

/// Largest head of a request, in bytes: 64 KiB.
const HEAD_BYTES: usize = 64 << 10;

/// Most headers of a request.
const HEADERS: usize = 64;

/// A whole request.
pub(super) struct Received {
    pub(super) method: Method,
    /// Path, as it was sent.
    pub(super) path: String,
    /// Query without its question mark, as it was sent.
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Whether the client showed a certificate (one that the listener accepts).
    pub(super) certificate: bool,
    /// The host names in it: the Common Name first, then the Subject Alternative Names.
    pub(super) hosts: Arc<[String]>,
    /// The address of ours that it came to.
    pub(super) local: Option<SocketAddr>,
}

impl Received {
    /// A header, when it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A cookie by name.
    pub(super) fn cookie(&self, name: &str) -> Option<&str> {
        let cookies = self.header("cookie")?.split(';');
        cookies.filter_map(|cookie| cookie.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The parameters of the query, decoded, in order.
    pub(super) fn parameters(&self) -> Vec<(String, String)> {
        form(self.query.as_bytes())
    }

    /// The fields of a form body, decoded, in order.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        form(&self.body)
    }
}

/// An answer.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    /// Whether the connection is closed instead.
    pub(super) closes: bool,
    /// How long it is kept back.
    pub(super) later: Duration,
}

impl Reply {
    /// An answer with a body of this media type.
    pub(super) fn new(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type", media_type.to_owned())],
            body: body.into(),
            ..Self::empty(status)
        }
    }

    /// An answer without a body.
    pub(super) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), closes: false, later: Duration::ZERO }
    }

    /// No answer: the connection is closed.
    pub(super) fn none() -> Self {
        Self { closes: true, ..Self::empty(403) }
    }

    /// The same with one more header.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// How answers are put on the line.
#[derive(Clone, Copy, Default)]
pub(super) struct Form {
    /// Whether names of headers begin with capitals.
    pub(super) title_case: bool,
    /// Whether bodies come in chunks.
    pub(super) chunked: bool,
}

/// Answers requests, in its own time.
pub(super) type Handler = Arc<dyn Fn(Received) -> Pin<Box<dyn Future<Output = Reply> + Send>> + Send + Sync>;

/// A handler that has its answer ready.
pub(super) fn at_once(answer: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Handler {
    Arc::new(move |received| Box::pin(ready(answer(&received))))
}

/// Chooses the TLS settings by the host name that the client asks for (SNI).
/// The flag asks for the older of the versions.
pub(super) type Choice = Arc<dyn Fn(Option<&str>, bool) -> Arc<ServerConfig> + Send + Sync>;

/// The TLS side of a listener.
#[derive(Clone)]
pub(super) struct Secured {
    /// The settings.
    pub(super) choice: Choice,
    /// What it does that rustls does not.
    pub(super) shim: Option<Arc<Shim>>,
    /// Who is told of every connection.
    pub(super) watch: Option<Watch>,
    /// Which clients are to speak TLS 1.2, and are looked at for data that they send too early.
    pub(super) tries: Option<Tries>,
    /// Whom it answers in TLS 1.1.
    pub(super) old: Option<Old>,
}

/// How long a handshake is kept back to see what the client does: one on this machine, and any other.
const MOMENT: Duration = Duration::from_millis(30);
const LONGER: Duration = Duration::from_millis(500);

/// Serves until `stop` changes or its sender is gone; then open connections are closed.
pub(super) async fn serve(
    listener: TcpListener,
    secured: Secured,
    handler: Handler,
    form: Form,
    mut stop: watch::Receiver<bool>,
) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let next = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (permit, accepted(&listener).await)
        };
        let (permit, stream) = tokio::select! {
            next = next => next,
            _ = stop.changed() => return,
        };
        let (secured, handler) = (secured.clone(), Arc::clone(&handler));
        let places = Arc::clone(&permits);
        connections.spawn(async move {
            converse(stream, secured, handler, form, &places).await;
            drop(permit);
        });
    }
}

/// The next connection.
pub async fn accepted(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            // No file descriptor, or the peer is gone already: let others finish first.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// One connection; whatever the peer does wrong ends it.
async fn converse(mut stream: TcpStream, secured: Secured, handler: Handler, form: Form, places: &Arc<Semaphore>) {
    let _ = stream.set_nodelay(true);
    let local = stream.local_addr().ok();
    let mut lower = false;
    let mut first = Vec::new();
    if secured.shim.is_some() || secured.watch.is_some() {
        let Ok(record) = timeout(HANDSHAKE, first_record(&stream)).await else { return };
        first = record;
    }
    if let Some(shim) = &secured.shim {
        match shim.act(&first) {
            Act::Pass { lower: asked } => lower = asked,
            Act::Say(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                // What the peer sent is read, or the answer is lost with the connection.
                let _ = timeout(HANDSHAKE, stream.read_to_end(&mut Vec::new())).await;
                return;
            }
        }
    }
    if let Some((old, watch)) = secured.old.as_ref().zip(secured.watch.as_ref()) {
        let host = client_hello::server_name(&first).unwrap_or_default();
        if let Some(certificate) = old(&host) {
            watch(old_version::answer(&mut stream, first, host, &certificate).await);
            return;
        }
    }
    let tries = secured.tries.as_ref().filter(|tries| tries.take(&first));
    lower |= tries.is_some();
    let near = stream.peer_addr().is_ok_and(|address| address.ip().is_loopback());
    let hasty: Arc<OnceLock<bool>> = Arc::default();
    let stream = Patient::new(stream, tries.map(|_| if near { MOMENT } else { LONGER }), Arc::clone(&hasty));
    let (mut host, mut answered) = (String::new(), Instant::now());
    let handshake = async {
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        host = start.client_hello().server_name().unwrap_or_default().to_owned();
        let config = (secured.choice)(start.client_hello().server_name(), lower);
        answered = Instant::now();
        start.into_stream(config).await
    };
    let mut shaken = timeout(HANDSHAKE, handshake).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    if let Some(tries) = tries.filter(|_| hasty.get().is_some()) {
        tries.end();
    }
    if let Some(watch) = &secured.watch {
        watch(Met { hasty: hasty.get().copied(), ..met::tell(first, host, &mut shaken, answered).await });
    }
    let Ok(mut stream) = shaken else { return };
    let leaf = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let shown: Option<Arc<[String]>> = leaf.map(|leaf| pki::hosts(leaf).into());
    let mut early = Vec::new();
    if let Some(mut data) = stream.get_mut().1.early_data() {
        // What is not whole is cut off as it would be later.
        let _ = data.read_to_end(&mut early);
    }
    let peer = Peer { shown, local };
    if early.is_empty() {
        return speak(stream, peer, handler, form, places).await;
    }
    let (read, write) = tokio::io::split(stream);
    speak(tokio::io::join(AsyncReadExt::chain(io::Cursor::new(early), read), write), peer, handler, form, places).await;
}

/// The requests of a connection.
async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    handler: Handler,
    form: Form,
    places: &Arc<Semaphore>,
) {
    let places = Arc::clone(places);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (handler, peer, places) = (Arc::clone(&handler), peer.clone(), Arc::clone(&places));
        async move {
            let mut answered = answer(request, peer, &handler, form).await;
            if let Ok(response) = &mut answered
                && places.available_permits() < CROWDED
            {
                response.headers_mut().insert("connection", HeaderValue::from_static("close"));
            }
            answered
        }
    });
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_headers(HEADERS)
        .max_buf_size(HEAD_BYTES)
        .title_case_headers(form.title_case)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// The first record of a connection, or what there is of it, left where it is.
async fn first_record(stream: &TcpStream) -> Vec<u8> {
    let mut buffer = vec![0; 4096];
    let mut known = 0;
    for _ in 0..100 {
        let Ok(count) = stream.peek(&mut buffer).await else { return Vec::new() };
        let bytes = buffer.get(..count).unwrap_or_default();
        let whole = match bytes {
            [22, _, _, high, low, ..] => count >= 5 + usize::from(*high) * 256 + usize::from(*low),
            [22, ..] => false,
            _ => count >= 4 || count == 0,
        };
        if whole || count == buffer.len() {
            return bytes.to_vec();
        }
        if count == known {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        known = count;
    }
    buffer
}

/// Whom a connection is with.
#[derive(Clone)]
struct Peer {
    /// The host names in the client's certificate, when it showed one.
    shown: Option<Arc<[String]>>,
    /// The address of ours that it came to.
    local: Option<SocketAddr>,
}

async fn answer(
    request: hyper::Request<Incoming>,
    peer: Peer,
    handler: &Handler,
    form: Form,
) -> io::Result<hyper::Response<Content>> {
    let (head, body) = request.into_parts();
    let most = if peer.shown.is_some() { DOCUMENT_BYTES } else { BODY_BYTES };
    let body = match timeout(BODY, Limited::new(body, most).collect()).await {
        Ok(Ok(collected)) => collected.to_bytes(),
        Ok(Err(_)) => return respond(Reply::empty(413).with("connection", "close"), form),
        Err(_) => return respond(Reply::empty(408).with("connection", "close"), form),
    };
    let reply = handler(Received {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or("").to_owned(),
        headers: head.headers,
        body,
        certificate: peer.shown.is_some(),
        hosts: peer.shown.unwrap_or_default(),
        local: peer.local,
    })
    .await;
    tokio::time::sleep(reply.later).await;
    respond(reply, form)
}

/// # Errors
/// A reply that is none: the connection is closed then.
fn respond(reply: Reply, form: Form) -> io::Result<hyper::Response<Content>> {
    if reply.closes {
        return Err(io::ErrorKind::ConnectionAborted.into());
    }
    let mut response = hyper::Response::new(Content { rest: Bytes::from(reply.body), chunked: form.chunked });
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        // A value with a line feed could only come from a request; it is left out rather than split.
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    Ok(response)
}

/// Size of a chunk, in bytes: small, so that there are several.
const CHUNK: usize = 1000;

/// The body of an answer, whole or in chunks.
struct Content {
    rest: Bytes,
    chunked: bool,
}

impl Body for Content {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let size = if self.chunked { CHUNK.min(self.rest.len()) } else { self.rest.len() };
        let part = self.rest.split_to(size);
        Poll::Ready(Some(Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        if self.chunked && !self.rest.is_empty() {
            SizeHint::default()
        } else {
            SizeHint::with_exact(self.rest.len() as u64)
        }
    }
}

fn form(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}
