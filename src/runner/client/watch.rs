//! When the stelselnode of the world was there for a DVP: what rules about the time between fetches go by.
//!
//! A DVP that people drive is on when they are at work: of it only the time counts that a scenario asks to let pass.

use jiff::Timestamp;

use crate::env::Env;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::NodeWatch;
use crate::exchange::Run;
use crate::exchange::Stretch;
use crate::exchange::Trace;
use crate::simulator::stelselnode;

/// Beginning of the names of deviations in which nobody should fetch anything.
const UNSOUND: &str = "stelselnode-certificate-";

/// The times of one scenario.
#[derive(Debug, Default)]
pub(super) struct Times {
    begun: Timestamp,
    waited: Vec<Stretch>,
    unsound: Vec<Stretch>,
    is_unsound: bool,
}

impl Times {
    /// A scenario begins.
    pub(super) fn begin(env: &Env) -> Self {
        Self { begun: env.now(), ..Self::default() }
    }

    /// The world is told to deviate in these ways.
    pub(super) fn deviates(&mut self, env: &Env, names: &[String]) {
        let now = env.now();
        if let Some(last) = self.unsound.last_mut().filter(|_| self.is_unsound) {
            last.until = now;
        }
        self.is_unsound = names.iter().any(|name| name.starts_with(UNSOUND));
        if self.is_unsound {
            self.unsound.push(Stretch { from: now, until: now });
        }
    }

    /// Time was let pass.
    pub(super) fn waited(&mut self, from: Timestamp, until: Timestamp) {
        self.waited.push(Stretch { from, until });
    }
}

/// Adds a scenario that was just done to what is known of the run. `goes_on`: the DVP was in use since the one before.
pub(super) fn note(run: &mut Run, env: &Env, trace: &Trace, mut times: Times, goes_on: bool, by_hand: bool) {
    let now = env.now();
    times.deviates(env, &[]);
    // Until something comes nobody knows whether the DVP is there.
    let first = trace.exchanges.iter().filter(|exchange| is_sign(exchange)).map(|exchange| exchange.started).min();
    let Some(first) = run.node.as_ref().map(|node| node.from).or(first) else { return };
    let address = stelselnode::HOST.to_owned();
    let node = run.node.get_or_insert(NodeWatch { address, from: first, until: first, ..NodeWatch::default() });
    if by_hand {
        let mut from = node.until;
        for span in &times.waited {
            node.shut.push(Stretch { from, until: span.from });
            from = span.until;
        }
        node.shut.push(Stretch { from, until: now });
    } else if !goes_on {
        node.shut.push(Stretch { from: node.until, until: times.begun });
    }
    node.unsound.extend(times.unsound);
    node.until = now;
}

/// The run is over, of a DVP that was on until now.
pub(super) fn end(run: &mut Run, env: &Env) {
    let first = run.exchanges().filter(|exchange| is_sign(exchange)).map(|exchange| exchange.started).min();
    let Some(first) = first else { return };
    let address = stelselnode::HOST.to_owned();
    let node = run.node.get_or_insert(NodeWatch { address, from: first, until: first, ..NodeWatch::default() });
    node.until = env.now();
}

/// Whether an exchange shows that the DVP is there: it sent it, or answered.
fn is_sign(exchange: &Exchange) -> bool {
    exchange.interface != Interface::Client || exchange.response.is_some()
}

/// From this moment on there was no room for what came in: nobody knows what was fetched.
pub(super) fn lost(run: &mut Run, env: &Env, since: Option<Timestamp>) {
    if let Some((node, from)) = run.node.as_mut().zip(since) {
        node.shut.push(Stretch { from, until: env.now() });
    }
}

