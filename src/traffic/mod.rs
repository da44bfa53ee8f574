//! Recorded traffic between a DVP and a DVA, of whoever recorded it: both sides judged at once, by the rules of a run.
//!
//! Reads captures, redacts them, recognises the interfaces and the flows, and has each side judged by what its rules may
//! see. A capture that holds less than a run accuses nobody. Knows no files and prints nothing. Entry points: [`read`],
//! then [`Traffic::judge`].

mod content;
mod flows;
mod outcome;
mod parties;
mod recognise;
mod record;
mod sight;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::Date;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::candidate::Candidate;
use crate::event::RunOutcome;
use crate::event::Verdict;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::foreign;
use crate::exchange::foreign::ForeignError;
use crate::exchange::foreign::Held;
use crate::exchange::foreign::Sighted;
use crate::exchange::har;
use crate::exchange::har::HarError;
use crate::judge;
use crate::plan::TestPlan;
use crate::requirement::Release;
use crate::requirement::Role;
use crate::suite::model::Suite;

pub use parties::Parties;

/// A file of a capture.
#[derive(Debug)]
pub struct Capture {
    /// Its name, for messages.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Why captures cannot be judged.
#[derive(Debug)]
pub enum TrafficError {
    /// A file is no HAR.
    NotHar(String, ForeignError),
    /// A file is a trace of toetsbank that cannot be read.
    NotTrace(String, HarError),
    /// A trace of toetsbank beside another file: its secrets are told by placeholders of its own.
    NotAlone(String),
    /// Nothing of what was read belongs to an interface of the Afsprakenstelsel; so many exchanges were read.
    Nothing(usize),
}

impl fmt::Display for TrafficError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHar(name, error) => write!(f, "`{name}`: {error}"),
            Self::NotTrace(name, error) => write!(f, "`{name}`: {error}"),
            Self::NotAlone(name) => {
                write!(f, "`{name}` is a trace of toetsbank, which can be judged by itself only; leave the others out")
            }
            Self::Nothing(count) => write!(
                f,
                "none of the {count} exchanges belongs to an interface of MedMij: no authorization request, token request \
                 or request for data with a token; name the addresses with `--candidate`, or capture the traffic of the DVP"
            ),
        }
    }
}

impl std::error::Error for TrafficError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotHar(_, error) => Some(error),
            Self::NotTrace(_, error) => Some(error),
            Self::NotAlone(_) | Self::Nothing(_) => None,
        }
    }
}

/// Recorded traffic, redacted, in flows.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// The exchanges, a trace a flow.
    pub run: Run,
    /// What the capture held of each, by number.
    held: sight::HeldBy,
    /// How many exchanges were read.
    pub read: usize,
    /// How many of those are no part of it, or probes of toetsbank.
    pub left_out: usize,
}

/// What is kept beside the saved trace, so that it can be judged again.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Saved {
    check_traffic: BTreeMap<u32, Held>,
}

/// Reads captures of the same traffic, in order of time.
///
/// # Errors
/// See [`TrafficError`].
pub fn read(captures: Vec<Capture>, candidate: Option<&Candidate>) -> Result<Traffic, TrafficError> {
    let count = captures.len();
    let mut entries: Vec<(usize, Sighted)> = Vec::new();
    for (i, Capture { name, bytes }) in captures.into_iter().enumerate() {
        if is_own(&bytes) {
            let text = String::from_utf8_lossy(&bytes);
            let read = har::read(&text).map_err(|error| TrafficError::NotTrace(name.clone(), error))?;
            return if count == 1 { own(read) } else { Err(TrafficError::NotAlone(name)) };
        }
        let read = foreign::read(&bytes).map_err(|error| TrafficError::NotHar(name, error))?;
        entries.extend(read.into_iter().map(|entry| (i, entry)));
    }
    entries.sort_by_key(|(_, entry)| entry.started);
    let read = entries.len();
    let (files, entries): (Vec<usize>, Vec<Sighted>) = entries.into_iter().unzip();
    let interfaces = recognise::interfaces(&entries, candidate);
    let known = files.into_iter().zip(interfaces.into_iter().zip(entries));
    let known = known.filter_map(|(file, (interface, entry))| Some((file, interface?, entry)));
    let recorded = record::record(once(known.collect()), candidate);
    let held = recorded.exchanges.iter().map(|(exchange, held)| (exchange.number, *held)).collect();
    let exchanges: Vec<Exchange> = recorded.exchanges.into_iter().map(|(exchange, _)| exchange).collect();
    let left_out = read - exchanges.len();
    let traces = flows::group(exchanges);
    let run = Run { traces, secrets: recorded.secrets, ..Run::default() };
    Traffic { run, held, read, left_out }.checked()
}

/// Whether a file is a trace of toetsbank. It stands near its end, behind the entries.
fn is_own(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct File {
        log: Log,
    }
    #[derive(Deserialize)]
    struct Log {
        #[serde(rename = "_toetsbank")]
        _ours: serde::de::IgnoredAny,
    }
    serde_json::from_slice::<File>(bytes).is_ok_and(|File { log: Log { .. } }| true)
}

/// A trace of toetsbank as traffic: without the probes, in which one side deviates on purpose.
fn own((mut run, context): (Run, Value)) -> Result<Traffic, TrafficError> {
    let read = run.exchanges().count();
    let saved: Option<Saved> = serde_json::from_value(context).ok();
    let held = saved.map(|saved| saved.check_traffic).unwrap_or_default();
    let mut exchanges: Vec<Exchange> = run.traces.drain(..).flat_map(|trace| trace.exchanges).collect();
    exchanges.retain(|exchange| exchange.probe.is_none());
    exchanges.sort_by_key(|exchange| exchange.number);
    let left_out = read - exchanges.len();
    let run = Run { traces: flows::group(exchanges), secrets: run.secrets, ..Run::default() };
    Traffic { run, held, read, left_out }.checked()
}

