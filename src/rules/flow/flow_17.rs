//! FLOW-17: whether an encoded redirect URI is taken.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::oauth;
use crate::rules::oauth::Ending;

declare_rule! {
    /// The Authorization Server takes a `redirect_uri` in which every character is percent-encoded that may be. In 2.x this is
    /// recorded only: the official examples show it as it is.
    ///
    /// ## How it is tested
    /// An authorization request whose parameters are encoded in full goes through the declared pages; where it ends is
    /// recorded when that is not at the client with a code.
    /// Of a DVP: an authorization request in whose query the value stands as it is, is recorded.
    /// ## Not covered
    /// The token request: a form encodes it in full always. What a DVP sends.
    /// ## Source
    /// Afsprakenstelsel, changelog 1.5.0; RFC 3986, section 2.2.
    pub static RULE = {
        id: "FLOW-17",
        summary: "an encoded redirect_uri is taken",
        dva: of_server,
        dvp: of_client,
    }
}

const PROBES: &[&str] = &["redirect-uri-encoded"];

fn of_client(_: &Context, run: &Run) -> Judgement {
    let requests = client::requests(run, Interface::Authorization).filter(|exchange| exchange.request.method == "GET");
    Judgement::each(requests, client::nothing("autorisatieverzoek", "authorization request"), |exchange| {
        let query = exchange.request.url.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let raw = query.split('&').find_map(|pair| pair.strip_prefix("redirect_uri=")).unwrap_or_default();
        let expected = Text::new("percent-codering van `:` en `/`", "percent-encoding of `:` and `/`");
        let issue =
            || Issue::information("redirect-uri-not-encoded", "redirect_uri", expected, Text::same(format!("`{raw}`")));
        raw.contains("://").then(|| issue().at(exchange.number)).into_iter().collect()
    })
}

fn of_server(context: &Context, run: &Run) -> Judgement {
    let uri = context.redirect_uri();
    Judgement::each(oauth::probed(run, uri, PROBES), oauth::not_probed(PROBES), |flow| {
        if matches!(flow.ending(uri), Ending::Granted(_)) {
            return Vec::new();
        }
        let Some((seen, at)) = oauth::told(&flow, uri) else { return Vec::new() };
        let expected = Text::new("een code, als bij een gewoon verzoek", "a code, as for a regular request");
        vec![Issue::information("encoded-redirect-uri-refused", "redirect_uri", expected, seen).at(at)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;

    #[test]
    fn a_refusal_is_told() {
        let probe = || Recording::new().probe("redirect-uri-encoded").authorize(&[]);
        expect(&RULE, probe().redirect("?code=REDACTED.code.1&state=s1"), &[]);
        expect(&RULE, probe().page(400, ""), &["encoded-redirect-uri-refused"]);
        expect(&RULE, Recording::new().authorize(&[]).page(400, ""), &["not seen"]);
    }

    #[test]
    fn what_a_client_does_not_encode_is_told() {
        let asked = |query: &str| {
            let request = Recording::new().authorize(&[]).to(&format!("https://as.example/authorize?scope=a&{query}"));
            client_issues(&RULE, request)
        };
        assert_eq!(asked("redirect_uri=https%3A%2F%2Fpgo.example%2Fcb"), Vec::<String>::new());
        assert_eq!(asked("redirect_uri=https%3a%2f%2Fpgo.example%2fcb"), Vec::<String>::new());
        assert_eq!(asked("redirect_uri=https://pgo.example/cb"), ["redirect-uri-not-encoded"]);
    }
}
