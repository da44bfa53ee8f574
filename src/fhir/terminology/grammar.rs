//! Code systems that have a grammar instead of a list: UCUM, language tags, media types, countries.
//!
//! Says what the grammar refuses; what it lets through exists only where the grammar is the whole system (UCUM).
//! Entry point: [`is_code`].

use crate::fhir::terminology::language;
use crate::fhir::terminology::media;
use crate::fhir::terminology::ucum;

/// The system of the units of UCUM.
pub(super) const UCUM: &str = "http://unitsofmeasure.org";

/// The system of language tags.
const LANGUAGES: &str = "urn:ietf:bcp:47";

/// The system of media types.
pub(super) const MEDIA_TYPES: &str = "urn:ietf:bcp:13";

/// The system of countries.
pub(super) const COUNTRIES: &str = "urn:iso:std:iso:3166";

/// Whether a system can have the code; `None` for a system without a grammar that we know.
pub(super) fn is_code(system: &str, code: &str) -> Option<bool> {
    match system {
        UCUM => Some(ucum::is_unit(code)),
        LANGUAGES => Some(language::is_well_formed(code)),
        MEDIA_TYPES => Some(media::is_media_type(code)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_have_their_grammar() {
        assert_eq!(is_code(UCUM, "mm[Hg]"), Some(true));
        assert_eq!(is_code(UCUM, "mmmHg"), Some(false));
        assert_eq!(is_code(COUNTRIES, "NL-ZH"), Some(true));
        for (code, good) in
            [("NL", true), ("NLD", true), ("528", true), ("Nederland", false), ("NL1", false), ("nl", false)]
        {
            assert_eq!(is_code(COUNTRIES, code), Some(good), "{code}");
        }
        assert_eq!(is_code(LANGUAGES, "nl-NL"), Some(true));
        assert_eq!(is_code(LANGUAGES, "nl_NL"), Some(false));
        assert_eq!(is_code(MEDIA_TYPES, "application/pdf"), Some(true));
        assert_eq!(is_code(MEDIA_TYPES, "pdf"), Some(false));
        assert_eq!(is_code("http://loinc.org", "x"), None);
        assert!(is_whole(UCUM) && !is_whole(LANGUAGES));
    }
}
