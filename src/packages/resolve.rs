//! Which packages belong together: those that are asked for, with all that they build on, one version of each.
//!
//! What the user names is used as named. Of what packages ask, the newest version that suits all is taken; when none
//! does, the newest that any of them asks for. Every choice that is not what a package asked for gives a note. Knows
//! nothing of definitions. Entry point: [`resolve`].

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::path::Path;
use std::path::PathBuf;

use crate::diag::Text;
use crate::packages::Manifest;
use crate::packages::PackageError;
use crate::packages::cache::Cache;
use crate::packages::content_hash;
use crate::packages::contents;
use crate::packages::embedded::EMBEDDED;
use crate::packages::embedded::Embedded;
use crate::packages::embedded::embedded;
use crate::packages::lock::Lock;
use crate::packages::lock::Locked;
use crate::packages::manifest_of;
use crate::packages::registry::Listing;
use crate::packages::registry::Registry;
use crate::packages::registry::RegistryError;
use crate::packages::version::Want;
use crate::packages::version::order;
use crate::text;

/// Most packages that may belong together.
const MAX_PACKAGES: usize = 200;

/// After so many rounds a version that was chosen only goes up, so that it ends.
const FREE_ROUNDS: usize = 16;

/// Where packages are looked for, beside the binary.
pub struct Sources<'a> {
    /// The user's package cache; what comes from a registry is kept there.
    pub cache: &'a Cache,
    /// The registry that the user named.
    pub registry: Option<&'a Registry>,
    /// Versions that were agreed on; they are kept where they will do.
    pub lock: Option<&'a Lock>,
}

/// What the user asks for.
#[derive(Clone, Debug)]
pub enum Root {
    /// A name and a version.
    Want(Want),
    /// An archive or a folder.
    File(PathBuf),
}

/// Where a package was found.
#[derive(Clone)]
pub enum Origin {
    /// In the binary.
    Binary(&'static Embedded),
    /// A file or folder that the user named.
    File(PathBuf),
    /// In the package cache; the folder.
    Cache(PathBuf),
    /// Fetched, and kept in the package cache: address and folder.
    Registry(String, PathBuf),
}

/// A package that belongs to the set.
#[derive(Clone)]
pub struct Chosen {
    /// Its `package.json`.
    pub manifest: Manifest,
    /// Where it is.
    pub origin: Origin,
}

/// Packages that belong together.
#[derive(Default)]
pub struct Resolution {
    /// What was asked for first, then what those build on.
    pub packages: Vec<Chosen>,
    /// What is used instead of what a package asks for, and other things to know.
    pub notes: Vec<Text>,
    /// What is asked for by a package and is nowhere.
    pub missing: Vec<Missing>,
}

/// A package that is nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// As it was asked for, `NAME@VERSION`.
    pub wanted: String,
    /// Who asks; nobody but the user when empty.
    pub by: String,
}

/// Why packages cannot be put together.
#[derive(Debug)]
pub enum ResolveError {
    /// One of them cannot be used.
    Package(PackageError),
    /// The registry cannot be used.
    Registry(RegistryError),
    /// They are nowhere.
    NotFound {
        /// Which.
        missing: Vec<Missing>,
        /// Where they were looked for.
        places: String,
    },
    /// What came is not what was asked for.
    Other {
        /// What was asked for.
        wanted: String,
        /// What `package.json` says.
        found: String,
        /// Where it came from.
        place: String,
    },
    /// A package builds on one for another version of FHIR.
    FhirVersion {
        /// The package.
        package: String,
        /// The version that it is for.
        version: String,
        /// What it builds on.
        dependency: String,
        /// The version that that is for.
        other: String,
    },
    /// They are more than [`MAX_PACKAGES`].
    TooMany,
}

