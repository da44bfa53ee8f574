//! Finds out what TLS an address speaks: versions, suites, groups, options, certificates.
//!
//! Old versions and suites are found with a ClientHello of our own ([`hello`]), which no library would send; what needs a
//! whole handshake (certificates, client certificate, stapling in TLS 1.3, 0-RTT) is asked by rustls. Sends nothing but
//! handshakes and requests for `/`, one of them in plain HTTP, and judges nothing. Entry point: [`scan`].

mod answer;
pub mod client_hello;
mod handshake;
pub mod hello;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::LazyLock;
use std::time::Duration;
use std::time::Instant;

use rustls::sign::CertifiedKey;
use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

pub use answer::Answer;
pub use answer::Reader;

use crate::env::Env;
use crate::exchange::Accepted;
use crate::exchange::CertificateFacts;
use crate::exchange::TlsScan;
use crate::exchange::Undecided;
use crate::exchange::VersionScan;
use crate::probe::hello::GROUPS;
use crate::probe::hello::OLDER;
use crate::probe::hello::Offer;
use crate::probe::hello::SHA2;
use crate::probe::hello::Version;
use crate::probe::hello::group_name;

/// Most suites in one ClientHello: some servers do not read a longer list.
const AT_ONCE: usize = 60;

/// Most handshakes of one scan: each accepted suite and group costs one.
const MOST: usize = 600;

/// Longest time for one scan: what was not seen by then is not checked.
const LONGEST: Duration = Duration::from_secs(20);

/// Alert `protocol_version` (RFC 8446, section 6).
const PROTOCOL_VERSION: u8 = 70;

/// Where to look.
#[derive(Clone, Debug)]
pub struct Target {
    /// `host:port`, for reports.
    pub name: String,
    /// The host that is asked for; an IP address is not sent as a name.
    pub host: String,
    /// Where it is.
    pub address: SocketAddr,
    /// Longest wait for one answer.
    pub patience: Duration,
    /// The certificate that is shown to who asks for one.
    pub identity: Option<Arc<CertifiedKey>>,
}

/// What came of one handshake.
enum Outcome {
    /// It went on with what was offered.
    Accepted(Box<Answer>),
    /// It refused: an alert, or it closed the connection.
    Refused(Option<u8>),
    /// It cannot be told: no connection, no answer in time, no TLS.
    Unknown(String),
}

/// Scans one address. Never fails: what could not be found out is among [`TlsScan::undecided`].
pub async fn scan(target: &Target, env: &Env) -> TlsScan {
    let probe = Probe { target, env, until: Instant::now() + LONGEST };
    let mut scan = TlsScan { address: target.name.clone(), at: env.now(), ..TlsScan::default() };
    // One handshake first: whoever does not answer it is not knocked at six hundred times.
    let reached = match timeout(target.patience, TcpStream::connect(target.address)).await {
        Ok(connected) => connected.map(drop).map_err(|error| error.to_string()),
        Err(_) => Err(format!("no connection within {} s", target.patience.as_secs_f32())),
    };
    if let Err(reason) = reached {
        scan.undecided.push(Undecided { item: "connection".into(), reason });
        return scan;
    }
    let [ssl3, tls10, tls11, tls12, tls13] = Version::ALL;
    let versions = tokio::join!(
        probe.suites(ssl3),
        probe.suites(tls10),
        probe.suites(tls11),
        probe.suites(tls12),
        probe.suites(tls13),
    );
    let mut codes = Vec::new();
    let mut silent = Vec::new();
    for (version, found) in Version::ALL.into_iter().zip([versions.0, versions.1, versions.2, versions.3, versions.4]) {
        if let Some(reason) = found.undecided {
            scan.undecided.push(Undecided { item: version.name().to_owned(), reason });
        }
        let suites = found.suites.iter().map(|code| suite_name(*code)).collect();
        scan.versions.push(VersionScan { version: version.name().to_owned(), suites });
        if found.silent {
            silent.push(version);
        }
        codes.push(found.suites);
    }
    let old = codes.iter().take(4).zip(Version::ALL).rev().find(|(suites, _)| !suites.is_empty());
    let old = old.map(|(suites, version)| (version, suites.clone()));
    tokio::join!(async { scan.chosen = probe.chosen(&codes).await }, async {
        scan.plain_http = probe.plain_http().await
    },);
    if let Some((version, suites)) = &old {
        probe.options(*version, suites, &mut scan).await;
    }
    scan.groups = probe.groups(&codes[3], &codes[4], scan.chain.first()).await;
    handshake::complete(target, env, &mut scan).await;
    // Who closes without a word may refuse the version, or all of us by now: then it does not take what it took before.
    if !silent.is_empty() && !probe.still_answers(&codes).await {
        for version in silent {
            let reason = "it closed the connection without a word, and then also on what it had accepted".to_owned();
            scan.undecided.push(Undecided { item: version.name().to_owned(), reason });
        }
    }
    scan
}

