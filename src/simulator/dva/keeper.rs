//! The lists as the DVA holds them: fetched in time (core.ocl.201, core.gnl.201, core.whl.302), checked by their schema
//! (core.whl.304), and the last good one kept.
//!
//! Without a [`Source`] the DVA knows whom it is configured to know. Entry points: [`tick`] for what is due by the clock,
//! [`Keeper`] for what the lists say.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::PoisonError;

use jiff::Timestamp;
use reqwest::Client;
use tokio::net::TcpStream;
use url::Url;

use crate::lists;
use crate::lists::List;
use crate::lists::model::OAuthclient;
use crate::lists::model::OAuthclientlist;
use crate::lists::model::Shape;
use crate::lists::model::Whitelist;
use crate::lists::schema::Kind;
use crate::simulator::dva::roles::SYSTEEMROLLEN;
use crate::simulator::dva::world::World;
use crate::simulator::hasty;
use crate::simulator::wire::Manner;
use crate::simulator::wire::ONLY_1_2;
use crate::simulator::wire::Trust;
use crate::simulator::wire::Wire;

/// Age at which a list is fetched anew, in seconds: well within the quarter of an hour that is allowed.
const FRESH: i64 = 600;

/// The longest age that is allowed, in seconds.
const LONGEST: i64 = 900;

/// An age that is not, in seconds.
const TOO_LATE: i64 = 1200;

/// How long a provider that left the list is to be served, in seconds (core.gegevensdiensten.104).
const GRACE: i64 = 3600;

/// How long a list lies before it is taken in, by the behaviour that takes its time, in seconds.
const LATER: i64 = 60;

/// The lists of the stelselnode, in the order of fetching: the Whitelist first, for it says who may be visited.
const KINDS: [Kind; 4] =
    [Kind::Whitelist, Kind::OAuthclientlist, Kind::Gegevensdienstnamenlijst, Kind::Zorgaanbiederslijst];

/// Where the DVA fetches its lists.
#[derive(Clone, Debug)]
pub struct Source {
    /// Host name of the stelselnode.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// The lists of a DVA.
#[derive(Default)]
pub(super) struct Keeper {
    source: Option<Source>,
    /// The connections of its nodes: one, or one for each host.
    nodes: Vec<Wire>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    whitelist: Option<Whitelist>,
    ocl: Option<OAuthclientlist>,
    /// When our provider was missing from the provider list first.
    left: Option<Timestamp>,
    /// When each node asked for each list last.
    asked: BTreeMap<(usize, Kind), Timestamp>,
    /// What is to be taken in at a moment.
    later: Vec<(Timestamp, List)>,
    /// Clients and hosts that were ever listed, and those of the first lists.
    ever: BTreeSet<String>,
    first: BTreeSet<String>,
    /// Clients that were listed and then were not.
    gone: BTreeSet<String>,
    /// The list that brought the DVA down.
    down: Option<Kind>,
}

impl Keeper {
    /// Fetches from this source, with these connections.
    pub(super) fn new(source: Source, nodes: Vec<Wire>) -> Self {
        Self { source: Some(source), nodes, held: Mutex::default() }
    }

    /// Whether lists are fetched at all.
    pub(super) fn is_fetching(&self) -> bool {
        self.source.is_some()
    }

