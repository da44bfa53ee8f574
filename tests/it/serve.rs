//! `toetsbank serve`: the page that a tester reads and presses, with the reference DVP in a process of its own.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use reqwest::Client;
use reqwest::Proxy;
use rustls::ClientConfig;
use scraper::Html;
use scraper::Selector;
use serde_json::Value;
use toetsbank::candidate;
use toetsbank::pki;

use crate::dvp::Running;
use crate::dvp::apart;
use crate::dvp::ports;
use crate::dvp::toetsbank;

/// The page of the tester.
struct Page {
    port: u16,
}

impl Page {
    /// What the page shows; `None` while nobody listens.
    fn read(&self) -> Option<Html> {
        Some(Html::parse_document(&self.ask("GET / HTTP/1.1", "")?))
    }

    /// Presses a button; gives the status line.
    fn press(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let answer = self.ask(&format!("POST {path} HTTP/1.1"), &form).unwrap();
        answer.lines().next().unwrap_or_default().to_owned()
    }

    /// The same with what the forms of the page send along.
    fn press_well(&self, path: &str, key: &str) {
        let page = self.read().unwrap();
        let [token, task] = ["token", "task"].map(|name| attribute(&page, &format!("input[name={name}]"), "value"));
        let said = self.press(path, &[("token", &token), ("key", key), ("task", &task)]);
        assert!(said.contains("303"), "{path} {key}: {said}");
    }

    fn ask(&self, line: &str, body: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let (host, length) = (format!("127.0.0.1:{}", self.port), body.len());
        write!(stream, "{line}\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// Reads until the page is as it should be.
    fn until(&self, what: &str, is_so: impl Fn(&Html) -> bool) -> Html {
        let began = Instant::now();
        loop {
            let page = self.read();
            if let Some(page) = page.as_ref().filter(|page| is_so(page)) {
                return page.clone();
            }
            assert!(
                began.elapsed() < Duration::from_secs(90),
                "{what}: {}",
                page.map(|p| p.html()).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn until_state(&self, key: &str, state: &str) -> Html {
        self.until(&format!("{key} is {state}"), |page| state_of(page, key) == state)
    }
}

fn attribute(page: &Html, selector: &str, name: &str) -> String {
    let found = page.select(&Selector::parse(selector).unwrap()).next();
    found.and_then(|element| element.value().attr(name)).unwrap_or_default().to_owned()
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    page.select(&Selector::parse(selector).unwrap()).map(|element| element.text().collect()).collect()
}

fn state_of(page: &Html, key: &str) -> String {
    attribute(page, &format!("tr[id='{key}']"), "class")
}

/// Keys of the scenarios whose key begins like this.
fn keys(page: &Html, start: &str) -> Vec<String> {
    let selector = Selector::parse("#scenarios tbody tr").unwrap();
    let rows = page.select(&selector);
    let ids: Vec<String> = rows.filter_map(|row| row.value().attr("id").map(str::to_owned)).collect();
    ids.into_iter().filter(|id| id.starts_with(start)).collect()
}

/// Starts `serve` in a folder; the page is there when this returns.
fn serve(folder: &Path, arguments: &[&str]) -> (Running, Page) {
    let port = ports();
    let own = ["--candidate", "dvp.toml", "--port", &port.to_string(), "--lang", "en"].map(str::to_owned);
    let mut command = toetsbank(folder, &["serve"]);
    let child = Running(command.args(arguments).args(own).stdout(Stdio::null()).spawn().unwrap());
    let page = Page { port };
    page.until("the page opens", |_| true);
    (child, page)
}

fn ended(mut running: Running) -> Option<i32> {
    running.0.wait().unwrap().code()
}

fn report(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("run/report.json")).unwrap()).unwrap()
}

fn verdict<'a>(report: &'a Value, key: &str) -> &'a Value {
    let scenarios = report["scenarios"].as_array().unwrap();
    &scenarios
        .iter()
        .find(|scenario| {
            key.starts_with(&format!("{}/{}", scenario["suite"].as_str().unwrap(), scenario["id"].as_str().unwrap()))
        })
        .unwrap()["verdict"]
}

/// Goes through the pages as a person with a browser of one's own does; gives what the DVP says at the end.
async fn collect(folder: &Path, world: &str, login: &str, password: &str) -> String {
    let candidate = candidate::load(&folder.join("own.toml")).unwrap().candidate;
    let mut trusted = candidate.trust.ca.clone();
    trusted.push(fs::read_to_string(folder.join("world/ca.pem")).unwrap());
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(pki::roots(&trusted).unwrap())
        .with_no_client_auth();
    let dvp = candidate.client.client_id.clone();
    let proxy = url::Url::parse(&format!("http://{world}")).unwrap();
    let own = dvp.clone();
    let address = candidate.trust.connect[&format!("{dvp}:443")].parse().unwrap();
    let browser = Client::builder()
        .tls_backend_preconfigured(tls)
        .cookie_store(true)
        .proxy(Proxy::custom(move |url| (url.host_str() != Some(own.as_str())).then(|| proxy.clone())))
        .resolve(&dvp, address)
        .build()
        .unwrap();
    let start = candidate.drive.unwrap().start.unwrap();
    let start = start.replace("${provider}", "referentieziekenhuis%40medmij").replace("${service}", "48");
    let landing = browser.get(start).send().await.unwrap();
    let at = landing.url().clone();
    let form = async |path: &str, page: reqwest::Response, fields: &[(&str, &str)]| {
        let html = Html::parse_document(&page.text().await.unwrap());
        let hidden = attribute(&html, "input[name=formulier]", "value");
        let fields = fields.iter().copied().chain([("formulier", hidden.as_str())]);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let post = browser.post(at.join(path).unwrap());
        let post = post.header("content-type", "application/x-www-form-urlencoded").body(body);
        post.send().await.unwrap()
    };
    let page = browser.get(at.join("/inloggen").unwrap()).send().await.unwrap();
    let page = form("/inloggen", page, &[("naam", login), ("wachtwoord", password)]).await;
    let page = form("/toestemming", page, &[("besluit", "toestaan")]).await;
    page.text().await.unwrap()
}

#[test]
fn a_person_follows_the_page_and_sees_what_came_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let port = ports();
    let (_dvp, text) = apart(folder.path(), port);
    // The tester's file does not say how collecting begins: people do it.
    fs::write(folder.path().join("own.toml"), &text).unwrap();
    let (before, after) = text.split_once("[drive]").unwrap();
    let after = after.split_once("\n[").unwrap().1;
    fs::write(folder.path().join("dvp.toml"), format!("{before}[{after}")).unwrap();
    let scenarios = ["bgz", "--out", "run", "--until-done", "--scenario", "bgz-3-0/1.1", "--scenario", "flow-dvp/2.1"];
    let (running, page) =
        serve(folder.path(), &[&scenarios[..], &["--scenario", "flow-dvp/2.4", "--scenario", "flow-dvp/1.2"]].concat());

