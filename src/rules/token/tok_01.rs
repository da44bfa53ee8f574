//! TOK-01: the tracing headers of the token request.

use crate::declare_rule;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use std::collections::BTreeSet;

declare_rule! {
    /// The token request has the headers MedMij-Request-ID, new, and X-Correlation-ID, that of the authorization request.
    ///
    /// ## How it is tested
    /// Each token request that arrives is read, beside the authorization requests of the same scenario.
    /// ## Not covered
    /// A correlation id of a refresh: with a long consent it may be new.
    /// ## Source
    /// Afsprakenstelsel 2.x, Token interface, core.tknint.208.
    pub static RULE = {
        id: "TOK-01",
        summary: "the token request has its tracing headers",
        dvp: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    let mut seen = BTreeSet::new();
    let requests = run.traces.iter().flat_map(|trace| {
        let flow = client::correlations(trace);
        trace.exchanges.iter().filter(|e| e.interface == Interface::Token).map(move |e| (e, flow.clone()))
    });
    Judgement::each(requests, client::nothing("tokenverzoek", "token request"), |(exchange, flow)| {
        let flow = if client::is_refresh(exchange) { BTreeSet::new() } else { flow };
        client::tracing_headers(exchange, &flow, &mut seen)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn a_request_without_headers_is_found() {
        let recording = Recording::new().token(&[("grant_type", "authorization_code")]);
        assert_eq!(client_issues(&RULE, recording), ["tracing-id", "tracing-id"]);
        assert_eq!(client_issues(&RULE, Recording::new()), ["not seen"]);
    }
}
