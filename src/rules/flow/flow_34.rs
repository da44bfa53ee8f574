//! FLOW-34: a provider that left the list is served for an hour longer.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::lists::fetched;
use crate::rules::passage;
use crate::rules::passage::Passage;

declare_rule! {
    /// Services are delivered until one hour after the entry of the provider lapsed, for sessions that still run on the older list.
    ///
    /// ## How it is tested
    /// Our stelselnode serves a Zorgaanbiederslijst without the provider. A flow at once, and one 17 minutes later, that is turned away
    /// is a breach, when flows worked before. What becomes of one after more than an hour is recorded.
    /// ## Not covered
    /// A candidate that fetches no list from us. One that does not look at the Zorgaanbiederslijst, as it need not, passes by that.
    /// Answers that tell of trouble of the server's own (5xx) or that ask for patience (429).
    /// ## Source
    /// Afsprakenstelsel, core.gegevensdiensten.104.
    pub static RULE = {
        id: "FLOW-34",
        summary: "a provider that left the list is served for an hour longer",
        dva: check,
    }
}

const PROBES: &[&str] = &["provider-just-removed", "provider-removed"];

const LATER_PROBES: &[&str] = &["provider-long-removed"];

fn check(context: &Context, run: &Run) -> Judgement {
    let passages = PROBES.iter().chain(LATER_PROBES).flat_map(|probe| Passage::all(context, run, probe));
    let shown = passages.filter(|passage| {
        let tells = passage.works() || passage.refusal().is_some_and(|(exchange, _)| !passage::is_trouble(exchange));
        tells && passage::works_before(context, run, passage.started())
    });
    Judgement::each(shown, fetched::needs_time(context, run), |passage| {
        let is_late = passage.flow.probe().is_some_and(|probe| LATER_PROBES.contains(&probe));
        let issue = match passage.refusal() {
            Some((exchange, seen)) if is_late => {
                let expected = Text::new("na een uur mag beide", "after an hour either will do");
                Issue::information("provider-ended", "Zorgaanbiederslijst", expected, seen).at(exchange.number)
            }
            Some((exchange, seen)) => {
                let expected = Text::new(
                    "binnen een uur na het vervallen van de vermelding wordt nog geleverd",
                    "within an hour after the entry lapsed it is still delivered",
                );
                Issue::error("removed-provider-refused", "Zorgaanbiederslijst", expected, seen).at(exchange.number)
            }
            None if is_late => {
                let expected = Text::new("na een uur mag beide", "after an hour either will do");
                let seen = Text::new("er wordt nog geleverd", "it is still delivered");
                Issue::information("provider-goes-on", "Zorgaanbiederslijst", expected, seen)
                    .at(passage.flow.last().number)
            }
            None => return Vec::new(),
        };
        vec![issue]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;

    fn after(probe: &str) -> Recording {
        let before = Recording::new().watched(0, 90, &[]).minute(1).passes();
        before.scenario("flow/2").probe(probe).minute(20)
    }

    #[test]
    fn within_the_hour_it_is_delivered() {
        for probe in PROBES {
            expect(&RULE, after(probe).passes(), &[]);
            expect(&RULE, after(probe).authorize(&[]).page(404, ""), &["removed-provider-refused"]);
            expect(&RULE, after(probe).authorize(&[]).page(200, "Even geduld"), &["not seen"]);
            expect(&RULE, after(probe).authorize(&[]).page(500, ""), &["not seen"]);
        }
        let never = Recording::new().watched(0, 90, &[]).probe("provider-removed").authorize(&[]).page(404, "");
        expect(&RULE, never, &["not seen"]);
    }

    #[test]
    fn after_it_either_is_recorded() {
        expect(&RULE, after("provider-long-removed").passes(), &["provider-goes-on"]);
        expect(&RULE, after("provider-long-removed").authorize(&[]).page(404, ""), &["provider-ended"]);
    }
}
