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

impl Session<'_> {
    /// Sends the browser to the Authorization Server (core.authint.200, .208).
    pub(super) async fn authorize(&mut self, change: &MessageFile) -> Result<(), Stop> {
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
    pub(super) async fn login(&mut self, login: &LoginFile) -> Result<(), Stop> {
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
