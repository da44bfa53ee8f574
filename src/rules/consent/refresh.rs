//! Reading of refresh requests: which they are, which token they present, and what became of it.
//!
//! Judges nothing: FLOW-08 and the rules on consent share it. Entry points: [`requests`] and [`probed`].

use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::Trace;
use crate::rules::Context;
use crate::rules::oauth;

/// Whether an exchange swaps a refresh token.
pub fn is_refresh(exchange: &Exchange) -> bool {
    exchange.interface == Interface::Token && sent(exchange, "grant_type").as_deref() == Some("refresh_token")
}

/// A parameter of a token request.
pub fn sent(exchange: &Exchange, name: &str) -> Option<String> {
    let form = exchange.request.body.form();
    form.into_iter().chain(exchange.request.query()).find(|(key, _)| key == name).map(|(_, value)| value)
}

/// The refresh requests of a trace that show what the candidate does with them, in order.
pub fn requests(trace: &Trace) -> Vec<&Exchange> {
    trace.exchanges.iter().filter(|exchange| is_refresh(exchange) && is_reaction(exchange)).collect()
}

/// The same of every trace, for the exchanges that carry this probe; `None`: that are no probe.
pub fn probed<'a>(run: &'a Run, probe: Option<&'a str>) -> Vec<&'a Exchange> {
    let all = run.traces.iter().flat_map(requests);
    all.filter(|exchange| exchange.probe.as_deref() == probe).collect()
}

/// Whether something came that tells what the candidate does with the request: an answer that is about more than our pace
/// or its load, or a connection that was turned away.
fn is_reaction(exchange: &Exchange) -> bool {
    match &exchange.failure {
        Some(failure) => failure.kind.is_refusal(),
        None => exchange.status().is_some_and(|status| !matches!(status, 429 | 503)),
    }
}

/// The answer to the code that the refresh token of this request came with.
pub fn first_answer<'a>(run: &'a Run, refresh: &Exchange) -> Option<&'a Exchange> {
    let trace = run.traces.iter().find(|trace| trace.scenario == refresh.scenario)?;
    let mut earlier = trace.exchanges.iter().filter(|exchange| exchange.number < refresh.number);
    earlier.rfind(|exchange| exchange.interface == Interface::Token && !is_refresh(exchange))
}

/// What came of a token request, in a few words.
pub fn outcome(exchange: &Exchange) -> Text {
    match oauth::error(exchange) {
        Some(error) => Text::same(format!("`{error}`")),
        None => oauth::answer(exchange),
    }
}

/// Why a rule on refresh tokens saw nothing: what kept us from getting one, when that is known.
pub fn none(context: &Context, run: &Run) -> Text {
    if context.candidate.login.indefinite.is_none() {
        return Text::new(
            "toestemming voor onbepaalde tijd is niet gekozen: het kandidaatbestand noemt de keuze niet (`indefinite` onder `[login]`)",
            "consent for an indefinite time was not chosen: the candidate file does not name the choice (`indefinite` under `[login]`)",
        );
    }
    let stops = run.traces.iter().flat_map(|trace| &trace.steps).filter_map(|step| step.stopped.as_ref());
    let mut stops =
        stops.filter(|stop| matches!(stop.code.as_str(), "no-refresh-token" | "no-choice" | "no-withdrawal"));
    match stops.next() {
        Some(stop) if stop.code == "no-refresh-token" => Text::new(
            "na toestemming voor onbepaalde tijd kwam er geen refresh token",
            "no refresh token came after consent for an indefinite time",
        ),
        Some(stop) => Text::new(&stop.nl, &stop.en),
        None => Text::new(
            "geen antwoord op zo'n verzoek met een refresh token; de meeste gaan alleen uit met `active = true` onder `[probes]`",
            "no answer to such a request with a refresh token; most are sent only with `active = true` under `[probes]`",
        ),
    }
}
