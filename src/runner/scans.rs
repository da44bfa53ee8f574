//! TLS scans of the candidate's addresses, each once.

use std::time::Duration;

use tokio::task::JoinSet;
use url::Url;

use crate::candidate::Candidate;
use crate::env::Env;
use crate::exchange::TlsScan;
use crate::exchange::Undecided;
use crate::probe;
use crate::probe::Target;
use crate::runner::sender::Sender;
use crate::runner::sender::origin;

/// Longest wait for one answer of a scan.
const PATIENCE: Duration = Duration::from_secs(5);

/// Scans each address of the candidate, all at a time, in the order of the candidate file.
pub(super) async fn scans(candidate: &Candidate, sender: &Sender, env: &Env) -> Vec<TlsScan> {
    let endpoints = &candidate.endpoints;
    let mut urls: Vec<&Url> = Vec::new();
    for url in [&endpoints.authorization, &endpoints.token].into_iter().chain(endpoints.resource.values()) {
        if urls.iter().all(|known| origin(known) != origin(url)) {
            urls.push(url);
        }
    }
    let mut scanning = JoinSet::new();
    for (i, url) in urls.iter().enumerate() {
        let (name, host) = (origin(url), url.host_str().unwrap_or_default().to_owned());
        let (address, env) = (sender.address(url), env.clone());
        // The front channel asks for none, and is to see none.
        let is_back = origin(url) != origin(&endpoints.authorization);
        let identity = if is_back { sender.certified() } else { None };
        scanning.spawn(async move {
            let scan = match address {
                Ok(address) => probe::scan(&Target { name, host, address, patience: PATIENCE, identity }, &env).await,
                Err(error) => {
                    let undecided = vec![Undecided { item: "connection".into(), reason: error.to_string() }];
                    TlsScan { address: name, at: env.now(), undecided, ..TlsScan::default() }
                }
            };
            (i, scan)
        });
    }
    let mut out: Vec<(usize, TlsScan)> = scanning.join_all().await;
    out.sort_by_key(|(i, _)| *i);
    out.into_iter().map(|(_, scan)| scan).collect()
}
