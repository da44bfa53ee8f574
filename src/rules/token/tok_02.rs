//! TOK-02: the parameters of the token request.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;

declare_rule! {
    /// The token request for a code has grant_type, code, client_id and redirect_uri, each once; redirect_uri is that of the authorization request.
    ///
    /// ## How it is tested
    /// Each token request for a code that arrives is read, beside the authorization requests of the same scenario.
    /// ## Not covered
    /// Whether the parameters stand in the body (TOK-08).
    /// ## Source
    /// Afsprakenstelsel 2.x, Token interface, core.tknint.200; RFC 6749, section 4.1.3.
    pub static RULE = {
        id: "TOK-02",
        summary: "the token request has its parameters",
        dvp: check,
    }
}

/// The parameters of core.tknint.200.
const NAMES: [&str; 4] = ["grant_type", "code", "client_id", "redirect_uri"];

fn check(_: &Context, run: &Run) -> Judgement {
    let requests = run.traces.iter().flat_map(|trace| {
        let asked: Vec<String> = trace
            .exchanges
            .iter()
            .filter(|exchange| exchange.interface == Interface::Authorization)
            .flat_map(|exchange| client::values(&client::parameters(exchange), "redirect_uri"))
            .collect();
        let here = trace.exchanges.iter().filter(|exchange| exchange.interface == Interface::Token);
        here.map(move |exchange| (exchange, asked.clone()))
    });
    let of_code = requests.filter(|(exchange, _)| !client::is_refresh(exchange));
    Judgement::each(of_code, client::nothing("tokenverzoek", "token request"), |(exchange, asked)| {
        let mut issues = client::each_once(exchange, &NAMES);
        let given = client::values(&client::parameters(exchange), "redirect_uri");
        if let Some(other) = given.iter().find(|uri| !asked.is_empty() && !asked.contains(uri)) {
            let expected =
                Text::new("redirect_uri van het autorisatieverzoek", "redirect_uri of the authorization request");
            let issue = Issue::error("other-redirect-uri", "redirect_uri", expected, Text::same(format!("`{other}`")));
            issues.push(issue.at(exchange.number));
        }
        issues
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn parameters_stand_once_and_the_redirect_uri_is_the_same() {
        use crate::rules::testing::REDIRECT_URI;
        let token = |uri: &str| {
            let fields = [
                ("grant_type", "authorization_code"),
                ("code", "REDACTED.code.1"),
                ("client_id", "pgo.example"),
                ("redirect_uri", uri),
            ];
            Recording::new().authorize(&[]).token(&fields)
        };
        assert_eq!(client_issues(&RULE, token(REDIRECT_URI)), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, token("https://pgo.example/other")), ["other-redirect-uri"]);
        assert_eq!(client_issues(&RULE, token("")).len(), 2);
    }
}
