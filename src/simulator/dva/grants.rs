//! What the authorization server remembers: sessions of browsers, codes, access tokens and refresh tokens.
//!
//! Lifetimes are measured by the clock of the harness. Knows no HTTP. Entry point: [`Grants`].

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use jiff::Timestamp;

use crate::env::Env;

/// How long a browser may take, in seconds.
const SESSION_SECONDS: i64 = 900;

/// How long a code can be redeemed, in seconds: at most ten minutes (RFC 6749, section 4.1.2).
pub(super) const CODE_SECONDS: i64 = 600;

/// How long an access token works, in seconds (core.autorisatie.204).
pub(super) const TOKEN_SECONDS: i64 = 900;

/// How long a refresh token works, in seconds: half a year.
const REFRESH_SECONDS: i64 = 183 * 24 * 3600;

/// Random bytes of codes and tokens: 160 bits, as RFC 6749, section 10.10 advises.
const BYTES: usize = 20;

/// Most of each kind; the oldest make room.
const MOST: usize = 10_000;

/// An authorization request that passed verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    pub(super) scope: String,
    /// What the verifier of PKCE is compared with.
    pub(super) challenge: Option<String>,
}

impl Request {
    /// Whether it asks to share (Delen) instead of to collect: its scope names a service after the provider.
    pub(super) fn shares(&self) -> bool {
        self.scope.contains('~')
    }
}

/// A browser on its way through the pages.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) request: Request,
    /// The person, after login: index among the people.
    pub(super) person: Option<usize>,
    /// Value that forms carry, against requests forged by other sites.
    pub(super) form_token: String,
    until: Timestamp,
}

/// What a person gave a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) request: Request,
    pub(super) person: usize,
    /// Whether consent is for an indefinite time.
    pub(super) indefinite: bool,
}

/// What comes of presenting a code.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Presented {
    /// It is good, and used up now.
    Good(Grant),
    /// It was issued, but presented before or expired.
    Spent,
    /// It was never issued.
    Unknown,
}

/// Values of tokens that are not made here, and how long an access token works that does not as long as it should, in seconds.
#[derive(Debug, Default)]
pub(super) struct Own {
    pub(super) access: Option<String>,
    pub(super) refresh: Option<String>,
    pub(super) seconds: Option<i64>,
}

/// An access token with its companions.
#[derive(Clone, Debug)]
pub(super) struct Issued {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
}

struct Code {
    grant: Grant,
    until: Timestamp,
    spent: bool,
    /// Access tokens issued on it, revoked when it is presented again (RFC 6749, section 4.1.2).
    issued: Vec<String>,
}

struct Timed<T> {
    value: T,
    until: Timestamp,
}

/// All that was given out.
pub(super) struct Grants {
    env: Env,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    sessions: Shelf<Session>,
    codes: Shelf<Code>,
    access: Shelf<Timed<(Grant, Option<String>)>>,
    refresh: Shelf<Timed<Grant>>,
    /// Values of the forms of the overview of consents.
    tickets: Shelf<Timed<usize>>,
    /// People who gave consent, and people who saw the notice.
    consented: BTreeSet<usize>,
    counted: u32,
    noticed: BTreeSet<usize>,
}

impl Grants {
    /// Nothing given out yet.
    pub(super) fn new(env: &Env) -> Self {
        Self { env: env.clone(), memory: Mutex::default() }
    }

    /// Starts a session and gives its id.
    pub(super) fn open(&self, request: Request) -> (String, Session) {
        let (id, form_token) = (self.env.token(BYTES), self.env.token(BYTES));
        let session = Session { request, person: None, form_token, until: self.after(SESSION_SECONDS) };
        self.with(|memory| memory.sessions.put(id.clone(), session.clone()));
        (id, session)
    }

    /// The session with this id.
    pub(super) fn session(&self, id: &str) -> Option<Session> {
        let now = self.env.now();
        self.with(|memory| memory.sessions.get(id).filter(|session| session.until > now).cloned())
    }

    /// Marks a session as logged in, under a new id so that an id from before the login is worth nothing; unless it `keeps` its
    /// id.
    pub(super) fn log_in(&self, id: &str, person: usize, keeps: bool) -> Option<String> {
        let new = if keeps { id.to_owned() } else { self.env.token(BYTES) };
        self.with(|memory| {
            let mut session = memory.sessions.take(id)?;
            session.person = Some(person);
            memory.sessions.put(new.clone(), session);
            Some(new)
        })
    }

    /// Ends a session.
    pub(super) fn close(&self, id: &str) {
        self.with(|memory| memory.sessions.take(id));
    }

    /// The next of a row of numbers.
    pub(super) fn next_number(&self) -> u32 {
        self.with(|memory| {
            memory.counted += 1;
            memory.counted
        })
    }

