//! The data that a DVA serves: our own fictional patients, or any folder of FHIR resources.
//!
//! Resources come out parsed, with date placeholders resolved. Which patient they belong to is for the store.
//! Entry points: [`DataSet::own`] and [`DataSet::folder`].

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use jiff::civil::Date;

use crate::env::Env;
use crate::fhir::Element;
use crate::fhir::json;
use crate::fhir::relative_date;
use crate::fhir::xml;
use crate::simulator::SimulatorError;
use crate::simulator::dva::fixtures::FIXTURES;
use crate::simulator::dva::roles::SYSTEEMROLLEN;
use crate::simulator::dva::tree;

/// Most files in a folder.
const MAX_FILES: usize = 20_000;

/// Largest file, in bytes: 64 MiB.
const MAX_BYTES: u64 = 64 << 20;

/// Resources, and the systeemrollen that serve them.
#[derive(Clone, Debug)]
pub struct DataSet {
    /// Where they come from, for messages.
    pub(super) origin: PathBuf,
    /// Codes of the systeemrollen that serve them.
    pub(super) systeemrollen: Vec<&'static str>,
    /// Suites that these data fit.
    pub(super) suites: Vec<&'static str>,
    /// The resources.
    pub(super) resources: Vec<Element>,
}

impl DataSet {
    /// Our own fictional patients: one set for each suite that collects.
    ///
    /// # Errors
    /// When a fixture in the binary is damaged; a test reads them all.
    pub fn own(env: &Env) -> Result<Vec<DataSet>, SimulatorError> {
        Self::own_for(env, |_| true)
    }

    /// The same for some suites only, by name (`bgz`): what is not served need not be read.
    ///
    /// # Errors
    /// See [`DataSet::own`].
    pub fn own_for(env: &Env, wanted: impl Fn(&str) -> bool) -> Result<Vec<DataSet>, SimulatorError> {
        let today = today(env);
        let mut sets: Vec<DataSet> = Vec::new();
        for (folder, file, text) in FIXTURES {
            let suite = folder.split('-').next().unwrap_or(folder);
            if !wanted(suite) {
                continue;
            }
            let origin = PathBuf::from(folder);
            if sets.last().is_none_or(|set| set.origin != origin) {
                let roles = SYSTEEMROLLEN.iter().filter(|role| role.data == suite);
                let mut suites: Vec<&str> = roles.clone().map(|role| role.suite).collect();
                suites.dedup();
                let systeemrollen = roles.map(|role| role.code).collect();
                sets.push(DataSet { origin, systeemrollen, suites, resources: Vec::new() });
            }
            if let Some(set) = sets.last_mut() {
                add(Path::new(file), text.as_bytes(), today, &mut set.resources)?;
            }
        }
        Ok(sets)
    }

    /// Every resource in the `.json` and `.xml` files of a folder, served by every systeemrol.
    ///
    /// Entries of a Bundle with data count each; a Bundle that is a request (transaction, batch) is passed over.
    ///
    /// # Errors
    /// When a file cannot be read or holds no resource, or there are too many.
    pub fn folder(path: &Path, env: &Env) -> Result<DataSet, SimulatorError> {
        let today = today(env);
        let fail = |path: &Path| {
            let path = path.to_path_buf();
            move |source| SimulatorError::Read { path, source }
        };
        let mut files = Vec::new();
        for entry in fs::read_dir(path).map_err(fail(path))? {
            let file = entry.map_err(fail(path))?.path();
            if file.extension().is_some_and(|extension| extension == "json" || extension == "xml") {
                files.push(file);
            }
            if files.len() > MAX_FILES {
                return Err(SimulatorError::TooLarge { path: path.to_path_buf() });
            }
        }
        // The order of a folder differs between machines.
        files.sort();
        let mut resources = Vec::new();
        for file in files {
            if fs::metadata(&file).map_err(fail(&file))?.len() > MAX_BYTES {
                return Err(SimulatorError::TooLarge { path: file });
            }
            add(&file, &fs::read(&file).map_err(fail(&file))?, today, &mut resources)?;
        }
        if !resources.iter().any(|resource| &*resource.name == "Patient") {
            return Err(SimulatorError::NoPatient { path: path.to_path_buf() });
        }
        let suites = fitting(&resources);
        let systeemrollen = SYSTEEMROLLEN.iter().map(|role| role.code).collect();
        Ok(DataSet { origin: path.to_path_buf(), systeemrollen, suites, resources })
    }

    /// Makes the addresses of attachments that name a Binary of ours absolute: it may lie on another server than the list.
    pub(super) fn resolve_documents(&mut self, address: &str) {
        for resource in &mut self.resources {
            tree::walk_mut(resource, &mut |element| {
                if &*element.name == "url"
                    && let Some(scalar) = &mut element.value
                    && scalar.text.starts_with("Binary/")
                {
                    scalar.text = format!("{address}/{}", scalar.text).into();
                }
            });
        }
    }

    /// Puts resources in place of those with the same type and id.
    pub(super) fn replace(&mut self, text: &str, today: Date) -> Result<(), SimulatorError> {
        let mut others = Vec::new();
        add(Path::new("fixtures"), text.as_bytes(), today, &mut others)?;
        for other in others {
            let same = |mine: &&mut Element| mine.name == other.name && mine.text("id") == other.text("id");
            if let Some(mine) = self.resources.iter_mut().find(same) {
                *mine = other;
            }
        }
        Ok(())
    }
}

