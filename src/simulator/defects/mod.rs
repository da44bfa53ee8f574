//! The deviations that the reference DVA can be given: each breaks one rule, so that the rule can be seen to work.
//!
//! The tables, a file for each area, say what; the interfaces of the counterpart do it. Entry points: [`DEFECTS`] and
//! [`find`].

mod authorization;
mod consent;
mod content;
mod flow;
mod lists;
mod resource;
mod security;
mod sharing;
mod tls;
mod token;

use std::sync::LazyLock;

use crate::diag::Text;

/// A planted deviation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Its name on the command line.
    pub name: &'static str,
    /// Local id of the rule that it breaks.
    pub rule: &'static str,
    /// A suite that shows it.
    pub suite: &'static str,
    /// What the rule says of it.
    pub expect: Expect,
    /// Rules, or areas of rules, that see the same deviation or lose their occasion by it.
    pub masks: &'static [&'static str],
    /// Whether it shows in production only: the counterpart says that it is there, and is not probed.
    pub in_production: bool,
    nl: &'static str,
    en: &'static str,
}

/// The verdict that a defect leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Verdict `fail`.
    Fail,
    /// Verdict `warning`.
    Warning,
    /// Verdict `observed`.
    Observed,
}

impl Expect {
    /// The word in `--list-defects`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Warning => "warning",
            Self::Observed => "observed",
        }
    }
}

impl Defect {
    /// What it does, for people.
    pub fn summary(&self) -> Text {
        Text::new(self.nl, self.en)
    }

    pub(super) const fn new(name: &'static str, rule: &'static str, nl: &'static str, en: &'static str) -> Self {
        Self { name, rule, suite: "bgz", expect: Expect::Fail, masks: &[], in_production: false, nl, en }
    }

    pub(super) const fn warns(self) -> Self {
        Self { expect: Expect::Warning, ..self }
    }

    pub(super) const fn observes(self) -> Self {
        Self { expect: Expect::Observed, ..self }
    }

    pub(super) const fn shown_by(self, suite: &'static str) -> Self {
        Self { suite, ..self }
    }

    pub(super) const fn in_production(self) -> Self {
        Self { in_production: true, ..self }
    }

    pub(super) const fn masking(self, masks: &'static [&'static str]) -> Self {
        Self { masks, ..self }
    }
}

/// The defect with this name.
pub fn find(name: &str) -> Option<&'static Defect> {
    DEFECTS.iter().find(|defect| defect.name == name)
}

/// The defects that a counterpart was given.
#[derive(Clone, Debug, Default)]
pub(super) struct Planted(pub(super) Vec<&'static Defect>);

impl Planted {
    /// Whether the defect with this name is among them.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|defect| defect.name == name)
    }
}

/// What cannot be tested when no person can log in.
const NOBODY_GETS_IN: &[&str] = &["AUTH", "TOK", "CON", "RES", "FHIR", "FLOW", "SEC", "TLS", "LIST"];

/// All defects of the reference DVA, by interface.
pub static DEFECTS: LazyLock<Vec<Defect>> = LazyLock::new(|| AREAS.concat());

const AREAS: &[&[Defect]] = &[
    authorization::DEFECTS,
    flow::DEFECTS,
    lists::DEFECTS,
    security::DEFECTS,
    token::DEFECTS,
    consent::DEFECTS,
    resource::DEFECTS,
    tls::DEFECTS,
    content::DEFECTS,
    sharing::DEFECTS,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::requirement::Cap;
    use crate::requirement::register;

    #[test]
    fn each_defect_breaks_a_rule_of_the_register_that_may_say_so() {
        for defect in DEFECTS.iter() {
            let row = register().row(defect.rule);
            let cap = row.unwrap_or_else(|| panic!("{}: no row {}", defect.name, defect.rule)).verdict;
            let may = match cap {
                Cap::Fail => matches!(defect.expect, Expect::Fail | Expect::Warning),
                // A row may be about the other side, and only record what this one does.
                Cap::Warn => matches!(defect.expect, Expect::Warning | Expect::Observed),
                _ => defect.expect == Expect::Observed,
            };
            assert!(may, "{}", defect.name);
            assert!(row.is_some_and(|row| row.judged_by.is_empty()), "{}", defect.name);
        }
        let names: BTreeSet<&str> = DEFECTS.iter().map(|defect| defect.name).collect();
        assert_eq!(names.len(), DEFECTS.len());
    }

    #[test]
    fn each_defect_is_planted_somewhere_and_nothing_else_is() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/simulator/dva");
        let mut planted = BTreeSet::new();
        for file in fs::read_dir(folder).unwrap() {
            let file = file.unwrap().path();
            if file.is_dir() {
                continue;
            }
            let text = fs::read_to_string(file).unwrap();
            let names = text.split("has(\"").skip(1).filter_map(|rest| rest.split('"').next());
            planted.extend(names.map(str::to_owned));
        }
        let listed: BTreeSet<String> = DEFECTS.iter().map(|defect| defect.name.to_owned()).collect();
        assert_eq!(planted, listed);
    }
}
