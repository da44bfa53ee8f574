//! `toetsbank packages`: lists FHIR packages, adds them with what they build on, verifies a lock file, and compiles
//! packages to compact definitions.
//!
//! Arguments and words only; the work is in `packages`.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::Subcommand;

use crate::cli::COULD_NOT_JUDGE;
use crate::cli::FAILED;
use crate::cli::Globals;
use crate::cli::OK;
use crate::cli::USAGE;
use crate::cli::told;
use crate::diag::Lang;
use crate::diag::Text;
use crate::fhir::definitions::Layer;
use crate::packages;
use crate::packages::cache::Cache;
use crate::packages::cache::fhir_folder;
use crate::packages::compiled::Compiled;
use crate::packages::embedded::EMBEDDED;
use crate::packages::lock::LOCK;
use crate::packages::lock::Lock;
use crate::packages::lock::LockError;
use crate::packages::lock::Locked;
use crate::packages::lock::State;
use crate::packages::registry::Registry;
use crate::packages::resolve;
use crate::packages::resolve::Chosen;
use crate::packages::resolve::Origin;
use crate::packages::resolve::Resolution;
use crate::packages::resolve::ResolveError;
use crate::packages::resolve::Root;
use crate::packages::resolve::Sources;
use crate::packages::version::Want;
use crate::text;

/// FHIR packages: what the binary carries and what is in the package cache; add, lock, verify and compile others.
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank packages list")]
pub struct PackagesArgs {
    #[command(subcommand)]
    command: PackagesCommand,
}

