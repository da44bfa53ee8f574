//! Collecting of a DVP whose newest Whitelist lacks the provider: what TLS-14 and TLS-25 share. Judges nothing.
//! Entry point: [`occasions`].

use jiff::Timestamp;
use url::Url;

use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::Trace;
use crate::lists::List;
use crate::lists::schema::Kind;
use crate::rules::Context;
use crate::rules::lists::fetched;

/// The traces in which a person collected while the provider's token interface was not on the newest Whitelist.
pub fn occasions<'a>(context: &Context, run: &'a Run, probe: &'a str) -> impl Iterator<Item = &'a Trace> {
    let token = context.candidate.endpoints.token.host_str().unwrap_or_default().to_owned();
    run.probe_traces(probe).filter(move |trace| {
        let front = |exchange: &Exchange| matches!(exchange.interface, Interface::Client | Interface::Authorization);
        let is_probed = |exchange: &Exchange| exchange.probe.as_deref() == Some(probe);
        let mut visits = trace.exchanges.iter().filter(|exchange| front(exchange) && is_probed(exchange));
        visits.any(|exchange| lacks(run, exchange.started, &token))
    })
}

/// Whether the newest Whitelist that a DVP had taken in at a moment lacks this host.
pub fn lacks(run: &Run, moment: Timestamp, host: &str) -> bool {
    match fetched::newest(run, Kind::Whitelist, moment) {
        Some(List::Whitelist(list)) => list.hostnames.iter().all(|known| !known.eq_ignore_ascii_case(host)),
        _ => false,
    }
}

/// The host of a request.
pub fn host(exchange: &Exchange) -> String {
    Url::parse(&exchange.request.url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// Why there was no occasion.
pub fn none() -> Text {
    Text::new(
        "de DVP haalde geen Whitelist op waar de zorgaanbieder niet op staat, of verzamelde daarna niet: dat duurt minuten (`--wait`)",
        "the DVP fetched no Whitelist without the provider, or did not collect after it: that takes minutes (`--wait`)",
    )
}
