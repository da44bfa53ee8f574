//! Constraint: what holds between resources: contained ones by id, the entries of a Bundle by address.
//!
//! The one file that knows Bundle by name: FHIR gives its addresses a meaning that no element definition tells.

use crate::diag::Text;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;
use std::collections::HashSet;

impl Run<'_> {
    /// Judges that contained resources have different ids.
    pub fn contained_ids(&mut self, spot: Spot<'_>) {
        let mut known = HashSet::new();
        for (at, inner) in spot.element.all("contained").enumerate() {
            let place = spot.place.below("contained", u32::try_from(at).ok());
            let there = Spot { element: inner, place: &place, scope: spot.scope };
            match inner.text("id") {
                Some(id) if !known.insert(id) => {
                    let expected = text!(
                        "een id die geen andere ingesloten resource heeft",
                        "an id that no other contained resource has"
                    );
                    self.misfit(there, "contained-id", expected, Text::same(format!("`{id}`")));
                }
                Some(_) => {}
                None => self.misfit(there, "contained-id", text!("een id", "an id"), text!("niets", "nothing")),
            }
        }
    }

    /// Judges the links and addresses of a Bundle (http.html, section "Bundle", and bundle.html, "Resource URL & Uniqueness").
    pub fn bundle(&mut self, spot: Spot<'_>) {
        if spot.element.resource_type.as_deref() != Some("Bundle") {
            return;
        }
        let mut relations = HashSet::new();
        for (at, link) in spot.element.all("link").enumerate() {
            let Some(relation) = link.text("relation") else { continue };
            if !relations.insert(relation) {
                let place = spot.place.below("link", u32::try_from(at).ok());
                let expected = text!("elke relatie één keer", "each relation once");
                let seen = Text::same(format!("`{relation}`"));
                self.misfit(Spot { element: link, place: &place, scope: spot.scope }, "bundle-link", expected, seen);
            }
        }
        for (at, entry) in spot.element.all("entry").enumerate() {
            let place = spot.place.below("entry", u32::try_from(at).ok());
            self.address(Spot { element: entry, place: &place, scope: spot.scope });
        }
    }

    /// The address of an entry on a FHIR server ends with the type and id of its resource.
    fn address(&mut self, entry: Spot<'_>) {
        let Some(url) = entry.element.text("fullUrl") else { return };
        let Some(inner) = entry.element.child("resource") else { return };
        let (Some(kind), Some(id)) = (inner.resource_type.as_deref(), inner.text("id")) else { return };
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return;
        }
        let mut parts = url.rsplit('/');
        let (last, before) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if self.is_resource_type(before) && (before != kind || last != id) {
            let expected =
                text!("een `fullUrl` die eindigt op `{kind}/{id}`", "a `fullUrl` that ends with `{kind}/{id}`");
            self.misfit(entry, "bundle-address", expected, Text::same(format!("`{url}`")));
        }
    }
}
