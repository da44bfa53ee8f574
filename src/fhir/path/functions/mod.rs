//! The functions of FHIRPath, one file a group; [`find`] knows them all.

mod aggregates;
mod boundaries;
pub(crate) mod combining;
mod conversion;
mod existence;
mod fhir;
mod filtering;
pub(crate) mod math;
mod navigation;
mod strings;
mod subsetting;
mod utility;

use std::borrow::Cow;
use std::fmt;

use crate::fhir::path::ast::Expr;
use crate::fhir::path::ast::Invocation;
use crate::fhir::path::ast::TypeName;
use crate::fhir::path::context::Leniency;
use crate::fhir::path::error::Failure;
use crate::fhir::path::error::PathError;
use crate::fhir::path::eval::Evaluator;
use crate::fhir::path::eval::Scope;
use crate::fhir::path::eval::wrong_type;
use crate::fhir::path::item::Item;
use crate::fhir::path::items::Items;
use crate::fhir::path::stream::Flow;
use crate::fhir::path::truth::Answer;

/// What a function yields.
pub(crate) type Outcome<'a> = Result<Items<'a>, Failure>;

/// A function: its name, how many arguments it takes, and what it does.
pub(crate) struct Function {
    pub name: &'static str,
    pub least: u8,
    pub most: u8,
    /// Whether its argument is the name of a type.
    pub takes_type: bool,
    pub run: Run,
}

/// Tells a truth of a call with its input.
pub(crate) type Test = for<'s, 'a> fn(Call<'s, 'a>) -> Answer;

/// What a function does.
#[derive(Clone, Copy)]
pub(crate) enum Run {
    /// Yields items.
    Items(for<'s, 'a> fn(Call<'s, 'a>) -> Outcome<'a>),
    /// Yields a truth, or nothing.
    Truth(Test),
    /// Tells a truth from as much of its input as it needs.
    Lazy(for<'a> fn(&Evaluator<'_, 'a>, &'a Invocation, &Scope<'_, 'a>) -> Answer),
    /// Yields items of its input one after another.
    Flow(Flow),
    /// Counts its input.
    Count,
    /// Turns the truth of its input round.
    Not,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A function of the table.
const fn function(
    name: &'static str,
    least: u8,
    most: u8,
    run: for<'s, 'a> fn(Call<'s, 'a>) -> Outcome<'a>,
) -> Function {
    Function { name, least, most, takes_type: false, run: Run::Items(run) }
}

/// A function of the table that tells a truth.
const fn test(name: &'static str, least: u8, most: u8, run: Test) -> Function {
    Function { name, least, most, takes_type: false, run: Run::Truth(run) }
}

/// A function of the table that tells a truth from as much of its input as it needs.
const fn lazy(
    name: &'static str,
    least: u8,
    most: u8,
    run: for<'a> fn(&Evaluator<'_, 'a>, &'a Invocation, &Scope<'_, 'a>) -> Answer,
) -> Function {
    Function { name, least, most, takes_type: false, run: Run::Lazy(run) }
}

/// A function of the table that yields items of its input one after another.
const fn flow(name: &'static str, arguments: u8, flow: Flow) -> Function {
    Function { name, least: arguments, most: arguments, takes_type: false, run: Run::Flow(flow) }
}

/// A function of the table whose argument is a type.
const fn of_type(function: Function) -> Function {
    Function { least: 1, most: 1, takes_type: true, ..function }
}

const GROUPS: [&[Function]; 12] = [
    existence::FUNCTIONS,
    filtering::FUNCTIONS,
    subsetting::FUNCTIONS,
    combining::FUNCTIONS,
    conversion::FUNCTIONS,
    strings::FUNCTIONS,
    math::FUNCTIONS,
    navigation::FUNCTIONS,
    aggregates::FUNCTIONS,
    utility::FUNCTIONS,
    boundaries::FUNCTIONS,
    fhir::FUNCTIONS,
];

/// The function with this name.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    GROUPS.iter().flat_map(|group| group.iter()).find(|function| function.name == name)
}

/// One call: the input and the arguments, not yet evaluated.
pub(crate) struct Call<'s, 'a> {
    pub evaluator: &'s Evaluator<'s, 'a>,
    pub focus: Items<'a>,
    pub arguments: &'a [Expr],
    /// The scope of the caller: arguments that are no lambdas are evaluated in it.
    pub scope: &'s Scope<'s, 'a>,
    pub name: &'static str,
}

