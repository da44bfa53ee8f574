//! The grades that the TLS guideline of the NCSC gives: version 2.1 of January 2021, which MedMij names, and 2025-05.
//!
//! Pure tables over the names of the IANA registries. What is in no list is insufficient. The tables are read from the
//! public source of Internet.nl, which writes out the guideline table by table. Entry points: [`facts`] for all of a
//! scan; [`version`], [`suite`], [`group`], [`dh`], [`key`], [`signature`].

use crate::diag::Text;
use crate::exchange::DhPrime;
use crate::exchange::TlsScan;

/// A level of the guideline, from worst to best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Onvoldoende.
    Insufficient,
    /// Uit te faseren.
    PhaseOut,
    /// Voldoende.
    Sufficient,
    /// Goed.
    Good,
}

impl Level {
    /// The word of the guideline.
    pub fn text(self) -> Text {
        match self {
            Self::Insufficient => Text::new("onvoldoende", "insufficient"),
            Self::PhaseOut => Text::new("uit te faseren", "phase out"),
            Self::Sufficient => Text::new("voldoende", "sufficient"),
            Self::Good => Text::new("goed", "good"),
        }
    }

    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Insufficient => "insufficient",
            Self::PhaseOut => "phaseOut",
            Self::Sufficient => "sufficient",
            Self::Good => "good",
        }
    }
}

/// The level in each edition of the guideline; `None`: the tables as read do not name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grade {
    /// Edition 2.1.
    pub edition_2_1: Option<Level>,
    /// Edition 2025-05.
    pub edition_2025: Option<Level>,
}

impl Grade {
    /// Whether edition 2.1 puts it below this level.
    pub fn is_below(self, level: Level) -> bool {
        self.edition_2_1.is_some_and(|own| own < level)
    }
}

const fn grade(edition_2_1: Level, edition_2025: Level) -> Grade {
    Grade { edition_2_1: Some(edition_2_1), edition_2025: Some(edition_2025) }
}

/// What only the newer edition names.
const fn newer(edition_2025: Level) -> Grade {
    Grade { edition_2_1: None, edition_2025: Some(edition_2025) }
}

const UNNAMED: Grade = Grade { edition_2_1: None, edition_2025: None };

/// A protocol version (2.1: table 1; 2025-05: 3.3.1).
pub fn version(name: &str) -> Grade {
    match name {
        "TLSv1.3" => grade(Level::Good, Level::Good),
        "TLSv1.2" => grade(Level::Sufficient, Level::Sufficient),
        "TLSv1.1" | "TLSv1.0" => grade(Level::PhaseOut, Level::Insufficient),
        _ => grade(Level::Insufficient, Level::Insufficient),
    }
}

/// A cipher suite by its IANA name, by its algorithms (2.1: tables 2, 4, 6, 7 and appendix C; 2025-05: appendix B).
///
/// The suites of TLS 1.2 that consist of good algorithms count as good: appendix C prints them as sufficient only because
/// the version is, and the version is graded by itself.
pub fn suite(name: &str) -> Grade {
    let Some((exchange, cipher)) = name.split_once("_WITH_") else {
        return match name {
            "TLS_AES_256_GCM_SHA384" | "TLS_CHACHA20_POLY1305_SHA256" => grade(Level::Good, Level::Good),
            "TLS_AES_128_GCM_SHA256" | "TLS_AES_128_CCM_SHA256" => grade(Level::Good, Level::Sufficient),
            _ => grade(Level::Insufficient, Level::Insufficient),
        };
    };
    let exchange = exchange.trim_start_matches("TLS_");
    let of_exchange = match exchange {
        "ECDHE_ECDSA" | "ECDHE_RSA" => Level::Good,
        "DHE_RSA" => Level::Sufficient,
        "RSA" => Level::PhaseOut,
        _ => Level::Insufficient,
    };
    let of_cipher = match cipher {
        "AES_256_GCM_SHA384" | "AES_128_GCM_SHA256" | "CHACHA20_POLY1305_SHA256" | "AES_256_CCM" | "AES_128_CCM" => {
            Level::Good
        }
        "3DES_EDE_CBC_SHA" => Level::PhaseOut,
        _ if (cipher.starts_with("AES_") || cipher.starts_with("CAMELLIA_")) && cipher.contains("_CBC_SHA") => {
            Level::Sufficient
        }
        _ => Level::Insufficient,
    };
    grade(of_exchange.min(of_cipher), suite_2025(exchange, cipher))
}

