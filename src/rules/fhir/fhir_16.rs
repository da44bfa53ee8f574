//! FHIR-16: a request for another version of FHIR.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Response;
use crate::exchange::Run;
use crate::requirement::Role;
use crate::rules::Context;
use crate::rules::Judgement;
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
    /// ## Not covered
    /// A version that does not exist (RES-09).
    /// ## Source
    /// FHIR, RESTful API (`fhirVersion`); the text of a MedMij page on it was not seen.
    pub static RULE = {
        id: "FHIR-16",
        summary: "another fhirVersion is refused",
        roles: &[Role::Dva],
        check: check,
    }
}

const PROBES: &[&str] = &["fhir-version-other"];

/// The version that the probe asks.
const ASKED: &str = "4.0";

fn check(_: &Context, run: &Run) -> Judgement {
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
}
