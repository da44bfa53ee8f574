//! What `lists check` prints: each list with what is wrong in it, for people and as JSON.
//!
//! Knows nothing of files. Entry points: [`text`], [`summary`], [`to_json`].

use colored::Color as Hue;
use serde_json::Value;
use serde_json::json;

use crate::diag::Lang;
use crate::diag::Severity;
use crate::lists::Mistake;
use crate::lists::Reading;
use crate::lists::schema::Evidence;
use crate::report::console::Color;
use crate::report::console::paint::Paint;
use crate::report::console::paint::plain;
use crate::report::validation::snippet;
use crate::text;

/// A list as text: a line for the list, and a block for each mistake with the source and a mark.
pub fn text(
    file: &str,
    reading: &Reading,
    mistakes: &[Mistake],
    lang: Lang,
    color: Color,
    is_terminal: bool,
) -> String {
    let paint = Paint::new(color, is_terminal);
    let file = plain(file);
    let what = match (reading.schema, lang) {
        (Some(schema), Lang::Nl) => format!("{}, {}", schema.kind.name(), schema.version.0),
        (Some(schema), Lang::En) => format!("{}, {}", schema.kind.name(), schema.version.1),
        (None, Lang::Nl) => "geen lijst die toetsbank kent".to_owned(),
        (None, Lang::En) => "no list that toetsbank knows".to_owned(),
    };
    let is_valid = mistakes.iter().all(|mistake| mistake.severity < Severity::Error);
    // What has no schema to follow is not right because nothing was found.
    let (nl, en, hue) = match (is_valid, reading.schema.map(|schema| schema.evidence)) {
        (false, _) => ("voldoet niet", "invalid", Hue::BrightRed),
        (true, Some(Evidence::Xsd)) => ("voldoet", "valid", Hue::Green),
        (true, Some(Evidence::Seen)) => ("geen fouten gezien", "no errors seen", Hue::Green),
        (true, None) => ("niet getoetst", "not checked", Hue::Yellow),
    };
    let word = if lang == Lang::Nl { nl } else { en };
    let mut out = format!("{file}: {what}: {}\n", paint.hue(hue, word));
    for mistake in mistakes {
        out.push('\n');
        out.push_str(&block(&file, reading, mistake, lang, paint));
    }
    if !mistakes.is_empty() {
        out.push('\n');
    }
    out
}

/// The last line: how many lists, and how many mistakes.
pub fn summary(lists: usize, mistakes: &[&Mistake], lang: Lang) -> String {
    let count = |severity| mistakes.iter().filter(|mistake| mistake.severity == severity).count();
    let word = |count: usize, one: &str, more: &str| format!("{count} {}", if count == 1 { one } else { more });
    let (errors, warnings, other) = (count(Severity::Error), count(Severity::Warning), count(Severity::Information));
    let parts = match lang {
        Lang::Nl => [
            word(lists, "lijst", "lijsten"),
            word(errors, "fout", "fouten"),
            word(warnings, "waarschuwing", "waarschuwingen"),
            word(other, "opmerking", "opmerkingen"),
        ],
        Lang::En => [
            word(lists, "list", "lists"),
            word(errors, "error", "errors"),
            word(warnings, "warning", "warnings"),
            word(other, "remark", "remarks"),
        ],
    };
    let [lists, findings @ ..] = parts;
    format!("{lists}: {}\n", findings.join(", "))
}

/// A mistake as `lists check --format json` has it.
pub fn to_json(file: &str, mistake: &Mistake, lang: Lang) -> Value {
    json!({
        "file": file,
        "line": mistake.line,
        "column": mistake.column,
        "rule": mistake.rule,
        "severity": word_of(mistake.severity),
        "message": mistake.message().get(lang),
        "code": mistake.code,
        "place": mistake.place,
        "expected": mistake.expected.get(lang),
        "seen": mistake.seen.get(lang),
        "fix": mistake.fix.get(lang),
    })
}

fn word_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "information",
    }
}

fn block(file: &str, reading: &Reading, mistake: &Mistake, lang: Lang, paint: Paint) -> String {
    let (hue, nl) = match mistake.severity {
        Severity::Error => (Hue::BrightRed, "fout"),
        Severity::Warning => (Hue::Yellow, "waarschuwing"),
        Severity::Information => (Hue::Cyan, "opmerking"),
    };
    let word = if lang == Lang::Nl { nl } else { word_of(mistake.severity) };
    let (rule, code, line, column) = (mistake.rule, mistake.code, mistake.line, mistake.column);
    let title = paint.hue(hue, &format!("{word} [{rule} {code}]"));
    let mut out = format!("  {title} {}", paint.strong(&plain(&mistake.place))).trim_end().to_owned() + "\n";
    let gutter = " ".repeat(line.to_string().len());
    if !reading.text.is_empty() {
        let shown = snippet::at(reading.text.as_bytes(), mistake.span.0);
        let mark = paint.hue(hue, &"^".repeat(shown.width));
        let indent = " ".repeat(shown.indent);
        out.push_str(&format!("   {gutter}{} {file}:{line}:{column}\n", paint.dim("╭─")));
        out.push_str(&format!("  {} {} {}\n", paint.dim(&line.to_string()), paint.dim("│"), shown.line));
        out.push_str(&format!("   {gutter}{} {indent}{mark}\n", paint.dim("·")));
    }
    let facts = [
        (text!("gezien", "seen"), &mistake.seen),
        (text!("verwacht", "expected"), &mistake.expected),
        (text!("herstel", "fix"), &mistake.fix),
    ];
    for (label, fact) in facts.iter().filter(|(_, fact)| !fact.nl.is_empty()) {
        let label = format!("{:<8}", label.get(lang));
        out.push_str(&format!("   {gutter}  {} {}\n", paint.dim(&label), plain(fact.get(lang))));
    }
    out
}
