//! CON-05: whether refresh tokens rotate.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::consent::refresh;
use crate::rules::consent::refresh::sent;
use crate::rules::oauth;
use crate::text;

declare_rule! {
    /// Whether a swap gives a new refresh token, and whether the old one works once more. This is recorded, never a breach:
    /// RFC 6749 leaves it to the server.
    ///
    /// ## How it is tested
    /// The refresh token in the answer to each regular swap, compared with the one that was sent. A refresh token that was
    /// swapped is presented again, and after it the newest of that flow.
    /// ## Not covered
    /// Whether the answer must hold a refresh token (FLOW-08, CON-04).
    /// ## Source
    /// Afsprakenstelsel 2.x, Autorisatie (compared page); RFC 6749, section 6; RFC 6819, section 5.2.2.3.
    pub static RULE = {
        id: "CON-05",
        summary: "whether refresh tokens rotate",
        dva: check,
    }
}

const AGAIN: &str = "refresh-again";

fn check(context: &Context, run: &Run) -> Judgement {
    let mut seen: Vec<Issue> = Vec::new();
    let mut occasions = 0;
    for exchange in refresh::probed(run, None) {
        let Some(issue) = rotation(exchange) else { continue };
        occasions += 1;
        // Each outcome once.
        if seen.iter().all(|known| known.code != issue.code) {
            seen.push(issue.at(exchange.number));
        }
    }
    for trace in run.probe_traces(AGAIN) {
        let swaps = refresh::requests(trace);
        let [first, again, rest @ ..] = swaps.as_slice() else { continue };
        if oauth::token(first).is_none() || sent(first, "refresh_token") != sent(again, "refresh_token") {
            continue;
        }
        occasions += 1;
        seen.push(reuse(again).at(again.number));
        seen.extend(rest.first().map(|last| successor(last).at(last.number)));
    }
    if occasions == 0 {
        Judgement::NotSeen(refresh::none(context, run))
    } else {
        Judgement::Seen { occasions, issues: seen }
    }
}

fn rotation(exchange: &Exchange) -> Option<Issue> {
    oauth::token(exchange)?;
    let (code, seen) = match oauth::field(exchange, "refresh_token") {
        None => ("no-next", Text::new("geen refresh token in het antwoord", "no refresh token in the answer")),
        Some(next) if sent(exchange, "refresh_token").as_ref() == Some(&next) => {
            ("same", Text::new("hetzelfde refresh token", "the same refresh token"))
        }
        Some(_) => ("new", Text::new("een nieuw refresh token", "a new refresh token")),
    };
    Some(Issue::information(code, "refresh_token", Text::new("een nieuw refresh token", "a new refresh token"), seen))
}

fn reuse(exchange: &Exchange) -> Issue {
    let expected = Text::new("mag: weigeren", "may: refuse");
    let (code, seen) = match oauth::token(exchange) {
        Some(_) => (
            "used-token-works",
            Text::new("een ingewisseld refresh token werkt nog eens", "a refresh token that was swapped works again"),
        ),
        None => {
            let Text { nl, en } = refresh::outcome(exchange);
            let seen = text!(
                "een ingewisseld refresh token wordt geweigerd: {nl}",
                "a refresh token that was swapped is refused: {en}"
            );
            ("used-token-refused", seen)
        }
    };
    Issue::information(code, "refresh_token", expected, seen)
}

fn successor(exchange: &Exchange) -> Issue {
    let expected = Text::new("mag: ook de opvolger beëindigen", "may: end the successor as well");
    let (code, seen) = match oauth::token(exchange) {
        Some(_) => ("successor-works", Text::new("de opvolger werkt", "the successor works")),
        None => {
            let Text { nl, en } = refresh::outcome(exchange);
            ("successor-ended", text!("de opvolger werkt niet meer: {nl}", "the successor works no more: {en}"))
        }
    };
    Issue::information(code, "refresh_token", expected, seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;

    fn swap(recording: Recording, from: u32, to: Option<u32>) -> Recording {
        let sent = recording
            .token(&[("grant_type", "refresh_token"), ("refresh_token", &format!("REDACTED.refresh-token.{from}"))]);
        match to {
            Some(to) => sent.json(
                200,
                &format!(
                    r#"{{"access_token": "REDACTED.access-token.1", "refresh_token": "REDACTED.refresh-token.{to}"}}"#
                ),
            ),
            None => sent.json(400, r#"{"error": "invalid_grant"}"#),
        }
    }

    #[test]
    fn what_comes_back_is_told_once() {
        let two = swap(swap(Recording::new(), 1, Some(2)), 2, Some(3));
        expect(&RULE, two, &["new"]);
        expect(&RULE, swap(Recording::new(), 1, Some(1)), &["same"]);
        let alone = Recording::new().token(&[("grant_type", "refresh_token")]).json(200, r#"{"access_token": "a"}"#);
        expect(&RULE, alone, &["no-next"]);
        expect(&RULE, swap(Recording::new(), 1, None), &["not seen"]);
    }

    #[test]
    fn reuse_and_what_it_does_to_the_successor_are_told() {
        let again = |second, third| {
            let first = swap(Recording::new().probe(AGAIN), 1, Some(2));
            swap(swap(first, 1, second), second.unwrap_or(2), third)
        };
        expect(&RULE, again(None, Some(3)), &["used-token-refused", "successor-works"]);
        expect(&RULE, again(None, None), &["used-token-refused", "successor-ended"]);
        expect(&RULE, again(Some(3), Some(4)), &["used-token-works", "successor-works"]);
        let no_first = swap(swap(Recording::new().probe(AGAIN), 1, None), 1, None);
        expect(&RULE, no_first, &["not seen"]);
    }
}
