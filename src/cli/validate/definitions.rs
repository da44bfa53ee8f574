//! Which definitions `validate` judges by: the packages that the user named, then what those build on, then those in
//! the binary.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use crate::cli::packages::note_word;
use crate::cli::packages::root;
use crate::cli::validate::FhirArgument;
use crate::cli::validate::ValidateArgs;
use crate::diag::Lang;
use crate::diag::Text;
use crate::fhir::definitions::DefinitionSet;
use crate::fhir::definitions::FhirVersion;
use crate::fhir::definitions::Layer;
use crate::packages;
use crate::packages::embedded;
use crate::packages::lock::Lock;
use crate::packages::lock::LockError;
use crate::packages::resolve;
use crate::packages::resolve::Chosen;
use crate::packages::resolve::Origin;
use crate::packages::resolve::Root;
use crate::packages::resolve::Sources;
use crate::text;

/// The definitions. Notes go to standard error.
pub fn definitions(args: &ValidateArgs, lang: Lang) -> Result<DefinitionSet, Box<dyn Error>> {
    let version = match args.fhir {
        FhirArgument::Stu3 => FhirVersion::Stu3,
        FhirArgument::R4 => FhirVersion::R4,
    };
    // What a terminology file says goes before what the packages say.
    let mut layers: Vec<Arc<Layer>> = Vec::new();
    for file in &args.terminology {
        layers.push(Arc::new(packages::open_terminology(file)?));
    }
    if args.package.is_empty() {
        layers.extend(embedded::layers(version));
        return Ok(DefinitionSet::new(version, layers));
    }
    let roots: Vec<Root> = args.package.iter().map(|package| root(package)).collect::<Result<_, _>>()?;
    let lock = args.lock.as_deref().map(|path| read_lock(path).map(|lock| (path, lock))).transpose()?;
    let cache = args.place.cache();
    // No registry: judging goes to no network.
    let sources = Sources { cache: &cache, registry: None, lock: lock.as_ref().map(|(_, lock)| lock) };
    let found = resolve::resolve(&roots, &sources)?;
    let mut notes = found.notes.clone();
    for missing in &found.missing {
        let known = embedded::EMBEDDED.iter().find(|one| missing.wanted.split('@').next() == Some(one.name));
        notes.push(match known {
            Some(known) => {
                let used = format!("{}@{}", known.name, known.version);
                text!("gevraagd is {missing}; gebruikt is `{used}`", "{missing} is asked for; `{used}` is used")
            }
            None => text!(
                "{missing} is er niet: wat daarin staat, wordt niet getoetst",
                "{missing} is not at hand: what is in it is not checked"
            ),
        });
    }
    // Loose files are in no package; they come first, as what is being worked on.
    for path in args.package.iter().filter(|path| path.exists()) {
        if !found.packages.iter().any(|package| package.path() == Some(path)) {
            layers.push(Arc::new(args.place.compiled().open(path, &mut notes)?));
        }
    }
    for package in &found.packages {
        check_fhir(package, version)?;
        if let Some((path, lock)) = &lock {
            check_lock(package, path, lock)?;
        }
        layers.extend(open(package, args, &mut notes)?);
    }
    // One version of a package: that which was named or is built on comes in the place of the one in the binary.
    let is_named =
        |layer: &Arc<Layer>| found.packages.iter().any(|package| package.manifest.facts.name == layer.package().name);
    layers.extend(embedded::layers(version).into_iter().filter(|layer| !is_named(layer)));
    for note in notes {
        eprintln!("{}: {}", note_word(lang), note.get(lang));
    }
    Ok(DefinitionSet::new(version, layers))
}

fn open(package: &Chosen, args: &ValidateArgs, notes: &mut Vec<Text>) -> Result<Option<Arc<Layer>>, Box<dyn Error>> {
    Ok(match &package.origin {
        Origin::Binary(package) => package.layer(),
        Origin::File(path) | Origin::Cache(path) | Origin::Registry(_, path) => {
            Some(Arc::new(args.place.compiled().open(path, notes)?))
        }
    })
}

fn read_lock(path: &Path) -> Result<Lock, Box<dyn Error>> {
    let none = || format!("read `{}`: there is no such file; make it with `toetsbank packages add`", path.display());
    Ok(Lock::read(path)?.ok_or_else(none)?)
}

fn check_lock(package: &Chosen, path: &Path, lock: &Lock) -> Result<(), Box<dyn Error>> {
    let place = package.path().map_or("binary".to_string(), |path| path.display().to_string());
    let facts = &package.manifest.facts;
    let checked: Result<(), LockError> = lock.check(path, &facts.name, &facts.version, &package.hash()?, &place);
    Ok(checked?)
}

/// Definitions of another version of FHIR would judge by what was never meant.
fn check_fhir(package: &Chosen, version: FhirVersion) -> Result<(), Box<dyn Error>> {
    let stated = &package.manifest.facts.fhir_version;
    let (name, start) = match version {
        FhirVersion::Stu3 => ("r4", "4."),
        FhirVersion::R4 => ("stu3", "3."),
    };
    if stated.starts_with(start) {
        let shown = package.manifest.shown();
        return Err(format!("use `{shown}`: it is for FHIR {stated}; validate with `--fhir {name}`").into());
    }
    Ok(())
}