fn suite_2025(exchange: &str, cipher: &str) -> Level {
    let has_sha2 = cipher.ends_with("_SHA256") || cipher.ends_with("_SHA384");
    let is_block = ["AES_", "CAMELLIA_", "ARIA_"].iter().any(|start| cipher.starts_with(start));
    let is_sealed = matches!(cipher, "AES_256_GCM_SHA384" | "AES_128_GCM_SHA256" | "CHACHA20_POLY1305_SHA256");
    let is_ccm = matches!(cipher, "AES_256_CCM" | "AES_128_CCM");
    match exchange {
        "ECDHE_ECDSA" if is_sealed || is_ccm => Level::Sufficient,
        "ECDHE_RSA" if is_sealed => Level::Sufficient,
        "ECDHE_ECDSA" | "ECDHE_RSA" if is_block && has_sha2 => Level::PhaseOut,
        "DHE_RSA" if is_sealed || is_ccm || (is_block && has_sha2) => Level::PhaseOut,
        _ => Level::Insufficient,
    }
}

/// A named group of a key exchange (2.1: tables 9 and 10; 2025-05: 3.3.3). The printed table of 2.1 names neither secp521r1,
/// which its reading by others passes, nor the hybrids, which came after it.
pub fn group(name: &str) -> Grade {
    match name {
        "secp384r1" | "secp256r1" | "x448" | "x25519" => grade(Level::Good, Level::Sufficient),
        "X25519MLKEM768" | "SecP256r1MLKEM768" | "SecP384r1MLKEM1024" => newer(Level::Good),
        "secp521r1" => newer(Level::Sufficient),
        "secp224r1" => grade(Level::PhaseOut, Level::PhaseOut),
        "brainpoolP256r1"
        | "brainpoolP384r1"
        | "brainpoolP512r1"
        | "brainpoolP256r1tls13"
        | "brainpoolP384r1tls13"
        | "brainpoolP512r1tls13" => grade(Level::Insufficient, Level::Sufficient),
        "ffdhe3072" | "ffdhe4096" | "ffdhe6144" | "ffdhe8192" => grade(Level::Sufficient, Level::PhaseOut),
        "ffdhe2048" => grade(Level::PhaseOut, Level::Insufficient),
        _ => grade(Level::Insufficient, Level::Insufficient),
    }
}

/// The prime of DHE: only the groups of RFC 7919 are in the tables.
pub fn dh(prime: &DhPrime) -> Grade {
    prime.group.as_deref().map_or(grade(Level::Insufficient, Level::Insufficient), group)
}

/// The key of a certificate as [`crate::exchange::CertificateFacts::key`] has it (2.1: tables 8 and 9; 2025-05: 3.3.2).
pub fn key(key: &str) -> Grade {
    if let Some(bits) = key.strip_prefix("RSA ").and_then(|bits| bits.parse::<u32>().ok()) {
        return match bits {
            3072.. => grade(Level::Good, Level::Sufficient),
            2048.. => grade(Level::Sufficient, Level::PhaseOut),
            _ => grade(Level::Insufficient, Level::Insufficient),
        };
    }
    match key {
        "EC P-256" | "EC P-384" => grade(Level::Good, Level::Sufficient),
        "EC P-521" => newer(Level::Sufficient),
        // secp224r1.
        "EC 1.3.132.0.33" => grade(Level::PhaseOut, Level::PhaseOut),
        // brainpoolP256r1, P384r1, P512r1.
        "EC 1.3.36.3.3.2.8.1.1.7" | "EC 1.3.36.3.3.2.8.1.1.11" | "EC 1.3.36.3.3.2.8.1.1.13" => {
            grade(Level::Insufficient, Level::Sufficient)
        }
        // Ed25519, Ed448.
        "1.3.101.112" | "1.3.101.113" => newer(Level::Sufficient),
        _ if key.starts_with("EC ") => grade(Level::Insufficient, Level::Insufficient),
        _ => UNNAMED,
    }
}

/// The signature in a certificate, by the name of its algorithm (2.1: table 3; 2025-05: 3.3.5).
pub fn signature(name: &str) -> Grade {
    let lower = name.to_ascii_lowercase();
    let has = |word: &str| lower.contains(word);
    if has("sha256") || has("sha384") || has("sha512") {
        return grade(Level::Good, Level::Good);
    }
    if has("sha224") {
        return grade(Level::Insufficient, Level::PhaseOut);
    }
    // The last is ecdsa-with-SHA1, which the registry of names lacks.
    if has("sha1") || has("md5") || has("md2") || lower == "1.2.840.10045.4.1" {
        return grade(Level::Insufficient, Level::Insufficient);
    }
    // RSA-PSS and EdDSA do not name the hash here.
    UNNAMED
}

/// A fact of a scan with its grade.
#[derive(Clone, Debug)]
pub struct Fact<'a> {
    /// What kind of fact.
    pub kind: Kind,
    /// The version that it belongs to; empty where that does not matter.
    pub version: &'a str,
    /// The fact.
    pub name: String,
    /// Its grade.
    pub grade: Grade,
}

