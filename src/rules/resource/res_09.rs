//! RES-09: a request for a FHIR version that the server does not have.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Response;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::text;

declare_rule! {
    /// A resource request for a FHIR version that does not exist is refused in a way that tells why.
    ///
    /// ## How it is tested
    /// A right resource request with `fhirVersion=9.9` in `Accept`. Status 400 or 406, with an OperationOutcome or with
    /// `WWW-Authenticate`, passes; another answer is a warning.
    /// ## Not covered
    /// Which error code the challenge holds.
    /// ## Source
    /// RFC 6750, section 3.1.
    pub static RULE = {
        id: "RES-09",
        summary: "an unknown fhirVersion is refused",
        dva: check,
    }
}

const PROBES: &[&str] = &["fhir-version-9"];

fn check(_: &Context, run: &Run) -> Judgement {
    Judgement::each(oauth::probes(run, Interface::Resource, PROBES), oauth::not_probed(PROBES), |exchange| {
        issue(exchange).into_iter().collect()
    })
}

fn issue(exchange: &Exchange) -> Option<Issue> {
    let response = exchange.response.as_ref()?;
    let status = response.status;
    let explained = is_operation_outcome(response) || response.header("www-authenticate").is_some();
    if matches!(status, 400 | 406) && explained {
        return None;
    }
    let expected = Text::new(
        "400 of 406, met een OperationOutcome of WWW-Authenticate",
        "400 or 406, with an OperationOutcome or WWW-Authenticate",
    );
    let seen = if matches!(status, 400 | 406) {
        text!("{status} zonder een van beide", "{status} with neither")
    } else {
        text!("een antwoord met status {status}", "an answer with status {status}")
    };
    Some(Issue::warning("fhir-version-not-refused", "status", expected, seen).at(exchange.number))
}

fn is_operation_outcome(response: &Response) -> bool {
    if let Some(json) = response.body.json() {
        return json["resourceType"] == "OperationOutcome";
    }
    let Some(text) = response.body.text() else { return false };
    roxmltree::Document::parse(text).is_ok_and(|xml| xml.root_element().tag_name().name() == "OperationOutcome")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn probe() -> Recording {
        Recording::new().probe("fhir-version-9").get("Patient")
    }

    #[test]
    fn a_refusal_that_tells_why_passes() {
        expect(&RULE, probe().json(406, r#"{"resourceType": "OperationOutcome"}"#), &[]);
        let xml = r#"<OperationOutcome xmlns="http://hl7.org/fhir"/>"#;
        expect(&RULE, probe().answer(400, "application/fhir+xml", xml), &[]);
        expect(&RULE, probe().page(400, "").header("WWW-Authenticate", "Bearer error=\"invalid_request\""), &[]);
    }

    #[test]
    fn another_answer_is_a_warning() {
        assert_eq!(
            issues(&RULE, probe().json(200, "{}")),
            ["warning fhir-version-not-refused #1 status: 400 or 406, with an OperationOutcome or WWW-Authenticate / \
              an answer with status 200"]
        );
        expect(&RULE, probe().page(406, ""), &["fhir-version-not-refused"]);
        expect(&RULE, probe().json(415, r#"{"resourceType": "OperationOutcome"}"#), &["fhir-version-not-refused"]);
    }
}
