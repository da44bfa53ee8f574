//! Constraint: what holds between the entries of a Bundle.
//!
//! The one folder that knows Bundle by name: FHIR gives its addresses a meaning that no element definition tells.
//! Entry point: [`Run::bundle`].

mod address;
mod document;
mod entries;
mod link;
mod reach;
mod search;

use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;

pub use entries::Entries;
pub use entries::Match;

impl Run<'_> {
    /// Judges the links, addresses and entries of a Bundle.
    pub fn bundle(&mut self, spot: Spot<'_>) {
        if spot.element.resource_type.as_deref() != Some("Bundle") {
            return;
        }
        let kind = spot.element.text("type").unwrap_or_default();
        self.links(spot, kind);
        self.addresses(spot, kind);
        match kind {
            "document" => self.document(spot),
            "message" => self.message(spot),
            "searchset" => self.search_results(spot),
            _ => {}
        }
    }
}
