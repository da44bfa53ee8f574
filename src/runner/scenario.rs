//! Carries out one scenario instance, step by step.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::task;
use std::task::Poll;

use reqwest::Method;
use reqwest::Request;
use reqwest::cookie::Jar;
use reqwest::header::HeaderName;
use reqwest::header::HeaderValue;
use url::Url;

use crate::candidate::Candidate;
use crate::candidate::LoginMode;
use crate::candidate::LoginStep;
use crate::diag::Text;
use crate::exchange::Actor;
use crate::exchange::Certificate;
use crate::exchange::Failure;
use crate::exchange::FailureKind;
use crate::exchange::Interface;
use crate::exchange::Scope;
use crate::exchange::SecretKind;
use crate::exchange::StepRecord;
use crate::exchange::Stop;
use crate::exchange::StopKind;
use crate::exchange::Trace;
use crate::fhir::Element;
use crate::fhir::json;
use crate::fhir::path::Context;
use crate::fhir::path::Node;
use crate::fhir::path::Temporal;
use crate::fhir::xml;
use crate::plan::Operation;
use crate::plan::PlannedScenario;
use crate::plan::PlannedStep;
use crate::plan::TestPlan;
use crate::runner::Person;
use crate::runner::browser;
use crate::runner::browser::Submission;
use crate::runner::capture::Answer;
use crate::runner::capture::Label;
use crate::runner::capture::Recorder;
use crate::runner::flow;
use crate::runner::flow::Parameters;
use crate::runner::sender::RunnerError;
use crate::runner::sender::Sender;
use crate::runner::sender::origin;
use crate::runner::variables;
use crate::suite::model::CertificateFile;
use crate::suite::model::Format;
use crate::suite::model::LoginFile;
use crate::suite::model::MessageFile;
use crate::text;

/// Redirects that are followed on one page visit.
const MOST_REDIRECTS: usize = 10;

/// Values that steps kept, by variable name; secrets among them, so never recorded.
#[derive(Clone, Debug, Default)]
pub struct Captures(BTreeMap<String, String>);

impl Captures {
    /// Keeps a value.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// The value of a name.
    pub fn value(&self, name: &str) -> Option<&String> {
        self.0.get(name)
    }

    /// Forgets a value.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Takes over the values of another scenario.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(other.0.clone());
    }
}

/// Carries out the steps until one stops; gives the trace and the values kept.
pub async fn carry_out(
    plan: &TestPlan,
    scenario: &PlannedScenario,
    captures: Captures,
    sender: &Sender,
    recorder: &mut Recorder,
    person: &mut dyn Person,
) -> (Trace, Captures) {
    let mut trace = Trace { scenario: scenario.key.clone(), ..Default::default() };
    let mut session = Session {
        plan,
        candidate: &plan.candidate,
        scenario,
        sender,
        recorder,
        person,
        captures,
        jar: Arc::default(),
        page: None,
        probe: None,
        step: String::new(),
    };
    for step in &scenario.steps {
        session.step.clone_from(&step.id);
        session.probe = step.probe.clone().or(session.probe);
        let stopped = safely(session.step(step)).await.err().map(|stop| session.redacted(stop));
        let exchanges = std::mem::take(&mut session.recorder.exchanges);
        let numbers = exchanges.iter().map(|exchange| exchange.number).collect();
        trace.exchanges.extend(exchanges);
        let ends = stopped.is_some();
        trace.steps.push(StepRecord { step: step.id.clone(), exchanges: numbers, stopped });
        if ends {
            break;
        }
    }
    (trace, session.captures)
}

/// Carries out a step; a bug of ours that what the candidate sent brings to light ends this scenario and no other.
async fn safely(step: impl Future<Output = Result<(), Stop>>) -> Result<(), Stop> {
    let mut step = pin!(step);
    let poll = |context: &mut task::Context<'_>| {
        catch_unwind(AssertUnwindSafe(|| step.as_mut().poll(context))).unwrap_or_else(|_| {
            let reason = Text::new("fout in toetsbank bij het uitvoeren", "bug in toetsbank while running");
            Poll::Ready(Err(stop(StopKind::Ours, "bug", reason)))
        })
    };
    poll_fn(poll).await
}

