//! Reading of recorded OAuth exchanges: passes of the browser, and answers of the token interface.
//!
//! Judges nothing: rules share it so that they agree on what an answer is. Entry points: [`flows`] and [`probed`] for the
//! front channel, [`token`] and [`error`] for the token interface, [`issued`] for the codes and tokens of a run.

use serde_json::Value;
use url::Url;

use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::SecretKind;
use crate::exchange::StopKind;
use crate::exchange::Trace;
use crate::rules::consent::refresh;
use crate::text;

/// Error values of the authorization response (RFC 6749, section 4.1.2.1).
pub const AUTHORIZATION_ERRORS: &[&str] = &[
    "invalid_request",
    "unauthorized_client",
    "access_denied",
    "unsupported_response_type",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
];

/// Error values of the token response (RFC 6749, section 5.2).
pub const TOKEN_ERRORS: &[&str] = &[
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
];

/// Error values that extensions registered for the authorization endpoint (RFC 6749, section 8.5): OpenID Connect Core
/// 3.1.2.6 and its unmet authentication requirements, RFC 8707, RFC 9396.
pub const AUTHORIZATION_EXTENSION_ERRORS: &[&str] = &[
    "interaction_required",
    "login_required",
    "account_selection_required",
    "consent_required",
    "invalid_request_uri",
    "invalid_request_object",
    "request_not_supported",
    "request_uri_not_supported",
    "registration_not_supported",
    "unmet_authentication_requirements",
    "invalid_target",
    "invalid_authorization_details",
];

/// Error values that extensions registered for the token endpoint: RFC 8628, 8707, 9396, 9449.
pub const TOKEN_EXTENSION_ERRORS: &[&str] = &[
    "authorization_pending",
    "slow_down",
    "access_denied",
    "expired_token",
    "invalid_target",
    "invalid_authorization_details",
    "invalid_dpop_proof",
    "use_dpop_nonce",
];

/// Probes that break what the server checks before it may send the browser anywhere: client and redirect URI.
pub const FIRST_ROUND: &[&str] = &[
    "client-id-unknown",
    "client-id-missing",
    "client-id-empty",
    "redirect-uri-missing",
    "redirect-uri-empty",
    "redirect-uri-http",
    "redirect-uri-other-host",
    "redirect-uri-by-post",
    "redirect-uri-look-alike",
    "redirect-uri-ends-alike",
    "redirect-uri-userinfo",
    "redirect-uri-fragment",
    "client-id-long",
    "client-id-quote",
    "client-id-line-break",
    "redirect-uri-long",
    "redirect-uri-backslash",
    "redirect-uri-line-break",
    "redirect-uri-encoded-dot",
    "redirect-uri-behind-fragment",
    "redirect-uri-script",
];

/// Probes that redeem one code twice in a scenario of their own.
pub const REPLAYS: &[&str] = &["code-replay", "code-after-wrong-redirect-uri"];

/// One pass of the browser: an authorization request and the pages after it.
#[derive(Debug)]
pub struct Flow<'a> {
    /// The authorization request.
    pub request: &'a Exchange,
    /// It and every page after it, in order; never empty.
    pub pages: Vec<&'a Exchange>,
    /// Whether something on our side kept the browser from going on.
    stopped_by_us: bool,
}

