//! Constraint: what a reference points to.

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::definitions::Aggregation;
use crate::fhir::definitions::BASE_URL;
use crate::fhir::definitions::StructureKind;
use crate::fhir::schema::Schema;
use crate::fhir::schema::Slot;
use crate::fhir::schema::TypeRule;
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
        if reference.starts_with('#') && !self.work.spend(1) {
            return;
        }
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
            Target::Adrift => {
                let expected = text!(
                    "een `fullUrl` bij de resource, waar de verwijzing vanuit gaat",
                    "a `fullUrl` of the resource, for the reference to start from"
                );
                self.find(spot, "reference-adrift", rule, expected, seen());
            }
            Target::Several(count) => {
                let expected = text!(
                    "een verwijzing naar één resource van de Bundle",
                    "a reference to one resource of the Bundle"
                );
                let seen = text!("`{reference}`, wat er {count} zijn", "`{reference}`, which are {count}");
                self.find(spot, "reference-ambiguous", rule, expected, seen);
            }
            Target::OtherType(found) => {
                let name = found.resource_type.as_deref().unwrap_or_default();
                let expected = text!(
                    "een verwijzing die het type van haar doel noemt",
                    "a reference that names the type of its target"
                );
                let seen = text!("`{reference}`, wat een `{name}` is", "`{reference}`, which is a `{name}`");
                self.find(spot, "reference-type", rule, expected, seen);
            }
            Target::Outside(named) => {
                if let Some(name) = named.filter(|name| !self.allows(kind, name)) {
                    self.wrong_target(spot, rule, kind, name);
                } else if !kind.targets.is_empty() {
                    self.outside(spot);
                }
            }
            Target::Found(found) => self.target(spot, rule, kind, found),
        }
        self.aggregation(spot, rule, kind, target);
    }

    /// Judges where the target stands (elementdefinition.html, `type.aggregation`).
    fn aggregation(&mut self, spot: Spot<'_>, rule: Rule<'_>, kind: &TypeRule, target: Target<'_>) {
        if kind.aggregation.is_empty() {
            return;
        }
        let contained = spot.element.text("reference").is_some_and(|text| text.starts_with('#'));
        let seen = match target {
            Target::Found(_) if contained => Aggregation::Contained,
            Target::Found(_) => Aggregation::Bundled,
            Target::Outside(_) => Aggregation::Referenced,
            // Judged already.
            _ => return,
        };
        let fits = |place: &Aggregation| {
            // What is in the Bundle may be referred to as well.
            *place == seen || *place == Aggregation::Referenced && seen == Aggregation::Bundled
        };
        if kind.aggregation.iter().any(fits) {
            return;
        }
        let names: Vec<&str> = kind.aggregation.iter().map(|place| word(*place)).collect();
        let (names, seen) = (names.join("`, `"), word(seen));
        let expected = text!("een doel dat `{names}` is", "a target that is `{names}`");
        self.find(spot, "reference-aggregation", rule, expected, Text::same(format!("`{seen}`")));
    }

    /// Judges the type that a reference states beside its address (R4).
    fn stated_type(&mut self, spot: Spot<'_>, rule: Rule<'_>, kind: &TypeRule) {
        let Some(stated) = spot.element.text("type").filter(|_| !self.work.is_spent()) else { return };
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
        // What a type asks of every resource is judged where the resource stands.
        let of_type = |slot: &Slot| match self.set.schema(*slot) {
            Ok(schema) => schema.is_abstract || *schema.type_name == *name && is_base(schema),
            Err(_) => false,
        };
        if kind.targets.is_empty() || kind.targets.iter().any(of_type) {
            return;
        }
        let contained = spot.element.text("reference").is_some_and(|text| text.starts_with('#'));
        let scope = if contained { *spot.scope } else { spot.scope.within(found) };
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

/// Whether a profile is the definition of its type itself.
fn is_base(schema: &Schema) -> bool {
    schema.url.strip_prefix(BASE_URL).is_some_and(|name| *name == *schema.type_name)
}

fn word(place: Aggregation) -> &'static str {
    match place {
        Aggregation::Contained => "contained",
        Aggregation::Referenced => "referenced",
        Aggregation::Bundled => "bundled",
    }
}
