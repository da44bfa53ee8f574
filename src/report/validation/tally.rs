//! Counts of what was judged: small, however much that was.

use std::collections::BTreeMap;

use crate::diag::Lang;
use crate::fhir::validate::Severity;
use crate::report::validation::Judged;
use crate::report::validation::Verdict;

/// Counts over resources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Resources, texts that are none included.
    pub resources: usize,
    /// Without errors.
    pub valid: usize,
    /// With errors.
    pub invalid: usize,
    /// Not judged, by a fault of ours.
    pub broken: usize,
    /// Findings that are errors.
    pub errors: usize,
    /// Findings that are warnings.
    pub warnings: usize,
    /// Other findings.
    pub information: usize,
    /// What was not checked, by the id of the reason.
    pub not_checked: BTreeMap<&'static str, usize>,
}

impl Tally {
    /// The counts of one resource.
    pub fn of(judged: &Judged<'_>) -> Self {
        let mut tally = Self { resources: 1, ..Self::default() };
        match judged.verdict {
            Verdict::Valid => tally.valid = 1,
            Verdict::Invalid => tally.invalid = 1,
            Verdict::Broken => tally.broken = 1,
        }
        for finding in &judged.findings {
            match finding.severity {
                Severity::Error => tally.errors += 1,
                Severity::Warning => tally.warnings += 1,
                Severity::Information => tally.information += 1,
            }
        }
        for skipped in &judged.not_checked {
            *tally.not_checked.entry(skipped.code).or_default() += 1;
        }
        tally
    }

    /// Adds other counts.
    pub fn add(&mut self, other: &Self) {
        self.resources += other.resources;
        self.valid += other.valid;
        self.invalid += other.invalid;
        self.broken += other.broken;
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.information += other.information;
        for (code, count) in &other.not_checked {
            *self.not_checked.entry(code).or_default() += count;
        }
    }

    /// How much was not checked.
    pub fn not_checked(&self) -> usize {
        self.not_checked.values().sum()
    }

    /// What was not checked, in one phrase: `3 not checked (terminology 2, unknown-profile 1)`.
    pub fn not_checked_phrase(&self, lang: Lang) -> String {
        let count = self.not_checked();
        let words = match lang {
            Lang::Nl => "niet getoetst",
            Lang::En => "not checked",
        };
        if count == 0 {
            return format!("0 {words}");
        }
        let reasons: Vec<String> = self.not_checked.iter().map(|(code, count)| format!("{code} {count}")).collect();
        format!("{count} {words} ({})", reasons.join(", "))
    }
}
