//! The built-in counterparts: what a candidate talks to, and what a candidate is compared with.
//!
//! They take their clock and random values from [`Env`] and listen on loopback only. Know nothing of suites, rules and
//! verdicts: a [`Defect`] names the rule that it breaks, a [`Behaviour`] the text
//! that allows it, and no more. Entry points: [`dva::start`], [`stelselnode::start`],
//! [`DEFECTS`] and [`BEHAVIOURS`].
//!
//! [`Env`]: crate::env::Env

pub mod behaviours;
mod body;
pub mod defects;
pub mod dva;
pub mod dvp;
mod error;
mod hasty;
mod http;
mod met;
mod old_version;
mod patient;
pub mod reference;
pub mod stelsel;
pub mod stelselnode;
mod wire;

pub use behaviours::BEHAVIOURS;
pub use behaviours::Behaviour;
pub use defects::DEFECTS;
pub use defects::Defect;
pub use defects::Expect;
pub use error::SimulatorError;
pub use http::accepted;