    fn with<T>(&self, f: impl FnOnce(&mut Held) -> T) -> T {
        f(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn client<T>(&self, client_id: &str, f: impl FnOnce(&OAuthclient) -> T) -> Option<T> {
        self.with(|held| held.ocl.as_ref()?.clients.iter().find(|client| client.hostname == client_id).map(f))
    }
}

impl World {
    /// Whether a client is on the newest OAuth Client List.
    pub(super) fn lists_client(&self, client_id: &str) -> bool {
        if !self.keeper.is_fetching() {
            return true;
        }
        let listed = self.keeper.client(client_id, |_| ()).is_some();
        self.keeper.with(|held| {
            let kept = self.has("removed-client-served") && held.ever.contains(client_id);
            let forgotten = self.has("new-client-refused") && held.gone.contains(client_id);
            held.down.is_none() && (listed && !forgotten || kept)
        })
    }

    /// Whether a host is on the newest Whitelist.
    pub(super) fn lists_host(&self, host: &str, configured: bool) -> bool {
        if !self.keeper.is_fetching() {
            return configured;
        }
        self.keeper.with(|held| {
            let Some(list) = &held.whitelist else { return self.has("let-in-without-whitelist") };
            let is_on = list.hostnames.iter().any(|on| on.eq_ignore_ascii_case(host));
            let kept = self.has("removed-host-let-in") && held.ever.contains(host);
            let unknown = self.has("added-host-refused") && !held.first.contains(host);
            let all = self.has("let-in-without-whitelist") && list.hostnames.is_empty();
            held.down.is_none() && (is_on && !unknown || kept || all)
        })
    }

    /// The name of a client for people: that of the list, else its id.
    pub(super) fn client_name(&self, client_id: &str) -> String {
        let listed = self.keeper.client(client_id, |client| client.organisatienaam.clone());
        listed.unwrap_or_else(|| client_id.to_owned())
    }

    /// Whether the list tells the services of a client, and this is none of them.
    pub(super) fn lacks_service(&self, client_id: &str, service: &str) -> bool {
        self.keeper
            .client(client_id, |client| {
                let mut told = client.interfaceversies.iter().flat_map(|version| &version.gegevensdiensten);
                !client.interfaceversies.is_empty() && !told.any(|id| id == service)
            })
            .unwrap_or(false)
    }

    /// Whether the list tells the services of a client, and none of them is served here.
    pub(super) fn lacks_every_service(&self, client_id: &str) -> bool {
        let mut served =
            SYSTEEMROLLEN.iter().filter(|role| self.sets.iter().any(|set| set.systeemrollen.contains(&role.code)));
        !self.has("services-of-client-list-ignored") && served.all(|role| self.lacks_service(client_id, role.service()))
    }

    /// Whether our provider is no longer served, as it left the provider list: an hour after that by one behaviour, at once by
    /// one defect.
    pub(super) fn has_ended(&self) -> bool {
        let left = self.keeper.with(|held| held.left);
        left.is_some_and(|left| {
            let seconds = self.env.now().as_second() - left.as_second();
            self.has("delisted-provider-refused") || self.does("provider-ended-after-an-hour") && seconds > GRACE
        })
    }
}

/// Does what is due: takes in what lay ready, and fetches what is no longer fresh.
pub(super) async fn tick(world: &World) {
    let Some(source) = &world.keeper.source else { return };
    let now = world.env.now();
    let ready = world.keeper.with(|held| {
        let (ready, later) = held.later.drain(..).partition(|(at, _)| *at <= now);
        held.later = later;
        let ready: Vec<(Timestamp, List)> = ready;
        ready
    });
    for (_, list) in ready {
        take(world, list);
    }
    if world.has("false-start-when-fetching") && world.keeper.with(|held| held.asked.is_empty()) {
        start_hastily(world, source).await;
    }
    for (node, wire) in world.keeper.nodes.iter().enumerate() {
        let mut shared = None;
        for kind in KINDS.into_iter().filter(|kind| is_due(world, source, node, *kind, now)) {
            world.keeper.with(|held| held.asked.insert((node, kind), now));
            let client = match (&shared, shows(world, kind)) {
                (Some(client), true) if !world.does("lists-fetched-one-by-one") => Client::clone(client),
                (_, shows) => match wire.client(shows, trust(world)) {
                    Ok(client) => client,
                    // A connection that cannot be made fetches nothing.
                    Err(_) => continue,
                },
            };
            if let Some(text) = fetch(world, source, &client, kind).await {
                receive(world, kind, &text, now);
            }
            shared = shows(world, kind).then_some(client);
        }
    }
}

/// Begins a connection with the stelselnode and does not wait for the end of its handshake.
async fn start_hastily(world: &World, source: &Source) {
    let Some(wire) = world.keeper.nodes.first() else { return };
    let identity = Some(&wire.identity);
    let manner = Manner { trust: Trust::Sound, identity, versions: ONLY_1_2, capitals: false, keeps: true };
    let Some((tls, address)) = wire.tls(&manner).ok().zip(wire.address_of(&source.host)) else { return };
    if let Ok(stream) = TcpStream::connect((address.ip(), source.port)).await {
        hasty::connect(stream, &source.host, tls).await;
    }
}

/// Whether a node is to ask for a list.
fn is_due(world: &World, source: &Source, node: usize, kind: Kind, now: Timestamp) -> bool {
    let (has, does) = (|name| world.has(name), |name| world.does(name));
    let left_out = match kind {
        Kind::Zorgaanbiederslijst => does("provider-list-not-fetched"),
        Kind::Gegevensdienstnamenlijst => has("names-list-never-fetched"),
        _ => false,
    };
    // A second node serves data only: it needs to know who may come.
    if left_out || node > 0 && kind != Kind::Whitelist {
        return false;
    }
    let asked = world.keeper.with(|held| held.asked.get(&(node, kind)).copied());
    let Some(asked) = asked else { return true };
    let once = match kind {
        Kind::OAuthclientlist => has("client-list-fetched-once"),
        Kind::Whitelist => {
            has("whitelist-fetched-once") || has("stelselnode-must-be-listed") && !is_listed(world, source)
        }
        _ => false,
    };
    let late = match kind {
        Kind::OAuthclientlist => has("client-list-fetched-late"),
        Kind::Gegevensdienstnamenlijst => has("names-list-fetched-late"),
        Kind::Whitelist => has("whitelist-fetched-late") || node > 0 && has("whitelist-of-second-node-late"),
        _ => false,
    };
    let fresh = match (late, does("lists-fetched-each-minute"), does("lists-fetched-at-the-last-moment")) {
        (true, ..) => TOO_LATE,
        (_, true, _) => LATER,
        (.., true) => LONGEST,
        _ => FRESH,
    };
    !once && now.as_second() - asked.as_second() >= fresh
}

fn is_listed(world: &World, source: &Source) -> bool {
    world.keeper.with(|held| held.whitelist.as_ref().is_none_or(|list| list.hostnames.contains(&source.host)))
}

/// Whether the client certificate is shown.
fn shows(world: &World, kind: Kind) -> bool {
    let hidden = world.has("lists-fetched-without-certificate")
        || kind == Kind::OAuthclientlist && world.has("client-list-fetched-without-certificate");
    !hidden
}

fn trust(world: &World) -> Trust {
    match (world.has("any-stelselnode-trusted"), world.has("host-of-stelselnode-not-checked")) {
        (true, _) => Trust::Anyone,
        (_, true) => Trust::AnyHost,
        _ => Trust::Sound,
    }
}

async fn fetch(world: &World, source: &Source, client: &Client, kind: Kind) -> Option<Vec<u8>> {
    let url = format!("https://{}:{}/{}?api=2", source.host, source.port, kind.file_name()?);
    let mut answer = client.get(url).send().await.ok()?;
    if answer.status().is_redirection() {
        let location = answer.headers().get(reqwest::header::LOCATION)?.to_str().ok()?;
        let target = answer.url().join(location).ok()?;
        answer = follow(world, client, target).await?;
    }
    if answer.status() != reqwest::StatusCode::OK {
        return None;
    }
    answer.bytes().await.ok().map(|bytes| bytes.to_vec())
}

/// Goes where the stelselnode sends, but only to a host on the Whitelist (core.whl.307).
async fn follow(world: &World, client: &Client, target: Url) -> Option<reqwest::Response> {
    let host = target.host_str()?;
    let is_listed = world
        .keeper
        .with(|held| held.whitelist.as_ref().is_some_and(|list| list.hostnames.iter().any(|on| on == host)));
    if is_listed || world.has("redirect-to-unlisted-host-followed") {
        return client.get(target).send().await.ok();
    }
    if world.does("connects-before-whitelist-check") {
        // The connection is closed again before anything is said.
        drop(TcpStream::connect((host, target.port_or_known_default()?)).await);
    }
    None
}

/// Takes in a list that is good; one that is not leaves the one before in its place.
fn receive(world: &World, kind: Kind, text: &[u8], now: Timestamp) {
    let list = match lists::parse(text) {
        Ok(list) => Some(list),
        Err(_) => {
            let used = match kind {
                Kind::OAuthclientlist => world.has("invalid-client-list-used"),
                Kind::Whitelist => world.has("invalid-whitelist-used"),
                _ => false,
            };
            let read = lists::read("", text).list;
            if read.is_none() && world.has("stops-at-broken-list") {
                world.keeper.with(|held| held.down = Some(kind));
            }
            read.filter(|_| used)
        }
    };
    let Some(list) = list.filter(|list| list.kind() == kind) else { return };
    let is_flat = matches!(&list, List::Whitelist(list) if list.shape == Shape::Flat);
    if is_flat && world.has("stops-at-flat-whitelist") {
        return world.keeper.with(|held| held.down = Some(kind));
    }
    if is_flat && world.does("flat-whitelist-not-used") {
        return;
    }
    let is_first = world.keeper.with(|held| match kind {
        Kind::Whitelist => held.whitelist.is_none(),
        Kind::OAuthclientlist => held.ocl.is_none(),
        _ => true,
    });
    if world.does("lists-taken-in-later") && !is_first {
        let at = now.checked_add(jiff::SignedDuration::from_secs(LATER)).unwrap_or(now);
        return world.keeper.with(|held| held.later.push((at, list)));
    }
    take(world, list);
}

fn take(world: &World, list: List) {
    world.keeper.with(|held| {
        if held.down == Some(list.kind()) {
            held.down = None;
        }
        match list {
            List::Whitelist(list) => {
                if held.whitelist.is_none() {
                    held.first.extend(list.hostnames.iter().cloned());
                }
                held.ever.extend(list.hostnames.iter().cloned());
                held.whitelist = Some(list);
            }
            List::OAuthclientlist(list) => {
                let before = held.ocl.iter().flat_map(|list| &list.clients).map(|client| client.hostname.clone());
                let is_on = |host: &String| list.clients.iter().any(|client| client.hostname == *host);
                let gone: Vec<String> = before.filter(|host| !is_on(host)).collect();
                held.gone.extend(gone);
                held.ever.extend(list.clients.iter().map(|client| client.hostname.clone()));
                held.ocl = Some(list);
            }
            List::Zorgaanbiederslijst(list) => {
                let name = format!("{}@medmij", world.names.provider);
                let is_on = list.zorgaanbieders.iter().any(|provider| provider.naam == name);
                held.left = if is_on { None } else { held.left.or(Some(world.env.now())) };
            }
            // Names of services stand on none of our pages (release 2.2.4 shows those of provider and PGO).
            List::Gegevensdienstnamenlijst(_) | List::Zorgaanbiederskoppellijst(_) => {}
        }
    });
}
