//! TOK-03: the parameters of a refresh request.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;

declare_rule! {
    /// A refresh request has `grant_type=refresh_token` and the refresh token, and names the client, each once.
    ///
    /// ## How it is tested
    /// A person gives consent for an indefinite time and collects again. Each token request that swaps a refresh token is read.
    /// ## Not covered
    /// A DVP that never refreshes. Whether it is the newest refresh token (FLOW-08), and where the parameters stand (TOK-08).
    /// ## Source
    /// Afsprakenstelsel 2.x, Token interface, core.tknint.200; RFC 6749, section 6; RFC 8705, section 2.
    pub static RULE = {
        id: "TOK-03",
        summary: "a refresh request has its parameters",
        dvp: check,
    }
}

/// The parameters of a refresh.
const NAMES: [&str; 3] = ["grant_type", "refresh_token", "client_id"];

fn check(_: &Context, run: &Run) -> Judgement {
    let refreshes = client::requests(run, Interface::Token).filter(|exchange| client::is_refresh(exchange));
    let none = Text::new(
        "de DVP ververste geen token: dat kan na toestemming voor onbepaalde tijd",
        "the DVP refreshed no token: it can after consent for an indefinite time",
    );
    Judgement::each(refreshes, none, |exchange| {
        let mut issues = client::each_once(exchange, &NAMES);
        let grants = client::values(&client::parameters(exchange), "grant_type");
        if let Some(other) = grants.iter().find(|grant| !grant.is_empty() && *grant != "refresh_token") {
            let (expected, seen) = (Text::same("`refresh_token`"), Text::same(format!("`{other}`")));
            issues.push(Issue::error("grant-type", "grant_type", expected, seen).at(exchange.number));
        }
        issues
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn a_refresh_has_its_parameters_once() {
        let asked = |fields: &[(&str, &str)]| client_issues(&RULE, Recording::new().token(fields));
        let (grant, client) = (("grant_type", "refresh_token"), ("client_id", "pgo.example"));
        let token = ("refresh_token", "REDACTED.refresh-token.1");
        assert_eq!(asked(&[grant, token, client]), Vec::<String>::new());
        assert_eq!(asked(&[grant, token, client, ("scope", "x")]), Vec::<String>::new());
        assert_eq!(asked(&[grant, client]), ["parameter-count"]);
        assert_eq!(asked(&[grant, token, token, client]), ["parameter-count"]);
        assert_eq!(asked(&[grant, token]), ["parameter-count"]);
        assert_eq!(asked(&[("grant_type", "refresh_code"), token, client]), ["grant-type"]);
        assert_eq!(asked(&[("grant_type", "authorization_code"), ("code", "x")]), ["not seen"]);
    }
}
