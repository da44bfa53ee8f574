//! Dates, date-times and times with partial precision.
//!
//! Comparing two of different precision can have no answer: then the functions here give `None`.

use std::cmp::Ordering;
use std::fmt;

use jiff::civil;

use crate::fhir::path::calendar::CalendarUnit;

/// Which of the three types of FHIRPath.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TemporalKind {
    /// `@2014-01-25`
    Date,
    /// `@2014-01-25T14:30`
    DateTime,
    /// `@T14:30`
    Time,
}

/// How far a value is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    /// Seconds with a fraction; compares as one with [`Precision::Second`].
    Fraction,
}

/// A date, date-time or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Temporal {
    pub kind: TemporalKind,
    pub precision: Precision,
    pub year: i16,
    pub month: i8,
    pub day: i8,
    pub hour: i8,
    pub minute: i8,
    pub second: i8,
    pub nanosecond: i32,
    /// How many digits the fraction was written with.
    pub fraction_digits: u8,
    /// Minutes east of UTC, when a zone was given.
    pub offset: Option<i16>,
}

/// The widest offsets in use: a local time lies between them.
const MOST_EAST: i64 = 14 * 60;
const MOST_WEST: i64 = -12 * 60;

impl Temporal {
    /// Reads a FHIR `date` or a FHIRPath date without `@`.
    pub fn parse_date(text: &str) -> Option<Temporal> {
        let value = Temporal::parse_date_time(text)?;
        (value.precision <= Precision::Day && !text.contains('T'))
            .then_some(Temporal { kind: TemporalKind::Date, ..value })
    }

    /// Reads a FHIR `dateTime` or `instant` of any precision, or a FHIRPath one without `@`.
    pub fn parse_date_time(text: &str) -> Option<Temporal> {
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let mut value = Temporal::empty(TemporalKind::DateTime);
        let mut parts = date.split('-');
        value.year = i16::try_from(digits(parts.next()?, 4)?).ok()?;
        if value.year == 0 {
            return None;
        }
        if let Some(month) = parts.next() {
            value.month = i8::try_from(digits(month, 2)?).ok().filter(|month| (1..=12).contains(month))?;
            value.precision = Precision::Month;
            if let Some(day) = parts.next() {
                value.day = i8::try_from(digits(day, 2)?).ok()?;
                value.precision = Precision::Day;
            }
        }
        if parts.next().is_some() {
            return None;
        }
        civil::Date::new(value.year, value.month, value.day).ok()?;
        match time {
            None | Some("") => Some(value),
            Some(_) if value.precision != Precision::Day => None,
            Some(time) => {
                let (clock, offset) = split_offset(time)?;
                value.offset = offset;
                value.read_clock(clock)?;
                Some(value)
            }
        }
    }

    /// Reads `14:30:05.1`.
    pub fn parse_time(text: &str) -> Option<Temporal> {
        let mut value = Temporal::empty(TemporalKind::Time);
        value.read_clock(text)?;
        Some(value)
    }

    fn empty(kind: TemporalKind) -> Temporal {
        Temporal {
            kind,
            precision: Precision::Year,
            year: 1,
            month: 1,
            day: 1,
            hour: 0,
            minute: 0,
            second: 0,
            nanosecond: 0,
            fraction_digits: 0,
            offset: None,
        }
    }

