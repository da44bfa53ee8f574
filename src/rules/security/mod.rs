//! Rules of the security measures.

pub mod sec_01;
pub mod sec_02;
pub mod sec_06;
