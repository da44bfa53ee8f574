//! Looks through an expression for what can never be right, without a resource: unknown elements and types, and an order asked
//! of what has none. Where a type is not known (`Resource`, `resolve()`, variables) nothing is said.

use crate::fhir::path::Model;
use crate::fhir::path::ast::Expr;
use crate::fhir::path::ast::Invocation;
use crate::fhir::path::ast::Operator;
use crate::fhir::path::ast::TypeName;
use crate::fhir::path::error::PathError;

/// What is known of the items that an expression yields.
#[derive(Clone, Debug, PartialEq)]
enum Known {
    /// Elements of one of these types.
    Types(Vec<String>),
    /// Values of FHIRPath's own types, or nothing is known.
    Open,
}

pub(crate) fn check(tree: &Expr, kind: &str, model: &dyn Model) -> Result<(), PathError> {
    let focus = Known::Types(vec![kind.to_owned()]);
    Checker { model, root: kind }.look(tree, &focus).map(|_| ())
}

struct Checker<'m> {
    model: &'m dyn Model,
    root: &'m str,
}

impl Checker<'_> {
    fn look(&self, expr: &Expr, this: &Known) -> Result<Known, PathError> {
        match expr {
            Expr::This => Ok(this.clone()),
            Expr::Name(step) => self.name(&step.name, this),
            Expr::Member(target, step) => {
                let target = self.look(target, this)?;
                self.member(&target, &step.name)
            }
            Expr::Fixed(_, inner) => self.look(inner, this),
            Expr::Item(target, index) => {
                self.look(index, this)?;
                self.look(target, this)
            }
            Expr::Is(operand, kind) => {
                self.look(operand, this)?;
                self.kind(kind)?;
                Ok(Known::Open)
            }
            Expr::As(operand, kind) => {
                self.look(operand, this)?;
                self.kind(kind)
            }
            Expr::List(items) => {
                for item in items {
                    self.look(item, this)?;
                }
                Ok(Known::Open)
            }
            Expr::Negate(operand) | Expr::Plus(operand) => self.look(operand, this).map(|_| Known::Open),
            Expr::Binary(operator, left, right) => {
                let (left, right) = (self.look(left, this)?, self.look(right, this)?);
                Ok(match (operator, left, right) {
                    (Operator::Union, Known::Types(mut left), Known::Types(right)) => {
                        left.extend(right);
                        Known::Types(left)
                    }
                    _ => Known::Open,
                })
            }
            Expr::Call(Invocation { target, function, arguments }) => {
                let focus = match target {
                    Some(target) => self.look(target, this)?,
                    None => this.clone(),
                };
                if matches!(function.name, "first" | "last" | "tail" | "skip" | "take")
                    && matches!(target.as_deref(), Some(target) if unordered(target))
                {
                    return Err(PathError::NoOrder { name: function.name });
                }
                self.call(function.name, &focus, arguments, this)
            }
            _ => Ok(Known::Open),
        }
    }

    fn call(&self, name: &str, focus: &Known, arguments: &[Expr], this: &Known) -> Result<Known, PathError> {
        match name {
            "where" | "all" | "exists" | "select" | "sort" => {
                let mut result = Known::Open;
                for argument in arguments {
                    result = self.look(argument, focus)?;
                }
                Ok(match name {
                    "where" | "sort" => focus.clone(),
                    "select" => result,
                    _ => Known::Open,
                })
            }
            "as" | "ofType" | "is" => {
                let kind = match arguments.first() {
                    Some(Expr::Type(kind)) => self.kind(kind)?,
                    _ => Known::Open,
                };
                Ok(if name == "is" { Known::Open } else { kind })
            }
            "first" | "last" | "tail" | "skip" | "take" | "single" | "distinct" | "trace" => Ok(focus.clone()),
            // The types of these are not followed, so neither are their lambdas.
            "repeat" | "aggregate" | "iif" => Ok(Known::Open),
            "extension" => Ok(Known::Types(vec!["Extension".to_owned()])),
            _ => {
                for argument in arguments {
                    self.look(argument, this)?;
                }
                Ok(Known::Open)
            }
        }
    }

    fn kind(&self, kind: &TypeName) -> Result<Known, PathError> {
        match kind.namespace.as_deref() {
            Some("System") => Ok(Known::Open),
            _ if self.model.is_type(&kind.name) => Ok(Known::Types(vec![kind.name.to_string()])),
            None if kind.name.starts_with(|c: char| c.is_ascii_uppercase()) => Ok(Known::Open),
            _ => Err(PathError::UnknownType(kind.name.to_string())),
        }
    }

    fn name(&self, name: &str, this: &Known) -> Result<Known, PathError> {
        if name.starts_with(|c: char| c.is_ascii_uppercase()) {
            let Known::Types(types) = this else { return Ok(Known::Open) };
            if types.iter().any(|kind| kind == name || self.model.is_subtype(kind, name)) {
                return Ok(this.clone());
            }
            return Err(PathError::UnknownElement { kind: self.root.to_owned(), name: name.to_owned() });
        }
        self.member(this, name)
    }

    fn member(&self, target: &Known, name: &str) -> Result<Known, PathError> {
        let Known::Types(types) = target else { return Ok(Known::Open) };
        let mut found = Vec::new();
        for kind in types {
            if self.is_open(kind) || (name == "value" && self.model.is_primitive(kind)) {
                return Ok(Known::Open);
            }
            match self.model.child(kind, name) {
                Some(facts) if facts.base_name == name => found.push(facts.kind.to_owned()),
                Some(_) => {}
                // A choice element: its types are found by trying, so they stay open.
                None if self.is_choice(kind, name) => return Ok(Known::Open),
                None => {}
            }
        }
        if found.is_empty() {
            let kind = types.first().cloned().unwrap_or_default();
            return Err(PathError::UnknownElement { kind, name: name.to_owned() });
        }
        Ok(Known::Types(found))
    }

    fn is_open(&self, kind: &str) -> bool {
        kind.is_empty() || matches!(kind, "Resource" | "DomainResource" | "Element" | "BackboneElement" | "Any")
    }

    fn is_choice(&self, kind: &str, name: &str) -> bool {
        CHOICE_TYPES.iter().any(|suffix| {
            self.model.child(kind, &format!("{name}{suffix}")).is_some_and(|facts| facts.base_name == name)
        })
    }
}

/// What every choice element of FHIR has at least one of.
const CHOICE_TYPES: [&str; 24] = [
    "Quantity",
    "CodeableConcept",
    "String",
    "Boolean",
    "Integer",
    "DateTime",
    "Date",
    "Period",
    "Range",
    "Reference",
    "Uri",
    "Code",
    "Coding",
    "Identifier",
    "Timing",
    "Age",
    "Attachment",
    "Decimal",
    "Time",
    "Instant",
    "Ratio",
    "Duration",
    "Markdown",
    "UnsignedInt",
];

fn unordered(expr: &Expr) -> bool {
    matches!(expr, Expr::Call(Invocation { function, .. }) if matches!(function.name, "children" | "descendants"))
}
