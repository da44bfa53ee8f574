//! The back channel of a scenario: the requests that the DVP itself makes for a token, then for resources.

use std::collections::BTreeSet;

use reqwest::Method;
use reqwest::Request;
use url::Url;

use crate::diag::Text;
use crate::exchange::Actor;
use crate::exchange::Certificate;
use crate::exchange::Interface;
use crate::exchange::SecretKind;
use crate::exchange::Stop;
use crate::exchange::StopKind;
use crate::fhir::Element;
use crate::fhir::json;
use crate::fhir::path::Model;
use crate::fhir::xml;
use crate::plan::Sent;
use crate::plan::standing;
use crate::runner::capture::Answer;
use crate::runner::flow;
use crate::runner::flow::Parameters;
use crate::runner::scenario::Session;
use crate::runner::scenario::hurried;
use crate::runner::scenario::method;
use crate::runner::scenario::ours;
use crate::runner::scenario::parse;
use crate::runner::scenario::set_form;
use crate::runner::scenario::set_headers;
use crate::runner::scenario::stop;
use crate::runner::scenario::undecided;
use crate::runner::sender::SELF_SIGNED;
use crate::runner::sender::origin;
use crate::suite::model::CertificateFile;
use crate::suite::model::Format;
use crate::suite::model::MessageFile;
use crate::text;

impl Session<'_, '_> {
    /// Swaps the code for a token over mutual TLS (core.tknint.200, .208).
    pub(super) async fn token(&mut self, change: &MessageFile) -> Result<(), Stop> {
        let change = self.filled(change)?;
        let Some(code) = self.captures.value("code").cloned().or_else(|| change.set.get("code").cloned()) else {
            let reason = Text::new("er is geen `code` om in te wisselen", "there is no `code` to swap");
            return Err(stop(
                if self.probe.is_some() { StopKind::Needed } else { StopKind::Candidate },
                "no-code",
                reason,
            ));
        };
        let client = &self.candidate.client;
        let right = [
            ("grant_type", "authorization_code".to_owned()),
            ("code", code),
            ("client_id", client.client_id.clone()),
            ("redirect_uri", client.redirect_uri.to_string()),
        ];
        self.ask_for_token(right.map(|(name, value)| (name.to_owned(), value)).into(), &change).await
    }

    /// Swaps the refresh token for an access token (RFC 6749, section 6). It begins a flow of its own (core.tknint.208).
    pub(super) async fn refresh(&mut self, change: &MessageFile) -> Result<(), Stop> {
        let change = self.filled(change)?;
        let known = self.captures.value("refreshToken").cloned();
        let Some(token) = known.or_else(|| change.set.get("refresh_token").cloned()) else {
            let reason = Text::new("er kwam geen refresh token", "no refresh token came");
            return Err(stop(StopKind::Needed, "no-refresh-token", reason));
        };
        self.captures.set("usedRefreshToken", change.set.get("refresh_token").unwrap_or(&token).clone());
        self.captures.set("correlationId", self.recorder.env.uuid());
        let right = [
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", token),
            ("client_id", self.candidate.client.client_id.clone()),
        ];
        self.ask_for_token(right.map(|(name, value)| (name.to_owned(), value)).into(), &change).await
    }

