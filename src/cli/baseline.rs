//! `--baseline`: an earlier run whose findings are known, so that the exit status tells of new ones only.
//!
//! The report still shows everything and keeps its verdict. Entry point: [`Baseline::read`].

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli;
use crate::cli::FailOn;
use crate::cli::outcome;
use crate::diag::Lang;
use crate::diag::Severity;
use crate::event::Finding;
use crate::event::RunOutcome;
use crate::text;

/// Name of the report that is read.
const REPORT: &str = "report.json";

/// The findings of an earlier run, by their ids: one that comes again has the same id.
pub struct Baseline {
    known: BTreeSet<String>,
    name: String,
}

impl Baseline {
    /// Reads the folder of a run, or its `report.json`.
    ///
    /// # Errors
    /// A message for people.
    pub fn read(run: &Path) -> Result<Self, String> {
        let path = if run.is_dir() { run.join(REPORT) } else { run.to_owned() };
        let failed = |why: &dyn std::fmt::Display| {
            format!(
                "cannot compare with `{}`: {why}; `--baseline` takes the folder of a run that wrote `json`",
                path.display()
            )
        };
        let text = fs::read_to_string(&path).map_err(|error| failed(&error))?;
        let report: Value = serde_json::from_str(&text).map_err(|error| failed(&error))?;
        let findings = report.get("findings").and_then(Value::as_array).ok_or_else(|| failed(&"it has no findings"))?;
        let known = findings.iter().filter_map(|finding| finding.get("id")?.as_str().map(str::to_owned));
        Ok(Self { known: known.collect(), name: run.display().to_string() })
    }

    /// The exit status of a run, with what is new and what is gone told on standard error.
    pub fn status(&self, judged: &RunOutcome, fail_on: FailOn, lang: Lang) -> u8 {
        let counts = |finding: &&Finding| finding.severity > Severity::Information && finding.waived.is_none();
        let counted: Vec<&Finding> = judged.findings.iter().filter(counts).collect();
        let (old, new): (Vec<&Finding>, Vec<&Finding>) =
            counted.iter().partition(|finding| self.known.contains(&finding.id));
        let now: BTreeSet<String> = judged.findings.iter().map(|finding| finding.id.clone()).collect();
        let (news, olds, gone) = (new.len(), old.len(), self.known.difference(&now).count());
        let name = &self.name;
        let told = text!(
            "ten opzichte van `{name}`: {news} nieuw, {olds} bekend, {gone} verdwenen",
            "compared with `{name}`: {news} new, {olds} known, {gone} gone"
        );
        eprintln!("toetsbank: {}", told.get(lang));
        for finding in &new {
            eprintln!("  + {} {}: {}", finding.rule, finding.place, finding.seen.get(lang));
        }
        if news > 0 && fail_on == FailOn::Warning {
            return cli::FAILED;
        }
        // A stale waiver has no finding, and is for the candidate file.
        outcome::status(judged.verdict_on(|finding| !self.known.contains(&finding.id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Text;
    use crate::event::Party;
    use crate::event::RunVerdict;

    fn outcome(findings: &[(&str, Severity)]) -> RunOutcome {
        let finding = |(id, severity): &(&str, Severity)| Finding {
            id: (*id).to_owned(),
            rule: "TOK-20".to_owned(),
            party: Party::Dva,
            severity: *severity,
            kind: "kind".to_owned(),
            scenario: None,
            exchange: None,
            place: "place".to_owned(),
            position: None,
            expected: Text::same("a"),
            seen: Text::same("b"),
            profile: None,
            explained_by: None,
            waived: None,
        };
        let is_bad = findings.iter().any(|(_, severity)| *severity == Severity::Error);
        RunOutcome {
            verdict: if is_bad { RunVerdict::NotConformant } else { RunVerdict::Conformant },
            scenarios: Vec::new(),
            requirements: Vec::new(),
            findings: findings.iter().map(finding).collect(),
            not_checked: Vec::new(),
            tables: Vec::new(),
            stale_waivers: Vec::new(),
            is_cut_short: false,
        }
    }

    #[test]
    fn only_what_is_new_counts() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(REPORT), r#"{"findings": [{"id": "a"}, {"id": "b"}]}"#).unwrap();
        let baseline = Baseline::read(folder.path()).unwrap();
        let status = |findings: &[(&str, Severity)], on| baseline.status(&outcome(findings), on, Lang::En);
        assert_eq!(status(&[("a", Severity::Error)], FailOn::Fail), cli::OK);
        assert_eq!(status(&[("a", Severity::Error), ("c", Severity::Error)], FailOn::Fail), cli::FAILED);
        assert_eq!(status(&[("c", Severity::Warning)], FailOn::Fail), cli::OK);
        assert_eq!(status(&[("c", Severity::Warning)], FailOn::Warning), cli::FAILED);
        assert_eq!(status(&[("c", Severity::Information)], FailOn::Warning), cli::OK);
    }

    #[test]
    fn known_findings_do_not_hide_that_not_all_was_judged() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(REPORT), r#"{"findings": [{"id": "a"}]}"#).unwrap();
        let baseline = Baseline::read(folder.path()).unwrap();
        let known = || outcome(&[("a", Severity::Error)]);
        let status = |judged: RunOutcome| baseline.status(&judged, FailOn::Fail, Lang::En);
        assert_eq!(status(known()), cli::OK);
        assert_eq!(status(RunOutcome { is_cut_short: true, ..known() }), cli::COULD_NOT_JUDGE);
        let stale_waivers = vec![("TOK-20".to_owned(), Text::same("expired"))];
        assert_eq!(status(RunOutcome { stale_waivers, is_cut_short: true, ..known() }), cli::FAILED);
        let new = outcome(&[("a", Severity::Error), ("c", Severity::Error)]);
        assert_eq!(status(RunOutcome { is_cut_short: true, ..new }), cli::FAILED);
    }

    #[test]
    fn a_folder_without_report_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let told = Baseline::read(folder.path()).err().unwrap();
        assert!(told.contains("cannot compare") && told.contains("`json`"), "{told}");
    }
}
