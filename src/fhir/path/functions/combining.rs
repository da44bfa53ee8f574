//! Combining collections.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::fhir::path::compare;
use crate::fhir::path::error::Failure;
use crate::fhir::path::eval::Evaluator;
use crate::fhir::path::functions::Call;
use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::Outcome;
use crate::fhir::path::functions::function;
use crate::fhir::path::item::Item;
use crate::fhir::path::items::Items;

pub(crate) const FUNCTIONS: &[Function] = &[
    function("union", 1, 1, union),
    function("combine", 1, 1, combine),
    function("distinct", 0, 0, distinct_items),
    function("intersect", 1, 1, intersect),
    function("exclude", 1, 1, exclude),
];

/// Without the items that are equal to one before them.
pub(crate) fn distinct<'a>(evaluator: &Evaluator<'_, 'a>, items: Items<'a>) -> Result<Items<'a>, Failure> {
    if items.len() < 2 {
        return Ok(items);
    }
    // Texts, by far the most frequent, are found by hash; the rest is compared with one another.
    let mut texts: HashSet<Cow<'a, str>> = HashSet::new();
    let mut kept = Items::None;
    let mut others: Vec<usize> = Vec::new();
    for item in items {
        if let Some(text) = item.text() {
            if texts.insert(text) {
                kept.push(item);
            }
            continue;
        }
        evaluator.spend(others.len())?;
        if !others.iter().any(|at| compare::equal(&kept[*at], &item, false) == Some(true)) {
            others.push(kept.len());
            kept.push(item);
        }
    }
    Ok(kept)
}

fn contains(call: &Call<'_, '_>, items: &[Item<'_>], item: &Item<'_>) -> Result<bool, Failure> {
    call.evaluator.spend(items.len())?;
    Ok(items.iter().any(|other| compare::equal(item, other, false) == Some(true)))
}

fn combine<'a>(mut call: Call<'_, 'a>) -> Outcome<'a> {
    let other = call.argument(0)?;
    call.focus.extend(other);
    call.evaluator.bound(call.focus.len())?;
    Ok(call.focus)
}

fn union<'a>(mut call: Call<'_, 'a>) -> Outcome<'a> {
    let other = call.argument(0)?;
    call.focus.extend(other);
    distinct(call.evaluator, call.focus)
}

fn distinct_items<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    distinct(call.evaluator, call.focus)
}

fn intersect<'a>(mut call: Call<'_, 'a>) -> Outcome<'a> {
    let other = call.argument(0)?;
    let mut kept = Items::None;
    for item in std::mem::take(&mut call.focus) {
        if contains(&call, &other, &item)? {
            kept.push(item);
        }
    }
    distinct(call.evaluator, kept)
}

fn exclude<'a>(mut call: Call<'_, 'a>) -> Outcome<'a> {
    let other = call.argument(0)?;
    let mut kept = Items::None;
    for item in std::mem::take(&mut call.focus) {
        if !contains(&call, &other, &item)? {
            kept.push(item);
        }
    }
    Ok(kept)
}
