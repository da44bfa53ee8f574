//! The items of a response and those of its Questionnaire, level by level: order, nesting, repetition, what is required.

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::validate::Severity;
use crate::fhir::validate::questionnaire::Review;
use crate::fhir::validate::questionnaire::enable::Chain;
use crate::fhir::validate::questionnaire::question::Question;
use crate::fhir::validate::questionnaire::question::extensions;
use crate::fhir::validate::walk::Spot;
use crate::fhir::validate::walk::nothing;
use crate::text;
use std::collections::HashMap;

const MIN_OCCURS: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-minOccurs";
const MAX_OCCURS: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs";
const TRANSLATION: &str = "http://hl7.org/fhir/StructureDefinition/translation";

/// Items side by side.
#[derive(Clone, Copy)]
pub struct Level<'a> {
    /// The response, or the item or answer that the items stand in.
    pub holder: Spot<'a>,
    /// Where to report what is wrong with the items as a whole: the response, or the item.
    pub report: Spot<'a>,
    /// The Questionnaire, or the item of it, that asks them.
    pub asked: &'a Element,
    /// The way to here.
    pub chain: &'a Chain<'a>,
    /// Whether something above is not enabled (or perhaps not), so that nothing here is required.
    pub dormant: bool,
}

/// An item of the response with its position.
type Given<'a> = (usize, &'a Element);

impl Review<'_, '_> {
    /// Judges the items of one level and, through them, all below.
    pub(super) fn items(&mut self, level: Level<'_>) {
        let questions: Vec<Question<'_>> = Question::below(level.asked).collect();
        let mut positions = HashMap::new();
        for (at, question) in questions.iter().enumerate() {
            positions.entry(question.link_id()).or_insert(at);
        }
        let mut given: Vec<Vec<Given<'_>>> = vec![Vec::new(); questions.len()];
        let mut last = 0;
        for (at, item) in level.holder.element.all("item").enumerate() {
            let here = Spot { element: item, ..level.report };
            let Some(link_id) = item.text("linkId").filter(|text| !text.is_empty()) else {
                let expected = text!("een `linkId` in elk item", "a `linkId` in each item");
                self.against(here, Severity::Error, "questionnaire-link-id", "", expected, nothing());
                continue;
            };
            if let Some(index) = positions.get(link_id) {
                if *index < last {
                    let expected = text!(
                        "de items in de volgorde van de Questionnaire",
                        "the items in the order of the Questionnaire"
                    );
                    let seen = text!("`{link_id}` te laat", "`{link_id}` too late");
                    self.against(here, Severity::Error, "questionnaire-order", link_id, expected, seen);
                }
                last = *index;
                given[*index].push((at, item));
            } else if let Some(question) = Question::find(self.form.questionnaire, link_id, &self.run.work) {
                let expected = text!(
                    "item `{link_id}` waar de Questionnaire het heeft",
                    "item `{link_id}` where the Questionnaire has it"
                );
                let seen = text!("het staat ergens anders", "it stands elsewhere");
                self.deviates(here, "questionnaire-nesting", question, expected, seen);
                self.item_at(level, (at, item), question, true);
            } else if !self.run.work.is_spent() {
                let expected = text!("een `linkId` uit de Questionnaire", "a `linkId` of the Questionnaire");
                let seen = Text::same(format!("`{link_id}`"));
                self.against(here, Severity::Error, "questionnaire-link-id", link_id, expected, seen);
            }
        }
        for (question, given) in questions.iter().zip(&given) {
            self.occurrences(level, *question, given);
        }
    }

