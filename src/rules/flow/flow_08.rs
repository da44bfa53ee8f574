//! FLOW-08: a refresh token gives access without the person.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::consent::refresh;
use crate::rules::oauth;
use crate::text;

declare_rule! {
    /// With consent for an indefinite time, the client swaps its refresh token for an access token and a new refresh token,
    /// and no person is involved. A consent that was withdrawn gives nothing any more.
    ///
    /// ## How it is tested
    /// The choice that the candidate file names as `indefinite` is made on the consent page; the refresh token that comes is
    /// swapped at once: an access token and a refresh token have to come. Where the candidate file says how a person
    /// withdraws a consent (`[withdrawal]`), that is done, and its refresh token has to give no access token: any refusal
    /// passes, a closed connection too.
    /// Of a DVP: a person gives consent for an indefinite time and collects again. A refresh token that is presented after an answer
    /// brought the next one is a breach: the client discards the old one.
    /// ## Not covered
    /// A server that gives no refresh token at all: RFC 6749 leaves that to it, and the text on the choice was not read in full.
    /// Whether the new refresh token differs from the old one (CON-04, CON-05), and the half year (CON-03, CON-04). Consents
    /// that end in another way than by `[withdrawal]`.
    /// ## Source
    /// Afsprakenstelsel 2.x, Autorisatie (compared page); RFC 6749, section 6.
    pub static RULE = {
        id: "FLOW-08",
        summary: "a refresh token gives access without the person until consent is withdrawn",
        dva: of_server,
        dvp: of_client,
    }
}

/// The flow whose consent is withdrawn before its refresh token is swapped.
const WITHDRAWN: &str = "withdrawal";

/// Whether a DVP goes on with the newest refresh token.
fn of_client(_: &Context, run: &Run) -> Judgement {
    let all: Vec<&Exchange> = client::requests(run, Interface::Token).filter(|one| client::is_refresh(one)).collect();
    let none = Text::new(
        "de DVP ververste geen token: dat kan na toestemming voor onbepaalde tijd",
        "the DVP refreshed no token: it can after consent for an indefinite time",
    );
    Judgement::each(all.clone(), none, |exchange| {
        let presented = refresh::sent(exchange, "refresh_token").filter(|token| !token.is_empty());
        let replaced = all.iter().find(|before| {
            // Requests that cross each other know nothing of each other's answer.
            let taken = std::time::Duration::try_from_secs_f64(before.total_ms / 1000.0).unwrap_or_default();
            let is_done = before.started.checked_add(taken).is_ok_and(|done| done < exchange.started);
            let next = oauth::field(before, "refresh_token").filter(|token| !token.is_empty());
            is_done
                && oauth::token(before).is_some()
                && presented.is_some()
                && refresh::sent(before, "refresh_token") == presented
                && next.is_some_and(|next| Some(next) != presented)
        });
        let expected = Text::new("het nieuwste refresh token", "the newest refresh token");
        let seen = Text::new(
            "een refresh token waarvoor al een nieuw was gekomen",
            "a refresh token for which a new one had come",
        );
        let issue = |_| Issue::error("old-refresh-token", "refresh_token", expected, seen).at(exchange.number);
        replaced.map(issue).into_iter().collect()
    })
}

fn of_server(context: &Context, run: &Run) -> Judgement {
    let regular = refresh::probed(run, None).into_iter().filter(|exchange| exchange.failure.is_none());
    let swaps = regular.map(|exchange| (exchange, false));
    let withdrawn = refresh::probed(run, Some(WITHDRAWN)).into_iter().map(|exchange| (exchange, true));
    Judgement::each(swaps.chain(withdrawn), refresh::none(context, run), |(exchange, is_withdrawn)| {
        let issue = if is_withdrawn { of_withdrawn(exchange) } else { of_swap(exchange) };
        issue.map(|issue| issue.at(exchange.number)).into_iter().collect()
    })
}

