//! Existence: is there any, how many, and do they all.

use crate::fhir::path::ast::Invocation;
use crate::fhir::path::compare;
use crate::fhir::path::error::Failure;
use crate::fhir::path::eval::Evaluator;
use crate::fhir::path::eval::Scope;
use crate::fhir::path::eval::wrong_type;
use crate::fhir::path::functions::Call;
use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::Run;
use crate::fhir::path::functions::combining;
use crate::fhir::path::functions::lazy;
use crate::fhir::path::functions::test;
use crate::fhir::path::item::Item;
use crate::fhir::path::stream::Repeats;
use crate::fhir::path::truth::Answer;

pub(crate) const FUNCTIONS: &[Function] = &[
    lazy("exists", 0, 1, exists),
    lazy("empty", 0, 0, empty),
    Function { run: Run::Not, ..lazy("not", 0, 0, empty) },
    lazy("all", 1, 1, all),
    test("allTrue", 0, 0, all_true),
    test("anyTrue", 0, 0, any_true),
    test("allFalse", 0, 0, all_false),
    test("anyFalse", 0, 0, any_false),
    Function { run: Run::Count, ..lazy("count", 0, 0, empty) },
    test("isDistinct", 0, 0, is_distinct),
    test("subsetOf", 1, 1, subset_of),
    test("supersetOf", 1, 1, superset_of),
];

fn yes(answer: bool) -> Answer {
    Ok(Some(answer))
}

fn exists<'a>(evaluator: &Evaluator<'_, 'a>, call: &'a Invocation, scope: &Scope<'_, 'a>) -> Answer {
    let target = call.target.as_deref();
    let mut found = false;
    match call.arguments.first() {
        None => evaluator.input(target, scope, Repeats::DoNotMatter, &mut |_| {
            found = true;
            Ok(false)
        })?,
        Some(condition) => {
            let mut index = 0;
            evaluator.input(target, scope, Repeats::Matter, &mut |item| {
                let scope = &Scope { this: Some(&item), index, total: scope.total };
                index += 1;
                found = evaluator.condition(condition, scope, "exists")? == Some(true);
                Ok(!found)
            })?
        }
    };
    yes(found)
}

fn empty<'a>(evaluator: &Evaluator<'_, 'a>, call: &'a Invocation, scope: &Scope<'_, 'a>) -> Answer {
    exists(evaluator, call, scope).map(|found| found.map(|found| !found))
}

fn all<'a>(evaluator: &Evaluator<'_, 'a>, call: &'a Invocation, scope: &Scope<'_, 'a>) -> Answer {
    let target = call.target.as_deref();
    let Some(condition) = call.arguments.first() else { return yes(true) };
    let mut index = 0;
    let all = evaluator.input(target, scope, Repeats::Matter, &mut |item| {
        let scope = &Scope { this: Some(&item), index, total: scope.total };
        index += 1;
        Ok(evaluator.condition(condition, scope, "all")? == Some(true))
    })?;
    yes(all)
}

fn booleans(call: &Call<'_, '_>) -> Result<Vec<bool>, Failure> {
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

fn is_distinct(call: Call<'_, '_>) -> Answer {
    let count = call.focus.len();
    yes(combining::distinct(call.evaluator, call.focus)?.len() == count)
}

/// Whether every item of `part` is in `whole`.
fn within(call: &Call<'_, '_>, part: &[Item<'_>], whole: &[Item<'_>]) -> Result<bool, Failure> {
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
