//! Conversion between FHIRPath's types.

use crate::fhir::path::decimal::Decimal;
use crate::fhir::path::functions::Call;
use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::Outcome;
use crate::fhir::path::functions::boolean;
use crate::fhir::path::functions::function;
use crate::fhir::path::functions::optional;
use crate::fhir::path::functions::text;
use crate::fhir::path::item::Item;
use crate::fhir::path::items::Items;
use crate::fhir::path::quantity::Quantity;
use crate::fhir::path::temporal::Temporal;
use crate::fhir::path::temporal::TemporalKind;

pub(crate) const FUNCTIONS: &[Function] = &[
    function("toBoolean", 0, 0, |call| convert(&call, to_boolean)),
    function("convertsToBoolean", 0, 0, |call| converts(&call, to_boolean)),
    function("toInteger", 0, 0, |call| convert(&call, to_integer)),
    function("convertsToInteger", 0, 0, |call| converts(&call, to_integer)),
    function("toLong", 0, 0, |call| convert(&call, to_integer)),
    function("convertsToLong", 0, 0, |call| converts(&call, to_integer)),
    function("toDecimal", 0, 0, |call| convert(&call, to_decimal)),
    function("convertsToDecimal", 0, 0, |call| converts(&call, to_decimal)),
    function("toDate", 0, 0, |call| convert(&call, to_date)),
    function("convertsToDate", 0, 0, |call| converts(&call, to_date)),
    function("toDateTime", 0, 0, |call| convert(&call, to_date_time)),
    function("convertsToDateTime", 0, 0, |call| converts(&call, to_date_time)),
    function("toTime", 0, 0, |call| convert(&call, to_time)),
    function("convertsToTime", 0, 0, |call| converts(&call, to_time)),
    function("toQuantity", 0, 1, to_quantity_in),
    function("convertsToQuantity", 0, 1, converts_to_quantity),
    function("toString", 0, 0, to_string),
    function("convertsToString", 0, 0, converts_to_string),
];

/// How a value becomes one of another type; `None` when it does not.
type Conversion = for<'i, 'a> fn(&'i Item<'a>) -> Option<Item<'a>>;

fn convert<'a>(call: &Call<'_, 'a>, conversion: Conversion) -> Outcome<'a> {
    optional(call.single()?.and_then(|item| conversion(&item.plain())))
}

fn converts<'a>(call: &Call<'_, 'a>, conversion: Conversion) -> Outcome<'a> {
    match call.single()? {
        None => Ok(Items::None),
        Some(item) => boolean(conversion(&item.plain()).is_some()),
    }
}

fn to_boolean<'a>(item: &Item<'a>) -> Option<Item<'a>> {
    let value = match item {
        Item::Boolean(value) => *value,
        Item::Integer(1) => true,
        Item::Integer(0) => false,
        Item::Decimal(number) if *number == Decimal::from(1) => true,
        Item::Decimal(number) if *number == Decimal::from(0) => false,
        Item::Text(text) => match text.to_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => true,
            "false" | "f" | "no" | "n" | "0" | "0.0" => false,
            _ => return None,
        },
        _ => return None,
    };
    Some(Item::Boolean(value))
}

fn to_integer<'a>(item: &Item<'a>) -> Option<Item<'a>> {
    Some(Item::Integer(match item {
        Item::Integer(value) => *value,
        Item::Boolean(value) => i64::from(*value),
        Item::Text(text) => text.strip_prefix('+').unwrap_or(text).parse().ok()?,
        _ => return None,
    }))
}

fn to_decimal<'a>(item: &Item<'a>) -> Option<Item<'a>> {
    Some(Item::Decimal(match item {
        Item::Integer(value) => Decimal::from(*value),
        Item::Decimal(value) => *value,
        Item::Boolean(value) => Decimal::new(if *value { 10 } else { 0 }, 1),
        Item::Text(text) if !text.contains(['e', 'E']) => Decimal::parse(text)?,
        _ => return None,
    }))
}

fn to_date<'a>(item: &Item<'a>) -> Option<Item<'a>> {
    Some(Item::Temporal(match item {
        Item::Temporal(value) if value.kind != TemporalKind::Time => value.date(),
        Item::Text(text) => Temporal::parse_date(text)?,
        _ => return None,
    }))
}

fn to_date_time<'a>(item: &Item<'a>) -> Option<Item<'a>> {
    Some(Item::Temporal(match item {
        Item::Temporal(value) if value.kind != TemporalKind::Time => {
            Temporal { kind: TemporalKind::DateTime, ..*value }
        }
        Item::Text(text) => Temporal::parse_date_time(text)?,
        _ => return None,
    }))
}

fn to_time<'a>(item: &Item<'a>) -> Option<Item<'a>> {
    Some(Item::Temporal(match item {
        Item::Temporal(value) if value.kind == TemporalKind::Time => *value,
        Item::Text(text) => Temporal::parse_time(text)?,
        _ => return None,
    }))
}

fn quantity(item: &Item<'_>) -> Option<Quantity> {
    let one = |value| Some(Quantity::from_ucum(value, "1"));
    match &*item.plain() {
        Item::Boolean(value) => one(Decimal::from(i64::from(*value))),
        Item::Text(text) => Quantity::parse(text),
        other => match other.decimal() {
            Some(number) => one(number),
            None => item.quantity().map(std::borrow::Cow::into_owned),
        },
    }
}

/// With a unit as argument the quantity is converted to it.
fn to_quantity_in<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let Some(mut found) = call.single()?.and_then(quantity) else { return Ok(Items::None) };
    if let Some(unit) = call.text_argument(0)? {
        let wanted = Quantity::from_ucum(Decimal::from(1), &unit);
        let Some(converted) = found.to_unit(&wanted) else { return Ok(Items::None) };
        found = converted;
    }
    Ok(Items::One(Item::Quantity(Box::new(found))))
}

fn converts_to_quantity<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    if call.focus.is_empty() {
        return Ok(Items::None);
    }
    boolean(!to_quantity_in(call)?.is_empty())
}

/// An item that has a text form.
fn writable(item: &Item<'_>) -> bool {
    match item {
        Item::Node(node) => node.element.value.is_some(),
        Item::Type(..) => false,
        _ => true,
    }
}

fn to_string<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    match call.single()? {
        Some(item) if writable(item) => text(item.to_string()),
        Some(item) => match item.quantity() {
            Some(quantity) => text(quantity.to_string()),
            None => Ok(Items::None),
        },
        None => Ok(Items::None),
    }
}

fn converts_to_string<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    match call.single()? {
        Some(item) => boolean(writable(item) || item.quantity().is_some()),
        None => Ok(Items::None),
    }
}
