//! Calls what the candidate file names for a step: a program, or an address. What it is called with and what it says are
//! not recorded: there may be secrets in both.
//!
//! Entry point: [`call`].

use std::path::Path;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use reqwest::Client;
use reqwest::header::HeaderMap;
use reqwest::header::HeaderName;
use reqwest::header::HeaderValue;
use rustls::ClientConfig;
use serde_json::Map;
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::process::Child;
use tokio::process::Command;
use tokio::time::timeout;
use url::Url;

use crate::candidate::Hook;
use crate::candidate::HookCall;
use crate::diag::Text;
use crate::runner::capture::receive_within;
use crate::text;

/// Most that is read of what a hook says, in bytes.
const LARGEST: usize = 1 << 20;

/// How long is waited for the rest of what a program said, once it has ended.
const GRACE: Duration = Duration::from_millis(200);

/// What a hook is told: names as in the file, with their values.
pub(super) type Told<'a> = [(&'static str, String)];

/// What a hook says, as far as it is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// The address to open.
    pub(super) url: Option<Url>,
    /// Whether the browser of its own came back to the DVP.
    pub(super) returned: bool,
}

/// Calls a hook; gives what it says.
///
/// # Errors
/// Why it did not do its work, for people.
pub(super) async fn call(hook: &Hook, told: &Told<'_>, tls: ClientConfig) -> Result<Said, Text> {
    let said = match &hook.call {
        HookCall::Command { words, folder } => command(words, folder, told, hook.timeout).await?,
        HookCall::Post { url, headers } => {
            let pairs = headers.iter().map(|(name, value)| {
                let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
                Some((name, HeaderValue::from_str(value).ok()?))
            });
            let headers = pairs.collect::<Option<HeaderMap>>().ok_or_else(|| {
                Text::new("`headers` van de hook zijn geen HTTP-velden", "`headers` of the hook are no HTTP fields")
            })?;
            post(url, headers, told, hook.timeout, tls).await?
        }
    };
    Ok(Said { url: address(&said), returned: returned(&said) })
}

/// Whether it says so: `returned` of a JSON object.
fn returned(said: &str) -> bool {
    let of_json = serde_json::from_str::<Value>(said).ok();
    of_json.and_then(|json| json.get("returned").and_then(Value::as_bool)) == Some(true)
}

/// The address in what was said: `url` of a JSON object, or the last line.
fn address(said: &str) -> Option<Url> {
    let last = || said.lines().map(str::trim).rfind(|line| !line.is_empty()).map(str::to_owned);
    let of_json = serde_json::from_str::<Value>(said).ok();
    let of_json = of_json.and_then(|json| json.get("url").and_then(Value::as_str).map(str::to_owned));
    let url = Url::parse(&of_json.or_else(last)?).ok()?;
    (url.scheme() == "https" && url.has_host()).then_some(url)
}

async fn command(words: &[String], folder: &Path, told: &Told<'_>, limit: Duration) -> Result<String, Text> {
    let fill = |word: &String| {
        told.iter().fold(word.clone(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value))
    };
    let mut words = words.iter().map(fill);
    let program = words.next().unwrap_or_default();
    let beside = || std::path::absolute(folder.join(&program)).ok();
    let program = program.contains('/').then(beside).flatten().unwrap_or_else(|| PathBuf::from(&program));
    let environment = told.iter().map(|(name, value)| (format!("TOETSBANK_{}", name.to_uppercase()), value));
    let name = program.display().to_string();
    let mut child = Command::new(&program)
        .args(words)
        .envs(environment)
        .current_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| text!("`{name}` start niet: {error}", "`{name}` does not start: {error}"))?;
    let said = listen(&mut child);
    let seconds = limit.as_secs_f64();
    let ended = timeout(limit, child.wait()).await.map_err(|_| {
        text!(
            "`{name}` was na {seconds} seconden niet klaar (`timeout`)",
            "`{name}` was not done after {seconds} seconds (`timeout`)"
        )
    })?;
    let status = ended.map_err(|error| text!("`{name}` ging mis: {error}", "`{name}` went wrong: {error}"))?;
    if !status.success() {
        return Err(text!("`{name}` mislukte: {status}", "`{name}` failed: {status}"));
    }
    Ok(said.await)
}

