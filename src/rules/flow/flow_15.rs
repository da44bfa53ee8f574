//! FLOW-15: what codes and tokens are made of.

use std::collections::BTreeSet;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::exchange::SecretFacts;
use crate::exchange::SecretKind;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::text;

declare_rule! {
    /// What codes and tokens are made of. The rules on that (core.autorisatie.205 to 208) were not read: this is recorded.
    ///
    /// ## How it is tested
    /// Of the codes and tokens of each kind that were issued: how many, their length, their alphabet, the upper bound of their
    /// entropy, and the names of the claims of those that are JWTs.
    /// ## Not covered
    /// Whether they are unique (FLOW-16) and hard to guess (SEC-01); what a JWT tells (SEC-02, RES-04).
    /// ## Source
    /// Afsprakenstelsel 2.x, core.autorisatie.205, .206, .207 and .208 (text not seen).
    pub static RULE = {
        id: "FLOW-15",
        summary: "what codes and tokens are made of",
        dva: check,
    }
}

fn check(context: &Context, run: &Run) -> Judgement {
    let issued = oauth::issued(run, context.redirect_uri());
    let mut issues = Vec::new();
    let mut occasions = 0;
    for kind in [SecretKind::Code, SecretKind::AccessToken, SecretKind::RefreshToken] {
        let of_kind: Vec<_> = issued.iter().filter(|sample| sample.kind == kind).collect();
        let Some(first) = of_kind.first() else { continue };
        let facts: Vec<&SecretFacts> = of_kind.iter().filter_map(|sample| run.secret(&sample.placeholder)).collect();
        if facts.is_empty() {
            continue;
        }
        occasions += u32::try_from(facts.len()).unwrap_or(u32::MAX);
        let name = oauth::kind_name(kind);
        let seen = composition(&facts);
        let expected = Text::new("iedere samenstelling", "any composition");
        issues.push(Issue::information("composition", name.en, expected, seen).at(first.exchange));
    }
    match occasions {
        0 => Judgement::NotSeen(Text::new("geen code of token uitgegeven", "no code or token was issued")),
        _ => Judgement::Seen { occasions, issues },
    }
}

fn composition(facts: &[&SecretFacts]) -> Text {
    let range = |least: usize, most: usize| if least == most { format!("{least}") } else { format!("{least}-{most}") };
    let lengths = facts.iter().map(|facts| facts.length);
    let length = range(lengths.clone().min().unwrap_or(0), lengths.max().unwrap_or(0));
    let alphabet = facts.iter().map(|facts| facts.alphabet).max().unwrap_or(0);
    let bits = facts.iter().map(|facts| facts.bits).fold(f64::INFINITY, f64::min);
    let claims: BTreeSet<&str> = facts.iter().flat_map(|facts| facts.claims.iter().map(String::as_str)).collect();
    let count = facts.len();
    let Text { nl, en } = text!(
        "{count} voorbeelden, lengte {length}, alfabet van {alphabet} tekens, hooguit {bits:.0} bits",
        "{count} samples, length {length}, alphabet of {alphabet} characters, at most {bits:.0} bits"
    );
    if claims.is_empty() {
        return Text::new(nl, en);
    }
    let list = claims.into_iter().collect::<Vec<_>>().join(", ");
    text!("{nl}; JWT met {list}", "{en}; JWT with {list}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    #[test]
    fn each_kind_is_told_once() {
        let flow = Recording::new()
            .secret("REDACTED.code.1", SecretKind::Code, 132.0)
            .authorize(&[])
            .redirect("?code=REDACTED.code.1&state=s1");
        assert_eq!(
            issues(&RULE, flow),
            ["information composition #1 authorization code: any composition / 1 samples, length 22, alphabet of 64 \
              characters, at most 132 bits"]
        );
        expect(&RULE, Recording::new(), &["not seen"]);
    }
}
