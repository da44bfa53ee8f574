//! The saved trace: HAR 1.2, with what HAR has no place for under `_toetsbank`.
//!
//! Any HAR viewer opens it; `rejudge` reads it back without loss. Only redacted text ever gets here.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::exchange::Actor;
use crate::exchange::Body;
use crate::exchange::Certificate;
use crate::exchange::Connection;
use crate::exchange::Exchange;
use crate::exchange::Failure;
use crate::exchange::Interface;
use crate::exchange::NodeWatch;
use crate::exchange::Request;
use crate::exchange::Response;
use crate::exchange::Run;
use crate::exchange::SecretFacts;
use crate::exchange::StepRecord;
use crate::exchange::Stop;
use crate::exchange::TlsFacts;
use crate::exchange::TlsScan;
use crate::exchange::Trace;

/// Version of the `_toetsbank` parts; a reader refuses a newer one.
pub const FORMAT: u32 = 1;

/// Why a saved trace cannot be read.
#[derive(Debug)]
pub enum HarError {
    /// It is no JSON, or not the shape of a HAR of ours.
    Shape(serde_json::Error),
    /// It was written by a newer toetsbank.
    Newer(u32),
}

impl fmt::Display for HarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(error) => write!(f, "the trace is no HAR that toetsbank wrote: {error}"),
            Self::Newer(format) => {
                write!(f, "the trace has format `{format}`, newer than `{FORMAT}`; use a newer toetsbank")
            }
        }
    }
}

impl std::error::Error for HarError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Shape(error) => Some(error),
            Self::Newer(_) => None,
        }
    }
}

/// The text of a HAR file. `context` is kept beside the trace: what `rejudge` needs to make the same plan again.
pub fn write(run: &Run, context: &Value) -> Result<String, serde_json::Error> {
    let file = File {
        log: Log {
            version: "1.2".into(),
            creator: Creator { name: "toetsbank".into(), version: env!("CARGO_PKG_VERSION").into() },
            entries: run.exchanges().map(entry).collect(),
            ours: LogFacts {
                format: FORMAT,
                context: context.clone(),
                traces: run
                    .traces
                    .iter()
                    .map(|trace| TraceFacts { scenario: trace.scenario.clone(), steps: trace.steps.clone() })
                    .collect(),
                secrets: run.secrets.clone(),
                scans: run.scans.clone(),
                connections: run.connections.clone(),
                node: run.node.clone(),
                stopped: run.stopped.clone(),
            },
        },
    };
    serde_json::to_string_pretty(&file)
}

/// Reads what [`write`] wrote: the run and its context.
///
/// # Errors
/// When the text is no such HAR, or one of a newer format.
pub fn read(text: &str) -> Result<(Run, Value), HarError> {
    let file: File = serde_json::from_str(text).map_err(HarError::Shape)?;
    let ours = file.log.ours;
    if ours.format > FORMAT {
        return Err(HarError::Newer(ours.format));
    }
    let mut traces: Vec<Trace> = ours
        .traces
        .into_iter()
        .map(|facts| Trace { scenario: facts.scenario, exchanges: Vec::new(), steps: facts.steps })
        .collect();
    for entry in file.log.entries {
        let exchange = exchange(entry);
        match traces.iter_mut().find(|trace| trace.scenario == exchange.scenario) {
            Some(trace) => trace.exchanges.push(exchange),
            None => {
                traces.push(Trace { scenario: exchange.scenario.clone(), exchanges: vec![exchange], steps: Vec::new() })
            }
        }
    }
    Ok((
        Run {
            traces,
            secrets: ours.secrets,
            scans: ours.scans,
            connections: ours.connections,
            node: ours.node,
            stopped: ours.stopped,
        },
        ours.context,
    ))
}

#[derive(Serialize, Deserialize)]
struct File {
    log: Log,
}

#[derive(Serialize, Deserialize)]
struct Log {
    version: String,
    creator: Creator,
    entries: Vec<Entry>,
    #[serde(rename = "_toetsbank")]
    ours: LogFacts,
}

