//! The certificates that the hosts of the world show, sound ones and others, and whose they ask for.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::SupportedProtocolVersion;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;

use crate::env::Env;
use crate::pki;
use crate::pki::Authority;
use crate::pki::Identity;
use crate::simulator::SimulatorError;
use crate::simulator::http::Choice;
use crate::simulator::old_version::Old;
use crate::simulator::stelsel::twists::Twists;
use crate::simulator::wire::ONLY_1_2;

/// What a host shows instead of its own certificate: ending of the name of a twist.
const UNSOUND: [&str; 4] = ["expired", "self-signed", "wrong-host", "untrusted"];

/// TLS settings by host, and by what is wrong with the certificate.
pub(super) struct Certificates {
    /// For a client that names no host of the world: a certificate that it cannot take for the right one.
    nameless: Arc<ServerConfig>,
    sound: BTreeMap<String, Arc<ServerConfig>>,
    /// The same for who is to speak TLS 1.2.
    in_1_2: BTreeMap<String, Arc<ServerConfig>>,
    /// Certificates for answers in TLS 1.1.
    old: BTreeMap<String, CertificateDer<'static>>,
    unsound: BTreeMap<(String, &'static str), Arc<ServerConfig>>,
}

impl Certificates {
    pub(super) fn new(
        env: &Env,
        authority: &Authority,
        hosts: &[String],
        fronts: &[String],
        given: &[(String, String)],
    ) -> Result<Self, SimulatorError> {
        let stranger = Authority::new(env, "onbekende CA")?;
        let (mut sound, mut in_1_2, mut unsound, mut old) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for host in hosts {
            let is_front = fronts.contains(host);
            let own =
                given.iter().find(|(certificate, _)| pki::hosts_in(certificate).iter().any(|name| is_for(name, host)));
            let (chain, key) = match own {
                Some((certificate, key)) => pki::credentials(certificate, key)?,
                None => {
                    let identity = authority.server(&[host])?;
                    (identity.chain(), identity.private_key())
                }
            };
            sound.insert(host.clone(), showing(env, chain.clone(), key.clone_key(), is_front, rustls::ALL_VERSIONS)?);
            in_1_2.insert(host.clone(), showing(env, chain, key, is_front, ONLY_1_2)?);
            old.insert(host.clone(), authority.keyless_server(host)?);
            for kind in UNSOUND {
                let identity = match kind {
                    "expired" => authority.expired_server(host)?,
                    "self-signed" => pki::self_signed_server(env, &[host])?,
                    "wrong-host" => authority.server(&["verkeerd.toetsbank.example"])?,
                    _ => stranger.server(&[host])?,
                };
                unsound.insert((host.clone(), kind), server(env, &identity, is_front)?);
            }
        }
        let nameless = server(env, &authority.server(&["naamloos.toetsbank.example"])?, true)?;
        Ok(Self { nameless, sound, in_1_2, unsound, old })
    }

    /// Which hosts answer in TLS 1.1 as the world is at that moment.
    pub(super) fn old(&self, twists: &Twists) -> Old {
        let (twists, old) = (twists.clone(), self.old.clone());
        Arc::new(move |host| {
            let place = host.split('.').next().unwrap_or_default();
            old.get(host).filter(|_| twists.has(&format!("{place}-tls-1-1"))).cloned()
        })
    }

    /// The settings for a host as the world is at that moment; for who is to speak TLS 1.2, when the certificate is sound.
    pub(super) fn choice(self, twists: &Twists) -> Choice {
        let twists = twists.clone();
        Arc::new(move |host, lower| {
            let host = host.unwrap_or_default();
            let place = host.split('.').next().unwrap_or_default();
            let wrong = UNSOUND.into_iter().find(|kind| twists.has(&format!("{place}-certificate-{kind}")));
            let found = match wrong {
                Some(kind) => self.unsound.get(&(host.to_owned(), kind)),
                None if lower => self.in_1_2.get(host),
                None => self.sound.get(host),
            };
            Arc::clone(found.unwrap_or(&self.nameless))
        })
    }
}

/// Whether a name of a certificate, or its wildcard for one label, is that of a host.
fn is_for(name: &str, host: &str) -> bool {
    let of_wildcard = || host.split_once('.').map(|(_, domain)| domain) == name.strip_prefix("*.");
    name == host || name.starts_with("*.") && of_wildcard()
}

fn server(env: &Env, identity: &Identity, is_front: bool) -> Result<Arc<ServerConfig>, SimulatorError> {
    showing(env, identity.chain(), identity.private_key(), is_front, rustls::ALL_VERSIONS)
}

fn showing(
    env: &Env,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    is_front: bool,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<Arc<ServerConfig>, SimulatorError> {
    let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ServerConfig::builder_with_details(Arc::clone(&provider), pki::clock(env)).with_protocol_versions(versions)?;
    let builder = match is_front {
        true => builder.with_no_client_auth(),
        false => builder.with_client_cert_verifier(Arc::new(pki::Anyone::new(provider))),
    };
    let mut config = builder.with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_one_label() {
        let is = |name: &str| is_for(name, "token.referentie.pgo.example");
        assert!(is("token.referentie.pgo.example") && is("*.referentie.pgo.example"));
        assert!(!is("*.pgo.example") && !is("*") && !is("referentie.pgo.example"));
    }
}
