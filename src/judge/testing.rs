//! What the tests of this module share.

use crate::candidate::testing;
use crate::plan::Selection;
use crate::plan::TestPlan;

/// A plan without scenarios.
pub fn empty_plan() -> TestPlan {
    let candidate = testing::candidate();
    TestPlan { candidate, selection: Selection::default(), suites: Vec::new(), scenarios: Vec::new() }
}
