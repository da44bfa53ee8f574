//! `toetsbank validate`: judges files with resources, in a form for people, scripts or other tools.
//!
//! Reads JSON, XML and NDJSON, from files, folders or standard input; all streams, on all cores. The judging is `fhir`'s,
//! the forms are `report`'s.

mod definitions;
mod input;
mod judge;
mod stream;

use std::error::Error;
use std::io;
use std::io::BufWriter;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use clap::ValueEnum;

use crate::cli::COULD_NOT_JUDGE;
use crate::cli::FAILED;
use crate::cli::Globals;
use crate::cli::OK;
use crate::cli::USAGE;
use crate::cli::packages::Place;
use crate::cli::validate::judge::Judge;
use crate::cli::validate::stream::StreamError;
use crate::diag::Lang;
use crate::env::Env;
use crate::fhir::definitions::FhirVersion;
use crate::fhir::path::Temporal;
use crate::fhir::validate::Options;
use crate::fhir::validate::UnknownExtensions;
use crate::fhir::validate::Validator;
use crate::packages::TerminologyServer;
use crate::report::validation::Form;
use crate::report::validation::Report;
use crate::report::validation::Style;
use crate::report::validation::Tally;

/// Validate resources: JSON, XML or NDJSON.
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank validate --fhir stu3 patient.json
         toetsbank validate --fhir r4 --format sarif resources/ > findings.sarif
         curl … | toetsbank validate --format jsonl -

Exit status: 0 all valid, 1 something invalid, 2 wrong usage or a file that cannot be read, 3 could not judge.
`toetsbank explain CODE` tells what a code like `slice-min` means and how to fix it.")]
pub struct ValidateArgs {
    /// Files with resources, folders with such files, or patterns (`'**/*.json'`); `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Version of FHIR
    #[arg(long, value_enum, default_value_t = FhirArgument::Stu3)]
    fhir: FhirArgument,
    /// Definitions beside those in the binary: a package (.tgz), folder, resource or NAME@VERSION
    #[arg(long, value_name = "PACKAGE")]
    package: Vec<PathBuf>,
    /// Lock file that the packages must be in, unchanged
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    /// Profile that each resource must conform to, beside those it claims
    #[arg(long, value_name = "URL")]
    profile: Vec<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = FormatArgument::Text)]
    format: FormatArgument,
    /// ValueSets with an expansion and CodeSystems, beside those of the packages: a resource, Bundle, NDJSON or package
    #[arg(long, value_name = "FILE")]
    terminology: Vec<PathBuf>,
    /// FHIR terminology server to ask about codes that nothing else tells (SNOMED CT, LOINC); its base URL
    #[arg(long, value_name = "URL")]
    tx: Option<String>,
    /// Longest wait for one answer of the terminology server, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    tx_timeout: u64,
    /// What to do with extensions that no package defines
    #[arg(long, value_enum, default_value_t = ExtensionsArgument::Allow)]
    unknown_extensions: ExtensionsArgument,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FhirArgument {
    Stu3,
    R4,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatArgument {
    /// For people: the line, a caret, what to do
    Text,
    /// A list with an object for each resource
    Json,
    /// An object for each resource, one a line
    Jsonl,
    /// FHIR OperationOutcome; a Bundle of them for more than one resource
    #[value(alias = "operation-outcome")]
    Operationoutcome,
    /// JUnit XML
    Junit,
    /// SARIF 2.1.0
    Sarif,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ExtensionsArgument {
    Allow,
    Error,
}

/// Does what the arguments say. Gives the exit status.
pub fn run(args: &ValidateArgs, globals: Globals) -> u8 {
    match validate(args, globals) {
        Ok(total) if total.invalid > 0 => FAILED,
        Ok(total) if total.broken > 0 => COULD_NOT_JUDGE,
        Ok(_) => OK,
        Err(error) => {
            let broken_pipe =
                error.downcast_ref::<StreamError>().is_some_and(|error| matches!(error, StreamError::Closed));
            if broken_pipe {
                // Whoever read our output has had enough.
                return COULD_NOT_JUDGE;
            }
            let is_ours =
                error.downcast_ref::<StreamError>().is_some_and(|error| !matches!(error, StreamError::Read(_)));
            let mut message = format!("failed to {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                message.push_str(&format!(": {cause}"));
                source = cause.source();
            }
            eprintln!("{message}");
            if is_ours { COULD_NOT_JUDGE } else { USAGE }
        }
    }
}

/// Judges all files and writes what came of it; the counts.
fn validate(args: &ValidateArgs, globals: Globals) -> Result<Tally, Box<dyn Error>> {
    // All files are looked at before anything is judged, so that a wrong name runs nothing.
    let inputs = input::inputs(&args.files)?;
    let definitions = Arc::new(definitions::definitions(args, globals.lang)?);
    for profile in &args.profile {
        if definitions.structure(profile).is_none() {
            return Err(format!("find profile `{profile}`: no package carries it; add its package").into());
        }
    }
    let mut validator = Validator::new(definitions);
    let mut server = None;
    if let Some(base) = &args.tx {
        let made = Arc::new(TerminologyServer::new(base, version(args), Duration::from_secs(args.tx_timeout))?);
        validator = validator.asking(made.clone());
        server = Some(made);
    }
    let judge = Judge {
        validator,
        profiles: args.profile.iter().map(String::as_str).collect(),
        options: Options {
            unknown_extensions: match args.unknown_extensions {
                ExtensionsArgument::Allow => UnknownExtensions::Allow,
                ExtensionsArgument::Error => UnknownExtensions::Error,
            },
            now: Some(Temporal::from_timestamp(Env::system().now())),
        },
        style: style(args, globals),
    };
    let mut report = Report::begin(BufWriter::new(io::stdout().lock()), judge.style).map_err(StreamError::from)?;
    let streamed = stream::run(inputs, &|text| judge.part(text), &mut |part| report.add(part));
    if let Some(trouble) = server.and_then(|server| server.trouble()) {
        let why = trouble.get(globals.lang);
        eprintln!(
            "{}",
            match globals.lang {
                Lang::Nl => format!("de terminologieserver is niet verder gevraagd: {why}"),
                Lang::En => format!("the terminology server was not asked any further: {why}"),
            }
        );
    }
    match streamed {
        // What was judged before a file failed is still a whole document.
        Ok(()) | Err(StreamError::Read(_)) => {
            let total = report.end().map_err(StreamError::from)?;
            streamed?;
            Ok(total)
        }
        Err(error) => Err(error.into()),
    }
}

fn style(args: &ValidateArgs, globals: Globals) -> Style {
    let form = match args.format {
        FormatArgument::Text => Form::Text,
        FormatArgument::Json => Form::Json,
        FormatArgument::Jsonl => Form::Jsonl,
        FormatArgument::Operationoutcome => Form::OperationOutcome,
        FormatArgument::Junit => Form::Junit,
        FormatArgument::Sarif => Form::Sarif,
    };
    Style::new(form, globals.lang, version(args), globals.color, io::stdout().is_terminal())
}

/// The FHIR version that was asked for.
fn version(args: &ValidateArgs) -> FhirVersion {
    match args.fhir {
        FhirArgument::Stu3 => FhirVersion::Stu3,
        FhirArgument::R4 => FhirVersion::R4,
    }
}
