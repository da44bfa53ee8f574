//! The syntax tree of an expression: names resolved to functions, literals to values.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use crate::fhir::path::decimal::Decimal;
use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::Run;
use crate::fhir::path::quantity::Quantity;
use crate::fhir::path::step::Step;
use crate::fhir::path::temporal::Temporal;

/// One node of the tree.
#[derive(Debug)]
pub(crate) enum Expr {
    /// `{}`
    Nothing,
    /// `{a, b}`, which the grammar does not have.
    List(Box<[Expr]>),
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Text(Box<str>),
    Temporal(Temporal),
    Quantity(Box<Quantity>),
    /// `$this`
    This,
    /// `$index`
    Index,
    /// `$total`
    Total,
    /// `%name`
    Variable(Box<str>),
    /// `name` on `$this`, or the type of the root.
    Name(Step),
    /// `target.name`
    Member(Box<Expr>, Step),
    /// `target[index]`
    Item(Box<Expr>, Box<Expr>),
    /// `target.function(arguments)`
    Call(Invocation),
    /// `-operand`
    Negate(Box<Expr>),
    /// `+operand`
    Plus(Box<Expr>),
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// A collection that depends on the resource alone, wherever in it the expression is evaluated, with a number of its own.
    Fixed(u64, Box<Expr>),
    /// `operand is Type`
    Is(Box<Expr>, TypeName),
    /// `operand as Type`
    As(Box<Expr>, TypeName),
    /// A type as the argument of `is()`, `as()`, `ofType()`.
    Type(TypeName),
}

impl Expr {
    /// The same, numbered when it is a path or a union of paths from the resource.
    pub fn numbered(self) -> Expr {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        if self.starts_at_the_resource() {
            return Expr::Fixed(NEXT.fetch_add(1, Ordering::Relaxed), Box::new(self));
        }
        self
    }

    /// Whether the tree has more levels than this.
    pub fn is_deeper_than(&self, levels: usize) -> bool {
        let Some(below) = levels.checked_sub(1) else { return true };
        let is_deep = |expr: &Expr| expr.is_deeper_than(below);
        match self {
            Expr::Member(target, _) | Expr::Negate(target) | Expr::Plus(target) => is_deep(target),
            Expr::Fixed(_, inner) | Expr::Is(inner, _) | Expr::As(inner, _) => is_deep(inner),
            Expr::Item(one, other) | Expr::Binary(_, one, other) => is_deep(one) || is_deep(other),
            Expr::Call(call) => call.target.as_deref().is_some_and(is_deep) || call.arguments.iter().any(is_deep),
            Expr::List(items) => items.iter().any(is_deep),
            _ => false,
        }
    }

    fn starts_at_the_resource(&self) -> bool {
        match self {
            Expr::Variable(name) => matches!(&**name, "resource" | "rootResource"),
            Expr::Member(target, _) => target.starts_at_the_resource(),
            Expr::Call(Invocation { target: Some(target), function, arguments }) => {
                matches!(function.run, Run::Flow(_))
                    && arguments.iter().all(|argument| matches!(argument, Expr::Type(_)))
                    && target.starts_at_the_resource()
            }
            Expr::Binary(Operator::Union, left, right) => {
                left.starts_at_the_resource() && right.starts_at_the_resource()
            }
            _ => false,
        }
    }
}

/// A function with what it is asked of.
#[derive(Debug)]
pub(crate) struct Invocation {
    /// What its input comes from; without it, `$this` is the input.
    pub target: Option<Box<Expr>>,
    pub function: &'static Function,
    pub arguments: Box<[Expr]>,
}

/// `FHIR.Patient`, `System.String` or `Patient`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypeName {
    pub namespace: Option<Box<str>>,
    pub name: Box<str>,
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Implies,
    Or,
    Xor,
    And,
    In,
    Contains,
    Equal,
    NotEqual,
    Equivalent,
    NotEquivalent,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Union,
    Add,
    Subtract,
    Concatenate,
    Multiply,
    Divide,
    Div,
    Mod,
}

impl Operator {
    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Operator::Implies => "implies",
            Operator::Or => "or",
            Operator::Xor => "xor",
            Operator::And => "and",
            Operator::In => "in",
            Operator::Contains => "contains",
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Equivalent => "~",
            Operator::NotEquivalent => "!~",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::Union => "|",
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Concatenate => "&",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Div => "div",
            Operator::Mod => "mod",
        }
    }

    /// How tight it binds; a higher number binds tighter. `is` and `as` have [`TYPE_STRENGTH`].
    pub fn strength(self) -> u8 {
        match self {
            Operator::Implies => 1,
            Operator::Or | Operator::Xor => 2,
            Operator::And => 3,
            Operator::In | Operator::Contains => 4,
            Operator::Equal | Operator::NotEqual | Operator::Equivalent | Operator::NotEquivalent => 5,
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => 6,
            Operator::Union => 7,
            Operator::Add | Operator::Subtract | Operator::Concatenate => 9,
            Operator::Multiply | Operator::Divide | Operator::Div | Operator::Mod => 10,
        }
    }

    /// The operator written so.
    pub fn from_symbol(symbol: &str) -> Option<Operator> {
        ALL.iter().copied().find(|operator| operator.symbol() == symbol)
    }
}

/// How tight `is` and `as` bind.
pub(crate) const TYPE_STRENGTH: u8 = 8;

const ALL: [Operator; 22] = [
    Operator::Implies,
    Operator::Or,
    Operator::Xor,
    Operator::And,
    Operator::In,
    Operator::Contains,
    Operator::Equal,
    Operator::NotEqual,
    Operator::Equivalent,
    Operator::NotEquivalent,
    Operator::Less,
    Operator::LessOrEqual,
    Operator::Greater,
    Operator::GreaterOrEqual,
    Operator::Union,
    Operator::Add,
    Operator::Subtract,
    Operator::Concatenate,
    Operator::Multiply,
    Operator::Divide,
    Operator::Div,
    Operator::Mod,
];
