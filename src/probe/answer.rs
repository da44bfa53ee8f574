//! Reads what a server answers to a ClientHello, up to the point where it waits for us. Knows no network.
//!
//! Entry point: [`Reader`], which is fed bytes as they come.

use sha2::Digest;
use sha2::Sha256;
use tls_parser::TlsMessage;
use tls_parser::TlsMessageHandshake;
use tls_parser::parse_tls_message_handshake;

use crate::exchange::DhPrime;
use crate::probe::hello::Version;

/// Most bytes of one answer: a chain of certificates of any sane size.
const MOST: usize = 256 * 1024;

/// Alert `close_notify`.
const CLOSE_NOTIFY: u8 = 0;

/// The random of a ServerHello that is a HelloRetryRequest: SHA-256 of that name (RFC 8446, section 4.1.3).
const RETRY: &[u8] = b"HelloRetryRequest";

// Extensions (IANA, TLS ExtensionType Values).
const EXTENDED_MASTER_SECRET: u16 = 23;
const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;
const RENEGOTIATION_INFO: u16 = 0xff01;

/// SHA-256 of the primes of RFC 7919, appendix A, as big-endian bytes.
const PRIMES: &[(&str, &str)] = &[
    ("ffdhe2048", "9cd3b7f336872f46c09428d1bbc19877a4d440512cda8d1c1cf0cd6e33698966"),
    ("ffdhe3072", "0eaf67db3a839156d5013494a5318a772b5697d270d721f37f092efc69ea5a17"),
    ("ffdhe4096", "4648414224ac881b3d0dc59b466f96d06a558278776807797ecf1f66ff397b3e"),
    ("ffdhe6144", "227ac9066b3ddd9e193670cda2388fa884f65ba0cf98b742d1fe77a6687c79c7"),
    ("ffdhe8192", "770b14efaf6f049929c523113b3fa99a8d11dab1b18af3609590122075d19833"),
];

/// What a server said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The version that it chose.
    pub version: Option<Version>,
    /// The suite that it chose.
    pub suite: Option<u16>,
    /// The group that it chose for its key share, or for ECDHE.
    pub group: Option<u16>,
    /// The prime of DHE.
    pub dh: Option<DhPrime>,
    /// Whether it compresses.
    pub compression: bool,
    /// Whether it knows secure renegotiation.
    pub secure_renegotiation: bool,
    /// Whether it knows the extended master secret.
    pub extended_master_secret: bool,
    /// Whether it sent a stapled OCSP answer.
    pub stapled: bool,
    /// Whether it asks for a client certificate.
    pub asks_certificate: bool,
    /// The certificates, in DER.
    pub chain: Vec<Vec<u8>>,
    /// The alert that it refused with.
    pub alert: Option<u8>,
    /// Whether all came that comes in plain text.
    pub done: bool,
    /// Why it cannot be read.
    pub broken: Option<String>,
}

/// Puts records and messages together.
#[derive(Debug, Default)]
pub struct Reader {
    bytes: Vec<u8>,
    handshake: Vec<u8>,
    total: usize,
    answer: Answer,
}

impl Reader {
    /// Takes in bytes; gives whether the answer is complete.
    pub fn feed(&mut self, bytes: &[u8]) -> bool {
        self.total += bytes.len();
        self.bytes.extend_from_slice(bytes);
        if self.total > MOST {
            self.broken(format!("more than {MOST} bytes"));
        }
        while !self.answer.done && self.answer.alert.is_none() && self.answer.broken.is_none() {
            let Some((kind, content, rest)) = record(&self.bytes) else { break };
            let (kind, content, rest) = (kind, content.to_vec(), rest.to_vec());
            self.bytes = rest;
            match kind {
                21 => self.alert(&content),
                22 => {
                    self.handshake.extend(content);
                    self.messages();
                }
                // Change cipher spec and encrypted records: what follows is not for us.
                20 | 23 => self.answer.done = self.answer.suite.is_some(),
                other => self.broken(format!("a record of type {other}: no TLS")),
            }
        }
        self.answer.done || self.answer.alert.is_some() || self.answer.broken.is_some()
    }

