//! FHIR JSON: text to [`Element`] and back.
//!
//! Exact: numbers keep their text, the order stays, each element knows where it stood. Text that is no JSON is an
//! error; JSON that FHIR does not allow (an empty list, a lone `null`) is read as far as it goes and listed.
//! Knows no types when reading. Entry points: [`parse`] and [`write()`].

mod read;
mod scan;
mod shadow;
mod write;

pub use read::parse;
pub use write::write;
pub use write::write_element;
pub use write::write_pretty;
