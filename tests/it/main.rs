//! Tests from the outside, in one binary so that it links once.

mod fhirpath;
mod formats;
mod search;
mod report;
mod report_sample;
mod shared;
mod snapshots;
mod validate;
