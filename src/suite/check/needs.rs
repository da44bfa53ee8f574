//! What scenarios and shared files need of each other: it must be there, and not lead back.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::document::Document;
use crate::document::advice;
use crate::requirement::Role;
use crate::suite::check::Checker;
use crate::suite::model::SharedFile;
use crate::text;

impl<'a> Checker<'a> {
    pub(super) fn need(&mut self, document: &Document, at: &str, need: &str, suite: &str, role: Role) {
        let (other, id) = need.rsplit_once('/').unwrap_or((suite, need));
        if self.scenario(other, role, id).is_some() {
            return;
        }
        let folder = format!("{other}/");
        if self.files.broken.iter().any(|path| path.starts_with(&folder)) {
            return;
        }
        let of = self.files.scenarios.iter().filter(|(side, file)| *side == role && file.suite == other);
        let known: Vec<&str> = of.map(|(_, file)| file.typed.id.as_str()).collect();
        let message = text!(
            "er is geen scenario `{other}/{id}` voor deze rol",
            "there is no scenario `{other}/{id}` for this role"
        );
        let hint = if known.is_empty() {
            text!("de suite `{other}` heeft er geen", "the suite `{other}` has none")
        } else {
            advice(id, &known, &text!("er is", "it has"))
        };
        self.push(document.error(at, message).hint(hint));
    }

    /// Adds what the needed scenarios save. `depth` ends circles, which are told elsewhere.
    pub(super) fn saved_by_needs(
        &self,
        suite: &str,
        role: Role,
        needs: &[String],
        depth: usize,
        into: &mut BTreeSet<String>,
    ) {
        if depth > 8 {
            return;
        }
        for need in needs {
            let (other, id) = need.rsplit_once('/').unwrap_or((suite, need));
            let Some(scenario) = self.scenario(other, role, id) else { continue };
            for step in &scenario.steps {
                into.extend(step.save.keys().cloned());
                let shared = step.use_file.as_deref().and_then(|name| self.shared_file(name));
                into.extend(shared.iter().flat_map(|file| &file.steps).flat_map(|step| step.save.keys().cloned()));
            }
            self.saved_by_needs(other, role, &scenario.needs, depth + 1, into);
        }
    }

    /// Scenarios that need each other, and shared files that use each other, in a circle.
    pub(super) fn circles(&mut self) {
        let files = self.files;
        for (role, file) in &files.scenarios {
            let start = (file.suite.as_str(), file.typed.id.as_str());
            let next = |(suite, id): (&'a str, &'a str)| -> Vec<(&'a str, &'a str)> {
                let needs =
                    self.scenario(suite, *role, id).map(|scenario| scenario.needs.as_slice()).unwrap_or_default();
                needs.iter().map(|need| need.rsplit_once('/').unwrap_or((suite, need))).collect()
            };
            if leads_back(start, next) {
                let id = start.1;
                let message = text!("het scenario `{id}` vraagt zichzelf", "the scenario `{id}` needs itself");
                let hint = text!("haal een van de needs onderweg weg", "take one of the needs on the way out");
                self.errors.push(file.document.key_error("/needs", message).hint(hint));
            }
        }
        let uses: BTreeMap<String, Vec<&str>> =
            files.shared.iter().map(|file| (format!("_shared/{}", file.name), used_by(&file.typed))).collect();
        for file in &files.shared {
            let name = format!("_shared/{}", file.name);
            if leads_back(name.as_str(), |name| uses.get(name).cloned().unwrap_or_default()) {
                let message =
                    text!("het gedeelde bestand `{name}` gebruikt zichzelf", "the shared file `{name}` uses itself");
                let hint = text!("haal een van de uses onderweg weg", "take one of the uses on the way out");
                self.errors.push(file.document.key_error("", message).hint(hint));
            }
        }
    }
}

/// The shared files that a shared file uses.
fn used_by(file: &SharedFile) -> Vec<&str> {
    let steps = file.steps.iter().filter_map(|step| step.use_file.as_deref());
    let inside = file.steps.iter().flat_map(|step| &step.expect).chain(&file.expect);
    steps.chain(inside.filter_map(|expect| expect.use_file.as_deref())).collect()
}

/// Whether a walk along `next` from `start` comes back to it.
fn leads_back<T: Ord + Copy>(start: T, next: impl Fn(T) -> Vec<T>) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = next(start);
    while let Some(node) = open.pop() {
        if node == start {
            return true;
        }
        if seen.insert(node) {
            open.extend(next(node));
        }
    }
    false
}
