//! Expectations: one check each, of names and expressions that exist.

use crate::suite::check::Checker;
use crate::suite::check::Scope;
use crate::suite::model::ExpectFile;
use crate::text;

impl Checker<'_> {
    pub(super) fn expectations(&mut self, scope: &Scope<'_>, at: &str, expectations: &[ExpectFile]) {
        for (i, expect) in expectations.iter().enumerate() {
            self.expectation(scope, &format!("{at}/{i}"), expect);
        }
    }

    fn expectation(&mut self, scope: &Scope<'_>, at: &str, expect: &ExpectFile) {
        let document = scope.document;
        let checks = [
            ("use", expect.use_file.is_some()),
            ("status", !expect.status.is_empty()),
            ("statusNot", !expect.status_not.is_empty()),
            ("mediaType", !expect.media_type.is_empty()),
            ("fhirpath", expect.fhirpath.is_some()),
            ("each", expect.each.is_some() || expect.holds.is_some()),
            ("conforms", expect.conforms.is_some()),
            ("selfLink", expect.self_link.is_some()),
            ("entries", expect.entries.is_some()),
            ("pdfa", expect.pdfa.is_some()),
        ];
        self.exactly_one(document, at, &text!("verwachting", "expectation"), &text!("toets", "check"), &checks);
        if expect.each.is_some() != expect.holds.is_some() {
            let (there, missing) = if expect.each.is_some() { ("each", "holds") } else { ("holds", "each") };
            let message = text!("`{there}` zonder `{missing}`", "`{there}` without `{missing}`");
            let hint = text!("voeg `{missing}` toe: samen zijn ze een toets", "add `{missing}`: they are one check");
            self.push(document.key_error(&format!("{at}/{there}"), message).hint(hint));
        }
        for (key, value) in [("conforms", expect.conforms), ("selfLink", expect.self_link)] {
            if value == Some(false) {
                let message = text!("`{key}: false` verwacht niets", "`{key}: false` expects nothing");
                let error = document.error(&format!("{at}/{key}"), message);
                self.push(error.hint(text!("haal het weg", "take it out")));
            }
        }
        if let Some(name) = &expect.use_file {
            let pointer = format!("{at}/use");
            if self.known_shared(document, &pointer, name).is_some_and(|shared| shared.expect.is_empty()) {
                let message =
                    text!("`{name}` heeft stappen, geen verwachtingen", "`{name}` holds steps, no expectations");
                let hint = text!("gebruik het onder `steps`", "use it under `steps`");
                self.push(document.error(&pointer, message).hint(hint));
            }
        }
        if let Some(rule) = &expect.verifies {
            self.rule(document, &format!("{at}/verifies"), rule);
        }
        if let Some(head) = scope.head {
            self.patients(document, &format!("{at}/patients"), &expect.patients, head);
        }
        let paths = [("fhirpath", &expect.fhirpath), ("each", &expect.each), ("holds", &expect.holds)];
        for (key, text) in paths.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?))) {
            self.expression(document, &format!("{at}/{key}"), text);
        }
        if let Some(text) = expect.pdfa.as_ref().filter(|text| *text != "$body") {
            self.expression(document, &format!("{at}/pdfa"), text);
        }
        if let Some(entries) = &expect.entries {
            let pointer = format!("{at}/entries");
            match (entries.at_least, entries.at_most) {
                (None, None) => {
                    let message = text!("`entries` zonder een getal", "`entries` without a number");
                    let hint = text!("voeg `atLeast` of `atMost` toe", "add `atLeast` or `atMost`");
                    self.push(document.key_error(&pointer, message).hint(hint));
                }
                (Some(least), Some(most)) if least > most => {
                    let message = text!(
                        "ten minste {least} en ten hoogste {most} kan niet",
                        "at least {least} and at most {most} cannot be"
                    );
                    self.push(document.key_error(&pointer, message));
                }
                _ => {}
            }
        }
    }
}
