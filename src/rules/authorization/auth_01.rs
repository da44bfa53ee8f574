//! AUTH-01: the tracing ids of the authorization request.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::text;
use std::collections::BTreeSet;

declare_rule! {
    /// The authorization request carries MedMij-Request-ID and X-Correlation-ID, both UUIDs: new for each request, and for each flow.
    ///
    /// ## How it is tested
    /// Each authorization request that arrives is read; an address that is visited again (a browser that reloads) counts once. A value in a
    /// header passes as well: an example of release 2.1.0A has it there.
    /// ## Not covered
    /// Whether the values are random.
    /// ## Source
    /// Afsprakenstelsel 2.x, Authorization interface, core.authint.208.
    pub static RULE = {
        id: "AUTH-01",
        summary: "the authorization request has MedMij-Request-ID and X-Correlation-ID, UUIDs that are new",
        dvp: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    let mut addresses = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let requests: Vec<_> = client::requests(run, Interface::Authorization)
        .filter(|exchange| addresses.insert(exchange.request.url.clone()))
        .collect();
    Judgement::each(requests, client::nothing("autorisatieverzoek", "authorization request"), |exchange| {
        let mut issues = Vec::new();
        for name in ["MedMij-Request-ID", "X-Correlation-ID"] {
            let values = client::tracing(exchange, name);
            let found = match values.as_slice() {
                [value] if client::is_uuid(value) => {
                    let is_new = seen.insert(format!("{name} {value}"));
                    (!is_new).then(|| text!("`{value}` is al gebruikt", "`{value}` was used before"))
                }
                [value, more @ ..] if more.iter().all(|other| other == value) && client::is_uuid(value) => None,
                [] => Some(Text::new("geen", "none")),
                values => Some(Text::same(format!("`{}`", values.join("`, `")))),
            };
            if let Some(told) = found {
                let expected = text!("{name} met een nieuwe UUID", "{name} with a new UUID");
                issues.push(Issue::error("tracing-id", name, expected, told).at(exchange.number));
            }
        }
        issues
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    const ONE: &str = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";
    const TWO: &str = "2b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";

    #[test]
    fn both_ids_are_new_uuids() {
        let ids = |request: &'static str, correlation: &'static str| {
            [("MedMij-Request-ID", request), ("X-Correlation-ID", correlation)]
        };
        assert_eq!(client_issues(&RULE, Recording::new().authorize(&ids(ONE, TWO))), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, Recording::new().authorize(&ids("7", TWO))), ["tracing-id"]);
        assert_eq!(client_issues(&RULE, Recording::new().authorize(&[])), ["tracing-id", "tracing-id"]);
        let twice = Recording::new().authorize(&ids(ONE, TWO)).authorize(&[
            ("MedMij-Request-ID", TWO),
            ("X-Correlation-ID", TWO),
            ("state", "s2"),
        ]);
        assert_eq!(client_issues(&RULE, twice), ["tracing-id"]);
        let reloaded = Recording::new().authorize(&ids(ONE, TWO)).authorize(&ids(ONE, TWO));
        assert_eq!(client_issues(&RULE, reloaded), Vec::<String>::new());
    }
}
