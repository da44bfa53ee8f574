//! LIST-05: the DVP Server fetches the Zorgaanbiederslijst every 15 minutes.

use crate::declare_rule;
use crate::exchange::Run;
use crate::lists::schema::Kind;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::lists::fetched;

declare_rule! {
    /// A DVP fetches the newest Zorgaanbiederslijst at least every 15 minutes (900 s).
    ///
    /// ## How it is tested
    /// The fetches at our stelselnode: more than 900 s (and 10 s for timers and network) between two, before the first or after the
    /// last is a breach. Where people drive the DVP, only the time counts that a scenario asks to let pass.
    /// ## Not covered
    /// Whether the newest list is used. A run shorter than 35 minutes is told.
    /// ## Source
    /// Afsprakenstelsel, core.alst.201.
    pub static RULE = {
        id: "LIST-05",
        summary: "the Zorgaanbiederslijst is fetched every 15 minutes",
        dvp: check,
    }
}

fn check(context: &Context, run: &Run) -> Judgement {
    fetched::in_time(context, run, Kind::Zorgaanbiederslijst, false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn a_long_gap_is_found() {
        let fetches = |minutes: &[i64]| {
            let all = Recording::new().watched(0, 40, &[]);
            minutes.iter().fold(all, |r, minute| r.minute(*minute).fetch(Kind::Zorgaanbiederslijst, "pgo.example", "x"))
        };
        assert_eq!(client_issues(&RULE, fetches(&[0, 10, 20, 30])), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, fetches(&[0, 16, 30])), ["fetched-too-late"]);
        assert_eq!(client_issues(&RULE, fetches(&[0])), ["fetched-too-late"]);
        assert_eq!(client_issues(&RULE, Recording::new().watched(0, 40, &[]).get("Condition")), ["not seen"]);
        // Who fetches other lists from us does not fetch this one.
        let other = Recording::new().watched(0, 40, &[]).fetch(Kind::Whitelist, "pgo.example", "x");
        assert_eq!(client_issues(&RULE, other), ["fetched-too-late"]);
    }
}
