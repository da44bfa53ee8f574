//! SEC-01: codes and tokens are hard to guess.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Severity;
use crate::diag::Text;
use crate::exchange::Run;
use crate::exchange::SecretFacts;
use crate::exchange::SecretKind;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::rules::oauth::Issued;
use crate::text;

declare_rule! {
    /// Authorization codes and tokens are hard to guess.
    ///
    /// ## How it is tested
    /// The upper bound of the entropy of each code and token that was issued, by its length and alphabet (122 bits for a
    /// version 4 UUID), as recorded before the value was replaced. Below 64 bits is a breach, below 128 bits a warning. A
    /// value that shares so much with the one issued before that fewer than 64 bits are left (a counter, a value derived from
    /// the time) is a breach too; a likeness that chance may bring is not counted.
    /// ## Not covered
    /// Patterns that change all characters, such as a hash of a counter. Duplicates (FLOW-16).
    /// ## Source
    /// RFC 6749, section 10.10; RFC 6819, sections 5.1.4.2.2 and 5.1.5.3.
    pub static RULE = {
        id: "SEC-01",
        summary: "codes and tokens are hard to guess",
        dva: check,
    }
}

/// An upper bound below this is a breach.
const LEAST_BITS: f64 = 64.0;
/// RFC 6749, section 10.10: the chance to guess must be at most 2^-128.
const RFC_BITS: f64 = 128.0;
/// Likeness of fewer bits than this may be chance: 2^-32 for two values.
const CHANCE_BITS: f64 = 32.0;

fn check(context: &Context, run: &Run) -> Judgement {
    let samples: Vec<(Issued, f64)> = oauth::issued(run, context.redirect_uri())
        .into_iter()
        .filter_map(|sample| {
            let bits = bits(run.secret(&sample.placeholder)?);
            Some((sample, bits))
        })
        .collect();
    if samples.is_empty() {
        return Judgement::NotSeen(Text::new("geen code of token uitgegeven", "no code or token was issued"));
    }
    let kinds = [SecretKind::Code, SecretKind::AccessToken, SecretKind::RefreshToken];
    let issues = kinds.into_iter().filter_map(|kind| weakest(kind, &samples)).collect();
    Judgement::Seen { occasions: u32::try_from(samples.len()).unwrap_or(u32::MAX), issues }
}

/// The upper bound: by length and alphabet, without what the value has in common with the one before.
fn bits(facts: &SecretFacts) -> f64 {
    let of_character = f64::from(facts.alphabet).log2();
    let count = |characters: usize| f64::from(u32::try_from(characters).unwrap_or(u32::MAX)) * of_character;
    let left = count(facts.length.saturating_sub(facts.shared));
    if count(facts.shared) >= CHANCE_BITS && left < LEAST_BITS { facts.bits.min(left) } else { facts.bits }
}

/// One finding a kind, for its weakest sample.
fn weakest(kind: SecretKind, samples: &[(Issued, f64)]) -> Option<Issue> {
    let of_kind: Vec<_> = samples.iter().filter(|(sample, _)| sample.kind == kind).collect();
    let (sample, bits) = of_kind.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let severity = match *bits {
        bits if bits < LEAST_BITS => Severity::Error,
        bits if bits < RFC_BITS => Severity::Warning,
        _ => return None,
    };
    let name = oauth::kind_name(kind);
    let (nl, en, count) = (name.nl, name.en, of_kind.len());
    let expected = Text::new("een kans van hooguit 2^-128 om hem te raden", "a chance of at most 2^-128 to guess it");
    let seen = text!(
        "{nl}: hooguit {bits:.0} bits, van {count} voorbeelden",
        "{en}: at most {bits:.0} bits, of {count} samples"
    );
    let issue = Issue::error("guessable", en, expected, seen).at(sample.exchange);
    Some(Issue { severity, ..issue })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn pass(code_bits: f64, token_bits: f64) -> Recording {
        Recording::new()
            .secret("REDACTED.code.1", SecretKind::Code, code_bits)
            .secret("REDACTED.access-token.1", SecretKind::AccessToken, token_bits)
            .authorize(&[])
            .redirect("?code=REDACTED.code.1&state=s1")
            .token(&[("code", "REDACTED.code.1")])
            .json(200, r#"{"access_token": "REDACTED.access-token.1"}"#)
    }

    #[test]
    fn enough_bits_pass() {
        expect(&RULE, pass(128.0, 256.0), &[]);
        expect(&RULE, Recording::new(), &["not seen"]);
    }

    #[test]
    fn a_counter_is_found_and_a_fixed_beginning_is_not() {
        let token = |shared| {
            let facts =
                Recording::new().secret("REDACTED.access-token.1", SecretKind::AccessToken, 132.0).sharing(shared);
            facts.token(&[]).json(200, r#"{"access_token": "REDACTED.access-token.1"}"#)
        };
        // 22 characters of 6 bits.
        expect(&RULE, token(21), &["guessable"]);
        expect(&RULE, token(11), &[]);
        expect(&RULE, token(1), &[]);
    }

    #[test]
    fn too_few_are_found_by_degree() {
        assert_eq!(
            issues(&RULE, pass(122.0, 40.0)),
            [
                "warning guessable #1 authorization code: a chance of at most 2^-128 to guess it / \
                 authorization code: at most 122 bits, of 1 samples",
                "error guessable #2 access token: a chance of at most 2^-128 to guess it / \
                 access token: at most 40 bits, of 1 samples",
            ]
        );
    }
}
