//! `toetsbank rules`: every row of the register, and how it is judged.

use std::collections::BTreeSet;
use std::io;
use std::io::Write;

use clap::Args;
use clap::ValueEnum;
use serde_json::Value;
use serde_json::json;

use crate::cli::COULD_NOT_JUDGE;
use crate::cli::Globals;
use crate::cli::OK;
use crate::diag::Lang;
use crate::diag::Text;
use crate::lists;
use crate::requirement::Cap;
use crate::requirement::Requirement;
use crate::requirement::Role;
use crate::requirement::Testability;
use crate::requirement::register;
use crate::rules;
use crate::suite::Suite;
use crate::suite::load;
use crate::suite::model::ExpectFile;
use crate::text;

/// List the rules of the Afsprakenstelsel and how each is judged.
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank rules --format json")]
pub struct RulesArgs {
    /// Form of the output
    #[arg(long, value_enum, default_value_t = FormatArgument::Text)]
    format: FormatArgument,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatArgument {
    /// A table
    Text,
    /// One JSON array
    Json,
}

/// Prints the register. Exit status: 3 when the embedded suites cannot be read, else 0.
pub fn run(args: &RulesArgs, globals: Globals) -> u8 {
    let suites = match load::embedded() {
        Ok(suites) => suites,
        Err(errors) => {
            eprintln!("toetsbank: {errors}");
            return COULD_NOT_JUDGE;
        }
    };
    let by_suites = verified(&suites);
    let rows = register().rows();
    let text = match args.format {
        FormatArgument::Json => {
            let rows: Vec<Value> = rows.iter().map(|row| as_json(row, &by_suites, globals.lang)).collect();
            let mut text = serde_json::to_string_pretty(&rows).unwrap_or_default();
            text.push('\n');
            text
        }
        FormatArgument::Text => rows.iter().map(|row| as_line(row, &by_suites, globals.lang)).collect(),
    };
    // A closed pipe is no failure.
    let _ = io::stdout().lock().write_all(text.as_bytes());
    OK
}

/// How a row is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The word: judged, observed, manual, paper, judgedBy, lapsed or planned.
    pub word: &'static str,
    /// Why, or by what.
    pub reason: Text,
}

/// How a row is judged; `by_suites` holds the rows that expectations of suites belong to.
pub fn status(row: &Requirement, by_suites: &BTreeSet<String>) -> Status {
    let status = |word, nl: &str, en: &str| Status { word, reason: Text::new(nl, en) };
    if row.since.is_none() {
        return status("lapsed", "vervallen: blijft staan voor de geschiedenis", "lapsed: kept for history");
    }
    if !row.judged_by.is_empty() {
        let list = row.judged_by.join(", ");
        return Status { word: "judgedBy", reason: text!("volgt uit {list}", "follows from {list}") };
    }
    if row.testability == Testability::PaperOnly || row.verdict == Cap::None {
        return status("paper", "niet op de lijn te zien", "nothing on the wire shows it");
    }
    if row.testability == Testability::NeedsOperator || row.verdict == Cap::Manual {
        return status("manual", "vraagt een mens", "needs a person");
    }
    let word = if row.verdict == Cap::Observe { "observed" } else { "judged" };
    if let Some(rule) = rules::rule(&row.id) {
        let summary = rule.summary;
        // A row may bind both sides while only one of them is judged yet.
        let is_of_dvp = !rule.judges(Role::Dva) && row.binds(Role::Dva);
        let reason = match is_of_dvp {
            true => text!("regel, van een DVP: {summary}", "rule, of a DVP: {summary}"),
            false => text!("regel: {summary}", "rule: {summary}"),
        };
        return Status { word, reason };
    }
    if by_suites.contains(&row.id) {
        return status(word, "verwachtingen in de suites", "expectations in the suites");
    }
    if lists::RULES.contains(&row.id.as_str()) {
        return status(word, "`toetsbank lists check`", "`toetsbank lists check`");
    }
    if let Some(reason) = row.unsupported() {
        return Status { word: "planned", reason };
    }
    status("planned", "toetsbank toetst deze regel nog niet", "toetsbank does not test this rule yet")
}

/// Rows that an expectation of a suite belongs to, and the one for all that no row covers.
pub fn verified(suites: &[Suite]) -> BTreeSet<String> {
    let mut rows = BTreeSet::from(["FLOW-35".to_owned()]);
    for suite in suites {
        for (_, scenario) in &suite.scenarios {
            let expectations = scenario.steps.iter().flat_map(|step| &step.expect);
            for expect in expectations.filter(|expect| expect.use_file.is_none()) {
                rows.extend(expect.verifies.clone().or_else(|| scenario.verifies.first().cloned()));
            }
        }
        for shared in suite.shared.values() {
            let of_steps = shared.steps.iter().flat_map(|step| &step.expect);
            rows.extend(shared.expect.iter().chain(of_steps).filter_map(|expect: &ExpectFile| expect.verifies.clone()));
        }
    }
    rows
}

fn as_json(row: &Requirement, by_suites: &BTreeSet<String>, lang: Lang) -> Value {
    let status = status(row, by_suites);
    json!({
        "rule": row.id,
        "code": row.code,
        "roles": row.roles,
        "releases": releases(row),
        "level": row.level,
        "evidence": row.evidence,
        "verdict": row.verdict.word(),
        "status": status.word,
        "reason": status.reason.get(lang),
        "summary": row.summary,
        "source": row.source,
    })
}

fn as_line(row: &Requirement, by_suites: &BTreeSet<String>, lang: Lang) -> String {
    let status = status(row, by_suites);
    let (id, code, verdict, word) = (&row.id, &row.code, row.verdict.word(), status.word);
    format!("{id:<9} {code:<28} {verdict:<8} {word:<9} {}\n", status.reason.get(lang))
}

/// From which release a row is judged, as the register has it.
pub fn releases(row: &Requirement) -> String {
    row.since.map_or_else(|| "lapsed".to_owned(), |since| format!("{}+", since.label()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(id: &str) -> &'static str {
        let by_suites = verified(&load::embedded().unwrap());
        status(register().row(id).unwrap(), &by_suites).word
    }

    #[test]
    fn every_kind_of_row_has_its_status() {
        assert_eq!(word("TOK-20"), "judged");
        assert_eq!(word("FHIR-07"), "judged");
        assert_eq!(word("FLOW-35"), "judged");
        assert_eq!(word("FLOW-05"), "judgedBy");
        assert_eq!(word("FLOW-09"), "manual");
        assert_eq!(word("FLOW-01"), "paper");
        assert_eq!(word("AUTH-08"), "lapsed");
        assert_eq!(word("ABO-01"), "planned");
    }

    #[test]
    fn json_names_every_row_with_the_fields_of_the_contract() {
        let by_suites = BTreeSet::new();
        let rows: Vec<Value> = register().rows().iter().map(|row| as_json(row, &by_suites, Lang::En)).collect();
        assert_eq!(rows.len(), register().rows().len());
        for field in ["rule", "code", "roles", "releases", "level", "evidence", "verdict", "status", "reason", "source"]
        {
            assert!(rows.iter().all(|row| row.get(field).is_some()), "{field}");
        }
    }
}
