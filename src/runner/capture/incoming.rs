//! Records what others send: requests at servers of ours, and the visits of a browser to the pages of a DVP.

use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use crate::exchange;
use crate::exchange::Exchange;
use crate::exchange::Failure;
use crate::exchange::Interface;
use crate::exchange::Scope;
use crate::exchange::SecretKind;
use crate::runner::browser;
use crate::runner::capture::Label;
use crate::runner::capture::Recorder;
use crate::runner::capture::milliseconds;
use crate::runner::leak;

/// A message exchange as it was, secrets included; only for [`Recorder::keep`].
pub struct Raw {
    /// When it began.
    pub started: Timestamp,
    /// How long the answer took.
    pub took: Duration,
    /// The request.
    pub request: exchange::Request,
    /// The answer.
    pub response: Option<exchange::Response>,
    /// Why no whole answer came.
    pub failure: Option<Failure>,
}

impl Recorder {
    /// The number of an exchange that begins now.
    pub fn number(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    /// Whether there was no room for something: what was recorded is not all that came in.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// Makes room again: these are no longer kept.
    pub fn let_go<'a>(&mut self, exchanges: impl IntoIterator<Item = &'a Exchange>) {
        let of = |exchange: &Exchange| {
            exchange.request.body.bytes().len() + exchange.response.as_ref().map_or(0, |r| r.body.bytes().len())
        };
        self.taken = self.taken.saturating_sub(exchanges.into_iter().map(of).sum());
        self.is_full = false;
    }

    /// Keeps an exchange, redacted, under a number given out before; leaves it out whole when there is no room for its bodies.
    pub fn keep(&mut self, number: u32, raw: &Raw, label: Label) {
        let size = raw.request.body.bytes().len() + raw.response.as_ref().map_or(0, |r| r.body.bytes().len());
        if self.taken + size > self.limits.run {
            self.is_full = true;
            return;
        }
        self.taken += size;
        let interface = label.interface;
        let url = Url::parse(&raw.request.url).ok();
        let text = raw.response.as_ref().and_then(|response| response.body.text()).unwrap_or_default();
        let headers = raw.response.as_ref().map(|response| response.headers.as_slice()).unwrap_or_default();
        let status = raw.response.as_ref().map(|response| response.status);
        self.learn_of_client(&raw.request, interface);
        let is_front = matches!(interface, Interface::Authorization | Interface::Page | Interface::Client);
        let next = url.filter(|_| is_front).and_then(|url| browser::forward(&url, status, headers, text));
        let forward = next.map(|next| next.as_url());
        self.learn(&label, headers, text, forward.as_ref());
        let request = self.redacted_request(&raw.request, interface);
        let response = raw.response.as_ref().map(|response| exchange::Response {
            status: response.status,
            headers: self.redacted_headers(&response.headers, interface),
            body: self.redact_body(response.body.bytes().to_vec(), interface),
        });
        let total_ms = milliseconds(raw.took);
        let forward = forward.map(|url| self.secrets.redact(url.as_str(), Scope::Flow));
        self.exchanges.push(Exchange {
            wait_ms: total_ms,
            total_ms,
            response,
            failure: raw.failure.clone(),
            forward,
            ..label.exchange(number, raw.started, request)
        });
    }

    /// Takes up what a client sends that must not be kept: secrets that were never issued here among it.
    fn learn_of_client(&mut self, request: &exchange::Request, interface: Interface) {
        if interface == Interface::Authorization {
            let url = Url::parse(&request.url).ok();
            self.own.extend(url.iter().flat_map(|url| url.query_pairs()).map(|(_, value)| value.into_owned()));
            self.own.extend(request.body.form().into_iter().map(|(_, value)| value));
        }
        if matches!(interface, Interface::Authorization | Interface::Page | Interface::Client) {
            return;
        }
        for (_, value) in request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
            let (scheme, credentials) = value.split_once(' ').unwrap_or(("", value));
            let kind = if scheme.eq_ignore_ascii_case("basic") { SecretKind::Key } else { SecretKind::AccessToken };
            self.secrets.add(kind, credentials.trim());
        }
        let url = Url::parse(&request.url).ok();
        let query = url.as_ref().and_then(Url::query).unwrap_or_default();
        let body = request.body.text().unwrap_or_default();
        for (kind, value) in [query, body].into_iter().flat_map(leak::secrets_in) {
            self.secrets.add(kind, &value);
        }
        if interface == Interface::Token {
            for (name, value) in request.body.form().into_iter().filter(|(_, value)| !value.is_empty()) {
                match name.as_str() {
                    "code" => drop(self.secrets.add(SecretKind::Code, &value)),
                    "refresh_token" => drop(self.secrets.add(SecretKind::RefreshToken, &value)),
                    "client_secret" | "client_assertion" | "password" => {
                        drop(self.secrets.add(SecretKind::Key, &value))
                    }
                    _ => {}
                }
            }
        }
    }
}
