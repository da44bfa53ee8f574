//! `toetsbank simulate`: the built-in counterparts on their own, for people and for other programs.
//!
//! Arguments and words only; the work is in `simulator`. Entry point: [`run`].

mod dvp;
mod stelselnode;

use std::error::Error;
use std::fmt;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;
use serde_json::Value;
use serde_json::json;

use crate::candidate;
use crate::candidate::Environment;
use crate::cli::COULD_NOT_JUDGE;
use crate::cli::Globals;
use crate::cli::OK;
use crate::cli::USAGE;
use crate::cli::private::put;
use crate::cli::simulate::dvp::DvpArgs;
use crate::cli::simulate::stelselnode::StelselnodeArgs;
use crate::diag::Lang;
use crate::diag::suggestion;
use crate::env::Env;
use crate::requirement::Release;
use crate::simulator::DEFECTS;
use crate::simulator::Defect;
use crate::simulator::SimulatorError;
use crate::simulator::dva;
use crate::simulator::dva::DataSet;
use crate::simulator::dva::Dva;
use crate::simulator::dva::DvaConfig;

/// The release that the counterpart follows: the newest.
const RELEASE: Release = Release::V2_2;

/// Start a built-in counterpart, and serve until Ctrl-C.
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank simulate dva --write-candidate dva.toml")]
pub struct SimulateArgs {
    #[command(subcommand)]
    counterpart: Counterpart,
}

#[derive(Debug, Subcommand)]
enum Counterpart {
    Dva(DvaArgs),
    Dvp(DvpArgs),
    Stelselnode(StelselnodeArgs),
}

/// The reference DVA: authorization server, token endpoint and resource server on loopback TLS.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: toetsbank simulate dva --data fhir/ --defect token-cacheable --write-candidate dva.toml"
)]
pub struct DvaArgs {
    /// Folder with FHIR resources (JSON or XML) to serve; else our own fictional patients
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Port of the front channel; the back channel takes the next. Else any free ports
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..65535))]
    port: Option<u16>,
    #[command(flatten)]
    broken: BrokenArgs,
    /// Write a complete candidate file when ready (it holds the test client's private key)
    #[arg(long, value_name = "FILE")]
    write_candidate: Option<PathBuf>,
}