/// The facts of a chain up to the first certificate that cannot be read: what follows is not the leaf.
fn chain<'a>(certificates: impl Iterator<Item = &'a [u8]>) -> Vec<CertificateFacts> {
    certificates.map_while(|der| crate::pki::facts(der).ok()).collect()
}

/// Name of a suite in the IANA registry.
pub fn suite_name(code: u16) -> String {
    let known = tls_parser::TlsCipherSuite::from_id(code);
    known.map_or_else(|| format!("0x{code:04x}"), |suite| suite.name.to_owned())
}

/// Every group that has a name here.
static ALL_GROUPS: LazyLock<Vec<u16>> = LazyLock::new(|| GROUPS.iter().map(|(code, _)| *code).collect());

/// Every signature scheme.
static ALL_SIGNATURES: LazyLock<Vec<u16>> = LazyLock::new(|| SHA2.iter().chain(OLDER).copied().collect());

/// Every suite of the IANA registry that a server can choose, by number; not those that only signal.
static ALL_SUITES: LazyLock<Vec<u16>> = LazyLock::new(|| {
    const SIGNALS: [u16; 2] = [0x00ff, 0x5600];
    let mut all: Vec<u16> = tls_parser::CIPHERS.keys().copied().filter(|code| !SIGNALS.contains(code)).collect();
    all.sort_unstable();
    all
});

/// The suites that may go with a version: those of TLS 1.3 with no other.
fn suites_of(version: Version) -> Vec<u16> {
    ALL_SUITES.iter().copied().filter(|code| (code >> 8 == 0x13) == (version == Version::Tls13)).collect()
}

struct Found {
    suites: Vec<u16>,
    /// Whether a refusal was a closed connection and nothing else.
    silent: bool,
    undecided: Option<String>,
}

struct Probe<'a> {
    target: &'a Target,
    env: &'a Env,
    until: Instant,
}

