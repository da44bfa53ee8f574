//! Existence: is there any, how many, and do they all.

use crate::fhir::path::compare;
use crate::fhir::path::error::PathError;
use crate::fhir::path::eval::wrong_type;
use crate::fhir::path::functions::Call;
use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::Outcome;
use crate::fhir::path::functions::Run;
use crate::fhir::path::functions::combining;
use crate::fhir::path::functions::function;
use crate::fhir::path::functions::integer;
use crate::fhir::path::functions::test;
use crate::fhir::path::item::Item;
use crate::fhir::path::truth::Answer;

pub(crate) const FUNCTIONS: &[Function] = &[
    test("exists", 0, 1, exists),
    test("empty", 0, 0, empty),
    Function { run: Run::Not, ..test("not", 0, 0, empty) },
    test("all", 1, 1, all),
    test("allTrue", 0, 0, all_true),
    test("anyTrue", 0, 0, any_true),
    test("allFalse", 0, 0, all_false),
    test("anyFalse", 0, 0, any_false),
    function("count", 0, 0, count),
    test("isDistinct", 0, 0, is_distinct),
    test("subsetOf", 1, 1, subset_of),
    test("supersetOf", 1, 1, superset_of),
];

fn yes(answer: bool) -> Answer {
    Ok(Some(answer))
}

fn exists(call: Call<'_, '_>) -> Answer {
    if call.arguments.is_empty() {
        return yes(!call.focus.is_empty());
    }
    for (at, item) in call.focus.iter().enumerate() {
        if call.condition(item, at)? {
            return yes(true);
        }
    }
    yes(false)
}

fn empty(call: Call<'_, '_>) -> Answer {
    yes(call.focus.is_empty())
}

fn all(call: Call<'_, '_>) -> Answer {
    for (at, item) in call.focus.iter().enumerate() {
        if !call.condition(item, at)? {
            return yes(false);
        }
    }
    yes(true)
}

fn booleans(call: &Call<'_, '_>) -> Result<Vec<bool>, PathError> {
    let each = |item: &Item<'_>| item.boolean().ok_or_else(|| wrong_type(call.name, "booleans", item));
    call.focus.iter().map(each).collect()
}

fn all_true(call: Call<'_, '_>) -> Answer {
    yes(booleans(&call)?.iter().all(|value| *value))
}

fn any_true(call: Call<'_, '_>) -> Answer {
    yes(booleans(&call)?.iter().any(|value| *value))
}

fn all_false(call: Call<'_, '_>) -> Answer {
    yes(booleans(&call)?.iter().all(|value| !value))
}

fn any_false(call: Call<'_, '_>) -> Answer {
    yes(booleans(&call)?.iter().any(|value| !value))
}

fn count<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    integer(call.focus.len())
}

fn is_distinct(call: Call<'_, '_>) -> Answer {
    let count = call.focus.len();
    yes(combining::distinct(call.evaluator, call.focus)?.len() == count)
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

fn subset_of(call: Call<'_, '_>) -> Answer {
    let whole = call.argument(0)?;
    yes(within(&call, &call.focus, &whole)?)
}

fn superset_of(call: Call<'_, '_>) -> Answer {
    let part = call.argument(0)?;
    yes(within(&call, &part, &call.focus)?)
}
