//! A search by POST, which FHIR allows in the place of one by GET. Entry point: [`by_get`].

use hyper::Method;
use hyper::body::Bytes;

use crate::simulator::http::Received;

/// How the path of a search by POST ends (FHIR STU3, RESTful API, search).
const SUFFIX: &str = "/_search";

/// The search by GET that a search by POST stands for; `None` for any other request.
pub(super) fn by_get(received: &Received) -> Option<Received> {
    let path = received.path.strip_suffix(SUFFIX).filter(|_| received.method == Method::POST)?;
    let kind = received.header("content-type").unwrap_or_default();
    if kind.split(';').next().unwrap_or_default().trim() != "application/x-www-form-urlencoded" {
        return None;
    }
    let form = std::str::from_utf8(&received.body).ok()?;
    let parts = [received.query.as_str(), form].into_iter().filter(|part| !part.is_empty());
    Some(Received {
        method: Method::GET,
        path: path.to_owned(),
        query: parts.collect::<Vec<_>>().join("&"),
        headers: received.headers.clone(),
        body: Bytes::new(),
        certificate: received.certificate,
        hosts: received.hosts.clone(),
        local: received.local,
    })
}
