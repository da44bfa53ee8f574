//! One item of a Questionnaire, and the values in questionnaires and their answers: read the same for STU3 and R4.

use crate::fhir::Element;
use crate::fhir::element::type_of_choice;
use crate::fhir::validate::work::Work;

/// An item of a Questionnaire: a question, a group or a text to display.
#[derive(Clone, Copy)]
pub struct Question<'q> {
    /// The item as it was written.
    pub element: &'q Element,
}

impl<'q> Question<'q> {
    /// The items right below a Questionnaire or an item.
    pub fn below(holder: &'q Element) -> impl Iterator<Item = Question<'q>> {
        holder.all("item").map(|element| Question { element })
    }

    /// The item with this link id, however deep below a Questionnaire or an item.
    pub fn find(holder: &'q Element, link_id: &str, work: &Work) -> Option<Question<'q>> {
        let mut next: Vec<Question<'q>> = Question::below(holder).collect();
        next.reverse();
        while let Some(question) = next.pop() {
            if question.link_id() == link_id {
                return Some(question);
            }
            work.spend(1 + question.element.children.len() as u64);
            let first = next.len();
            next.extend(Question::below(question.element));
            next[first..].reverse();
        }
        None
    }

    /// What answers refer to it by; empty when it has none.
    pub fn link_id(self) -> &'q str {
        self.element.text("linkId").unwrap_or_default()
    }

    /// The code of its type (`choice`); `None` when it has none.
    pub fn kind(self) -> Option<&'q str> {
        self.element.text("type")
    }

    /// Whether a complete response must have it.
    pub fn is_required(self) -> bool {
        self.element.text("required") == Some("true")
    }

    /// Whether it may have several answers, or stand there several times; `None` when it does not say so itself and names
    /// an element definition, from which the value may come (questionnaire.html, `item.definition`).
    pub fn repeats(self) -> Option<bool> {
        match (self.element.text("repeats"), self.definition()) {
            (Some(repeats), _) => Some(repeats == "true"),
            (None, Some(_)) => None,
            (None, None) => Some(false),
        }
    }

    /// The element definition that tells more of it: the canonical of a structure, and the id of the element in it.
    pub fn definition(self) -> Option<(&'q str, Option<&'q str>)> {
        let definition = self.element.text("definition")?;
        Some(definition.split_once('#').map_or((definition, None), |(url, id)| (url, Some(id))))
    }

    /// The permitted answers that it lists itself.
    pub fn options(self) -> impl Iterator<Item = &'q Element> {
        // STU3 called it `option`.
        self.element.children.iter().filter(|child| matches!(&*child.name, "answerOption" | "option"))
    }

    /// Canonical (or `#id`) of the value set with its permitted answers.
    pub fn value_set(self) -> Option<&'q str> {
        // STU3 had a reference there.
        self.element.text("answerValueSet").or_else(|| self.element.child("options")?.text("reference"))
    }

    /// The values of its extensions with this URL.
    pub fn extensions(self, url: &'static str) -> impl Iterator<Item = &'q Element> {
        extensions(self.element, url)
    }

    /// The value of its first extension with this URL.
    pub fn extension(self, url: &'static str) -> Option<&'q Element> {
        self.extensions(url).next()
    }

    /// The number in its first extension with this URL.
    pub fn number(self, url: &'static str) -> Option<usize> {
        let text = self.extension(url)?.as_text()?;
        text.parse()
            .ok()
            .or_else(|| text.parse::<f64>().ok().filter(|number| *number >= 0.0).map(|number| number as usize))
    }
}

/// The values of an element's extensions with this URL.
pub fn extensions<'e>(element: &'e Element, url: &'static str) -> impl Iterator<Item = &'e Element> {
    element.extensions(url).filter_map(value)
}

/// The `value[x]` of an element.
pub fn value(element: &Element) -> Option<&Element> {
    element.choice("value")
}

/// The type of a choice element with this base name: `dateTime` for `valueDateTime`.
pub fn type_of<'e>(element: &'e Element, base: &str) -> &'e str {
    match type_of_choice(&element.name, base).unwrap_or_default() {
        "Boolean" => "boolean",
        "Code" => "code",
        "Date" => "date",
        "DateTime" => "dateTime",
        "Decimal" => "decimal",
        "Instant" => "instant",
        "Integer" => "integer",
        "String" => "string",
        "Time" => "time",
        "Uri" => "uri",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::Question;
    use super::type_of;
    use super::value;
    use crate::fhir::json;
    use crate::fhir::validate::work::Work;

    #[test]
    fn a_question_is_found_wherever_it_stands_the_first_in_order() {
        let text = r#"{"resourceType":"Questionnaire","item":[{"linkId":"a","item":[{"linkId":"b","text":"first"}]},
            {"linkId":"b","text":"second"}]}"#;
        let (questionnaire, _) = json::parse(text.as_bytes()).unwrap();
        let work = Work::on(&questionnaire, 1_000);
        let found = Question::find(&questionnaire, "b", &work).unwrap();
        assert_eq!(found.element.text("text"), Some("first"));
        assert!(Question::find(&questionnaire, "c", &work).is_none());
    }

    #[test]
    fn types_are_named_as_in_fhir() {
        let (answer, _) = json::parse(br#"{"resourceType":"X","valueDateTime":"2026"}"#).unwrap();
        assert_eq!(type_of(value(&answer).unwrap(), "value"), "dateTime");
        let (answer, _) = json::parse(br#"{"resourceType":"X","valueCoding":{}}"#).unwrap();
        assert_eq!(type_of(value(&answer).unwrap(), "value"), "Coding");
        let (answer, _) = json::parse(br#"{"resourceType":"X","values":"2026"}"#).unwrap();
        assert!(value(&answer).is_none());
    }
}
