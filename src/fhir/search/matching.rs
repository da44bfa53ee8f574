//! Whether a resource meets a parameter, kind by kind.

use std::sync::Arc;

use crate::fhir::element::Element;
use crate::fhir::path::Decimal;
use crate::fhir::path::Node;
use crate::fhir::path::Temporal;
use crate::fhir::search::SearchError;
use crate::fhir::search::Store;
use crate::fhir::search::parameter::Definition;
use crate::fhir::search::parameter::Kind;
use crate::fhir::search::query;
use crate::fhir::search::query::Parameter;
use crate::fhir::search::values;

/// A parameter of a query, checked and ready to be put to resources.
pub(crate) struct Condition {
    definition: Arc<Definition>,
    test: Test,
}

enum Test {
    /// Whether there is no value.
    Missing(bool),
    /// One of these.
    Any(Vec<Wanted>),
    /// None of these.
    None(Vec<Wanted>),
    /// What is referred to must meet the parameter; of this type, if given.
    Chain { kind: Option<String>, rest: Parameter },
}

/// One alternative of a value.
enum Wanted {
    Token { system: Option<String>, code: Option<String> },
    TokenText(String),
    Reference { kind: Option<String>, value: String },
    Date(Prefix, values::Range),
    Text { value: String, how: TextTest },
    Uri { value: String, is_below: bool },
    Number(Prefix, Decimal),
    Quantity { prefix: Prefix, number: Decimal, system: Option<String>, code: Option<String> },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TextTest {
    Starts,
    Contains,
    Exact,
}

/// How a value compares with the one in the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prefix {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    StartsAfter,
    EndsBefore,
    Approximately,
}

impl Prefix {
    fn split(text: &str) -> (Prefix, &str) {
        const PREFIXES: [(&str, Prefix); 9] = [
            ("eq", Prefix::Equal),
            ("ne", Prefix::NotEqual),
            ("gt", Prefix::Greater),
            ("lt", Prefix::Less),
            ("ge", Prefix::GreaterOrEqual),
            ("le", Prefix::LessOrEqual),
            ("sa", Prefix::StartsAfter),
            ("eb", Prefix::EndsBefore),
            ("ap", Prefix::Approximately),
        ];
        let found = PREFIXES.iter().find_map(|(written, prefix)| Some((*prefix, text.strip_prefix(written)?)));
        found.unwrap_or((Prefix::Equal, text))
    }

    /// Whether a target compares so with what was asked, both as stretches (FHIR, "prefixes").
    fn holds<T: PartialOrd>(self, target: &(T, T), asked: &(T, T)) -> bool {
        let is_within = target.0 >= asked.0 && target.1 <= asked.1;
        match self {
            Prefix::Equal => is_within,
            Prefix::NotEqual => !is_within,
            Prefix::Greater => target.1 > asked.1,
            Prefix::Less => target.0 < asked.0,
            Prefix::GreaterOrEqual => target.1 > asked.1 || is_within,
            Prefix::LessOrEqual => target.0 < asked.0 || is_within,
            Prefix::StartsAfter => target.0 > asked.1,
            Prefix::EndsBefore => target.1 < asked.0,
            Prefix::Approximately => target.0 <= asked.1 && target.1 >= asked.0,
        }
    }
}

impl Store<'_> {
    /// What a parameter asks of a resource of this type; `None` when the type has no such parameter.
    pub(super) fn condition(
        &self,
        resource_type: &str,
        parameter: &Parameter,
    ) -> Result<Option<Condition>, SearchError> {
        let Some(definition) = self.definition(resource_type, parameter.code()) else { return Ok(None) };
        if let Some(rest) = parameter.rest() {
            if definition.kind != Kind::Reference {
                return Err(SearchError::Chain { parameter: parameter.code().to_owned() });
            }
            let kind = parameter.modifier().map(str::to_owned);
            return Ok(Some(Condition { definition, test: Test::Chain { kind, rest } }));
        }
        let test = match (parameter.modifier(), definition.kind) {
            (Some("missing"), _) => Test::Missing(match parameter.value.as_str() {
                "true" => true,
                "false" => false,
                _ => return Err(wrong(parameter, &parameter.value, "`true` or `false`")),
            }),
            (Some("not"), Kind::Token) => Test::None(wanted(definition.kind, parameter, None)?),
            (modifier, kind) => Test::Any(wanted(kind, parameter, modifier)?),
        };
        Ok(Some(Condition { definition, test }))
    }
}

