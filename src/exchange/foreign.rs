//! Reads HAR 1.2 as browsers, mitmproxy and Fiddler write it: messages as they were, secrets included.
//!
//! What a recorder leaves out is tolerated and noted in [`Held`]; what is no HAR is told with its place, all mistakes at
//! once. Nothing of it may be kept before it is redacted. Knows no interface. Entry point: [`read`].

use std::collections::BTreeSet;
use std::fmt;
use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use url::Url;
use url::form_urlencoded;

use crate::exchange::Body;
use crate::exchange::Request;
use crate::exchange::Response;

/// Largest body that is taken, in bytes: what is larger counts as not recorded.
const LARGEST_BODY: usize = 64 << 20;

/// Mistakes that are told; the count goes on.
const MOST_TOLD: usize = 5;

/// Names of values that a recorder may have masked, so that they say nothing of who sent them.
const TELLING: &[&str] = &[
    "access_token",
    "client_id",
    "code",
    "grant_type",
    "medmij-request-id",
    "redirect_uri",
    "refresh_token",
    "response_type",
    "scope",
    "state",
    "x-correlation-id",
];

/// What a recorder kept of an exchange; what it left out accuses nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// The headers of the request.
    pub request_headers: bool,
    /// The body of the request, when it has one.
    pub request_body: bool,
    /// The headers of the answer.
    pub response_headers: bool,
    /// The body of the answer, when it has one.
    pub response_body: bool,
    /// Whether `Authorization` would be there if it had been sent: browsers leave it out of what they export.
    pub authorization: bool,
    /// How long the answer took.
    pub time: bool,
    /// Whether no value that rules compare was masked.
    pub plain: bool,
}

impl Held {
    /// All of it, as in a run of ours.
    pub const ALL: Self = Self {
        request_headers: true,
        request_body: true,
        response_headers: true,
        response_body: true,
        authorization: true,
        time: true,
        plain: true,
    };
}

/// One message exchange of a HAR, secrets included.
#[derive(Clone, Debug)]
pub struct Sighted {
    /// Its place in `log.entries`.
    pub index: usize,
    /// When it was sent, when that is told.
    pub started: Option<Timestamp>,
    /// Milliseconds that the answer took.
    pub took_ms: f64,
    /// The request.
    pub request: Request,
    /// The answer, when one came.
    pub response: Option<Response>,
    /// Whether a browser fetched it as a page of its own; `None` when that is not told.
    pub is_page: Option<bool>,
    /// What was kept of it.
    pub held: Held,
}

/// Why a file is no HAR.
#[derive(Debug)]
pub enum ForeignError {
    /// It is no UTF-8 text, from this byte on.
    NotText(usize),
    /// It is no JSON.
    NotJson(serde_json::Error),
    /// It is not of the shape of a HAR: the mistakes that are told, and how many there are.
    NotHar(Vec<Mistake>, usize),
}

/// Something in a HAR that is not what HAR 1.2 says.
#[derive(Debug)]
pub struct Mistake {
    /// Where: `log.entries[3].request.url`.
    pub place: String,
    /// What is expected there.
    pub expected: &'static str,
    /// What is there.
    pub seen: String,
}

impl fmt::Display for ForeignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotText(at) => write!(f, "byte {at} is no UTF-8 text; a HAR is JSON in UTF-8: export it again"),
            Self::NotJson(error) => write!(f, "no JSON: {error}; a HAR is one JSON object: export it again"),
            Self::NotHar(mistakes, count) => {
                f.write_str("no HAR 1.2")?;
                for (i, Mistake { place, expected, seen }) in mistakes.iter().enumerate() {
                    let sign = if i == 0 { ':' } else { ';' };
                    write!(f, "{sign} `{place}` is {seen}, expected is {expected}")?;
                }
                if *count > mistakes.len() {
                    write!(f, "; and {} more", count - mistakes.len())?;
                }
                f.write_str("; export the capture again, as HAR")
            }
        }
    }
}

impl std::error::Error for ForeignError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotJson(error) => Some(error),
            Self::NotText(_) | Self::NotHar(..) => None,
        }
    }
}

