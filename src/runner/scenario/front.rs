//! The front channel of a scenario: the browser of the person, from the authorization request to the way back.

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::Method;
use reqwest::Request;
use url::Url;

use crate::candidate::LoginMode;
use crate::candidate::LoginStep;
use crate::diag::Text;
use crate::exchange::Actor;
use crate::exchange::Certificate;
use crate::exchange::Interface;
use crate::exchange::Stop;
use crate::exchange::StopKind;
use crate::runner::browser;
use crate::runner::browser::Submission;
use crate::runner::capture::Answer;
use crate::runner::flow;
use crate::runner::flow::Parameters;
use crate::runner::scenario::Session;
use crate::runner::scenario::hurried;
use crate::runner::scenario::ours;
use crate::runner::scenario::set_form;
use crate::runner::scenario::set_headers;
use crate::runner::scenario::stop;
use crate::runner::scenario::undecided;
use crate::runner::sender::origin;
use crate::suite::model::LoginFile;
use crate::suite::model::MessageFile;
use crate::text;

/// Redirects that are followed on one page visit.
const MOST_REDIRECTS: usize = 10;

impl Session<'_, '_> {
    /// Sends the browser to the Authorization Server (core.authint.200, .208).
    pub(super) async fn authorize(&mut self, change: &MessageFile) -> Result<(), Stop> {
        // What an earlier flow of the scenario brought must not pass for something of this.
        for name in ["code", "accessToken", "refreshToken", "usedRefreshToken"] {
            self.captures.remove(name);
        }
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
        let with_query = if change.fully_encoded { flow::with_encoded_query } else { flow::with_query };
        let submission = if change.method.as_deref().is_some_and(|method| method.eq_ignore_ascii_case("post")) {
            Submission { method: "POST".into(), url: endpoint.clone(), fields: parameters }
        } else {
            Submission { method: "GET".into(), url: with_query(endpoint, &parameters), fields: Vec::new() }
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

    /// Opens an address, as a person who types it; what it leads to is not followed.
    pub(super) async fn visit(&mut self, address: &str) -> Result<(), Stop> {
        let opened = self.opened(address)?;
        let any = vec![("accept".to_owned(), "application/json, */*;q=0.8".to_owned())];
        self.send_page(&opened, Interface::Page, &any).await.map(|_| ())
    }

    fn opened(&self, address: &str) -> Result<Submission, Stop> {
        let address = self.filled_text(address)?;
        let url = Url::parse(&address).map_err(|error| {
            let reason = text!("`{address}` is geen adres: {error}", "`{address}` is no address: {error}");
            stop(StopKind::Ours, "bad-url", reason)
        })?;
        Ok(Submission { method: "GET".into(), url, fields: Vec::new() })
    }

    /// Has the person end the long consent, by the pages of the candidate file.
    pub(super) async fn withdraw(&mut self) -> Result<(), Stop> {
        let Some(withdrawal) = &self.candidate.withdrawal else {
            let reason = Text::new(
                "het kandidaatbestand zegt niet hoe een toestemming eindigt (`[withdrawal]`)",
                "the candidate file does not say how a consent is ended (`[withdrawal]`)",
            );
            return Err(stop(StopKind::NotSelected, "no-withdrawal", reason));
        };
        if self.captures.value("refreshToken").is_none() {
            let reason = Text::new("er kwam geen refresh token", "no refresh token came");
            return Err(stop(StopKind::Needed, "no-refresh-token", reason));
        }
        self.jar = Arc::default();
        let start = self.opened(withdrawal.start.as_str())?;
        self.browse(start, Interface::Page, Vec::new()).await?;
        for (i, page) in withdrawal.steps.iter().enumerate() {
            if self.is_past(&withdrawal.steps, i) {
                continue;
            }
            self.page_step(page, None).await?;
        }
        // A consent that may not have ended shows nothing.
        match self.page.as_ref().and_then(|page| page.status) {
            Some(status) if status < 400 => Ok(()),
            status => {
                let status = status.unwrap_or(0);
                let reason = text!(
                    "het beëindigen van de toestemming gaf status {status}",
                    "ending the consent gave status {status}"
                );
                Err(stop(StopKind::Needed, "no-withdrawal", reason))
            }
        }
    }

    /// Goes through the declared pages until the browser is sent back to the DVP.
    pub(super) async fn login(&mut self, login: &LoginFile) -> Result<(), Stop> {
        let steps = &self.candidate.login.steps;
        let wanted = self.candidate.login.indefinite.as_deref().filter(|_| login.indefinite);
        let mut is_chosen = wanted.is_none();
        for (i, page) in steps.iter().enumerate() {
            if self.is_back() {
                break;
            }
            if self.is_past(steps, i) {
                continue;
            }
            if let Some(cancel) = page.cancel.as_ref().filter(|_| login.cancel.as_ref() == Some(&page.page)) {
                return self.press(&page.page, cancel).await;
            }
            let choice = wanted.filter(|selector| self.shows(selector));
            is_chosen |= choice.is_some();
            match self.page_step(page, choice).await {
                Ok(()) => {}
                Err(_) if !login.complete => return Ok(()),
                Err(stop) => return Err(stop),
            }
        }
        if let Some(page) = &login.cancel {
            let reason = text!("pagina `{page}` kwam niet", "page `{page}` did not come");
            return Err(stop(StopKind::Needed, "no-page", reason));
        }
        if !is_chosen && self.is_back() {
            let selector = wanted.unwrap_or_default();
            let reason = text!(
                "geen pagina had de keuze `{selector}` (`[login] indefinite`)",
                "no page had the choice `{selector}` (`[login] indefinite`)"
            );
            return Err(stop(StopKind::Needed, "no-choice", reason));
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
        step.follow.as_ref().or(step.submit.as_ref()).is_some_and(|selector| self.shows(selector))
    }

    /// Whether the browser is at a later page already: some do not come every time.
    fn is_past(&self, steps: &[LoginStep], i: usize) -> bool {
        let is_at = |step: Option<&LoginStep>| step.is_some_and(|step| self.is_at(step));
        !is_at(steps.get(i)) && steps.iter().skip(i + 1).any(|later| is_at(Some(later)))
    }

    /// Whether the page has what a selector names.
    fn shows(&self, selector: &str) -> bool {
        self.page.as_ref().is_some_and(|page| browser::has(&page.text, selector))
    }

    /// The page that the browser is at, with its address.
    fn here(&self, name: &str) -> Result<(&Answer, Url), Stop> {
        let Some(page) = &self.page else {
            let reason = Text::new("er is geen pagina om verder te gaan", "there is no page to go on with");
            return Err(stop(StopKind::Candidate, "no-page", reason));
        };
        if let Some(failure) = &page.failure {
            let detail = &failure.detail;
            let reason = text!("pagina `{name}` kwam niet: {detail}", "page `{name}` did not come: {detail}");
            return Err(stop(StopKind::Candidate, "no-page", reason));
        }
        Ok((page, page.url.clone().unwrap_or_else(|| self.candidate.endpoints.authorization.clone())))
    }

    /// Presses what a selector names, and nothing else.
    async fn press(&mut self, name: &str, selector: &str) -> Result<(), Stop> {
        let (page, base) = self.here(name)?;
        let Some(submission) = browser::press(&base, &page.text, selector, &BTreeMap::new()) else {
            return Err(nothing_there(name, page, selector));
        };
        self.browse(submission, Interface::Page, Vec::new()).await
    }

    /// Goes on from a page; with what `choice` names chosen or, when it is a button, pressed.
    async fn page_step(&mut self, step: &LoginStep, choice: Option<&str>) -> Result<(), Stop> {
        let (page, base) = self.here(&step.page)?;
        let mut fill = BTreeMap::new();
        for (selector, value) in &step.fill {
            fill.insert(selector.clone(), self.filled_text(value)?);
        }
        let pressed = choice.and_then(|choice| browser::press(&base, &page.text, choice, &fill));
        let (selector, submission) = match (pressed, &step.follow, &step.submit) {
            (Some(pressed), _, _) => (choice.unwrap_or_default(), Some(pressed)),
            (None, Some(selector), _) => {
                let url = browser::link(&base, &page.text, selector);
                let visit = |url| Submission { method: "GET".into(), url, fields: Vec::new() };
                (selector.as_str(), url.map(visit))
            }
            (None, None, Some(selector)) => {
                (selector.as_str(), browser::form(&base, &page.text, selector, &fill, choice))
            }
            (None, None, None) => return Ok(()),
        };
        let Some(submission) = submission else { return Err(nothing_there(&step.page, page, selector)) };
        self.browse(submission, Interface::Page, Vec::new()).await
    }

    /// Visits a page and follows redirects, but never to the DVP: that is where the flow comes back to us.
    async fn browse(&mut self, submission: Submission, interface: Interface, headers: Parameters) -> Result<(), Stop> {
        let mut submission = submission;
        let mut interface = interface;
        for _ in 0..MOST_REDIRECTS {
            match self.send_page(&submission, interface, &headers).await? {
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

    /// Fetches one page, which the browser is then at; gives what it sends the browser on to.
    async fn send_page(
        &mut self,
        submission: &Submission,
        interface: Interface,
        headers: &Parameters,
    ) -> Result<Option<Submission>, Stop> {
        let url = submission.url.clone();
        self.check_listed(&url)?;
        let client = self.sender.front(&url, &self.jar).map_err(ours)?;
        let method = if submission.method == "POST" { Method::POST } else { Method::GET };
        let mut request = Request::new(method, url.clone());
        let accept = ("accept", "text/html,application/xhtml+xml".to_owned());
        set_headers(&mut request, &flow::changed_headers(vec![accept], &MessageFile::default()));
        set_headers(&mut request, headers);
        if submission.method == "POST" {
            set_form(&mut request, &submission.fields);
        }
        let label = self.label(interface, Actor::UserAgent, Certificate::None);
        let answer = self.recorder.send(&client, request, label, || self.sender.chain(&url)).await;
        hurried(&answer)?;
        let next = answer.next.clone().map(|next| match (answer.status, submission.method.as_str()) {
            // These two repeat the request as it is (RFC 9110, sections 15.4.8 and 15.4.9).
            (Some(307 | 308), "POST") => Submission { url: next.url, ..submission.clone() },
            _ => next,
        });
        self.keep_code(&answer);
        let failed = answer.failure.clone();
        self.page = Some(answer);
        let Some(failure) = failed else { return Ok(next) };
        if self.probe.is_some() {
            return Ok(None);
        }
        undecided(&failure)?;
        let detail = failure.detail;
        let reason = text!("geen heel antwoord: {detail}", "no whole answer: {detail}");
        Err(stop(StopKind::Candidate, "no-answer", reason))
    }

    /// Pages are visited only on hosts that the candidate file names: a page of somebody else's must not get a password,
    /// nor make us knock on other doors.
    fn check_listed(&self, url: &Url) -> Result<(), Stop> {
        let endpoints = &self.candidate.endpoints;
        let own = endpoints.resource.values().chain([&endpoints.authorization, &endpoints.token]);
        let own = own.chain(self.candidate.withdrawal.iter().map(|withdrawal| &withdrawal.start));
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
}

/// Why a page cannot be gone on from.
fn nothing_there(name: &str, page: &Answer, selector: &str) -> Stop {
    let status = page.status.unwrap_or(0);
    // An error status is the candidate's answer; a page without the element may be the fault of the file.
    let kind = if status >= 400 { StopKind::Candidate } else { StopKind::Ours };
    let reason = text!(
        "op pagina `{name}` (status {status}) staat geen `{selector}`; klopt het in het kandidaatbestand?",
        "page `{name}` (status {status}) has no `{selector}`; is it right in the candidate file?"
    );
    stop(kind, "login-element", reason)
}

/// Whether an address is that of the client, which nobody visits, rather than of the candidate. They may share a host.
fn is_of_client(url: &Url, client: [Option<&Url>; 2], candidate: [&Url; 2]) -> bool {
    let place = |url: &Url| (origin(url), url.path().to_owned());
    let is_candidate = candidate.iter().any(|known| known.host_str() == url.host_str());
    let mut client = client.into_iter().flatten();
    url.scheme() != "https"
        || client.any(|own| place(own) == place(url) || (own.host_str() == url.host_str() && !is_candidate))
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
