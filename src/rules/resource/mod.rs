//! Rules of the resource interface.

mod challenge;
pub mod reaction;
pub mod res_01;
pub mod res_02;
pub mod res_03;
pub mod res_04;
pub mod res_05;
pub mod res_06;
pub mod res_07;
pub mod res_08;
pub mod res_09;
pub mod res_10;
pub mod res_11;
pub mod res_13;
pub mod res_14;
