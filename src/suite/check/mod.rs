//! What only the whole set of suite files can tell: names that lead somewhere, one operation a step, no circles.

mod body;
mod expectation;
mod needs;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::diag::SourceError;
use crate::diag::Text;
use crate::diag::did_you_mean;
use crate::diag::suggestion;
use crate::document::Document;
use crate::document::advice;
use crate::fhir::path::Expression;
use crate::fhir::path::PathError;
use crate::fhir::relative_date;
use crate::requirement::Role;
use crate::requirement::register;
use crate::suite::load::Files;
use crate::suite::load::Parsed;
use crate::suite::model::ScenarioFile;
use crate::suite::model::SharedFile;
use crate::suite::model::StepFile;
use crate::suite::model::SuiteFile;
use crate::suite::model::VARIABLES;
use crate::text;

/// Adds to the errors of the files what is wrong between and within them.
pub fn check(files: &mut Files) {
    let mut checker = Checker { files, errors: Vec::new() };
    checker.heads();
    checker.scenarios();
    checker.shared();
    checker.circles();
    checker.fixtures();
    let errors = checker.errors;
    files.errors.extend(errors);
}

struct Checker<'a> {
    files: &'a Files,
    errors: Vec<SourceError>,
}

/// What is known where a list of steps or expectations stands.
struct Scope<'a> {
    document: &'a Document,
    /// The suite; `None` in a shared file, which any suite may use.
    head: Option<&'a SuiteFile>,
    /// Variables that have a value here.
    variables: BTreeSet<String>,
}

impl Scope<'_> {
    /// Whether a variable has a value here.
    fn knows(&self, name: &str) -> bool {
        self.variables.contains(name) || relative_date::offset(name).is_some()
    }
}

impl<'a> Checker<'a> {
    fn heads(&mut self) {
        let files = self.files;
        for file in &files.heads {
            let (document, head) = (&file.document, &file.typed);
            if head.id != file.suite {
                let (id, folder) = (&head.id, &file.suite);
                let message = text!(
                    "de id `{id}` is niet de naam van zijn map `{folder}`",
                    "the id `{id}` is not the name of its folder `{folder}`"
                );
                let hint = text!("schrijf `id: {folder}`", "write `id: {folder}`");
                self.push(document.error("/id", message).hint(hint));
            }
            for (i, package) in head.packages.iter().enumerate() {
                let parts = package.split_once('@');
                if !parts.is_some_and(|(name, version)| {
                    !name.is_empty() && version.starts_with(|c: char| c.is_ascii_digit())
                }) {
                    let message =
                        text!("`{package}` is geen pakket met versie", "`{package}` is no package with version");
                    let hint = text!(
                        "schrijf `naam@versie`, zoals `nictiz.fhir.nl.stu3.zib2017@2.2.18`",
                        "write `name@version`, such as `nictiz.fhir.nl.stu3.zib2017@2.2.18`"
                    );
                    self.push(document.error(&format!("/packages/{i}"), message).hint(hint));
                }
            }
            if head.gegevensdienst.is_some() && head.systeemrollen.is_empty() {
                let message = text!("een gegevensdienst zonder systeemrol", "a gegevensdienst without systeemrol");
                let hint = text!(
                    "noem de codes van de Catalogus onder `systeemrollen`",
                    "name the codes of the Catalogus under `systeemrollen`"
                );
                self.push(document.key_error("/gegevensdienst", message).hint(hint));
            }
            for (i, alias) in head.aliases.iter().enumerate() {
                let other = files
                    .heads
                    .iter()
                    .find(|other| other.suite != file.suite && (other.typed.goes_by(alias) || other.suite == *alias));
                if let Some(other) = other {
                    let other = &other.suite;
                    let message = text!(
                        "de alias `{alias}` is ook een naam van `{other}`",
                        "the alias `{alias}` is also a name of `{other}`"
                    );
                    let hint = text!("een naam betekent één suite", "a name means one suite");
                    self.push(document.error(&format!("/aliases/{i}"), message).hint(hint));
                }
            }
            for (i, id) in head.along.iter().enumerate() {
                if !self.is_suite(id) {
                    let known: Vec<&str> = files.heads.iter().map(|file| file.suite.as_str()).collect();
                    let message = text!("er is geen suite `{id}`", "there is no suite `{id}`");
                    let hint = advice(id, &known, &text!("er zijn", "there are"));
                    self.push(document.error(&format!("/along/{i}"), message).hint(hint));
                }
            }
            self.tables(document, head);
        }
        // A scenario whose suite has no head would silently not run.
        let mut orphans = BTreeSet::new();
        for (_, file) in &files.scenarios {
            if !self.is_suite(&file.suite) && orphans.insert(&file.suite) {
                let message = text!("de suite heeft geen `suite.yaml`", "the suite has no `suite.yaml`");
                let hint = text!(
                    "schrijf er een: `toetsbank suites new NAAM` toont hoe",
                    "write one: `toetsbank suites new NAME` shows how"
                );
                self.push(SourceError::file(format!("{}/suite.yaml", file.suite), message).hint(hint));
            }
        }
    }

