//! RES-06: a request without token.

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
use crate::text;

declare_rule! {
    /// A resource request without access token gets no data, but status 401 and the challenge `Bearer`.
    ///
    /// ## How it is tested
    /// A right resource request without `Authorization`. Data, or an answer without `WWW-Authenticate` of the scheme `Bearer`,
    /// is a breach; another status than 401 a warning; an error code in the challenge is recorded only.
    /// ## Not covered
    /// Wrong tokens (RES-07).
    /// ## Source
    /// RFC 6750, sections 3 and 3.1.
    pub static RULE = {
        id: "RES-06",
        summary: "without token 401 with the challenge Bearer",
        dva: check,
    }
}

const PROBES: &[&str] = &["resource-no-token"];

fn check(_: &Context, run: &Run) -> Judgement {
    Judgement::each(oauth::probes(run, Interface::Resource, PROBES), oauth::not_probed(PROBES), |exchange| {
        issues(exchange).into_iter().map(|issue| issue.at(exchange.number)).collect()
    })
}

fn issues(exchange: &Exchange) -> Vec<Issue> {
    let Some(status) = exchange.status() else { return Vec::new() };
    if (200..300).contains(&status) {
        let expected = Text::new("401, geen gegevens", "401, no data");
        let seen =
            text!("een antwoord met status {status}, zonder token", "an answer with status {status}, without token");
        return vec![Issue::error("data-without-token", "status", expected, seen)];
    }
    refusal(exchange, status, "no-token-status", |error| {
        let seen = Text::same(format!("`{}`", error?));
        let expected = Text::new("geen foutcode", "no error code");
        Some(Issue::information("challenge-with-error", "WWW-Authenticate", expected, seen))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn probe() -> Recording {
        Recording::new().probe("resource-no-token").get("Patient")
    }

    #[test]
    fn a_challenge_passes() {
        expect(&RULE, probe().json(401, "{}").header("WWW-Authenticate", "Bearer realm=\"dva\""), &[]);
        expect(&RULE, probe().page(401, "").header("www-authenticate", "Basic realm=\"x\", bearer"), &[]);
        let found = issues(&RULE, probe().json(401, "").header("WWW-Authenticate", "Bearer error=\"invalid_token\""));
        assert!(found[0].starts_with("information challenge-with-error"), "{found:?}");
    }

    #[test]
    fn data_and_no_challenge_are_found() {
        assert_eq!(
            issues(&RULE, probe().json(200, "{}")),
            ["error data-without-token #1 status: 401, no data / an answer with status 200, without token"]
        );
        expect(&RULE, probe().json(401, "{}"), &["no-bearer-challenge"]);
        expect(&RULE, probe().json(403, "").header("WWW-Authenticate", "Bearer"), &["no-token-status"]);
    }
}
