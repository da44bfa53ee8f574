//! Rules of the security measures.

pub mod sec_01;
pub mod sec_02;
pub mod sec_05;
pub mod sec_06;
pub mod sec_07;
pub mod sec_08;
pub mod sec_09;
pub mod sec_13;
