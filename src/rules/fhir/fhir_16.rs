//! FHIR-16: a request for another version of FHIR.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Response;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::rules::oauth;
use crate::rules::resource::reaction;
use crate::text;

declare_rule! {
    /// A server that is asked for a version of FHIR that it does not serve says so, and gives no resources of another version.
    ///
    /// ## How it is tested
    /// A right resource request with `fhirVersion=4.0` in `Accept`, where the service is in FHIR 3.0. Status 400 or 406
    /// passes, and so does an answer that is in version 4.0 by its own `Content-Type`. Another answer is a warning; a refusal
    /// without OperationOutcome is recorded, unless `WWW-Authenticate` explains it.
    /// Of a DVP: a request that is answered with a FHIR resource has a media type of FHIR in `Accept` with `fhirVersion`; where the
    /// answer names its version, that one is among them. Anything else is a warning.
    /// ## Not covered
    /// A version that does not exist (RES-09).
    /// ## Source
    /// FHIR, RESTful API (`fhirVersion`); the text of a MedMij page on it was not seen.
    pub static RULE = {
        id: "FHIR-16",
        summary: "another fhirVersion is refused",
        dva: of_server,
        dvp: of_client,
    }
}

const PROBES: &[&str] = &["fhir-version-other"];

/// The version that the probe asks.
const ASKED: &str = "4.0";

fn of_client(_: &Context, run: &Run) -> Judgement {
    let answered = client::data_requests(run).filter(|exchange| {
        let kind = exchange.response.as_ref().and_then(Response::media_type).unwrap_or_default();
        exchange.succeeded() && matches!(kind.as_str(), "application/fhir+json" | "application/fhir+xml")
    });
    // A document may be asked as what it is.
    let answered = answered.filter(|exchange| !client::path(exchange).contains("/Binary/"));
    let none =
        Text::new("geen verzoek kreeg een FHIR-resource als antwoord", "no request was answered with a FHIR resource");
    Judgement::each(answered, none, |exchange| {
        let headers = exchange.request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("accept"));
        let accept = headers.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(", ");
        let asked: Vec<&str> = accept.split(',').filter_map(version_in).collect();
        let given = exchange.response_header("content-type").and_then(version_in);
        let is_right = match given {
            Some(given) => asked.iter().any(|asked| release(asked) == release(given)),
            None => !asked.is_empty(),
        };
        let version = given.unwrap_or("3.0");
        let expected = text!("fhirVersion={version} in `Accept`", "fhirVersion={version} in `Accept`");
        let issue = || Issue::warning("accept-without-version", "Accept", expected, Text::same(format!("`{accept}`")));
        (!is_right).then(|| issue().at(exchange.number)).into_iter().collect()
    })
}

/// The version of FHIR in a media type of FHIR.
fn version_in(media_range: &str) -> Option<&str> {
    let (kind, parameters) = media_range.split_once(';')?;
    let is_fhir = kind.trim().to_ascii_lowercase().starts_with("application/fhir+");
    let mut pairs = parameters.split(';').filter_map(|part| part.split_once('='));
    let found = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("fhirVersion"));
    found.map(|(_, value)| value.trim().trim_matches('"')).filter(|_| is_fhir)
}

/// Major and minor part of a version.
fn release(version: &str) -> Vec<&str> {
    version.split('.').take(2).collect()
}

fn of_server(_: &Context, run: &Run) -> Judgement {
    Judgement::each(oauth::probes(run, Interface::Resource, PROBES), oauth::not_probed(PROBES), |exchange| {
        issue(exchange).into_iter().collect()
    })
}

fn issue(exchange: &Exchange) -> Option<Issue> {
    let response = exchange.response.as_ref()?;
    let status = response.status;
    let expected = || Text::new("400 of 406, met een OperationOutcome", "400 or 406, with an OperationOutcome");
    if matches!(status, 400 | 406) {
        let explained = reaction::outcome_codes(response).is_some() || response.header("www-authenticate").is_some();
        let issue = Issue::information("fhir-version-refusal", "body", expected(), reaction::of(exchange));
        return (!explained).then(|| issue.at(exchange.number));
    }
    if (200..300).contains(&status) && is_in(response, ASKED) {
        return None;
    }
    let seen = text!("een antwoord met status {status}", "an answer with status {status}");
    Some(Issue::warning("other-fhir-version-not-refused", "status", expected(), seen).at(exchange.number))
}

/// Whether the media type says that the answer is in this version.
fn is_in(response: &Response, version: &str) -> bool {
    let Some(value) = response.header("content-type") else { return false };
    let mut parameters = value.split(';').skip(1).filter_map(|part| part.split_once('='));
    parameters.any(|(name, value)| {
        let value = value.trim().trim_matches('"');
        let rest = value.strip_prefix(version);
        name.trim().eq_ignore_ascii_case("fhirVersion")
            && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn probe() -> Recording {
        Recording::new().probe("fhir-version-other").get("Patient")
    }

    #[test]
    fn a_refusal_passes_and_so_does_the_version_that_was_asked() {
        expect(&RULE, probe().json(406, r#"{"resourceType": "OperationOutcome"}"#), &[]);
        expect(&RULE, probe().page(400, "").header("WWW-Authenticate", "Bearer error=\"invalid_request\""), &[]);
        let media_type = "application/fhir+json; charset=utf-8; fhirversion=\"4.0.1\"";
        expect(&RULE, probe().answer(200, media_type, r#"{"resourceType": "Bundle"}"#), &[]);
        expect(&RULE, probe().fails(crate::exchange::FailureKind::Closed), &["not seen"]);
    }

    #[test]
    fn a_bare_refusal_is_recorded() {
        let found = issues(&RULE, probe().page(406, ""));
        assert!(found[0].starts_with("information fhir-version-refusal"), "{found:?}");
    }

    #[test]
    fn resources_of_another_version_are_a_warning() {
        let media_type = "application/fhir+json; fhirVersion=3.0";
        assert_eq!(
            issues(&RULE, probe().answer(200, media_type, "{}")),
            ["warning other-fhir-version-not-refused #1 status: 400 or 406, with an OperationOutcome / \
              an answer with status 200"]
        );
        expect(&RULE, probe().json(500, ""), &["other-fhir-version-not-refused"]);
    }

    #[test]
    fn a_client_names_the_version_that_it_asks() {
        let asked = |accept: &str, media_type: &str| {
            client_issues(
                &RULE,
                Recording::new().get("Condition").sending("Accept", accept).answer(200, media_type, "{}"),
            )
        };
        let json = "application/fhir+json; fhirVersion=3.0";
        for good in [
            json,
            "application/fhir+xml;fhirVersion=3.0;q=0.5, application/fhir+json; charset=utf-8; FHIRVERSION=\"3.0.2\"",
            "application/fhir+json; fhirVersion=4.0, application/fhir+json; fhirVersion=3.0",
        ] {
            assert_eq!(asked(good, json), Vec::<String>::new(), "{good}");
        }
        assert_eq!(asked(json, "application/fhir+json"), Vec::<String>::new());
        for bad in ["application/fhir+json", "*/*", "application/fhir+json; fhirVersion=4.0"] {
            assert_eq!(asked(bad, json), ["accept-without-version"], "{bad}");
        }
        assert_eq!(asked("application/pdf", "application/pdf"), ["not seen"]);
    }
}
