//! Writes a ClientHello: any version, any suites, as RFC 5246 and RFC 8446 have it. Knows no network.

/// A protocol version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// SSL 3.0.
    Ssl3,
    /// TLS 1.0.
    Tls10,
    /// TLS 1.1.
    Tls11,
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

impl Version {
    /// All, oldest first.
    pub const ALL: [Self; 5] = [Self::Ssl3, Self::Tls10, Self::Tls11, Self::Tls12, Self::Tls13];

    /// Its number on the wire.
    pub fn code(self) -> u16 {
        match self {
            Self::Ssl3 => 0x0300,
            Self::Tls10 => 0x0301,
            Self::Tls11 => 0x0302,
            Self::Tls12 => 0x0303,
            Self::Tls13 => 0x0304,
        }
    }

    /// The version with this number.
    pub fn of(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.code() == code)
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ssl3 => "SSLv3",
            Self::Tls10 => "TLSv1.0",
            Self::Tls11 => "TLSv1.1",
            Self::Tls12 => "TLSv1.2",
            Self::Tls13 => "TLSv1.3",
        }
    }
}

/// Named groups by number (IANA, TLS Supported Groups).
pub const GROUPS: &[(u16, &str)] = &[
    (29, "x25519"),
    (23, "secp256r1"),
    (24, "secp384r1"),
    (25, "secp521r1"),
    (30, "x448"),
    (21, "secp224r1"),
    (19, "secp192r1"),
    (22, "secp256k1"),
    (26, "brainpoolP256r1"),
    (27, "brainpoolP384r1"),
    (28, "brainpoolP512r1"),
    (16, "secp160r1"),
    (31, "brainpoolP256r1tls13"),
    (32, "brainpoolP384r1tls13"),
    (33, "brainpoolP512r1tls13"),
    (4588, "X25519MLKEM768"),
    (4587, "SecP256r1MLKEM768"),
    (4589, "SecP384r1MLKEM1024"),
    (256, "ffdhe2048"),
    (257, "ffdhe3072"),
    (258, "ffdhe4096"),
    (259, "ffdhe6144"),
    (260, "ffdhe8192"),
];

/// Name of a group; its number when it has none here.
pub fn group_name(code: u16) -> String {
    GROUPS
        .iter()
        .find(|(known, _)| *known == code)
        .map_or_else(|| format!("group {code}"), |(_, name)| (*name).to_owned())
}

/// Signature schemes with SHA-2: RSA-PKCS1, RSA-PSS, ECDSA, EdDSA (RFC 8446, section 4.2.3), and DSA of RFC 5246.
pub const SHA2: &[u16] = &[
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601,
    0x0402, 0x0502, 0x0602,
];

/// Signature schemes with SHA-224 or SHA-1.
pub const OLDER: &[u16] = &[0x0303, 0x0301, 0x0302, 0x0203, 0x0201, 0x0202];

/// What a ClientHello offers.
#[derive(Clone, Debug)]
pub struct Offer<'a> {
    /// The version, and no other.
    pub version: Version,
    /// Older versions offered beside it: a server chooses the newest.
    pub beside: &'a [Version],
    /// Suites by number.
    pub suites: &'a [u16],
    /// Groups by number.
    pub groups: &'a [u16],
    /// Signature schemes by number.
    pub signatures: &'a [u16],
    /// Offer DEFLATE too.
    pub compression: bool,
    /// Name of the server; addresses are not sent (RFC 6066, section 3).
    pub server_name: Option<&'a str>,
    /// 32 bytes.
    pub random: [u8; 32],
}

