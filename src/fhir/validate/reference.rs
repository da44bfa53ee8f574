//! Constraint: what a reference points to.

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::definitions::StructureKind;
use crate::fhir::schema::TypeRule;
use crate::fhir::validate::scope::Scope;
use crate::fhir::validate::scope::Target;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

impl Run<'_> {
    /// Judges a reference: its form, the type of its target, and the target itself when it is here.
    pub fn reference(&mut self, spot: Spot<'_>, rule: Rule<'_>, kind: &TypeRule) {
        if &*kind.code != "Reference" {
            return;
        }
        self.stated_type(spot, rule, kind);
        let Some(reference) = spot.element.text("reference") else { return };
        let seen = || Text::same(format!("`{reference}`"));
        let target = spot.scope.resolve(reference, &|name| self.is_resource_type(name));
        match target {
            Target::Malformed => {
                self.find(
                    spot,
                    "reference-format",
                    rule,
                    text!("een verwijzing als `Type/id`", "a reference like `Type/id`"),
                    seen(),
                );
            }
            Target::Missing => {
                let expected = text!(
                    "een verwijzing naar een ingesloten resource die er is",
                    "a reference to a contained resource that is here"
                );
                self.find(spot, "reference-missing", rule, expected, seen());
            }
            Target::Outside(None) => {
                if !kind.targets.is_empty() {
                    self.outside(spot);
                }
            }
            Target::Outside(Some(name)) => {
                if !self.allows(kind, name) {
                    self.wrong_target(spot, rule, kind, name);
                } else if !kind.targets.is_empty() {
                    self.outside(spot);
                }
            }
            Target::Found(found) => self.target(spot, rule, kind, found),
        }
    }

    /// Judges the type that a reference states beside its address (R4).
    fn stated_type(&mut self, spot: Spot<'_>, rule: Rule<'_>, kind: &TypeRule) {
        let Some(stated) = spot.element.text("type") else { return };
        // A name, no address: of a type of FHIR, or of nothing.
        let nothing = !stated.contains(':') && !self.is_resource_type(stated) && !kind.targets.is_empty();
        if nothing || !self.allows(kind, stated) || (self.is_resource_type(stated) && self.contradicts(spot, stated)) {
            self.wrong_target(spot, rule, kind, stated);
        }
    }

    /// Whether the address of a reference tells another type than it states.
    fn contradicts(&self, spot: Spot<'_>, stated: &str) -> bool {
        let Some(reference) = spot.element.text("reference") else { return false };
        match spot.scope.resolve(reference, &|name| self.is_resource_type(name)) {
            Target::Outside(Some(name)) => name != stated,
            Target::Found(found) => found.resource_type.as_deref() != Some(stated),
            _ => false,
        }
    }

    fn target(&mut self, spot: Spot<'_>, rule: Rule<'_>, kind: &TypeRule, found: &Element) {
        let name = found.resource_type.as_deref().unwrap_or_default();
        if !self.allows(kind, name) {
            return self.wrong_target(spot, rule, kind, name);
        }
        if kind.targets.is_empty() {
            return;
        }
        let contained = spot.element.text("reference").is_some_and(|text| text.starts_with('#'));
        let scope = if contained { *spot.scope } else { Scope { container: found, ..*spot.scope } };
        let there = Spot { element: found, scope: &scope, ..spot };
        let answers: Vec<Option<bool>> = kind.targets.iter().map(|slot| self.fits(there, *slot)).collect();
        if answers.contains(&Some(true)) {
            return;
        }
        if answers.contains(&None) {
            let reason = text!(
                "een profiel van het doel van de verwijzing zit in geen pakket",
                "no package carries a profile of the reference's target"
            );
            return self.skip(spot, "unknown-profile", reason);
        }
        let names = self.names(kind);
        let expected = text!(
            "een verwijzing naar een resource die voldoet aan {names}",
            "a reference to a resource that conforms to {names}"
        );
        self.find(
            spot,
            "reference-profile",
            rule,
            expected,
            text!("een `{name}` die aan geen ervan voldoet", "a `{name}` that conforms to none of them"),
        );
    }

    /// Whether a reference may point to resources of this type.
    fn allows(&self, kind: &TypeRule, name: &str) -> bool {
        kind.targets.is_empty()
            || kind.targets.iter().any(|slot| match self.set.schema(*slot) {
                Ok(schema) => *schema.type_name == *name || schema.is_abstract,
                Err(_) => true,
            })
    }

    fn wrong_target(&mut self, spot: Spot<'_>, rule: Rule<'_>, kind: &TypeRule, name: &str) {
        let names = self.names(kind);
        let expected = text!("een verwijzing naar {names}", "a reference to {names}");
        self.find(
            spot,
            "reference-target",
            rule,
            expected,
            text!("een verwijzing naar `{name}`", "a reference to `{name}`"),
        );
    }

    fn names(&self, kind: &TypeRule) -> String {
        let names: Vec<String> = kind.targets.iter().map(|slot| format!("`{}`", self.set.canonical(*slot))).collect();
        names.join(", ")
    }

    fn outside(&mut self, spot: Spot<'_>) {
        let reason =
            text!("het doel van de verwijzing staat ergens anders", "the target of the reference is elsewhere");
        self.skip(spot, "reference-outside", reason);
    }

    /// Whether this is the name of a resource type.
    pub fn is_resource_type(&self, name: &str) -> bool {
        self.set.definitions().type_definition(name).is_some_and(|found| found.kind == StructureKind::Resource)
    }
}
