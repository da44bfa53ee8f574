//! AUTH-25: the code comes in the query of the redirect URI.

use url::Url;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::rules::oauth::Ending;
use crate::rules::oauth::Redirect;
use crate::text;

declare_rule! {
    /// After consent the browser is sent to the redirect URI with the code in the query.
    ///
    /// ## How it is tested
    /// Each regular flow that comes back without an error: the target is the redirect URI of the request, and `code` is a
    /// parameter of its query. Any way of redirecting passes.
    /// ## Not covered
    /// `state` (AUTH-11); further parameters, which RFC 6749 does not define there but a client ignores.
    /// ## Source
    /// RFC 6749, section 4.1.2.
    pub static RULE = {
        id: "AUTH-25",
        summary: "the code comes in the query of the redirect URI",
        dva: check,
    }
}

fn check(context: &Context, run: &Run) -> Judgement {
    let redirect_uri = context.redirect_uri();
    let redirects = oauth::flows(run).into_iter().filter(|flow| flow.probe().is_none()).filter_map(|flow| {
        match flow.ending(redirect_uri) {
            Ending::Granted(redirect) | Ending::Bare(redirect) => Some((redirect, true)),
            Ending::Page(_) => flow.sent_to(&[redirect_uri.to_owned()]).map(|redirect| (redirect, false)),
            Ending::Refused(_) | Ending::Unknown => None,
        }
    });
    let none = Text::new("geen gewone flow kwam bij de client terug", "no regular flow came back to the client");
    Judgement::each(redirects, none, |(redirect, right_place)| {
        let issue = if right_place { wrong_part(&redirect) } else { wrong_place(redirect_uri, &redirect) };
        issue.map(|issue| issue.at(redirect.exchange.number)).into_iter().collect()
    })
}

fn wrong_part(redirect: &Redirect) -> Option<Issue> {
    let expected = Text::new("code in de query van de redirect_uri", "code in the query of the redirect_uri");
    let target = Url::parse(redirect.exchange.forward.as_deref()?).ok()?;
    if target.query_pairs().any(|(name, value)| name == "code" && !value.is_empty()) {
        return None;
    }
    Some(if redirect.parameter("code").is_some_and(|code| !code.is_empty()) {
        Issue::error("code-in-fragment", "code", expected, Text::new("code in het fragment", "code in the fragment"))
    } else {
        Issue::error("code-missing", "code", expected, Text::new("een redirect zonder code", "a redirect without code"))
    })
}

fn wrong_place(redirect_uri: &str, redirect: &Redirect) -> Option<Issue> {
    let target = redirect.exchange.forward.as_deref()?;
    let target = target.split(['?', '#']).next().unwrap_or_default();
    let expected = text!("een redirect naar `{redirect_uri}`", "a redirect to `{redirect_uri}`");
    Some(Issue::error("redirect-elsewhere", "Location", expected, Text::same(format!("`{target}`"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn flow() -> Recording {
        Recording::new().authorize(&[]).page(200, "").visit("consent")
    }

    #[test]
    fn a_code_in_the_query_passes() {
        expect(&RULE, flow().redirect("?code=REDACTED.code.1&state=s1&expires_in=900"), &[]);
        expect(&RULE, flow().redirect("?error=access_denied"), &["not seen"]);
    }

    #[test]
    fn a_code_elsewhere_is_found() {
        assert_eq!(
            issues(&RULE, flow().redirect("#code=REDACTED.code.1&state=s1")),
            ["error code-in-fragment #2 code: code in the query of the redirect_uri / code in the fragment"]
        );
        expect(&RULE, flow().redirect("?state=s1"), &["code-missing"]);
        expect(&RULE, flow().forward("https://pgo.example/?code=REDACTED.code.1"), &["redirect-elsewhere"]);
    }

    #[test]
    fn a_login_that_uses_codes_of_its_own_is_no_redirect_to_the_client() {
        let login =
            Recording::new().authorize(&[]).forward("https://login.example/cb?code=x").visit("login").page(200, "");
        expect(&RULE, login, &["not seen"]);
    }
}
