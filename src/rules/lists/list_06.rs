//! LIST-06: the Authorization Server fetches the OAuth Client List every 15 minutes.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::lists::List;
use crate::lists::schema::Kind;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::lists::fetched;
use crate::rules::passage;
use crate::rules::passage::Passage;

declare_rule! {
    /// The Authorization Server fetches the newest OAuth Client List at least every 15 minutes, and knows the clients on it.
    ///
    /// ## How it is tested
    /// The fetches at our stelselnode: more than 900 s (and 10 s for timers and network) between two, before the first or after the
    /// last is a breach. A list without us, 17 minutes later a flow: a code is a breach when the candidate had fetched that list at
    /// least a minute before. The list with us again, 17 minutes later: a flow that is turned away is a breach, when flows worked
    /// before. Any way of turning away passes.
    /// ## Not covered
    /// A candidate that fetches no list from us. What it does between fetching and using a list, within a minute. A run shorter than
    /// 35 minutes is told.
    /// ## Source
    /// Afsprakenstelsel, core.ocl.201.
    pub static RULE = {
        id: "LIST-06",
        summary: "the OAuth Client List is fetched every 15 minutes, and followed",
        dva: check,
    }
}

const PROBES: &[&str] = &["client-removed", "client-added"];

fn check(context: &Context, run: &Run) -> Judgement {
    let clients = PROBES.iter().flat_map(|probe| Passage::all(context, run, probe));
    let judged: Vec<Option<Issue>> = clients.filter_map(|passage| follows(context, run, &passage)).collect();
    match fetched::in_time(context, run, Kind::OAuthclientlist, false) {
        Judgement::NotSeen(_) if !judged.is_empty() => Judgement::Seen {
            occasions: u32::try_from(judged.len()).unwrap_or(u32::MAX),
            issues: judged.into_iter().flatten().collect(),
        },
        Judgement::Seen { occasions, mut issues } => {
            let more = u32::try_from(judged.len()).unwrap_or(u32::MAX);
            issues.extend(judged.into_iter().flatten());
            Judgement::Seen { occasions: occasions.saturating_add(more), issues }
        }
        not_seen => not_seen,
    }
}

/// Whether a flow goes as the newest list says; `None` when it does not show that.
fn follows(context: &Context, run: &Run, passage: &Passage) -> Option<Option<Issue>> {
    let Some(List::OAuthclientlist(list)) = fetched::newest(run, Kind::OAuthclientlist, passage.started()) else {
        return None;
    };
    let client_id = passage.flow.sent("client_id")?;
    let is_listed = list.clients.iter().any(|client| client.hostname == client_id);
    let adds = passage.flow.probe() == Some("client-added");
    if adds != is_listed {
        return None;
    }
    let refusal = passage.refusal().filter(|(exchange, _)| !passage::is_trouble(exchange));
    if adds {
        let (exchange, seen) = match refusal {
            // It is told by the list alone only when nothing else stands in the way.
            Some(_) if passage.is_granted() || !worked_at_first(context, run, passage) => return None,
            Some(refused) => refused,
            None => return passage.is_granted().then_some(None),
        };
        let expected = Text::new(
            "een client die op de nieuwste lijst staat kan autoriseren",
            "a client that is on the newest list can authorize",
        );
        return Some(Some(Issue::error("listed-client-refused", "client_id", expected, seen).at(exchange.number)));
    }
    if !passage.is_granted() {
        return refusal.map(|_| None);
    }
    let expected = Text::new(
        "een client die niet meer op de nieuwste lijst staat wordt geweigerd",
        "a client that is no longer on the newest list is refused",
    );
    let seen = Text::new("een code", "a code");
    Some(Some(Issue::error("removed-client-served", "client_id", expected, seen).at(passage.flow.last().number)))
}

/// Whether flows worked before the list lost us.
fn worked_at_first(context: &Context, run: &Run, added: &Passage) -> bool {
    let removed = Passage::all(context, run, "client-removed");
    let moment = removed.first().map_or_else(|| added.started(), Passage::started);
    passage::works_before(context, run, moment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists;
    use crate::lists::model::Edition;
    use crate::lists::model::OAuthclient;
    use crate::lists::model::OAuthclientlist;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;

    fn client_list(hosts: &[&str]) -> String {
        let edition = Edition { tijdstempel: "2026-01-05T08:30:00Z".to_owned(), volgnummer: 1 };
        let client = |host: &&str| OAuthclient {
            hostname: (*host).to_owned(),
            organisatienaam: "Een PGO".to_owned(),
            ..OAuthclient::default()
        };
        lists::write(&List::OAuthclientlist(OAuthclientlist { edition, clients: hosts.iter().map(client).collect() }))
    }

    /// Flows work, then the list is fetched each ten minutes, without us and then with us.
    fn removed() -> Recording {
        let fetch = |all: Recording, minute, hosts: &[&str]| {
            all.minute(minute).fetch(Kind::OAuthclientlist, "dva.example", &client_list(hosts))
        };
        let before = fetch(Recording::new().watched(0, 40, &[]), 0, &["pgo.example"]).minute(1).passes();
        fetch(fetch(before, 10, &["pgo2.example"]).scenario("flow/2"), 20, &["pgo2.example"]).minute(22)
    }

    fn added(removed: Recording) -> Recording {
        let fetched = removed.minute(30).fetch(Kind::OAuthclientlist, "dva.example", &client_list(&["pgo.example"]));
        fetched.probe("client-added").minute(38)
    }

    #[test]
    fn who_is_not_on_the_list_is_turned_away_in_whatever_way() {
        let asks = || removed().probe("client-removed").authorize(&[]);
        expect(&RULE, added(asks().page(400, "")).passes(), &[]);
        expect(&RULE, added(asks().redirect("?error=unauthorized_client&state=s1")).passes(), &[]);
        expect(&RULE, added(asks().redirect("?code=c&state=s1")).passes(), &["removed-client-served"]);
    }

    #[test]
    fn who_is_on_the_list_again_gets_through() {
        let shut = || removed().probe("client-removed").authorize(&[]).page(400, "");
        expect(&RULE, added(shut()).authorize(&[]).page(400, ""), &["listed-client-refused"]);
        for status in [200, 500, 503] {
            expect(&RULE, added(shut()).authorize(&[]).page(status, ""), &[]);
        }
    }

    #[test]
    fn a_list_that_was_just_fetched_need_not_be_followed() {
        let fetched = removed().minute(30).fetch(Kind::OAuthclientlist, "dva.example", &client_list(&["pgo.example"]));
        expect(&RULE, fetched.probe("client-removed").authorize(&[]).redirect("?code=c&state=s1"), &[]);
    }
}