impl<'s, 'a> Call<'s, 'a> {
    /// The items of an argument; empty when it is not given.
    pub fn argument(&self, at: usize) -> Outcome<'a> {
        match self.arguments.get(at) {
            Some(argument) => self.evaluator.eval(argument, self.scope),
            None => Ok(Items::None),
        }
    }

    /// The only item of an argument, if any.
    pub fn single_argument(&self, at: usize) -> Result<Option<Item<'a>>, Failure> {
        let items = self.argument(at)?;
        self.evaluator.single(&items, self.name).map(Option::<&Item<'a>>::cloned)
    }

    /// The text of an argument, if any.
    pub fn text_argument(&self, at: usize) -> Result<Option<Cow<'a, str>>, Failure> {
        match self.single_argument(at)? {
            None => Ok(None),
            Some(item) => match item.text() {
                Some(text) => Ok(Some(text)),
                None => Err(wrong_type(self.name, "a string as argument", &item)),
            },
        }
    }

    /// The whole number of an argument, if any.
    pub fn integer_argument(&self, at: usize) -> Result<Option<i64>, Failure> {
        match self.single_argument(at)? {
            None => Ok(None),
            Some(item) => match item.integer() {
                Some(number) => Ok(Some(number)),
                None => Err(wrong_type(self.name, "an integer as argument", &item)),
            },
        }
    }

    /// The type that is the argument.
    pub fn type_argument(&self) -> Option<&'a TypeName> {
        match self.arguments.first() {
            Some(Expr::Type(name)) => Some(name),
            _ => None,
        }
    }

    /// The only item of the input, if any.
    pub fn single(&self) -> Result<Option<&Item<'a>>, Failure> {
        self.evaluator.single(&self.focus, self.name)
    }

    /// The text of the input, if any.
    pub fn text(&self) -> Result<Option<Cow<'a, str>>, Failure> {
        match self.single()? {
            None => Ok(None),
            Some(item) => self.text_of(item),
        }
    }

    /// The text of an item; an element without value has none.
    pub fn text_of(&self, item: &Item<'a>) -> Result<Option<Cow<'a, str>>, Failure> {
        if let Some(text) = item.text() {
            return Ok(Some(text));
        }
        if let Item::Node(node) = item {
            // A date or a number of the resource is text as it was written.
            if let Some(scalar) = &node.element.value {
                return Ok(Some(Cow::Borrowed(&scalar.text)));
            }
            if self.evaluator.context.model.is_primitive(node.kind) {
                return Ok(None);
            }
        }
        Err(wrong_type(self.name, "a string", item))
    }

    /// A test of the text of the input. Several items are tested for any, where the dialect allows it.
    pub fn test_text(&self, test: impl Fn(&str) -> bool) -> Outcome<'a> {
        if self.focus.len() > 1 {
            if !self.evaluator.context.allows(Leniency::FunctionOnSeveral) {
                return Err(Failure::from(PathError::NotSingleton { place: self.name, seen: self.focus.len() }));
            }
            for item in &self.focus {
                if self.text_of(item)?.is_some_and(|text| test(&text)) {
                    return boolean(true);
                }
            }
            return boolean(false);
        }
        match self.text()? {
            None => Ok(Items::None),
            Some(text) => boolean(test(&text)),
        }
    }

    /// An argument as a lambda for one item of the input.
    pub fn lambda(&self, at: usize, this: &Item<'a>, index: usize) -> Outcome<'a> {
        match self.arguments.get(at) {
            Some(argument) => {
                self.evaluator.eval(argument, &Scope { this: Some(this), index, total: self.scope.total })
            }
            None => Ok(Items::None),
        }
    }
}

/// One boolean.
fn boolean<'a>(value: bool) -> Outcome<'a> {
    Ok(Items::One(Item::Boolean(value)))
}

/// One whole number.
fn integer<'a>(value: usize) -> Outcome<'a> {
    Ok(Items::One(Item::Integer(i64::try_from(value).unwrap_or(i64::MAX))))
}

/// One text.
fn text<'a>(value: impl Into<Cow<'a, str>>) -> Outcome<'a> {
    Ok(Items::One(Item::Text(value.into())))
}

/// One item or none.
fn optional(item: Option<Item<'_>>) -> Outcome<'_> {
    Ok(item.into())
}
