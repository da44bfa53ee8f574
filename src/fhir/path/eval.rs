//! Walks the syntax tree.

use std::borrow::Cow;
use std::cell::Cell;
use std::cell::RefCell;
use std::cmp::Ordering;

use crate::fhir::element::Element;
use crate::fhir::path::Model;
use crate::fhir::path::ast::Expr;
use crate::fhir::path::ast::Operator;
use crate::fhir::path::ast::TypeName;
use crate::fhir::path::compare;
use crate::fhir::path::context::Context;
use crate::fhir::path::context::Dialect;
use crate::fhir::path::context::Leniency;
use crate::fhir::path::error::PathError;
use crate::fhir::path::functions::Call;
use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::Run;
use crate::fhir::path::functions::combining;
use crate::fhir::path::functions::math;
use crate::fhir::path::item::Item;
use crate::fhir::path::item::Node;
use crate::fhir::path::items::Items;

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
    steps: Cell<u64>,
    depth: Cell<u32>,
    /// Answers of the model to "is it derived from": the same few are asked again and again.
    derived: RefCell<Vec<(&'a str, &'a str, bool)>>,
    /// Types that were found to exist.
    known: RefCell<Vec<*const TypeName>>,
}

/// How many answers of the model are kept.
const MOST_ANSWERS: usize = 64;

/// Evaluates a tree on a focus.
pub(crate) fn evaluate<'a>(tree: &'a Expr, focus: Node<'a>, context: &Context<'a>) -> Result<Items<'a>, PathError> {
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
    ask: impl FnOnce(&Evaluator<'_, 'a>, Scope<'_, 'a>) -> Result<T, PathError>,
) -> Result<T, PathError> {
    let evaluator = Evaluator {
        context,
        focus,
        steps: Cell::new(0),
        depth: Cell::new(0),
        derived: RefCell::default(),
        known: RefCell::default(),
    };
    let this = Item::Node(focus);
    let answer = ask(&evaluator, Scope { this: Some(&this), index: 0, total: None });
    context.spend(evaluator.steps.get());
    answer
}

impl<'s, 'a> Evaluator<'s, 'a> {
    /// The items of an expression.
    pub fn eval(&self, expr: &'a Expr, scope: Scope<'_, 'a>) -> Result<Items<'a>, PathError> {
        self.deeper(|| self.step(expr, scope))
    }

    /// Takes one step, a level deeper.
    pub fn deeper<T>(&self, step: impl FnOnce() -> Result<T, PathError>) -> Result<T, PathError> {
        let depth = self.depth.get() + 1;
        if depth > self.context.limits.depth {
            return Err(PathError::Limit { what: "nested evaluations", most: self.context.limits.depth as usize });
        }
        self.depth.set(depth);
        let result = self.spend(1).and_then(|()| step());
        self.depth.set(depth - 1);
        result
    }

    /// Counts work, so that no expression runs away.
    pub fn spend(&self, steps: usize) -> Result<(), PathError> {
        let spent = self.steps.get().saturating_add(steps as u64);
        self.steps.set(spent);
        let most = self.context.limits.steps;
        if spent > most {
            return Err(PathError::Limit { what: "steps", most: usize::try_from(most).unwrap_or(usize::MAX) });
        }
        Ok(())
    }

    /// Refuses a collection beyond the limit.
    pub fn bound(&self, items: usize) -> Result<(), PathError> {
        if items > self.context.limits.items {
            return Err(PathError::Limit { what: "items", most: self.context.limits.items });
        }
        self.spend(items)
    }

    /// Whether the dialect is lenient.
    pub fn is_lenient(&self) -> bool {
        self.context.dialect == Dialect::Lenient
    }

    /// Kept small, and its arms apart: its frame is on the stack once for each level of the tree.
    fn step(&self, expr: &'a Expr, scope: Scope<'_, 'a>) -> Result<Items<'a>, PathError> {
        match expr {
            Expr::Name(name) => self.name(name, scope),
            Expr::Member(target, name) => self.path(target, name, scope),
            Expr::Call { target, function, arguments } => self.call(target.as_deref(), function, arguments, scope),
            Expr::Binary(operator, left, right) => self.binary(*operator, left, right, scope),
            Expr::Item(target, index) => self.indexed(target, index, scope),
            Expr::Is(operand, kind) => self.eval(operand, scope).and_then(|operand| self.is(&operand, kind)),
            Expr::As(operand, kind) => self.eval(operand, scope).and_then(|operand| self.cast(operand, kind)),
            Expr::Negate(operand) | Expr::Plus(operand) => self.signed(expr, operand, scope),
            Expr::List(items) => self.list(items, scope),
            Expr::Variable(name) => self.variable(name),
            Expr::This => Ok(scope.this.cloned().into()),
            Expr::Total => Ok(scope.total.map_or(Items::None, |total| total.to_vec().into())),
            _ => Ok(literal(expr, scope)),
        }
    }

    fn path(&self, target: &'a Expr, name: &str, scope: Scope<'_, 'a>) -> Result<Items<'a>, PathError> {
        let target = self.eval(target, scope)?;
        let mut found = Items::None;
        for item in &target {
            self.member(item, name, &mut found)?;
        }
        self.bound(found.len())?;
        Ok(found)
    }

    fn call(
        &self,
        target: Option<&'a Expr>,
        function: &'static Function,
        arguments: &'a [Expr],
        scope: Scope<'_, 'a>,
    ) -> Result<Items<'a>, PathError> {
        match function.run {
            Run::Items(run) => run(self.prepare(target, function, arguments, scope)?),
            Run::Truth(run) => run(self.prepare(target, function, arguments, scope)?).map(one),
            Run::Not => self.negation(target, scope, function.name).map(one),
        }
    }

    /// A call with its input.
    pub fn prepare<'c>(
        &'c self,
        target: Option<&'a Expr>,
        function: &'static Function,
        arguments: &'a [Expr],
        scope: Scope<'c, 'a>,
    ) -> Result<Call<'c, 'a>, PathError> {
        let focus = match target {
            Some(target) => self.eval(target, scope)?,
            None => scope.this.cloned().into(),
        };
        Ok(Call { evaluator: self, focus, arguments, scope, name: function.name })
    }

    fn indexed(&self, target: &'a Expr, index: &'a Expr, scope: Scope<'_, 'a>) -> Result<Items<'a>, PathError> {
        let target = self.eval(target, scope)?;
        let index = self.eval(index, scope)?;
        let Some(index) = self.single(&index, "[ ]")? else { return Ok(Items::None) };
        let Some(at) = index.integer() else {
            return Err(wrong_type("[ ]", "an integer", index));
        };
        Ok(usize::try_from(at).ok().and_then(|at| target.take(at)).into())
    }

