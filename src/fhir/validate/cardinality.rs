//! Constraint: how often an element stands.

use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

impl Run<'_> {
    /// Compares the number of items of a child with its cardinality; a finding stands at the parent.
    pub fn cardinality(&mut self, parent: Spot<'_>, rule: Rule<'_>, count: usize) {
        let name = &rule.node.name;
        let (min, max) = (rule.node.min, rule.node.max);
        if count < min as usize {
            let expected = text!("minstens {min} keer `{name}`", "at least {min} `{name}`");
            self.find(parent, "cardinality-min", rule, expected, text!("{count} keer", "{count}"));
        }
        if let Some(max) = max
            && count > max as usize
        {
            let expected = text!("hoogstens {max} keer `{name}`", "at most {max} `{name}`");
            self.find(parent, "cardinality-max", rule, expected, text!("{count} keer", "{count}"));
        }
    }
}
