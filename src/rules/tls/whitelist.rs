//! Reading of exchanges with a host that is on no Whitelist: what the answer gives away.
//!
//! Judges nothing: TLS-14, TLS-26 and TLS-28 share it. Entry points: [`by_unlisted`], [`gives_data`].

use crate::candidate::Standing;
use crate::diag::Text;
use crate::exchange::Certificate;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::text;

/// The probe of that host while a Whitelist of ours has it.
pub const ADDED: &str = "host-added";

/// The requests of the host that is on no Whitelist and what came of them, when that tells anything: an answer, or a
/// connection that was turned away.
pub fn by_unlisted(run: &Run) -> impl Iterator<Item = &Exchange> {
    let name = Standing::Unlisted.word();
    run.exchanges()
        .filter(move |exchange| matches!(&exchange.certificate, Certificate::Other(shown) if shown == name))
        .filter(|exchange| matches!(exchange.interface, Interface::Token | Interface::Resource))
        .filter(|exchange| exchange.probe.as_deref() != Some(ADDED) && is_reaction(exchange))
}

/// Whether an exchange shows what the candidate does with the host.
pub fn is_reaction(exchange: &Exchange) -> bool {
    match &exchange.failure {
        Some(failure) => failure.kind.is_refusal(),
        None => exchange.response.is_some() && !exchange.asks_for_patience(),
    }
}

/// Whether the answer holds a FHIR resource that is no error.
pub fn gives_data(exchange: &Exchange) -> bool {
    let Some(response) = exchange.response.as_ref().filter(|_| exchange.succeeded()) else { return false };
    let Some(text) = response.body.text() else { return false };
    let is_resource = match response.body.json() {
        Some(json) => json.get("resourceType").is_some_and(|kind| kind != "OperationOutcome"),
        None => text.contains("http://hl7.org/fhir") && !text.contains("<OperationOutcome"),
    };
    is_resource || response.media_type().is_some_and(|kind| kind == "application/pdf")
}

/// Why a rule that needs an identity saw nothing.
pub fn no_reaction(standing: Standing) -> Text {
    let word = standing.word();
    text!(
        "geen reactie op een verzoek met het certificaat van `[[identities]]` met `standing = \"{word}\"`; \
         zulke verzoeken gaan alleen uit met `active = true` onder `[probes]`",
        "no reaction to a request with the certificate of `[[identities]]` with `standing = \"{word}\"`; \
         such requests are sent only with `active = true` under `[probes]`"
    )
}
