//! Strings: parts, tests, patterns, encodings.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE;
use regex::Regex;
use regex::RegexBuilder;

use crate::fhir::path::error::Failure;
use crate::fhir::path::error::PathError;
use crate::fhir::path::eval::wrong_type;
use crate::fhir::path::functions::Call;
use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::Outcome;
use crate::fhir::path::functions::function;
use crate::fhir::path::functions::integer;
use crate::fhir::path::functions::text;
use crate::fhir::path::item::Item;
use crate::fhir::path::items::Items;

pub(crate) const FUNCTIONS: &[Function] = &[
    function("length", 0, 0, length),
    function("upper", 0, 0, upper),
    function("lower", 0, 0, lower),
    function("trim", 0, 0, trim),
    function("toChars", 0, 0, to_chars),
    function("indexOf", 1, 1, index_of),
    function("lastIndexOf", 1, 1, last_index_of),
    function("substring", 1, 2, substring),
    function("startsWith", 1, 1, starts_with),
    function("endsWith", 1, 1, ends_with),
    function("contains", 1, 1, contains),
    function("matches", 1, 2, matches),
    function("matchesFull", 1, 2, matches_full),
    function("replace", 2, 2, replace),
    function("replaceMatches", 2, 3, replace_matches),
    function("split", 1, 1, split),
    function("join", 0, 1, join),
    function("encode", 1, 1, encode),
    function("decode", 1, 1, decode),
    function("escape", 1, 1, escape),
    function("unescape", 1, 1, unescape),
];

fn map<'a>(call: &Call<'_, 'a>, change: impl Fn(&str) -> String) -> Outcome<'a> {
    match call.text()? {
        None => Ok(Items::None),
        Some(input) => text(change(&input)),
    }
}

fn length<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    match call.text()? {
        None => Ok(Items::None),
        Some(input) => integer(input.chars().count()),
    }
}

fn upper<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    map(&call, str::to_uppercase)
}

fn lower<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    map(&call, str::to_lowercase)
}

fn trim<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    map(&call, |input| input.trim().to_owned())
}

fn to_chars<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let Some(input) = call.text()? else { return Ok(Items::None) };
    call.evaluator.bound(input.len())?;
    Ok(input.chars().map(|c| Item::Text(c.to_string().into())).collect())
}

fn position<'a>(call: &Call<'_, 'a>, find: impl Fn(&str, &str) -> Option<usize>) -> Outcome<'a> {
    let (Some(input), Some(part)) = (call.text()?, call.text_argument(0)?) else { return Ok(Items::None) };
    match find(&input, &part) {
        Some(at) => integer(input[..at].chars().count()),
        None => Ok(Items::One(Item::Integer(-1))),
    }
}

fn index_of<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    position(&call, |input, part| input.find(part))
}

fn last_index_of<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    position(&call, |input, part| input.rfind(part))
}

fn substring<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let (Some(input), Some(start)) = (call.text()?, call.integer_argument(0)?) else { return Ok(Items::None) };
    let count = if call.arguments.len() > 1 { call.integer_argument(1)? } else { None };
    let Ok(start) = usize::try_from(start) else { return Ok(Items::None) };
    if start >= input.chars().count() {
        return Ok(Items::None);
    }
    let count = count.map_or(usize::MAX, |count| usize::try_from(count.max(0)).unwrap_or(usize::MAX));
    text(input.chars().skip(start).take(count).collect::<String>())
}

fn test_with<'a>(call: &Call<'_, 'a>, test: impl Fn(&str, &str) -> bool) -> Outcome<'a> {
    match call.text_argument(0)? {
        Some(part) => call.test_text(|input| test(input, &part)),
        None => Ok(Items::None),
    }
}

fn starts_with<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    test_with(&call, |input, part| input.starts_with(part))
}

fn ends_with<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    test_with(&call, |input, part| input.ends_with(part))
}

fn contains<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    test_with(&call, |input, part| input.contains(part))
}

/// How many compiled patterns a thread keeps.
const MOST_PATTERNS: usize = 256;

thread_local! {
    // Behind a pointer: a copy of a compiled pattern would have to make its working memory anew.
    static PATTERNS: RefCell<HashMap<Box<str>, Rc<Regex>>> = RefCell::new(HashMap::new());
}

/// A compiled pattern; a thread compiles each once. `.` matches line ends too, as FHIRPath's single-line mode asks.
fn pattern(source: &str) -> Result<Rc<Regex>, Failure> {
    if let Some(known) = PATTERNS.with_borrow(|known| known.get(source).cloned()) {
        return Ok(known);
    }
    let compiled =
        RegexBuilder::new(&portable(source)).dot_matches_new_line(true).size_limit(1 << 20).build().map_err(
            |error| Failure::from(PathError::Pattern { pattern: source.to_owned(), reason: error.to_string() }),
        )?;
    let compiled = Rc::new(compiled);
    PATTERNS.with_borrow_mut(|known| {
        if known.len() >= MOST_PATTERNS {
            known.clear();
        }
        known.insert(source.into(), Rc::clone(&compiled));
    });
    Ok(compiled)
}

