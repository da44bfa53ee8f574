//! Suite files into [`Suite`]s, with all mistakes of all files at once.
//!
//! Order: the tree with its places, the form by the schema of the types, the typed parse, then what only the whole can
//! tell (`check`). Entry points: [`embedded`], [`folder`], [`load`]; [`find`] for a suite by name.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::diag::SourceError;
use crate::diag::SourceErrors;
use crate::diag::suggestion;
use crate::document::Document;
use crate::document::Schema;
use crate::requirement::Role;
use crate::suite::check;
use crate::suite::embedded;
use crate::suite::model::ScenarioFile;
use crate::suite::model::SharedFile;
use crate::suite::model::Suite;
use crate::suite::model::SuiteFile;
use crate::text;

/// The suites that the binary carries.
///
/// Their mistakes are found by the tests of this module; here only what the types refuse is.
///
/// # Errors
/// None in a build that passed its tests.
pub fn embedded() -> Result<Vec<Suite>, SourceErrors> {
    let read = Files::read(&embedded_files(), Trust::Form);
    if read.errors.is_empty() { Ok(read.suites()) } else { Err(under("suites", read.errors)) }
}

/// The same with every check that other suites get.
///
/// # Errors
/// See [`embedded`].
pub fn embedded_checked() -> Result<Vec<Suite>, SourceErrors> {
    load(&embedded_files()).map_err(|errors| under("suites", errors.0))
}

/// The suites of a folder (`--suites DIR`). Shared files and flow suites (`flow-*`) that it lacks are the embedded ones.
///
/// # Errors
/// Everything that is wrong in its files, with `DIR` before their names.
pub fn folder(folder: &Path) -> Result<Vec<Suite>, SourceErrors> {
    let own = read_folder(folder)?;
    let mut files = own.clone();
    for (path, text) in embedded_files() {
        let top = path.split('/').next().unwrap_or_default();
        let missing = match top {
            "_shared" => !own.contains_key(&path),
            _ => top.starts_with("flow-") && !own.keys().any(|known| known.starts_with(&format!("{top}/"))),
        };
        if missing {
            files.insert(path, text);
        }
    }
    load(&files).map_err(|errors| under(&folder.display().to_string(), errors.0))
}

/// The suites of these files: path relative to the folder of the suites (`bgz-3-0/suite.yaml`), text.
///
/// # Errors
/// Everything that is wrong, in the order of the files.
pub fn load(files: &BTreeMap<String, String>) -> Result<Vec<Suite>, SourceErrors> {
    let mut read = Files::read(files, Trust::Nothing);
    check::check(&mut read);
    if !read.errors.is_empty() {
        read.errors.sort_by(|a, b| (&a.file, a.span).cmp(&(&b.file, b.span)));
        return Err(SourceErrors(read.errors));
    }
    Ok(read.suites())
}

/// Why a name is no suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSuite {
    /// The name as given.
    pub name: String,
    /// The suite that was probably meant.
    pub meant: Option<String>,
    /// All that there are.
    pub known: Vec<String>,
}

impl fmt::Display for UnknownSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no suite `{}`; ", self.name)?;
        match &self.meant {
            Some(meant) => write!(f, "did you mean `{meant}`?"),
            None => write!(f, "there are {}", self.known.join(", ")),
        }
    }
}

impl std::error::Error for UnknownSuite {}

/// The suite of this name: an exact id, or without version the newest (`bgz` is the newest of `bgz-*`), or an alias.
///
/// # Errors
/// No suite has the name.
pub fn find<'a>(suites: &'a [Suite], name: &str) -> Result<&'a Suite, UnknownSuite> {
    if let Some(suite) = suites.iter().find(|suite| suite.head.id == name) {
        return Ok(suite);
    }
    let versions = suites.iter().filter_map(|suite| Some((version(suite.head.id.strip_prefix(name)?)?, suite)));
    if let Some((_, suite)) = versions.max_by(|a, b| a.0.cmp(&b.0)) {
        return Ok(suite);
    }
    let is_alias = |suite: &&Suite| suite.head.aliases.iter().any(|alias| alias == name);
    if let Some(suite) = suites.iter().find(is_alias) {
        return Ok(suite);
    }
    let known: Vec<String> = suites.iter().map(|suite| suite.head.id.clone()).collect();
    let aliases = suites.iter().flat_map(|suite| suite.head.aliases.iter().map(String::as_str));
    let short = known.iter().map(|id| id.split_once("-").map_or(id.as_str(), |(short, _)| short));
    let meant = suggestion(name, known.iter().map(String::as_str).chain(short).chain(aliases)).map(str::to_owned);
    Err(UnknownSuite { name: name.to_owned(), meant, known })
}