/// Reads a HAR: its http(s) exchanges in order of time. The requests of a browser that never left it are left out.
///
/// # Errors
/// When it is no HAR.
pub fn read(bytes: &[u8]) -> Result<Vec<Sighted>, ForeignError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| ForeignError::NotText(error.valid_up_to()))?;
    let root: Value = serde_json::from_str(text).map_err(ForeignError::NotJson)?;
    let mut reader = Reader::default();
    let entries = reader.entries(&root);
    let mut sighted: Vec<Sighted> =
        entries.iter().enumerate().filter_map(|(index, entry)| reader.entry(index, entry)).collect();
    if reader.count > 0 {
        return Err(ForeignError::NotHar(reader.mistakes, reader.count));
    }
    unmask(&mut sighted);
    let keeps_authorization = sighted.iter().any(|entry| entry.request.header("authorization").is_some());
    for entry in &mut sighted {
        entry.held.authorization = entry.held.request_headers && keeps_authorization;
    }
    // What has no time stays behind the one before it.
    let mut last = Timestamp::UNIX_EPOCH;
    let mut keyed: Vec<(Timestamp, Sighted)> = sighted
        .into_iter()
        .map(|entry| {
            last = entry.started.unwrap_or(last);
            (last, entry)
        })
        .collect();
    keyed.sort_by_key(|(at, _)| *at);
    Ok(keyed.into_iter().map(|(_, entry)| entry).collect())
}

/// Whether a value was masked by whoever recorded it or passed it on.
pub fn is_masked(value: &str) -> bool {
    const WORDS: &[&str] = &["redacted", "masked", "removed", "sanitized", "sanitised", "hidden", "filtered", "geheim"];
    let is_sign = |c: char| matches!(c, '*' | '•' | '…' | '.' | '_' | '-' | '#' | 'x' | 'X' | ' ');
    let lower = value.to_ascii_lowercase();
    let pairs = [('<', '>'), ('[', ']'), ('{', '}'), ('(', ')')];
    let inner = pairs.iter().find_map(|(open, close)| value.strip_prefix(*open)?.strip_suffix(*close));
    let is_word = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-'));
    (value.chars().count() >= 3 && value.chars().all(is_sign))
        || inner.is_some_and(is_word)
        || value.contains("***")
        || WORDS.iter().any(|word| lower.contains(word))
}

#[derive(Default)]
struct Reader {
    mistakes: Vec<Mistake>,
    count: usize,
}

impl Reader {
    fn wrong(&mut self, place: impl FnOnce() -> String, expected: &'static str, seen: &Value) {
        self.count += 1;
        if self.mistakes.len() < MOST_TOLD {
            self.mistakes.push(Mistake { place: place(), expected, seen: kind(seen) });
        }
    }

