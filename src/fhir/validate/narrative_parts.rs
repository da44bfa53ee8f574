//! Constraint: what a profile asks the parts of a narrative to tell, by extensions of its element `text`.
//!
//! `narrative-language-control`: sections by language. `narrative-source-control`: where each text comes from.

use crate::diag::Text;
use crate::fhir::validate::Severity;
use crate::fhir::validate::narrative;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

/// Classes that tell the source of a text: those of the guide of the extensions, and the engine's `original`.
const SOURCES: &[&str] = &["boilerplate", "generated", "extension", "additional", "original"];

/// Longest part of a text that a finding shows, in characters.
const SHOWN: usize = 40;

impl Run<'_> {
    /// Judges the narrative in a `text` of which the profile asks something; XHTML that is wrong is found as such.
    pub fn narrative_parts(&mut self, spot: Spot<'_>, rule: Rule<'_>) {
        let Some(asked) = &rule.node.narrative else { return };
        let Some(value) = spot.element.text("div").filter(|value| narrative::is_sound(value)) else { return };
        let parts = Parts::of(value);
        for language in &asked.languages {
            // Beside a language that must be there, "no section at all" asks nothing that can be met.
            if &**language != "_no" || asked.languages.len() == 1 {
                self.section(spot, rule, language, &parts.sections);
            }
        }
        let severity = asked.source.as_deref().and_then(severity);
        if let (Some(severity), Some(first)) = (severity, parts.unsourced.first()) {
            let count = parts.unsourced.len();
            let expected =
                text!("een `class` met de herkomst op elk stuk tekst", "a `class` with the source on each text");
            let seen = text!("{count} zonder, het eerste: `{first}`", "{count} without one, the first: `{first}`");
            self.report(spot, severity, "narrative-source", rule, expected, seen);
        }
    }

    /// Judges one language that the profile asks for, or that it asks for none or any.
    fn section(&mut self, spot: Spot<'_>, rule: Rule<'_>, asked: &str, sections: &[Section]) {
        let language = match asked {
            // A `lang` alone may also mark a quotation; the engine counts `xml:lang` only.
            "_no" if sections.iter().all(|section| section.xml.is_none()) => return,
            "_yes" if !sections.is_empty() => return,
            "_no" | "_yes" => asked,
            "_resource" => match spot.scope.resource.text("language") {
                Some(language) => language,
                None => return,
            },
            _ => asked,
        };
        let expected = match language {
            "_no" => text!("geen delen per taal", "no sections by language"),
            "_yes" => text!("delen per taal", "sections by language"),
            _ if sections.iter().any(|section| section.is_in(language)) => return,
            _ => text!("een deel in taal `{language}`", "a section in language `{language}`"),
        };
        let names: Vec<String> = sections.iter().map(|section| format!("`{}`", section.name())).collect();
        let seen = if names.is_empty() { text!("geen", "none") } else { Text::same(names.join(", ")) };
        // A narrative in one language for all readers lacks a section, but tells nothing wrong: the engine warns.
        let is_warning = sections.is_empty() && language != "_yes";
        let severity = if is_warning { Severity::Warning } else { Severity::Error };
        self.report(spot, severity, "narrative-language", rule, expected, seen);
    }
}

/// The weight that a profile gives to text without a source; `None` for a word that the extension does not have.
fn severity(word: &str) -> Option<Severity> {
    match word {
        "error" => Some(Severity::Error),
        "warning" => Some(Severity::Warning),
        "hint" | "information" => Some(Severity::Information),
        _ => None,
    }
}

/// What a narrative is made of, as far as a profile asks.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parts {
    sections: Vec<Section>,
    /// Starts of the texts of which no element tells the source.
    unsourced: Vec<String>,
}

/// A section by language: a `div` in the outermost `div`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Section {
    xml: Option<String>,
    html: Option<String>,
}

