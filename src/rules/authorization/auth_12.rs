//! AUTH-12: the method of the authorization request.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;

declare_rule! {
    /// The authorization request is a GET.
    ///
    /// ## How it is tested
    /// The method of each authorization request that arrives. The name of the method was not read in the rule, so another is a warning.
    /// ## Not covered
    /// Nothing.
    /// ## Source
    /// Afsprakenstelsel 2.x, Authorization interface, core.authint.201 (the example is a GET).
    pub static RULE = {
        id: "AUTH-12",
        summary: "the authorization request is a GET",
        dvp: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    let requests = client::requests(run, Interface::Authorization);
    Judgement::each(requests, client::nothing("autorisatieverzoek", "authorization request"), |exchange| {
        let method = exchange.request.method.as_str();
        let issue = || Issue::warning("method", "method", Text::same("GET"), Text::same(method)).at(exchange.number);
        (method != "GET").then(issue).into_iter().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn another_method_is_a_warning() {
        assert_eq!(client_issues(&RULE, Recording::new().authorize(&[])), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, Recording::new().authorize(&[]).method("POST")), ["method"]);
    }
}
