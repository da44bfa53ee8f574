//! Sends one request and records it, redacted, with limits on time and size.

mod incoming;

use std::collections::BTreeSet;
use std::time::Duration;
use std::time::Instant;

use jiff::Timestamp;
use reqwest::Client;
use reqwest::Method;
use reqwest::Request;
use reqwest::header::HOST;
use reqwest::header::HeaderMap;
use url::Url;

use crate::env::Env;
use crate::exchange;
use crate::exchange::Actor;
use crate::exchange::Body;
use crate::exchange::Certificate;
use crate::exchange::CertificateFacts;
use crate::exchange::Exchange;
use crate::exchange::Failure;
use crate::exchange::FailureKind;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::Scope;
use crate::exchange::SecretKind;
use crate::exchange::Secrets;
use crate::exchange::TlsFacts;
use crate::runner::browser;
use crate::runner::browser::Submission;
use crate::runner::failure;
use crate::runner::leak;
use crate::runner::limits::Limits;
use crate::runner::pace::Pace;
use crate::runner::sender::origin;
use crate::runner::unpack::Packed;
use crate::runner::unpack::unpack;

pub use incoming::Raw;

/// Cookies and form fields shorter than this are no secrets but settings.
const SHORTEST_SECRET: usize = 8;
/// Without a digit, shorter ones are words.
const LONGEST_WORD: usize = 24;

/// Which part of the run an exchange belongs to.
#[derive(Clone, Debug)]
pub struct Label {
    /// Key of the scenario instance.
    pub scenario: String,
    /// Id of the step.
    pub step: String,
    /// The declared deviation.
    pub probe: Option<String>,
    /// The interface.
    pub interface: Interface,
    /// Who sends.
    pub actor: Actor,
    /// The certificate shown.
    pub certificate: Certificate,
}

impl Label {
    /// An exchange of this part that nothing came of yet.
    fn exchange(self, number: u32, started: Timestamp, request: exchange::Request) -> Exchange {
        Exchange {
            number,
            scenario: self.scenario,
            step: self.step,
            interface: self.interface,
            actor: self.actor,
            probe: self.probe,
            certificate: self.certificate,
            started,
            wait_ms: 0.0,
            total_ms: 0.0,
            request,
            response: None,
            failure: None,
            forward: None,
            tls: None,
        }
    }
}

/// An answer as the runner needs it: not redacted, never kept.
#[derive(Debug, Default)]
pub struct Answer {
    /// Status, when one came.
    pub status: Option<u16>,
    /// The body as text, when it is text.
    pub text: String,
    /// Where the browser is sent on to.
    pub forward: Option<Url>,
    /// The request that takes it there.
    pub next: Option<Submission>,
    /// Why no whole answer came.
    pub failure: Option<Failure>,
    /// The address that was asked.
    pub url: Option<Url>,
    /// Whether it is about our pace alone, also after we waited.
    pub asks_for_patience: bool,
}

/// Records exchanges in order.
pub struct Recorder {
    /// The secrets of the run.
    pub secrets: Secrets,
    /// What was recorded since it was last taken.
    pub exchanges: Vec<Exchange>,
    /// The clock and random source.
    pub env: Env,
    /// What a candidate may take.
    pub limits: Limits,
    /// Bytes of bodies that were taken so far.
    taken: usize,
    /// Whether something was left out for lack of room.
    is_full: bool,
    count: u32,
    /// Values of authorization requests: what comes back of them is no secret of the candidate.
    own: BTreeSet<String>,
    /// Names with their port that `[trust.connect]` leads elsewhere.
    led: BTreeSet<String>,
}

impl Recorder {
    /// A recorder for one run.
    pub fn new(env: Env, limits: Limits) -> Self {
        Self {
            secrets: Secrets::default(),
            exchanges: Vec::new(),
            env,
            limits,
            taken: 0,
            is_full: false,
            count: 0,
            own: BTreeSet::new(),
            led: BTreeSet::new(),
        }
    }

    /// Goes on after what was recorded before: numbers and placeholders that are taken there are not given again.
    /// What came in since it was made is dropped: it was named without knowing them.
    pub fn go_on(&mut self, earlier: &Run) {
        if earlier.secrets.is_empty() && earlier.traces.is_empty() {
            return;
        }
        self.exchanges.clear();
        self.secrets = Secrets::default();
        self.secrets.go_on(&earlier.secrets);
        self.count += earlier.exchanges().map(|exchange| exchange.number).max().unwrap_or(0);
    }

