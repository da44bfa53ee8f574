//! `toetsbank check-traffic`: recorded traffic of a DVP and a DVA, both sides judged at once.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use sha2::Digest;
use sha2::Sha256;

use crate::candidate::Candidate;
use crate::cli;
use crate::cli::Globals;
use crate::cli::diagnostics;
use crate::cli::options::Judging;
use crate::cli::options::Reporting;
use crate::cli::options::Wanted;
use crate::cli::outcome;
use crate::cli::outcome::Setting;
use crate::cli::usage;
use crate::diag::Severity;
use crate::event::Party;
use crate::event::RunOutcome;
use crate::plan::Selection;
use crate::plan::TestPlan;
use crate::report;
use crate::report::Console;
use crate::report::RunReport;
use crate::report::model::PartyReport;
use crate::report::model::TrafficReport;
use crate::requirement::Release;
use crate::requirement::Role;
use crate::suite;
use crate::suite::Suite;
use crate::traffic;
use crate::traffic::Capture;
use crate::traffic::Judged;
use crate::traffic::Traffic;

/// Largest capture that is read, in bytes.
const LARGEST: u64 = 512 << 20;

/// Judge recorded traffic between a DVP and a DVA
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank check-traffic capture.har --suite bgz")]
pub struct CheckTraffic {
    /// Captures of the same traffic: HAR 1.2 of a browser, mitmproxy, Fiddler or toetsbank
    #[arg(value_name = "HAR", required = true)]
    captures: Vec<PathBuf>,
    /// Judge the content of answers by this suite, such as `bgz` (repeatable); default: the one that the requests fit
    #[arg(long, value_name = "SUITE")]
    suite: Vec<String>,
    /// The candidate file of one of the sides, for its addresses, patients and waivers
    #[arg(long, value_name = "FILE")]
    candidate: Option<PathBuf>,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    reporting: Reporting,
}

/// Carries out the command.
pub fn run(arguments: &CheckTraffic, globals: Globals) -> u8 {
    match judge(arguments, globals) {
        Ok(status) | Err(status) => status,
    }
}

fn judge(arguments: &CheckTraffic, globals: Globals) -> Result<u8, u8> {
    let suites = diagnostics::suites(None, globals.lang)?;
    let wanted = arguments.reporting.wanted()?;
    let named = named(&suites, &arguments.suite)?;
    let read = |path| diagnostics::candidate(path, globals.lang);
    let file = arguments.candidate.as_deref().map(read).transpose()?;
    let captures = captures(&arguments.captures)?;
    let run_id = format!("traffic-{}", digest(&captures));
    let traffic = traffic::read(captures, file.as_ref()).map_err(|error| usage(&error.to_string()))?;
    let newest = Release::V2_2;
    let release = arguments.judging.release().or(file.as_ref().map(|file| file.release)).unwrap_or(newest);
    let services = traffic.services(&suites, &named);
    let side = |role| {
        let found = traffic.candidate(role, file.as_ref(), release);
        found.ok_or_else(|| usage("the capture names no address; name them with `--candidate`"))
    };
    let (dva, dvp) = (side(Role::Dva)?, side(Role::Dvp)?);
    let of_suites = plan(&suites, &dva, &services)?;
    let (started, finished) = span(&traffic);
    let judged = traffic.judge(
        [&dva, &dvp],
        of_suites.as_ref(),
        &services,
        (&arguments.judging.select, &arguments.judging.ignore),
        file.as_ref(),
        outcome::day(started),
    );
    let setting = Setting { run_id, started, is_reference: false, defects: Vec::new(), lang: globals.lang };
    let folder = arguments.reporting.folder(&setting.run_id);
    let shown = Shown { arguments, globals, traffic: &traffic, judged: &judged, setting: &setting, finished };
    shown.write(&wanted, &folder)
}

/// What is shown and written.
struct Shown<'a> {
    arguments: &'a CheckTraffic,
    globals: Globals,
    traffic: &'a Traffic,
    judged: &'a Judged,
    setting: &'a Setting,
    finished: Timestamp,
}

