//! The stelselnode during a run: told by steps what to serve, and what the candidate fetched there put down.

use crate::exchange::Certificate;
use crate::exchange::Connection;
use crate::exchange::Exchange;
use crate::exchange::Hello;
use crate::exchange::NodeWatch;
use crate::exchange::Stop;
use crate::exchange::StopKind;
use crate::runner::capture::Label;
use crate::runner::capture::Raw;
use crate::runner::capture::Recorder;
use crate::simulator::stelsel::Seen;
use crate::simulator::stelsel::Sight;
use crate::simulator::stelselnode::Node;
use crate::text;

/// Headers of a fetch that are kept: others may hold what is the candidate's own affair.
const KEPT: [&str; 3] = ["host", "user-agent", "accept"];

/// The node of a run, when it has one.
pub struct Lists<'n> {
    node: Option<&'n mut Node>,
    /// Connections that tell something, until now.
    pub connections: Vec<Connection>,
}

impl<'n> Lists<'n> {
    /// With this node.
    pub fn new(node: Option<&'n mut Node>) -> Self {
        Self { node, connections: Vec::new() }
    }

    /// When the node was there.
    pub fn watch(&self) -> Option<NodeWatch> {
        self.node.as_ref().map(|node| node.watch())
    }

    /// From now on the node does these things otherwise.
    pub async fn set(&mut self, names: &[String]) -> Result<(), Stop> {
        let stop = |reason: crate::diag::Text| Stop {
            kind: StopKind::Ours,
            code: "stelselnode".to_owned(),
            nl: reason.nl,
            en: reason.en,
        };
        let Some(node) = &mut self.node else {
            return Err(stop(text!("er is geen stelselnode bij deze run", "there is no stelselnode beside this run")));
        };
        node.set(names).await.map_err(|error| stop(text!("stelselnode: {error}", "stelselnode: {error}")))
    }

    /// The node is as usual again.
    pub async fn restore(&mut self) {
        if let Some(node) = self.node.as_mut().filter(|node| !node.is_as_usual()) {
            // Its own certificate and lists were good when it started.
            let _ = node.set(&[]).await;
        }
    }

    /// What was fetched since it was asked last, redacted. A fetch is no probe: nothing in it deviates but what is answered.
    pub fn take(&mut self, recorder: &mut Recorder, label: &Label) -> Vec<Exchange> {
        let Some(node) = &self.node else { return Vec::new() };
        let before = std::mem::take(&mut recorder.exchanges);
        for sight in node.seen() {
            match sight {
                Sight::Request(seen) => keep(recorder, *seen, label),
                Sight::Connection(connection) => {
                    // What was offered is another matter than who was visited.
                    let (scenario, hello) = (label.scenario.clone(), Hello::default());
                    self.connections.push(Connection { scenario, hello, ..*connection });
                }
            }
        }
        std::mem::replace(&mut recorder.exchanges, before)
    }
}

fn keep(recorder: &mut Recorder, seen: Seen, label: &Label) {
    let Seen { started, took, mut request, response, certificate, hosts, .. } = seen;
    request.headers.retain(|(name, _)| KEPT.iter().any(|kept| name.eq_ignore_ascii_case(kept)));
    let certificate = match certificate {
        true => Certificate::Other(hosts.into_iter().find(|host| !host.is_empty()).unwrap_or_default()),
        false => Certificate::None,
    };
    let number = recorder.number();
    let label = Label { probe: None, certificate, ..label.clone() };
    recorder.keep(number, &Raw { started, took, request, response, failure: None }, label);
}
