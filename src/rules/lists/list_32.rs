//! LIST-32: a service that the provider does not have is not asked for.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;

declare_rule! {
    /// Provider list and OAuth Client List together decide which services both sides support.
    ///
    /// ## How it is tested
    /// A person is to collect a service that our Zorgaanbiederslijst does not have for this provider. An authorization request or a
    /// resource request that comes all the same is recorded; no text forbids it.
    /// ## Not covered
    /// Services that the OAuth Client List lacks.
    /// ## Source
    /// Afsprakenstelsel, core 1.0.1.
    pub static RULE = {
        id: "LIST-32",
        summary: "services that the list does not have for a provider, and are asked",
        dvp: check,
    }
}

const PROBES: &[&str] = &["service-not-offered"];

fn check(_: &Context, run: &Run) -> Judgement {
    let traces = PROBES.iter().flat_map(|probe| run.probe_traces(probe));
    let none = Text::new(
        "niemand verzamelde een dienst die de zorgaanbieder niet heeft",
        "nobody collected a service that the provider does not have",
    );
    Judgement::each(traces, none, |trace| {
        let is_asked = |interface: Interface| matches!(interface, Interface::Authorization | Interface::Resource);
        let asked = trace.exchanges.iter().find(|exchange| is_asked(exchange.interface) && exchange.probe.is_some());
        let expected = Text::new("geen verzoek", "no request");
        let seen = Text::new(
            "een verzoek voor een dienst die de zorgaanbieder volgens de lijst niet heeft",
            "a request for a service that the provider does not have by the list",
        );
        let issue = asked.map(|e| Issue::information("service-not-offered", "scope", expected, seen).at(e.number));
        issue.into_iter().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn a_request_is_told() {
        let visit = || Recording::new().probe(PROBES[0]).client("https://pgo.example/start");
        assert_eq!(client_issues(&RULE, visit()), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, visit().authorize(&[])), ["service-not-offered"]);
        assert_eq!(client_issues(&RULE, Recording::new()), ["not seen"]);
    }
}
