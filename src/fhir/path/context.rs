//! What surrounds an evaluation: the model, the resources, and those who can answer what the text cannot.

use std::cell::Cell;
use std::collections::HashMap;

use crate::fhir::element::Element;
use crate::fhir::path::Model;
use crate::fhir::path::item::Item;
use crate::fhir::path::item::Node;
use crate::fhir::path::lookups::Lookups;
use crate::fhir::path::temporal::Temporal;

/// Finds resources outside the one at hand.
pub trait Resolver {
    /// The resource that a literal reference points at.
    fn resolve<'a>(&'a self, reference: &str) -> Option<&'a Element>;
}

/// Whether a code is in a value set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    In,
    NotIn,
    /// The value set or its code system is not at hand.
    Unknown,
}

/// Knows value sets.
pub trait Terminology {
    /// Whether the code, Coding or CodeableConcept is in the value set with this canonical URL.
    fn member_of(&self, coded: Node<'_>, value_set: &str) -> Membership;
}

/// Knows profiles.
pub trait Conformance {
    /// Whether the element conforms to the profile with this URL; `None` when the profile is not at hand.
    fn conforms(&self, node: Node<'_>, profile: &str) -> Option<bool>;
}

/// How strict an evaluation is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// The text of FHIRPath.
    #[default]
    Standard,
    /// Also [`Leniency::ChoiceByType`]: invariants of profiles write it, no other meaning is possible, and the instance is not at
    /// fault.
    Profiles,
    /// Also what the official TestScripts and search parameters write; each use is noted as a [`Leniency`].
    Lenient,
}

/// A form outside the text of FHIRPath that another [`Dialect`] accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Leniency {
    /// A type name that does not exist is the type of nothing.
    UnknownType,
    /// A text function on several items, answered for any of them.
    FunctionOnSeveral,
    /// A text compared with a number by how both are written.
    TextAsNumber,
    /// `as` on several items keeps those of the type.
    TypeOfSeveral,
    /// Several items as a condition count as true.
    SeveralAsCondition,
    /// A member of a value that has none (`exists().not`) is empty.
    MemberOfValue,
    /// A choice element by its name in JSON (`valueQuantity`).
    ChoiceByType,
    /// `{a, b}` for several items; accepted in any dialect.
    ListLiteral,
}

impl Leniency {
    /// All of them.
    pub const ALL: [Leniency; 8] = [
        Leniency::UnknownType,
        Leniency::FunctionOnSeveral,
        Leniency::TextAsNumber,
        Leniency::TypeOfSeveral,
        Leniency::SeveralAsCondition,
        Leniency::MemberOfValue,
        Leniency::ChoiceByType,
        Leniency::ListLiteral,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Leniency::UnknownType => "unknown-type",
            Leniency::FunctionOnSeveral => "function-on-several",
            Leniency::TextAsNumber => "text-as-number",
            Leniency::TypeOfSeveral => "type-of-several",
            Leniency::SeveralAsCondition => "several-as-condition",
            Leniency::MemberOfValue => "member-of-value",
            Leniency::ChoiceByType => "choice-by-type",
            Leniency::ListLiteral => "list-literal",
        }
    }
}

/// Limits against runaway expressions.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Steps of the evaluator.
    pub steps: u64,
    /// Items in one collection.
    pub items: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { steps: 20_000_000, items: 1_000_000 }
    }
}

/// What surrounds an evaluation.
pub struct Context<'a> {
    /// The types.
    pub model: &'a dyn Model,
    /// `%resource`: the resource that the focus is in.
    pub resource: &'a Element,
    /// `%rootResource`: that resource, or the one that contains it.
    pub root_resource: &'a Element,
    /// The outermost resource: a Bundle whose entries `resolve()` searches, and where places start.
    pub outermost: &'a Element,
    /// Finds what is referred to outside [`Context::outermost`].
    pub resolver: Option<&'a dyn Resolver>,
    /// Answers `memberOf`.
    pub terminology: Option<&'a dyn Terminology>,
    /// Answers `conformsTo`.
    pub conformance: Option<&'a dyn Conformance>,
    /// What was looked up before; without it everything is looked up anew. For expressions that are kept, not for those made for
    /// one use.
    pub lookups: Option<&'a Lookups>,
    /// The moment that `now()`, `today()` and `timeOfDay()` tell.
    pub now: Temporal,
    /// Further `%` variables.
    pub variables: HashMap<Box<str>, Vec<Item<'a>>>,
    /// How strict.
    pub dialect: Dialect,
    /// Limits.
    pub limits: Limits,
    used: Cell<u8>,
    spent: Cell<u64>,
}

impl<'a> Context<'a> {
    /// A context in which `resource` stands alone. `now` must come from the one clock of the harness.
    pub fn new(model: &'a dyn Model, resource: &'a Element, now: Temporal) -> Context<'a> {
        Context {
            model,
            resource,
            root_resource: resource,
            outermost: resource,
            resolver: None,
            terminology: None,
            conformance: None,
            lookups: None,
            now,
            variables: HashMap::new(),
            dialect: Dialect::Standard,
            limits: Limits::default(),
            used: Cell::new(0),
            spent: Cell::new(0),
        }
    }

    /// The lenient forms that evaluations in this context needed so far.
    pub fn leniencies(&self) -> impl Iterator<Item = Leniency> {
        let used = self.used.get();
        Leniency::ALL.into_iter().filter(move |form| used & (1 << (*form as u8)) != 0)
    }

    /// The steps that evaluations in this context took so far.
    pub fn spent(&self) -> u64 {
        self.spent.get()
    }

    /// Adds the steps of an evaluation.
    pub(crate) fn spend(&self, steps: u64) {
        self.spent.set(self.spent.get().saturating_add(steps));
    }

    /// Whether the form is accepted; notes its use.
    pub(crate) fn allows(&self, form: Leniency) -> bool {
        let allowed = match self.dialect {
            Dialect::Standard => false,
            Dialect::Profiles => form == Leniency::ChoiceByType,
            Dialect::Lenient => true,
        };
        if allowed {
            self.note(form);
        }
        allowed
    }

    /// Notes the use of a form.
    pub(crate) fn note(&self, form: Leniency) {
        self.used.set(self.used.get() | (1 << (form as u8)));
    }
}
