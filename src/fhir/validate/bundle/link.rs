//! Constraint: the links of a Bundle (bundle.html, "Bundle Links"; http.html, "Paging"; documents.html, "Presentation").

use crate::diag::Text;
use crate::fhir::validate::bundle::entries;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;
use std::collections::HashSet;

/// Relations between the pages of a list.
const PAGES: [&str; 5] = ["first", "previous", "prev", "next", "last"];

impl Run<'_> {
    /// Judges the relations of the links, and that a style sheet in the document is there.
    pub fn links(&mut self, spot: Spot<'_>, kind: &str) {
        let paged = matches!(kind, "searchset" | "history");
        let mut known = HashSet::new();
        for (at, link) in spot.element.all("link").enumerate() {
            let Some(relation) = link.child("relation") else { continue };
            let Some(name) = relation.as_text() else { continue };
            let place = spot.place.below("link", u32::try_from(at).ok());
            let below = place.below("relation", None);
            let whole = Spot { element: link, place: &place, ..spot };
            let part = Spot { element: relation, place: &below, ..spot };
            let seen = || Text::same(format!("`{name}`"));
            if matches!(kind, "document" | "message") && PAGES.contains(&name) {
                let expected = text!(
                    "geen bladerlink: een `{kind}` is één geheel",
                    "no link between pages: a `{kind}` is one whole"
                );
                self.misfit(part, "bundle-link-page", expected, seen());
            }
            let single = name == "self" || paged && PAGES.contains(&name);
            if single && !known.insert(name) {
                let there = if paged { whole } else { part };
                self.misfit(there, "bundle-link", text!("elke relatie één keer", "each relation once"), seen());
            }
            if kind == "document" && name == "stylesheet" {
                self.style_sheet(whole);
            }
        }
    }

    /// A relative address of a style sheet is one of an entry.
    fn style_sheet(&mut self, link: Spot<'_>) {
        let Some(url) = link.element.child("url") else { return };
        let Some(text) = url.as_text() else { return };
        let here = link.scope.bundle.is_some_and(|all| !all.namesakes(text).is_empty());
        if entries::is_absolute(text) || here {
            return;
        }
        let place = link.place.below("url", None);
        let expected = text!(
            "een stylesheet als `Binary/id` die in het document zit",
            "a style sheet like `Binary/id` that is in the document"
        );
        let seen = Text::same(format!("`{text}`"));
        self.misfit(Spot { element: url, place: &place, ..link }, "bundle-stylesheet", expected, seen);
    }
}
