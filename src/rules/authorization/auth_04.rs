//! AUTH-04: the client is one that the OAuth Client List knows.

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
    /// An authorization request of an unknown client ends at an error page of the Authorization Server, not in a redirect.
    ///
    /// ## How it is tested
    /// Authorization requests with an unknown host name as `client_id`, with an empty one, without, and with our own that has a
    /// long tail, a quote or a line break behind it go through the declared pages as far as they lead. Any redirect (of whatever kind, with a code or with an error) to the redirect URI of the
    /// request, or to the client's own, is a breach.
    /// Of a DVP: the value in each authorization request that arrives is the host name that our OAuth Client List has for it, in
    /// any case. Its form is not judged.
    /// ## Not covered
    /// A return link on the error page (AUTH-24); what the page says, and its status.
    /// ## Source
    /// Afsprakenstelsel 2.x, Authorization interface, core.authint.200 and 207 (exception 1a); RFC 6749, section 4.1.2.1.
    pub static RULE = {
        id: "AUTH-04",
        summary: "an unknown client gets an error page and no redirect",
        dva: of_server,
        dvp: of_client,
    }
}

const PROBES: &[&str] = &[
    "client-id-unknown",
    "client-id-missing",
    "client-id-empty",
    "client-id-long",
    "client-id-quote",
    "client-id-line-break",
];

fn of_client(context: &Context, run: &Run) -> Judgement {
    client::each_client_id(context, run, Interface::Authorization)
}

fn of_server(context: &Context, run: &Run) -> Judgement {
    let redirect_uri = context.redirect_uri();
    Judgement::each(oauth::probed(run, redirect_uri, PROBES), oauth::not_probed(PROBES), |flow| {
        let Some(redirect) = flow.sent_to(&flow.redirect_uris(redirect_uri)) else { return Vec::new() };
        let client = flow.sent("client_id").unwrap_or_default();
        let (code, seen) = if redirect.grants() {
            let seen = text!(
                "met client_id `{client}` keert de browser terug met een code",
                "with client_id `{client}` the browser comes back with a code"
            );
            ("unknown-client-accepted", seen)
        } else {
            let seen = text!(
                "met client_id `{client}` wordt de browser naar de redirect_uri gestuurd",
                "with client_id `{client}` the browser is sent to the redirect_uri"
            );
            ("unknown-client-redirected", seen)
        };
        let expected = Text::new("een foutpagina, geen redirect", "an error page, no redirect");
        vec![Issue::error(code, "client_id", expected, seen).at(redirect.exchange.number)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::FailureKind;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn probe() -> Recording {
        Recording::new().probe("client-id-unknown").authorize(&[("client_id", "onbekend.example")])
    }

    #[test]
    fn an_error_page_passes_whatever_its_status_or_address() {
        expect(&RULE, probe().page(400, "fout"), &[]);
        expect(&RULE, probe().page(200, "fout"), &[]);
        expect(
            &RULE,
            probe().forward("https://as.example/fout?error=invalid_client").visit("fout").page(200, "fout"),
            &[],
        );
    }

    #[test]
    fn no_answer_is_not_judged() {
        expect(&RULE, probe().fails(FailureKind::Timeout), &["not seen"]);
    }

    #[test]
    fn a_redirect_of_any_kind_is_found() {
        assert_eq!(
            issues(&RULE, probe().redirect("?error=unauthorized_client&state=s1")),
            ["error unknown-client-redirected #1 client_id: an error page, no redirect / \
              with client_id `onbekend.example` the browser is sent to the redirect_uri"]
        );
        let accepted = probe().page(200, "").visit("login").redirect("?code=REDACTED.code.1&state=s1");
        expect(&RULE, accepted, &["unknown-client-accepted"]);
    }

    #[test]
    fn a_client_names_itself_as_the_list_does() {
        let asked = |id| client_issues(&RULE, Recording::new().authorize(&[("client_id", id)]));
        assert_eq!(asked("pgo.example"), Vec::<String>::new());
        assert_eq!(asked("PGO.example"), Vec::<String>::new());
        assert_eq!(asked("pgo-achter.example"), ["other-client-id"]);
    }
}
