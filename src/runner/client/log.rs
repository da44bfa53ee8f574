//! What came in during a run for a DVP, put down scenario by scenario; shared by the servers and the browser.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Instant;

use jiff::Timestamp;

use crate::exchange::Actor;
use crate::exchange::Certificate;
use crate::exchange::Connection;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::runner::capture::Label;
use crate::runner::capture::Raw;
use crate::runner::capture::Recorder;
use crate::simulator::stelsel::Seen;
use crate::simulator::stelsel::Sight;
use crate::simulator::stelsel::Sink;

/// Most connections that are kept of a run.
const MOST_CONNECTIONS: usize = 20_000;

/// Most exchanges that are kept of a run: a DVP in a loop must not fill the memory.
const MOST_EXCHANGES: usize = 100_000;

/// The log; clones share it.
#[derive(Clone)]
pub struct Log(Arc<Mutex<Inner>>);

struct Inner {
    recorder: Recorder,
    connections: Vec<Connection>,
    /// Hosts that the DVP may show on the back channel.
    hosts: Vec<String>,
    scenario: String,
    step: String,
    probe: Option<String>,
    /// How many connections and requests came in, and when something last did.
    met: usize,
    count: usize,
    last: Instant,
    /// When something was left out first for lack of room.
    full_since: Option<Timestamp>,
}

impl Log {
    /// A log for one run; `hosts` are those that the whitelist has for the DVP.
    pub fn new(recorder: Recorder, hosts: Vec<String>) -> Self {
        let (scenario, step) = Default::default();
        let last = Instant::now();
        let connections = Vec::new();
        Self(Arc::new(Mutex::new(Inner {
            recorder,
            connections,
            hosts,
            scenario,
            step,
            probe: None,
            met: 0,
            count: 0,
            last,
            full_since: None,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For the servers of the world.
    pub fn sink(&self) -> Sink {
        let log = self.clone();
        Arc::new(move |sight| match sight {
            Sight::Request(seen) => log.came_in(*seen),
            Sight::Connection(connection) => log.connected(*connection),
        })
    }

    fn came_in(&self, seen: Seen) {
        let mut inner = self.lock();
        inner.count += 1;
        inner.last = Instant::now();
        if inner.count > MOST_EXCHANGES {
            inner.full_since.get_or_insert(seen.started);
            return;
        }
        let is_known = |host: &String| inner.hosts.iter().any(|known| known.eq_ignore_ascii_case(host));
        let certificate = match (seen.certificate, seen.hosts.iter().any(is_known)) {
            (false, _) => Certificate::None,
            (true, true) => Certificate::Own,
            (true, false) => Certificate::Other(seen.hosts.first().cloned().unwrap_or_default()),
        };
        let actor = match seen.interface {
            Interface::Authorization | Interface::Page => Actor::UserAgent,
            _ => Actor::Dvp,
        };
        let label = inner.label(seen.interface, actor, certificate);
        let Seen { started, took, request, response, .. } = seen;
        let number = inner.recorder.number();
        inner.recorder.keep(number, &Raw { started, took, request, response, failure: None }, label);
        if inner.recorder.is_full() {
            inner.full_since.get_or_insert(started);
        }
    }

    fn connected(&self, connection: Connection) {
        let mut inner = self.lock();
        inner.last = Instant::now();
        inner.met += 1;
        if inner.met <= MOST_CONNECTIONS {
            let (scenario, probe) = (inner.scenario.clone(), inner.probe.clone());
            inner.connections.push(Connection { scenario, probe, ..connection });
        }
    }

    /// Whether something was left out for lack of room.
    pub fn is_full(&self) -> bool {
        let inner = self.lock();
        inner.count > MOST_EXCHANGES || inner.recorder.is_full()
    }

    /// When something was left out first for lack of room: of what came from then on nothing is known.
    pub fn full_since(&self) -> Option<Timestamp> {
        self.lock().full_since
    }

    /// Makes room again: these are no longer kept.
    pub fn let_go(&self, exchanges: &[Exchange]) {
        let mut inner = self.lock();
        inner.recorder.let_go(exchanges);
        inner.full_since = None;
    }

    /// The number of a visit of the browser to the DVP that begins now.
    pub fn number(&self) -> u32 {
        self.lock().recorder.number()
    }

    /// Keeps a visit of the browser to the DVP.
    pub fn visited(&self, number: u32, raw: &Raw) {
        let mut inner = self.lock();
        let label = inner.label(Interface::Client, Actor::UserAgent, Certificate::None);
        inner.recorder.keep(number, raw, label);
    }

    /// From now on what comes in belongs to this scenario.
    pub fn scenario(&self, key: &str) {
        let mut inner = self.lock();
        key.clone_into(&mut inner.scenario);
        inner.step.clear();
        inner.probe = None;
    }

    /// From now on what comes in belongs to this step of it.
    pub fn step(&self, id: &str, probe: Option<String>) {
        let mut inner = self.lock();
        id.clone_into(&mut inner.step);
        inner.probe = probe;
    }

    /// What came in since it was last taken, in order of beginning.
    pub fn take(&self) -> Vec<Exchange> {
        let mut taken = std::mem::take(&mut self.lock().recorder.exchanges);
        taken.sort_by_key(|exchange| exchange.number);
        taken
    }

    /// The connections since they were last taken.
    pub fn take_connections(&self) -> Vec<Connection> {
        std::mem::take(&mut self.lock().connections)
    }

    /// How many requests of an interface came in since they were last taken.
    pub fn count(&self, interface: Interface) -> usize {
        self.lock().recorder.exchanges.iter().filter(|exchange| exchange.interface == interface).count()
    }

    /// Something of the recorder.
    pub fn with<T>(&self, f: impl FnOnce(&mut Recorder) -> T) -> T {
        f(&mut self.lock().recorder)
    }

    /// When something last came in.
    pub fn last(&self) -> Instant {
        self.lock().last
    }
}

impl Inner {
    fn label(&self, interface: Interface, actor: Actor, certificate: Certificate) -> Label {
        Label {
            scenario: self.scenario.clone(),
            step: self.step.clone(),
            probe: self.probe.clone(),
            interface,
            actor,
            certificate,
        }
    }
}
