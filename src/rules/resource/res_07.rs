//! RES-07: a request with a wrong token.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::rules::resource::challenge::refusal;
use crate::rules::token::tok_10;
use crate::text;

declare_rule! {
    /// A resource request with an unknown or damaged access token gets no data, but status 401 and `invalid_token`.
    ///
    /// ## How it is tested
    /// Right resource requests with a token that was never issued, with one that was cut off, and (with `--wait`) with one that
    /// expired. Data, or an answer without `WWW-Authenticate` of the scheme `Bearer`, is a breach; another status than 401 or
    /// another error than `invalid_token` a warning.
    /// ## Not covered
    /// Data for a token that expired (TOK-10); tokens of another environment.
    /// ## Source
    /// RFC 6750, sections 3 and 3.1.
    pub static RULE = {
        id: "RES-07",
        summary: "with a wrong token 401 with invalid_token",
        dva: check,
    }
}

/// A token that was never issued.
pub const UNKNOWN: &str = "resource-token-unknown";

const PROBES: &[&str] = &[UNKNOWN, "resource-token-truncated"];

fn check(_: &Context, run: &Run) -> Judgement {
    let expired = oauth::probes(run, Interface::Resource, &[tok_10::AFTER]);
    let refused = expired.into_iter().filter(|exchange| !exchange.succeeded());
    let wrong = oauth::probes(run, Interface::Resource, PROBES).into_iter().chain(refused);
    Judgement::each(wrong, oauth::not_probed(PROBES), |exchange| {
        issues(exchange).into_iter().map(|issue| issue.at(exchange.number)).collect()
    })
}

fn issues(exchange: &Exchange) -> Vec<Issue> {
    let Some(status) = exchange.status() else { return Vec::new() };
    if (200..300).contains(&status) {
        let expected = Text::new("401, geen gegevens", "401, no data");
        let seen = text!(
            "een antwoord met status {status} op een onjuist token",
            "an answer with status {status} to a wrong token"
        );
        return vec![Issue::error("data-for-wrong-token", "status", expected, seen)];
    }
    refusal(exchange, status, "wrong-token-status", |error| {
        let seen = match error {
            Some("invalid_token") => return None,
            Some(error) => Text::same(format!("`{error}`")),
            None => Text::new("geen foutcode", "no error code"),
        };
        let expected = Text::same("error=\"invalid_token\"");
        Some(Issue::warning("not-invalid-token", "WWW-Authenticate", expected, seen))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn probe() -> Recording {
        Recording::new().probe("resource-token-unknown").get("Patient")
    }

    #[test]
    fn invalid_token_passes() {
        let challenge = "Bearer realm=\"dva, test\", error=\"invalid_token\", error_description=\"onbekend\"";
        expect(&RULE, probe().json(401, "{}").header("WWW-Authenticate", challenge), &[]);
    }

    #[test]
    fn data_and_no_challenge_are_found() {
        assert_eq!(
            issues(&RULE, probe().json(200, "{}")),
            ["error data-for-wrong-token #1 status: 401, no data / an answer with status 200 to a wrong token"]
        );
        expect(&RULE, probe().json(401, "{}"), &["no-bearer-challenge"]);
    }

    #[test]
    fn another_status_or_error_is_a_warning() {
        let found = issues(&RULE, probe().json(400, "").header("WWW-Authenticate", "Bearer error=invalid_request"));
        assert_eq!(
            found,
            [
                "warning not-invalid-token #1 WWW-Authenticate: error=\"invalid_token\" / `invalid_request`",
                "warning wrong-token-status #1 status: 401 / 400",
            ]
        );
        expect(&RULE, probe().json(401, "").header("WWW-Authenticate", "Bearer"), &["not-invalid-token"]);
    }
}
