//! TOK-07: further parameters are ignored.

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
    /// The Authorization Server ignores parameters of the token request that it does not know.
    ///
    /// ## How it is tested
    /// A right token request with a fresh code and one parameter more, that no standard knows, has to give a token like the same
    /// request without it.
    /// ## Not covered
    /// Parameters of extensions, which a server may know. Not judged when the regular request gives no token.
    /// ## Source
    /// Afsprakenstelsel 2.x, Token interface, core.tknint.200; RFC 6749, section 3.2.
    pub static RULE = {
        id: "TOK-07",
        summary: "an unknown parameter of the token request is ignored",
        dva: check,
    }
}

const PROBES: &[&str] = &["token-extra-parameter"];

fn check(_: &Context, run: &Run) -> Judgement {
    if !run.regular(Interface::Token).any(|exchange| oauth::token(exchange).is_some()) {
        return Judgement::NotSeen(Text::new(
            "ook het gewone tokenverzoek geeft geen token",
            "the regular token request gives no token either",
        ));
    }
    Judgement::each(oauth::probes(run, Interface::Token, PROBES), oauth::not_probed(PROBES), |exchange| {
        if oauth::token(exchange).is_some() {
            return Vec::new();
        }
        let seen = match oauth::error(exchange) {
            Some(error) => text!("de fout `{error}`", "the error `{error}`"),
            None => oauth::answer(exchange),
        };
        let expected = Text::new("een token, zoals zonder die parameter", "a token, as without that parameter");
        vec![Issue::error("token-extra-parameter-refused", "body", expected, seen).at(exchange.number)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    const TOKEN: &str = r#"{"access_token": "REDACTED.access-token.1"}"#;

    fn probe() -> Recording {
        let regular = Recording::new().token(&[]).json(200, TOKEN);
        regular.scenario("flow/2").probe("token-extra-parameter").token(&[("toetsbank", "1")])
    }

    #[test]
    fn a_token_passes() {
        expect(&RULE, probe().json(200, TOKEN), &[]);
    }

    #[test]
    fn a_refusal_is_found() {
        assert_eq!(
            issues(&RULE, probe().json(400, r#"{"error": "invalid_request"}"#)),
            ["error token-extra-parameter-refused #2 body: a token, as without that parameter / \
              the error `invalid_request`"]
        );
    }

    #[test]
    fn a_flow_that_never_works_is_not_held_against_the_parameter() {
        let broken = Recording::new().token(&[]).page(500, "").scenario("flow/2").probe("token-extra-parameter");
        expect(&RULE, broken.token(&[]).page(500, ""), &["not seen"]);
    }
}
