//! LIST-09: a list that breaks its schema is not used, and does not stop the receiver.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::lists::List;
use crate::lists::model::Shape;
use crate::lists::schema::Kind;
use crate::requirement::Role;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::lists::fetched;
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
    /// ## Not covered
    /// A candidate that fetches no list from us. Answers that say that the server has no time (429, 503, 504).
    /// ## Source
    /// Afsprakenstelsel, core.ocl.202, core.gnl.202, core.whl.304.
    pub static RULE = {
        id: "LIST-09",
        summary: "a list that breaks its schema is not used and stops nothing",
        roles: &[Role::Dva],
        check: check,
    }
}

const PROBES: &[&str] = &["invalid-lists", "broken-lists", "flat-whitelist"];

/// The lists that a DVA fetches.
const KINDS: [Kind; 3] = [Kind::OAuthclientlist, Kind::Gegevensdienstnamenlijst, Kind::Whitelist];

fn check(context: &Context, run: &Run) -> Judgement {
    let passages = PROBES.iter().flat_map(|probe| Passage::all(context, run, probe));
    let shown = passages.filter_map(|passage| {
        let odd = odd(run, &passage);
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

/// The names of the lists that came last before a passage and are not as usual.
fn odd(run: &Run, passage: &Passage) -> Vec<&'static str> {
    let is_odd = |kind: &Kind| {
        let last = fetched::before(run, *kind, passage.started()).pop();
        last.is_some_and(|list| match list {
            None => true,
            Some(List::Whitelist(list)) => list.shape == Shape::Flat,
            Some(_) => false,
        })
    };
    KINDS.into_iter().filter(is_odd).map(Kind::name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
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
