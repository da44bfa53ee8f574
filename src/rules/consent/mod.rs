//! Rules on consent and refresh: one file, one rule.

pub mod con_05;
pub mod con_06;
pub mod con_11;
pub mod con_12;
pub mod con_13;
pub mod refresh;