    fn signed(&self, expr: &'a Expr, operand: &'a Expr, scope: Scope<'_, 'a>) -> Result<Items<'a>, PathError> {
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
    fn list(&self, items: &'a [Expr], scope: Scope<'_, 'a>) -> Result<Items<'a>, PathError> {
        self.context.note(Leniency::ListLiteral);
        let mut all = Items::None;
        for item in items {
            all.extend(self.eval(item, scope)?);
        }
        self.bound(all.len())?;
        Ok(all)
    }

    /// The only item of a collection, if any.
    pub fn single<'i>(&self, items: &'i [Item<'a>], place: &'static str) -> Result<Option<&'i Item<'a>>, PathError> {
        match items {
            [] => Ok(None),
            [item] => Ok(Some(item)),
            _ => Err(PathError::NotSingleton { place, seen: items.len() }),
        }
    }

    /// A name without target: the type of the focus itself, or a member of `$this`.
    fn name(&self, name: &'a str, scope: Scope<'_, 'a>) -> Result<Items<'a>, PathError> {
        let Some(this) = scope.this else { return Ok(Items::None) };
        if let Item::Node(node) = this
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && self.is_derived(node.kind, name)
        {
            return Ok(Items::One(this.clone()));
        }
        let mut found = Items::None;
        self.member(this, name, &mut found)?;
        Ok(found)
    }

    /// The members of one item with a name.
    fn member(&self, item: &Item<'a>, name: &str, found: &mut Items<'a>) -> Result<(), PathError> {
        match item {
            Item::Node(node) => {
                self.spend(node.element.children.len())?;
                self.children_named(*node, name, found);
                if name == "value" && node.element.value.is_some() {
                    found.extend(node.value());
                }
                Ok(())
            }
            Item::Type(namespace, type_name) => {
                match name {
                    "namespace" => found.push(Item::Text(Cow::Borrowed(namespace))),
                    "name" => found.push(Item::Text(type_name.clone())),
                    _ => {}
                }
                Ok(())
            }
            Item::Quantity(quantity) => {
                match name {
                    "value" => found.push(Item::Decimal(quantity.value)),
                    "unit" | "code" => found.push(Item::Text(Cow::Owned(quantity.unit.to_string()))),
                    _ => {}
                }
                Ok(())
            }
            _ => {
                self.context.allows(Leniency::MemberOfValue);
                Ok(())
            }
        }
    }

    fn children_named(&self, parent: Node<'a>, name: &str, found: &mut Items<'a>) {
        let model = self.context.model;
        let mut known: Option<(&str, &'a str)> = None;
        for child in &parent.element.children {
            let Some(rest) = child.name.strip_prefix(name) else { continue };
            if !rest.is_empty() && !rest.starts_with(|c: char| c.is_ascii_uppercase()) {
                continue;
            }
            let kind = match known {
                Some((same, kind)) if same == &*child.name => kind,
                _ => match model.child(parent.kind, &child.name) {
                    Some(facts) if facts.base_name == name => facts.kind,
                    // The whole name of a choice element is no name in FHIRPath.
                    Some(facts) if rest.is_empty() && self.context.allows(Leniency::ChoiceByType) => facts.kind,
                    Some(_) => continue,
                    None if rest.is_empty() => "",
                    None => continue,
                },
            };
            known = Some((&child.name, kind));
            found.push(Item::Node(Node { element: child, kind: child.resource_type.as_deref().unwrap_or(kind) }));
        }
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

    fn variable(&self, name: &str) -> Result<Items<'a>, PathError> {
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
                    return Err(PathError::UnknownVariable(name.to_owned()));
                };
                Ok(Items::One(Item::Text(Cow::Owned(url))))
            }
        }
    }

