//! `toetsbank explain`: a rule, a requirement or an id of the validator: what it asks, why, how it is tested or fixed.

use std::collections::BTreeSet;
use std::io;
use std::io::Write;

use clap::Args;

use crate::cli::Globals;
use crate::cli::OK;
use crate::cli::USAGE;
use crate::cli::rules::releases;
use crate::cli::rules::status;
use crate::cli::rules::verified;
use crate::diag::Lang;
use crate::diag::Text;
use crate::diag::suggestion;
use crate::fhir::validate::catalogue;
use crate::fhir::validate::catalogue::Meaning;
use crate::requirement::Requirement;
use crate::requirement::register;
use crate::rules;
use crate::suite::load;

/// Explain a rule, or an id of a finding of `validate`: what it asks, how it is tested, how to fix it.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: toetsbank explain TOK-20\n         toetsbank explain core.tknint.200\n         toetsbank explain slice-min"
)]
pub struct ExplainArgs {
    /// Local id of a rule, an official code, which several rules may share, or the id of a finding
    #[arg(value_name = "CODE")]
    code: String,
}

/// Prints the rules that the code names. Exit status: 2 when there is none.
pub fn run(args: &ExplainArgs, globals: Globals) -> u8 {
    if let Some(meaning) = catalogue::meaning(&args.code.to_lowercase()) {
        // A closed pipe is no failure.
        let _ = io::stdout().lock().write_all(of_validator(meaning, globals.lang).as_bytes());
        return OK;
    }
    let rows = named(&args.code);
    if rows.is_empty() {
        let code = &args.code;
        let ids = catalogue::all().map(|meaning| meaning.code);
        let known = register().rows().iter().flat_map(|row| [row.id.as_str(), row.code.as_str()]).chain(ids);
        let hint = match suggestion(&code.to_uppercase(), known.clone()).or_else(|| suggestion(code, known)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`toetsbank rules` lists them".to_owned(),
        };
        eprintln!("toetsbank: there is no rule `{code}`: {hint}");
        return USAGE;
    }
    let by_suites = load::embedded().map(|suites| verified(&suites)).unwrap_or_default();
    let texts: Vec<String> = rows.iter().map(|row| explanation(row, &by_suites, globals.lang)).collect();
    // A closed pipe is no failure.
    let _ = io::stdout().lock().write_all(texts.join("\n").as_bytes());
    OK
}

/// The rows with this local id or official code, in any case.
fn named(code: &str) -> Vec<&'static Requirement> {
    let same = |text: &str| text.eq_ignore_ascii_case(code);
    register().rows().iter().filter(|row| code != "-" && (same(&row.id) || same(&row.code))).collect()
}

/// What an id of the validator means.
fn of_validator(meaning: &Meaning, lang: Lang) -> String {
    let (code, title, why, fix) = (meaning.code, meaning.title.get(lang), meaning.why.get(lang), meaning.fix.get(lang));
    let is_open = catalogue::OPEN.iter().any(|open| open.code == code);
    let (kind, why_label, fix_label, source_label) = match (lang, is_open) {
        (Lang::Nl, true) => ("reden waarom iets niet getoetst is", "Waarom", "Wat u kunt doen", "Bron"),
        (Lang::Nl, false) => ("bevinding van `toetsbank validate`", "Waarom", "Hoe u het herstelt", "Bron"),
        (Lang::En, true) => ("reason why something was not checked", "Why", "How to fix it", "Source"),
        (Lang::En, false) => ("finding of `toetsbank validate`", "Why", "How to fix it", "Source"),
    };
    let source = meaning.source;
    let source = if source.starts_with("src/") { source.to_owned() } else { format!("FHIR, {source}") };
    format!(
        "{code} ({kind})\n{title}\n\n## {why_label}\n{why}\n\n## {fix_label}\n{fix}\n\n## {source_label}\n{source}\n"
    )
}

/// Everything that is known of a row; the register and the explanations are in English.
fn explanation(row: &Requirement, by_suites: &BTreeSet<String>, lang: Lang) -> String {
    let label = |nl: &'static str, en: &'static str| Text::new(nl, en).get(lang).to_owned();
    let status = status(row, by_suites);
    let mut text = format!("{} ({})\n{}\n\n", row.id, row.code, row.summary);
    let roles = row.roles.join(", ");
    let facts = [
        (label("Rollen", "Roles"), roles),
        (label("Niveau", "Level"), row.level.clone()),
        (label("Bewijs", "Evidence"), row.evidence.clone()),
        (label("Geldt vanaf", "Releases"), releases(row)),
        (label("Zwaarste oordeel", "Worst verdict"), row.verdict.word().to_owned()),
        (label("Stand", "Status"), format!("{}: {}", status.word, status.reason.get(lang))),
    ];
    for (name, value) in facts {
        text += &format!("{name:<17} {value}\n");
    }
    text += &match rules::rule(&row.id) {
        Some(rule) => {
            let lines = rule.explanation.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
            format!("\n{}\n", lines.collect::<Vec<_>>().join("\n").trim_end())
        }
        None => format!("\n## {}\n{}\n", label("Hoe het wordt getoetst", "How it is tested"), row.how_to_test),
    };
    text += &format!("\n## {}\n", label("Bronnen", "Sources"));
    for source in row.source.split_whitespace() {
        text += &format!("{source}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_id_names_one_row_and_a_code_may_name_several() {
        assert_eq!(named("tok-20").len(), 1);
        assert!(named("core.tknint.200").len() > 3);
        assert!(named("-").is_empty());
        assert!(named("TOK-999").is_empty());
    }

    #[test]
    fn a_rule_is_explained_by_its_own_text() {
        let row = register().row("TOK-10").unwrap();
        let text = explanation(row, &BTreeSet::new(), Lang::En);
        assert!(text.starts_with("TOK-10 (core.tknint.201)\n"), "{text}");
        for part in
            ["Worst verdict     fail", "\n## How it is tested\n", "\n## Not covered\n", "\n## Sources\nhttps://"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn a_row_without_rule_is_explained_by_the_register() {
        let text = explanation(register().row("FLOW-01").unwrap(), &BTreeSet::new(), Lang::Nl);
        assert!(text.contains("Stand             paper: niet op de lijn te zien"), "{text}");
        assert!(text.contains("## Hoe het wordt getoetst"), "{text}");
    }
}
