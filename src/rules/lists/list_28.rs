//! LIST-28: the grammar of the name of a provider, and how it goes into scope.

use std::collections::BTreeSet;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::lists::List;
use crate::lists::schema::Kind;
use crate::lists::simple;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::lists::fetched;
use crate::text;

declare_rule! {
    /// The MedMij name of the provider follows the grammar of the Namenbeleid: segments with one hyphen, ampersand or dot between
    /// them, then `@medmij`; a segment is made of fragments, each one or more letters a-z with at most four digits behind them.
    ///
    /// ## How it is tested
    /// The name in the candidate file is held against the grammar.
    /// Of a DVP: the Zorgaanbiederslijst, in its newer shape, has a provider with an ampersand in its name. An authorization request
    /// for that one whose scope ends at the ampersand, with the rest of the name as a parameter of its own, is a breach.
    /// ## Not covered
    /// Whether the name is the right one for the provider, and unique: only the register of MedMij can tell. A DVP that leaves the
    /// newer shape of the list unused, which is allowed, does not get to such a name.
    /// ## Source
    /// Afsprakenstelsel, Namenbeleid .7 (change AF-1049).
    pub static RULE = {
        id: "LIST-28",
        summary: "the name of the provider follows the Namenbeleid",
        dva: of_server,
        dvp: of_client,
    }
}

/// The collecting that the person is asked to do at that provider.
const PROBE: &str = "name-with-ampersand";

fn of_client(_: &Context, run: &Run) -> Judgement {
    let fetched = fetched::of(run, Kind::Zorgaanbiederslijst);
    // Other lists need not be read.
    let holds = |exchange: &&&Exchange| {
        let text = exchange.response.as_ref().and_then(|response| response.body.text());
        exchange.succeeded() && text.is_some_and(|text| text.contains('&'))
    };
    let lists = fetched.iter().filter(holds).filter_map(|exchange| fetched::read(exchange));
    let names: BTreeSet<String> = lists.flat_map(names).filter(|name| name.contains('&')).collect();
    let requests =
        run.probe_traces(PROBE).flat_map(|trace| &trace.exchanges).filter(|e| e.interface == Interface::Authorization);
    let asked = requests.filter_map(|exchange| Some((exchange.number, scope_of(exchange, &names)?)));
    let none = Text::new(
        "de DVP vroeg geen autorisatie bij een zorgaanbieder met & in zijn naam",
        "the DVP asked no authorization at a provider with & in its name",
    );
    Judgement::each(asked, none, |(number, (name, is_whole))| {
        let (expected, seen) = (
            text!("scope `{name}`, met %26", "scope `{name}`, with %26"),
            Text::new(
                "de & staat er ongecodeerd, en breekt de naam af",
                "the & stands there unencoded, and cuts the name off",
            ),
        );
        let issue = || Issue::error("ampersand-not-encoded", "scope", expected, seen).at(number);
        (!is_whole).then(issue).into_iter().collect()
    })
}

/// The names of a list, as they go into scope.
fn names(list: List) -> Vec<String> {
    let List::Zorgaanbiederslijst(list) = list else { return Vec::new() };
    let all = list.zorgaanbieders.into_iter();
    all.filter_map(|provider| Some(provider.naam.strip_suffix("@medmij")?.to_owned())).collect()
}

/// Which of these names a request has as its scope, and whether as a whole; cut off, the rest is a parameter of its own.
fn scope_of<'a>(exchange: &Exchange, names: &'a BTreeSet<String>) -> Option<(&'a str, bool)> {
    let parameters = client::parameters(exchange);
    let scopes = client::values(&parameters, "scope");
    if let Some(name) = names.iter().find(|name| scopes.contains(name)) {
        return Some((name, true));
    }
    let is_cut = |name: &&String| {
        let (head, rest) = name.split_once('&').unwrap_or((name, ""));
        let rest = rest.split('&').next().unwrap_or_default();
        scopes.iter().any(|scope| scope == head) && parameters.iter().any(|(name, _)| name == rest)
    };
    names.iter().find(is_cut).map(|name| (name.as_str(), false))
}

fn of_server(context: &Context, _: &Run) -> Judgement {
    let name = &context.candidate.provider;
    let simple = &simple::ZORGAANBIEDERNAAM;
    let mut issues = Vec::new();
    if !simple.holds(name) {
        let expected = Text::new(simple.words.0, simple.words.1);
        issues.push(Issue::error("provider-name", "Zorgaanbiedernaam", expected, text!("`{name}`", "`{name}`")));
    }
    Judgement::Seen { occasions: 1, issues }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::issues_of;

    fn issues(name: &str) -> usize {
        issues_of(&RULE, Recording::new(), |candidate| name.clone_into(&mut candidate.provider)).len()
    }

    #[test]
    fn names_of_the_grammar_pass() {
        for name in ["ziekenhuis@medmij", "a@medmij", "de-praktijk.noord2@medmij", "zorg12a34&co.nl@medmij"] {
            assert_eq!(issues(name), 0, "{name}");
        }
    }

    #[test]
    fn an_ampersand_is_encoded_in_scope() {
        let list = include_str!("../../../fixtures/lists/zorgaanbiederslijst-release3.xml");
        let list = list.replace("ziekenhuisnoord@medmij", "jansen&amp;zonen@medmij");
        let asks = |query: &str| {
            let fetched = Recording::new().fetch(Kind::Zorgaanbiederslijst, "pgo.example", &list);
            let asks = fetched.probe("name-with-ampersand").authorize(&[]);
            client_issues(&RULE, asks.to(&format!("https://as.example/authorize?response_type=code&{query}")))
        };
        assert_eq!(asks("scope=jansen%26zonen&state=s"), Vec::<String>::new());
        assert_eq!(asks("scope=jansen&zonen&state=s"), ["ampersand-not-encoded"]);
        // Another provider, or another mistake.
        assert_eq!(asks("scope=jansen&state=s"), ["not seen"]);
    }

    #[test]
    fn others_are_found() {
        for name in [
            "Ziekenhuis@medmij",
            "zieken--huis@medmij",
            "zorg12345@medmij",
            "-zorg@medmij",
            "zorg_noord@medmij",
            "zorg",
        ] {
            assert_eq!(issues(name), 1, "{name}");
        }
    }
}