    /// Whether a type is the other or derived from it.
    fn is_derived(&self, kind: &'a str, ancestor: &'a str) -> bool {
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
    fn has_type(&self, item: &Item<'a>, kind: &'a TypeName, exact: bool) -> bool {
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

    fn require_type(&self, kind: &TypeName) -> Result<(), PathError> {
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
        Err(PathError::UnknownType(kind.name.to_string()))
    }

    /// `is`.
    pub fn is(&self, operand: &[Item<'a>], kind: &'a TypeName) -> Result<Items<'a>, PathError> {
        self.require_type(kind)?;
        match self.single(operand, "is")? {
            None => Ok(Items::None),
            Some(item) => Ok(Items::One(Item::Boolean(self.has_type(item, kind, false)))),
        }
    }

    /// `as`.
    pub fn cast(&self, operand: Items<'a>, kind: &'a TypeName) -> Result<Items<'a>, PathError> {
        if operand.len() > 1 && !self.context.allows(Leniency::TypeOfSeveral) {
            return Err(PathError::NotSingleton { place: "as", seen: operand.len() });
        }
        self.of_type(operand, kind)
    }

    /// `ofType`.
    pub fn of_type(&self, mut operand: Items<'a>, kind: &'a TypeName) -> Result<Items<'a>, PathError> {
        self.require_type(kind)?;
        operand.retain(|item| self.has_type(item, kind, true));
        Ok(operand)
    }

    fn binary(
        &self,
        operator: Operator,
        left: &'a Expr,
        right: &'a Expr,
        scope: Scope<'_, 'a>,
    ) -> Result<Items<'a>, PathError> {
        match operator {
            Operator::And | Operator::Or | Operator::Implies | Operator::Xor => {
                self.logical(operator, left, right, scope).map(one)
            }
            Operator::Equal | Operator::NotEqual => self.equality(operator, left, right, scope).map(one),
            _ => {
                let left = self.eval(left, scope)?;
                let right = self.eval(right, scope)?;
                self.spend(left.len() + right.len())?;
                self.operate(operator, left, right)
            }
        }
    }

    fn operate(&self, operator: Operator, left: Items<'a>, right: Items<'a>) -> Result<Items<'a>, PathError> {
        let name = operator.symbol();
        let answer = |answer: Option<bool>| Ok(one(answer));
        match operator {
            Operator::Equivalent => answer(Some(compare::collections_equivalent(&left, &right))),
            Operator::NotEquivalent => answer(Some(!compare::collections_equivalent(&left, &right))),
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                let (Some(left), Some(right)) = (self.single(&left, name)?, self.single(&right, name)?) else {
                    return Ok(Items::None);
                };
                let order = compare::order(left, right, name)?;
                answer(order.map(|order| match operator {
                    Operator::Less => order == Ordering::Less,
                    Operator::LessOrEqual => order != Ordering::Greater,
                    Operator::Greater => order == Ordering::Greater,
                    _ => order != Ordering::Less,
                }))
            }
            Operator::Union => {
                let mut all = left;
                all.extend(right);
                combining::distinct(self, all)
            }
            Operator::In => self.contains(&right, &left, name),
            Operator::Contains => self.contains(&left, &right, name),
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

    fn contains(&self, all: &[Item<'a>], one: &[Item<'a>], name: &'static str) -> Result<Items<'a>, PathError> {
        let Some(one) = self.single(one, name)? else { return Ok(Items::None) };
        let found = all.iter().any(|item| compare::equal(item, one, self.is_lenient()) == Some(true));
        Ok(Items::One(Item::Boolean(found)))
    }
}

fn literal<'a>(expr: &'a Expr, scope: Scope<'_, 'a>) -> Items<'a> {
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

/// The collection of an answer.
fn one<'a>(answer: Option<bool>) -> Items<'a> {
    answer.map(Item::Boolean).into()
}

/// An error that names what was seen.
pub(crate) fn wrong_type(place: &'static str, expected: &'static str, seen: &Item<'_>) -> PathError {
    let seen = match seen {
        Item::Node(node) if node.kind.is_empty() => format!("the element `{}`", node.element.name),
        item => format!("a `{}`", item.kind()),
    };
    PathError::WrongType { place, expected, seen }
}
