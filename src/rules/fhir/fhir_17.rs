//! FHIR-17: the CapabilityStatement.

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
    /// `[base]/metadata` gives a CapabilityStatement of the version of FHIR that the service is in, with or without token.
    ///
    /// ## How it is tested
    /// `metadata` is asked with a valid token and without any. When neither gives a CapabilityStatement whose `fhirVersion` is
    /// of the version that was asked, that is a warning.
    /// ## Not covered
    /// What else the CapabilityStatement says.
    /// ## Source
    /// FHIR, RESTful API, section capabilities (SHALL); the MedMij texts seen do not name it.
    pub static RULE = {
        id: "FHIR-17",
        summary: "metadata gives a CapabilityStatement of the right version",
        dva: check,
    }
}

const PROBES: &[&str] = &["metadata-with-token", "metadata-without-token"];

fn check(_: &Context, run: &Run) -> Judgement {
    let sent = oauth::probes(run, Interface::Resource, PROBES);
    let is_right = |exchange: &&Exchange| {
        let versions = version(exchange).zip(asked(exchange));
        versions.is_some_and(|(told, asked)| told == asked || told.starts_with(&format!("{asked}.")))
    };
    let occasions = u32::try_from(sent.len()).unwrap_or(u32::MAX);
    if sent.iter().any(is_right) {
        return Judgement::Seen { occasions, issues: Vec::new() };
    }
    let answered = |name: &&str| sent.iter().any(|exchange| exchange.probe.as_deref() == Some(*name));
    let Some(last) = sent.last().filter(|_| PROBES.iter().all(answered)) else {
        return Judgement::NotSeen(Text::new(
            "`metadata` gaf geen antwoord om te beoordelen",
            "`metadata` gave no answer to judge",
        ));
    };
    let version = asked(last).unwrap_or_default();
    let expected = text!(
        "een CapabilityStatement van FHIR {version}, met of zonder token",
        "a CapabilityStatement of FHIR {version}, with or without token"
    );
    let issue = Issue::warning("no-capability-statement", "metadata", expected, seen(last)).at(last.number);
    Judgement::Seen { occasions, issues: vec![issue] }
}

/// The version that `Accept` asks.
fn asked(exchange: &Exchange) -> Option<String> {
    let accept = exchange.request.header("accept")?;
    let version =
        accept.split(';').filter_map(|part| part.trim().split_once('=')).find(|(name, _)| *name == "fhirVersion");
    version.map(|(_, value)| value.trim_matches('"').to_owned())
}

/// The version that a CapabilityStatement in the answer tells.
fn version(exchange: &Exchange) -> Option<String> {
    let response = exchange.response.as_ref().filter(|_| exchange.succeeded())?;
    if reaction::resource_type(response)? != "CapabilityStatement" {
        return None;
    }
    if let Some(json) = response.body.json() {
        return json["fhirVersion"].as_str().map(str::to_owned);
    }
    let xml = reaction::xml(response)?;
    let node = xml.root_element().children().find(|node| node.tag_name().name() == "fhirVersion")?;
    node.attribute("value").map(str::to_owned)
}

fn seen(exchange: &Exchange) -> Text {
    match version(exchange) {
        Some(version) => {
            let version: String = version.chars().take(20).collect();
            text!("een CapabilityStatement van FHIR {version}", "a CapabilityStatement of FHIR {version}")
        }
        None => reaction::of(exchange),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::issues_in;

    const STU3: &str = r#"{"resourceType": "CapabilityStatement", "fhirVersion": "3.0.2"}"#;
    const R4: &str = r#"{"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}"#;

    /// What is said of an answer with token and one without.
    fn judged(with: (u16, &str), without: (u16, &str)) -> Vec<String> {
        let recording = Recording::new().probe("metadata-with-token").get("metadata").json(with.0, with.1);
        let recording = recording.probe("metadata-without-token").get("metadata");
        issues_in(&RULE, &asking(if without.0 == 0 { recording } else { recording.json(without.0, without.1) }))
    }

    fn asking(recording: Recording) -> Run {
        let mut run = recording.run();
        for exchange in &mut run.traces[0].exchanges {
            let accept = "application/fhir+json; fhirVersion=3.0".to_owned();
            exchange.request.headers.push(("accept".to_owned(), accept));
        }
        run
    }

    #[test]
    fn one_of_the_two_is_enough() {
        assert!(judged((200, STU3), (401, "")).is_empty());
        assert!(judged((403, ""), (200, STU3)).is_empty());
        assert!(judged((200, STU3), (0, "")).is_empty());
        let xml =
            r#"<CapabilityStatement xmlns="http://hl7.org/fhir"><fhirVersion value="3.0.1"/></CapabilityStatement>"#;
        assert!(judged((200, xml), (401, "")).is_empty());
    }

    #[test]
    fn neither_is_a_warning() {
        assert_eq!(
            judged((404, ""), (401, "")),
            [
                "warning no-capability-statement #2 metadata: a CapabilityStatement of FHIR 3.0, with or without token / \
              status 401 without FHIR resource"
            ]
        );
        let found = judged((200, R4), (200, R4));
        assert!(found[0].ends_with("/ a CapabilityStatement of FHIR 4.0.1"), "{found:?}");
    }

    #[test]
    fn half_an_answer_shows_nothing() {
        assert_eq!(judged((404, ""), (0, "")), ["not seen"]);
    }
}
