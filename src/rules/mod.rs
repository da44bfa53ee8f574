//! Flow rules: one file, one rule. Pure functions of what was recorded.
//!
//! A rule returns a [`Judgement`] and nothing else: no printing, no IO. It knows the candidate's facts and the run, never
//! the suite. To add one: write the file, add its `mod` and its line in [`ALL`], give the reference a defect that breaks it.

mod contract;

pub use contract::Context;
pub use contract::Judgement;
pub use contract::Rule;

/// Every rule, in the order of the register.
pub static ALL: &[&Rule] = &[];

/// The rule of a register row, by local id in any case.
pub fn rule(id: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id.eq_ignore_ascii_case(id))
}
