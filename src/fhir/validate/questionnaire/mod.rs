//! Constraint: a QuestionnaireResponse answers its Questionnaire.
//!
//! Judges the order and nesting of items, what is required, and each answer (questionnaireresponse.html, section "Notes").
//! Knows the two resources by name, for no element definition tells how they belong together. A Questionnaire that is not
//! loaded, and what it leaves open, is not checked. `derivedFrom` only tells what a Questionnaire is based on: each has all its
//! items itself, so nothing is looked up there (questionnaire.html has no rule of inheritance). Entry point: `Run::questionnaire`.

mod answer;
mod bounds;
mod enable;
mod form;
mod items;
mod options;
mod quantity;
mod question;

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::path::Temporal;
use crate::fhir::terminology::Codes;
use crate::fhir::validate::Issue;
use crate::fhir::validate::Severity;
use crate::fhir::validate::questionnaire::enable::Chain;
use crate::fhir::validate::questionnaire::items::Level;
use crate::fhir::validate::questionnaire::question::Question;
use crate::fhir::validate::scope::Target;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// A response with the Questionnaire that it answers.
#[derive(Clone, Copy)]
struct Form<'a> {
    /// The Questionnaire.
    questionnaire: &'a Element,
    /// Its canonical, or how the response refers to it.
    url: &'a str,
    /// The resource that contains the Questionnaire and perhaps its value sets.
    container: Option<&'a Element>,
    /// The response.
    response: &'a Element,
    /// Whether the response says that it is complete. Otherwise what is missing may still come.
    complete: bool,
}

/// The judgement of a response by its Questionnaire.
struct Review<'a, 'v> {
    run: &'a mut Run<'v>,
    form: Form<'a>,
    /// The codes of the contained value sets that were asked for, by `#id`.
    contained: RefCell<HashMap<String, Option<Arc<Codes>>>>,
}

impl Run<'_> {
    /// Judges a Questionnaire by itself, or a QuestionnaireResponse by its Questionnaire.
    pub fn questionnaire(&mut self, spot: Spot<'_>) {
        match spot.element.resource_type.as_deref() {
            Some("Questionnaire") => form::conditions(self, spot),
            Some("QuestionnaireResponse") => self.questionnaire_response(spot),
            _ => {}
        }
    }

    fn questionnaire_response(&mut self, spot: Spot<'_>) {
        let Some(reference) = reference_to_questionnaire(spot.element) else {
            let reason = text!("het antwoord noemt geen Questionnaire", "the response names no Questionnaire");
            return self.skip(spot, "questionnaire-none", reason);
        };
        let definitions = self.set.definitions();
        let (questionnaire, container) = match definitions.questionnaire(reference) {
            Some(found) => (Some(found), None),
            None => match spot.scope.resolve(reference, &|name| self.is_resource_type(name)) {
                Target::Found(found) if found.resource_type.as_deref() == Some("Questionnaire") => {
                    (Some(found), reference.starts_with('#').then_some(spot.scope.container))
                }
                _ => (None, None),
            },
        };
        let Some(questionnaire) = questionnaire else {
            let reason = text!(
                "Questionnaire `{reference}` zit in geen pakket, dus de antwoorden zijn niet beoordeeld",
                "no package carries Questionnaire `{reference}`, so the answers are not judged"
            );
            return self.skip(spot, "questionnaire-unknown", reason);
        };
        let form = Form {
            questionnaire,
            url: questionnaire.text("url").unwrap_or(reference),
            container,
            response: spot.element,
            complete: matches!(spot.element.text("status"), Some("completed" | "amended")),
        };
        let chain = Chain::root(spot.element);
        let level = Level { holder: spot, report: spot, asked: questionnaire, chain: &chain, dormant: false };
        let mut review = Review { run: self, form, contained: RefCell::default() };
        review.authored(spot);
        review.items(level);
    }
}

impl Review<'_, '_> {
    /// A warning when the response was written outside the period in which the Questionnaire is meant to be used.
    fn authored(&mut self, spot: Spot<'_>) {
        let Some(period) = self.form.questionnaire.child("effectivePeriod") else { return };
        let Some(element) = spot.element.child("authored") else { return };
        let place = spot.place.below("authored", None);
        let there = Spot { element, place: &place, ..spot };
        let moment = |text: Option<&str>| Temporal::parse_date_time(text?)?.range();
        let Some((first, last)) = moment(element.as_text()) else { return };
        let seen = Text::same(format!("`{}`", element.as_text().unwrap_or_default()));
        if let Some(end) = period.text("end")
            && moment(Some(end)).is_some_and(|(_, end)| first > end)
        {
            let expected = text!("een datum tot en met `{end}`", "a date up to and including `{end}`");
            self.warn(there, "questionnaire-period", "", expected, seen.clone());
        }
        if let Some(start) = period.text("start")
            && moment(Some(start)).is_some_and(|(start, _)| last < start)
        {
            let expected = text!("een datum vanaf `{start}`", "a date from `{start}`");
            self.warn(there, "questionnaire-period", "", expected, seen);
        }
    }

    /// Reports that an answer deviates from the Questionnaire.
    fn deviates(&mut self, spot: Spot<'_>, code: &'static str, question: Question<'_>, expected: Text, seen: Text) {
        self.against(spot, Severity::Error, code, question.link_id(), expected, seen);
    }

    /// Reports something that is allowed but unwise.
    fn warn(&mut self, spot: Spot<'_>, code: &'static str, link_id: &str, expected: Text, seen: Text) {
        self.against(spot, Severity::Warning, code, link_id, expected, seen);
    }

    /// Reports a deviation from the item of the Questionnaire with this link id.
    fn against(
        &mut self,
        spot: Spot<'_>,
        severity: Severity,
        code: &'static str,
        link_id: &str,
        expected: Text,
        seen: Text,
    ) {
        let (place, span) = (spot.place.path(), spot.element.span);
        let (profile, element) = (self.form.url.into(), link_id.into());
        self.run.issues.push(Issue { severity, code, place, span, profile, element, expected, seen });
    }
}

/// How a response refers to its Questionnaire: a canonical, in STU3 a Reference.
fn reference_to_questionnaire(response: &Element) -> Option<&str> {
    let element = response.child("questionnaire")?;
    element.as_text().or_else(|| element.text("reference")).filter(|text| !text.trim().is_empty())
}
