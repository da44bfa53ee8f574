//! TOK-17: how long the token interface takes.

use crate::declare_rule;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::timing;
use crate::rules::timing::Limit;

declare_rule! {
    /// A token is available to the client within 10 seconds, at least 99.5 % of the time.
    ///
    /// ## How it is tested
    /// Every call of the token interface is timed, from sending to the last byte. A single answer that takes more than 10
    /// seconds is a warning. When the run has 200 calls or more and more than 0.5 % of them took longer, that is a breach.
    /// The time within which 95 % of the calls were answered is told, and when there were fewer than 200.
    /// ## Not covered
    /// Availability over a longer time than the run: that needs the operator's logs.
    /// ## Source
    /// core.tknint.206.
    pub static RULE = {
        id: "TOK-17",
        summary: "a token within 10 seconds, 99.5 % of the time",
        dva: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    let limit = Limit {
        interface: Interface::Token,
        name: Text::new("token-interface", "token interface"),
        seconds: 10,
        allowed_per_mille: 5,
        share: Text::new("99,5 %", "99.5 %"),
    };
    timing::judge(run, &limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::issues_in;

    fn codes(count: usize, late: usize) -> Vec<String> {
        let recording = (0..count).fold(Recording::new(), |recording, _| recording.token(&[]).json(200, "{}"));
        let mut run = recording.run();
        for exchange in run.traces.iter_mut().flat_map(|trace| &mut trace.exchanges).take(late) {
            exchange.total_ms = 10_001.0;
        }
        let found = issues_in(&RULE, &run);
        found.iter().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn one_late_token_is_a_warning_and_one_in_two_hundred_is_allowed() {
        assert_eq!(codes(10, 0), ["information response-times"]);
        assert_eq!(codes(10, 1), ["warning late-answer", "information response-times"]);
        assert!(codes(200, 1).iter().all(|code| !code.starts_with("error")));
    }

    #[test]
    fn too_many_late_tokens_are_a_breach() {
        assert!(codes(200, 2).contains(&"error too-often-late".to_owned()));
    }
}
