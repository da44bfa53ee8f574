//! Rules of the resource interface.

mod challenge;

pub mod res_04;
pub mod res_06;
pub mod res_07;
pub mod res_09;
