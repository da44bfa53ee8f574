//! The operation `Observation/$lastn`: the latest observations for each code.

use crate::fhir::element::Element;
use crate::fhir::path::Node;
use crate::fhir::search::SearchError;
use crate::fhir::search::SearchResult;
use crate::fhir::search::Store;
use crate::fhir::search::Within;
use crate::fhir::search::count_of;
use crate::fhir::search::include;
use crate::fhir::search::query::Parameter;
use crate::fhir::search::values;

impl Store<'_> {
    /// Like [`Store::search`] on Observation, but of each code only the latest by date: `max` of them, one when not given.
    ///
    /// # Errors
    /// Those of a search; a `max` that is no number.
    pub fn last_n(
        &self,
        parameters: &[Parameter],
        within: Option<Within<'_>>,
    ) -> Result<SearchResult<'_>, SearchError> {
        let is_max = |parameter: &&Parameter| parameter.name == "max";
        let max = match parameters.iter().find(is_max) {
            Some(parameter) => count_of(parameter)?.max(1),
            None => 1,
        };
        let others: Vec<Parameter> = parameters.iter().filter(|parameter| !is_max(parameter)).cloned().collect();
        let mut found = self.search("Observation", &others, within)?;
        found.used.extend(parameters.iter().filter(is_max).cloned());
        found.matches = self.latest(&found.matches, max)?;
        let includes = others.iter().filter(|parameter| parameter.code() == "_include").map(include::parse);
        let includes: Vec<_> = includes.collect::<Result<_, _>>()?;
        found.included = self.include(&found.matches, &includes)?;
        Ok(found)
    }

    fn latest<'s>(&'s self, observations: &[&'s Element], max: usize) -> Result<Vec<&'s Element>, SearchError> {
        let mut dated = Vec::with_capacity(observations.len());
        for observation in observations {
            dated.push((self.effective(observation)?, *observation));
        }
        // Stable, so that those of one moment keep their order.
        dated.sort_by_key(|(moment, _)| std::cmp::Reverse(*moment));
        let mut groups: Vec<(&Element, usize)> = Vec::new();
        let mut kept = Vec::new();
        for (_, observation) in dated {
            match groups.iter_mut().find(|(other, _)| has_same_code(other, observation)) {
                Some((_, count)) if *count >= max => continue,
                Some((_, count)) => *count += 1,
                None => groups.push((observation, 1)),
            }
            kept.push(observation);
        }
        Ok(kept)
    }

    /// The moment an observation began; without one it is the oldest of all.
    fn effective(&self, observation: &Element) -> Result<i128, SearchError> {
        let Some(definition) = self.definition("Observation", "date") else { return Ok(i128::MIN) };
        definition.elements(observation, self.definitions(), |nodes| {
            let mut ranges = Vec::new();
            for node in nodes {
                values::ranges(*node, &mut ranges);
            }
            // A period with an open start is as late as its end.
            let moment = |range: &values::Range| if range.0 == i128::MIN { range.1 } else { range.0 };
            ranges.iter().map(moment).max().unwrap_or(i128::MIN)
        })
    }
}

/// Two observations are of one code when they share a coding, or have none and the same text.
fn has_same_code(left: &Element, right: &Element) -> bool {
    let (Some(left), Some(right)) = (left.child("code"), right.child("code")) else { return false };
    let codings = |element| {
        let mut found = Vec::new();
        values::tokens(Node::new(element, "CodeableConcept"), &mut found);
        found
    };
    let (a, b) = (codings(left), codings(right));
    if a.is_empty() && b.is_empty() {
        return left.text("text") == right.text("text");
    }
    a.iter().any(|coding| coding.code.is_some() && b.contains(coding))
}
