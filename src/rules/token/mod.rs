//! Rules of the token interface.

pub mod tok_01;
pub mod tok_02;
pub mod tok_03;
pub mod tok_04;
pub mod tok_05;
pub mod tok_07;
pub mod tok_08;
pub mod tok_09;
pub mod tok_10;
pub mod tok_11;
pub mod tok_13;
pub mod tok_14;
pub mod tok_15;
pub mod tok_16;
pub mod tok_17;
pub mod tok_19;
pub mod tok_20;
pub mod tok_21;
pub mod tok_22;
pub mod tok_23;
pub mod tok_24;
pub mod tok_25;
