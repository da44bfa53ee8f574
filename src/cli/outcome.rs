//! What `run` and `rejudge` share: making the plan, and writing what came of it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::Serialize;

use crate::candidate::Candidate;
use crate::cli;
use crate::diag::Lang;
use crate::diag::Severity;
use crate::event::RunOutcome;
use crate::event::RunVerdict;
use crate::exchange::Run;
use crate::exchange::har;
use crate::fhir::definitions::DefinitionSet;
use crate::fhir::definitions::FhirVersion;
use crate::fhir::validate::Validator;
use crate::judge;
use crate::packages::embedded::embedded;
use crate::plan;
use crate::plan::PlanError;
use crate::plan::Selection;
use crate::plan::TestPlan;
use crate::report;
use crate::report::Console;
use crate::report::Kind;
use crate::report::RunInfo;
use crate::report::RunReport;
use crate::report::SuiteInfo;
use crate::rules;
use crate::suite;
use crate::suite::Suite;
use crate::suite::model;

/// Name of the saved trace in the folder of a run.
pub const TRACE: &str = "trace.har";

/// Name of the authority of a world that keeps none, for its DVP to trust, in the folder of a run.
pub const WORLD_CA: &str = "world-ca.pem";

/// What a run has besides its plan and its trace.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Name of the run.
    pub run_id: String,
    /// When it began.
    pub started: Timestamp,
    /// Whether the candidate is the built-in reference.
    pub is_reference: bool,
    /// Defects planted in the reference.
    pub defects: Vec<String>,
    /// Language of the reports.
    pub lang: Lang,
}

/// What is kept beside the trace, so that the same plan can be made again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedContext {
    /// Name of the run.
    pub run_id: String,
    /// When it began.
    pub started: Timestamp,
    /// When it was judged first.
    pub finished: Timestamp,
    /// Whether the candidate was the built-in reference.
    pub is_reference: bool,
    /// Defects planted in it.
    pub defects: Vec<String>,
    /// The candidate, without its secrets.
    pub candidate: Candidate,
    /// What was chosen.
    pub selection: Selection,
}

/// Ids of the suites with these names; of all that the candidate claims when there are none.
///
/// # Errors
/// A message for people.
pub fn suite_ids(names: &[String], suites: &[Suite], candidate: &Candidate) -> Result<Vec<String>, String> {
    let mut ids: Vec<String> = Vec::new();
    for name in names {
        let suite = suite::load::find(suites, name).map_err(|error| error.to_string())?;
        if !ids.contains(&suite.head.id) {
            ids.push(suite.head.id.clone());
        }
    }
    if names.is_empty() {
        let claims =
            |suite: &&Suite| suite.head.roles(candidate.role).iter().any(|code| candidate.systeemrollen.contains(code));
        ids.extend(suites.iter().filter(claims).map(|suite| suite.head.id.clone()));
        if ids.is_empty() {
            let claimed = candidate.systeemrollen.join(", ");
            return Err(format!("no suite tests the systeemrollen of the candidate file (`{claimed}`); name a suite"));
        }
    }
    Ok(ids)
}

/// The reports with these names.
///
/// # Errors
/// A message for people.
pub fn kinds(words: &[String]) -> Result<Vec<Kind>, String> {
    let find = |word: &String| {
        Kind::from_word(word).ok_or_else(|| {
            let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.word()).collect();
            format!("there is no report `{word}`; there are {}", known.join(", "))
        })
    };
    words.iter().map(find).collect()
}

/// The plan for a candidate, with one validator for all suites of the same packages.
///
/// # Errors
/// See [`PlanError`].
pub fn plan(suites: &[Suite], candidate: &Candidate, selection: &Selection) -> Result<TestPlan, PlanError> {
    let known = std::cell::RefCell::new(BTreeMap::<String, Arc<Validator>>::new());
    let open = |suite: &Suite| {
        let key = format!("{:?} {}", suite.head.fhir, suite.head.packages.join(" "));
        if let Some(validator) = known.borrow().get(&key) {
            return Ok(validator.clone());
        }
        let definitions = definitions(suite)?;
        let validator = Arc::new(Validator::new(Arc::new(definitions)));
        known.borrow_mut().insert(key, validator.clone());
        Ok(validator)
    };
    plan::resolve(suites, candidate, selection, &open)
}