    /// What was read.
    pub fn finish(self) -> Answer {
        self.answer
    }

    /// A warning is no refusal, but for the one that closes (RFC 5246, section 7.2).
    fn alert(&mut self, content: &[u8]) {
        match content {
            [1, code, ..] if *code != CLOSE_NOTIFY => {}
            [_, code, ..] => self.answer.alert = Some(*code),
            _ => self.broken("an alert that cannot be read".to_owned()),
        }
    }

    fn broken(&mut self, why: String) {
        self.answer.broken.get_or_insert(why);
    }

    fn messages(&mut self) {
        while let [_, a, b, c, ..] = *self.handshake.as_slice() {
            let length = 4 + usize::from(a) * 65_536 + usize::from(b) * 256 + usize::from(c);
            if self.handshake.len() < length {
                return;
            }
            let rest = self.handshake.split_off(length);
            let message = std::mem::replace(&mut self.handshake, rest);
            self.message(&message);
            if self.answer.done || self.answer.broken.is_some() {
                return;
            }
        }
    }

    fn message(&mut self, message: &[u8]) {
        let kind = message.first().copied().unwrap_or(0);
        // Its form differs between versions; that it is asked says all.
        if kind == 13 {
            self.answer.asks_certificate = true;
            return;
        }
        let Ok((_, TlsMessage::Handshake(read))) = parse_tls_message_handshake(message) else {
            return self.broken(format!("a handshake message of type {kind} that cannot be read"));
        };
        match read {
            TlsMessageHandshake::ServerHello(hello) => {
                let answer = &mut self.answer;
                answer.version = Version::of(hello.version.0);
                answer.suite = Some(hello.cipher.0);
                answer.compression = hello.compression.0 != 0;
                for (kind, content) in extensions(hello.ext.unwrap_or_default()) {
                    match kind {
                        SUPPORTED_VERSIONS => answer.version = pair(content).and_then(Version::of),
                        KEY_SHARE => answer.group = pair(content),
                        RENEGOTIATION_INFO => answer.secure_renegotiation = true,
                        EXTENDED_MASTER_SECRET => answer.extended_master_secret = true,
                        _ => {}
                    }
                }
                let is_retry = hello.random == Sha256::digest(RETRY).as_slice();
                // After the hello of TLS 1.3 all is encrypted; after a retry the server waits for us.
                answer.done = is_retry || answer.version == Some(Version::Tls13);
            }
            TlsMessageHandshake::Certificate(certificates) => {
                self.answer.chain = certificates.cert_chain.iter().map(|raw| raw.data.to_vec()).collect();
            }
            TlsMessageHandshake::ServerKeyExchange(exchange) => self.key_exchange(exchange.parameters),
            TlsMessageHandshake::CertificateStatus(_) => self.answer.stapled = true,
            TlsMessageHandshake::ServerDone(_) => self.answer.done = true,
            _ => {}
        }
    }

    /// The group of ECDHE (RFC 8422, section 5.4) or the prime of DHE (RFC 5246, section 7.4.3).
    fn key_exchange(&mut self, parameters: &[u8]) {
        let suite = self.answer.suite.and_then(tls_parser::TlsCipherSuite::from_id);
        let name = suite.map_or("", |suite| suite.name);
        // With a pre-shared key a hint comes first.
        if name.contains("PSK") {
            return;
        }
        if name.contains("ECDHE") || name.contains("ECDH_anon") {
            if let [3, group @ ..] = parameters {
                self.answer.group = pair(group);
            }
        } else if name.contains("DH")
            && let Some(length) = pair(parameters).map(usize::from)
        {
            let prime = parameters.get(2..2 + length).unwrap_or_default();
            let prime: &[u8] = &prime[prime.iter().take_while(|byte| **byte == 0).count()..];
            let bits = prime.first().map_or(0, |first| prime.len() * 8 - first.leading_zeros() as usize);
            let hash: String = Sha256::digest(prime).iter().map(|byte| format!("{byte:02x}")).collect();
            let group = PRIMES.iter().find(|(_, known)| *known == hash).map(|(name, _)| (*name).to_owned());
            self.answer.dh = Some(DhPrime { bits: u32::try_from(bits).unwrap_or(u32::MAX), group });
        }
    }
}

