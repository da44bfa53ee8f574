//! Carries out a plan for a DVP: is its counterparty, drives its person's browser, and records what the DVP does.
//!
//! The world is of the simulator and told to deviate by the steps; everything that reaches it lands in the [`Log`]. It judges
//! nothing and prints nothing. Entry point: [`run`].

mod apart;
mod asked;
mod hook;
mod log;
mod person;
mod watch;

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

use reqwest::cookie::Jar;

use crate::diag::Text;
use crate::env::Env;
use crate::exchange::Attested;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::SecretKind;
use crate::exchange::StepRecord;
use crate::exchange::Stop;
use crate::exchange::StopKind;
use crate::exchange::Trace;
use crate::plan::Operation;
use crate::plan::PlannedScenario;
use crate::plan::PlannedStep;
use crate::plan::TestPlan;
use crate::runner::Follower;
use crate::runner::Limits;
use crate::runner::RunnerError;
use crate::runner::capture::Recorder;
use crate::runner::client::watch::Times;
use crate::runner::let_pass;
use crate::runner::sender::Sender;
use crate::runner::tell_secrets;
use crate::simulator::stelsel::Stelsel;
use crate::suite::model::CollectFile;
use crate::text;

pub use apart::Answer;
pub use apart::Hand;
pub use apart::Task;
pub use apart::needs_our_browser;
pub use log::Log;

/// How often is looked whether something came in.
const POLL: Duration = Duration::from_millis(20);

/// Longest time that a DVP may go on after its browser came back, before the next scenario begins.
const LONGEST_SETTLING: Duration = Duration::from_secs(120);

/// Silence after which a request of a DVP is not waited for, when it does not share our clock and the step does not say.
const PATIENCE: Duration = Duration::from_secs(30);

/// The same once a person has said that it is done.
const AFTER_HAND: Duration = Duration::from_secs(1);

/// A log for a run for this DVP; the world is started with its [`Log::sink`].
pub fn log(env: &Env, client_id: &str, hosts: &[String]) -> Log {
    let hosts = hosts.iter().cloned().chain([client_id.to_owned()]).collect();
    Log::new(Recorder::new(env.clone(), Limits::default()), hosts)
}

/// Runs the plan and gives all that was recorded.
///
/// # Errors
/// When our own side is not able to act at all.
pub async fn run(
    plan: &TestPlan,
    env: &Env,
    stelsel: &Stelsel,
    log: &Log,
    follower: &mut dyn Follower,
) -> Result<Run, RunnerError> {
    let mut rounds = Rounds::new(plan, env, stelsel, log, None, Run::default())?;
    for scenario in plan.scenarios.iter().filter(|scenario| scenario.skip.is_none()) {
        follower.started(scenario);
        rounds.carry_out(scenario).await;
        follower.finished(scenario, &rounds.run);
    }
    rounds.close();
    Ok(rounds.run)
}

/// A run that is made scenario by scenario, in any order.
pub struct Rounds<'a> {
    plan: &'a TestPlan,
    env: &'a Env,
    stelsel: &'a Stelsel,
    log: &'a Log,
    sender: Sender,
    hand: Option<&'a dyn Hand>,
    /// Whether a scenario was done already in this sitting.
    goes_on: bool,
    /// Whether the DVP is on all the time, and its fetching of lists can be judged, whoever drives it.
    pub soaks: bool,
    /// What was recorded so far.
    pub run: Run,
}

impl<'a> Rounds<'a> {
    /// A run that goes on from an earlier one; `hand` is the person who drives a DVP that we cannot.
    ///
    /// # Errors
    /// When our own side is not able to act at all.
    pub fn new(
        plan: &'a TestPlan,
        env: &'a Env,
        stelsel: &'a Stelsel,
        log: &'a Log,
        hand: Option<&'a dyn Hand>,
        earlier: Run,
    ) -> Result<Self, RunnerError> {
        let candidate = &plan.candidate;
        let sender = Sender::new(candidate, env)?;
        stelsel.moves_clock(candidate.shares_clock);
        log.with(|recorder| {
            recorder.go_on(&earlier);
            tell_secrets(candidate, &mut recorder.secrets);
            for value in candidate.drive.iter().flat_map(|drive| &drive.steps).flat_map(|step| step.fill.values()) {
                if !value.contains("${") {
                    recorder.secrets.add(SecretKind::Login, value);
                }
            }
        });
        Ok(Self { plan, env, stelsel, log, sender, hand, goes_on: false, soaks: false, run: earlier })
    }

