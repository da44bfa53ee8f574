//! `toetsbank suites`: which there are, whether they are right, and a new one to begin with.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;
use serde_json::json;

use crate::cli::Globals;
use crate::cli::OK;
use crate::cli::USAGE;
use crate::cli::diagnostics;
use crate::cli::diagnostics::Weight;
use crate::diag::Lang;
use crate::diag::SourceError;
use crate::requirement::Role;
use crate::suite::Suite;
use crate::suite::load;
use crate::text;

/// List, check or begin suites.
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank suites check suites/bgz-3-0")]
pub struct SuitesArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// The suites with their scenarios
    #[command(after_help = "Example: toetsbank suites list --suites suites")]
    List {
        /// A folder of suites instead of those in the binary
        #[arg(long, value_name = "DIR")]
        suites: Option<PathBuf>,
        /// Form of the output
        #[arg(long, value_enum, default_value_t = FormatArgument::Text)]
        format: FormatArgument,
    },
    /// Look for mistakes: all of them, with line, column and hint
    #[command(after_help = "Example: toetsbank suites check suites/bgz-3-0")]
    Check {
        /// Folder of suites, folder of one suite, or a file in it; none: the suites in the binary
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Form of the output
        #[arg(long, value_enum, default_value_t = FormatArgument::Text)]
        format: FormatArgument,
    },
    /// Write a small suite that works, to go on from
    #[command(after_help = "Example: toetsbank suites new immunization-2-0")]
    New {
        /// Name and version, such as `immunization-2-0`
        #[arg(value_name = "NAME")]
        name: String,
        /// The folder of suites to put it in
        #[arg(long, value_name = "DIR", default_value = "suites")]
        suites: PathBuf,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatArgument {
    Text,
    Json,
}

/// Runs one of the actions.
pub fn run(args: &SuitesArgs, globals: Globals) -> u8 {
    match &args.action {
        Action::List { suites, format } => list(suites.as_deref(), *format, globals.lang),
        Action::Check { paths, format } => check(paths, *format, globals.lang),
        Action::New { name, suites } => new(name, suites, globals.lang),
    }
}

fn list(folder: Option<&Path>, format: FormatArgument, lang: Lang) -> u8 {
    let suites = match folder.map_or_else(load::embedded, load::folder) {
        Ok(suites) => suites,
        Err(errors) => {
            diagnostics::show(&errors.0, Weight::Error, lang);
            return USAGE;
        }
    };
    match format {
        FormatArgument::Json => {
            let all: Vec<_> = suites.iter().map(to_json).collect();
            say(&serde_json::to_string_pretty(&all).unwrap_or_default());
        }
        FormatArgument::Text => say(suites.iter().map(|suite| to_text(suite, lang)).collect::<String>().trim_end()),
    }
    OK
}

fn to_json(suite: &Suite) -> serde_json::Value {
    let scenario = |(role, scenario): &(Role, crate::suite::model::ScenarioFile)| {
        json!({
            "id": scenario.id, "role": role, "title": scenario.title, "required": scenario.required,
            "active": scenario.active, "patients": scenario.patients, "formats": scenario.formats,
        })
    };
    json!({
        "id": suite.head.id, "aliases": suite.head.aliases, "title": suite.head.title, "gegevensdienst": suite.head.gegevensdienst,
        "fhir": suite.head.fhir, "systeemrollen": suite.head.systeemrollen, "along": suite.head.along,
        "patients": suite.head.patients, "scenarios": suite.scenarios.iter().map(scenario).collect::<Vec<_>>(),
    })
}

fn to_text(suite: &Suite, lang: Lang) -> String {
    let head = &suite.head;
    let service = head.gegevensdienst.as_ref().map(|id| text!(", gegevensdienst {id}", ", gegevensdienst {id}"));
    let service = service.map(|service| service.get(lang).to_owned()).unwrap_or_default();
    let mut out = format!("{}  {}{service}\n", head.id, head.title.get(lang));
    if !head.aliases.is_empty() {
        out += &format!("    {} {}\n", text!("ook:", "also:").get(lang), head.aliases.join(", "));
    }
    if !head.systeemrollen.is_empty() {
        out += &format!("    systeemrollen: {}\n", head.systeemrollen.join(", "));
    }
    for (word, what) in &head.patients {
        out += &format!("    {} {word}: {}\n", text!("patiënt", "patient").get(lang), what.get(lang));
    }
    for (role, word) in [(Role::Dva, "DVA"), (Role::Dvp, "DVP")] {
        let of_role: Vec<_> = suite.scenarios.iter().filter(|(of, _)| *of == role).collect();
        let count = of_role.len();
        if count > 0 {
            let title = text!("{count} scenario's voor een {word}", "{count} scenarios for a {word}");
            out += &format!("    {}\n", title.get(lang));
        }
        for (_, scenario) in of_role {
            out += &format!("      {:<8} {}\n", scenario.id, scenario.title.get(lang));
        }
    }
    out
}

fn check(paths: &[PathBuf], format: FormatArgument, lang: Lang) -> u8 {
    let mut errors: Vec<SourceError> = Vec::new();
    if paths.is_empty() {
        errors.extend(load::embedded_checked().err().unwrap_or_default().0);
    }
    let roots: BTreeSet<PathBuf> = paths.iter().map(|path| root_of(path)).collect();
    for root in roots {
        let found = load::folder(&root).err().unwrap_or_default().0;
        let asked: Vec<&PathBuf> = paths.iter().filter(|path| root_of(path) == root).collect();
        errors.extend(found.into_iter().filter(|error| asked.iter().any(|path| concerns(error, path, &root))));
    }
    match format {
        FormatArgument::Json => {
            let all = diagnostics::to_json(&errors, "suite", Weight::Error, lang);
            say(&serde_json::to_string_pretty(&all).unwrap_or_default());
        }
        FormatArgument::Text => {
            diagnostics::show(&errors, Weight::Error, lang);
            let count = errors.len();
            let end = match count {
                0 => text!("geen fouten gevonden", "no mistakes found"),
                1 => text!("1 fout gevonden", "1 mistake found"),
                _ => text!("{count} fouten gevonden", "{count} mistakes found"),
            };
            say(end.get(lang));
        }
    }
    if errors.is_empty() { OK } else { USAGE }
}

/// Prints a text to standard output. A reader that went away is no mistake.
fn say(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// The folder of suites that a path lies in, or is.
fn root_of(path: &Path) -> PathBuf {
    let above = |path: &Path| match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    if path.file_name().is_some_and(|name| name == "_shared") {
        return above(path);
    }
    let mut here = path.to_owned();
    // A scenario file lies three levels below: file, side, suite.
    for _ in 0..3 {
        if here.join("suite.yaml").is_file() || here.file_name().is_some_and(|name| name == "_shared") {
            return above(&here);
        }
        here = above(&here);
    }
    path.to_owned()
}

/// Whether a mistake lies in what was asked: the path itself, or a shared file that it may use.
fn concerns(error: &SourceError, path: &Path, root: &Path) -> bool {
    let file = Path::new(&error.file);
    path == root || file.starts_with(path) || file.starts_with(root.join("_shared"))
}

fn new(name: &str, folder: &Path, lang: Lang) -> u8 {
    let is_name = name.split('-').all(|part| !part.is_empty())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && name.rsplit('-').next().is_some_and(|version| version.chars().all(|c| c.is_ascii_digit()));
    if !is_name {
        let refused = text!(
            "`{name}` is geen naam met versie; schrijf kleine letters en cijfers, zoals `immunization-2-0`",
            "`{name}` is no name with version; write lower case letters and digits, such as `immunization-2-0`"
        );
        eprintln!("{}", refused.get(lang));
        return USAGE;
    }
    let suite = folder.join(name);
    let written = if suite.exists() {
        Err(io::Error::from(io::ErrorKind::AlreadyExists))
    } else {
        skeleton(name).into_iter().try_for_each(|(file, text)| {
            let path = suite.join(file);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, text)
        })
    };
    let path = suite.display();
    match written {
        Ok(()) => {
            let done = text!(
                "{path} is geschreven; kijk het na met `toetsbank suites check {path}`",
                "{path} is written; look it over with `toetsbank suites check {path}`"
            );
            say(done.get(lang));
            OK
        }
        Err(error) => {
            let failed = text!("{path} is niet te schrijven: {error}", "{path} cannot be written: {error}");
            eprintln!("{}", failed.get(lang));
            USAGE
        }
    }
}

/// The files of a new suite: one scenario, one request, the common checks.
fn skeleton(name: &str) -> [(&'static str, String); 3] {
    let suite = include_str!("skeleton/suite.yaml").replace("voorbeeld-1-0", name);
    let readme = include_str!("skeleton/README.md").replace("voorbeeld-1-0", name);
    let scenario = include_str!("skeleton/scenario.yaml").to_owned();
    [("suite.yaml", suite), ("README.md", readme), ("server/1-1-patient.yaml", scenario)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_suite_has_no_mistake() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(new("voorbeeld-2-0", folder.path(), Lang::Nl), OK);
        let suites = load::folder(folder.path()).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(load::find(&suites, "voorbeeld").unwrap().scenarios.len(), 1);
        assert_eq!(new("voorbeeld-2-0", folder.path(), Lang::Nl), USAGE);
        assert_eq!(new("Voorbeeld", folder.path(), Lang::Nl), USAGE);
    }

    #[test]
    fn a_path_leads_to_the_folder_of_its_suite() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites");
        for path in ["", "bgz-3-0", "bgz-3-0/server/1-1-allergy-intolerance.yaml", "_shared", "_shared/bundle.yaml"] {
            assert_eq!(root_of(&root.join(path)).components().collect::<PathBuf>(), root, "{path}");
        }
    }

    #[test]
    fn the_embedded_suites_are_listed_and_right() {
        assert_eq!(check(&[], FormatArgument::Json, Lang::Nl), OK);
        let suites = load::embedded().unwrap();
        let text = to_text(load::find(&suites, "bgz").unwrap(), Lang::Nl);
        assert!(text.starts_with("bgz-3-0  Basisgegevens Zorg 3.0 (BgZ), gegevensdienst 48\n"), "{text}");
        assert!(text.contains("28 scenario's voor een DVA"), "{text}");
        assert!(text.contains("3 scenario's voor een DVP"), "{text}");
    }
}