/// The numbers of `-3-0`; `None` for what is no version.
fn version(rest: &str) -> Option<Vec<u32>> {
    rest.strip_prefix('-')?.split('-').map(|part| part.parse().ok()).collect()
}

/// What is taken for right without looking.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    Nothing,
    /// The form: the schema pass is left out, the types still refuse what they cannot hold.
    Form,
}

/// A file with its place in the folder of the suites.
pub(super) struct Parsed<T> {
    /// Folder of the suite; empty for shared files.
    pub suite: String,
    /// File name without `.yaml`.
    pub name: String,
    pub document: Document,
    pub typed: T,
}

/// A resource of the folder `fixtures` of a suite.
pub(super) struct Fixture {
    /// Folder of the suite.
    pub suite: String,
    /// File name without `.json`.
    pub name: String,
    pub path: String,
    pub text: String,
}

/// All files, parsed as far as they can be.
pub(super) struct Files {
    pub heads: Vec<Parsed<SuiteFile>>,
    pub fixtures: Vec<Fixture>,
    pub scenarios: Vec<(Role, Parsed<ScenarioFile>)>,
    pub shared: Vec<Parsed<SharedFile>>,
    /// Paths of files that are there, but could not be parsed: names that lead to them are not unknown.
    pub broken: Vec<String>,
    pub errors: Vec<SourceError>,
}

impl Files {
    fn read(files: &BTreeMap<String, String>, trust: Trust) -> Self {
        let mut read =
            Self { heads: vec![], fixtures: vec![], scenarios: vec![], shared: vec![], broken: vec![], errors: vec![] };
        for (path, text) in files {
            read.file(path, text, trust);
        }
        read.scenarios.sort_by_cached_key(|(_, file)| natural(&file.name));
        read
    }

    fn file(&mut self, path: &str, text: &str, trust: Trust) {
        static HEAD: OnceLock<Schema> = OnceLock::new();
        static SCENARIO: OnceLock<Schema> = OnceLock::new();
        static SHARED: OnceLock<Schema> = OnceLock::new();
        if let Some(stem) = path.strip_suffix(".json") {
            if let [suite, "fixtures", name] = stem.split('/').collect::<Vec<_>>().as_slice() {
                let (suite, name) = ((*suite).to_owned(), (*name).to_owned());
                self.fixtures.push(Fixture { suite, name, path: path.to_owned(), text: text.to_owned() });
            }
            return;
        }
        let Some(stem) = path.strip_suffix(".yaml") else { return };
        match stem.split('/').collect::<Vec<_>>().as_slice() {
            ["_shared", name] => {
                let parsed = self.parse(path, text, "", name, trust, &SHARED);
                self.shared.extend(parsed);
            }
            [suite, "suite"] => {
                let parsed = self.parse(path, text, suite, "suite", trust, &HEAD);
                self.heads.extend(parsed);
            }
            [suite, side @ ("server" | "client"), name] => {
                let role = if *side == "server" { Role::Dva } else { Role::Dvp };
                let parsed = self.parse(path, text, suite, name, trust, &SCENARIO);
                self.scenarios.extend(parsed.map(|parsed| (role, parsed)));
            }
            _ => {
                let message = text!("hier hoort geen bestand van een suite", "this is no place for a suite file");
                let places = "`ID/suite.yaml`, `ID/server/*.yaml`, `ID/client/*.yaml`, `ID/fixtures/*.json`";
                let hint = text!("gebruik {places} of `_shared/*.yaml`", "use {places} or `_shared/*.yaml`");
                self.errors.push(SourceError::file(path, message).hint(hint));
            }
        }
    }