// What a reference does wrong on purpose; a doc comment here would take the place of the command's own.
#[derive(Debug, Args)]
struct BrokenArgs {
    /// Break one thing (repeatable); see --list-defects
    #[arg(long = "defect", value_name = "NAME")]
    defects: Vec<String>,
    /// List what can be broken, and stop
    #[arg(long)]
    list_defects: bool,
    /// Form of the list
    #[arg(long, value_enum, default_value_t = FormatArgument::Text, requires = "list_defects")]
    format: FormatArgument,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatArgument {
    Text,
    Json,
}

/// Does what the arguments say. Gives the exit status: [`USAGE`] for a defect, folder or file that cannot be used,
/// [`COULD_NOT_JUDGE`] when the counterpart cannot run here.
pub fn run(args: &SimulateArgs, globals: Globals) -> u8 {
    let served = match &args.counterpart {
        Counterpart::Stelselnode(args) => stelselnode::serve(args, globals.lang),
        Counterpart::Dva(args) if args.broken.list_defects => {
            list(&DEFECTS, args.broken.format, globals.lang);
            Ok(())
        }
        Counterpart::Dva(args) => serve(args, globals.lang),
        Counterpart::Dvp(args) => dvp::run(args, globals.lang),
    };
    match served {
        Ok(()) => OK,
        Err(failure) => {
            let mut message = format!("failed to {failure}");
            let mut source = failure.source();
            while let Some(cause) = source {
                message.push_str(&format!(": {cause}"));
                source = cause.source();
            }
            eprintln!("{message}");
            failure.status()
        }
    }
}

/// Prints what can be broken.
fn list(defects: &[Defect], format: FormatArgument, lang: Lang) {
    if format == FormatArgument::Json {
        println!("{:#}", Value::from(defects.iter().map(row).collect::<Vec<_>>()));
        return;
    }
    for defect in defects {
        println!(
            "{:<38} {:<8} {:<5} {:<8} {}",
            defect.name,
            defect.rule,
            defect.suite,
            defect.expect.word(),
            defect.summary().get(lang)
        );
    }
}

/// The defects with these names.
fn planted(names: &[String], known: &'static [Defect]) -> Result<Vec<&'static Defect>, Failure> {
    let find = |name: &String| {
        known.iter().find(|defect| defect.name == *name).ok_or_else(|| {
            let near = suggestion(name, known.iter().map(|defect| defect.name)).map(str::to_owned);
            Failure::Defect { name: name.clone(), near }
        })
    };
    names.iter().map(find).collect()
}

/// A defect as scripts read it (`design.md` section 5.1).
fn row(defect: &Defect) -> Value {
    json!({
        "name": defect.name,
        "rule": defect.rule,
        "suite": defect.suite,
        "expect": defect.expect.word(),
        "masks": defect.masks,
        "summary": defect.summary(),
    })
}

fn serve(args: &DvaArgs, lang: Lang) -> Result<(), Failure> {
    let env = Env::system();
    let defects = planted(&args.broken.defects, &DEFECTS)?;
    let data = match &args.data {
        Some(folder) => DataSet::folder(folder, &env).map(|data| vec![data]),
        None => DataSet::own(&env),
    };
    let config = DvaConfig {
        passwords: None,
        names: dva::Names::default(),
        environment: Environment::Test,
        env,
        release: RELEASE,
        data: data.map_err(Failure::Start)?,
        defects,
        behaviours: Vec::new(),
        authority: None,
        lists: None,
        port: args.port,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::Runtime)?;
    runtime.block_on(async {
        let dva = dva::start(config).await.map_err(Failure::Start)?;
        if let Some(file) = &args.write_candidate {
            let text = candidate::to_toml(dva.candidate());
            put(file, &text).map_err(|source| Failure::Write { file: file.clone(), source })?;
        }
        println!("{}", ready(&dva, args.write_candidate.as_deref(), lang));
        // Without a signal handler there is no other way to stop than the process' end.
        tokio::signal::ctrl_c().await.map_err(Failure::Runtime)?;
        dva.stop().await;
        Ok(())
    })
}

/// The one line that says that it serves.
fn ready(dva: &Dva, file: Option<&Path>, lang: Lang) -> String {
    let candidate = dva.candidate();
    let mut addresses: Vec<&str> = candidate.trust.connect.values().map(String::as_str).collect();
    addresses.dedup();
    let (addresses, people) = (addresses.join(", "), candidate.patients.len());
    let written = file.map(|file| format!(": {}", file.display())).unwrap_or_default();
    match lang {
        Lang::Nl => {
            format!("de referentie-DVA luistert op {addresses} met {people} patiënten{written}; Ctrl-C stopt haar")
        }
        Lang::En => {
            format!("the reference DVA listens on {addresses} with {people} patients{written}; Ctrl-C stops it")
        }
    }
}

/// Why the counterpart does not serve.
#[derive(Debug)]
enum Failure {
    Defect { name: String, near: Option<String> },
    Start(SimulatorError),
    Runtime(io::Error),
    Read { file: PathBuf, source: io::Error },
    Write { file: PathBuf, source: io::Error },
}

impl Failure {
    fn status(&self) -> u8 {
        match self {
            Self::Defect { .. } | Self::Read { .. } | Self::Write { .. } => USAGE,
            Self::Start(error) => match error {
                SimulatorError::Listen { .. }
                | SimulatorError::ListenAt { .. }
                | SimulatorError::Twist { .. }
                | SimulatorError::Read { .. }
                | SimulatorError::Resource { .. }
                | SimulatorError::TooLarge { .. }
                | SimulatorError::NoPatient { .. }
                | SimulatorError::NoList { .. } => USAGE,
                SimulatorError::Pki(_)
                | SimulatorError::Client(_)
                | SimulatorError::Tls(_)
                | SimulatorError::Verifier(_)
                | SimulatorError::Address(_) => COULD_NOT_JUDGE,
            },
            Self::Runtime(_) => COULD_NOT_JUDGE,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Defect { name, near } => {
                write!(f, "plant the defect `{name}`: ")?;
                match near {
                    Some(known) => write!(f, "did you mean `{known}`?"),
                    None => write!(f, "see `--list-defects`"),
                }
            }
            Self::Start(error) => write!(f, "{error}"),
            Self::Runtime(_) => write!(f, "run a server here"),
            Self::Read { file, .. } => write!(f, "read `{}`", file.display()),
            Self::Write { file, .. } => write!(f, "write `{}`", file.display()),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Defect { .. } => None,
            Self::Start(error) => error.source(),
            Self::Runtime(source) | Self::Read { source, .. } | Self::Write { source, .. } => Some(source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_is_listed_as_scripts_read_it() {
        let defect = crate::simulator::defects::find("empty-search-not-found").unwrap();
        let expect = json!({
            "name": "empty-search-not-found",
            "rule": "FHIR-14",
            "suite": "bgz",
            "expect": "fail",
            "masks": ["FHIR-03", "FHIR-04", "FLOW-35"],
            "summary": {
                "nl": "een zoekvraag zonder treffers geeft status 404",
                "en": "a search without matches gives status 404",
            },
        });
        assert_eq!(row(defect), expect);
    }

    #[test]
    fn a_defect_that_is_not_known_has_advice() {
        let failure = planted(&["token-cachable".to_owned()], &DEFECTS).unwrap_err();
        assert_eq!(failure.to_string(), "plant the defect `token-cachable`: did you mean `token-cacheable`?");
        assert_eq!(failure.status(), USAGE);
    }

    #[tokio::test]
    async fn the_candidate_file_says_all_that_the_counterpart_knows() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("dva.toml");
        let dva = dva::start(DvaConfig::own(&Env::seeded(1)).unwrap()).await.unwrap();
        put(&file, &candidate::to_toml(dva.candidate())).unwrap();
        let read = candidate::load(&file).unwrap().candidate;
        // The clock of another process is its own.
        let apart = candidate::Candidate { shares_clock: false, ..dva.candidate().clone() };
        assert_eq!(serde_json::to_value(&read).unwrap(), serde_json::to_value(&apart).unwrap());
        let secrets = |candidate: &crate::candidate::Candidate| {
            let people = candidate.patients.iter();
            let people: Vec<_> =
                people.map(|p| (p.login.clone(), p.password.clone(), p.token.clone(), p.bsn.clone())).collect();
            (candidate.client.key.clone(), people)
        };
        assert_eq!(secrets(&read), secrets(dva.candidate()));
    }
}