    fn tables(&mut self, document: &Document, head: &SuiteFile) {
        for (t, table) in head.tables.iter().enumerate() {
            let sets: Vec<&str> = table.sets.iter().map(|set| set.id.as_str()).collect();
            for (r, row) in table.rows.iter().enumerate() {
                let at = format!("/tables/{t}/rows/{r}");
                for (s, set) in row.sets.iter().enumerate().filter(|(_, set)| !sets.contains(&set.as_str())) {
                    let message = text!("de tabel heeft geen set `{set}`", "the table has no set `{set}`");
                    let hint = advice(set, &sets, &text!("er is", "it has"));
                    self.push(document.error(&format!("{at}/sets/{s}"), message).hint(hint));
                }
                if let Some(element) = &row.element {
                    self.expression(document, &format!("{at}/element"), element);
                }
            }
        }
    }

    fn scenarios(&mut self) {
        let files = self.files;
        let mut seen: BTreeMap<(&str, Role, &str), &str> = BTreeMap::new();
        for (role, file) in &files.scenarios {
            let (document, scenario) = (&file.document, &file.typed);
            let head = files.heads.iter().find(|head| head.suite == file.suite).map(|head| &head.typed);
            if let Some(other) = seen.insert((&file.suite, *role, &scenario.id), document.file()) {
                let id = &scenario.id;
                let message = text!("de id `{id}` is ook die van `{other}`", "the id `{id}` is also that of `{other}`");
                let hint =
                    text!("geef elk scenario van een suite een eigen id", "give each scenario of a suite its own");
                self.push(document.error("/id", message).hint(hint));
            }
            self.rules(document, "/verifies", &scenario.verifies);
            if let Some(head) = head {
                self.patients(document, "/patients", &scenario.patients, head);
            }
            for (i, need) in scenario.needs.iter().enumerate() {
                self.need(document, &format!("/needs/{i}"), need, &file.suite, *role);
            }
            if scenario.steps.is_empty() {
                let message = text!("een scenario zonder stappen", "a scenario without steps");
                let hint = text!(
                    "schrijf wat er gedaan wordt, zoals `- get: Patient`",
                    "write what is done, such as `- get: Patient`"
                );
                self.push(document.key_error("/steps", message).hint(hint));
            }
            let mut scope = Scope { document, head, variables: built_in() };
            self.saved_by_needs(&file.suite, *role, &scenario.needs, 0, &mut scope.variables);
            self.steps(&mut scope, "/steps", &scenario.steps);
        }
    }

    fn shared(&mut self) {
        let files = self.files;
        for file in &files.shared {
            let (document, shared) = (&file.document, &file.typed);
            if shared.steps.is_empty() == shared.expect.is_empty() {
                let message = text!(
                    "een gedeeld bestand heeft stappen of verwachtingen",
                    "a shared file holds either steps or expectations"
                );
                let hint = text!("schrijf een van `steps` en `expect`", "write one of `steps` and `expect`");
                self.push(document.key_error("", message).hint(hint));
            }
            let mut variables = built_in();
            variables.extend(shared.variables.iter().cloned());
            let mut scope = Scope { document, head: None, variables };
            self.steps(&mut scope, "/steps", &shared.steps);
            self.expectations(&scope, "/expect", &shared.expect);
        }
    }

    fn steps(&mut self, scope: &mut Scope<'a>, at: &str, steps: &[StepFile]) {
        for (i, step) in steps.iter().enumerate() {
            self.step(scope, &format!("{at}/{i}"), step);
            scope.variables.extend(step.save.keys().cloned());
            if let Some(shared) = step.use_file.as_deref().and_then(|name| self.shared_file(name)) {
                scope.variables.extend(shared.steps.iter().flat_map(|step| step.save.keys().cloned()));
            }
        }
    }

