//! Comparing values with what a profile fixes: equal, or holding at least a pattern.

use crate::fhir::Element;
use crate::fhir::ScalarKind;

/// Whether two values are the same in every part, order of different children apart.
pub fn equal(value: &Element, fixed: &Element) -> bool {
    same_scalar(value, fixed)
        && value.children.len() == fixed.children.len()
        && fixed.children.iter().all(|child| same_named(value, fixed, &child.name))
}

/// The first difference between a value and a fixed one: a name below the value, or nothing for the value itself.
pub fn difference<'a>(value: &'a Element, fixed: &'a Element) -> Option<&'a str> {
    let names = fixed.children.iter().chain(&value.children).map(|child| &*child.name);
    names.into_iter().find(|name| !same_named(value, fixed, name))
}

/// Whether a value holds all of a pattern: each child of the pattern is matched by one of the same name.
pub fn holds(value: &Element, pattern: &Element) -> bool {
    if pattern.value.is_some() && !same_scalar(value, pattern) {
        return false;
    }
    pattern.children.iter().all(|part| value.all(&part.name).any(|child| holds(child, part)))
}

fn same_named(value: &Element, fixed: &Element, name: &str) -> bool {
    let (mut left, mut right) = (value.all(name), fixed.all(name));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if equal(one, other) => {}
            _ => return false,
        }
    }
}

fn same_scalar(value: &Element, fixed: &Element) -> bool {
    match (&value.value, &fixed.value) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            one.text == other.text
                || (fixed_is_number(other.kind) && one.text.parse::<f64>().ok() == other.text.parse::<f64>().ok())
        }
        _ => false,
    }
}

fn fixed_is_number(kind: ScalarKind) -> bool {
    kind == ScalarKind::Number
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::Scalar;

    fn leaf(name: &str, text: &str) -> Element {
        let value = Scalar { text: text.into(), kind: ScalarKind::Text };
        Element { name: name.into(), value: Some(value), ..Element::default() }
    }

    fn node(name: &str, children: Vec<Element>) -> Element {
        Element { name: name.into(), children, ..Element::default() }
    }

    #[test]
    fn a_pattern_may_be_exceeded_and_a_fixed_value_not() {
        let pattern = node("code", vec![node("coding", vec![leaf("code", "1")])]);
        let value = node(
            "code",
            vec![
                node("coding", vec![leaf("code", "2")]),
                node("coding", vec![leaf("code", "1"), leaf("display", "een")]),
            ],
        );
        assert!(holds(&value, &pattern));
        assert!(!equal(&value, &pattern));
        assert!(equal(&pattern, &pattern));
        assert!(!holds(&node("code", vec![node("coding", vec![leaf("code", "3")])]), &pattern));
    }
}