    /// Carries out one scenario. When it was done before, this takes the place of that.
    pub async fn carry_out(&mut self, scenario: &PlannedScenario) {
        let Self { plan, env, stelsel, log, hand, .. } = *self;
        let early = self.late();
        let was_full = log.is_full();
        let run = &mut self.run;
        if let Some(i) = run.traces.iter().position(|known| known.scenario == scenario.key) {
            let replaced = run.traces.remove(i);
            log.let_go(&replaced.exchanges);
            watch::forget(run, &replaced);
        }
        run.connections.retain(|known| known.scenario != scenario.key);
        let session = Session { plan, env, stelsel, log, sender: &self.sender, hand, scenario, jar: Mutex::default() };
        let mut times = Times::begin(env);
        let mut trace = session.carry_out(early, &mut times).await;
        // What a DVP still went on with is of the scenario before.
        let before = run.traces.last_mut().filter(|_| was_full);
        let now = Some(&mut trace).filter(|_| log.is_full());
        before.into_iter().chain(now).for_each(cut_short);
        let by_hand = hand.is_some() && plan.candidate.drive.is_none() && !self.soaks;
        watch::note(run, env, &trace, times, self.goes_on, by_hand);
        watch::lost(run, env, log.full_since());
        self.goes_on = true;
        run.traces.push(trace);
        run.connections.extend(log.take_connections());
        run.secrets = log.with(|recorder| recorder.secrets.facts());
    }

    /// Takes in what came after the last scenario: the run is over.
    pub fn close(&mut self) {
        let late = self.late();
        if let Some(last) = self.run.traces.last_mut() {
            if self.log.is_full() {
                cut_short(last);
            }
            let key = &last.scenario;
            last.exchanges.extend(late.into_iter().map(|exchange| Exchange { scenario: key.clone(), ..exchange }));
        }
        if self.soaks {
            watch::end(&mut self.run, self.env);
            watch::lost(&mut self.run, self.env, self.log.full_since());
        }
    }

    /// Puts what came in since the last scenario where it belongs: with the scenario that a DVP still went on with. Gives the
    /// lists that it fetched by itself. Other requests belong to no scenario: people may do what they like in between.
    fn late(&mut self) -> Vec<Exchange> {
        let mut lists = Vec::new();
        for exchange in self.log.take() {
            let trace = self.run.traces.iter_mut().find(|trace| trace.scenario == exchange.scenario);
            match trace {
                Some(trace) => trace.exchanges.push(exchange),
                None if is_list(&exchange) => lists.push(exchange),
                None => {}
            }
        }
        lists
    }
}

fn is_list(exchange: &Exchange) -> bool {
    exchange.interface == Interface::List
}

/// Nothing of this scenario is sure to be whole: what is not there may have been left out.
fn cut_short(trace: &mut Trace) {
    for step in &mut trace.steps {
        step.stopped.get_or_insert_with(too_much);
    }
}

fn too_much() -> Stop {
    let reason = Text::new(
        "de DVP stuurde meer dan wordt onthouden; toets minder scenario's in een run",
        "the DVP sent more than is kept; test fewer scenarios in one run",
    );
    stop(StopKind::Ours, "too-much", reason)
}

struct Session<'a> {
    plan: &'a TestPlan,
    env: &'a Env,
    stelsel: &'a Stelsel,
    log: &'a Log,
    sender: &'a Sender,
    hand: Option<&'a dyn Hand>,
    scenario: &'a PlannedScenario,
    /// The cookies of the browser that collected last.
    jar: Mutex<Arc<Jar>>,
}

