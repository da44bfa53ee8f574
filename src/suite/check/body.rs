//! What steps send: resources that are there, can be read, and whose variables have a value.

use crate::diag::SourceError;
use crate::diag::Text;
use crate::document::advice;
use crate::document::known_here;
use crate::fhir::json;
use crate::suite::check::Checker;
use crate::suite::check::Scope;
use crate::suite::model::StepFile;
use crate::text;

impl Checker<'_> {
    /// The resources of all suites can be read.
    pub(super) fn fixtures(&mut self) {
        let files = self.files;
        for fixture in &files.fixtures {
            let problem = match json::parse(fixture.text.as_bytes()) {
                Ok((root, problems)) if root.resource_type.is_some() && problems.is_empty() => continue,
                Ok((_, problems)) if problems.is_empty() => {
                    text!("dit is geen FHIR-resource", "this is no FHIR resource")
                }
                Ok(_) => text!("dit is niet de JSON van een FHIR-resource", "this is not the JSON of a FHIR resource"),
                Err(error) => text!("dit is niet te lezen: {error}", "this cannot be read: {error}"),
            };
            let hint = text!("schrijf één FHIR-resource in JSON", "write one resource of FHIR in JSON");
            self.push(SourceError::file(fixture.path.clone(), problem).hint(hint));
        }
    }

    /// A `post` has one body, and a body its variables.
    pub(super) fn body(&mut self, scope: &Scope<'_>, at: &str, step: &StepFile) {
        let document = scope.document;
        let choices = [("body", step.body.is_some()), ("rawBody", step.raw_body.is_some())];
        self.exactly_one(document, at, &Text::same("`post`"), &Text::same("body"), &choices);
        let Some(name) = &step.body else { return };
        let pointer = format!("{at}/body");
        let Some(head) = scope.head else {
            let message = text!(
                "een gedeeld bestand hoort bij geen suite en heeft dus geen fixtures",
                "a shared file belongs to no suite, so it has no fixtures"
            );
            let hint = text!("schrijf deze stap in het scenario", "write this step in the scenario");
            self.push(document.error(&pointer, message).hint(hint));
            return;
        };
        let files = self.files;
        let own = || files.fixtures.iter().filter(|fixture| fixture.suite == head.id);
        let Some(fixture) = own().find(|fixture| fixture.name == *name) else {
            let known: Vec<&str> = own().map(|fixture| fixture.name.as_str()).collect();
            let message = text!(
                "er is geen `{name}.json` in de map `fixtures`",
                "there is no `{name}.json` in the folder `fixtures`"
            );
            self.push(document.error(&pointer, message).hint(advice(name, &known, &text!("er zijn", "there are"))));
            return;
        };
        for variable in fixture.text.split("${").skip(1).filter_map(|rest| rest.split('}').next()) {
            if !scope.knows(variable) {
                let message = text!(
                    "`{name}.json` gebruikt de variabele `{variable}`, die hier geen waarde heeft",
                    "`{name}.json` uses the variable `{variable}`, which has no value here"
                );
                let known: Vec<&str> = scope.variables.iter().map(String::as_str).collect();
                let error = document.error(&pointer, message);
                self.push(error.hint(advice(variable, &known, &known_here())));
            }
        }
    }
}