    fn read_clock(&mut self, clock: &str) -> Option<()> {
        let mut parts = clock.split(':');
        self.hour = i8::try_from(digits(parts.next()?, 2)?).ok().filter(|hour| *hour < 24)?;
        self.precision = Precision::Hour;
        if let Some(minute) = parts.next() {
            self.minute = i8::try_from(digits(minute, 2)?).ok().filter(|minute| *minute < 60)?;
            self.precision = Precision::Minute;
        }
        if let Some(seconds) = parts.next() {
            let (whole, fraction) = seconds.split_once('.').map_or((seconds, None), |(a, b)| (a, Some(b)));
            // A leap second is allowed in FHIR and counts as the second before it.
            self.second = i8::try_from(digits(whole, 2)?).ok().filter(|second| *second <= 60)?.min(59);
            self.precision = Precision::Second;
            if let Some(fraction) = fraction {
                if fraction.is_empty() || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
                    return None;
                }
                let kept = &fraction[..fraction.len().min(9)];
                self.nanosecond = format!("{kept:0<9}").parse().ok()?;
                self.fraction_digits = u8::try_from(kept.len()).ok()?;
                self.precision = Precision::Fraction;
            }
        }
        parts.next().is_none().then_some(())
    }

    /// Now, in UTC, to the millisecond.
    pub fn from_timestamp(now: jiff::Timestamp) -> Temporal {
        let at = jiff::tz::Offset::UTC.to_datetime(now);
        let mut value = Temporal::from_civil(TemporalKind::DateTime, Precision::Fraction, at);
        value.nanosecond -= value.nanosecond % 1_000_000;
        value.fraction_digits = 3;
        value.offset = Some(0);
        value
    }

    fn from_civil(kind: TemporalKind, precision: Precision, at: civil::DateTime) -> Temporal {
        Temporal {
            kind,
            precision,
            year: at.year(),
            month: at.month(),
            day: at.day(),
            hour: at.hour(),
            minute: at.minute(),
            second: at.second(),
            nanosecond: at.subsec_nanosecond(),
            fraction_digits: 0,
            offset: None,
        }
    }

    /// Without its time.
    pub fn date(self) -> Temporal {
        let precision = self.precision.min(Precision::Day);
        let empty = Temporal::empty(TemporalKind::Date);
        Temporal { precision, year: self.year, month: self.month, day: self.day, ..empty }
    }

    /// Without its date and zone.
    pub fn time(self) -> Temporal {
        Temporal { kind: TemporalKind::Time, year: 1, month: 1, day: 1, offset: None, ..self }
    }

    fn civil(self) -> Option<civil::DateTime> {
        civil::DateTime::new(self.year, self.month, self.day, self.hour, self.minute, self.second, self.nanosecond).ok()
    }

    /// The value moved to UTC; as it is when it has no zone.
    fn utc(self) -> Option<Temporal> {
        match self.offset {
            None | Some(0) => Some(self),
            Some(offset) => self.shift_minutes(-i64::from(offset)),
        }
    }

    fn shift_minutes(self, minutes: i64) -> Option<Temporal> {
        let at = self.civil()?.checked_add(jiff::SignedDuration::from_mins(minutes)).ok()?;
        let moved = Temporal::from_civil(self.kind, self.precision, at);
        Some(Temporal { fraction_digits: self.fraction_digits, offset: self.offset, ..moved })
    }

    /// Nanoseconds since the year 1 of the first and the last instant that this value can mean, for a zone of its own or any.
    pub fn range(self) -> Option<(i128, i128)> {
        let first = nanoseconds(self.civil()?);
        let last = nanoseconds(self.end()?.civil()?);
        match self.offset {
            Some(offset) => {
                let offset = i128::from(offset) * 60_000_000_000;
                Some((first - offset, last - offset))
            }
            None => Some((first, last)),
        }
    }

    /// The last moment that falls within this value, with all fields filled.
    pub fn end(self) -> Option<Temporal> {
        let mut last = self;
        if self.precision < Precision::Month {
            last.month = 12;
        }
        if self.precision < Precision::Day {
            last.day = civil::Date::new(last.year, last.month, 1).ok()?.days_in_month();
        }
        if self.precision < Precision::Hour {
            last.hour = 23;
        }
        if self.precision < Precision::Minute {
            last.minute = 59;
        }
        if self.precision < Precision::Second {
            last.second = 59;
        }
        let unit = 10i32.checked_pow(9 - u32::from(self.fraction_digits.min(9)))?;
        last.nanosecond += unit - 1;
        Some(last)
    }

    /// Order of two values: `None` when the less precise one leaves it open.
    pub fn compare(self, other: Temporal) -> Option<Ordering> {
        if (self.kind == TemporalKind::Time) != (other.kind == TemporalKind::Time) {
            return None;
        }
        if self.offset.is_some() != other.offset.is_some() {
            return self.compare_without_zone(other);
        }
        // At the same distance from UTC the clocks show the order.
        let (left, right) = if self.offset == other.offset { (self, other) } else { (self.utc()?, other.utc()?) };
        let steps = [
            (Precision::Year, left.year.cmp(&right.year)),
            (Precision::Month, left.month.cmp(&right.month)),
            (Precision::Day, left.day.cmp(&right.day)),
            (Precision::Hour, left.hour.cmp(&right.hour)),
            (Precision::Minute, left.minute.cmp(&right.minute)),
        ];
        for (precision, order) in steps {
            if self.kind == TemporalKind::Time && precision < Precision::Hour {
                continue;
            }
            match (left.precision >= precision, right.precision >= precision) {
                (true, true) if order != Ordering::Equal => return Some(order),
                (true, true) => {}
                (false, false) => return Some(Ordering::Equal),
                _ => return None,
            }
        }
        // Seconds and their fraction are one decimal value.
        match (left.precision >= Precision::Second, right.precision >= Precision::Second) {
            (true, true) => Some((left.second, left.nanosecond).cmp(&(right.second, right.nanosecond))),
            (false, false) => Some(Ordering::Equal),
            _ => None,
        }
    }

    /// One value has a zone and the other may be in any: only values far apart have an order.
    fn compare_without_zone(self, other: Temporal) -> Option<Ordering> {
        let (left, right) = (self.widest_range()?, other.widest_range()?);
        if left.1 < right.0 {
            Some(Ordering::Less)
        } else if left.0 > right.1 {
            Some(Ordering::Greater)
        } else {
            None
        }
    }

    fn widest_range(self) -> Option<(i128, i128)> {
        let (first, last) = self.range()?;
        if self.offset.is_some() {
            return Some((first, last));
        }
        Some((first - i128::from(MOST_EAST) * 60_000_000_000, last - i128::from(MOST_WEST) * 60_000_000_000))
    }

    /// The value `amount` of a calendar unit later; `None` when it leaves the calendar.
    pub fn add(self, amount: i64, unit: CalendarUnit) -> Option<Temporal> {
        let at = self.civil()?;
        let span = jiff::Span::new();
        let moved = match unit.truncated_to(self.precision, amount)? {
            (CalendarUnit::Year, amount) => at.checked_add(span.try_years(amount).ok()?),
            (CalendarUnit::Month, amount) => at.checked_add(span.try_months(amount).ok()?),
            (CalendarUnit::Week, amount) => at.checked_add(span.try_weeks(amount).ok()?),
            (CalendarUnit::Day, amount) => at.checked_add(span.try_days(amount).ok()?),
            (CalendarUnit::Hour, amount) => at.checked_add(span.try_hours(amount).ok()?),
            (CalendarUnit::Minute, amount) => at.checked_add(span.try_minutes(amount).ok()?),
            (CalendarUnit::Second, amount) => at.checked_add(span.try_seconds(amount).ok()?),
            (CalendarUnit::Millisecond, amount) => at.checked_add(span.try_milliseconds(amount).ok()?),
        }
        .ok()?;
        let precision = if unit == CalendarUnit::Millisecond && self.precision == Precision::Second {
            Precision::Fraction
        } else {
            self.precision
        };
        let fraction_digits = if precision > self.precision { 3 } else { self.fraction_digits };
        let moved = Temporal::from_civil(self.kind, precision, at_kind(self.kind, at, moved));
        Some(Temporal { fraction_digits, offset: self.offset, ..moved })
    }
}

