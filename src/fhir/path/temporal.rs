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
        let bytes = text.as_bytes();
        if let Some((head, zone)) = bytes.split_first_chunk()
            && let Some(offset) = offset(zone)
            && let Some(value) = Temporal::to_the_second(head, offset)
        {
            return Some(value);
        }
        let mut value = Temporal::empty(TemporalKind::DateTime);
        value.year = i16::from(two_digits(bytes, 0)?) * 100 + i16::from(two_digits(bytes, 2)?);
        if value.year == 0 {
            return None;
        }
        let mut at = 4;
        if bytes.get(at) == Some(&b'-') {
            value.month = two_digits(bytes, 5).filter(|month| (1..=12).contains(month))?;
            value.precision = Precision::Month;
            at = 7;
            if bytes.get(at) == Some(&b'-') {
                value.day = two_digits(bytes, 8)?;
                value.precision = Precision::Day;
                at = 10;
                // Every month has so many days.
                if !(1..=28).contains(&value.day) {
                    civil::Date::new(value.year, value.month, value.day).ok()?;
                }
            }
        }
        match bytes.get(at..)? {
            [] | [b'T'] => Some(value),
            [b'T', ..] if value.precision == Precision::Day => {
                let rest = value.read_clock(bytes, at + 1)?;
                value.offset = offset(bytes.get(rest..)?)?;
                Some(value)
            }
            _ => None,
        }
    }

    /// The shape of nearly all date-times, `2014-01-25T14:30:05`, without a look at what is rare; `None` for any other.
    ///
    /// Eight bytes at once: without their separators they are digits, and ten times each with the next one added is the
    /// number that the two write.
    fn to_the_second(head: &[u8; 19], offset: Option<i16>) -> Option<Temporal> {
        const DATE: u64 = u64::from_le_bytes(*b"0000-00-");
        const CLOCK: u64 = u64::from_le_bytes(*b"00T00:00");
        const BETWEEN: (u64, u64) = (0xff00_00ff_0000_0000, 0x0000_ff00_00ff_0000);
        let (date, rest) = head.split_first_chunk()?;
        let (clock, rest) = rest.split_first_chunk()?;
        let [b':', s1, s2] = rest else { return None };
        let (date, clock) = (u64::from_le_bytes(*date) ^ DATE, u64::from_le_bytes(*clock) ^ CLOCK);
        let are_digits = |bytes: u64| (bytes | bytes.wrapping_add(0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080 == 0;
        let is_shaped = date & BETWEEN.0 == 0 && clock & BETWEEN.1 == 0 && are_digits(date) && are_digits(clock);
        if !is_shaped || !s1.is_ascii_digit() || !s2.is_ascii_digit() {
            return None;
        }
        let pairs = |digits: u64| (digits * 10 + (digits >> 8)).to_le_bytes();
        let ([century, _, year, .., month, _, _], [day, _, _, hour, _, _, minute, _]) = (pairs(date), pairs(clock));
        let second = (s1 - b'0') * 10 + (s2 - b'0');
        let year = u16::from(century) * 100 + u16::from(year);
        let is_plain = year > 0 && (1..=12).contains(&month) && (1..=28).contains(&day);
        if !is_plain || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        Some(Temporal {
            precision: Precision::Second,
            year: year.cast_signed(),
            month: month.cast_signed(),
            day: day.cast_signed(),
            hour: hour.cast_signed(),
            minute: minute.cast_signed(),
            second: second.cast_signed(),
            offset,
            ..Temporal::empty(TemporalKind::DateTime)
        })
    }

    /// Reads `14:30:05.1`.
    pub fn parse_time(text: &str) -> Option<Temporal> {
        let mut value = Temporal::empty(TemporalKind::Time);
        let end = value.read_clock(text.as_bytes(), 0)?;
        (end == text.len()).then_some(value)
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

    /// Reads a time that starts at `at`, and tells where it ends.
    fn read_clock(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        self.hour = two_digits(bytes, at).filter(|hour| *hour < 24)?;
        self.precision = Precision::Hour;
        if bytes.get(at + 2) != Some(&b':') {
            return Some(at + 2);
        }
        self.minute = two_digits(bytes, at + 3).filter(|minute| *minute < 60)?;
        self.precision = Precision::Minute;
        if bytes.get(at + 5) != Some(&b':') {
            return Some(at + 5);
        }
        // A leap second is allowed in FHIR and counts as the second before it.
        self.second = two_digits(bytes, at + 6).filter(|second| *second <= 60)?.min(59);
        self.precision = Precision::Second;
        if bytes.get(at + 8) != Some(&b'.') {
            return Some(at + 8);
        }
        let fraction = bytes.get(at + 9..)?;
        let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 {
            return None;
        }
        let kept = &fraction[..length.min(9)];
        self.nanosecond =
            (0..9).fold(0, |number, place| number * 10 + kept.get(place).map_or(0, |digit| i32::from(digit - b'0')));
        self.fraction_digits = u8::try_from(kept.len()).ok()?;
        self.precision = Precision::Fraction;
        Some(at + 9 + length)
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
            Some(offset) => {
                // Most moves stay within the day.
                let minutes = i16::from(self.hour) * 60 + i16::from(self.minute) - offset;
                if (0..24 * 60).contains(&minutes) {
                    let (hour, minute) = (i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?);
                    return Some(Temporal { hour, minute, ..self });
                }
                self.shift_minutes(-i64::from(offset))
            }
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
        if self.offset == other.offset {
            return self.compare_clocks(&other);
        }
        self.utc()?.compare_clocks(&other.utc()?)
    }

    fn compare_clocks(&self, other: &Temporal) -> Option<Ordering> {
        if self.kind == other.kind && self.precision == other.precision {
            // What is not given is the same in both.
            return Some(self.clock().cmp(&other.clock()));
        }
        let steps = [
            (Precision::Year, self.year.cmp(&other.year)),
            (Precision::Month, self.month.cmp(&other.month)),
            (Precision::Day, self.day.cmp(&other.day)),
            (Precision::Hour, self.hour.cmp(&other.hour)),
            (Precision::Minute, self.minute.cmp(&other.minute)),
        ];
        for (precision, order) in steps {
            if self.kind == TemporalKind::Time && precision < Precision::Hour {
                continue;
            }
            match (self.precision >= precision, other.precision >= precision) {
                (true, true) if order != Ordering::Equal => return Some(order),
                (true, true) => {}
                (false, false) => return Some(Ordering::Equal),
                _ => return None,
            }
        }
        // Seconds and their fraction are one decimal value.
        match (self.precision >= Precision::Second, other.precision >= Precision::Second) {
            (true, true) => Some((self.second, self.nanosecond).cmp(&(other.second, other.nanosecond))),
            (false, false) => Some(Ordering::Equal),
            _ => None,
        }
    }

    /// What a clock and a calendar show, in the order of time.
    fn clock(self) -> (i16, [i8; 5], i32) {
        (self.year, [self.month, self.day, self.hour, self.minute, self.second], self.nanosecond)
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

/// The number that the two digits at this place write.
fn two_digits(bytes: &[u8], at: usize) -> Option<i8> {
    match bytes.get(at..at + 2)? {
        [tens, ones] => number(*tens, *ones),
        _ => None,
    }
}

/// The number that two digits write.
fn number(tens: u8, ones: u8) -> Option<i8> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| (tens * 10 + ones).cast_signed())
}

/// Minutes east of UTC of what follows a time: `Z`, `+02:00`, or nothing.
fn offset(zone: &[u8]) -> Option<Option<i16>> {
    match *zone {
        [] => Some(None),
        [b'Z'] => Some(Some(0)),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (number(h1, h2)?, number(m1, m2)?);
            if hours > 14 || minutes > 59 {
                return None;
            }
            let offset = i16::from(hours) * 60 + i16::from(minutes);
            Some(Some(if sign == b'-' { -offset } else { offset }))
        }
        _ => None,
    }
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
        for wrong in [
            "201",
            "2014-13",
            "2014-02-30",
            "2014-02T10:00",
            "2014-02-28T25:00",
            "2014-02-28T10:00+15:00",
            "0000",
            "2014-",
            "2014-02-28T10:00:00.",
            "2014-02-28T10:",
            "2014-02-28T10:00z",
            "2014-02-28T10:00+0100",
            "20é4",
            "2014-02-28T10:00:00.5é",
            "2014-00",
            "2014-01-00",
            "2013-02-29",
            "2014$02-28T10:00:00",
            "2014-02-28T10:00:0:",
            "2014-02-28 10:00:00",
            "2014-0/-28T10:00:00",
            "2014-02-2:T10:00:00",
            "2014-02-28T10:60:00",
            "2\u{f1}4-02-28T10:00:00",
        ] {
            assert!(Temporal::parse_date_time(wrong).is_none(), "{wrong}");
        }
        assert!(Temporal::parse_date("2014-02-28T10:00").is_none());
    }

    #[test]
    fn the_usual_shape_is_read_as_any_other() {
        let pairs = |most: i32| (0..=most).map(|number| format!("{number:02}")).collect::<Vec<_>>();
        let texts = [
            pairs(99).iter().map(|year| format!("20{year}-02-03T04:05:06")).collect::<Vec<_>>(),
            pairs(99).iter().map(|century| format!("{century}14-02-03T04:05:06")).collect(),
            pairs(13).iter().map(|month| format!("2014-{month}-03T04:05:06")).collect(),
            pairs(29).iter().map(|day| format!("2014-02-{day}T04:05:06")).collect(),
            pairs(24).iter().map(|hour| format!("2014-02-03T{hour}:05:06")).collect(),
            pairs(60).iter().map(|minute| format!("2014-02-03T04:{minute}:06")).collect(),
            pairs(61).iter().map(|second| format!("2014-02-03T04:05:{second}")).collect(),
        ];
        for text in texts.iter().flatten() {
            // A fraction is read the long way.
            let long = Temporal::parse_date_time(&format!("{text}.0")).map(|value| value.to_string());
            let usual = Temporal::parse_date_time(text).map(|value| format!("{value}.0"));
            assert_eq!(usual, long, "{text}");
        }
    }

    #[test]
    fn a_move_to_utc_is_the_same_within_the_day_and_beyond() {
        let times = ["00:00", "00:59", "01:00", "12:30", "22:59", "23:00", "23:59"];
        let zones = ["Z", "+01:00", "-01:00", "+05:30", "-11:45", "+14:00"];
        for value in times.iter().flat_map(|time| zones.map(|zone| at(&format!("2014-01-01T{time}:05.5{zone}")))) {
            assert_eq!(value.utc(), value.shift_minutes(-i64::from(value.offset.unwrap())));
        }
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