struct Session<'a> {
    plan: &'a TestPlan,
    candidate: &'a Candidate,
    scenario: &'a PlannedScenario,
    sender: &'a Sender,
    recorder: &'a mut Recorder,
    person: &'a mut dyn Person,
    captures: Captures,
    jar: Arc<Jar>,
    /// The page that the browser is at.
    page: Option<Answer>,
    probe: Option<String>,
    step: String,
}

impl Session<'_> {
    async fn step(&mut self, step: &PlannedStep) -> Result<(), Stop> {
        match &step.operation {
            Operation::Authorize(change) => self.authorize(change).await,
            Operation::Login(login) => self.login(login).await,
            Operation::Token(change) => self.token(change).await,
            Operation::Get { target, systeemrol, pages, change } => {
                let answer = self.get(target, systeemrol.as_deref(), change).await?;
                self.save(step, &answer)?;
                if *pages { self.follow_pages(answer, systeemrol.as_deref(), change).await } else { Ok(()) }
            }
            Operation::Await { .. } => Err(stop(
                StopKind::NotSelected,
                "await",
                Text::new("wachten op een DVP kan alleen met `serve`", "waiting for a DVP needs `serve`"),
            )),
        }
    }

    /// Sends the browser to the Authorization Server (core.authint.200, .208).
    async fn authorize(&mut self, change: &MessageFile) -> Result<(), Stop> {
        // A code of an earlier flow of the scenario must not pass for one of this.
        self.captures.remove("code");
        self.captures.set("state", self.recorder.env.token(16));
        self.captures.set("correlationId", self.recorder.env.uuid());
        let change = self.filled(change)?;
        let value = |name: &str| self.captures.value(name).cloned().unwrap_or_default();
        let right: Parameters = [
            ("response_type", "code".to_owned()),
            ("client_id", self.candidate.client.client_id.clone()),
            ("redirect_uri", self.candidate.client.redirect_uri.to_string()),
            ("scope", self.candidate.scope().to_owned()),
            ("state", value("state")),
            ("MedMij-Request-ID", self.recorder.env.uuid()),
            ("X-Correlation-ID", value("correlationId")),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let parameters = flow::changed(right, &change);
        let endpoint = &self.candidate.endpoints.authorization;
        // A redirect_uri that a probe made up is never visited either.
        let asked = parameters.iter().find(|(name, _)| name == "redirect_uri").map(|(_, value)| value.clone());
        self.captures.set("askedRedirectUri", asked.unwrap_or_default());
        self.jar = Arc::default();
        self.page = None;
        if self.candidate.login.mode == LoginMode::Manual {
            let url = flow::with_query(endpoint, &parameters);
            return self.by_hand(&url);
        }
        let submission = if change.method.as_deref().is_some_and(|method| method.eq_ignore_ascii_case("post")) {
            Submission { method: "POST".into(), url: endpoint.clone(), fields: parameters }
        } else {
            Submission { method: "GET".into(), url: flow::with_query(endpoint, &parameters), fields: Vec::new() }
        };
        let headers = flow::changed_headers(Vec::new(), &change);
        self.browse(submission, Interface::Authorization, headers).await
    }

    /// A person logs in, and tells where the browser ended.
    fn by_hand(&mut self, url: &Url) -> Result<(), Stop> {
        let ended = self.person.visit(url.as_str()).and_then(|text| Url::parse(text.trim()).ok());
        let label = self.label(Interface::Authorization, Actor::UserAgent, Certificate::None);
        let answer = self.recorder.visited(url, ended.as_ref(), label);
        if ended.is_none() {
            let reason = Text::new(
                "inloggen met de hand is niet gedaan (`mode = \"manual\"`); draai aan een terminal",
                "login by hand was not done (`mode = \"manual\"`); run at a terminal",
            );
            return Err(stop(StopKind::NotSelected, "login-by-hand", reason));
        }
        self.keep_code(&answer);
        self.page = Some(answer);
        Ok(())
    }

    /// Goes through the declared pages until the browser is sent back to the DVP.
    async fn login(&mut self, login: &LoginFile) -> Result<(), Stop> {
        let steps = &self.candidate.login.steps;
        for (i, page) in steps.iter().enumerate() {
            if self.is_back() {
                break;
            }
            // A page that does not come every time: the browser is at a later one already.
            if !self.is_at(page) && steps.iter().skip(i + 1).any(|later| self.is_at(later)) {
                continue;
            }
            match self.page_step(page).await {
                Ok(()) => {}
                Err(_) if !login.complete => return Ok(()),
                Err(stop) => return Err(stop),
            }
        }
        if !login.complete || self.captures.value("code").is_some() {
            return Ok(());
        }
        let page = self.page.as_ref();
        let error = page
            .and_then(|page| page.forward.as_ref())
            .and_then(|url| url.query_pairs().find(|(name, _)| name == "error").map(|(_, value)| value.into_owned()));
        let (nl, en) = match (&error, self.is_back()) {
            (Some(error), _) => {
                (format!("terug bij de DVP met `error={error}`"), format!("back at the DVP with `error={error}`"))
            }
            (None, true) => (
                "terug bij de DVP zonder `code` in de query".into(),
                "back at the DVP without `code` in the query".into(),
            ),
            (None, false) => (
                "na de laatste pagina is de browser niet terug bij de DVP".into(),
                "after the last page the browser is not back at the DVP".into(),
            ),
        };
        Err(stop(StopKind::Candidate, "no-code", Text::new(nl, en)))
    }

    /// Whether the browser is at the page of a step.
    fn is_at(&self, step: &LoginStep) -> bool {
        let selector = step.follow.as_ref().or(step.submit.as_ref());
        self.page.as_ref().zip(selector).is_some_and(|(page, selector)| browser::has(&page.text, selector))
    }

    async fn page_step(&mut self, step: &LoginStep) -> Result<(), Stop> {
        let Some(page) = &self.page else {
            let reason = Text::new("er is geen pagina om verder te gaan", "there is no page to go on with");
            return Err(stop(StopKind::Candidate, "no-page", reason));
        };
        let base = page.url.clone().unwrap_or_else(|| self.candidate.endpoints.authorization.clone());
        let name = &step.page;
        if let Some(failure) = &page.failure {
            let detail = &failure.detail;
            let reason = text!("pagina `{name}` kwam niet: {detail}", "page `{name}` did not come: {detail}");
            return Err(stop(StopKind::Candidate, "no-page", reason));
        }
        let mut fill = BTreeMap::new();
        for (selector, value) in &step.fill {
            fill.insert(selector.clone(), self.filled_text(value)?);
        }
        let (selector, submission) = match (&step.follow, &step.submit) {
            (Some(selector), _) => {
                let url = browser::link(&base, &page.text, selector);
                (selector, url.map(|url| Submission { method: "GET".into(), url, fields: Vec::new() }))
            }
            (None, Some(selector)) => (selector, browser::form(&base, &page.text, selector, &fill)),
            (None, None) => return Ok(()),
        };
        let Some(submission) = submission else {
            let status = page.status.unwrap_or(0);
            // An error status is the candidate's answer; a page without the element may be the fault of the file.
            let kind = if status >= 400 { StopKind::Candidate } else { StopKind::Ours };
            let reason = text!(
                "op pagina `{name}` (status {status}) staat geen `{selector}`; klopt `[login]` in het kandidaatbestand?",
                "page `{name}` (status {status}) has no `{selector}`; is `[login]` in the candidate file right?"
            );
            return Err(stop(kind, "login-element", reason));
        };
        self.browse(submission, Interface::Page, Vec::new()).await
    }

    /// Visits a page and follows redirects, but never to the DVP: that is where the flow comes back to us.
    async fn browse(&mut self, submission: Submission, interface: Interface, headers: Parameters) -> Result<(), Stop> {
        let mut submission = submission;
        let mut interface = interface;
        for _ in 0..MOST_REDIRECTS {
            let url = submission.url.clone();
            self.check_listed(&url)?;
            let client = self.sender.front(&url, &self.jar).map_err(ours)?;
            let method = if submission.method == "POST" { Method::POST } else { Method::GET };
            let mut request = Request::new(method, url.clone());
            let accept = ("accept", "text/html,application/xhtml+xml".to_owned());
            set_headers(&mut request, &flow::changed_headers(vec![accept], &MessageFile::default()));
            set_headers(&mut request, &headers);
            if submission.method == "POST" {
                set_form(&mut request, &submission.fields);
            }
            let label = self.label(interface, Actor::UserAgent, Certificate::None);
            let answer = self.recorder.send(&client, request, label, || self.sender.chain(&url)).await;
            let next = answer.next.clone().map(|next| match (answer.status, submission.method.as_str()) {
                // These two repeat the request as it is (RFC 9110, sections 15.4.8 and 15.4.9).
                (Some(307 | 308), "POST") => Submission { url: next.url, ..submission.clone() },
                _ => next,
            });
            self.keep_code(&answer);
            let failed = answer.failure.clone();
            self.page = Some(answer);
            if let Some(failure) = failed {
                if self.probe.is_some() {
                    return Ok(());
                }
                undecided(&failure)?;
                let detail = failure.detail;
                let reason = text!("geen heel antwoord: {detail}", "no whole answer: {detail}");
                return Err(stop(StopKind::Candidate, "no-answer", reason));
            }
            match next {
                Some(next) if !self.is_ours(&next.url) => {
                    submission = next;
                    interface = Interface::Page;
                }
                _ => return Ok(()),
            }
        }
        let reason =
            text!("meer dan {MOST_REDIRECTS} redirects achter elkaar", "more than {MOST_REDIRECTS} redirects in a row");
        Err(stop(StopKind::Candidate, "redirect-loop", reason))
    }

    /// Pages are visited only on hosts that the candidate file names: a page of somebody else's must not get a password,
    /// nor make us knock on other doors.
    fn check_listed(&self, url: &Url) -> Result<(), Stop> {
        let endpoints = &self.candidate.endpoints;
        let own = endpoints.resource.values().chain([&endpoints.authorization, &endpoints.token]);
        let host = origin(url);
        let is_listed = own.map(origin).any(|known| known == host) || self.candidate.trust.connect.contains_key(&host);
        if is_listed && url.scheme() == "https" {
            return Ok(());
        }
        let reason = text!(
            "de browser wordt naar `{host}` gestuurd, dat niet in het kandidaatbestand staat: niet gevolgd; hoort het bij het inloggen, zet het dan in `[trust.connect]`",
            "the browser is sent to `{host}`, which the candidate file does not name: not followed; if it belongs to the login, add it to `[trust.connect]`"
        );
        Err(stop(StopKind::Ours, "host-not-listed", reason))
    }

    /// The stop without what the candidate may have put into its words.
    fn redacted(&mut self, stop: Stop) -> Stop {
        let secrets = &mut self.recorder.secrets;
        Stop { nl: secrets.redact(&stop.nl, Scope::Flow), en: secrets.redact(&stop.en, Scope::Flow), ..stop }
    }

    /// Whether an address is that of the DVP we play, or one that a probe gave out for it.
    fn is_ours(&self, url: &Url) -> bool {
        let asked = self.captures.value("askedRedirectUri").and_then(|text| Url::parse(text).ok());
        let known = [&self.candidate.endpoints.authorization, &self.candidate.endpoints.token];
        is_of_client(url, [Some(&self.candidate.client.redirect_uri), asked.as_ref()], known)
    }

    /// Whether the browser was sent back to the DVP.
    fn is_back(&self) -> bool {
        let forward = self.page.as_ref().and_then(|page| page.forward.as_ref());
        forward.is_some_and(|url| self.is_ours(url))
    }

    fn keep_code(&mut self, answer: &Answer) {
        let Some(url) = answer.forward.as_ref().filter(|url| self.is_ours(url)) else { return };
        // Only the query counts (RFC 6749, 4.1.2); a code in the fragment never reaches a server.
        for (name, value) in url.query_pairs() {
            if name == "code" && !value.is_empty() {
                self.captures.set("code", value);
            }
        }
    }

    /// Swaps the code for a token over mutual TLS (core.tknint.200, .208).
    async fn token(&mut self, change: &MessageFile) -> Result<(), Stop> {
        let change = self.filled(change)?;
        let Some(code) = self.captures.value("code").cloned().or_else(|| change.set.get("code").cloned()) else {
            let reason = Text::new("er is geen `code` om in te wisselen", "there is no `code` to swap");
            return Err(stop(
                if self.probe.is_some() { StopKind::Needed } else { StopKind::Candidate },
                "no-code",
                reason,
            ));
        };
        let right: Parameters = [
            ("grant_type", "authorization_code".to_owned()),
            ("code", code),
            ("client_id", self.candidate.client.client_id.clone()),
            ("redirect_uri", self.candidate.client.redirect_uri.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let parameters = flow::changed(right, &change);
        let correlation = self.captures.value("correlationId").cloned().unwrap_or_else(|| self.recorder.env.uuid());
        let headers = flow::changed_headers(
            vec![
                ("accept", "application/json".to_owned()),
                ("medmij-request-id", self.recorder.env.uuid()),
                ("x-correlation-id", correlation),
            ],
            &change,
        );
        let endpoint = self.candidate.endpoints.token.clone();
        let url = if change.in_query { flow::with_query(&endpoint, &parameters) } else { endpoint };
        let mut request = Request::new(method(&change, Method::POST), url.clone());
        set_headers(&mut request, &headers);
        if !change.in_query {
            set_form(&mut request, &parameters);
        }
        let certificate = certificate(change.certificate);
        let client = self.sender.fresh(&url, &certificate).map_err(ours)?;
        let label = self.label(Interface::Token, Actor::Dvp, certificate);
        let answer = self.recorder.send(&client, request, label, || self.sender.chain(&url)).await;
        let json: serde_json::Value = serde_json::from_str(&answer.text).unwrap_or_default();
        for (member, name) in [("access_token", "accessToken"), ("refresh_token", "refreshToken")] {
            if let Some(value) = json.get(member).and_then(|value| value.as_str()).filter(|value| !value.is_empty()) {
                self.captures.set(name, value);
                if name == "accessToken" {
                    // Half a token is a secret as well.
                    let half: String = value.chars().take(value.chars().count() / 2).collect();
                    self.recorder.secrets.add(SecretKind::AccessToken, &half);
                    self.captures.set("accessTokenTruncated", half);
                }
            }
        }
        let has_token =
            json.get("access_token").and_then(|value| value.as_str()).is_some_and(|token| !token.is_empty());
        if has_token || self.probe.is_some() {
            return Ok(());
        }
        if let Some(failure) = &answer.failure {
            undecided(failure)?;
        }
        let seen = match (&answer.failure, answer.status) {
            (Some(failure), _) => failure.detail.clone(),
            (None, status) => format!("status {}", status.unwrap_or(0)),
        };
        Err(stop(StopKind::Candidate, "no-token", text!("geen access token ({seen})", "no access token ({seen})")))
    }

    /// Asks the resource interface (core.rscint.200, .201).
    async fn get(&mut self, target: &str, systeemrol: Option<&str>, change: &MessageFile) -> Result<Answer, Stop> {
        let url = self.resource_url(target, systeemrol)?;
        let change = self.filled(change)?;
        self.ask(url, &change).await
    }

    async fn ask(&mut self, url: Url, change: &MessageFile) -> Result<Answer, Stop> {
        let fhir = self.plan.suite_of(self.scenario).head.fhir;
        let media_type = self.scenario.format.unwrap_or(Format::Json).media_type();
        let correlation = match self.captures.value("correlationId") {
            Some(known) => known.clone(),
            None => {
                let fresh = self.recorder.env.uuid();
                self.captures.set("correlationId", fresh.clone());
                fresh
            }
        };
        let sends_token = !change
            .without_headers
            .iter()
            .chain(change.headers.keys())
            .any(|name| name.eq_ignore_ascii_case("authorization"));
        let token = self.captures.value("accessToken").cloned();
        if sends_token && token.is_none() {
            let reason =
                Text::new("er is geen access token voor deze patiënt", "there is no access token for this patient");
            return Err(stop(StopKind::Needed, "no-token", reason));
        }
        let headers = flow::changed_headers(
            vec![
                ("accept", format!("{media_type}; fhirVersion={}", fhir.number())),
                ("authorization", format!("Bearer {}", token.unwrap_or_default())),
                ("medmij-request-id", self.recorder.env.uuid()),
                ("x-correlation-id", correlation),
            ],
            change,
        );
        let mut request = Request::new(method(change, Method::GET), url.clone());
        set_headers(&mut request, &headers);
        let certificate = certificate(change.certificate);
        let client = self.sender.back(&url, &certificate).map_err(ours)?;
        let label = self.label(Interface::Resource, Actor::Dvp, certificate);
        let answer = self.recorder.send(&client, request, label, || self.sender.chain(&url)).await;
        match &answer.failure {
            Some(failure) if self.probe.is_none() => undecided(failure).map(|()| answer),
            _ => Ok(answer),
        }
    }

    /// The address of a target: absolute, or relative to the ResourceEndpoint. Only hosts of the candidate file are asked.
    fn resource_url(&self, target: &str, systeemrol: Option<&str>) -> Result<Url, Stop> {
        let endpoints = &self.candidate.endpoints.resource;
        let base = systeemrol.and_then(|code| endpoints.get(code)).or_else(|| endpoints.values().next());
        let Some(base) = base else {
            let code = systeemrol.unwrap_or("?");
            let reason = text!("geen adres voor systeemrol `{code}`", "no address for systeemrol `{code}`");
            return Err(stop(StopKind::Ours, "no-endpoint", reason));
        };
        // Parameters are told apart before variables are filled in, so that a value cannot become one.
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = self.filled_text(path)?;
        let mut parameters = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            parameters.push((self.filled_text(name)?, self.filled_text(value)?));
        }
        let whole = if path.contains("://") { path } else { format!("{}/{path}", base.as_str().trim_end_matches('/')) };
        let url = Url::parse(&whole).map_err(|error| {
            stop(
                StopKind::Candidate,
                "bad-url",
                text!("`{whole}` is geen adres: {error}", "`{whole}` is no address: {error}"),
            )
        })?;
        if url.scheme() != "https" || !endpoints.values().any(|known| origin(known) == origin(&url)) {
            let host = format!("{}://{}", url.scheme(), origin(&url));
            let reason = text!(
                "verwijzing naar `{host}`, geen adres van de kandidaat: niet gevolgd",
                "a link to `{host}`, no address of the candidate: not followed"
            );
            return Err(stop(StopKind::Candidate, "foreign-host", reason));
        }
        Ok(if parameters.is_empty() { url } else { flow::with_query(&url, &parameters) })
    }

    /// Fetches the further pages of a search, as far as they lie with the candidate.
    async fn follow_pages(
        &mut self,
        first: Answer,
        systeemrol: Option<&str>,
        change: &MessageFile,
    ) -> Result<(), Stop> {
        let mut seen: BTreeSet<Url> = first.url.iter().cloned().collect();
        let most = self.recorder.limits.pages;
        let mut page = first;
        for _ in 0..most {
            let Some(link) = next_link(&page) else { return Ok(()) };
            let base = page.url.as_ref().and_then(|url| url.join(&link).ok()).map(String::from).unwrap_or(link);
            let checked = self.resource_url(base.split('?').next().unwrap_or(""), systeemrol)?;
            // The link is the server's own text: it is asked as it stands.
            let mut url = Url::parse(&base).unwrap_or(checked);
            // What stands before the host would take the place of the token.
            if url.set_username("").is_err() || url.set_password(None).is_err() || !seen.insert(url.clone()) {
                let reason = Text::new(
                    "de `next`-link verwijst naar een pagina die al is opgehaald: zo eindigt de zoekvraag nooit",
                    "the `next` link leads to a page that was fetched before: the search never ends",
                );
                return Err(stop(StopKind::Candidate, "page-loop", reason));
            }
            let change = self.filled(change)?;
            page = self.ask(url, &change).await?;
        }
        let reason = text!("meer dan {most} pagina's", "more than {most} pages");
        Err(stop(StopKind::Candidate, "too-many-pages", reason))
    }

    /// Keeps what later steps need of the answer.
    fn save(&mut self, step: &PlannedStep, answer: &Answer) -> Result<(), Stop> {
        if step.save.is_empty() {
            return Ok(());
        }
        let nothing = |name: &str| {
            stop(
                StopKind::Candidate,
                "nothing-to-save",
                text!("het antwoord geeft geen waarde voor `{name}`", "the answer gives no value for `{name}`"),
            )
        };
        let resource = parse(answer);
        let validator = &self.plan.suite_of(self.scenario).validator;
        let definitions = validator.schemas().definitions();
        for (name, expression) in &step.save {
            let value = resource.as_ref().and_then(|root| {
                let context = Context::new(&**definitions, root, Temporal::from_timestamp(self.recorder.env.now()));
                let kind = root.resource_type.as_deref().unwrap_or("");
                let items = expression.evaluate(Node::new(root, kind), &context).ok()?;
                items.first()?.text().map(|text| text.into_owned())
            });
            self.captures.set(name, value.ok_or_else(|| nothing(name))?);
        }
        Ok(())
    }

    /// The changes of a step with their variables filled in.
    fn filled(&self, change: &MessageFile) -> Result<MessageFile, Stop> {
        let mut out = change.clone();
        for value in out.set.values_mut().chain(out.repeat.values_mut()).chain(out.headers.values_mut()) {
            *value = self.filled_text(value)?;
        }
        Ok(out)
    }

    fn filled_text(&self, text: &str) -> Result<String, Stop> {
        let look_up = |name: &str| self.variable(name);
        variables::fill(text, self.recorder.env.now(), &look_up).map_err(|unknown| {
            stop(
                StopKind::Needed,
                "no-value",
                text!("{unknown}: een eerdere stap gaf het niet", "{unknown}: an earlier step did not give it"),
            )
        })
    }

    fn variable(&self, name: &str) -> Option<String> {
        let client = &self.candidate.client;
        let patient = self.scenario.patient.map(|i| &self.candidate.patients[i]);
        match name {
            "clientId" => Some(client.client_id.clone()),
            "redirectUri" => Some(client.redirect_uri.to_string()),
            "redirectUriOtherCase" => Some(flow::other_case(&client.redirect_uri)),
            "redirectHost" => client.redirect_uri.host_str().map(str::to_owned),
            "scope" => Some(self.candidate.scope().to_owned()),
            "provider" => Some(self.candidate.provider.clone()),
            "patient.login" => patient.map(|patient| patient.login.clone()),
            "patient.password" => patient.map(|patient| patient.password.clone()),
            "uuid" => Some(self.recorder.env.uuid()),
            _ => self.captures.value(name).cloned(),
        }
    }

    fn label(&self, interface: Interface, actor: Actor, certificate: Certificate) -> Label {
        Label {
            scenario: self.scenario.key.clone(),
            step: self.step.clone(),
            probe: self.probe.clone(),
            interface,
            actor,
            certificate,
        }
    }
}

/// Whether an address is that of the client, which nobody visits, rather than of the candidate. They may share a host.
fn is_of_client(url: &Url, client: [Option<&Url>; 2], candidate: [&Url; 2]) -> bool {
    let place = |url: &Url| (origin(url), url.path().to_owned());
    let is_candidate = candidate.iter().any(|known| known.host_str() == url.host_str());
    let mut client = client.into_iter().flatten();
    url.scheme() != "https"
        || client.any(|own| place(own) == place(url) || (own.host_str() == url.host_str() && !is_candidate))
}

/// The `next` link of a page of results.
fn next_link(answer: &Answer) -> Option<String> {
    if !answer.text.contains("next") {
        return None;
    }
    let root = parse(answer)?;
    let link = root.all("link").find(|link| link.text("relation") == Some("next"))?;
    link.text("url").map(str::to_owned)
}

fn parse(answer: &Answer) -> Option<Element> {
    // A byte order mark is no white space.
    let text = answer.text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let read = if text.starts_with('<') { xml::parse(text.as_bytes()) } else { json::parse(text.as_bytes()) };
    read.ok().map(|(root, _)| root)
}

fn certificate(file: CertificateFile) -> Certificate {
    match file {
        CertificateFile::Own => Certificate::Own,
        CertificateFile::None => Certificate::None,
    }
}

fn method(change: &MessageFile, right: Method) -> Method {
    change.method.as_deref().and_then(|name| Method::from_bytes(name.as_bytes()).ok()).unwrap_or(right)
}

fn set_headers(request: &mut Request, headers: &Parameters) {
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.to_ascii_lowercase().as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            request.headers_mut().insert(name, value);
        }
    }
}

