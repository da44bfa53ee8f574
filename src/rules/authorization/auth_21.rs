//! AUTH-21: what the client is told of what went wrong.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::text;

declare_rule! {
    /// The error values and descriptions that come back to the client are recorded: fixed values were seen in a proposal only.
    ///
    /// ## How it is tested
    /// Every redirect with `error` to the client, each pair of `error` and `error_description` once. That there is no
    /// description is no fault (RFC 6749, section 4.1.2.1: OPTIONAL).
    /// ## Not covered
    /// Whether the value is one of RFC 6749 (AUTH-26).
    /// ## Source
    /// Afsprakenstelsel, changelog 2.0.0; proposal AF-1342.
    pub static RULE = {
        id: "AUTH-21",
        summary: "what the client is told of an error",
        dva: check,
    }
}

fn check(context: &Context, run: &Run) -> Judgement {
    let uri = context.redirect_uri();
    let mut occasions = 0;
    let mut known: Vec<(String, Option<String>)> = Vec::new();
    let mut issues = Vec::new();
    for exchange in run.exchanges() {
        let Some(error) = exchange.redirect_parameter(uri, "error") else { continue };
        occasions += 1;
        let description = exchange.redirect_parameter(uri, "error_description");
        let pair = (error, description);
        if known.contains(&pair) {
            continue;
        }
        let (error, description) = &pair;
        let seen = match description {
            Some(words) => text!("`{error}`: {words}", "`{error}`: {words}"),
            None => text!("`{error}`, zonder beschrijving", "`{error}`, without description"),
        };
        let expected = Text::new("mag: een beschrijving", "may: a description");
        issues.push(Issue::information("error-told", "error", expected, seen).at(exchange.number));
        known.push(pair);
    }
    if occasions == 0 {
        return Judgement::NotSeen(Text::new(
            "geen redirect met een fout gezien",
            "no redirect with an error was seen",
        ));
    }
    Judgement::Seen { occasions, issues }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::issues;

    #[test]
    fn each_error_is_told_once() {
        let flow = |to: &str| Recording::new().authorize(&[]).redirect(to);
        assert_eq!(
            issues(&RULE, flow("?error=invalid_scope&state=s1").authorize(&[]).redirect("?error=invalid_scope")),
            ["information error-told #1 error: may: a description / `invalid_scope`, without description"]
        );
        let told = issues(&RULE, flow("?error=access_denied&error_description=DigiD"));
        assert_eq!(told, ["information error-told #1 error: may: a description / `access_denied`: DigiD"]);
    }
}
