//! A TLS connection that the candidate began, as the server at the other end saw it: facts, ungraded.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use crate::exchange::CertificateFacts;

/// One connection, whether or not it came to a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Connection {
    /// Key of the scenario instance in which it began.
    pub scenario: String,
    /// The declared deviation of our side at that moment.
    pub probe: Option<String>,
    /// When it began.
    pub started: Timestamp,
    /// The host name that was asked for (SNI); empty when none was.
    pub host: String,
    /// `address:port` that it came to, where that is not the usual place.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub at: String,
    /// Whether our server stands on the back channel, where a client certificate is asked for.
    pub is_back: bool,
    /// What the client offered.
    pub hello: Hello,
    /// What came of it.
    pub handshake: Handshake,
    /// Description of the alert that the client broke off with, by its number (RFC 8446, section 6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<u8>,
    /// Protocol version that was agreed, such as `TLSv1.3`.
    pub version: Option<String>,
    /// Cipher suite that was agreed, as IANA names it.
    pub suite: Option<String>,
    /// Whether the client sent data before the handshake was over (RFC 7918); absent when that was not looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hasty: Option<bool>,
    /// The client's certificates, leaf first.
    pub chain: Vec<CertificateFacts>,
}

/// What a client offers in its ClientHello.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Hello {
    /// Protocol versions, as `TLSv1.2`; an older client names only its highest.
    pub versions: Vec<String>,
    /// Cipher suites by their IANA names, without reserved values (RFC 8701) and signals.
    pub suites: Vec<String>,
    /// Named groups, without reserved values.
    pub groups: Vec<String>,
    /// Signature schemes by their numbers, without reserved values.
    pub schemes: Vec<u16>,
    /// Compression methods by their numbers; 0 is none.
    pub compression: Vec<u8>,
}

/// How a handshake ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Handshake {
    /// It was finished.
    Finished,
    /// It was finished, and the client closed the connection at once, without a word.
    Dropped,
    /// Both sides have nothing in common, or our side refused the client's certificate.
    RefusedByUs,
    /// The client broke off with an alert.
    Alert,
    /// The client closed the connection before the end.
    #[default]
    Closed,
    /// Nothing more came until time was up: ours, or that of the client.
    Lapsed,
    /// No TLS was spoken.
    NotTls,
}
