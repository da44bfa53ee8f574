//! LIST-40: a node without a usable Whitelist fetches a new one, and lets nobody in.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Run;
use crate::lists;
use crate::lists::List;
use crate::lists::schema::Kind;
use crate::requirement::Role;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::lists::fetched;
use crate::rules::oauth;
use crate::rules::passage::Passage;
use crate::rules::tls::whitelist;
use crate::text;

declare_rule! {
    /// A node that has no Whitelist to go by still fetches one from the stelselnode, and allows nothing else.
    ///
    /// ## How it is tested
    /// An empty Whitelist, which is a sound one: the stelselnode is not on it either. When the candidate fetched it, it must fetch
    /// the Whitelist again; not to have done so after 900 s (and 10 s for timers and network), and twice the longest time that it took
    /// before, is a breach. So is a token for a request of ours, a minute after it was fetched or later. Any refusal passes.
    /// Of a DVP: the Whitelist holds nobody but its own hosts, so the stelselnode is not on it; to fetch it no more is a breach.
    /// ## Not covered
    /// That it is fetched again in time (LIST-08). A candidate that fetches no list from us. The first start, with no Whitelist at all: nobody starts the candidate but its owner.
    /// ## Source
    /// Afsprakenstelsel, core.whl.303.
    pub static RULE = {
        id: "LIST-40",
        summary: "without a usable Whitelist a new one is fetched, and nobody is let in",
        dva: check,
        dvp: check,
    }
}

const PROBES: &[&str] = &["whitelist-empty"];

/// Longest time until the next fetch, in seconds, with what timers and network may add.
const LONGEST: i64 = 910;

fn check(context: &Context, run: &Run) -> Judgement {
    let again = fetched_again(context, run).into_iter();
    let let_in = PROBES.iter().flat_map(|probe| Passage::all(context, run, probe)).filter_map(|one| let_in(run, &one));
    Judgement::each(again.chain(let_in), fetched::needs_time(context, run), |issue| issue.into_iter().collect())
}

/// Whether the Whitelist was fetched again after an empty one; nothing when too little time was left to see it.
fn fetched_again(context: &Context, run: &Run) -> Option<Option<Issue>> {
    let fetches = fetched::of(run, Kind::Whitelist);
    let (i, empty) = fetches.iter().enumerate().find(|(_, exchange)| match context.role {
        Role::Dva => is_empty(exchange),
        Role::Dvp => run.node.as_ref().is_some_and(|node| lacks(exchange, &node.address)),
    })?;
    let next = fetches.get(i + 1).map(|exchange| exchange.started);
    let until = run.node.as_ref().map_or(empty.started, |node| node.until);
    if next.is_some() {
        return Some(None);
    }
    let passed = fetched::seconds(empty.started, until);
    // Who was slow all along may only be slow: LIST-08 tells.
    let usual = fetched::longest_before(run, Kind::Whitelist, empty.started);
    if passed <= LONGEST.max(usual.saturating_mul(2)) {
        return None;
    }
    let expected = Text::new("opnieuw opgehaald binnen 900 s", "fetched again within 900 s");
    let seen = text!("na {passed} s nog niet", "not after {passed} s");
    Some(Some(Issue::error("no-fetch-after-empty-list", "Whitelist", expected, seen).at(empty.number)))
}

fn is_empty(exchange: &Exchange) -> bool {
    hosts(exchange).is_some_and(|hosts| hosts.is_empty())
}

/// Whether it is a Whitelist without this host.
fn lacks(exchange: &Exchange, host: &str) -> bool {
    hosts(exchange).is_some_and(|hosts| hosts.iter().all(|known| known != host))
}

fn hosts(exchange: &Exchange) -> Option<Vec<String>> {
    let body = exchange.response.as_ref().filter(|_| exchange.succeeded()).map(|response| response.body.bytes());
    match body.map(lists::parse) {
        Some(Ok(List::Whitelist(list))) => Some(list.hostnames),
        _ => None,
    }
}

/// Whether we got a token while the newest Whitelist is empty; `None` when it was not, or nobody can tell.
fn let_in(run: &Run, passage: &Passage) -> Option<Option<Issue>> {
    let token = passage.token?;
    match fetched::newest(run, Kind::Whitelist, token.started)? {
        List::Whitelist(list) if list.hostnames.is_empty() => {}
        _ => return None,
    }
    if oauth::token(token).is_none() {
        return whitelist::is_reaction(token).then_some(None);
    }
    let expected = Text::new("met een lege Whitelist komt niemand binnen", "with an empty Whitelist nobody is let in");
    let seen = Text::new("een access token", "an access token");
    Some(Some(Issue::error("let-in-without-whitelist", "Whitelist", expected, seen).at(token.number)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::model::Edition;
    use crate::lists::model::Shape;
    use crate::lists::model::Whitelist;
    use crate::rules::testing::NODE;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;

    fn whitelist(hosts: &[&str]) -> String {
        let edition = Edition { tijdstempel: "2026-01-05T08:30:00Z".to_owned(), volgnummer: 1 };
        let hostnames = hosts.iter().map(|host| (*host).to_owned()).collect();
        lists::write(&List::Whitelist(Whitelist { edition, shape: Shape::Nested, hostnames }))
    }

    fn empty(until: i64) -> Recording {
        let watched = Recording::new().watched(0, until, &[]).minute(10);
        watched.fetch(Kind::Whitelist, "dva.example", &whitelist(&[]))
    }

    fn again(recording: Recording, minute: i64) -> Recording {
        recording.minute(minute).fetch(Kind::Whitelist, "dva.example", &whitelist(&["pgo.example"]))
    }

    #[test]
    fn it_is_fetched_again() {
        expect(&RULE, again(empty(40), 20), &[]);
        expect(&RULE, again(empty(40), 27), &[]);
        expect(&RULE, empty(40), &["no-fetch-after-empty-list"]);
        let slow =
            Recording::new().watched(0, 60, &[]).fetch(Kind::Whitelist, "dva.example", &whitelist(&["pgo.example"]));
        let slow = slow.minute(20).fetch(Kind::Whitelist, "dva.example", &whitelist(&[]));
        expect(&RULE, slow, &["not seen"]);
        expect(&RULE, empty(20), &["not seen"]);
    }

    #[test]
    fn a_dvp_fetches_from_a_stelselnode_that_is_not_listed() {
        let list = |hosts: &[&str]| {
            let watched = Recording::new().watched(0, 40, &[]).minute(10);
            watched.fetch(Kind::Whitelist, "pgo.example", &whitelist(hosts))
        };
        assert_eq!(client_issues(&RULE, list(&["pgo.example"])), ["no-fetch-after-empty-list"]);
        assert_eq!(client_issues(&RULE, again(list(&["pgo.example"]), 20)), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, list(&["pgo.example", NODE])), ["not seen"]);
    }

    #[test]
    fn nobody_is_let_in() {
        let asks = || {
            let granted = empty(40).probe("whitelist-empty").minute(15).authorize(&[]).redirect("?code=c&state=s1");
            granted.token(&[])
        };
        expect(&RULE, again(asks().page(403, ""), 20), &[]);
        expect(&RULE, again(asks().json(200, r#"{"access_token": "t"}"#), 20), &["let-in-without-whitelist"]);
    }
}