impl Shown<'_> {
    fn write(&self, wanted: &Wanted, folder: &Path) -> Result<u8, u8> {
        let Self { arguments, globals, traffic, judged, setting, finished } = *self;
        let mut info = outcome::info(&judged.plan, setting, finished);
        info.traffic = Some(self.about());
        info.selection = self.in_words();
        let mut report = RunReport::new(&info, &judged.outcome, &judged.run, setting.lang);
        self.name_addresses(&mut report);
        let verbosity = arguments.reporting.verbosity();
        let mut console = Console::new(io::stdout().lock(), cli::console_options(globals, verbosity));
        console.header(&info);
        let mut status = outcome::status(judged.outcome.verdict);
        let mut written = Vec::new();
        match report::write(folder, &wanted.kinds, &report, &judged.run) {
            Ok(paths) => written.extend(paths),
            Err(error) => status = cli::failed(&error.to_string()),
        }
        // Evidence, and a capture that this command reads again.
        match outcome::save_trace(folder, &judged.run, &traffic.context()) {
            Ok(path) => written.push(path),
            Err(message) => status = cli::failed(&message),
        }
        console.summary(&report, &written);
        // A closed pipe is no reason for another status.
        let _ = console.finish();
        Ok(wanted.status(status, &judged.outcome, setting.lang))
    }

    fn about(&self) -> TrafficReport {
        let parties = self.traffic.parties();
        let hosts = |lists: &[&Vec<String>]| {
            let urls = lists.iter().copied().flatten().filter_map(|text| url::Url::parse(text).ok());
            let names: BTreeSet<String> = urls.filter_map(|url| url.host_str().map(str::to_owned)).collect();
            names.into_iter().collect::<Vec<_>>()
        };
        let dvp = if parties.clients.is_empty() { hosts(&[&parties.redirects]) } else { parties.clients.clone() };
        let dva = hosts(&[&parties.authorization, &parties.token, &parties.resource]);
        let party = |(role, outcome): &(Role, RunOutcome)| {
            let count = |severity| {
                let counts = |f: &&crate::event::Finding| {
                    f.severity == severity && f.explained_by.is_none() && f.waived.is_none()
                };
                u32::try_from(outcome.findings.iter().filter(counts).count()).unwrap_or(u32::MAX)
            };
            let (party, names) = match role {
                Role::Dva => (Party::Dva, dva.clone()),
                Role::Dvp => (Party::Dvp, dvp.clone()),
            };
            let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
            PartyReport { party, names, verdict: outcome.verdict, errors, warnings }
        };
        let file_name = |path: &PathBuf| {
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
        };
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        TrafficReport {
            captures: self.arguments.captures.iter().map(file_name).collect(),
            read: number(self.traffic.read),
            left_out: number(self.traffic.left_out),
            parties: self.judged.sides.iter().map(party).collect(),
        }
    }

    /// Of the addresses only those that the traffic shows.
    fn name_addresses(&self, report: &mut RunReport) {
        let parties = self.traffic.parties();
        let mut shown = BTreeMap::new();
        let lists =
            [("authorization", &parties.authorization), ("token", &parties.token), ("resource", &parties.resource)];
        for (name, list) in lists {
            for (i, address) in list.iter().enumerate() {
                let name = if i == 0 { name.to_owned() } else { format!("{name} {}", i + 1) };
                shown.insert(name, address.clone());
            }
        }
        report.candidate.endpoints = shown;
    }

    fn in_words(&self) -> String {
        let options = [
            ("--suite", &self.arguments.suite),
            ("--select", &self.arguments.judging.select),
            ("--ignore", &self.arguments.judging.ignore),
        ];
        let parts = options.iter().flat_map(|(name, values)| values.iter().map(move |value| format!("{name} {value}")));
        parts.collect::<Vec<_>>().join(" ")
    }
}

fn named(suites: &[Suite], names: &[String]) -> Result<Vec<String>, u8> {
    let find = |name: &String| {
        let suite = suite::load::find(suites, name).map_err(|error| usage(&error.to_string()))?;
        match suite.head.gegevensdienst {
            Some(_) => Ok(suite.head.id.clone()),
            None => Err(usage(&format!(
                "`{name}` is no suite of a gegevensdienst; the rules of the flow are always judged"
            ))),
        }
    };
    names.iter().map(find).collect()
}

fn captures(paths: &[PathBuf]) -> Result<Vec<Capture>, u8> {
    let read = |path: &PathBuf| {
        let name = path.display().to_string();
        let unreadable = |error: io::Error| usage(&format!("cannot read `{name}`: {error}; name HAR files"));
        let size = fs::metadata(path).map_err(unreadable)?.len();
        if size > LARGEST {
            let (most, size) = (LARGEST >> 20, size >> 20);
            return Err(usage(&format!(
                "`{name}` is {size} MB, more than the {most} MB that are read; save only the traffic of the DVP and the DVA"
            )));
        }
        let bytes = fs::read(path).map_err(unreadable)?;
        Ok(Capture { name, bytes })
    };
    paths.iter().map(read).collect()
}

/// The plan of the suites that were recognised, for what they expect of their requests.
fn plan(suites: &[Suite], dva: &Candidate, services: &BTreeMap<String, String>) -> Result<Option<TestPlan>, u8> {
    if services.is_empty() {
        return Ok(None);
    }
    let ids: BTreeSet<String> = services.values().cloned().collect();
    let selection = Selection { suites: ids.into_iter().collect(), ..Selection::default() };
    outcome::plan(suites, dva, &selection).map(Some).map_err(|error| usage(&error.to_string()))
}

/// When the first and the last exchange began: the same capture gives the same report.
fn span(traffic: &Traffic) -> (Timestamp, Timestamp) {
    let times = || traffic.run.exchanges().map(|exchange| exchange.started);
    let none = Timestamp::UNIX_EPOCH;
    (times().min().unwrap_or(none), times().max().unwrap_or(none))
}

fn digest(captures: &[Capture]) -> String {
    let mut hash = Sha256::new();
    captures.iter().for_each(|capture| hash.update(&capture.bytes));
    hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
