//! Who may come to the back channel: hosts of a whitelist, with sound certificates of our authority.
//!
//! Knows nothing of what they ask there. Entry points: [`refusal`] for a request, [`lenient`] for the handshake.

use std::sync::Arc;

use rustls::CertificateError;
use rustls::DigitallySignedStruct;
use rustls::DistinguishedName;
use rustls::Error;
use rustls::SignatureScheme;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::UnixTime;
use rustls::server::danger::ClientCertVerified;
use rustls::server::danger::ClientCertVerifier;
use url::Url;

use crate::candidate;
use crate::candidate::Standing;
use crate::pki::Authority;
use crate::simulator::SimulatorError;
use crate::simulator::dva::world::CLIENT_ID;
use crate::simulator::dva::world::OTHER_CLIENT_ID;
use crate::simulator::dva::world::OTHER_REDIRECT_URI;
use crate::simulator::dva::world::World;
use crate::simulator::http::Received;
use crate::simulator::http::Reply;

/// The hosts that may come.
const WHITELIST: [&str; 2] = [CLIENT_ID, OTHER_CLIENT_ID];

/// A host that may not.
pub(in crate::simulator) const UNLISTED: &str = "vreemd.toetsbank.example";

/// What a client certificate may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsound {
    SelfSigned,
    Expired,
    WrongUsage,
}

/// The answer to a host that may not come; `None` for one that may, and for who shows no certificate.
pub(super) fn refusal(world: &World, received: &Received) -> Option<Reply> {
    if !received.certificate || is_listed(world, received) {
        return None;
    }
    let wants_token = received.path == "/token";
    let ignored = match wants_token {
        true => world.has("whitelist-ignored-for-tokens"),
        false => world.has("whitelist-ignored-for-data"),
    };
    if ignored {
        return None;
    }
    if wants_token && world.has("code-spent-by-unlisted") {
        let code = received.fields().into_iter().find(|(name, _)| name == "code");
        code.map(|(_, code)| world.grants.present(&code, false));
    }
    Some(if world.has("whitelist-refusal-explained") {
        let body = r#"{"error": "invalid_client", "error_description": "the host is not on the Whitelist"}"#;
        Reply::new(401, "application/json", body)
    } else if world.does("not-listed-403") {
        Reply::empty(403)
    } else if world.does("not-listed-page") {
        Reply::new(403, "text/html", "<html><head><title>403 Forbidden</title></head><h1>403 Forbidden</h1></html>")
    } else {
        Reply::none()
    })
}

/// Whether the Common Name or a Subject Alternative Name is on the list (core.whl.307).
fn is_listed(world: &World, received: &Received) -> bool {
    let (common, others) = received.hosts.split_at(received.hosts.len().min(1));
    let configured = || WHITELIST.into_iter().chain(world.names.client_hosts.iter().map(String::as_str));
    let is_on = |host: &String| world.lists_host(host, configured().any(|on| on.eq_ignore_ascii_case(host)));
    let on_list = |hosts: &[String]| hosts.iter().any(is_on);
    !world.has("common-name-ignored") && on_list(common) || !world.has("alternative-names-ignored") && on_list(others)
}

/// The host that a token must have been issued to; `None` where any will do.
pub(super) fn holder<'a>(world: &World, received: &'a Received) -> Option<&'a str> {
    let binds = !world.has("token-not-bound") && is_listed(world, received);
    received.hosts.first().filter(|_| binds).map(String::as_str)
}

/// Other identities for the candidate file, one of each standing.
///
/// # Errors
/// When their certificates cannot be made.
pub(super) fn identities(authority: &Authority) -> Result<Vec<candidate::Identity>, SimulatorError> {
    let made = [
        (Standing::Listed, authority.client(&[OTHER_CLIENT_ID])?),
        (Standing::Unlisted, authority.client(&[UNLISTED])?),
        (Standing::CommonName, authority.client_named(CLIENT_ID, &[UNLISTED])?),
        (Standing::AlternativeName, authority.client_named(UNLISTED, &[UNLISTED, CLIENT_ID])?),
        (Standing::Expired, authority.expired_client(CLIENT_ID)?),
        (Standing::WrongUsage, authority.server(&[CLIENT_ID])?),
    ];
    let described = made.into_iter().map(|(standing, identity)| -> Result<_, SimulatorError> {
        let client_id = match standing {
            Standing::Listed => OTHER_CLIENT_ID,
            Standing::Unlisted => UNLISTED,
            _ => CLIENT_ID,
        };
        Ok(candidate::Identity {
            standing,
            client_id: client_id.to_owned(),
            redirect_uri: (standing == Standing::Listed).then(|| Url::parse(OTHER_REDIRECT_URI)).transpose()?,
            certificate: identity.certificate,
            key: identity.key,
        })
    });
    described.collect()
}

/// The unsound certificates that a defect lets in.
pub(super) fn taken(world: &World) -> Vec<Unsound> {
    let all = [
        (world.has("self-signed-certificate-accepted"), Unsound::SelfSigned),
        (world.has("expired-certificate-accepted"), Unsound::Expired),
        (world.has("wrong-usage-accepted"), Unsound::WrongUsage),
    ];
    all.into_iter().filter(|(is_taken, _)| *is_taken).map(|(_, unsound)| unsound).collect()
}

/// The verifier, but for what it is to let in.
pub(super) fn lenient(strict: Arc<dyn ClientCertVerifier>, takes: &[Unsound]) -> Arc<dyn ClientCertVerifier> {
    if takes.is_empty() { strict } else { Arc::new(Lenient { strict, takes: takes.to_vec() }) }
}

/// Takes some certificates that it should not.
#[derive(Debug)]
struct Lenient {
    strict: Arc<dyn ClientCertVerifier>,
    takes: Vec<Unsound>,
}

impl ClientCertVerifier for Lenient {
    fn client_auth_mandatory(&self) -> bool {
        self.strict.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.strict.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let refused = match self.strict.verify_client_cert(end_entity, intermediates, now) {
            Ok(verified) => return Ok(verified),
            Err(refused) => refused,
        };
        let lacks = match &refused {
            Error::InvalidCertificate(CertificateError::UnknownIssuer) => Unsound::SelfSigned,
            Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
                Unsound::Expired
            }
            Error::InvalidCertificate(
                CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. },
            ) => Unsound::WrongUsage,
            _ => return Err(refused),
        };
        if self.takes.contains(&lacks) { Ok(ClientCertVerified::assertion()) } else { Err(refused) }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.strict.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.strict.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.strict.supported_verify_schemes()
    }
}