    fn entries<'a>(&mut self, root: &'a Value) -> &'a [Value] {
        const NONE: &Value = &Value::Null;
        let log = root.get("log").unwrap_or(NONE);
        if !log.is_object() {
            self.wrong(|| "log".into(), "the object of a HAR", log);
            return &[];
        }
        let entries = log.get("entries").unwrap_or(NONE);
        match entries.as_array() {
            Some(list) => list,
            None => {
                self.wrong(|| "log.entries".into(), "a list of exchanges", entries);
                &[]
            }
        }
    }

    fn entry(&mut self, index: usize, entry: &Value) -> Option<Sighted> {
        let at = |rest: &str| format!("log.entries[{index}]{rest}");
        let Some(entry) = entry.as_object() else {
            self.wrong(|| at(""), "an object", entry);
            return None;
        };
        let sent = entry.get("request").unwrap_or(&Value::Null);
        let Some(sent) = sent.as_object() else {
            self.wrong(|| at(".request"), "an object", sent);
            return None;
        };
        let url = self.text(sent, "url", || at(".request"))?;
        let url = match Url::parse(&url) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => url,
            // `data:`, `blob:`, an extension of the browser.
            Ok(_) => return None,
            Err(_) => {
                self.wrong(|| at(".request.url"), "an absolute URL", &Value::String(url));
                return None;
            }
        };
        let before = self.count;
        let method = sent.get("method").and_then(Value::as_str).unwrap_or("GET").to_ascii_uppercase();
        let (request_headers, has_request_headers) = self.headers(sent, || at(".request"));
        let (request_body, has_request_body) = self.sent_body(sent, &method, || at(".request"));
        let request = Request { method, url: url.into(), headers: request_headers, body: request_body };
        let (response, has_response_headers, has_response_body) = self.response(entry, &at);
        let started = self.started(entry, &at);
        let (took_ms, time) = took(entry);
        if self.count > before {
            return None;
        }
        let held = Held {
            request_headers: has_request_headers,
            request_body: has_request_body,
            response_headers: has_response_headers,
            response_body: has_response_body,
            authorization: false,
            time,
            plain: !telling(&request, response.as_ref()).iter().any(|value| is_masked(value)),
        };
        let is_page = is_page(entry, &request);
        Some(Sighted { index, started, took_ms, request, response, is_page, held })
    }

    fn started(&mut self, entry: &Map<String, Value>, at: &impl Fn(&str) -> String) -> Option<Timestamp> {
        let value = entry.get("startedDateTime").filter(|value| !value.is_null())?;
        let parsed = value.as_str().and_then(|text| {
            let text = text.trim();
            let local = || TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
            text.parse().ok().or_else(local)
        });
        if parsed.is_none() {
            self.wrong(|| at(".startedDateTime"), "a moment such as 2026-01-15T10:00:00.000Z", value);
        }
        parsed
    }

    fn response(&mut self, entry: &Map<String, Value>, at: &impl Fn(&str) -> String) -> (Option<Response>, bool, bool) {
        let value = entry.get("response").unwrap_or(&Value::Null);
        let Some(came) = value.as_object() else {
            if !value.is_null() {
                self.wrong(|| at(".response"), "an object", value);
            }
            return (None, false, false);
        };
        let status = came.get("status").unwrap_or(&Value::Null);
        let number = match status {
            Value::Null => Some(0),
            Value::Number(number) => number.as_f64().filter(|n| (0.0..1000.0).contains(n)).map(|n| n as u16),
            _ => None,
        };
        let Some(number) = number else {
            self.wrong(|| at(".response.status"), "a status such as 200", status);
            return (None, false, false);
        };
        // Browsers write 0 for what was not answered.
        if number == 0 {
            return (None, false, false);
        }
        let (mut headers, has_headers) = self.headers(came, || at(".response"));
        let (body, has_body) = self.content(came, number, || at(".response.content"));
        let media_type = came.get("content").and_then(|content| content.get("mimeType")).and_then(Value::as_str);
        let has = |name: &str| headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
        let location = came.get("redirectURL").and_then(Value::as_str).unwrap_or_default();
        let adds_location = (300..400).contains(&number) && !location.is_empty() && !has("location");
        let media_type = media_type.filter(|text| !text.is_empty() && *text != "x-unknown" && !has("content-type"));
        if adds_location {
            headers.push(("Location".into(), location.to_owned()));
        }
        headers.extend(media_type.map(|text| ("Content-Type".to_owned(), text.to_owned())));
        (Some(Response { status: number, headers, body }), has_headers, has_body)
    }

    /// The headers, without the pseudo headers of HTTP/2, and whether there are any.
    fn headers(&mut self, message: &Map<String, Value>, at: impl Fn() -> String) -> (Vec<(String, String)>, bool) {
        let list = self.pairs(message, "headers", at);
        let list: Vec<_> = list.into_iter().filter(|(name, _)| !name.starts_with(':')).collect();
        let any = !list.is_empty();
        (list, any)
    }

    fn pairs(&mut self, object: &Map<String, Value>, name: &str, at: impl Fn() -> String) -> Vec<(String, String)> {
        let value = object.get(name).unwrap_or(&Value::Null);
        let Some(list) = value.as_array() else {
            if !value.is_null() {
                self.wrong(|| format!("{}.{name}", at()), "a list", value);
            }
            return Vec::new();
        };
        let mut out = Vec::new();
        for (i, pair) in list.iter().enumerate() {
            let key = pair.get("name").and_then(Value::as_str);
            let text = match pair.get("value") {
                None | Some(Value::Null) => Some(""),
                Some(value) => value.as_str(),
            };
            match key.zip(text) {
                Some((key, text)) => out.push((key.to_owned(), text.to_owned())),
                None => self.wrong(|| format!("{}.{name}[{i}]", at()), "a `name` and a `value`, both text", pair),
            }
        }
        out
    }

    /// The body of a request, and whether it was kept.
    fn sent_body(&mut self, sent: &Map<String, Value>, method: &str, at: impl Fn() -> String) -> (Body, bool) {
        let value = sent.get("postData").unwrap_or(&Value::Null);
        let Some(data) = value.as_object() else {
            if !value.is_null() {
                self.wrong(|| format!("{}.postData", at()), "an object", value);
            }
            let is_empty = sent.get("bodySize").and_then(Value::as_f64) == Some(0.0);
            return (Body::Empty, is_empty || matches!(method, "GET" | "HEAD"));
        };
        if let Some(body) = self.text_of(data, || format!("{}.postData", at())) {
            return (body, true);
        }
        let fields = self.pairs(data, "params", || format!("{}.postData", at()));
        if fields.is_empty() {
            return (Body::Empty, false);
        }
        // Some recorders keep the fields as they were encoded.
        let plain = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let pairs = fields.iter().map(|(name, value)| (plain(name), plain(value)));
        (Body::Text(form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()), true)
    }

    /// The body of an answer, and whether it was kept.
    fn content(&mut self, came: &Map<String, Value>, status: u16, at: impl Fn() -> String) -> (Body, bool) {
        let value = came.get("content").unwrap_or(&Value::Null);
        let Some(content) = value.as_object() else {
            if !value.is_null() {
                self.wrong(&at, "an object", value);
            }
            return (Body::Empty, false);
        };
        let size = content.get("size").and_then(Value::as_f64);
        match self.text_of(content, at) {
            Some(body) if body.bytes().len() > LARGEST_BODY => (Body::Empty, false),
            // Cut off by the recorder.
            Some(body) if size.is_some_and(|size| (body.bytes().len() as f64) < size) => (body, false),
            Some(body) => (opened(body), true),
            None => (Body::Empty, size == Some(0.0) || matches!(status, 204 | 304)),
        }
    }

    /// The text of a body, decoded; `None` when there is none or it is empty.
    fn text_of(&mut self, content: &Map<String, Value>, at: impl Fn() -> String) -> Option<Body> {
        let value = content.get("text").filter(|value| !value.is_null())?;
        let Some(text) = value.as_str() else {
            self.wrong(|| format!("{}.text", at()), "text", value);
            return None;
        };
        let encoding = content.get("encoding").and_then(Value::as_str).unwrap_or_default();
        if text.is_empty() {
            return None;
        }
        if !encoding.eq_ignore_ascii_case("base64") {
            return Some(Body::Text(text.to_owned()));
        }
        let packed: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        match STANDARD.decode(packed) {
            Ok(bytes) => Some(Body::from_bytes(bytes)),
            Err(_) => {
                self.count += 1;
                if self.mistakes.len() < MOST_TOLD {
                    let (expected, seen) = ("base64, as `encoding` says", "text that is no base64".into());
                    self.mistakes.push(Mistake { place: format!("{}.text", at()), expected, seen });
                }
                None
            }
        }
    }

    fn text(&mut self, object: &Map<String, Value>, name: &str, at: impl Fn() -> String) -> Option<String> {
        let value = object.get(name).unwrap_or(&Value::Null);
        match value.as_str() {
            Some(text) => Some(text.to_owned()),
            None => {
                self.wrong(|| format!("{}.{name}", at()), "text", value);
                None
            }
        }
    }
}

