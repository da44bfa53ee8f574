//! TOK-25: metadata of the authorization server.

use serde_json::Value;

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
    /// Whether the authorization server publishes metadata. No MedMij rule asks for it: this is recorded.
    ///
    /// ## How it is tested
    /// The well-known address of RFC 8414 on the host of the AuthorizationEndpoint; of a JSON object with an issuer the names
    /// of its members are recorded, of anything else the status.
    /// ## Not covered
    /// Metadata of an issuer with a path, or on another host. Whether the values are right.
    /// ## Source
    /// RFC 8414, section 3.
    pub static RULE = {
        id: "TOK-25",
        summary: "whether the authorization server publishes metadata",
        dva: check,
    }
}

const PROBE: &str = "server-metadata";

fn check(_: &Context, run: &Run) -> Judgement {
    let answers = run.probe(PROBE).filter(|exchange| !oauth::is_no_answer(exchange));
    Judgement::each(answers, oauth::not_probed(&[PROBE]), |exchange| {
        let expected = Text::new("mag: metagegevens volgens RFC 8414", "may: metadata by RFC 8414");
        let (code, seen) = match members(exchange) {
            Some(names) => ("metadata", text!("metagegevens met {names}", "metadata with {names}")),
            None => ("no-metadata", oauth::answer(exchange)),
        };
        vec![Issue::information(code, "/.well-known", expected, seen).at(exchange.number)]
    })
}

fn members(exchange: &Exchange) -> Option<String> {
    let json = exchange.response.as_ref().filter(|_| exchange.succeeded())?.body.json()?;
    json.get("issuer").filter(|issuer| issuer.is_string())?;
    let Value::Object(members) = json else { return None };
    Some(members.keys().map(String::as_str).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;

    #[test]
    fn either_is_told() {
        let visit = || Recording::new().probe(PROBE).visit(".well-known/oauth-authorization-server");
        expect(&RULE, visit().json(200, r#"{"issuer": "https://as.example", "jwks_uri": "x"}"#), &["metadata"]);
        expect(&RULE, visit().json(200, "{}"), &["no-metadata"]);
        expect(&RULE, visit().page(404, ""), &["no-metadata"]);
        expect(&RULE, Recording::new(), &["not seen"]);
    }
}
