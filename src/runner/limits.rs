//! How long a candidate may take and how much it may send, whatever it is up to.

use std::time::Duration;

/// Limits of a run. Nothing that a candidate sends takes more time or memory than these allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest wait for a whole answer of the resource interface.
    pub resource: Duration,
    /// Longest wait for any other whole answer.
    pub other: Duration,
    /// Longest wait in all before one request is sent again, when the candidate asks for patience.
    pub patience: Duration,
    /// Largest body that is taken, in bytes.
    pub body: usize,
    /// Bytes of all bodies of a run together.
    pub run: usize,
    /// Bytes that are kept of a body that is larger than is taken: enough to see what it was.
    pub kept: usize,
    /// Pages that are fetched of one search.
    pub pages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Past the 60 s that core.rscint.202 allows.
            resource: Duration::from_secs(90),
            // Past the 10 s that core.tknint.206 allows.
            other: Duration::from_secs(30),
            patience: Duration::from_secs(60),
            body: 64 << 20,
            run: 512 << 20,
            kept: 64 << 10,
            pages: 200,
        }
    }
}
