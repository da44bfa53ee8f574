//! Subsetting by position, and `sort`.

use std::cmp::Ordering;

use crate::fhir::path::ast::Expr;
use crate::fhir::path::compare;
use crate::fhir::path::error::Failure;
use crate::fhir::path::eval::Scope;
use crate::fhir::path::functions::Call;
use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::Outcome;
use crate::fhir::path::functions::function;
use crate::fhir::path::functions::optional;
use crate::fhir::path::item::Item;

pub(crate) const FUNCTIONS: &[Function] = &[
    function("single", 0, 0, single),
    function("first", 0, 0, first),
    function("last", 0, 0, last),
    function("tail", 0, 0, tail),
    function("skip", 1, 1, skip),
    function("take", 1, 1, take),
    function("sort", 0, 20, sort),
];

fn single<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    call.single()?;
    Ok(call.focus)
}

fn first<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    optional(call.focus.into_iter().next())
}

fn last<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    optional(call.focus.into_iter().next_back())
}

fn tail<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    Ok(call.focus.into_iter().skip(1).collect())
}

/// A count; negative counts as none.
fn count(call: &Call<'_, '_>) -> Result<Option<usize>, Failure> {
    Ok(call.integer_argument(0)?.map(|count| usize::try_from(count.max(0)).unwrap_or(usize::MAX)))
}

fn skip<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let count = count(&call)?.unwrap_or(0);
    Ok(call.focus.into_iter().skip(count).collect())
}

fn take<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let count = count(&call)?.unwrap_or(0);
    Ok(call.focus.into_iter().take(count).collect())
}

/// Sorts by the keys given, each turned round by a `-` before it; without keys by the items themselves.
/// An item without a key comes last, or first when turned round.
fn sort<'a>(mut call: Call<'_, 'a>) -> Outcome<'a> {
    let focus = std::mem::take(&mut call.focus);
    call.evaluator.spend(focus.len() * focus.len().max(2).ilog2() as usize)?;
    let mut keyed = Vec::with_capacity(focus.len());
    for (at, item) in focus.into_iter().enumerate() {
        let mut keys: Vec<(Option<Item<'a>>, bool)> = Vec::new();
        if call.arguments.is_empty() {
            keys.push((Some(item.clone()), false));
        }
        for argument in call.arguments {
            let (key, descending) = match argument {
                Expr::Negate(key) => (&**key, true),
                key => (key, false),
            };
            let scope = &Scope { this: Some(&item), index: at, total: call.scope.total };
            let found = call.evaluator.eval(key, scope)?;
            keys.push((call.evaluator.single(&found, call.name)?.cloned(), descending));
        }
        keyed.push((keys, item));
    }
    let mut failure = None;
    keyed.sort_by(|(left, _), (right, _)| {
        for ((a, descending), (b, _)) in left.iter().zip(right) {
            let order = match (a, b) {
                (None, None) => Ordering::Equal,
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
                (Some(a), Some(b)) => match compare::order(a, b, "sort") {
                    Ok(order) => order.unwrap_or(Ordering::Equal),
                    Err(error) => {
                        failure.get_or_insert(error);
                        Ordering::Equal
                    }
                },
            };
            if order != Ordering::Equal {
                return if *descending { order.reverse() } else { order };
            }
        }
        Ordering::Equal
    });
    match failure {
        Some(error) => Err(error),
        None => Ok(keyed.into_iter().map(|(_, item)| item).collect()),
    }
}
