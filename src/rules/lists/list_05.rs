//! LIST-05: how often the Zorgaanbiederslijst is fetched.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::requirement::Role;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::text;

declare_rule! {
    /// A DVP fetches the newest Zorgaanbiederslijst at least every 15 minutes (900 s).
    ///
    /// ## How it is tested
    /// Times between fetches of the list at our stelselnode, and between the last one and the last thing that the DVP did. Judged only when more
    /// than 15 minutes went by.
    /// ## Not covered
    /// Whether the newest list is used.
    /// ## Source
    /// Afsprakenstelsel, core.alst.201.
    pub static RULE = {
        id: "LIST-05",
        summary: "the Zorgaanbiederslijst is fetched every 15 minutes",
        roles: &[Role::Dvp],
        check: check,
    }
}

/// Seconds between fetches: 900, and a few for the way.
const MOST: i64 = 900 + 5;

fn check(_: &Context, run: &Run) -> Judgement {
    let fetched = client::requests(run, Interface::List).filter(|e| client::path(e).contains("Zorgaanbiederslijst"));
    let mut times: Vec<(i64, u32)> = fetched.map(|exchange| (exchange.started.as_second(), exchange.number)).collect();
    times.sort_unstable();
    let last = run.exchanges().map(|exchange| (exchange.started.as_second(), exchange.number)).max();
    times.extend(last);
    let span = times.last().zip(times.first()).map_or(0, |(last, first)| last.0 - first.0);
    let gaps = times.windows(2).filter(|_| span > MOST);
    let none = Text::new("de run duurde korter dan 15 minuten", "the run was shorter than 15 minutes");
    Judgement::each(gaps, none, |pair| {
        let [(before, _), (after, number)] = pair else { return Vec::new() };
        let gap = after - before;
        let expected =
            Text::new("ten hoogste 900 seconden tussen twee keer ophalen", "at most 900 seconds between two fetches");
        let told = text!("{gap} seconden", "{gap} seconds");
        (gap > MOST)
            .then(|| Issue::error("list-fetched-late", "Zorgaanbiederslijst", expected, told).at(*number))
            .into_iter()
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn a_long_gap_is_found() {
        let list = |r: Recording, second: i64| {
            r.list("https://stelselnode.example/MedMij_Zorgaanbiederslijst.xml?api=2").started(second)
        };
        let fetches = |seconds: &[i64]| seconds.iter().fold(Recording::new(), |r, second| list(r, *second));
        assert_eq!(client_issues(&RULE, fetches(&[0, 600, 1200, 2000])), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, fetches(&[0, 1000])), ["list-fetched-late"]);
        assert_eq!(client_issues(&RULE, fetches(&[0, 600])), ["not seen"]);
        assert_eq!(client_issues(&RULE, fetches(&[0]).get("Condition").started(2000)), ["list-fetched-late"]);
    }
}
