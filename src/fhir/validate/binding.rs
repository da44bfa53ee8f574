//! Constraint: codes come from the bound value set.
//!
//! Only what the packages decide is a finding; a system that no package carries gives "not checked".

use crate::diag::Text;
use crate::fhir::definitions::BindingStrength;
use crate::fhir::terminology::Membership;
use crate::fhir::validate::type_;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

impl Run<'_> {
    /// Looks up the codes of an element in its value set, and in their code systems.
    pub fn binding(&mut self, spot: Spot<'_>, rule: Rule<'_>, kind: &str) {
        match kind {
            "CodeableConcept" => {
                for (at, coding) in spot.element.all("coding").enumerate() {
                    let place = spot.place.below("coding", u32::try_from(at).ok());
                    self.code_exists(Spot { element: coding, place: &place, ..spot }, rule);
                }
            }
            "Coding" | "Quantity" => self.code_exists(spot, rule),
            _ => {}
        }
        if let Some(binding) = &rule.node.binding
            && binding.strength == BindingStrength::Required
        {
            self.member(spot, rule, kind, &binding.value_set);
        }
    }

    /// Judges that a code is in the value set.
    fn member(&mut self, spot: Spot<'_>, rule: Rule<'_>, kind: &str, value_set: &str) {
        let codes = self.terms.codes(value_set);
        let answer = match kind {
            "code" | "string" | "uri" | "id" | "oid" => match spot.element.as_text() {
                Some(code) => codes.membership(None, code),
                None => return,
            },
            "Coding" | "Quantity" => match spot.element.text("code") {
                Some(_) => codes.any_coding(spot.element),
                None => return,
            },
            "CodeableConcept" => codes.any_coding(spot.element),
            _ => return,
        };
        match answer {
            Membership::In => {}
            Membership::NotIn => {
                let expected = text!("een code uit waardelijst `{value_set}`", "a code of value set `{value_set}`");
                self.find(spot, "binding-required", rule, expected, Text::same(type_::show(spot.element)));
            }
            Membership::Unknown => {
                let reason = text!(
                    "waardelijst `{value_set}` is zonder terminologieserver niet volledig bekend",
                    "value set `{value_set}` is not fully known without a terminology server"
                );
                self.skip(spot, "terminology", reason);
            }
        }
    }

    /// Judges that a code exists in its code system, where a package carries all of that.
    fn code_exists(&mut self, spot: Spot<'_>, rule: Rule<'_>) {
        let (Some(system), Some(code)) = (spot.element.text("system"), spot.element.text("code")) else { return };
        if self.terms.exists(system, code) == Membership::NotIn {
            let expected =
                text!("een code die in codestelsel `{system}` bestaat", "a code that exists in code system `{system}`");
            self.find(spot, "code-unknown", rule, expected, Text::same(format!("`{code}`")));
        }
    }
}
