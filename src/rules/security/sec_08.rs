//! SEC-08: the access token stays with the provider.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::ELSEWHERE;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::text;

declare_rule! {
    /// A DVP sends the access token to no host but those of the provider.
    ///
    /// ## How it is tested
    /// The resource server points elsewhere: with a redirect, a next page and the address of a document. A request with a token at that other host
    /// is a breach.
    /// ## Not covered
    /// Tokens in Referer.
    /// ## Source
    /// RFC 6819, section 4.6.4; RFC 6750, section 5.3.
    pub static RULE = {
        id: "SEC-08",
        summary: "the access token goes to no other host",
        dvp: check,
    }
}

/// Answers that lead elsewhere.
pub const PROBES: &[&str] = &["leads-elsewhere"];

fn check(context: &Context, run: &Run) -> Judgement {
    let endpoints = &context.candidate.endpoints;
    let own = endpoints.resource.values().chain([&endpoints.token]);
    let own: Vec<String> = own.filter_map(|url| url.host_str().map(str::to_owned)).collect();
    let traces = PROBES.iter().flat_map(|probe| run.probe_traces(probe));
    let led = traces.filter(|trace| trace.exchanges.iter().any(leads_elsewhere));
    let none = Text::new("geen antwoord wees naar een andere host", "no answer led to another host");
    Judgement::each(led, none, |trace| {
        let carries = |exchange: &&Exchange| {
            exchange.interface == Interface::Resource
                && !own.contains(&client::host(exchange))
                && (exchange.request.header("authorization").is_some()
                    || !client::values(&client::parameters(exchange), "access_token").is_empty())
        };
        let expected = Text::new("geen token naar een andere host", "no token to another host");
        let issue = |exchange: &Exchange| {
            let host = client::host(exchange);
            let told = text!("een verzoek met token aan `{host}`", "a request with a token at `{host}`");
            Issue::error("token-elsewhere", "Authorization", expected.clone(), told).at(exchange.number)
        };
        trace.exchanges.iter().find(carries).map(issue).into_iter().collect()
    })
}

/// Whether an answer of the resource interface leads away, or a request came of one that did.
fn leads_elsewhere(exchange: &Exchange) -> bool {
    // Of a world with names of another domain only the first label is ours.
    let label = ELSEWHERE.split('.').next().unwrap_or_default();
    let there = |text: &str| text.contains(&format!("//{label}."));
    let in_answer = || {
        let response = exchange.response.as_ref()?;
        Some(response.header("location").is_some_and(there) || response.body.text().is_some_and(there))
    };
    exchange.interface == Interface::Resource && (there(&exchange.request.url) || in_answer() == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn a_token_elsewhere_is_found() {
        let sent = || Recording::new().probe("leads-elsewhere").get("Condition");
        assert_eq!(client_issues(&RULE, sent()), ["not seen"], "no answer leads away");
        assert_eq!(client_issues(&RULE, sent().json(200, r#"{"resourceType": "Bundle"}"#)), ["not seen"]);
        let asked = || sent().json(200, &format!(r#"{{"url": "https://{ELSEWHERE}/vervolg"}}"#));
        let led = sent().answer(307, "", "").header("Location", &format!("https://{ELSEWHERE}/Patient"));
        assert_eq!(client_issues(&RULE, led), Vec::<String>::new());
        let elsewhere = || asked().resource(&format!("https://{ELSEWHERE}/Binary/1"));
        assert_eq!(client_issues(&RULE, asked()), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, elsewhere()), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, elsewhere().sending("authorization", "Bearer x")), ["token-elsewhere"]);
    }
}