/// The definitions of a suite: its packages in their order, then the base of its FHIR version.
fn definitions(suite: &Suite) -> Result<DefinitionSet, PlanError> {
    let failed = |name: &str| {
        let reason = format!("the binary does not carry the package `{name}`; see `toetsbank packages list`");
        PlanError::Definitions(suite.head.id.clone(), reason)
    };
    let (version, base) = match suite.head.fhir {
        model::FhirVersion::Stu3 => (FhirVersion::Stu3, "hl7.fhir.r3.core@3.0.2"),
        model::FhirVersion::R4 => (FhirVersion::R4, "hl7.fhir.r4.core@4.0.1"),
    };
    let mut layers = Vec::new();
    for name in suite.head.packages.iter().map(String::as_str).chain([base]) {
        let package = name.split_once('@').and_then(|(name, version)| embedded(name, version));
        layers.push(package.and_then(|package| package.layer()).ok_or_else(|| failed(name))?);
    }
    Ok(DefinitionSet::new(version, layers))
}

/// What the reports say of the run besides its outcome.
pub fn info<'a>(plan: &'a TestPlan, setting: &Setting, finished: Timestamp) -> RunInfo<'a> {
    let mut definitions: Vec<String> = plan.suites.iter().flat_map(|suite| suite.head.packages.clone()).collect();
    definitions.sort();
    definitions.dedup();
    RunInfo {
        run_id: setting.run_id.clone(),
        started: setting.started,
        finished,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        candidate: &plan.candidate,
        traffic: None,
        is_reference: setting.is_reference,
        defects: setting.defects.clone(),
        release: plan.candidate.release,
        suites: plan
            .suites
            .iter()
            .map(|suite| SuiteInfo {
                id: suite.head.id.clone(),
                title: suite.head.title.clone(),
                gegevensdienst: suite.head.gegevensdienst.clone(),
                systeemrollen: suite.head.roles(plan.candidate.role).to_vec(),
                sources: suite.head.sources.clone(),
            })
            .collect(),
        selection: in_words(&plan.selection),
        definitions,
        explanations: rules::ALL.iter().map(|rule| (rule.id.to_owned(), rule.explanation.to_owned())).collect(),
    }
}

/// A run that is over, before it is judged.
pub struct Finished<'a> {
    /// The plan that was carried out.
    pub plan: &'a TestPlan,
    /// What the run has besides.
    pub setting: &'a Setting,
    /// When it was over.
    pub finished: Timestamp,
    /// What was recorded.
    pub recorded: &'a Run,
}

impl Finished<'_> {
    /// Judges the run.
    ///
    /// # Errors
    /// A bug of ours in judging, as the exit status; the trace is what is left to judge again.
    pub fn judge(&self) -> Result<RunOutcome, u8> {
        let judge = || judge::judge(self.plan, self.recorded, day(self.setting.started));
        catch_unwind(AssertUnwindSafe(judge)).map_err(|_| {
            cli::failed("a bug in toetsbank stopped the judging; the trace is kept: `rejudge` it with a newer version")
        })
    }

    /// Writes the reports and shows the summary; gives the exit status of the verdict. `trace` is what came of
    /// [`Finished::save_trace`].
    pub fn write<W: io::Write>(
        &self,
        judged: &RunOutcome,
        trace: Result<PathBuf, String>,
        folder: &Path,
        kinds: &[Kind],
        console: &mut Console<W>,
    ) -> u8 {
        let info = info(self.plan, self.setting, self.finished);
        let report = RunReport::new(&info, judged, self.recorded, self.setting.lang);
        let mut written = Vec::new();
        let mut status = status(judged.verdict);
        match trace {
            Ok(path) => written.push(path),
            Err(message) => status = cli::failed(&message),
        }
        match report::write(folder, kinds, &report, self.recorded) {
            Ok(paths) => written.splice(0..0, paths).for_each(drop),
            Err(error) => status = cli::failed(&error.to_string()),
        }
        console.summary(&report, &written);
        status
    }

    /// Writes the trace into a folder; gives its path.
    ///
    /// # Errors
    /// A message for people.
    pub fn save_trace(&self, folder: &Path) -> Result<PathBuf, String> {
        save_trace(folder, self.recorded, &context(self.plan, self.setting, self.finished))
    }
}