/// A time goes round the clock, so the day it may have moved to does not count.
fn at_kind(kind: TemporalKind, before: civil::DateTime, after: civil::DateTime) -> civil::DateTime {
    if kind == TemporalKind::Time { civil::DateTime::from_parts(before.date(), after.time()) } else { after }
}

fn nanoseconds(at: civil::DateTime) -> i128 {
    let origin = civil::DateTime::constant(1, 1, 1, 0, 0, 0, 0);
    at.duration_since(origin).as_nanos()
}

fn digits(text: &str, length: usize) -> Option<u16> {
    if text.len() != length {
        return None;
    }
    text.bytes().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u16::from(digit - b'0')))
}

fn split_offset(time: &str) -> Option<(&str, Option<i16>)> {
    if let Some(clock) = time.strip_suffix('Z') {
        return Some((clock, Some(0)));
    }
    let Some(at) = time.find(['+', '-']) else { return Some((time, None)) };
    let (hours, minutes) = time[at + 1..].split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    let offset = i16::try_from(hours * 60 + minutes).ok()?;
    Some((&time[..at], Some(if time[at..].starts_with('-') { -offset } else { offset })))
}

impl fmt::Display for Temporal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind != TemporalKind::Time {
            write!(f, "{:04}", self.year)?;
            if self.precision >= Precision::Month {
                write!(f, "-{:02}", self.month)?;
            }
            if self.precision >= Precision::Day {
                write!(f, "-{:02}", self.day)?;
            }
        }
        if self.precision >= Precision::Hour {
            write!(f, "{}{:02}", if self.kind == TemporalKind::Time { "" } else { "T" }, self.hour)?;
        }
        if self.precision >= Precision::Minute {
            write!(f, ":{:02}", self.minute)?;
        }
        if self.precision >= Precision::Second {
            write!(f, ":{:02}", self.second)?;
        }
        if self.precision == Precision::Fraction {
            let digits = format!("{:09}", self.nanosecond);
            write!(f, ".{}", &digits[..usize::from(self.fraction_digits.clamp(1, 9))])?;
        }
        match self.offset {
            Some(0) => f.write_str("Z"),
            Some(offset) => {
                let sign = if offset < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60)
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Temporal {
        Temporal::parse_date_time(text).unwrap()
    }

    #[test]
    fn text_round_trips() {
        for text in ["2014", "2014-02", "2014-02-28", "2014-02-28T14:30", "2014-02-28T14:30:05.120+02:00"] {
            assert_eq!(at(text).to_string(), text);
        }
        assert_eq!(Temporal::parse_time("14:30:05").unwrap().to_string(), "14:30:05");
        for wrong in ["201", "2014-13", "2014-02-30", "2014-02T10:00", "2014-02-28T25:00", "2014-02-28T10:00+15:00"] {
            assert!(Temporal::parse_date_time(wrong).is_none(), "{wrong}");
        }
        assert!(Temporal::parse_date("2014-02-28T10:00").is_none());
    }

    #[test]
    fn comparison_needs_the_same_precision() {
        assert_eq!(at("2014").compare(at("2015-01")), Some(Ordering::Less));
        assert_eq!(at("2014").compare(at("2014-01")), None);
        assert_eq!(at("2014-01-01T10:00:00").compare(at("2014-01-01T10:00:00.0")), Some(Ordering::Equal));
        assert_eq!(at("2014-01-01T10:00+01:00").compare(at("2014-01-01T09:00Z")), Some(Ordering::Equal));
        assert_eq!(at("2014-01-01T10:00").compare(at("2014-01-01T09:00Z")), None);
        assert_eq!(at("2013-01-01").compare(at("2014-01-01T09:00Z")), Some(Ordering::Less));
    }

    #[test]
    fn arithmetic_keeps_precision() {
        assert_eq!(at("2016-02-29").add(1, CalendarUnit::Year).unwrap().to_string(), "2017-02-28");
        assert_eq!(at("2014").add(24, CalendarUnit::Month).unwrap().to_string(), "2016");
        assert_eq!(at("2014-01-31T00:00Z").add(-1, CalendarUnit::Minute).unwrap().to_string(), "2014-01-30T23:59Z");
        let time = Temporal::parse_time("23:30").unwrap();
        assert_eq!(time.add(2, CalendarUnit::Hour).unwrap().to_string(), "01:30");
    }
}