impl Condition {
    /// Whether a resource meets it.
    pub fn holds(&self, store: &Store<'_>, resource: &Element) -> Result<bool, SearchError> {
        self.definition.elements(resource, store.definitions(), |nodes| match &self.test {
            Test::Missing(missing) => Ok(nodes.is_empty() == *missing),
            Test::Any(wanted) => Ok(wanted.iter().any(|wanted| nodes.iter().any(|node| wanted.fits(*node)))),
            Test::None(wanted) => Ok(!wanted.iter().any(|wanted| nodes.iter().any(|node| wanted.fits(*node)))),
            Test::Chain { kind, rest } => chain(store, resource, nodes, kind.as_deref(), rest),
        })?
    }
}

/// How many links a chain may have.
const LONGEST_CHAIN: usize = 5;

fn chain(
    store: &Store<'_>,
    resource: &Element,
    nodes: &[Node<'_>],
    kind: Option<&str>,
    rest: &Parameter,
) -> Result<bool, SearchError> {
    if rest.name.matches('.').count() >= LONGEST_CHAIN {
        return Err(SearchError::Chain { parameter: rest.name.clone() });
    }
    for node in nodes {
        let Some(target) = values::reference(*node).and_then(|reference| store.resolve(resource, reference)) else {
            continue;
        };
        let Some(target_type) = target.resource_type.as_deref() else { continue };
        if kind.is_some_and(|kind| kind != target_type) {
            continue;
        }
        if let Some(condition) = store.condition(target_type, rest)?
            && condition.holds(store, target)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn wrong(parameter: &Parameter, value: &str, expected: &'static str) -> SearchError {
    SearchError::Value { parameter: parameter.name.clone(), value: value.to_owned(), expected }
}

/// The alternatives that a parameter asks for.
fn wanted(kind: Kind, parameter: &Parameter, modifier: Option<&str>) -> Result<Vec<Wanted>, SearchError> {
    let unsupported = |modifier: &str| SearchError::Modifier {
        parameter: parameter.code().to_owned(),
        modifier: modifier.to_owned(),
    };
    let one = |value: &str| -> Result<Wanted, SearchError> {
        let plain = || query::unescape(value);
        Ok(match (kind, modifier) {
            (Kind::Token, None) => token(value),
            (Kind::Token, Some("text")) => Wanted::TokenText(folded(&plain())),
            (Kind::Reference, None) => Wanted::Reference { kind: None, value: plain() },
            (Kind::Reference, Some(kind)) if kind.starts_with(|c: char| c.is_ascii_uppercase()) => {
                Wanted::Reference { kind: Some(kind.to_owned()), value: plain() }
            }
            (Kind::Date, None) => {
                let (prefix, date) = Prefix::split(value);
                let range = Temporal::parse_date_time(date).and_then(Temporal::range);
                let range = range.ok_or_else(|| wrong(parameter, value, "a date or date-time"))?;
                Wanted::Date(prefix, range)
            }
            (Kind::Text, None) => Wanted::Text { value: folded(&plain()), how: TextTest::Starts },
            (Kind::Text, Some("contains")) => Wanted::Text { value: folded(&plain()), how: TextTest::Contains },
            (Kind::Text, Some("exact")) => Wanted::Text { value: plain(), how: TextTest::Exact },
            (Kind::Uri, None) => Wanted::Uri { value: plain(), is_below: false },
            (Kind::Uri, Some("below")) => Wanted::Uri { value: plain(), is_below: true },
            (Kind::Number, None) => {
                let (prefix, number) = Prefix::split(value);
                let number = Decimal::parse(number).ok_or_else(|| wrong(parameter, value, "a number"))?;
                Wanted::Number(prefix, number)
            }
            (Kind::Quantity, None) => quantity(value).ok_or_else(|| wrong(parameter, value, "a quantity"))?,
            (_, Some(modifier)) => return Err(unsupported(modifier)),
        })
    };
    parameter.alternatives().into_iter().map(one).collect()
}

fn token(value: &str) -> Wanted {
    let given = |part: &str| (!part.is_empty()).then(|| query::unescape(part));
    match query::split(value, '|').as_slice() {
        [code] => Wanted::Token { system: None, code: Some(query::unescape(code)) },
        // An empty system asks for codes without one.
        [system, code, ..] => Wanted::Token { system: Some(query::unescape(system)), code: given(code) },
        [] => Wanted::Token { system: None, code: None },
    }
}

fn quantity(value: &str) -> Option<Wanted> {
    let (prefix, rest) = Prefix::split(value);
    let parts = query::split(rest, '|');
    let given = |at: usize| parts.get(at).filter(|part| !part.is_empty()).map(|part| query::unescape(part));
    let number = Decimal::parse(parts.first()?)?;
    Some(Wanted::Quantity { prefix, number, system: given(1), code: given(2) })
}

/// A number stands for all that round to it.
fn spread(number: Decimal) -> (Decimal, Decimal) {
    let half = Decimal::new(5, number.scale().saturating_add(1));
    (number.minus(half).unwrap_or(number), number.plus(half).unwrap_or(number))
}

/// The edges of the spread count only for `eq` and `ne`; other prefixes compare with the number itself.
fn number_fits(prefix: Prefix, target: Decimal, asked: Decimal) -> bool {
    let asked = match prefix {
        Prefix::Equal | Prefix::NotEqual | Prefix::Approximately => spread(asked),
        _ => (asked, asked),
    };
    prefix.holds(&(target, target), &asked)
}

impl Wanted {
    fn fits(&self, node: Node<'_>) -> bool {
        match self {
            Wanted::Token { system, code } => {
                let mut tokens = Vec::new();
                values::tokens(node, &mut tokens);
                tokens.iter().any(|token| token_fits(token, system.as_deref(), code.as_deref()))
            }
            Wanted::TokenText(text) => {
                let mut texts = Vec::new();
                values::texts_of_codes(node, &mut texts);
                texts.iter().any(|found| folded(found).contains(text))
            }
            Wanted::Reference { kind, value } => {
                values::reference(node).is_some_and(|reference| reference_fits(reference, kind.as_deref(), value))
            }
            Wanted::Date(prefix, asked) => {
                let mut ranges = Vec::new();
                values::ranges(node, &mut ranges);
                ranges.iter().any(|range| prefix.holds(range, asked))
            }
            Wanted::Text { value, how } => {
                let mut texts = Vec::new();
                values::texts(node.element, &mut texts);
                texts.iter().any(|found| match how {
                    TextTest::Starts => folded(found).starts_with(value),
                    TextTest::Contains => folded(found).contains(value),
                    TextTest::Exact => found == value,
                })
            }
            Wanted::Uri { value, is_below } => node.element.as_text().is_some_and(|found| {
                found == value
                    || (*is_below && found.strip_prefix(value.as_str()).is_some_and(|rest| rest.starts_with('/')))
            }),
            Wanted::Number(prefix, asked) => {
                values::number(node).is_some_and(|number| number_fits(*prefix, number, *asked))
            }
            Wanted::Quantity { prefix, number, system, code } => {
                let text = |name| node.element.text(name);
                values::number(node).is_some_and(|found| number_fits(*prefix, found, *number))
                    && system.as_deref().is_none_or(|system| text("system") == Some(system))
                    && code.as_deref().is_none_or(|code| [text("code"), text("unit")].contains(&Some(code)))
            }
        }
    }
}

/// The system of a primitive follows from its binding and is not checked.
fn token_fits(token: &values::Token<'_>, system: Option<&str>, code: Option<&str>) -> bool {
    let system_fits = match system {
        None => true,
        Some("") => token.system.is_none(),
        Some(system) => token.is_primitive || token.system == Some(system),
    };
    system_fits && code.is_none_or(|code| token.code == Some(code))
}

/// `1`, `Patient/1` and `https://server/Patient/1` mean the same resource when type and id agree; two full addresses must be equal.
fn reference_fits(reference: &str, kind: Option<&str>, value: &str) -> bool {
    let found = values::type_and_id(reference);
    if kind.is_some_and(|kind| found.is_none_or(|(found, _)| found != kind)) {
        return false;
    }
    if reference == value {
        return true;
    }
    let is_full = |text: &str| text.contains(':');
    if is_full(reference) && is_full(value) {
        return false;
    }
    match (found, values::type_and_id(value)) {
        (Some(found), Some(wanted)) => found == wanted,
        (Some((_, id)), None) => id == value,
        _ => false,
    }
}

/// Lower case and without the accents of western European languages, as strings are compared.
fn folded(text: &str) -> String {
    let plain = |c: char| match c {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' | 'ø' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        other => other,
    };
    text.chars().flat_map(char::to_lowercase).map(plain).collect()
}
