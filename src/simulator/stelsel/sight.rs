//! What is told of everything that comes in: requests with their answers, and connections. As it was, secrets included:
//! whoever is told keeps nothing of it but redacted.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::env::Env;
use crate::exchange;
use crate::exchange::Body;
use crate::exchange::Connection;
use crate::exchange::Interface;
use crate::pki;
use crate::probe::client_hello;
use crate::simulator::http::Received;
use crate::simulator::http::Reply;
use crate::simulator::met::Met;
use crate::simulator::met::Watch;

/// Something that came in.
#[derive(Clone, Debug)]
pub enum Sight {
    /// A request, with the answer that is about to be sent.
    Request(Box<Seen>),
    /// A connection; its scenario is for the listener to fill in.
    Connection(Box<Connection>),
}

/// A request with its answer.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The interface that it came to.
    pub interface: Interface,
    /// When it was whole.
    pub started: Timestamp,
    /// How long the answer took or takes.
    pub took: Duration,
    /// The request.
    pub request: exchange::Request,
    /// The answer; `None` when the connection is closed instead.
    pub response: Option<exchange::Response>,
    /// Whether a client certificate was shown.
    pub certificate: bool,
    /// The host names in it: the Common Name first.
    pub hosts: Vec<String>,
}

/// Is told of everything that comes in.
pub type Sink = Arc<dyn Fn(Sight) + Send + Sync>;

pub(in crate::simulator) fn tell(
    sink: &Sink,
    interface: Interface,
    started: Timestamp,
    took: Duration,
    received: &Received,
    reply: &Reply,
) {
    let host = received.header("host").unwrap_or_default();
    let query = if received.query.is_empty() { String::new() } else { format!("?{}", received.query) };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let request = exchange::Request {
        method: received.method.to_string(),
        url: format!("https://{host}{}{query}", received.path),
        headers: received.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
        body: Body::from_bytes(received.body.to_vec()),
    };
    let response = (!reply.closes).then(|| exchange::Response {
        status: reply.status,
        headers: reply.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        body: Body::from_bytes(reply.body.clone()),
    });
    let (certificate, hosts) = (received.certificate, received.hosts.to_vec());
    sink(Sight::Request(Box::new(Seen { interface, started, took, request, response, certificate, hosts })));
}

pub(in crate::simulator) fn watch(env: &Env, sink: &Sink, fronts: Vec<String>) -> Watch {
    let (env, sink) = (env.clone(), Arc::clone(sink));
    Arc::new(move |met: Met| {
        let (version, suite) = met.agreed.unzip();
        sink(Sight::Connection(Box::new(Connection {
            started: env.now(),
            is_back: !fronts.contains(&met.host),
            host: met.host,
            hello: client_hello::read(&met.first).unwrap_or_default(),
            handshake: met.handshake,
            alert: met.alert,
            version,
            suite,
            hasty: met.hasty,
            chain: met.chain.iter().map_while(|der| pki::facts(der).ok()).collect(),
            ..Connection::default()
        })));
    })
}
