//! What was sent and received: the evidence that every verdict is built on.
//!
//! An [`Exchange`] is one request with its outcome, already redacted; a [`Trace`] is all of one scenario; a [`Run`] is all
//! scenarios. Rules and expectations see nothing else, live and when a saved run is judged again. Knows no network and no
//! verdicts. Entry points: [`Run`], [`Secrets`] for redaction at capture, [`har`] for the file.

mod connection;
pub mod foreign;
pub mod har;
pub mod lines;
mod message;
mod needles;
mod node;
mod scan;
mod secrets;

pub use connection::Connection;
pub use connection::Handshake;
pub use connection::Hello;
pub use message::Body;
pub use message::Request;
pub use message::Response;
pub use node::NodeWatch;
pub use node::Stretch;
pub use scan::Accepted;
pub use scan::DhPrime;
pub use scan::TlsScan;
pub use scan::Undecided;
pub use scan::VersionScan;
pub use secrets::Scope;
pub use secrets::SecretFacts;
pub use secrets::SecretKind;
pub use secrets::Secrets;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// The interface of the Afsprakenstelsel that an exchange belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Interface {
    /// Authorization interface: the authorization request itself.
    Authorization,
    /// A page of the Authorization Server or its login that the browser visits after it.
    Page,
    /// Token interface.
    Token,
    /// Resource interface (also `metadata` and Binary).
    Resource,
    /// List interface of the stelselnode.
    List,
    /// The DVP's own pages: where the person begins, and where the browser comes back.
    Client,
}

/// Who sent the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Actor {
    /// The DVP Server.
    Dvp,
    /// The person's browser (User Agent).
    UserAgent,
    /// The DVA's nodes.
    Dva,
}

/// The certificate that the sender showed.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Certificate {
    /// None: the front channel, or a probe.
    #[default]
    None,
    /// The one that the candidate knows us by.
    Own,
    /// Another, by its standing.
    Other(String),
}

/// Facts of the TLS connection that carried an exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TlsFacts {
    /// Protocol version as rustls names it, such as `TLSv1_3`.
    pub version: Option<String>,
    /// Cipher suite as IANA names it.
    pub cipher_suite: Option<String>,
    /// The certificates of the server, leaf first.
    pub chain: Vec<CertificateFacts>,
}

/// Facts of one certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CertificateFacts {
    /// Subject as RFC 4514 text.
    pub subject: String,
    /// Issuer as RFC 4514 text.
    pub issuer: String,
    /// DNS names and IP addresses of the Subject Alternative Name.
    pub names: Vec<String>,
    /// Start of validity, seconds since 1970.
    pub not_before: i64,
    /// End of validity, seconds since 1970.
    pub not_after: i64,
    /// Public key, such as `EC P-256` or `RSA 2048`.
    pub key: String,
    /// Algorithm of the issuer's signature, such as `sha256WithRSAEncryption`.
    pub signature: String,
    /// SHA-256 of the certificate in hexadecimal.
    pub sha256: String,
    /// What the key may do, as RFC 5280, section 4.2.1.3, names it (`digitalSignature`); `None`: the certificate does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_usage: Option<Vec<String>>,
    /// What the certificate is for, as RFC 5280, section 4.2.1.12, names it (`serverAuth`); `None`: it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purposes: Option<Vec<String>>,
    /// Object identifiers of its policies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
    /// Where its revocation can be asked: addresses of OCSP and of revocation lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub revocation: Vec<String>,
}

/// Why no whole answer came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// The kind.
    pub kind: FailureKind,
    /// What the network library said.
    pub detail: String,
}

/// Kinds of failed exchange. What the candidate did among them is for rules to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum FailureKind {
    /// The host name has no address.
    Unresolved,
    /// Nobody listens there, or the connection was refused.
    Refused,
    /// The TLS handshake failed at the other side: it sent an alert.
    TlsAlert,
    /// Its certificate does not hold: another host, expired, damaged.
    UntrustedCertificate,
    /// Its certificate is of an issuer that the candidate file does not name: its fault or the file's.
    UnknownIssuer,
    /// Other TLS trouble.
    Tls,
    /// The connection was closed or reset before an answer.
    Closed,
    /// The answer stopped before its end.
    Truncated,
    /// No whole answer in time.
    Timeout,
    /// The answer is larger than we take.
    TooLarge,
    /// What came is not HTTP.
    NotHttp,
    /// The harness could not send: its own fault or the file's.
    Ours,
}

impl FailureKind {
    /// Whether nobody can tell whose doing it is: our network, the candidate file, or the other side.
    pub fn is_undecided(self) -> bool {
        matches!(self, Self::Unresolved | Self::UnknownIssuer | Self::Ours)
    }

    /// Whether the other side turned the request away, or may have: never an error of the harness.
    pub fn is_refusal(self) -> bool {
        matches!(self, Self::Refused | Self::TlsAlert | Self::Closed | Self::Tls)
    }
}

/// One request and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// Number in the run, from 1 in order of sending.
    pub number: u32,
    /// Key of the scenario instance it belongs to.
    pub scenario: String,
    /// Id of the step that sent it.
    pub step: String,
    /// The interface.
    pub interface: Interface,
    /// Who sent it.
    pub actor: Actor,
    /// The declared deviation, when the request (or the flow it belongs to) is a probe.
    pub probe: Option<String>,
    /// The certificate shown by the sender.
    pub certificate: Certificate,
    /// When it was sent.
    pub started: Timestamp,
    /// Milliseconds until the status line.
    pub wait_ms: f64,
    /// Milliseconds until the last byte.
    pub total_ms: f64,
    /// The request.
    pub request: Request,
    /// The answer, as far as it came.
    pub response: Option<Response>,
    /// Why no whole answer came.
    pub failure: Option<Failure>,
    /// Absolute URL that the answer sends the browser on to: a redirect of any kind, or a page that forwards by itself.
    pub forward: Option<String>,
    /// The connection.
    pub tls: Option<TlsFacts>,
}

