//! FLOW-33: a gegevensdienst is delivered to every DVP alike.

use crate::candidate::Standing;
use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Certificate;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::Trace;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::consent::refresh;
use crate::rules::oauth;
use crate::rules::oauth::Ending;
use crate::text;

declare_rule! {
    /// A gegevensdienst that the provider offers is delivered without any difference between DVPs.
    ///
    /// ## How it is tested
    /// For each gegevensdienst in the run the same person, provider and request by us, and by the identity with standing
    /// `listed`: where we get data, a refusal of the other's authorization request, token request or resource request is a
    /// breach, and so is an empty answer where ours had matches.
    /// ## Not covered
    /// Gegevensdiensten that are not in the run, and those of Delen. That the service is delivered at all is judged by the rows
    /// of its content. Failures that another moment may not have (a closed connection, 429, 5xx, `server_error`,
    /// `temporarily_unavailable`), and pages that our steps under `[login]` do not lead through.
    /// ## Source
    /// Afsprakenstelsel, Core (prototype publication June 2026), core.gegevensdiensten.103.
    pub static RULE = {
        id: "FLOW-33",
        summary: "a gegevensdienst is delivered to every DVP alike",
        dva: check,
    }
}

const PROBE: &str = "other-dvp";

/// Errors that tell of the moment, not of the client.
const PASSING: &[&str] = &["server_error", "temporarily_unavailable"];

/// How the other DVP fared where we got data.
enum Outcome {
    Same,
    Different(Issue),
}

fn check(context: &Context, run: &Run) -> Judgement {
    let other = context.candidate.identity(Standing::Listed);
    let Some(uri) = other.and_then(|identity| identity.redirect_uri.as_ref()) else {
        return Judgement::NotSeen(Text::new(
            "het kandidaatbestand heeft geen `[[identities]]` met `standing = \"listed\"` en een `redirect_uri`",
            "the candidate file has no `[[identities]]` with `standing = \"listed\"` and a `redirect_uri`",
        ));
    };
    let none = oauth::not_probed(&[PROBE]);
    let outcomes = run.probe_traces(PROBE).flat_map(|trace| outcomes(trace, uri.as_str()));
    Judgement::each(outcomes, none, |outcome| match outcome {
        Outcome::Same => Vec::new(),
        Outcome::Different(issue) => vec![issue],
    })
}

fn outcomes(trace: &Trace, uri: &str) -> Vec<Outcome> {
    let resources = || trace.exchanges.iter().filter(|exchange| exchange.interface == Interface::Resource);
    let ours: Vec<&Exchange> =
        resources().filter(|exchange| exchange.certificate == Certificate::Own && exchange.succeeded()).collect();
    if ours.is_empty() {
        return Vec::new();
    }
    if let Some(issue) = turned_away(trace, uri) {
        return vec![Outcome::Different(issue)];
    }
    let theirs: Vec<&Exchange> = resources().filter(|exchange| exchange.certificate != Certificate::Own).collect();
    let pair = |own: &&Exchange| {
        let other = theirs.iter().find(|other| other.request.url == own.request.url)?;
        outcome(own, other)
    };
    ours.iter().filter_map(pair).collect()
}

/// What kept the other DVP from a token, when that is the candidate's doing.
fn turned_away(trace: &Trace, uri: &str) -> Option<Issue> {
    let expected = Text::new("hetzelfde als voor de eerste DVP", "the same as for the first DVP");
    let flow = oauth::flows_of(trace).into_iter().next()?;
    match flow.ending(uri) {
        Ending::Refused(redirect) => {
            let error = redirect.parameter("error").unwrap_or_default();
            let seen = text!("geen code: `{error}`", "no code: `{error}`");
            let issue = Issue::error("other-dvp-refused", "client_id", expected, seen).at(redirect.exchange.number);
            return (!PASSING.contains(&error)).then_some(issue);
        }
        Ending::Page(page) if page.status().is_some_and(|status| (400..500).contains(&status)) => {
            let seen = oauth::answer(page);
            return Some(Issue::error("other-dvp-refused", "client_id", expected, seen).at(page.number));
        }
        Ending::Granted(_) | Ending::Bare(_) | Ending::Page(_) | Ending::Unknown => {}
    }
    let token = trace.exchanges.iter().find(|exchange| exchange.interface == Interface::Token)?;
    if oauth::token(token).is_some() || oauth::is_no_answer(token) || token.status().is_some_and(|s| s >= 500) {
        return None;
    }
    let Text { nl, en } = refresh::outcome(token);
    let seen = text!("geen token: {nl}", "no token: {en}");
    Some(Issue::error("other-dvp-without-token", "client_id", expected, seen).at(token.number))
}

