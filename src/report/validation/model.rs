//! One resource as it was judged, with all that any form of output says of it.

use crate::diag::Lang;
use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::locate;
use crate::fhir::syntax::ParseError;
use crate::fhir::validate::Issue;
use crate::fhir::validate::NotChecked;
use crate::fhir::validate::Outcome;
use crate::fhir::validate::Severity;
use crate::fhir::validate::catalogue;
use crate::report::validation::privacy::Covers;
use crate::report::validation::snippet;

/// Where a resource was read.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Name of the file as it was given; `-` is standard input.
    pub file: &'a str,
    /// Line at which the text starts, from 1.
    pub line: usize,
    /// Whether the file is NDJSON, so that the line says which resource it is.
    pub is_lines: bool,
    /// The text.
    pub text: &'a [u8],
}

/// What became of a resource; the later the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// No errors.
    Valid,
    /// We failed, not the resource.
    Broken,
    /// Errors.
    Invalid,
}

impl Verdict {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Broken => "notJudged",
            Self::Invalid => "invalid",
        }
    }
}

/// One resource, judged.
#[derive(Clone, Debug)]
pub struct Judged<'a> {
    /// Where it was read.
    pub source: Source<'a>,
    /// Its type, when it could be read.
    pub resource_type: Option<String>,
    /// Its id, when it could be read.
    pub id: Option<String>,
    /// What became of it.
    pub verdict: Verdict,
    /// What is wrong with it, in the order of the text.
    pub findings: Vec<Finding>,
    /// What was not checked.
    pub not_checked: Vec<Skipped>,
    pub(super) covers: Covers,
}

/// Something wrong.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Stable id.
    pub code: &'static str,
    /// FHIRPath; empty for a text that could not be read.
    pub place: String,
    /// Line in the file, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Column after the last character of what the finding is about, on the same line.
    pub end_column: usize,
    /// Byte offset in the text.
    pub offset: usize,
    /// Canonical of the profile or type; may be empty.
    pub profile: String,
    /// Id of the element in it; may be empty.
    pub element: String,
    /// Name of the slice, when the finding is in one.
    pub slice: Option<String>,
    /// What was expected.
    pub expected: Text,
    /// What stands there.
    pub seen: Text,
    /// All of it in one sentence.
    pub message: Text,
}

/// Something that was not checked.
#[derive(Clone, Debug)]
pub struct Skipped {
    /// Stable id of the reason.
    pub code: &'static str,
    /// FHIRPath.
    pub place: String,
    /// Why.
    pub reason: Text,
}

impl Finding {
    /// How to fix it.
    pub fn fix(&self, lang: Lang) -> &'static str {
        catalogue::meaning(self.code).map_or("", |meaning| meaning.fix.get(lang))
    }
}

impl<'a> Judged<'a> {
    /// A resource that was read and judged.
    pub fn new(source: Source<'a>, resource: &Element, outcome: &Outcome) -> Self {
        let is_told = !outcome.issues.is_empty() || !outcome.not_checked.is_empty();
        let covers = if is_told { Covers::of(resource) } else { Covers::default() };
        let mut issues: Vec<&Issue> = outcome.issues.iter().collect();
        issues.sort_by_key(|issue| issue.span.offset);
        let mut lines = locate::Lines::of(source.text);
        let findings: Vec<Finding> =
            issues.into_iter().map(|issue| finding(source, issue, &covers, &mut lines)).collect();
        Self {
            source,
            resource_type: resource.resource_type.as_deref().map(str::to_owned),
            id: resource.text("id").map(str::to_owned),
            verdict: if outcome.is_valid() { Verdict::Valid } else { Verdict::Invalid },
            findings,
            not_checked: outcome.not_checked.iter().map(|skipped| skip(skipped, &covers)).collect(),
            covers,
        }
    }

    /// A text that is no resource.
    pub fn unread(source: Source<'a>, error: &ParseError) -> Self {
        let covers = Covers::of_unread(source.text);
        let seen = covered(&error.kind.text(), &covers);
        let expected = Text::new("FHIR JSON of XML", "FHIR JSON or XML");
        let offset = locate::offset(source.text, error.line, error.column);
        let finding = Finding {
            severity: Severity::Error,
            code: "parse",
            place: String::new(),
            line: source.line - 1 + error.line as usize,
            column: error.column as usize,
            end_column: error.column as usize + 1,
            offset,
            profile: String::new(),
            element: String::new(),
            slice: None,
            expected,
            message: seen.clone(),
            seen,
        };
        let (findings, not_checked) = (vec![finding], Vec::new());
        Self { source, resource_type: None, id: None, verdict: Verdict::Invalid, findings, not_checked, covers }
    }

    /// A resource whose judging broke off.
    pub fn broken(source: Source<'a>) -> Self {
        let reason = Text::new("fout in toetsbank", "bug in toetsbank");
        let not_checked = vec![Skipped { code: "bug", place: String::new(), reason }];
        let (findings, covers) = (Vec::new(), Covers::default());
        Self { source, resource_type: None, id: None, verdict: Verdict::Broken, findings, not_checked, covers }
    }

    /// Name of the resource for people: `Patient/1`, or where it stands.
    pub fn name(&self) -> String {
        match (&self.resource_type, &self.id) {
            (Some(kind), Some(id)) => format!("{kind}/{id}"),
            (Some(kind), None) => kind.clone(),
            (None, _) => "?".to_owned(),
        }
    }
}

fn finding(source: Source<'_>, issue: &Issue, covers: &Covers, lines: &mut locate::Lines<'_>) -> Finding {
    let offset = issue.span.offset as usize;
    let (line, column) = lines.line_column(offset);
    let column = column as usize;
    Finding {
        severity: issue.severity,
        code: issue.code,
        place: issue.place.clone(),
        line: source.line - 1 + line as usize,
        column,
        end_column: column + snippet::width(source.text, offset),
        offset,
        profile: issue.profile.to_string(),
        element: issue.element.to_string(),
        slice: issue.slice().map(str::to_owned),
        expected: covered(&issue.expected, covers),
        seen: covered(&issue.seen, covers),
        message: Text::new(covers.cover(&issue.message(Lang::Nl)), covers.cover(&issue.message(Lang::En))),
    }
}

fn skip(skipped: &NotChecked, covers: &Covers) -> Skipped {
    Skipped { code: skipped.code, place: skipped.place.clone(), reason: covered(&skipped.reason, covers) }
}

fn covered(text: &Text, covers: &Covers) -> Text {
    Text::new(covers.cover(&text.nl), covers.cover(&text.en))
}