    /// Sends a token request and keeps the tokens that come.
    async fn ask_for_token(&mut self, right: Parameters, change: &MessageFile) -> Result<(), Stop> {
        let parameters = flow::changed(right, change);
        let correlation = self.captures.value("correlationId").cloned().unwrap_or_else(|| self.recorder.env.uuid());
        let headers = flow::changed_headers(
            vec![
                ("accept", "application/json".to_owned()),
                ("medmij-request-id", self.recorder.env.uuid()),
                ("x-correlation-id", correlation),
            ],
            change,
        );
        let endpoint = self.candidate.endpoints.token.clone();
        let url = if change.in_query { flow::with_query(&endpoint, &parameters) } else { endpoint };
        let mut request = Request::new(method(change, Method::POST), url.clone());
        set_headers(&mut request, &headers);
        if !change.in_query {
            set_form(&mut request, &parameters);
        }
        let certificate = certificate(change.certificate);
        let client = self.sender.fresh(&url, &certificate).map_err(ours)?;
        let label = self.label(Interface::Token, Actor::Dvp, certificate);
        let answer = self.recorder.send(&client, request, label, || self.sender.chain(&url)).await;
        hurried(&answer)?;
        let json: serde_json::Value = serde_json::from_str(&answer.text).unwrap_or_default();
        let member = |name: &str| json.get(name).and_then(|value| value.as_str()).filter(|value| !value.is_empty());
        if let Some(token) = member("access_token") {
            self.captures.set("accessToken", token);
            // Half a token is a secret as well.
            let half: String = token.chars().take(token.chars().count() / 2).collect();
            self.recorder.secrets.add(SecretKind::AccessToken, &half);
            self.captures.set("accessTokenTruncated", half);
        }
        if let Some(token) = member("refresh_token") {
            self.captures.set("refreshToken", token);
        }
        if member("access_token").is_some() || self.probe.is_some() {
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
    pub(super) async fn get(
        &mut self,
        target: &str,
        systeemrol: Option<&str>,
        change: &MessageFile,
    ) -> Result<Answer, Stop> {
        let url = self.resource_url(target, systeemrol)?;
        let change = self.filled(change)?;
        self.ask(url, &change, None).await
    }

    /// Sends something to the resource interface, in the format of the scenario.
    pub(super) async fn post(
        &mut self,
        target: &str,
        systeemrol: Option<&str>,
        body: &Sent,
        change: &MessageFile,
    ) -> Result<Answer, Stop> {
        let url = self.resource_url(target, systeemrol)?;
        let change = self.filled(change)?;
        let text = match body {
            Sent::Resource(resource) => self.written(resource)?,
            Sent::Text(text) => self.filled_text(text)?,
        };
        self.ask(url, &change, Some(text)).await
    }

    fn written(&self, resource: &Element) -> Result<String, Stop> {
        let resource = self.filled_resource(resource)?;
        let validator = &self.plan.suite_of(self.scenario).validator;
        let model: &dyn Model = &**validator.schemas().definitions();
        Ok(match self.format() {
            Format::Json => json::write(&resource, Some(model)),
            Format::Xml => xml::write(&resource, Some(model)),
        })
    }

    fn format(&self) -> Format {
        self.scenario.format.unwrap_or(Format::Json)
    }

    /// Asks for what lies at an address, or sends a body there.
    async fn ask(&mut self, url: Url, change: &MessageFile, body: Option<String>) -> Result<Answer, Stop> {
        let fhir = self.plan.suite_of(self.scenario).head.fhir;
        let media_type = self.format().media_type();
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
        let mut right = vec![
            ("accept", format!("{media_type}; fhirVersion={}", fhir.number())),
            ("authorization", format!("Bearer {}", token.unwrap_or_default())),
            ("medmij-request-id", self.recorder.env.uuid()),
            ("x-correlation-id", correlation),
        ];
        if body.is_some() {
            right.push(("content-type", format!("{media_type}; charset=utf-8")));
        }
        let headers = flow::changed_headers(right, change);
        let usual = if body.is_some() { Method::POST } else { Method::GET };
        let mut request = Request::new(method(change, usual), url.clone());
        set_headers(&mut request, &headers);
        let certificate = certificate(change.certificate);
        // What is sent twice is stored twice: it goes out on a connection that no server is about to close.
        let client = match body {
            Some(text) => {
                *request.body_mut() = Some(text.into());
                self.sender.fresh(&url, &certificate)
            }
            None => self.sender.back(&url, &certificate),
        };
        let client = client.map_err(ours)?;
        let label = self.label(Interface::Resource, Actor::Dvp, certificate);
        let answer = self.recorder.send(&client, request, label, || self.sender.chain(&url)).await;
        hurried(&answer)?;
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
        let base = base.as_str().trim_end_matches('/');
        let whole = match path.as_str() {
            "" => base.to_owned(),
            path if path.contains("://") => path.to_owned(),
            path => format!("{base}/{path}"),
        };
        let url = Url::parse(&whole).map_err(|error| {
            stop(
                StopKind::Candidate,
                "bad-url",
                text!("`{whole}` is geen adres: {error}", "`{whole}` is no address: {error}"),
            )
        })?;
        let other = self.candidate.probes.other_provider.as_deref().and_then(|address| Url::parse(address).ok());
        if url.scheme() != "https" || !endpoints.values().chain(&other).any(|known| origin(known) == origin(&url)) {
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
    pub(super) async fn follow_pages(
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
            page = self.ask(url, &change, None).await?;
        }
        let reason = text!("meer dan {most} pagina's", "more than {most} pages");
        Err(stop(StopKind::Candidate, "too-many-pages", reason))
    }
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

fn certificate(file: CertificateFile) -> Certificate {
    match file {
        CertificateFile::Own => Certificate::Own,
        CertificateFile::None => Certificate::None,
        CertificateFile::SelfSigned => Certificate::Other(SELF_SIGNED.to_owned()),
        other => standing(other).map_or(Certificate::None, |standing| Certificate::Other(standing.word().to_owned())),
    }
}