/// The day it is by the clock of the harness.
pub(in crate::simulator) fn today(env: &Env) -> Date {
    relative_date::today(env.now())
}

/// The suites whose own types are for at least half among the resources; else the one with the largest share.
fn fitting(resources: &[Element]) -> Vec<&'static str> {
    let mut shares: Vec<(&'static str, f64)> = Vec::new();
    for role in &SYSTEEMROLLEN {
        let present = role.own_types.iter().filter(|kind| resources.iter().any(|resource| &*resource.name == **kind));
        let share = present.count() as f64 / role.own_types.len() as f64;
        if shares.iter().all(|(suite, _)| *suite != role.suite) {
            shares.push((role.suite, share));
        }
    }
    let best = shares.iter().map(|(_, share)| *share).fold(0.0, f64::max);
    let least = best.min(0.5);
    shares.into_iter().filter(|(_, share)| *share > 0.0 && *share >= least).map(|(suite, _)| suite).collect()
}

/// Adds the resources of one text.
fn add(path: &Path, text: &[u8], today: Date, resources: &mut Vec<Element>) -> Result<(), SimulatorError> {
    let text = resolve_dates(text, today);
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(byte));
    let parsed = if first == Some(&b'<') { xml::parse(&text) } else { json::parse(&text) };
    let (root, _) = parsed.map_err(|source| SimulatorError::Resource { path: path.to_path_buf(), source })?;
    match root.resource_type.as_deref() {
        Some("Bundle") if matches!(root.text("type"), Some("transaction" | "batch" | "message")) => {}
        Some("Bundle") => {
            for entry in root.children.into_iter().filter(|child| &*child.name == "entry") {
                let inside = entry.children.into_iter().filter(|child| child.resource_type.is_some());
                resources.extend(inside.map(as_root));
            }
        }
        Some(_) => resources.push(root),
        None => {}
    }
    Ok(())
}

fn as_root(mut resource: Element) -> Element {
    if let Some(kind) = &resource.resource_type {
        resource.name = kind.clone();
    }
    resource.index = None;
    resource
}

/// Fills in `${DATE, T, D, -30}`; whatever else looks like a variable stays as it is.
pub(in crate::simulator) fn resolve_dates(text: &[u8], today: Date) -> Vec<u8> {
    let Ok(mut rest) = std::str::from_utf8(text) else { return text.to_vec() };
    let mut filled = String::with_capacity(rest.len());
    while let Some((before, from)) = rest.split_once("${") {
        filled.push_str(before);
        match from.split_once('}').and_then(|(name, after)| Some((relative_date::reckon(name, today)?, after))) {
            Some((day, after)) => {
                filled.push_str(&day.to_string());
                rest = after;
            }
            None => {
                filled.push_str("${");
                rest = from;
            }
        }
    }
    filled.push_str(rest);
    filled.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_counted_from_today() {
        let check = |text: &str, expect: &str| {
            let today = jiff::civil::date(2028, 2, 29);
            assert_eq!(String::from_utf8(resolve_dates(text.as_bytes(), today)).unwrap(), expect);
        };
        check("${DATE, T, D, -30}T09:30:00+01:00", "2028-01-30T09:30:00+01:00");
        check("${DATE, T, D,+7} ${DATE, T, D, -0} ${DATE, T, D, 1}", "2028-03-07 2028-02-29 2028-03-01");
        check("${DATE, T, Y, -1}", "2027-02-28");
        check("${DATE, T, X, -1} $ {", "${DATE, T, X, -1} $ {");
        check("${patient.name} ${ DATE , T, D, 1 } ${", "${patient.name} 2028-03-01 ${");
        check("${${DATE, T, D, 1}}", "${2028-03-01}");
    }

    #[test]
    fn own_data_have_a_set_for_each_suite() {
        let sets = DataSet::own(&Env::seeded(1)).unwrap();
        let names: Vec<_> = sets.iter().map(|set| (set.suites.clone(), set.systeemrollen.len())).collect();
        assert_eq!(names, [(vec!["bgz"], 1), (vec!["ggz"], 1), (vec!["pdfa", "delen-pdfa"], 3)]);
        for set in &sets {
            assert_eq!(fitting(&set.resources), set.suites);
        }
        assert_eq!(DataSet::own_for(&Env::seeded(1), |suite| suite == "ggz").unwrap().len(), 1);
    }

    #[test]
    fn the_list_of_fixtures_is_fresh() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = root.join("src/simulator/dva/fixtures.rs");
        let written = fs::read_to_string(&file).unwrap();
        let head = written.split_inclusive("= &[\n").next().unwrap();
        let mut fresh = head.to_owned();
        for folder in ["bgz-3-0", "ggz-2-0", "pdfa-3-0"] {
            let files = fs::read_dir(root.join("fixtures").join(folder)).unwrap();
            let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            for name in names.iter().filter(|name| name.ends_with(".json")) {
                fresh += &format!("    fixture!(\"{folder}\", \"{name}\"),\n");
            }
        }
        fresh += "];\n";
        if fresh != written {
            fs::write(&file, &fresh).unwrap();
            panic!("src/simulator/dva/fixtures.rs was stale and is written anew: run the tests again");
        }
    }
}