    let proxy = format!("127.0.0.1:{}", port + 1);
    let html = page.read().unwrap();
    let checklist = texts(&html, "#checklist").join(" ");
    for part in [proxy.as_str(), "world/ca.pem", "referentieziekenhuis@medmij", "pgo.toetsbank.example"] {
        assert!(checklist.contains(part), "{part}: {checklist}");
    }
    let [collecting, wrong, other, cancelled] = ["bgz-3-0/1.1", "flow-dvp/2.1", "flow-dvp/2.4", "flow-dvp/1.2"]
        .map(|start| keys(&html, start).first().unwrap().clone());
    let blocked = page.until_state(&other, "not-checked");
    let row = texts(&blocked, &format!("tr[id='{other}']")).join(" ");
    assert!(row.contains("only when toetsbank itself is the browser") && !row.contains("Start"), "{row}");

    // Nobody but the page presses its buttons.
    assert!(page.press("/start", &[("key", &collecting)]).contains("403"));
    page.press_well("/start", &collecting);
    let html = page.until("there is something to do", |html| !texts(html, "#task ol li").is_empty());
    let lines = texts(&html, "#task ol li");
    assert!(lines[0].contains("collect service 48 at referentieziekenhuis@medmij"), "{lines:?}");
    assert_eq!(state_of(&html, &collecting), "running");
    let login = texts(&html, "#task ol li code").remove(0);
    let cells: Vec<String> = texts(&html, "#patients td code");
    let at = cells.iter().position(|cell| *cell == login).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let said = runtime.block_on(collect(folder.path(), &proxy, &login, &cells[at + 1]));
    assert!(said.contains("gegevens verzameld"), "{said}");
    page.press_well("/done", "");
    page.until_state(&collecting, "green");

    // Nobody can say that a scenario is done in which nothing came.
    page.press_well("/start", &collecting);
    page.until("there is something to do", |html| !texts(html, "#task ol li").is_empty());
    page.press_well("/done", "");
    let html = page.until_state(&collecting, "not-checked");
    let row = texts(&html, &format!("tr[id='{collecting}']")).join(" ");
    assert!(row.contains("no authorization request came"), "{row}");
    page.press_well("/start", &collecting);
    page.until("there is something to do", |html| !texts(html, "#task ol li").is_empty());
    runtime.block_on(collect(folder.path(), &proxy, &login, &cells[at + 1]));
    page.press_well("/done", "");
    page.until_state(&collecting, "green");

