//! A Questionnaire by itself: each `enableWhen` asks a question that exists and is another one.

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::validate::questionnaire::question::Question;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

/// Judges the conditions of all items of a Questionnaire.
pub fn conditions(run: &mut Run<'_>, spot: Spot<'_>) {
    below(run, spot, spot.element);
}

fn below(run: &mut Run<'_>, holder: Spot<'_>, questionnaire: &Element) {
    for (at, item) in holder.element.all("item").enumerate() {
        let place = holder.place.below("item", u32::try_from(at).ok());
        let spot = Spot { element: item, place: &place, ..holder };
        for condition in item.all("enableWhen") {
            judge(run, spot, condition, questionnaire);
        }
        below(run, spot, questionnaire);
    }
}

fn judge(run: &mut Run<'_>, spot: Spot<'_>, condition: &Element, questionnaire: &Element) {
    let Some(link_id) = condition.text("question") else { return };
    let seen = Text::same(format!("`{link_id}`"));
    let (inner, known) = {
        let find = |holder| Question::find(holder, link_id, &run.work).is_some();
        (find(spot.element), find(questionnaire))
    };
    if run.work.is_spent() {
        return;
    }
    if inner || spot.element.text("linkId") == Some(link_id) {
        let expected = text!(
            "een voorwaarde over een ander item dan dit en wat eronder staat",
            "a condition on another item than this one and those below it"
        );
        run.misfit(spot, "questionnaire-condition", expected, seen);
    } else if !known {
        let expected =
            text!("een voorwaarde over een item van de Questionnaire", "a condition on an item of the Questionnaire");
        run.misfit(spot, "questionnaire-condition", expected, seen);
    }
}
