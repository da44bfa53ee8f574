//! FLOW-16: codes and tokens are unique.

use std::collections::HashMap;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::exchange::SecretKind;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::text;

declare_rule! {
    /// The Authorization Server issues no authorization code, access token or refresh token twice.
    ///
    /// ## How it is tested
    /// All codes and tokens that were issued in the run, compared by their placeholders: equal secrets have the equal one.
    /// Any duplicate is a breach; the number of occasions is the number of samples.
    /// ## Not covered
    /// Fewer than two samples of a kind show nothing. What a second redemption of one code brings (TOK-15).
    /// ## Source
    /// Afsprakenstelsel, changelog 2.0.0.
    pub static RULE = {
        id: "FLOW-16",
        summary: "codes and tokens are unique",
        dva: check,
    }
}

fn check(context: &Context, run: &Run) -> Judgement {
    let issued = oauth::issued(run, context.redirect_uri());
    let mut issues = Vec::new();
    let mut occasions = 0;
    for kind in [SecretKind::Code, SecretKind::AccessToken, SecretKind::RefreshToken] {
        let samples: Vec<_> = issued.iter().filter(|sample| sample.kind == kind).collect();
        if samples.len() < 2 {
            continue;
        }
        occasions += u32::try_from(samples.len()).unwrap_or(u32::MAX);
        let mut first_seen = HashMap::new();
        for sample in &samples {
            let Some(first) = first_seen.insert(sample.placeholder.as_str(), sample.exchange) else { continue };
            let name = oauth::kind_name(kind);
            let (nl, en, count) = (name.nl, name.en, samples.len());
            let expected = text!("elke {nl} is uniek ({count} gezien)", "every {en} is unique ({count} seen)");
            let seen = text!("dezelfde {nl} als in uitwisseling {first}", "the same {en} as in exchange {first}");
            issues.push(Issue::error("issued-twice", place(kind), expected, seen).at(sample.exchange));
        }
    }
    if occasions == 0 {
        return Judgement::NotSeen(Text::new(
            "minder dan twee codes of tokens uitgegeven",
            "fewer than two codes or tokens were issued",
        ));
    }
    Judgement::Seen { occasions, issues }
}

fn place(kind: SecretKind) -> &'static str {
    match kind {
        SecretKind::Code => "code",
        SecretKind::RefreshToken => "refresh_token",
        _ => "access_token",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;
    use crate::rules::testing::judge;

    fn pass(recording: Recording, code: u32, token: u32) -> Recording {
        recording
            .scenario("flow/n")
            .authorize(&[])
            .redirect(&format!("?code=REDACTED.code.{code}&state=s1"))
            .token(&[("code", &format!("REDACTED.code.{code}"))])
            .json(200, &format!(r#"{{"access_token": "REDACTED.access-token.{token}"}}"#))
    }

    #[test]
    fn different_codes_and_tokens_pass_and_are_counted() {
        let two = pass(pass(Recording::new(), 1, 1), 2, 2);
        assert_eq!(judge(&RULE, two), Judgement::Seen { occasions: 4, issues: vec![] });
        expect(&RULE, pass(Recording::new(), 1, 1), &["not seen"]);
    }

    #[test]
    fn a_duplicate_is_found() {
        assert_eq!(
            issues(&RULE, pass(pass(Recording::new(), 1, 1), 2, 1)),
            ["error issued-twice #4 access_token: every access token is unique (2 seen) / \
              the same access token as in exchange 2"]
        );
        expect(&RULE, pass(pass(Recording::new(), 1, 1), 1, 2), &["issued-twice"]);
    }

    #[test]
    fn a_refresh_token_that_stays_the_same_is_not_issued_again() {
        let both = r#"{"access_token": "REDACTED.access-token.1", "refresh_token": "REDACTED.refresh-token.1"}"#;
        let swap = &[("grant_type", "refresh_token"), ("refresh_token", "REDACTED.refresh-token.1")];
        let next = both.replace("access-token.1", "access-token.2");
        let kept = Recording::new().token(&[]).json(200, both).token(swap).json(200, &next);
        expect(&RULE, kept, &[]);
        let again = Recording::new().token(&[]).json(200, both).token(&[]).json(200, &next);
        expect(&RULE, again, &["issued-twice"]);
    }

    #[test]
    fn the_token_of_a_replayed_code_is_left_to_its_rule() {
        let token = r#"{"access_token": "REDACTED.access-token.1"}"#;
        let replay = pass(Recording::new(), 1, 3).scenario("r").probe("code-replay");
        expect(&RULE, replay.token(&[]).json(200, token).token(&[]).json(200, token), &["not seen"]);
    }
}
