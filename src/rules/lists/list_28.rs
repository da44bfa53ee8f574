//! LIST-28: the grammar of the name of a provider.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::lists::simple;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::text;

declare_rule! {
    /// The MedMij name of the provider follows the grammar of the Namenbeleid: segments with one hyphen, ampersand or dot between
    /// them, then `@medmij`; a segment is made of fragments, each one or more letters a-z with at most four digits behind them.
    ///
    /// ## How it is tested
    /// The name in the candidate file is held against the grammar.
    /// ## Not covered
    /// Whether the name is the right one for the provider, and unique: only the register of MedMij can tell.
    /// ## Source
    /// Afsprakenstelsel, Namenbeleid .7 (change AF-1049).
    pub static RULE = {
        id: "LIST-28",
        summary: "the name of the provider follows the Namenbeleid",
        dva: check,
    }
}

fn check(context: &Context, _: &Run) -> Judgement {
    let name = &context.candidate.provider;
    let simple = &simple::ZORGAANBIEDERNAAM;
    let mut issues = Vec::new();
    if !simple.holds(name) {
        let expected = Text::new(simple.words.0, simple.words.1);
        issues.push(Issue::error("provider-name", "Zorgaanbiedernaam", expected, text!("`{name}`", "`{name}`")));
    }
    Judgement::Seen { occasions: 1, issues }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::issues_of;

    fn issues(name: &str) -> usize {
        issues_of(&RULE, Recording::new(), |candidate| name.clone_into(&mut candidate.provider)).len()
    }

    #[test]
    fn names_of_the_grammar_pass() {
        for name in ["ziekenhuis@medmij", "a@medmij", "de-praktijk.noord2@medmij", "zorg12a34&co.nl@medmij"] {
            assert_eq!(issues(name), 0, "{name}");
        }
    }

    #[test]
    fn others_are_found() {
        for name in [
            "Ziekenhuis@medmij",
            "zieken--huis@medmij",
            "zorg12345@medmij",
            "-zorg@medmij",
            "zorg_noord@medmij",
            "zorg",
        ] {
            assert_eq!(issues(name), 1, "{name}");
        }
    }
}
