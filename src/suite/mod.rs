//! The suites: declarative tests, one folder a gegevensdienst and version.
//!
//! Knows nothing of candidates, sockets or verdicts. Entry points: [`model`] for the typed form.

pub mod model;

pub use model::Suite;
