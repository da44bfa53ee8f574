#![doc = include_str!("ARCHITECTURE.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::unreachable))]

pub mod candidate;
pub mod cli;
pub mod diag;
pub mod document;
pub mod env;
pub mod event;
pub mod exchange;
pub mod fhir;
pub mod judge;
pub mod lists;
pub mod packages;
pub mod pki;
pub mod plan;
pub mod probe;
pub mod report;
pub mod requirement;
pub mod rules;
pub mod runner;
pub mod simulator;
pub mod suite;
pub mod traffic;