/// Reads what a program says while it runs. A program that it left behind may hold its output open: that is not waited for.
fn listen(child: &mut Child) -> impl Future<Output = String> + use<> {
    let said = Arc::new(Mutex::new(Vec::new()));
    let reading = child.stdout.take().map(|mut stdout| {
        let said = Arc::clone(&said);
        tokio::spawn(async move {
            let mut part = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut part).await {
                let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
                if said.len() < LARGEST {
                    said.extend_from_slice(&part[..count]);
                }
            }
        })
    });
    async move {
        if let Some(reading) = reading {
            let _ = timeout(GRACE, reading).await;
        }
        let said = said.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&said).into_owned()
    }
}

async fn post(
    url: &Url,
    headers: HeaderMap,
    told: &Told<'_>,
    limit: Duration,
    tls: ClientConfig,
) -> Result<String, Text> {
    let place = url.origin().ascii_serialization();
    let failed =
        |why: &dyn std::fmt::Display| text!("de hook op {place} mislukte: {why}", "the hook at {place} failed: {why}");
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("toetsbank/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| failed(&error.without_url()))?;
    let body: Map<String, Value> =
        told.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect();
    let mut request = reqwest::Request::new(reqwest::Method::POST, url.clone());
    request.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    request.headers_mut().extend(headers);
    *request.body_mut() = Some(Value::Object(body).to_string().into());
    let received = receive_within(&client, request, limit, LARGEST).await;
    if let Some(failure) = received.failure {
        return Err(failed(&failure.detail));
    }
    match received.status {
        Some(200..=299) => Ok(String::from_utf8_lossy(&received.body).into_owned()),
        status => Err(failed(&format!("status {}", status.unwrap_or_default()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls() -> ClientConfig {
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth()
    }

    async fn run(script: &str, seconds: f64) -> Result<Option<Url>, Text> {
        let words = ["sh", "-c", script, "sh", "${provider}"].map(str::to_owned).to_vec();
        let call_ = HookCall::Command { words, folder: std::env::temp_dir() };
        let hook = Hook { call: call_, timeout: Duration::from_secs_f64(seconds) };
        call(&hook, &[("provider", "huis & tuin@medmij".to_owned()), ("login", "rijk".to_owned())], tls())
            .await
            .map(|said| said.url)
    }

    #[tokio::test]
    async fn a_program_gets_values_and_gives_an_address() {
        let given = run("echo bezig; echo \"https://pgo.example/$TOETSBANK_LOGIN?bij=$1\"; echo", 10.0).await.unwrap();
        assert_eq!(given.unwrap().as_str(), "https://pgo.example/rijk?bij=huis%20&%20tuin@medmij");
        assert_eq!(run("echo klaar", 10.0).await.unwrap(), None);
        // What is left running in the background is not waited for.
        let left = run("echo https://pgo.example/; sleep 5 &", 4.0).await.unwrap();
        assert_eq!(left.unwrap().as_str(), "https://pgo.example/");
    }

    #[tokio::test]
    async fn a_program_that_does_not_do_its_work_is_told_without_what_it_said() {
        let failed = run("echo geheim; exit 3", 10.0).await.unwrap_err().en;
        assert!(failed.contains("`sh` failed") && failed.contains('3') && !failed.contains("geheim"), "{failed}");
        let late = run("sleep 20", 0.2).await.unwrap_err().en;
        assert!(late.contains("not done after 0.2 seconds"), "{late}");
        let words = vec!["./bestaat-niet".to_owned()];
        let call_ = HookCall::Command { words, folder: std::env::temp_dir() };
        let missing = call(&Hook { call: call_, timeout: GRACE }, &[], tls()).await.unwrap_err().en;
        assert!(missing.contains("bestaat-niet` does not start"), "{missing}");
    }

    #[test]
    fn an_address_is_https_and_stands_last_or_in_json() {
        let of = |text: &str| address(text).map(|url| url.to_string());
        assert_eq!(of("{\"url\": \"https://a.example/x\"}").as_deref(), Some("https://a.example/x"));
        assert_eq!(of("https://a.example/1\nhttps://a.example/2\n\n").as_deref(), Some("https://a.example/2"));
        assert_eq!(of("{\"url\": null}"), None);
        assert!(returned("{\"returned\": true}") && !returned("{\"returned\": \"true\"}") && !returned("returned"));
        assert_eq!(of("http://a.example/"), None);
        assert_eq!(of(""), None);
    }
}