/// Where a pass of the browser ended, seen from the client.
#[derive(Debug)]
pub enum Ending<'a> {
    /// Back at the client with a code (or a token).
    Granted(Redirect<'a>),
    /// Back at the client with an error.
    Refused(Redirect<'a>),
    /// Back at the client with neither.
    Bare(Redirect<'a>),
    /// At a page, or sent on to a place that is not the client.
    Page(&'a Exchange),
    /// No answer, or we could not go on.
    Unknown,
}

/// The answer that sends the browser back, with the parameters it carries.
#[derive(Debug)]
pub struct Redirect<'a> {
    /// The exchange whose answer it is.
    pub exchange: &'a Exchange,
    /// Parameters of the query, then of the fragment.
    pub parameters: Vec<(String, String)>,
}

impl Redirect<'_> {
    /// A parameter by its exact name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether it brings a code or a token.
    pub fn grants(&self) -> bool {
        ["code", "access_token", "id_token"]
            .iter()
            .any(|name| self.parameter(name).is_some_and(|value| !value.is_empty()))
    }
}

impl<'a> Flow<'a> {
    /// The probe that the authorization request carries.
    pub fn probe(&self) -> Option<&'a str> {
        self.request.probe.as_deref()
    }

    /// A parameter of the authorization request, which may come as a form too (RFC 6749, section 3.1).
    pub fn sent(&self, name: &str) -> Option<String> {
        self.parameters().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let request = &self.request.request;
        request.query().into_iter().chain(request.body.form()).collect()
    }

    /// The last exchange.
    pub fn last(&self) -> &'a Exchange {
        self.pages.last().copied().unwrap_or(self.request)
    }

    /// Where it ended, for a client with this redirect URI.
    pub fn ending(&self, redirect_uri: &str) -> Ending<'a> {
        let back = self.pages.iter().find_map(|exchange| {
            let parameters = exchange.redirect_to(redirect_uri)?;
            Some(Redirect { exchange, parameters })
        });
        match back {
            Some(redirect) if redirect.grants() => Ending::Granted(redirect),
            Some(redirect) if redirect.parameter("error").is_some() => Ending::Refused(redirect),
            Some(redirect) => Ending::Bare(redirect),
            None if self.stopped_by_us || is_no_answer(self.last()) => Ending::Unknown,
            None => Ending::Page(self.last()),
        }
    }

    /// The answer that sends the browser to the origin of one of these addresses, whatever the path.
    pub fn sent_to(&self, addresses: &[String]) -> Option<Redirect<'a>> {
        let addresses: Vec<Url> = addresses.iter().filter_map(|address| Url::parse(address).ok()).collect();
        self.pages.iter().find_map(|exchange| {
            let target = Url::parse(exchange.forward.as_deref()?).ok()?;
            // An address without host (`javascript:`) is its scheme.
            let is_there = |address: &Url| match address.origin().is_tuple() {
                true => address.origin() == target.origin(),
                false => address.scheme() == target.scheme(),
            };
            let parameters = parameters(&target);
            addresses.iter().any(is_there).then_some(Redirect { exchange, parameters })
        })
    }

    /// Every redirect URI that the request carries, and the registered one.
    pub fn redirect_uris(&self, registered: &str) -> Vec<String> {
        let sent = self.parameters().into_iter().filter(|(name, _)| name == "redirect_uri");
        sent.map(|(_, value)| value).chain([registered.to_owned()]).collect()
    }

    /// Whether an answer came to judge by.
    fn is_answered(&self, redirect_uri: &str) -> bool {
        !matches!(self.ending(redirect_uri), Ending::Unknown)
            || self.sent_to(&self.redirect_uris(redirect_uri)).is_some()
    }
}

/// Every pass of the browser, in order.
pub fn flows(run: &Run) -> Vec<Flow<'_>> {
    run.traces.iter().flat_map(flows_of).collect()
}

/// The answered passes that carry one of these probes.
pub fn probed<'a>(run: &'a Run, redirect_uri: &str, probes: &[&str]) -> Vec<Flow<'a>> {
    flows(run)
        .into_iter()
        .filter(|flow| flow.probe().is_some_and(|probe| probes.contains(&probe)) && flow.is_answered(redirect_uri))
        .collect()
}

/// Whether a pass of the browser asks to share (Delen): its scope names a service after the provider.
pub fn is_for_sharing(flow: &Flow<'_>) -> bool {
    flow.sent("scope").is_some_and(|scope| scope.contains('~'))
}

