//! The truth of an expression, for those who ask no more: conditions, invariants, the operands of `and`.
//!
//! Answers and errors are those of evaluating the expression and taking the truth of its items; the collections of a
//! boolean on the way are not made. Entry point: [`Evaluator::condition`].

use std::cmp::Ordering;

use crate::fhir::path::ast::Expr;
use crate::fhir::path::ast::Invocation;
use crate::fhir::path::ast::Operator;
use crate::fhir::path::compare;
use crate::fhir::path::context::Context;
use crate::fhir::path::context::Leniency;
use crate::fhir::path::error::Failure;
use crate::fhir::path::error::PathError;
use crate::fhir::path::eval::Evaluator;
use crate::fhir::path::eval::Scope;
use crate::fhir::path::functions::Run;
use crate::fhir::path::functions::Test;
use crate::fhir::path::item::Item;
use crate::fhir::path::lookups::FEW;
use crate::fhir::path::stream::Repeats;

/// A truth, or none; or why it cannot be told.
pub(crate) type Answer = Result<Option<bool>, Failure>;

/// The truth of a collection: empty has none, one item that is no boolean is true.
pub(crate) fn truth(items: &[Item<'_>], place: &'static str, context: &Context<'_>) -> Answer {
    match items {
        [] => Ok(None),
        [item] => Ok(Some(item.boolean().unwrap_or(true))),
        _ if context.allows(Leniency::SeveralAsCondition) => Ok(Some(true)),
        _ => Err(Failure::from(PathError::NotSingleton { place, seen: items.len() })),
    }
}

impl<'a> Evaluator<'_, 'a> {
    /// The truth of an expression; `place` is who asks, for the error of more than one item.
    ///
    /// Only says who tells it: they are kept apart, so that each passes on to the next without a frame in between.
    pub fn condition(&self, expr: &'a Expr, scope: &Scope<'_, 'a>, place: &'static str) -> Answer {
        self.spend(1)?;
        match expr {
            Expr::Binary(operator, left, right) => match operator {
                Operator::And | Operator::Or | Operator::Implies | Operator::Xor => {
                    self.logical(*operator, left, right, scope)
                }
                Operator::Equal | Operator::NotEqual => self.equality(*operator, left, right, scope),
                Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                    self.comparison(*operator, left, right, scope)
                }
                Operator::In => self.contains(*operator, right, left, scope),
                Operator::Contains => self.contains(*operator, left, right, scope),
                _ => self.of_items(expr, scope, place),
            },
            Expr::Call(call) => match call.function.run {
                Run::Items(_) | Run::Flow(_) | Run::Count => self.of_items(expr, scope, place),
                Run::Lazy(run) => run(self, call, scope),
                Run::Truth(run) => self.told(run, call, scope),
                Run::Not => self.negation(call, scope),
            },
            _ => self.of_items(expr, scope, place),
        }
    }

    #[inline(never)]
    fn told(&self, run: Test, call: &'a Invocation, scope: &Scope<'_, 'a>) -> Answer {
        run(self.prepare(call, scope)?)
    }

    #[inline(never)]
    fn of_items(&self, expr: &'a Expr, scope: &Scope<'_, 'a>, place: &'static str) -> Answer {
        truth(&self.eval(expr, scope)?, place, self.context)
    }

    /// The right side is evaluated only when the left one leaves the answer open.
    #[inline(never)]
    pub fn logical(&self, operator: Operator, left: &'a Expr, right: &'a Expr, scope: &Scope<'_, 'a>) -> Answer {
        let name = operator.symbol();
        let left = self.condition(left, scope, name)?;
        match (operator, left) {
            (Operator::And, Some(false)) => Ok(Some(false)),
            (Operator::Or, Some(true)) | (Operator::Implies, Some(false)) => Ok(Some(true)),
            _ => Ok(logic(operator, left, self.condition(right, scope, name)?)),
        }
    }

    /// `=` and `!=`.
    #[inline(never)]
    pub fn equality(&self, operator: Operator, left: &'a Expr, right: &'a Expr, scope: &Scope<'_, 'a>) -> Answer {
        if tells_truth(left) && tells_truth(right) {
            let name = operator.symbol();
            let (left, right) = (self.condition(left, scope, name)?, self.condition(right, scope, name)?);
            let equal = left.zip(right).map(|(left, right)| left == right);
            return Ok(equal.map(|equal| equal == (operator == Operator::Equal)));
        }
        let left = self.eval(left, scope)?;
        let right = self.eval(right, scope)?;
        self.spend(left.len() + right.len())?;
        Ok(self.equal(&left, &right).map(|equal| equal == (operator == Operator::Equal)))
    }

    /// `<` and its kin.
    #[inline(never)]
    pub fn comparison(&self, operator: Operator, left: &'a Expr, right: &'a Expr, scope: &Scope<'_, 'a>) -> Answer {
        let place = operator.symbol();
        let one = self.sole(left, scope, place)?;
        let other = self.sole(right, scope, place)?;
        let (Some(one), Some(other)) = (&one, &other) else { return Ok(None) };
        Ok(compare::order(one, other, place)?.map(|order| match operator {
            Operator::Less => order == Ordering::Less,
            Operator::LessOrEqual => order != Ordering::Greater,
            Operator::Greater => order == Ordering::Greater,
            _ => order != Ordering::Less,
        }))
    }

    /// The only item of an expression, if any.
    fn sole(&self, expr: &'a Expr, scope: &Scope<'_, 'a>, place: &'static str) -> Result<Option<Item<'a>>, Failure> {
        let (mut sole, mut seen) = (None, 0);
        self.input(Some(expr), scope, Repeats::Matter, &mut |item| {
            sole.get_or_insert(item);
            seen += 1;
            Ok(true)
        })?;
        self.spend(seen)?;
        if seen > 1 {
            return Err(Failure::from(PathError::NotSingleton { place, seen }));
        }
        Ok(sole)
    }

    /// `in` and `contains`: whether `one` is among `all`.
    #[inline(never)]
    pub fn contains(&self, operator: Operator, all: &'a Expr, one: &'a Expr, scope: &Scope<'_, 'a>) -> Answer {
        let one = self.eval(one, scope)?;
        let Some(one) = self.single(&one, operator.symbol())? else { return Ok(None) };
        let kept = match (all, self.context.lookups) {
            (Expr::Fixed(number, _), Some(lookups)) => one.text().map(|text| (*number, lookups, text)),
            _ => None,
        };
        let (resource, root) = (self.context.resource, self.context.root_resource);
        if let Some((number, lookups, text)) = &kept
            && let Some(found) = lookups.holds(*number, resource, root, text)
        {
            return Ok(Some(found));
        }
        let (mut found, mut seen) = (false, 0);
        self.each(all, scope, Repeats::DoNotMatter, &mut |item| {
            self.spend(1)?;
            seen += 1;
            found = compare::equal(&item, one, self.is_lenient()) == Some(true);
            Ok(!found)
        })?;
        if let Some((number, lookups, _)) = kept
            && seen > FEW
            && !lookups.knows(number, resource, root)
        {
            let all = self.eval(all, scope)?;
            lookups.keep(number, resource, root, all.iter().map(|item| item.text().map(Into::into)).collect());
        }
        Ok(Some(found))
    }

    /// `not()`
    #[inline(never)]
    pub fn negation(&self, call: &'a Invocation, scope: &Scope<'_, 'a>) -> Answer {
        let name = call.function.name;
        let answer = match &call.target {
            Some(target) => self.condition(target, scope, name)?,
            None => truth(scope.this.map_or(&[], std::slice::from_ref), name, self.context)?,
        };
        Ok(answer.map(|answer| !answer))
    }
}

/// Whether an expression yields one boolean or nothing, whatever it is evaluated on.
pub(crate) fn tells_truth(expr: &Expr) -> bool {
    match expr {
        Expr::Call(call) => matches!(call.function.run, Run::Truth(_) | Run::Lazy(_) | Run::Not),
        Expr::Binary(operator, ..) => matches!(
            operator,
            Operator::And
                | Operator::Or
                | Operator::Implies
                | Operator::Xor
                | Operator::Equal
                | Operator::NotEqual
                | Operator::Less
                | Operator::LessOrEqual
                | Operator::Greater
                | Operator::GreaterOrEqual
                | Operator::In
                | Operator::Contains
        ),
        _ => false,
    }
}

fn logic(operator: Operator, left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (operator, left, right) {
        (Operator::And, _, Some(false)) => Some(false),
        (Operator::And, Some(true), Some(true)) => Some(true),
        (Operator::Or, _, Some(true)) => Some(true),
        (Operator::Or, Some(false), Some(false)) => Some(false),
        (Operator::Implies, Some(true), right) => right,
        (Operator::Implies, None, Some(true)) => Some(true),
        (Operator::Xor, Some(left), Some(right)) => Some(left != right),
        _ => None,
    }
}
