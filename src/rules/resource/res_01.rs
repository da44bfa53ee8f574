//! RES-01: where the access token travels.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;

declare_rule! {
    /// A DVP sends the access token in the header Authorization, and nowhere else.
    ///
    /// ## How it is tested
    /// Each request for data that arrives is read: header, query and body.
    /// ## Not covered
    /// Nothing.
    /// ## Source
    /// Afsprakenstelsel 2.x, Resource interface; RFC 6750, section 2.1.
    pub static RULE = {
        id: "RES-01",
        summary: "the access token is in the Authorization header",
        dvp: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    Judgement::each(
        client::data_requests(run),
        client::nothing("verzoek om gegevens", "request for data"),
        |exchange| {
            let mut issues = Vec::new();
            if !client::values(&client::parameters(exchange), "access_token").is_empty() {
                let expected = Text::new(
                    "het token alleen in de header Authorization",
                    "the token in the header Authorization only",
                );
                let told = Text::new("een parameter access_token", "a parameter access_token");
                issues.push(Issue::error("token-as-parameter", "access_token", expected, told).at(exchange.number));
            }
            let scheme = exchange
                .request
                .header("authorization")
                .and_then(|value| value.split_once(' '))
                .map(|(scheme, _)| scheme);
            if issues.is_empty() && scheme.is_none_or(|scheme| !scheme.eq_ignore_ascii_case("bearer")) {
                let expected = Text::new("header Authorization: Bearer", "header Authorization: Bearer");
                let told = scheme.map_or_else(|| Text::new("geen", "none"), Text::same);
                issues.push(Issue::error("no-bearer-token", "Authorization", expected, told).at(exchange.number));
            }
            issues
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn a_token_belongs_in_the_header() {
        let bearer = Recording::new().get("Condition").sending("authorization", "Bearer REDACTED.access-token.1");
        assert_eq!(client_issues(&RULE, bearer), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, Recording::new().get("Condition?access_token=x")), ["token-as-parameter"]);
        assert_eq!(
            client_issues(&RULE, Recording::new().get("Condition").sending("authorization", "Basic x")),
            ["no-bearer-token"]
        );
        assert_eq!(client_issues(&RULE, Recording::new().get("metadata")), ["not seen"]);
    }
}
