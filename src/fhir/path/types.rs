//! Types of items: `is`, `as`, `ofType`.

use crate::fhir::path::ast::TypeName;
use crate::fhir::path::context::Leniency;
use crate::fhir::path::error::Failure;
use crate::fhir::path::error::PathError;
use crate::fhir::path::eval::Evaluator;
use crate::fhir::path::item::Item;
use crate::fhir::path::items::Items;

/// How many answers of the model are kept.
const MOST_ANSWERS: usize = 64;

impl<'a> Evaluator<'_, 'a> {
    /// Whether a type is the other or derived from it.
    pub fn is_derived(&self, kind: &'a str, ancestor: &'a str) -> bool {
        if kind.is_empty() || kind == ancestor {
            return kind == ancestor;
        }
        let answer = |(known, of, _): &&(&str, &str, bool)| *of == ancestor && *known == kind;
        if let Some((.., is_derived)) = self.derived.borrow().iter().find(answer) {
            return *is_derived;
        }
        let is_derived = self.context.model.is_subtype(kind, ancestor);
        let mut derived = self.derived.borrow_mut();
        if derived.len() < MOST_ANSWERS {
            derived.push((kind, ancestor, is_derived));
        }
        is_derived
    }

    /// Whether an item is of a type; `exact` does not count the types it is derived from when it is a primitive.
    pub fn has_type(&self, item: &Item<'a>, kind: &'a TypeName, exact: bool) -> bool {
        let namespace = kind.namespace.as_deref();
        let model = self.context.model;
        match item {
            Item::Node(node) => {
                if namespace == Some("System") {
                    return false;
                }
                if node.kind == &*kind.name {
                    return true;
                }
                self.is_derived(node.kind, &kind.name) && !(exact && model.is_primitive(node.kind))
            }
            _ => namespace != Some("FHIR") && item.kind() == &*kind.name,
        }
    }

    pub fn require_type(&self, kind: &TypeName) -> Result<(), Failure> {
        const SYSTEM: [&str; 10] =
            ["Any", "Boolean", "String", "Integer", "Long", "Decimal", "Date", "DateTime", "Time", "Quantity"];
        if self.known.borrow().contains(&std::ptr::from_ref(kind)) {
            return Ok(());
        }
        let known = match kind.namespace.as_deref() {
            // A type that FHIRPath does not have is the type of nothing; the suite of HL7 asks it.
            Some("System") => true,
            Some("FHIR") => self.context.model.is_type(&kind.name),
            Some(_) => false,
            None => self.context.model.is_type(&kind.name) || SYSTEM.contains(&&*kind.name),
        };
        if known {
            self.known.borrow_mut().push(std::ptr::from_ref(kind));
            return Ok(());
        }
        if self.context.allows(Leniency::UnknownType) {
            return Ok(());
        }
        Err(Failure::from(PathError::UnknownType(kind.name.to_string())))
    }

    /// `is`.
    pub fn is(&self, operand: &[Item<'a>], kind: &'a TypeName) -> Result<Items<'a>, Failure> {
        self.require_type(kind)?;
        match self.single(operand, "is")? {
            None => Ok(Items::None),
            Some(item) => Ok(Items::One(Item::Boolean(self.has_type(item, kind, false)))),
        }
    }

    /// `as`.
    pub fn cast(&self, operand: Items<'a>, kind: &'a TypeName) -> Result<Items<'a>, Failure> {
        if operand.len() > 1 && !self.context.allows(Leniency::TypeOfSeveral) {
            return Err(Failure::from(PathError::NotSingleton { place: "as", seen: operand.len() }));
        }
        self.of_type(operand, kind)
    }

    /// `ofType`.
    pub fn of_type(&self, mut operand: Items<'a>, kind: &'a TypeName) -> Result<Items<'a>, Failure> {
        self.require_type(kind)?;
        operand.retain(|item| self.has_type(item, kind, true));
        Ok(operand)
    }
}
