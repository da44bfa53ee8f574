//! AUTH-29: what becomes of PKCE.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::consent::refresh;
use crate::rules::oauth;
use crate::rules::oauth::Ending;
use crate::text;

declare_rule! {
    /// What the server makes of a proof key (PKCE). No release asks for it: this is recorded.
    ///
    /// ## How it is tested
    /// Authorization requests with the `code_challenge` of RFC 7636, appendix B; the codes that come are redeemed with its
    /// verifier, with another one, and without. Where each of them ended is recorded.
    /// Of a DVP: whether its authorization requests carry a `code_challenge` is recorded.
    /// ## Not covered
    /// The method `plain`.
    /// ## Source
    /// RFC 7636; Afsprakenstelsel 2.2, Authorization interface and Token interface, which do not name it.
    pub static RULE = {
        id: "AUTH-29",
        summary: "what becomes of PKCE",
        dva: of_server,
        dvp: of_client,
    }
}

const PROBES: &[&str] = &["pkce-verifier", "pkce-other-verifier", "pkce-no-verifier"];

fn of_client(_: &Context, run: &Run) -> Judgement {
    let requests = client::requests(run, Interface::Authorization);
    Judgement::each(requests, client::nothing("autorisatieverzoek", "authorization request"), |exchange| {
        let parameters = client::parameters(exchange);
        let Some(challenge) = client::values(&parameters, "code_challenge").into_iter().next() else {
            return Vec::new();
        };
        let method = client::values(&parameters, "code_challenge_method").join(", ");
        let length = challenge.len();
        let seen = text!(
            "code_challenge van {length} tekens, methode `{method}`",
            "code_challenge of {length} characters, method `{method}`"
        );
        vec![Issue::information("challenge-sent", "code_challenge", Text::new("mag", "may"), seen).at(exchange.number)]
    })
}

fn of_server(context: &Context, run: &Run) -> Judgement {
    let uri = context.redirect_uri();
    Judgement::each(oauth::probed(run, uri, PROBES), oauth::not_probed(PROBES), |flow| {
        let expected = Text::new("elk antwoord", "any answer");
        if !matches!(flow.ending(uri), Ending::Granted(_)) {
            let Some((Text { nl, en }, at)) = oauth::told(&flow, uri) else { return Vec::new() };
            let seen = text!("met code_challenge geen code: {nl}", "no code with code_challenge: {en}");
            return vec![Issue::information("challenge-refused", "code_challenge", expected, seen).at(at)];
        }
        let probe = flow.probe().unwrap_or_default();
        let tokens = run.probe(probe).filter(|exchange| exchange.interface == Interface::Token);
        let Some(exchange) = tokens.filter(|exchange| !oauth::is_no_answer(exchange)).last() else { return Vec::new() };
        let (nl, en) = match probe {
            "pkce-verifier" => ("met de juiste code_verifier", "with the right code_verifier"),
            "pkce-other-verifier" => ("met een andere code_verifier", "with another code_verifier"),
            _ => ("zonder code_verifier", "without code_verifier"),
        };
        let (code, seen) = match oauth::token(exchange) {
            Some(_) => ("token-came", text!("{nl} een token", "{en} a token")),
            None => {
                let outcome = refresh::outcome(exchange);
                let seen =
                    Text::new(format!("{nl} geen token: {}", outcome.nl), format!("{en} no token: {}", outcome.en));
                ("token-refused", seen)
            }
        };
        vec![Issue::information(code, "code_verifier", expected, seen).at(exchange.number)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;

    fn probe(name: &str) -> Recording {
        Recording::new().probe(name).authorize(&[("code_challenge", "x")])
    }

    #[test]
    fn each_outcome_is_told() {
        expect(&RULE, probe("pkce-verifier").redirect("?error=invalid_request"), &["challenge-refused"]);
        let code = |name| probe(name).redirect("?code=REDACTED.code.1&state=s1").token(&[("code", "REDACTED.code.1")]);
        expect(&RULE, code("pkce-verifier").json(200, r#"{"access_token": "a"}"#), &["token-came"]);
        expect(&RULE, code("pkce-no-verifier").json(400, r#"{"error": "invalid_grant"}"#), &["token-refused"]);
        expect(&RULE, Recording::new(), &["not seen"]);
    }

    #[test]
    fn what_a_client_sends_is_told() {
        let challenge = [("code_challenge", "abc"), ("code_challenge_method", "S256")];
        assert_eq!(client_issues(&RULE, Recording::new().authorize(&challenge)), ["challenge-sent"]);
        assert_eq!(client_issues(&RULE, Recording::new().authorize(&[])), Vec::<String>::new());
    }
}
