//! Whether the candidate's addresses answer, before the first scenario.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

use crate::candidate::Candidate;
use crate::diag::Text;
use crate::env::Env;
use crate::exchange::Certificate;
use crate::exchange::CertificateFacts;
use crate::exchange::Failure;
use crate::exchange::FailureKind;
use crate::runner::failure;
use crate::runner::sender::Sender;

/// Longest wait for one address.
const DEADLINE: Duration = Duration::from_secs(10);

/// What came of a connection to one address of the candidate file.
#[derive(Clone, Debug)]
pub struct Reached {
    /// Which address, for people.
    pub what: Text,
    /// `host:port`.
    pub address: String,
    /// TLS version and cipher suite, when the handshake was finished.
    pub tls: Option<(String, String)>,
    /// The certificates that it showed.
    pub chain: Vec<CertificateFacts>,
    /// Why it was not reached.
    pub failure: Option<Failure>,
}

/// Connects to each address of the candidate.
pub async fn preflight(candidate: &Candidate, env: &Env) -> Vec<Reached> {
    let endpoints = &candidate.endpoints;
    let mut wanted = vec![
        (Text::same("AuthorizationEndpoint"), &endpoints.authorization, Certificate::None),
        (Text::same("TokenEndpoint"), &endpoints.token, Certificate::Own),
    ];
    for (code, url) in &endpoints.resource {
        wanted.push((Text::same(format!("ResourceEndpoint {code}")), url, Certificate::Own));
    }
    let mut out: Vec<Reached> = Vec::new();
    for (what, url, certificate) in wanted {
        let address = crate::runner::sender::origin(url);
        let known = out.iter().find(|reached| reached.address == address && certificate == Certificate::Own);
        let reached = match known {
            Some(known) => Reached { what, ..known.clone() },
            None => connect(candidate, env, what, url, &certificate).await,
        };
        out.push(reached);
    }
    out
}

async fn connect(candidate: &Candidate, env: &Env, what: Text, url: &Url, certificate: &Certificate) -> Reached {
    let address = crate::runner::sender::origin(url);
    let mut reached = Reached { what, address, tls: None, chain: Vec::new(), failure: None };
    let attempt = async {
        let ours = |detail: String| Failure { kind: FailureKind::Ours, detail };
        let sender = Sender::new(candidate, env).map_err(|error| ours(error.to_string()))?;
        let config = sender.tls(certificate).map_err(|error| ours(error.to_string()))?;
        let target = sender
            .address(url)
            .map_err(|error| Failure { kind: FailureKind::Unresolved, detail: error.to_string() })?;
        let stream = TcpStream::connect(target).await.map_err(|error| failure::of(&error))?;
        let name =
            ServerName::try_from(url.host_str().unwrap_or("").to_owned()).map_err(|error| ours(error.to_string()))?;
        let handshake = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
        let facts = sender.chain(url);
        let stream = handshake.map_err(|error| failure::of(&error));
        Ok::<_, Failure>((stream, facts))
    };
    match tokio::time::timeout(DEADLINE, attempt).await {
        Ok(Ok((Ok(stream), chain))) => {
            let (_, connection) = stream.get_ref();
            let version = connection.protocol_version().map(|version| format!("{version:?}")).unwrap_or_default();
            let suite =
                connection.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite())).unwrap_or_default();
            reached.tls = Some((version, suite));
            reached.chain = chain;
        }
        Ok(Ok((Err(failure), chain))) => {
            reached.chain = chain;
            reached.failure = Some(failure);
        }
        Ok(Err(failure)) => reached.failure = Some(failure),
        Err(_) => {
            let detail = format!("no connection within {} s", DEADLINE.as_secs());
            reached.failure = Some(Failure { kind: FailureKind::Timeout, detail });
        }
    }
    reached
}
