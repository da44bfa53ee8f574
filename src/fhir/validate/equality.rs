//! Comparing values with what a profile fixes: equal, or holding at least a pattern.

use crate::fhir::Element;
use crate::fhir::ScalarKind;

/// Whether two values are the same in every part, order of different children apart.
pub fn equal(value: &Element, fixed: &Element) -> bool {
    same_scalar(value, fixed)
        && value.children.len() == fixed.children.len()
        && fixed.children.iter().all(|child| same_named(value, fixed, &child.name))
}

/// Where a value differs from a fixed one (`exact`) or from a pattern: ways below the value (`.period.start`, or nothing
/// for the value itself). Codings are compared as a whole, and told at what they are in.
pub fn differences(value: &Element, fixed: &Element, exact: bool) -> Vec<String> {
    let mut found = Vec::new();
    differ(value, fixed, exact, "", &mut found);
    found
}

fn differ(value: &Element, fixed: &Element, exact: bool, way: &str, found: &mut Vec<String>) {
    if (exact || fixed.value.is_some()) && !same_scalar(value, fixed) {
        return found.push(way.to_owned());
    }
    let mut names: Vec<&str> = Vec::new();
    for child in fixed.children.iter().chain(value.children.iter().filter(|_| exact)) {
        if !names.contains(&&*child.name) {
            names.push(&child.name);
        }
    }
    for name in names {
        let (left, right): (Vec<_>, Vec<_>) = (value.all(name).collect(), fixed.all(name).collect());
        let below = format!("{way}.{name}");
        match (left.as_slice(), right.as_slice()) {
            ([one], [other]) if name != "coding" || exact => differ(one, other, exact, &below, found),
            ([], [_]) | ([_], []) if name != "coding" => found.push(below),
            _ if exact && left.len() == right.len() => {
                for (at, (one, other)) in left.iter().zip(&right).enumerate() {
                    differ(one, other, exact, &format!("{below}[{at}]"), found);
                }
            }
            _ if !exact && right.iter().all(|part| left.iter().any(|child| holds(child, part))) => {}
            _ => found.push(way.to_owned()),
        }
    }
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
    fn differences_are_told_where_they_are() {
        let fixed = node("telecom", vec![leaf("use", "home"), leaf("rank", "1")]);
        let value = node("telecom", vec![leaf("use", "work"), leaf("value", "06")]);
        assert_eq!(differences(&value, &fixed, true), [".use", ".rank", ".value"]);
        assert_eq!(differences(&value, &fixed, false), [".use", ".rank"]);
        let pattern = node("code", vec![node("coding", vec![leaf("code", "1")])]);
        let value = node("code", vec![node("coding", vec![leaf("code", "2")])]);
        assert_eq!(differences(&value, &pattern, false), [""]);
        assert_eq!(differences(&value, &pattern, true), [".coding.code"]);
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
