//! Whether the candidate's addresses answer, before the first scenario.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

use crate::candidate::Candidate;
use crate::candidate::Hook;
use crate::candidate::HookCall;
use crate::diag::Text;
use crate::env::Env;
use crate::exchange::Certificate;
use crate::exchange::CertificateFacts;
use crate::exchange::Failure;
use crate::exchange::FailureKind;
use crate::runner::failure;
use crate::runner::sender::Sender;
use crate::text;

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

/// Connects to the DVP itself, where our browser comes: where collecting begins and where the browser comes back.
pub async fn preflight_of_dvp(candidate: &Candidate, env: &Env) -> Vec<Reached> {
    let own = (Text::same("redirect_uri"), candidate.client.redirect_uri.clone());
    let start =
        candidate.drive.as_ref().and_then(|drive| drive.start.as_deref()).and_then(|text| Url::parse(text).ok());
    let start = start.map(|url| (Text::same("`start` [drive]"), url));
    let mut out: Vec<Reached> = Vec::new();
    for (what, url) in [own].into_iter().chain(start) {
        let address = crate::runner::sender::origin(&url);
        if !out.iter().any(|reached| reached.address == address) {
            out.push(connect(candidate, env, what, &url, &Certificate::None).await);
        }
    }
    out
}

/// Whether a hook can be called: the program is there, or somebody listens at the address. It is not called.
///
/// # Errors
/// Why not, for people.
pub async fn reach(hook: &Hook) -> Result<Text, Text> {
    match &hook.call {
        HookCall::Command { words, folder } => {
            let program = words.first().cloned().unwrap_or_default();
            let folders = match program.contains('/') {
                true => vec![if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.clone() }],
                false => std::env::var_os("PATH").iter().flat_map(std::env::split_paths).collect(),
            };
            match folders.iter().any(|folder| is_program(&folder.join(&program))) {
                true => Ok(text!("`{program}` is er", "`{program}` is there")),
                false => Err(text!(
                    "`{program}` is er niet of kan niet starten",
                    "`{program}` is not there, or cannot start"
                )),
            }
        }
        HookCall::Post { url, .. } => {
            let place = crate::runner::sender::origin(url);
            match tokio::time::timeout(DEADLINE, TcpStream::connect(&place)).await {
                Ok(Ok(_)) => Ok(text!("{place} is bereikbaar", "{place} is reachable")),
                Ok(Err(error)) => Err(Text::same(format!("{place}: {error}"))),
                Err(_) => Err(text!("{place}: geen verbinding binnen 10 s", "{place}: no connection within 10 s")),
            }
        }
    }
}

fn is_program(path: &Path) -> bool {
    let Ok(facts) = path.metadata() else { return false };
    #[cfg(unix)]
    let may_run = std::os::unix::fs::PermissionsExt::mode(&facts.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let may_run = true;
    facts.is_file() && may_run
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