/// Puts together what the roots ask for.
///
/// # Errors
/// That a root is nowhere; what only packages ask for and is nowhere is listed in the resolution.
pub fn resolve(roots: &[Root], sources: &Sources<'_>) -> Result<Resolution, ResolveError> {
    let cached = sources.cache.list();
    let finder =
        Finder { sources, cached, listings: RefCell::default(), found: RefCell::default(), notes: RefCell::default() };
    let mut named = Vec::new();
    let mut missing = Vec::new();
    for root in roots {
        match root {
            Root::File(path) => {
                // Loose files belong to no set.
                if let Some(manifest) = manifest_of(path).map_err(ResolveError::Package)? {
                    named.push(Chosen { manifest, origin: Origin::File(path.clone()) });
                }
            }
            Root::Want(want) => {
                let version = finder.pick(&want.name, &[want])?;
                match version.map(|version| finder.obtain(&want.name, &version)).transpose()?.flatten() {
                    Some(chosen) => named.push(chosen),
                    None => missing.push(Missing { wanted: want.to_string(), by: String::new() }),
                }
            }
        }
    }
    if !missing.is_empty() {
        return Err(ResolveError::NotFound { missing, places: finder.places() });
    }
    let mut picks: BTreeMap<String, String> = BTreeMap::new();
    for round in 0.. {
        let wants = finder.reach(&named, &picks)?.wants;
        let mut next = BTreeMap::new();
        for (name, wants) in &wants {
            let wants: Vec<&Want> = wants.iter().collect();
            let before = picks.get(name).filter(|_| round >= FREE_ROUNDS);
            let picked = finder.pick(name, &wants)?.into_iter().chain(before.cloned());
            if let Some(version) = picked.max_by(|a, b| order(a, b)) {
                next.insert(name.clone(), version);
            }
        }
        if round >= FREE_ROUNDS {
            next.extend(
                picks.iter().filter(|(name, _)| !wants.contains_key(*name)).map(|(n, v)| (n.clone(), v.clone())),
            );
        }
        if next == picks {
            break;
        }
        picks = next;
    }
    finder.finish(named, &picks)
}

/// What can be reached from the roots with the versions chosen so far.
#[derive(Default)]
struct Reached {
    packages: Vec<Chosen>,
    /// What is asked of packages that the user did not name, by name.
    wants: BTreeMap<String, Vec<Want>>,
}

struct Finder<'a> {
    sources: &'a Sources<'a>,
    /// What was in the cache at the start.
    cached: Vec<(String, String)>,
    listings: RefCell<BTreeMap<String, Option<Listing>>>,
    found: RefCell<BTreeMap<(String, String), Option<Chosen>>>,
    notes: RefCell<Vec<Text>>,
}