impl Probe<'_> {
    /// An offer of these suites with every group and signature scheme there is.
    fn offer<'a>(&'a self, version: Version, suites: &'a [u16]) -> Offer<'a> {
        let is_name = self.target.host.parse::<std::net::IpAddr>().is_err();
        let mut random = [0; 32];
        for (to, from) in random.iter_mut().zip(self.env.token(32).bytes()) {
            *to = from;
        }
        let server_name = is_name.then_some(self.target.host.as_str());
        let (groups, signatures) = (&ALL_GROUPS, &ALL_SIGNATURES);
        Offer { version, beside: &[], suites, groups, signatures, compression: false, server_name, random }
    }

    /// One handshake as far as it goes in plain text.
    async fn shake(&self, offer: &Offer<'_>) -> Outcome {
        let patience = self.target.patience.min(self.until.saturating_duration_since(Instant::now()));
        if patience.is_zero() {
            return Outcome::Unknown(format!("the scan took more than {} s", LONGEST.as_secs()));
        }
        let attempt = async {
            let mut stream = TcpStream::connect(self.target.address).await.map_err(|error| error.to_string())?;
            // A server that refuses may close before it has read all.
            let _ = stream.write_all(&offer.write()).await;
            let mut reader = Reader::default();
            let mut buffer = vec![0; 16 * 1024];
            loop {
                match stream.read(&mut buffer).await {
                    Ok(0) | Err(_) => break,
                    Ok(count) => {
                        if reader.feed(buffer.get(..count).unwrap_or_default()) {
                            break;
                        }
                    }
                }
            }
            Ok::<_, String>(reader.finish())
        };
        match timeout(patience, attempt).await {
            Err(_) => Outcome::Unknown(format!("no answer within {} s", patience.as_secs_f32())),
            Ok(Err(error)) => Outcome::Unknown(error),
            Ok(Ok(answer)) => match (&answer.broken, answer.alert, answer.suite) {
                (Some(why), _, _) => Outcome::Unknown(why.clone()),
                (None, Some(alert), _) => Outcome::Refused(Some(alert)),
                (None, None, None) => Outcome::Refused(None),
                (None, None, Some(_)) => Outcome::Accepted(Box::new(answer)),
            },
        }
    }

    /// The suites of a version, in the order in which the server chose them.
    async fn suites(&self, version: Version) -> Found {
        let mut found = Found { suites: Vec::new(), silent: false, undecided: None };
        for part in suites_of(version).chunks(AT_ONCE) {
            let mut left = part.to_vec();
            while !left.is_empty() && found.suites.len() < MOST {
                match self.shake(&self.offer(version, &left)).await {
                    Outcome::Accepted(answer) if answer.version == Some(version) => {
                        let chosen = answer.suite.unwrap_or_default();
                        let before = left.len();
                        left.retain(|code| *code != chosen);
                        if left.len() == before {
                            let name = suite_name(chosen);
                            found.undecided = Some(format!("it answers with {name}, which was not offered"));
                            return found;
                        }
                        found.suites.push(chosen);
                    }
                    // It answers in a version that was not asked: it does not take this one.
                    Outcome::Accepted(_) | Outcome::Refused(Some(PROTOCOL_VERSION)) => return found,
                    Outcome::Refused(alert) => {
                        found.silent |= alert.is_none();
                        break;
                    }
                    Outcome::Unknown(reason) => {
                        found.undecided = Some(reason);
                        return found;
                    }
                }
            }
        }
        found
    }

    /// The version that is chosen when all that were accepted are offered.
    async fn chosen(&self, codes: &[Vec<u16>]) -> Option<String> {
        let accepted: Vec<(Version, &Vec<u16>)> =
            Version::ALL.into_iter().zip(codes).filter(|(_, suites)| !suites.is_empty()).collect();
        let (newest, _) = *accepted.last()?;
        let beside: Vec<Version> = accepted.iter().rev().skip(1).map(|(version, _)| *version).collect();
        let suites: BTreeSet<u16> = accepted.iter().flat_map(|(_, suites)| suites.iter().copied()).collect();
        let suites: Vec<u16> = suites.into_iter().take(2 * AT_ONCE).collect();
        let offer = Offer { beside: &beside, ..self.offer(newest, &suites) };
        match self.shake(&offer).await {
            Outcome::Accepted(answer) => answer.version.map(|version| version.name().to_owned()),
            Outcome::Refused(_) | Outcome::Unknown(_) => None,
        }
    }

    /// Whether what was accepted is still accepted.
    async fn still_answers(&self, codes: &[Vec<u16>]) -> bool {
        let newest = Version::ALL.into_iter().zip(codes).rev().find(|(_, suites)| !suites.is_empty());
        let Some((version, suites)) = newest else { return false };
        matches!(self.shake(&self.offer(version, suites)).await, Outcome::Accepted(_))
    }

    /// The groups of ECDHE in TLS 1.2 and of the key share in TLS 1.3.
    async fn groups(&self, suites_12: &[u16], suites_13: &[u16], leaf: Option<&CertificateFacts>) -> Vec<Accepted> {
        let is_ecdhe = |code: &u16| {
            let name = suite_name(*code);
            name.starts_with("TLS_ECDHE_ECDSA_") || name.starts_with("TLS_ECDHE_RSA_")
        };
        let ecdhe: Vec<u16> = suites_12.iter().copied().filter(is_ecdhe).collect();
        // In TLS 1.2 a certificate can be shown only to who knows its curve (RFC 8422, section 5.1).
        let curve = match leaf.map(|leaf| leaf.key.as_str()) {
            Some("EC P-256") => Some(23),
            Some("EC P-384") => Some(24),
            Some("EC P-521") => Some(25),
            _ => None,
        };
        let (old, new) = tokio::join!(
            self.groups_of(Version::Tls12, &ecdhe, curve),
            self.groups_of(Version::Tls13, suites_13, None)
        );
        old.into_iter().chain(new).collect()
    }

    /// The groups of a version; `keep` is offered last with all others, and alone.
    async fn groups_of(&self, version: Version, suites: &[u16], keep: Option<u16>) -> Vec<Accepted> {
        let mut left: Vec<u16> = GROUPS.iter().map(|(code, _)| *code).filter(|code| Some(*code) != keep).collect();
        let mut found = Vec::new();
        while !suites.is_empty() && !left.is_empty() {
            let offered: Vec<u16> = left.iter().copied().chain(keep).collect();
            let offer = Offer { groups: &offered, ..self.offer(version, suites) };
            let Outcome::Accepted(answer) = self.shake(&offer).await else {
                break;
            };
            let Some(group) = answer.group.filter(|group| left.contains(group)) else { break };
            left.retain(|code| *code != group);
            found.push(group);
        }
        if let Some(keep) = keep.filter(|_| !suites.is_empty())
            && let Outcome::Accepted(answer) =
                self.shake(&Offer { groups: &[keep], ..self.offer(version, suites) }).await
            && answer.group == Some(keep)
        {
            found.push(keep);
        }
        found
            .into_iter()
            .map(|group| Accepted { version: version.name().to_owned(), name: group_name(group) })
            .collect()
    }

    /// What the handshakes of TLS 1.2 and older tell beside the suites.
    async fn options(&self, version: Version, suites: &[u16], scan: &mut TlsScan) {
        let finite: Vec<u16> = suites
            .iter()
            .copied()
            .filter(|code| {
                suite_name(*code).starts_with("TLS_DHE_RSA_") || suite_name(*code).starts_with("TLS_DHE_DSS_")
            })
            .collect();
        let reversed: Vec<u16> = suites.iter().rev().copied().collect();
        let plain = Offer { compression: true, ..self.offer(version, suites) };
        let turned = self.offer(version, &reversed);
        let sha2 = Offer { signatures: SHA2, ..self.offer(version, suites) };
        let dh = self.offer(version, &finite);
        let (plain, turned, sha2, dh) =
            tokio::join!(self.shake(&plain), self.shake(&turned), self.shake(&sha2), async {
                if finite.is_empty() { None } else { Some(self.shake(&dh).await) }
            });
        if let Outcome::Accepted(answer) = &plain {
            scan.compression = Some(answer.compression);
            scan.secure_renegotiation = Some(answer.secure_renegotiation);
            scan.client_certificate = Some(answer.asks_certificate);
            if version == Version::Tls12 {
                scan.extended_master_secret = Some(answer.extended_master_secret);
            }
            scan.stapling = Some(answer.stapled);
            scan.chain = chain(answer.chain.iter().map(Vec::as_slice));
            if let (Outcome::Accepted(other), true) = (&turned, suites.len() > 1) {
                scan.own_order = Some(other.suite == answer.suite);
            }
        }
        if version == Version::Tls12 {
            scan.sha2_signature = match sha2 {
                Outcome::Accepted(_) => Some(true),
                Outcome::Refused(Some(_)) => Some(false),
                Outcome::Refused(None) | Outcome::Unknown(_) => None,
            };
        }
        if let Some(Outcome::Accepted(answer)) = dh {
            scan.dh = answer.dh;
        }
    }

    /// Status of the answer to HTTP without TLS.
    async fn plain_http(&self) -> Option<u16> {
        let attempt = async {
            let mut stream = TcpStream::connect(self.target.address).await.ok()?;
            stream.write_all(request(&self.target.host).as_bytes()).await.ok()?;
            status(&mut stream).await
        };
        let patience = self.target.patience.min(self.until.saturating_duration_since(Instant::now()));
        timeout(patience, attempt).await.ok().flatten()
    }
}

/// A request for `/`.
fn request(host: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
}

/// The status in the first line of an HTTP answer.
async fn status(stream: &mut (impl AsyncRead + Unpin)) -> Option<u16> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 256];
    while bytes.len() < 16 {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(count) => bytes.extend_from_slice(buffer.get(..count)?),
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    text.strip_prefix("HTTP/")?.split(' ').nth(1)?.get(..3)?.parse().ok()
}
