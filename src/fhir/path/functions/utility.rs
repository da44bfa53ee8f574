//! Utilities: `trace`, the clock, `iif`, `type`, `coalesce`.

use std::borrow::Cow;

use crate::fhir::path::context::Leniency;
use crate::fhir::path::eval::Scope;
use crate::fhir::path::eval::wrong_type;
use crate::fhir::path::functions::Call;
use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::Outcome;
use crate::fhir::path::functions::function;
use crate::fhir::path::item::Item;
use crate::fhir::path::items::Items;

pub(crate) const FUNCTIONS: &[Function] = &[
    function("trace", 1, 2, trace),
    function("now", 0, 0, now),
    function("today", 0, 0, today),
    function("timeOfDay", 0, 0, time_of_day),
    function("iif", 2, 3, iif),
    function("type", 0, 0, type_info),
    function("coalesce", 1, 20, coalesce),
];

/// Passes its input on; there is nowhere to write to, but a projection that cannot be evaluated is an error.
fn trace<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    if call.arguments.len() > 1 {
        for (at, item) in call.focus.iter().enumerate() {
            call.lambda(1, item, at)?;
        }
    }
    Ok(call.focus)
}

fn now<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    Ok(Items::One(Item::Temporal(call.evaluator.context.now)))
}

fn today<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    Ok(Items::One(Item::Temporal(call.evaluator.context.now.date())))
}

fn time_of_day<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    Ok(Items::One(Item::Temporal(call.evaluator.context.now.time())))
}

/// Only the branch that is chosen is evaluated.
fn iif<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let this = call.single()?.cloned();
    let scope = &Scope { this: this.as_ref(), ..*call.scope };
    let [condition, then, otherwise @ ..] = call.arguments else { return Ok(Items::None) };
    let condition = call.evaluator.eval(condition, scope)?;
    let holds = match call.evaluator.single(&condition, call.name)? {
        None => false,
        Some(item) => match item.boolean() {
            Some(truth) => truth,
            None if call.evaluator.context.allows(Leniency::SeveralAsCondition) => true,
            None => return Err(wrong_type(call.name, "a boolean as condition", item)),
        },
    };
    match (holds, otherwise.first()) {
        (true, _) => call.evaluator.eval(then, scope),
        (false, Some(otherwise)) => call.evaluator.eval(otherwise, scope),
        (false, None) => Ok(Items::None),
    }
}

fn type_info<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let info = |item: &Item<'a>| match item {
        Item::Node(node) => Item::Type("FHIR", Cow::Borrowed(node.kind)),
        value => Item::Type("System", Cow::Owned(value.kind().to_owned())),
    };
    Ok(call.focus.iter().map(info).collect())
}

/// The first argument that is not empty.
fn coalesce<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    for at in 0..call.arguments.len() {
        let items = call.argument(at)?;
        if !items.is_empty() {
            return Ok(items);
        }
    }
    Ok(Items::None)
}
