//! Carries out a plan: sends, records, and tells what happens. It judges nothing and prints nothing.
//!
//! One of the modules that touch the network, with `simulator` and `probe`. What the candidate does (refuse, cut, stall)
//! is recorded as the outcome of the exchange; only what we cannot do is a [`RunnerError`]. Entry point: [`run`].

mod browser;
mod capture;
pub mod client;
pub mod desk;
mod failure;
mod flow;
mod leak;
mod limits;
mod lists;
mod pace;
mod preflight;
mod scans;
mod scenario;
mod sender;
mod unpack;
mod variables;

pub use capture::Label;
pub use capture::Raw;
pub use capture::Recorder;
pub use limits::Limits;
pub use preflight::Reached;
pub use preflight::preflight;
pub use preflight::preflight_of_dvp;
pub use preflight::reach;
pub use sender::RunnerError;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::candidate::Candidate;
use crate::candidate::LoginMode;
use crate::env::Env;
use crate::exchange::FailureKind;
use crate::exchange::Run;
use crate::exchange::SecretKind;
use crate::exchange::Secrets;
use crate::exchange::Stop;
use crate::exchange::StopKind;
use crate::exchange::Trace;
use crate::plan::PlannedScenario;
use crate::plan::TestPlan;
use crate::runner::lists::Lists;
use crate::runner::scenario::Captures;
use crate::runner::scenario::World;
use crate::runner::sender::Sender;
use crate::simulator::stelselnode::Node;

/// A person who can log in where the harness cannot (`mode = "manual"`).
pub trait Person {
    /// Shows the address to open and gives back the address that the browser ended at; `None` when they give up.
    fn visit(&mut self, url: &str) -> Option<String>;
}

/// What happened, for whoever follows the run.
pub trait Follower {
    /// A scenario instance begins.
    fn started(&mut self, scenario: &PlannedScenario);
    /// A scenario instance is done; the run so far holds its trace.
    fn finished(&mut self, scenario: &PlannedScenario, run: &Run);
}

/// What everyone knows: a password may be part of it (`test`), and rules compare it.
fn public(candidate: &Candidate) -> Vec<String> {
    let endpoints = &candidate.endpoints;
    let back = [&endpoints.authorization, &endpoints.token, &candidate.client.redirect_uri];
    let mut texts = vec![candidate.client.client_id.clone(), candidate.scope().to_owned()];
    for url in back.into_iter().chain(endpoints.resource.values()) {
        texts.push(url.to_string());
        texts.extend(url.host_str().map(str::to_owned));
    }
    texts
}

/// What is secret of the candidate before anything is sent, and what is not.
fn tell_secrets(candidate: &Candidate, secrets: &mut Secrets) {
    for text in public(candidate) {
        secrets.public(&text);
    }
    for patient in &candidate.patients {
        secrets.add(SecretKind::Login, &patient.password);
        if let Some(token) = &patient.token {
            secrets.add(SecretKind::AccessToken, token);
        }
        if let Some(bsn) = &patient.bsn {
            secrets.add(SecretKind::Bsn, bsn);
        }
    }
}

/// Lets time pass: moved on for a counterpart of ours, waited for with anybody else.
async fn let_pass(candidate: &Candidate, env: &Env, span: Duration) {
    match candidate.shares_clock {
        true => env.pass(span).await,
        false => tokio::time::sleep(span).await,
    }
}

/// Runs the plan and gives all that was recorded.
///
/// # Errors
/// When our own side is not able to send at all: certificates or keys that cannot be used.
pub async fn run(
    plan: &TestPlan,
    env: &Env,
    person: &mut dyn Person,
    follower: &mut dyn Follower,
) -> Result<Run, RunnerError> {
    run_within(plan, env, person, follower, Surroundings::default()).await
}

/// What a run has beside the candidate.
#[derive(Default)]
pub struct Surroundings<'a> {
    /// What a candidate may take.
    pub limits: Limits,
    /// The stelselnode that the candidate can fetch its lists from.
    pub node: Option<&'a mut Node>,
}

