//! The variables in the texts of a step, each of which must have a value there.

use crate::document::advice;
use crate::document::known_here;
use crate::suite::check::Checker;
use crate::suite::check::Scope;
use crate::suite::model::MessageFile;
use crate::suite::model::StepFile;
use crate::text;

impl Checker<'_> {
    pub(super) fn step_variables(&mut self, scope: &Scope<'_>, at: &str, step: &StepFile) {
        let mut texts: Vec<(String, &str)> = Vec::new();
        texts.extend(step.get.as_deref().map(|text| (format!("{at}/get"), text)));
        texts.extend(step.visit.as_deref().map(|text| (format!("{at}/visit"), text)));
        texts.extend(step.post.as_deref().map(|text| (format!("{at}/post"), text)));
        texts.extend(step.raw_body.as_deref().map(|text| (format!("{at}/rawBody"), text)));
        texts.extend(step.systeemrol.as_deref().map(|text| (format!("{at}/systeemrol"), text)));
        texts.extend(step.with.iter().map(|(name, text)| (format!("{at}/with/{name}"), text.as_str())));
        let awaited = step.await_request.as_ref().and_then(|wait| wait.get.as_deref());
        texts.extend(awaited.map(|text| (format!("{at}/await/get"), text)));
        let messages = [
            ("authorize", &step.authorize),
            ("token", &step.token),
            ("refresh", &step.refresh),
            ("request", &step.request),
        ];
        for (name, message) in messages {
            let Some(MessageFile { set, repeat, headers, .. }) = message else { continue };
            for (group, values) in [("set", set), ("repeat", repeat), ("headers", headers)] {
                texts.extend(values.iter().map(|(key, text)| (format!("{at}/{name}/{group}/{key}"), text.as_str())));
            }
        }
        for (pointer, text) in texts {
            self.variables(scope, &pointer, text);
        }
    }

    /// `${name}` in a text must have a value.
    fn variables(&mut self, scope: &Scope<'_>, pointer: &str, text: &str) {
        let mut offset = 0;
        while let Some(start) = text[offset..].find("${").map(|found| offset + found) {
            let Some(end) = text[start..].find('}').map(|found| start + found) else {
                let message = text!("`${{` zonder `}}`", "`${{` without `}}`");
                let error = scope.document.error_inside(pointer, (start, 2), message);
                self.push(error.hint(text!("sluit de variabele", "close the variable")));
                return;
            };
            let name = &text[start + 2..end];
            offset = end + 1;
            if scope.knows(name) {
                continue;
            }
            let error = scope.document.error_inside(
                pointer,
                (start, end + 1 - start),
                text!("de variabele `{name}` heeft hier geen waarde", "the variable `{name}` has no value here"),
            );
            let known: Vec<&str> = scope.variables.iter().map(String::as_str).collect();
            self.push(if name.starts_with("DATE") {
                error.hint(text!(
                    "een datum is `${{DATE, T, D, -365}}`: vandaag en een aantal dagen, maanden (M) of jaren (Y)",
                    "a date is written `${{DATE, T, D, -365}}`: today and a number of days, months (M) or years (Y)"
                ))
            } else {
                error.hint(advice(name, &known, &known_here()))
            });
        }
    }
}
