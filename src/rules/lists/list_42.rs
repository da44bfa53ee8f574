//! LIST-42: the Whitelist is taken from nobody but the stelselnode.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Connection;
use crate::exchange::Exchange;
use crate::exchange::Handshake;
use crate::exchange::Run;
use crate::lists::schema::Kind;
use crate::requirement::Role;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::lists::fetched;
use crate::rules::tls::broken_off;

declare_rule! {
    /// The Whitelist is fetched over TLS, from a server whose certificate is that of the stelselnode.
    ///
    /// ## How it is tested
    /// For 17 minutes our stelselnode shows a certificate of another host, then for 17 minutes one for its own host of an authority
    /// that nobody trusts. A handshake that the candidate breaks off passes; a request for the Whitelist over such a connection is a
    /// breach.
    /// Of a DVP: for 17 minutes our stelselnode shows a certificate of another host; a request for the Whitelist is a breach when the
    /// DVP finished a handshake in that time, too: an older connection goes on with the certificate that it began with.
    /// ## Not covered
    /// A candidate that fetches no list from us. Other lists. Revoked certificates.
    /// ## Source
    /// Afsprakenstelsel, core.whl.305.
    pub static RULE = {
        id: "LIST-42",
        summary: "no Whitelist from a server with another certificate than that of the stelselnode",
        dva: check,
        dvp: check,
    }
}

fn check(context: &Context, run: &Run) -> Judgement {
    let Some(node) = &run.node else { return Judgement::NotSeen(fetched::needs_time(context, run)) };
    // A world for a DVP has all its hosts at one address.
    let here = |connection: &&Connection| match context.role {
        Role::Dva => connection.at == node.address,
        Role::Dvp => connection.host == node.address && node.is_unsound_at(connection.started),
    };
    let is_new = |exchange: &Exchange| {
        let mut met = run.connections.iter().filter(here);
        context.role == Role::Dva
            || met.any(|one| one.handshake == Handshake::Finished && one.started <= exchange.started)
    };
    let served: Vec<_> = fetched::of(run, Kind::Whitelist)
        .into_iter()
        .filter(|exchange| node.is_unsound_at(exchange.started) && exchange.succeeded() && is_new(exchange))
        .collect();
    let refused = run.connections.iter().filter(here).filter(|connection| broken_off::by_client(connection));
    let occasions = refused.map(|_| None).chain(served.into_iter().map(Some));
    Judgement::each(occasions, fetched::needs_time(context, run), |served| {
        let expected = Text::new(
            "geen Whitelist van een server met een certificaat dat niet van de stelselnode is",
            "no Whitelist from a server with a certificate that is not that of the stelselnode",
        );
        let seen = Text::new("de Whitelist is opgehaald", "the Whitelist was fetched");
        let issue = |number| Issue::error("list-from-unsound-server", "TLS", expected.clone(), seen.clone()).at(number);
        served.map(|exchange| issue(exchange.number)).into_iter().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::NODE;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues_in;
    use crate::rules::testing::expect;

    fn shut() -> Recording {
        Recording::new().watched(0, 40, &[(10, 27)]).minute(15)
    }

    #[test]
    fn a_handshake_that_is_broken_off_passes_and_a_fetch_does_not() {
        for handshake in [Handshake::Alert, Handshake::Closed, Handshake::Dropped] {
            expect(&RULE, shut().connects(NODE, handshake), &[]);
        }
        for handshake in [Handshake::Lapsed, Handshake::RefusedByUs] {
            expect(&RULE, shut().connects(NODE, handshake), &["not seen"]);
        }
        let fetched = shut().connects(NODE, Handshake::Finished).fetch(Kind::Whitelist, "dva.example", "x");
        expect(&RULE, fetched, &["list-from-unsound-server"]);
    }

    #[test]
    fn a_dvp_that_goes_on_by_an_older_connection_passes() {
        let judged = |handshake: Handshake, fetches: bool| {
            let met = shut().connects("", handshake);
            let fetch = |met: Recording| met.fetch(Kind::Whitelist, "pgo.example", "x");
            let mut run = if fetches { fetch(met) } else { met }.run();
            run.connections[0].host = NODE.to_owned();
            client_issues_in(&RULE, &run)
        };
        assert_eq!(judged(Handshake::Finished, true), ["list-from-unsound-server"]);
        assert_eq!(judged(Handshake::Alert, true), Vec::<String>::new());
        assert_eq!(judged(Handshake::Closed, false), Vec::<String>::new());
        assert_eq!(judged(Handshake::Finished, false), ["not seen"]);
    }

    #[test]
    fn a_fetch_from_the_right_server_shows_nothing() {
        expect(&RULE, shut().minute(5).fetch(Kind::Whitelist, "dva.example", "x"), &["not seen"]);
        expect(&RULE, shut().connects(NODE, Handshake::Finished), &["not seen"]);
        expect(&RULE, Recording::new(), &["not seen"]);
    }
}