impl Finder<'_> {
    fn reach(&self, named: &[Chosen], picks: &BTreeMap<String, String>) -> Result<Reached, ResolveError> {
        let mut reached = Reached::default();
        let mut queue: VecDeque<Chosen> = named.iter().cloned().collect();
        let mut seen: BTreeSet<String> = named.iter().map(|chosen| chosen.manifest.facts.name.clone()).collect();
        while let Some(chosen) = queue.pop_front() {
            // What cannot be understood is told at the end.
            for want in chosen.manifest.dependencies.iter().filter_map(|text| Want::parse(text).ok()) {
                if named.iter().any(|root| root.manifest.facts.name == want.name) {
                    continue;
                }
                let next = picks.get(&want.name).map(|version| self.obtain(&want.name, version)).transpose()?.flatten();
                if seen.insert(want.name.clone()) {
                    queue.extend(next);
                }
                reached.wants.entry(want.name.clone()).or_default().push(want);
            }
            reached.packages.push(chosen);
            if reached.packages.len() + queue.len() > MAX_PACKAGES {
                return Err(ResolveError::TooMany);
            }
        }
        Ok(reached)
    }

    /// The version that suits all, else the newest that one of them asks for.
    fn pick(&self, name: &str, wants: &[&Want]) -> Result<Option<String>, ResolveError> {
        let versions = self.versions(name)?;
        let suits = |version: &str| wants.iter().all(|want| want.requirement.allows(version));
        let locked = self.sources.lock.and_then(|lock| lock.find(name)).map(|locked| &locked.version);
        if let Some(locked) = locked.filter(|locked| suits(locked) && versions.contains(*locked)) {
            return Ok(Some(locked.clone()));
        }
        let latest = self.latest(name)?.filter(|_| wants.iter().any(|want| want.requirement.is_latest()));
        if let Some(latest) = latest.filter(|latest| suits(latest)) {
            return Ok(Some(latest));
        }
        let among = |versions: Vec<&str>| {
            let choices = wants.iter().filter_map(|want| want.requirement.choose(versions.iter().copied()));
            choices.max_by(|a, b| order(a, b)).map(str::to_string)
        };
        let all: Vec<&str> = versions.iter().map(String::as_str).collect();
        Ok(among(all.iter().copied().filter(|version| suits(version)).collect()).or_else(|| among(all)))
    }

    /// Every version of a package that can be had.
    fn versions(&self, name: &str) -> Result<BTreeSet<String>, ResolveError> {
        let cached = self.cached.iter().filter(|(found, _)| found == name);
        let mut versions: BTreeSet<String> = cached.map(|(_, version)| version.clone()).collect();
        let binary = EMBEDDED.iter().filter(|package| package.name == name);
        versions.extend(binary.map(|package| package.version.to_string()));
        versions.extend(self.listing(name)?.into_iter().flat_map(|listing| listing.versions.into_keys()));
        Ok(versions)
    }

    fn latest(&self, name: &str) -> Result<Option<String>, ResolveError> {
        Ok(self.listing(name)?.and_then(|listing| listing.latest))
    }

    /// What the registry says of a package; nothing when there is no registry.
    fn listing(&self, name: &str) -> Result<Option<Listing>, ResolveError> {
        let Some(registry) = self.sources.registry else { return Ok(None) };
        if let Some(known) = self.listings.borrow().get(name) {
            return Ok(known.clone());
        }
        let listing = registry.listing(name).map_err(ResolveError::Registry)?;
        self.listings.borrow_mut().insert(name.to_string(), listing.clone());
        Ok(listing)
    }

    /// A version of a package, from the nearest place that has it.
    fn obtain(&self, name: &str, version: &str) -> Result<Option<Chosen>, ResolveError> {
        let key = (name.to_string(), version.to_string());
        if let Some(known) = self.found.borrow().get(&key) {
            return Ok(known.clone());
        }
        let found = self.find(name, version)?;
        self.found.borrow_mut().insert(key, found.clone());
        Ok(found)
    }

    fn find(&self, name: &str, version: &str) -> Result<Option<Chosen>, ResolveError> {
        if let Some(package) = embedded(name, version) {
            return Ok(Some(Chosen { manifest: package.manifest(), origin: Origin::Binary(package) }));
        }
        if let Some(folder) = self.sources.cache.find(name, version) {
            let manifest = manifest_of(&folder).map_err(ResolveError::Package)?;
            return Ok(manifest.map(|manifest| Chosen { manifest, origin: Origin::Cache(folder) }));
        }
        let listing = self.listing(name)?;
        let (Some(registry), Some(archive)) =
            (self.sources.registry, listing.and_then(|mut l| l.versions.remove(version)))
        else {
            return Ok(None);
        };
        let bytes = registry.archive(name, version, &archive).map_err(ResolveError::Registry)?;
        let address = registry.address();
        let place = PathBuf::from(format!("{address}/{name}/{version}"));
        let manifest = contents::manifest_in(&place, &bytes).map_err(ResolveError::Package)?;
        let (wanted, found) = (format!("{name}@{version}"), manifest.shown());
        if found != wanted {
            return Err(ResolveError::Other { wanted, found, place: place.display().to_string() });
        }
        if !archive.has_hash() {
            self.notes.borrow_mut().push(text!(
                "het register geeft geen hash van `{wanted}`: wat er kwam is niet te controleren",
                "the registry gives no hash of `{wanted}`: what came cannot be checked"
            ));
        }
        let folder = self.sources.cache.store(name, version, &place, &bytes).map_err(ResolveError::Package)?;
        Ok(Some(Chosen { manifest, origin: Origin::Registry(address, folder) }))
    }

    fn finish(self, named: Vec<Chosen>, picks: &BTreeMap<String, String>) -> Result<Resolution, ResolveError> {
        let packages = self.reach(&named, picks)?.packages;
        let mut notes = self.notes.take();
        let mut missing = Vec::new();
        for package in &packages {
            let by = package.manifest.shown();
            for text in &package.manifest.dependencies {
                let wanted = text.replacen('#', "@", 1);
                let want = Want::parse(text);
                let used: Vec<&Chosen> = match &want {
                    Ok(want) => packages.iter().filter(|one| one.manifest.facts.name == want.name).collect(),
                    Err(_) => Vec::new(),
                };
                let (Ok(want), Some(first)) = (want, used.first()) else {
                    missing.push(Missing { wanted, by: by.clone() });
                    continue;
                };
                check_fhir(package, first)?;
                if used.iter().any(|one| want.requirement.allows(&one.manifest.facts.version)) {
                    continue;
                }
                let (used, is_named) = (first.manifest.shown(), named.iter().any(|root| root.is(first)));
                notes.push(match is_named {
                    true => text!(
                        "`{by}` vraagt `{wanted}`; gebruikt is `{used}`, dat u noemde",
                        "`{by}` asks for `{wanted}`; `{used}`, which you named, is used"
                    ),
                    false => text!(
                        "`{by}` vraagt `{wanted}`; gebruikt is `{used}`, de nieuwste die gevraagd is",
                        "`{by}` asks for `{wanted}`; `{used}`, the newest that is asked for, is used"
                    ),
                });
            }
        }
        notes.dedup();
        Ok(Resolution { packages, notes, missing })
    }

    fn places(&self) -> String {
        places(self.sources)
    }
}

