//! The lists as the DVP keeps them: fetched in time, checked, and the last good one kept (core.alst.201, core.whl.304).

use std::sync::Mutex;
use std::sync::PoisonError;

use jiff::Timestamp;
use tokio::net::TcpStream;

use crate::diag::Severity;
use crate::lists;
use crate::lists::List;
use crate::lists::model::Whitelist;
use crate::lists::model::ZalRelease;
use crate::lists::model::Zorgaanbieder;
use crate::lists::model::Zorgaanbiederslijst;
use crate::lists::schema::Kind;
use crate::simulator::dvp::Pgo;
use crate::simulator::hasty;

/// Age at which a list is fetched anew, in seconds: well within the quarter of an hour that is allowed.
const FRESH: i64 = 600;

/// Age of the lists, in seconds, at which a DVP that wants them fresh stops.
const OLDEST: i64 = 900;

/// Bytes of a list that a DVP takes which counted on short ones.
const SHORT: usize = 64 << 10;

/// The lists that a DVP needs.
const KINDS: [Kind; 3] = [Kind::Zorgaanbiederslijst, Kind::Gegevensdienstnamenlijst, Kind::Whitelist];

/// The last good lists.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    asked: Option<Timestamp>,
    /// When the lists last came, all of them.
    came: Option<Timestamp>,
    /// Whether a list did not come, for a DVP that then gives up.
    gave_up: bool,
    zal: Option<Zorgaanbiederslijst>,
    whitelist: Option<Whitelist>,
}

impl Kept {
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.came.is_some_and(|came| now.as_second() - came.as_second() <= OLDEST)
    }
}

impl Shelf {
    fn with<T>(&self, f: impl FnOnce(&mut Kept) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The provider with this name.
    pub(super) fn provider(&self, name: &str) -> Option<Zorgaanbieder> {
        self.with(|kept| kept.zal.as_ref()?.zorgaanbieders.iter().find(|provider| provider.naam == name).cloned())
    }

    /// Whether the lists are as old as they may get, and no older.
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        self.with(|kept| kept.is_fresh(now))
    }

    /// Whether a host is on the newest whitelist.
    pub(super) fn is_listed(&self, host: &str) -> bool {
        self.with(|kept| kept.whitelist.as_ref().is_some_and(|list| list.hostnames.iter().any(|known| known == host)))
    }
}

/// Fetches the lists that are no longer fresh.
pub(super) async fn refresh(pgo: &Pgo) {
    let now = pgo.env.now();
    let fresh = if pgo.does("lists-fetched-often") { 60 } else { FRESH };
    let is_due = pgo.shelf.with(|kept| {
        // Without any list nothing can be done: it is asked for until it comes.
        let is_old = kept.asked.is_none_or(|asked| now.as_second() - asked.as_second() >= fresh);
        let is_stale = pgo.does("stops-without-fresh-lists") && !kept.is_fresh(now);
        let due = is_old || is_stale || kept.zal.is_none();
        if due {
            kept.asked = Some(now);
        }
        due
    });
    if !is_due || pgo.has("lists-fetched-once") && pgo.shelf.with(|kept| kept.zal.is_some()) {
        return;
    }
    if pgo.has("fetching-ends-after-failure") && pgo.shelf.with(|kept| kept.gave_up) {
        return;
    }
    let mut all_came = true;
    let is_first = pgo.shelf.with(|kept| kept.zal.is_none());
    if is_first && pgo.has("false-start-when-fetching") {
        start_hastily(pgo).await;
    }
    if pgo.does("all-lists-fetched") {
        // A DVP has no use for it.
        let _ = fetch(pgo, Kind::OAuthclientlist).await;
    }
    for kind in KINDS {
        let is_left = match kind {
            Kind::Gegevensdienstnamenlijst => pgo.has("names-fetched-once"),
            Kind::Whitelist => pgo.has("whitelist-fetched-once"),
            _ => false,
        };
        if is_left && !is_first {
            continue;
        }
        match fetch(pgo, kind).await {
            Some(text) => take(pgo, kind, &text),
            None => all_came = false,
        }
    }
    pgo.shelf.with(|kept| match all_came {
        true => kept.came = Some(now),
        false => kept.gave_up = true,
    });
}

/// Begins a connection with the stelselnode and does not wait for the end of its handshake.
async fn start_hastily(pgo: &Pgo) {
    let Some((tls, address)) = pgo.wire.tls(&pgo.manner("lists")).ok().zip(pgo.wire.address_of(pgo.stelselnode)) else {
        return;
    };
    if let Ok(stream) = TcpStream::connect(address).await {
        hasty::connect(stream, pgo.stelselnode, tls).await;
    }
}

async fn fetch(pgo: &Pgo, kind: Kind) -> Option<Vec<u8>> {
    let knows = |host: &str| pgo.shelf.with(|kept| kept.whitelist.is_none()) || pgo.shelf.is_listed(host);
    if pgo.has("stelselnode-by-whitelist") && !knows(pgo.stelselnode) {
        return None;
    }
    let client = pgo.wire.client_of(&pgo.manner("lists")).ok()?;
    let url = format!("https://{}/{}?api=2", pgo.stelselnode, kind.file_name()?);
    if pgo.does("lists-looked-at-first") {
        // Only whether it is there: what it tells is not used.
        let _ = client.head(&url).send().await;
    }
    let answer = client.get(url).send().await.ok()?;
    if answer.status() != reqwest::StatusCode::OK {
        return None;
    }
    answer.bytes().await.ok().map(|bytes| bytes.to_vec())
}

/// The list without the element that its schema does not know, for a DVP that reads what it expects and looks at nothing else.
fn lenient(text: &[u8]) -> Option<List> {
    let text = String::from_utf8_lossy(text).replace("<Onbekend/>", "");
    lists::parse(text.as_bytes()).ok()
}

/// Keeps a list that is good; one that is not leaves the one before in its place.
fn take(pgo: &Pgo, kind: Kind, text: &[u8]) {
    let reading = kind.file_name().map(|name| lists::read(name, text));
    let is_good = reading
        .as_ref()
        .is_some_and(|reading| reading.mistakes.iter().all(|mistake| mistake.severity < Severity::Error));
    let list = reading.and_then(|reading| reading.list).filter(|_| is_good);
    let is_newer = matches!(&list, Some(List::Zorgaanbiederslijst(list)) if list.release == ZalRelease::Release3);
    if is_newer && pgo.does("newer-list-left-unused") {
        return;
    }
    let list = list.filter(|_| text.len() <= SHORT || !pgo.has("long-list-not-read"));
    let is_used = kind == Kind::Zorgaanbiederslijst && pgo.has("invalid-list-used");
    let list = list.or_else(|| is_used.then(|| lenient(text)).flatten());
    let is_dropped = pgo.has("lists-dropped-when-invalid") || pgo.has("long-list-not-read") && text.len() > SHORT;
    if list.is_none() && is_dropped {
        pgo.shelf.with(|kept| kept.zal = None);
    }
    pgo.shelf.with(|kept| match list {
        Some(List::Zorgaanbiederslijst(list)) => kept.zal = Some(list),
        Some(List::Whitelist(list)) => kept.whitelist = Some(list),
        _ => {}
    });
}
