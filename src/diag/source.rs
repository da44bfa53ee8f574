//! Mistakes in files that people write: where, what, and what to do about it.

use std::fmt;

use crate::diag::Lang;
use crate::diag::Text;
use crate::text;

/// One mistake in a suite, a candidate file, a list or another text file.
///
/// The `cli` shows it with the line itself and a caret. Texts: lower case, no full stop, values in backticks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceError {
    /// Name of the file as the user gave it, or of the embedded suite.
    pub file: String,
    /// The whole text of the file, for the snippet; empty when it could not be read.
    pub source: String,
    /// Byte offset and length of the wrong part; `None` when the file as a whole is wrong.
    pub span: Option<(usize, usize)>,
    /// What is wrong.
    pub message: Text,
    /// What to do.
    pub hint: Option<Text>,
}

impl SourceError {
    /// A mistake that concerns a whole file.
    pub fn file(file: impl Into<String>, message: Text) -> Self {
        Self { file: file.into(), source: String::new(), span: None, message, hint: None }
    }

    /// The same with advice.
    pub fn hint(mut self, hint: Text) -> Self {
        self.hint = Some(hint);
        self
    }

    /// Line and column of the mistake, from 1; `(1, 1)` for the file as a whole.
    pub fn line_column(&self) -> (usize, usize) {
        let offset = self.span.map_or(0, |(offset, _)| offset).min(self.source.len());
        let before = self.source.get(..offset).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |text| text.chars().count()) + 1;
        (line, column)
    }
}

/// In English, as errors are in a log; the `cli` shows people their own language.
impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_column();
        write!(f, "{}:{line}:{column}: {}", self.file, self.message.get(Lang::En))?;
        match &self.hint {
            Some(hint) => write!(f, " ({})", hint.get(Lang::En)),
            None => Ok(()),
        }
    }
}

impl std::error::Error for SourceError {}

/// All mistakes of one load, never only the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceErrors(pub Vec<SourceError>);

impl fmt::Display for SourceErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SourceErrors {}

impl From<SourceError> for SourceErrors {
    fn from(error: SourceError) -> Self {
        Self(vec![error])
    }
}

/// The advice to write a word that was probably meant.
pub fn did_you_mean(word: &str) -> Text {
    text!("bedoelt u `{word}`?", "did you mean `{word}`?")
}

/// The known word that was probably meant, for the hint of an unknown one.
pub fn suggestion<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        // Of words that are equally near the first is meant.
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_and_column_count_from_one() {
        let error = SourceError {
            source: "a: 1\nbé: 2\n".into(),
            span: Some((8, 1)),
            ..SourceError::file("x", Text::same("y"))
        };
        assert_eq!(error.line_column(), (2, 3));
        assert_eq!(error.to_string(), "x:2:3: y");
    }

    #[test]
    fn suggests_only_what_is_near() {
        assert_eq!(suggestion("patiens", ["patients", "formats"]), Some("patients"));
        assert_eq!(suggestion("zzz", ["patients", "formats"]), None);
    }
}