/// The same as [`run`] in these surroundings.
///
/// # Errors
/// See [`run`].
pub async fn run_within(
    plan: &TestPlan,
    env: &Env,
    person: &mut dyn Person,
    follower: &mut dyn Follower,
    surroundings: Surroundings<'_>,
) -> Result<Run, RunnerError> {
    let Surroundings { limits, node } = surroundings;
    let mut lists = Lists::new(node);
    let sender = Sender::new(&plan.candidate, env)?;
    let led = plan.candidate.trust.connect.keys().cloned();
    let mut recorder = Recorder::new(env.clone(), limits).leading(led);
    tell_secrets(&plan.candidate, &mut recorder.secrets);
    let mut run = Run::default();
    let reached = preflight(&plan.candidate, env).await;
    if reached.iter().all(|endpoint| endpoint.failure.is_some()) {
        run.stopped = Some(nothing_answers(&reached));
        return Ok(run);
    }
    // Scans are probes of the whole: a run of single scenarios does without.
    if plan.candidate.probes.tls && plan.candidate.allows_probes() && plan.selection.scenarios.is_empty() {
        run.scans = scans::scans(&plan.candidate, &sender, env).await;
    }
    let mut captures: BTreeMap<String, Captures> = BTreeMap::new();
    // What others need comes first: when nobody can log in there is nothing to test.
    let is_needed =
        |scenario: &&PlannedScenario| plan.scenarios.iter().any(|other| other.needs.contains(&scenario.key));
    let (first, rest): (Vec<_>, Vec<_>) = plan.scenarios.iter().partition(is_needed);
    for (phase, scenarios) in [first, rest].into_iter().enumerate() {
        for scenario in &scenarios {
            if scenario.skip.is_some() {
                continue;
            }
            follower.started(scenario);
            let before = captured(plan, scenario, &captures);
            let world = World { sender: &sender, recorder: &mut recorder, person, lists: &mut lists };
            let (trace, after) = scenario::carry_out(plan, scenario, before, world).await;
            captures.insert(scenario.key.clone(), after);
            run.traces.push(trace);
            run.node = lists.watch();
            run.connections = lists.connections.clone();
            run.secrets = recorder.secrets.facts();
            follower.finished(scenario, &run);
        }
        let logins = run.traces.iter().filter(|trace| scenarios.iter().any(|s| s.key == trace.scenario));
        if phase == 0 && !scenarios.is_empty() && !run.traces.is_empty() && logins.clone().all(stopped) {
            run.stopped = Some(nobody_logs_in(&run.traces));
            break;
        }
    }
    Ok(run)
}

/// What a scenario starts with: the captures of those it needs, or the fixed token of its patient.
fn captured(plan: &TestPlan, scenario: &PlannedScenario, captures: &BTreeMap<String, Captures>) -> Captures {
    let mut out = Captures::default();
    for key in &scenario.needs {
        if let Some(known) = captures.get(key) {
            out.extend(known);
        }
    }
    let patient = scenario.patient.map(|i| &plan.candidate.patients[i]);
    if plan.candidate.login.mode == LoginMode::Token
        && let Some(token) = patient.and_then(|patient| patient.token.clone())
    {
        out.set("accessToken", token);
    }
    out
}

fn stopped(trace: &Trace) -> bool {
    trace.steps.iter().any(|step| step.stopped.is_some())
}

fn nothing_answers(reached: &[Reached]) -> Stop {
    let mut list: Vec<String> =
        reached.iter().map(|r| format!("{}: {}", r.address, r.failure.as_ref().map_or("", |f| &f.detail))).collect();
    // The same address may stand for several interfaces.
    list.dedup();
    let list = list.join("; ");
    let kinds: Vec<FailureKind> = reached.iter().filter_map(|r| r.failure.as_ref()).map(|f| f.kind).collect();
    let all = |wanted: &[FailureKind]| kinds.iter().all(|kind| wanted.contains(kind));
    let (nl, en) = if all(&[FailureKind::UnknownIssuer]) {
        (
            "elk adres van de kandidaat antwoordt met een certificaat van een uitgever die niet in `[trust] ca` staat",
            "every address of the candidate answers with a certificate of an issuer that `[trust] ca` does not name",
        )
    } else if all(&[FailureKind::UntrustedCertificate, FailureKind::UnknownIssuer]) {
        (
            "elk adres van de kandidaat antwoordt met een certificaat dat niet te vertrouwen is",
            "every address of the candidate answers with a certificate that cannot be trusted",
        )
    } else {
        ("geen enkel adres van de kandidaat is te gebruiken", "no address of the candidate can be used")
    };
    Stop {
        kind: StopKind::Ours,
        code: "nothing-answers".into(),
        nl: format!("{nl}: {list}"),
        en: format!("{en}: {list}"),
    }
}

fn nobody_logs_in(traces: &[Trace]) -> Stop {
    let first = traces.iter().flat_map(|trace| &trace.steps).find_map(|step| step.stopped.as_ref());
    let (nl, en) = first.map(|stop| (stop.nl.as_str(), stop.en.as_str())).unwrap_or_default();
    let mut stops = traces.iter().flat_map(|trace| &trace.steps).filter_map(|step| step.stopped.as_ref());
    if stops.all(|stop| stop.kind == StopKind::NotSelected) {
        return Stop {
            kind: StopKind::NotSelected,
            code: "waits-for-a-person".into(),
            nl: format!("er is een mens nodig die inlogt: {nl}"),
            en: format!("it needs a person to log in: {en}"),
        };
    }
    Stop {
        kind: StopKind::Ours,
        code: "nobody-logs-in".into(),
        nl: format!("geen enkele patiënt kan inloggen: {nl}"),
        en: format!("no patient can log in: {en}"),
    }
}
