//! What a DVP does after it fetched a list that is not as usual: whether it goes by it, and whether it goes on at all.
//!
//! For LIST-09. Entry point: [`each`].

use jiff::Timestamp;
use url::Url;

use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::StopKind;
use crate::exchange::Trace;
use crate::lists::List;
use crate::lists::model::Shape;
use crate::lists::model::ZalRelease;
use crate::lists::schema::Kind;
use crate::rules::lists::fetched;
use crate::text;

/// The lists that a DVP fetches.
const KINDS: [Kind; 3] = [Kind::Zorgaanbiederslijst, Kind::Gegevensdienstnamenlijst, Kind::Whitelist];

/// What each collecting shows that went with one of these probes and came after an odd list.
pub fn each(run: &Run, probes: &[&str]) -> Vec<Option<Issue>> {
    let traces = probes.iter().flat_map(|probe| run.probe_traces(probe).map(|trace| (*probe, trace)));
    traces.filter_map(|(probe, trace)| of(run, probe, trace)).collect()
}

/// `None` when it shows nothing.
fn of(run: &Run, probe: &str, trace: &Trace) -> Option<Option<Issue>> {
    let mut front = trace.exchanges.iter().filter(|exchange| is_front(exchange));
    let begun = front.find(|exchange| exchange.probe.as_deref() == Some(probe))?;
    let lists = odd(run, begun.started, &KINDS);
    // What went wrong at our side or with a person tells nothing of the DVP.
    let is_whole = trace.steps.iter().filter_map(|step| step.stopped.as_ref()).all(|s| s.kind == StopKind::Candidate);
    if lists.is_empty() || !is_whole {
        return None;
    }
    if let Some(issue) = leads_on(run, trace, begun.started) {
        return Some(Some(issue));
    }
    if presents(trace) {
        return Some(None);
    }
    // In the browser of a person nothing is seen of the DVP until it sends the browser on.
    let ours = trace.exchanges.iter().any(|exchange| exchange.interface == Interface::Client);
    if !ours && !trace.exchanges.iter().any(gives_code) || !run.traces.iter().any(works) {
        return None;
    }
    let lists = lists.join(", ");
    let expected = text!(
        "verzamelen gaat door na een {lists} die anders is dan anders",
        "collecting goes on after a {lists} that is not as usual"
    );
    let seen = Text::new("de DVP bood geen code aan", "the DVP presented no code");
    Some(Some(Issue::error("stopped-by-list", lists, expected, seen).at(begun.number)))
}

/// A browser that was sent to an address which only a Zorgaanbiederslijst has that breaks its schema.
fn leads_on(run: &Run, trace: &Trace, begun: Timestamp) -> Option<Issue> {
    let sent = trace.exchanges.iter().find(|exchange| {
        exchange.started >= begun && matches!(exchange.interface, Interface::Authorization | Interface::Page)
    })?;
    let mut address = Url::parse(&sent.request.url).ok()?;
    address.set_query(None);
    address.set_fragment(None);
    let all = fetched::of(run, Kind::Zorgaanbiederslijst);
    let part = format!(">{address}<");
    let holds = |exchange: &&&Exchange| {
        let text = exchange.response.as_ref().and_then(|response| response.body.text()).unwrap_or_default();
        exchange.succeeded() && text.contains(&part)
    };
    let mut with_it = all.iter().filter(holds).peekable();
    let is_of_bad = with_it.peek().is_some() && with_it.all(|exchange| fetched::read(exchange).is_none());
    let expected = Text::new("een adres van de lijst daarvoor", "an address of the list before");
    let seen = text!(
        "`{address}`, uit een lijst die niet aan het schema voldoet",
        "`{address}`, of a list that breaks its schema"
    );
    is_of_bad.then(|| Issue::error("bad-list-used", "Zorgaanbiederslijst", expected, seen).at(sent.number))
}

/// The names of the lists of these kinds that came last before a moment and are not as usual.
pub fn odd(run: &Run, moment: Timestamp, kinds: &[Kind]) -> Vec<&'static str> {
    let is_odd = |kind: &Kind| {
        let last = fetched::before(run, *kind, moment).next_back();
        last.is_some_and(|list| match list {
            None => true,
            Some(List::Whitelist(list)) => list.shape == Shape::Flat,
            Some(List::Zorgaanbiederslijst(list)) => list.release == ZalRelease::Release3,
            Some(_) => false,
        })
    };
    kinds.iter().copied().filter(is_odd).map(Kind::name).collect()
}

fn is_front(exchange: &Exchange) -> bool {
    matches!(exchange.interface, Interface::Client | Interface::Authorization | Interface::Page)
}

fn presents(trace: &Trace) -> bool {
    trace.exchanges.iter().any(|exchange| exchange.interface == Interface::Token)
}

fn gives_code(exchange: &Exchange) -> bool {
    is_front(exchange) && exchange.forward.as_deref().is_some_and(|to| to.contains("code="))
}

/// Whether collecting went well in a scenario without deviations.
fn works(trace: &Trace) -> bool {
    let mut all = trace.exchanges.iter();
    all.any(|exchange| exchange.interface == Interface::Token && exchange.succeeded() && exchange.probe.is_none())
}