impl Section {
    /// Whether it is in a language; one of a country is also in the language (RFC 4647, basic filtering).
    fn is_in(&self, language: &str) -> bool {
        [&self.xml, &self.html].into_iter().flatten().any(|own| {
            let start = own.get(..language.len()).is_some_and(|start| start.eq_ignore_ascii_case(language));
            start && matches!(own.as_bytes().get(language.len()), None | Some(b'-'))
        })
    }

    fn name(&self) -> &str {
        self.xml.as_deref().or(self.html.as_deref()).unwrap_or_default()
    }
}

impl Parts {
    /// Takes a sound narrative apart.
    fn of(value: &str) -> Parts {
        let mut parts = Parts::default();
        // Of each open element: whether it, or one around it, tells the source.
        let mut open: Vec<bool> = Vec::new();
        let mut rest = value;
        while let Some(at) = rest.find('<') {
            let words: Vec<&str> = rest[..at].split_whitespace().collect();
            if open.last() == Some(&false) && !words.is_empty() {
                parts.unsourced.push(words.join(" ").chars().take(SHOWN).collect());
            }
            rest = &rest[at..];
            if let Some(after) = narrative::skip(rest) {
                rest = after;
                continue;
            }
            let Some(end) = narrative::tag_end(rest) else { break };
            let tag = &rest[1..end];
            rest = &rest[end + 1..];
            if tag.starts_with('/') {
                open.pop();
                continue;
            }
            let (closed, tag) = (tag.ends_with('/'), tag.trim_end_matches('/'));
            let name = tag.split(char::is_whitespace).next().unwrap_or_default();
            let attributes = narrative::attributes(&tag[name.len()..]);
            let of = |key: &str| attributes.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
            let section = Section { xml: of("xml:lang").map(str::to_owned), html: of("lang").map(str::to_owned) };
            if name == "div" && open.len() == 1 && section != Section::default() {
                parts.sections.push(section);
            }
            let told = of("class").is_some_and(|class| class.split_whitespace().any(|word| SOURCES.contains(&word)));
            if !closed {
                open.push(told || open.last() == Some(&true));
            }
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(inner: &str) -> Parts {
        Parts::of(&format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>"))
    }

    #[test]
    fn sections_are_the_outermost_divs_with_a_language() {
        let two = parts("<div lang=\"nl\" xml:lang=\"nl\">a</div><div lang='en'>b</div>");
        assert_eq!(two.sections.iter().map(Section::name).collect::<Vec<_>>(), ["nl", "en"]);
        assert!(two.sections[0].xml.is_some() && two.sections[1].xml.is_none());
        assert!(
            parts("a<p lang=\"nl\">b</p><div><div lang=\"nl\">c</div></div><!-- <div lang='nl'> -->")
                .sections
                .is_empty()
        );
    }

    #[test]
    fn a_section_of_a_country_is_in_the_language() {
        let section = |language: &str| Section { xml: Some(language.to_owned()), html: None };
        assert!(section("nl").is_in("nl") && section("nl-NL").is_in("nl") && section("NL").is_in("nl"));
        assert!(!section("nld").is_in("nl") && !section("nl").is_in("nl-NL") && !section("é").is_in("n"));
    }

    #[test]
    fn text_is_told_by_its_element_or_one_around_it() {
        assert_eq!(parts("a  b <p>c</p><br/><p class='generated'>d <b>e</b></p>f").unsourced, ["a b", "c", "f"]);
        assert!(parts("<p class='x original'>a</p> <p class=\"boilerplate\">b</p>").unsourced.is_empty());
        assert_eq!(parts("<p class='generate'>a</p>").unsourced, ["a"]);
    }

    #[test]
    fn the_profile_says_how_bad_it_is() {
        assert_eq!(severity("error"), Some(Severity::Error));
        assert_eq!(severity("warning"), Some(Severity::Warning));
        assert_eq!(severity("hint"), Some(Severity::Information));
        assert_eq!(severity("_yes"), None);
    }
}
