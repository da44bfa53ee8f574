//! Constraint: the first entry of a document or message, and that what it names is in the Bundle (documents.html, "Document
//! Content"; messaging.html, "Basic Messaging Assumptions").

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::definitions::FhirVersion;
use crate::fhir::path::Model;
use crate::fhir::validate::bundle::Match;
use crate::fhir::validate::bundle::entries;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::fhir::validate::walk::nothing;
use crate::text;

/// Where a Composition names resources that its document must hold; the last part is the reference.
const NAMED: [&[&str]; 6] =
    [&["subject"], &["author"], &["encounter"], &["custodian"], &["attester", "party"], &["event", "detail"]];

/// The same of a section.
const NAMED_IN_SECTION: [&[&str]; 3] = [&["author"], &["focus"], &["entry"]];

impl Run<'_> {
    /// Judges a document: its first entry, its date, and that each entry belongs to it.
    pub fn document(&mut self, spot: Spot<'_>) {
        if self.set.definitions().fhir_version() == FhirVersion::Stu3 {
            self.assembled(spot);
        }
        let Some(entry) = spot.element.child("entry") else { return self.empty(spot) };
        let place = spot.place.below("entry", Some(0));
        if let Some(composition) = self.first(Spot { element: entry, place: &place, ..spot }, "Composition") {
            let place = place.below("resource", None);
            let scope = spot.scope.within(composition);
            let there = Spot { element: composition, place: &place, scope: &scope };
            for path in NAMED {
                self.named(there, path);
            }
            self.sections(there, 0);
        }
        self.reachable(spot);
    }

    /// Judges a message: its first entry, and that its focus is here.
    pub fn message(&mut self, spot: Spot<'_>) {
        let Some(entry) = spot.element.child("entry") else { return self.empty(spot) };
        let place = spot.place.below("entry", Some(0));
        if let Some(header) = self.first(Spot { element: entry, place: &place, ..spot }, "MessageHeader") {
            let place = place.below("resource", None);
            let scope = spot.scope.within(header);
            self.named(Spot { element: header, place: &place, scope: &scope }, &["focus"]);
        }
    }

    /// STU3 keeps the date of a document in `meta.lastUpdated`; later versions have an element and an invariant for it.
    fn assembled(&mut self, spot: Spot<'_>) {
        let date = spot.element.child("meta").and_then(|meta| meta.text("lastUpdated"));
        if date.is_none() {
            let expected =
                text!("de datum van het document in `meta.lastUpdated`", "the document's date in `meta.lastUpdated`");
            self.misfit(spot, "document-date", expected, nothing());
        }
    }

    fn empty(&mut self, spot: Spot<'_>) {
        let expected = text!("minstens één `entry`", "at least one `entry`");
        self.misfit(spot, "bundle-empty", expected, nothing());
    }

    /// The first resource, when it is what this kind of Bundle starts with.
    fn first<'r>(&mut self, entry: Spot<'r>, kind: &str) -> Option<&'r Element> {
        let expected = text!("een `{kind}` als eerste resource", "a `{kind}` as the first resource");
        let Some(resource) = entry.element.child("resource") else {
            self.misfit(entry, "bundle-first", expected, nothing());
            return None;
        };
        let name = resource.resource_type.as_deref().unwrap_or_default();
        if name != kind {
            let place = entry.place.below("resource", None);
            let seen = Text::same(format!("`{name}`"));
            self.misfit(Spot { element: resource, place: &place, ..entry }, "bundle-first", expected, seen);
            return None;
        }
        Some(resource)
    }

    fn sections(&mut self, spot: Spot<'_>, depth: usize) {
        // The walker lists what lies deeper as not checked.
        if depth > 64 {
            return;
        }
        for (at, section) in spot.element.all("section").enumerate() {
            let place = spot.place.below("section", u32::try_from(at).ok());
            let there = Spot { element: section, place: &place, ..spot };
            for path in NAMED_IN_SECTION {
                self.named(there, path);
            }
            self.sections(there, depth + 1);
        }
    }

    /// Judges the references on a path below an element.
    fn named(&mut self, spot: Spot<'_>, path: &'static [&'static str]) {
        let Some((name, rest)) = path.split_first() else { return };
        let count = spot.element.all(name).count();
        for (at, element) in spot.element.all(name).enumerate() {
            let list = count > 1 || element.index.is_some();
            let place = spot.place.below(name, u32::try_from(at).ok().filter(|_| list));
            let there = Spot { element, place: &place, ..spot };
            if rest.is_empty() {
                self.in_bundle(there);
            } else {
                self.named(there, rest);
            }
        }
    }

    /// Judges that the target of a reference is in the Bundle.
    fn in_bundle(&mut self, spot: Spot<'_>) {
        let Some(reference) = spot.element.text("reference") else { return };
        if reference.is_empty() || reference.starts_with('#') || self.is_named_here(spot, reference) {
            return;
        }
        let expected =
            text!("een verwijzing naar een resource in deze Bundle", "a reference to a resource in this Bundle");
        let namesakes = spot.scope.bundle.map_or(&[][..], |entries| entries.namesakes(reference));
        let addresses: Vec<&str> = namesakes
            .iter()
            .filter_map(|found| spot.scope.bundle.and_then(|entries| entries.address(found).flatten()))
            .collect();
        let seen = if addresses.is_empty() {
            Text::same(format!("`{reference}`"))
        } else {
            let (from, found) = (spot.scope.full_url.unwrap_or("-"), addresses.join("`, `"));
            text!(
                "`{reference}`; zijn type en id zijn er wel, als `{found}`, maar vanuit `{from}` is dat een ander adres",
                "`{reference}`; its type and id are here, as `{found}`, but from `{from}` that is another address"
            )
        };
        self.misfit(spot, "bundle-reference", expected, seen);
    }

    /// Whether a reference leads to an entry, or says so little that this cannot be told, or where others judge it.
    fn is_named_here(&self, spot: Spot<'_>, reference: &str) -> bool {
        let Some(entries) = spot.scope.bundle else { return false };
        let is_type = |name: &str| self.is_resource_type(name);
        let from = spot.scope.full_url;
        let absolute = entries::is_absolute(reference);
        let by_rest = from.is_some_and(|from| entries::rest_root(from, &is_type).is_some());
        match entries.find(reference, from, &is_type) {
            Match::One(_) | Match::OtherType(_) if absolute || by_rest => return true,
            Match::Several(_) => return true,
            _ => {}
        }
        if absolute {
            // Definitions are known by their address everywhere.
            let kind = entries::rest_parts(reference).map(|(kind, _)| kind);
            return kind.is_some_and(|kind| self.is_definition(kind));
        }
        let Some((kind, _)) = reference.split_once('/').filter(|(kind, _)| is_type(kind)) else { return true };
        // STU3 does not say how to resolve what is relative to an address that is none of a server.
        let old = self.set.definitions().fhir_version() == FhirVersion::Stu3;
        old && !kind.is_empty() && entries.namesakes(reference).len() == 1
    }

    /// Whether resources of a type have a canonical address.
    fn is_definition(&self, kind: &str) -> bool {
        let model: &dyn Model = &**self.set.definitions();
        model.child(kind, "url").is_some_and(|facts| facts.kind == "uri")
            && model.child(kind, "version").is_some_and(|facts| facts.kind == "string")
    }
}