/// Saves what was recorded, whole or not at all; gives the path.
///
/// # Errors
/// A message for people.
pub fn save_trace(
    folder: &Path,
    recorded: &Run,
    context: &serde_json::Result<serde_json::Value>,
) -> Result<PathBuf, String> {
    let path = folder.join(TRACE);
    let failed = |error: &dyn std::fmt::Display| {
        format!("cannot write `{}`: {error}; choose another folder with `--out`", path.display())
    };
    let context = context.as_ref().map_err(|error| failed(error))?;
    let text = har::write(recorded, context).map_err(|error| failed(&error))?;
    fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    // Written beside it and renamed, so that a kill in between leaves a whole trace.
    let beside = folder.join(format!("{TRACE}.part"));
    fs::write(&beside, text).map_err(|error| failed(&error))?;
    fs::rename(&beside, &path).map_err(|error| failed(&error))?;
    Ok(path)
}

/// What is kept beside the trace.
///
/// # Errors
/// A value that cannot be JSON: a fault of the program.
pub fn context(plan: &TestPlan, setting: &Setting, finished: Timestamp) -> serde_json::Result<serde_json::Value> {
    serde_json::to_value(SavedContext {
        run_id: setting.run_id.clone(),
        started: setting.started,
        finished,
        is_reference: setting.is_reference,
        defects: setting.defects.clone(),
        candidate: plan.candidate.clone(),
        selection: plan.selection.clone(),
    })
}

/// The exit status of a verdict (design: exit status, first that applies).
pub fn status(verdict: RunVerdict) -> u8 {
    match verdict {
        RunVerdict::NotConformant => cli::FAILED,
        RunVerdict::Error => cli::COULD_NOT_JUDGE,
        RunVerdict::Incomplete => cli::INCOMPLETE,
        RunVerdict::Conformant => cli::OK,
    }
}

/// Whether there is a warning that is not waived.
pub fn warns(judged: &RunOutcome) -> bool {
    judged.findings.iter().any(|finding| finding.severity == Severity::Warning && finding.waived.is_none())
}

/// A name for a run that begins now: it sorts by time.
pub fn run_id(now: Timestamp) -> String {
    let at = TimeZone::UTC.to_datetime(now);
    let (year, month, day) = (at.year(), at.month(), at.day());
    let (hour, minute, second, millisecond) = (at.hour(), at.minute(), at.second(), at.millisecond());
    format!("{year:04}{month:02}{day:02}-{hour:02}{minute:02}{second:02}-{millisecond:03}")
}

/// The day of a moment, in UTC.
pub fn day(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

fn in_words(selection: &Selection) -> String {
    let mut parts = vec![selection.suites.join(" ")];
    let mut add =
        |option: &str, values: &[String]| parts.extend(values.iter().map(|value| format!("{option} {value}")));
    add("--scenario", &selection.scenarios);
    add("--patient", &selection.patients);
    add("--select", &selection.select);
    add("--ignore", &selection.ignore);
    let formats: Vec<String> = selection.formats.iter().map(|format| format.word().to_owned()).collect();
    add("--format-fhir", &formats);
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}
