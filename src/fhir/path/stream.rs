//! The items of an expression one after another, for those who may have enough of them before the last: `exists()`, `in`.
//!
//! Paths, `where()`, `children()`, `descendants()` and the filters on type keep no collection on the way; of any other
//! expression the items are made first. Entry points: [`Evaluator::each`], [`Evaluator::count`].

use crate::fhir::path::ast::Expr;
use crate::fhir::path::ast::Invocation;
use crate::fhir::path::ast::Operator;
use crate::fhir::path::context::Leniency;
use crate::fhir::path::error::Failure;
use crate::fhir::path::eval::Evaluator;
use crate::fhir::path::eval::Scope;
use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::Run;
use crate::fhir::path::item::Item;
use crate::fhir::path::item::Node;
use crate::fhir::path::items::Items;

/// Whether to go on; or why it cannot go on.
pub(crate) type Flowed = Result<bool, Failure>;

/// What is done with each item.
pub(crate) type Visit<'v, 'a> = dyn FnMut(Item<'a>) -> Flowed + 'v;

/// A function whose items come one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    Where,
    Children,
    Descendants,
    OfType,
    As,
}

/// Whether an item that comes twice makes a difference to who looks at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeats {
    Matter,
    DoNotMatter,
}

/// So many streams may wait on the stack; for one more the items are made first.
const MOST_WAITING: u32 = 100;

