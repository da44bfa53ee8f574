//! RES-02: the tracing headers of a resource request.

use crate::declare_rule;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use std::collections::BTreeSet;

declare_rule! {
    /// Each resource request has the headers MedMij-Request-ID, new each time, and X-Correlation-ID, that of the authorization request.
    ///
    /// ## How it is tested
    /// Each request for data that arrives is read, beside the authorization requests of the same scenario.
    /// ## Not covered
    /// The correlation id after a refresh: with a long consent it may be new.
    /// ## Source
    /// Afsprakenstelsel 2.x, Resource interface, core.rscint.208.
    pub static RULE = {
        id: "RES-02",
        summary: "resource requests have their tracing headers",
        dvp: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    let mut seen = BTreeSet::new();
    let requests = run.traces.iter().flat_map(|trace| {
        let flow = client::correlations(trace);
        // A refresh may begin a flow of its own.
        let refreshed = trace.exchanges.iter().find(|exchange| client::is_refresh(exchange)).map(|e| e.number);
        let is_after = move |exchange: &Exchange| refreshed.is_some_and(|number| number < exchange.number);
        trace.exchanges.iter().map(move |e| (e, if is_after(e) { BTreeSet::new() } else { flow.clone() }))
    });
    let data = requests.filter(|(e, _)| e.interface == Interface::Resource && !client::path(e).ends_with("/metadata"));
    Judgement::each(data, client::nothing("verzoek om gegevens", "request for data"), |(exchange, flow)| {
        client::tracing_headers(exchange, &flow, &mut seen)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn ids_are_new_and_of_the_flow() {
        const ONE: &str = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";
        const TWO: &str = "2b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";
        let get = |recording: Recording, request, correlation| {
            recording.get("Condition").sending("medmij-request-id", request).sending("x-correlation-id", correlation)
        };
        let flow = || Recording::new().authorize(&[("X-Correlation-ID", ONE)]);
        assert_eq!(client_issues(&RULE, get(flow(), TWO, ONE)), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, get(get(flow(), TWO, ONE), TWO, ONE)), ["request-id-repeats"]);
        assert_eq!(client_issues(&RULE, get(flow(), TWO, TWO)), ["other-correlation-id"]);
        assert_eq!(client_issues(&RULE, flow().get("Condition")), ["tracing-id", "tracing-id"]);
        // A refresh may begin a flow of its own.
        let refreshed = flow().token(&[("grant_type", "refresh_token")]).sending("x-correlation-id", TWO);
        assert_eq!(client_issues(&RULE, get(refreshed, ONE, TWO)), Vec::<String>::new());
    }
}