impl Session<'_> {
    /// `early`: what a DVP did by itself before.
    async fn carry_out(&self, early: Vec<Exchange>, times: &mut Times) -> Trace {
        let mut trace = Trace { scenario: self.scenario.key.clone(), exchanges: early, ..Trace::default() };
        trace.exchanges.iter_mut().for_each(|exchange| exchange.scenario.clone_from(&self.scenario.key));
        self.log.scenario(&self.scenario.key);
        let mut probe = None;
        for step in &self.scenario.steps {
            probe = step.probe.clone().or(probe);
            self.log.step(&step.id, probe.clone());
            let (attested, stopped) = match self.step(step, &mut trace, times).await {
                Ok(attested) => (attested, None),
                Err(stop) => (None, Some(stop)),
            };
            let mut numbers: Vec<u32> = self.gather(&mut trace);
            if let Operation::Await { interface, get, post, .. } = &step.operation {
                numbers = matching(&trace.exchanges, *interface, get.as_deref(), *post);
            }
            let ends = stopped.is_some();
            trace.steps.push(StepRecord { step: step.id.clone(), exchanges: numbers, stopped, attested });
            if ends {
                break;
            }
        }
        // The next scenario begins in a world as usual.
        let _ = self.stelsel.set(&[]);
        self.stelsel.send_back(None);
        if self.is_by_hand() {
            // From here on people do as they like.
            self.log.scenario("");
        }
        trace
    }

    /// Moves what came in to the trace; gives the numbers.
    fn gather(&self, trace: &mut Trace) -> Vec<u32> {
        let new = self.log.take();
        let numbers = new.iter().map(|exchange| exchange.number).collect();
        trace.exchanges.extend(new);
        numbers
    }

    async fn step(&self, step: &PlannedStep, trace: &mut Trace, times: &mut Times) -> Result<Option<Attested>, Stop> {
        match &step.operation {
            Operation::World(names) => {
                times.deviates(self.env, names);
                self.stelsel.set(names).map(|()| None).map_err(|unknown| {
                    let reason = text!("de wereld kan `{unknown}` niet", "the world cannot do `{unknown}`");
                    stop(StopKind::Ours, "unknown-twist", reason)
                })
            }
            Operation::Collect { service, how } => {
                let attested = self.collect(&step.id, service, how).await?;
                self.settle().await;
                Ok(attested)
            }
            Operation::Wait(span) => {
                let from = self.env.now();
                let_pass(&self.plan.candidate, self.env, span.0).await;
                times.waited(from, self.env.now());
                Ok(None)
            }
            Operation::Await { interface, get, post, seconds } => {
                let begun = Instant::now();
                loop {
                    self.gather(trace);
                    let found = !matching(&trace.exchanges, *interface, get.as_deref(), *post).is_empty();
                    if found || self.is_late(begun, *seconds) {
                        return Ok(None);
                    }
                    tokio::time::sleep(POLL).await;
                }
            }
            _ => Err(stop(
                StopKind::Ours,
                "operation-of-a-server",
                Text::new(
                    "deze stap is voor een kandidaat met de rol DVA",
                    "this step is for a candidate with the role DVA",
                ),
            )),
        }
    }

    /// Collects as the step says.
    async fn collect(&self, step: &str, service: &str, how: &CollectFile) -> Result<Option<Attested>, Stop> {
        let drive = self.plan.candidate.drive.as_ref();
        if (drive.is_some() || self.hand.is_some()) && apart::takes_our_browser(drive, how) {
            return Err(apart::no_browser());
        }
        match (drive, self.hand) {
            (Some(drive), _) if drive.own_browser => self.by_itself(service, how).await,
            (Some(drive), _) => self.in_our_browser(drive, service, how).await,
            (None, Some(hand)) => self.by_hand(hand, step, service, how).await,
            (None, None) => {
                let reason = Text::new(
                    "het kandidaatbestand zegt niet waar verzamelen begint (`[drive]`); met `toetsbank serve` doen mensen het",
                    "the candidate file does not say where collecting begins (`[drive]`); with `toetsbank serve` people do it",
                );
                Err(stop(StopKind::NotSelected, "no-start", reason))
            }
        }
    }

    /// Whether a request is no longer waited for in a step that began then. What is missing together is waited for together:
    /// without a time of its own a step looks at how long the DVP has been silent.
    fn is_late(&self, begun: Instant, seconds: Option<u32>) -> bool {
        if self.plan.candidate.shares_clock {
            return true;
        }
        if let Some(seconds) = seconds {
            return begun.elapsed() >= Duration::from_secs(seconds.into());
        }
        // A person has said that it is done.
        let silence = if self.is_by_hand() { AFTER_HAND } else { PATIENCE };
        self.log.last().elapsed() >= silence || begun.elapsed() >= LONGEST_SETTLING
    }

    /// Whether people drive the DVP.
    fn is_by_hand(&self) -> bool {
        self.hand.is_some() && self.plan.candidate.drive.is_none()
    }

    /// Waits until the DVP is silent for as long as the candidate file says.
    async fn settle(&self) {
        let quiet = self.plan.candidate.drive.as_ref().map_or(0.0, |drive| drive.settle);
        let quiet = Duration::try_from_secs_f64(quiet).unwrap_or_default();
        let begun = Instant::now();
        while self.log.last().elapsed() < quiet && begun.elapsed() < LONGEST_SETTLING {
            tokio::time::sleep(POLL).await;
        }
    }
}

fn matching(exchanges: &[Exchange], interface: Interface, get: Option<&str>, post: bool) -> Vec<u32> {
    let fits = |exchange: &&Exchange| {
        exchange.interface == interface
            && get.is_none_or(|get| asked::by(&exchange.request, get))
            && (!post || exchange.request.method == "POST" && !asked::is_search(&exchange.request))
    };
    exchanges.iter().filter(fits).map(|exchange| exchange.number).collect()
}

fn stop(kind: StopKind, code: &str, reason: Text) -> Stop {
    Stop { kind, code: code.to_owned(), nl: reason.nl, en: reason.en }
}
