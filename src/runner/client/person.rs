//! The person and the browser: from the button of the DVP, through the pages of the provider, and back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use reqwest::Method;
use reqwest::Request;
use reqwest::cookie::Jar;
use url::Url;

use crate::candidate::Drive;
use crate::candidate::LoginStep;
use crate::candidate::Patient;
use crate::diag::Text;
use crate::exchange;
use crate::exchange::Attested;
use crate::exchange::Body;
use crate::exchange::Failure;
use crate::exchange::Stop;
use crate::exchange::StopKind;
use crate::runner::browser;
use crate::runner::browser::Submission;
use crate::runner::capture::Raw;
use crate::runner::capture::receive_within;
use crate::runner::client::Session;
use crate::runner::client::stop;
use crate::runner::flow;
use crate::runner::scenario::set_form;
use crate::runner::scenario::set_headers;
use crate::suite::model::BrowserFile;
use crate::suite::model::CallbackFile;
use crate::suite::model::CollectFile;
use crate::text;

/// Pages on one way: more is a circle.
const MOST_PAGES: usize = 40;

/// Longest wait for a page: collecting may be done before the last one comes.
const PATIENCE: Duration = Duration::from_secs(180);

/// Largest page, in bytes.
const LARGEST: usize = 8 << 20;

/// What a browser got.
struct Page {
    url: Url,
    text: String,
    next: Option<Submission>,
    failure: Option<Failure>,
}

impl Session<'_> {
    /// Collects as the step says, in our browser.
    pub(super) async fn in_our_browser(
        &self,
        drive: &Drive,
        service: &str,
        how: &CollectFile,
    ) -> Result<Option<Attested>, Stop> {
        let start = self.start(drive, service, how).await?;
        let jar = {
            let mut last = self.jar.lock().unwrap_or_else(PoisonError::into_inner);
            if !how.same_browser {
                *last = Arc::default();
            }
            Arc::clone(&last)
        };
        let mut browser = Browser { session: self, drive, jar, how, start };
        let mut page = browser.visit(browser.begin()).await?;
        let mut passed = Vec::new();
        for _ in 0..MOST_PAGES {
            if let Some(next) = page.next.take() {
                match self.is_callback(&next.url) {
                    true => return browser.come_back(next).await,
                    false => page = browser.visit(next).await?,
                }
                continue;
            }
            if page.failure.is_some() {
                return Ok(None);
            }
            let next = match browser.is_of_dvp(&page.url) {
                // The DVP shows a page of its own: the person passes it, or it did not send the browser on.
                true => browser.pass(&page, &mut passed),
                false => browser.go_on(&page),
            };
            match next {
                Some(next) => page = browser.visit(next).await?,
                None => return Ok(None),
            }
        }
        let reason = text!("meer dan {MOST_PAGES} pagina's achter elkaar", "more than {MOST_PAGES} pages in a row");
        Err(stop(StopKind::Candidate, "redirect-loop", reason))
    }

    /// Where the person begins: where the hook says, else at `start`.
    async fn start(&self, drive: &Drive, service: &str, how: &CollectFile) -> Result<Url, Stop> {
        if let Some(url) = self.collect_hook(service, how).await?.url {
            return Ok(url);
        }
        let Some(start) = &drive.start else {
            let reason = Text::new(
                "`collect` onder `[drive]` gaf geen https-adres, en er is geen `start`",
                "`collect` under `[drive]` gave no https address, and there is no `start`",
            );
            return Err(stop(StopKind::Ours, "no-start", reason));
        };
        let patient = self.patient().map(|patient| patient.name.clone()).unwrap_or_default();
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let filled = start
            .replace("${provider}", &encode(&self.provider(how)))
            .replace("${service}", &encode(service))
            .replace("${patient}", &encode(&patient));
        Url::parse(&filled).map_err(|error| {
            let reason = text!(
                "`start` onder `[drive]` geeft geen adres: {error}",
                "`start` under `[drive]` gives no address: {error}"
            );
            stop(StopKind::Ours, "no-start", reason)
        })
    }

    /// MedMij name of the provider of a step.
    pub(super) fn provider(&self, how: &CollectFile) -> String {
        self.stelsel.providers().get(how.provider.saturating_sub(1)).cloned().unwrap_or_default()
    }

    pub(super) fn patient(&self) -> Option<&Patient> {
        self.scenario.patient.and_then(|i| self.plan.candidate.patients.get(i))
    }

    fn is_callback(&self, url: &Url) -> bool {
        let own = &self.plan.candidate.client.redirect_uri;
        url.host_str() == own.host_str() && url.path() == own.path()
    }

    fn is_of_world(&self, url: &Url) -> bool {
        self.stelsel.hosts().iter().any(|host| Some(host.as_str()) == url.host_str())
    }
}