    /// The same, where `[trust.connect]` leads these names with their port elsewhere.
    pub fn leading(self, names: impl IntoIterator<Item = String>) -> Self {
        Self { led: names.into_iter().collect(), ..self }
    }

    /// Sends a request and records what came of it. When the candidate asks for patience it is sent again later; each attempt
    /// is recorded.
    pub async fn send(
        &mut self,
        client: &Client,
        request: Request,
        label: Label,
        chain: impl Fn() -> Vec<CertificateFacts>,
    ) -> Answer {
        let mut pace = Pace::new(self.limits.patience);
        let mut request = request;
        loop {
            let again = request.try_clone();
            let answer = self.send_once(client, request, label.clone(), &chain).await;
            let asks = self.exchanges.last().filter(|exchange| exchange.asks_for_patience());
            let retry_after = asks.and_then(|exchange| exchange.response.as_ref()?.header("retry-after"));
            let wait = asks.and_then(|_| pace.wait(retry_after, self.env.now()));
            match (wait, again) {
                (Some(wait), Some(again)) => {
                    tokio::time::sleep(wait).await;
                    request = again;
                }
                _ => return Answer { asks_for_patience: asks.is_some(), ..answer },
            }
        }
    }

    async fn send_once(
        &mut self,
        client: &Client,
        request: Request,
        label: Label,
        chain: impl Fn() -> Vec<CertificateFacts>,
    ) -> Answer {
        let started = self.env.now();
        let (clock, ahead) = (Instant::now(), self.env.ahead());
        let url = request.url().clone();
        if label.interface == Interface::Authorization {
            self.own.extend(request.url().query_pairs().map(|(_, value)| value.into_owned()));
            let form = request.body().and_then(reqwest::Body::as_bytes).unwrap_or(&[]);
            self.own.extend(url::form_urlencoded::parse(form).map(|(_, value)| value.into_owned()));
        }
        let sent = self.request(&request, label.interface);
        let request = if self.led.contains(&origin(&url)) { by_name(request) } else { request };
        let is_resource = label.interface == Interface::Resource;
        let deadline = if is_resource { self.limits.resource } else { self.limits.other };
        let most = self.limits.body.min(self.limits.run.saturating_sub(self.taken));
        let received = receive_within(client, request, deadline, most).await;
        // A counterpart of our own that takes its time moves the clock instead.
        let moved = milliseconds(self.env.ahead().saturating_sub(ahead));
        let total_ms = milliseconds(clock.elapsed()) + moved;
        let Received { status, wait_ms, headers, mut body, failure } = received;
        if failure.is_some() {
            body.truncate(self.limits.kept);
        }
        self.taken += body.len();
        let text = String::from_utf8_lossy(&body).into_owned();
        let is_front = matches!(label.interface, Interface::Authorization | Interface::Page);
        let next = if is_front { browser::forward(&url, status, &headers, &text) } else { None };
        let forward = next.as_ref().map(Submission::as_url);
        self.learn(&label, &headers, &text, forward.as_ref());
        self.count += 1;
        let response = status.map(|status| exchange::Response {
            status,
            headers: self.redacted_headers(&headers, label.interface),
            body: self.redact_body(body, label.interface),
        });
        let chain = chain();
        let facts = TlsFacts { chain, ..Default::default() };
        self.exchanges.push(Exchange {
            wait_ms: wait_ms.map_or(total_ms, |waited| waited + moved),
            total_ms,
            response,
            failure: failure.clone(),
            forward: forward.as_ref().map(|url| self.secrets.redact(url.as_str(), Scope::Flow)),
            tls: (!facts.chain.is_empty()).then_some(facts),
            ..label.exchange(self.count, started, sent)
        });
        Answer { status, text, forward, next, failure, url: Some(url), asks_for_patience: false }
    }

    /// Records a visit that a person made: the address asked, and where the browser ended.
    pub fn visited(&mut self, url: &Url, ended: Option<&Url>, label: Label) -> Answer {
        let started = self.env.now();
        self.learn(&label, &[], "", ended);
        self.count += 1;
        let request = exchange::Request {
            method: "GET".into(),
            url: self.secrets.redact(url.as_str(), Scope::Flow),
            ..Default::default()
        };
        let forward = ended.map(|url| self.secrets.redact(url.as_str(), Scope::Flow));
        self.exchanges.push(Exchange { forward, ..label.exchange(self.count, started, request) });
        Answer { forward: ended.cloned(), url: Some(url.clone()), ..Default::default() }
    }

    fn request(&mut self, request: &Request, interface: Interface) -> exchange::Request {
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or(&[]);
        let sent = exchange::Request {
            method: request.method().to_string(),
            url: request.url().to_string(),
            headers: pairs(request.headers()),
            body: Body::from_bytes(body.to_vec()),
        };
        self.redacted_request(&sent, interface)
    }

