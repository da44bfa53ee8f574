//! RES-03: how long the resource interface takes.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::FailureKind;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::requirement::Role;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::text;

declare_rule! {
    /// The Resource Server answers within 60 seconds, at least 98.5 % of the time.
    ///
    /// ## How it is tested
    /// Every request to the resource interface is timed, from sending to the last byte. A single answer that takes more than
    /// 60 seconds is a warning. When the run has 200 calls or more and more than 1.5 % of them took longer, that is a breach.
    /// The time within which 95 % of the calls were answered is told, and when there were fewer than 200.
    /// ## Not covered
    /// The share over a longer time than the run; calls that failed for another reason than time.
    /// ## Source
    /// core.rscint.202.
    pub static RULE = {
        id: "RES-03",
        summary: "an answer within 60 seconds, 98.5 % of the time",
        roles: &[Role::Dva],
        check: check,
    }
}

/// Longest time for an answer, in milliseconds.
const LONGEST_MS: f64 = 60_000.0;

/// Calls from which on the share of late ones counts.
const ENOUGH: usize = 200;

/// Late calls in a thousand that are allowed.
const ALLOWED_PER_MILLE: usize = 15;

fn check(_: &Context, run: &Run) -> Judgement {
    let calls: Vec<&Exchange> = run.exchanges().filter(|exchange| is_timed(exchange)).collect();
    let Some(last) = calls.last() else {
        return Judgement::NotSeen(Text::new(
            "geen antwoord van de resource-interface",
            "no answer of the resource interface",
        ));
    };
    let late: Vec<&Exchange> = calls.iter().copied().filter(|exchange| exchange.total_ms > LONGEST_MS).collect();
    let mut issues: Vec<Issue> = late.iter().map(|exchange| too_late(exchange)).collect();
    let (all, many) = (calls.len(), late.len());
    if all >= ENOUGH && many * 1000 > all * ALLOWED_PER_MILLE {
        let expected = Text::new("98,5 % binnen 60 s", "98.5 % within 60 s");
        let seen = text!("{many} van de {all} duurden langer", "{many} of {all} took longer");
        issues.push(Issue::error("too-often-late", "share", expected, seen).at(last.number));
    }
    issues.push(times(&calls));
    Judgement::Seen { occasions: u32::try_from(all).unwrap_or(u32::MAX), issues }
}

fn is_timed(exchange: &Exchange) -> bool {
    let is_whole = exchange.response.is_some() && exchange.failure.is_none();
    let is_timeout = exchange.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Timeout);
    exchange.interface == Interface::Resource && (is_whole || is_timeout && exchange.total_ms > LONGEST_MS)
}

fn too_late(exchange: &Exchange) -> Issue {
    let seconds = (exchange.total_ms / 1000.0).floor();
    let expected = Text::new("binnen 60 s", "within 60 s");
    let seen = text!("na meer dan {seconds} s", "after more than {seconds} s");
    Issue::warning("late-answer", "time", expected, seen).at(exchange.number)
}

/// The time within which 95 % came, in whole seconds, and whether that is enough calls for the share.
fn times(calls: &[&Exchange]) -> Issue {
    let mut all: Vec<f64> = calls.iter().map(|exchange| exchange.total_ms).collect();
    all.sort_by(f64::total_cmp);
    let place = (all.len() * 95).div_ceil(100).saturating_sub(1);
    let seconds = all.get(place).map_or(0.0, |ms| (ms / 1000.0).ceil());
    let count = all.len();
    let expected =
        Text::new("98,5 % binnen 60 s, over 200 verzoeken of meer", "98.5 % within 60 s, over 200 calls or more");
    let seen = match count < ENOUGH {
        true => text!(
            "95 % van {count} verzoeken binnen {seconds} s; te weinig verzoeken om het aandeel te beoordelen",
            "95 % of {count} calls within {seconds} s; too few calls to judge the share"
        ),
        false => text!("95 % van {count} verzoeken binnen {seconds} s", "95 % of {count} calls within {seconds} s"),
    };
    Issue::information("response-times", "time", expected, seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Failure;
    use crate::rules::testing::Recording;
    use crate::rules::testing::issues_in;

    /// A run of so many calls, the first of which took these milliseconds.
    fn calls(count: usize, times: &[f64]) -> Run {
        let recording = (0..count).fold(Recording::new(), |recording, _| recording.get("Patient").json(200, "{}"));
        let mut run = recording.run();
        for (exchange, ms) in run.traces.iter_mut().flat_map(|trace| &mut trace.exchanges).zip(times) {
            exchange.total_ms = *ms;
        }
        run
    }

    fn codes(run: &Run) -> Vec<String> {
        let found = issues_in(&RULE, run);
        found.iter().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn quick_answers_pass_and_their_number_is_told() {
        assert_eq!(
            issues_in(&RULE, &calls(40, &[1500.0, 60_000.0])),
            ["information response-times time: 98.5 % within 60 s, over 200 calls or more / \
              95 % of 40 calls within 1 s; too few calls to judge the share"]
        );
        assert_eq!(issues_in(&RULE, &Run::default()), ["not seen"]);
    }

    #[test]
    fn one_late_answer_is_a_warning() {
        assert_eq!(codes(&calls(10, &[60_001.0])), ["warning late-answer", "information response-times"]);
        // 3 of 200 are 1.5 %: allowed.
        let late = [61_000.0; 3];
        assert!(codes(&calls(200, &late)).iter().all(|code| !code.starts_with("error")));
    }

    #[test]
    fn too_many_late_answers_are_a_breach() {
        let found = codes(&calls(200, &[61_000.0; 4]));
        assert!(found.contains(&"error too-often-late".to_owned()), "{found:?}");
    }

    #[test]
    fn only_time_counts() {
        let mut run = calls(3, &[61_000.0, 90_000.0, 30_000.0]);
        let failures = [FailureKind::Closed, FailureKind::Timeout, FailureKind::Timeout];
        for (exchange, kind) in run.traces[0].exchanges.iter_mut().zip(failures) {
            exchange.failure = Some(Failure { kind, detail: String::new() });
        }
        assert_eq!(codes(&run), ["warning late-answer", "information response-times"]);
    }
}
