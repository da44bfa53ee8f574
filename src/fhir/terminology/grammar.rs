//! Code systems that have a grammar instead of a list: UCUM, language tags, media types, countries.
//!
//! Says what the grammar refuses; what it lets through exists only where the grammar is the whole system (UCUM).
//! Entry point: [`is_code`].

use crate::fhir::terminology::ucum;

/// The system of the units of UCUM.
pub(super) const UCUM: &str = "http://unitsofmeasure.org";

/// The system of language tags.
const LANGUAGES: &str = "urn:ietf:bcp:47";

/// The system of countries.
pub(super) const COUNTRIES: &str = "urn:iso:std:iso:3166";

/// Whether a system can have the code; `None` for a system without a grammar that we know.
pub(super) fn is_code(system: &str, code: &str) -> Option<bool> {
    match system {
        UCUM => Some(ucum::is_unit(code)),
        LANGUAGES => Some(is_language_tag(code)),
        COUNTRIES => Some(is_country(code)),
        _ => None,
    }
}

/// Whether every code that the grammar lets through exists.
pub(super) fn is_whole(system: &str) -> bool {
    system == UCUM
}

/// Codes of two or three letters or of three digits (ISO 3166-1), of subdivisions (`NL-ZH`, 3166-2) and of countries that
/// are no more (four letters, 3166-3).
fn is_country(code: &str) -> bool {
    let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase());
    match code.split_once('-') {
        Some((country, part)) => {
            country.len() == 2
                && letters(country)
                && (1..=3).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        }
        None => {
            ((2..=4).contains(&code.len()) && letters(code))
                || (code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()))
        }
    }
}

/// Whether a text is a language tag by RFC 5646, section 2.1. Languages of four letters are reserved there and those of
/// five to eight do not exist (section 2.2.1), so the primary subtag has two or three.
fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let Some(first) = parts.next() else { return false };
    let rest: Vec<&str> = parts.collect();
    let good = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !rest.iter().all(|part| good(part)) {
        return false;
    }
    match first.len() {
        // `x-…` for private use, `i-…` for what was registered before.
        1 => matches!(first, "x" | "X" | "i" | "I") && !rest.is_empty(),
        2 | 3 => first.bytes().all(|byte| byte.is_ascii_alphabetic()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags_follow_the_rfc() {
        for good in ["nl", "nl-NL", "NL", "sl-rozaj-biske", "de-DE-u-co-phonebk", "x-eigen", "i-klingon", "zh-Hant-TW"]
        {
            assert_eq!(is_code(LANGUAGES, good), Some(true), "{good}");
        }
        for bad in ["", "nederlands", "n", "nl_NL", "nl-", "unknown-code", "nl-veeltelang", "12", "x"] {
            assert_eq!(is_code(LANGUAGES, bad), Some(false), "{bad}");
        }
    }

    #[test]
    fn the_others_have_their_grammar() {
        assert_eq!(is_code(UCUM, "mm[Hg]"), Some(true));
        assert_eq!(is_code(UCUM, "mmmHg"), Some(false));
        assert_eq!(is_code(COUNTRIES, "NL-ZH"), Some(true));
        for (code, good) in
            [("NL", true), ("NLD", true), ("528", true), ("Nederland", false), ("NL1", false), ("nl", false)]
        {
            assert_eq!(is_code(COUNTRIES, code), Some(good), "{code}");
        }
        assert_eq!(is_code("http://loinc.org", "x"), None);
        assert!(is_whole(UCUM) && !is_whole(LANGUAGES));
    }
}
