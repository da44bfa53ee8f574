//! `toetsbank validate`: judges files with resources, one line or block a resource.
//!
//! Reads JSON, XML and NDJSON, from files or standard input; NDJSON streams, on all cores. The judging is `fhir`'s.

mod definitions;

use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use clap::Args;
use clap::ValueEnum;
use serde_json::json;

use crate::cli::COULD_NOT_JUDGE;
use crate::cli::FAILED;
use crate::cli::Globals;
use crate::cli::OK;
use crate::cli::USAGE;
use crate::diag::Lang;
use crate::env::Env;
use crate::fhir::json;
use crate::fhir::locate;
use crate::fhir::path::Temporal;
use crate::fhir::validate::Options;
use crate::fhir::validate::Outcome;
use crate::fhir::validate::UnknownExtensions;
use crate::fhir::validate::Validator;
use crate::fhir::xml;

/// Lines of NDJSON that are judged together; a bound on what is in memory.
const BATCH: usize = 512;

/// Validate resources: JSON, XML or NDJSON.
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank validate --fhir stu3 patient.json")]
pub struct ValidateArgs {
    /// Files with resources; `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Version of FHIR
    #[arg(long, value_enum, default_value_t = FhirArgument::Stu3)]
    fhir: FhirArgument,
    /// Definitions beside those in the binary: a package (.tgz), folder, resource or NAME@VERSION
    #[arg(long, value_name = "PACKAGE")]
    package: Vec<PathBuf>,
    /// Profile that each resource must conform to, beside those it claims
    #[arg(long, value_name = "URL")]
    profile: Vec<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = FormatArgument::Text)]
    format: FormatArgument,
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
    Text,
    Json,
    Jsonl,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ExtensionsArgument {
    Allow,
    Error,
}

/// Does what the arguments say. Gives the exit status.
pub fn run(args: &ValidateArgs, globals: Globals) -> u8 {
    match validate(args, globals) {
        Ok(Verdict::Invalid) => FAILED,
        Ok(Verdict::Broken) => COULD_NOT_JUDGE,
        Ok(Verdict::Valid) => OK,
        Err(error) => {
            let mut message = format!("failed to {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                message.push_str(&format!(": {cause}"));
                source = cause.source();
            }
            eprintln!("{message}");
            USAGE
        }
    }
}

/// Judges all files; the worst verdict.
fn validate(args: &ValidateArgs, globals: Globals) -> Result<Verdict, Box<dyn Error>> {
    let definitions = Arc::new(definitions::definitions(args)?);
    for profile in &args.profile {
        if definitions.structure(profile).is_none() {
            return Err(format!("find profile `{profile}`: no package carries it; add its package").into());
        }
    }
    let judge = Judge {
        validator: Validator::new(definitions),
        profiles: args.profile.iter().map(String::as_str).collect(),
        options: Options {
            unknown_extensions: match args.unknown_extensions {
                ExtensionsArgument::Allow => UnknownExtensions::Allow,
                ExtensionsArgument::Error => UnknownExtensions::Error,
            },
            now: Some(Temporal::from_timestamp(Env::system().now())),
        },
        lang: globals.lang,
        format: args.format,
    };
    // All files are opened before anything is judged, so that a wrong name runs nothing.
    let mut inputs: Vec<(String, Box<dyn Read>)> = Vec::new();
    for path in &args.files {
        inputs.push((path.display().to_string(), open(path)?));
    }
    let mut out = Printer { out: io::BufWriter::new(io::stdout().lock()), format: args.format, any: false };
    out.start()?;
    let mut worst = Verdict::Valid;
    for (name, input) in inputs {
        worst = worst.max(file(&judge, &name, input, &mut out)?);
    }
    out.end()?;
    Ok(worst)
}

fn open(path: &Path) -> Result<Box<dyn Read>, Box<dyn Error>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(io::stdin()));
    }
    if path.is_dir() {
        return Err(format!("read `{}`: it is a folder; name the files in it", path.display()).into());
    }
    let file = File::open(path).map_err(|error| format!("read `{}`: {error}", path.display()))?;
    Ok(Box::new(file))
}

