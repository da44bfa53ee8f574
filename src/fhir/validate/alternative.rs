//! Constraint: the extensions that a profile allows in place of a value (`valueAlternatives`).

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

impl Run<'_> {
    /// Judges a primitive that has extensions and no value: one of those that its profile lists must be among them.
    pub fn value_alternative(&mut self, spot: Spot<'_>, rule: Rule<'_>) {
        let allowed = &rule.node.value_alternatives;
        if allowed.is_empty() {
            return;
        }
        let urls: Vec<&str> = spot.element.all("extension").filter_map(|one| Element::text(one, "url")).collect();
        if urls.iter().any(|url| allowed.iter().any(|one| bare(one) == bare(url))) {
            return;
        }
        let names: Vec<String> = allowed.iter().map(|url| format!("`{}`", bare(url))).collect();
        let names = names.join(", ");
        let expected =
            text!("een waarde, of een van deze extensies: {names}", "a value, or one of these extensions: {names}");
        let seen: Vec<String> = urls.iter().map(|url| format!("`{url}`")).collect();
        self.find(spot, "value-alternative", rule, expected, Text::same(seen.join(", ")));
    }
}

/// A canonical without its version: the url of an extension never has one.
fn bare(canonical: &str) -> &str {
    canonical.split('|').next().unwrap_or(canonical)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_no_part_of_the_url() {
        assert_eq!(bare("http://example.org/a|1.0"), "http://example.org/a");
        assert_eq!(bare("http://example.org/a"), "http://example.org/a");
    }
}
