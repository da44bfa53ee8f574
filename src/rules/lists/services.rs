//! What the OAuth Client List tells of our services, for TOK-19 and AUTH-14. Judges nothing. Entry point: [`told`].

use crate::diag::Text;
use crate::exchange::Run;
use crate::lists::List;
use crate::lists::model::OAuthclient;
use crate::lists::model::OAuthclientlist;
use crate::lists::roles;
use crate::lists::schema::Kind;
use crate::rules::Context;
use crate::rules::lists::fetched;
use crate::rules::passage::Passage;

/// A list that has services for us, and none that the candidate offers.
pub struct Told {
    /// The services on it.
    pub services: Vec<String>,
    /// Whether the passage shows that the candidate uses the list: our name on it stands on a page and is a new one, or the client
    /// was turned away.
    pub is_taken_in: bool,
}

/// What the newest list tells before a passage; `None` when it has no services for us, or one that the candidate offers.
pub fn told(context: &Context, run: &Run, passage: &Passage) -> Option<Told> {
    let lists = fetched::before(run, Kind::OAuthclientlist, passage.started());
    let mut lists = lists.rev().filter_map(|list| match list? {
        List::OAuthclientlist(list) => Some(list),
        _ => None,
    });
    let newest = us(context, &lists.next()?)?;
    let services: Vec<String> =
        newest.interfaceversies.iter().flat_map(|version| version.gegevensdiensten.iter().cloned()).collect();
    let offered = context.candidate.endpoints.resource.keys().filter_map(|code| roles::gegevensdienst(code));
    if services.is_empty() || offered.into_iter().any(|id| services.iter().any(|own| own == id)) {
        return None;
    }
    let before = lists.find_map(|list| us(context, &list)).map(|client| client.organisatienaam);
    let is_new = before.is_none_or(|name| !name.contains(&newest.organisatienaam));
    let is_shown = is_new && passage.shows(&newest.organisatienaam);
    Some(Told { services, is_taken_in: is_shown || !passage.is_granted() })
}

/// Why a rule that needs one of these passages saw nothing: it was not gone through, or does not show the list.
pub fn unused(context: &Context, run: &Run, probes: &[&str]) -> Text {
    match probes.iter().any(|probe| !Passage::all(context, run, probe).is_empty()) {
        true => Text::new(
            "niets liet zien dat de kandidaat een OAuth Client List met gegevensdiensten gebruikt, of hij biedt niet aan wat werd gevraagd",
            "nothing showed that the candidate uses an OAuth Client List with services, or it does not offer what was asked",
        ),
        false => fetched::needs_time(context, run),
    }
}

fn us(context: &Context, list: &OAuthclientlist) -> Option<OAuthclient> {
    list.clients.iter().find(|client| client.hostname == context.candidate.client.client_id).cloned()
}
