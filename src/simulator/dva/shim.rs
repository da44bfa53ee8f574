//! Answers to a ClientHello that rustls would not give: old versions, weak suites and groups, compression.
//!
//! What is not to be answered so goes on to rustls untouched. The flights are as far as a server goes before it waits for
//! the client; nobody can finish such a handshake. Entry point: [`Shim::act`].

use tls_parser::TlsExtension;
use tls_parser::TlsMessage;
use tls_parser::TlsMessageHandshake;
use tls_parser::parse_tls_extensions;
use tls_parser::parse_tls_plaintext;

use crate::simulator::dva::world::World;

/// What becomes of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Act {
    /// It goes on to rustls; `lower`: with the older of the versions that it offers.
    Pass {
        /// Whether the older version is chosen.
        lower: bool,
    },
    /// It gets these bytes and is closed.
    Say(Vec<u8>),
}

/// A suite that is answered although it is weak, and the version that it is for.
#[derive(Clone, Copy, Debug)]
struct Weak {
    version: u16,
    suite: u16,
}

/// The deviations of the TLS side of a DVA.
#[derive(Clone, Debug, Default)]
pub(in crate::simulator) struct Shim {
    suites: Vec<Weak>,
    weak_group: bool,
    compression: bool,
    insecure_renegotiation: bool,
    plain_http: bool,
    lower: bool,
    sha_1: bool,
    certificate: Vec<u8>,
}

/// Suites that rustls takes with a certificate for ECDSA, and groups that it takes: what holds one of them is for rustls.
const MODERN: &[u16] = &[0xc02b, 0xc02c, 0xcca9];
const MODERN_GROUPS: &[u16] = &[29, 24];

/// secp192r1, and the suite that it is answered with.
const WEAK_GROUP: u16 = 19;
const PLAIN_SUITE: u16 = 0xc02b;

/// The hash of a signature scheme before TLS 1.3 (RFC 5246, section 7.4.1.4.1).
const SHA_1: u16 = 2;

/// A fatal alert.
const HANDSHAKE_FAILURE: &[u8] = &[21, 3, 3, 0, 2, 2, 40];

const TLS_1_2: u16 = 0x0303;
const TLS_1_3: u16 = 0x0304;

/// What a client offers.
#[derive(Debug)]
struct Hello {
    versions: Vec<u16>,
    suites: Vec<u16>,
    groups: Vec<u16>,
    signatures: Vec<u16>,
    compresses: bool,
}

impl Shim {
    /// What this DVA does wrong; `None` when all is rustls's.
    pub(super) fn of(world: &World, certificate: &[u8]) -> Option<Self> {
        let weak = [
            (world.has("ssl-3-accepted"), 0x0300, 0x000a),
            (world.has("tls-1-0-accepted"), 0x0301, 0xc009),
            (world.has("tls-1-1-accepted"), 0x0302, 0xc009),
            (world.has("suite-cbc"), TLS_1_2, 0xc023),
            (world.has("suite-static-rsa"), TLS_1_2, 0x009c),
            (world.has("suite-3des"), TLS_1_2, 0xc008),
            (world.has("suite-rc4"), TLS_1_2, 0xc007),
            (world.has("suite-null"), TLS_1_2, 0xc006),
            (world.has("suite-anonymous"), TLS_1_2, 0xc018),
        ];
        let suites: Vec<Weak> =
            weak.into_iter().filter(|(on, _, _)| *on).map(|(_, version, suite)| Weak { version, suite }).collect();
        let shim = Self {
            weak_group: world.has("weak-group"),
            compression: world.has("tls-compression"),
            insecure_renegotiation: world.has("insecure-renegotiation"),
            plain_http: world.has("plain-http-answered"),
            lower: world.has("lower-version-chosen"),
            sha_1: world.has("signature-with-sha-1"),
            certificate: certificate.to_vec(),
            suites,
        };
        let acts = !shim.suites.is_empty()
            || shim.weak_group
            || shim.compression
            || shim.insecure_renegotiation
            || shim.plain_http
            || shim.lower
            || shim.sha_1;
        acts.then_some(shim)
    }

