//! AUTH-02: the parameters of the authorization request.

use crate::declare_rule;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;

declare_rule! {
    /// The authorization request has response_type, client_id, redirect_uri, scope and state, each once and with a value.
    ///
    /// ## How it is tested
    /// Each authorization request that arrives is read.
    /// ## Not covered
    /// The values: see AUTH-03 to AUTH-07.
    /// ## Source
    /// Afsprakenstelsel 2.x, Authorization interface, core.authint.200; RFC 6749, sections 3.1 and 4.1.1.
    pub static RULE = {
        id: "AUTH-02",
        summary: "the authorization request has its five parameters, each once",
        dvp: check,
    }
}

/// The parameters of core.authint.200.
const NAMES: [&str; 5] = ["response_type", "client_id", "redirect_uri", "scope", "state"];

fn check(_: &Context, run: &Run) -> Judgement {
    let requests = client::requests(run, Interface::Authorization);
    Judgement::each(requests, client::nothing("autorisatieverzoek", "authorization request"), |exchange| {
        client::each_once(exchange, &NAMES)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn each_parameter_stands_once() {
        use crate::rules::testing::OMIT;
        assert_eq!(client_issues(&RULE, Recording::new().authorize(&[])), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, Recording::new().authorize(&[("state", OMIT)])), ["parameter-count"]);
        assert_eq!(
            client_issues(&RULE, Recording::new().authorize(&[("scope", "a"), ("scope", "b")])),
            ["parameter-count"]
        );
    }
}