/// How long the answer took, without what the browser did before it sent; and whether it is told.
fn took(entry: &Map<String, Value>) -> (f64, bool) {
    let number = |value: Option<&Value>| value.and_then(Value::as_f64).filter(|ms| *ms >= 0.0);
    let timings = entry.get("timings");
    let part = |name: &str| number(timings.and_then(|timings| timings.get(name)));
    match (part("wait"), number(entry.get("time"))) {
        (Some(wait), _) => (wait + part("receive").unwrap_or(0.0), true),
        (None, Some(time)) => (time, true),
        (None, None) => (0.0, false),
    }
}

/// Whether a browser fetched it as a page: as it says itself, or as its headers do.
fn is_page(entry: &Map<String, Value>, request: &Request) -> Option<bool> {
    if let Some(kind) = entry.get("_resourceType").and_then(Value::as_str) {
        return Some(kind == "document");
    }
    if let Some(target) = request.header("sec-fetch-dest") {
        return Some(target == "document");
    }
    request.header("accept").map(|accept| accept.trim_start().starts_with("text/html"))
}

/// A body that was kept as it was packed, as it was before.
fn opened(body: Body) -> Body {
    let Body::Bytes(bytes) = &body else { return body };
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return body;
    }
    let mut out = Vec::new();
    let most = u64::try_from(LARGEST_BODY).unwrap_or(u64::MAX);
    match MultiGzDecoder::new(bytes.as_slice()).take(most).read_to_end(&mut out) {
        Ok(_) => Body::from_bytes(out),
        Err(_) => body,
    }
}