/// What was recorded twice, once: by two recorders, by one at both sides of a proxy or in parts that were put together, or sent
/// again by a library when no answer came.
fn once(entries: Vec<(usize, Interface, Sighted)>) -> Vec<(Interface, Sighted)> {
    let key = |entry: &Sighted| {
        let id = entry.request.header("MedMij-Request-ID").unwrap_or_default();
        let request = &entry.request;
        (request.method.clone(), request.url.clone(), id.to_owned(), request.body.bytes().to_vec())
    };
    let mut kept: Vec<(usize, Interface, Sighted)> = Vec::new();
    let mut places: BTreeMap<_, usize> = BTreeMap::new();
    for (file, interface, entry) in entries {
        let is_back = matches!(interface, Interface::Token | Interface::Resource);
        let before = places.get(&key(&entry)).copied().filter(|_| is_back);
        // Nobody sends the same twice at one moment.
        let is_same = |known: &Sighted| known.started.is_some() && known.started == entry.started;
        match before {
            Some(i) if kept[i].0 != file || kept[i].2.response.is_none() || is_same(&kept[i].2) => {
                if kept[i].2.response.is_none() || entry.held.response_body && !kept[i].2.held.response_body {
                    kept[i] = (file, interface, entry);
                }
            }
            _ => {
                places.insert(key(&entry), kept.len());
                kept.push((file, interface, entry));
            }
        }
    }
    kept.into_iter().map(|(_, interface, entry)| (interface, entry)).collect()
}

/// Traffic that was judged.
pub struct Judged {
    /// The outcome of both sides together.
    pub outcome: RunOutcome,
    /// The verdict on each side: its findings alone.
    pub sides: Vec<(Role, RunOutcome)>,
    /// The plan that it was judged by, of the DVA.
    pub plan: TestPlan,
    /// The exchanges, with the answers of each service as a scenario of its own.
    pub run: Run,
}

impl Traffic {
    fn checked(self) -> Result<Self, TrafficError> {
        let tells = [Interface::Authorization, Interface::Token, Interface::Resource];
        if self.run.exchanges().any(|exchange| tells.contains(&exchange.interface)) {
            Ok(self)
        } else {
            Err(TrafficError::Nothing(self.read))
        }
    }

    /// Both sides, as the traffic tells.
    pub fn parties(&self) -> Parties {
        Parties::of(&self.run)
    }

    /// The suite of each ResourceEndpoint; `named` are the ids that the user chose, none for all.
    pub fn services(&self, suites: &[Suite], named: &[String]) -> BTreeMap<String, String> {
        content::recognise(&self.run, suites, named)
    }

    /// A side as a candidate; `None` when the traffic names no address.
    pub fn candidate(&self, role: Role, file: Option<&Candidate>, release: Release) -> Option<Candidate> {
        self.parties().candidate(role, file, release)
    }

    /// Judges both sides. `of_suites` is the plan of the DVA for the suites in `services`; `select` and `ignore` are
    /// prefixes of rules, as for a run. `file` is the candidate file of one of them.
    pub fn judge(
        &self,
        [dva, dvp]: [&Candidate; 2],
        of_suites: Option<&TestPlan>,
        services: &BTreeMap<String, String>,
        (select, ignore): (&[String], &[String]),
        file: Option<&Candidate>,
        today: Date,
    ) -> Judged {
        let (mut plan, run) = content::plan(&self.run, &self.held, dva, of_suites, services);
        plan.selection.select = select.to_vec();
        plan.selection.ignore = ignore.to_vec();
        plan.selection.suites = services.values().cloned().collect::<BTreeSet<_>>().into_iter().collect();
        let mut of_dvp = TestPlan { candidate: dvp.clone(), ..plan.clone() };
        // Answers are the DVA's.
        of_dvp.scenarios.iter_mut().flat_map(|scenario| &mut scenario.steps).for_each(|step| step.expectations.clear());
        let ask = |rule: &'static crate::rules::Rule, context: &crate::rules::Context| {
            sight::judge(rule, context, &self.run, &self.held, file)
        };
        let sides: Vec<(Role, RunOutcome)> = [(Role::Dvp, &of_dvp), (Role::Dva, &plan)]
            .into_iter()
            .map(|(role, plan)| (role, judge::judge_asking(plan, &run, today, &ask)))
            .collect();
        let mut outcome = outcome::merged(sides.iter().map(|(_, outcome)| outcome.clone()).collect());
        // Where nothing was expected nothing passed: it was recorded.
        for scenario in outcome.scenarios.iter_mut().filter(|scenario| scenario.verdict == Verdict::Pass) {
            let planned = plan.scenario(&scenario.key).map(|planned| planned.steps.as_slice()).unwrap_or_default();
            if planned.iter().all(|step| step.expectations.is_empty()) {
                scenario.verdict = Verdict::Observed;
            }
        }
        Judged { outcome, sides, plan, run }
    }

    /// What is kept beside the saved trace.
    ///
    /// # Errors
    /// A value that cannot be JSON: a fault of the program.
    pub fn context(&self) -> serde_json::Result<Value> {
        serde_json::to_value(Saved { check_traffic: self.held.clone() })
    }
}
