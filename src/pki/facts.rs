//! What a certificate says, for the trace.

use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

use sha2::Digest;
use sha2::Sha256;
use x509_parser::prelude::DistributionPointName;
use x509_parser::prelude::FromDer;
use x509_parser::prelude::GeneralName;
use x509_parser::prelude::ParsedExtension;
use x509_parser::prelude::X509Certificate;
use x509_parser::prelude::X509Name;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::exchange::CertificateFacts;
use crate::pki::PkiError;

/// The facts of a DER certificate.
///
/// # Errors
/// When the bytes are no X.509 certificate.
pub fn facts(der: &[u8]) -> Result<CertificateFacts, PkiError> {
    let (_, certificate) = X509Certificate::from_der(der).map_err(|error| PkiError::NotX509(error.to_string()))?;
    let validity = certificate.validity();
    Ok(CertificateFacts {
        subject: name(certificate.subject()),
        issuer: name(certificate.issuer()),
        names: names(&certificate),
        not_before: validity.not_before.timestamp(),
        not_after: validity.not_after.timestamp(),
        key: key(certificate.public_key()),
        signature: signature(&certificate),
        sha256: Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect(),
        key_usage: key_usage(&certificate),
        purposes: purposes(&certificate),
        policies: policies(&certificate),
        revocation: revocation(&certificate),
    })
}

/// The host names of a certificate: its Common Name first, then the Subject Alternative Names. Nothing when it is none.
pub fn hosts(der: &[u8]) -> Vec<String> {
    let Ok((_, certificate)) = X509Certificate::from_der(der) else { return Vec::new() };
    let common = certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
    let common = common.unwrap_or_default().to_owned();
    std::iter::once(common).chain(names(&certificate)).collect()
}

fn key_usage(certificate: &X509Certificate<'_>) -> Option<Vec<String>> {
    let usage = certificate.key_usage().ok()??.value;
    let bits = [
        (usage.digital_signature(), "digitalSignature"),
        (usage.non_repudiation(), "nonRepudiation"),
        (usage.key_encipherment(), "keyEncipherment"),
        (usage.data_encipherment(), "dataEncipherment"),
        (usage.key_agreement(), "keyAgreement"),
        (usage.key_cert_sign(), "keyCertSign"),
        (usage.crl_sign(), "cRLSign"),
    ];
    Some(bits.into_iter().filter(|(on, _)| *on).map(|(_, name)| name.to_owned()).collect())
}

fn purposes(certificate: &X509Certificate<'_>) -> Option<Vec<String>> {
    let usage = certificate.extended_key_usage().ok()??.value;
    let named = [
        (usage.any, "anyExtendedKeyUsage"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
    ];
    let named = named.into_iter().filter(|(on, _)| *on).map(|(_, name)| name.to_owned());
    Some(named.chain(usage.other.iter().map(|oid| oid.to_id_string())).collect())
}

fn policies(certificate: &X509Certificate<'_>) -> Vec<String> {
    let parsed = certificate.extensions().iter().map(|extension| extension.parsed_extension());
    let policies = parsed.filter_map(|extension| match extension {
        ParsedExtension::CertificatePolicies(policies) => Some(policies),
        _ => None,
    });
    policies.flat_map(|policies| policies.iter().map(|policy| policy.policy_id.to_id_string())).collect()
}

/// Addresses of OCSP (RFC 5280, section 4.2.2.1), then of revocation lists (section 4.2.1.13).
fn revocation(certificate: &X509Certificate<'_>) -> Vec<String> {
    const OCSP: &str = "1.3.6.1.5.5.7.48.1";
    let address = |name: &GeneralName<'_>| match name {
        GeneralName::URI(address) => Some((*address).to_owned()),
        _ => None,
    };
    let parsed = || certificate.extensions().iter().map(|extension| extension.parsed_extension());
    let mut out = Vec::new();
    for extension in parsed() {
        if let ParsedExtension::AuthorityInfoAccess(access) = extension {
            let asked = access.accessdescs.iter().filter(|one| one.access_method.to_id_string() == OCSP);
            out.extend(asked.filter_map(|one| address(&one.access_location)));
        }
    }
    for extension in parsed() {
        if let ParsedExtension::CRLDistributionPoints(lists) = extension {
            for point in lists.points.iter().filter_map(|point| point.distribution_point.as_ref()) {
                if let DistributionPointName::FullName(names) = point {
                    out.extend(names.iter().filter_map(address));
                }
            }
        }
    }
    out
}

/// A name as RFC 4514 writes it: the last part first, special characters escaped.
fn name(name: &X509Name<'_>) -> String {
    let registry = x509_parser::objects::oid_registry();
    let mut parts: Vec<String> = name
        .iter_attributes()
        .map(|attribute| {
            let oid = attribute.attr_type();
            let short =
                x509_parser::objects::oid2abbrev(oid, registry).map_or_else(|_| oid.to_id_string(), str::to_owned);
            format!("{short}={}", escape(attribute.as_str().unwrap_or("")))
        })
        .collect();
    parts.reverse();
    parts.join(",")
}

fn escape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for (i, c) in value.chars().enumerate() {
        let edge = (c == ' ' && (i == 0 || i + 1 == value.chars().count())) || (c == '#' && i == 0);
        if edge || matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return Vec::new() };
    extension
        .value
        .general_names
        .iter()
        .filter_map(|general| match general {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            GeneralName::IPAddress(bytes) => address(bytes),
            _ => None,
        })
        .collect()
}

fn address(bytes: &[u8]) -> Option<String> {
    let v4 = <[u8; 4]>::try_from(bytes).map(|octets| Ipv4Addr::from(octets).to_string());
    let v6 = <[u8; 16]>::try_from(bytes).map(|octets| Ipv6Addr::from(octets).to_string());
    v4.or(v6).ok()
}

fn key(info: &SubjectPublicKeyInfo<'_>) -> String {
    match info.parsed() {
        Ok(PublicKey::RSA(key)) => format!("RSA {}", key.key_size()),
        Ok(PublicKey::EC(point)) => curve(info).unwrap_or_else(|| format!("EC {} bits", point.key_size())),
        _ => info.algorithm.algorithm.to_id_string(),
    }
}

/// The algorithm that the issuer signed with, by its registered name.
fn signature(certificate: &X509Certificate<'_>) -> String {
    let oid = &certificate.signature_algorithm.algorithm;
    x509_parser::objects::oid2sn(oid, x509_parser::objects::oid_registry())
        .map_or_else(|_| oid.to_id_string(), str::to_owned)
}

/// The curve by its NIST name.
fn curve(info: &SubjectPublicKeyInfo<'_>) -> Option<String> {
    let oid = info.algorithm.parameters.as_ref()?.as_oid().ok()?;
    let name = match oid.to_id_string().as_str() {
        "1.2.840.10045.3.1.7" => "P-256",
        "1.3.132.0.34" => "P-384",
        "1.3.132.0.35" => "P-521",
        _ => return Some(format!("EC {}", oid.to_id_string())),
    };
    Some(format!("EC {name}"))
}
