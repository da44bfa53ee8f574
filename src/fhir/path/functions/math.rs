//! Arithmetic: the operators on numbers, quantities, dates and texts, and the mathematical functions.

use crate::fhir::path::ast::Operator;
use crate::fhir::path::decimal::Decimal;
use crate::fhir::path::decimal::Rounding;
use crate::fhir::path::error::Failure;
use crate::fhir::path::error::PathError;
use crate::fhir::path::eval::Evaluator;
use crate::fhir::path::eval::wrong_type;
use crate::fhir::path::functions::Call;
use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::Outcome;
use crate::fhir::path::functions::function;
use crate::fhir::path::functions::optional;
use crate::fhir::path::functions::text;
use crate::fhir::path::item::Item;
use crate::fhir::path::items::Items;
use crate::fhir::path::quantity::Quantity;
use crate::fhir::path::temporal::Temporal;

pub(crate) const FUNCTIONS: &[Function] = &[
    function("abs", 0, 0, abs),
    function("ceiling", 0, 0, |call| whole(&call, Rounding::Ceiling)),
    function("floor", 0, 0, |call| whole(&call, Rounding::Floor)),
    function("truncate", 0, 0, |call| whole(&call, Rounding::Truncate)),
    function("round", 0, 1, round),
    function("sqrt", 0, 0, |call| real(&call, f64::sqrt)),
    function("exp", 0, 0, |call| real(&call, f64::exp)),
    function("ln", 0, 0, |call| real(&call, f64::ln)),
    function("log", 1, 1, log),
    function("power", 1, 1, power),
];

/// `-item`
pub(crate) fn negate<'a>(item: Option<&Item<'a>>) -> Outcome<'a> {
    let Some(item) = item else { return Ok(Items::None) };
    match &*item.plain() {
        Item::Integer(value) => optional(value.checked_neg().map(Item::Integer)),
        Item::Decimal(value) => Ok(Items::One(Item::Decimal(value.negate()))),
        _ => match item.quantity() {
            Some(quantity) => {
                let quantity = Quantity { value: quantity.value.negate(), ..quantity.into_owned() };
                Ok(Items::One(Item::Quantity(Box::new(quantity))))
            }
            None => Err(wrong_type("-", "a number", item)),
        },
    }
}

/// `left operator right` for the arithmetic operators. What does not fit (overflow, division by zero) is empty.
pub(crate) fn operate<'a>(
    evaluator: &Evaluator<'_, 'a>,
    operator: Operator,
    left: Option<&Item<'a>>,
    right: Option<&Item<'a>>,
) -> Outcome<'a> {
    let name = operator.symbol();
    if operator == Operator::Concatenate {
        let part = |item: Option<&Item<'a>>| match item {
            None => Ok(String::new()),
            Some(item) => {
                item.text().map(std::borrow::Cow::into_owned).ok_or_else(|| wrong_type(name, "strings", item))
            }
        };
        return text(part(left)? + &part(right)?);
    }
    let (Some(left), Some(right)) = (left, right) else { return Ok(Items::None) };
    let wrong = || {
        Failure::from(PathError::WrongType {
            place: name,
            expected: "operands that fit together",
            seen: format!("a `{}` and a `{}`", left.kind(), right.kind()),
        })
    };
    let (a, b) = (left.plain(), right.plain());
    match (&*a, &*b) {
        (Item::Integer(a), Item::Integer(b)) => return integers(operator, *a, *b),
        (Item::Text(a), Item::Text(b)) if operator == Operator::Add => {
            evaluator.bound(a.len() + b.len())?;
            return text(format!("{a}{b}"));
        }
        (Item::Temporal(moment), _) => {
            let Some(quantity) = right.quantity() else { return Err(wrong()) };
            return shift(operator, *moment, &quantity).map_or_else(|| Err(wrong()), optional);
        }
        _ => {}
    }
    if let (Some(a), Some(b)) = (a.decimal(), b.decimal()) {
        return decimals(operator, a, b).ok_or_else(wrong);
    }
    let as_quantity = |item: &Item<'a>| {
        item.quantity()
            .map(std::borrow::Cow::into_owned)
            .or_else(|| item.decimal().map(|number| Quantity::from_ucum(number, "1")))
    };
    let (Some(a), Some(b)) = (as_quantity(left), as_quantity(right)) else { return Err(wrong()) };
    let result = match operator {
        Operator::Add => a.add(&b),
        Operator::Subtract => a.add(&Quantity { value: b.value.negate(), ..b }),
        Operator::Multiply => a.multiply(&b),
        Operator::Divide => a.divide(&b),
        _ => return Err(wrong()),
    };
    optional(result.map(|quantity| Item::Quantity(Box::new(quantity))))
}

