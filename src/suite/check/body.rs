//! What steps send: resources that are there, can be read, and whose variables have a value.

use crate::diag::SourceError;
use crate::document::advice;
use crate::fhir::json;
use crate::suite::check::Checker;
use crate::suite::check::Scope;
use crate::suite::model::StepFile;

impl Checker<'_> {
    /// The resources of all suites can be read.
    pub(super) fn fixtures(&mut self) {
        let files = self.files;
        for fixture in &files.fixtures {
            let problem = match json::parse(fixture.text.as_bytes()) {
                Ok((root, problems)) if root.resource_type.is_some() && problems.is_empty() => continue,
                Ok((_, problems)) if problems.is_empty() => "this is no FHIR resource".to_owned(),
                Ok(_) => "this is not the JSON of a FHIR resource".to_owned(),
                Err(error) => format!("this cannot be read: {error}"),
            };
            self.push(SourceError::file(fixture.path.clone(), problem).hint("write one resource of FHIR in JSON"));
        }
    }

    /// A `post` has one body, and a body its variables.
    pub(super) fn body(&mut self, scope: &Scope<'_>, at: &str, step: &StepFile) {
        let document = scope.document;
        let choices = [("body", step.body.is_some()), ("rawBody", step.raw_body.is_some())];
        self.exactly_one(document, at, "`post`", "body", &choices);
        let Some(name) = &step.body else { return };
        let pointer = format!("{at}/body");
        let Some(head) = scope.head else {
            let error = document.error(&pointer, "a shared file belongs to no suite, so it has no fixtures");
            self.push(error.hint("write this step in the scenario"));
            return;
        };
        let files = self.files;
        let own = || files.fixtures.iter().filter(|fixture| fixture.suite == head.id);
        let Some(fixture) = own().find(|fixture| fixture.name == *name) else {
            let known: Vec<&str> = own().map(|fixture| fixture.name.as_str()).collect();
            let error = document.error(&pointer, format!("there is no `{name}.json` in the folder `fixtures`"));
            self.push(error.hint(advice(name, &known, "there are")));
            return;
        };
        for variable in fixture.text.split("${").skip(1).filter_map(|rest| rest.split('}').next()) {
            if !scope.knows(variable) {
                let message = format!("`{name}.json` uses the variable `{variable}`, which has no value here");
                let known: Vec<&str> = scope.variables.iter().map(String::as_str).collect();
                let error = document.error(&pointer, message);
                self.push(error.hint(advice(variable, &known, "known here:")));
            }
        }
    }
}
