//! Whether an element definition constrains an element that exists, in a way that fits its types.

use crate::diag::Text;
use crate::fhir::path::Model;
use crate::fhir::validate::definition::Entry;
use crate::fhir::validate::definition::way;
use crate::fhir::validate::definition::way::Way;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

/// Types that codes can be bound to: the coded ones, string and uri (ElementDefinition.binding); with them what may hold
/// such a value.
const BINDABLE: &[&str] = &["code", "Coding", "CodeableConcept", "Quantity", "string", "uri", "Extension", "Range"];

impl Run<'_> {
    /// Judges that an element of a differential exists in the type that the definition constrains: a profile adds nothing.
    pub fn exists_in_type(&mut self, spot: Spot<'_>, entry: Entry<'_>) {
        let Way::Nowhere { kind, name } = way::follow(self.set.definitions(), entry.path) else { return };
        let path = entry.path;
        let expected = text!("een element van `{kind}`", "an element of `{kind}`");
        let seen = text!("`{name}` in `{path}`", "`{name}` in `{path}`");
        self.misfit(spot, "definition-element", expected, seen);
    }

    /// Judges that an element with a binding is of a type that can have codes. Which types it has, it says itself.
    pub fn bindable(&mut self, spot: Spot<'_>, entry: Entry<'_>) {
        if entry.element.child("binding").is_none() {
            return;
        }
        let definitions = self.set.definitions();
        let binds = |kind: &str| {
            !definitions.is_type(kind) || BINDABLE.iter().any(|bindable| definitions.is_subtype(kind, bindable))
        };
        let kinds: Vec<&str> = entry.types().collect();
        if kinds.is_empty() || kinds.iter().any(|kind| binds(kind)) {
            return;
        }
        let expected = text!(
            "een binding alleen bij een gecodeerd type, `string` of `uri`",
            "a binding only with a coded type, `string` or `uri`"
        );
        self.misfit(spot, "definition-binding", expected, Text::same(format!("`{}`", kinds.join("`, `"))));
    }
}
