//! AUTH-28: codes are short-lived.

use jiff::Timestamp;

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
use crate::text;

declare_rule! {
    /// An authorization code is good for a short time: ten minutes at most, as RFC 6749 recommends.
    ///
    /// ## How it is tested
    /// With `--wait` a code is redeemed a quarter of an hour after it came: a token then is a warning. How old the code was,
    /// and whether it was good, is recorded.
    /// ## Not covered
    /// How long a code lives exactly: one request tells that it is longer or shorter than so much. Codes between ten minutes
    /// and a quarter of an hour old.
    /// ## Source
    /// RFC 6749, sections 4.1.2 and 10.5.
    pub static RULE = {
        id: "AUTH-28",
        summary: "a code is no good after a quarter of an hour",
        dva: check,
    }
}

const PROBE: &str = "code-late";

/// Age from which a code should be no good, in seconds.
const OLD: i64 = 900;

fn check(context: &Context, run: &Run) -> Judgement {
    let uri = context.redirect_uri();
    let redemptions = run.probe_traces(PROBE).filter_map(|trace| {
        let exchange = trace.exchanges.iter().rfind(|exchange| exchange.interface == Interface::Token)?;
        let age = exchange.started.as_second() - issued(trace, uri)?.as_second();
        (age >= OLD && !oauth::is_no_answer(exchange)).then_some((exchange, age))
    });
    let none = Text::new(
        "dat duurt een kwartier: alleen met `--wait` (of `wait = true` onder `[probes]`), en met `active = true`",
        "that takes a quarter of an hour: only with `--wait` (or `wait = true` under `[probes]`), and with `active = true`",
    );
    Judgement::each(redemptions, none, |(exchange, age)| vec![issue(exchange, age)])
}

/// When the code came.
fn issued(trace: &Trace, uri: &str) -> Option<Timestamp> {
    let code = |exchange: &&Exchange| exchange.redirect_parameter(uri, "code").is_some();
    trace.exchanges.iter().find(code).map(|exchange| exchange.started)
}

fn issue(exchange: &Exchange, age: i64) -> Issue {
    let expected = Text::new("hooguit tien minuten geldig", "good for ten minutes at most");
    let issue = match oauth::token(exchange) {
        Some(_) => {
            let seen = text!("na {age} s nog geldig", "still good after {age} s");
            Issue::warning("long-lived-code", "code", expected, seen)
        }
        None => {
            let seen = text!("na {age} s niet meer geldig", "no longer good after {age} s");
            Issue::information("code-lifetime", "code", expected, seen)
        }
    };
    issue.at(exchange.number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::issues_in;

    fn after(seconds: i64, status: u16, body: &str) -> Vec<String> {
        let recording = Recording::new().probe(PROBE).authorize(&[]).redirect("?code=REDACTED.code.1&state=s1");
        let mut run = recording.token(&[("code", "REDACTED.code.1")]).json(status, body).run();
        let late = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(seconds);
        run.traces[0].exchanges[1].started = late;
        issues_in(&RULE, &run)
    }

    #[test]
    fn a_late_token_is_a_warning() {
        let token = r#"{"access_token": "REDACTED.access-token.1"}"#;
        assert_eq!(
            after(901, 200, token),
            ["warning long-lived-code #2 code: good for ten minutes at most / still good after 901 s"]
        );
        assert_eq!(
            after(901, 400, r#"{"error": "invalid_grant"}"#),
            ["information code-lifetime #2 code: good for ten minutes at most / no longer good after 901 s"]
        );
        assert_eq!(after(5, 200, token), ["not seen"]);
    }
}
