//! Constraint: the FHIRPath invariants of base and profile.
//!
//! Expressions are compiled with the schema. What cannot be decided is not checked.

use jiff::Timestamp;

use crate::fhir::Element;
use crate::fhir::definitions::DefinitionSet;
use crate::fhir::path::Conformance;
use crate::fhir::path::Context;
use crate::fhir::path::Dialect;
use crate::fhir::path::Node;
use crate::fhir::path::PathError;
use crate::fhir::path::Temporal;
use crate::fhir::schema::Invariant;
use crate::fhir::validate::Severity;
use crate::fhir::validate::place::Place;
use crate::fhir::validate::scope::Scope;
use crate::fhir::validate::scope::Target;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

/// How often an invariant may ask for a profile whose invariants ask for one again.
const NESTED: u32 = 3;

/// Answers `conformsTo` by the profiles of a validation.
struct Profiles<'r, 'v> {
    run: &'r Run<'v>,
    scope: Scope<'r>,
}

impl Conformance for Profiles<'_, '_> {
    fn conforms(&self, node: Node<'_>, profile: &str) -> Option<bool> {
        self.run.conforms(node.element, self.scope, profile)
    }
}

impl Run<'_> {
    /// Evaluates the invariants of a node on an element of a type.
    pub fn invariants(&mut self, spot: Spot<'_>, rule: Rule<'_>, kind: &str) {
        for invariant in &rule.node.invariants {
            self.invariant(spot, rule, invariant, kind);
        }
    }

    fn invariant(&mut self, spot: Spot<'_>, rule: Rule<'_>, invariant: &Invariant, kind: &str) {
        if self.work.is_spent() {
            return;
        }
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
            (None, false) => Temporal::from_timestamp(Timestamp::UNIX_EPOCH),
        };
        let definitions: &DefinitionSet = self.set.definitions();
        let mut context = Context::new(definitions, spot.scope.resource, now);
        context.root_resource = spot.scope.container;
        context.outermost = spot.scope.outermost;
        context.lookups = Some(spot.scope.lookups);
        context.terminology = Some(self.terms);
        let profiles = Profiles { run: self, scope: *spot.scope };
        context.conformance = Some(&profiles);
        context.dialect = Dialect::Profiles;
        let most = context.limits.steps;
        context.limits.steps = most.min(self.work.left());
        let answer = invariant.expression.holds(Node::new(spot.element, kind), &context);
        if !self.work.spend(context.spent()) {
            return;
        }
        match answer {
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

    /// Whether an element fits a profile, judged apart; `None` when the profile is not at hand or asks for itself.
    fn conforms(&self, element: &Element, scope: Scope<'_>, profile: &str) -> Option<bool> {
        if self.nested >= NESTED {
            return None;
        }
        let slot = self.set.find(profile)?;
        self.set.schema(slot).ok()?;
        let mut run = Run::new(self.set, self.terms, self.options, element, self.work.clone());
        (run.json, run.nested) = (self.json, self.nested + 1);
        let own = element.resource_type.is_some() && !scope.contains(element);
        let scope = Scope { container: if own { element } else { scope.container }, ..scope };
        let place = Place::root(&element.name);
        run.fits(Spot { element, place: &place, scope: &scope }, slot)
    }

    /// Whether an element holds a reference to a resource that is not here.
    fn reaches_outside(&self, spot: Spot<'_>) -> bool {
        let mut next = vec![spot.element];
        while let Some(element) = next.pop() {
            self.work.spend(1);
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
