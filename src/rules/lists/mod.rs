//! Rules of the lists: of the candidate's own entry, and of what it fetches from a stelselnode of ours.

pub mod bare;
mod entry;
pub mod fetched;
pub mod list_05;
pub mod list_06;
pub mod list_07;
pub mod list_08;
pub mod list_09;
pub mod list_25;
pub mod list_26;
pub mod list_28;
pub mod list_32;
pub mod list_40;
pub mod list_42;
mod odd;
pub mod services;