    /// Gives out a code that is good for so long; `own` is a value of the caller's.
    pub(super) fn code(&self, grant: Grant, own: Option<String>, seconds: i64) -> String {
        let code = own.unwrap_or_else(|| self.env.token(BYTES));
        self.with(|memory| memory.consented.insert(grant.person));
        let entry = Code { grant, until: self.after(seconds), spent: false, issued: Vec::new() };
        self.with(|memory| memory.codes.put(code.clone(), entry));
        code
    }

    /// Whether a person gave consent before.
    pub(super) fn has_consented(&self, person: usize) -> bool {
        self.with(|memory| memory.consented.contains(&person))
    }

    /// Whether a person is to see the notice: once.
    pub(super) fn is_news_to(&self, person: usize) -> bool {
        self.with(|memory| memory.noticed.insert(person))
    }

    /// Takes a code in. It counts as spent from now on, whatever becomes of the request, unless `keep`.
    pub(super) fn present(&self, code: &str, keep: bool) -> Presented {
        let now = self.env.now();
        self.with(|memory| {
            let Some(entry) = memory.codes.get_mut(code) else { return Presented::Unknown };
            if entry.spent || entry.until <= now {
                let revoked = std::mem::take(&mut entry.issued);
                for token in revoked {
                    memory.access.take(&token);
                }
                return Presented::Spent;
            }
            entry.spent = !keep;
            Presented::Good(entry.grant.clone())
        })
    }

    /// Marks a code as spent that was kept when it was presented.
    pub(super) fn spend(&self, code: &str) {
        self.with(|memory| {
            if let Some(entry) = memory.codes.get_mut(code) {
                entry.spent = true;
            }
        });
    }

    /// Gives out an access token, and a refresh token when consent is for an indefinite time.
    ///
    /// `own` holds values of the caller's, for a server that is to give bad tokens. The token works for the host `holder`
    /// alone, when that is given.
    pub(super) fn issue(&self, grant: &Grant, code: Option<&str>, own: Own, holder: Option<&str>) -> Issued {
        let access = own.access.unwrap_or_else(|| self.env.token(BYTES));
        let refresh = grant.indefinite.then(|| own.refresh.unwrap_or_else(|| self.env.token(BYTES)));
        let (soon, late) = (self.after(own.seconds.unwrap_or(TOKEN_SECONDS)), self.after(REFRESH_SECONDS));
        self.with(|memory| {
            memory.access.put(access.clone(), Timed { value: (grant.clone(), holder.map(str::to_owned)), until: soon });
            if let Some(refresh) = &refresh {
                memory.refresh.put(refresh.clone(), Timed { value: grant.clone(), until: late });
            }
            if let Some(entry) = code.and_then(|code| memory.codes.get_mut(code)) {
                entry.issued.push(access.clone());
            }
        });
        Issued { access, refresh }
    }

    /// A token of `bytes` random bytes.
    pub(super) fn random(&self, bytes: usize) -> String {
        self.env.token(bytes)
    }

    /// What a refresh token stands for, when it is good.
    pub(super) fn refreshable(&self, token: &str) -> Option<Grant> {
        let now = self.env.now();
        self.with(|memory| memory.refresh.get(token).filter(|entry| entry.until > now).map(|entry| entry.value.clone()))
    }

    /// Ends a refresh token.
    pub(super) fn end_refresh(&self, token: &str) {
        self.with(|memory| memory.refresh.take(token));
    }

    /// The clients to which a person gave consent for an indefinite time.
    pub(super) fn long_consents(&self, person: usize) -> BTreeSet<String> {
        let now = self.env.now();
        self.with(|memory| {
            let mine = memory.refresh.values().filter(|entry| entry.until > now && entry.value.person == person);
            mine.map(|entry| entry.value.request.client_id.clone()).collect()
        })
    }

    /// Ends the long consent of a person to a client: its refresh tokens are worth nothing any more.
    pub(super) fn withdraw(&self, person: usize, client_id: &str) {
        let is_of = |grant: &Grant| grant.person == person && grant.request.client_id == client_id;
        self.with(|memory| memory.refresh.retain(|entry| !is_of(&entry.value)));
    }

    /// Ends the access tokens that a long consent of a person to a client brought.
    pub(super) fn end_access(&self, person: usize, client_id: &str) {
        let is_of = |grant: &Grant| grant.indefinite && grant.person == person && grant.request.client_id == client_id;
        self.with(|memory| memory.access.retain(|entry| !is_of(&entry.value.0)));
    }

    /// Lets a person in to the overview of consents; gives the value that its forms carry.
    pub(super) fn let_in(&self, person: usize) -> String {
        let ticket = self.env.token(BYTES);
        let until = self.after(SESSION_SECONDS);
        self.with(|memory| memory.tickets.put(ticket.clone(), Timed { value: person, until }));
        ticket
    }

    /// The person that was let in with this value.
    pub(super) fn let_in_as(&self, ticket: &str) -> Option<usize> {
        let now = self.env.now();
        self.with(|memory| memory.tickets.get(ticket).filter(|entry| entry.until > now).map(|entry| entry.value))
    }