impl Exchange {
    /// Status of the answer.
    pub fn status(&self) -> Option<u16> {
        self.response.as_ref().map(|response| response.status)
    }

    /// Whether the answer is about our pace alone: `429 Too Many Requests`, or 503 with `Retry-After`. It tells nothing of
    /// what the candidate does with the request.
    pub fn asks_for_patience(&self) -> bool {
        match self.status() {
            Some(429) => true,
            Some(503) => self.response.as_ref().is_some_and(|response| response.header("retry-after").is_some()),
            _ => false,
        }
    }

    /// Whether a whole answer with a 2xx status came.
    pub fn succeeded(&self) -> bool {
        self.failure.is_none() && self.status().is_some_and(|status| (200..300).contains(&status))
    }

    /// Value of a header of the answer, by name in any case.
    pub fn response_header(&self, name: &str) -> Option<&str> {
        self.response.as_ref().and_then(|response| message::header(&response.headers, name))
    }

    /// The parameters of [`Exchange::forward`] when it goes to this redirect URI; the query's first, then the fragment's.
    pub fn redirect_to(&self, redirect_uri: &str) -> Option<Vec<(String, String)>> {
        let target = url::Url::parse(self.forward.as_deref()?).ok()?;
        let base = url::Url::parse(redirect_uri).ok()?;
        let same = target.scheme() == base.scheme()
            && target.host_str() == base.host_str()
            && target.port_or_known_default() == base.port_or_known_default()
            && target.path() == base.path();
        same.then(|| message::url_parameters(&target))
    }

    /// A parameter of the redirect to this URI.
    pub fn redirect_parameter(&self, redirect_uri: &str, name: &str) -> Option<String> {
        let parameters = self.redirect_to(redirect_uri)?;
        parameters.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// What became of one step of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepRecord {
    /// Id of the step.
    pub step: String,
    /// Numbers of its exchanges.
    pub exchanges: Vec<u32>,
    /// Why it was not carried out or not finished; `None` when it was.
    pub stopped: Option<Stop>,
    /// What others say of it that we could not see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attested: Option<Attested>,
}

/// What a person says, or a program that opens addresses for one, of a browser that is not ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Attested {
    /// It came back to the DVP, which answered.
    CameBack,
    /// The same, twice.
    CameBackTwice,
    /// The DVP did not begin: no browser was sent to a provider.
    DidNotBegin,
}

/// A host on no list, to which answers of our side lead a DVP that should not go there.
pub const ELSEWHERE: &str = "elders.toetsbank.example";

/// Why a step, and the scenario with it, stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stop {
    /// Whose doing: the candidate's behaviour, or something on our side.
    pub kind: StopKind,
    /// Stable id of the reason, such as `no-code`.
    pub code: String,
    /// The reason in Dutch.
    pub nl: String,
    /// The reason in English.
    pub en: String,
}

/// Kinds of [`Stop`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StopKind {
    /// The candidate answered in a way that leaves nothing to go on with; rules judge it.
    Candidate,
    /// A scenario that this one needs did not give what it should.
    Needed,
    /// Network, configuration or the harness itself.
    Ours,
    /// A person or a setting has to come first.
    NotSelected,
}

/// Everything of one scenario instance, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// Key of the scenario instance, as in the plan: `bgz-3-0/1.3/rich/json`.
    pub scenario: String,
    /// Its exchanges.
    pub exchanges: Vec<Exchange>,
    /// Its steps.
    pub steps: Vec<StepRecord>,
}

impl Trace {
    /// Whether one of these is attested of a step.
    pub fn is_attested(&self, what: &[Attested]) -> bool {
        self.steps.iter().filter_map(|step| step.attested).any(|attested| what.contains(&attested))
    }
}

/// Everything of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// All traces, in order of the plan.
    pub traces: Vec<Trace>,
    /// The secrets that were replaced, by placeholder.
    pub secrets: Vec<SecretFacts>,
    /// What TLS the addresses of the candidate speak, when that was looked at.
    pub scans: Vec<TlsScan>,
    /// TLS connections that the candidate began, as our servers saw them.
    pub connections: Vec<Connection>,
    /// When a stelselnode of ours was there for the candidate, when one was.
    pub node: Option<NodeWatch>,
    /// Why the run as a whole stopped before its scenarios: nothing could be tested.
    pub stopped: Option<Stop>,
}

impl Run {
    /// All exchanges in order of traces.
    pub fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.traces.iter().flat_map(|trace| &trace.exchanges)
    }

    /// Exchanges of one interface that are no probe.
    pub fn regular(&self, interface: Interface) -> impl Iterator<Item = &Exchange> {
        self.exchanges().filter(move |exchange| exchange.interface == interface && exchange.probe.is_none())
    }

    /// Exchanges that carry this probe, in order.
    pub fn probe<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Exchange> + 'a {
        self.exchanges().filter(move |exchange| exchange.probe.as_deref() == Some(name))
    }

    /// Traces in which at least one exchange carries this probe.
    pub fn probe_traces<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Trace> + 'a {
        self.traces.iter().filter(move |trace| trace.exchanges.iter().any(|e| e.probe.as_deref() == Some(name)))
    }

    /// Facts of the secret that a placeholder stands for.
    pub fn secret(&self, placeholder: &str) -> Option<&SecretFacts> {
        self.secrets.iter().find(|facts| facts.placeholder == placeholder)
    }
}
