//! CON-06: whether consent for once gives a refresh token.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::consent::refresh;
use crate::rules::oauth;

declare_rule! {
    /// Whether a token response holds a refresh token though consent was given for once. This is recorded, never a breach.
    ///
    /// ## How it is tested
    /// The answers to the codes of regular flows in which the choice of an indefinite time was left as it stood.
    /// ## Not covered
    /// Whether such a refresh token works. A login by hand, where a person may have made the choice, is counted all the same.
    /// ## Source
    /// Afsprakenstelsel 2.2.4, Toestemmingsverklaring.
    pub static RULE = {
        id: "CON-06",
        summary: "whether consent for once gives a refresh token",
        dva: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    // Flows with the choice made are those that go on to swap, or stopped where they would.
    let is_long = |scenario: &str| {
        let trace = run.traces.iter().find(|trace| trace.scenario == scenario);
        trace.is_some_and(|trace| {
            trace.exchanges.iter().any(refresh::is_refresh)
                || trace
                    .steps
                    .iter()
                    .filter_map(|step| step.stopped.as_ref())
                    .any(|stop| stop.code == "no-refresh-token")
        })
    };
    let answers = oauth::regular_tokens(run).filter(|exchange| oauth::token(exchange).is_some());
    let once: Vec<_> = answers.filter(|exchange| !is_long(&exchange.scenario)).collect();
    if once.is_empty() {
        return Judgement::NotSeen(Text::new(
            "geen token na toestemming voor één keer",
            "no token after consent for once",
        ));
    }
    let first = |has: bool| once.iter().find(|exchange| oauth::field(exchange, "refresh_token").is_some() == has);
    let expected = Text::new("geen refresh token", "no refresh token");
    let issues = [
        (true, "refresh-token-for-once", Text::new("een refresh token", "a refresh token")),
        (false, "no-refresh-token", Text::new("geen refresh token", "no refresh token")),
    ]
    .into_iter()
    .filter_map(|(has, code, seen)| {
        Some(Issue::information(code, "refresh_token", expected.clone(), seen).at(first(has)?.number))
    });
    Judgement::Seen { occasions: u32::try_from(once.len()).unwrap_or(u32::MAX), issues: issues.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;

    const ALONE: &str = r#"{"access_token": "REDACTED.access-token.1"}"#;
    const BOTH: &str = r#"{"access_token": "REDACTED.access-token.2", "refresh_token": "REDACTED.refresh-token.1"}"#;
    const CODE: &[(&str, &str)] = &[("grant_type", "authorization_code")];

    #[test]
    fn both_are_told() {
        expect(&RULE, Recording::new().token(CODE).json(200, ALONE), &["no-refresh-token"]);
        expect(&RULE, Recording::new().token(CODE).json(200, BOTH), &["refresh-token-for-once"]);
    }

    #[test]
    fn a_flow_with_the_choice_made_is_another_matter() {
        let long =
            Recording::new().token(CODE).json(200, BOTH).token(&[("grant_type", "refresh_token")]).json(200, BOTH);
        expect(&RULE, long, &["not seen"]);
        expect(&RULE, Recording::new().probe("refresh-again").token(CODE).json(200, BOTH), &["not seen"]);
    }
}
