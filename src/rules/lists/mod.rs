//! Rules of the lists, as far as the candidate's own entry shows them.

mod entry;
pub mod list_05;
pub mod list_25;
pub mod list_26;
pub mod list_28;
