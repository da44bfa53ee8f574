//! LIST-07: the Gegevensdienstnamenlijst is fetched every 15 minutes.

use crate::declare_rule;
use crate::exchange::Run;
use crate::lists::schema::Kind;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::lists::fetched;

declare_rule! {
    /// The Authorization Server, and the DVP Server, fetches the Gegevensdienstnamenlijst at least every 15 minutes.
    ///
    /// ## How it is tested
    /// The fetches at our stelselnode: more than 900 s (and 10 s for timers and network) between two, before the first or after the
    /// last is a breach.
    /// ## Not covered
    /// A candidate that fetches no list from us. The names on its pages: from release 2.2.4 on those of services stand on none. A run
    /// shorter than 35 minutes is told.
    /// ## Source
    /// Afsprakenstelsel, core.gnl.201.
    pub static RULE = {
        id: "LIST-07",
        summary: "the Gegevensdienstnamenlijst is fetched every 15 minutes",
        dva: check,
        dvp: check,
    }
}

fn check(context: &Context, run: &Run) -> Judgement {
    fetched::in_time(context, run, Kind::Gegevensdienstnamenlijst, false)
}
