//! RES-14: whether the request id comes back.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::text;

declare_rule! {
    /// Whether the Resource Server sends the `MedMij-Request-ID` of a request back is recorded; no rule asks it.
    ///
    /// ## How it is tested
    /// In every regular answer of the resource interface the header is compared with that of the request.
    /// ## Not covered
    /// The token interface.
    /// ## Source
    /// No text was seen that asks it; a public reference implementation does it.
    pub static RULE = {
        id: "RES-14",
        summary: "whether MedMij-Request-ID comes back",
        dva: check,
    }
}

const HEADER: &str = "MedMij-Request-ID";

fn check(_: &Context, run: &Run) -> Judgement {
    let answers: Vec<&Exchange> =
        run.regular(Interface::Resource).filter(|exchange| exchange.response.is_some()).collect();
    let Some(last) = answers.last() else {
        return Judgement::NotSeen(Text::new(
            "geen antwoord op een gewoon resourceverzoek",
            "no answer to a regular resource request",
        ));
    };
    let echoes = |exchange: &&&Exchange| {
        let sent = exchange.request.header(HEADER);
        sent.is_some() && exchange.response_header(HEADER) == sent
    };
    let (all, same) = (answers.len(), answers.iter().filter(echoes).count());
    let expected = Text::new("mag: geen regel vraagt het", "may: no rule asks it");
    let seen = text!("in {same} van de {all} antwoorden", "in {same} of {all} answers");
    let issue = Issue::information("request-id-returned", HEADER, expected, seen).at(last.number);
    Judgement::Seen { occasions: u32::try_from(all).unwrap_or(u32::MAX), issues: vec![issue] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::issues_in;

    #[test]
    fn counts_the_answers_that_send_it_back() {
        let answered = Recording::new().get("Patient").json(200, "{}").header("medmij-request-id", "a-1");
        let mut run = answered.get("Flag").json(200, "{}").run();
        for exchange in &mut run.traces[0].exchanges {
            exchange.request.headers.push(("medmij-request-id".to_owned(), "a-1".to_owned()));
        }
        assert_eq!(
            issues_in(&RULE, &run),
            ["information request-id-returned #2 MedMij-Request-ID: may: no rule asks it / in 1 of 2 answers"]
        );
        assert_eq!(issues_in(&RULE, &Run::default()), ["not seen"]);
    }
}
