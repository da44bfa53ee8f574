//! Units of the calendar, which date arithmetic counts in. Entry point: [`CalendarUnit`].

use crate::fhir::path::temporal::Precision;

/// A unit of the calendar, as FHIRPath writes it (`years`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalendarUnit {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
}

impl CalendarUnit {
    /// The unit of a word, singular or plural.
    pub fn from_word(word: &str) -> Option<CalendarUnit> {
        Some(match word.strip_suffix('s').unwrap_or(word) {
            "year" => CalendarUnit::Year,
            "month" => CalendarUnit::Month,
            "week" => CalendarUnit::Week,
            "day" => CalendarUnit::Day,
            "hour" => CalendarUnit::Hour,
            "minute" => CalendarUnit::Minute,
            "second" => CalendarUnit::Second,
            "millisecond" => CalendarUnit::Millisecond,
            _ => return None,
        })
    }

    /// The calendar unit that a UCUM unit stands for in date arithmetic; years and months of UCUM have a fixed length and do not.
    pub fn from_ucum(code: &str) -> Option<CalendarUnit> {
        Some(match code {
            "wk" => CalendarUnit::Week,
            "d" => CalendarUnit::Day,
            "h" => CalendarUnit::Hour,
            "min" => CalendarUnit::Minute,
            "s" => CalendarUnit::Second,
            "ms" => CalendarUnit::Millisecond,
            _ => return None,
        })
    }

    /// A smaller unit than the value has counts in whole units of the value (`@2014 + 24 months` is `@2016`).
    pub(super) fn truncated_to(self, precision: Precision, amount: i64) -> Option<(CalendarUnit, i64)> {
        let seconds = match self {
            CalendarUnit::Week => Some(604_800),
            CalendarUnit::Day => Some(86_400),
            CalendarUnit::Hour => Some(3_600),
            CalendarUnit::Minute => Some(60),
            CalendarUnit::Second => Some(1),
            _ => None,
        };
        let whole = |seconds_per: i64| Some(amount.checked_mul(seconds?)? / seconds_per);
        let milliseconds = self == CalendarUnit::Millisecond;
        Some(match precision {
            Precision::Year => match self {
                CalendarUnit::Year => (self, amount),
                CalendarUnit::Month => (CalendarUnit::Year, amount / 12),
                _ if milliseconds => (CalendarUnit::Year, amount / 31_536_000_000),
                _ => (CalendarUnit::Year, whole(31_536_000)?),
            },
            Precision::Month => match self {
                CalendarUnit::Year | CalendarUnit::Month => (self, amount),
                _ if milliseconds => (CalendarUnit::Month, amount / 2_592_000_000),
                _ => (CalendarUnit::Month, whole(2_592_000)?),
            },
            Precision::Day => match self {
                CalendarUnit::Hour | CalendarUnit::Minute | CalendarUnit::Second => (CalendarUnit::Day, whole(86_400)?),
                _ if milliseconds => (CalendarUnit::Day, amount / 86_400_000),
                _ => (self, amount),
            },
            Precision::Hour => match self {
                CalendarUnit::Minute | CalendarUnit::Second => (CalendarUnit::Hour, whole(3_600)?),
                _ if milliseconds => (CalendarUnit::Hour, amount / 3_600_000),
                _ => (self, amount),
            },
            Precision::Minute => match self {
                CalendarUnit::Second => (CalendarUnit::Minute, amount / 60),
                _ if milliseconds => (CalendarUnit::Minute, amount / 60_000),
                _ => (self, amount),
            },
            Precision::Second | Precision::Fraction => (self, amount),
        })
    }
}
