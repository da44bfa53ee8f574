//! A plain HTTP server on loopback for the page of one's own tester. What stands there is given by a handler.
//!
//! It answers to its own name only, so that no other page can reach it by a name of its own. Entry point: [`open`].

use std::io;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use http_body_util::Full;
use http_body_util::Limited;
use hyper::Method;
use hyper::Request;
use hyper::Response;
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::simulator::accepted;

/// Largest form, in bytes.
const LARGEST: usize = 64 << 10;

/// Time for the head and for the body of a request.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the tester's browser asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Whether a form was sent.
    pub is_post: bool,
    /// The path.
    pub path: String,
    /// Fields of the form.
    pub fields: Vec<(String, String)>,
}

/// What it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A page.
    Page(String),
    /// Another page of ours to go to.
    See(&'static str),
    /// Nothing, with this status.
    Status(u16),
}

/// Gives the pages.
pub type Pages = Arc<dyn Fn(&Asked) -> Shown + Send + Sync>;

/// A page that is served until it is closed or dropped.
pub struct Desk {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Opens it; any free port when `None`.
///
/// # Errors
/// When the port is taken.
pub async fn open(port: Option<u16>, pages: Pages) -> io::Result<Desk> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(serve(listener, address.port(), pages, stopped));
    Ok(Desk { address, stop, task })
}

impl Desk {
    /// The address for a browser.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Closes it.
    pub async fn close(self) {
        // No receiver is left when the task ended already.
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

async fn serve(listener: TcpListener, port: u16, pages: Pages, mut stop: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let stream = tokio::select! {
            stream = accepted(&listener) => stream,
            _ = stop.changed() => return,
        };
        let pages = Arc::clone(&pages);
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let pages = Arc::clone(&pages);
                async move { Ok::<_, std::convert::Infallible>(answer(request, port, &pages).await) }
            });
            let mut builder = http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
            // Whatever the browser does wrong ends its connection and no other.
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(request: Request<Incoming>, port: u16, pages: &Pages) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let host = head.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    if ![format!("127.0.0.1:{port}"), format!("localhost:{port}")].iter().any(|own| own == host) {
        return respond(Shown::Status(421));
    }
    let is_post = match head.method {
        Method::GET => false,
        Method::POST => true,
        _ => return respond(Shown::Status(405)),
    };
    let fields = match timeout(PATIENCE, Limited::new(body, LARGEST).collect()).await {
        Ok(Ok(collected)) => {
            let bytes = collected.to_bytes();
            url::form_urlencoded::parse(&bytes).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
        }
        _ => return respond(Shown::Status(400)),
    };
    respond(pages(&Asked { is_post, path: head.uri.path().to_owned(), fields }))
}

fn respond(shown: Shown) -> Response<Full<Bytes>> {
    let (status, html, see) = match shown {
        Shown::Page(html) => (200, html, None),
        Shown::See(path) => (303, String::new(), Some(path)),
        Shown::Status(status) => (status, String::new(), None),
    };
    let mut response = Response::new(Full::new(Bytes::from(html)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        (
            "content-security-policy",
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(path) = see {
        headers.insert("location", HeaderValue::from_static(path));
    }
    response
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpStream;

    use super::*;

    async fn ask(address: SocketAddr, host: &str, request: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let length = body.len();
        let text = format!(
            "{request} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn it_answers_to_its_own_name_alone() {
        let pages: Pages = Arc::new(|asked| match (asked.is_post, asked.path.as_str()) {
            (false, "/") => Shown::Page("<p>hallo</p>".to_owned()),
            (true, "/start") if asked.fields == [("key".to_owned(), "a b".to_owned())] => Shown::See("/"),
            _ => Shown::Status(404),
        });
        let desk = open(None, pages).await.unwrap();
        let (address, own) = (desk.address, desk.address.to_string());
        let page = ask(address, &own, "GET /", "").await;
        assert!(page.starts_with("HTTP/1.1 200") && page.ends_with("<p>hallo</p>"), "{page}");
        assert!(ask(address, "kwaad.example", "GET /", "").await.starts_with("HTTP/1.1 421"));
        assert!(ask(address, &own, "DELETE /", "").await.starts_with("HTTP/1.1 405"));
        assert!(ask(address, &own, "POST /start", "key=a+b").await.contains("location: /\r\n"));
        assert!(ask(address, &own, "POST /start", &"x".repeat(100_000)).await.starts_with("HTTP/1.1 400"));
        desk.close().await;
        assert!(TcpStream::connect(address).await.is_err());
    }
}
