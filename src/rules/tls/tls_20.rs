//! TLS-20: headers that protect the pages of the Authorization Server.

use std::collections::HashSet;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Response;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::pages;
use crate::text;

declare_rule! {
    /// The pages of the Authorization Server carry the headers by which Internet.nl measures: HSTS, nosniff and a referrer
    /// policy. Advice: no text of MedMij asks them.
    ///
    /// ## How it is tested
    /// Every HTML page of a regular flow that the host of the AuthorizationEndpoint serves: `Strict-Transport-Security` with
    /// a `max-age` of a year at least, `X-Content-Type-Options: nosniff`, and a `Referrer-Policy`. What is missing is a
    /// warning, each header once.
    /// Of a DVP: the HTML pages on the host of its redirect URI likewise.
    /// ## Not covered
    /// Framing (SEC-06); redirects from HTTP and CAA records, which are of the domain.
    /// ## Source
    /// Yardstick of Internet.nl; NCSC, ICT-beveiligingsrichtlijnen voor webapplicaties, U/WA.05.
    pub static RULE = {
        id: "TLS-20",
        summary: "pages carry HSTS, nosniff and a referrer policy",
        dva: of_server,
        dvp: of_client,
    }
}

/// A year, in seconds.
const YEAR: u64 = 31_536_000;

fn of_client(context: &Context, run: &Run) -> Judgement {
    let host = context.candidate.client.redirect_uri.host_str().unwrap_or_default();
    let pages = client::requests(run, Interface::Client).filter(|exchange| {
        let kind = exchange.response.as_ref().and_then(Response::media_type);
        let is_page = exchange.succeeded() && exchange.forward.is_none() && kind.as_deref() == Some("text/html");
        is_page && client::host(exchange) == host
    });
    let mut named = HashSet::new();
    Judgement::each(pages, Text::new("geen pagina van de DVP gezien", "no page of the DVP was seen"), |page| {
        missing(page).into_iter().filter(|issue| named.insert(issue.code)).collect()
    })
}

fn of_server(context: &Context, run: &Run) -> Judgement {
    let none = Text::new("geen pagina van de autorisatieserver gezien", "no page of the Authorization Server was seen");
    let mut named = HashSet::new();
    Judgement::each(pages::own(context, run), none, |page| {
        missing(page.exchange).into_iter().filter(|issue| named.insert(issue.code)).collect()
    })
}

fn missing(page: &Exchange) -> Vec<Issue> {
    let header = |name: &str| page.response_header(name).unwrap_or_default().trim().to_ascii_lowercase();
    let transport = header("strict-transport-security");
    let directives = transport.split(';').filter_map(|part| part.split_once('='));
    let mut ages = directives.filter(|(name, _)| name.trim() == "max-age");
    let age = ages.next().and_then(|(_, age)| age.trim().trim_matches('"').parse::<u64>().ok());
    let mut issues = Vec::new();
    let mut miss = |code, name: &str, expected: Text, value: &str| {
        let seen = match value.is_empty() {
            true => Text::new("ontbreekt", "missing"),
            false => text!("`{value}`", "`{value}`"),
        };
        issues.push(Issue::warning(code, name, expected, seen).at(page.number));
    };
    if age.is_none_or(|age| age < YEAR) {
        let expected = text!("max-age van ten minste {YEAR}", "a max-age of at least {YEAR}");
        miss("transport-security", "Strict-Transport-Security", expected, &transport);
    }
    let sniffing = header("x-content-type-options");
    // Of several values the first counts.
    if sniffing.split(',').next().map(str::trim) != Some("nosniff") {
        miss("content-type-options", "X-Content-Type-Options", Text::same("nosniff"), &sniffing);
    }
    let referrer = header("referrer-policy");
    if referrer.is_empty() || referrer.contains("unsafe-url") {
        let expected = Text::new("een beleid dat geen adressen prijsgeeft", "a policy that gives away no addresses");
        miss("referrer-policy", "Referrer-Policy", expected, &referrer);
    }
    issues
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues_in;
    use crate::rules::testing::expect;

    fn page() -> Recording {
        Recording::new().authorize(&[]).page(200, "<p>toestemming</p>")
    }

    #[test]
    fn all_three_pass() {
        let full = page()
            .header("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
            .header("X-Content-Type-Options", "NoSniff")
            .header("Referrer-Policy", "strict-origin-when-cross-origin");
        expect(&RULE, full, &[]);
        let otherwise = page()
            .header("Strict-Transport-Security", "includeSubDomains; Max-Age = \"31536000\"")
            .header("X-Content-Type-Options", "nosniff, nosniff")
            .header("Referrer-Policy", "same-origin");
        expect(&RULE, otherwise, &[]);
    }

    #[test]
    fn each_missing_header_is_told_once() {
        let twice = page().visit("login").page(200, "<p>inloggen</p>");
        expect(&RULE, twice, &["transport-security", "content-type-options", "referrer-policy"]);
        let short = page()
            .header("Strict-Transport-Security", "max-age=60")
            .header("X-Content-Type-Options", "nosniff")
            .header("Referrer-Policy", "no-referrer");
        expect(&RULE, short, &["transport-security"]);
    }

    #[test]
    fn the_pages_of_a_client_are_looked_at() {
        let page = |url: &str| client_issues_in(&RULE, &Recording::new().client(url).page(200, "<p>klaar</p>").run());
        assert_eq!(page("https://pgo.example/cb").len(), 3);
        assert_eq!(page("https://portaal.example/start"), ["not seen"]);
        let moved = Recording::new().client("https://pgo.example/cb").forward("https://pgo.example/klaar");
        assert_eq!(client_issues_in(&RULE, &moved.run()), ["not seen"]);
    }
}
