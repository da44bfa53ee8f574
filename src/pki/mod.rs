//! Our own test PKI, made at run time: an authority, server and client certificates, and the facts of any certificate.
//!
//! Validity follows the clock of [`Env`], and [`clock`] lets TLS check by the same clock. Knows no files and no sockets.
//! Entry points: [`Authority::new`] and [`facts`].

mod anyone;
mod error;
mod facts;
mod keyless;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::tz::TimeZone;
use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::CustomExtension;
use rcgen::DistinguishedName;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use rcgen::SerialNumber;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::UnixTime;
use rustls::pki_types::pem::PemObject;
use rustls::sign::CertifiedKey;
use rustls::time_provider::TimeProvider;
use sha2::Digest;
use sha2::Sha256;

use crate::env::Env;
use crate::exchange::CertificateFacts;

pub use anyone::Anyone;
pub(crate) use anyone::signatures;
pub use error::PkiError;
pub use facts::facts;
pub use facts::hosts;

/// How long our certificates hold, in days from the day of issue.
const VALID_DAYS: i64 = 30;

/// The same for an authority that is kept, as people install it once.
const LASTING_DAYS: i64 = 730;

/// A certification authority of our own, for one run.
pub struct Authority {
    /// Its certificate, PEM.
    pub certificate: String,
    der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
    env: Env,
}

/// A certificate with its private key.
pub struct Identity {
    /// The certificate, PEM.
    pub certificate: String,
    /// The private key, PEM (PKCS #8).
    pub key: String,
    der: CertificateDer<'static>,
    key_der: Vec<u8>,
}

/// How an issuer says that it knows the holder (CA/Browser Forum, Baseline Requirements, section 7.1.6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validation {
    /// Whoever has the domain.
    Domain,
    /// An organisation.
    Organisation,
}

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Usage {
    Server,
    Client,
}

impl Authority {
    /// An authority with this common name.
    ///
    /// # Errors
    /// When the key cannot be made or the name is not usable in a certificate.
    pub fn new(env: &Env, name: &str) -> Result<Self, PkiError> {
        Ok(Self::made(env, name, VALID_DAYS)?.0)
    }

    /// An authority that is kept for [`Authority::kept`], with its private key (PEM).
    ///
    /// # Errors
    /// See [`Authority::new`].
    pub fn lasting(env: &Env, name: &str) -> Result<(Self, String), PkiError> {
        Self::made(env, name, LASTING_DAYS)
    }

    /// The authority with this name that was made before, by its certificate and private key, PEM.
    ///
    /// # Errors
    /// PEM that cannot be read.
    pub fn kept(env: &Env, name: &str, certificate: &str, key: &str) -> Result<Self, PkiError> {
        let der = CertificateDer::from_pem_slice(certificate.as_bytes());
        let der = der.map_err(|error| PkiError::NotX509(error.to_string()))?;
        let key = KeyPair::from_pem(key).map_err(PkiError::Key)?;
        let issuer = Issuer::new(authority(env, name, LASTING_DAYS)?, key);
        Ok(Self { certificate: certificate.to_owned(), der, issuer, env: env.clone() })
    }

    fn made(env: &Env, name: &str, days: i64) -> Result<(Self, String), PkiError> {
        let key = KeyPair::generate().map_err(PkiError::Key)?;
        let text = key.serialize_pem();
        let params = authority(env, name, days)?;
        let certificate = params.self_signed(&key).map_err(|source| PkiError::certificate(name, source))?;
        let (pem, der) = (certificate.pem(), certificate.der().clone());
        Ok((Self { certificate: pem, der, issuer: Issuer::new(params, key), env: env.clone() }, text))
    }

    /// The facts of its certificate.
    ///
    /// # Errors
    /// When it is no certificate.
    pub fn facts(&self) -> Result<CertificateFacts, PkiError> {
        facts(&self.der)
    }

    /// A certificate for a server with these host names; the first is its common name.
    ///
    /// # Errors
    /// When the key cannot be made, or a name is no host name.
    pub fn server(&self, names: &[&str]) -> Result<Identity, PkiError> {
        self.issue(names, Usage::Server)
    }

    /// The same, where the issuer says how it knows the holder.
    ///
    /// # Errors
    /// When the key cannot be made, or a name is no host name.
    pub fn validated_server(&self, names: &[&str], validation: Validation) -> Result<Identity, PkiError> {
        let name = names.first().copied().unwrap_or_default();
        let mut params = parameters(&self.env, name, names)?;
        params.custom_extensions.push(CustomExtension::from_oid_content(POLICIES, policy(validation)));
        self.sign(name, params, Usage::Server)
    }

