//! A FHIR terminology server as a source of what no package carries: `$validate-code` over HTTP, for STU3 and R4.
//!
//! Waits for each answer, up to a limit; what goes wrong is a reason why something was not checked, never a verdict. After a
//! few failures in a row the server is left alone. Entry point: [`TerminologyServer`].

use std::error::Error;
use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc;
use std::time::Duration;

use reqwest::Client;
use reqwest::Request;
use reqwest::redirect::Policy;
use serde_json::json;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;
use url::Host;
use url::Url;

use crate::diag::Text;
use crate::fhir::definitions::FhirVersion;
use crate::fhir::element::Element;
use crate::fhir::json;
use crate::fhir::terminology::Question;
use crate::fhir::terminology::Reply;
use crate::fhir::terminology::Source;
use crate::text;

/// Largest answer that is read, in bytes: 1 MiB.
const MAX_ANSWER: usize = 1 << 20;

/// Failures in a row after which the server is not asked any more.
const MAX_FAILURES: u32 = 3;

/// What servers say, in lower case, when `false` means that they cannot tell.
const UNKNOWN_WORDS: &[&str] = &[
    "unable to provide validation",
    "cannot be validated",
    "unknown code system",
    "unknown codesystem",
    "failed to expand valueset",
];

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// Why a terminology server cannot be asked at all.
#[derive(Debug)]
pub enum TerminologyServerError {
    /// The address, without name and password, is no `http` or `https` URL.
    Address(String),
    /// The HTTP client cannot be made.
    Client(reqwest::Error),
    /// The system gives no thread for it.
    Runtime(std::io::Error),
}

impl fmt::Display for TerminologyServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => {
                write!(f, "use terminology server `{address}`; give the base URL of a FHIR server, http or https")
            }
            Self::Client(_) => write!(f, "make the HTTP client for the terminology server"),
            Self::Runtime(_) => write!(f, "start a thread for the terminology server"),
        }
    }
}

impl Error for TerminologyServerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Address(_) => None,
            Self::Client(error) => Some(error),
            Self::Runtime(error) => Some(error),
        }
    }
}

/// A terminology server.
pub struct TerminologyServer {
    client: Client,
    /// Taken when the server is dropped.
    runtime: Option<Runtime>,
    /// Ends in a slash.
    base: Url,
    version: FhirVersion,
    time: Duration,
    /// Failures in a row, and the last one.
    failures: Mutex<(u32, Option<Text>)>,
}

