//! The pages of the Authorization Server that people see.
//!
//! Judges nothing: SEC-06 and TLS-20 share it. Entry point: [`own`].

use url::Url;

use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Response;
use crate::exchange::Run;
use crate::rules::Context;

/// A page that stays on the screen.
pub(super) struct Page<'a> {
    /// The exchange that fetched it.
    pub(super) exchange: &'a Exchange,
    /// The answer that holds it.
    pub(super) response: &'a Response,
    /// Its path.
    pub(super) path: String,
}

/// Every HTML page of a regular flow that the host of the AuthorizationEndpoint serves and that does not go on by itself.
pub(super) fn own<'a>(context: &Context<'a>, run: &'a Run) -> impl Iterator<Item = Page<'a>> {
    let host = context.candidate.endpoints.authorization.host_str();
    let regular = run.exchanges().filter(|exchange| exchange.probe.is_none() && exchange.forward.is_none());
    regular.filter_map(move |exchange| {
        if !matches!(exchange.interface, Interface::Authorization | Interface::Page) || !exchange.succeeded() {
            return None;
        }
        let response = exchange.response.as_ref()?;
        let is_html = response.media_type().as_deref() == Some("text/html");
        let url = Url::parse(&exchange.request.url).ok()?;
        (is_html && url.host_str() == host).then(|| Page { exchange, response, path: url.path().to_owned() })
    })
}
