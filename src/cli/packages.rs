//! `toetsbank packages`: lists the FHIR packages in the binary, and compiles others to compact definitions.
//!
//! Arguments and words only; the work is in `packages`.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;

use crate::cli::OK;
use crate::cli::USAGE;
use crate::fhir::definitions::Layer;
use crate::packages;
use crate::packages::embedded::EMBEDDED;

/// FHIR packages: what the binary carries, and compact definitions of others.
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank packages list")]
pub struct PackagesArgs {
    #[command(subcommand)]
    command: PackagesCommand,
}

#[derive(Debug, Subcommand)]
enum PackagesCommand {
    /// List the packages in the binary, or those at the given places.
    #[command(after_help = "Example: toetsbank packages list nictiz.fhir.nl.stu3.zib2017-2.2.18.tgz")]
    List {
        /// Packages (.tgz), folders, compact definitions or resources.
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Make compact definitions of a package: facts only, small, quick to open.
    #[command(after_help = "Example: toetsbank packages compile my.package-1.0.0.tgz --out my.defs.gz")]
    Compile {
        /// Package (.tgz), folder or resource.
        #[arg(value_name = "PACKAGE")]
        package: PathBuf,
        /// Where to write; else NAME-VERSION.defs.gz in this folder.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Does what the arguments say. Gives the exit status: [`USAGE`] for a package or file that cannot be used.
pub fn run(args: &PackagesArgs) -> u8 {
    let done = match &args.command {
        PackagesCommand::List { paths } => list(paths),
        PackagesCommand::Compile { package, out } => compile(package, out.as_ref()),
    };
    match done {
        Ok(()) => OK,
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

fn list(paths: &[PathBuf]) -> Result<(), Box<dyn Error>> {
    println!("{:<44} {:<14} {:<7} {:<10} {:>11}", "PACKAGE", "VERSION", "FHIR", "LICENCE", "DEFINITIONS");
    if paths.is_empty() {
        EMBEDDED.iter().filter_map(|package| package.layer()).for_each(|layer| row(&layer));
    }
    for path in paths {
        row(&packages::open(path)?);
    }
    Ok(())
}

fn row(layer: &Layer) {
    let facts = layer.package();
    let or_dash = |text: &str| if text.is_empty() { "-".to_string() } else { text.to_string() };
    println!(
        "{:<44} {:<14} {:<7} {:<10} {:>11}",
        facts.name,
        or_dash(&facts.version),
        or_dash(&facts.fhir_version),
        or_dash(&facts.license),
        layer.len()
    );
}

fn compile(package: &Path, out: Option<&PathBuf>) -> Result<(), Box<dyn Error>> {
    let file = packages::compile(package)?;
    let layer = Layer::open_compact(file.clone())?;
    let facts = layer.package();
    let out = match out {
        Some(out) => out.clone(),
        None if facts.version.is_empty() => PathBuf::from(format!("{}.defs.gz", facts.name)),
        None => PathBuf::from(format!("{}-{}.defs.gz", facts.name, facts.version)),
    };
    fs::write(&out, &file).map_err(|error| format!("write `{}`: {error}", out.display()))?;
    println!("{}: {} definitions, {} bytes", out.display(), layer.len(), file.len());
    Ok(())
}
