//! Constraint: the shape that JSON gives to elements: lists where they repeat, no empty things, no null.

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::syntax::ShapeProblem;
use crate::fhir::syntax::ShapeProblemKind;
use crate::fhir::validate::Issue;
use crate::fhir::validate::Severity;
use crate::fhir::validate::place;
use crate::fhir::validate::place::ByName;
use crate::fhir::validate::walk::Item;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

impl Run<'_> {
    /// Turns what the reader of JSON listed into findings.
    pub fn shape_problems(&mut self, resource: &Element, problems: &[ShapeProblem]) {
        let mut by_name = ByName::default();
        for problem in problems {
            let name = &problem.name;
            let (expected, seen) = match problem.kind {
                ShapeProblemKind::NoResourceType => {
                    (text!("een `resourceType`", "a `resourceType`"), text!("niets", "nothing"))
                }
                ShapeProblemKind::DuplicateKey => {
                    (text!("`{name}` één keer", "`{name}` once"), text!("twee keer", "twice"))
                }
                ShapeProblemKind::LoneNull => {
                    (text!("een waarde voor `{name}`", "a value for `{name}`"), Text::same("null"))
                }
                ShapeProblemKind::EmptyList => {
                    (text!("items in `{name}`", "items in `{name}`"), text!("een lege lijst", "an empty list"))
                }
                ShapeProblemKind::EmptyObject => {
                    (text!("iets in `{name}`", "something in `{name}`"), text!("een leeg object", "an empty object"))
                }
                ShapeProblemKind::NestedList => (
                    text!("waarden in `{name}`", "values in `{name}`"),
                    text!("een lijst in een lijst", "a list in a list"),
                ),
                ShapeProblemKind::UnknownAttribute => {
                    (text!("alleen attributen van FHIR", "only attributes of FHIR"), Text::same(format!("`{name}`")))
                }
                ShapeProblemKind::StrayText => (
                    text!("waarden in attribuut `value`", "values in attribute `value`"),
                    text!("losse tekst", "loose text"),
                ),
                ShapeProblemKind::ForeignElement => {
                    (text!("alleen elementen van FHIR", "only elements of FHIR"), Text::same(format!("`{name}`")))
                }
                ShapeProblemKind::NotOneResource => (text!("één resource", "one resource"), text!("meer", "more")),
                ShapeProblemKind::ExtensionShape | ShapeProblemKind::ExtensionCount => (
                    text!("`_{name}` in dezelfde vorm als `{name}`", "`_{name}` in the same shape as `{name}`"),
                    text!("een andere vorm", "another shape"),
                ),
            };
            let place = place::of_problem(resource, &mut by_name, problem, &**self.set.definitions(), self.json);
            self.misread.insert(place.clone());
            // What `_name` leaves out at its end is clear all the same.
            let clear = problem.kind == ShapeProblemKind::ExtensionCount;
            self.issues.push(Issue {
                severity: if clear { Severity::Warning } else { Severity::Error },
                code: problem.kind.id(),
                place,
                span: problem.span,
                profile: Box::default(),
                element: name.clone(),
                expected,
                seen,
            });
        }
    }

    /// Compares the form of the items in JSON with whether the element repeats.
    pub fn list_shape(&mut self, parent: Spot<'_>, rule: Rule<'_>, items: &[Item<'_>]) {
        let Some(first) = items.first().filter(|_| self.json) else { return };
        let listed = first.element.index.is_some();
        if listed == rule.node.list {
            return;
        }
        let place = parent.place.below(&rule.node.name, None);
        let spot = Spot { element: first.element, place: &place, scope: parent.scope };
        let (list, single) = (text!("een lijst", "a list"), text!("één waarde, geen lijst", "one value, no list"));
        let (expected, seen) = if rule.node.list { (list, single) } else { (single, list) };
        self.find(spot, "json-list", rule, expected, seen);
    }
}
