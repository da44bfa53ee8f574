//! Walks the syntax tree.

use std::borrow::Cow;
use std::cell::Cell;
use std::cell::RefCell;

use crate::fhir::element::Element;
use crate::fhir::path::Model;
use crate::fhir::path::ast::Expr;
use crate::fhir::path::ast::Invocation;
use crate::fhir::path::ast::Operator;
use crate::fhir::path::ast::TypeName;
use crate::fhir::path::compare;
use crate::fhir::path::context::Context;
use crate::fhir::path::context::Dialect;
use crate::fhir::path::context::Leniency;
use crate::fhir::path::error::Failure;
use crate::fhir::path::error::PathError;
use crate::fhir::path::functions::Call;
use crate::fhir::path::functions::Run;
use crate::fhir::path::functions::combining;
use crate::fhir::path::functions::math;
use crate::fhir::path::item::Item;
use crate::fhir::path::item::Node;
use crate::fhir::path::items::Items;
use crate::fhir::path::step::Step;
use crate::fhir::path::step::Types;
use crate::fhir::path::stream::Flowed;
use crate::fhir::path::truth::tells_truth;

/// What `$this`, `$index` and `$total` are.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'s, 'a> {
    pub this: Option<&'s Item<'a>>,
    pub index: usize,
    pub total: Option<&'s [Item<'a>]>,
}

/// One evaluation.
pub(crate) struct Evaluator<'s, 'a> {
    pub context: &'s Context<'a>,
    /// `%context`
    focus: Node<'a>,
    /// Steps that are left; below zero when more were taken than allowed.
    left: Cell<i64>,
    /// Streams that wait for the one below them.
    pub(super) waiting: Cell<u32>,
    /// Answers of the model to "is it derived from": the same few are asked again and again.
    pub(super) derived: RefCell<Vec<(&'a str, &'a str, bool)>>,
    /// Types that were found to exist.
    pub(super) known: RefCell<Vec<*const TypeName>>,
    /// What names mean.
    types: Types<'s, 'a>,
}

/// Evaluates a tree on a focus.
pub(crate) fn evaluate<'a>(tree: &'a Expr, focus: Node<'a>, context: &Context<'a>) -> Result<Items<'a>, PathError> {
    if tells_truth(tree) {
        return run(focus, context, |evaluator, scope| evaluator.condition(tree, scope, "expression")).map(one);
    }
    run(focus, context, |evaluator, scope| evaluator.eval(tree, scope))
}

/// Whether a tree holds for a focus.
pub(crate) fn holds<'a>(tree: &'a Expr, focus: Node<'a>, context: &Context<'a>) -> Result<bool, PathError> {
    run(focus, context, |evaluator, scope| evaluator.condition(tree, scope, "expression"))
        .map(|truth| truth == Some(true))
}

fn run<'a, T>(
    focus: Node<'a>,
    context: &Context<'a>,
    ask: impl FnOnce(&Evaluator<'_, 'a>, &Scope<'_, 'a>) -> Result<T, Failure>,
) -> Result<T, PathError> {
    let steps = i64::try_from(context.limits.steps).unwrap_or(i64::MAX);
    let evaluator = Evaluator {
        context,
        focus,
        left: Cell::new(steps),
        waiting: Cell::new(0),
        derived: RefCell::default(),
        known: RefCell::default(),
        types: Types::new(context),
    };
    let this = Item::Node(focus);
    let answer = ask(&evaluator, &Scope { this: Some(&this), index: 0, total: None });
    context.spend(evaluator.left.get().abs_diff(steps));
    answer.map_err(PathError::from)
}