/// How every resource is judged and shown.
struct Judge<'a> {
    validator: Validator,
    profiles: Vec<&'a str>,
    options: Options,
    lang: Lang,
    format: FormatArgument,
}

/// What is printed of one resource.
struct Judged {
    shown: String,
    verdict: Verdict,
}

/// What became of a resource; the later the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Valid,
    /// We failed, not the resource.
    Broken,
    Invalid,
}

impl Verdict {
    fn of(valid: bool) -> Verdict {
        if valid { Verdict::Valid } else { Verdict::Invalid }
    }
}

/// Judges one file: a resource, or NDJSON when the first line is an object by itself and others follow.
fn file(judge: &Judge<'_>, name: &str, input: Box<dyn Read>, out: &mut Printer<'_>) -> Result<Verdict, Box<dyn Error>> {
    let fail = |error: io::Error| format!("read `{name}`: {error}");
    let mut reader = BufReader::with_capacity(1 << 20, input);
    let mut first = Vec::new();
    reader.read_until(b'\n', &mut first).map_err(fail)?;
    let named = [".ndjson", ".jsonl"].iter().any(|end| name.ends_with(end));
    if !named && !stands_alone(&first) {
        reader.read_to_end(&mut first).map_err(fail)?;
        return Ok(out.print(&judge.one(name, 1, &first))?);
    }
    let mut worst = Verdict::Valid;
    let mut number = 0usize;
    let mut batch: Vec<(usize, Vec<u8>)> = Vec::with_capacity(BATCH);
    let mut line = first;
    loop {
        number += 1;
        let ended = line.is_empty();
        if line.iter().any(|byte| !byte.is_ascii_whitespace()) {
            batch.push((number, std::mem::take(&mut line)));
        }
        if batch.len() == BATCH || ended {
            for judged in judge.many(name, &batch) {
                worst = worst.max(out.print(&judged)?);
            }
            batch.clear();
        }
        if ended {
            return Ok(worst);
        }
        line.clear();
        reader.read_until(b'\n', &mut line).map_err(fail)?;
    }
}

/// Whether a first line is a whole JSON object.
fn stands_alone(line: &[u8]) -> bool {
    let start = line.iter().position(|byte| !byte.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(byte));
    start.is_some_and(|start| line[start] == b'{') && json::parse(line).is_ok()
}

