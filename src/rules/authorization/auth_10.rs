//! AUTH-10: other parameters are ignored.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::rules::oauth::Ending;
use crate::text;

declare_rule! {
    /// The Authorization Server ignores parameters of the authorization request that it does not know.
    ///
    /// ## How it is tested
    /// A right authorization request with one parameter more, that no standard knows, has to end in a code like the same
    /// request without it.
    /// ## Not covered
    /// Parameters of extensions such as PKCE, which a server may know. Not judged when the regular flow gives no code.
    /// ## Source
    /// Afsprakenstelsel 2.x, Authorization interface, core.authint.200; RFC 6749, section 3.1.
    pub static RULE = {
        id: "AUTH-10",
        summary: "an unknown parameter of the authorization request is ignored",
        dva: check,
    }
}

const PROBES: &[&str] = &["extra-parameter"];

fn check(context: &Context, run: &Run) -> Judgement {
    let redirect_uri = context.redirect_uri();
    let regular = oauth::flows(run)
        .iter()
        .any(|flow| flow.probe().is_none() && matches!(flow.ending(redirect_uri), Ending::Granted(_)));
    if !regular {
        return Judgement::NotSeen(Text::new(
            "ook het gewone autorisatieverzoek geeft geen code",
            "the regular authorization request gives no code either",
        ));
    }
    Judgement::each(oauth::probed(run, redirect_uri, PROBES), oauth::not_probed(PROBES), |flow| {
        let (seen, exchange) = match flow.ending(redirect_uri) {
            Ending::Granted(_) | Ending::Unknown => return Vec::new(),
            Ending::Refused(redirect) => {
                let error = redirect.parameter("error").unwrap_or_default();
                (text!("de fout `{error}`", "the error `{error}`"), redirect.exchange)
            }
            Ending::Bare(redirect) => {
                (Text::new("een redirect zonder code", "a redirect without code"), redirect.exchange)
            }
            Ending::Page(page) => (oauth::answer(page), page),
        };
        let expected = Text::new("een code, zoals zonder die parameter", "a code, as without that parameter");
        vec![Issue::error("extra-parameter-refused", "query", expected, seen).at(exchange.number)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn probe() -> Recording {
        let regular = Recording::new().authorize(&[]).redirect("?code=REDACTED.code.1&state=s1");
        regular.scenario("flow/2").probe("extra-parameter").authorize(&[("toetsbank", "1")])
    }

    #[test]
    fn a_code_passes() {
        expect(&RULE, probe().redirect("?code=REDACTED.code.2&state=s1"), &[]);
    }

    #[test]
    fn a_refusal_is_found() {
        assert_eq!(
            issues(&RULE, probe().redirect("?error=invalid_request&state=s1")),
            ["error extra-parameter-refused #2 query: a code, as without that parameter / the error `invalid_request`"]
        );
        expect(&RULE, probe().page(400, "fout"), &["extra-parameter-refused"]);
        expect(&RULE, probe().redirect("?state=s1"), &["extra-parameter-refused"]);
    }

    #[test]
    fn a_flow_that_never_works_is_not_held_against_the_parameter() {
        let broken = Recording::new().authorize(&[]).page(500, "");
        expect(&RULE, broken.scenario("flow/2").probe("extra-parameter").authorize(&[]).page(500, ""), &["not seen"]);
    }
}
