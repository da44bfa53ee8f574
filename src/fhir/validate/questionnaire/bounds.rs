//! What a simple answer must keep within: values, lengths, decimals, a regular expression.

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::path::Decimal;
use crate::fhir::path::Temporal;
use crate::fhir::path::TemporalKind;
use crate::fhir::validate::questionnaire::Review;
use crate::fhir::validate::questionnaire::question::Question;
use crate::fhir::validate::walk::Spot;
use crate::text;
use regex::Regex;

const MIN_VALUE: &str = "http://hl7.org/fhir/StructureDefinition/minValue";
const MAX_VALUE: &str = "http://hl7.org/fhir/StructureDefinition/maxValue";
const MIN_LENGTH: &str = "http://hl7.org/fhir/StructureDefinition/minLength";
const REGEX: &str = "http://hl7.org/fhir/StructureDefinition/regex";
const ENTRY_FORMAT: &str = "http://hl7.org/fhir/StructureDefinition/entryFormat";
const MAX_DECIMALS: &str = "http://hl7.org/fhir/StructureDefinition/maxDecimalPlaces";

/// Half a day and some: how far a time without zone may be from one with a zone.
const ZONES: i128 = 14 * 3_600_000_000_000;

impl Review<'_, '_> {
    /// Judges a simple value of some type.
    pub(super) fn bounds(&mut self, spot: Spot<'_>, kind: &str, question: Question<'_>) {
        let Some(text) = spot.element.as_text() else { return };
        match kind {
            "string" | "uri" => self.wrote(spot, text, question),
            _ => self.between(spot, kind, text, question),
        }
        if kind == "decimal" {
            self.decimals(spot, text, question);
        }
    }

    /// Judges how many decimals a number has.
    pub(super) fn decimals(&mut self, spot: Spot<'_>, number: &str, question: Question<'_>) {
        let Some(most) = question.number(MAX_DECIMALS) else { return };
        let digits = number.split(['e', 'E']).next().unwrap_or(number);
        let count = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        if count > most {
            let expected = text!("hoogstens {most} decimalen", "at most {most} decimals");
            self.deviates(spot, "questionnaire-decimals", question, expected, Text::same(format!("`{number}`")));
        }
    }

    /// Judges a value by the least and greatest ones.
    fn between(&mut self, spot: Spot<'_>, kind: &str, text: &str, question: Question<'_>) {
        let limits = [
            (question.extension(MIN_VALUE), text!("minstens", "at least")),
            (question.extension(MAX_VALUE), text!("hoogstens", "at most")),
        ];
        for (at, (limit, words)) in limits.into_iter().enumerate() {
            let Some(limit) = limit.and_then(Element::as_text) else { continue };
            match beyond(kind, text, limit, at == 0) {
                Some(false) => {}
                Some(true) => {
                    let expected = Text::new(format!("{} `{limit}`", words.nl), format!("{} `{limit}`", words.en));
                    let seen = Text::same(format!("`{text}`"));
                    self.deviates(spot, "questionnaire-range", question, expected, seen);
                }
                None => {
                    let reason = text!(
                        "`{text}` is niet te vergelijken met `{limit}`",
                        "`{text}` cannot be compared with `{limit}`"
                    );
                    self.run.skip(spot, "questionnaire-range", reason);
                }
            }
        }
    }

    /// Judges the length and form of a text.
    fn wrote(&mut self, spot: Spot<'_>, text: &str, question: Question<'_>) {
        let count = text.chars().count();
        let seen = text!("{count} tekens", "{count} characters");
        if let Some(least) = question.number(MIN_LENGTH).filter(|least| count < *least) {
            let expected = text!("minstens {least} tekens", "at least {least} characters");
            self.deviates(spot, "questionnaire-length", question, expected, seen.clone());
        }
        let most = question.element.text("maxLength").and_then(|most| most.parse::<usize>().ok());
        if let Some(most) = most.filter(|most| count > *most) {
            let expected = text!("hoogstens {most} tekens", "at most {most} characters");
            self.deviates(spot, "questionnaire-length", question, expected, seen);
        }
        if question.kind() == Some("string") && text.contains(['\r', '\n']) {
            let expected = text!("een antwoord op één regel", "an answer on one line");
            let seen = text!("meer dan één regel", "more than one line");
            self.warn(spot, "questionnaire-line", question.link_id(), expected, seen);
        }
        let Some(pattern) = question.extension(REGEX).and_then(Element::as_text) else { return };
        match Regex::new(&format!(r"\A(?:{pattern})\z")) {
            Ok(regex) if regex.is_match(text) => {}
            Ok(_) => {
                let format = question.extension(ENTRY_FORMAT).and_then(Element::as_text).unwrap_or(pattern);
                let expected = text!("een antwoord in de vorm `{format}`", "an answer in the form `{format}`");
                self.deviates(spot, "questionnaire-regex", question, expected, Text::same(format!("`{text}`")));
            }
            Err(_) => {
                let reason = text!(
                    "reguliere expressie `{pattern}` is hier niet te gebruiken",
                    "regular expression `{pattern}` cannot be used here"
                );
                self.run.skip(spot, "questionnaire-regex", reason);
            }
        }
    }
}

/// Whether a value lies below the least or above the greatest; `None` when that cannot be told.
fn beyond(kind: &str, value: &str, limit: &str, least: bool) -> Option<bool> {
    if matches!(kind, "integer" | "decimal") {
        let (value, limit) = (Decimal::parse(value)?, Decimal::parse(limit)?);
        return Some(if least { value < limit } else { value > limit });
    }
    let read = |text: &str| match kind {
        "time" => Temporal::parse_time(text),
        _ => Temporal::parse_date_time(text),
    };
    let (value, limit) = (read(value)?, read(limit)?);
    let zones =
        if value.kind != TemporalKind::Time && value.offset.is_some() != limit.offset.is_some() { ZONES } else { 0 };
    let ((value_first, value_last), (limit_first, limit_last)) = (value.range()?, limit.range()?);
    // A limit of less precision is a whole year, month or day, and within the bounds.
    if least {
        if value_last + zones < limit_first {
            Some(true)
        } else {
            (value_first >= limit_first + zones).then_some(false)
        }
    } else if value_first > limit_last + zones {
        Some(true)
    } else {
        (value_last + zones <= limit_last).then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::beyond;

    fn check(kind: &str, value: &str, limit: &str, least: Option<bool>, most: Option<bool>) {
        assert_eq!(beyond(kind, value, limit, true), least, "{value} at least {limit}");
        assert_eq!(beyond(kind, value, limit, false), most, "{value} at most {limit}");
    }

    #[test]
    fn numbers_are_compared_exactly() {
        check("integer", "5", "20", Some(true), Some(false));
        check("decimal", "5.0", "5", Some(false), Some(false));
        check("decimal", "5.1", "x", None, None);
    }

    #[test]
    fn dates_are_compared_as_far_as_their_precision_goes() {
        check("date", "1998", "2020", Some(true), Some(false));
        check("date", "2020-05-01", "2020", Some(false), Some(false));
        check("date", "2020", "2020-05-01", None, None);
        check("dateTime", "2020-05-01T10:00:00Z", "2020-05-01", None, None);
        check("dateTime", "2020-05-03T10:00:00Z", "2020-05-01", Some(false), Some(true));
        check("time", "09:00:00", "10:00:00", Some(true), Some(false));
    }
}
