//! `toetsbank init`: writes a candidate file, with the answers to a few questions or as a commented template.

use std::fs::OpenOptions;
use std::io;
use std::io::BufRead;
use std::io::IsTerminal;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::cli::Globals;
use crate::cli::OK;
use crate::cli::USAGE;
use crate::diag::Lang;
use crate::diag::Text;
use crate::text;

/// The commented candidate file. What is asked stands in it once, between quotes.
pub const TEMPLATE: &str = include_str!("init.toml");

/// Write a candidate file: asks a few questions, or gives a template when there is nobody to ask.
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank init --out toetsbank.toml")]
pub struct InitArgs {
    /// Where to write it; must not exist yet
    #[arg(long, value_name = "FILE", default_value = "toetsbank.toml")]
    out: PathBuf,
    /// Ask nothing: write the template as it is
    #[arg(long)]
    template: bool,
}

/// One question: the words, and the value in the template that the answer takes the place of.
struct Question {
    text: Text,
    example: &'static str,
}

/// Writes the file.
pub fn run(args: &InitArgs, globals: Globals) -> u8 {
    let ask = !args.template && io::stdin().is_terminal();
    let answers = if ask { interview(&mut io::stdin().lock(), globals.lang) } else { Vec::new() };
    let path = args.out.display();
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&args.out)
        .and_then(|mut file| file.write_all(filled(&answers).as_bytes()));
    match written {
        Ok(()) => {
            let done = text!(
                "{path} is geschreven; kijk het na met `toetsbank check {path}`",
                "{path} is written; look it over with `toetsbank check {path}`"
            );
            println!("{}", done.get(globals.lang));
            OK
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let refused = text!(
                "{path} bestaat al; kies een andere naam met `--out`",
                "{path} exists already; choose another name with `--out`"
            );
            eprintln!("{}", refused.get(globals.lang));
            USAGE
        }
        Err(error) => {
            let failed = text!("{path} is niet te schrijven: {error}", "{path} cannot be written: {error}");
            eprintln!("{}", failed.get(globals.lang));
            USAGE
        }
    }
}

fn questions() -> [Question; 8] {
    let question = |nl: &str, en: &str, example| Question { text: Text::new(nl, en), example };
    [
        question("Leverancier", "Vendor", "Voorbeeld BV"),
        question("Product", "Product", "Voorbeeld DVA"),
        question("Versie", "Version", "4.2"),
        question("MedMij-naam van de aanbieder", "MedMij name of the provider", "voorbeeldziekenhuis@medmij"),
        question("AuthorizationEndpoint", "AuthorizationEndpoint", "https://auth.voorbeeld.example/authorize"),
        question("TokenEndpoint", "TokenEndpoint", "https://token.voorbeeld.example/token"),
        question("ResourceEndpoint voor de BgZ", "ResourceEndpoint for the BgZ", "https://fhir.voorbeeld.example/bgz"),
        question(
            "Hostnaam waaronder u ons kent (client_id)",
            "Host name you know us by (client_id)",
            "pgo.toetsbank.example",
        ),
    ]
}

/// Asks the questions; an empty answer keeps the example. Gives example and answer.
fn interview(input: &mut impl BufRead, lang: Lang) -> Vec<(&'static str, String)> {
    let mut answers = Vec::new();
    for question in questions() {
        print!("{} [{}]: ", question.text.get(lang), question.example);
        // A terminal that cannot be written to will show at the next line.
        let _ = io::stdout().flush();
        let mut line = String::new();
        match input.read_line(&mut line) {
            Ok(0) | Err(_) => break,
            Ok(_) if line.trim().is_empty() => {}
            Ok(_) => answers.push((question.example, line.trim().to_owned())),
        }
    }
    answers
}

fn filled(answers: &[(&'static str, String)]) -> String {
    let mut text = TEMPLATE.to_owned();
    for (example, answer) in answers {
        let clean: String = answer.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\')).collect();
        text = text.replace(&format!("\"{example}"), &format!("\"{clean}"));
        // The redirect address lies on the host of the client_id.
        text = text.replace(&format!("\"https://{example}/cb\""), &format!("\"https://{clean}/cb\""));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::candidate;

    fn messages(file: &str) -> Vec<String> {
        let environment = |_: &str| Some("geheim".to_owned());
        let read = candidate::read("toetsbank.toml", file, Path::new("/nowhere"), &environment);
        read.err().map(|errors| errors.0.iter().map(ToString::to_string).collect()).unwrap_or_default()
    }

    /// All that is wrong with the template is that the keys are not there yet.
    #[test]
    fn the_template_is_a_candidate_file() {
        let found = messages(TEMPLATE);
        assert_eq!(found.len(), 3, "{found:#?}");
        assert!(found.iter().all(|message| message.contains("pki/") || message.contains("the file")), "{found:#?}");
    }

    #[test]
    fn answers_take_the_place_of_the_examples() {
        let mut input = "Mijn \"BV\"\n\n5.0\n\n\n\n\npgo.mijn.example\n".as_bytes();
        let text = filled(&interview(&mut input, Lang::Nl));
        for line in [
            "vendor = \"Mijn BV\"",
            "version = \"5.0\"",
            "client_id = \"pgo.mijn.example\"",
            "https://pgo.mijn.example/cb",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert_eq!(messages(&text).len(), 3);
    }

    #[test]
    fn every_question_has_its_place_in_the_template() {
        for question in questions() {
            assert!(TEMPLATE.contains(&format!("\"{}", question.example)), "{}", question.example);
        }
    }
}