impl Offer<'_> {
    /// The bytes of the record.
    pub fn write(&self) -> Vec<u8> {
        let is_13 = self.version == Version::Tls13;
        let legacy = self.version.min(Version::Tls12).code();
        let mut body = legacy.to_be_bytes().to_vec();
        body.extend(self.random);
        // A session id keeps TLS 1.3 through middle boxes (RFC 8446, appendix D.4).
        let session: &[u8] = if is_13 { &self.random } else { &[] };
        short(&mut body, session);
        let mut suites = Vec::new();
        for suite in self.suites {
            suites.extend(suite.to_be_bytes());
        }
        // Renegotiation is told by this suite where there are no extensions (RFC 5746, section 3.3).
        if self.version == Version::Ssl3 {
            suites.extend([0x00, 0xff]);
        }
        long(&mut body, &suites);
        short(&mut body, if self.compression { &[1, 0] } else { &[0] });
        if self.version > Version::Ssl3 {
            long(&mut body, &self.extensions());
        }
        let mut message = vec![1];
        message.extend(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes()[1..]);
        message.extend(body);
        let record = if self.version == Version::Ssl3 { 0x0300_u16 } else { 0x0301 };
        let mut out = vec![22];
        out.extend(record.to_be_bytes());
        long(&mut out, &message);
        out
    }

    fn extensions(&self) -> Vec<u8> {
        let is_13 = self.version == Version::Tls13;
        let mut out = Vec::new();
        let mut extension = |kind: u16, content: &[u8]| {
            out.extend(kind.to_be_bytes());
            long(&mut out, content);
        };
        if let Some(name) = self.server_name {
            let mut entry = vec![0];
            long(&mut entry, name.as_bytes());
            extension(0, &listed(&entry));
        }
        // A stapled OCSP answer, of any responder.
        extension(5, &[1, 0, 0, 0, 0]);
        if !self.groups.is_empty() {
            extension(10, &listed(&numbers(self.groups)));
            extension(11, &[1, 0]);
        }
        if self.version >= Version::Tls12 {
            extension(13, &listed(&numbers(self.signatures)));
        }
        extension(23, &[]);
        extension(0xff01, &[0]);
        if is_13 {
            let mut versions = vec![0, 0];
            versions.copy_from_slice(&self.version.code().to_be_bytes());
            for version in self.beside {
                versions.extend(version.code().to_be_bytes());
            }
            let mut content = Vec::new();
            short(&mut content, &versions);
            extension(43, &content);
            // No share: the server names the group it wants in a HelloRetryRequest, and no key is needed.
            extension(51, &[0, 0]);
            extension(45, &[1, 1]);
        }
        out
    }
}

fn numbers(list: &[u16]) -> Vec<u8> {
    list.iter().flat_map(|number| number.to_be_bytes()).collect()
}

fn listed(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    long(&mut out, content);
    out
}

fn short(out: &mut Vec<u8>, content: &[u8]) {
    out.push(u8::try_from(content.len()).unwrap_or(u8::MAX));
    out.extend(content);
}

fn long(out: &mut Vec<u8>, content: &[u8]) {
    out.extend(u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend(content);
}

#[cfg(test)]
mod tests {
    use tls_parser::TlsMessage;
    use tls_parser::TlsMessageHandshake;
    use tls_parser::parse_tls_extensions;
    use tls_parser::parse_tls_plaintext;

    use super::*;

    /// Another implementation reads what is written.
    #[test]
    fn a_parser_of_others_reads_every_version() {
        for version in Version::ALL {
            let offer = Offer {
                version,
                beside: &[Version::Tls12],
                suites: &[0x1301, 0xc02f],
                groups: &[29, 23],
                signatures: SHA2,
                compression: true,
                server_name: Some("fhir.example"),
                random: [7; 32],
            };
            let bytes = offer.write();
            let (rest, record) = parse_tls_plaintext(&bytes).unwrap();
            assert!(rest.is_empty());
            let [TlsMessage::Handshake(TlsMessageHandshake::ClientHello(hello))] = record.msg.as_slice() else {
                panic!("{:?}", record.msg)
            };
            assert_eq!(hello.ciphers.len(), if version == Version::Ssl3 { 3 } else { 2 });
            assert_eq!(hello.version.0, version.min(Version::Tls12).code());
            let extensions = hello.ext.map_or(0, |bytes| parse_tls_extensions(bytes).unwrap().1.len());
            let expected = match version {
                Version::Ssl3 => 0,
                Version::Tls10 | Version::Tls11 => 6,
                Version::Tls12 => 7,
                Version::Tls13 => 10,
            };
            assert_eq!(extensions, expected, "{version:?}");
        }
    }
}