impl<'s, 'a> Evaluator<'s, 'a> {
    /// The items of an expression. The parser bounds how deep it nests.
    ///
    /// Kept small, and its arms apart: its frame is on the stack once for each level of the tree.
    pub fn eval(&self, expr: &'a Expr, scope: &Scope<'_, 'a>) -> Result<Items<'a>, Failure> {
        self.spend(1)?;
        match expr {
            Expr::Name(step) => self.name(step, scope),
            Expr::Member(target, step) => self.path(target, step, scope),
            Expr::Call(call) => self.call(call, scope),
            Expr::Binary(operator, left, right) => self.binary(*operator, left, right, scope),
            Expr::Item(target, index) => self.indexed(target, index, scope),
            Expr::Is(operand, kind) => self.eval(operand, scope).and_then(|operand| self.is(&operand, kind)),
            Expr::As(operand, kind) => self.eval(operand, scope).and_then(|operand| self.cast(operand, kind)),
            Expr::Negate(operand) | Expr::Plus(operand) => self.signed(expr, operand, scope),
            Expr::List(items) => self.list(items, scope),
            Expr::Variable(name) => self.variable(name),
            Expr::Fixed(_, inner) => self.eval(inner, scope),
            Expr::This => Ok(scope.this.cloned().into()),
            Expr::Total => Ok(scope.total.map_or(Items::None, |total| total.to_vec().into())),
            _ => Ok(literal(expr, scope)),
        }
    }

    #[cold]
    fn too_long(&self) -> Failure {
        Failure::from(PathError::Limit {
            what: "steps",
            most: usize::try_from(self.context.limits.steps).unwrap_or(usize::MAX),
        })
    }

    /// Counts work, so that no expression runs away.
    #[inline]
    pub fn spend(&self, steps: usize) -> Result<(), Failure> {
        let left = self.left.get().wrapping_sub_unsigned(steps as u64);
        self.left.set(left);
        if left < 0 {
            return Err(self.too_long());
        }
        Ok(())
    }

    /// Refuses a collection beyond the limit.
    pub fn bound(&self, items: usize) -> Result<(), Failure> {
        if items > self.context.limits.items {
            return Err(Failure::from(PathError::Limit { what: "items", most: self.context.limits.items }));
        }
        self.spend(items)
    }

    /// Whether the dialect is lenient.
    pub fn is_lenient(&self) -> bool {
        self.context.dialect == Dialect::Lenient
    }

    fn path(&self, target: &'a Expr, step: &'a Step, scope: &Scope<'_, 'a>) -> Result<Items<'a>, Failure> {
        let target = self.eval(target, scope)?;
        let mut found = Items::None;
        for item in &target {
            self.members(item, step, &mut |member| {
                found.push(member);
                Ok(true)
            })?;
        }
        self.bound(found.len())?;
        Ok(found)
    }

    fn call(&self, call: &'a Invocation, scope: &Scope<'_, 'a>) -> Result<Items<'a>, Failure> {
        match call.function.run {
            Run::Items(run) => run(self.prepare(call, scope)?),
            Run::Truth(run) => run(self.prepare(call, scope)?).map(one),
            Run::Lazy(run) => run(self, call, scope).map(one),
            Run::Flow(flow) => self.collected(flow, call, scope),
            Run::Count => self.count(call, scope).map(|count| Items::One(whole(count))),
            Run::Not => self.negation(call, scope).map(one),
        }
    }

    /// A call with its input.
    pub fn prepare<'c>(&'c self, call: &'a Invocation, scope: &'c Scope<'c, 'a>) -> Result<Call<'c, 'a>, Failure> {
        let focus = match &call.target {
            Some(target) => self.eval(target, scope)?,
            None => scope.this.cloned().into(),
        };
        Ok(Call { evaluator: self, focus, arguments: &call.arguments, scope, name: call.function.name })
    }

