//! A FHIR OperationOutcome for each resource, with the extensions that the HL7 validators use for file, line and column.
//!
//! The same elements in STU3 and R4, so one shape serves both. What was not checked is an issue of severity
//! `information`.

use serde_json::Value;
use serde_json::json;

use crate::diag::Lang;
use crate::fhir::validate::Severity;
use crate::fhir::validate::catalogue;
use crate::report::validation::Finding;
use crate::report::validation::Judged;
use crate::report::validation::Skipped;
use crate::report::validation::Style;
use crate::report::validation::Verdict;

const EXTENSION: &str = "http://hl7.org/fhir/StructureDefinition/operationoutcome-";

/// The OperationOutcome of one resource, on one line.
pub fn render(judged: &Judged<'_>, style: Style) -> String {
    let lang = style.lang;
    let mut issues: Vec<Value> = judged.findings.iter().map(|finding| issue(finding, lang)).collect();
    issues.extend(judged.not_checked.iter().map(|skipped| open(judged, skipped, lang)));
    if issues.is_empty() {
        let text = match lang {
            Lang::Nl => "geen bevindingen",
            Lang::En => "no findings",
        };
        issues.push(json!({"severity": "information", "code": "informational", "details": {"text": text}}));
    }
    let name = if judged.source.is_lines {
        format!("{}:{}", judged.source.file, judged.source.line)
    } else {
        judged.source.file.to_owned()
    };
    json!({
        "resourceType": "OperationOutcome",
        "extension": [{"url": format!("{EXTENSION}file"), "valueString": name}],
        "issue": issues,
    })
    .to_string()
}

/// What stands before the first entry when there are more.
pub fn begin() -> &'static str {
    "{\"resourceType\": \"Bundle\", \"type\": \"collection\", \"entry\": [\n"
}

/// An OperationOutcome as an entry.
pub fn entry(outcome: &str) -> String {
    format!("{{\"resource\":{outcome}}}")
}

/// What stands after the last entry.
pub fn end() -> &'static str {
    "\n]}\n"
}

/// An OperationOutcome that stands alone, for reading.
pub fn pretty(outcome: &str) -> String {
    let value = serde_json::from_str::<Value>(outcome).and_then(|value| serde_json::to_string_pretty(&value));
    // Our own text always reads back.
    value.unwrap_or_else(|_| outcome.to_owned())
}

fn issue(finding: &Finding, lang: Lang) -> Value {
    let severity = match finding.severity {
        // Nothing of the text could be judged.
        Severity::Error if finding.code == "parse" => "fatal",
        other => other.word(),
    };
    let (line, column) = (finding.line, finding.column);
    let mut location: Vec<String> = vec![format!("Line[{line}] Col[{column}]")];
    let mut shown = json!({
        "extension": [
            {"url": format!("{EXTENSION}issue-line"), "valueInteger": line},
            {"url": format!("{EXTENSION}issue-col"), "valueInteger": column},
            {"url": format!("{EXTENSION}message-id"), "valueString": finding.code},
        ],
        "severity": severity,
        "code": kind(finding.code),
        "details": {"text": finding.message.get(lang)},
        "diagnostics": finding.fix(lang),
    });
    if !finding.profile.is_empty() {
        let context = json!({"url": format!("{EXTENSION}issue-context"), "valueString": finding.profile});
        shown["extension"].as_array_mut().into_iter().for_each(|extensions| extensions.push(context.clone()));
    }
    if !finding.place.is_empty() {
        location.insert(0, finding.place.clone());
        shown["expression"] = json!([finding.place]);
    }
    shown["location"] = json!(location);
    shown
}

fn open(judged: &Judged<'_>, skipped: &Skipped, lang: Lang) -> Value {
    let words = match lang {
        Lang::Nl => "niet getoetst",
        Lang::En => "not checked",
    };
    let broken = judged.verdict == Verdict::Broken;
    let mut shown = json!({
        "extension": [{"url": format!("{EXTENSION}message-id"), "valueString": skipped.code}],
        "severity": if broken { "fatal" } else { "information" },
        "code": kind(skipped.code),
        "details": {"text": format!("{words}: {}", skipped.reason.get(lang))},
    });
    if !skipped.place.is_empty() {
        shown["expression"] = json!([skipped.place]);
        shown["location"] = json!([skipped.place]);
    }
    shown
}

fn kind(code: &str) -> &'static str {
    catalogue::meaning(code).map_or("processing", |meaning| meaning.issue_type)
}