    /// Judges all items that answer one item of the Questionnaire at one level.
    fn occurrences(&mut self, level: Level<'_>, question: Question<'_>, given: &[Given<'_>]) {
        let enabled = self.enabled(level.report, question, level.chain);
        let dormant = level.dormant || enabled != Some(true);
        if given.is_empty() {
            if question.is_required() && !dormant {
                self.missing(level.report, question);
            }
            return;
        }
        if enabled == Some(false) {
            for (at, item) in given.iter().filter(|(_, item)| !is_bare(item)) {
                let place = level.holder.place.below("item", u32::try_from(*at).ok());
                let there = Spot { element: item, place: &place, ..level.holder };
                let link_id = question.link_id();
                let expected = text!(
                    "geen antwoord bij `{link_id}`, want dat item is hier niet van toepassing",
                    "no answer at `{link_id}`, for that item does not apply here"
                );
                self.deviates(
                    there,
                    "questionnaire-not-enabled",
                    question,
                    expected,
                    text!("een antwoord", "an answer"),
                );
            }
        }
        if let [_, second, ..] = given {
            let here = Spot { element: second.1, ..level.report };
            self.repetition(here, question, given.len());
        }
        if question.kind() == Some("group") {
            let place = level.holder.place.below("item", u32::try_from(given[0].0).ok());
            let there = Spot { element: given[0].1, place: &place, ..level.holder };
            self.count(there, question, given.len(), dormant);
        }
        for item in given {
            self.item_at(level, *item, question, dormant);
        }
    }

    /// Judges one item of the response by the item of the Questionnaire that it answers.
    fn item_at(&mut self, level: Level<'_>, given: Given<'_>, question: Question<'_>, dormant: bool) {
        let (at, element) = given;
        let place = level.holder.place.below("item", u32::try_from(at).ok());
        let spot = Spot { element, place: &place, ..level.holder };
        let chain = level.chain.below(question, element);
        let inner = Level { holder: spot, report: spot, asked: question.element, chain: &chain, dormant };
        self.wording(spot, question);
        let answers: Vec<&Element> = element.all("answer").collect();
        let items = element.child("item").is_some();
        match question.kind() {
            None => {
                let reason =
                    text!("de Questionnaire geeft dit item geen type", "the Questionnaire gives this item no type");
                self.run.skip(spot, "questionnaire-untyped", reason);
            }
            Some("group") => {
                if !answers.is_empty() {
                    let expected =
                        text!("een groep met items, zonder antwoord", "a group with items, without an answer");
                    let seen = text!("een antwoord", "an answer");
                    self.deviates(spot, "questionnaire-group", question, expected, seen);
                }
                if question.is_required() && !items && !dormant {
                    self.missing(spot, question);
                }
                self.items(inner);
            }
            Some("display") => {
                if !answers.is_empty() || items {
                    let expected = text!("een tekst zonder antwoord en items", "a text without answer and items");
                    let seen = if items { text!("items", "items") } else { text!("een antwoord", "an answer") };
                    self.deviates(spot, "questionnaire-display", question, expected, seen);
                }
            }
            Some(_) => {
                if items {
                    let expected = text!("items binnen een antwoord", "items within an answer");
                    let seen = text!("items zonder antwoord erom", "items without an answer around them");
                    self.deviates(spot, "questionnaire-question", question, expected, seen);
                }
                self.answers(inner, question, &answers);
            }
        }
    }

    /// Judges the answers to a question.
    fn answers(&mut self, level: Level<'_>, question: Question<'_>, answers: &[&Element]) {
        let spot = level.holder;
        if answers.is_empty() && question.is_required() && !level.dormant {
            self.missing(spot, question);
        }
        if let [_, second, ..] = answers {
            self.repetition(Spot { element: second, ..spot }, question, answers.len());
        }
        self.count(spot, question, answers.len(), level.dormant);
        for (at, answer) in answers.iter().enumerate() {
            let place = spot.place.below("answer", u32::try_from(at).ok());
            let there = Spot { element: answer, place: &place, ..spot };
            self.answer(there, question, answers.len());
            let chain = level.chain.below(question, answer);
            self.items(Level { holder: there, chain: &chain, ..level });
        }
    }

    /// The least and greatest number of answers, or of repetitions of a group.
    fn count(&mut self, spot: Spot<'_>, question: Question<'_>, seen: usize, dormant: bool) {
        if let Some(least) = question.number(MIN_OCCURS).filter(|least| seen < *least)
            && !dormant
        {
            let severity = if self.form.complete { Severity::Error } else { Severity::Warning };
            let expected = text!("minstens {least} keer", "at least {least} times");
            let seen = text!("{seen} keer", "{seen} times");
            self.against(spot, severity, "questionnaire-occurs", question.link_id(), expected, seen);
        }
        if let Some(most) = question.number(MAX_OCCURS).filter(|most| seen > *most) {
            self.too_many(spot, question, seen, most);
        }
    }

    /// Judges that what stands there several times may.
    fn repetition(&mut self, spot: Spot<'_>, question: Question<'_>, seen: usize) {
        match question.repeats().or_else(|| self.repeats_by_definition(question)) {
            Some(true) => {}
            Some(false) => self.too_many(spot, question, seen, 1),
            None => {
                let definition = question.element.text("definition").unwrap_or_default();
                let reason = text!(
                    "of het item mag herhalen, staat in `{definition}`, en dat zit in geen pakket",
                    "whether the item may repeat stands in `{definition}`, which no package carries"
                );
                self.run.skip(spot, "questionnaire-definition", reason);
            }
        }
    }

    /// Whether the element definition that a question names may repeat; `None` when no package carries it.
    fn repeats_by_definition(&self, question: Question<'_>) -> Option<bool> {
        let (url, id) = question.definition()?;
        let schema = self.run.set.schema(self.run.set.slot(url)).ok()?;
        let node = match id {
            Some(id) => schema.nodes.iter().find(|node| *node.id == *id)?,
            None => schema.root(),
        };
        Some(node.max.is_none_or(|max| max > 1))
    }

    fn too_many(&mut self, spot: Spot<'_>, question: Question<'_>, seen: usize, most: usize) {
        let link_id = question.link_id();
        let expected = text!("`{link_id}` hoogstens {most} keer", "`{link_id}` at most {most} times");
        self.deviates(spot, "questionnaire-repeats", question, expected, text!("{seen} keer", "{seen} times"));
    }

    /// Something required is not there; in a response that is not complete that is only a warning.
    fn missing(&mut self, spot: Spot<'_>, question: Question<'_>) {
        let link_id = question.link_id();
        let severity = if self.form.complete { Severity::Error } else { Severity::Warning };
        let expected = text!("een antwoord bij `{link_id}`", "an answer at `{link_id}`");
        self.against(spot, severity, "questionnaire-required", link_id, expected, nothing());
    }

    /// The text of an item, if any, is that of the Questionnaire or a translation that it gives.
    fn wording(&mut self, spot: Spot<'_>, question: Question<'_>) {
        let Some(seen) = spot.element.text("text").filter(|text| !text.is_empty()) else { return };
        let asked = question.element.child("text");
        if asked.and_then(Element::as_text) == Some(seen) {
            return;
        }
        let translated = asked.is_some_and(|asked| {
            let mut translations = asked.extensions(TRANSLATION);
            translations.any(|one| extensions(one, "content").any(|content| content.as_text() == Some(seen)))
        });
        if !translated {
            let expected = match asked.and_then(Element::as_text) {
                Some(text) => {
                    text!("de tekst van de Questionnaire: `{text}`", "the text of the Questionnaire: `{text}`")
                }
                None => text!("geen tekst, zoals in de Questionnaire", "no text, as in the Questionnaire"),
            };
            self.deviates(spot, "questionnaire-text", question, expected, Text::same(format!("`{seen}`")));
        }
    }
}

/// Whether an item says nothing: no answer and nothing below it.
fn is_bare(item: &Element) -> bool {
    item.child("answer").is_none() && item.child("item").is_none()
}
