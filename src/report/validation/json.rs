//! JSON, an object for each resource: what scripts rely on.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::diag::Lang;
use crate::report::validation::Finding;
use crate::report::validation::Judged;

/// The object of one resource, on one line.
pub fn render(judged: &Judged<'_>, lang: Lang) -> String {
    let issues: Vec<Value> = judged.findings.iter().map(|finding| issue(finding, lang)).collect();
    let not_checked: Vec<Value> = judged
        .not_checked
        .iter()
        .map(|one| json!({"place": one.place, "code": one.code, "reason": one.reason.get(lang)}))
        .collect();
    json!({
        "file": judged.source.file,
        "line": judged.source.line,
        "resourceType": judged.resource_type,
        "id": judged.id,
        "verdict": judged.verdict.word(),
        "issues": issues,
        "notChecked": not_checked,
    })
    .to_string()
}

fn issue(finding: &Finding, lang: Lang) -> Value {
    let mut issue = Map::new();
    let mut put = |name: &str, value: Value| issue.insert(name.to_owned(), value);
    put("severity", finding.severity.word().into());
    put("code", finding.code.into());
    put("place", finding.place.as_str().into());
    put("line", finding.line.into());
    put("column", finding.column.into());
    put("profile", finding.profile.as_str().into());
    put("element", finding.element.as_str().into());
    if let Some(slice) = &finding.slice {
        put("slice", slice.as_str().into());
    }
    put("expected", finding.expected.get(lang).into());
    put("seen", finding.seen.get(lang).into());
    put("fix", finding.fix(lang).into());
    put("message", finding.message.get(lang).into());
    Value::Object(issue)
}
