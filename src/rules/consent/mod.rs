//! Rules on consent and refresh: one file, one rule.

pub mod con_12;
