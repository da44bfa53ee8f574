//! Constraint: the entries of search results (search.html, "Matches and inclusions"; http.html, "search").

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::fhir::validate::walk::nothing;
use crate::text;

impl Run<'_> {
    /// Judges that each entry holds what its search mode says.
    pub fn search_results(&mut self, spot: Spot<'_>) {
        let asked = self.asked_types(spot.element);
        for (at, entry) in spot.element.all("entry").enumerate() {
            let place = spot.place.below("entry", u32::try_from(at).ok());
            let Some(resource) = entry.child("resource") else {
                let expected = text!("een resource in elk zoekresultaat", "a resource in each search result");
                self.misfit(Spot { element: entry, place: &place, ..spot }, "search-resource", expected, nothing());
                continue;
            };
            let Some(mode) = entry.child("search").and_then(|search| search.text("mode")) else { continue };
            let place = place.below("resource", None);
            self.search_result(Spot { element: resource, place: &place, ..spot }, mode, &asked);
        }
    }

    fn search_result(&mut self, spot: Spot<'_>, mode: &str, asked: &[&str]) {
        let Some(kind) = spot.element.resource_type.as_deref() else { return };
        let seen = || Text::same(format!("`{kind}`"));
        if mode == "outcome" {
            if kind != "OperationOutcome" {
                let expected =
                    text!("een `OperationOutcome` bij mode `outcome`", "an `OperationOutcome` with mode `outcome`");
                self.misfit(spot, "search-outcome", expected, seen());
            }
            return;
        }
        if !matches!(mode, "match" | "include") {
            return;
        }
        if spot.element.text("id").is_none() {
            let expected = text!("een id in elk zoekresultaat", "an id in each search result");
            self.misfit(spot, "search-id", expected, nothing());
        }
        if mode == "match" && !asked.is_empty() && !asked.contains(&kind) {
            let names = asked.join(", ");
            let expected = text!(
                "een resource van het gezochte type ({names}) bij mode `match`",
                "a resource of the searched type ({names}) with mode `match`"
            );
            self.misfit(spot, "search-type", expected, seen());
        }
    }

    /// The resource types that the `self` link asks for; none when it does not tell.
    fn asked_types<'r>(&self, bundle: &'r Element) -> Vec<&'r str> {
        let own = bundle.children.iter().find(|link| &*link.name == "link" && link.text("relation") == Some("self"));
        let Some(url) = own.and_then(|link| link.text("url")) else { return Vec::new() };
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        if self.is_resource_type(last) {
            return vec![last];
        }
        let types = query.split('&').filter_map(|parameter| parameter.strip_prefix("_type="));
        types.flat_map(|types| types.split(',')).filter(|name| !name.is_empty()).collect()
    }
}
