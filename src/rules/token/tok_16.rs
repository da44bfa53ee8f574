//! TOK-16: the redirect URI of the token request is that of the authorization request.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::text;

declare_rule! {
    /// There is no access token when `redirect_uri` is missing from the token request, or is another than that of the
    /// authorization request.
    ///
    /// ## How it is tested
    /// Token requests with a fresh code and without `redirect_uri`, with another path, in another case, and with a slash
    /// appended. A token is a breach.
    /// ## Not covered
    /// The error value (TOK-22) and form (TOK-21). Refresh requests, which have no `redirect_uri`.
    /// ## Source
    /// Afsprakenstelsel 2.x, Token interface, core.tknint.205; RFC 6749, section 4.1.3.
    pub static RULE = {
        id: "TOK-16",
        summary: "no token for another redirect_uri, or for none",
        dva: check,
    }
}

/// The probes that break `redirect_uri` at the token interface.
pub const PROBES: &[&str] = &[
    "token-redirect-uri-missing",
    "token-redirect-uri-other-path",
    "token-redirect-uri-other-case",
    "token-redirect-uri-slash",
];

fn check(_: &Context, run: &Run) -> Judgement {
    Judgement::each(oauth::probes(run, Interface::Token, PROBES), oauth::not_probed(PROBES), |exchange| {
        if oauth::token(exchange).is_none() {
            return Vec::new();
        }
        let form = exchange.request.body.form();
        let seen = match form.into_iter().find(|(name, _)| name == "redirect_uri") {
            Some((_, uri)) => text!("een token voor `{uri}`", "a token for `{uri}`"),
            None => Text::new("een token zonder redirect_uri", "a token without redirect_uri"),
        };
        let expected = Text::new("een OAuth-fout, geen token", "an OAuth error, no token");
        vec![Issue::error("redirect-uri-not-compared", "redirect_uri", expected, seen).at(exchange.number)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    const TOKEN: &str = r#"{"access_token": "REDACTED.access-token.1"}"#;

    fn probe(name: &str, form: &[(&str, &str)]) -> Recording {
        Recording::new().probe(name).token(form)
    }

    #[test]
    fn any_refusal_passes() {
        expect(&RULE, probe(PROBES[0], &[]).json(400, r#"{"error": "invalid_request"}"#), &[]);
        expect(&RULE, probe(PROBES[1], &[]).json(400, r#"{"error": "invalid_grant"}"#), &[]);
    }

    #[test]
    fn a_token_is_found() {
        assert_eq!(
            issues(&RULE, probe(PROBES[3], &[("redirect_uri", "https://pgo.example/cb/")]).json(200, TOKEN)),
            ["error redirect-uri-not-compared #1 redirect_uri: an OAuth error, no token / \
              a token for `https://pgo.example/cb/`"]
        );
        expect(&RULE, probe(PROBES[0], &[]).json(200, TOKEN), &["redirect-uri-not-compared"]);
    }
}