impl<'a> Evaluator<'_, 'a> {
    /// Gives the items of an expression to `visit`, until it has enough; tells whether it has not.
    pub fn each(&self, expr: &'a Expr, scope: &Scope<'_, 'a>, repeats: Repeats, visit: &mut Visit<'_, 'a>) -> Flowed {
        let waiting = self.waiting.get();
        if waiting == MOST_WAITING {
            return visit_all(self.eval(expr, scope)?, visit);
        }
        self.spend(1)?;
        self.waiting.set(waiting + 1);
        let flowed = match expr {
            Expr::Name(step) => self.named(step, scope, visit),
            Expr::Fixed(_, inner) => self.each(inner, scope, repeats, visit),
            Expr::Member(target, step) => {
                self.each(target, scope, repeats, &mut |item| self.members(&item, step, visit))
            }
            Expr::Call(call @ Invocation { function: Function { run: Run::Flow(flow), .. }, .. }) => {
                self.flow(*flow, call, scope, visit)
            }
            Expr::Binary(Operator::Union, left, right) if repeats == Repeats::DoNotMatter => self
                .each(left, scope, repeats, visit)
                .and_then(|more| if more { self.each(right, scope, repeats, visit) } else { Ok(false) }),
            _ => self.eval(expr, scope).and_then(|items| visit_all(items, visit)),
        };
        self.waiting.set(waiting);
        flowed
    }

    /// How many items the input of a function has.
    pub fn count(&self, call: &'a Invocation, scope: &Scope<'_, 'a>) -> Result<usize, Failure> {
        let mut count = 0;
        if let Some(Expr::Call(inner)) = call.target.as_deref()
            && matches!(inner.function.run, Run::Flow(Flow::Children))
        {
            self.input(inner.target.as_deref(), scope, Repeats::Matter, &mut |item| {
                count += item.node().map_or(0, |node| node.element.children.len());
                Ok(true)
            })?;
            return Ok(count);
        }
        self.input(call.target.as_deref(), scope, Repeats::Matter, &mut |_| {
            count += 1;
            Ok(true)
        })?;
        Ok(count)
    }

    /// Gives the input of a function to `visit`.
    #[inline]
    pub fn input<V>(&self, target: Option<&'a Expr>, scope: &Scope<'_, 'a>, repeats: Repeats, visit: &mut V) -> Flowed
    where
        V: FnMut(Item<'a>) -> Flowed,
    {
        match (target, scope.this) {
            // The most frequent, and the shortest way.
            (Some(Expr::Name(step)), _) => self.named(step, scope, visit),
            (Some(target), _) => self.each(target, scope, repeats, visit),
            (None, Some(this)) => visit(this.clone()),
            (None, None) => Ok(true),
        }
    }

    /// The items of a function that gives them one after another.
    pub fn collected(&self, flow: Flow, call: &'a Invocation, scope: &Scope<'_, 'a>) -> Result<Items<'a>, Failure> {
        let mut found = Items::None;
        self.flow(flow, call, scope, &mut |item| {
            found.push(item);
            if found.len() > self.context.limits.items {
                self.bound(found.len())?;
            }
            Ok(true)
        })?;
        self.bound(found.len())?;
        Ok(found)
    }

    fn flow(&self, flow: Flow, call: &'a Invocation, scope: &Scope<'_, 'a>, visit: &mut Visit<'_, 'a>) -> Flowed {
        let target = call.target.as_deref();
        match flow {
            Flow::Where => self.filtered(call, scope, visit),
            Flow::Children => self.input(target, scope, Repeats::Matter, &mut |item| match item.node() {
                Some(node) => self.children_of(node, visit),
                None => Ok(true),
            }),
            Flow::Descendants => self.input(target, scope, Repeats::Matter, &mut |item| match item.node() {
                Some(node) => self.descend(node, visit),
                None => Ok(true),
            }),
            Flow::As if !self.is_lenient() => {
                let Some(Expr::Type(kind)) = call.arguments.first() else { return Ok(true) };
                let mut operand = Items::None;
                self.input(target, scope, Repeats::Matter, &mut |item| {
                    operand.push(item);
                    Ok(true)
                })?;
                visit_all(self.cast(operand, kind)?, visit)
            }
            Flow::As | Flow::OfType => self.typed(flow, call, scope, visit),
        }
    }

    fn filtered(&self, call: &'a Invocation, scope: &Scope<'_, 'a>, visit: &mut Visit<'_, 'a>) -> Flowed {
        let Some(condition) = call.arguments.first() else { return Ok(true) };
        let mut index = 0;
        self.input(call.target.as_deref(), scope, Repeats::Matter, &mut |item| {
            let scope = &Scope { this: Some(&item), index, total: scope.total };
            index += 1;
            match self.condition(condition, scope, "where")? {
                Some(true) => visit(item),
                _ => Ok(true),
            }
        })
    }

    /// Those of a type. That `as` is asked of several items is noted, also when the first is enough.
    fn typed(&self, flow: Flow, call: &'a Invocation, scope: &Scope<'_, 'a>, visit: &mut Visit<'_, 'a>) -> Flowed {
        let Some(Expr::Type(kind)) = call.arguments.first() else { return Ok(true) };
        self.require_type(kind)?;
        let (mut seen, mut goes_on) = (0, true);
        self.input(call.target.as_deref(), scope, Repeats::Matter, &mut |item| {
            seen += 1;
            if seen == 2 && flow == Flow::As {
                self.context.allows(Leniency::TypeOfSeveral);
            }
            if goes_on && self.has_type(&item, kind, true) {
                goes_on = visit(item)?;
            }
            Ok(goes_on || (flow == Flow::As && seen < 2))
        })?;
        Ok(goes_on)
    }

    fn children_of(&self, node: Node<'a>, visit: &mut Visit<'_, 'a>) -> Flowed {
        self.spend(node.element.children.len())?;
        for child in self.children(node) {
            if !visit(Item::Node(child))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// In document order. The readers bound how deep a resource nests.
    fn descend(&self, node: Node<'a>, visit: &mut Visit<'_, 'a>) -> Flowed {
        self.spend(node.element.children.len())?;
        for child in self.children(node) {
            if !visit(Item::Node(child))? || !self.descend(child, visit)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn visit_all<'a>(items: Items<'a>, visit: &mut Visit<'_, 'a>) -> Flowed {
    for item in items {
        if !visit(item)? {
            return Ok(false);
        }
    }
    Ok(true)
}