    fn step(&mut self, scope: &Scope<'_>, at: &str, step: &StepFile) {
        let document = scope.document;
        let operations = [
            ("use", step.use_file.is_some()),
            ("authorize", step.authorize.is_some()),
            ("login", step.login.is_some()),
            ("token", step.token.is_some()),
            ("refresh", step.refresh.is_some()),
            ("visit", step.visit.is_some()),
            ("withdraw", step.withdraw.is_some()),
            ("get", step.get.is_some()),
            ("wait", step.wait.is_some()),
            ("world", step.world.is_some()),
            ("collect", step.collect.is_some()),
            ("post", step.post.is_some()),
            ("await", step.await_request.is_some()),
        ];
        self.exactly_one(document, at, &text!("stap", "step"), &text!("handeling", "operation"), &operations);
        let (gets, posts) = (step.get.is_some(), step.post.is_some());
        let belongs = [
            ("request", step.request.is_some(), "get", gets || posts),
            ("pages", step.pages.is_some(), "get", gets),
            ("systeemrol", step.systeemrol.is_some(), "get", gets || posts),
            ("body", step.body.is_some(), "post", posts),
            ("rawBody", step.raw_body.is_some(), "post", posts),
            ("with", !step.with.is_empty(), "use", step.use_file.is_some()),
        ];
        for (key, given, owner, there) in belongs {
            if given && !there {
                let message = text!("`{key}` zonder `{owner}`", "`{key}` without `{owner}`");
                let hint =
                    text!("`{key}` hoort bij een stap met `{owner}`", "`{key}` belongs to a step with `{owner}`");
                self.push(document.key_error(&format!("{at}/{key}"), message).hint(hint));
            }
        }
        if let Some(name) = &step.use_file {
            self.use_steps(scope, at, name, step);
        }
        if posts {
            self.body(scope, at, step);
        }
        if let Some(head) = scope.head {
            self.patients(document, &format!("{at}/patients"), &step.patients, head);
        }
        if let Some(code) = step.systeemrol.as_ref().filter(|code| !code.contains("${")) {
            let declared: Vec<&str> = match scope.head {
                Some(head) => head.systeemrollen.iter().map(String::as_str).collect(),
                None => {
                    self.files.heads.iter().flat_map(|head| &head.typed.systeemrollen).map(String::as_str).collect()
                }
            };
            if !declared.contains(&code.as_str()) {
                let message =
                    text!("de systeemrol `{code}` is niet aangegeven", "the systeemrol `{code}` is not declared");
                let hint = advice(code, &declared, &text!("in `suite.yaml` staat", "`suite.yaml` has"));
                self.push(document.error(&format!("{at}/systeemrol"), message).hint(hint));
            }
        }
        for (name, text) in &step.save {
            self.expression(document, &format!("{at}/save/{name}"), text);
        }
        if step.wait.is_some() && !step.expect.is_empty() {
            let message = text!("wachten geeft geen antwoord", "a wait gives no answer");
            let hint = text!("verwacht het van de stap erna", "expect it of the step after");
            self.push(document.key_error(&format!("{at}/expect"), message).hint(hint));
        }
        self.step_variables(scope, at, step);
        self.expectations(scope, &format!("{at}/expect"), &step.expect);
    }

    fn use_steps(&mut self, scope: &Scope<'_>, at: &str, name: &str, step: &StepFile) {
        let document = scope.document;
        let Some(shared) = self.known_shared(document, &format!("{at}/use"), name) else { return };
        if shared.steps.is_empty() {
            let message = text!("`{name}` heeft verwachtingen, geen stappen", "`{name}` holds expectations, no steps");
            let hint = text!("gebruik het onder `expect`", "use it under `expect`");
            self.push(document.error(&format!("{at}/use"), message).hint(hint));
        }
        for variable in shared.variables.iter().filter(|variable| !step.with.contains_key(*variable)) {
            let message =
                text!("`{name}` vraagt de variabele `{variable}`", "`{name}` needs the variable `{variable}`");
            let hint = text!("geef haar: `with: {{ {variable}: … }}`", "give it: `with: {{ {variable}: … }}`");
            self.push(document.error(&format!("{at}/use"), message).hint(hint));
        }
        let known: Vec<&str> = shared.variables.iter().map(String::as_str).collect();
        for variable in step.with.keys().filter(|variable| !known.contains(&variable.as_str())) {
            let message = text!("`{name}` heeft geen variabele `{variable}`", "`{name}` has no variable `{variable}`");
            let hint = advice(variable, &known, &text!("er is", "it has"));
            self.push(document.key_error(&format!("{at}/with/{variable}"), message).hint(hint));
        }
    }

