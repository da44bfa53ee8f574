//! Rules of the flow as a whole.

pub mod flow_08;
pub mod flow_14;
pub mod flow_15;
pub mod flow_16;
pub mod flow_17;
pub mod flow_18;
pub mod flow_33;
pub mod flow_34;
pub mod flow_36;
