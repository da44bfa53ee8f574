//! `toetsbank rejudge`: the verdicts of a saved run again, without network.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;

use crate::cli;
use crate::cli::Globals;
use crate::cli::diagnostics;
use crate::cli::outcome;
use crate::cli::outcome::Finished;
use crate::cli::outcome::SavedContext;
use crate::cli::outcome::Setting;
use crate::cli::partial;
use crate::cli::usage;
use crate::exchange::har;
use crate::exchange::lines;
use crate::report::Console;
use crate::report::Kind;
use crate::report::Verbosity;

/// Judge a saved run again, without network
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank rejudge reports/20260115-100000-000")]
pub struct Rejudge {
    /// Folder of the run, or its trace.har (of a run that was killed: its trace.partial.jsonl)
    run: PathBuf,
    /// Folder for the reports; default: that of the run
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Use the suites of this folder instead of the embedded ones
    #[arg(long, value_name = "DIR")]
    suites: Option<PathBuf>,
}

/// Carries out the command.
pub fn run(arguments: &Rejudge, globals: Globals) -> u8 {
    let path = trace_of(&arguments.run);
    let is_partial = path.extension().is_some_and(|extension| extension == "jsonl");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => return usage(&format!("cannot read `{}`: {error}; name the folder of a run", path.display())),
    };
    let read = if is_partial { lines::read(&text) } else { har::read(&text) };
    let read = read.map_err(|error| error.to_string());
    let parsed = read.and_then(|(recorded, context)| {
        let context: SavedContext = serde_json::from_value(context).map_err(|error| {
            format!("the trace does not say what was run ({error}); only traces of toetsbank can be judged again")
        })?;
        Ok((recorded, context))
    });
    let (recorded, context) = match parsed {
        Ok(parsed) => parsed,
        Err(message) => return usage(&format!("`{}`: {message}", path.display())),
    };
    let suites = match diagnostics::suites(arguments.suites.as_deref(), globals.lang) {
        Ok(suites) => suites,
        Err(status) => return status,
    };
    let plan = match outcome::plan(&suites, &context.candidate, &context.selection) {
        Ok(plan) => plan,
        Err(error) => return usage(&error.to_string()),
    };
    let setting = Setting {
        run_id: context.run_id,
        started: context.started,
        is_reference: context.is_reference,
        defects: context.defects,
        lang: globals.lang,
    };
    let finished = Finished { plan: &plan, setting: &setting, finished: context.finished, recorded: &recorded };
    let judged = match finished.judge() {
        Ok(judged) => judged,
        Err(status) => return status,
    };
    let own = path.parent().map(PathBuf::from).unwrap_or_default();
    let folder = arguments.out.clone().unwrap_or_else(|| own.clone());
    // A run that was killed keeps its evidence as it is, beside the reports.
    let trace = if is_partial && folder == own { Ok(path.clone()) } else { finished.save_trace(&folder) };
    let mut console = Console::new(io::stdout().lock(), cli::console_options(globals, Verbosity::Normal));
    console.header(&outcome::info(&plan, &setting, context.finished));
    let status = finished.write(&judged, trace, &folder, &Kind::ALL, &mut console);
    // A closed pipe is no reason for another status.
    let _ = console.finish();
    status
}

/// The trace in the folder of a run: of one that was killed, what it kept until then.
fn trace_of(run: &Path) -> PathBuf {
    let partial = run.join(partial::PARTIAL);
    if !run.is_dir() {
        run.to_owned()
    } else if partial.exists() {
        partial
    } else {
        run.join(outcome::TRACE)
    }
}