struct Browser<'a> {
    session: &'a Session<'a>,
    drive: &'a Drive,
    jar: Arc<Jar>,
    how: &'a CollectFile,
    start: Url,
}

impl Browser<'_> {
    /// Opens the address at which the person begins.
    fn begin(&self) -> Submission {
        Submission { method: "GET".into(), url: self.start.clone(), fields: Vec::new() }
    }

    fn is_of_dvp(&self, url: &Url) -> bool {
        let own = [self.session.plan.candidate.client.redirect_uri.host_str(), self.start.host_str()];
        own.contains(&url.host_str()) && !self.session.is_of_world(url)
    }

    /// What the person does at a page of the DVP itself, each once; `None` when there is nothing to do.
    fn pass(&self, page: &Page, passed: &mut Vec<usize>) -> Option<Submission> {
        let steps = self.drive.steps.iter().enumerate();
        let (i, step) = steps.filter(|(i, _)| !passed.contains(i)).find(|(_, step)| is_at(page, step))?;
        passed.push(i);
        press(page, step, &self.filled(step))
    }

    /// Visits a page. Those of the DVP are put down here, those of the world by its servers.
    async fn visit(&self, submission: Submission) -> Result<Page, Stop> {
        let session = self.session;
        let url = submission.url.clone();
        let is_of_dvp = self.is_of_dvp(&url);
        if !is_of_dvp && !session.is_of_world(&url) {
            let host = url.host_str().unwrap_or_default();
            let reason = text!(
                "de DVP stuurt de browser naar `{host}`, dat niet bij de testomgeving hoort: niet gevolgd",
                "the DVP sends the browser to `{host}`, which is not of the test world: not followed"
            );
            return Err(stop(StopKind::Candidate, "foreign-page", reason));
        }
        let client = session
            .sender
            .front(&url, &self.jar)
            .map_err(|error| stop(StopKind::Ours, "cannot-send", Text::same(error.to_string())))?;
        let method = if submission.method == "POST" { Method::POST } else { Method::GET };
        let mut request = Request::new(method, url.clone());
        let accept = vec![("accept".to_owned(), "text/html,application/xhtml+xml".to_owned())];
        set_headers(&mut request, &accept);
        if submission.method == "POST" {
            set_form(&mut request, &submission.fields);
        }
        let (started, clock) = (session.env.now(), Instant::now());
        let number = is_of_dvp.then(|| session.log.number());
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or(&[]).to_vec();
        let sent = exchange::Request {
            method: submission.method.clone(),
            url: url.to_string(),
            headers: accept,
            body: Body::from_bytes(body),
        };
        let received = receive_within(&client, request, PATIENCE, LARGEST).await;
        let text = String::from_utf8_lossy(&received.body).into_owned();
        let next = browser::forward(&url, received.status, &received.headers, &text);
        if let Some(number) = number {
            let response = received.status.map(|status| exchange::Response {
                status,
                headers: received.headers.clone(),
                body: Body::from_bytes(received.body),
            });
            let took = clock.elapsed();
            let raw = Raw { started, took, request: sent, response, failure: received.failure.clone() };
            session.log.visited(number, &raw);
        }
        Ok(Page { url, text, next, failure: received.failure })
    }

    /// What the person does at a page of the provider; `None` when there is nothing to do.
    fn go_on(&self, page: &Page) -> Option<Submission> {
        let steps = &self.session.plan.candidate.login.steps;
        let step = steps.iter().find(|step| is_at(page, step))?;
        let fill = self.filled(step);
        if let Some(cancel) = step.cancel.as_ref().filter(|_| self.how.cancel.as_ref() == Some(&step.page)) {
            return browser::press(&page.url, &page.text, cancel, &fill);
        }
        let login = &self.session.plan.candidate.login;
        let choice = login.indefinite.as_deref().filter(|selector| browser::has(&page.text, selector));
        match (choice.filter(|_| self.how.indefinite), &step.submit) {
            (Some(choice), Some(submit)) => browser::form(&page.url, &page.text, submit, &fill, Some(choice)),
            _ => press(page, step, &fill),
        }
    }

    /// What goes in the fields of a page.
    fn filled(&self, step: &LoginStep) -> BTreeMap<String, String> {
        let patient = self.session.patient();
        let login = patient.map(|patient| patient.login.as_str()).unwrap_or_default();
        let password = patient.map(|patient| patient.password.as_str()).unwrap_or_default();
        let put = |value: &String| value.replace("${patient.login}", login).replace("${patient.password}", password);
        step.fill.iter().map(|(selector, value)| (selector.clone(), put(value))).collect()
    }

    /// Comes back to the DVP, in the way that the step says.
    async fn come_back(&mut self, way: Submission) -> Result<Option<Attested>, Stop> {
        let usual = CallbackFile::default();
        let change = self.how.callback.as_ref().unwrap_or(&usual);
        let way = Submission { url: changed(&way.url, change), ..way };
        let times = if change.again { 2 } else { 1 };
        if let Some(open) = &self.drive.open {
            for _ in 0..times {
                self.session.open_hook(open, &way.as_url()).await?;
            }
            return Ok(Some(if change.again { Attested::CameBackTwice } else { Attested::CameBack }));
        }
        match change.browser {
            BrowserFile::Own => {}
            BrowserFile::New => self.jar = Arc::default(),
            BrowserFile::Other => {
                self.jar = Arc::default();
                // Somebody else begins here, and does not go on.
                self.visit(self.begin()).await?;
            }
        }
        for _ in 0..times {
            let mut page = self.visit(way.clone()).await?;
            for _ in 0..MOST_PAGES {
                // What the DVP shows after it is its own; where it sends the browser else is recorded, and not visited.
                match page.next.take().filter(|next| self.is_of_dvp(&next.url)) {
                    Some(next) => page = self.visit(next).await?,
                    None => break,
                }
            }
        }
        Ok(None)
    }
}

/// Whether a step is about this page: what it presses is there.
fn is_at(page: &Page, step: &LoginStep) -> bool {
    let selector = step.follow.as_ref().or(step.submit.as_ref());
    selector.is_some_and(|selector| browser::has(&page.text, selector))
}

fn press(page: &Page, step: &LoginStep, fill: &BTreeMap<String, String>) -> Option<Submission> {
    match (&step.follow, &step.submit) {
        (Some(selector), _) => browser::press(&page.url, &page.text, selector, fill),
        (None, Some(selector)) => browser::form(&page.url, &page.text, selector, fill, None),
        (None, None) => None,
    }
}

/// The way back with the changes of a step.
pub(super) fn changed(url: &Url, change: &CallbackFile) -> Url {
    let pairs = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned()));
    let pairs = flow::altered(pairs.collect(), &change.omit, &change.set, &change.repeat);
    let mut base = url.clone();
    base.set_query(None);
    flow::with_query(&base, &pairs)
}
