//! AUTH-05: the redirect URI is one of the client's host.

use url::Url;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::oauth;
use crate::text;

declare_rule! {
    /// An authorization request whose `redirect_uri` is missing, is no https or lies on another host than the client's ends
    /// at an error page of the Authorization Server, not in a redirect.
    ///
    /// ## How it is tested
    /// Authorization requests without `redirect_uri`, with an empty one, an http address, another host (also by POST), a host
    /// that begins or ends like the client's, the client's host as user information, with a fragment (RFC 6749, section
    /// 3.1.2), and with addresses that a careless reader takes for the client's (a long path, a backslash, a line break, an
    /// encoded dot, `javascript:`) go through the declared pages as far as they lead. Any redirect to that address, or to the client's own, is a breach.
    /// Of a DVP: the value in each authorization request that arrives is an https address on the host of its `client_id` (on that
    /// of the redirect URI in the candidate file, when `client_id` is no host name), without fragment. A query is recorded.
    /// ## Not covered
    /// A query in the redirect URI, which RFC 6749 allows; a return link on the error page (AUTH-24).
    /// ## Source
    /// Afsprakenstelsel 2.x, Authorization interface, core.authint.200 and 207 (exception 1a); RFC 6749, section 3.1.2.
    pub static RULE = {
        id: "AUTH-05",
        summary: "a wrong redirect_uri gets an error page and no redirect",
        dva: of_server,
        dvp: of_client,
    }
}

const PROBES: &[&str] = &[
    "redirect-uri-missing",
    "redirect-uri-empty",
    "redirect-uri-http",
    "redirect-uri-other-host",
    "redirect-uri-by-post",
    "redirect-uri-look-alike",
    "redirect-uri-ends-alike",
    "redirect-uri-userinfo",
    "redirect-uri-fragment",
    "redirect-uri-long",
    "redirect-uri-backslash",
    "redirect-uri-line-break",
    "redirect-uri-encoded-dot",
    "redirect-uri-behind-fragment",
    "redirect-uri-script",
];

fn of_client(context: &Context, run: &Run) -> Judgement {
    let client = &context.candidate.client;
    let host = match client.client_id.contains('.') {
        true => client.client_id.to_lowercase(),
        false => client.redirect_uri.host_str().unwrap_or_default().to_owned(),
    };
    client::each_value(run, Interface::Authorization, "redirect_uri", |value| {
        let seen = || Text::same(format!("`{value}`"));
        let issue = |code, expected| Issue::error(code, "redirect_uri", expected, seen());
        let Ok(url) = Url::parse(value) else {
            return vec![issue("redirect-uri-no-address", Text::new("een https-adres", "an https address"))];
        };
        let mut issues = Vec::new();
        if url.scheme() != "https" {
            issues.push(issue("redirect-uri-not-https", Text::new("een https-adres", "an https address")));
        }
        if url.host_str() != Some(host.as_str()) {
            issues.push(issue("redirect-uri-other-host", text!("een adres op `{host}`", "an address on `{host}`")));
        }
        if url.fragment().is_some() {
            issues.push(issue("redirect-uri-fragment", Text::new("geen fragment", "no fragment")));
        }
        if url.query().is_some() {
            let expected = Text::new("mag (RFC 6749, 3.1.2)", "may (RFC 6749, 3.1.2)");
            issues.push(Issue::information("redirect-uri-query", "redirect_uri", expected, seen()));
        }
        issues
    })
}

fn of_server(context: &Context, run: &Run) -> Judgement {
    let registered = context.redirect_uri();
    Judgement::each(oauth::probed(run, registered, PROBES), oauth::not_probed(PROBES), |flow| {
        let Some(redirect) = flow.sent_to(&flow.redirect_uris(registered)) else { return Vec::new() };
        let code = if redirect.grants() { "redirect-uri-accepted" } else { "redirect-uri-followed" };
        let seen = match flow.sent("redirect_uri") {
            Some(sent) => text!(
                "met redirect_uri `{sent}` wordt de browser naar de client gestuurd",
                "with redirect_uri `{sent}` the browser is sent to the client"
            ),
            None => Text::new(
                "zonder redirect_uri wordt de browser naar de client gestuurd",
                "without redirect_uri the browser is sent to the client",
            ),
        };
        let expected = Text::new("een foutpagina, geen redirect", "an error page, no redirect");
        vec![Issue::error(code, "redirect_uri", expected, seen).at(redirect.exchange.number)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn probe(name: &str, redirect_uri: &str) -> Recording {
        Recording::new().probe(name).authorize(&[("redirect_uri", redirect_uri)])
    }

    #[test]
    fn an_error_page_passes() {
        expect(&RULE, probe("redirect-uri-other-host", "https://elders.example/cb").page(400, "fout"), &[]);
        let moved =
            probe("redirect-uri-missing", "").forward("https://as.example/fout").visit("fout").page(200, "fout");
        expect(&RULE, moved, &[]);
        expect(&RULE, Recording::new().authorize(&[]).redirect("?code=REDACTED.code.1"), &["not seen"]);
    }

    #[test]
    fn a_redirect_to_the_wrong_address_is_found() {
        let look_alike = "https://pgo.example.elders.example/cb";
        assert_eq!(
            issues(&RULE, probe("redirect-uri-look-alike", look_alike).forward(&format!("{look_alike}?error=x"))),
            ["error redirect-uri-followed #1 redirect_uri: an error page, no redirect / \
              with redirect_uri `https://pgo.example.elders.example/cb` the browser is sent to the client"]
        );
        let code = "https://elders.example/cb?code=REDACTED.code.1&state=s1";
        let userinfo = probe("redirect-uri-userinfo", "https://pgo.example@elders.example/cb");
        expect(&RULE, userinfo.page(200, "").visit("login").forward(code), &["redirect-uri-accepted"]);
    }

    #[test]
    fn a_redirect_to_the_client_itself_is_found_too() {
        expect(
            &RULE,
            probe("redirect-uri-http", "http://pgo.example/cb").redirect("?error=x"),
            &["redirect-uri-followed"],
        );
        let fragment = probe("redirect-uri-fragment", "https://pgo.example/cb#deel");
        expect(&RULE, fragment.redirect("?code=REDACTED.code.1#deel"), &["redirect-uri-accepted"]);
    }

    #[test]
    fn a_client_comes_back_at_its_own_host() {
        let asked = |uri| client_issues(&RULE, Recording::new().authorize(&[("redirect_uri", uri)]));
        for good in ["https://pgo.example/cb", "https://PGO.example:443/terug/hier", "https://pgo.example"] {
            assert_eq!(asked(good), Vec::<String>::new(), "{good}");
        }
        assert_eq!(asked("http://pgo.example/cb"), ["redirect-uri-not-https"]);
        assert_eq!(asked("https://pgo.example@elders.example/cb"), ["redirect-uri-other-host"]);
        assert_eq!(asked("https://pgo.example/cb#deel"), ["redirect-uri-fragment"]);
        assert_eq!(asked("https://pgo.example/cb?omgeving=1"), ["redirect-uri-query"]);
        assert_eq!(asked("/cb"), ["redirect-uri-no-address"]);
    }
}
