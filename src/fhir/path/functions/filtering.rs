//! Filtering and projection: `where`, `select`, `repeat`, `ofType`.

use crate::fhir::path::compare;
use crate::fhir::path::context::Leniency;
use crate::fhir::path::error::Failure;
use crate::fhir::path::error::PathError;
use crate::fhir::path::functions::Call;
use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::Outcome;
use crate::fhir::path::functions::boolean;
use crate::fhir::path::functions::flow;
use crate::fhir::path::functions::function;
use crate::fhir::path::functions::of_type;
use crate::fhir::path::items::Items;
use crate::fhir::path::stream::Flow;

pub(crate) const FUNCTIONS: &[Function] = &[
    flow("where", 1, Flow::Where),
    function("select", 1, 1, select),
    function("repeat", 1, 1, repeat),
    of_type(flow("ofType", 1, Flow::OfType)),
    of_type(flow("as", 1, Flow::As)),
    // Official scripts hold `is()` whose type was left out.
    Function { least: 0, ..of_type(function("is", 1, 1, is)) },
];

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

fn is<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    match call.type_argument() {
        Some(kind) => call.evaluator.is(&call.focus, kind),
        None if call.evaluator.context.allows(Leniency::UnknownType) => boolean(false),
        None => Err(Failure::from(PathError::UnknownType(String::new()))),
    }
}
