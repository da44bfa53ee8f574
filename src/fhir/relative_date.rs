//! Dates as the official FHIR scripts write them: so many days, months or years from today. Entry points: [`reckon`],
//! [`today`].

use std::sync::OnceLock;

use jiff::Span;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use regex::Regex;

/// The day it is at a moment, in the Netherlands' sense of a date: UTC does for whole days.
pub fn today(now: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(now).date()
}

/// The day that `DATE, T, D, -30` stands for: so many days (`D`), months (`M`) or years (`Y`) from today. `None` for any other
/// text, and for a day that no calendar has.
pub fn reckon(text: &str, today: Date) -> Option<Date> {
    today.checked_add(offset(text)?).ok()
}

/// How far from today `DATE, T, D, -30` is; `None` for any other text.
pub fn offset(text: &str) -> Option<Span> {
    static FORM: OnceLock<Option<Regex>> = OnceLock::new();
    let form = FORM.get_or_init(|| Regex::new(r"^\s*DATE\s*,\s*T\s*,\s*([DMY])\s*,\s*([+-]?\d{1,5})\s*$").ok());
    let parts = form.as_ref()?.captures(text)?;
    let amount: i64 = parts.get(2)?.as_str().parse().ok()?;
    let span = match parts.get(1)?.as_str() {
        "D" => Span::new().try_days(amount),
        "M" => Span::new().try_months(amount),
        _ => Span::new().try_years(amount),
    };
    span.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_counted_from_today() {
        let leap = jiff::civil::date(2028, 2, 29);
        let on = |text: &str| reckon(text, leap).map(|day| day.to_string());
        assert_eq!(on("DATE, T, D, -30").as_deref(), Some("2028-01-30"));
        assert_eq!(on(" DATE,T , D,+7 ").as_deref(), Some("2028-03-07"));
        assert_eq!(on("DATE, T, M, 1").as_deref(), Some("2028-03-29"));
        assert_eq!(on("DATE, T, Y, -1").as_deref(), Some("2027-02-28"));
        for other in ["DATE, T, X, -1", "DATE, T, D", "DATE, T, Y, 99999", "date", "DATE, T, D, 1 day"] {
            assert_eq!(on(other), None, "{other}");
        }
    }
}
