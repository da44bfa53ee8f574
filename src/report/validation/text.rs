//! The form for people: verdict, each finding with its line and what to do, what was not checked.

use colored::Color as Hue;

use crate::diag::Lang;
use crate::fhir::validate::Severity;
use crate::report::console::paint::Paint;
use crate::report::console::paint::plain;
use crate::report::validation::Finding;
use crate::report::validation::Judged;
use crate::report::validation::Skipped;
use crate::report::validation::Tally;
use crate::report::validation::Verdict;
use crate::report::validation::snippet;

/// Places that are named of one reason for which things were not checked.
const PLACES: usize = 3;

/// The block of one resource.
pub fn render(judged: &Judged<'_>, lang: Lang, paint: Paint) -> String {
    let mut out = heading(judged, lang, paint);
    for finding in &judged.findings {
        out.push('\n');
        out.push_str(&block(judged, finding, lang, paint));
    }
    if !judged.not_checked.is_empty() && judged.verdict != Verdict::Broken {
        if !judged.findings.is_empty() {
            out.push('\n');
        }
        out.push_str(&open(&judged.not_checked, lang, paint));
    }
    if !judged.findings.is_empty() {
        out.push('\n');
    }
    out
}

/// The last line: counts of all.
pub fn summary(total: &Tally, files: usize, lang: Lang, paint: Paint) -> String {
    let (nl, resources) = (lang == Lang::Nl, total.resources);
    let files = match (files, nl) {
        (1, true) => "1 bestand".to_owned(),
        (1, false) => "1 file".to_owned(),
        (_, true) => format!("{files} bestanden"),
        (_, false) => format!("{files} files"),
    };
    let resources = match (resources, nl) {
        (1, _) => "1 resource".to_owned(),
        _ => format!("{resources} resources"),
    };
    let (valid, invalid) = (total.valid, total.invalid);
    let (valid, invalid) = match nl {
        true => {
            let verb = |count: usize| if count == 1 { "voldoet" } else { "voldoen" };
            (format!("{valid} {}", verb(valid)), format!("{invalid} {} niet", verb(invalid)))
        }
        false => (format!("{valid} valid"), format!("{invalid} invalid")),
    };
    let invalid = if total.invalid > 0 { paint.hue(Hue::BrightRed, &invalid) } else { invalid };
    let mut parts = vec![format!("{files}, {resources}: {valid}, {invalid}"), findings_phrase(total, lang)];
    if total.broken > 0 {
        let broken = total.broken;
        parts.push(match nl {
            true => format!("{broken} niet beoordeeld door een fout van toetsbank"),
            false => format!("{broken} not judged because of a fault of toetsbank"),
        });
    }
    parts.push(total.not_checked_phrase(lang));
    format!("{}\n", parts.join("; "))
}

/// Counts of findings: `2 errors, 1 warning`.
pub fn findings_phrase(tally: &Tally, lang: Lang) -> String {
    let word = |count: usize, one: &str, more: &str| format!("{count} {}", if count == 1 { one } else { more });
    let (errors, warnings, other) = (tally.errors, tally.warnings, tally.information);
    let mut parts = match lang {
        Lang::Nl => vec![word(errors, "fout", "fouten"), word(warnings, "waarschuwing", "waarschuwingen")],
        Lang::En => vec![word(errors, "error", "errors"), word(warnings, "warning", "warnings")],
    };
    if other > 0 {
        parts.push(match lang {
            Lang::Nl => word(other, "opmerking", "opmerkingen"),
            Lang::En => word(other, "remark", "remarks"),
        });
    }
    parts.join(", ")
}

/// The word for a severity.
pub fn severity(severity: Severity, lang: Lang) -> &'static str {
    match (severity, lang) {
        (Severity::Error, Lang::Nl) => "fout",
        (Severity::Warning, Lang::Nl) => "waarschuwing",
        (Severity::Information, Lang::Nl) => "opmerking",
        (severity, Lang::En) => severity.word(),
    }
}

/// What a finding says beside its place, as labels with their text.
pub fn facts(finding: &Finding, lang: Lang) -> Vec<(&'static str, String)> {
    let label = |nl: &'static str, en: &'static str| if lang == Lang::Nl { nl } else { en };
    if finding.code == "parse" {
        return vec![(label("gezien", "seen"), finding.seen.get(lang).to_owned())];
    }
    let mut facts = vec![
        (label("verwacht", "expected"), finding.expected.get(lang).to_owned()),
        (label("gezien", "seen"), finding.seen.get(lang).to_owned()),
    ];
    if !finding.profile.is_empty() {
        let (profile, element) = (&finding.profile, &finding.element);
        let slice = finding.slice.as_ref().map(|slice| format!(", slice {slice}")).unwrap_or_default();
        facts.push((label("profiel", "profile"), format!("{profile}, element {element}{slice}")));
    }
    facts.push((label("herstel", "fix"), finding.fix(lang).to_owned()));
    facts
}

