//! SARIF 2.1.0: the ids of the validator as rules, findings as results, what was not checked as results of kind `open`
//! and, counted, as notifications.

use std::env;
use std::path::Path;

use percent_encoding::AsciiSet;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::utf8_percent_encode;
use serde_json::Value;
use serde_json::json;

use crate::diag::Lang;
use crate::fhir::validate::Severity;
use crate::fhir::validate::catalogue;
use crate::fhir::validate::catalogue::Meaning;
use crate::report::validation::Judged;
use crate::report::validation::Tally;
use crate::report::validation::Verdict;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What stays as it is in the path of a URI.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What stands before the first result.
pub fn begin(lang: Lang) -> String {
    let rules: Vec<Value> = catalogue::all().map(|meaning| rule(meaning, lang)).collect();
    let version = env!("CARGO_PKG_VERSION");
    let tool = json!({"driver": {"name": "toetsbank", "version": version, "semanticVersion": version, "rules": rules}});
    let language = match lang {
        Lang::Nl => "nl-NL",
        Lang::En => "en-US",
    };
    format!(
        "{{\"$schema\": \"{SCHEMA}\",\n\"version\": \"2.1.0\",\n\"runs\": [{{\n\"tool\": {tool},\n\"language\": \
         \"{language}\",\n\"columnKind\": \"unicodeCodePoints\",\n\"results\": ["
    )
}

/// The results of one resource, a line each; nothing when there are none.
pub fn render(judged: &Judged<'_>, lang: Lang) -> String {
    let uri = uri(judged.source.file);
    let mut results: Vec<String> = Vec::new();
    for finding in &judged.findings {
        let level = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information => "note",
        };
        let (message, fix) = (finding.message.get(lang), finding.fix(lang));
        let fix = match lang {
            Lang::Nl => format!("{message}. Herstel: {fix}."),
            Lang::En => format!("{message}. Fix: {fix}."),
        };
        let region = json!({"startLine": finding.line, "startColumn": finding.column, "endColumn": finding.end_column});
        let mut result = result(finding.code, &uri, region, &finding.place);
        result["level"] = level.into();
        result["kind"] = "fail".into();
        result["message"] = json!({"text": fix});
        let slice = finding.slice.as_deref().unwrap_or_default();
        result["properties"] = json!({"profile": finding.profile, "element": finding.element, "slice": slice});
        results.push(result.to_string());
    }
    for skipped in judged.not_checked.iter().filter(|_| judged.verdict != Verdict::Broken) {
        let mut result = result(skipped.code, &uri, json!({"startLine": judged.source.line}), &skipped.place);
        result["level"] = "none".into();
        result["kind"] = "open".into();
        result["message"] = json!({"text": not_checked(skipped.reason.get(lang), lang)});
        results.push(result.to_string());
    }
    results.join(",\n")
}

/// What stands after the last result.
pub fn end(total: &Tally, lang: Lang) -> String {
    let notifications: Vec<Value> = total
        .not_checked
        .iter()
        .map(|(code, count)| {
            let title = catalogue::meaning(code).map_or(*code, |meaning| meaning.title.get(lang));
            json!({
                "descriptor": {"id": code},
                "level": if *code == "bug" { "error" } else { "note" },
                "message": {"text": format!("{} ({count}×)", not_checked(title, lang))},
                "properties": {"count": count},
            })
        })
        .collect();
    let invocation = json!({"executionSuccessful": total.broken == 0, "toolExecutionNotifications": notifications});
    let counts = json!({
        "resources": total.resources, "valid": total.valid, "invalid": total.invalid, "notChecked": total.not_checked(),
    });
    format!("\n],\n\"invocations\": [{invocation}],\n\"properties\": {counts}\n}}]\n}}\n")
}

fn not_checked(reason: &str, lang: Lang) -> String {
    match lang {
        Lang::Nl => format!("niet getoetst: {reason}"),
        Lang::En => format!("not checked: {reason}"),
    }
}

fn rule(meaning: &Meaning, lang: Lang) -> Value {
    let (title, why, fix) = (meaning.title.get(lang), meaning.why.get(lang), meaning.fix.get(lang));
    let (label, source) = match lang {
        Lang::Nl => ("Herstel", "Bron"),
        Lang::En => ("Fix", "Source"),
    };
    let level = if catalogue::OPEN.iter().any(|open| open.code == meaning.code) { "none" } else { "error" };
    json!({
        "id": meaning.code,
        "shortDescription": {"text": title},
        "fullDescription": {"text": why},
        "help": {"text": format!("{why} {label}: {fix}. {source}: {}.", meaning.source)},
        "defaultConfiguration": {"level": level},
    })
}

fn result(code: &str, uri: &str, region: Value, place: &str) -> Value {
    let mut location = json!({"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}});
    if !place.is_empty() {
        location["logicalLocations"] = json!([{"fullyQualifiedName": place, "kind": "element"}]);
    }
    let mut result = json!({"ruleId": code, "locations": [location]});
    if let Some(index) = catalogue::all().position(|meaning| meaning.code == code) {
        result["ruleIndex"] = index.into();
    }
    result
}

/// The address of a file: relative to the folder we are in, or a `file:` one.
fn uri(file: &str) -> String {
    if file == "-" {
        return "stdin".to_owned();
    }
    let path = Path::new(file);
    let here = env::current_dir().ok();
    let inside = here.as_deref().and_then(|here| path.strip_prefix(here).ok());
    let shown = inside.unwrap_or(path).to_string_lossy().replace('\\', "/");
    let shown = shown.strip_prefix("./").unwrap_or(&shown);
    let encoded = utf8_percent_encode(shown, PATH).to_string();
    match (inside.is_none() && path.is_absolute(), encoded.starts_with('/')) {
        (true, true) => format!("file://{encoded}"),
        (true, false) => format!("file:///{encoded}"),
        (false, _) => encoded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_relative_and_encoded() {
        assert_eq!(uri("map met spatie/é.json"), "map%20met%20spatie/%C3%A9.json");
        assert_eq!(uri("./a.json"), "a.json");
        assert_eq!(uri("/nowhere/a.json"), "file:///nowhere/a.json");
        let here = env::current_dir().unwrap().join("x/a.json");
        assert_eq!(uri(&here.to_string_lossy()), "x/a.json");
        assert_eq!(uri("-"), "stdin");
    }
}
