//! One answer by its question: the type of its value, then what that type can break.

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::validate::attachment::decoded_length;
use crate::fhir::validate::questionnaire::Review;
use crate::fhir::validate::questionnaire::question::Question;
use crate::fhir::validate::questionnaire::question::type_of;
use crate::fhir::validate::questionnaire::question::value;
use crate::fhir::validate::scope::Target;
use crate::fhir::validate::walk::Spot;
use crate::fhir::validate::walk::nothing;
use crate::text;

const MIME_TYPE: &str = "http://hl7.org/fhir/StructureDefinition/mimeType";
const MAX_SIZE: &str = "http://hl7.org/fhir/StructureDefinition/maxSize";
/// The types of resource that a reference may point to, in R4 and in STU3.
const REFERENCE_RESOURCE: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-referenceResource";
const ALLOWED_RESOURCE: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-allowedResource";

impl Review<'_, '_> {
    /// Judges one of `count` answers to a question.
    pub(super) fn answer(&mut self, spot: Spot<'_>, question: Question<'_>, count: usize) {
        // An answer without value is the walker's.
        let Some(element) = value(spot.element) else { return };
        let kind = type_of(element, "value");
        let place = spot.place.below("value", None);
        let there = Spot { element, place: &place, ..spot };
        let Some(allowed) = types(question) else {
            let code = question.kind().unwrap_or_default();
            let reason = text!("itemtype `{code}` is onbekend", "item type `{code}` is not known");
            return self.run.skip(spot, "questionnaire-untyped", reason);
        };
        if !allowed.contains(&kind) {
            let names = allowed.join(", ");
            let expected = text!("een antwoord van type {names}", "an answer of type {names}");
            return self.deviates(there, "questionnaire-type", question, expected, Text::same(format!("`{kind}`")));
        }
        match kind {
            "integer" | "decimal" | "date" | "dateTime" | "time" | "string" | "uri" => {
                self.bounds(there, kind, question);
            }
            "Quantity" => self.quantity(there, question),
            "Attachment" => self.attached(spot, element, question),
            "Reference" => self.referred(there, question),
            _ => {}
        }
        self.choice(spot, there, kind, question, count);
    }

    /// The kind and size of an attachment.
    fn attached(&mut self, spot: Spot<'_>, attachment: &Element, question: Question<'_>) {
        let allowed: Vec<&str> = question.extensions(MIME_TYPE).filter_map(Element::as_text).collect();
        let kind = attachment.text("contentType");
        if !allowed.is_empty() && !kind.is_some_and(|kind| allowed.iter().any(|one| kind.starts_with(one))) {
            let names = allowed.join(", ");
            let expected = text!("een bijlage van soort {names}", "an attachment of kind {names}");
            let seen = kind.map_or_else(nothing, |kind| Text::same(format!("`{kind}`")));
            self.deviates(spot, "questionnaire-attachment-type", question, expected, seen);
        }
        let size = match attachment.text("data") {
            Some(data) => decoded_length(data),
            None => attachment.text("size").and_then(|size| size.parse().ok()),
        };
        if let (Some(most), Some(size)) = (question.number(MAX_SIZE), size)
            && size > most
        {
            let expected = text!("een bijlage van hoogstens {most} bytes", "an attachment of at most {most} bytes");
            let seen = Text::same(format!("{size} bytes"));
            self.deviates(spot, "questionnaire-attachment-size", question, expected, seen);
        }
    }

    /// The type of resource that a reference points to.
    fn referred(&mut self, spot: Spot<'_>, question: Question<'_>) {
        let Some(reference) = spot.element.text("reference") else { return };
        let allowed: Vec<&str> = question
            .extensions(REFERENCE_RESOURCE)
            .chain(question.extensions(ALLOWED_RESOURCE))
            .filter_map(Element::as_text)
            .collect();
        let names = allowed.join(", ");
        let kind = match spot.scope.resolve(reference, &|name| self.run.is_resource_type(name)) {
            Target::Found(found) => found.resource_type.as_deref(),
            Target::Outside(kind) => kind,
            // That the reference itself is wrong is found elsewhere.
            Target::Several(_) | Target::OtherType(_) | Target::Missing | Target::Adrift | Target::Malformed => return,
        };
        match (kind, type_in(reference)) {
            (Some(kind), _) if allowed.is_empty() || allowed.contains(&kind) => {}
            (Some(kind), _) => {
                let expected = text!("een verwijzing naar {names}", "a reference to {names}");
                let seen = Text::same(format!("`{kind}`"));
                self.deviates(spot, "questionnaire-reference", question, expected, seen);
            }
            (None, Some(name)) => {
                let expected =
                    text!("een verwijzing naar een resourcetype van FHIR", "a reference to a resource type of FHIR");
                self.deviates(spot, "questionnaire-reference", question, expected, Text::same(format!("`{name}`")));
            }
            (None, None) if allowed.is_empty() => {}
            (None, None) => {
                let reason = text!(
                    "van het doel van de verwijzing is niet bekend of het {names} is",
                    "whether the target of the reference is {names} is not known"
                );
                self.run.skip(spot, "reference-outside", reason);
            }
        }
    }
}

/// The types of answer that a question takes (code system `item-type`); `None` for a type of item that FHIR does not have.
fn types(question: Question<'_>) -> Option<Vec<&'static str>> {
    Some(match question.kind()? {
        "boolean" => vec!["boolean"],
        "decimal" => vec!["decimal"],
        "integer" => vec!["integer"],
        "date" => vec!["date"],
        "dateTime" => vec!["dateTime"],
        "time" => vec!["time"],
        "string" | "text" => vec!["string"],
        "url" => vec!["uri"],
        "attachment" => vec!["Attachment"],
        "reference" => vec!["Reference"],
        "quantity" => vec!["Quantity"],
        code @ ("choice" | "open-choice") => {
            let mut types = vec!["Coding"];
            // The options that a question lists may be more than codes; a value set is of codes.
            let options: Vec<&str> = question.options().filter_map(value).map(|one| type_of(one, "value")).collect();
            let coded = options.is_empty() && question.value_set().is_some();
            if !coded {
                types.extend(["date", "time", "integer"]);
            }
            if !coded || code == "open-choice" {
                types.push("string");
            }
            if options.contains(&"Reference") {
                types.push("Reference");
            }
            types
        }
        _ => return None,
    })
}

/// What stands where an address in the form of a FHIR server has its type, when it looks like one.
fn type_in(reference: &str) -> Option<&str> {
    let mut parts = reference.split("/_history/").next()?.rsplit('/');
    let (_id, kind) = (parts.next().filter(|id| !id.is_empty())?, parts.next()?);
    let named =
        kind.starts_with(|first: char| first.is_ascii_uppercase()) && kind.chars().all(|c| c.is_ascii_alphabetic());
    named.then_some(kind)
}
