//! CON-12: whether a token for Delen comes with a refresh token.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;

declare_rule! {
    /// A token response for Delen has no refresh token: the person confirms each pass of Delen anew.
    ///
    /// ## How it is tested
    /// The token responses of every regular flow whose scope names a service after the provider (`name~id`). A refresh token
    /// in one is recorded: no text that forbids it was seen.
    /// ## Not covered
    /// Whether such a refresh token works. The statement that the person confirms (FLOW-10, UI-04).
    /// ## Source
    /// RFC0054 of the Afsprakenstelsel (Langdurige en offline autorisatie van DVP), whose scope leaves Delen out;
    /// core.autorisatie.101.
    pub static RULE = {
        id: "CON-12",
        summary: "whether a token for Delen comes with a refresh token",
        dva: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    let none = Text::new(
        "geen access token voor Delen uitgegeven (`naam~id`)",
        "no access token for Delen was issued (`name~id`)",
    );
    Judgement::each(oauth::sharing_tokens(run), none, |exchange| issue(exchange).into_iter().collect())
}

fn issue(exchange: &Exchange) -> Option<Issue> {
    oauth::field(exchange, "refresh_token").filter(|token| !token.is_empty())?;
    let expected = Text::new("geen refresh token bij Delen", "no refresh token for Delen");
    let seen = Text::new("een refresh token", "a refresh token");
    Some(Issue::information("refresh-token-for-sharing", "refresh_token", expected, seen).at(exchange.number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;

    fn token(scope: &str, more: &str) -> Recording {
        let flow =
            Recording::new().authorize(&[("scope", scope)]).redirect("?code=c1&state=s1").token(&[("code", "c1")]);
        flow.json(200, &format!(r#"{{"access_token": "REDACTED.access-token.1"{more}}}"#))
    }

    #[test]
    fn a_refresh_token_for_sharing_is_recorded() {
        let refresh = r#", "refresh_token": "REDACTED.refresh-token.1""#;
        expect(&RULE, token("ziekenhuis~57", refresh), &["refresh-token-for-sharing"]);
        expect(&RULE, token("ziekenhuis~57", ""), &[]);
        expect(&RULE, token("ziekenhuis~57", r#", "refresh_token": """#), &[]);
        expect(&RULE, token("ziekenhuis", refresh), &["not seen"]);
    }
}
