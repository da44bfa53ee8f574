//! `findings.csv`: one line a finding, for a spreadsheet.

use crate::report::model::RunReport;
use crate::report::write::ReportError;

/// The findings as CSV with a header line.
pub fn render(report: &RunReport) -> Result<Vec<u8>, ReportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let columns = [
        "id",
        "rule",
        "code",
        "party",
        "severity",
        "kind",
        "scenario",
        "exchange",
        "place",
        "line",
        "column",
        "expected",
        "seen",
        "profile",
        "explainedBy",
        "waived",
    ];
    writer.write_record(columns).map_err(ReportError::Csv)?;
    for finding in &report.findings {
        let number = |value: Option<u32>| value.map(|value| value.to_string()).unwrap_or_default();
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let party = serde_json::to_value(finding.party).ok().and_then(|value| value.as_str().map(str::to_owned));
        let severity = serde_json::to_value(finding.severity).ok().and_then(|value| value.as_str().map(str::to_owned));
        let cells = [
            finding.id.clone(),
            finding.rule.clone(),
            finding.code.clone(),
            party.unwrap_or_default(),
            severity.unwrap_or_default(),
            finding.kind.clone(),
            text(&finding.scenario),
            number(finding.exchange),
            finding.place.clone(),
            number(finding.line),
            number(finding.column),
            finding.expected.clone(),
            finding.seen.clone(),
            text(&finding.profile),
            text(&finding.explained_by),
            text(&finding.waived),
        ];
        writer.write_record(cells.map(|cell| harmless(&cell))).map_err(ReportError::Csv)?;
    }
    writer.into_inner().map_err(|error| ReportError::Csv(error.into_error().into()))
}

/// A cell that a spreadsheet does not take for a formula: what the candidate sent must not be executed.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_becomes_text() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("Cache-Control"), "Cache-Control");
    }
}
