//! What a client offers, read from the first record that it sends. Knows no network. Entry point: [`read`].

use tls_parser::TlsClientHelloContents;
use tls_parser::TlsExtension;
use tls_parser::TlsMessage;
use tls_parser::TlsMessageHandshake;
use tls_parser::parse_tls_client_hello_extensions;
use tls_parser::parse_tls_plaintext;

use crate::exchange::Hello;
use crate::probe::hello::Version;
use crate::probe::hello::group_name;
use crate::probe::suite_name;

/// Suites that signal something and are never chosen (RFC 5746, RFC 7507).
const SIGNALS: [u16; 2] = [0x00ff, 0x5600];

/// Reads a record; `None` for anything but a whole ClientHello.
pub fn read(record: &[u8]) -> Option<Hello> {
    let hello = hello(record)?;
    let name = |code: u16| Version::of(code).map(|version| version.name().to_owned());
    let suites = hello.ciphers.iter().map(|suite| suite.0);
    let mut out = Hello {
        versions: name(hello.version.0).into_iter().collect(),
        suites: suites.filter(|code| !is_reserved(*code) && !SIGNALS.contains(code)).map(suite_name).collect(),
        compression: hello.comp.iter().map(|method| method.0).collect(),
        ..Hello::default()
    };
    for extension in extensions(&hello) {
        match extension {
            TlsExtension::SupportedVersions(versions) => {
                out.versions = versions.iter().filter_map(|version| name(version.0)).collect();
            }
            TlsExtension::EllipticCurves(groups) => {
                out.groups = groups.iter().filter(|group| !is_reserved(group.0)).map(|g| group_name(g.0)).collect();
            }
            TlsExtension::SignatureAlgorithms(schemes) => {
                out.schemes = schemes.into_iter().filter(|code| !is_reserved(*code)).collect();
            }
            _ => {}
        }
    }
    Some(out)
}

/// The host name that a ClientHello asks for (RFC 6066, section 3), in lower case.
pub fn server_name(record: &[u8]) -> Option<String> {
    extensions(&hello(record)?).into_iter().find_map(|extension| match extension {
        TlsExtension::SNI(names) => {
            let name = names.first()?.1;
            std::str::from_utf8(name).ok().map(str::to_ascii_lowercase)
        }
        _ => None,
    })
}

/// Whether a ClientHello tells that its renegotiation is secure (RFC 5746).
pub fn renegotiates_securely(record: &[u8]) -> bool {
    let Some(hello) = hello(record) else { return false };
    let by_suite = hello.ciphers.iter().any(|suite| suite.0 == SIGNALS[0]);
    by_suite || extensions(&hello).iter().any(|extension| matches!(extension, TlsExtension::RenegotiationInfo(_)))
}

/// The suites of a ClientHello by their numbers, in its order.
pub fn suites(record: &[u8]) -> Vec<u16> {
    hello(record).map(|hello| hello.ciphers.iter().map(|suite| suite.0).collect()).unwrap_or_default()
}

fn hello(record: &[u8]) -> Option<TlsClientHelloContents<'_>> {
    let (_, plaintext) = parse_tls_plaintext(record).ok()?;
    plaintext.msg.into_iter().find_map(|message| match message {
        TlsMessage::Handshake(TlsMessageHandshake::ClientHello(hello)) => Some(hello),
        _ => None,
    })
}

fn extensions<'a>(hello: &TlsClientHelloContents<'a>) -> Vec<TlsExtension<'a>> {
    let read = hello.ext.and_then(|bytes| parse_tls_client_hello_extensions(bytes).ok());
    read.map(|(_, extensions)| extensions).unwrap_or_default()
}

/// Values that stand for nothing, so that servers stay used to unknown ones (RFC 8701).
fn is_reserved(code: u16) -> bool {
    let [high, low] = code.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::hello::Offer;

    #[test]
    fn what_we_offer_ourselves_is_read_back() {
        let offer = Offer {
            version: Version::Tls13,
            beside: &[Version::Tls12],
            suites: &[0x1301, 0xc02f, 0x00ff, 0x1a1a],
            groups: &[29, 23],
            signatures: &[0x0403],
            compression: true,
            server_name: Some("fhir.example"),
            random: [7; 32],
        };
        let hello = read(&offer.write()).unwrap();
        assert_eq!(hello.versions, ["TLSv1.3", "TLSv1.2"]);
        assert_eq!(hello.suites, ["TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]);
        assert_eq!(hello.groups, ["x25519", "secp256r1"]);
        assert_eq!((hello.schemes, hello.compression), (vec![0x0403], vec![1, 0]));
        assert_eq!(server_name(&offer.write()).as_deref(), Some("fhir.example"));
        assert!(renegotiates_securely(&offer.write()));
        assert_eq!(suites(&offer.write()), [0x1301, 0xc02f, 0x00ff, 0x1a1a]);
    }

    #[test]
    fn anything_else_is_no_hello() {
        for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[], &[22, 3, 1, 0, 4, 1, 0, 0, 0], &[22, 3, 1, 255, 255]] {
            assert_eq!(read(bytes), None);
            assert_eq!((server_name(bytes), renegotiates_securely(bytes)), (None, false));
        }
    }
}
