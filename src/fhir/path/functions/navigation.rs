//! Walking the tree.

use crate::fhir::path::error::PathError;
use crate::fhir::path::functions::Call;
use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::Outcome;
use crate::fhir::path::functions::function;
use crate::fhir::path::item::Item;
use crate::fhir::path::item::Node;
use crate::fhir::path::items::Items;

pub(crate) const FUNCTIONS: &[Function] =
    &[function("children", 0, 0, children), function("descendants", 0, 0, descendants)];

fn children<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let mut found = Items::None;
    for node in call.focus.iter().filter_map(Item::node) {
        found.extend(call.evaluator.children(node).map(Item::Node));
        call.evaluator.bound(found.len())?;
    }
    Ok(found)
}

fn descendants<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let mut found = Items::None;
    for node in call.focus.iter().filter_map(Item::node) {
        descend(&call, node, &mut found)?;
    }
    Ok(found)
}

/// In document order. The readers bound how deep a resource nests.
fn descend<'a>(call: &Call<'_, 'a>, node: Node<'a>, found: &mut Items<'a>) -> Result<(), PathError> {
    for child in call.evaluator.children(node) {
        found.push(Item::Node(child));
        descend(call, child, found)?;
    }
    if found.len() > call.evaluator.context.limits.items {
        call.evaluator.bound(found.len())?;
    }
    call.evaluator.spend(node.element.children.len())
}
