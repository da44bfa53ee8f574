//! What a TLS scan found at one address: facts, ungraded, so that a saved run can be judged again.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use crate::exchange::CertificateFacts;

/// The TLS side of one address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TlsScan {
    /// `host:port` as the candidate file names it.
    pub address: String,
    /// When it was made.
    pub at: Timestamp,
    /// The protocol versions, oldest first.
    pub versions: Vec<VersionScan>,
    /// The version that was chosen when all that were accepted were offered at once.
    pub chosen: Option<String>,
    /// Named groups that were accepted for ECDHE, and for DHE in TLS 1.3, with the version (`TLSv1.2`).
    pub groups: Vec<Accepted>,
    /// Prime of DHE in TLS 1.2 and older.
    pub dh: Option<DhPrime>,
    /// Whether the server goes by its own order of suites; `None`: there was nothing to choose, or it was not decided.
    pub own_order: Option<bool>,
    /// Whether TLS compression is taken.
    pub compression: Option<bool>,
    /// Whether renegotiation is secure (RFC 5746) in TLS 1.2 and older.
    pub secure_renegotiation: Option<bool>,
    /// Whether 0-RTT is on: a request sent as early data of TLS 1.3 was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early_data: Option<bool>,
    /// Whether the extended master secret is supported in TLS 1.2 (RFC 7627).
    pub extended_master_secret: Option<bool>,
    /// Whether a handshake of TLS 1.2 succeeds with SHA-2 signatures only.
    pub sha2_signature: Option<bool>,
    /// Whether a stapled OCSP answer came.
    pub stapling: Option<bool>,
    /// Whether a client certificate was asked for.
    pub client_certificate: Option<bool>,
    /// The certificates, leaf first.
    pub chain: Vec<CertificateFacts>,
    /// Status of the answer to plain HTTP at the same port; `None`: none came.
    pub plain_http: Option<u16>,
    /// What could not be decided, and why, in English.
    pub undecided: Vec<Undecided>,
}

/// One protocol version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VersionScan {
    /// `SSLv3`, `TLSv1.0` … `TLSv1.3`.
    pub version: String,
    /// Suites that were accepted, by IANA name, in the order in which the server chose them; empty: version refused.
    pub suites: Vec<String>,
}

/// A group with the version that accepted it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Accepted {
    /// `TLSv1.2` or `TLSv1.3`.
    pub version: String,
    /// Name in the IANA registry.
    pub name: String,
}

/// The prime of a finite field Diffie-Hellman exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DhPrime {
    /// Its length in bits.
    pub bits: u32,
    /// The group of RFC 7919 that it is, such as `ffdhe2048`.
    pub group: Option<String>,
}

/// An item that could not be decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Undecided {
    /// The item, such as `TLSv1.0`.
    pub item: String,
    /// Why.
    pub reason: String,
}

impl DhPrime {
    /// The group that it is, or its length.
    pub fn name(&self) -> String {
        self.group.clone().unwrap_or_else(|| format!("DH {} bits", self.bits))
    }
}

impl TlsScan {
    /// The versions that were accepted.
    pub fn accepted(&self) -> impl Iterator<Item = &VersionScan> {
        self.versions.iter().filter(|version| !version.suites.is_empty())
    }

    /// Whether it is known of each of these versions whether they are accepted.
    pub fn decides(&self, versions: &[&str]) -> bool {
        versions.iter().all(|version| self.accepts(version).is_some())
    }

    /// Whether this version was accepted; `None` when that was not decided.
    pub fn accepts(&self, version: &str) -> Option<bool> {
        let scan = self.versions.iter().find(|scan| scan.version == version)?;
        let undecided = self.undecided.iter().any(|undecided| undecided.item == version);
        if scan.suites.is_empty() && undecided { None } else { Some(!scan.suites.is_empty()) }
    }
}
