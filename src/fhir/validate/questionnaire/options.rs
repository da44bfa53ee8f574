//! Permitted answers: the options of a question, or those of its value set.

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::Scalar;
use crate::fhir::ScalarKind;
use crate::fhir::definitions::ValueSet;
use crate::fhir::terminology::Answer;
use crate::fhir::terminology::Codes;
use crate::fhir::terminology::Membership;
use crate::fhir::validate::questionnaire::Review;
use crate::fhir::validate::questionnaire::question::Question;
use crate::fhir::validate::questionnaire::question::extensions;
use crate::fhir::validate::questionnaire::question::type_of;
use crate::fhir::validate::questionnaire::question::value;
use crate::fhir::validate::type_;
use crate::fhir::validate::walk::Spot;
use crate::text;
use std::sync::Arc;

const EXCLUSIVE: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive";

/// Options that a finding names; of more only the number is told.
const NAMED: usize = 40;

impl Review<'_, '_> {
    /// Judges that one of `count` answers is among the permitted ones.
    pub(super) fn choice(
        &mut self,
        answer: Spot<'_>,
        value: Spot<'_>,
        kind: &str,
        question: Question<'_>,
        count: usize,
    ) {
        let choice = matches!(question.kind(), Some("choice" | "open-choice"));
        let spot = if choice { answer } else { value };
        let options: Vec<&Element> = question.options().collect();
        if !options.is_empty() {
            return self.option(spot, value.element, kind, question, count, &options);
        }
        if !choice {
            return;
        }
        let Some(value_set) = question.value_set() else {
            let reason = text!("de Questionnaire geeft geen keuzes", "the Questionnaire gives no options");
            return self.run.skip(spot, "questionnaire-no-options", reason);
        };
        if kind != "Coding" {
            return;
        }
        let answer = match (value.element.text("system"), value.element.text("code")) {
            (_, None) => Membership::NotIn.into(),
            // What the code of a coding without system means is not known, unless no system of the value set has it.
            (None, Some(code)) => match self.codes(value_set).map(|codes| codes.membership(None, code)) {
                Some(Membership::NotIn) => Membership::NotIn.into(),
                _ => Membership::Unknown.into(),
            },
            _ => self.permitted(value_set, value.element),
        };
        match answer.membership {
            Membership::In => {}
            Membership::NotIn => {
                let expected = text!("een code uit waardelijst `{value_set}`", "a code of value set `{value_set}`");
                let seen = Text::same(type_::show(value.element));
                self.deviates(spot, "questionnaire-value-set", question, expected, seen);
            }
            Membership::Unknown => self.open_value_set(spot, value_set, answer.reason),
        }
    }

    /// Judges an answer by the options that the question lists.
    fn option(
        &mut self,
        spot: Spot<'_>,
        answer: &Element,
        kind: &str,
        question: Question<'_>,
        count: usize,
        options: &[&Element],
    ) {
        if !self.run.work.spend(options.len() as u64) {
            return;
        }
        let chosen = options.iter().find(|option| value(option).is_some_and(|listed| is_same(answer, kind, listed)));
        let seen = Text::same(type_::show(answer));
        let Some(chosen) = chosen else {
            // A text of one's own is what an open choice is for.
            if kind == "string" && question.kind() == Some("open-choice") {
                return;
            }
            let names: Vec<String> =
                options.iter().filter_map(|option| value(option)).take(NAMED).map(type_::show).collect();
            let names = names.join(", ");
            let expected = match options.len().saturating_sub(NAMED) {
                0 => text!("een van deze antwoorden: {names}", "one of these answers: {names}"),
                rest => text!(
                    "een van deze antwoorden: {names} of een van nog {rest}",
                    "one of these answers: {names} or one of {rest} more"
                ),
            };
            return self.deviates(spot, "questionnaire-option", question, expected, seen);
        };
        let exclusive = extensions(chosen, EXCLUSIVE).any(|flag| flag.as_text() == Some("true"));
        if exclusive && count > 1 {
            let expected = text!("dit antwoord als enige", "this answer on its own");
            self.deviates(spot, "questionnaire-exclusive", question, expected, seen);
        }
    }

    /// Whether a Coding or Quantity is in a value set: one that is loaded or that a terminology source knows, or one that
    /// the Questionnaire or its container contains.
    pub(super) fn permitted(&self, canonical: &str, coded: &Element) -> Answer {
        if !canonical.starts_with('#') {
            return self.run.terms.member(canonical, coded);
        }
        self.codes(canonical).map_or(Membership::Unknown, |codes| codes.any_coding(coded)).into()
    }

    /// The codes of a value set, as the definitions or the resource that contains it tell.
    fn codes(&self, canonical: &str) -> Option<Arc<Codes>> {
        let Some(id) = canonical.strip_prefix('#') else { return Some(self.run.terms.codes(canonical)) };
        if let Some(known) = self.contained.borrow().get(canonical) {
            return known.clone();
        }
        let holders = [Some(self.form.questionnaire), self.form.container];
        let contained = holders.into_iter().flatten().flat_map(|holder| holder.all("contained"));
        let found = contained.filter(|inner| inner.text("id") == Some(id)).find_map(|inner| read(inner, canonical));
        let codes = found.map(|found| Arc::new(self.run.terms.codes_of(&found)));
        self.contained.borrow_mut().insert(canonical.to_owned(), codes.clone());
        codes
    }

    /// Lists that nobody knows whether a value set has a code; `reason`: why a source that was asked did not tell.
    pub(super) fn open_value_set(&mut self, spot: Spot<'_>, value_set: &str, reason: Option<Text>) {
        let reason = reason.unwrap_or_else(|| {
            text!(
                "waardelijst `{value_set}` is zonder terminologieserver niet volledig bekend",
                "value set `{value_set}` is not fully known without a terminology server"
            )
        });
        self.run.skip(spot, "terminology", reason);
    }
}

/// A contained ValueSet, which needs no canonical of its own.
fn read(inner: &Element, canonical: &str) -> Option<ValueSet> {
    if inner.child("url").is_some() {
        return ValueSet::read(inner).ok();
    }
    let url = Scalar { text: canonical.into(), kind: ScalarKind::Text };
    let mut named = inner.clone();
    named.children.push(Element { name: "url".into(), value: Some(url), ..Element::default() });
    ValueSet::read(&named).ok()
}

/// Whether an answer is this option.
fn is_same(answer: &Element, kind: &str, option: &Element) -> bool {
    let names: &[&str] = match kind {
        "Coding" | "Quantity" => &["system", "code"],
        "Reference" => &["reference"],
        _ => return type_of(option, "value") == kind && option.as_text() == answer.as_text(),
    };
    type_of(option, "value") == kind && names.iter().all(|name| option.text(name) == answer.text(name))
}
