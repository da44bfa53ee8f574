//! Existence: is there any, how many, and do they all.

use crate::fhir::path::compare;
use crate::fhir::path::error::PathError;
use crate::fhir::path::eval::truth;
use crate::fhir::path::eval::wrong_type;
use crate::fhir::path::functions::Call;
use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::Outcome;
use crate::fhir::path::functions::boolean;
use crate::fhir::path::functions::combining;
use crate::fhir::path::functions::function;
use crate::fhir::path::functions::integer;
use crate::fhir::path::item::Item;

pub(crate) const FUNCTIONS: &[Function] = &[
    function("exists", 0, 1, exists),
    function("empty", 0, 0, empty),
    function("not", 0, 0, not),
    function("all", 1, 1, all),
    function("allTrue", 0, 0, all_true),
    function("anyTrue", 0, 0, any_true),
    function("allFalse", 0, 0, all_false),
    function("anyFalse", 0, 0, any_false),
    function("count", 0, 0, count),
    function("isDistinct", 0, 0, is_distinct),
    function("subsetOf", 1, 1, subset_of),
    function("supersetOf", 1, 1, superset_of),
];

fn exists<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    if call.arguments.is_empty() {
        return boolean(!call.focus.is_empty());
    }
    for (at, item) in call.focus.iter().enumerate() {
        if call.condition(item, at)? {
            return boolean(true);
        }
    }
    boolean(false)
}

fn empty<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    boolean(call.focus.is_empty())
}

fn not<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    match truth(&call.focus, call.name, call.evaluator.context)? {
        None => Ok(Vec::new()),
        Some(truth) => boolean(!truth),
    }
}

fn all<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    for (at, item) in call.focus.iter().enumerate() {
        if !call.condition(item, at)? {
            return boolean(false);
        }
    }
    boolean(true)
}

fn booleans(call: &Call<'_, '_>) -> Result<Vec<bool>, PathError> {
    let each = |item: &Item<'_>| item.boolean().ok_or_else(|| wrong_type(call.name, "booleans", item));
    call.focus.iter().map(each).collect()
}

fn all_true<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    boolean(booleans(&call)?.iter().all(|value| *value))
}

fn any_true<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    boolean(booleans(&call)?.iter().any(|value| *value))
}

fn all_false<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    boolean(booleans(&call)?.iter().all(|value| !value))
}

fn any_false<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    boolean(booleans(&call)?.iter().any(|value| !value))
}

fn count<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    integer(call.focus.len())
}

fn is_distinct<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let count = call.focus.len();
    boolean(combining::distinct(call.evaluator, call.focus)?.len() == count)
}

/// Whether every item of `part` is in `whole`.
fn within(call: &Call<'_, '_>, part: &[Item<'_>], whole: &[Item<'_>]) -> Result<bool, PathError> {
    for item in part {
        call.evaluator.spend(whole.len())?;
        if !whole.iter().any(|other| compare::equal(item, other, false) == Some(true)) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn subset_of<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let whole = call.argument(0)?;
    boolean(within(&call, &call.focus, &whole)?)
}

fn superset_of<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let part = call.argument(0)?;
    boolean(within(&call, &part, &call.focus)?)
}
