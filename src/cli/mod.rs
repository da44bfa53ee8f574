//! The command line: arguments, wiring, exit status. One file a command.
//!
//! Each command is a clap `Args` struct with a `run` that gives the exit status of `design.md` section 2.
//! The only module, with `report`, that prints.

pub mod authority;
mod baseline;
pub mod check;
pub mod check_traffic;
pub mod counterpart;
pub mod diagnostics;
pub mod explain;
pub mod fhirpath;
pub mod init;
pub mod lists;
mod options;
pub mod outcome;
pub mod packages;
mod partial;
mod private;
pub mod probe;
pub mod rejudge;
pub mod rules;
pub mod run;
pub mod serve;
pub mod shell;
pub mod simulate;
pub mod suites;
pub mod validate;

use std::io::IsTerminal;

use clap::CommandFactory;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;

use crate::diag::Lang;
use crate::report::Color;
use crate::report::Options;
use crate::report::Verbosity;
use crate::requirement::Release;

/// Exit status: all that was selected conforms, or the command did its work.
pub const OK: u8 = 0;
/// Exit status: a fail that is not waived, or something invalid.
pub const FAILED: u8 = 1;
/// Exit status: wrong usage, suite or candidate file; nothing was run.
pub const USAGE: u8 = 2;
/// Exit status: something could not be judged.
pub const COULD_NOT_JUDGE: u8 = 3;
/// Exit status: a required scenario was not run or waits for a person.
pub const INCOMPLETE: u8 = 4;

/// Conformance test harness for the MedMij Afsprakenstelsel.
#[derive(Debug, Parser)]
#[command(name = "toetsbank", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Example: toetsbank run bgz --candidate toetsbank.toml")]
struct Arguments {
    /// Language of what people read
    #[arg(long, global = true, value_enum, default_value_t = LangArgument::Nl)]
    lang: LangArgument,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = ColorArgument::Auto)]
    color: ColorArgument,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LangArgument {
    Nl,
    En,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ColorArgument {
    Auto,
    Always,
    Never,
}

/// A release of the Afsprakenstelsel, as an option names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ReleaseArgument {
    #[value(name = "2.0")]
    V2_0,
    #[value(name = "2.1")]
    V2_1,
    #[value(name = "2.2")]
    V2_2,
}

impl From<ReleaseArgument> for Release {
    fn from(argument: ReleaseArgument) -> Self {
        match argument {
            ReleaseArgument::V2_0 => Self::V2_0,
            ReleaseArgument::V2_1 => Self::V2_1,
            ReleaseArgument::V2_2 => Self::V2_2,
        }
    }
}

/// What every command gets from the global options.
#[derive(Clone, Copy, Debug)]
pub struct Globals {
    /// Language of what people read.
    pub lang: Lang,
    /// When to use colour.
    pub color: Color,
}

/// How the terminal view is shown here.
fn console_options(globals: Globals, verbosity: Verbosity) -> Options {
    let is_terminal = std::io::stdout().is_terminal();
    let width = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).unwrap_or(Options::default().width);
    Options { lang: globals.lang, color: globals.color, verbosity, is_terminal, width, ..Options::default() }
}

/// An error with its causes, as it is told on standard error.
fn told(error: &dyn std::error::Error) -> String {
    let mut message = format!("failed to {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        message.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    message
}

/// Tells what is wrong on our side, and gives the exit status for it.
fn failed(message: &str) -> u8 {
    eprintln!("toetsbank: {message}");
    COULD_NOT_JUDGE
}

/// Tells what is wrong with what the user gave, and gives the exit status for it.
fn usage(message: &str) -> u8 {
    eprintln!("toetsbank: {message}");
    USAGE
}

/// How much the terminal view shows; both flags at once are refused before.
fn verbosity(quiet: bool, verbose: bool) -> Verbosity {
    match (quiet, verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    }
}

/// What makes the exit status 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Fail,
    Warning,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(Box<run::Run>),
    Serve(Box<serve::Serve>),
    Check(check::Check),
    CheckTraffic(check_traffic::CheckTraffic),
    Rejudge(rejudge::Rejudge),
    Validate(validate::ValidateArgs),
    Fhirpath(fhirpath::FhirpathArgs),
    Explain(explain::ExplainArgs),
    Rules(rules::RulesArgs),
    Simulate(simulate::SimulateArgs),
    Probe(probe::ProbeArgs),
    Lists(lists::ListsArgs),
    Suites(suites::SuitesArgs),
    Packages(packages::PackagesArgs),
    Init(init::InitArgs),
    Completions(shell::Completions),
    Man(shell::Man),
}

/// Parses the arguments of the process, runs the command and gives the exit status.
pub fn main() -> u8 {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let status = if error.use_stderr() { USAGE } else { OK };
            // A closed pipe is no reason for another message.
            let _ = error.print();
            return status;
        }
    };
    match arguments.color {
        ColorArgument::Auto => {}
        ColorArgument::Always => colored::control::set_override(true),
        ColorArgument::Never => colored::control::set_override(false),
    }
    let globals = Globals {
        lang: if matches!(arguments.lang, LangArgument::Nl) { Lang::Nl } else { Lang::En },
        color: match arguments.color {
            ColorArgument::Auto => Color::Auto,
            ColorArgument::Always => Color::Always,
            ColorArgument::Never => Color::Never,
        },
    };
    match arguments.command {
        Command::Run(args) => run::run(&args, globals),
        Command::Serve(args) => serve::run(&args, globals),
        Command::Check(args) => check::run(&args, globals),
        Command::CheckTraffic(args) => check_traffic::run(&args, globals),
        Command::Rejudge(args) => rejudge::run(&args, globals),
        Command::Validate(args) => validate::run(&args, globals),
        Command::Fhirpath(args) => fhirpath::run(&args),
        Command::Explain(args) => explain::run(&args, globals),
        Command::Rules(args) => rules::run(&args, globals),
        Command::Probe(args) => probe::run(&args, globals),
        Command::Lists(args) => lists::run(&args, globals),
        Command::Simulate(args) => simulate::run(&args, globals),
        Command::Suites(args) => suites::run(&args, globals),
        Command::Packages(args) => packages::run(&args, globals),
        Command::Init(args) => init::run(&args, globals),
        Command::Completions(args) => shell::completions(&args, Arguments::command()),
        Command::Man(_) => shell::man(Arguments::command()),
    }
}