/// Where packages are looked for, in words.
pub fn places(sources: &Sources<'_>) -> String {
    let cache = format!("the binary, `{}`", sources.cache.folder().display());
    match sources.registry {
        Some(registry) => format!("{cache}, `{}`", registry.address()),
        None => cache,
    }
}

fn check_fhir(package: &Chosen, dependency: &Chosen) -> Result<(), ResolveError> {
    let version = |chosen: &Chosen| chosen.manifest.facts.fhir_version.clone();
    let major = |version: &str| version.split('.').next().and_then(|part| part.parse::<u32>().ok());
    let (ours, theirs) = (version(package), version(dependency));
    match (major(&ours), major(&theirs)) {
        (Some(a), Some(b)) if a != b => Err(ResolveError::FhirVersion {
            package: package.manifest.shown(),
            version: ours,
            dependency: dependency.manifest.shown(),
            other: theirs,
        }),
        _ => Ok(()),
    }
}

impl Chosen {
    fn is(&self, other: &Chosen) -> bool {
        self.manifest.facts == other.manifest.facts
    }

    /// Where it can be opened; `None` when it is in the binary.
    pub fn path(&self) -> Option<&Path> {
        match &self.origin {
            Origin::Binary(_) => None,
            Origin::File(path) | Origin::Cache(path) | Origin::Registry(_, path) => Some(path),
        }
    }

    /// The hash that a lock file has of it.
    pub fn hash(&self) -> Result<String, PackageError> {
        match &self.origin {
            Origin::Binary(package) => {
                Ok(package.layer().map(|layer| layer.package().sha256.clone()).unwrap_or_default())
            }
            Origin::File(path) | Origin::Cache(path) | Origin::Registry(_, path) => content_hash(path),
        }
    }

    /// Its entry in the lock file at this path. `all` are the packages that belong together.
    pub fn locked(&self, all: &[Chosen], lock: &Path) -> Result<Locked, PackageError> {
        let names: Vec<Want> = self.manifest.dependencies.iter().filter_map(|text| Want::parse(text).ok()).collect();
        let used = all.iter().filter(|one| names.iter().any(|want| want.name == one.manifest.facts.name));
        let mut dependencies: Vec<String> = used.map(|one| one.manifest.shown()).collect();
        dependencies.sort();
        let source = match &self.origin {
            Origin::Binary(_) => "binary".to_string(),
            Origin::Cache(_) => "cache".to_string(),
            Origin::Registry(address, _) => format!("registry+{address}"),
            Origin::File(path) => format!("file+{}", from_folder_of(lock, path).display()),
        };
        let facts = &self.manifest.facts;
        Ok(Locked {
            name: facts.name.clone(),
            version: facts.version.clone(),
            source,
            sha256: self.hash()?,
            dependencies,
        })
    }
}

/// A path from the folder of the lock file when it lies below that, else from the root.
fn from_folder_of(lock: &Path, path: &Path) -> PathBuf {
    let folder = match lock.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    match folder.canonicalize().ok().and_then(|folder| whole.strip_prefix(folder).map(PathBuf::from).ok()) {
        Some(below) => below,
        None => whole,
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by.is_empty() {
            true => write!(f, "`{}`", self.wanted),
            false => write!(f, "`{}` (for `{}`)", self.wanted, self.by),
        }
    }
}

impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ResolveError::Package(_) => write!(f, "use a package"),
            ResolveError::Registry(_) => write!(f, "fetch a package"),
            ResolveError::NotFound { missing, places } => {
                let all: Vec<String> = missing.iter().map(Missing::to_string).collect();
                write!(
                    f,
                    "find {}: not in {places}; give a file, name a version that is there, or a registry with `packages add --registry URL`",
                    all.join(", ")
                )
            }
            ResolveError::Other { wanted, found, place } => write!(
                f,
                "use `{wanted}`: the archive from `{place}` says that it is `{found}`; nothing was kept; tell the registry"
            ),
            ResolveError::FhirVersion { package, version, dependency, other } => write!(
                f,
                "put `{package}` (FHIR {version}) together with `{dependency}` (FHIR {other}): the versions of FHIR differ; \
                 give packages for one version of FHIR"
            ),
            ResolveError::TooMany => {
                write!(f, "find the end of what the packages build on: more than {MAX_PACKAGES} packages")
            }
        }
    }
}

impl Error for ResolveError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            ResolveError::Package(source) => Some(source),
            ResolveError::Registry(source) => Some(source),
            ResolveError::NotFound { .. }
            | ResolveError::Other { .. }
            | ResolveError::FhirVersion { .. }
            | ResolveError::TooMany => None,
        }
    }
}
