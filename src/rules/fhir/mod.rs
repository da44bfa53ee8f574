//! Rules on how FHIR is spoken at the resource interface; what resources hold is for the suites to judge.

pub mod fhir_01;
pub mod fhir_02;
pub mod fhir_13;
pub mod fhir_16;
pub mod fhir_17;
pub mod fhir_18;
pub mod fhir_19;
pub mod fhir_23;
