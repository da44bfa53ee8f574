//! Constraint: extensions by their url.

use crate::diag::Text;
use crate::fhir::schema::Schema;
use crate::fhir::schema::TypeRule;
use crate::fhir::validate::UnknownExtensions;
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
                if nested && rule.node.slice.is_none() && !inside_extension(spot) {
                    let expected = text!("een absolute url", "an absolute url");
                    self.find(spot, "extension-url", rule, expected, Text::same(format!("`{url}`")));
                }
            }
        }
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

fn inside_extension(spot: Spot<'_>) -> bool {
    spot.place.above.is_some_and(|above| matches!(above.name, "extension" | "modifierExtension"))
}