fn integers<'a>(operator: Operator, left: i64, right: i64) -> Outcome<'a> {
    let result = match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::Div => left.checked_div(right),
        Operator::Mod => left.checked_rem(right),
        _ => {
            let quotient = Decimal::from(left).divide(Decimal::from(right));
            return optional(quotient.map(Item::Decimal));
        }
    };
    optional(result.map(Item::Integer))
}

/// `None` when the operator is none on numbers.
fn decimals<'a>(operator: Operator, left: Decimal, right: Decimal) -> Option<Items<'a>> {
    let result = match operator {
        Operator::Add => left.plus(right),
        Operator::Subtract => left.minus(right),
        Operator::Multiply => left.multiply(right),
        Operator::Divide => left.divide(right),
        Operator::Mod => left.remainder(right),
        Operator::Div => return Some(left.whole_quotient(right).map(Item::Integer).into()),
        _ => return None,
    };
    Some(result.map(Item::Decimal).into())
}

/// A moment plus or minus a time; the outer `None` when the unit is none of time. Fractions of a unit do not count.
fn shift<'a>(operator: Operator, moment: Temporal, quantity: &Quantity) -> Option<Option<Item<'a>>> {
    let unit = quantity.calendar_unit()?;
    let whole = quantity.value.rescale(0, Rounding::Truncate)?.to_integer()?;
    let amount = match operator {
        Operator::Add => whole,
        Operator::Subtract => whole.checked_neg()?,
        _ => return None,
    };
    Some(moment.add(amount, unit).map(Item::Temporal))
}

fn number<'a>(call: &Call<'_, 'a>) -> Result<Option<Decimal>, Failure> {
    match call.single()? {
        None => Ok(None),
        Some(item) => item.decimal().map(Some).ok_or_else(|| wrong_type(call.name, "a number", item)),
    }
}

fn number_argument<'a>(call: &Call<'_, 'a>) -> Result<Option<Decimal>, Failure> {
    match call.single_argument(0)? {
        None => Ok(None),
        Some(item) => item.decimal().map(Some).ok_or_else(|| wrong_type(call.name, "a number as argument", &item)),
    }
}

fn abs<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let Some(item) = call.single()? else { return Ok(Items::None) };
    match &*item.plain() {
        Item::Integer(value) => optional(value.checked_abs().map(Item::Integer)),
        Item::Decimal(value) => Ok(Items::One(Item::Decimal(value.absolute()))),
        _ => match item.quantity() {
            Some(quantity) => {
                let quantity = Quantity { value: quantity.value.absolute(), ..quantity.into_owned() };
                Ok(Items::One(Item::Quantity(Box::new(quantity))))
            }
            None => Err(wrong_type(call.name, "a number", item)),
        },
    }
}

fn whole<'a>(call: &Call<'_, 'a>, mode: Rounding) -> Outcome<'a> {
    let whole = number(call)?.and_then(|number| number.rescale(0, mode)?.to_integer());
    optional(whole.map(Item::Integer))
}

fn round<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let Some(number) = number(&call)? else { return Ok(Items::None) };
    let digits = call.integer_argument(0)?.unwrap_or(0);
    let Ok(digits) = u8::try_from(digits) else {
        return Err(wrong_type(call.name, "a count of decimals from 0", &Item::Integer(digits)));
    };
    if digits >= number.scale() {
        return Ok(Items::One(Item::Decimal(number)));
    }
    optional(number.rescale(digits, Rounding::HalfUp).map(Item::Decimal))
}

/// A function whose results no decimal holds; they are rounded to 15 digits.
fn real<'a>(call: &Call<'_, 'a>, apply: fn(f64) -> f64) -> Outcome<'a> {
    let result = number(call)?.and_then(|number| Decimal::from_float(apply(number.to_float())));
    optional(result.map(Item::Decimal))
}

fn log<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let (Some(number), Some(base)) = (number(&call)?, number_argument(&call)?) else { return Ok(Items::None) };
    let result = number.to_float().ln() / base.to_float().ln();
    optional(Decimal::from_float(result).map(Item::Decimal))
}

/// Exact for whole exponents that fit.
fn power<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let (Some(base), Some(exponent)) = (number(&call)?, number_argument(&call)?) else { return Ok(Items::None) };
    if let Some(exponent) = exponent.to_integer().filter(|exponent| (0..=200).contains(exponent)) {
        let mut result = Some(Decimal::from(1));
        for _ in 0..exponent {
            result = result.and_then(|result| result.multiply(base));
        }
        if let Some(result) = result {
            let integral = call.focus.first().is_some_and(|item| item.integer().is_some());
            return Ok(Items::One(match result.to_integer() {
                Some(whole) if integral => Item::Integer(whole),
                _ => Item::Decimal(result),
            }));
        }
    }
    optional(Decimal::from_float(base.to_float().powf(exponent.to_float())).map(Item::Decimal))
}
