//! RES-03: how long the resource interface takes.

use crate::declare_rule;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::timing;
use crate::rules::timing::Limit;

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
        dva: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    let limit = Limit {
        interface: Interface::Resource,
        name: Text::new("resource-interface", "resource interface"),
        seconds: 60,
        allowed_per_mille: 15,
        share: Text::new("98,5 %", "98.5 %"),
    };
    timing::judge(run, &limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Failure;
    use crate::exchange::FailureKind;
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