    fn indexed(&self, target: &'a Expr, index: &'a Expr, scope: &Scope<'_, 'a>) -> Result<Items<'a>, Failure> {
        let target = self.eval(target, scope)?;
        let index = self.eval(index, scope)?;
        let Some(index) = self.single(&index, "[ ]")? else { return Ok(Items::None) };
        let Some(at) = index.integer() else {
            return Err(wrong_type("[ ]", "an integer", index));
        };
        Ok(usize::try_from(at).ok().and_then(|at| target.take(at)).into())
    }

    fn signed(&self, expr: &'a Expr, operand: &'a Expr, scope: &Scope<'_, 'a>) -> Result<Items<'a>, Failure> {
        let operand = self.eval(operand, scope)?;
        if matches!(expr, Expr::Negate(_)) {
            return math::negate(self.single(&operand, "-")?);
        }
        match self.single(&operand, "+")? {
            None => Ok(Items::None),
            Some(item) if item.decimal().is_some() || item.quantity().is_some() => Ok(Items::One(item.clone())),
            Some(item) => Err(wrong_type("+", "a number", item)),
        }
    }

    /// Its meaning is plain, and a profile that writes it is the only one who knows better: accepted in any dialect.
    fn list(&self, items: &'a [Expr], scope: &Scope<'_, 'a>) -> Result<Items<'a>, Failure> {
        self.context.note(Leniency::ListLiteral);
        let mut all = Items::None;
        for item in items {
            all.extend(self.eval(item, scope)?);
        }
        self.bound(all.len())?;
        Ok(all)
    }

    /// The only item of a collection, if any.
    pub fn single<'i>(&self, items: &'i [Item<'a>], place: &'static str) -> Result<Option<&'i Item<'a>>, Failure> {
        match items {
            [] => Ok(None),
            [item] => Ok(Some(item)),
            _ => Err(Failure::from(PathError::NotSingleton { place, seen: items.len() })),
        }
    }

    fn name(&self, step: &'a Step, scope: &Scope<'_, 'a>) -> Result<Items<'a>, Failure> {
        let mut found = Items::None;
        self.named(step, scope, &mut |item| {
            found.push(item);
            Ok(true)
        })?;
        Ok(found)
    }

    /// A name without target: the type of the focus itself, or a member of `$this`.
    pub fn named<V>(&self, step: &'a Step, scope: &Scope<'_, 'a>, visit: &mut V) -> Flowed
    where
        V: FnMut(Item<'a>) -> Flowed + ?Sized,
    {
        let Some(this) = scope.this else { return Ok(true) };
        if let Item::Node(node) = this
            && step.may_be_type
            && self.is_derived(node.kind, &step.name)
        {
            return visit(this.clone());
        }
        self.members(this, step, visit)
    }

    /// The members of one item with a name.
    #[inline]
    pub fn members<V>(&self, item: &Item<'a>, step: &'a Step, visit: &mut V) -> Flowed
    where
        V: FnMut(Item<'a>) -> Flowed + ?Sized,
    {
        let name = &*step.name;
        let member = match item {
            Item::Node(node) => {
                self.spend(node.element.children.len() + 1)?;
                if !self.children_named(node, step, visit)? {
                    return Ok(false);
                }
                if node.element.value.is_none() || name != "value" {
                    return Ok(true);
                }
                node.value()
            }
            Item::Type(namespace, type_name) => match name {
                "namespace" => Some(Item::Text(Cow::Borrowed(*namespace))),
                "name" => Some(Item::Text(type_name.clone())),
                _ => None,
            },
            Item::Quantity(quantity) => match name {
                "value" => Some(Item::Decimal(quantity.value)),
                "unit" | "code" => Some(Item::Text(Cow::Owned(quantity.unit.to_string()))),
                _ => None,
            },
            _ => {
                self.context.allows(Leniency::MemberOfValue);
                None
            }
        };
        member.map_or(Ok(true), visit)
    }

    fn children_named<V>(&self, parent: &Node<'a>, step: &'a Step, visit: &mut V) -> Flowed
    where
        V: FnMut(Item<'a>) -> Flowed + ?Sized,
    {
        for child in &parent.element.children {
            if !step.may_mean(&child.name) {
                continue;
            }
            let Some(kind) = step.kind(&self.types, parent, child) else { continue };
            let kind = child.resource_type.as_deref().unwrap_or(kind);
            if !visit(Item::Node(Node { element: child, kind }))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// All children of an element, with their types.
    pub fn children(&self, parent: Node<'a>) -> impl Iterator<Item = Node<'a>> {
        let model: &'a dyn Model = self.context.model;
        let mut known: Option<(&'a str, &'a str)> = None;
        parent.element.children.iter().map(move |child: &'a Element| {
            let kind = match known {
                Some((name, kind)) if name == &*child.name => kind,
                _ => model.child(parent.kind, &child.name).map_or("", |facts| facts.kind),
            };
            known = Some((&child.name, kind));
            Node { element: child, kind: child.resource_type.as_deref().unwrap_or(kind) }
        })
    }

    fn variable(&self, name: &str) -> Result<Items<'a>, Failure> {
        let text = |text: &'static str| Ok(Items::One(Item::Text(Cow::Borrowed(text))));
        match name {
            "resource" => Ok(Items::One(Item::Node(self.context.resource.into()))),
            "rootResource" => Ok(Items::One(Item::Node(self.context.root_resource.into()))),
            "context" => Ok(Items::One(Item::Node(self.focus))),
            "ucum" => text("http://unitsofmeasure.org"),
            "sct" => text("http://snomed.info/sct"),
            "loinc" => text("http://loinc.org"),
            _ => {
                if let Some(items) = self.context.variables.get(name) {
                    return Ok(items.clone().into());
                }
                let url = if let Some(rest) = name.strip_prefix("vs-") {
                    format!("http://hl7.org/fhir/ValueSet/{rest}")
                } else if let Some(rest) = name.strip_prefix("ext-") {
                    format!("http://hl7.org/fhir/StructureDefinition/{rest}")
                } else {
                    return Err(Failure::from(PathError::UnknownVariable(name.to_owned())));
                };
                Ok(Items::One(Item::Text(Cow::Owned(url))))
            }
        }
    }

    fn binary(
        &self,
        operator: Operator,
        left: &'a Expr,
        right: &'a Expr,
        scope: &Scope<'_, 'a>,
    ) -> Result<Items<'a>, Failure> {
        match operator {
            Operator::And | Operator::Or | Operator::Implies | Operator::Xor => {
                self.logical(operator, left, right, scope).map(one)
            }
            Operator::Equal | Operator::NotEqual => self.equality(operator, left, right, scope).map(one),
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                self.comparison(operator, left, right, scope).map(one)
            }
            Operator::In => self.contains(operator, right, left, scope).map(one),
            Operator::Contains => self.contains(operator, left, right, scope).map(one),
            _ => {
                let left = self.eval(left, scope)?;
                let right = self.eval(right, scope)?;
                self.spend(left.len() + right.len())?;
                self.operate(operator, left, right)
            }
        }
    }

    fn operate(&self, operator: Operator, left: Items<'a>, right: Items<'a>) -> Result<Items<'a>, Failure> {
        let name = operator.symbol();
        let answer = |answer: Option<bool>| Ok(one(answer));
        match operator {
            Operator::Equivalent => answer(Some(compare::collections_equivalent(&left, &right))),
            Operator::NotEquivalent => answer(Some(!compare::collections_equivalent(&left, &right))),
            Operator::Union => {
                let mut all = left;
                all.extend(right);
                combining::distinct(self, all)
            }
            _ => math::operate(self, operator, self.single(&left, name)?, self.single(&right, name)?),
        }
    }

    /// `=`.
    pub fn equal(&self, left: &[Item<'a>], right: &[Item<'a>]) -> Option<bool> {
        let equal = compare::collections_equal(left, right, false);
        if equal != Some(false) || !self.is_lenient() {
            return equal;
        }
        let lenient = compare::collections_equal(left, right, true);
        if lenient == Some(true) {
            self.context.allows(Leniency::TextAsNumber);
        }
        lenient
    }
}

fn literal<'a>(expr: &'a Expr, scope: &Scope<'_, 'a>) -> Items<'a> {
    Items::One(match expr {
        Expr::Boolean(value) => Item::Boolean(*value),
        Expr::Integer(value) => Item::Integer(*value),
        Expr::Decimal(value) => Item::Decimal(*value),
        Expr::Text(text) => Item::Text(Cow::Borrowed(text)),
        Expr::Temporal(value) => Item::Temporal(*value),
        Expr::Quantity(quantity) => Item::Quantity(quantity.clone()),
        Expr::Index => Item::Integer(i64::try_from(scope.index).unwrap_or(i64::MAX)),
        _ => return Items::None,
    })
}

/// A number of items.
fn whole<'a>(count: usize) -> Item<'a> {
    Item::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The collection of an answer.
fn one<'a>(answer: Option<bool>) -> Items<'a> {
    answer.map(Item::Boolean).into()
}

/// An error that names what was seen.
pub(crate) fn wrong_type(place: &'static str, expected: &'static str, seen: &Item<'_>) -> Failure {
    let seen = match seen {
        Item::Node(node) if node.kind.is_empty() => format!("the element `{}`", node.element.name),
        item => format!("a `{}`", item.kind()),
    };
    Failure::from(PathError::WrongType { place, expected, seen })
}
