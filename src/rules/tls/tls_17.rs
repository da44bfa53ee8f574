//! TLS-17: systems behind the provider's node stay out of sight.

use std::collections::BTreeSet;

use serde_json::Value;
use url::Url;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::Trace;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::text;

declare_rule! {
    /// Links that a client must follow stay with the addresses of the Zorgaanbiederslijst: systems behind the node are not
    /// reached over the network.
    ///
    /// ## How it is tested
    /// Each page that a `next` link leads to, and each document whose address an earlier answer gave, is one occasion. A link
    /// that leads to another host than those of the candidate's endpoints is not followed, and a breach. A `fullUrl`, or the
    /// `location` of what was shared, on another host only identifies its resource: once an answer it is a warning.
    /// ## Not covered
    /// Links that the suites do not follow; whether a system behind the node answers on the network.
    /// ## Source
    /// core.rollen.300.
    pub static RULE = {
        id: "TLS-17",
        summary: "links stay on the hosts of the provider list",
        dva: check,
    }
}

/// Reason of a stop at a link to a host that the candidate file does not name.
const FOREIGN: &str = "foreign-host";

fn check(context: &Context, run: &Run) -> Judgement {
    let hosts: BTreeSet<&str> = context.candidate.endpoints.resource.values().filter_map(Url::host_str).collect();
    let mut occasions = 0;
    let mut issues = Vec::new();
    for trace in &run.traces {
        occasions += followed(trace);
        let refused = not_followed(trace);
        occasions += u32::from(refused.is_some());
        issues.extend(refused);
        issues.extend(trace.exchanges.iter().filter_map(|exchange| foreign_name(exchange, &hosts)));
    }
    if occasions == 0 && issues.is_empty() {
        return Judgement::NotSeen(Text::new(
            "geen antwoord gaf een link om te volgen",
            "no answer gave a link to follow",
        ));
    }
    Judgement::Seen { occasions: occasions.max(1), issues }
}

/// How many links of a trace were followed: later pages of a step, and documents.
fn followed(trace: &Trace) -> u32 {
    let later: BTreeSet<u32> = trace.steps.iter().flat_map(|step| step.exchanges.iter().skip(1)).copied().collect();
    let is_link = |exchange: &&Exchange| {
        exchange.interface == Interface::Resource
            && exchange.probe.is_none()
            && (later.contains(&exchange.number) || exchange.request.url.contains("/Binary/"))
    };
    u32::try_from(trace.exchanges.iter().filter(is_link).count()).unwrap_or(u32::MAX)
}

/// The link at which a trace stopped.
fn not_followed(trace: &Trace) -> Option<Issue> {
    let step = trace.steps.iter().find(|step| step.stopped.as_ref().is_some_and(|stop| stop.code == FOREIGN))?;
    let stop = step.stopped.as_ref()?;
    let shown_by = step.exchanges.last().copied().or_else(|| trace.exchanges.last().map(|exchange| exchange.number));
    let expected = Text::new("een adres uit de Zorgaanbiederslijst", "an address of the Zorgaanbiederslijst");
    let issue = Issue::error("link-to-other-host", step.step.clone(), expected, Text::new(&stop.nl, &stop.en));
    Some(Issue { exchange: shown_by, ..issue })
}