/// The values that rules compare.
fn telling(request: &Request, response: Option<&Response>) -> Vec<String> {
    let mut values: Vec<String> = named(request, response).into_iter().map(|(_, value)| value).collect();
    values.extend(bearer(request).map(str::to_owned));
    values
}

/// The telling values with their names in lower case.
fn named(request: &Request, response: Option<&Response>) -> Vec<(String, String)> {
    let is_telling = |name: &str| TELLING.contains(&name.to_ascii_lowercase().as_str());
    let pairs = request.query().into_iter().chain(request.body.form()).chain(request.headers.iter().cloned());
    let location = response.and_then(|response| Url::parse(response.header("location")?).ok());
    let back: Vec<(String, String)> = location.iter().flat_map(|url| url.query_pairs().into_owned()).collect();
    let lower = |(name, value): (String, String)| (name.to_ascii_lowercase(), value);
    let mut values: Vec<(String, String)> = pairs.chain(back).filter(|(name, _)| is_telling(name)).map(lower).collect();
    let json = response.filter(|response| response.body.bytes().len() < 65_536).and_then(|r| r.body.json());
    if let Some(Value::Object(members)) = json {
        let texts = members.iter().filter(|(name, _)| is_telling(name));
        values.extend(texts.filter_map(|(name, value)| Some((name.to_ascii_lowercase(), value.as_str()?.to_owned()))));
    }
    values
}

/// What is sent in the header `Authorization` behind its scheme.
fn bearer(request: &Request) -> Option<&str> {
    let value = request.header("authorization")?;
    Some(value.split_once(' ').map_or(value, |(_, token)| token.trim()))
}

