//! What a person can attest because the run gave the occasion: rows that nothing on the wire decides. Entry point: [`occasions`].

use std::collections::BTreeMap;

use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::text;

/// The probe that keeps an answer back, and the row that says what a DVP does then.
const SLOW: (&str, &str) = ("resource-slow", "FHIR-25");

/// Longest time that a DVP may keep a person waiting without a word, in milliseconds.
const LONGEST: f64 = 60_000.0;

/// The rows of which the run gave the occasion, or tried to, with what it was.
pub fn occasions(run: &Run) -> BTreeMap<&'static str, Text> {
    let (probe, row) = SLOW;
    let mut probed = run.probe_traces(probe).peekable();
    if probed.peek().is_none() {
        return BTreeMap::new();
    }
    let kept_back = |exchange: &&Exchange| {
        exchange.interface == Interface::Resource && exchange.response.is_some() && exchange.total_ms >= LONGEST
    };
    let met = probed.find_map(|trace| Some((&trace.scenario, trace.exchanges.iter().find(kept_back)?)));
    let reason = match met {
        Some((scenario, exchange)) => {
            let (seconds, number) = ((exchange.total_ms / 1000.0).round(), exchange.number);
            text!(
                "vraagt een mens: in {scenario} kwam antwoord {number} na {seconds} s; zei de DVP dat laden langer duurt?",
                "needs a person: in {scenario} answer {number} came after {seconds} s; did the DVP say that loading takes longer?"
            )
        }
        None => Text::new(
            "vraagt een mens, maar de gelegenheid bereikte de DVP niet: geen resourceverzoek werd opgehouden",
            "needs a person, but the occasion did not reach the DVP: no resource request was kept back",
        ),
    };
    BTreeMap::from([(row, reason)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;

    /// What is told when every exchange takes so many milliseconds.
    fn told(recording: Recording, took: f64) -> Option<String> {
        let mut run = recording.run();
        run.traces.iter_mut().flat_map(|trace| &mut trace.exchanges).for_each(|exchange| exchange.total_ms = took);
        occasions(&run).remove("FHIR-25").map(|text| text.en)
    }

    #[test]
    fn only_an_answer_that_was_kept_back_is_an_occasion() {
        let asks = || Recording::new().probe("resource-slow").get("Condition");
        let told_of = |recording, took| told(recording, took).unwrap_or_default();
        assert!(told_of(asks().json(200, "{}"), 65_000.0).contains("did the DVP say"));
        assert!(told_of(asks().json(200, "{}"), 100.0).contains("did not reach the DVP"));
        let stops = Recording::new().probe("resource-slow").authorize(&[]);
        assert!(told_of(stops, 65_000.0).contains("did not reach the DVP"));
        assert_eq!(told(Recording::new().get("Condition").json(200, "{}"), 65_000.0), None);
    }
}