/// The token responses of the regular flows to share, in order.
pub fn sharing_tokens(run: &Run) -> Vec<&Exchange> {
    let mut found = Vec::new();
    for trace in &run.traces {
        let mut shares = false;
        for exchange in &trace.exchanges {
            match exchange.interface {
                Interface::Authorization => {
                    shares = exchange.request.parameter("scope").is_some_and(|scope| scope.contains('~'));
                }
                Interface::Token if shares && exchange.probe.is_none() && token(exchange).is_some() => {
                    found.push(exchange);
                }
                _ => {}
            }
        }
    }
    found
}

/// Where a pass ended, in words, and the exchange that shows it; `None` when nothing tells.
pub fn told(flow: &Flow<'_>, redirect_uri: &str) -> Option<(Text, u32)> {
    Some(match flow.ending(redirect_uri) {
        Ending::Granted(redirect) => (Text::new("een code", "a code"), redirect.exchange.number),
        Ending::Refused(redirect) => {
            let error = redirect.parameter("error").unwrap_or_default();
            (Text::same(format!("`{error}`")), redirect.exchange.number)
        }
        Ending::Bare(redirect) => {
            (Text::new("een redirect zonder error", "a redirect without error"), redirect.exchange.number)
        }
        Ending::Page(page) => (answer(page), page.number),
        Ending::Unknown => return None,
    })
}

/// The answered exchanges of an interface that carry one of these probes.
pub fn probes<'a>(run: &'a Run, interface: Interface, names: &[&str]) -> Vec<&'a Exchange> {
    run.exchanges()
        .filter(|exchange| exchange.interface == interface && !is_no_answer(exchange))
        .filter(|exchange| exchange.probe.as_deref().is_some_and(|probe| names.contains(&probe)))
        .collect()
}

/// Why a rule that needs these probes saw nothing.
pub fn not_probed(names: &[&str]) -> Text {
    let list = names.join(", ");
    text!(
        "geen antwoord op een van de proefverzoeken {list}; zulke verzoeken gaan alleen uit met `active = true` onder `[probes]`",
        "no answer to any of the probes {list}; they are sent only with `active = true` under `[probes]`"
    )
}

/// The access token that an answer of the token interface gives, when it gives one.
pub fn token(exchange: &Exchange) -> Option<String> {
    field(exchange, "access_token").filter(|value| !value.is_empty())
}

/// The value of `error` in an answer of the token interface.
pub fn error(exchange: &Exchange) -> Option<String> {
    field(exchange, "error")
}

/// The successful answers to regular token requests.
pub fn regular_tokens(run: &Run) -> impl Iterator<Item = &Exchange> {
    run.regular(Interface::Token).filter(|exchange| exchange.succeeded() && error(exchange).is_none())
}

/// The same as JSON objects: what the table of the token response is asked of.
pub fn regular_token_objects(run: &Run) -> Vec<(&Exchange, serde_json::Map<String, Value>)> {
    regular_tokens(run)
        .filter_map(|exchange| match exchange.response.as_ref()?.body.json()? {
            Value::Object(object) => Some((exchange, object)),
            _ => None,
        })
        .collect()
}

/// Why a rule on the token response saw nothing.
pub fn no_token_response() -> Text {
    Text::new("geen leesbaar antwoord op een gewoon tokenverzoek", "no readable answer to a regular token request")
}

/// The token requests of a trace for the code that it presented first, in order.
pub fn redemptions(trace: &Trace) -> Vec<&Exchange> {
    let code = |exchange: &Exchange| {
        let form = exchange.request.body.form();
        form.into_iter().find(|(name, _)| name == "code").map(|(_, value)| value)
    };
    let all: Vec<_> = trace.exchanges.iter().filter(|exchange| exchange.interface == Interface::Token).collect();
    let Some(first) = all.first().and_then(|exchange| code(exchange)) else { return Vec::new() };
    all.into_iter().filter(|exchange| code(exchange).as_ref() == Some(&first)).collect()
}