fn of_swap(exchange: &Exchange) -> Option<Issue> {
    let expected = Text::new("een access token en een nieuw refresh token", "an access token and a new refresh token");
    if oauth::token(exchange).is_none() {
        let outcome = refresh::outcome(exchange);
        let (nl, en) = (outcome.nl, outcome.en);
        let seen = text!("geen access token: {nl}", "no access token: {en}");
        return Some(Issue::error("refresh-refused", "access_token", expected, seen));
    }
    let next = oauth::field(exchange, "refresh_token").filter(|token| !token.is_empty());
    let seen = Text::new("geen refresh token", "no refresh token");
    next.is_none().then(|| Issue::error("no-next-refresh-token", "refresh_token", expected, seen))
}

fn of_withdrawn(exchange: &Exchange) -> Option<Issue> {
    oauth::token(exchange)?;
    let expected = Text::new(
        "geen access token na het intrekken van de toestemming",
        "no access token after consent is withdrawn",
    );
    let seen = Text::new("een access token", "an access token");
    Some(Issue::error("refresh-after-withdrawal", "refresh_token", expected, seen))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::Candidate;
    use crate::exchange::FailureKind;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::issues_of;

    const BOTH: &str = r#"{"access_token": "REDACTED.access-token.2", "refresh_token": "REDACTED.refresh-token.2"}"#;
    const REFRESH: &[(&str, &str)] = &[("grant_type", "refresh_token"), ("refresh_token", "REDACTED.refresh-token.1")];

    fn offers(candidate: &mut Candidate) {
        candidate.login.indefinite = Some("#onbepaald".to_owned());
    }

    fn found(recording: Recording) -> Vec<String> {
        issues_of(&RULE, recording, offers)
    }

    #[test]
    fn both_tokens_pass_and_whatever_is_less_is_found() {
        assert!(found(Recording::new().token(REFRESH).json(200, BOTH)).is_empty());
        assert_eq!(
            found(Recording::new().token(REFRESH).json(200, r#"{"access_token": "REDACTED.access-token.2"}"#)),
            [
                "error no-next-refresh-token #1 refresh_token: an access token and a new refresh token / no refresh token"
            ]
        );
        assert_eq!(
            found(Recording::new().token(REFRESH).json(400, r#"{"error": "invalid_grant"}"#)),
            ["error refresh-refused #1 access_token: an access token and a new refresh token / no access token: \
              `invalid_grant`"]
        );
    }

    #[test]
    fn a_client_presents_the_newest_refresh_token() {
        let refresh = |r: Recording, second: i64, token: &str, next: &str| {
            let asked = r.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).started(second);
            asked.json(200, &format!(r#"{{"access_token": "a"{next}}}"#))
        };
        let next = r#", "refresh_token": "REDACTED.refresh-token.2""#;
        let first = || refresh(Recording::new(), 10, "REDACTED.refresh-token.1", next);
        let second = |second: i64, token: &str| client_issues(&RULE, refresh(first(), second, token, ""));
        assert_eq!(second(20, "REDACTED.refresh-token.2"), Vec::<String>::new());
        assert_eq!(second(20, "REDACTED.refresh-token.1"), ["old-refresh-token"]);
        assert_eq!(second(10, "REDACTED.refresh-token.1"), Vec::<String>::new());
        // Without a next one the old one stays.
        let kept = refresh(Recording::new(), 10, "REDACTED.refresh-token.1", "");
        assert_eq!(client_issues(&RULE, refresh(kept, 20, "REDACTED.refresh-token.1", "")), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, Recording::new().token(&[])), ["not seen"]);
    }

    #[test]
    fn what_is_nobodys_fault_is_not_judged() {
        assert_eq!(found(Recording::new().token(REFRESH).fails(FailureKind::Closed)), ["not seen"]);
        assert_eq!(found(Recording::new().token(REFRESH).page(503, "")), ["not seen"]);
        assert_eq!(
            found(Recording::new().token(&[("grant_type", "authorization_code")]).json(200, BOTH)),
            ["not seen"]
        );
    }

    #[test]
    fn a_withdrawn_consent_gives_nothing_any_more() {
        let after = || Recording::new().probe(WITHDRAWN).token(REFRESH);
        assert!(found(after().json(400, r#"{"error": "invalid_grant"}"#)).is_empty());
        assert!(found(after().fails(FailureKind::Closed)).is_empty());
        assert!(found(after().json(200, BOTH))[0].starts_with("error refresh-after-withdrawal #1"));
    }
}
