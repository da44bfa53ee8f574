//! RES-11: a token at the endpoint of another provider.

use url::Url;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::rules::resource::reaction;
use crate::text;

declare_rule! {
    /// An access token is worth nothing at the endpoint of another provider that the same DVA serves.
    ///
    /// ## How it is tested
    /// A search for Patient at the address under `[probes] other_provider`, with a valid token of this provider. Any status
    /// that is not 2xx passes, and so does a 2xx answer in which nothing but an OperationOutcome comes: that one is told.
    /// ## Not covered
    /// Candidate files without `other_provider`, and providers that share the endpoint. Another service of the same provider
    /// is for RES-08.
    /// ## Source
    /// Afsprakenstelsel 2.x: endpoints in the Zorgaanbiederslijst are per provider, service and systeemrol.
    pub static RULE = {
        id: "RES-11",
        summary: "no data with a token of another provider",
        dva: check,
    }
}

const PROBES: &[&str] = &["token-of-other-provider"];

fn check(context: &Context, run: &Run) -> Judgement {
    let Some(other) = &context.candidate.probes.other_provider else {
        return Judgement::NotSeen(Text::new(
            "het kandidaatbestand noemt geen tweede zorgaanbieder (`[probes] other_provider`)",
            "the candidate file names no second provider (`[probes] other_provider`)",
        ));
    };
    let same = |own: &Url| own.as_str().trim_end_matches('/') == other.trim_end_matches('/');
    if context.candidate.endpoints.resource.values().any(same) {
        return Judgement::NotSeen(Text::new(
            "de tweede zorgaanbieder deelt het adres met deze",
            "the second provider shares the address with this one",
        ));
    }
    Judgement::each(oauth::probes(run, Interface::Resource, PROBES), oauth::not_probed(PROBES), |exchange| {
        issue(exchange).into_iter().collect()
    })
}

fn issue(exchange: &Exchange) -> Option<Issue> {
    let response = exchange.response.as_ref().filter(|response| (200..300).contains(&response.status))?;
    let status = response.status;
    let expected = Text::new("een weigering, geen gegevens", "a refusal, no data");
    let seen = text!(
        "een antwoord met status {status} bij een andere zorgaanbieder",
        "an answer with status {status} at another provider"
    );
    let issue = match holds_nothing(exchange) {
        true => Issue::information("other-provider-without-data", "status", expected, seen),
        false => Issue::error("data-of-other-provider", "status", expected, seen),
    };
    Some(issue.at(exchange.number))
}

/// Whether the answer is known to hold no data: an empty body, an OperationOutcome, or a Bundle of at most that.
fn holds_nothing(exchange: &Exchange) -> bool {
    let Some(response) = &exchange.response else { return true };
    if response.body.bytes().is_empty() {
        return true;
    }
    match reaction::resource_type(response).as_deref() {
        Some("OperationOutcome") => true,
        Some("Bundle") => match response.body.json() {
            Some(json) => {
                let mut entries = json["entry"].as_array().into_iter().flatten();
                entries.all(|entry| entry["resource"]["resourceType"] == "OperationOutcome")
            }
            None => response.body.text().is_some_and(|text| !text.contains("<entry") && !text.contains(":entry")),
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::Candidate;
    use crate::candidate::testing;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues_with;

    fn candidate() -> Candidate {
        let mut candidate = testing::candidate();
        candidate.probes.other_provider = Some("https://fhir.example/elders".to_owned());
        candidate
    }

    fn probe() -> Recording {
        Recording::new().probe("token-of-other-provider").get("Patient")
    }

    #[test]
    fn every_refusal_passes() {
        for status in [400, 401, 403, 404, 500] {
            assert!(issues_with(&RULE, &candidate(), probe().page(status, "")).is_empty(), "{status}");
        }
    }

    #[test]
    fn data_are_found_and_an_empty_answer_is_told() {
        let data = r#"{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}"#;
        assert_eq!(
            issues_with(&RULE, &candidate(), probe().json(200, data)),
            ["error data-of-other-provider #1 status: a refusal, no data / \
              an answer with status 200 at another provider"]
        );
        let empty = issues_with(&RULE, &candidate(), probe().json(200, r#"{"resourceType": "Bundle", "total": 0}"#));
        assert!(empty[0].starts_with("information other-provider-without-data"), "{empty:?}");
    }

    #[test]
    fn without_a_second_provider_nothing_is_seen() {
        expect(&RULE, probe().json(200, "{}"), &["not seen"]);
        let mut shared = candidate();
        let address = "https://fhir.example/elders/".parse().unwrap();
        shared.endpoints.resource.insert("MM-3.0-BZB-FHIR".to_owned(), address);
        assert_eq!(issues_with(&RULE, &shared, probe().json(200, "{}")), ["not seen"]);
    }
}