impl Judge<'_> {
    /// Judges lines on all cores, in order.
    fn many(&self, name: &str, lines: &[(usize, Vec<u8>)]) -> Vec<Judged> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let share = lines.len().div_ceil(cores).max(1);
        thread::scope(|scope| {
            let parts: Vec<_> = lines
                .chunks(share)
                .map(|part| {
                    scope.spawn(move || part.iter().map(|(line, text)| self.one(name, *line, text)).collect::<Vec<_>>())
                })
                .collect();
            let broken = |_| {
                let shown = format!("{name}: not judged: bug in toetsbank");
                vec![Judged { shown, verdict: Verdict::Broken }]
            };
            parts.into_iter().flat_map(|part| part.join().unwrap_or_else(broken)).collect()
        })
    }

    fn one(&self, name: &str, line: usize, text: &[u8]) -> Judged {
        let start = text.iter().find(|byte| !byte.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(byte));
        let is_xml = start == Some(&b'<');
        let parsed = if is_xml { xml::parse(text) } else { json::parse(text) };
        match parsed {
            Ok((resource, problems)) => {
                let outcome = self.validator.validate_read(&resource, &problems, &self.profiles, self.options);
                let kind = resource.resource_type.as_deref().unwrap_or_default();
                self.show(name, line, kind, resource.text("id").unwrap_or_default(), &outcome, text)
            }
            Err(error) => {
                let issue = json!({
                    "severity": "error", "code": "parse", "place": "", "line": error.line, "column": error.column,
                    "profile": "", "message": error.kind.to_string(),
                });
                let shown = match self.format {
                    FormatArgument::Text => {
                        format!("{name}:{}:{}: error: {} [parse]\n", error.line, error.column, error.kind)
                    }
                    FormatArgument::Json | FormatArgument::Jsonl => json!({
                        "file": name, "line": line, "resourceType": null, "id": null, "verdict": "invalid",
                        "issues": [issue], "notChecked": [],
                    })
                    .to_string(),
                };
                Judged { shown, verdict: Verdict::Invalid }
            }
        }
    }

    fn show(&self, name: &str, line: usize, kind: &str, id: &str, outcome: &Outcome, text: &[u8]) -> Judged {
        let valid = outcome.is_valid();
        let mut known: HashMap<u32, (u32, u32)> = HashMap::new();
        let mut at = |offset: u32| *known.entry(offset).or_insert_with(|| locate::line_column(text, offset as usize));
        if self.format != FormatArgument::Text {
            let issues: Vec<_> = outcome
                .issues
                .iter()
                .map(|issue| {
                    let (row, column) = at(issue.span.offset);
                    json!({
                        "severity": issue.severity.word(), "code": issue.code, "place": issue.place, "line": row,
                        "column": column, "profile": issue.profile, "message": issue.message(self.lang),
                    })
                })
                .collect();
            let skipped = outcome.not_checked.iter();
            let skipped: Vec<_> = skipped
                .map(|one| json!({"place": one.place, "code": one.code, "reason": one.reason.get(self.lang)}))
                .collect();
            let shown = json!({
                "file": name, "line": line, "resourceType": kind, "id": id,
                "verdict": if valid { "valid" } else { "invalid" }, "issues": issues, "notChecked": skipped,
            });
            return Judged { shown: shown.to_string(), verdict: Verdict::of(valid) };
        }
        let verdict = match (valid, self.lang) {
            (true, Lang::Nl) => "voldoet",
            (true, Lang::En) => "valid",
            (false, Lang::Nl) => "voldoet niet",
            (false, Lang::En) => "invalid",
        };
        let mut shown = format!("{name}:{line}: {kind}/{id}: {verdict}\n");
        for issue in &outcome.issues {
            let (row, column) = at(issue.span.offset);
            let (word, place, code) = (issue.severity.word(), &issue.place, issue.code);
            let message = issue.message(self.lang);
            shown.push_str(&format!("  {row}:{column} {word} {place}: {message} [{code}]\n"));
        }
        let unchecked = match self.lang {
            Lang::Nl => "niet getoetst",
            Lang::En => "not checked",
        };
        for one in &outcome.not_checked {
            let (place, reason) = (&one.place, one.reason.get(self.lang));
            shown.push_str(&format!("  {unchecked} {place}: {reason}\n"));
        }
        Judged { shown, verdict: Verdict::of(valid) }
    }
}

/// Writes what was judged in the form that was asked for.
struct Printer<'o> {
    out: io::BufWriter<io::StdoutLock<'o>>,
    format: FormatArgument,
    any: bool,
}

impl Printer<'_> {
    fn start(&mut self) -> io::Result<()> {
        if self.format == FormatArgument::Json { self.out.write_all(b"[") } else { Ok(()) }
    }

    /// Writes one and gives its verdict.
    fn print(&mut self, judged: &Judged) -> io::Result<Verdict> {
        if judged.verdict == Verdict::Broken {
            eprintln!("{}", judged.shown);
            return Ok(judged.verdict);
        }
        match self.format {
            FormatArgument::Text => self.out.write_all(judged.shown.as_bytes())?,
            FormatArgument::Jsonl => writeln!(self.out, "{}", judged.shown)?,
            FormatArgument::Json => {
                let comma = if self.any { ",\n" } else { "\n" };
                write!(self.out, "{comma}{}", judged.shown)?;
            }
        }
        self.any = true;
        Ok(judged.verdict)
    }

    fn end(&mut self) -> io::Result<()> {
        if self.format == FormatArgument::Json {
            self.out.write_all(b"\n]\n")?;
        }
        self.out.flush()
    }
}