    /// A certificate for a client with these host names; the first is its common name.
    ///
    /// # Errors
    /// When the key cannot be made, or a name is no host name.
    pub fn client(&self, names: &[&str]) -> Result<Identity, PkiError> {
        self.issue(names, Usage::Client)
    }

    /// A certificate for a client with another common name than its host names.
    ///
    /// # Errors
    /// When the key cannot be made, or a name is no host name.
    pub fn client_named(&self, common_name: &str, names: &[&str]) -> Result<Identity, PkiError> {
        self.sign(common_name, parameters(&self.env, common_name, names)?, Usage::Client)
    }

    /// A certificate for a client that expired [`VALID_DAYS`] days ago.
    ///
    /// # Errors
    /// When the key cannot be made, or a name is no host name.
    pub fn expired_client(&self, name: &str) -> Result<Identity, PkiError> {
        self.sign(name, expired(&self.env, name)?, Usage::Client)
    }

    /// A certificate for a server that expired [`VALID_DAYS`] days ago.
    ///
    /// # Errors
    /// When the key cannot be made, or a name is no host name.
    pub fn expired_server(&self, name: &str) -> Result<Identity, PkiError> {
        self.sign(name, expired(&self.env, name)?, Usage::Server)
    }

    /// A number for this word that stays the same as long as the authority is kept, and that nobody else can tell.
    pub fn number(&self, word: &str) -> u64 {
        let mut hash = Sha256::new();
        hash.update(self.issuer.key().serialize_der());
        hash.update(word.as_bytes());
        hash.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// A store that trusts this authority alone.
    ///
    /// # Errors
    /// When rustls does not take our certificate.
    pub fn roots(&self) -> Result<RootCertStore, PkiError> {
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).map_err(PkiError::Trust)?;
        Ok(roots)
    }

    fn issue(&self, names: &[&str], usage: Usage) -> Result<Identity, PkiError> {
        let name = names.first().copied().unwrap_or_default();
        self.sign(name, parameters(&self.env, name, names)?, usage)
    }

    fn sign(&self, name: &str, mut params: CertificateParams, usage: Usage) -> Result<Identity, PkiError> {
        let key = KeyPair::generate().map_err(PkiError::Key)?;
        params.use_authority_key_identifier_extension = true;
        use_for(&mut params, usage);
        let certificate = params.signed_by(&key, &self.issuer).map_err(|source| PkiError::certificate(name, source))?;
        Ok(Identity::new(&certificate, &key))
    }
}

/// A certificate for a client with these host names that no authority stands for.
///
/// # Errors
/// When the key cannot be made, or a name is no host name.
pub fn self_signed(env: &Env, names: &[&str]) -> Result<Identity, PkiError> {
    signed_by_itself(env, names, Usage::Client)
}

/// The same for a server.
///
/// # Errors
/// See [`self_signed`].
pub fn self_signed_server(env: &Env, names: &[&str]) -> Result<Identity, PkiError> {
    signed_by_itself(env, names, Usage::Server)
}

fn signed_by_itself(env: &Env, names: &[&str], usage: Usage) -> Result<Identity, PkiError> {
    let name = names.first().copied().unwrap_or_default();
    let key = KeyPair::generate().map_err(PkiError::Key)?;
    let mut params = parameters(env, name, names)?;
    use_for(&mut params, usage);
    let certificate = params.self_signed(&key).map_err(|source| PkiError::certificate(name, source))?;
    Ok(Identity::new(&certificate, &key))
}

/// A store that trusts these authorities, each text one or more certificates in PEM.
///
/// # Errors
/// Text that is no PEM, a certificate that rustls does not take, or none at all.
pub fn roots(texts: &[String]) -> Result<RootCertStore, PkiError> {
    let mut roots = RootCertStore::empty();
    for text in texts {
        for certificate in CertificateDer::pem_slice_iter(text.as_bytes()) {
            let certificate = certificate.map_err(|error| PkiError::NotX509(error.to_string()))?;
            roots.add(certificate).map_err(PkiError::Trust)?;
        }
    }
    match roots.is_empty() {
        true => Err(PkiError::NotX509("there is no certificate in PEM form".to_owned())),
        false => Ok(roots),
    }
}

/// Chain and key of an identity in PEM, for TLS.
///
/// # Errors
/// Text that is no PEM, or without certificate or key.
pub fn credentials(
    certificate: &str,
    key: &str,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), PkiError> {
    let bad = |error: rustls::pki_types::pem::Error| PkiError::NotX509(error.to_string());
    let chain = CertificateDer::pem_slice_iter(certificate.as_bytes()).collect::<Result<Vec<_>, _>>().map_err(bad)?;
    match chain.is_empty() {
        true => Err(PkiError::NotX509("there is no certificate in PEM form".to_owned())),
        false => Ok((chain, PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(bad)?)),
    }
}

