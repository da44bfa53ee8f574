//! Walking the tree.

use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::flow;
use crate::fhir::path::stream::Flow;

pub(crate) const FUNCTIONS: &[Function] =
    &[flow("children", 0, Flow::Children), flow("descendants", 0, Flow::Descendants)];