    /// Decides by the first bytes of a connection.
    pub(in crate::simulator) fn act(&self, first: &[u8]) -> Act {
        if self.plain_http && first.starts_with(b"GET ") {
            return Act::Say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok".to_vec());
        }
        let Some(hello) = hello(first) else { return Act::Pass { lower: false } };
        let has = |version: u16| hello.versions.contains(&version);
        if self.lower && has(TLS_1_3) && has(TLS_1_2) {
            return Act::Pass { lower: true };
        }
        if self.sha_1 && hello.versions == [TLS_1_2] && hello.signatures.iter().all(|scheme| scheme >> 8 != SHA_1) {
            return Act::Say(HANDSHAKE_FAILURE.to_vec());
        }
        if hello.versions == [TLS_1_2] && hello.compresses && (self.compression || self.insecure_renegotiation) {
            return Act::Say(self.flight(TLS_1_2, PLAIN_SUITE, Some(23)));
        }
        let modern = hello.suites.iter().any(|suite| MODERN.contains(suite)) && has(TLS_1_2);
        let modern_group = hello.groups.iter().any(|group| MODERN_GROUPS.contains(group));
        for Weak { version, suite } in &self.suites {
            if hello.versions == [*version] && hello.suites.contains(suite) && !modern {
                let group = (*suite > 0xc000).then_some(23);
                return Act::Say(self.flight(*version, *suite, group));
            }
        }
        if self.weak_group && modern && !modern_group && hello.groups.contains(&WEAK_GROUP) {
            return Act::Say(self.flight(TLS_1_2, PLAIN_SUITE, Some(WEAK_GROUP)));
        }
        Act::Pass { lower: false }
    }

    /// ServerHello, Certificate, ServerKeyExchange when there is a group, ServerHelloDone.
    fn flight(&self, version: u16, suite: u16, group: Option<u16>) -> Vec<u8> {
        let mut hello = version.to_be_bytes().to_vec();
        hello.extend([7; 32]);
        hello.push(0);
        hello.extend(suite.to_be_bytes());
        hello.push(u8::from(self.compression));
        if version > 0x0300 {
            let mut extensions = vec![0x00, 0x17, 0x00, 0x00];
            if !self.insecure_renegotiation {
                extensions.extend([0xff, 0x01, 0x00, 0x01, 0x00]);
            }
            hello.extend(length(&extensions, 2));
        }
        let chain = length(&length(&self.certificate, 3), 3);
        let mut out = Vec::new();
        out.extend(message(2, &hello));
        out.extend(message(11, &chain));
        if let Some(group) = group {
            let mut exchange = vec![3];
            exchange.extend(group.to_be_bytes());
            // A point and a signature that nobody checks.
            exchange.push(65);
            exchange.extend([4; 65]);
            if version == TLS_1_2 {
                exchange.extend([4, 3]);
            }
            exchange.extend(length(&[0; 64], 2));
            out.extend(message(12, &exchange));
        }
        out.extend(message(14, &[]));
        let mut record = vec![22];
        record.extend(version.to_be_bytes());
        record.extend(length(&out, 2));
        record
    }
}

/// The offer in the first record of a connection.
fn hello(first: &[u8]) -> Option<Hello> {
    let (_, record) = parse_tls_plaintext(first).ok()?;
    let Some(TlsMessage::Handshake(TlsMessageHandshake::ClientHello(hello))) = record.msg.first() else { return None };
    let mut read = Hello {
        versions: vec![hello.version.0],
        suites: hello.ciphers.iter().map(|suite| suite.0).collect(),
        groups: Vec::new(),
        signatures: Vec::new(),
        compresses: hello.comp.iter().any(|method| method.0 == 1),
    };
    let extensions = hello.ext.and_then(|bytes| parse_tls_extensions(bytes).ok()).map(|(_, list)| list);
    for extension in extensions.unwrap_or_default() {
        match extension {
            TlsExtension::SupportedVersions(versions) => {
                read.versions = versions.iter().map(|version| version.0).collect();
            }
            TlsExtension::EllipticCurves(groups) => read.groups = groups.iter().map(|group| group.0).collect(),
            TlsExtension::SignatureAlgorithms(schemes) => read.signatures = schemes,
            _ => {}
        }
    }
    Some(read)
}

fn message(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    out.extend(length(content, 3));
    out
}

/// The content with its length before it, in so many bytes.
fn length(content: &[u8], bytes: usize) -> Vec<u8> {
    let all = u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut out = all[4 - bytes.min(4)..].to_vec();
    out.extend(content);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_client_hello_is_for_rustls() {
        let shim = Shim { plain_http: true, lower: true, ..Shim::default() };
        for bytes in [&b""[..], b"\x16\x03\x01\x00\x01\x01", b"\x16\x03", b"POST / HTTP/1.1"] {
            assert_eq!(shim.act(bytes), Act::Pass { lower: false }, "{bytes:?}");
        }
        assert!(matches!(shim.act(b"GET / HTTP/1.1\r\n\r\n"), Act::Say(_)));
    }

    /// Another implementation reads the canned flight.
    #[test]
    fn a_flight_is_well_formed() {
        let shim = Shim { certificate: vec![1; 300], ..Shim::default() };
        let bytes = shim.flight(TLS_1_2, PLAIN_SUITE, Some(WEAK_GROUP));
        let (rest, record) = parse_tls_plaintext(&bytes).unwrap();
        assert!(rest.is_empty());
        assert_eq!(record.msg.len(), 4);
    }
}
