//! Constraint: extensions by their url.

use crate::diag::Text;
use crate::fhir::definitions::ContextKind;
use crate::fhir::definitions::StructureKind;
use crate::fhir::schema::Schema;
use crate::fhir::schema::TypeRule;
use crate::fhir::validate::UnknownExtensions;
use crate::fhir::validate::place::Place;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

impl Run<'_> {
    /// Whether a type is that of extensions.
    pub fn is_extension(&self, kind: &TypeRule) -> bool {
        &*kind.code == "Extension"
    }

    /// Judges an extension by the definition that its url names.
    pub fn extension(&mut self, spot: Spot<'_>, rule: Rule<'_>, kind: &TypeRule, of_type: &Schema) {
        let Some(url) = spot.element.text("url") else { return self.profile(spot, of_type) };
        let slot = self.set.slot(url);
        let nested = !url.contains(':');
        match self.set.schema(slot) {
            Ok(schema) if *schema.type_name == *kind.code => {
                self.context(spot, rule, &schema);
                self.profile(spot, &schema);
                if kind.profiles.iter().any(|profile| *profile != slot) {
                    self.profiles(spot, rule, kind, of_type);
                }
            }
            _ if !kind.profiles.is_empty() => self.profiles(spot, rule, kind, of_type),
            _ => {
                if rule.node.children.is_none() {
                    self.profile(spot, of_type);
                }
                if rule.node.children.is_none() && !nested {
                    self.unknown_extension(spot, rule, url);
                }
                // A url without scheme is of a part that the definition of the extension around it names.
                let undefined = is_profile(rule.schema) && rule.node.slice.is_none();
                if nested && undefined && inside_extension(spot) {
                    let around = &rule.schema.url;
                    let expected =
                        text!("een deel dat extensie `{around}` heeft", "a part that extension `{around}` has");
                    self.find(spot, "extension-part", rule, expected, Text::same(format!("`{url}`")));
                }
                if nested && rule.node.slice.is_none() && !inside_extension(spot) {
                    let expected = text!("een absolute url", "an absolute url");
                    self.find(spot, "extension-url", rule, expected, Text::same(format!("`{url}`")));
                }
            }
        }
    }

    /// Judges that an extension stands where its definition allows (extensibility.html, "context").
    fn context(&mut self, spot: Spot<'_>, rule: Rule<'_>, definition: &Schema) {
        let Some(around) = spot.place.above else { return };
        let holder = rule.node.path.rsplit_once('.').map_or("", |(holder, _)| holder);
        let kinds = self.kinds_of(rule.schema, holder);
        let holder = without_slices(holder);
        let place = within_resource(around, spot.scope.resource.resource_type.as_deref().unwrap_or_default());
        let allowed = definition.contexts.iter().any(|context| match context.kind {
            ContextKind::FhirPath => true,
            ContextKind::Extension => {
                let outer = &rule.schema.url;
                inside_extension(spot) && (**outer == *context.expression || !is_profile(rule.schema))
            }
            ContextKind::Element => {
                let path = without_slices(&context.expression);
                // Not a path of a type of FHIR: `Any`, `Element,Resource`, a logical model. It is not ours to read.
                let kind = path.split('.').next().unwrap_or(&path);
                !is_path(&path)
                    || self.set.definitions().type_definition(kind).is_none()
                    || kinds.iter().any(|kind| **kind == *path)
                    || holder == path
                    || path.split_once('.').is_some_and(|(kind, below)| {
                        // Below a datatype or an abstract resource: wherever that stands.
                        let definition = self.set.definitions().type_definition(kind);
                        let concrete =
                            definition.is_some_and(|found| found.kind == StructureKind::Resource && !found.is_abstract);
                        let here = !concrete || place.starts_with(&format!("{kind}."));
                        let named = place.ends_with(&format!(".{below}"));
                        // One type of a choice: `MedicationStatement.effectivePeriod`.
                        let mut typed = kinds.iter().filter_map(|kind| below.strip_suffix(&capitalized(kind)));
                        here && (named || typed.any(|name| place.ends_with(&format!(".{name}"))))
                    })
            }
        });
        if !allowed && !definition.contexts.is_empty() {
            let named: Vec<String> =
                definition.contexts.iter().map(|context| format!("`{}`", context.expression)).collect();
            let named = named.join(", ");
            let url = &definition.url;
            let expected = text!("extensie `{url}` alleen op {named}", "extension `{url}` on {named} only");
            let there = Spot { place: around, ..spot };
            let root = Rule { schema: definition, node: definition.root() };
            self.find(there, "extension-context", root, expected, Text::same(format!("`{place}`")));
        }
    }

    /// The types that an element of a schema may have, with all that they derive from.
    fn kinds_of(&self, schema: &Schema, path: &str) -> Vec<Box<str>> {
        let mut kinds: Vec<Box<str>> = if path.contains('.') {
            let nodes = schema.nodes.iter().filter(|node| *node.path == *path);
            nodes.flat_map(|node| node.types.iter().map(|kind| kind.code.clone())).collect()
        } else {
            vec![schema.type_name.clone()]
        };
        let mut at = 0;
        // No chain of types is longer than this; packages may hold circles.
        while at < kinds.len() && at < 64 {
            let base = self.set.definitions().type_definition(&kinds[at]).and_then(|found| found.base.as_deref());
            if let Some(base) = base.and_then(|base| base.rsplit('/').next())
                && !kinds.iter().any(|known| **known == *base)
            {
                kinds.push(base.into());
            }
            at += 1;
        }
        // Every type of data is an element; STU3 has no definition that says so of resources.
        kinds.push("Element".into());
        kinds
    }

    fn unknown_extension(&mut self, spot: Spot<'_>, rule: Rule<'_>, url: &str) {
        match self.options.unknown_extensions {
            UnknownExtensions::Allow => {
                let reason = text!("extensie `{url}` zit in geen pakket", "no package carries extension `{url}`");
                self.skip(spot, "unknown-extension", reason);
            }
            UnknownExtensions::Error => {
                let expected = text!("een extensie die een pakket definieert", "an extension that a package defines");
                self.find(spot, "extension-unknown", rule, expected, Text::same(format!("`{url}`")));
            }
        }
    }
}

/// The path of a place within its own resource, without positions: `Patient.contact.name`.
fn within_resource(place: &Place<'_>, resource: &str) -> String {
    let mut names = Vec::new();
    let mut at = Some(place);
    while let Some(step) = at {
        if step.above.is_none() || matches!(step.name, "contained" | "resource" | "outcome") {
            break;
        }
        names.push(step.name);
        at = step.above;
    }
    names.push(resource);
    names.reverse();
    names.join(".")
}

/// An element id without the names of slices and the marks of choices.
fn without_slices(id: &str) -> String {
    let steps = id.split('.').map(|step| step.split(':').next().unwrap_or(step).trim_end_matches("[x]"));
    steps.collect::<Vec<_>>().join(".")
}

fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn is_path(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}

/// Whether a schema defines one extension, and not what all have.
fn is_profile(schema: &Schema) -> bool {
    &*schema.type_name == "Extension"
        && !schema.bases.is_empty()
        && !schema.url.ends_with("/StructureDefinition/Extension")
}

fn inside_extension(spot: Spot<'_>) -> bool {
    spot.place.above.is_some_and(|above| matches!(above.name, "extension" | "modifierExtension"))
}
