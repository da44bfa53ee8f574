//! TLS-25: no handshake with a host that is not on the Whitelist.

use url::Url;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Connection;
use crate::exchange::Exchange;
use crate::exchange::Handshake;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::lists::bare;
use crate::rules::lists::fetched;
use crate::text;

declare_rule! {
    /// Before a TLS handshake the candidate, as client, looks whether the host is on the Whitelist; if not, none is begun.
    ///
    /// ## How it is tested
    /// Our stelselnode answers requests for the OAuth Client List with a redirect to an address that is on no Whitelist, where we
    /// listen. A ClientHello there is a breach; no connection at all passes, and a connection in which nothing is said.
    /// Of a DVP: 17 minutes after our stelselnode began to serve a Whitelist without the provider a person collects. A ClientHello
    /// for a host of the back channel that is not on the list which the DVP fetched is a breach, but for the stelselnode (LIST-40).
    /// ## Not covered
    /// A candidate that fetches no list from us. Whether an address that the candidate cannot reach was tried. Connections to others.
    /// ## Source
    /// Afsprakenstelsel, core.whl.307.
    pub static RULE = {
        id: "TLS-25",
        summary: "no handshake with a host that is not on the Whitelist",
        dva: of_server,
        dvp: of_client,
    }
}

/// What the world does to a DVP.
const CLIENT_PROBES: &[&str] = &["whitelist-bare"];

fn of_client(context: &Context, run: &Run) -> Judgement {
    let node = run.node.as_ref().map(|node| node.address.as_str()).unwrap_or_default();
    let probes =
        CLIENT_PROBES.iter().flat_map(|probe| bare::occasions(context, run, probe).map(|trace| (*probe, trace)));
    Judgement::each(probes, bare::none(), |(probe, trace)| {
        let mut told: Vec<&str> = Vec::new();
        let mut issues = Vec::new();
        let here = |met: &&Connection| met.scenario == trace.scenario && met.probe.as_deref() == Some(probe);
        for met in run.connections.iter().filter(here) {
            let is_begun = met.is_back && !met.hello.versions.is_empty() && met.host != node;
            if !is_begun || told.contains(&met.host.as_str()) || !bare::lacks(run, met.started, &met.host) {
                continue;
            }
            told.push(&met.host);
            let host = &met.host;
            let expected = Text::new("geen handshake", "no handshake");
            let seen = text!("een ClientHello voor `{host}`", "a ClientHello for `{host}`");
            issues.push(Issue::error("handshake-with-unlisted-host", "TLS", expected, seen));
        }
        issues
    })
}

fn of_server(context: &Context, run: &Run) -> Judgement {
    let sent = fetched::any(run).filter_map(|exchange| Some((exchange, target(exchange)?)));
    Judgement::each(sent, fetched::needs_time(context, run), |(exchange, port)| {
        let came = run.connections.iter().find(|connection| is_there(connection, exchange, port));
        let issue = came.map(|_| {
            let expected = Text::new("geen handshake", "no handshake");
            let seen = Text::new(
                "een ClientHello op het adres waarheen de stelselnode doorverwees",
                "a ClientHello at the address that the stelselnode redirected to",
            );
            Issue::error("handshake-with-unlisted-host", "TLS", expected, seen).at(exchange.number)
        });
        issue.into_iter().collect()
    })
}

/// The port that an answer sends to, when it does.
fn target(exchange: &Exchange) -> Option<u16> {
    let is_redirect = exchange.status().is_some_and(|status| (300..400).contains(&status));
    let location = exchange.response_header("location").filter(|_| is_redirect)?;
    Url::parse(location).ok()?.port()
}

/// Whether a connection was begun there after the redirect and before the next, and TLS was spoken.
fn is_there(connection: &Connection, exchange: &Exchange, port: u16) -> bool {
    let here = connection.at.rsplit(':').next().and_then(|text| text.parse::<u16>().ok()) == Some(port);
    here && connection.handshake != Handshake::NotTls && connection.started >= exchange.started
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::schema::Kind;
    use crate::rules::testing::NODE;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues_in;
    use crate::rules::testing::expect;

    const OTHER: &str = "127.0.0.1:40001";

    fn sent() -> Recording {
        let fetched = Recording::new().watched(0, 40, &[]).minute(5).fetch(Kind::OAuthclientlist, "dva.example", "x");
        fetched.answer(307, "", "").header("location", &format!("https://{OTHER}/MedMij_OAuthclientlist.xml?api=2"))
    }

    #[test]
    fn a_handshake_where_the_redirect_leads_is_found() {
        for handshake in [Handshake::Finished, Handshake::Alert, Handshake::Closed] {
            expect(&RULE, sent().connects(OTHER, handshake), &["handshake-with-unlisted-host"]);
        }
    }

    #[test]
    fn a_dvp_begins_no_handshake_with_an_unlisted_host() {
        let judged = |host: &str| {
            let list = include_str!("../../../fixtures/lists/whitelist-nested.xml");
            let watched = Recording::new().watched(0, 40, &[]).minute(2);
            let fetched = watched.fetch(Kind::Whitelist, "pgo.example", list).probe("whitelist-bare").minute(18);
            let mut run = fetched.client("https://pgo.example/start").connects("", Handshake::Finished).run();
            let met = run.connections.last_mut().unwrap();
            (met.host, met.is_back, met.probe) = (host.to_owned(), true, Some("whitelist-bare".to_owned()));
            met.scenario.clone_from(&run.traces[0].scenario);
            met.hello.versions = vec!["TLSv1.3".into()];
            client_issues_in(&RULE, &run)
        };
        assert_eq!(judged("token.example"), ["handshake-with-unlisted-host"]);
        assert_eq!(judged(NODE), Vec::<String>::new());
    }

    #[test]
    fn nobody_there_or_nothing_said_passes() {
        expect(&RULE, sent(), &[]);
        expect(&RULE, sent().connects(OTHER, Handshake::NotTls), &[]);
        expect(&RULE, sent().connects(NODE, Handshake::Finished), &[]);
        expect(&RULE, sent().minute(4).connects(OTHER, Handshake::Finished), &[]);
        let usual = Recording::new().fetch(Kind::OAuthclientlist, "dva.example", "x");
        expect(&RULE, usual, &["not seen"]);
    }
}
