//! A quantity as an answer: its bounds, its decimals, its unit.

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::path::Decimal;
use crate::fhir::path::Quantity;
use crate::fhir::terminology::Membership;
use crate::fhir::validate::questionnaire::Review;
use crate::fhir::validate::questionnaire::question::Question;
use crate::fhir::validate::type_;
use crate::fhir::validate::walk::Spot;
use crate::text;
use std::cmp::Ordering;

const MIN_QUANTITY: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-minQuantity";
const MAX_QUANTITY: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-maxQuantity";
const UNIT_OPTION: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption";
const UNIT_VALUE_SET: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitValueSet";

/// The system of the units of UCUM.
const UCUM: &str = "http://unitsofmeasure.org";

impl Review<'_, '_> {
    /// Judges a quantity.
    pub(super) fn quantity(&mut self, spot: Spot<'_>, question: Question<'_>) {
        let seen = Text::same(type_::show(spot.element));
        for (url, wrong) in [(MIN_QUANTITY, Ordering::Less), (MAX_QUANTITY, Ordering::Greater)] {
            let Some(limit) = question.extension(url) else { continue };
            let shown = type_::show(limit);
            let order = formal_order(spot.element, limit);
            // A quantity that cannot be compared is not known to keep within the bounds that the Questionnaire sets.
            if order.is_none() || order == Some(wrong) {
                let expected = match (order, wrong) {
                    (None, _) => text!(
                        "een hoeveelheid die met {shown} te vergelijken is",
                        "a quantity that can be compared with {shown}"
                    ),
                    (_, Ordering::Less) => text!("minstens {shown}", "at least {shown}"),
                    _ => text!("hoogstens {shown}", "at most {shown}"),
                };
                self.deviates(spot, "questionnaire-range", question, expected, seen.clone());
            }
        }
        if let Some(number) = spot.element.text("value") {
            self.decimals(spot, number, question);
        }
        self.unit(spot, question);
    }

    /// Judges the unit of a quantity.
    fn unit(&mut self, spot: Spot<'_>, question: Question<'_>) {
        let units: Vec<&Element> = question.extensions(UNIT_OPTION).collect();
        if !units.is_empty() && !units.iter().any(|unit| has_unit(spot.element, unit)) {
            let names: Vec<String> = units.iter().map(|unit| type_::show(unit)).collect();
            let names = names.join(", ");
            let expected = text!("een van deze eenheden: {names}", "one of these units: {names}");
            self.deviates(spot, "questionnaire-unit", question, expected, Text::same(type_::show(spot.element)));
        }
        let Some(value_set) = question.extension(UNIT_VALUE_SET) else { return };
        let Some(value_set) = value_set.as_text().or_else(|| value_set.text("reference")) else { return };
        let answer = self.permitted(value_set, spot.element);
        match answer.membership {
            Membership::In => {}
            Membership::NotIn => {
                let expected = text!("een eenheid uit waardelijst `{value_set}`", "a unit of value set `{value_set}`");
                self.deviates(spot, "questionnaire-unit", question, expected, Text::same(type_::show(spot.element)));
            }
            Membership::Unknown => self.open_value_set(spot, value_set, answer.reason),
        }
    }
}

/// Order of two quantities by their numbers and, when both have a unit of a system, those; `None` when it is open.
pub fn order(one: &Element, other: &Element) -> Option<Ordering> {
    match (one.text("code"), other.text("code")) {
        (Some(_), Some(_)) => formal_order(one, other),
        _ if one.text("unit") == other.text("unit") => Some(number(one)?.cmp(&number(other)?)),
        _ => None,
    }
}

/// Order of two quantities with units of a system; `None` when the units do not measure the same.
fn formal_order(one: &Element, other: &Element) -> Option<Ordering> {
    let (system, other_system) = (one.text("system")?, other.text("system")?);
    let (code, other_code) = (one.text("code")?, other.text("code")?);
    let (value, other_value) = (number(one)?, number(other)?);
    if system == other_system && code == other_code {
        return Some(value.cmp(&other_value));
    }
    if system != UCUM || other_system != UCUM {
        return None;
    }
    Quantity::from_ucum(value, code).compare(&Quantity::from_ucum(other_value, other_code))
}

fn number(quantity: &Element) -> Option<Decimal> {
    quantity.text("value").and_then(Decimal::parse)
}

/// Whether a quantity has a unit (a Coding): what the unit says of system, code and display.
fn has_unit(quantity: &Element, unit: &Element) -> bool {
    let same = |name: &str, of_unit: &str| unit.text(of_unit).is_none() || unit.text(of_unit) == quantity.text(name);
    same("system", "system") && same("code", "code") && same("unit", "display")
}

#[cfg(test)]
mod tests {
    use super::order;
    use crate::fhir::json;
    use std::cmp::Ordering;

    fn check(one: &str, other: &str, expect: Option<Ordering>) {
        let read = |text: &str| json::parse(text.as_bytes()).unwrap().0;
        assert_eq!(order(&read(one), &read(other)), expect, "{one} {other}");
    }

    #[test]
    fn quantities_are_compared_through_ucum() {
        let metres = r#"{"resourceType":"Q","value":10000,"system":"http://unitsofmeasure.org","code":"m"}"#;
        let miles = r#"{"resourceType":"Q","value":5,"system":"http://unitsofmeasure.org","code":"km"}"#;
        check(metres, miles, Some(Ordering::Greater));
        let weight = r#"{"resourceType":"Q","value":5,"system":"http://unitsofmeasure.org","code":"kg"}"#;
        check(metres, weight, None);
        check(
            r#"{"resourceType":"Q","value":5,"unit":"Kg"}"#,
            r#"{"resourceType":"Q","value":5.0,"unit":"Kg"}"#,
            Some(Ordering::Equal),
        );
        check(r#"{"resourceType":"Q","value":5,"unit":"Kg"}"#, weight, None);
    }
}
