//! TOK-15: a code works once.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::text;

declare_rule! {
    /// The Authorization Server discards a code once it has been presented, whatever came of it.
    ///
    /// ## How it is tested
    /// A code is redeemed, and then redeemed again; another code is presented with a wrong `redirect_uri`, and then with the
    /// right one. A token the second time is a breach.
    /// ## Not covered
    /// The error value (TOK-22) and form (TOK-21). Whether the token of the first redemption is revoked, which RFC 6749 only
    /// recommends. The second case is not judged when the wrong `redirect_uri` already gives a token (TOK-16).
    /// ## Source
    /// Afsprakenstelsel 2.x, Token interface, core.tknint.204; RFC 6749, section 4.1.2.
    pub static RULE = {
        id: "TOK-15",
        summary: "a code that has been presented gives no token again",
        dva: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    let seconds = oauth::REPLAYS.iter().flat_map(|probe| {
        run.probe_traces(probe).filter_map(|trace| {
            let mut attempts = oauth::redemptions(trace).into_iter();
            let first = attempts.next()?;
            // Redeemed twice: the first has to succeed. Wrong, then right: the first has to fail.
            let expected_first = *probe == "code-replay";
            let usable = first.response.is_some() && oauth::token(first).is_some() == expected_first;
            let second = attempts.next().filter(|second| second.status().is_some() && second.failure.is_none())?;
            usable.then_some((*probe, first, second))
        })
    });
    Judgement::each(seconds, oauth::not_probed(oauth::REPLAYS), |(probe, first, second)| {
        if oauth::token(second).is_none() {
            return Vec::new();
        }
        let expected =
            Text::new("geen token: de code is al aangeboden", "no token: the code has been presented before");
        let number = first.number;
        let (code, seen) = if probe == "code-replay" {
            let seen = text!(
                "nog een token voor de code die uitwisseling {number} al inwisselde",
                "another token for the code that exchange {number} redeemed"
            );
            ("code-reused", seen)
        } else {
            let seen = text!(
                "een token voor de code die in uitwisseling {number} werd geweigerd",
                "a token for the code that was refused in exchange {number}"
            );
            ("code-survives-error", seen)
        };
        vec![Issue::error(code, "code", expected, seen).at(second.number)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    const TOKEN: &str = r#"{"access_token": "REDACTED.access-token.1"}"#;
    const REFUSED: &str = r#"{"error": "invalid_grant"}"#;

    fn twice(probe: &str, first: (u16, &str), second: (u16, &str)) -> Recording {
        let code = &[("code", "REDACTED.code.1")];
        let recording = Recording::new().probe(probe).token(code).json(first.0, first.1);
        recording.token(code).json(second.0, second.1)
    }

    #[test]
    fn a_refusal_the_second_time_passes() {
        expect(&RULE, twice("code-replay", (200, TOKEN), (400, REFUSED)), &[]);
        expect(&RULE, twice("code-after-wrong-redirect-uri", (400, REFUSED), (400, REFUSED)), &[]);
    }

    #[test]
    fn a_token_the_second_time_is_found() {
        assert_eq!(
            issues(&RULE, twice("code-replay", (200, TOKEN), (200, TOKEN))),
            ["error code-reused #2 code: no token: the code has been presented before / \
              another token for the code that exchange 1 redeemed"]
        );
        expect(&RULE, twice("code-after-wrong-redirect-uri", (400, REFUSED), (200, TOKEN)), &["code-survives-error"]);
    }

    #[test]
    fn a_first_time_that_went_otherwise_shows_nothing() {
        expect(&RULE, twice("code-replay", (400, REFUSED), (400, REFUSED)), &["not seen"]);
        expect(&RULE, twice("code-after-wrong-redirect-uri", (200, TOKEN), (200, TOKEN)), &["not seen"]);
    }
}
