//! Constraint: codes come from the bound value set, exist, and are called what they are called.
//!
//! Only what the definitions or a terminology source decide is a finding; the rest is "not checked".

use crate::diag::Text;
use crate::fhir::definitions::BindingStrength;
use crate::fhir::schema::BindingRule;
use crate::fhir::terminology::Answer;
use crate::fhir::terminology::MOST_NESTED;
use crate::fhir::terminology::Membership;
use crate::fhir::validate::Severity;
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
                    self.coding(Spot { element: coding, place: &place, ..spot }, rule, false);
                }
            }
            // One of a CodeableConcept was judged with that.
            "Coding" => self.coding(spot, rule, spot.place.name != "coding"),
            "Quantity" => self.coding(spot, rule, false),
            _ => {}
        }
        let Some(binding) = &rule.node.binding else { return };
        let has_code = match kind {
            "code" | "string" | "uri" | "id" | "oid" => spot.element.as_text().is_some(),
            "Coding" | "Quantity" => spot.element.text("code").is_some(),
            // Text alone is no code, and a code is what some strengths ask.
            "CodeableConcept" => true,
            _ => false,
        };
        if has_code {
            self.bound(spot, rule, binding);
        }
    }

    /// Judges an element by the strength of its binding (terminologies.html, section "Binding Strengths").
    fn bound(&mut self, spot: Spot<'_>, rule: Rule<'_>, binding: &BindingRule) {
        match binding.strength {
            BindingStrength::Required => {
                self.member(spot, rule, &binding.value_set, Severity::Error, "binding-required")
            }
            BindingStrength::Extensible => {
                self.member(spot, rule, &binding.value_set, Severity::Warning, "binding-extensible");
            }
            BindingStrength::Preferred => {
                self.member(spot, rule, &binding.value_set, Severity::Information, "binding-preferred");
            }
            BindingStrength::Example => {}
        }
        // A maximum is a required binding over an extensible one. A preferred one leaves text alone as it is.
        let is_text_alone = spot.element.as_text().is_none()
            && spot.element.text("code").is_none()
            && spot.element.all("coding").all(|coding| coding.text("code").is_none());
        if let Some(max) = &binding.max
            && (binding.strength == BindingStrength::Extensible
                || (binding.strength == BindingStrength::Preferred && !is_text_alone))
        {
            self.member(spot, rule, max, Severity::Error, "binding-max");
        }
        if let Some(min) = &binding.min {
            let reason = text!(
                "dat een systeem ten minste waardelijst `{min}` ondersteunt, blijkt niet uit een resource",
                "that a system supports at least value set `{min}` does not show in a resource"
            );
            self.skip(spot, "binding-min", reason);
        }
    }

    /// Judges that a code is in the value set.
    fn member(&mut self, spot: Spot<'_>, rule: Rule<'_>, value_set: &str, severity: Severity, code: &'static str) {
        let answer = self.terms.member(value_set, spot.element);
        match answer.membership {
            Membership::In => {}
            Membership::NotIn => {
                let expected = text!("een code uit waardelijst `{value_set}`", "a code of value set `{value_set}`");
                self.report(spot, severity, code, rule, expected, Text::same(type_::show(spot.element)));
            }
            // A recommendation that cannot be judged is nothing that was left out.
            Membership::Unknown if severity == Severity::Information => {}
            Membership::Unknown => {
                let reason = answer.reason.unwrap_or_else(|| {
                    if self.terms.codes(value_set).is_too_deep() {
                        return text!(
                            "waardelijst `{value_set}` verwijst naar waardelijsten die dieper dan {MOST_NESTED} in elkaar staan; maak haar vlakker",
                            "value set `{value_set}` refers to value sets nested deeper than {MOST_NESTED}, one in another; flatten it"
                        );
                    }
                    text!(
                        "waardelijst `{value_set}` is zonder terminologieserver niet volledig bekend",
                        "value set `{value_set}` is not fully known without a terminology server"
                    )
                });
                self.skip(spot, "terminology", reason);
            }
        }
    }

    /// Judges a Coding or Quantity by itself: its system, its code, its display.
    fn coding(&mut self, spot: Spot<'_>, rule: Rule<'_>, is_alone: bool) {
        let Some(system) = spot.element.text("system") else { return };
        if is_alone {
            self.system(spot, rule, system);
        }
        let Some(code) = spot.element.text("code") else { return };
        let Answer { membership, reason } = self.terms.exists(system, spot.element.text("version"), code);
        match membership {
            Membership::In => self.display(spot, rule, code),
            Membership::NotIn => {
                let expected = text!(
                    "een code die in codestelsel `{system}` bestaat",
                    "a code that exists in code system `{system}`"
                );
                self.find(spot, "code-unknown", rule, expected, Text::same(format!("`{code}`")));
            }
            // Without a source, what the packages do not carry is said where a binding asks for it.
            Membership::Unknown => {
                if let Some(reason) = reason {
                    self.skip(spot, "terminology", reason);
                }
                self.display(spot, rule, code);
            }
        }
    }

    /// Judges that the system of a Coding is the absolute URI of a code system. Where a binding asks for a code, one of
    /// another system is judged by the binding.
    fn system(&mut self, spot: Spot<'_>, rule: Rule<'_>, system: &str) {
        let is_bound = rule.node.binding.as_ref().is_some_and(|binding| binding.strength != BindingStrength::Example);
        let severity = if is_bound { Severity::Warning } else { Severity::Error };
        let expected = if !has_scheme(system) {
            text!("een absolute URI van een codestelsel", "an absolute URI of a code system")
        } else if self.set.definitions().value_set(system).is_some()
            && self.set.definitions().code_system(system).is_none()
        {
            text!("een codestelsel, geen waardelijst", "a code system, not a value set")
        } else {
            return;
        };
        self.report(spot, severity, "coding-system", rule, expected, Text::same(format!("`{system}`")));
    }

    /// Judges that a code has a display of its own, where all are known.
    fn display(&mut self, spot: Spot<'_>, rule: Rule<'_>, code: &str) {
        let Some(display) = spot.element.text("display") else { return };
        if let Some(others) = self.terms.other_displays(spot.element) {
            let others: Vec<String> = others.iter().take(SHOWN).map(|other| format!("`{other}`")).collect();
            let others = others.join(", ");
            let expected = text!("een naam van code `{code}`: {others}", "a display of code `{code}`: {others}");
            self.report(spot, Severity::Warning, "coding-display", rule, expected, Text::same(format!("`{display}`")));
        }
    }
}

/// Most displays that a finding names.
const SHOWN: usize = 5;

/// Whether a URI is absolute: it begins with a scheme (RFC 3986, section 3.1).
fn has_scheme(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
    })
}