    /// The person that an access token stands for when this host shows it; `None` stands for any host.
    pub(super) fn person(&self, access: &str, holder: Option<&str>) -> Option<usize> {
        let now = self.env.now();
        self.with(|memory| {
            let (grant, bound) = &memory.access.get(access).filter(|entry| entry.until > now)?.value;
            let fits = holder.is_none() || bound.is_none() || bound.as_deref() == holder;
            fits.then_some(grant.person)
        })
    }

    /// Whether an access token is for sharing (Delen) alone.
    pub(super) fn is_for_sharing(&self, access: &str) -> bool {
        self.with(|memory| memory.access.get(access).is_some_and(|entry| entry.value.0.request.shares()))
    }

    fn after(&self, seconds: i64) -> Timestamp {
        let now = self.env.now();
        now.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(now)
    }

    fn with<T>(&self, f: impl FnOnce(&mut Memory) -> T) -> T {
        f(&mut self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A table of limited size that forgets the oldest first.
pub(super) struct Shelf<T> {
    entries: HashMap<String, T>,
    order: std::collections::VecDeque<String>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { entries: HashMap::new(), order: std::collections::VecDeque::new() }
    }
}

impl<T> Shelf<T> {
    pub(super) fn put(&mut self, key: String, value: T) {
        if self.entries.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
        }
        while self.order.len() > MOST {
            if let Some(oldest) = self.order.pop_front() {
                self.entries.remove(&oldest);
            }
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&T> {
        self.entries.get(key)
    }

    fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        self.entries.get_mut(key)
    }

    fn values(&self) -> impl Iterator<Item = &T> {
        self.entries.values()
    }

    fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.entries.retain(|_, value| keep(value));
    }

    fn take(&mut self, key: &str) -> Option<T> {
        self.entries.remove(key)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn grants() -> (Env, Grants) {
        let env = Env::fixed("2030-01-01T00:00:00Z".parse().unwrap(), 1);
        let grants = Grants::new(&env);
        (env, grants)
    }

    fn grant(indefinite: bool) -> Grant {
        let request = Request {
            client_id: "pgo.example".into(),
            redirect_uri: "https://pgo.example/cb".into(),
            state: None,
            scope: "ziekenhuis".into(),
            challenge: None,
        };
        Grant { request, person: 3, indefinite }
    }

    #[test]
    fn a_code_is_good_once_and_its_token_ends_when_it_comes_again() {
        let (_, grants) = grants();
        let code = grants.code(grant(false), None, CODE_SECONDS);
        assert!(matches!(grants.present(&code, false), Presented::Good(_)));
        let issued = grants.issue(&grant(false), Some(&code), Own::default(), Some("pgo.example"));
        assert_eq!(grants.person(&issued.access, Some("pgo.example")), Some(3));
        assert_eq!(grants.person(&issued.access, Some("other.example")), None);
        assert_eq!(issued.refresh, None);
        assert_eq!(grants.present(&code, false), Presented::Spent);
        assert_eq!(grants.person(&issued.access, Some("pgo.example")), None);
        assert_eq!(grants.present("another", false), Presented::Unknown);
    }

    #[test]
    fn everything_expires_by_the_clock_of_the_harness() {
        let (env, grants) = grants();
        let late = grants.code(grant(false), None, CODE_SECONDS);
        let issued = grants.issue(&grant(true), None, Own::default(), None);
        let refresh = issued.refresh.unwrap();
        env.advance(Duration::from_secs(601));
        assert_eq!(grants.present(&late, false), Presented::Spent);
        assert_eq!(grants.person(&issued.access, Some("pgo.example")), Some(3));
        env.advance(Duration::from_secs(300));
        assert_eq!(grants.person(&issued.access, Some("pgo.example")), None);
        assert!(grants.refreshable(&refresh).is_some());
        env.advance(Duration::from_secs(183 * 24 * 3600));
        assert_eq!(grants.refreshable(&refresh), None);
    }

    #[test]
    fn a_consent_that_is_withdrawn_ends_its_refresh_tokens_and_no_access_token() {
        let (_, grants) = grants();
        let issued = grants.issue(&grant(true), None, Own::default(), None);
        let refresh = issued.refresh.unwrap();
        assert_eq!(grants.long_consents(3), BTreeSet::from(["pgo.example".to_owned()]));
        grants.withdraw(3, "other.example");
        assert!(grants.refreshable(&refresh).is_some());
        grants.withdraw(3, "pgo.example");
        assert_eq!(grants.refreshable(&refresh), None);
        assert_eq!(grants.person(&issued.access, None), Some(3));
        grants.end_access(3, "pgo.example");
        assert_eq!(grants.person(&issued.access, None), None);
    }

    #[test]
    fn login_changes_the_id_of_the_session() {
        let (_, grants) = grants();
        let (before, _) = grants.open(grant(false).request);
        let after = grants.log_in(&before, 1, false).unwrap();
        assert!(grants.session(&before).is_none());
        assert_eq!(grants.session(&after).unwrap().person, Some(1));
    }
}
