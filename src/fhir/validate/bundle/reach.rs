//! Constraint: each entry of a document belongs to it: the Composition leads to it, or it leads to what the Composition leads to
//! (documents.html, "Document Content").

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::definitions::FhirVersion;
use crate::fhir::path::Model;
use crate::fhir::validate::bundle::Match;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;
use std::collections::HashMap;

impl Run<'_> {
    /// Judges that no entry stands apart.
    pub fn reachable(&mut self, spot: Spot<'_>) {
        let entries: Vec<(usize, &Element, &Element)> = spot
            .element
            .all("entry")
            .enumerate()
            .filter_map(|(at, entry)| Some((at, entry, entry.child("resource")?)))
            .collect();
        let links: Vec<Vec<usize>> = self.links_between(spot, &entries);
        let mut reached = vec![false; entries.len()];
        let styles = spot.element.all("link").filter(|link| link.text("relation") == Some("stylesheet"));
        let styles: Vec<&str> = styles.filter_map(|link| link.text("url")).collect();
        for (at, (_, entry, resource)) in entries.iter().enumerate() {
            let kind = resource.resource_type.as_deref().unwrap_or_default();
            let name = resource.text("id").map(|id| format!("{kind}/{id}"));
            let is_style = |url: &&str| name.as_deref() == Some(url) || entry.text("fullUrl") == Some(url);
            reached[at] = at == 0 || styles.iter().any(is_style);
        }
        spread(&links, &mut reached);
        for ((at, entry, _), _) in entries.iter().zip(reached).filter(|(_, reached)| !reached) {
            let place = spot.place.below("entry", u32::try_from(*at).ok());
            let expected = text!(
                "een resource waar de Composition langs verwijzingen bij komt, vooruit of terug",
                "a resource that the Composition leads to along references, forwards or backwards"
            );
            let seen = Text::same(format!("`{}`", entry.text("fullUrl").unwrap_or("-")));
            self.misfit(Spot { element: entry, place: &place, ..spot }, "document-apart", expected, seen);
        }
    }

    /// For each entry the entries that it refers to.
    fn links_between(&self, spot: Spot<'_>, entries: &[(usize, &Element, &Element)]) -> Vec<Vec<usize>> {
        let address = |element: &Element| std::ptr::from_ref(element) as usize;
        let known: HashMap<usize, usize> =
            entries.iter().enumerate().map(|(at, (_, _, resource))| (address(resource), at)).collect();
        let Some(by_address) = spot.scope.bundle else { return vec![Vec::new(); entries.len()] };
        let is_type = |name: &str| self.is_resource_type(name);
        let old = self.set.definitions().fhir_version() == FhirVersion::Stu3;
        let targets = entries.iter().map(|(_, entry, resource)| {
            let mut found = Vec::new();
            for reference in self.references(resource) {
                let target = match by_address.find(reference, entry.text("fullUrl"), &is_type) {
                    Match::One(target) => Some(target),
                    Match::None if old => match by_address.namesakes(reference) {
                        [only] => Some(*only),
                        _ => None,
                    },
                    _ => None,
                };
                found.extend(target.and_then(|target| known.get(&address(target))));
            }
            found
        });
        targets.collect()
    }

    /// Every address in a resource that may be one of another: of references, and of elements of type uri.
    fn references<'r>(&self, resource: &'r Element) -> Vec<&'r str> {
        let model: &dyn Model = &**self.set.definitions();
        let mut found = Vec::new();
        let mut next = vec![(resource, resource.resource_type.as_deref().unwrap_or_default())];
        while let Some((element, kind)) = next.pop() {
            if kind == "Reference" {
                found.extend(element.text("reference").filter(|text| !text.starts_with('#')));
            }
            if matches!(kind, "uri" | "url" | "canonical") {
                found.extend(element.as_text());
            }
            for child in &element.children {
                let inner = child.resource_type.as_deref();
                let kind = inner.or_else(|| model.child(kind, &child.name).map(|facts| facts.kind));
                // The entries of a Bundle in this one are its own.
                if let Some(kind) = kind.filter(|_| inner != Some("Bundle")) {
                    next.push((child, kind));
                }
            }
        }
        found
    }
}

/// Marks all that is reached from what is marked, along the links and against them.
fn spread(links: &[Vec<usize>], reached: &mut [bool]) {
    let mut back: Vec<Vec<usize>> = vec![Vec::new(); links.len()];
    for (from, targets) in links.iter().enumerate() {
        for target in targets {
            back[*target].push(from);
        }
    }
    let mut next: Vec<usize> = (0..reached.len()).filter(|at| reached[*at]).collect();
    while let Some(at) = next.pop() {
        for neighbour in links[at].iter().chain(&back[at]) {
            if !std::mem::replace(&mut reached[*neighbour], true) {
                next.push(*neighbour);
            }
        }
    }
}