    fn redacted_headers(&mut self, headers: &[(String, String)], interface: Interface) -> Vec<(String, String)> {
        let one = |(name, value): &(String, String)| {
            let scope = of_header(name, interface);
            (self.secrets.redact(name, scope), self.secrets.redact(value, scope))
        };
        headers.iter().map(one).collect()
    }

    fn redacted_request(&mut self, request: &exchange::Request, interface: Interface) -> exchange::Request {
        let scope = scope(interface);
        exchange::Request {
            method: request.method.clone(),
            url: self.secrets.redact(&request.url, scope),
            headers: self.redacted_headers(&request.headers, interface),
            body: match &request.body {
                Body::Text(text) => Body::Text(self.secrets.redact(text, scope)),
                Body::Bytes(bytes) => Body::Bytes(self.secrets.mask(bytes.clone())),
                Body::Empty => Body::Empty,
            },
        }
    }

    fn redact_body(&mut self, body: Vec<u8>, interface: Interface) -> Body {
        let scope = if interface == Interface::Resource { Scope::Content } else { scope(interface) };
        match Body::from_bytes(body) {
            Body::Text(text) => Body::Text(self.secrets.redact(&text, scope)),
            Body::Bytes(bytes) => Body::Bytes(self.secrets.mask(bytes)),
            Body::Empty => Body::Empty,
        }
    }

    /// Takes up the secrets that an answer brings, before anything of it is kept.
    fn learn(&mut self, label: &Label, headers: &[(String, String)], text: &str, forward: Option<&Url>) {
        for (_, value) in headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
            let pair = value.split(';').next().unwrap_or("");
            if let Some((_, value)) = pair.split_once('=')
                && looks_secret(value)
                && !self.own.contains(value)
            {
                self.secrets.add(SecretKind::Cookie, value);
            }
        }
        if let Some(url) = forward {
            let fragment = url.fragment().unwrap_or("").as_bytes().to_vec();
            let parameters = url.query_pairs().chain(url::form_urlencoded::parse(&fragment));
            for (name, value) in parameters.filter(|(_, value)| !value.is_empty()) {
                match &*name {
                    "code" => drop(self.secrets.issued(SecretKind::Code, &value)),
                    "access_token" => drop(self.secrets.issued(SecretKind::AccessToken, &value)),
                    _ => {}
                }
            }
        }
        // A message that is cut or written in another way than it should holds its secrets all the same.
        let head = headers.iter().map(|(_, value)| value.as_str());
        if label.interface != Interface::Resource {
            for (kind, value) in head.chain([text]).flat_map(leak::secrets_in) {
                self.secrets.add(kind, &value);
            }
        }
        match label.interface {
            Interface::Token => {
                let json: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
                for (name, kind) in
                    [("access_token", SecretKind::AccessToken), ("refresh_token", SecretKind::RefreshToken)]
                {
                    if let Some(value) =
                        json.get(name).and_then(|value| value.as_str()).filter(|value| !value.is_empty())
                    {
                        self.secrets.issued(kind, value);
                    }
                }
            }
            Interface::Authorization | Interface::Page => {
                for value in browser::hidden_fields(text)
                    .iter()
                    .filter(|value| looks_secret(value) && !self.own.contains(*value))
                {
                    self.secrets.add(SecretKind::FormField, value);
                }
            }
            Interface::Resource | Interface::List | Interface::Client => {}
        }
    }
}

/// What may be replaced in a message of this interface, bodies of resources apart.
fn scope(interface: Interface) -> Scope {
    match interface {
        Interface::Authorization | Interface::Page | Interface::Client => Scope::Flow,
        Interface::Token | Interface::Resource | Interface::List => Scope::Back,
    }
}

/// The same for a header: cookies are secrets everywhere.
fn of_header(name: &str, interface: Interface) -> Scope {
    let is_cookie = name.eq_ignore_ascii_case("cookie") || name.eq_ignore_ascii_case("set-cookie");
    if is_cookie { Scope::Flow } else { scope(interface) }
}

/// Whether the value of a cookie or hidden field may be worth anything: no word, and no address.
fn looks_secret(value: &str) -> bool {
    let is_address = value.contains("://") || value.starts_with('/');
    // `unsupported_response_type` is one as well.
    let is_name = value.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-' | b'.'));
    let is_word = is_name || value.len() < LONGEST_WORD && !value.bytes().any(|byte| byte.is_ascii_digit());
    value.len() >= SHORTEST_SECRET && !is_address && !is_word && !value.contains(char::is_whitespace)
}

