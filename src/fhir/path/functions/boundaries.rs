//! Precision and the boundaries of imprecise values; components of dates; comparable quantities.

use crate::fhir::path::decimal::Decimal;
use crate::fhir::path::decimal::Rounding;
use crate::fhir::path::eval::wrong_type;
use crate::fhir::path::functions::Call;
use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::Outcome;
use crate::fhir::path::functions::boolean;
use crate::fhir::path::functions::function;
use crate::fhir::path::functions::integer;
use crate::fhir::path::functions::optional;
use crate::fhir::path::item::Item;
use crate::fhir::path::items::Items;
use crate::fhir::path::quantity::Quantity;
use crate::fhir::path::temporal::Precision;
use crate::fhir::path::temporal::Temporal;
use crate::fhir::path::temporal::TemporalKind;

pub(crate) const FUNCTIONS: &[Function] = &[
    function("lowBoundary", 0, 1, |call| boundary(&call, Side::Low)),
    function("highBoundary", 0, 1, |call| boundary(&call, Side::High)),
    function("precision", 0, 0, precision),
    function("comparable", 1, 1, comparable),
    function("yearOf", 0, 0, |call| component(&call, Precision::Year, |at| i64::from(at.year))),
    function("monthOf", 0, 0, |call| component(&call, Precision::Month, |at| i64::from(at.month))),
    function("dayOf", 0, 0, |call| component(&call, Precision::Day, |at| i64::from(at.day))),
    function("hourOf", 0, 0, |call| component(&call, Precision::Hour, |at| i64::from(at.hour))),
    function("minuteOf", 0, 0, |call| component(&call, Precision::Minute, |at| i64::from(at.minute))),
    function("secondOf", 0, 0, |call| component(&call, Precision::Second, |at| i64::from(at.second))),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Low,
    High,
}

/// The most decimals of a boundary, and how many it has when none are asked.
const MOST_DECIMALS: i64 = 28;
const DECIMALS: u8 = 8;

fn boundary<'a>(call: &Call<'_, 'a>, side: Side) -> Outcome<'a> {
    let Some(item) = call.single()? else { return Ok(Items::None) };
    let digits = call.integer_argument(0)?;
    let plain = item.plain();
    if let Item::Temporal(value) = &*plain {
        return optional(temporal_boundary(*value, digits, side).map(Item::Temporal));
    }
    if let Some(number) = plain.decimal() {
        return optional(decimal_boundary(number, digits, side).map(Item::Decimal));
    }
    match item.quantity() {
        Some(quantity) => {
            let value = decimal_boundary(quantity.value, digits, side);
            optional(value.map(|value| Item::Quantity(Box::new(Quantity { value, ..quantity.into_owned() }))))
        }
        None => Err(wrong_type(call.name, "a number, a quantity, a date or a time", item)),
    }
}

/// Half a unit of the last digit away. With fewer digits than the value has, the boundary towards zero is cut off and the one
/// away from zero is rounded: that is what the suite of HL7 asks.
fn decimal_boundary(number: Decimal, digits: Option<i64>, side: Side) -> Option<Decimal> {
    let digits = match digits {
        None => DECIMALS,
        Some(digits) if (0..=MOST_DECIMALS).contains(&digits) => u8::try_from(digits).ok()?,
        Some(_) => return None,
    };
    let half = Decimal::new(if side == Side::High { 5 } else { -5 }, number.scale().checked_add(1)?);
    let outward = (number.mantissa() < 0) == (side == Side::Low);
    number.plus(half)?.rescale(digits, if outward { Rounding::HalfUp } else { Rounding::Truncate })
}

/// How many digits a precision is written with.
fn digits_of(value: Temporal) -> usize {
    let time = value.kind == TemporalKind::Time;
    let digits = match value.precision {
        Precision::Year => 4,
        Precision::Month => 6,
        Precision::Day => 8,
        Precision::Hour => 10,
        Precision::Minute => 12,
        Precision::Second => 14,
        Precision::Fraction => 17,
    };
    if time { digits - 8 } else { digits }
}

fn temporal_boundary(value: Temporal, digits: Option<i64>, side: Side) -> Option<Temporal> {
    let time = value.kind == TemporalKind::Time;
    let most = match value.kind {
        TemporalKind::Date => 8,
        TemporalKind::DateTime => 17,
        TemporalKind::Time => 9,
    };
    let digits = digits.unwrap_or(most);
    let precision = match if time { digits.checked_add(8)? } else { digits } {
        4 if !time => Precision::Year,
        6 if !time => Precision::Month,
        8 if !time => Precision::Day,
        10 => Precision::Hour,
        12 => Precision::Minute,
        14 => Precision::Second,
        17 => Precision::Fraction,
        _ => return None,
    };
    let mut filled = match side {
        Side::Low => value,
        // An hour without minutes means the full hour.
        Side::High if value.precision == Precision::Hour => Temporal { precision: Precision::Minute, ..value }.end()?,
        Side::High => value.end()?,
    };
    filled.precision = precision;
    filled.fraction_digits = if precision == Precision::Fraction { 3 } else { 0 };
    if value.kind != TemporalKind::Time {
        filled.kind = if precision > Precision::Day { TemporalKind::DateTime } else { value.kind };
        filled.offset = match (precision > Precision::Day, side) {
            (false, _) => None,
            // The first place on earth to see a moment of the clock is furthest east.
            (true, Side::Low) => value.offset.or(Some(14 * 60)),
            (true, Side::High) => value.offset.or(Some(-12 * 60)),
        };
    }
    Some(filled)
}

fn precision<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let Some(item) = call.single()? else { return Ok(Items::None) };
    match &*item.plain() {
        Item::Temporal(value) => integer(digits_of(*value)),
        Item::Decimal(value) => integer(usize::from(value.scale())),
        Item::Integer(_) => integer(0),
        _ => Err(wrong_type(call.name, "a decimal, a date or a time", item)),
    }
}

fn comparable<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let other = call.single_argument(0)?;
    let (Some(item), Some(other)) = (call.single()?, &other) else { return Ok(Items::None) };
    match (item.quantity(), other.quantity()) {
        (Some(left), Some(right)) => boolean(left.is_comparable(&right) == Some(true)),
        _ => Err(wrong_type(call.name, "two quantities", item)),
    }
}

fn component<'a>(call: &Call<'_, 'a>, precision: Precision, of: fn(Temporal) -> i64) -> Outcome<'a> {
    let Some(item) = call.single()? else { return Ok(Items::None) };
    let Some(value) = item.temporal() else { return Err(wrong_type(call.name, "a date or a time", item)) };
    let has_it = value.precision >= precision && (value.kind != TemporalKind::Time || precision > Precision::Day);
    optional(has_it.then(|| Item::Integer(of(value))))
}
