//! Judges a resource by compiled profiles: one walker, one file a constraint.
//!
//! Pure and thread-safe: findings are values, what cannot be decided is listed as not checked and never taken for fine.
//! Everything comes from definitions; the walker knows no resource type. Entry point: [`Validator`].

mod alternative;
mod attachment;
mod binding;
mod bundle;
mod cardinality;
pub mod catalogue;
mod contained;
mod definition;
mod equality;
mod extension;
mod fixed;
mod gap;
mod holder;
mod ids;
mod invariant;
mod issue;
mod narrative;
mod narrative_parts;
mod note;
mod order;
mod pattern;
mod place;
mod primitive;
mod questionnaire;
mod range;
mod reference;
mod scope;
mod shape;
mod slicing;
mod type_;
mod walk;
mod work;

use crate::fhir::Element;
use crate::fhir::definitions::DefinitionSet;
use crate::fhir::path::Temporal;
use crate::fhir::schema::SchemaSet;
use crate::fhir::syntax::ShapeProblem;
use crate::fhir::terminology::Source;
use crate::fhir::terminology::Terminology;
use crate::fhir::validate::issue::MOST;
use crate::fhir::validate::work::Work;
use crate::text;
use std::collections::HashSet;
use std::sync::Arc;

pub use issue::Issue;
pub use issue::NotChecked;
pub use issue::Severity;

/// What to do with extensions that no package defines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownExtensions {
    /// Let them pass; they are listed as not checked.
    #[default]
    Allow,
    /// An error.
    Error,
}

/// How strictly to judge.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Extensions that no package defines.
    pub unknown_extensions: UnknownExtensions,
    /// The moment of the validation, for invariants that ask what time it is; without it they are not checked.
    pub now: Option<Temporal>,
}

/// What a validation says of one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Deviations, in the order of the instance.
    pub issues: Vec<Issue>,
    /// What was not judged.
    pub not_checked: Vec<NotChecked>,
}

impl Outcome {
    /// Whether there is no error. What was not checked does not count.
    pub fn is_valid(&self) -> bool {
        self.issues.iter().all(|issue| issue.severity != Severity::Error)
    }
}

/// Judges resources by one set of definitions. Profiles are compiled on first use and kept; share it between threads.
pub struct Validator {
    schemas: SchemaSet,
    terminology: Terminology,
    steps: u64,
}

impl Validator {
    /// A validator over these definitions.
    pub fn new(definitions: Arc<DefinitionSet>) -> Validator {
        let (schemas, terminology) = (SchemaSet::new(definitions.clone()), Terminology::new(definitions));
        Validator { schemas, terminology, steps: work::STEPS }
    }

    /// The same, with somebody to ask about codes that no package carries.
    pub fn asking(self, source: Arc<dyn Source>) -> Validator {
        Validator { terminology: self.terminology.asking(source), ..self }
    }

    /// The same, with other than the usual steps (200 million, and a thousand for each element) for what searches a resource
    /// again and again: invariants, references to contained resources, conditions of a Questionnaire.
    pub fn within(self, steps: u64) -> Validator {
        Validator { steps, ..self }
    }

    /// The compiled profiles.
    pub fn schemas(&self) -> &SchemaSet {
        &self.schemas
    }

    /// The value sets.
    pub fn terminology(&self) -> &Terminology {
        &self.terminology
    }

    /// Judges a resource by its type, by the profiles it claims and by these profiles (canonicals).
    pub fn validate(&self, resource: &Element, profiles: &[&str], options: Options) -> Outcome {
        self.validate_read(resource, &[], profiles, options)
    }

    /// Like [`Validator::validate`], for a resource read from JSON with the problems that its reader listed.
    pub fn validate_read(
        &self,
        resource: &Element,
        problems: &[ShapeProblem],
        profiles: &[&str],
        options: Options,
    ) -> Outcome {
        let mut run =
            walk::Run::new(&self.schemas, &self.terminology, options, resource, Work::on(resource, self.steps));
        run.shape_problems(resource, problems);
        run.start(resource, profiles);
        let mut outcome = Outcome { issues: run.issues.into_list(), not_checked: run.not_checked };
        let many = outcome.issues.len().max(outcome.not_checked.len()) > MOST;
        let mut known = HashSet::new();
        outcome.issues.retain(|issue| known.insert((issue.code, issue.place.clone(), issue.expected.en.clone())));
        let mut known = HashSet::new();
        outcome.not_checked.retain(|entry| known.insert((entry.code, entry.place.clone(), entry.reason.en.clone())));
        let mut tell = |code, reason| {
            let place = resource.resource_type.as_deref().unwrap_or(&resource.name).to_owned();
            outcome.not_checked.push(NotChecked { place, code, reason });
        };
        if many {
            tell(
                "too-many",
                text!(
                    "er is meer aan te merken dan {MOST} punten, en de rest is niet getoond; herstel eerst deze of splits de resource",
                    "there is more to say than {MOST} points, and the rest is not shown; mend these first or split the resource"
                ),
            );
        }
        if run.work.is_spent() {
            let most = run.work.all();
            tell(
                "too-much-work",
                text!(
                    "invarianten, verwijzingen en voorwaarden vragen samen meer dan {most} stappen, en de rest ervan is niet beoordeeld; splits de resource",
                    "invariants, references and conditions take more than {most} steps together, and the rest of them is not judged; split the resource"
                ),
            );
        }
        outcome
    }
}
