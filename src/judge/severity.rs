//! How heavily a finding of the validator weighs in a run. Knows nothing of waivers, nor of the register's cap.
//!
//! Entry point: [`in_run`].

use crate::diag::Severity;
use crate::fhir::validate;

/// The ids of the validator's catalogue that weigh otherwise in a run than alone.
const OTHERWISE: &[(&str, Severity)] = &[
    // Whether the value set lacks the concept, so that another code was right, is for people to judge.
    ("binding-extensible", Severity::Information),
];

/// The severity that a finding with this id and severity has in a run; `None`: it is no finding there.
pub fn in_run(code: &str, alone: validate::Severity) -> Option<Severity> {
    if let Some((_, severity)) = OTHERWISE.iter().find(|(known, _)| *known == code) {
        return Some(*severity);
    }
    match alone {
        validate::Severity::Error => Some(Severity::Error),
        validate::Severity::Warning => Some(Severity::Warning),
        validate::Severity::Information => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::validate::catalogue;

    #[test]
    fn what_weighs_otherwise_is_an_id_of_the_catalogue() {
        for (code, _) in OTHERWISE {
            assert!(catalogue::meaning(code).is_some(), "{code}");
        }
    }

    #[test]
    fn what_is_not_listed_weighs_as_it_does_alone() {
        assert_eq!(in_run("binding-extensible", validate::Severity::Warning), Some(Severity::Information));
        assert_eq!(in_run("binding-required", validate::Severity::Error), Some(Severity::Error));
        assert_eq!(in_run("binding-preferred", validate::Severity::Warning), Some(Severity::Warning));
        assert_eq!(in_run("binding-preferred", validate::Severity::Information), None);
    }
}
