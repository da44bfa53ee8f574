//! `toetsbank lists`: whether the lists of the stelselnode are as they should be.

use std::fs::File;
use std::io;
use std::io::IsTerminal;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;

use crate::cli::FAILED;
use crate::cli::Globals;
use crate::cli::OK;
use crate::cli::ReleaseArgument;
use crate::cli::USAGE;
use crate::diag::Severity;
use crate::lists;
use crate::lists::Mistake;
use crate::lists::Reading;
use crate::report::lists as shown;
use crate::requirement::Release;
use crate::requirement::register;

/// Check MedMij lists (ZAL, OCL, GNL, whitelist, koppellijst)
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank lists check MedMij_Whitelist.xml MedMij_Zorgaanbiederslijst.xml")]
pub struct ListsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Check lists by their schema and by each other
    ///
    /// Which list a file holds, and by which version of its schema, follows from its content. Lists that are given together
    /// are compared: hosts with the whitelist, services with the Gegevensdienstnamenlijst, two publications of one list.
    #[command(after_help = "Example: toetsbank lists check MedMij_Whitelist.xml MedMij_Zorgaanbiederslijst.xml")]
    Check {
        /// Files; `-` is standard input
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// Form of the output
        #[arg(long, value_enum, default_value_t = FormatArgument::Text)]
        format: FormatArgument,
        /// Release of the Afsprakenstelsel to judge by
        #[arg(long, value_enum, default_value_t = ReleaseArgument::V2_2)]
        release: ReleaseArgument,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatArgument {
    /// Blocks with the source
    Text,
    /// One JSON array
    Json,
}

/// Carries out the command: 0 when no list has an error, 1 when one has, 2 when a file cannot be read.
pub fn run(args: &ListsArgs, globals: Globals) -> u8 {
    let Action::Check { files, format, release } = &args.action;
    let release = Release::from(*release);
    let mut readings = Vec::new();
    for file in files {
        match bytes(file) {
            Ok(bytes) => {
                let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
                readings.push(lists::read(&name, &bytes));
            }
            Err(error) => {
                eprintln!("toetsbank: read `{}`: {error}", file.display());
                return USAGE;
            }
        }
    }
    let lists = judged(&readings, release);
    let mut out = String::new();
    match format {
        FormatArgument::Json => {
            let all: Vec<_> = files
                .iter()
                .zip(&lists)
                .flat_map(|(file, found)| {
                    let file = file.display().to_string();
                    found.iter().map(move |mistake| shown::to_json(&file, mistake, globals.lang))
                })
                .collect();
            out = serde_json::to_string_pretty(&all).unwrap_or_default() + "\n";
        }
        FormatArgument::Text => {
            let is_terminal = io::stdout().is_terminal();
            for ((file, reading), found) in files.iter().zip(&readings).zip(&lists) {
                let file = file.display().to_string();
                out.push_str(&shown::text(&file, reading, found, globals.lang, globals.color, is_terminal));
            }
            let all: Vec<&Mistake> = lists.iter().flatten().collect();
            out.push_str(&shown::summary(lists.len(), &all, globals.lang));
        }
    }
    // A closed pipe is no failure.
    let _ = io::stdout().lock().write_all(out.as_bytes());
    let is_wrong = lists.iter().flatten().any(|mistake| mistake.severity == Severity::Error);
    if is_wrong { FAILED } else { OK }
}

/// The mistakes of each list that count in a release, those that only several lists show among them.
fn judged(readings: &[Reading], release: Release) -> Vec<Vec<Mistake>> {
    let mut all: Vec<Vec<Mistake>> = readings.iter().map(|reading| reading.mistakes.clone()).collect();
    for (at, mistake) in lists::across(readings) {
        all[at].push(mistake);
    }
    for found in &mut all {
        found.retain(|mistake| register().row(mistake.rule).is_none_or(|row| row.applies(release)));
        found.sort_by_key(|mistake| mistake.span.0);
    }
    all
}

/// The bytes of a file.
fn bytes(file: &Path) -> io::Result<Vec<u8>> {
    if file.as_os_str() == "-" { lists::bytes(io::stdin().lock()) } else { lists::bytes(File::open(file)?) }
}