    fn exactly_one(&mut self, document: &Document, at: &str, what: &Text, part: &Text, choices: &[(&str, bool)]) {
        let given: Vec<&str> = choices.iter().filter(|(_, given)| *given).map(|(key, _)| *key).collect();
        let all = choices.iter().map(|(key, _)| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        match given.as_slice() {
            [] => {
                let message = Text::new(
                    format!("een {} zonder {}", what.nl, part.nl),
                    format!("a {} without {}", what.en, part.en),
                );
                let hint = text!("voeg een van {all} toe", "add one of {all}");
                self.push(document.key_error(at, message).hint(hint));
            }
            [_] => {}
            [_, second, ..] => {
                let (count, names) = (given.len(), given.join(", "));
                let message = Text::new(
                    format!("een {} met meer dan een {}: {names}", what.nl, part.nl),
                    format!("a {} with {count} {}s: {names}", what.en, part.en),
                );
                let hint =
                    Text::new(format!("maak van elk een eigen {}", what.nl), format!("make a {} of each", what.en));
                self.push(document.key_error(&format!("{at}/{second}"), message).hint(hint));
            }
        }
    }

    fn patients(&mut self, document: &Document, at: &str, patients: &[String], head: &SuiteFile) {
        let known: Vec<&str> = head.patients.keys().map(String::as_str).collect();
        for (i, patient) in patients.iter().enumerate().filter(|(_, patient)| !known.contains(&patient.as_str())) {
            let message = text!("de suite heeft geen patiënt `{patient}`", "the suite has no patient `{patient}`");
            let hint = advice(patient, &known, &text!("in `suite.yaml` staat", "`suite.yaml` has"));
            self.push(document.error(&format!("{at}/{i}"), message).hint(hint));
        }
    }

    fn rules(&mut self, document: &Document, at: &str, rules: &[String]) {
        for (i, rule) in rules.iter().enumerate() {
            self.rule(document, &format!("{at}/{i}"), rule);
        }
    }

    fn rule(&mut self, document: &Document, at: &str, rule: &str) {
        if register().rows().iter().any(|row| row.id == rule) {
            return;
        }
        let known = register().rows().iter().map(|row| row.id.as_str());
        let message = text!("het register heeft geen rij `{rule}`", "the register has no row `{rule}`");
        let hint = match suggestion(rule, known) {
            Some(meant) => did_you_mean(meant),
            None => text!("zie `toetsbank rules`", "see `toetsbank rules`"),
        };
        self.push(document.error(at, message).hint(hint));
    }

    fn expression(&mut self, document: &Document, at: &str, text: &str) {
        let Err(error) = Expression::parse(text) else { return };
        let offset = match &error {
            PathError::Syntax { offset, .. }
            | PathError::UnknownFunction { offset, .. }
            | PathError::ArgumentCount { offset, .. } => *offset,
            _ => 0,
        };
        let message = text!("geen FHIRPath: {error}", "not FHIRPath: {error}");
        self.push(document.error_inside(at, (offset, 1), message));
    }

    fn known_shared(&mut self, document: &Document, at: &str, name: &str) -> Option<&'a SharedFile> {
        let found = self.shared_file(name);
        if found.is_none() && !self.files.broken.contains(&format!("{name}.yaml")) {
            let known: Vec<String> = self.files.shared.iter().map(|file| format!("_shared/{}", file.name)).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let message = text!("er is geen gedeeld bestand `{name}`", "there is no shared file `{name}`");
            let hint = advice(name, &known, &text!("er zijn", "there are"));
            self.push(document.error(at, message).hint(hint));
        }
        found
    }

    fn shared_file(&self, name: &str) -> Option<&'a SharedFile> {
        let name = name.strip_prefix("_shared/")?;
        self.files.shared.iter().find(|file| file.name == name).map(|file| &file.typed)
    }

    fn scenario(&self, suite: &str, role: Role, id: &str) -> Option<&'a ScenarioFile> {
        let fits = |side: Role, file: &Parsed<ScenarioFile>| side == role && file.suite == suite && file.typed.id == id;
        self.files.scenarios.iter().find(|(side, file)| fits(*side, file)).map(|(_, file)| &file.typed)
    }

    fn is_suite(&self, id: &str) -> bool {
        self.files.heads.iter().any(|file| file.suite == id) || self.files.broken.contains(&format!("{id}/suite.yaml"))
    }

    fn push(&mut self, error: SourceError) {
        self.errors.push(error);
    }
}

fn built_in() -> BTreeSet<String> {
    VARIABLES.iter().map(|(name, _)| (*name).to_owned()).collect()
}