/// A code or token that the candidate issued, as its placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// Its kind: code, access token or refresh token.
    pub kind: SecretKind,
    /// The placeholder.
    pub placeholder: String,
    /// Number of the exchange that brought it.
    pub exchange: u32,
}

/// Codes and tokens that the candidate issued, each as often as it did. What a second redemption of one code brings is
/// left out: that it brings anything is judged elsewhere.
pub fn issued(run: &Run, redirect_uri: &str) -> Vec<Issued> {
    let mut all = Vec::new();
    for flow in flows(run) {
        let Ending::Granted(redirect) = flow.ending(redirect_uri) else { continue };
        let Some(code) = redirect.parameter("code") else { continue };
        all.push(Issued { kind: SecretKind::Code, placeholder: code.to_owned(), exchange: redirect.exchange.number });
    }
    for exchange in run.exchanges().filter(|exchange| exchange.interface == Interface::Token) {
        if exchange.probe.as_deref().is_some_and(|probe| REPLAYS.contains(&probe)) {
            continue;
        }
        for (name, kind) in [("access_token", SecretKind::AccessToken), ("refresh_token", SecretKind::RefreshToken)] {
            // A refresh token that is given back as it came is not issued again.
            let is_kept = |value: &String| refresh::sent(exchange, name).as_ref() == Some(value);
            if let Some(value) = field(exchange, name).filter(|value| !value.is_empty() && !is_kept(value)) {
                all.push(Issued { kind, placeholder: value, exchange: exchange.number });
            }
        }
    }
    all
}

/// What a kind of secret is called.
pub fn kind_name(kind: SecretKind) -> Text {
    match kind {
        SecretKind::Code => Text::new("autorisatiecode", "authorization code"),
        SecretKind::RefreshToken => Text::same("refresh token"),
        _ => Text::same("access token"),
    }
}

/// What came as answer, in a few words.
pub fn answer(exchange: &Exchange) -> Text {
    match (exchange.status(), &exchange.failure) {
        (_, Some(failure)) => Text::same(format!("{:?}: {}", failure.kind, failure.detail)),
        (Some(status), None) => text!("antwoord met status {status}", "answer with status {status}"),
        (None, None) => Text::new("geen antwoord", "no answer"),
    }
}

/// Whether nothing came that tells what the candidate does with the request.
pub fn is_no_answer(exchange: &Exchange) -> bool {
    exchange.response.is_none() || exchange.failure.is_some() || exchange.asks_for_patience()
}

/// Parameters of the query, then of the fragment.
pub fn parameters(url: &Url) -> Vec<(String, String)> {
    let fragment = url.fragment().unwrap_or("").as_bytes();
    url.query_pairs()
        .chain(url::form_urlencoded::parse(fragment))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

/// The passes of the browser in a trace, in order.
pub fn flows_of(trace: &Trace) -> Vec<Flow<'_>> {
    let stopped_by_us = trace
        .steps
        .iter()
        .filter_map(|step| step.stopped.as_ref())
        .any(|stop| matches!(stop.kind, StopKind::Ours | StopKind::NotSelected));
    let mut flows: Vec<Flow<'_>> = Vec::new();
    for exchange in &trace.exchanges {
        match exchange.interface {
            Interface::Authorization => {
                flows.push(Flow { request: exchange, pages: vec![exchange], stopped_by_us });
            }
            Interface::Page => {
                if let Some(flow) = flows.last_mut() {
                    flow.pages.push(exchange);
                }
            }
            Interface::Token | Interface::Resource | Interface::List | Interface::Client => {}
        }
    }
    flows
}

/// A member of the JSON in an answer, when it is text.
pub fn field(exchange: &Exchange, name: &str) -> Option<String> {
    let json = exchange.response.as_ref()?.body.json()?;
    json.get(name)?.as_str().map(str::to_owned)
}
