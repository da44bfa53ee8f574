//! LIST-08: every node fetches the Whitelist every 15 minutes.

use crate::declare_rule;
use crate::exchange::Run;
use crate::lists::schema::Kind;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::lists::fetched;

declare_rule! {
    /// Every node of the candidate fetches the newest Whitelist at least every 15 minutes.
    ///
    /// ## How it is tested
    /// The fetches at our stelselnode: more than 900 s (and 10 s for timers and network) between two, before the first or after the
    /// last is a breach. Then the same for each client certificate that fetched it more than once, between two of its fetches.
    /// ## Not covered
    /// A candidate that fetches no list from us. Nodes that share a list which one of them fetches: the certificate of that one
    /// counts. A certificate that comes no more: it may have been replaced. A run shorter than 35 minutes is told.
    /// ## Source
    /// Afsprakenstelsel, core.whl.302.
    pub static RULE = {
        id: "LIST-08",
        summary: "the Whitelist is fetched every 15 minutes by each node",
        dva: check,
        dvp: check,
    }
}

fn check(context: &Context, run: &Run) -> Judgement {
    fetched::in_time(context, run, Kind::Whitelist, true)
}
