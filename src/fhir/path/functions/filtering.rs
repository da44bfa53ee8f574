//! Filtering and projection: `where`, `select`, `repeat`, `ofType`.

use crate::fhir::path::compare;
use crate::fhir::path::context::Leniency;
use crate::fhir::path::error::PathError;
use crate::fhir::path::functions::Call;
use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::Outcome;
use crate::fhir::path::functions::boolean;
use crate::fhir::path::functions::function;
use crate::fhir::path::functions::type_function;
use crate::fhir::path::items::Items;

pub(crate) const FUNCTIONS: &[Function] = &[
    function("where", 1, 1, filter),
    function("select", 1, 1, select),
    function("repeat", 1, 1, repeat),
    type_function("ofType", of_type),
    type_function("as", cast),
    // Official scripts hold `is()` whose type was left out.
    Function { least: 0, ..type_function("is", is) },
];

fn filter<'a>(mut call: Call<'_, 'a>) -> Outcome<'a> {
    let focus = std::mem::take(&mut call.focus);
    let mut kept = Items::None;
    for (at, item) in focus.into_iter().enumerate() {
        if call.condition(&item, at)? {
            kept.push(item);
        }
    }
    Ok(kept)
}

fn select<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let mut all = Items::None;
    for (at, item) in call.focus.iter().enumerate() {
        all.extend(call.lambda(0, item, at)?);
        call.evaluator.bound(all.len())?;
    }
    Ok(all)
}

/// Applies the projection to its own results until nothing new comes; what is equal to a result before it counts once.
fn repeat<'a>(mut call: Call<'_, 'a>) -> Outcome<'a> {
    let mut found = Items::None;
    let mut open = std::mem::take(&mut call.focus);
    while !open.is_empty() {
        let mut next = Items::None;
        for (at, item) in open.iter().enumerate() {
            for result in call.lambda(0, item, at)? {
                call.evaluator.spend(found.len())?;
                if !found.iter().any(|known| compare::equal(known, &result, false) == Some(true)) {
                    found.push(result.clone());
                    next.push(result);
                }
            }
        }
        call.evaluator.bound(found.len())?;
        open = next;
    }
    Ok(found)
}

fn of_type<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    match call.type_argument() {
        Some(kind) => call.evaluator.of_type(call.focus, kind),
        None => Ok(Items::None),
    }
}

fn cast<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    match call.type_argument() {
        Some(kind) => call.evaluator.cast(call.focus, kind),
        None => Ok(Items::None),
    }
}

fn is<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    match call.type_argument() {
        Some(kind) => call.evaluator.is(&call.focus, kind),
        None if call.evaluator.context.allows(Leniency::UnknownType) => boolean(false),
        None => Err(PathError::UnknownType(String::new())),
    }
}