    fn parse<T: DeserializeOwned + JsonSchema>(
        &mut self,
        path: &str,
        text: &str,
        suite: &str,
        name: &str,
        trust: Trust,
        schema: &OnceLock<Schema>,
    ) -> Option<Parsed<T>> {
        let document = Document::yaml(path, text).and_then(|document| {
            let breaches = match trust {
                Trust::Form => Vec::new(),
                Trust::Nothing => schema.get_or_init(Schema::of::<T>).check(&document),
            };
            if breaches.is_empty() { Ok(document) } else { Err(SourceErrors(breaches)) }
        });
        match document.and_then(|document| Ok((document.typed::<T>()?, document))) {
            Ok((typed, document)) => Some(Parsed { suite: suite.to_owned(), name: name.to_owned(), document, typed }),
            Err(errors) => {
                self.errors.extend(errors.0);
                self.broken.push(path.to_owned());
                None
            }
        }
    }

    /// The suites, each with all shared files.
    fn suites(self) -> Vec<Suite> {
        let shared: BTreeMap<String, SharedFile> =
            self.shared.into_iter().map(|file| (format!("_shared/{}", file.name), file.typed)).collect();
        let mut scenarios: BTreeMap<String, Vec<(Role, ScenarioFile)>> = BTreeMap::new();
        for (role, file) in self.scenarios {
            scenarios.entry(file.suite).or_default().push((role, file.typed));
        }
        let mut fixtures: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for fixture in self.fixtures {
            fixtures.entry(fixture.suite).or_default().insert(fixture.name, fixture.text);
        }
        let suite = |file: Parsed<SuiteFile>| Suite {
            fixtures: fixtures.remove(&file.suite).unwrap_or_default(),
            scenarios: scenarios.remove(&file.suite).unwrap_or_default(),
            head: file.typed,
            shared: shared.clone(),
        };
        self.heads.into_iter().map(suite).collect()
    }
}

/// Sorts `1-2-x` before `1-10-x`: runs of digits count as numbers.
fn natural(name: &str) -> Vec<(u64, String)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = rest.split_at(digits);
        let words = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        parts.push((number.parse().unwrap_or(0), after[..words].to_owned()));
        rest = &after[words..];
    }
    parts
}

fn embedded_files() -> BTreeMap<String, String> {
    embedded::FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// All YAML files below a folder that belong to suites, and the resources that they send, by path with `/`.
pub(super) fn read_folder(folder: &Path) -> Result<BTreeMap<String, String>, SourceErrors> {
    let mut files = BTreeMap::new();
    let mut errors = Vec::new();
    if !folder.is_dir() {
        let message = text!("er is geen map met deze naam", "there is no such folder");
        return Err(SourceError::file(folder.display().to_string(), message).into());
    }
    collect(folder, "", 0, &mut files, &mut errors);
    if errors.is_empty() { Ok(files) } else { Err(SourceErrors(errors)) }
}

fn collect(
    folder: &Path,
    prefix: &str,
    depth: usize,
    files: &mut BTreeMap<String, String>,
    errors: &mut Vec<SourceError>,
) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            errors.push(SourceError::file(
                folder.display().to_string(),
                text!("is niet te lezen: {error}", "cannot be read: {error}"),
            ));
            return;
        }
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        if path.is_dir() {
            let is_ours = depth < 2 && !(depth == 0 && matches!(name.as_str(), "schema" | "_requirements"));
            if is_ours {
                collect(&path, &format!("{prefix}{name}/"), depth + 1, files, errors);
            }
        } else if name.ends_with(".yaml") || name.ends_with(".json") && prefix.ends_with("/fixtures/") {
            match std::fs::read_to_string(&path) {
                Ok(text) => drop(files.insert(format!("{prefix}{name}"), text)),
                Err(error) => {
                    errors.push(SourceError::file(
                        path.display().to_string(),
                        text!("is niet te lezen: {error}", "cannot be read: {error}"),
                    ));
                }
            }
        }
    }
}