#[derive(Serialize, Deserialize)]
struct Creator {
    name: String,
    version: String,
}

#[derive(Serialize, Deserialize)]
struct LogFacts {
    format: u32,
    context: Value,
    traces: Vec<TraceFacts>,
    secrets: Vec<SecretFacts>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scans: Vec<TlsScan>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    connections: Vec<Connection>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    node: Option<NodeWatch>,
    stopped: Option<Stop>,
}

#[derive(Serialize, Deserialize)]
struct TraceFacts {
    scenario: String,
    steps: Vec<StepRecord>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    started_date_time: String,
    time: f64,
    request: HarRequest,
    response: HarResponse,
    cache: Empty,
    timings: Timings,
    #[serde(rename = "_toetsbank")]
    ours: EntryFacts,
}

#[derive(Default, Serialize, Deserialize)]
struct Empty {}

#[derive(Serialize, Deserialize)]
struct Timings {
    send: f64,
    wait: f64,
    receive: f64,
}

#[derive(Serialize, Deserialize)]
struct Pair {
    name: String,
    value: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarRequest {
    method: String,
    url: String,
    http_version: String,
    cookies: Vec<Pair>,
    headers: Vec<Pair>,
    query_string: Vec<Pair>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_data: Option<Content>,
    headers_size: i64,
    body_size: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarResponse {
    /// 0 when no answer came, as browsers write it.
    status: u16,
    status_text: String,
    http_version: String,
    cookies: Vec<Pair>,
    headers: Vec<Pair>,
    content: Content,
    #[serde(rename = "redirectURL")]
    redirect_url: String,
    headers_size: i64,
    body_size: i64,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    mime_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EntryFacts {
    number: u32,
    scenario: String,
    step: String,
    interface: Interface,
    actor: Actor,
    probe: Option<String>,
    certificate: Certificate,
    failure: Option<Failure>,
    forward: Option<String>,
    tls: Option<TlsFacts>,
}

pub(super) fn entry(exchange: &Exchange) -> Entry {
    let Exchange { request, response, .. } = exchange;
    let has_body = !matches!(request.body, Body::Empty);
    Entry {
        started_date_time: exchange.started.to_string(),
        time: exchange.total_ms,
        request: HarRequest {
            method: request.method.clone(),
            url: request.url.clone(),
            http_version: "HTTP/1.1".into(),
            cookies: Vec::new(),
            headers: pairs(&request.headers),
            query_string: pairs(&request.query()),
            post_data: has_body.then(|| content(&request.body, request.header("content-type"))),
            headers_size: -1,
            body_size: request.body.bytes().len() as i64,
        },
        response: HarResponse {
            status: exchange.status().unwrap_or(0),
            status_text: String::new(),
            http_version: "HTTP/1.1".into(),
            cookies: Vec::new(),
            headers: response.as_ref().map(|response| pairs(&response.headers)).unwrap_or_default(),
            content: response
                .as_ref()
                .map(|response| content(&response.body, response.header("content-type")))
                .unwrap_or_default(),
            redirect_url: exchange.response_header("location").unwrap_or("").to_owned(),
            headers_size: -1,
            body_size: response.as_ref().map_or(-1, |response| response.body.bytes().len() as i64),
        },
        cache: Empty {},
        timings: Timings { send: 0.0, wait: exchange.wait_ms, receive: exchange.total_ms - exchange.wait_ms },
        ours: EntryFacts {
            number: exchange.number,
            scenario: exchange.scenario.clone(),
            step: exchange.step.clone(),
            interface: exchange.interface,
            actor: exchange.actor,
            probe: exchange.probe.clone(),
            certificate: exchange.certificate.clone(),
            failure: exchange.failure.clone(),
            forward: exchange.forward.clone(),
            tls: exchange.tls.clone(),
        },
    }
}

pub(super) fn exchange(entry: Entry) -> Exchange {
    let Entry { request, response, timings, ours, .. } = entry;
    let answered = response.status != 0;
    Exchange {
        number: ours.number,
        scenario: ours.scenario,
        step: ours.step,
        interface: ours.interface,
        actor: ours.actor,
        probe: ours.probe,
        certificate: ours.certificate,
        started: entry.started_date_time.parse().unwrap_or(Timestamp::UNIX_EPOCH),
        wait_ms: timings.wait,
        total_ms: entry.time,
        request: Request {
            method: request.method,
            url: request.url,
            headers: unpair(request.headers),
            body: request.post_data.map(body).unwrap_or_default(),
        },
        response: answered.then(|| Response {
            status: response.status,
            headers: unpair(response.headers),
            body: body(response.content),
        }),
        failure: ours.failure,
        forward: ours.forward,
        tls: ours.tls,
    }
}

fn content(body: &Body, media_type: Option<&str>) -> Content {
    let (text, encoding) = match body {
        Body::Empty => (None, None),
        Body::Text(text) => (Some(text.clone()), None),
        Body::Bytes(bytes) => (Some(STANDARD.encode(bytes)), Some("base64".to_owned())),
    };
    let size = Some(body.bytes().len() as u64);
    Content { size, mime_type: media_type.unwrap_or("").to_owned(), text, encoding }
}

fn body(content: Content) -> Body {
    match (content.text, content.encoding.as_deref()) {
        (None, _) => Body::Empty,
        (Some(text), Some("base64")) => STANDARD.decode(&text).map_or(Body::Text(text), Body::Bytes),
        (Some(text), _) => Body::Text(text),
    }
}

fn pairs(list: &[(String, String)]) -> Vec<Pair> {
    list.iter().map(|(name, value)| Pair { name: name.clone(), value: value.clone() }).collect()
}

fn unpair(list: Vec<Pair>) -> Vec<(String, String)> {
    list.into_iter().map(|pair| (pair.name, pair.value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::FailureKind;

    #[test]
    fn a_run_comes_back_as_it_was() {
        let answered = Exchange {
            number: 1,
            scenario: "s/1/rich/json".into(),
            step: "get".into(),
            interface: Interface::Resource,
            actor: Actor::Dvp,
            probe: None,
            certificate: Certificate::Own,
            started: "2026-01-15T10:00:00.123Z".parse().unwrap(),
            wait_ms: 1.5,
            total_ms: 2.25,
            request: Request {
                method: "GET".into(),
                url: "https://a.example/Patient?x=1".into(),
                ..Default::default()
            },
            response: Some(Response {
                status: 200,
                headers: vec![("Content-Type".into(), "application/pdf".into())],
                body: Body::Bytes(vec![0xff, 0xfe, 0]),
            }),
            failure: None,
            forward: None,
            tls: Some(TlsFacts { version: Some("TLSv1_3".into()), ..Default::default() }),
        };
        let cut = Exchange {
            number: 2,
            probe: Some("p".into()),
            response: None,
            failure: Some(Failure { kind: FailureKind::Closed, detail: "reset".into() }),
            ..answered.clone()
        };
        let steps = vec![StepRecord { step: "get".into(), exchanges: vec![1, 2], stopped: None, attested: None }];
        let trace = Trace { scenario: "s/1/rich/json".into(), exchanges: vec![answered, cut], steps };
        let silent = Trace { scenario: "s/2/rich/json".into(), ..Default::default() };
        let run = Run { traces: vec![trace, silent], ..Default::default() };
        let context = serde_json::json!({"suites": ["s"]});
        let text = write(&run, &context).unwrap();
        assert_eq!(read(&text).unwrap(), (run, context));
    }

    #[test]
    fn a_newer_format_is_refused_with_advice() {
        let text = write(&Run::default(), &Value::Null).unwrap().replace("\"format\": 1", "\"format\": 99");
        assert!(read(&text).unwrap_err().to_string().contains("use a newer toetsbank"));
    }
}
