//! Quantities: a decimal with a unit of UCUM or of the calendar.

use std::cmp::Ordering;
use std::fmt;

use crate::fhir::path::calendar::CalendarUnit;
use crate::fhir::path::decimal::Decimal;
use crate::fhir::path::ucum;

/// A quantity.
#[derive(Clone, Debug)]
pub struct Quantity {
    /// The number.
    pub value: Decimal,
    /// The code of UCUM, or the word of the calendar as it was written (`weeks`).
    pub unit: Box<str>,
    /// Whether `unit` is a word of the calendar.
    pub is_calendar: bool,
}

impl Quantity {
    /// A quantity with a unit of UCUM. A word of the calendar between quotes is that word.
    pub fn from_ucum(value: Decimal, unit: &str) -> Quantity {
        let is_calendar = CalendarUnit::from_word(unit).is_some();
        Quantity { value, unit: unit.into(), is_calendar }
    }

    /// A quantity with a word of the calendar.
    pub fn from_calendar(value: Decimal, word: &str) -> Quantity {
        Quantity { value, unit: word.into(), is_calendar: true }
    }

    /// Reads `5 'mg'`, `5 days` or `5`.
    pub fn parse(text: &str) -> Option<Quantity> {
        let text = text.trim();
        let end = text.find(|c: char| !(c.is_ascii_digit() || "+-.".contains(c))).unwrap_or(text.len());
        let value = Decimal::parse(&text[..end])?;
        let unit = text[end..].trim_start();
        if unit.is_empty() {
            return Some(Quantity::from_ucum(value, "1"));
        }
        if let Some(code) = unit.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return Some(Quantity { value, unit: code.into(), is_calendar: false });
        }
        CalendarUnit::from_word(unit).map(|_| Quantity::from_calendar(value, unit))
    }

    /// The unit as one of the calendar, when it can be added to a date.
    pub fn calendar_unit(&self) -> Option<CalendarUnit> {
        if self.is_calendar { CalendarUnit::from_word(&self.unit) } else { CalendarUnit::from_ucum(&self.unit) }
    }

    /// The number in months, for years and months of the calendar, which have no fixed length.
    fn months(&self) -> Option<Decimal> {
        match (self.is_calendar, CalendarUnit::from_word(&self.unit)?) {
            (true, CalendarUnit::Year) => self.value.multiply(Decimal::from(12)),
            (true, CalendarUnit::Month) => Some(self.value),
            _ => None,
        }
    }

    /// The unit as UCUM writes it; `None` for years and months of the calendar.
    fn ucum(&self) -> Option<&str> {
        if !self.is_calendar {
            return Some(if self.unit.is_empty() { "1" } else { &self.unit });
        }
        Some(match CalendarUnit::from_word(&self.unit)? {
            CalendarUnit::Year | CalendarUnit::Month => return None,
            CalendarUnit::Week => "wk",
            CalendarUnit::Day => "d",
            CalendarUnit::Hour => "h",
            CalendarUnit::Minute => "min",
            CalendarUnit::Second => "s",
            CalendarUnit::Millisecond => "ms",
        })
    }

    /// The number of `other` in the unit of `self`.
    fn converted(&self, other: &Quantity) -> Option<(Decimal, Decimal)> {
        if let (Some(left), Some(right)) = (self.months(), other.months()) {
            return Some((left, right));
        }
        Some((self.value, ucum::convert(other.value, other.ucum()?, self.ucum()?)?))
    }

    /// The same quantity in the unit of `other`; `None` when that does not measure the same.
    pub fn to_unit(&self, other: &Quantity) -> Option<Quantity> {
        other.converted(self).map(|(_, value)| Quantity { value, ..other.clone() })
    }

    /// Order of the two; `None` when their units do not measure the same.
    pub fn compare(&self, other: &Quantity) -> Option<Ordering> {
        self.converted(other).map(|(left, right)| left.cmp(&right))
    }

    /// Whether they are equal to the precision of the less precise one. Years and months of the calendar and of UCUM count as the same.
    pub fn is_equivalent(&self, other: &Quantity) -> bool {
        let numbers = self.converted(other).or_else(|| {
            let as_ucum = |quantity: &Quantity| match (quantity.ucum(), quantity.months()) {
                (Some(unit), _) => Some((quantity.value, unit.to_owned())),
                (None, Some(months)) => Some((months, "mo".to_owned())),
                (None, None) => None,
            };
            let ((left, left_unit), (right, right_unit)) = (as_ucum(self)?, as_ucum(other)?);
            Some((left, ucum::convert(right, &right_unit, &left_unit)?))
        });
        numbers.is_some_and(|(left, right)| left.is_equivalent(right))
    }

    /// Whether both units measure the same; `None` when one is unknown.
    pub fn is_comparable(&self, other: &Quantity) -> Option<bool> {
        match (self.ucum(), other.ucum()) {
            (Some(left), Some(right)) => ucum::comparable(left, right),
            (None, None) => Some(true),
            _ => Some(false),
        }
    }

    /// Sum in the unit of `self`; `None` when the units do not measure the same.
    pub fn add(&self, other: &Quantity) -> Option<Quantity> {
        if self.unit == other.unit && self.is_calendar == other.is_calendar {
            return Some(Quantity { value: self.value.plus(other.value)?, ..self.clone() });
        }
        let value = self.value.plus(ucum::convert(other.value, other.ucum()?, self.ucum()?)?)?;
        Some(Quantity { value, ..self.clone() })
    }

    /// Product, with the product of the units.
    pub fn multiply(&self, other: &Quantity) -> Option<Quantity> {
        let unit = match (self.ucum()?, other.ucum()?) {
            (left, "1") => left.to_owned(),
            ("1", right) => right.to_owned(),
            (left, right) => format!("{left}.({right})"),
        };
        Some(Quantity { value: self.value.multiply(other.value)?, unit: unit.into(), is_calendar: false })
    }

    /// Quotient, with the quotient of the units.
    pub fn divide(&self, other: &Quantity) -> Option<Quantity> {
        let unit = match (self.ucum()?, other.ucum()?) {
            (left, "1") => left.to_owned(),
            (left, right) if left == right => "1".to_owned(),
            (left, right) => format!("{left}/({right})"),
        };
        Some(Quantity { value: self.value.divide(other.value)?, unit: unit.into(), is_calendar: false })
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_calendar {
            write!(f, "{} {}", self.value, self.unit)
        } else {
            write!(f, "{} '{}'", self.value, self.unit)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(text: &str) -> Quantity {
        Quantity::parse(text).unwrap()
    }

    #[test]
    fn text_is_read() {
        assert_eq!(quantity("1 week").to_string(), "1 week");
        assert_eq!(quantity("1.50 'mg'").to_string(), "1.50 'mg'");
        assert_eq!(quantity("4").to_string(), "4 '1'");
        assert!(Quantity::parse("1 wk").is_none());
        assert!(Quantity::parse("1.a").is_none());
    }

    #[test]
    fn units_are_converted() {
        assert_eq!(quantity("4 'g'").compare(&quantity("4000 'mg'")), Some(Ordering::Equal));
        assert_eq!(quantity("7 days").compare(&quantity("1 'wk'")), Some(Ordering::Equal));
        assert_eq!(quantity("12 months").compare(&quantity("1 year")), Some(Ordering::Equal));
        assert_eq!(quantity("1 year").compare(&quantity("1 'a'")), None);
        assert!(quantity("1 year").is_equivalent(&quantity("1 'a'")));
        assert!(quantity("4 'g'").is_equivalent(&quantity("4040 'mg'")));
        assert_eq!(quantity("1 'cm'").compare(&quantity("1 's'")), None);
    }
}
