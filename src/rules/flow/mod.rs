//! Rules of the flow as a whole.

pub mod flow_08;
pub mod flow_16;
pub mod flow_18;
pub mod flow_36;
