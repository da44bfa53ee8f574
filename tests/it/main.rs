//! Tests from the outside, in one binary so that it links once.

mod architecture;
mod fhirpath;
mod formats;
mod reference;
mod report;
mod report_sample;
mod rules;
mod search;
mod shared;
mod snapshots;
mod suite_content;
mod validate;