/// Kinds of [`Fact`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A protocol version.
    Version,
    /// A cipher suite.
    Suite,
    /// A named group.
    Group,
    /// The prime of DHE.
    Dh,
    /// The key of the server's certificate.
    Key,
    /// The signature in it.
    Signature,
}

impl Kind {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Suite => "suite",
            Self::Group => "group",
            Self::Dh => "dh",
            Self::Key => "key",
            Self::Signature => "signature",
        }
    }
}

/// Everything that a server accepted and that the guideline grades.
pub fn facts(scan: &TlsScan) -> Vec<Fact<'_>> {
    let fact = |kind, version, name: &str, grade| Fact { kind, version, name: name.to_owned(), grade };
    let mut out = Vec::new();
    for accepted in scan.accepted() {
        let name = accepted.version.as_str();
        out.push(fact(Kind::Version, "", name, version(name)));
        out.extend(accepted.suites.iter().map(|known| fact(Kind::Suite, name, known, suite(known))));
    }
    out.extend(scan.groups.iter().map(|known| fact(Kind::Group, &known.version, &known.name, group(&known.name))));
    if let Some(prime) = &scan.dh {
        out.push(fact(Kind::Dh, "", &prime.name(), dh(prime)));
    }
    if let Some(leaf) = scan.chain.first() {
        out.push(fact(Kind::Key, "", &leaf.key, key(&leaf.key)));
        out.push(fact(Kind::Signature, "", &leaf.signature, signature(&leaf.signature)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_are_graded_by_their_algorithms() {
        let cases = [
            ("TLS_AES_128_GCM_SHA256", Level::Good, Level::Sufficient),
            ("TLS_AES_128_CCM_8_SHA256", Level::Insufficient, Level::Insufficient),
            ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", Level::Good, Level::Sufficient),
            ("TLS_ECDHE_ECDSA_WITH_AES_128_CCM", Level::Good, Level::Sufficient),
            ("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", Level::Insufficient, Level::Insufficient),
            ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", Level::Sufficient, Level::PhaseOut),
            ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", Level::Sufficient, Level::Insufficient),
            ("TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", Level::Sufficient, Level::PhaseOut),
            ("TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA", Level::Sufficient, Level::Insufficient),
            ("TLS_RSA_WITH_CAMELLIA_128_CBC_SHA", Level::PhaseOut, Level::Insufficient),
            ("TLS_RSA_WITH_AES_128_GCM_SHA256", Level::PhaseOut, Level::Insufficient),
            ("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", Level::PhaseOut, Level::Insufficient),
            ("TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256", Level::Insufficient, Level::PhaseOut),
            ("TLS_ECDHE_RSA_WITH_RC4_128_SHA", Level::Insufficient, Level::Insufficient),
            ("TLS_DHE_DSS_WITH_AES_128_CBC_SHA", Level::Insufficient, Level::Insufficient),
            ("TLS_ECDH_anon_WITH_AES_128_CBC_SHA", Level::Insufficient, Level::Insufficient),
            ("TLS_RSA_EXPORT_WITH_RC4_40_MD5", Level::Insufficient, Level::Insufficient),
            ("TLS_RSA_WITH_NULL_SHA256", Level::Insufficient, Level::Insufficient),
        ];
        for (name, old, new) in cases {
            assert_eq!(suite(name), grade(old, new), "{name}");
        }
    }

    #[test]
    fn parameters_have_their_level() {
        assert_eq!(key("RSA 2048").edition_2_1, Some(Level::Sufficient));
        assert_eq!(key("RSA 1024").edition_2_1, Some(Level::Insufficient));
        assert_eq!(key("RSA 4096").edition_2_1, Some(Level::Good));
        assert_eq!(key("EC 1.3.132.0.33").edition_2_1, Some(Level::PhaseOut));
        assert_eq!((key("EC P-521").edition_2_1, group("secp521r1").edition_2_1), (None, None));
        assert_eq!(dh(&DhPrime { bits: 2048, group: None }).edition_2_1, Some(Level::Insufficient));
        assert_eq!(dh(&DhPrime { bits: 3072, group: Some("ffdhe3072".into()) }).edition_2_1, Some(Level::Sufficient));
        assert_eq!(signature("sha1WithRSAEncryption").edition_2_1, Some(Level::Insufficient));
        assert_eq!(signature("1.2.840.10045.4.1").edition_2_1, Some(Level::Insufficient));
        assert_eq!(signature("ecdsa-with-SHA256").edition_2_1, Some(Level::Good));
        assert_eq!(version("TLSv1.1"), grade(Level::PhaseOut, Level::Insufficient));
    }
}