impl TerminologyServer {
    /// The server at this base URL, that speaks this version of FHIR and gets so long for each answer.
    ///
    /// # Errors
    /// See [`TerminologyServerError`]. Whether it answers shows when it is asked.
    pub fn new(base: &str, version: FhirVersion, time: Duration) -> Result<Self, TerminologyServerError> {
        // What stands before `@` may be a password.
        let shown = base.rsplit_once('@').map_or(base, |(_, host)| host);
        let address = || TerminologyServerError::Address(shown.to_owned());
        let slash = if base.ends_with('/') { "" } else { "/" };
        let base = Url::parse(&format!("{base}{slash}")).map_err(|_| address())?;
        if !matches!(base.scheme(), "http" | "https") || base.query().is_some() || base.fragment().is_some() {
            return Err(address());
        }
        // Refused when there is one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // The proxy of the environment, but never for a server on this machine: what it is asked stays here.
        let is_here = match base.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        let client = if is_here { Client::builder().no_proxy() } else { Client::builder() };
        let client = client
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .timeout(time)
            .user_agent(concat!("toetsbank/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(TerminologyServerError::Client)?;
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = Some(runtime.map_err(TerminologyServerError::Runtime)?);
        Ok(Self { client, runtime, base, version, time, failures: Mutex::default() })
    }

    /// Why the server is not asked any more, when that came to be.
    pub fn trouble(&self) -> Option<Text> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.1.clone().filter(|_| failures.0 >= MAX_FAILURES)
    }

    /// The status and body of the answer, or why there is none.
    fn send(&self, request: Request) -> Result<(u16, Vec<u8>), Text> {
        let seconds = self.time.as_secs_f32();
        let late =
            || text!("binnen {seconds} s kwam geen heel antwoord", "there was no whole answer within {seconds} s");
        let Some(runtime) = &self.runtime else { return Err(late()) };
        let (sender, receiver) = mpsc::channel();
        let client = self.client.clone();
        // Made inside: the client sets its clock where the runtime runs.
        runtime.spawn(async move {
            // Nobody waits any more when this fails.
            let _ = sender.send(read(&client, request).await);
        });
        receiver.recv_timeout(self.time + CONNECT).unwrap_or_else(|_| Err(late()))
    }

    fn request(&self, question: &Question) -> Result<Request, reqwest::Error> {
        let mut parameters: Vec<(&str, &str)> = vec![("code", &question.code)];
        parameters.extend(question.display.as_deref().map(|display| ("display", display)));
        let version = question.version.as_deref();
        let is_r4 = self.version == FhirVersion::R4;
        let request = match (&question.value_set, is_r4) {
            (Some(canonical), _) => {
                let (url, of) = canonical.split_once('|').map_or((&**canonical, None), |(url, of)| (url, Some(of)));
                parameters.extend([("url", url), ("system", &question.system)]);
                parameters.extend(of.filter(|_| is_r4).map(|of| ("valueSetVersion", of)));
                parameters.extend(version.map(|version| (if is_r4 { "systemVersion" } else { "version" }, version)));
                self.client.get(self.address("ValueSet/$validate-code", &parameters))
            }
            (None, true) => {
                parameters.push(("url", &question.system));
                parameters.extend(version.map(|version| ("version", version)));
                self.client.get(self.address("CodeSystem/$validate-code", &parameters))
            }
            // STU3 has no such operation on code systems: the question is about the value set of all its codes.
            (None, false) => {
                let mut include = json!({"system": question.system});
                version.into_iter().for_each(|version| include["version"] = version.into());
                let all = json!({"resourceType": "ValueSet", "status": "active", "compose": {"include": [include]}});
                let mut asked = vec![
                    json!({"name": "valueSet", "resource": all}),
                    json!({"name": "system", "valueUri": question.system}),
                    json!({"name": "code", "valueCode": question.code}),
                ];
                asked.extend(question.display.iter().map(|text| json!({"name": "display", "valueString": text})));
                let body = json!({"resourceType": "Parameters", "parameter": asked});
                self.client
                    .post(self.address("ValueSet/$validate-code", &[]))
                    .header("Content-Type", "application/fhir+json")
                    .body(body.to_string())
            }
        };
        request.header("Accept", "application/fhir+json").build()
    }

    fn address(&self, operation: &str, parameters: &[(&str, &str)]) -> Url {
        let mut address = self.base.clone();
        address.set_path(&format!("{}{operation}", self.base.path()));
        if !parameters.is_empty() {
            address.query_pairs_mut().extend_pairs(parameters);
        }
        address
    }

    fn unanswered(&self, why: Text) -> Reply {
        let host = self.base.host_str().unwrap_or_default();
        let (nl, en) = (why.nl, why.en);
        Reply::Unanswered(text!(
            "terminologieserver `{host}` gaf geen oordeel: {nl}",
            "terminology server `{host}` gave no verdict: {en}"
        ))
    }
}

impl Source for TerminologyServer {
    fn ask(&self, question: &Question) -> Reply {
        if let Some(why) = self.trouble() {
            return self.unanswered(why);
        }
        let request = match self.request(question) {
            Ok(request) => request,
            Err(error) => return self.unanswered(Text::same(error.without_url().to_string())),
        };
        let answer = self.send(request).and_then(|(status, body)| match status {
            500.. => Err(text!("status {status}", "status {status}")),
            _ => Ok((status, body)),
        });
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        *failures = match &answer {
            Ok(_) => (0, None),
            Err(why) => (failures.0 + 1, Some(why.clone())),
        };
        drop(failures);
        match answer.and_then(|(status, body)| reply(status, &body, question)) {
            Ok(reply) => reply,
            Err(why) => self.unanswered(why),
        }
    }
}

impl Drop for TerminologyServer {
    fn drop(&mut self) {
        // An answer that never comes must not hold us up.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn read(client: &Client, request: Request) -> Result<(u16, Vec<u8>), Text> {
    let fail = |error: reqwest::Error| {
        // What the system said is in the last cause; the address may hold a password.
        let error = error.without_url();
        let mut cause: &dyn Error = &error;
        while let Some(next) = cause.source() {
            cause = next;
        }
        Text::same(cause.to_string())
    };
    let mut answer = client.execute(request).await.map_err(fail)?;
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(fail)? {
        if body.len() + part.len() > MAX_ANSWER {
            return Err(text!("het antwoord is groter dan 1 MiB", "the answer is larger than 1 MiB"));
        }
        body.extend_from_slice(&part);
    }
    Ok((answer.status().as_u16(), body))
}

/// What an answer says; an error for one that says nothing.
fn reply(status: u16, body: &[u8], question: &Question) -> Result<Reply, Text> {
    let Ok((resource, _)) = json::parse(body) else {
        return Err(text!("status {status}, en geen FHIR JSON", "status {status}, and no FHIR JSON"));
    };
    if status != 200 || resource.resource_type.as_deref() != Some("Parameters") {
        let said = outcome(&resource).unwrap_or_default();
        return Err(text!("status {status} {said}", "status {status} {said}"));
    }
    let parameter = |name: &str| resource.all("parameter").find(|parameter| parameter.text("name") == Some(name));
    // A server says "no" of what it does not know, too; some tell so in words only.
    let said = parameter("message").and_then(|message| message.text("valueString")).unwrap_or_default();
    let words = said.to_lowercase();
    let unknown = ["x-unknown-system", "x-caused-by-unknown-system"].iter().any(|name| parameter(name).is_some())
        || UNKNOWN_WORDS.iter().any(|part| words.contains(part));
    let not_found = parameter("issues").and_then(|issues| issues.child("resource")).is_some_and(|issues| {
        issues
            .all("issue")
            .any(|issue| matches!(issue.text("code"), Some("not-found" | "not-supported" | "too-costly")))
    });
    match parameter("result").and_then(|result| result.text("valueBoolean")) {
        Some("true") => {
            let display = parameter("display").and_then(|display| display.text("valueString"));
            Ok(Reply::Yes { display: display.map(Into::into) })
        }
        Some("false") if !unknown && !not_found => {
            let version = parameter("version").and_then(|version| version.text("valueString")).unwrap_or_default();
            match extension(question).filter(|namespace| !version.contains(namespace)) {
                None => Ok(Reply::No),
                Some(namespace) => Err(text!(
                    "het zegt niet dat het de editie van SNOMED CT heeft waaruit de code is (naamruimte {namespace})",
                    "it does not say that it has the edition of SNOMED CT that the code is from (namespace {namespace})"
                )),
            }
        }
        Some("false") => {
            let said = shortened(said);
            Err(text!(
                "het kent het codestelsel of de waardelijst niet: {said}",
                "it does not know the code system or value set: {said}"
            ))
        }
        _ => Err(text!("geen `result` in het antwoord", "no `result` in the answer")),
    }
}

/// The namespace of a code from an extension of SNOMED CT, such as the Dutch one; a server without that edition knows
/// nothing of it. Before the check digit stand two digits, the first 1 for an extension, and before those seven of the
/// namespace (SNOMED CT Release File Specifications, section "SCTID Representation").
fn extension(question: &Question) -> Option<&str> {
    let code = &*question.code;
    let is_extension = &*question.system == "http://snomed.info/sct"
        && code.len() > 10
        && code.bytes().all(|digit| digit.is_ascii_digit())
        && code.as_bytes()[code.len() - 3] == b'1';
    is_extension.then(|| &code[code.len() - 10..code.len() - 3])
}

/// What an OperationOutcome says first, shortened.
fn outcome(resource: &Element) -> Option<String> {
    let issue = resource.child("issue")?;
    let said = issue.text("diagnostics").or_else(|| issue.child("details")?.text("text"))?;
    Some(shortened(said))
}

/// What a server says, on one line and not too long.
fn shortened(said: &str) -> String {
    said.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(value_set: Option<&str>) -> Question {
        Question {
            value_set: value_set.map(Into::into),
            system: "http://snomed.info/sct".into(),
            version: Some("1".into()),
            code: "a&b".into(),
            display: None,
        }
    }

    fn server(version: FhirVersion) -> TerminologyServer {
        TerminologyServer::new("http://127.0.0.1:9/fhir", version, Duration::from_millis(500)).unwrap()
    }

    fn check(version: FhirVersion, value_set: Option<&str>, expect: &str) {
        let request = server(version).request(&question(value_set)).unwrap();
        assert_eq!(format!("{} {}", request.method(), request.url()), expect);
    }

    #[test]
    fn questions_are_put_as_each_version_of_fhir_has_them() {
        check(
            FhirVersion::R4,
            Some("http://a/v|2"),
            "GET http://127.0.0.1:9/fhir/ValueSet/$validate-code?code=a%26b&url=http%3A%2F%2Fa%2Fv&system=http%3A%2F%2Fsnomed.info%2Fsct&valueSetVersion=2&systemVersion=1",
        );
        check(
            FhirVersion::Stu3,
            Some("http://a/v|2"),
            "GET http://127.0.0.1:9/fhir/ValueSet/$validate-code?code=a%26b&url=http%3A%2F%2Fa%2Fv&system=http%3A%2F%2Fsnomed.info%2Fsct&version=1",
        );
        check(
            FhirVersion::R4,
            None,
            "GET http://127.0.0.1:9/fhir/CodeSystem/$validate-code?code=a%26b&url=http%3A%2F%2Fsnomed.info%2Fsct&version=1",
        );
        check(FhirVersion::Stu3, None, "POST http://127.0.0.1:9/fhir/ValueSet/$validate-code");
    }

    #[test]
    fn addresses_that_are_none_are_refused() {
        for bad in ["", "tx.example", "ftp://tx.example", "http://", "http://tx.example/?a=b"] {
            assert!(TerminologyServer::new(bad, FhirVersion::R4, CONNECT).is_err(), "{bad}");
        }
        for bad in ["ftp://me:secret@tx.example", "http://me:secret@tx.example/?a=b", "me:secret@tx.example"] {
            let said = TerminologyServer::new(bad, FhirVersion::R4, CONNECT).map(|_| ()).unwrap_err().to_string();
            assert!(said.contains("tx.example") && !said.contains("secret"), "{said}");
        }
    }

    fn says(status: u16, body: &str) -> String {
        says_of("1", status, body)
    }

    fn says_of(code: &str, status: u16, body: &str) -> String {
        match reply(status, body.as_bytes(), &Question { code: code.into(), ..question(None) }) {
            Ok(reply) => format!("{reply:?}"),
            Err(why) => why.en,
        }
    }

    #[test]
    fn a_server_without_the_edition_does_not_accuse_its_codes() {
        let of = |version: &str| {
            format!(
                r#"{{"resourceType":"Parameters","parameter":[{{"name":"result","valueBoolean":false}},{{"name":"version","valueString":"{version}"}}]}}"#
            )
        };
        let international = of("http://snomed.info/sct/900000000000207008/version/20250101");
        let dutch = of("http://snomed.info/sct/11000146104/version/20250331");
        assert!(says_of("11000146104", 200, &international).contains("(namespace 1000146)"));
        assert_eq!(says_of("11000146104", 200, &dutch), "No");
        assert_eq!(says_of("22298006", 200, &international), "No");
        assert_eq!(says_of("900000000000207008", 200, &international), "No");
        assert_eq!(says_of("1234567é10", 200, &international), "No");
    }

    #[test]
    fn only_a_verdict_is_one() {
        let result = |rest: &str| format!(r#"{{"resourceType":"Parameters","parameter":[{rest}]}}"#);
        assert_eq!(says(200, &result(r#"{"name":"result","valueBoolean":true}"#)), "Yes { display: None }");
        assert_eq!(says(200, &result(r#"{"name":"result","valueBoolean":false}"#)), "No");
        assert_eq!(
            says(
                200,
                &result(r#"{"name":"result","valueBoolean":false},{"name":"x-unknown-system","valueCanonical":"s"}"#)
            ),
            "it does not know the code system or value set: "
        );
        let words = "Terminology service was unable to provide validation for s#c";
        assert!(
            says(
                200,
                &result(&format!(
                    r#"{{"name":"result","valueBoolean":false}},{{"name":"message","valueString":"{words}"}}"#
                ))
            )
            .ends_with(words)
        );
        assert_eq!(says(200, &result("")), "no `result` in the answer");
        assert_eq!(says(200, "<html>"), "status 200, and no FHIR JSON");
        assert_eq!(
            says(404, r#"{"resourceType":"OperationOutcome","issue":[{"diagnostics":"no such value set"}]}"#),
            "status 404 no such value set"
        );
    }
}
