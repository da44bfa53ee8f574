//! The one source of what is not repeatable: the clock, UUIDs and `state`.
//!
//! Runs and their counterparts take it from here, so that tests and golden reports are the same every time, and so that
//! the expiry of codes and tokens can be tried without waiting: the reference counterparts see the clock that the
//! harness moves, and do what they would have done in the meantime ([`Env::pass`]).

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use jiff::Timestamp;

/// Where time and random values come from; clones share one source.
#[derive(Clone, Debug)]
pub struct Env {
    source: Arc<Mutex<Source>>,
}

/// What a holder of the clock does when time has passed.
pub type Chore = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Gives the chore of a holder; `None` when the holder is gone.
type Holder = Arc<dyn Fn() -> Option<Chore> + Send + Sync>;

/// What passes at a time, so that nobody's chore is more than this late.
const STEP: Duration = Duration::from_secs(30);

struct Source {
    /// A fixed moment (tests), or `None` for the machine's clock.
    fixed: Option<Timestamp>,
    /// How far the harness has moved the clock ahead.
    ahead: Duration,
    /// State of the repeatable generator, or `None` for the system's random source.
    seed: Option<u64>,
    /// Who does something by this clock.
    holders: Vec<Holder>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fixed, ahead, seed, holders } = self;
        let mut shown = f.debug_struct("Source");
        shown.field("fixed", fixed).field("ahead", ahead).field("seed", seed);
        shown.field("holders", &holders.len()).finish()
    }
}

impl Env {
    /// The machine's clock and random source.
    pub fn system() -> Self {
        Self::from(None, None)
    }

    /// A repeatable source: random values follow from the seed (`--seed`), the clock is the machine's.
    pub fn seeded(seed: u64) -> Self {
        Self::from(None, Some(seed))
    }

    /// A repeatable source that also stands still at one moment until [`Env::advance`] moves it.
    pub fn fixed(now: Timestamp, seed: u64) -> Self {
        Self::from(Some(now), Some(seed))
    }

    /// The moment it is.
    pub fn now(&self) -> Timestamp {
        self.with(|source| {
            let base = source.fixed.unwrap_or_else(Timestamp::now);
            base.checked_add(source.ahead).unwrap_or(base)
        })
    }

    /// Moves the clock ahead, for every holder of this source.
    pub fn advance(&self, by: Duration) {
        self.with(|source| source.ahead += by);
    }

    /// From now on `chore` is asked whenever time is made to pass; it gives `None` when it is to be asked no more.
    pub fn hold(&self, chore: impl Fn() -> Option<Chore> + Send + Sync + 'static) {
        self.with(|source| source.holders.push(Arc::new(chore)));
    }

    /// Lets time pass for every holder of this source: the clock is moved in small steps, and at each what is due is done.
    pub async fn pass(&self, by: Duration) {
        let mut left = by;
        while !left.is_zero() {
            let step = left.min(STEP);
            left -= step;
            self.advance(step);
            for holder in self.with(|source| source.holders.clone()) {
                match holder() {
                    Some(chore) => chore.await,
                    None => self.with(|source| source.holders.retain(|other| !Arc::ptr_eq(other, &holder))),
                }
            }
        }
    }

    /// How far the clock has been moved ahead in all.
    pub fn ahead(&self) -> Duration {
        self.with(|source| source.ahead)
    }

    /// A version 4 UUID in lower case, as the tracing ids ask.
    pub fn uuid(&self) -> String {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// A token of `bytes` random bytes in hexadecimal: for `state`, codes and access tokens.
    pub fn token(&self, bytes: usize) -> String {
        let mut buffer = vec![0; bytes];
        self.fill(&mut buffer);
        buffer.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn fill(&self, buffer: &mut [u8]) {
        self.with(|source| match &mut source.seed {
            Some(state) => buffer.iter_mut().for_each(|byte| *byte = splitmix(state)),
            None => {
                for chunk in buffer.chunks_mut(16) {
                    let random = uuid::Uuid::new_v4();
                    let mixed = uuid::Uuid::new_v4();
                    for (i, byte) in chunk.iter_mut().enumerate() {
                        // Two UUIDs, one turned half round: their fixed version bits do not meet.
                        *byte = random.as_bytes()[i] ^ mixed.as_bytes()[(i + 8) % 16];
                    }
                }
            }
        });
    }

    fn from(fixed: Option<Timestamp>, seed: Option<u64>) -> Self {
        let source = Source { fixed, ahead: Duration::ZERO, seed, holders: Vec::new() };
        Self { source: Arc::new(Mutex::new(source)) }
    }

    fn with<T>(&self, f: impl FnOnce(&mut Source) -> T) -> T {
        f(&mut self.source.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and good enough for repeatable test values; never for secrets.
fn splitmix(state: &mut u64) -> u8 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 56) as u8
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering;
    use std::task;

    use super::*;

    #[test]
    fn a_seed_gives_the_same_values_again() {
        let values = |env: Env| (env.uuid(), env.token(16));
        assert_eq!(values(Env::seeded(7)), values(Env::seeded(7)));
        assert_ne!(values(Env::seeded(7)), values(Env::seeded(8)));
        assert_ne!(values(Env::system()), values(Env::system()));
    }

    #[test]
    fn clones_share_one_clock() {
        let env = Env::fixed(Timestamp::UNIX_EPOCH, 1);
        let other = env.clone();
        env.advance(Duration::from_secs(900));
        assert_eq!(other.now().as_second(), 900);
    }

    #[test]
    fn who_holds_to_the_clock_is_asked_as_time_passes_until_it_is_gone() {
        let env = Env::fixed(Timestamp::UNIX_EPOCH, 1);
        let asked = Arc::new(AtomicUsize::new(0));
        let (seen, clock) = (Arc::clone(&asked), env.clone());
        env.hold(move || {
            seen.fetch_add(1, Ordering::Relaxed);
            (clock.ahead() <= Duration::from_secs(90)).then(|| -> Chore { Box::pin(async {}) })
        });
        let passing = std::pin::pin!(env.pass(Duration::from_secs(200)));
        assert!(passing.poll(&mut task::Context::from_waker(task::Waker::noop())).is_ready());
        assert_eq!(env.now().as_second(), 200);
        assert_eq!(asked.load(Ordering::Relaxed), 4, "at 30, 60, 90 and 120 seconds");
    }
}
