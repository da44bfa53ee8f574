//! Rules of the authorization interface.

pub mod auth_01;
pub mod auth_02;
pub mod auth_03;
pub mod auth_04;
pub mod auth_05;
pub mod auth_06;
pub mod auth_07;
pub mod auth_10;
pub mod auth_11;
pub mod auth_12;
pub mod auth_14;
pub mod auth_18;
pub mod auth_21;
pub mod auth_24;
pub mod auth_25;
pub mod auth_26;
pub mod auth_27;
pub mod auth_28;
pub mod auth_29;
pub mod auth_31;
