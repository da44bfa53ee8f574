//! FHIRPath (N1, as FHIR uses it): parse once, evaluate often.
//!
//! Knows elements and a [`Model`] that tells their types; knows no resource or datatype by name beyond FHIRPath's own
//! and those that FHIR's functions are about (references, extensions, Bundle entries).
//! Entry points: [`Expression::parse`], [`Expression::evaluate`], [`Expression::holds`].

mod ast;
mod calendar;
mod check;
mod compare;
mod context;
mod decimal;
mod error;
mod eval;
mod functions;
mod item;
mod items;
mod lexer;
mod lookups;
mod parser;
mod place;
mod quantity;
mod step;
mod stream;
mod temporal;
mod truth;
mod types;
mod ucum;

pub use calendar::CalendarUnit;
pub use context::Conformance;
pub use context::Context;
pub use context::Dialect;
pub use context::Leniency;
pub use context::Limits;
pub use context::Membership;
pub use context::Resolver;
pub use context::Terminology;
pub use decimal::Decimal;
pub use decimal::Rounding;
pub use error::PathError;
pub use item::Item;
pub use item::Node;
pub use items::Items;
pub use lookups::Lookups;
pub use place::place_of;
pub use quantity::Quantity;
pub use temporal::Precision;
pub use temporal::Temporal;
pub use temporal::TemporalKind;

/// What FHIRPath must know of the FHIR version it works in. The loaded definitions answer.
///
/// A type is named as in FHIR (`Observation`, `Coding`, `string`); a backbone element by its path (`Observation.component`).
pub trait Model: Sync {
    /// The child `name` (as in the instance: `valueQuantity`) of an element of type `parent`; `None` when unknown.
    fn child(&self, parent: &str, name: &str) -> Option<ChildFacts<'_>>;
    /// Whether `kind` is `ancestor` or is derived from it (`Age` is a `Quantity`).
    fn is_subtype(&self, kind: &str, ancestor: &str) -> bool;
    /// Whether a type of this name exists.
    fn is_type(&self, kind: &str) -> bool;
    /// Whether the type is a primitive of FHIR (`code`, `dateTime`).
    fn is_primitive(&self, kind: &str) -> bool;
    /// A number that no other model has, for those who keep its answers; without one they are asked each time.
    fn identity(&self) -> Option<u64> {
        None
    }
    /// Place of the child among its siblings, which the order of XML follows; `None` when unknown.
    fn position(&self, parent: &str, name: &str) -> Option<u32> {
        let _ = (parent, name);
        None
    }
}

/// What the definitions say of one child element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChildFacts<'m> {
    /// Type of the child: a datatype, or the path of a backbone element. `Resource` where any resource may stand.
    pub kind: &'m str,
    /// Name of the element in the definition without `[x]`: `value` for `valueQuantity`.
    pub base_name: &'m str,
    /// Whether it may repeat.
    pub repeats: bool,
}

/// A parsed expression: immutable, shareable between threads.
#[derive(Debug)]
pub struct Expression {
    text: Box<str>,
    tree: ast::Expr,
}

impl Expression {
    /// Parses an expression.
    ///
    /// # Errors
    /// A syntax error with its offset; a function that this engine does not know, by name; an expression beyond the limits.
    pub fn parse(text: &str) -> Result<Expression, PathError> {
        Ok(Expression { text: text.into(), tree: parser::parse(text)? })
    }

    /// The text it was parsed from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The items that the expression selects or computes from `focus` (a resource, or an element with its type).
    ///
    /// # Errors
    /// Types that do not fit, more than one item where one is needed, what cannot be decided, a limit.
    pub fn evaluate<'a>(&'a self, focus: impl Into<Node<'a>>, context: &Context<'a>) -> Result<Items<'a>, PathError> {
        eval::evaluate(&self.tree, focus.into(), context)
    }

    /// Whether the expression holds: an empty result is false, a single item that is no boolean is true.
    ///
    /// # Errors
    /// Those of [`Expression::evaluate`]; more than one item.
    pub fn holds<'a>(&'a self, focus: impl Into<Node<'a>>, context: &Context<'a>) -> Result<bool, PathError> {
        eval::holds(&self.tree, focus.into(), context)
    }

    /// Looks for what can never be right for a focus of type `kind`: elements that the type does not have,
    /// types that do not exist, an order asked of what has none.
    ///
    /// # Errors
    /// The first that is found.
    pub fn check(&self, kind: &str, model: &dyn Model) -> Result<(), PathError> {
        check::check(&self.tree, kind, model)
    }
}

#[cfg(test)]
mod tests;
