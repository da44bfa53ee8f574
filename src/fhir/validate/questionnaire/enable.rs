//! Whether an item of a Questionnaire is enabled, given the answers so far.
//!
//! `enableWhen` of R4 (operators, all or any) and of STU3 (`hasAnswer`, the answer as a pattern), and the expression of SDC.
//! What the Questionnaire or the answers leave open is `None`.

use crate::fhir::Element;
use crate::fhir::definitions::DefinitionSet;
use crate::fhir::path::Context;
use crate::fhir::path::Decimal;
use crate::fhir::path::Expression;
use crate::fhir::path::Node;
use crate::fhir::path::Temporal;
use crate::fhir::validate::questionnaire::Review;
use crate::fhir::validate::questionnaire::quantity;
use crate::fhir::validate::questionnaire::question::Question;
use crate::fhir::validate::questionnaire::question::type_of;
use crate::fhir::validate::questionnaire::question::value;
use crate::fhir::validate::walk::Spot;
use crate::fhir::validate::work::Work;
use crate::text;
use std::cmp::Ordering;

/// The extensions with an expression that enables an item: an Expression, and a text in FHIRPath.
const EXPRESSION: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression";
const FHIRPATH: &str = "http://phr.kanta.fi/StructureDefinition/fiphr-ext-questionnaire-enablewhen";

/// The way from the response to where an item stands or would stand.
pub struct Chain<'a> {
    above: Option<&'a Chain<'a>>,
    /// The item of the Questionnaire that was answered here; `None` at the response itself.
    question: Option<Question<'a>>,
    /// The response, one of its items, or an answer.
    element: &'a Element,
}

impl<'a> Chain<'a> {
    /// The response itself.
    pub fn root(response: &'a Element) -> Chain<'a> {
        Chain { above: None, question: None, element: response }
    }

    /// An item, or one answer of it.
    pub fn below<'b>(&'b self, question: Question<'b>, element: &'b Element) -> Chain<'b> {
        Chain { above: Some(self), question: Some(question), element }
    }

    /// The answers to a question in the nearest part of the response that has room for it.
    fn answers(&self, link_id: &str, work: &Work) -> Vec<&'a Element> {
        let mut at = self;
        loop {
            // One answer has the items below it; its question is the item around it.
            let own = &*at.element.name == "item";
            let here = at.question.is_none_or(|question| {
                (own && question.link_id() == link_id) || Question::find(question.element, link_id, work).is_some()
            });
            if here {
                return collect(at.element, link_id, work);
            }
            match at.above {
                Some(above) => at = above,
                None => return Vec::new(),
            }
        }
    }
}

impl Review<'_, '_> {
    /// Whether an item is enabled; `None` when that cannot be told, which is listed as not checked.
    pub(super) fn enabled(&mut self, at: Spot<'_>, question: Question<'_>, chain: &Chain<'_>) -> Option<bool> {
        if self.run.work.is_spent() {
            return None;
        }
        let link_id = question.link_id();
        let answer = match question.extension(FHIRPATH).or_else(|| question.extension(EXPRESSION)) {
            Some(expression) => self.expression_holds(expression),
            None => conditions_hold(question, chain, &self.run.work).filter(|_| !self.run.work.is_spent()),
        };
        if answer.is_none() {
            let reason = text!(
                "of item `{link_id}` van toepassing is, is niet te beslissen",
                "whether item `{link_id}` applies cannot be decided"
            );
            self.run.skip(at, "questionnaire-enable-undecided", reason);
        }
        answer
    }

    /// Evaluates an Expression, or a text in FHIRPath, on the response.
    fn expression_holds(&self, expression: &Element) -> Option<bool> {
        if expression.text("language").is_some_and(|language| language != "text/fhirpath") {
            return None;
        }
        let text = expression.as_text().or_else(|| expression.text("expression"))?;
        let asks_time = ["now()", "today()", "timeOfDay()"].iter().any(|ask| text.contains(ask));
        let now = match self.run.options.now {
            Some(now) => now,
            None if asks_time => return None,
            None => Temporal::parse_date_time("2000-01-01T00:00:00Z")?,
        };
        let parsed = Expression::parse(text).ok()?;
        let definitions: &DefinitionSet = self.run.set.definitions();
        let mut context = Context::new(definitions, self.form.response, now);
        context.terminology = Some(self.run.terms);
        context.limits.steps = context.limits.steps.min(self.run.work.left());
        let holds = parsed.holds(Node::new(self.form.response, "QuestionnaireResponse"), &context);
        self.run.work.spend(context.spent());
        holds.ok()
    }
}

/// Whether the `enableWhen`s of an item hold. Without a word on several, any of them is enough (questionnaire.html, `enableWhen`).
fn conditions_hold(question: Question<'_>, chain: &Chain<'_>, work: &Work) -> Option<bool> {
    let conditions: Vec<&Element> = question.element.all("enableWhen").collect();
    if conditions.is_empty() {
        return Some(true);
    }
    let all = question.element.text("enableBehavior") == Some("all");
    let mut open = false;
    for condition in conditions {
        match condition_holds(condition, chain, work) {
            None => open = true,
            Some(true) if !all => return Some(true),
            Some(false) if all => return Some(false),
            Some(_) => {}
        }
    }
    if open { None } else { Some(all) }
}