/// Notes where codes and tokens were masked in a way that no single value shows: all are empty, or one value stands for both.
fn unmask(all: &mut [Sighted]) {
    const CODE: &str = "code";
    const KINDS: [&str; 3] = [CODE, "access_token", "refresh_token"];
    let secrets = |entry: &Sighted| {
        let mut found = named(&entry.request, entry.response.as_ref());
        found.extend(bearer(&entry.request).map(|token| ("access_token".to_owned(), token.to_owned())));
        // A search in FHIR has a `code` as well.
        let is_search = entry.request.header("authorization").is_some();
        found.retain(|(name, _)| KINDS.contains(&name.as_str()) && !(is_search && name == CODE));
        found
    };
    let found: Vec<Vec<(String, String)>> = all.iter().map(secrets).collect();
    let flat = || found.iter().flatten();
    let is_blank = flat().all(|(_, value)| value.is_empty());
    let codes: BTreeSet<&str> = flat().filter(|(name, _)| name == CODE).map(|(_, value)| value.as_str()).collect();
    let others = flat().filter(|(name, _)| name != CODE).map(|(_, value)| value.as_str());
    let shared: BTreeSet<&str> = others.filter(|value| !value.is_empty() && codes.contains(value)).collect();
    for (entry, own) in all.iter_mut().zip(&found) {
        entry.held.plain &= own.iter().all(|(_, value)| !is_blank && !shared.contains(value.as_str()));
    }
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "missing".into(),
        Value::Bool(_) => "a truth value".into(),
        Value::Number(_) => "a number".into(),
        Value::String(_) => "another text".into(),
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "another object".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn har(entries: Value) -> Vec<u8> {
        json!({"log": {"version": "1.2", "entries": entries}}).to_string().into_bytes()
    }

    fn refuses(bytes: &[u8], parts: &[&str]) {
        let said = read(bytes).unwrap_err().to_string();
        for part in parts {
            assert!(said.contains(part), "{said} does not say {part}");
        }
    }

    #[test]
    fn what_is_no_har_is_told_with_its_place() {
        refuses(b"\xff\xfe{", &["byte 0", "UTF-8"]);
        refuses(b"<html>", &["no JSON", "line 1"]);
        refuses("[".repeat(100_000).as_bytes(), &["no JSON"]);
        refuses(b"[]", &["`log` is missing"]);
        refuses(br#"{"log":{"entries":{}}}"#, &["`log.entries` is another object", "a list of exchanges"]);
        let entries = json!([
            {"request": {"url": 7}},
            {"request": {"url": "geen url"}},
            {"request": {"url": "https://a.example/", "headers": [{"name": 1}]}},
            {"request": {"url": "https://a.example/"}, "response": {"status": "ok"}},
            {"request": {"url": "https://a.example/"}, "startedDateTime": "gisteren"},
            {"request": {"url": "https://a.example/"},
             "response": {"status": 200, "content": {"text": "###", "encoding": "base64"}}},
            5,
        ]);
        refuses(
            &har(entries),
            &[
                "`log.entries[0].request.url` is a number",
                "`log.entries[1].request.url` is another text, expected is an absolute URL",
                "`log.entries[2].request.headers[0]`",
                "`log.entries[3].response.status`",
                "`log.entries[4].startedDateTime`",
                "and 2 more",
            ],
        );
        let broken = json!([{"request": {"url": "https://a.example/"},
            "response": {"status": 200, "content": {"text": "###", "encoding": "base64"}}}]);
        refuses(&har(broken), &["`log.entries[0].response.content.text`", "base64"]);
    }

    #[test]
    fn missing_fields_are_tolerated_and_noted() {
        let entries = json!([
            {"request": {"url": "https://a.example/x?y=1"}, "response": {"status": 0}},
            {"request": {"url": "data:text/plain,x"}},
            {"startedDateTime": "2026-01-15T10:00:00.0000000+01:00", "time": 7,
             "request": {"method": "post", "url": "https://a.example/t",
                "headers": [{"name": ":authority", "value": "a.example"}, {"name": "accept", "value": null}],
                "postData": {"mimeType": "application/x-www-form-urlencoded",
                    "params": [{"name": "grant_type", "value": "authorization_code"}, {"name": "u", "value": "a%3Ab"}]}},
             "response": {"status": 302, "headers": [], "redirectURL": "https://b.example/", "content": {"size": 9}}},
        ]);
        let read = read(&har(entries)).unwrap();
        let [first, second] = read.as_slice() else { panic!("{read:?}") };
        assert!(first.response.is_none() && !first.held.request_headers && !first.held.time);
        assert_eq!(second.request.method, "POST");
        assert_eq!(second.request.headers, [("accept".to_owned(), String::new())]);
        assert_eq!(second.request.body.form()[1], ("u".to_owned(), "a:b".to_owned()));
        assert_eq!(second.started, Some("2026-01-15T09:00:00Z".parse().unwrap()));
        assert_eq!(second.response.as_ref().unwrap().header("location"), Some("https://b.example/"));
        assert!(second.held.request_body && !second.held.response_body && !second.held.response_headers);
        assert!(!second.held.authorization && second.held.plain && second.held.time);
    }

    #[test]
    fn masked_values_are_noted() {
        for masked in ["***", "[REDACTED]", "Bearer ****", "<removed>", "xxxxxxxx"] {
            assert!(is_masked(masked), "{masked}");
        }
        for plain in ["abc", "Bearer 8xLOxBtZp8", "authorization_code", "-", "ziekenhuis"] {
            assert!(!is_masked(plain), "{plain}");
        }
        let entries = json!([{"request": {"url": "https://a.example/cb?code=%5BREDACTED%5D"}}]);
        assert!(!read(&har(entries)).unwrap()[0].held.plain);
    }

    #[test]
    fn bodies_are_read_in_either_encoding() {
        let answer = |content: Value| {
            json!([{"request": {"url": "https://a.example/"},
            "response": {"status": 200, "content": content}}])
        };
        let body = |content: Value| read(&har(answer(content))).unwrap().remove(0).response.unwrap().body;
        assert_eq!(body(json!({"text": "{}"})), Body::Text("{}".into()));
        assert_eq!(body(json!({"text": "e30=", "encoding": "base64"})), Body::Text("{}".into()));
        assert_eq!(body(json!({"text": "//4A", "encoding": "base64"})), Body::Bytes(vec![0xff, 0xfe, 0]));
    }
}
