//! A search parameter, ready to use: its kind, and its expression parsed.

use crate::fhir::definitions::SearchParameter;
use crate::fhir::element::Element;
use crate::fhir::path::Context;
use crate::fhir::path::Dialect;
use crate::fhir::path::Expression;
use crate::fhir::path::Item;
use crate::fhir::path::Model;
use crate::fhir::path::Node;
use crate::fhir::path::Temporal;
use crate::fhir::search::SearchError;

/// The kinds of search parameter that are supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Token,
    Reference,
    Date,
    Text,
    Uri,
    Number,
    Quantity,
}

/// A search parameter.
pub(crate) struct Definition {
    pub code: Box<str>,
    pub kind: Kind,
    expression: Expression,
}

impl Definition {
    /// `None` when the parameter has no expression or a kind that is not supported (composite, special).
    pub fn new(parameter: &SearchParameter, resource_type: &str, model: &dyn Model) -> Option<Definition> {
        let kind = match &*parameter.kind {
            "token" => Kind::Token,
            "reference" => Kind::Reference,
            "date" => Kind::Date,
            "string" => Kind::Text,
            "uri" => Kind::Uri,
            "number" => Kind::Number,
            "quantity" => Kind::Quantity,
            _ => return None,
        };
        let text = with_type_names(&for_type(parameter.expression.as_deref()?, resource_type, model), model);
        let expression = Expression::parse(&text).ok()?;
        Some(Definition { code: parameter.code.clone(), kind, expression })
    }

    /// Gives the elements of a resource that the parameter searches to `use_them`. An extension stands for its value.
    pub fn elements<T>(
        &self,
        resource: &Element,
        model: &dyn Model,
        use_them: impl FnOnce(&[Node<'_>]) -> T,
    ) -> Result<T, SearchError> {
        // No search parameter asks what time it is.
        let never = Temporal::from_timestamp(jiff::Timestamp::UNIX_EPOCH);
        let mut context = Context::new(model, resource, never);
        context.dialect = Dialect::Lenient;
        let items = self
            .expression
            .evaluate(resource, &context)
            .map_err(|error| SearchError::Expression { parameter: self.code.to_string(), reason: error.to_string() })?;
        let nodes: Vec<Node<'_>> =
            items.iter().filter_map(Item::node).map(|node| value_of_extension(node, model)).collect();
        Ok(use_them(&nodes))
    }
}

fn value_of_extension<'a>(node: Node<'a>, model: &'a dyn Model) -> Node<'a> {
    if node.kind != "Extension" {
        return node;
    }
    let value = node.element.children.iter().find_map(|child| {
        let facts = model.child("Extension", &child.name).filter(|facts| facts.base_name == "value")?;
        Some(Node::new(child, facts.kind))
    });
    value.unwrap_or(node)
}

/// Without the alternatives of a shared parameter that start at another resource type (`Flag.period | Observation.effective`).
fn for_type(expression: &str, resource_type: &str, model: &dyn Model) -> String {
    // A bar between parentheses is left alone.
    let is_open = |part: &str| part.matches('(').count() != part.matches(')').count();
    if expression.split(" | ").any(is_open) {
        return expression.to_owned();
    }
    let is_other = |part: &&str| {
        let head = part.trim().split('.').next().unwrap_or("");
        head != resource_type && model.is_subtype(head, "Resource") && !model.is_subtype(resource_type, head)
    };
    let kept: Vec<&str> = expression.split(" | ").filter(|part| !is_other(part)).collect();
    if kept.is_empty() { expression.to_owned() } else { kept.join(" | ") }
}

/// STU3 writes `as(DateTime)` where the type is called `dateTime`.
fn with_type_names(expression: &str, model: &dyn Model) -> String {
    let mut result = String::with_capacity(expression.len());
    let mut rest = expression;
    while let Some(at) = rest.find("as(") {
        let (before, after) = rest.split_at(at + 3);
        result.push_str(before);
        let end = after.find(')').unwrap_or(after.len());
        let name = &after[..end];
        let lower = name[..name.len().min(1)].to_lowercase() + name.get(1..).unwrap_or("");
        result.push_str(if !model.is_type(name) && model.is_type(&lower) { &lower } else { name });
        rest = &after[end..];
    }
    result + rest
}
