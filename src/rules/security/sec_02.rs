//! SEC-02: what tokens tell the DVP.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::exchange::SecretKind;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::text;

declare_rule! {
    /// What can be read in an access token is recorded: a JWT is not forbidden, and what tokens may tell was not read.
    ///
    /// ## How it is tested
    /// Of each access token that the server issued, whether it is a JWT, and the names of its claims.
    /// ## Not covered
    /// A BSN, a name or a birth date in a token (RES-04).
    /// ## Source
    /// Follows from the rule on control data; text of its own not seen.
    pub static RULE = {
        id: "SEC-02",
        summary: "what tokens tell the DVP",
        dva: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    let issued = run.secrets.iter().filter(|secret| secret.kind == SecretKind::AccessToken && secret.issued > 0);
    let mut kinds: Vec<String> = Vec::new();
    let mut count = 0;
    for secret in issued {
        count += 1;
        let claims = secret.claims.join(", ");
        if !kinds.contains(&claims) {
            kinds.push(claims);
        }
    }
    if count == 0 {
        return Judgement::NotSeen(Text::new("geen access token uitgegeven", "no access token was issued"));
    }
    let issues = kinds.iter().map(|claims| {
        let seen = match claims.is_empty() {
            true => Text::new("geen leesbare inhoud", "nothing that can be read"),
            false => text!("een JWT met de claims {claims}", "a JWT with the claims {claims}"),
        };
        Issue::information("token-content", "access_token", Text::new("iedere vorm", "any form"), seen)
    });
    Judgement::Seen { occasions: count, issues: issues.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::SecretFacts;
    use crate::rules::testing::issues_in;

    #[test]
    fn the_claims_are_told_by_name() {
        let secret = |claims: &[&str], issued| SecretFacts {
            placeholder: "REDACTED.access-token.1".into(),
            kind: SecretKind::AccessToken,
            length: 40,
            alphabet: 64,
            bits: 240.0,
            issued,
            shared: 0,
            claims: claims.iter().map(|name| (*name).to_owned()).collect(),
            holds_bsn: false,
        };
        let run =
            Run { secrets: vec![secret(&[], 1), secret(&["iss", "exp"], 1), secret(&["sub"], 0)], ..Run::default() };
        assert_eq!(
            issues_in(&RULE, &run),
            [
                "information token-content access_token: any form / nothing that can be read",
                "information token-content access_token: any form / a JWT with the claims iss, exp",
            ]
        );
        assert_eq!(issues_in(&RULE, &Run::default()), ["not seen"]);
    }
}
