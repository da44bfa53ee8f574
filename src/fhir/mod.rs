//! FHIR: definitions, snapshots, compiled schemas, validation and FHIRPath.
//!
//! Pure: reads text that others fetched, never opens a file or a socket. Knows nothing of MedMij, suites or HTTP.
//! Entry points: [`json::parse`] and [`xml::parse`] for a resource, `DefinitionSet` for what to judge it by,
//! `validate` for the verdict and [`path`] for FHIRPath.

pub mod definitions;
pub mod element;
pub mod json;
pub mod locate;
#[cfg(test)]
mod mutation;
pub mod path;
pub mod relative_date;
pub mod schema;
pub mod search;
pub mod snapshot;
pub mod syntax;
pub mod terminology;
pub mod validate;
pub mod xml;

pub use element::{Element, Scalar, ScalarKind, Span};
