//! Reports: folds a judged run into [`RunReport`] and shows it live, as HTML, JSON, JUnit, Markdown and CSV.
//!
//! Knows outcomes and what was recorded; neither how a run is carried out nor how it is judged. Entry points:
//! [`RunReport::new`], [`write()`] for the files, [`Console`] for the terminal.

mod console;
mod csv;
pub mod desk;
mod fold;
mod html;
mod json;
mod junit;
pub mod lists;
mod markdown;
pub mod model;
pub mod tls;
pub mod validation;
pub mod words;
mod write;
mod xml;

pub use console::Color;
pub use console::Console;
pub use console::Options;
pub use console::Verbosity;
pub use fold::RunInfo;
pub use fold::SuiteInfo;
pub use html::render as html;
pub use json::render as json;
pub use json::schema;
pub use junit::render as junit;
pub use model::RunReport;
pub use write::Kind;
pub use write::ReportError;
pub use write::write;
