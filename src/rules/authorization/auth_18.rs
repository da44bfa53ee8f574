//! AUTH-18: a wrong parameter is told to the client.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::authorization::auth_03;
use crate::rules::oauth;
use crate::rules::oauth::Ending;

declare_rule! {
    /// When client and redirect URI are right and another parameter is wrong, the Authorization Server sends the browser back
    /// to the client with an error, instead of showing its landing page (exception 1b).
    ///
    /// ## How it is tested
    /// The authorization requests with a wrong `response_type`: the browser has to be sent back with `error`. Any way of
    /// redirecting passes: 302, 303, 307, a page that forwards by itself.
    /// ## Not covered
    /// A wrong scope (AUTH-06); which error it is (AUTH-03, AUTH-26); `state` (AUTH-11); a server that gives a code (AUTH-03).
    /// ## Source
    /// Afsprakenstelsel 2.x, core.authint.207 (exception 1b), Logging interface; RFC 6749, sections 3.1.1 and 4.1.2.1.
    pub static RULE = {
        id: "AUTH-18",
        summary: "a wrong parameter is answered by an error redirect",
        dva: check,
    }
}

fn check(context: &Context, run: &Run) -> Judgement {
    let redirect_uri = context.redirect_uri();
    let flows = oauth::probed(run, redirect_uri, auth_03::PROBES);
    Judgement::each(flows, oauth::not_probed(auth_03::PROBES), |flow| {
        let (code, seen, exchange) = match flow.ending(redirect_uri) {
            Ending::Granted(_) | Ending::Refused(_) | Ending::Unknown => return Vec::new(),
            Ending::Bare(redirect) => {
                let seen = Text::new("een redirect zonder error", "a redirect without error");
                ("redirect-without-error", seen, redirect.exchange)
            }
            Ending::Page(page) => ("page-instead-of-redirect", oauth::answer(page), page),
        };
        let expected = Text::new(
            "een redirect naar de client met de parameter error",
            "a redirect to the client with the parameter error",
        );
        vec![Issue::error(code, "response_type", expected, seen).at(exchange.number)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::StopKind;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn probe() -> Recording {
        Recording::new().probe("response-type-unknown").authorize(&[("response_type", "toetsbank")])
    }

    #[test]
    fn any_error_redirect_passes() {
        expect(&RULE, probe().redirect("?error=server_error&state=s1"), &[]);
        let later = probe().forward("https://as.example/fout").visit("fout").redirect("?error=invalid_request");
        expect(&RULE, later, &[]);
    }

    #[test]
    fn a_page_or_a_bare_redirect_is_found() {
        assert_eq!(
            issues(&RULE, probe().page(400, "fout")),
            ["error page-instead-of-redirect #1 response_type: a redirect to the client with the parameter error / \
              answer with status 400"]
        );
        expect(&RULE, probe().redirect("?state=s1"), &["redirect-without-error"]);
    }

    #[test]
    fn acceptance_is_left_to_its_rule_and_our_stop_to_nobody() {
        expect(&RULE, probe().page(200, "").visit("login").redirect("?code=REDACTED.code.1"), &[]);
        expect(&RULE, probe().page(200, "").stop(StopKind::Ours), &["not seen"]);
    }
}
