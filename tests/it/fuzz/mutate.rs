//! Makes valid material invalid, hostile or merely odd: bytes, JSON trees and texts.

use serde_json::Value;

use crate::fuzz::random::Random;

/// Texts that have broken readers before.
const ODD: &[&str] = &[
    "",
    " ",
    "#",
    "-",
    "é",
    "\u{0}",
    "\u{202e}\u{feff}",
    "a\u{301}\u{1f3f3}\u{fe0f}",
    "1e999",
    "-0.0e-999999999",
    "0001-01-01",
    "9999-12-31T23:59:60+14:00",
    "2026-02-",
    "2026-02-30",
    "24:00:00.0000000000000000001",
    "http://",
    "http://x|1|2#3",
    "urn:oid:",
    "urn:uuid:",
    "#/",
    "Patient/",
    "Patient/x/_history/",
    "../../x",
    "//////",
    "[[[",
    "((((",
    "'",
    "`",
    "\\u0000",
    "%",
    "{{}}",
    "<div>",
    "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>x",
    "<div xmlns='http://www.w3.org/1999/xhtml'>&nbsp;</div>",
    "<!DOCTYPE x [<!ENTITY a \"b\">]>",
    "http://hl7.org/fhir/StructureDefinition/Patient",
    "http://nictiz.nl/fhir/StructureDefinition/zib-BloodPressure",
    "http://unitsofmeasure.org",
    "mm[Hg]",
    "10*-999999999999",
    "m/((s",
];

/// Numbers as JSON may write them.
const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "1e1000000",
    "1e-1000000",
    "123456789012345678901234567890.123456789012345678901234567890",
    "18446744073709551616",
    "-9223372036854775809",
    "0.1",
    "1.0e0",
    "2147483648",
];

/// Pieces that mean something to a reader of JSON or XML.
const TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "null",
    "true",
    "\\",
    "\\ud800",
    "\\u0000",
    "<",
    ">",
    "</",
    "/>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
    "<!DOCTYPE a [",
    "&",
    "&lol;",
    "&#0;",
    "&#x110000;",
    "&#65;",
    " xmlns=\"\"",
    " xmlns:a=\"b\"",
    "<a:b/>",
    " value=\"",
    "<extension url=\"x\"/>",
    "<contained><Patient/></contained>",
    "=",
    "'",
    "\u{feff}",
    "\r",
    "\t",
    "\"_id\":null,",
    "\"resourceType\":\"Bundle\",",
    "\"extension\":[[]],",
];

/// Adds, removes, doubles and changes pieces of a text.
pub fn bytes(text: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    for _ in 0..=random.below(6) {
        let (start, end) = random.range(text.len());
        match random.below(7) {
            0 if start < text.len() => text[start] ^= 1 << random.below(8),
            1 => drop(text.drain(start..end)),
            2 => {
                let copy = text[start..end].to_vec();
                let to = random.below(text.len() + 1);
                text.splice(to..to, copy);
            }
            3 => drop(text.splice(start..start, random.text(TOKENS).bytes())),
            4 => {
                let (from, to) = random.range(other.len());
                text.splice(start..end, other[from..to].iter().copied());
            }
            5 => text.truncate(start.max(text.len() / 2)),
            _ => drop(text.splice(start..end, random.text(ODD).bytes())),
        }
    }
}

/// Changes some places of a JSON tree; `other` and `names` are what else could stand there.
pub fn tree(value: &mut Value, other: &Value, names: &[String], random: &mut Random) {
    for _ in 0..=random.below(3) {
        one(value, other, names, random);
    }
}

fn one(value: &mut Value, other: &Value, names: &[String], random: &mut Random) {
    match value {
        Value::Object(map) if !map.is_empty() && !random.once_in(6) => {
            let at = random.below(map.len());
            let Some(key) = map.keys().nth(at).cloned() else { return };
            match random.below(12) {
                0 => drop(map.remove(&key)),
                1 => {
                    let old = map.remove(&key).unwrap_or_default();
                    map.insert(random.pick(names).clone(), old);
                }
                2 => drop(map.insert(random.pick(names).clone(), somewhere(other, random).clone())),
                3 => drop(map.insert(format!("_{key}"), somewhere(other, random).clone())),
                4 => {
                    let copy = map[&key].clone();
                    map.insert(random.pick(names).clone(), copy);
                }
                _ => one(&mut map[&key], other, names, random),
            }
        }
        Value::Array(items) if !items.is_empty() && !random.once_in(6) => {
            let at = random.below(items.len());
            match random.below(8) {
                0 => drop(items.remove(at)),
                1 => {
                    let copy = items[at].clone();
                    items.extend(vec![copy; 1 + random.below(20)]);
                }
                2 => items.reverse(),
                _ => one(&mut items[at], other, names, random),
            }
        }
        _ => *value = instead(value, other, random),
    }
}

/// What comes in the place of a value.
fn instead(value: &Value, other: &Value, random: &mut Random) -> Value {
    match random.below(10) {
        0 => Value::Null,
        1 => Value::Bool(random.once_in(2)),
        // Kept as written by the parser of the tree only where it fits a number; the rest are texts of digits.
        2 => {
            let number = random.text(NUMBERS);
            serde_json::from_str(number).unwrap_or_else(|_| Value::from(number))
        }
        3 => Value::Array(vec![value.clone()]),
        4 => somewhere(other, random).clone(),
        5 => Value::Object(serde_json::Map::new()),
        6 => deep(value.clone(), random),
        7 => Value::from(random.text(ODD).repeat(1 + random.below(8) * random.below(8))),
        8 => match value.as_str() {
            Some(text) => Value::from(text.chars().rev().collect::<String>()),
            None => Value::from("x"),
        },
        _ => Value::from(random.text(ODD)),
    }
}

/// The value many levels down.
fn deep(mut value: Value, random: &mut Random) -> Value {
    let levels = if random.once_in(20) { 140 } else { 1 + random.below(8) };
    for level in 0..levels {
        let name = if level % 2 == 0 { "extension" } else { "valueReference" };
        value = Value::Object([(name.to_owned(), value)].into_iter().collect());
    }
    value
}

/// A part of a tree.
fn somewhere<'v>(value: &'v Value, random: &mut Random) -> &'v Value {
    let mut at = value;
    for _ in 0..random.below(6) {
        at = match at {
            Value::Object(map) if !map.is_empty() => match map.values().nth(random.below(map.len())) {
                Some(inner) => inner,
                None => break,
            },
            Value::Array(items) if !items.is_empty() => random.pick(items),
            _ => break,
        };
    }
    at
}

/// The names of all properties in a tree.
pub fn names(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                if !found.contains(key) {
                    found.push(key.clone());
                }
                names(inner, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        _ => {}
    }
}
