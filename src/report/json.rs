//! `report.json` and its schema.

use crate::report::model::RunReport;
use crate::report::write::ReportError;

/// The report as JSON, for people to read too.
pub fn render(report: &RunReport) -> Result<String, ReportError> {
    let mut text = serde_json::to_string_pretty(report).map_err(ReportError::Json)?;
    text.push('\n');
    Ok(text)
}

/// The JSON Schema of `report.json`, as `reports/report.schema.json` publishes it.
pub fn schema() -> Result<String, ReportError> {
    let mut schema = schemars::schema_for!(RunReport);
    schema.insert("title".to_owned(), "toetsbank report.json".into());
    let mut text = serde_json::to_string_pretty(&schema).map_err(ReportError::Json)?;
    text.push('\n');
    Ok(text)
}
