//! Names what went wrong on the line: from library errors to [`Failure`].

use std::error::Error;
use std::io::ErrorKind;

use crate::exchange::Failure;
use crate::exchange::FailureKind;

/// The failure behind an error of the HTTP client, told by the innermost cause that says something.
pub fn of(error: &(dyn Error + 'static)) -> Failure {
    let mut chain: Vec<&(dyn Error + 'static)> = Vec::new();
    let mut at = Some(error);
    while let Some(error) = at {
        chain.push(error);
        at = inner(error);
    }
    let kind = chain.iter().rev().find_map(|error| kind_of(*error)).unwrap_or(FailureKind::Closed);
    let detail = chain.last().map(ToString::to_string).unwrap_or_default();
    Failure { kind, detail }
}

/// The next cause: an I/O error may hold one that its `source` does not show.
fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(held) => Some(held),
        None => error.source(),
    }
}

fn kind_of(error: &(dyn Error + 'static)) -> Option<FailureKind> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(match tls {
            rustls::Error::AlertReceived(_) => FailureKind::TlsAlert,
            rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer) => FailureKind::UnknownIssuer,
            rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
                FailureKind::UntrustedCertificate
            }
            _ => FailureKind::Tls,
        });
    }
    if let Some(io) = error.downcast_ref::<std::io::Error>() {
        return match io.kind() {
            ErrorKind::ConnectionRefused => Some(FailureKind::Refused),
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof => Some(FailureKind::Closed),
            ErrorKind::TimedOut => Some(FailureKind::Timeout),
            _ => None,
        };
    }
    if let Some(http) = error.downcast_ref::<hyper::Error>() {
        return if http.is_parse_too_large() {
            Some(FailureKind::TooLarge)
        } else if http.is_parse() {
            Some(FailureKind::NotHttp)
        } else if http.is_incomplete_message() || http.is_closed() || http.is_canceled() {
            Some(FailureKind::Closed)
        } else if http.is_body_write_aborted() {
            Some(FailureKind::Truncated)
        } else if http.is_timeout() {
            Some(FailureKind::Timeout)
        } else {
            None
        };
    }
    if let Some(client) = error.downcast_ref::<reqwest::Error>() {
        return if client.is_timeout() {
            Some(FailureKind::Timeout)
        } else if client.is_builder() {
            Some(FailureKind::Ours)
        } else {
            None
        };
    }
    let text = error.to_string();
    (text.contains("dns error") || text.contains("failed to lookup")).then_some(FailureKind::Unresolved)
}
