//! Constraint: extensions by their url.

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::definitions::ContextKind;
use crate::fhir::definitions::DefinitionSet;
use crate::fhir::path::Context;
use crate::fhir::path::Dialect;
use crate::fhir::path::Expression;
use crate::fhir::path::Temporal;
use crate::fhir::schema::Schema;
use crate::fhir::schema::TypeRule;
use crate::fhir::schema::further_context;
use crate::fhir::validate::UnknownExtensions;
use crate::fhir::validate::holder::Holder;
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
        // A url never has a version; what it names is judged all the same, and its fixed url says the rest.
        let bare = url.split('|').next().unwrap_or(url);
        let slot = self.set.find(bare);
        let nested = !url.contains(':');
        match slot.map(|slot| self.set.schema(slot)) {
            Some(Ok(schema)) if *schema.type_name == *kind.code => {
                self.context(spot, rule, schema);
                self.profile(spot, schema);
                if kind.profiles.iter().any(|profile| Some(*profile) != slot) {
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
        if definition.contexts.is_empty() {
            return;
        }
        let definitions: &DefinitionSet = self.set.definitions();
        let holder = Holder::of(spot.scope.resource, spot.element, definitions, &self.work);
        let Some(holder) = holder.filter(|holder| !holder.is_value_of_definition()) else { return };
        let outer = &rule.schema.url;
        let allowed = definition.contexts.iter().any(|context| match context.kind {
            ContextKind::FhirPath => self.selects(spot, &context.expression, holder.element()).unwrap_or(true),
            ContextKind::Extension => match holder.extension_url() {
                // A part of a complex extension is named by the url of the whole and its own (R5).
                Some(url) if url.contains(':') => *url == *context.expression,
                Some(url) => {
                    !is_profile(rule.schema)
                        || context.expression.rsplit('#').next() == Some(url)
                        || **outer == *context.expression
                }
                None => false,
            },
            ContextKind::Element => holder.answers(&context.expression, definitions),
        });
        let further = || further_context(&definition.url).is_some_and(|path| holder.answers(path, definitions));
        if !allowed && !further() {
            let named: Vec<String> =
                definition.contexts.iter().map(|context| format!("`{}`", context.expression)).collect();
            let named = named.join(", ");
            let url = &definition.url;
            let expected = text!("extensie `{url}` alleen op {named}", "extension `{url}` on {named} only");
            let there = Spot { place: around, ..spot };
            let root = Rule { schema: definition, node: definition.root() };
            self.find(there, "extension-context", root, expected, Text::same(format!("`{}`", holder.path())));
        }
    }

    /// Whether a FHIRPath context, asked of the resource, gives this element; `None` when that cannot be told.
    fn selects(&self, spot: Spot<'_>, expression: &str, holder: &Element) -> Option<bool> {
        let expression = Expression::parse(expression).ok()?;
        let now = self.options.now.or_else(|| Temporal::parse_date_time("2000-01-01T00:00:00Z"))?;
        let definitions: &DefinitionSet = self.set.definitions();
        let mut context = Context::new(definitions, spot.scope.resource, now);
        context.root_resource = spot.scope.container;
        context.outermost = spot.scope.outermost;
        context.terminology = Some(self.terms);
        context.dialect = Dialect::Profiles;
        context.limits.steps = context.limits.steps.min(self.work.left());
        let found = expression.evaluate(spot.scope.resource, &context);
        self.work.spend(context.spent());
        let found = found.ok()?;
        Some(found.iter().any(|item| item.node().is_some_and(|node| std::ptr::eq(node.element, holder))))
    }

    fn unknown_extension(&mut self, spot: Spot<'_>, rule: Rule<'_>, url: &str) {
        let strictness = match self.options.unknown_extensions {
            UnknownExtensions::Error if published_elsewhere(url) => UnknownExtensions::Allow,
            strictness => strictness,
        };
        match strictness {
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

/// Whether a schema defines one extension, and not what all have.
fn is_profile(schema: &Schema) -> bool {
    &*schema.type_name == "Extension"
        && !schema.bases.is_empty()
        && !schema.url.ends_with("/StructureDefinition/Extension")
}

/// Whether no package at hand can be expected to define this extension, though it may stand: those in the domains that
/// FHIR's text uses for examples, and HL7's own, which are published in packages of their own, newer than the FHIR
/// version: the extensions pack, the tools, the elements of other versions (versions.html, "extensions").
fn published_elsewhere(url: &str) -> bool {
    let host = url.split_once("://").map_or("", |(_, rest)| rest).split(['/', ':']).next().unwrap_or_default();
    let below = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let Some(core) = url.strip_prefix("http://hl7.org/fhir/") else { return below("example.org") || below("acme.com") };
    let (first, rest) = core.split_once('/').unwrap_or((core, ""));
    let version = first.starts_with(|letter: char| letter.is_ascii_digit());
    first == "StructureDefinition"
        || (first == "tools" && rest.starts_with("StructureDefinition/"))
        || (version && rest.starts_with("StructureDefinition/extension-"))
}

fn inside_extension(spot: Spot<'_>) -> bool {
    spot.place.above.is_some_and(|above| matches!(above.name, "extension" | "modifierExtension"))
}
