//! TOK-10: the access token lasts 900 seconds.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::Trace;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::rules::resource::res_07;
use crate::rules::tls::whitelist;
use crate::text;

declare_rule! {
    /// The access token lasts 900 seconds, and the token response says so.
    ///
    /// ## How it is tested
    /// Each successful JSON answer to a regular token request: `expires_in` is the number 900. With `--wait` a token is used 850
    /// seconds after it came, when it gives no status 401, and 960 seconds after it came, when it gives no data: the clocks of
    /// the servers may differ a little.
    /// ## Not covered
    /// In what words an expired token is refused (RES-07).
    /// ## Source
    /// Afsprakenstelsel 2.x, Token interface, core.tknint.201 and core.autorisatie.204.
    pub static RULE = {
        id: "TOK-10",
        summary: "an access token lasts 900 seconds, and expires_in is 900",
        dva: check,
    }
}

/// Resource request with a token that should still be good.
const BEFORE: &str = "token-before-end";

/// Resource request with a token that should be good no longer.
pub const AFTER: &str = "token-after-end";

const SECONDS: f64 = 900.0;

/// Ages in seconds by which the token must be good, or must not be, whatever a clock or an answer lags behind.
const YOUNG: i64 = 880;
const OLD: i64 = 950;

fn check(_: &Context, run: &Run) -> Judgement {
    let told = oauth::regular_token_objects(run)
        .into_iter()
        .map(|(exchange, object)| told(object.get("expires_in")).map(|issue| issue.at(exchange.number)));
    // Where any token is taken, none shows when it ends.
    let unknown = oauth::probes(run, Interface::Resource, &[res_07::UNKNOWN]);
    let takes_any = unknown.into_iter().any(whitelist::gives_data);
    let probes = [BEFORE, AFTER].into_iter().filter(|_| !takes_any);
    let lived = probes.flat_map(|probe| run.probe_traces(probe).filter_map(move |trace| lived_on(run, trace, probe)));
    Judgement::each(told.chain(lived), oauth::no_token_response(), |issue| issue.into_iter().collect())
}

fn told(value: Option<&serde_json::Value>) -> Option<Issue> {
    if value.and_then(serde_json::Value::as_f64).is_some_and(|seconds| (seconds - SECONDS).abs() < f64::EPSILON) {
        return None;
    }
    let seen = match value {
        Some(value) => Text::same(format!("`{value}`")),
        None => Text::new("geen expires_in", "no expires_in"),
    };
    Some(Issue::error("expires-in", "expires_in", Text::same("900"), seen))
}

/// What came of the token of a trace at the age of this probe; `None` when nothing tells.
fn lived_on(run: &Run, trace: &Trace, probe: &str) -> Option<Option<Issue>> {
    let used = trace
        .exchanges
        .iter()
        .find(|exchange| exchange.interface == Interface::Resource && exchange.probe.as_deref() == Some(probe))?;
    let is_token = |exchange: &&Exchange| exchange.number < used.number && oauth::token(exchange).is_some();
    let issued = trace.exchanges.iter().rfind(is_token)?;
    let age = used.started.as_second() - issued.started.as_second();
    let is_repeated = oauth::token(issued).and_then(|token| run.secret(&token)).is_some_and(|facts| facts.issued > 1);
    if oauth::is_no_answer(used) || is_repeated {
        return None;
    }
    let issue = match probe {
        BEFORE if age <= YOUNG => (used.status() == Some(401)).then(|| {
            let seen = text!("status 401 na {age} s", "status 401 after {age} s");
            Issue::error("token-ends-early", "Authorization", Text::new("900 s geldig", "good for 900 s"), seen)
        }),
        AFTER if age >= OLD => whitelist::gives_data(used).then(|| {
            let seen = text!("gegevens na {age} s", "data after {age} s");
            Issue::error("token-ends-late", "Authorization", Text::new("900 s geldig", "good for 900 s"), seen)
        }),
        _ => return None,
    };
    Some(issue.map(|issue| issue.at(used.number)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn answer(body: &str) -> Recording {
        Recording::new().token(&[]).json(200, body)
    }

    #[test]
    fn nine_hundred_seconds_pass() {
        expect(&RULE, answer(r#"{"expires_in": 900}"#), &[]);
        expect(&RULE, answer(r#"{"expires_in": 900.0}"#), &[]);
        expect(&RULE, answer("geen json"), &["not seen"]);
    }

    #[test]
    fn anything_else_is_found() {
        assert_eq!(issues(&RULE, answer(r#"{"expires_in": 3600}"#)), ["error expires-in #1 expires_in: 900 / `3600`"]);
        assert_eq!(
            issues(&RULE, answer(r#"{"expires_in": "900"}"#)),
            ["error expires-in #1 expires_in: 900 / `\"900\"`"]
        );
        expect(&RULE, answer("{}"), &["expires-in"]);
    }

    #[test]
    fn a_token_works_until_its_end_and_not_much_longer() {
        let used = |probe: &str, seconds: i64| {
            let token = Recording::new().probe("token-lifetime").token(&[]).json(200, r#"{"access_token": "t"}"#);
            token.second(seconds).probe(probe).get("Patient")
        };
        let data = r#"{"resourceType": "Bundle"}"#;
        expect(&RULE, used(BEFORE, 850).json(200, data), &[]);
        expect(&RULE, used(BEFORE, 850).json(401, "{}"), &["token-ends-early"]);
        expect(&RULE, used(BEFORE, 850).json(404, "{}"), &[]);
        expect(&RULE, used(BEFORE, 900).json(401, "{}"), &["not seen"]);
        expect(&RULE, used(BEFORE, 850).json(429, "{}"), &["not seen"]);
        expect(&RULE, used(AFTER, 960).json(200, data), &["token-ends-late"]);
        expect(&RULE, used(AFTER, 960).json(403, "{}"), &[]);
        expect(&RULE, used(AFTER, 910).json(200, data), &["not seen"]);
        let any = used(AFTER, 960).json(200, data).probe(res_07::UNKNOWN).get("Patient").json(200, data);
        expect(&RULE, any, &["not seen"]);
    }
}