/// The host names of the first certificate in a PEM text: its Common Name, then its Subject Alternative Names.
pub fn hosts_in(certificate: &str) -> Vec<String> {
    let leaf = CertificateDer::pem_slice_iter(certificate.as_bytes()).next().and_then(Result::ok);
    leaf.map(|leaf| hosts(&leaf)).unwrap_or_default()
}

/// A certificate chain with its private key, from PEM, for TLS.
///
/// # Errors
/// Text that is no PEM, or a key that does not go with the certificate.
pub fn certified(certificate: &[u8], key: &[u8]) -> Result<Arc<CertifiedKey>, PkiError> {
    let wrong = |error: rustls::pki_types::pem::Error| PkiError::NotX509(error.to_string());
    let chain = CertificateDer::pem_slice_iter(certificate).collect::<Result<Vec<_>, _>>().map_err(wrong)?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(wrong)?;
    let provider = rustls::crypto::ring::default_provider();
    CertifiedKey::from_der(chain, key, &provider).map(Arc::new).map_err(PkiError::Pair)
}

impl Identity {
    fn new(certificate: &rcgen::Certificate, key: &KeyPair) -> Self {
        Self {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
            der: certificate.der().clone(),
            key_der: key.serialize_der(),
        }
    }

    /// The chain as TLS sends it. The authority is known to those who trust it, so it is not sent along.
    pub fn chain(&self) -> Vec<CertificateDer<'static>> {
        vec![self.der.clone()]
    }

    /// The private key for TLS.
    pub fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key_der.clone()))
    }
}

/// The clock of the harness for checks of certificates.
pub fn clock(env: &Env) -> Arc<dyn TimeProvider> {
    Arc::new(Clock { env: env.clone() })
}

#[derive(Debug)]
struct Clock {
    env: Env,
}

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.env.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// The extension certificatePolicies (RFC 5280, section 4.2.1.4).
const POLICIES: &[u64] = &[2, 5, 29, 32];

/// The content of that extension with one policy, 2.23.140.1.2.1 or 2.23.140.1.2.2, in DER.
fn policy(validation: Validation) -> Vec<u8> {
    let last = match validation {
        Validation::Domain => 1,
        Validation::Organisation => 2,
    };
    vec![0x30, 0x0a, 0x30, 0x08, 0x06, 0x06, 0x67, 0x81, 0x0c, 0x01, 0x02, last]
}

fn use_for(params: &mut CertificateParams, usage: Usage) {
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![match usage {
        Usage::Server => ExtendedKeyUsagePurpose::ServerAuth,
        Usage::Client => ExtendedKeyUsagePurpose::ClientAuth,
    }];
}

fn authority(env: &Env, name: &str, days: i64) -> Result<CertificateParams, PkiError> {
    let mut params = parameters(env, name, &[])?;
    let (year, month, date) = day(env.now(), days);
    params.not_after = rcgen::date_time_ymd(year, month, date);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn expired(env: &Env, name: &str) -> Result<CertificateParams, PkiError> {
    let mut params = parameters(env, name, &[name])?;
    let (year, month, date) = day(env.now(), -2 * VALID_DAYS);
    params.not_before = rcgen::date_time_ymd(year, month, date);
    let (year, month, date) = day(env.now(), -VALID_DAYS);
    params.not_after = rcgen::date_time_ymd(year, month, date);
    Ok(params)
}

fn parameters(env: &Env, name: &str, names: &[&str]) -> Result<CertificateParams, PkiError> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).map_err(|source| PkiError::certificate(name, source))?;
    let mut subject = DistinguishedName::new();
    subject.push(DnType::OrganizationName, "toetsbank");
    subject.push(DnType::CommonName, name);
    params.distinguished_name = subject;
    // From the day before: clocks that are compared may differ a little.
    let (year, month, date) = day(env.now(), -1);
    params.not_before = rcgen::date_time_ymd(year, month, date);
    let (year, month, date) = day(env.now(), VALID_DAYS);
    params.not_after = rcgen::date_time_ymd(year, month, date);
    // Positive and not empty, as RFC 5280 section 4.1.2.2 asks.
    let serial: Vec<u8> = std::iter::once(1).chain(env.token(8).bytes()).collect();
    params.serial_number = Some(SerialNumber::from(serial));
    Ok(params)
}

