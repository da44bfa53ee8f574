//! FHIR XML: text to [`Element`] and back.
//!
//! The tree is the one that JSON gives: contained resources and those in a Bundle stand without their wrapper, the
//! narrative is a text. XML shows no types, so values are [`ScalarKind::Attribute`] and lists have no index; the
//! definitions tell. Entry points: [`parse`] and [`write()`].
//!
//! [`Element`]: crate::fhir::element::Element
//! [`ScalarKind::Attribute`]: crate::fhir::element::ScalarKind::Attribute

mod escape;
mod guard;
mod read;
mod write;

pub use escape::escape;
pub use guard::check as refuse_costly;
pub use read::parse;
pub use write::write;
pub use write::write_pretty;

/// The XML namespace of narratives.
const XHTML: &str = "http://www.w3.org/1999/xhtml";
