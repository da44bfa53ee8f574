//! What an expression yields: elements of the resource, and values of FHIRPath's own types.

use std::borrow::Cow;
use std::fmt;

use crate::fhir::element::Element;
use crate::fhir::element::ScalarKind;
use crate::fhir::path::decimal::Decimal;
use crate::fhir::path::quantity::Quantity;
use crate::fhir::path::temporal::Temporal;
use crate::fhir::path::temporal::TemporalKind;

/// An element with its type.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    /// The element.
    pub element: &'a Element,
    /// Its type as FHIR names it, or the path of a backbone element; empty when the model does not know the element.
    pub kind: &'a str,
}

impl<'a> Node<'a> {
    /// An element of a known type.
    pub fn new(element: &'a Element, kind: &'a str) -> Node<'a> {
        Node { element, kind }
    }

    /// The value of a primitive as one of FHIRPath's types; `None` when it has none.
    pub fn value(self) -> Option<Item<'a>> {
        let scalar = self.element.value.as_ref()?;
        let text: &'a str = &scalar.text;
        let as_text = || Item::Text(Cow::Borrowed(text));
        Some(match self.kind {
            "boolean" => match text {
                "true" => Item::Boolean(true),
                "false" => Item::Boolean(false),
                _ => as_text(),
            },
            "integer" | "positiveInt" | "unsignedInt" | "integer64" => {
                text.parse().map_or_else(|_| as_text(), Item::Integer)
            }
            "decimal" => Decimal::parse(text).map_or_else(as_text, Item::Decimal),
            "date" | "dateTime" | "instant" | "time" => self.temporal().map_or_else(as_text, Item::Temporal),
            "" => match scalar.kind {
                ScalarKind::Boolean => Item::Boolean(text == "true"),
                ScalarKind::Number => match text.parse() {
                    Ok(number) => Item::Integer(number),
                    Err(_) => Decimal::parse(text).map_or_else(as_text, Item::Decimal),
                },
                ScalarKind::Text | ScalarKind::Attribute => as_text(),
            },
            _ => as_text(),
        })
    }

    /// The value of a date, date-time or time; `None` when it is another type or cannot be read.
    pub fn temporal(self) -> Option<Temporal> {
        let parse = match self.kind {
            "date" => Temporal::parse_date,
            "dateTime" | "instant" => Temporal::parse_date_time,
            "time" => Temporal::parse_time,
            _ => return None,
        };
        parse(self.element.as_text()?)
    }

    /// An element of type Quantity as a quantity; `None` when it has no value or no unit that can be compared.
    pub fn quantity(self) -> Option<Quantity> {
        let value = Decimal::parse(self.element.text("value")?)?;
        let unit = self.element.text("code").or_else(|| self.element.text("unit")).unwrap_or("1");
        Some(Quantity { value, unit: unit.into(), is_calendar: false })
    }
}

impl<'a> From<&'a Element> for Node<'a> {
    /// A resource, with its type.
    fn from(element: &'a Element) -> Node<'a> {
        Node { element, kind: element.resource_type.as_deref().unwrap_or("") }
    }
}

/// One item of a collection.
#[derive(Clone, Debug)]
pub enum Item<'a> {
    /// An element of the resource.
    Node(Node<'a>),
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Text(Cow<'a, str>),
    /// A date, date-time or time.
    Temporal(Temporal),
    Quantity(Box<Quantity>),
    /// What `type()` yields: namespace and name.
    Type(&'static str, Cow<'a, str>),
}

impl<'a> Item<'a> {
    /// The value of a primitive element in FHIRPath's types; any other item as it is.
    pub fn plain(&self) -> Cow<'_, Item<'a>> {
        match self {
            Item::Node(node) => node.value().map_or(Cow::Borrowed(self), Cow::Owned),
            _ => Cow::Borrowed(self),
        }
    }

    /// The element, when it is one.
    pub fn node(&self) -> Option<Node<'a>> {
        match self {
            Item::Node(node) => Some(*node),
            _ => None,
        }
    }

    /// The text of a string or of a primitive that is written as one.
    pub fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Item::Text(text) => Some(text.clone()),
            Item::Node(node) => match node.value()? {
                Item::Text(text) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    /// The value of a boolean.
    pub fn boolean(&self) -> Option<bool> {
        match &*self.plain() {
            Item::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// A whole number.
    pub fn integer(&self) -> Option<i64> {
        match &*self.plain() {
            Item::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// A whole number or a decimal.
    pub fn decimal(&self) -> Option<Decimal> {
        match &*self.plain() {
            Item::Integer(value) => Some(Decimal::from(*value)),
            Item::Decimal(value) => Some(*value),
            _ => None,
        }
    }

    /// A quantity, also of an element of type Quantity.
    pub fn quantity(&self) -> Option<Cow<'_, Quantity>> {
        match self {
            Item::Quantity(quantity) => Some(Cow::Borrowed(quantity)),
            Item::Node(node) if node.element.value.is_none() => node.quantity().map(Cow::Owned),
            _ => None,
        }
    }

    /// A date, date-time or time.
    pub fn temporal(&self) -> Option<Temporal> {
        match self {
            Item::Temporal(value) => Some(*value),
            Item::Node(node) => node.temporal(),
            _ => None,
        }
    }

    /// The name of the type: FHIR's for an element, FHIRPath's own for a value.
    pub fn kind(&self) -> &str {
        match self {
            Item::Node(node) => node.kind,
            Item::Boolean(_) => "Boolean",
            Item::Integer(_) => "Integer",
            Item::Decimal(_) => "Decimal",
            Item::Text(_) => "String",
            Item::Temporal(value) => match value.kind {
                TemporalKind::Date => "Date",
                TemporalKind::DateTime => "DateTime",
                TemporalKind::Time => "Time",
            },
            Item::Quantity(_) => "Quantity",
            Item::Type(..) => "TypeInfo",
        }
    }
}

impl fmt::Display for Item<'_> {
    /// As `toString()` writes it; an element without value by its type.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Item::Node(node) => match node.element.as_text() {
                Some(text) => f.write_str(text),
                None if node.kind.is_empty() => f.write_str(&node.element.name),
                None => f.write_str(node.kind),
            },
            Item::Boolean(value) => write!(f, "{value}"),
            Item::Integer(value) => write!(f, "{value}"),
            Item::Decimal(value) => write!(f, "{value}"),
            Item::Text(value) => f.write_str(value),
            Item::Temporal(value) => write!(f, "{value}"),
            Item::Quantity(value) => write!(f, "{value}"),
            Item::Type(namespace, name) => write!(f, "{namespace}.{name}"),
        }
    }
}