fn condition_holds(condition: &Element, chain: &Chain<'_>, work: &Work) -> Option<bool> {
    let answers = chain.answers(condition.text("question")?, work);
    let wanted = condition.choice("answer");
    let Some(operator) = condition.text("operator") else {
        // STU3: enabled by having an answer or not, by being one value, or by either.
        let by_answer = condition.text("hasAnswer").map(|has| (has == "true") != answers.is_empty());
        let by_value = wanted.map(|wanted| any(&answers, |answer| relates(answer, "=", wanted)));
        return match (by_answer, by_value) {
            (Some(by_answer), None) => Some(by_answer),
            (Some(true), Some(_)) if condition.text("hasAnswer") == Some("false") => Some(true),
            (_, Some(by_value)) => by_value,
            (None, None) => None,
        };
    };
    let wanted = wanted?;
    match operator {
        "exists" => match wanted.as_text()? {
            "true" => Some(!answers.is_empty()),
            "false" => Some(answers.is_empty()),
            _ => None,
        },
        // Of several answers "none is equal" and "one differs" are both read in it; where they disagree nobody is accused.
        "!=" if !answers.is_empty() => {
            let differs = any(&answers, |answer| relates(answer, "!=", wanted))?;
            let equals = any(&answers, |answer| relates(answer, "=", wanted))?;
            (differs != equals).then_some(differs)
        }
        _ => any(&answers, |answer| relates(answer, operator, wanted)),
    }
}

/// Whether the condition holds for one of the answers at least.
fn any(answers: &[&Element], holds: impl Fn(&Element) -> Option<bool>) -> Option<bool> {
    let mut open = false;
    for answer in answers {
        match holds(answer) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => open = true,
        }
    }
    if open { None } else { Some(false) }
}

/// Whether an answer stands in this relation to a value; `None` when their types or units leave it open.
fn relates(answer: &Element, operator: &str, wanted: &Element) -> Option<bool> {
    let (kind, wanted_kind) = (type_of(answer, "value"), type_of(wanted, "answer"));
    let order = match (kind, wanted_kind) {
        ("Coding", "Coding") => return equality(operator, fits(answer, wanted, &["system", "code"])),
        ("Reference", "Reference") => return equality(operator, fits(answer, wanted, &["reference"])),
        ("Quantity", "Quantity") => quantity::order(answer, wanted)?,
        ("integer" | "decimal", "integer" | "decimal") => {
            Decimal::parse(answer.as_text()?)?.cmp(&Decimal::parse(wanted.as_text()?)?)
        }
        ("date" | "dateTime", "date" | "dateTime") => {
            if answer.as_text()? == wanted.as_text()? {
                Ordering::Equal
            } else {
                let read = Temporal::parse_date_time;
                read(answer.as_text()?)?.compare(read(wanted.as_text()?)?)?
            }
        }
        ("time", "time") => {
            Temporal::parse_time(answer.as_text()?)?.compare(Temporal::parse_time(wanted.as_text()?)?)?
        }
        ("boolean", "boolean") => return equality(operator, answer.as_text()? == wanted.as_text()?),
        ("string" | "uri", "string" | "uri") => answer.as_text()?.cmp(wanted.as_text()?),
        // A free text is no code, and a code no free text.
        ("string", "Coding") | ("Coding", "string") => return equality(operator, false),
        _ => return None,
    };
    match operator {
        "=" => Some(order == Ordering::Equal),
        "!=" => Some(order != Ordering::Equal),
        ">" => Some(order == Ordering::Greater),
        "<" => Some(order == Ordering::Less),
        ">=" => Some(order != Ordering::Less),
        "<=" => Some(order != Ordering::Greater),
        _ => None,
    }
}

fn equality(operator: &str, equal: bool) -> Option<bool> {
    match operator {
        "=" => Some(equal),
        "!=" => Some(!equal),
        _ => None,
    }
}

/// Whether an answer has what the wanted one says; what that does not say may be anything.
fn fits(answer: &Element, wanted: &Element, names: &[&str]) -> bool {
    names.iter().all(|name| wanted.text(name).is_none() || wanted.text(name) == answer.text(name))
}

/// The values of the answers to a question in a response, an item or an answer.
fn collect<'a>(holder: &'a Element, link_id: &str, work: &Work) -> Vec<&'a Element> {
    let (mut found, mut next) = (Vec::new(), vec![holder]);
    while let Some(element) = next.pop() {
        work.spend(1 + element.children.len() as u64);
        let own = element.text("linkId") == Some(link_id);
        for child in &element.children {
            match &*child.name {
                "answer" => {
                    if own {
                        found.extend(value(child));
                    }
                    next.push(child);
                }
                "item" => next.push(child),
                _ => {}
            }
        }
    }
    found
}
