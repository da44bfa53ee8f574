//! LIST-09: a list that breaks its schema is not used, and does not stop the receiver.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::lists::schema::Kind;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::lists::fetched;
use crate::rules::lists::odd;
use crate::rules::passage;
use crate::rules::passage::Passage;
use crate::text;

declare_rule! {
    /// Every newly fetched list is validated against its XML schema, and one that breaks it is left unused.
    ///
    /// ## How it is tested
    /// OAuth Client List, Gegevensdienstnamenlijst and Whitelist that break their schema, then lists that end halfway; we are on none
    /// of them. When the candidate fetched one at least a minute before, a flow that is turned away is a breach, when flows worked
    /// before: the content was used, or the node stopped working. The Whitelist in its other shape, with the same hosts, may be used
    /// or left unused: a flow that is turned away is a breach as well.
    /// Of a DVP: a Zorgaanbiederslijst that breaks its schema, with other addresses, and the Zorgaanbiederslijst and the Whitelist
    /// in their other shapes. When it fetched one at least a minute before, a browser that is sent to an address of the first is a
    /// breach; so is, of each, a browser that is sent nowhere or a code that is not presented, when that went well before.
    /// ## Not covered
    /// A candidate that fetches no list from us. Answers that say that the server has no time (429, 503, 504).
    /// ## Source
    /// Afsprakenstelsel, core.ocl.202, core.gnl.202, core.whl.304.
    pub static RULE = {
        id: "LIST-09",
        summary: "a list that breaks its schema is not used and stops nothing",
        dva: of_server,
        dvp: of_client,
    }
}

const PROBES: &[&str] = &["invalid-lists", "broken-lists", "flat-whitelist"];

/// The lists that a DVA fetches.
const KINDS: [Kind; 3] = [Kind::OAuthclientlist, Kind::Gegevensdienstnamenlijst, Kind::Whitelist];

/// What the world does to a DVP.
const CLIENT_PROBES: &[&str] = &["zal-invalid", "zal-release3", "whitelist-flat"];

fn of_client(context: &Context, run: &Run) -> Judgement {
    let none = fetched::needs_time(context, run);
    Judgement::each(odd::each(run, CLIENT_PROBES), none, |issue| issue.into_iter().collect())
}

fn of_server(context: &Context, run: &Run) -> Judgement {
    let passages = PROBES.iter().flat_map(|probe| Passage::all(context, run, probe));
    let shown = passages.filter_map(|passage| {
        let odd = odd::odd(run, passage.started(), &KINDS);
        let tells = passage.works() || passage.refusal().is_some();
        (!odd.is_empty() && tells && passage::works_before(context, run, passage.started())).then_some((passage, odd))
    });
    Judgement::each(shown, fetched::needs_time(context, run), |(passage, odd)| {
        let Some((exchange, seen)) = passage.refusal() else { return Vec::new() };
        let lists = odd.join(", ");
        let expected = match passage.flow.probe() {
            Some("flat-whitelist") => Text::new(
                "met de Whitelist in haar andere vorm werkt alles als daarvoor",
                "with the Whitelist in its other shape everything works as before",
            ),
            _ => text!(
                "met {lists} die niet aan het schema voldoen werkt alles als daarvoor",
                "with {lists} that break their schema everything works as before"
            ),
        };
        vec![Issue::error("bad-list-used", lists, expected, seen).at(exchange.number)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::StopKind;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;

    fn after(text: &str, probe: &str) -> Recording {
        let before = Recording::new().watched(0, 40, &[]).minute(1).passes().scenario("flow/2").minute(10);
        before.fetch(Kind::Whitelist, "dva.example", text).probe(probe).minute(18)
    }

    #[test]
    fn a_bad_list_changes_nothing() {
        for probe in ["invalid-lists", "broken-lists"] {
            expect(&RULE, after("<Whitelist>", probe).passes(), &[]);
            expect(&RULE, after("<Whitelist>", probe).authorize(&[]).page(400, ""), &["bad-list-used"]);
            let code = || after("<Whitelist>", probe).authorize(&[]).redirect("?code=c&state=s1").token(&[]);
            expect(&RULE, code().page(403, ""), &["bad-list-used"]);
            expect(&RULE, code().fails(crate::exchange::FailureKind::Closed), &["bad-list-used"]);
            expect(&RULE, code().fails(crate::exchange::FailureKind::Timeout), &["not seen"]);
            expect(&RULE, code().page(503, ""), &["not seen"]);
        }
    }

    /// A DVP that worked, fetched this Zorgaanbiederslijst, and sends the browser to this address.
    fn sends(list: &str, address: &str) -> Recording {
        const GOOD: &str = include_str!("../../../fixtures/lists/zorgaanbiederslijst-release2.xml");
        let fetch = |all: Recording, text: &str| all.fetch(Kind::Zorgaanbiederslijst, "pgo.example", text);
        let before =
            fetch(Recording::new().watched(0, 40, &[]), GOOD).minute(1).client("https://pgo.example/").passes();
        let after = fetch(before.scenario("flow/2").minute(10), list).probe("zal-invalid").minute(18);
        after.client("https://pgo.example/").visit("x").to(&format!("{address}?scope=a"))
    }

    #[test]
    fn a_dvp_goes_by_no_bad_list_and_goes_on() {
        const OLD: &str = "https://as.example/authorize";
        const NEW: &str = "https://as.example/elders";
        let bad = format!("<Zorgaanbiederslijst><AuthorizationEndpointuri>{NEW}</AuthorizationEndpointuri>");
        let token = |r: Recording| r.token(&[]).json(200, "{}");
        assert_eq!(client_issues(&RULE, token(sends(&bad, OLD))), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, sends(&bad, NEW)), ["bad-list-used"]);
        assert_eq!(client_issues(&RULE, sends(&bad, OLD)), ["stopped-by-list"]);
        let good = include_str!("../../../fixtures/lists/zorgaanbiederslijst-release2.xml");
        assert_eq!(client_issues(&RULE, sends(good, OLD)), ["not seen"]);
        assert_eq!(client_issues(&RULE, sends(&bad, OLD).stop(StopKind::Ours)), ["not seen"]);
    }

    #[test]
    fn without_a_bad_list_or_with_flows_that_never_worked_nothing_is_seen() {
        let good = include_str!("../../../fixtures/lists/whitelist-nested.xml");
        expect(&RULE, after(good, "invalid-lists").authorize(&[]).page(400, ""), &["not seen"]);
        let never = Recording::new().watched(0, 40, &[]).fetch(Kind::Whitelist, "dva.example", "<Whitelist>");
        expect(&RULE, never.probe("invalid-lists").minute(8).authorize(&[]).page(400, ""), &["not seen"]);
    }

    #[test]
    fn the_other_shape_may_be_used_or_not_but_stops_nothing() {
        let flat = include_str!("../../../fixtures/lists/whitelist-flat.xml");
        expect(&RULE, after(flat, "flat-whitelist").passes(), &[]);
        expect(&RULE, after(flat, "flat-whitelist").authorize(&[]).page(500, ""), &["bad-list-used"]);
    }
}