/// What was not checked, by reason: how often, why, and the first places.
pub fn by_reason(skipped: &[Skipped], lang: Lang) -> Vec<(&'static str, &str, Vec<&str>)> {
    let mut reasons: Vec<(&'static str, &str, Vec<&str>)> = Vec::new();
    for one in skipped {
        let reason = one.reason.get(lang);
        match reasons.iter_mut().find(|(code, known, _)| *code == one.code && *known == reason) {
            Some((_, _, places)) => places.push(&one.place),
            None => reasons.push((one.code, reason, vec![&one.place])),
        }
    }
    reasons
}

fn heading(judged: &Judged<'_>, lang: Lang, paint: Paint) -> String {
    let source = judged.source;
    let (file, name) = (plain(source.file), plain(&judged.name()));
    let at = if source.is_lines { format!("{file}:{}", source.line) } else { file };
    let (word, hue) = match (judged.verdict, lang) {
        (Verdict::Valid, Lang::Nl) => ("voldoet", Hue::Green),
        (Verdict::Valid, Lang::En) => ("valid", Hue::Green),
        (Verdict::Invalid, Lang::Nl) => ("voldoet niet", Hue::BrightRed),
        (Verdict::Invalid, Lang::En) => ("invalid", Hue::BrightRed),
        (Verdict::Broken, Lang::Nl) => ("niet beoordeeld: fout in toetsbank", Hue::Magenta),
        (Verdict::Broken, Lang::En) => ("not judged: bug in toetsbank", Hue::Magenta),
    };
    let word = paint.hue(hue, word);
    if judged.findings.is_empty() {
        return format!("{at}: {name}: {word}\n");
    }
    let counts = findings_phrase(&Tally::of(judged), lang);
    format!("{at}: {name}: {word} ({counts})\n")
}

fn block(judged: &Judged<'_>, finding: &Finding, lang: Lang, paint: Paint) -> String {
    let hue = match finding.severity {
        Severity::Error => Hue::BrightRed,
        Severity::Warning => Hue::Yellow,
        Severity::Information => Hue::Cyan,
    };
    let (word, code, place) = (severity(finding.severity, lang), finding.code, plain(&finding.place));
    let (line, column) = (finding.line, finding.column);
    let shown = snippet::at(judged.source.text, finding.offset);
    let text = judged.covers.cover(&shown.line);
    let gutter = " ".repeat(line.to_string().len());
    let mark = paint.hue(hue, &"^".repeat(shown.width));
    let indent = " ".repeat(shown.indent);
    let title = paint.hue(hue, &format!("{word} [{code}]"));
    let mut out = format!("  {title} {}\n", paint.strong(&place)).replace(" \n", "\n");
    let at = format!("{}:{line}:{column}", plain(judged.source.file));
    let dim = |text: &str| paint.dim(text);
    out.push_str(&format!("   {gutter}{} {at}\n", dim("╭─")));
    out.push_str(&format!("  {} {} {text}\n", dim(&line.to_string()), dim("│")));
    out.push_str(&format!("   {gutter}{} {indent}{mark}\n", dim("·")));
    let facts = facts(finding, lang);
    let width = facts.iter().map(|(label, _)| label.len()).max().unwrap_or_default();
    for (label, text) in facts {
        out.push_str(&format!("   {gutter}  {} {}\n", dim(&format!("{label:<width$}")), plain(&text)));
    }
    out
}

fn open(skipped: &[Skipped], lang: Lang, paint: Paint) -> String {
    let words = match lang {
        Lang::Nl => "niet getoetst",
        Lang::En => "not checked",
    };
    let mut out = format!("  {words}: {}\n", skipped.len());
    for (code, reason, places) in by_reason(skipped, lang) {
        let count = places.len();
        let mut named: Vec<String> = places.iter().take(PLACES).map(|place| plain(place)).collect();
        if count > PLACES {
            named.push("…".to_owned());
        }
        let line = format!("    {count}× {} [{code}]: {}", plain(reason), named.join(", "));
        out.push_str(&format!("{}\n", paint.dim(&line)));
    }
    out
}
