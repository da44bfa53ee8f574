//! What can go wrong in FHIRPath: in the text of an expression, and while it is evaluated.

use std::cell::Cell;
use std::fmt;

/// Why an expression cannot be parsed or evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathError {
    /// The text is no FHIRPath; `offset` counts bytes from its start.
    Syntax { offset: usize, expected: String, seen: String },
    /// A function that this engine does not know.
    UnknownFunction { offset: usize, name: String },
    /// A known function with too few or too many arguments.
    ArgumentCount { offset: usize, name: &'static str, least: u8, most: u8, seen: usize },
    /// An environment variable that neither FHIR nor the caller defines.
    UnknownVariable(String),
    /// A type name that the model does not have.
    UnknownType(String),
    /// An element that the type does not have (found by [`Expression::check`](crate::fhir::path::Expression::check)).
    UnknownElement { kind: String, name: String },
    /// An order is asked of a collection that has none.
    NoOrder { name: &'static str },
    /// One item was needed and there were more.
    NotSingleton { place: &'static str, seen: usize },
    /// An operand or input of a type that does not fit.
    WrongType { place: &'static str, expected: &'static str, seen: String },
    /// A regular expression that cannot be used.
    Pattern { pattern: String, reason: String },
    /// What was asked cannot be known here: no terminology, no profile.
    Undecided { name: &'static str, subject: String },
    /// A limit against runaway expressions.
    Limit { what: &'static str, most: usize },
}

/// That an evaluation went wrong. Nearly always it goes right: so why it did not stands apart, and the answers, which are
/// handed from one step to the next, fit into a register.
#[derive(Debug)]
pub(crate) struct Failure(());

thread_local! {
    /// Why the evaluation of this thread that is failing does so.
    static REASON: Cell<Option<PathError>> = const { Cell::new(None) };
}

impl From<PathError> for Failure {
    #[cold]
    fn from(reason: PathError) -> Failure {
        REASON.set(Some(reason));
        Failure(())
    }
}

impl From<Failure> for PathError {
    /// The reason of the failure, which is the last on its thread.
    #[cold]
    fn from(_: Failure) -> PathError {
        REASON.take().unwrap_or(PathError::Undecided { name: "expression", subject: "an unknown reason".to_owned() })
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PathError::Syntax { offset, expected, seen } => {
                write!(f, "expected {expected} at offset {offset}, found {seen}")
            }
            PathError::UnknownFunction { offset, name } => {
                write!(f, "unknown function `{name}` at offset {offset}; use a function of FHIRPath N1 or of FHIR")
            }
            PathError::ArgumentCount { offset, name, least, most, seen } if least == most => {
                write!(f, "`{name}` at offset {offset} takes {least} arguments, not {seen}")
            }
            PathError::ArgumentCount { offset, name, least, most, seen } => {
                write!(f, "`{name}` at offset {offset} takes {least} to {most} arguments, not {seen}")
            }
            PathError::UnknownVariable(name) => write!(f, "unknown variable `%{name}`; define it in the context"),
            PathError::UnknownType(name) if name.is_empty() => f.write_str("the type is missing; name a type"),
            PathError::UnknownType(name) => write!(f, "unknown type `{name}`; use a type of this FHIR version"),
            PathError::UnknownElement { kind, name } => {
                write!(
                    f,
                    "`{kind}` has no element `{name}`; use the name in the definition, without the type of a choice"
                )
            }
            PathError::NoOrder { name } => write!(f, "`{name}` needs an order, which its input does not have"),
            PathError::NotSingleton { place, seen } => {
                write!(f, "`{place}` needs one item and got {seen}; select one with `first()` or `where(..)`")
            }
            PathError::WrongType { place, expected, seen } => {
                write!(f, "`{place}` needs {expected} and got {seen}")
            }
            PathError::Pattern { pattern, reason } => {
                write!(f, "the regular expression `{pattern}` cannot be used: {reason}")
            }
            PathError::Undecided { name, subject } => write!(f, "`{name}` cannot be decided for `{subject}`"),
            PathError::Limit { what, most } => {
                write!(f, "the expression exceeds the limit of {most} {what}; make it simpler")
            }
        }
    }
}

impl std::error::Error for PathError {}