#[derive(Debug, Subcommand)]
enum PackagesCommand {
    /// List the packages in the binary and in the package cache, or those at the given places.
    #[command(after_help = "Example: toetsbank packages list nictiz.fhir.nl.stu3.zib2017-2.2.18.tgz")]
    List {
        /// Packages (.tgz), folders, compact definitions or resources
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
    /// Add packages, with what they build on, to the lock file; those from a registry to the package cache too.
    ///
    /// Without a registry nothing goes to the network: packages come from the given files, the binary and the cache.
    /// Without packages, those of the lock file are put in place.
    #[command(after_help = "Example: toetsbank packages add nictiz.fhir.nl.r4.nl-core@0.12.0-beta.4 --registry URL")]
    Add {
        /// Packages: NAME@VERSION (1.0.2, 1.0.x, ^1.0, ~1.0.2, latest), .tgz or folder
        #[arg(value_name = "PACKAGE")]
        packages: Vec<PathBuf>,
        /// Address of the FHIR package registry to fetch from
        #[arg(long, value_name = "URL")]
        registry: Option<String>,
        /// Longest wait for one answer of the registry, in seconds
        #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
        timeout: u64,
        /// The lock file
        #[arg(long, value_name = "FILE", default_value = LOCK)]
        lock: PathBuf,
        /// Fail when the lock file would change
        #[arg(long)]
        locked: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Verify that every package of the lock file is at hand and unchanged.
    #[command(after_help = "Example: toetsbank packages verify")]
    Verify {
        /// The lock file
        #[arg(long, value_name = "FILE", default_value = LOCK)]
        lock: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Make compact definitions of a package: facts only, small, quick to open.
    #[command(after_help = "Example: toetsbank packages compile my.package-1.0.0.tgz --out my.defs.gz")]
    Compile {
        /// Package (.tgz), folder or resource
        #[arg(value_name = "PACKAGE")]
        package: PathBuf,
        /// Where to write; else NAME-VERSION.defs.gz in this folder
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Where packages are kept.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// Folder of FHIR tools, with the package cache in `packages` [default: $TOETSBANK_FHIR, else ~/.fhir]
    #[arg(long, value_name = "DIR")]
    fhir_folder: Option<PathBuf>,
}

impl Place {
    /// The package cache.
    pub fn cache(&self) -> Cache {
        Cache::new(&self.folder())
    }

    /// The compact definitions of packages that were opened before.
    pub fn compiled(&self) -> Compiled {
        Compiled::new(&self.folder())
    }

    fn folder(&self) -> PathBuf {
        self.fhir_folder.clone().unwrap_or_else(fhir_folder)
    }
}

/// Does what the arguments say. Gives the exit status: [`USAGE`] for a package, file or registry that cannot be used,
/// [`FAILED`] when a package is not what was locked, [`COULD_NOT_JUDGE`] when one is gone or the registry fails.
pub fn run(args: &PackagesArgs, globals: Globals) -> u8 {
    let lang = globals.lang;
    let done = match &args.command {
        PackagesCommand::List { paths, place } => list(paths, place, lang),
        PackagesCommand::Compile { package, out } => compile(package, out.as_ref(), lang),
        PackagesCommand::Verify { lock, place } => verify(lock, place, lang),
        PackagesCommand::Add { packages, registry, timeout, lock, locked, place } => {
            let registry = registry.as_ref().map(|url| Registry::new(url, Duration::from_secs(*timeout))).transpose();
            registry.map_err(Into::into).and_then(|registry| {
                let add = Add { registry, lock, locked: *locked, place, lang };
                add.run(packages)
            })
        }
    };
    done.unwrap_or_else(|error| {
        eprintln!("{}", told(&*error));
        match error.downcast_ref::<ResolveError>() {
            // The network, or who is behind it.
            Some(ResolveError::Registry(_)) => COULD_NOT_JUDGE,
            _ => USAGE,
        }
    })
}

fn list(paths: &[PathBuf], place: &Place, lang: Lang) -> Result<u8, Box<dyn Error>> {
    let head = match lang {
        Lang::Nl => ["PAKKET", "VERSIE", "FHIR", "LICENTIE", "DEFINITIES", "PLAATS"],
        Lang::En => ["PACKAGE", "VERSION", "FHIR", "LICENCE", "DEFINITIONS", "PLACE"],
    };
    let mut rows: Vec<[String; 6]> = vec![head.map(str::to_string)];
    for path in paths {
        rows.push(row(&packages::open(path)?, &path.display().to_string()));
    }
    if paths.is_empty() {
        let binary = Text::new("programma", "binary");
        rows.extend(EMBEDDED.iter().filter_map(|package| package.layer()).map(|layer| row(&layer, binary.get(lang))));
        let cache = place.cache();
        for (name, version) in cache.list() {
            let Some(folder) = cache.find(&name, &version) else { continue };
            // One that is broken is listed too: that is why somebody looks.
            let facts = packages::manifest_of(&folder).ok().flatten().unwrap_or_default().facts;
            let folder = folder.display().to_string();
            rows.push([name, version, or_dash(&facts.fhir_version), or_dash(&facts.license), or_dash(""), folder]);
        }
    }
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or_default();
    let [name, version, fhir, license, definitions] = [0, 1, 2, 3, 4].map(width);
    for row in &rows {
        let [a, b, c, d, e, f] = row;
        println!("{a:<name$}  {b:<version$}  {c:<fhir$}  {d:<license$}  {e:>definitions$}  {f}");
    }
    Ok(OK)
}

fn row(layer: &Layer, place: &str) -> [String; 6] {
    let facts = layer.package();
    [
        facts.name.clone(),
        or_dash(&facts.version),
        or_dash(&facts.fhir_version),
        or_dash(&facts.license),
        layer.len().to_string(),
        place.to_string(),
    ]
}

fn or_dash(text: &str) -> String {
    if text.is_empty() { "-".to_string() } else { text.to_string() }
}

fn compile(package: &Path, out: Option<&PathBuf>, lang: Lang) -> Result<u8, Box<dyn Error>> {
    let file = packages::compile(package)?;
    let layer = Layer::open_compact(file.clone())?;
    let facts = layer.package();
    let out = match out {
        Some(out) => out.clone(),
        None if facts.version.is_empty() => PathBuf::from(format!("{}.defs.gz", facts.name)),
        None => PathBuf::from(format!("{}-{}.defs.gz", facts.name, facts.version)),
    };
    fs::write(&out, &file).map_err(|error| format!("write `{}`: {error}", out.display()))?;
    let (out, definitions, bytes) = (out.display(), layer.len(), file.len());
    let said =
        text!("{out}: {definitions} definities, {bytes} bytes", "{out}: {definitions} definitions, {bytes} bytes");
    println!("{}", said.get(lang));
    Ok(OK)
}

/// What `packages add` works with.
struct Add<'a> {
    registry: Option<Registry>,
    lock: &'a Path,
    locked: bool,
    place: &'a Place,
    lang: Lang,
}

impl Add<'_> {
    fn run(&self, packages: &[PathBuf]) -> Result<u8, Box<dyn Error>> {
        let old = Lock::read(self.lock)?;
        let roots = match &old {
            None if packages.is_empty() => {
                return Err(
                    format!("add packages: none is named and there is no `{}`; name one", self.lock.display()).into()
                );
            }
            Some(lock) if packages.is_empty() => self.agreed(lock)?,
            _ => packages.iter().map(|package| root(package)).collect::<Result<_, _>>()?,
        };
        let old = old.unwrap_or_default();
        let cache = self.place.cache();
        let sources = Sources { cache: &cache, registry: self.registry.as_ref(), lock: Some(&old) };
        let found = resolve::resolve(&roots, &sources)?;
        self.refuse(&found, &sources)?;
        let mut entries = Vec::new();
        for package in &found.packages {
            let entry = package.locked(&found.packages, self.lock)?;
            let package = package.path().map_or("binary".to_string(), |path| path.display().to_string());
            if let Some(known) = old.find(&entry.name).filter(|known| known.version == entry.version) {
                old.check(self.lock, &known.name, &known.version, &entry.sha256, &package)?;
                // Where it first came from says more than that it is in the cache now.
                let keeps = entry.source == "cache";
                entries.push(Locked { source: if keeps { known.source.clone() } else { entry.source }, ..entry });
            } else {
                entries.push(entry);
            }
        }
        // Made now, so that judging need not.
        let (compiled, mut notes) = (self.place.compiled(), found.notes.clone());
        for path in found.packages.iter().filter_map(Chosen::path) {
            compiled.open(path, &mut notes)?;
        }
        let mut new = old.clone();
        let changes = new.put(entries);
        if self.locked && new != old {
            return Err(LockError::Change { path: self.lock.to_path_buf(), changes }.into());
        }
        if new != old {
            new.write(self.lock)?;
        }
        self.tell(&found, &notes, &changes);
        Ok(OK)
    }

    /// What the lock file says, as if it were asked for.
    fn agreed(&self, lock: &Lock) -> Result<Vec<Root>, Box<dyn Error>> {
        let folder = self.lock.parent().unwrap_or(Path::new(""));
        let root = |locked: &Locked| match locked.source.strip_prefix("file+") {
            Some(file) => Ok(Root::File(folder.join(file))),
            None => Want::new(&locked.name, &locked.version).map(Root::Want),
        };
        Ok(lock.packages.iter().map(root).collect::<Result<_, _>>()?)
    }

    /// What cannot stand in a lock file.
    fn refuse(&self, found: &Resolution, sources: &Sources<'_>) -> Result<(), Box<dyn Error>> {
        if !found.missing.is_empty() {
            let places = resolve::places(sources);
            return Err(ResolveError::NotFound { missing: found.missing.clone(), places }.into());
        }
        if found.packages.is_empty() {
            return Err("add packages: there is no `package.json` in what is named; give FHIR packages".into());
        }
        for (at, package) in found.packages.iter().enumerate() {
            let same = found.packages[..at].iter().find(|one| one.manifest.facts.name == package.manifest.facts.name);
            if let Some(same) = same.map(|one| one.manifest.shown()) {
                let shown = package.manifest.shown();
                return Err(format!("add both `{same}` and `{shown}`: they are one package; name it once").into());
            }
        }
        Ok(())
    }

    fn tell(&self, found: &Resolution, notes: &[Text], changes: &[String]) {
        for note in notes {
            eprintln!("{}: {}", note_word(self.lang), note.get(self.lang));
        }
        for package in &found.packages {
            let shown = package.manifest.shown();
            let from = match &package.origin {
                Origin::Binary(_) => text!("in het programma", "in the binary"),
                Origin::File(path) | Origin::Cache(path) => Text::same(path.display().to_string()),
                Origin::Registry(address, _) => text!("opgehaald van {address}", "fetched from {address}"),
            };
            println!("{shown}  {}", from.get(self.lang));
        }
        let (lock, count) = (self.lock.display(), changes.len());
        let said = match count {
            0 => text!("`{lock}` is niet veranderd", "`{lock}` has not changed"),
            _ => text!("`{lock}` is bijgewerkt ({count})", "`{lock}` is brought up to date ({count})"),
        };
        println!("{}", said.get(self.lang));
    }
}

/// What comes before a note.
pub fn note_word(lang: Lang) -> &'static str {
    match lang {
        Lang::Nl => "let op",
        Lang::En => "note",
    }
}

/// What an argument asks for: a file where there is one, else a name with a version.
pub fn root(package: &Path) -> Result<Root, Box<dyn Error>> {
    if package.exists() {
        return Ok(Root::File(package.to_path_buf()));
    }
    let text = package.to_string_lossy();
    match Want::parse(&text) {
        Ok(want) => Ok(Root::Want(want)),
        Err(error) if text.contains(['@', '#']) => Err(error.into()),
        Err(_) => Err(format!("find package `{text}`: there is no such file; give its path, or NAME@VERSION").into()),
    }
}

fn verify(path: &Path, place: &Place, lang: Lang) -> Result<u8, Box<dyn Error>> {
    let Some(lock) = Lock::read(path)? else {
        return Err(
            format!("read `{}`: there is no such file; make it with `toetsbank packages add`", path.display()).into()
        );
    };
    let mut status = OK;
    for (locked, state) in lock.states(path, &place.cache()) {
        let shown = format!("{}@{}", locked.name, locked.version);
        let (word, worse) = match state {
            State::Same => (text!("ongewijzigd", "unchanged"), OK),
            State::Differs(error) => {
                eprintln!("{}", told(&error));
                (text!("gewijzigd", "changed"), FAILED)
            }
            State::Gone(place) => {
                eprintln!(
                    "failed to find `{shown}` in `{place}`; put it in place with `toetsbank packages add --lock {}`",
                    path.display()
                );
                (text!("weg", "gone"), COULD_NOT_JUDGE)
            }
            State::Broken(error) => {
                eprintln!("{}", told(&error));
                (text!("onleesbaar", "unreadable"), COULD_NOT_JUDGE)
            }
        };
        println!("{shown}  {}", word.get(lang));
        // As for a run: what is wrong comes before what could not be judged.
        status = match (status, worse) {
            (FAILED, _) | (_, FAILED) => FAILED,
            (one, other) => one.max(other),
        };
    }
    Ok(status)
}
