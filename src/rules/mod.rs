//! Flow rules: one file, one rule. Pure functions of what was recorded.
//!
//! A rule returns a [`Judgement`] and nothing else: no printing, no IO. It knows the candidate's facts and the run, never
//! the suite. To add one: write the file, add its `mod` and its line in [`ALL`], give the reference a defect that breaks it.
//! [`explain`] says which finding is the consequence of which.

pub mod explain;

mod authorization;
mod client;
mod consent;
mod contract;
mod fhir;
mod flow;
mod lists;
mod oauth;
mod pages;
mod passage;
mod resource;
mod security;
#[cfg(test)]
pub(crate) mod testing;
mod timing;
pub mod tls;
mod token;

use crate::requirement::Role;

pub use client::is_refresh;
pub use contract::Context;
pub use contract::Judgement;
pub use contract::Rule;

/// Every rule, in the order of the register.
pub static ALL: &[&Rule] = &[
    &flow::flow_08::RULE,
    &flow::flow_14::RULE,
    &flow::flow_15::RULE,
    &flow::flow_16::RULE,
    &flow::flow_17::RULE,
    &flow::flow_18::RULE,
    &flow::flow_33::RULE,
    &flow::flow_34::RULE,
    &flow::flow_36::RULE,
    &authorization::auth_01::RULE,
    &authorization::auth_02::RULE,
    &authorization::auth_03::RULE,
    &authorization::auth_04::RULE,
    &authorization::auth_05::RULE,
    &authorization::auth_06::RULE,
    &authorization::auth_07::RULE,
    &authorization::auth_10::RULE,
    &authorization::auth_11::RULE,
    &authorization::auth_12::RULE,
    &authorization::auth_14::RULE,
    &authorization::auth_18::RULE,
    &authorization::auth_21::RULE,
    &authorization::auth_24::RULE,
    &authorization::auth_25::RULE,
    &authorization::auth_26::RULE,
    &authorization::auth_27::RULE,
    &authorization::auth_28::RULE,
    &authorization::auth_29::RULE,
    &authorization::auth_31::RULE,
    &token::tok_01::RULE,
    &token::tok_02::RULE,
    &token::tok_03::RULE,
    &token::tok_04::RULE,
    &token::tok_05::RULE,
    &token::tok_07::RULE,
    &token::tok_08::RULE,
    &token::tok_09::RULE,
    &token::tok_10::RULE,
    &token::tok_11::RULE,
    &token::tok_13::RULE,
    &token::tok_14::RULE,
    &token::tok_15::RULE,
    &token::tok_16::RULE,
    &token::tok_17::RULE,
    &token::tok_19::RULE,
    &token::tok_20::RULE,
    &token::tok_21::RULE,
    &token::tok_22::RULE,
    &token::tok_23::RULE,
    &token::tok_24::RULE,
    &token::tok_25::RULE,
    &consent::con_05::RULE,
    &consent::con_06::RULE,
    &consent::con_11::RULE,
    &consent::con_12::RULE,
    &consent::con_13::RULE,
    &resource::res_01::RULE,
    &resource::res_02::RULE,
    &resource::res_03::RULE,
    &resource::res_04::RULE,
    &resource::res_05::RULE,
    &resource::res_06::RULE,
    &resource::res_07::RULE,
    &resource::res_08::RULE,
    &resource::res_09::RULE,
    &resource::res_10::RULE,
    &resource::res_11::RULE,
    &resource::res_13::RULE,
    &resource::res_14::RULE,
    &fhir::fhir_01::RULE,
    &fhir::fhir_02::RULE,
    &fhir::fhir_13::RULE,
    &fhir::fhir_16::RULE,
    &fhir::fhir_17::RULE,
    &fhir::fhir_18::RULE,
    &fhir::fhir_19::RULE,
    &fhir::fhir_23::RULE,
    &lists::list_05::RULE,
    &lists::list_06::RULE,
    &lists::list_07::RULE,
    &lists::list_08::RULE,
    &lists::list_09::RULE,
    &lists::list_25::RULE,
    &lists::list_26::RULE,
    &lists::list_28::RULE,
    &lists::list_32::RULE,
    &lists::list_40::RULE,
    &lists::list_42::RULE,
    &tls::tls_01::RULE,
    &tls::tls_04::RULE,
    &tls::tls_05::RULE,
    &tls::tls_06::RULE,
    &tls::tls_07::RULE,
    &tls::tls_08::RULE,
    &tls::tls_09::RULE,
    &tls::tls_10::RULE,
    &tls::tls_13::RULE,
    &tls::tls_14::RULE,
    &tls::tls_15::RULE,
    &tls::tls_17::RULE,
    &tls::tls_18::RULE,
    &tls::tls_20::RULE,
    &tls::tls_21::RULE,
    &tls::tls_22::RULE,
    &tls::tls_23::RULE,
    &tls::tls_24::RULE,
    &tls::tls_25::RULE,
    &tls::tls_26::RULE,
    &tls::tls_28::RULE,
    &tls::tls_30::RULE,
    &tls::tls_31::RULE,
    &security::sec_01::RULE,
    &security::sec_02::RULE,
    &security::sec_05::RULE,
    &security::sec_06::RULE,
    &security::sec_07::RULE,
    &security::sec_08::RULE,
    &security::sec_09::RULE,
    &security::sec_13::RULE,
];

/// Rules whose row binds the client, though it names the DVA too: of a DVA they record.
const RECORDS_A_DVA: &[&str] = &["TOK-08"];

/// Whether the rule of this row records what a party of this role does, and judges nothing.
pub fn records(id: &str, role: Role) -> bool {
    role == Role::Dva && RECORDS_A_DVA.contains(&id)
}

/// The rule of a register row, by local id in any case.
pub fn rule(id: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id.eq_ignore_ascii_case(id))
}