/// The same mistakes, in files named from where the user stands.
fn under(folder: &str, mut errors: Vec<SourceError>) -> SourceErrors {
    for error in &mut errors {
        error.file = format!("{}/{}", folder.trim_end_matches('/'), error.file);
    }
    SourceErrors(errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_suites_have_no_mistake() {
        let suites = load(&embedded_files()).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(suites.len(), embedded().unwrap().len());
        for id in ["bgz-3-0", "ggz-2-0", "pdfa-3-0"] {
            assert!(find(&suites, id).is_ok_and(|suite| !suite.scenarios.is_empty()), "{id}");
        }
    }

    /// The list in `embedded.rs` follows the folder; `TOETSBANK_ACCEPT=1` writes it.
    #[test]
    fn the_list_of_embedded_files_is_fresh() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut text = "\
            //! The suite files that the binary carries. Written by a test of `load`; `make accept` after adding a file.\n\n\
            /// Path relative to `suites`, and the text.\n\
            #[rustfmt::skip]\n\
            pub const FILES: &[(&str, &str)] = &[\n"
            .to_owned();
        for path in read_folder(&root.join("suites")).unwrap().keys() {
            text += &format!("    (\"{path}\", include_str!(\"../../suites/{path}\")),\n");
        }
        text += "];\n";
        let file = root.join("src/suite/embedded.rs");
        if std::env::var_os("TOETSBANK_ACCEPT").is_some() {
            std::fs::write(&file, &text).unwrap();
        }
        let fresh = std::fs::read_to_string(&file).unwrap() == text;
        assert!(fresh, "src/suite/embedded.rs is stale: run `make accept`");
    }

    /// The schemas in `suites/schema` follow the types; `TOETSBANK_ACCEPT=1` writes them.
    #[test]
    fn the_published_schemas_are_fresh() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites/schema");
        let schemas = [
            ("suite", Schema::text::<SuiteFile>("suite.yaml of toetsbank")),
            ("scenario", Schema::text::<ScenarioFile>("scenario of toetsbank")),
            ("shared", Schema::text::<SharedFile>("shared steps or expectations of toetsbank")),
        ];
        for (name, text) in schemas {
            let file = folder.join(format!("{name}.schema.json"));
            if std::env::var_os("TOETSBANK_ACCEPT").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&file, &text).unwrap();
            }
            let fresh = std::fs::read_to_string(&file).is_ok_and(|there| there == text);
            assert!(fresh, "suites/schema/{name}.schema.json is stale: run `make accept`");
        }
    }

    /// Editors find the schema of every file by its first line.
    #[test]
    fn every_file_names_its_schema() {
        for (path, text) in embedded_files() {
            let (schema, up) = match path.split('/').collect::<Vec<_>>().as_slice() {
                ["_shared", _] => ("shared", "../"),
                [_, "suite.yaml"] => ("suite", "../"),
                [_, "fixtures", _] => continue,
                _ => ("scenario", "../../"),
            };
            let line = format!("# yaml-language-server: $schema={up}schema/{schema}.schema.json");
            assert_eq!(text.lines().next(), Some(line.as_str()), "{path}");
        }
    }

    #[test]
    fn the_folder_of_the_suites_gives_the_same() {
        let suites = folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("suites")).unwrap_or_else(|e| panic!("{e}"));
        let ids = |suites: &[Suite]| suites.iter().map(|suite| suite.head.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&suites), ids(&embedded().unwrap()));
    }

    #[test]
    fn scenarios_stand_in_the_order_of_their_numbers() {
        let suites = embedded().unwrap();
        let bgz = find(&suites, "bgz").unwrap();
        let server = bgz.scenarios.iter().filter(|(role, _)| *role == Role::Dva);
        let ids: Vec<&str> = server.map(|(_, scenario)| scenario.id.as_str()).collect();
        assert_eq!(ids[..3], ["1.1", "1.2", "1.3"]);
        assert_eq!(ids.len(), 28);
    }

    #[test]
    fn a_name_without_version_is_the_newest() {
        let mut suites = embedded().unwrap();
        let mut newer = find(&suites, "bgz").unwrap().clone();
        newer.head.id = "bgz-10-0".to_owned();
        suites.push(newer);
        assert_eq!(find(&suites, "bgz").unwrap().head.id, "bgz-10-0");
        assert_eq!(find(&suites, "bgz-3-0").unwrap().head.id, "bgz-3-0");
        assert_eq!(find(&suites, "documenten").unwrap().head.id, "pdfa-3-0");
        assert_eq!(find(&suites, "documentn").unwrap_err().meant.as_deref(), Some("documenten"));
        assert_eq!(find(&suites, "bgs").unwrap_err().to_string(), "there is no suite `bgs`; did you mean `bgz`?");
        assert!(find(&suites, "zzz").unwrap_err().to_string().contains("there are bgz-3-0"));
    }
}
