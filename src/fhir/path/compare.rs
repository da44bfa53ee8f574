//! Equality, equivalence and order of items.
//!
//! `None` stands for FHIRPath's empty answer: two dates of different precision, for instance.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::fhir::element::Element;
use crate::fhir::path::error::Failure;
use crate::fhir::path::error::PathError;
use crate::fhir::path::item::Item;
use crate::fhir::path::item::Node;
use crate::fhir::path::quantity::Quantity;
use crate::fhir::path::temporal::Temporal;
use crate::fhir::path::temporal::TemporalKind;

/// `=` of two items. With `lenient`, text and number are equal when they are written the same.
pub(crate) fn equal(left: &Item<'_>, right: &Item<'_>, lenient: bool) -> Option<bool> {
    if let (Item::Node(a), Item::Node(b)) = (left, right) {
        if std::ptr::eq(a.element, b.element) {
            return Some(true);
        }
        if a.element.value.is_none() || b.element.value.is_none() {
            return Some(same_content(*a, *b));
        }
    }
    if matches!(left, Item::Quantity(_)) || matches!(right, Item::Quantity(_)) {
        let (Some(a), Some(b)) = (as_quantity(left), as_quantity(right)) else { return Some(false) };
        return a.compare(&b).map(|order| order == Ordering::Equal);
    }
    match (&*left.plain(), &*right.plain()) {
        (Item::Boolean(a), Item::Boolean(b)) => Some(a == b),
        (Item::Integer(a), Item::Integer(b)) => Some(a == b),
        (Item::Text(a), Item::Text(b)) => Some(a == b),
        (Item::Temporal(a), Item::Temporal(b)) => {
            let time = |value: &Temporal| value.kind == TemporalKind::Time;
            if time(a) != time(b) { Some(false) } else { a.compare(*b).map(|order| order == Ordering::Equal) }
        }
        (Item::Type(a, b), Item::Type(c, d)) => Some(a == c && b == d),
        (a @ (Item::Integer(_) | Item::Decimal(_)), b @ (Item::Integer(_) | Item::Decimal(_))) => {
            Some(a.decimal()? == b.decimal()?)
        }
        (Item::Text(text), number @ (Item::Integer(_) | Item::Decimal(_) | Item::Boolean(_)))
        | (number @ (Item::Integer(_) | Item::Decimal(_) | Item::Boolean(_)), Item::Text(text))
            if lenient =>
        {
            Some(*text == number.to_string())
        }
        (Item::Text(text), Item::Temporal(value)) | (Item::Temporal(value), Item::Text(text)) => {
            implied_temporal(text).map_or(Some(false), |other| other.compare(*value).map(|o| o == Ordering::Equal))
        }
        _ => Some(false),
    }
}

/// Text compares with a date as the date that it writes.
fn implied_temporal(text: &str) -> Option<Temporal> {
    Temporal::parse_date_time(text).or_else(|| Temporal::parse_time(text))
}

fn as_quantity<'i>(item: &'i Item<'_>) -> Option<Cow<'i, Quantity>> {
    item.quantity().or_else(|| {
        let number = item.decimal()?;
        Some(Cow::Owned(Quantity::from_ucum(number, "1")))
    })
}

/// Whether two elements have the same value and the same children, whatever they are called.
fn same_content(left: Node<'_>, right: Node<'_>) -> bool {
    same_element(left.element, right.element)
}

fn same_element(left: &Element, right: &Element) -> bool {
    let text = |element: &Element| element.value.as_ref().map(|scalar| scalar.text.clone());
    left.resource_type == right.resource_type
        && text(left) == text(right)
        && left.children.len() == right.children.len()
        && left.children.iter().zip(&right.children).all(|(a, b)| a.name == b.name && same_element(a, b))
}

/// `~` of two items.
pub(crate) fn equivalent(left: &Item<'_>, right: &Item<'_>) -> bool {
    if let (Item::Node(a), Item::Node(b)) = (left, right) {
        if std::ptr::eq(a.element, b.element) {
            return true;
        }
        if a.element.value.is_none() || b.element.value.is_none() {
            return equivalent_element(a.element, b.element);
        }
    }
    if matches!(left, Item::Quantity(_)) || matches!(right, Item::Quantity(_)) {
        return match (as_quantity(left), as_quantity(right)) {
            (Some(a), Some(b)) => a.is_equivalent(&b),
            _ => false,
        };
    }
    match (&*left.plain(), &*right.plain()) {
        (Item::Text(a), Item::Text(b)) => normalized(a) == normalized(b),
        (a @ (Item::Integer(_) | Item::Decimal(_)), b @ (Item::Integer(_) | Item::Decimal(_))) => {
            matches!((a.decimal(), b.decimal()), (Some(a), Some(b)) if a.is_equivalent(b))
        }
        _ => equal(left, right, false) == Some(true),
    }
}