/// Year, month and day (UTC) of the day that lies `days` from a moment.
fn day(now: Timestamp, days: i64) -> (i32, u8, u8) {
    let date = TimeZone::UTC.to_datetime(now).date();
    let date = date.checked_add(days.days()).unwrap_or(date);
    // What jiff counts lies inside these types: months 1 to 12, days 1 to 31.
    (date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
}

#[cfg(test)]
mod tests {
    use rustls::server::WebPkiClientVerifier;

    use super::*;

    fn fixed() -> Env {
        Env::fixed("2030-05-17T12:00:00Z".parse().unwrap(), 1)
    }

    #[test]
    fn certificates_hold_by_the_clock_of_the_harness() {
        let env = fixed();
        let authority = Authority::new(&env, "Test CA").unwrap();
        let server = authority.server(&["auth.voorbeeld.example", "www.voorbeeld.example"]).unwrap();
        let facts = facts(&server.der).unwrap();
        assert_eq!(facts.subject, "CN=auth.voorbeeld.example,O=toetsbank");
        assert_eq!(facts.issuer, "CN=Test CA,O=toetsbank");
        assert_eq!(facts.names, ["auth.voorbeeld.example", "www.voorbeeld.example"]);
        assert_eq!(facts.key, "EC P-256");
        assert_eq!(facts.key_usage, Some(vec!["digitalSignature".to_owned()]));
        assert_eq!(facts.purposes, Some(vec!["serverAuth".to_owned()]));
        assert_eq!((facts.policies, facts.revocation), (vec![], vec![]));
        assert_eq!(facts.not_before, "2030-05-16T00:00:00Z".parse::<Timestamp>().unwrap().as_second());
        assert_eq!(facts.not_after, "2030-06-16T00:00:00Z".parse::<Timestamp>().unwrap().as_second());
    }

    #[test]
    fn an_authority_that_was_kept_signs_as_before() {
        let env = fixed();
        let (first, key) = Authority::lasting(&env, "Test CA").unwrap();
        env.advance(Duration::from_secs(300 * 24 * 3600));
        let again = Authority::kept(&env, "Test CA", &first.certificate, &key).unwrap();
        assert_eq!(again.certificate, first.certificate);
        let server = again.server(&["auth.voorbeeld.example"]).unwrap();
        let roots = Arc::new(first.roots().unwrap());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = rustls::client::WebPkiServerVerifier::builder_with_provider(roots, provider).build().unwrap();
        let name = "auth.voorbeeld.example".try_into().unwrap();
        let now = clock(&env).current_time().unwrap();
        use rustls::client::danger::ServerCertVerifier;
        verifier.verify_server_cert(&server.der, &[], &name, &[], now).unwrap();
        assert!(Authority::kept(&env, "Test CA", &first.certificate, "geen sleutel").is_err());
    }

    #[test]
    fn only_certificates_of_the_authority_for_clients_are_taken_from_clients() {
        let env = fixed();
        let (ours, other) = (Authority::new(&env, "Test CA").unwrap(), Authority::new(&env, "Test CA").unwrap());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = Arc::new(ours.roots().unwrap());
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider).build().unwrap();
        let now = clock(&env).current_time().unwrap();
        let verify = |identity: Identity| verifier.verify_client_cert(&identity.der, &[], now).is_ok();
        assert!(verify(ours.client(&["pgo.voorbeeld.example"]).unwrap()));
        assert!(!verify(ours.server(&["pgo.voorbeeld.example"]).unwrap()));
        assert!(!verify(other.client(&["pgo.voorbeeld.example"]).unwrap()));
        assert!(verify(ours.client_named("www.voorbeeld.example", &["pgo.voorbeeld.example"]).unwrap()));
        assert!(!verify(ours.expired_client("pgo.voorbeeld.example").unwrap()));
        assert!(!verify(self_signed(&env, &["pgo.voorbeeld.example"]).unwrap()));
        let old = ours.client(&["pgo.voorbeeld.example"]).unwrap();
        env.advance(Duration::from_secs(40 * 24 * 3600));
        let late = clock(&env).current_time().unwrap();
        assert!(verifier.verify_client_cert(&old.der, &[], now).is_ok());
        assert!(verifier.verify_client_cert(&old.der, &[], late).is_err());
    }

    #[test]
    fn a_certificate_may_say_how_its_holder_is_known() {
        let authority = Authority::new(&fixed(), "Test CA").unwrap();
        for (validation, policy) in
            [(Validation::Domain, "2.23.140.1.2.1"), (Validation::Organisation, "2.23.140.1.2.2")]
        {
            let server = authority.validated_server(&["auth.voorbeeld.example"], validation).unwrap();
            assert_eq!(facts(&server.der).unwrap().policies, [policy]);
        }
    }

    #[test]
    fn a_name_that_is_no_host_name_is_refused() {
        let authority = Authority::new(&fixed(), "Test CA").unwrap();
        assert!(authority.server(&["voorbeeld\u{e9}.example"]).is_err());
    }
}
