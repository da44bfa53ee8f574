//! What a profile asks that is not judged as it stands, said where the profile is first applied.

use crate::fhir::schema::GapReason;
use crate::fhir::schema::Schema;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

impl Run<'_> {
    /// What the profile has that cannot be judged, listed where the profile is first applied.
    pub fn gaps(&mut self, spot: Spot<'_>, schema: &Schema) {
        for gap in &schema.gaps {
            if let GapReason::Overridden(wrong) = gap.reason
                && !(wrong.differs)(spot.element)
            {
                continue;
            }
            if !self.listed.insert(std::ptr::from_ref(gap) as usize) {
                continue;
            }
            let element = &gap.element;
            let (code, reason) = match &gap.reason {
                GapReason::Discriminator(path) => (
                    "slicing-undecidable",
                    text!(
                        "slice `{element}` is met discriminator `{path}` niet te herkennen",
                        "slice `{element}` cannot be told by discriminator `{path}`"
                    ),
                ),
                GapReason::Unplaced => (
                    "element-unplaced",
                    text!(
                        "element `{element}` van het profiel bestaat niet in zijn basis",
                        "element `{element}` of the profile does not exist in its base"
                    ),
                ),
                GapReason::Invariant(key, why) => (
                    "invariant-unsupported",
                    text!(
                        "invariant `{key}` van `{element}` is niet te lezen: {why}",
                        "invariant `{key}` of `{element}` cannot be read: {why}"
                    ),
                ),
                GapReason::Overridden(wrong) => {
                    let (key, nl, en) = (wrong.key, wrong.nl, wrong.en);
                    (
                        "invariant-overridden",
                        text!(
                            "invariant `{key}` is niet toegepast zoals gepubliceerd: {nl}",
                            "invariant `{key}` is not applied as published: {en}"
                        ),
                    )
                }
            };
            self.skip(spot, code, reason);
        }
    }
}