    // The way back is altered by our authorization server. What a DVP does not do with it counts when it came there.
    page.press_well("/start", &wrong);
    page.until("there is something to do", |html| !texts(html, "#task ol li").is_empty());
    runtime.block_on(collect(folder.path(), &proxy, &login, &cells[at + 1]));
    page.press_well("/not-back", "");
    page.until_state(&wrong, "not-checked");
    page.press_well("/start", &wrong);
    page.until("there is something to do", |html| !texts(html, "#task ol li").is_empty());
    let said = runtime.block_on(collect(folder.path(), &proxy, &login, &cells[at + 1]));
    assert!(said.contains("hoort niet bij een verzoek van u"), "{said}");
    page.press_well("/came-back", "");
    page.until_state(&wrong, "green");

    // What a DVP does not begin, somebody has to attest.
    page.press_well("/start", &cancelled);
    page.until("there is something to do", |html| !texts(html, "#task ol li").is_empty());
    page.press_well("/not-begun", "");
    // All that can be done is done: it stops by itself. What was not tested keeps the run from being complete.
    assert_eq!(ended(running), Some(4));
    let report = report(folder.path());
    assert_eq!(*verdict(&report, &collecting), "pass");
    assert_eq!(*verdict(&report, &wrong), "pass");
    assert_eq!(*verdict(&report, &cancelled), "pass");
    assert_eq!(*verdict(&report, &other), "notChecked");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(0), "{:#?}", report["findings"]);
    let rows = report["requirements"].as_array().unwrap();
    let judged = rows.iter().filter(|row| row["verdict"] == "pass").count();
    assert!(judged > 5, "{judged} rules judged");
    let trace = fs::read_to_string(folder.path().join("run/trace.har")).unwrap();
    assert!(!trace.contains(cells[at + 1].as_str()), "the password is in the trace");
}

#[test]
fn what_was_stopped_goes_on_later() {
    let folder = tempfile::tempdir().unwrap();
    let (_dvp, _) = apart(folder.path(), ports());
    let scenarios = ["bgz", "--out", "run", "--scenario", "flow-dvp/0.1", "--scenario", "flow-dvp/3.1"];
    let (running, page) = serve(folder.path(), &scenarios);
    let html = page.read().unwrap();
    let [first, second] = ["flow-dvp/0.1", "flow-dvp/3.1"].map(|start| keys(&html, start).first().unwrap().clone());
    page.press_well("/start", &first);
    let html = page.until_state(&first, "green");
    assert_eq!(state_of(&html, &second), "todo");
    page.press_well("/finish", "");
    assert_eq!(ended(running), Some(4));
    let before = report(folder.path());
    assert_eq!((verdict(&before, &first), verdict(&before, &second)), (&"pass".into(), &"notChecked".into()));

    let (running, page) = serve(folder.path(), &["--resume", "run"]);
    let html = page.until_state(&first, "green");
    assert_eq!(state_of(&html, &second), "todo");
    page.press_well("/start", &second);
    page.until_state(&second, "green");
    // Once more, in the place of what was done before.
    page.press_well("/start", &first);
    page.until_state(&first, "running");
    page.until_state(&first, "green");
    page.press_well("/finish", "");
    assert_eq!(ended(running), Some(0));
    let after = report(folder.path());
    assert_eq!((verdict(&after, &first), verdict(&after, &second)), (&"pass".into(), &"pass".into()));
    assert_eq!(after["findings"].as_array().map(Vec::len), Some(0), "{:#?}", after["findings"]);
    assert_eq!(before["runId"], after["runId"]);
}

#[test]
fn a_check_looks_at_hooks_addresses_and_ports() {
    let folder = tempfile::tempdir().unwrap();
    let port = ports();
    let (_dvp, text) = apart(folder.path(), port);
    let check = |status: i32, parts: &[&str]| {
        let output = toetsbank(folder.path(), &["check", "dvp.toml", "--lang", "en"]).output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.code(), Some(status), "{said}");
        for part in parts {
            assert!(said.contains(part), "{part}: {said}");
        }
    };
    check(0, &["world started", "✓ redirect_uri", "not checked: whether the DVP finds the names"]);
    let start = text.lines().find(|line| line.starts_with("start = ")).unwrap();
    let hooks = "collect = { post = \"http://127.0.0.1:9/x\" }\nopen = { command = [\"./missing.sh\", \"${url}\"] }";
    fs::write(folder.path().join("dvp.toml"), text.replace(start, hooks)).unwrap();
    check(3, &["✗ `collect` [drive]: 127.0.0.1:9", "✗ `open` [drive]: `./missing.sh` is not there"]);
    let _taken = TcpListener::bind(("127.0.0.1", port + 1)).unwrap();
    check(2, &["choose another `port` under `[world]`"]);
}
