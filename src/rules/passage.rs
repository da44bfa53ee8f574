//! A whole passage of one probe: the browser, the token, the data. For rules that ask whether a client gets through at all.
//!
//! Judges nothing. Entry points: [`Passage::all`], [`works_before`].

use jiff::Timestamp;

use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::Trace;
use crate::rules::Context;
use crate::rules::oauth;
use crate::rules::oauth::Ending;
use crate::rules::oauth::Flow;
use crate::rules::tls::whitelist;
use crate::text;

/// Probes of passages with lists as they should be.
const USUAL: &[&str] = &["client-added", "whitelist-back"];

/// What one probe led to in one scenario.
pub struct Passage<'a> {
    /// The pass of the browser.
    pub flow: Flow<'a>,
    /// The last token request after it.
    pub token: Option<&'a Exchange>,
    /// The last resource request after it.
    pub data: Option<&'a Exchange>,
    redirect_uri: &'a str,
}

impl<'a> Passage<'a> {
    /// Every passage of this probe, in order.
    pub fn all(context: &Context<'a>, run: &'a Run, probe: &str) -> Vec<Self> {
        run.traces.iter().filter_map(|trace| Self::of(context, trace, probe)).collect()
    }

    fn of(context: &Context<'a>, trace: &'a Trace, probe: &str) -> Option<Self> {
        let last = |interface: Interface| {
            let here =
                |exchange: &&Exchange| exchange.interface == interface && exchange.probe.as_deref() == Some(probe);
            trace.exchanges.iter().rfind(here)
        };
        let flow = oauth::flows_of(trace).into_iter().find(|flow| flow.probe() == Some(probe))?;
        let redirect_uri = context.candidate.client.redirect_uri.as_str();
        Some(Self { flow, token: last(Interface::Token), data: last(Interface::Resource), redirect_uri })
    }

    /// When it began.
    pub fn started(&self) -> Timestamp {
        self.flow.request.started
    }

    /// Whether the browser came back with a code.
    pub fn is_granted(&self) -> bool {
        matches!(self.flow.ending(self.redirect_uri), Ending::Granted(_))
    }

    /// Whether the client got through, as far as it went.
    pub fn works(&self) -> bool {
        let token = self.token.is_none_or(|exchange| oauth::token(exchange).is_some());
        self.is_granted() && token && self.data.is_none_or(whitelist::gives_data)
    }

    /// Where the client was turned away, and how; `None` when it got through, or nobody can tell. A page with a status of
    /// success tells nothing: it may be one that we do not know our way through.
    pub fn refusal(&self) -> Option<(&'a Exchange, Text)> {
        if !self.is_granted() {
            let last = self.flow.last();
            let is_told = match self.flow.ending(self.redirect_uri) {
                Ending::Refused(_) => true,
                Ending::Page(page) => page.status().is_some_and(|status| status >= 400),
                _ => false,
            };
            return (is_told && !is_busy(last)).then(|| (last, turned_away("geen code", "no code", last)));
        }
        let token = self.token?;
        if oauth::token(token).is_none() {
            return tells(token).then(|| (token, turned_away("geen access token", "no access token", token)));
        }
        let data = self.data.filter(|data| tells(data) && !whitelist::gives_data(data) && !data.succeeded())?;
        Some((data, turned_away("geen gegevens", "no data", data)))
    }

    /// Whether a text stands on a page that the person saw.
    pub fn shows(&self, words: &str) -> bool {
        let mut bodies = self.flow.pages.iter().filter_map(|exchange| exchange.response.as_ref()?.body.text());
        bodies.any(|text| text.contains(words))
    }
}

/// Whether an answer tells of trouble of the server's own, and not of whom it was for.
pub fn is_trouble(exchange: &Exchange) -> bool {
    exchange.status().is_some_and(|status| status >= 500)
}

/// Whether somebody who asks in the usual way got through, the last time before a moment that it was tried.
pub fn works_before(context: &Context, run: &Run, moment: Timestamp) -> bool {
    let tokens = run.regular(Interface::Token);
    let regular = tokens.map(|exchange| (exchange.started, oauth::token(exchange).is_some()));
    let usual = USUAL.iter().flat_map(|probe| Passage::all(context, run, probe));
    let usual = usual.map(|passage| (passage.started(), passage.works()));
    let tried = regular.chain(usual).filter(|(at, _)| *at < moment);
    tried.max_by_key(|(at, _)| *at).is_some_and(|(_, works)| works)
}

fn turned_away(nl: &str, en: &str, exchange: &Exchange) -> Text {
    let Text { nl: seen_nl, en: seen_en } = oauth::answer(exchange);
    text!("{nl}: {seen_nl}", "{en}: {seen_en}")
}

/// Whether an answer, or a connection that was turned away, shows what the candidate does.
fn tells(exchange: &Exchange) -> bool {
    whitelist::is_reaction(exchange) && !is_busy(exchange)
}

/// Whether the server says that it has no time now.
fn is_busy(exchange: &Exchange) -> bool {
    matches!(exchange.status(), Some(429 | 503 | 504))
}
