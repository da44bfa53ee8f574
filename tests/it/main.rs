//! Tests from the outside, in one binary so that it links once.

mod agreement;
mod architecture;
mod behaviours;
mod cli;
mod core_snapshots;
mod fhirpath;
mod formats;
mod fuzz;
mod hostile;
mod hostile_server;
mod meant_valid;
mod mutations;
mod packages;
mod reference;
mod registry;
mod report;
mod report_sample;
mod rules;
mod search;
mod shared;
mod snapshots;
mod suite_content;
mod terminology;
mod validate;
mod validate_output;
mod validator_cases;
