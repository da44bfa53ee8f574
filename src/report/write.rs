//! Puts the report files in the folder of the run, each whole or not at all.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::exchange::Run;
use crate::report::csv;
use crate::report::html;
use crate::report::json;
use crate::report::junit;
use crate::report::markdown;
use crate::report::model::RunReport;

/// Kinds of report, by the word of `--report`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `report.html`
    Html,
    /// `report.json`
    Json,
    /// `junit.xml`
    Junit,
    /// `summary.md`
    Markdown,
    /// `findings.csv`
    Csv,
}

impl Kind {
    /// Every kind, in the order in which they are written.
    pub const ALL: [Self; 5] = [Self::Json, Self::Html, Self::Junit, Self::Markdown, Self::Csv];

    /// The word of `--report`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Markdown => "md",
            Self::Csv => "csv",
        }
    }

    /// The kind by its word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Name of its file.
    pub fn file(self) -> &'static str {
        match self {
            Self::Html => "report.html",
            Self::Json => "report.json",
            Self::Junit => "junit.xml",
            Self::Markdown => "summary.md",
            Self::Csv => "findings.csv",
        }
    }
}

/// Why a report was not written.
#[derive(Debug)]
pub enum ReportError {
    /// The folder or a file in it cannot be written.
    Write {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A template cannot be rendered: a fault of the program.
    Template(tera::Error),
    /// A value cannot be JSON: a fault of the program.
    Json(serde_json::Error),
    /// A record cannot be CSV: a fault of the program.
    Csv(::csv::Error),
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write { path, source } => {
                write!(f, "cannot write `{}`: {source}; choose another folder with `--out`", path.display())
            }
            Self::Template(_) => write!(f, "the HTML report cannot be rendered; `report.json` holds the same facts"),
            Self::Json(_) => write!(f, "the report cannot be put into JSON"),
            Self::Csv(_) => write!(f, "the findings cannot be put into CSV"),
        }
    }
}

impl std::error::Error for ReportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Write { source, .. } => Some(source),
            Self::Template(source) => Some(source),
            Self::Json(source) => Some(source),
            Self::Csv(source) => Some(source),
        }
    }
}

/// Writes these kinds of report into a folder, which is made when it is not there. Gives the paths that were written.
pub fn write(folder: &Path, kinds: &[Kind], report: &RunReport, run: &Run) -> Result<Vec<PathBuf>, ReportError> {
    fs::create_dir_all(folder).map_err(|source| ReportError::Write { path: folder.to_owned(), source })?;
    let mut written = Vec::new();
    for &kind in kinds {
        let path = folder.join(kind.file());
        replace(&path, &content(kind, report, run)?)?;
        written.push(path);
    }
    Ok(written)
}

fn content(kind: Kind, report: &RunReport, run: &Run) -> Result<Vec<u8>, ReportError> {
    Ok(match kind {
        Kind::Html => html::render(report, run)?.into_bytes(),
        Kind::Json => json::render(report)?.into_bytes(),
        Kind::Junit => junit::render(report).into_bytes(),
        Kind::Markdown => markdown::render(report).into_bytes(),
        Kind::Csv => csv::render(report)?,
    })
}

/// Writes beside the file and renames, so that a reader never sees half of it.
fn replace(path: &Path, content: &[u8]) -> Result<(), ReportError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    let failed = |source| ReportError::Write { path: path.to_owned(), source };
    fs::write(&beside, content).map_err(failed)?;
    fs::rename(&beside, path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        replace(&path, b"old").unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, b"").unwrap();
        let error = replace(&path.join("report.json"), b"x").unwrap_err();
        assert!(error.to_string().contains("report.json") && error.to_string().contains("--out"), "{error}");
    }

    #[test]
    fn words_and_kinds_are_one_to_one() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_word(kind.word()), Some(kind));
        }
        assert_eq!(Kind::from_word("pdf"), None);
    }
}
