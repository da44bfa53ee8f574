//! SEC-06: pages cannot be framed.

use std::collections::HashSet;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Response;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::pages;
use crate::text;

declare_rule! {
    /// The pages of the Authorization Server cannot be shown in a frame of another site.
    ///
    /// ## How it is tested
    /// Every HTML page of a regular flow that the host of the AuthorizationEndpoint serves and that stays on the screen has
    /// `X-Frame-Options` with `DENY` or `SAMEORIGIN`, or `Content-Security-Policy` with `frame-ancestors`. Each address is
    /// named once.
    /// ## Not covered
    /// Pages of another host, such as those of the authentication service; whether the ancestors that a policy names are few.
    /// ## Source
    /// RFC 6819, section 4.4.1.9.
    pub static RULE = {
        id: "SEC-06",
        summary: "pages of the Authorization Server cannot be framed",
        dva: check,
    }
}

fn check(context: &Context, run: &Run) -> Judgement {
    let none = Text::new("geen pagina van de autorisatieserver gezien", "no page of the Authorization Server was seen");
    let mut named = HashSet::new();
    Judgement::each(pages::own(context, run), none, |page| {
        let is_known = is_protected(page.response) || !named.insert(page.path.clone());
        if is_known { Vec::new() } else { vec![issue(page.exchange, &page.path)] }
    })
}

fn is_protected(response: &Response) -> bool {
    response.headers.iter().any(|(name, value)| {
        let value = value.to_ascii_lowercase();
        if name.eq_ignore_ascii_case("x-frame-options") {
            // A server and what stands before it may both say so.
            value.split(',').all(|word| matches!(word.trim(), "deny" | "sameorigin"))
        } else if name.eq_ignore_ascii_case("content-security-policy") {
            value.split([';', ',']).any(|directive| {
                let mut words = directive.split_ascii_whitespace();
                words.next() == Some("frame-ancestors") && words.all(|source| source != "*")
            })
        } else {
            false
        }
    })
}

fn issue(page: &Exchange, path: &str) -> Issue {
    let expected = Text::new(
        "X-Frame-Options (DENY of SAMEORIGIN), of Content-Security-Policy met frame-ancestors",
        "X-Frame-Options (DENY or SAMEORIGIN), or Content-Security-Policy with frame-ancestors",
    );
    let seen = text!("geen van beide op de pagina `{path}`", "neither on the page `{path}`");
    Issue::warning("framing-allowed", "X-Frame-Options", expected, seen).at(page.number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn page() -> Recording {
        Recording::new().authorize(&[]).page(200, "<p>toestemming</p>")
    }

    #[test]
    fn either_header_passes() {
        expect(&RULE, page().header("X-Frame-Options", "SameOrigin"), &[]);
        expect(&RULE, page().header("X-Frame-Options", "SAMEORIGIN, SAMEORIGIN"), &[]);
        expect(&RULE, page().header("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'"), &[]);
    }

    #[test]
    fn a_page_without_is_a_warning_once_a_path() {
        let twice = page().visit("login?x=1").page(200, "").visit("login?x=2").page(200, "");
        assert_eq!(
            issues(&RULE, twice),
            [
                "warning framing-allowed #1 X-Frame-Options: X-Frame-Options (DENY or SAMEORIGIN), or \
                 Content-Security-Policy with frame-ancestors / neither on the page `/authorize`",
                "warning framing-allowed #2 X-Frame-Options: X-Frame-Options (DENY or SAMEORIGIN), or \
                 Content-Security-Policy with frame-ancestors / neither on the page `/login`",
            ]
        );
        expect(&RULE, page().header("X-Frame-Options", "ALLOW-FROM https://x.example"), &["framing-allowed"]);
        expect(&RULE, page().header("Content-Security-Policy", "frame-ancestors *"), &["framing-allowed"]);
    }

    #[test]
    fn pages_that_go_on_by_themselves_or_are_of_others_are_not_judged() {
        expect(&RULE, Recording::new().authorize(&[]).redirect("?code=REDACTED.code.1"), &["not seen"]);
        expect(&RULE, Recording::new().authorize(&[]).answer(200, "text/plain", "x"), &["not seen"]);
    }
}