/// What came of a request, as far as it came.
#[derive(Debug, Default)]
pub struct Received {
    /// Status, when one came.
    pub status: Option<u16>,
    wait_ms: Option<f64>,
    /// Headers of the answer.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Why it is not whole.
    pub failure: Option<Failure>,
}

/// A request whose address tells no port: the client would go to the port of the address, and not to where the name is led.
/// The server still reads the port, in `Host`.
fn by_name(mut request: Request) -> Request {
    let url = request.url();
    let host = url.host_str().zip(url.port()).and_then(|(host, port)| format!("{host}:{port}").parse().ok());
    if let Some(host) = host
        && request.url_mut().set_port(None).is_ok()
    {
        request.headers_mut().insert(HOST, host);
    }
    request
}

/// Sends a request and gives what came of it within a time, unpacked, and no more of a body than so many bytes.
pub async fn receive_within(client: &Client, request: Request, patience: Duration, most: usize) -> Received {
    let mut received = Received::default();
    let receiving = receive(client, request, Instant::now(), most, &mut received);
    if tokio::time::timeout(patience, receiving).await.is_err() {
        // What came before the deadline stays as evidence.
        received.failure = Some(timeout(patience));
    }
    let Received { status, wait_ms, headers, body, failure } = received;
    let (body, failure) = opened(&headers, body, failure, most);
    Received { status, wait_ms, headers, body, failure }
}

/// Receives into `received`, so that a deadline costs nothing of what came before it.
async fn receive(client: &Client, request: Request, clock: Instant, most: usize, received: &mut Received) {
    // A server may close a kept connection at the moment that a request goes out on it (RFC 9112, 9.3.1, which lets a
    // client repeat an idempotent request). That is nobody's fault, so a GET is sent once more.
    let again = if request.method() == Method::GET { request.try_clone() } else { None };
    let sent = match (client.execute(request).await, again) {
        (Err(error), Some(again)) if failure::of(&error).kind == FailureKind::Closed => client.execute(again).await,
        (sent, _) => sent,
    };
    let mut response = match sent {
        Ok(response) => response,
        Err(error) => return received.failure = Some(failure::of(&error)),
    };
    received.wait_ms = Some(milliseconds(clock.elapsed()));
    received.status = Some(response.status().as_u16());
    received.headers = pairs(response.headers());
    loop {
        match response.chunk().await {
            Ok(None) => return,
            Ok(Some(chunk)) if received.body.len() + chunk.len() > most => {
                let detail = format!("more than {most} bytes");
                received.failure = Some(Failure { kind: FailureKind::TooLarge, detail });
                return;
            }
            Ok(Some(chunk)) => received.body.extend_from_slice(&chunk),
            Err(error) => {
                // The status line came, so the answer was begun and not finished.
                let detail = failure::of(&error).detail;
                received.failure = Some(Failure { kind: FailureKind::Truncated, detail });
                return;
            }
        }
    }
}

/// The body without its content codings. What cannot be opened is not kept: nobody can tell which secrets are in it.
fn opened(
    headers: &[(String, String)],
    body: Vec<u8>,
    failure: Option<Failure>,
    most: usize,
) -> (Vec<u8>, Option<Failure>) {
    match unpack(headers, body, most) {
        Ok(body) => (body, failure),
        Err(Packed::Unknown(_)) => (Vec::new(), failure),
        Err(Packed::Damaged(coding)) => {
            let detail = format!("a body that is no whole `{coding}`, as its Content-Encoding says");
            (Vec::new(), failure.or(Some(Failure { kind: FailureKind::Truncated, detail })))
        }
        Err(Packed::TooLarge) => {
            let detail = format!("more than {most} bytes when unpacked");
            (Vec::new(), failure.or(Some(Failure { kind: FailureKind::TooLarge, detail })))
        }
    }
}

fn timeout(deadline: Duration) -> Failure {
    Failure { kind: FailureKind::Timeout, detail: format!("no whole answer within {} s", deadline.as_secs()) }
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_addresses_are_no_secrets() {
        for word in ["aanmelden", "unsupported_response_type", "https://pgo.example/cb", "/authorize?x=1", "nl-NL", "1"]
        {
            assert!(!looks_secret(word), "{word}");
        }
        for secret in ["9f3c5a77", "PHNhbWxwOlJlc3BvbnNlIHhtbG5zOnNhbWxw", "a1B2c3D4e5F6g7H8"] {
            assert!(looks_secret(secret), "{secret}");
        }
    }
}
