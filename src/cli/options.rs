//! Options that several commands have: what is chosen of the suites, which rules count, and what becomes of it.
//!
//! Each is said once, here. Entry points: [`Choosing`], [`Judging`], [`Reporting`].

use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;

use crate::candidate::Candidate;
use crate::cli;
use crate::cli::FailOn;
use crate::cli::ReleaseArgument;
use crate::cli::baseline::Baseline;
use crate::cli::diagnostics;
use crate::cli::outcome;
use crate::cli::usage;
use crate::diag::Lang;
use crate::event::RunOutcome;
use crate::plan::Selection;
use crate::report::Kind;
use crate::report::Verbosity;
use crate::requirement::Release;
use crate::suite::Suite;
use crate::suite::model::Format;

/// Which scenarios.
#[derive(Debug, Args)]
pub struct Choosing {
    /// Suites, such as `bgz` (the newest), `bgz-3-0` or an alias; none: all that the candidate claims
    #[arg(value_name = "SUITE")]
    pub suites: Vec<String>,
    /// Every suite for the role of the candidate, claimed or not
    #[arg(long, conflicts_with = "suites")]
    pub all: bool,
    /// Only this scenario, `1.3` or `bgz-3-0/1.3`, or a suite's scenarios alone, `bgz-3-0` (repeatable)
    #[arg(long, value_name = "ID")]
    pub scenario: Vec<String>,
    /// Only for this patient, by name or by what it stands for (repeatable)
    #[arg(long, value_name = "NAME")]
    pub patient: Vec<String>,
    /// Formats of resources in what we send; a DVP chooses its own
    #[arg(long, value_enum, default_value_t = FormatArgument::Both)]
    pub format_fhir: FormatArgument,
    /// Do what takes minutes as well: codes and tokens that expire, lists that are fetched again
    #[arg(long)]
    pub wait: bool,
    /// Use the suites of this folder instead of the embedded ones
    #[arg(long = "suites", value_name = "DIR", id = "suites-dir")]
    pub suites_dir: Option<PathBuf>,
}

/// Formats of resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormatArgument {
    /// JSON alone.
    Json,
    /// XML alone.
    Xml,
    /// Both.
    Both,
}

/// What is judged.
#[derive(Debug, Args)]
pub struct Judging {
    /// Release of the Afsprakenstelsel to judge by; default: the candidate's, or the newest
    #[arg(long, value_enum)]
    release: Option<ReleaseArgument>,
    /// Judge only rules with this prefix of local id, code or area (repeatable)
    #[arg(long, value_name = "PREFIX")]
    pub select: Vec<String>,
    /// Leave out rules with this prefix (repeatable)
    #[arg(long, value_name = "PREFIX")]
    pub ignore: Vec<String>,
}

/// What is written and shown, and what the exit status says.
#[derive(Debug, Args)]
pub struct Reporting {
    /// Reports to write
    #[arg(long, value_name = "KIND,…", value_delimiter = ',', default_values_t = ["html", "json", "junit", "md", "csv"].map(str::to_owned))]
    report: Vec<String>,
    /// Folder for the reports; default: a folder of its own in `reports`
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Let the exit status tell only of findings that this earlier run (its folder) did not have
    #[arg(long, value_name = "RUN")]
    baseline: Option<PathBuf>,
    /// What makes the exit status 1
    #[arg(long, value_enum, default_value_t = FailOn::Fail)]
    fail_on: FailOn,
    /// Show only what fails and the verdict
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Show everything, every consequence too
    #[arg(short, long)]
    verbose: bool,
}

impl Choosing {
    /// The suites to choose from.
    ///
    /// # Errors
    /// The exit status; what is wrong was told.
    pub fn load(&self, lang: Lang) -> Result<Vec<Suite>, u8> {
        diagnostics::suites(self.suites_dir.as_deref(), lang)
    }

    /// What is chosen of them for a candidate.
    ///
    /// # Errors
    /// A message for people.
    pub fn selection(&self, judging: &Judging, suites: &[Suite], candidate: &Candidate) -> Result<Selection, String> {
        let formats = match self.format_fhir {
            FormatArgument::Json => vec![Format::Json],
            FormatArgument::Xml => vec![Format::Xml],
            FormatArgument::Both => Vec::new(),
        };
        let chosen = match self.all {
            true => {
                let is_for = |suite: &&Suite| !suite.head.roles(candidate.role).is_empty();
                suites.iter().filter(is_for).map(|suite| suite.head.id.clone()).collect()
            }
            false => outcome::suite_ids(&self.suites, suites, candidate)?,
        };
        Ok(Selection {
            suites: chosen,
            scenarios: self.scenario.clone(),
            patients: self.patient.clone(),
            formats,
            select: judging.select.clone(),
            ignore: judging.ignore.clone(),
        })
    }
}

impl Judging {
    /// The release that was asked for.
    pub fn release(&self) -> Option<Release> {
        self.release.map(Release::from)
    }
}

impl Reporting {
    /// The reports that were asked for, and the run that they are compared with.
    ///
    /// # Errors
    /// The exit status; what is wrong was told.
    pub fn wanted(&self) -> Result<Wanted, u8> {
        let kinds = outcome::kinds(&self.report).map_err(|message| usage(&message))?;
        let baseline = self.baseline.as_deref().map(Baseline::read).transpose().map_err(|message| usage(&message))?;
        Ok(Wanted { kinds, baseline, fail_on: self.fail_on })
    }

    /// The folder of the reports of a run with this name.
    pub fn folder(&self, run_id: &str) -> PathBuf {
        self.out.clone().unwrap_or_else(|| Path::new("reports").join(run_id))
    }

    /// How much the terminal shows.
    pub fn verbosity(&self) -> Verbosity {
        cli::verbosity(self.quiet, self.verbose)
    }
}

/// What a command is to write, and how its exit status comes about.
pub struct Wanted {
    /// The reports.
    pub kinds: Vec<Kind>,
    /// The earlier run.
    pub baseline: Option<Baseline>,
    /// What makes the exit status 1.
    pub fail_on: FailOn,
}

impl Wanted {
    /// The exit status of a run that was written with this one, by its verdict.
    pub fn status(&self, written: u8, judged: &RunOutcome, lang: Lang) -> u8 {
        let fails_on_warning = self.fail_on == FailOn::Warning && outcome::warns(judged);
        match &self.baseline {
            // What went wrong on our side after judging is not hidden.
            Some(_) if written != outcome::status(judged.verdict) => written,
            Some(baseline) => baseline.status(judged, self.fail_on, lang),
            None if written == cli::OK && fails_on_warning => cli::FAILED,
            None => written,
        }
    }
}
