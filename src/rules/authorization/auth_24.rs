//! AUTH-24: no way back to an unknown client.

use scraper::Html;
use scraper::Selector;
use url::Url;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::text;

declare_rule! {
    /// The error page shows a way back to the client only when `client_id` and `redirect_uri` are right.
    ///
    /// ## How it is tested
    /// The pages that answer authorization requests with a wrong `client_id` or `redirect_uri` hold no link, form or button
    /// that leads to the host of the `redirect_uri` in the request.
    /// ## Not covered
    /// Links that a script makes; a redirect instead of a page (AUTH-04, AUTH-05).
    /// ## Source
    /// Afsprakenstelsel 2.x, Technische storing (Core).
    pub static RULE = {
        id: "AUTH-24",
        summary: "the error page has no link back to an unknown client",
        dva: check,
    }
}

fn check(context: &Context, run: &Run) -> Judgement {
    let registered = context.redirect_uri();
    let flows = oauth::probed(run, registered, oauth::FIRST_ROUND)
        .into_iter()
        .filter(|flow| flow.sent_to(&flow.redirect_uris(registered)).is_none())
        .filter_map(|flow| Some((Url::parse(&flow.sent("redirect_uri")?).ok()?, flow)));
    let none = Text::new(
        "geen foutpagina gezien bij een onjuiste client_id of redirect_uri",
        "no error page was seen for a wrong client_id or redirect_uri",
    );
    Judgement::each(flows, none, |(client, flow)| {
        flow.pages.iter().filter_map(|page| return_link(page, &client)).collect()
    })
}

fn return_link(page: &Exchange, client: &Url) -> Option<Issue> {
    let body = page.response.as_ref()?.body.text()?;
    let base = Url::parse(&page.request.url).ok()?;
    // Where both lie on one host, every link would lead there.
    if base.origin() == client.origin() {
        return None;
    }
    let selector = Selector::parse("[href], [action], [formaction]").ok()?;
    let html = Html::parse_document(body);
    let (element, target) = html.select(&selector).find_map(|element| {
        let link = ["href", "action", "formaction"].iter().find_map(|name| element.value().attr(name))?;
        let target = base.join(link).ok()?;
        let same = target.host_str() == client.host_str() && target.port() == client.port();
        same.then(|| (element.value().name().to_owned(), target))
    })?;
    let host = target.host_str().unwrap_or_default();
    let seen =
        text!("een element `{element}` dat naar `{host}` leidt", "an element `{element}` that leads to `{host}`");
    let expected = Text::new("geen link of knop naar de client", "no link or button to the client");
    Some(Issue::error("return-link-on-error-page", element, expected, seen).at(page.number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn probe() -> Recording {
        Recording::new().probe("client-id-unknown").authorize(&[("client_id", "onbekend.example")])
    }

    #[test]
    fn a_page_without_way_back_passes() {
        expect(
            &RULE,
            probe().page(400, "<p>fout</p><a href='/hulp'>hulp</a> <a href='https://medmij.example'>x</a>"),
            &[],
        );
        expect(&RULE, probe().page(400, "Ga terug naar https://pgo.example/cb in uw PGO"), &[]);
    }

    #[test]
    fn a_link_form_or_button_is_found() {
        assert_eq!(
            issues(&RULE, probe().page(400, "<a href='https://pgo.example/cb?error=x'>terug</a>")),
            [
                "error return-link-on-error-page #1 a: no link or button to the client / an element `a` that leads to `pgo.example`"
            ]
        );
        let form = "<form action='//pgo.example/cb'><button>terug</button></form>";
        expect(&RULE, probe().page(200, form), &["return-link-on-error-page"]);
        let button = "<form action='/x'><button formaction='https://pgo.example/'>terug</button></form>";
        expect(&RULE, probe().page(200, button), &["return-link-on-error-page"]);
    }

    #[test]
    fn a_redirect_is_left_to_its_rule() {
        expect(&RULE, probe().redirect("?error=x"), &["not seen"]);
    }
}
