//! Constraint: codes come from the bound value set.
//!
//! Only what the packages decide is a finding; a system that no package carries gives "not checked".

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::definitions::BindingStrength;
use crate::fhir::terminology::Codes;
use crate::fhir::terminology::Membership;
use crate::fhir::validate::type_;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

impl Run<'_> {
    /// Looks up the codes of an element in its value set.
    pub fn binding(&mut self, spot: Spot<'_>, rule: Rule<'_>, kind: &str) {
        let Some(binding) = &rule.node.binding else { return };
        if binding.strength != BindingStrength::Required {
            return;
        }
        let codes = self.terms.codes(&binding.value_set);
        let value_set = &binding.value_set;
        let answer = match kind {
            "code" | "string" | "uri" | "id" | "oid" => match spot.element.as_text() {
                Some(code) => codes.membership(None, code),
                None => return,
            },
            "Coding" | "Quantity" => match coding(&codes, spot.element) {
                Some(answer) => answer,
                None if kind == "Quantity" => return,
                None => Membership::NotIn,
            },
            "CodeableConcept" => concept(&codes, spot.element),
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
}

/// Whether a Coding or Quantity is in the value set; `None` when it has no code.
fn coding(codes: &Codes, element: &Element) -> Option<Membership> {
    let code = element.text("code")?;
    Some(codes.membership(element.text("system"), code))
}

/// Whether one of the codings is in the value set.
fn concept(codes: &Codes, element: &Element) -> Membership {
    let mut answer = Membership::NotIn;
    for one in element.all("coding") {
        match coding(codes, one) {
            Some(Membership::In) => return Membership::In,
            Some(Membership::Unknown) => answer = Membership::Unknown,
            Some(Membership::NotIn) | None => {}
        }
    }
    answer
}
