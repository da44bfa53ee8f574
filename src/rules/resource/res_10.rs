//! RES-10: what a DVP does with a refusal.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::text;
use std::collections::BTreeMap;

declare_rule! {
    /// A DVP whose requests are refused does not ask the same again and again.
    ///
    /// ## How it is tested
    /// Every resource request of a scenario is answered with status 400, 401, 403, 429, 500 or 503. An address that is asked more than
    /// five times then is a warning.
    /// ## Not covered
    /// What the person is told.
    /// ## Source
    /// Behaviour of a public DVP; the row says: does not loop.
    pub static RULE = {
        id: "RES-10",
        summary: "refused requests are not repeated endlessly",
        dvp: check,
    }
}

/// Answers that refuse.
pub const PROBES: &[&str] =
    &["resource-400", "resource-401", "resource-403", "resource-429", "resource-500", "resource-503"];

/// How often an address may be asked while it is refused.
const MOST: usize = 5;

fn check(_: &Context, run: &Run) -> Judgement {
    let traces = PROBES.iter().flat_map(|probe| run.probe_traces(probe));
    let is_refused =
        |e: &Exchange| e.interface == Interface::Resource && e.status().is_some_and(|status| status >= 400);
    let refused = traces.filter(|trace| trace.exchanges.iter().any(is_refused));
    let none = Text::new("er werd geen resourceverzoek geweigerd", "no resource request was refused");
    Judgement::each(refused, none, |trace| {
        // Searches by POST have one address, and differ in their form.
        let mut asked: BTreeMap<(&str, &[u8]), (usize, u32)> = BTreeMap::new();
        for exchange in trace.exchanges.iter().filter(|e| e.interface == Interface::Resource) {
            let entry = asked.entry((exchange.request.url.as_str(), exchange.request.body.bytes())).or_default();
            *entry = (entry.0 + 1, exchange.number);
        }
        let looping = asked.into_iter().find(|(_, (count, _))| *count > MOST);
        let issue = |((url, _), (count, number)): ((&str, &[u8]), (usize, u32))| {
            let expected = text!("ten hoogste {MOST} keer hetzelfde verzoek", "the same request at most {MOST} times");
            let told = text!("{count} keer", "{count} times");
            Issue::warning("request-repeated", url, expected, told).at(number)
        };
        looping.map(issue).into_iter().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn a_loop_is_a_warning() {
        let asked = |times: usize| {
            (0..times).fold(Recording::new().probe("resource-401"), |r, _| r.get("Condition").json(401, "{}"))
        };
        assert_eq!(client_issues(&RULE, asked(5)), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, asked(6)), ["request-repeated"]);
        let other = Recording::new().probe("resource-401").get("Condition").json(200, "{}");
        assert_eq!(client_issues(&RULE, other), ["not seen"], "nothing was refused");
        let search = |form: &dyn Fn(usize) -> String| {
            let all = (0..6).fold(Recording::new().probe("resource-401"), |r, i| {
                r.post("Observation/_search", &form(i)).json(401, "{}")
            });
            client_issues(&RULE, all)
        };
        assert_eq!(search(&|i| format!("code={i}")), Vec::<String>::new(), "six searches");
        assert_eq!(search(&|_| "code=1".to_owned()), ["request-repeated"]);
    }
}