fn outcome(own: &Exchange, other: &Exchange) -> Option<Outcome> {
    if oauth::is_no_answer(other) || other.status().is_some_and(|status| status >= 500) {
        return None;
    }
    let (status, matches) = (own.status().unwrap_or(0), matches(own));
    let expected = match matches {
        Some(count) => text!(
            "status {status} en {count} treffers, als voor de eerste DVP",
            "status {status} and {count} matches, as for the first DVP"
        ),
        None => text!("status {status}, als voor de eerste DVP", "status {status}, as for the first DVP"),
    };
    let different =
        |code, seen| Some(Outcome::Different(Issue::error(code, "answer", expected.clone(), seen).at(other.number)));
    if !other.succeeded() {
        return different("other-dvp-without-data", oauth::answer(other));
    }
    if matches.is_some_and(|count| count > 0) && self::matches(other) == Some(0) {
        return different("other-dvp-without-data", Text::new("geen treffers", "no matches"));
    }
    Some(Outcome::Same)
}

/// How many entries a search gave; `None` for what is no Bundle.
fn matches(exchange: &Exchange) -> Option<usize> {
    let json = exchange.response.as_ref()?.body.json()?;
    (json.get("resourceType")? == "Bundle")
        .then(|| json.get("entry").and_then(|list| list.as_array()).map_or(0, Vec::len))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::Candidate;
    use crate::candidate::Identity;
    use crate::rules::testing::Recording;
    use crate::rules::testing::issues_of;

    const OTHER: &str = "https://ander.example/cb";
    const TOKEN: &str = r#"{"access_token": "REDACTED.access-token.2"}"#;
    const DATA: &str = r#"{"resourceType": "Bundle", "entry": [{}]}"#;
    const NOTHING: &str = r#"{"resourceType": "Bundle"}"#;

    fn knows_another(candidate: &mut Candidate) {
        candidate.identities.push(Identity {
            standing: Standing::Listed,
            client_id: "ander.example".to_owned(),
            redirect_uri: OTHER.parse().ok(),
            certificate: String::new(),
            key: String::new(),
        });
    }

    fn codes(recording: Recording) -> Vec<String> {
        let code = |line: String| line.split(' ').nth(1).unwrap_or_default().to_owned();
        issues_of(&RULE, recording, knows_another).into_iter().map(code).collect()
    }

    fn asked(own: &str) -> Recording {
        let ours = Recording::new().probe(PROBE).get("Patient").json(200, own);
        ours.authorize(&[("redirect_uri", OTHER)])
    }

    fn let_in(own: &str) -> Recording {
        asked(own).forward(&format!("{OTHER}?code=REDACTED.code.1&state=s1")).token(&[]).json(200, TOKEN)
    }

    fn answered(own: &str, status: u16, other: &str) -> Recording {
        let_in(own).get("Patient").showing("listed").json(status, other)
    }

    #[test]
    fn the_same_for_both_passes() {
        assert!(codes(answered(DATA, 200, DATA)).is_empty());
        assert!(codes(answered(NOTHING, 200, NOTHING)).is_empty());
    }

    #[test]
    fn whatever_keeps_the_other_from_data_is_found() {
        assert_eq!(codes(answered(DATA, 403, "{}")), ["other-dvp-without-data"]);
        assert_eq!(codes(answered(DATA, 200, NOTHING)), ["other-dvp-without-data"]);
        assert_eq!(codes(asked(DATA).forward(&format!("{OTHER}?error=unauthorized_client"))), ["other-dvp-refused"]);
        assert_eq!(codes(asked(DATA).page(400, "fout")), ["other-dvp-refused"]);
        let no_token = asked(DATA).forward(&format!("{OTHER}?code=REDACTED.code.1")).token(&[]);
        assert_eq!(codes(no_token.json(400, r#"{"error": "invalid_client"}"#)), ["other-dvp-without-token"]);
    }

    #[test]
    fn the_moment_is_not_held_against_it() {
        let seen = "seen";
        assert_eq!(codes(asked(DATA).forward(&format!("{OTHER}?error=temporarily_unavailable"))), [seen]);
        assert_eq!(codes(answered(DATA, 503, "")), [seen]);
        assert_eq!(codes(asked(DATA).page(200, "een andere pagina")), [seen]);
    }
}
