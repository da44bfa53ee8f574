//! Aggregates.

use std::cmp::Ordering;

use crate::fhir::path::ast::Operator;
use crate::fhir::path::compare;
use crate::fhir::path::decimal::Decimal;
use crate::fhir::path::eval::Scope;
use crate::fhir::path::functions::Call;
use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::Outcome;
use crate::fhir::path::functions::function;
use crate::fhir::path::functions::math;
use crate::fhir::path::functions::optional;
use crate::fhir::path::item::Item;
use crate::fhir::path::items::Items;

pub(crate) const FUNCTIONS: &[Function] = &[
    function("aggregate", 1, 2, aggregate),
    function("sum", 0, 0, sum),
    function("min", 0, 0, min),
    function("max", 0, 0, max),
    function("avg", 0, 0, avg),
];

fn aggregate<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let mut total = call.argument(1)?;
    let Some(aggregator) = call.arguments.first() else { return Ok(total) };
    for (index, item) in call.focus.iter().enumerate() {
        let scope = &Scope { this: Some(item), index, total: Some(&total) };
        total = call.evaluator.eval(aggregator, scope)?;
    }
    Ok(total)
}

fn sum<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let mut items = call.focus.iter();
    let Some(first) = items.next() else { return Ok(Items::None) };
    let mut total = Items::One(first.plain().into_owned());
    for item in items {
        total = math::operate(call.evaluator, Operator::Add, total.first(), Some(item))?;
    }
    Ok(total)
}

fn avg<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let count = Decimal::from(i64::try_from(call.focus.len()).unwrap_or(i64::MAX));
    let evaluator = call.evaluator;
    let total = sum(call)?;
    math::operate(evaluator, Operator::Divide, total.first(), Some(&Item::Decimal(count)))
}

fn extreme<'a>(call: Call<'_, 'a>, wanted: Ordering) -> Outcome<'a> {
    let mut best: Option<Item<'a>> = None;
    for item in call.focus {
        let better = match &best {
            None => true,
            Some(best) => compare::order(&item, best, call.name)? == Some(wanted),
        };
        if better {
            best = Some(item);
        }
    }
    optional(best)
}

fn min<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    extreme(call, Ordering::Less)
}

fn max<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    extreme(call, Ordering::Greater)
}
