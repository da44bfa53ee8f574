//! TLS-21: lists are fetched with a client certificate.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Certificate;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::lists::schema::Kind;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::lists::fetched;

declare_rule! {
    /// The stelselnode is a node like others: lists are fetched over mutual TLS, with the client certificate of the candidate.
    ///
    /// ## How it is tested
    /// Our stelselnode asks whoever connects for a certificate, and serves who shows none all the same, so that it can be seen which
    /// lists are fetched without. A list that was never fetched with a certificate is a breach.
    /// Of a DVP: each request for a list that arrives at our stelselnode, which asks for a certificate, comes with one.
    /// ## Not covered
    /// A candidate that fetches no list from us. Single requests without a certificate for a list that is fetched with one as well:
    /// they may be somebody else's. Whose certificate it is.
    /// ## Source
    /// Afsprakenstelsel, change MO-72 on core.tls.314 and core.tls.315: the stelselnode is a node of the back channel.
    pub static RULE = {
        id: "TLS-21",
        summary: "lists are fetched with a client certificate",
        dva: of_server,
        dvp: of_client,
    }
}

const KINDS: [Kind; 4] =
    [Kind::Zorgaanbiederslijst, Kind::OAuthclientlist, Kind::Gegevensdienstnamenlijst, Kind::Whitelist];

fn of_client(_: &Context, run: &Run) -> Judgement {
    let requests = client::requests(run, Interface::List);
    Judgement::each(requests, client::nothing("verzoek om een lijst", "request for a list"), |exchange| {
        client::without_certificate(run, exchange).into_iter().collect()
    })
}

fn of_server(context: &Context, run: &Run) -> Judgement {
    let fetches = KINDS.into_iter().map(|kind| (kind, fetched::of(run, kind)));
    let fetches = fetches.filter(|(_, exchanges)| !exchanges.is_empty());
    let none = Text::new("er is geen lijst bij ons opgehaald", "no list was fetched from us");
    Judgement::each(fetches, fetched::not_seen(context, run, none), |(kind, exchanges)| {
        let is_bare = |exchange: &&&Exchange| exchange.certificate == Certificate::None;
        let bare: Vec<_> = exchanges.iter().filter(is_bare).collect();
        let first = bare.first().filter(|_| bare.len() == exchanges.len());
        let issue = first.map(|exchange| {
            let expected = Text::new("een clientcertificaat", "a client certificate");
            let seen = Text::new(
                "de lijst is alleen zonder clientcertificaat opgehaald",
                "the list was fetched without a client certificate only",
            );
            Issue::error("list-without-certificate", kind.name(), expected, seen).at(exchange.number)
        });
        issue.into_iter().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;

    #[test]
    fn a_list_that_is_only_fetched_without_a_certificate_is_found() {
        let both = || Recording::new().fetch(Kind::Whitelist, "dva.example", "x").fetch(Kind::Whitelist, "", "x");
        expect(&RULE, both(), &[]);
        expect(&RULE, both().fetch(Kind::OAuthclientlist, "", "x"), &["list-without-certificate"]);
        expect(&RULE, Recording::new(), &["not seen"]);
    }

    #[test]
    fn a_fetch_of_a_client_without_certificate_is_found() {
        let list = || Recording::new().list("https://stelselnode.example/x.xml?api=2").met("stelselnode.example");
        assert_eq!(client_issues(&RULE, list()), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, list().bare()), ["no-certificate"]);
        assert_eq!(client_issues(&RULE, Recording::new()), ["not seen"]);
    }
}
