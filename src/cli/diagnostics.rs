//! Shows mistakes in files that people write: file, line, column, the line itself with a caret, and what to do.
//!
//! Used by every command that reads a suite, a candidate file or a list. Entry points: [`show`] for people, [`to_json`].

use std::fmt;
use std::path::Path;

use miette::Diagnostic;
use miette::GraphicalReportHandler;
use miette::GraphicalTheme;
use miette::LabeledSpan;
use miette::NamedSource;
use miette::SourceCode;
use serde_json::Value;
use serde_json::json;

use crate::candidate;
use crate::candidate::Candidate;
use crate::candidate::Loaded;
use crate::cli;
use crate::diag::Lang;
use crate::diag::SourceError;
use crate::suite;
use crate::suite::Suite;

/// Width of the text in columns; longer hints are wrapped.
const WIDTH: usize = 110;

/// How bad the mistakes are that are shown together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The file cannot be used.
    Error,
    /// The file can be used, but something in it is odd.
    Warning,
}

/// Prints mistakes to standard error, in colour when the terminal has it.
pub fn show(errors: &[SourceError], weight: Weight, lang: Lang) {
    eprint!("{}", text(errors, weight, lang, colored::control::SHOULD_COLORIZE.should_colorize()));
}

/// Reads a candidate file and shows what is wrong or odd in it; the error is the exit status.
pub fn candidate(path: &Path, lang: Lang) -> Result<Candidate, u8> {
    match candidate::load(path) {
        Ok(Loaded { candidate, warnings }) => {
            show(&warnings, Weight::Warning, lang);
            Ok(candidate)
        }
        Err(errors) => {
            show(&errors.0, Weight::Error, lang);
            Err(cli::USAGE)
        }
    }
}

/// Reads the suites of a folder, or the embedded ones, and shows what is wrong in them; the error is the exit status.
pub fn suites(folder: Option<&Path>, lang: Lang) -> Result<Vec<Suite>, u8> {
    let suites = match folder {
        Some(folder) => suite::load::folder(folder),
        None => suite::load::embedded(),
    };
    suites.map_err(|errors| {
        show(&errors.0, Weight::Error, lang);
        cli::USAGE
    })
}

/// Mistakes as text, a block each.
pub fn text(errors: &[SourceError], weight: Weight, lang: Lang, colour: bool) -> String {
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(WIDTH).with_context_lines(1);
    let mut out = String::new();
    for error in errors {
        let shown = Shown::of(error, weight, lang);
        // What cannot be drawn is at least said.
        if handler.render_report(&mut out, &shown).is_err() {
            out += &format!("{error}\n");
        }
        out.push('\n');
    }
    out
}

/// Mistakes as the list that `lists check` and `suites check` print with `--format json`.
pub fn to_json(errors: &[SourceError], rule: &str, weight: Weight, lang: Lang) -> Vec<Value> {
    let severity = match weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
    };
    let one = |error: &SourceError| {
        let (line, column) = error.line_column();
        json!({
            "file": error.file, "line": line, "column": column, "rule": rule, "severity": severity,
            "message": error.message.get(lang), "hint": error.hint.as_ref().map(|hint| hint.get(lang)),
        })
    };
    errors.iter().map(one).collect()
}

/// A mistake as miette wants it.
#[derive(Debug)]
struct Shown<'a> {
    error: &'a SourceError,
    source: NamedSource<String>,
    weight: Weight,
    lang: Lang,
}

impl<'a> Shown<'a> {
    fn of(error: &'a SourceError, weight: Weight, lang: Lang) -> Self {
        let source = NamedSource::new(&error.file, error.source.clone());
        Self { error, source, weight, lang }
    }