/// The first `fullUrl` or `location` in a Bundle that is an https address on another host.
fn foreign_name(exchange: &Exchange, hosts: &BTreeSet<&str>) -> Option<Issue> {
    if exchange.interface != Interface::Resource || exchange.probe.is_some() || hosts.is_empty() {
        return None;
    }
    let body = exchange.response.as_ref()?.body.json().filter(|body| body["resourceType"] == "Bundle")?;
    let entries = body["entry"].as_array()?;
    let named = entries.iter().enumerate().flat_map(|(i, entry)| {
        [("fullUrl", entry.get("fullUrl")), ("response.location", entry.pointer("/response/location"))]
            .map(|(name, value)| (i, name, value))
    });
    let (i, name, host) = named.into_iter().find_map(|(i, name, value)| {
        let url = value.and_then(Value::as_str).and_then(|text| Url::parse(text).ok())?;
        let host = url.host_str().filter(|host| url.scheme() == "https" && !hosts.contains(host))?;
        Some((i, name, host.to_owned()))
    })?;
    let expected = Text::new("een adres uit de Zorgaanbiederslijst", "an address of the Zorgaanbiederslijst");
    let seen = text!("een adres op `{host}`", "an address on `{host}`");
    let place = format!("Bundle.entry[{i}].{name}");
    let code = if name == "fullUrl" { "full-url-on-other-host" } else { "location-on-other-host" };
    Some(Issue::warning(code, place, expected, seen).at(exchange.number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::testing;
    use crate::exchange::StepRecord;
    use crate::exchange::Stop;
    use crate::exchange::StopKind;
    use crate::rules::testing::Recording;
    use crate::rules::testing::judge_run;
    use crate::rules::testing::lines;

    /// A step whose exchanges are those of the recording, stopped for this reason.
    fn step(recording: Recording, stopped: Option<&str>) -> Run {
        let mut run = recording.run();
        let trace = run.traces.last_mut().unwrap();
        let stop = |code: &str| Stop {
            kind: StopKind::Candidate,
            code: code.to_owned(),
            nl: "naar elders".to_owned(),
            en: "to elsewhere".to_owned(),
        };
        trace.steps.push(StepRecord {
            step: "search".to_owned(),
            exchanges: trace.exchanges.iter().map(|exchange| exchange.number).collect(),
            stopped: stopped.map(stop),
            attested: None,
        });
        run
    }

    fn judged(run: &Run) -> Judgement {
        let mut candidate = testing::candidate();
        candidate.endpoints.resource.insert("A".to_owned(), "https://fhir.example/bgz".parse().unwrap());
        judge_run(&RULE, &candidate, run)
    }

    #[test]
    fn pages_that_were_followed_are_occasions() {
        let pages = Recording::new().get("Flag").json(200, "{}").get("Flag?page=2").json(200, "{}");
        assert_eq!(judged(&step(pages, None)), Judgement::Seen { occasions: 1, issues: vec![] });
        let document = Recording::new().get("Binary/1").json(200, "{}");
        assert_eq!(judged(&step(document, None)), Judgement::Seen { occasions: 1, issues: vec![] });
        let one = Recording::new().get("Flag").json(200, "{}");
        assert!(matches!(judged(&step(one, None)), Judgement::NotSeen(_)));
    }

    #[test]
    fn a_link_to_another_host_is_found() {
        let page = || Recording::new().get("Flag").json(200, "{}");
        assert_eq!(
            lines(&judged(&step(page(), Some(FOREIGN)))),
            ["error link-to-other-host #1 search: an address of the Zorgaanbiederslijst / to elsewhere"]
        );
        assert!(matches!(judged(&step(page(), Some("page-loop"))), Judgement::NotSeen(_)));
    }

    #[test]
    fn a_name_on_another_host_is_a_warning() {
        let named = |url: &str| {
            let body = format!(r#"{{"resourceType": "Bundle", "entry": [{{"fullUrl": "{url}"}}]}}"#);
            judged(&step(Recording::new().get("Flag").json(200, &body), None))
        };
        assert!(lines(&named("https://bron.example/Flag/1"))[0].starts_with("warning full-url-on-other-host #1"));
        let body =
            r#"{"resourceType": "Bundle", "entry": [{"response": {"location": "https://bron.example/Binary/1"}}]}"#;
        let shared = judged(&step(Recording::new().post("", "{}").json(200, body), None));
        assert!(lines(&shared)[0].starts_with("warning location-on-other-host #1 Bundle.entry[0].response.location"));
        assert_eq!(lines(&named("https://fhir.example/elders/Flag/1")), ["not seen"]);
        assert_eq!(lines(&named("urn:uuid:00000000-0000-4000-8000-000000000000")), ["not seen"]);
    }
}