/// Lower case, with each run of blanks as one space.
fn normalized(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The order of children does not count, nor do ids.
fn equivalent_element(left: &Element, right: &Element) -> bool {
    let content = |element: &Element| element.children.iter().filter(|child| &*child.name != "id").count();
    if content(left) != content(right) {
        return false;
    }
    match (left.as_text(), right.as_text()) {
        (Some(a), Some(b)) if normalized(a) != normalized(b) => return false,
        (Some(_), None) | (None, Some(_)) => return false,
        _ => {}
    }
    let mut open: Vec<&Element> = right.children.iter().filter(|child| &*child.name != "id").collect();
    left.children.iter().filter(|child| &*child.name != "id").all(|child| {
        let found = open.iter().position(|other| other.name == child.name && equivalent_element(child, other));
        found.map(|at| open.swap_remove(at)).is_some()
    })
}

/// `=` of two collections: same length, same order; empty when either is empty or a pair has no answer.
pub(crate) fn collections_equal(left: &[Item<'_>], right: &[Item<'_>], lenient: bool) -> Option<bool> {
    if left.is_empty() || right.is_empty() {
        return None;
    }
    if left.len() != right.len() {
        return Some(false);
    }
    let mut open = false;
    for (a, b) in left.iter().zip(right) {
        match equal(a, b, lenient) {
            Some(false) => return Some(false),
            Some(true) => {}
            None => open = true,
        }
    }
    (!open).then_some(true)
}

/// `~` of two collections: same length, any order.
pub(crate) fn collections_equivalent(left: &[Item<'_>], right: &[Item<'_>]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut open: Vec<&Item<'_>> = right.iter().collect();
    left.iter().all(|item| {
        let found = open.iter().position(|other| equivalent(item, other));
        found.map(|at| open.swap_remove(at)).is_some()
    })
}

/// Order of two items for `<` and its kin; an error when their types have no common order.
pub(crate) fn order(left: &Item<'_>, right: &Item<'_>, place: &'static str) -> Result<Option<Ordering>, Failure> {
    let wrong = || {
        let kind = |item: &Item<'_>| {
            if item.kind().is_empty() { "an unknown type".to_owned() } else { item.kind().to_owned() }
        };
        Failure::from(PathError::WrongType {
            place,
            expected: "two values of one ordered type",
            seen: format!("{} and {}", kind(left), kind(right)),
        })
    };
    if let (Item::Node(a), Item::Node(b)) = (left, right)
        && let (Some(a), Some(b)) = (a.temporal(), b.temporal())
    {
        return Ok(a.compare(b));
    }
    let quantity = |item: &Item<'_>| match item {
        Item::Quantity(_) => true,
        Item::Node(node) => node.element.value.is_none() && node.quantity().is_some(),
        _ => false,
    };
    if quantity(left) || quantity(right) {
        let (Some(a), Some(b)) = (as_quantity(left), as_quantity(right)) else { return Err(wrong()) };
        return Ok(a.compare(&b));
    }
    match (&*left.plain(), &*right.plain()) {
        (Item::Text(a), Item::Text(b)) => Ok(Some(a.cmp(b))),
        (Item::Temporal(a), Item::Temporal(b)) => Ok(a.compare(*b)),
        (Item::Text(text), Item::Temporal(value)) => {
            implied_temporal(text).map(|text| text.compare(*value)).ok_or_else(wrong)
        }
        (Item::Temporal(value), Item::Text(text)) => {
            implied_temporal(text).map(|text| value.compare(text)).ok_or_else(wrong)
        }
        (a, b) => match (a.decimal(), b.decimal()) {
            (Some(a), Some(b)) => Ok(Some(a.cmp(&b))),
            // A primitive with extensions only has no value to order.
            _ if has_no_value(left) || has_no_value(right) => Ok(None),
            _ => Err(wrong()),
        },
    }
}

fn has_no_value(item: &Item<'_>) -> bool {
    item.node().is_some_and(|node| {
        node.element.value.is_none()
            && node.element.children.iter().all(|child| matches!(&*child.name, "id" | "extension"))
    })
}