    fn span(&self) -> Option<(usize, usize)> {
        let (offset, length) = self.error.span?;
        let most = self.error.source.len();
        (most > 0).then(|| (offset.min(most), length.min(most - offset.min(most))))
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.span().is_none() {
            write!(f, "{}: ", self.error.file)?;
        }
        f.write_str(self.error.message.get(self.lang))
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.weight {
            Weight::Error => miette::Severity::Error,
            Weight::Warning => miette::Severity::Warning,
        })
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.error.hint.as_ref().map(|hint| Box::new(hint.get(self.lang)) as Box<dyn fmt::Display + 'b>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.span().map(|_| &self.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_primary_with_span(None, self.span()?);
        Some(Box::new(std::iter::once(label)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::candidate;
    use crate::diag::Text;
    use crate::suite::load;
    use crate::text;

    #[test]
    fn a_suite_with_many_mistakes() {
        let files: BTreeMap<String, String> = [
            (
                "voorbeeld-1-0/suite.yaml",
                "id: vorbeeld-1-0\ntitle: { nl: Voorbeeld, en: Example }\nfhir: stu4\npackages: [nictiz.fhir.nl.stu3.zib2017]\n",
            ),
            (
                "goed-1-0/suite.yaml",
                "id: goed-1-0\ntitle: { nl: Goed, en: Good }\nfhir: stu3\nsysteemrollen: [MM-1.0-XXB-FHIR]\npatients:\n  rich: { nl: veel, en: much }\n",
            ),
            (
                "goed-1-0/server/1-1-vorm.yaml",
                "id: 1.1\ntitel: { nl: Vorm, en: Form }\nsteps:\n  - get: Patient\n    expect:\n      - status: 200\n      - selflink: true\n",
            ),
            (
                "goed-1-0/server/1-2-namen.yaml",
                "id: \"1.2\"\ntitle: { nl: Namen, en: Names }\nneeds: [\"1.2\"]\npatients: [rijk]\nverifies: [FHIR-4]\nsteps:\n  - use: _shared/bundel\n  - get: \"Binary/${binary}\"\n    token: {}\n    expect:\n      - fhirpath: \"Bundle.entry.where(resource is Patient\"\n      - { each: Bundle.entry, severity: warning }\n",
            ),
            ("goed-1-0/server/1-3-kapot.yaml", "id: \"1.3\"\ntitle: { nl: Kapot, en: Broken\n"),
            ("_shared/bundle.yaml", "title: { nl: Bundel, en: Bundle }\nexpect: [{ status: [200] }]\n"),
        ]
        .into_iter()
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .collect();
        let errors = load::load(&files).unwrap_err();
        insta::assert_snapshot!(text(&errors.0, Weight::Error, Lang::En, false));
    }

    #[test]
    fn a_candidate_file_with_three_mistakes() {
        let file = crate::cli::init::TEMPLATE
            .replace("vendor =", "vender =")
            .replace("token = \"https://", "token = \"http://")
            .replace("certificate = \"pki/client.pem\"", "certificate = \"${env:TOETSBANK_CERTIFICATE}\"")
            .replace(
                "key = \"pki/client.key\"",
                "key = \"\"\"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\"\"\"",
            )
            .replace("ca = [\"pki/ca.pem\"]", "ca = []");
        let errors = candidate::read("toetsbank.toml", &file, Path::new("."), &|_| None).unwrap_err();
        insta::assert_snapshot!(text(&errors.0, Weight::Error, Lang::En, false));
        insta::assert_snapshot!(text(&errors.0, Weight::Error, Lang::Nl, false));
    }

    #[test]
    fn a_file_as_a_whole_has_no_snippet() {
        let error = SourceError::file("x.toml", text!("is niet te lezen", "cannot be read"));
        let error = error.hint(text!("kijk daar", "look there"));
        let shown = text(std::slice::from_ref(&error), Weight::Warning, Lang::En, false);
        assert!(shown.contains("x.toml: cannot be read") && shown.contains("look there"), "{shown}");
        let shown = text(&[error], Weight::Warning, Lang::Nl, false);
        assert!(shown.contains("x.toml: is niet te lezen") && shown.contains("kijk daar"), "{shown}");
    }

    #[test]
    fn json_has_the_names_that_scripts_rely_on() {
        let error =
            SourceError { source: "a\nb\n".into(), span: Some((2, 1)), ..SourceError::file("x", Text::same("y")) };
        let json = to_json(&[error], "suite", Weight::Error, Lang::En);
        assert_eq!(
            Value::Array(json),
            json!([{"file": "x", "line": 2, "column": 1, "rule": "suite", "severity": "error", "message": "y", "hint": null}])
        );
    }
}