/// A scenario is done again: what was fetched in it is no longer known.
pub(super) fn forget(run: &mut Run, trace: &Trace) {
    let moments = || trace.exchanges.iter().map(|exchange| exchange.started);
    if let (Some(node), Some(from), Some(until)) = (&mut run.node, moments().min(), moments().max()) {
        node.shut.push(Stretch { from, until });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn trace(at: &[Timestamp]) -> Trace {
        let exchange = |started: &Timestamp| Exchange { started: *started, ..testing() };
        Trace { exchanges: at.iter().map(exchange).collect(), ..Trace::default() }
    }

    /// How long it was open, each time.
    fn seconds(run: &Run) -> Vec<i64> {
        let open = run.node.as_ref().unwrap().open();
        let whole = |span: &Stretch| (span.until.as_millisecond() - span.from.as_millisecond() + 500) / 1000;
        open.iter().map(whole).filter(|seconds| *seconds > 0).collect()
    }

    fn testing() -> Exchange {
        use crate::exchange::Actor;
        use crate::exchange::Body;
        use crate::exchange::Certificate;
        use crate::exchange::Request;
        Exchange {
            number: 1,
            scenario: String::new(),
            step: String::new(),
            interface: Interface::List,
            actor: Actor::Dvp,
            probe: None,
            certificate: Certificate::Own,
            started: Timestamp::default(),
            wait_ms: 0.0,
            total_ms: 0.0,
            request: Request { method: "GET".into(), url: String::new(), headers: Vec::new(), body: Body::Empty },
            response: None,
            failure: None,
            forward: None,
            tls: None,
        }
    }

    #[test]
    fn of_a_dvp_by_hand_only_what_is_waited_for_counts() {
        let env = Env::seeded(1);
        let mut run = Run::default();
        let start = env.now();
        let mut times = Times::begin(&env);
        env.advance(Duration::from_secs(100));
        let from = env.now();
        env.advance(Duration::from_secs(1000));
        times.waited(from, env.now());
        env.advance(Duration::from_secs(100));
        note(&mut run, &env, &trace(&[start]), times, false, true);
        assert_eq!(seconds(&run), [1000]);
    }

    #[test]
    fn what_lies_between_two_sittings_and_what_is_done_again_does_not_count() {
        let env = Env::seeded(1);
        let mut run = Run::default();
        let mut moments = Vec::new();
        for goes_on in [false, true, false] {
            let times = Times::begin(&env);
            moments.push(env.now());
            env.advance(Duration::from_secs(100));
            note(&mut run, &env, &trace(&[moments[moments.len() - 1]]), times, goes_on, false);
            moments.push(env.now());
            env.advance(Duration::from_secs(100));
        }
        assert_eq!(seconds(&run), [300, 100]);
        forget(&mut run, &trace(&[moments[1], moments[2]]));
        assert_eq!(seconds(&run), [100, 100, 100]);
    }

    #[test]
    fn a_dvp_that_is_not_there_yet_does_not_count() {
        let env = Env::seeded(1);
        let visit = Exchange { interface: Interface::Client, started: env.now(), ..testing() };
        env.advance(Duration::from_secs(1200));
        let mut late = trace(&[env.now()]);
        late.exchanges.insert(0, visit);
        env.advance(Duration::from_secs(300));
        let mut run = Run { traces: vec![late.clone()], ..Run::default() };
        end(&mut run, &env);
        assert_eq!(seconds(&run), [300]);
        let mut run = Run::default();
        note(&mut run, &env, &late, Times::begin(&env), true, false);
        assert_eq!(seconds(&run), [300]);
    }

    #[test]
    fn what_there_was_no_room_for_does_not_count() {
        let env = Env::seeded(1);
        let mut run = Run { traces: vec![trace(&[env.now()])], ..Run::default() };
        env.advance(Duration::from_secs(600));
        let since = env.now();
        env.advance(Duration::from_secs(3000));
        end(&mut run, &env);
        lost(&mut run, &env, None);
        assert_eq!(seconds(&run), [3600]);
        lost(&mut run, &env, Some(since));
        lost(&mut run, &env, Some(since));
        assert_eq!(seconds(&run), [600]);
    }

    #[test]
    fn a_dvp_that_is_on_counts_until_the_end() {
        let env = Env::seeded(1);
        let mut run = Run { traces: vec![trace(&[env.now()])], ..Run::default() };
        env.advance(Duration::from_secs(2100));
        end(&mut run, &env);
        assert_eq!(seconds(&run), [2100]);
    }
}