fn set_form(request: &mut Request, parameters: &Parameters) {
    let form = vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
    set_headers(request, &form);
    *request.body_mut() = Some(flow::form_body(parameters).into());
}

/// Stops where nobody can tell whose doing a failure is: the candidate is not accused of it.
fn undecided(failure: &Failure) -> Result<(), Stop> {
    let detail = &failure.detail;
    let reason = match failure.kind {
        FailureKind::UnknownIssuer => text!(
            "het certificaat is van een uitgever die niet in `[trust] ca` van het kandidaatbestand staat ({detail})",
            "the certificate is of an issuer that `[trust] ca` of the candidate file does not name ({detail})"
        ),
        FailureKind::Unresolved => text!(
            "de hostnaam heeft geen adres; zet hem zo nodig in `[trust.connect]` ({detail})",
            "the host name has no address; add it to `[trust.connect]` if needed ({detail})"
        ),
        kind if kind.is_undecided() => text!("niet te versturen: {detail}", "cannot be sent: {detail}"),
        _ => return Ok(()),
    };
    Err(stop(StopKind::Ours, "cannot-reach", reason))
}

fn ours(error: RunnerError) -> Stop {
    let message = error.to_string();
    stop(StopKind::Ours, "cannot-send", Text::same(message))
}

fn stop(kind: StopKind, code: &str, reason: Text) -> Stop {
    Stop { kind, code: code.to_owned(), nl: reason.nl, en: reason.en }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_and_the_candidate_may_share_a_host() {
        let url = |text: &str| Url::parse(text).unwrap();
        let (redirect, authorize) = (url("https://localhost:9000/cb"), url("https://localhost:8443/authorize"));
        let check = |address: &str, expect: bool| {
            let found = is_of_client(&url(address), [Some(&redirect), None], [&authorize, &authorize]);
            assert_eq!(found, expect, "{address}");
        };
        check("https://localhost:9000/cb?code=1", true);
        check("https://localhost:8443/login", false);
        check("https://digid.example/", false);
        check("http://localhost:8443/login", true);
        let elsewhere = url("https://auth.example/authorize");
        assert!(is_of_client(&url("https://localhost:9000/other"), [Some(&redirect), None], [&elsewhere, &elsewhere]));
    }
}
