//! Constraint: the FHIRPath invariants of base and profile.
//!
//! Expressions are compiled with the schema. What cannot be decided is not checked.

use crate::fhir::definitions::DefinitionSet;
use crate::fhir::path::Context;
use crate::fhir::path::Node;
use crate::fhir::path::PathError;
use crate::fhir::path::Temporal;
use crate::fhir::schema::Invariant;
use crate::fhir::validate::Severity;
use crate::fhir::validate::scope::Target;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

impl Run<'_> {
    /// Evaluates the invariants of a node on an element of a type.
    pub fn invariants(&mut self, spot: Spot<'_>, rule: Rule<'_>, kind: &str) {
        for invariant in &rule.node.invariants {
            self.invariant(spot, rule, invariant, kind);
        }
    }

    fn invariant(&mut self, spot: Spot<'_>, rule: Rule<'_>, invariant: &Invariant, kind: &str) {
        let key = &invariant.key;
        // Where any resource may stand, the one that does tells its type.
        let kind = spot.element.resource_type.as_deref().unwrap_or(kind);
        let now = match (self.options.now, invariant.needs_clock) {
            (None, true) => {
                let reason = text!("invariant `{key}` vraagt naar de klok", "invariant `{key}` asks for the clock");
                return self.skip(spot, "invariant-clock", reason);
            }
            (Some(now), _) => now,
            // Never looked at; the context wants one.
            (None, false) => match Temporal::parse_date_time("2000-01-01T00:00:00Z") {
                Some(moment) => moment,
                None => return,
            },
        };
        let definitions: &DefinitionSet = self.set.definitions();
        let mut context = Context::new(definitions, spot.scope.resource, now);
        context.root_resource = spot.scope.container;
        context.outermost = spot.scope.outermost;
        context.terminology = Some(self.terms);
        // Where any resource may stand, the instance tells which it is.
        let kind = spot.element.resource_type.as_deref().unwrap_or(kind);
        match invariant.expression.holds(Node::new(spot.element, kind), &context) {
            Ok(true) => {}
            Ok(false) if invariant.resolves && self.reaches_outside(spot) => {
                let reason = text!(
                    "invariant `{key}` vraagt naar een resource die ergens anders staat",
                    "invariant `{key}` asks for a resource that is elsewhere"
                );
                self.skip(spot, "invariant-outside", reason);
            }
            Ok(false) => {
                let severity = if invariant.error { Severity::Error } else { Severity::Warning };
                let text = invariant.expression.text();
                let expected = text!("invariant `{key}`: {text}", "invariant `{key}`: {text}");
                self.report(
                    spot,
                    severity,
                    "invariant",
                    rule,
                    expected,
                    text!("dat gaat hier niet op", "that does not hold here"),
                );
            }
            Err(PathError::Undecided { .. }) => {
                let reason = text!("invariant `{key}` is niet te beslissen", "invariant `{key}` cannot be decided");
                self.skip(spot, "invariant-undecided", reason);
            }
            Err(error) => {
                let reason = text!(
                    "invariant `{key}` is hier niet uit te rekenen: {error}",
                    "invariant `{key}` cannot be computed here: {error}"
                );
                self.skip(spot, "invariant-failed", reason);
            }
        }
    }

    /// Whether an element holds a reference to a resource that is not here.
    fn reaches_outside(&self, spot: Spot<'_>) -> bool {
        let mut next = vec![spot.element];
        while let Some(element) = next.pop() {
            let reference = element.text("reference");
            let target = reference.map(|text| spot.scope.resolve_leniently(text, &|name| self.is_resource_type(name)));
            if matches!(target, Some(Target::Outside(_))) {
                return true;
            }
            next.extend(&element.children);
        }
        false
    }
}
