//! When a candidate asks for patience: `429 Too Many Requests` (RFC 6585, section 4), or 503 with `Retry-After`.
//!
//! That is about our pace, not about the request, so we wait and ask again, within limits. Entry point: [`Pace`].

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// Most times that one request is sent again.
const MOST: u32 = 8;

/// The wait before the second attempt where the candidate names none; it doubles.
const FIRST: Duration = Duration::from_millis(500);

/// The attempts at one request.
#[derive(Debug)]
pub struct Pace {
    left: Duration,
    attempts: u32,
}

impl Pace {
    /// Attempts that together wait no longer than this.
    pub fn new(longest: Duration) -> Self {
        Self { left: longest, attempts: 0 }
    }

    /// How long to wait before the request is sent again; `None`: no more.
    pub fn wait(&mut self, retry_after: Option<&str>, now: Timestamp) -> Option<Duration> {
        let wait = retry_after.and_then(|value| asked(value, now)).unwrap_or(FIRST * 2_u32.pow(self.attempts.min(8)));
        if self.attempts >= MOST || wait > self.left {
            return None;
        }
        self.attempts += 1;
        self.left -= wait;
        Some(wait)
    }
}

/// `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3).
fn asked(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let date = rfc2822::parse(value).ok()?.timestamp();
    // A moment that has passed asks for nothing.
    Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-03-01T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn it_waits_as_long_as_is_asked() {
        let wait = |value: &str| Pace::new(Duration::from_secs(60)).wait(Some(value), now());
        assert_eq!(wait("0"), Some(Duration::ZERO));
        assert_eq!(wait(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(wait("Sun, 01 Mar 2026 10:00:09 GMT"), Some(Duration::from_secs(9)));
        assert_eq!(wait("Sun, 01 Mar 2026 09:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("morgen"), Some(FIRST));
        assert_eq!(wait("61"), None);
        assert_eq!(wait("86400"), None);
    }

    #[test]
    fn it_gives_up_in_time_and_after_some_attempts() {
        let mut pace = Pace::new(Duration::from_secs(60));
        let waits: Vec<Duration> = std::iter::from_fn(|| pace.wait(None, now())).collect();
        assert!(waits.len() > 3 && waits.iter().sum::<Duration>() <= Duration::from_secs(60), "{waits:?}");
        let mut pace = Pace::new(Duration::from_secs(60));
        assert_eq!(std::iter::from_fn(|| pace.wait(Some("0"), now())).count(), 8);
    }
}