/// Within a class, other engines take `[` and `&&` as they are; this one must see them escaped.
fn portable(source: &str) -> String {
    let mut result = String::with_capacity(source.len());
    let mut in_class = false;
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('/') => result.push('/'),
                Some(escaped) => {
                    result.push('\\');
                    result.push(escaped);
                }
                None => result.push('\\'),
            },
            '[' if in_class => result.push_str("\\["),
            '[' => {
                in_class = true;
                result.push('[');
                if chars.peek() == Some(&'^') {
                    chars.next();
                    result.push('^');
                }
            }
            ']' => {
                in_class = false;
                result.push(']');
            }
            '&' | '~' if in_class && chars.peek() == Some(&c) => {
                result.push('\\');
                result.push(c);
            }
            _ => result.push(c),
        }
    }
    result
}

/// A pattern with the flags that an argument adds to it: `i` for any case, `m` for line by line.
fn flagged<'p>(call: &Call<'_, '_>, at: usize, source: &'p str) -> Result<Cow<'p, str>, Failure> {
    let flags = call.text_argument(at)?.unwrap_or_default();
    let known: String = flags.chars().filter(|flag| matches!(flag, 'i' | 'm')).collect();
    Ok(if known.is_empty() { Cow::Borrowed(source) } else { Cow::Owned(format!("(?{known}){source}")) })
}

fn matches<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let Some(source) = call.text_argument(0)? else { return Ok(Items::None) };
    let regex = pattern(&flagged(&call, 1, &source)?)?;
    call.test_text(|input| regex.is_match(input))
}

fn matches_full<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let Some(source) = call.text_argument(0)? else { return Ok(Items::None) };
    let regex = pattern(&flagged(&call, 1, &format!("^(?:{source})$"))?)?;
    call.test_text(|input| regex.is_match(input))
}

fn replace<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let (Some(input), Some(part), Some(by)) = (call.text()?, call.text_argument(0)?, call.text_argument(1)?) else {
        return Ok(Items::None);
    };
    call.evaluator.bound(input.len().saturating_mul(by.len().max(1)))?;
    text(input.replace(&*part, &by))
}

fn replace_matches<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let (Some(input), Some(source), Some(by)) = (call.text()?, call.text_argument(0)?, call.text_argument(1)?) else {
        return Ok(Items::None);
    };
    if source.is_empty() {
        return text(input);
    }
    call.evaluator.bound(input.len().saturating_mul(by.len().max(1)))?;
    let regex = pattern(&flagged(&call, 2, &source)?)?;
    text(regex.replace_all(&input, &*by).into_owned())
}

fn split<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let (Some(input), Some(separator)) = (call.text()?, call.text_argument(0)?) else { return Ok(Items::None) };
    if separator.is_empty() {
        return text(input);
    }
    Ok(input.split(&*separator).map(|part| Item::Text(part.to_owned().into())).collect())
}

fn join<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let separator = call.text_argument(0)?.unwrap_or_default();
    if call.focus.is_empty() {
        return Ok(Items::None);
    }
    let mut parts = Vec::new();
    for item in &call.focus {
        parts.extend(call.text_of(item)?);
    }
    text(parts.join(&separator))
}

fn unknown<'a>(call: &Call<'_, 'a>, expected: &'static str, name: &str) -> Outcome<'a> {
    Err(wrong_type(call.name, expected, &Item::Text(name.into())))
}

fn encode<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let (Some(input), Some(form)) = (call.text()?, call.text_argument(0)?) else { return Ok(Items::None) };
    match &*form {
        "base64" => text(STANDARD.encode(input.as_bytes())),
        "urlbase64" => text(URL_SAFE.encode(input.as_bytes())),
        "hex" => text(input.bytes().map(|byte| format!("{byte:02x}")).collect::<String>()),
        other => unknown(&call, "`hex`, `base64` or `urlbase64`", other),
    }
}

fn decode<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let (Some(input), Some(form)) = (call.text()?, call.text_argument(0)?) else { return Ok(Items::None) };
    let bytes = match &*form {
        "base64" => STANDARD.decode(input.as_bytes()).ok(),
        "urlbase64" => URL_SAFE.decode(input.as_bytes()).ok(),
        "hex" => hex(&input),
        other => return unknown(&call, "`hex`, `base64` or `urlbase64`", other),
    };
    match bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(decoded) => text(decoded),
        None => Ok(Items::None),
    }
}

fn hex(input: &str) -> Option<Vec<u8>> {
    if !input.is_ascii() || !input.len().is_multiple_of(2) {
        return None;
    }
    (0..input.len()).step_by(2).map(|at| u8::from_str_radix(&input[at..at + 2], 16).ok()).collect()
}

const HTML: [(&str, &str); 5] = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")];

fn escape<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let (Some(input), Some(form)) = (call.text()?, call.text_argument(0)?) else { return Ok(Items::None) };
    match &*form {
        "html" => text(HTML.iter().fold(input.into_owned(), |result, (plain, escaped)| result.replace(plain, escaped))),
        "json" => {
            let quoted = serde_json::Value::from(&*input).to_string();
            text(quoted[1..quoted.len() - 1].to_owned())
        }
        other => unknown(&call, "`html` or `json`", other),
    }
}

fn unescape<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let (Some(input), Some(form)) = (call.text()?, call.text_argument(0)?) else { return Ok(Items::None) };
    match &*form {
        // The ampersand last, so that `&amp;lt;` becomes `&lt;`.
        "html" => {
            let rest = HTML.iter().rev();
            text(rest.fold(input.into_owned(), |result, (plain, escaped)| result.replace(escaped, plain)))
        }
        "json" => match serde_json::from_str::<String>(&format!("\"{input}\"")) {
            Ok(plain) => text(plain),
            // What is no escape is left as it is.
            Err(_) => text(input),
        },
        other => unknown(&call, "`html` or `json`", other),
    }
}
