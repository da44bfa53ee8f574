//! The suites: declarative tests, one folder a gegevensdienst and version.
//!
//! Knows nothing of candidates, sockets or verdicts. Entry points: [`load`] for the files, [`model`] for the typed form.

mod check;
mod embedded;
pub mod load;
pub mod model;

pub use model::Suite;
