//! When the stelselnode of a run was there for the candidate: facts, ungraded.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// The stelselnode beside a run. What was fetched there stands among the exchanges, with interface `list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeWatch {
    /// `address:port` that it listened at.
    pub address: String,
    /// From when it listened.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Times in which it showed a certificate that nobody may take, so that nobody should have fetched anything.
    pub unsound: Vec<Stretch>,
    /// Times in which nobody looked, or whose fetches were not kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shut: Vec<Stretch>,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Stretch {
    /// Its first moment.
    pub from: Timestamp,
    /// Its last.
    pub until: Timestamp,
}

impl NodeWatch {
    /// Whether a certificate was shown at a moment that nobody may take.
    pub fn is_unsound_at(&self, moment: Timestamp) -> bool {
        self.unsound.iter().any(|span| (span.from..=span.until).contains(&moment))
    }

    /// The stretches in which lists could be fetched, in order.
    pub fn open(&self) -> Vec<Stretch> {
        let mut open = Vec::new();
        let mut from = self.from;
        let mut closed: Vec<Stretch> = self.unsound.iter().chain(&self.shut).copied().collect();
        closed.sort_by_key(|span| span.from);
        for span in closed {
            open.push(Stretch { from, until: span.from });
            from = from.max(span.until);
        }
        open.push(Stretch { from, until: self.until });
        open.retain(|span| span.from < span.until);
        open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_was_open_outside_the_times_with_unsound_certificates() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let span = |from, until| Stretch { from: at(from), until: at(until) };
        let watch = NodeWatch {
            from: at(0),
            until: at(100),
            unsound: vec![span(10, 20), span(20, 30)],
            shut: vec![span(5, 15), span(40, 50)],
            ..NodeWatch::default()
        };
        assert_eq!(watch.open(), [span(0, 5), span(30, 40), span(50, 100)]);
        assert!(watch.is_unsound_at(at(15)) && !watch.is_unsound_at(at(45)));
    }
}