/// The first record, its type and content, and what follows.
fn record(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [kind, _, _, high, low, rest @ ..] = bytes else {
        // Whoever does not start as TLS does is not waited for.
        return match bytes.first() {
            Some(kind) if !(20..=23).contains(kind) => Some((*kind, &[], &[])),
            _ => None,
        };
    };
    if !(20..=23).contains(kind) {
        return Some((*kind, &[], &[]));
    }
    let length = usize::from(*high) * 256 + usize::from(*low);
    Some((*kind, rest.get(..length)?, rest.get(length..)?))
}

/// The extensions of a hello, as far as they can be read.
fn extensions(mut bytes: &[u8]) -> Vec<(u16, &[u8])> {
    let mut out = Vec::new();
    while let [a, b, high, low, rest @ ..] = bytes {
        let length = usize::from(*high) * 256 + usize::from(*low);
        let Some((content, after)) = rest.split_at_checked(length) else { break };
        out.push((u16::from_be_bytes([*a, *b]), content));
        bytes = after;
    }
    out
}

fn pair(bytes: &[u8]) -> Option<u16> {
    match bytes {
        [high, low, ..] => Some(u16::from_be_bytes([*high, *low])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Answer {
        let mut reader = Reader::default();
        reader.feed(bytes);
        reader.finish()
    }

    #[test]
    fn a_warning_is_no_refusal() {
        assert_eq!(read(&[21, 3, 3, 0, 2, 1, 112]).alert, None);
        assert_eq!(read(&[21, 3, 3, 0, 2, 1, 0]).alert, Some(0));
    }

    #[test]
    fn an_alert_ends_the_answer() {
        assert_eq!(read(&[21, 3, 3, 0, 2, 2, 40]).alert, Some(40));
    }

    #[test]
    fn what_is_no_tls_says_so() {
        for bytes in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"SSH-2.0-x", &[0x80, 0, 0, 0, 0]] {
            assert!(read(bytes).broken.is_some(), "{bytes:?}");
        }
    }

    #[test]
    fn a_hello_in_pieces_is_the_same() {
        let mut hello = vec![2, 0, 0, 38, 3, 3];
        hello.extend([7; 32]);
        hello.extend([0, 0xc0, 0x2f, 1]);
        let mut bytes = vec![22, 3, 3, 0, 42];
        bytes.extend(&hello);
        let whole = read(&bytes);
        assert_eq!((whole.suite, whole.compression, whole.version), (Some(0xc02f), true, Some(Version::Tls12)));
        let mut reader = Reader::default();
        for byte in &bytes {
            reader.feed(&[*byte]);
        }
        assert_eq!(reader.finish(), whole);
    }

    #[test]
    fn an_answer_has_a_largest_size() {
        let mut reader = Reader::default();
        let record: Vec<u8> = [22, 3, 3, 0x40, 0].into_iter().chain([2; 0x4000]).collect();
        let ends = (0..100).any(|_| reader.feed(&record));
        assert!(ends && reader.finish().broken.is_some());
    }

    #[test]
    fn broken_messages_are_told_and_nothing_panics() {
        for kind in 0..=30_u8 {
            for length in 0..40_u8 {
                let mut bytes = vec![22, 3, 3, 0, length + 4, kind, 0, 0, length];
                bytes.extend(std::iter::repeat_n(kind.wrapping_mul(7), usize::from(length)));
                read(&bytes);
            }
        }
    }
}
