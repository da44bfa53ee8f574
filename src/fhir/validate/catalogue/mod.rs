//! What each stable id of the validator means: what is wrong, why FHIR asks it, how to fix it, where it is written.
//!
//! Texts only; the judging is in the neighbours. Entry points: [`meaning`] for one id, [`all`] for the list.

mod definition;
mod elements;
mod links;
mod open;
mod questionnaire;
mod text;

use crate::diag::Lang;

pub use open::OPEN;

/// A text that never changes, in both languages.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// Dutch.
    pub nl: &'static str,
    /// English.
    pub en: &'static str,
}

impl Words {
    /// The text in one language.
    pub fn get(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Nl => self.nl,
            Lang::En => self.en,
        }
    }
}

/// The meaning of a stable id.
#[derive(Clone, Copy, Debug)]
pub struct Meaning {
    /// The id, as findings carry it: `cardinality-min`.
    pub code: &'static str,
    /// Code of the value set `issue-type` of FHIR, for an OperationOutcome; in STU3 and R4 alike.
    pub issue_type: &'static str,
    /// What it says, as a heading.
    pub title: Words,
    /// Why it is so.
    pub why: Words,
    /// What to do about it.
    pub fix: Words,
    /// Where it is written: a page of the FHIR specification with its section.
    pub source: &'static str,
}

/// The meaning of an id; `None` for an id that no finding has.
pub fn meaning(code: &str) -> Option<&'static Meaning> {
    all().find(|meaning| meaning.code == code)
}

/// All ids: of findings, then of what is not checked.
pub fn all() -> impl Iterator<Item = &'static Meaning> + Clone {
    let findings = [definition::DEFINITION, elements::ELEMENTS, links::LINKS, questionnaire::QUESTIONNAIRE, text::TEXT];
    findings.into_iter().flatten().chain(OPEN)
}

/// A row of the catalogue; each text is Dutch, then English.
const fn row(
    code: &'static str,
    issue_type: &'static str,
    title: [&'static str; 2],
    why: [&'static str; 2],
    fix: [&'static str; 2],
    source: &'static str,
) -> Meaning {
    Meaning { code, issue_type, title: words(title), why: words(why), fix: words(fix), source }
}

const fn words(text: [&'static str; 2]) -> Words {
    Words { nl: text[0], en: text[1] }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fs;
    use std::path::Path;
    use std::path::PathBuf;

    use super::*;

    /// Words in the sources that look like an id and are none.
    const NO_IDS: &[&str] = &["a-1", "open-choice", "2026-11-25"];

    #[test]
    fn every_id_in_the_sources_has_its_meaning() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/fhir");
        let looks = regex::Regex::new("\"([a-z0-9]+(?:-[a-z0-9]+)+)\"").unwrap();
        let mut files = vec![here.join("syntax.rs")];
        below(&here.join("validate"), &mut files);
        let mut missing = Vec::new();
        assert!(files.len() > 20, "{files:?}");
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
            for found in
                code.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|l| looks.captures_iter(l))
            {
                if meaning(&found[1]).is_none() && !NO_IDS.contains(&&found[1]) {
                    missing.push(format!("{}: `{}`", file.display(), &found[1]));
                }
            }
        }
        assert!(missing.is_empty(), "add a row to src/fhir/validate/catalogue, or to NO_IDS:\n{}", missing.join("\n"));
    }

    /// The sources below a folder, the catalogue itself apart.
    fn below(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                files.push(path);
            } else if !path.ends_with("catalogue") {
                below(&path, files);
            }
        }
    }

    /// The value set `issue-type` of STU3, all of which R4 has too.
    const ISSUE_TYPES: &str = "invalid structure required value invariant security login unknown expired forbidden suppressed \
        processing not-supported duplicate not-found too-long code-invalid extension too-costly business-rule conflict \
        incomplete transient lock-error no-store exception timeout throttled informational";

    #[test]
    fn rows_are_whole_and_unique() {
        let mut known = HashSet::new();
        for meaning in all() {
            assert!(known.insert(meaning.code), "{} twice", meaning.code);
            for words in [meaning.title, meaning.why, meaning.fix] {
                assert!(!words.nl.is_empty() && !words.en.is_empty() && words.nl != words.en, "{}", meaning.code);
            }
            assert!(!meaning.source.is_empty(), "{}", meaning.code);
            let known = ISSUE_TYPES.split_whitespace().any(|kind| kind == meaning.issue_type);
            assert!(known, "{}: {}", meaning.code, meaning.issue_type);
        }
    }
}
